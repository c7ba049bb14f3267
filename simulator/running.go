package simulator

import (
	"context"
	"net"
	"net/http"
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
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := &http.Server{Handler: in, ReadHeaderTimeout: 10 * time.Second}
	served := make(chan struct{})
	go func() {
		defer close(served)
		_ = server.Serve(l)
	}()
	t.Cleanup(func() {
		_ = server.Close()
		<-served
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		if err := in.Close(ctx); err != nil {
			t.Errorf("closing the simulator: %v", err)
		}
	})
	return &Running{Instance: in, URL: "http://" + l.Addr().String()}
}
