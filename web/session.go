package web

import (
	"context"
	"crypto/sha256"
	"net/http"
	"strings"
	"time"

	"github.com/alexedwards/argon2id"
	"github.com/danielgtaylor/huma/v2"

	"github.com/neoagent/neo"
)

// Session is who is using the dashboard, and whether anybody can yet.
type Session struct {
	User          *Person `json:"user" doc:"null when nobody is signed in"`
	SetupRequired bool    `json:"setup_required" doc:"true until the first administrator exists"`
	Version       string  `json:"version"`
}

// Person is a user as the dashboard shows them.
type Person struct {
	ID    string   `json:"id"`
	Name  string   `json:"name"`
	Email string   `json:"email"`
	Role  neo.Role `json:"role"`
}

// Session keys. The binding ties a consent to the browser that asked for it.
const (
	sessionUser    = "user"
	sessionTenant  = "tenant"
	sessionBinding = "binding"
)

var passwordParams = &argon2id.Params{Memory: 19 * 1024, Iterations: 2, Parallelism: 1, SaltLength: 16, KeyLength: 32}

func (s *Server) registerSession(api huma.API) {
	huma.Register(api, op("get-session", http.MethodGet, "/session", "Session", "Who is signed in"), s.getSession)
	huma.Register(api, op("sign-in", http.MethodPost, "/session", "Session", "Sign in with e-mail and password"), s.signIn)
	huma.Register(api, op("sign-out", http.MethodDelete, "/session", "Session", "Sign out"), s.signOut)
	huma.Register(api, op("set-up", http.MethodPost, "/setup", "Session", "Create the first administrator, with the one-time link from the log"), s.setUp)
}

func (s *Server) getSession(ctx context.Context, _ *empty) (*out[Session], error) {
	n, err := s.store.CountUsers(ctx)
	if err != nil {
		return nil, s.fail(ctx, err)
	}
	session := Session{SetupRequired: n == 0, Version: s.options.Version}
	if user, err := s.currentUser(ctx); err == nil {
		session.User = person(user)
	}
	return answer(ctx, session), nil
}

type signInInput struct {
	Body struct {
		Email    string `json:"email" minLength:"3" maxLength:"254"`
		Password string `json:"password" minLength:"1" maxLength:"256"`
	}
}

func (s *Server) signIn(ctx context.Context, in *signInInput) (*out[Session], error) {
	if wait := s.signIns.wait(in.Body.Email); wait > 0 {
		return nil, s.fail(ctx, &neo.Error{Code: neo.CodeRateLimited, RetryAfter: wait,
			Message: "Too many failed sign-ins for this address. Wait a minute, then try again."})
	}
	user, err := s.store.UserByEmail(ctx, strings.ToLower(strings.TrimSpace(in.Body.Email)))
	if err != nil && neo.CodeOf(err) != neo.CodeNotFound {
		return nil, s.fail(ctx, err)
	}
	hash := user.PasswordHash
	if hash == "" {
		hash = s.dummyHash // an unknown address takes as long as a wrong password
	}
	ok, err := argon2id.ComparePasswordAndHash(in.Body.Password, hash)
	if err != nil || !ok || user.ID == "" {
		s.signIns.failed(in.Body.Email)
		return nil, s.fail(ctx, neo.Errorf(neo.CodeUnauthorized, "E-mail or password is not right. Check both and try again."))
	}
	s.signIns.succeeded(in.Body.Email)
	if err := s.begin(ctx, user); err != nil {
		return nil, s.fail(ctx, err)
	}
	return answer(ctx, Session{User: person(user), Version: s.options.Version}), nil
}

func (s *Server) signOut(ctx context.Context, _ *empty) (*out[Session], error) {
	if err := s.sessions.Destroy(ctx); err != nil {
		return nil, s.fail(ctx, err)
	}
	return answer(ctx, Session{Version: s.options.Version}), nil
}

type setUpInput struct {
	Body struct {
		Token    string `json:"token" minLength:"20" maxLength:"100" doc:"From the setup link in the server's log"`
		Name     string `json:"name" minLength:"1" maxLength:"100"`
		Email    string `json:"email" format:"email" maxLength:"254"`
		Password string `json:"password" minLength:"10" maxLength:"256"`
	}
}

func (s *Server) setUp(ctx context.Context, in *setUpInput) (*out[Session], error) {
	hash, err := argon2id.CreateHash(in.Body.Password, passwordParams)
	if err != nil {
		return nil, s.fail(ctx, err)
	}
	user := neo.User{
		ID: neo.NewID(), TenantID: neo.DefaultTenant, Role: neo.Admin, PasswordHash: hash, CreatedAt: time.Now(),
		Name: strings.TrimSpace(in.Body.Name), Email: strings.ToLower(strings.TrimSpace(in.Body.Email)),
	}
	if err := s.store.CreateFirstUser(ctx, SetupHash(in.Body.Token), user.CreatedAt, user); err != nil {
		return nil, s.fail(ctx, err)
	}
	if err := s.begin(ctx, user); err != nil {
		return nil, s.fail(ctx, err)
	}
	return answer(ctx, Session{User: person(user), Version: s.options.Version}), nil
}

// SetupHash is what the store keeps of a setup token.
func SetupHash(token string) []byte {
	sum := sha256.Sum256([]byte(token))
	return sum[:]
}

// begin starts a session for user under a new token, so that a token known
// before sign-in is worth nothing after it.
func (s *Server) begin(ctx context.Context, user neo.User) error {
	if err := s.sessions.RenewToken(ctx); err != nil {
		return err
	}
	s.sessions.Put(ctx, sessionUser, user.ID)
	s.sessions.Put(ctx, sessionTenant, user.TenantID)
	s.sessions.Put(ctx, sessionBinding, neo.NewSecret())
	return nil
}

func (s *Server) currentUser(ctx context.Context) (neo.User, error) {
	id := s.sessions.GetString(ctx, sessionUser)
	if id == "" {
		return neo.User{}, neo.Errorf(neo.CodeUnauthorized, "Nobody is signed in. Sign in and try again.")
	}
	user, err := s.store.User(ctx, s.sessions.GetString(ctx, sessionTenant), id)
	if neo.CodeOf(err) == neo.CodeNotFound {
		return neo.User{}, neo.Errorf(neo.CodeUnauthorized, "This account no longer exists. Sign in with another one.")
	}
	return user, err
}

func person(u neo.User) *Person {
	return &Person{ID: u.ID, Name: u.Name, Email: u.Email, Role: u.Role}
}
