package servicenow_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/neoagent/neo"
	"github.com/neoagent/neo/servicenow"
)

func TestSignatures(t *testing.T) {
	w := newWorld(t)
	_, in := w.connected()
	secret := keyOf(t, w.property())
	now := w.clock.now()
	sign := func(key string, at time.Time, body string) (timestamp, signature string) {
		timestamp = strconv.FormatInt(at.UnixMilli(), 10)
		mac := hmac.New(sha256.New, []byte(key))
		mac.Write([]byte(timestamp + "." + body))
		return timestamp, base64.StdEncoding.EncodeToString(mac.Sum(nil))
	}
	good, signature := sign(secret, now, "body")
	old, oldSignature := sign(secret, now.Add(-5*time.Minute-time.Second), "body")
	ahead, aheadSignature := sign(secret, now.Add(6*time.Minute), "body")
	_, forged := sign("another key", now, "body")
	undated := hmac.New(sha256.New, []byte(secret))
	undated.Write([]byte("soon.body"))
	undatedSignature := base64.StdEncoding.EncodeToString(undated.Sum(nil))
	for name, tt := range map[string]struct {
		timestamp, signature, body string
		code                       neo.Code
		says                       string
	}{
		"good":                          {good, signature, "body", "", ""},
		"other body":                    {good, signature, "Body", neo.CodeForbidden, "signature is wrong"},
		"other time":                    {old, signature, "body", neo.CodeForbidden, "signature is wrong"},
		"other key":                     {good, forged, "body", neo.CodeForbidden, "signature is wrong"},
		"too old":                       {old, oldSignature, "body", neo.CodeForbidden, "dated 5m1s ago"},
		"fault 36: from the future":     {ahead, aheadSignature, "body", neo.CodeForbidden, "dated 6m0s in the future"},
		"no base64":                     {good, "%", "body", neo.CodeForbidden, "signature is wrong"},
		"no time":                       {"", signature, "body", neo.CodeForbidden, "signature is wrong"},
		"fault 36: a time that is none": {"soon", undatedSignature, "body", neo.CodeForbidden, "does not say when it was signed"},
	} {
		t.Run(name, func(t *testing.T) {
			err := servicenow.NewSignatures(w.vault, w.clock.now).Verify(t.Context(), in, tt.timestamp, tt.signature, []byte(tt.body))
			if neo.CodeOf(err) != tt.code || !strings.Contains(neo.MessageOf(err), tt.says) && err != nil {
				t.Errorf("got %v, want %q %q", err, tt.code, tt.says)
			}
		})
	}

	// A delivery counts once, as long as its signature would be taken.
	s := servicenow.NewSignatures(w.vault, w.clock.now)
	verify := func() error { return s.Verify(t.Context(), in, good, signature, []byte("body")) }
	for range 2 { // until it is on disk, it may be tried again
		if err := verify(); err != nil {
			t.Fatal(err)
		}
	}
	s.Taken(signature)
	for range 2 {
		if err := verify(); neo.CodeOf(err) != neo.CodeConflict {
			t.Errorf("a repeat: %v", err)
		}
		w.clock.add(2 * time.Minute)
	}

	// Disconnected, the integration has no key.
	in.Sealed = neo.SealedSecrets{}
	if err := s.Verify(t.Context(), in, good, signature, []byte("body")); neo.CodeOf(err) != neo.CodeForbidden {
		t.Errorf("without a key: %v", err)
	}
}
