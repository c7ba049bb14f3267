package servicenow

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"time"

	"golang.org/x/oauth2"

	"github.com/neoagent/neo"
)

const (
	// refreshEarly is how long before its expiry an access token is replaced, so that
	// it does not expire between our check and the instance's, or in a queue there.
	refreshEarly = 90 * time.Second
	// failureHolds is how long a failed refresh answers for those who waited for it,
	// so that a dead instance is asked once and not once per waiting call.
	failureHolds = 2 * time.Second
)

// tokens is the TokenSource of one integration. One goroutine at a time deals with
// the store and the instance; the others wait for it, each with its own context.
// Across replicas the integration's lock does the same, and who gets it second
// finds the first one's token in the row.
type tokens struct {
	connections *Connections
	integration string
	turn        chan struct{} // holds an element while somebody works on the token

	mu       sync.Mutex
	sealed   []byte // the row's text of token
	token    *oauth2.Token
	early    time.Duration // how long before token's expiry it is replaced
	failed   error         // of the last refresh, until failedAt + failureHolds
	failedAt time.Time
}

var _ TokenSource = (*tokens)(nil)

// Token returns the access token in use, or a new one when that ends soon.
func (t *tokens) Token(ctx context.Context) (string, error) { return t.get(ctx, "") }

// Renew returns an access token that is not refused.
func (t *tokens) Renew(ctx context.Context, refused string) (string, error) {
	return t.get(ctx, refused)
}

// offer tells t what the row holds; if it is news, the token in use is dropped.
func (t *tokens) offer(sealed []byte) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if !bytes.Equal(sealed, t.sealed) {
		t.sealed, t.token, t.failed = sealed, nil, nil
	}
}

// get returns a token that is good for a while and is not refused.
func (t *tokens) get(ctx context.Context, refused string) (string, error) {
	if token, err := t.held(refused); token != "" || err != nil {
		return token, err
	}
	select {
	case t.turn <- struct{}{}:
		defer func() { <-t.turn }()
	case <-ctx.Done():
		return "", fmt.Errorf("wait for the access token: %w", ctx.Err())
	}
	if token, err := t.held(refused); token != "" || err != nil {
		return token, err
	}
	token, err := t.load(ctx)
	if err == nil && !t.good(token, refused, refreshEarly) {
		token, err = t.refresh(ctx, refused)
	}
	if err != nil {
		t.remember(err)
		return "", err
	}
	return token.AccessToken, nil
}

// held answers from memory: a good token, the failure that others just had, or neither.
func (t *tokens) held(refused string) (string, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.token != nil && t.good(t.token, refused, t.early) {
		return t.token.AccessToken, nil
	}
	if t.failed != nil && t.connections.now().Sub(t.failedAt) < failureHolds {
		return "", t.failed
	}
	return "", nil
}

func (t *tokens) good(token *oauth2.Token, refused string, early time.Duration) bool {
	return token.AccessToken != refused && token.Expiry.Sub(t.connections.now()) > early
}

// remember keeps a failure for those who wait, unless it was only this caller's:
// its context ended.
func (t *tokens) remember(err error) {
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.failed, t.failedAt = err, t.connections.now()
}

// load opens what the row holds.
func (t *tokens) load(ctx context.Context) (*oauth2.Token, error) {
	t.mu.Lock()
	sealed, token := t.sealed, t.token
	t.mu.Unlock()
	if token != nil {
		return token, nil
	}
	token, err := t.openTokens(ctx, sealed)
	if err == nil {
		t.use(sealed, token, refreshEarly)
	}
	return token, err
}

func (t *tokens) use(sealed []byte, token *oauth2.Token, early time.Duration) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.sealed, t.token, t.early, t.failed = sealed, token, early, nil
}

func (t *tokens) openTokens(ctx context.Context, sealed []byte) (*oauth2.Token, error) {
	plain, err := t.connections.vault.Open(ctx, sealed, purposeTokens(t.integration))
	if err != nil {
		return nil, err
	}
	var token oauth2.Token
	if err := json.Unmarshal(plain, &token); err != nil {
		return nil, errors.New("servicenow: the stored tokens are not JSON") // err would quote them
	}
	return &token, nil
}

// refresh fetches a new access token under the integration's lock and stores it. If
// another replica has done so meanwhile, its token is used.
func (t *tokens) refresh(ctx context.Context, refused string) (*oauth2.Token, error) {
	c := t.connections
	var fresh *oauth2.Token
	var refusal error
	err := c.store.WithIntegrationLock(ctx, t.integration, func(ctx context.Context) error {
		in, err := c.store.IntegrationByID(ctx, t.integration)
		if err != nil {
			return err
		}
		if err := usable(in); err != nil {
			return err
		}
		old, err := t.openTokens(ctx, in.Sealed.Tokens)
		if err != nil {
			return err
		}
		if t.good(old, refused, refreshEarly) {
			fresh = old
			t.use(in.Sealed.Tokens, old, refreshEarly)
			return nil
		}
		app, err := c.application(ctx, in)
		if err != nil {
			return err
		}
		fresh, err = app.refresh(ctx, old.RefreshToken)
		if neo.CodeOf(err) == neo.CodeRefused {
			refusal = err
			return c.markReconnect(ctx, in, neo.MessageOf(err))
		}
		if err != nil {
			return err
		}
		sealed, err := c.seal(ctx, t.integration, fresh)
		if err != nil {
			return err
		}
		if err := c.store.SaveTokens(ctx, t.integration, sealed); err != nil {
			return err
		}
		// A token can be new and end soon: an instance may be set to short lives, or
		// answer with what is left of one. It must not be replaced at every call.
		t.use(sealed, fresh, min(refreshEarly, fresh.Expiry.Sub(c.now())/2))
		return nil
	})
	if refusal != nil && err == nil {
		err = refusal
	}
	if err != nil {
		return nil, err
	}
	return fresh, nil
}

// seal returns the sealed JSON of a token.
func (c *Connections) seal(ctx context.Context, integration string, token *oauth2.Token) ([]byte, error) {
	plain, err := json.Marshal(token)
	if err != nil {
		return nil, err
	}
	return c.vault.Seal(ctx, plain, purposeTokens(integration))
}
