package neo

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

func TestIDsIncreaseAndAreUUIDv7(t *testing.T) {
	form := regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`)
	var mu sync.Mutex
	var all []string
	var makers sync.WaitGroup
	for range 4 {
		makers.Go(func() {
			var own []string
			for range 5000 {
				own = append(own, NewID())
			}
			if !slices.IsSorted(own) {
				t.Error("ids made one after another do not increase")
			}
			mu.Lock()
			all = append(all, own...)
			mu.Unlock()
		})
	}
	makers.Wait()
	slices.Sort(all)
	if n := len(slices.Compact(all)); n != 20000 {
		t.Errorf("%d of 20000 ids are different", n)
	}
	for _, id := range all[:100] {
		if !form.MatchString(id) {
			t.Fatalf("%s is not a UUIDv7", id)
		}
	}
	early := newID(time.UnixMilli(1))
	if early < all[0] {
		t.Error("an id went back in time with the clock")
	}
}

func TestSecretsAreLongAndURLSafe(t *testing.T) {
	form := regexp.MustCompile(`^[A-Za-z0-9_-]{43}$`)
	seen := map[string]bool{}
	for range 100 {
		s := NewSecret()
		if !form.MatchString(s) || seen[s] {
			t.Fatalf("%q", s)
		}
		seen[s] = true
	}
}

func TestErrors(t *testing.T) {
	cause := errors.New("dial tcp: refused")
	for _, c := range []struct {
		err   error
		code  Code
		says  string
		retry bool
		wait  time.Duration
	}{
		{Errorf(CodeInvalid, "bad %d", 1), CodeInvalid, "bad 1", false, 0},
		{fmt.Errorf("while saving: %w", Errorf(CodeNotFound, "no such workflow")), CodeNotFound, "no such workflow", false, 0},
		{&Error{Code: CodeRateLimited, Message: "slow down", RetryAfter: time.Second}, CodeRateLimited, "slow down", true, time.Second},
		{Errorf(CodeUnavailable, "away: %w", cause), CodeUnavailable, "away: dial tcp: refused", true, 0},
		{Errorf(CodeRefused, "no"), CodeRefused, "no", false, 0},
		{cause, CodeInternal, "Something went wrong inside Neo. The server log has the details.", true, 0},
	} {
		if got := CodeOf(c.err); got != c.code {
			t.Errorf("%v: code %s, want %s", c.err, got, c.code)
		}
		if got := MessageOf(c.err); got != c.says {
			t.Errorf("%v: says %q, want %q", c.err, got, c.says)
		}
		if wait, ok := Retryable(c.err); ok != c.retry || wait != c.wait {
			t.Errorf("%v: retryable %v after %v, want %v after %v", c.err, ok, wait, c.retry, c.wait)
		}
	}
	if !errors.Is(Errorf(CodeUnavailable, "away: %w", cause), cause) {
		t.Error("the cause is lost")
	}
	if strings.Contains(MessageOf(cause), "dial") {
		t.Error("a person sees the text of an unknown error")
	}
	if _, ok := Retryable(nil); ok || CodeOf(nil) != "" {
		t.Error("nil is taken for an error")
	}
}
