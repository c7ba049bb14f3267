package web

import (
	"context"
	"crypto/sha256"
	"net/http"
	"strings"
	"time"

	"golang.org/x/text/unicode/norm"

	"github.com/neoagent/neo"
)

// A known source is a browser or an address from which a person has signed in before.
// Wrong passwords from elsewhere do not hinder a sign-in from there: it has tries of its
// own. A browser is known by a cookie of its own, which stays when the session ends.

// browserAge is how long a browser keeps its cookie.
const browserAge = 365 * 24 * time.Hour

// signInTries returns what a sign-in as user counts against, and whether it comes from a
// source that is known. account is the normal form of the address that was typed.
func (s *Server) signInTries(ctx context.Context, user neo.User, account string) (all []try, known bool, err error) {
	from := callerOf(ctx)
	if user.ID == "" {
		return []try{{"account " + account, accountTries}, {"source " + from.source, sourceTries}}, false, nil
	}
	if from.browser != "" {
		if known, err = s.store.KnownSource(ctx, user.ID, browserHash(from.browser)); known || err != nil {
			return []try{{"browser " + user.ID + " " + from.browser, knownTries}}, known, err
		}
	}
	if known, err = s.store.KnownSource(ctx, user.ID, addressHash(from.source)); known || err != nil {
		return []try{{"from " + user.ID + " " + from.source, knownTries}}, known, err
	}
	// By the person: however an address is typed, it is one account.
	return []try{{"user " + user.ID, accountTries}, {"source " + from.source, sourceTries}}, false, nil
}

// remember makes the source of a sign-in a known one.
func (s *Server) remember(ctx context.Context, user neo.User) error {
	from := callerOf(ctx)
	known := false
	var err error
	if from.browser != "" {
		if known, err = s.store.KnownSource(ctx, user.ID, browserHash(from.browser)); err != nil {
			return err
		}
	}
	if !known {
		from.browser = neo.NewSecret() // never one that somebody may have put there
	}
	if err := s.store.RememberSources(ctx, user.ID, s.now(), browserHash(from.browser), addressHash(from.source)); err != nil {
		return err
	}
	cookie := http.Cookie{
		Name: browserCookie, Value: from.browser, Path: "/api/v1/session", MaxAge: int(browserAge.Seconds()),
		HttpOnly: true, Secure: s.sessions.Cookie.Secure, SameSite: http.SameSiteLaxMode,
	}
	from.header.Add("Set-Cookie", cookie.String())
	return nil
}

func browserHash(secret string) []byte { return sourceHash("browser " + secret) }
func addressHash(from string) []byte   { return sourceHash("address " + from) }

func sourceHash(s string) []byte {
	sum := sha256.Sum256([]byte(s))
	return sum[:]
}

// normalEmail is the one form of an address under which a person is stored, looked up
// and counted.
func normalEmail(typed string) string {
	return strings.TrimSpace(strings.ToLower(norm.NFKC.String(typed)))
}

// userByEmail returns the person who signs in with an address; a person without an ID
// when nobody does.
func (s *Server) userByEmail(ctx context.Context, typed string) (user neo.User, err error) {
	normal := normalEmail(typed)
	user, err = s.store.UserByEmail(ctx, normal)
	if neo.CodeOf(err) == neo.CodeNotFound {
		// As versions before this one stored it.
		if before := strings.ToLower(strings.TrimSpace(typed)); before != normal {
			user, err = s.store.UserByEmail(ctx, before)
		}
	}
	if neo.CodeOf(err) == neo.CodeNotFound {
		return neo.User{}, nil
	}
	return user, err
}
