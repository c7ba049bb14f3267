package web

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"net/http"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/neoagent/neo"
)

// APIKey is a key as the dashboard shows it: never the key itself.
type APIKey struct {
	ID         string     `json:"id"`
	Name       string     `json:"name"`
	Hint       string     `json:"hint" doc:"Its last four characters"`
	CreatedAt  time.Time  `json:"created_at"`
	LastUsedAt *time.Time `json:"last_used_at" doc:"Exact to a minute; null when it was never used"`
	ExpiresAt  *time.Time `json:"expires_at" doc:"null: never"`
}

// NewAPIKey is a key that was just made.
type NewAPIKey struct {
	APIKey
	Key string `json:"key" doc:"Shown this once; Neo keeps only a hash of it"`
}

const (
	keyPrefix    = "neo_sk_"
	keyStart     = keyPrefix + "prod_"
	maxKeys      = 100 // of one tenant
	keyUsedEvery = time.Minute
)

func (s *Server) registerAPIKeys(api huma.API) {
	huma.Register(api, op("list-api-keys", http.MethodGet, "/api-keys", "API keys", "The keys with which programs use the API"), s.listAPIKeys)
	create := op("create-api-key", http.MethodPost, "/api-keys", "API keys", "Make a key; a program that has it is the person who made it")
	create.DefaultStatus = http.StatusCreated
	huma.Register(api, create, s.createAPIKey)
	huma.Register(api, op("delete-api-key", http.MethodDelete, "/api-keys/{id}", "API keys", "Make a key worthless, at once"), s.deleteAPIKey)
}

func (s *Server) listAPIKeys(ctx context.Context, _ *empty) (*out[[]APIKey], error) {
	list, err := s.store.APIKeys(ctx, userOf(ctx).TenantID)
	if err != nil {
		return nil, s.fail(ctx, err)
	}
	shown := make([]APIKey, 0, len(list))
	for _, k := range list {
		shown = append(shown, apiKey(k))
	}
	return answer(ctx, shown), nil
}

type createAPIKeyInput struct {
	Body struct {
		Name      string     `json:"name" minLength:"1" maxLength:"100" doc:"For people: what uses it"`
		ExpiresAt *time.Time `json:"expires_at,omitempty" doc:"Left out or null: never"`
	}
}

func (s *Server) createAPIKey(ctx context.Context, in *createAPIKeyInput) (*out[NewAPIKey], error) {
	user := userOf(ctx)
	if err := byPerson(ctx); err != nil {
		return nil, s.fail(ctx, err)
	}
	now := s.now()
	k := neo.APIKey{ID: neo.NewID(), TenantID: user.TenantID, UserID: user.ID, Name: strings.TrimSpace(in.Body.Name), CreatedAt: now}
	if problem := neo.CheckName(k.Name); problem != "" {
		return nil, s.fail(ctx, invalid("name", problem))
	}
	if in.Body.ExpiresAt != nil {
		if k.ExpiresAt = *in.Body.ExpiresAt; !k.ExpiresAt.After(now) {
			return nil, s.fail(ctx, neo.Errorf(neo.CodeInvalid, "The key would have expired already. Choose a time in the future."))
		}
	}
	existing, err := s.store.APIKeys(ctx, user.TenantID)
	if err != nil {
		return nil, s.fail(ctx, err)
	}
	if len(existing) >= maxKeys {
		return nil, s.fail(ctx, neo.Errorf(neo.CodeConflict, "There are %d keys, which is the most. Delete one that is not used any more.", len(existing)))
	}
	key := keyStart + neo.NewSecret()
	k.Hash, k.Hint = keyHash(key), key[len(key)-4:]
	if err := s.store.CreateAPIKey(ctx, k); err != nil {
		return nil, s.fail(ctx, err)
	}
	return answer(ctx, NewAPIKey{apiKey(k), key}), nil
}

func (s *Server) deleteAPIKey(ctx context.Context, in *idInput) (*out[empty], error) {
	if err := byPerson(ctx); err != nil {
		return nil, s.fail(ctx, err)
	}
	if err := s.store.DeleteAPIKey(ctx, userOf(ctx).TenantID, in.ID); err != nil {
		return nil, s.fail(ctx, err)
	}
	return answer(ctx, empty{}), nil
}

// byPerson refuses calls by key: who has got hold of one must not make more of them,
// or take others away.
func byPerson(ctx context.Context) error {
	if usesKey(ctx) {
		return neo.Errorf(neo.CodeForbidden, "An API key cannot make or delete API keys. Sign in to the dashboard to do that.")
	}
	return nil
}

// bearer returns the key that a call brings. Other kinds of Authorization are not
// Neo's: a proxy in front of it may ask for them.
func bearer(authorization string) (key string, ok bool) {
	kind, key, _ := strings.Cut(authorization, " ")
	return strings.TrimSpace(key), strings.EqualFold(kind, "Bearer")
}

// userByKey returns the person whose key a call brings.
func (s *Server) userByKey(ctx context.Context, key string) (neo.User, error) {
	user, err := s.keyOwner(ctx, key)
	if neo.CodeOf(err) != neo.CodeUnauthorized {
		return user, err
	}
	// Those who have a good key are not slowed down by others at the same address.
	if wait := s.tries.take(try{"key " + callerOf(ctx).source, keyTries}); wait > 0 {
		return user, tooMany(wait, "Too many calls with wrong API keys came from this address. Check the key, wait a minute, then try again.")
	}
	return user, err
}

// keyOwner looks a key up.
func (s *Server) keyOwner(ctx context.Context, key string) (neo.User, error) {
	if !strings.HasPrefix(key, keyPrefix) {
		return neo.User{}, neo.Errorf(neo.CodeUnauthorized, "That is not an API key of Neo's: they begin with %s. Make one in the dashboard's settings.", keyPrefix)
	}
	hash := keyHash(key)
	k, err := s.store.APIKeyByHash(ctx, hash)
	if neo.CodeOf(err) == neo.CodeNotFound || err == nil && subtle.ConstantTimeCompare(k.Hash, hash) != 1 {
		return neo.User{}, neo.Errorf(neo.CodeUnauthorized, "This API key is not known; it may have been deleted. Make a new one in the dashboard's settings.")
	}
	if err != nil {
		return neo.User{}, err
	}
	now := s.now()
	if !k.ExpiresAt.IsZero() && !k.ExpiresAt.After(now) {
		return neo.User{}, neo.Errorf(neo.CodeUnauthorized, "The API key %q has expired. Make a new one in the dashboard's settings.", k.Name)
	}
	user, err := s.store.User(ctx, k.TenantID, k.UserID)
	if neo.CodeOf(err) == neo.CodeNotFound {
		return neo.User{}, neo.Errorf(neo.CodeUnauthorized, "The person who made the API key %q no longer exists. Make a new one in the dashboard's settings.", k.Name)
	}
	if err == nil && now.Sub(k.LastUsedAt) >= keyUsedEvery {
		if err := s.store.APIKeyUsed(ctx, k.ID, now); err != nil {
			s.log.Warn("the use of an API key was not recorded", "key_id", k.ID, "err", err)
		}
	}
	return user, err
}

func keyHash(key string) []byte {
	sum := sha256.Sum256([]byte(key))
	return sum[:]
}

func apiKey(k neo.APIKey) APIKey {
	return APIKey{ID: k.ID, Name: k.Name, Hint: k.Hint, CreatedAt: k.CreatedAt.UTC(), LastUsedAt: timeOrNull(k.LastUsedAt), ExpiresAt: timeOrNull(k.ExpiresAt)}
}
