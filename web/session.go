package web

import (
	"context"
	"crypto/sha256"
	"net/http"
	"strings"

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

// Passwords are checked and stored by what takes 19 MiB for each: few at a time.
const (
	passwordsAtOnce  = 1
	passwordsWaiting = 30
	knownAtOnce      = 1 // beside the others, for known sources
	knownWaiting     = 10
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
	switch user, err := s.currentUser(ctx); neo.CodeOf(err) {
	case "":
		session.User = person(user)
	case neo.CodeUnauthorized: // nobody
	default:
		return nil, s.fail(ctx, err)
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
	user, err := s.userByEmail(ctx, in.Body.Email)
	if err != nil {
		return nil, s.fail(ctx, err)
	}
	counted, known, err := s.signInTries(ctx, user, normalEmail(in.Body.Email))
	if err != nil {
		return nil, s.fail(ctx, err)
	}
	if wait := s.tries.take(counted...); wait > 0 {
		return nil, s.fail(ctx, tooMany(wait, "Too many failed sign-ins for this account or from this address. Wait a minute, then try again."))
	}
	right, err := s.passwordFits(ctx, user, known, in.Body.Password)
	if err != nil {
		s.tries.giveBack(counted...)
		return nil, s.fail(ctx, err)
	}
	if !right {
		return nil, s.fail(ctx, neo.Errorf(neo.CodeUnauthorized, "E-mail or password is not right. Check both and try again."))
	}
	s.tries.giveBack(counted...)
	if err := s.begin(ctx, user); err != nil {
		return nil, s.fail(ctx, err)
	}
	return answer(ctx, Session{User: person(user), Version: s.options.Version}), nil
}

// passwordFits checks a password. For nobody (no ID) it takes as long and is wrong.
// Those at known sources do not wait behind the others.
func (s *Server) passwordFits(ctx context.Context, user neo.User, known bool, password string) (bool, error) {
	passwords := s.passwords
	if known {
		passwords = s.knownPasswords
	}
	leave, err := passwords.enter(ctx)
	if err != nil {
		return false, err
	}
	defer leave()
	hash := user.PasswordHash
	if hash == "" {
		hash = s.dummyHash
	}
	right, err := argon2id.ComparePasswordAndHash(password, hash)
	return right && user.ID != "", err
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
	// What costs nothing is looked at first.
	if err := s.store.CheckSetup(ctx, SetupHash(in.Body.Token), s.now()); err != nil {
		return nil, s.fail(ctx, err)
	}
	hash, err := s.hashed(ctx, in.Body.Password)
	if err != nil {
		return nil, s.fail(ctx, err)
	}
	user := neo.User{
		ID: neo.NewID(), TenantID: neo.DefaultTenant, Role: neo.Admin, PasswordHash: hash, CreatedAt: s.now(),
		Name: strings.TrimSpace(in.Body.Name), Email: normalEmail(in.Body.Email),
	}
	if err := s.store.CreateFirstUser(ctx, SetupHash(in.Body.Token), user.CreatedAt, user); err != nil {
		return nil, s.fail(ctx, err)
	}
	if err := s.begin(ctx, user); err != nil {
		return nil, s.fail(ctx, err)
	}
	return answer(ctx, Session{User: person(user), Version: s.options.Version}), nil
}

// hashed returns what is stored of a password.
func (s *Server) hashed(ctx context.Context, password string) (string, error) {
	leave, err := s.passwords.enter(ctx)
	if err != nil {
		return "", err
	}
	defer leave()
	return argon2id.CreateHash(password, passwordParams)
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
	if err := s.remember(ctx, user); err != nil {
		s.log.Warn("the source of a sign-in was not remembered", "user", user.ID, "err", err)
	}
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
