package app_test

import (
	"fmt"
	"net/http"
	"os"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/neoagent/neo/visitor"
)

// A hundred people who are nobody sign in at once, and a hundred set up a server that is
// set up. Memory stays bounded, and the administrator signs in meanwhile.
func TestFault19ManyAtTheDoor(t *testing.T) {
	r := run(t)
	if err := r.visitor.SignIn(t.Context(), email, password, r.SetupToken); err != nil {
		t.Fatal(err)
	}
	idle := resident(t)
	var peak atomic.Int64
	watched, over := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(watched)
		tick := time.NewTicker(2 * time.Millisecond)
		defer tick.Stop()
		for {
			select {
			case <-tick.C:
				peak.Store(max(peak.Load(), resident(t)))
			case <-over:
				return
			}
		}
	}()
	stranger := visitor.At(r.URL())
	defer stranger.Close()
	var all sync.WaitGroup
	for i := range 100 {
		all.Go(func() {
			guess := fmt.Sprintf(`{"email":"stranger%d@neo.example","password":"a guess"}`, i)
			if i%2 == 0 {
				guess = fmt.Sprintf(`{"email":%q,"password":"a guess"}`, strings.Repeat(" ", i%40)+email)
			}
			switch status, text, err := stranger.Raw(t.Context(), http.MethodPost, "/api/v1/session", guess); {
			case err != nil:
				t.Error(err)
			case status != 401 && status != 429 && status != 503:
				t.Errorf("a guess was answered %d %s", status, text)
			}
			again := `{"token":"01234567890123456789","name":"Stranger","email":"stranger@neo.example","password":"0123456789"}`
			if status, text, err := stranger.Raw(t.Context(), http.MethodPost, "/api/v1/setup", again); err != nil || status != 409 {
				t.Errorf("setting up again was answered %d %s, %v", status, text, err)
			}
		})
	}
	if err := r.visitor.SignIn(t.Context(), email, password, nil); err != nil {
		t.Errorf("the administrator could not sign in meanwhile: %v", err)
	}
	all.Wait()
	close(over)
	<-watched
	most := int64(150 << 20)
	if underRaceDetector {
		most *= 5 // unbounded, a hundred hashes take 1.9 GB even without it
	}
	if more := peak.Load() - idle; more > most {
		t.Errorf("memory grew by %d MB over the %d MB of idle", more>>20, idle>>20)
	} else {
		t.Logf("memory grew by %d MB over the %d MB of idle", more>>20, idle>>20)
	}
}

// resident is the memory of this process that is in use, in bytes.
func resident(t *testing.T) int64 {
	text, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		t.Skip("this system does not say how much memory is in use")
	}
	pages, _ := strconv.ParseInt(strings.Fields(string(text))[1], 10, 64)
	return pages * int64(os.Getpagesize())
}
