package servicenow

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"strconv"
	"sync"
	"time"

	"github.com/neoagent/neo"
)

// The headers of a signed delivery.
const (
	HeaderTimestamp = "X-Neo-Timestamp" // milliseconds since 1970, the instance's clock
	HeaderSignature = "X-Neo-Signature" // base64 of HMAC-SHA256 over timestamp, ".", body
)

// signatureWindow is how far a delivery's time may be from ours. A signature is
// taken once within it.
const signatureWindow = 5 * time.Minute

// maxSeen bounds the signatures that are remembered. A repeat that is forgotten
// early still does nothing: its version of the ticket is known.
const maxSeen = 100_000

// Signatures checks deliveries that are signed with an integration's callback
// secret. It is safe for concurrent use.
type Signatures struct {
	vault Vault
	now   func() time.Time

	mu      sync.Mutex
	keys    map[string]callbackKey // by integration
	seen    map[string]struct{}    // signatures of this window
	before  map[string]struct{}    // and of the one before
	rotated time.Time
}

type callbackKey struct {
	sealed []byte // of which secret is the opened form
	secret []byte
}

// NewSignatures returns a checker that opens callback secrets with vault.
func NewSignatures(vault Vault, now func() time.Time) *Signatures {
	return &Signatures{vault: vault, now: now, keys: map[string]callbackKey{}}
}

// Verify checks the signature of a body. neo.CodeForbidden says that it is wrong or
// too old, neo.CodeConflict that it was taken before (see Taken).
func (s *Signatures) Verify(ctx context.Context, in neo.Integration, timestamp, signature string, body []byte) error {
	secret, err := s.secret(ctx, in)
	if err != nil {
		return err
	}
	mac := hmac.New(sha256.New, secret)
	mac.Write([]byte(timestamp + "."))
	mac.Write(body)
	got, err := base64.StdEncoding.DecodeString(signature)
	if err != nil || !hmac.Equal(got, mac.Sum(nil)) {
		return neo.Errorf(neo.CodeForbidden, "The delivery's signature is wrong. Reconnect the integration in the dashboard: that plants the right key.")
	}
	ms, err := strconv.ParseInt(timestamp, 10, 64)
	if err != nil {
		return neo.Errorf(neo.CodeForbidden, "The delivery does not say when it was signed: %s must be milliseconds since 1970. Click Reconnect: that plants the script again.", HeaderTimestamp)
	}
	if err := inTime(s.now().Sub(time.UnixMilli(ms))); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.rotate()
	if s.known(signature) {
		return neo.Errorf(neo.CodeConflict, "This delivery was taken before.")
	}
	return nil
}

// inTime returns an error when a delivery is too old, or dated too far in the future.
func inTime(age time.Duration) error {
	switch {
	case age > signatureWindow:
		return neo.Errorf(neo.CodeForbidden, "The delivery is dated %s ago; five minutes are allowed. Either it was on its way for that long, or the clock of the instance or of Neo's machine is wrong.", age.Round(time.Second))
	case -age > signatureWindow:
		return neo.Errorf(neo.CodeForbidden, "The delivery is dated %s in the future; five minutes are allowed. Set the clock of the instance, or that of Neo's machine.", (-age).Round(time.Second))
	}
	return nil
}

// Taken remembers a signature whose delivery is on disk: it does not count again.
func (s *Signatures) Taken(signature string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.rotate()
	s.seen[signature] = struct{}{}
}

func (s *Signatures) known(signature string) bool {
	_, now := s.seen[signature]
	_, before := s.before[signature]
	return now || before
}

// rotate forgets what is older than two windows: a timestamp can be that of the
// instance's clock, a window ahead of ours.
func (s *Signatures) rotate() {
	if s.seen == nil || s.now().Sub(s.rotated) > 2*signatureWindow || len(s.seen) >= maxSeen {
		s.before, s.seen, s.rotated = s.seen, map[string]struct{}{}, s.now()
	}
}

// secret returns the opened callback secret of an integration. It is opened once,
// and again when it is another.
func (s *Signatures) secret(ctx context.Context, in neo.Integration) ([]byte, error) {
	s.mu.Lock()
	held, ok := s.keys[in.ID]
	s.mu.Unlock()
	if ok && bytes.Equal(held.sealed, in.Sealed.CallbackSecret) {
		return held.secret, nil
	}
	if len(in.Sealed.CallbackSecret) == 0 {
		return nil, neo.Errorf(neo.CodeForbidden, "This integration is not connected (any more). Reconnect it in the dashboard.")
	}
	secret, err := s.vault.Open(ctx, in.Sealed.CallbackSecret, purposeCallback(in.ID))
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.keys[in.ID] = callbackKey{in.Sealed.CallbackSecret, secret}
	return secret, nil
}
