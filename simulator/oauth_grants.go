package simulator

import (
	"crypto/rand"
	"encoding/base64"
	"sync"
	"time"
)

// grant is what one user gave one application: a refresh token and the access tokens made from it. There is one per
// user and application, so a second connection of the same pair shares the first one's tokens and their fate.
type grant struct {
	Entity         string           `json:"entity"` // sys_id of the oauth_entity
	User           string           `json:"user"`
	Scope          string           `json:"scope"`
	Refresh        string           `json:"refresh,omitempty"` // empty for public clients
	RefreshExpires int64            `json:"refresh_expires"`   // unix seconds
	Access         map[string]int64 `json:"access"`            // token -> unix seconds it expires
	Newest         string           `json:"newest"`            // access token a repeated grant answers with
}

// code is an authorization code: one use, within a minute.
type code struct {
	entity, user, scope, redirect string
	challenge, method             string
	expires                       time.Time
}

type grants struct {
	mu    sync.Mutex
	codes map[string]code
	all   map[[2]string]*grant // entity, user
	token map[string]*grant    // access and refresh tokens
}

func newGrants() *grants {
	return &grants{codes: map[string]code{}, all: map[[2]string]*grant{}, token: map[string]*grant{}}
}

func opaqueToken() string {
	b := make([]byte, 64)
	_, _ = rand.Read(b)
	return base64.RawURLEncoding.EncodeToString(b)
}

// issueCode stores c and drops codes nobody redeemed.
func (g *grants) issueCode(c code, now time.Time) string {
	g.mu.Lock()
	defer g.mu.Unlock()
	for k, old := range g.codes {
		if now.After(old.expires) {
			delete(g.codes, k)
		}
	}
	name := opaqueToken()
	g.codes[name] = c
	return name
}

// takeCode removes the code whatever becomes of it: a failed attempt burns it too.
func (g *grants) takeCode(name string, now time.Time) (code, bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	c, ok := g.codes[name]
	delete(g.codes, name)
	return c, ok && !now.After(c.expires)
}

// issued is what a token answer carries.
type issued struct {
	access, refresh, scope string
	expiresIn              int64
}

// lifespans are seconds, from the application's registry record.
type lifespans struct{ access, refresh int64 }

// consent records an interactive grant: the access token is the present one while it lives, and the refresh token stays
// but lives anew.
func (g *grants) consent(entity, user, scope string, withRefresh bool, life lifespans, now time.Time) issued {
	g.mu.Lock()
	defer g.mu.Unlock()
	key := [2]string{entity, user}
	gr := g.all[key]
	if gr == nil {
		gr = &grant{Entity: entity, User: user, Access: map[string]int64{}}
		g.all[key] = gr
	}
	gr.Scope = scope
	if withRefresh {
		if gr.Refresh != "" && gr.RefreshExpires <= now.Unix() {
			delete(g.token, gr.Refresh)
			gr.Refresh = ""
		}
		if gr.Refresh == "" {
			gr.Refresh = opaqueToken()
			g.token[gr.Refresh] = gr
		}
		gr.RefreshExpires = now.Unix() + life.refresh
	}
	if gr.Access[gr.Newest] <= now.Unix() {
		g.mint(gr, life, now)
	}
	return gr.answer(now)
}

// refresh makes a new access token. The refresh token stays the same and does not live longer.
func (g *grants) refresh(token, entity string, life lifespans, now time.Time) (issued, string, bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	gr := g.token[token]
	if gr == nil || gr.Refresh != token || gr.Entity != entity || gr.RefreshExpires <= now.Unix() {
		return issued{}, "", false
	}
	g.mint(gr, life, now)
	return gr.answer(now), gr.User, true
}

func (g *grants) mint(gr *grant, life lifespans, now time.Time) {
	for t, expires := range gr.Access {
		if expires <= now.Unix() {
			delete(gr.Access, t)
			delete(g.token, t)
		}
	}
	gr.Newest = opaqueToken()
	gr.Access[gr.Newest] = now.Unix() + life.access
	g.token[gr.Newest] = gr
}

func (gr *grant) answer(now time.Time) issued {
	// A fresh token already counts one second less than its lifespan, as captured: 1799.
	return issued{gr.Newest, gr.Refresh, gr.Scope, gr.Access[gr.Newest] - now.Unix() - 1}
}

// bearer resolves a live access token.
func (g *grants) bearer(token string, now time.Time) (entity, user string, ok bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	gr := g.token[token]
	if gr == nil || gr.Access[token] <= now.Unix() {
		return "", "", false
	}
	return gr.Entity, gr.User, true
}

// revoke forgets one access or refresh token; unknown ones are ignored.
func (g *grants) revoke(token string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	gr := g.token[token]
	if gr == nil {
		return
	}
	delete(g.token, token)
	delete(gr.Access, token)
	if gr.Refresh == token {
		gr.Refresh = ""
	}
}

// export copies the grants for the state file; restore puts them back.
func (g *grants) export() []grant {
	g.mu.Lock()
	defer g.mu.Unlock()
	var out []grant
	for _, gr := range g.all {
		c := *gr
		c.Access = map[string]int64{}
		for t, e := range gr.Access {
			c.Access[t] = e
		}
		out = append(out, c)
	}
	return out
}

func (g *grants) restore(gr grant) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if gr.Access == nil {
		gr.Access = map[string]int64{}
	}
	g.all[[2]string{gr.Entity, gr.User}] = &gr
	if gr.Refresh != "" {
		g.token[gr.Refresh] = &gr
	}
	for t := range gr.Access {
		g.token[t] = &gr
	}
}
