package web

import (
	"io"
	"io/fs"
	"net/http"
	"path"
	"strings"

	"github.com/neoagent/neo"
)

// dashboard serves the built dashboard. Paths that are no file are pages of it:
// they get index.html, and the dashboard decides what to show.
func (s *Server) dashboard() http.Handler {
	files := http.FileServerFS(s.options.UI)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			w.Header().Set("Allow", "GET, HEAD")
			s.writeError(w, r, errPagesAreRead)
			return
		}
		if s.strayConsent(w, r) {
			return
		}
		h := w.Header()
		h.Set("Content-Security-Policy", "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; frame-ancestors 'none'; base-uri 'none'; form-action 'self'")
		name := strings.TrimPrefix(path.Clean(r.URL.Path), "/")
		if strings.HasPrefix(name, "assets/") {
			h.Set("Cache-Control", "public, max-age=31536000, immutable") // names carry a hash
			files.ServeHTTP(w, r)
			return
		}
		h.Set("Cache-Control", "no-cache")
		if info, err := fs.Stat(s.options.UI, name); name != "" && err == nil && !info.IsDir() {
			files.ServeHTTP(w, r)
			return
		}
		index, err := fs.ReadFile(s.options.UI, "index.html")
		if err != nil {
			h.Set("Content-Type", "text/plain; charset=utf-8")
			w.WriteHeader(http.StatusServiceUnavailable)
			_, _ = io.WriteString(w, "This binary was built without the dashboard. Run `make build`, which builds both.\n")
			return
		}
		h.Set("Content-Type", "text/html; charset=utf-8")
		_, _ = w.Write(index)
	})
}

var errPagesAreRead = neo.Errorf(neo.CodeMethod, "Pages can only be read.")
