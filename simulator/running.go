package simulator

import (
	"context"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"
)

// Running is an instance that listens, for tests.
type Running struct {
	*Instance
	URL string // http://127.0.0.1:port
}

// Start runs an instance on a free port until the test ends. Options are changed by the given functions.
func Start(t testing.TB, change ...func(*Options)) *Running {
	t.Helper()
	opts := Options{RedirectURLs: []string{"http://127.0.0.1/callback"}}
	for _, f := range change {
		f(&opts)
	}
	in, err := New(opts)
	if err != nil {
		t.Fatal(err)
	}
	srv := httptest.NewUnstartedServer(in)
	srv.Config.ReadHeaderTimeout = 10 * time.Second
	srv.Config.Handler = http.Handler(in)
	srv.Start()
	t.Cleanup(func() {
		srv.CloseClientConnections()
		srv.Close()
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		if err := in.Close(ctx); err != nil {
			t.Errorf("closing the simulator: %v", err)
		}
	})
	return &Running{Instance: in, URL: srv.URL}
}
