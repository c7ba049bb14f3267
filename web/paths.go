package web

import (
	"net/http"
	"path"
	"slices"
	"strings"

	"github.com/neoagent/neo"
)

// apiPath is below what everything is answered in JSON: also what no call answers.
const apiPath = "/api"

// divide hands what is below /api/ to the calls and the rest to others, by the path with
// its escapes read. A path in another form than its plain one is no call: programs are
// not sent elsewhere, they are told.
func (s *Server) divide(calls, others http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		clean := path.Clean("/" + r.URL.Path)
		switch {
		case !below(clean, apiPath) && !below(r.URL.Path, apiPath):
			others.ServeHTTP(w, r)
		case clean != strings.TrimSuffix(r.URL.Path, "/"):
			s.writeError(w, r, errNoCall)
		default:
			calls.ServeHTTP(w, r)
		}
	})
}

func below(p, dir string) bool { return p == dir || strings.HasPrefix(p, dir+"/") }

// noSuchCall answers what is below /api/ and is no call: with the methods there are, when
// there are others at this path.
func (s *Server) noSuchCall(calls *http.ServeMux) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		var allowed []string
		for _, method := range []string{http.MethodDelete, http.MethodGet, http.MethodHead, http.MethodPatch, http.MethodPost, http.MethodPut} {
			other := *r
			other.Method = method
			if _, pattern := calls.Handler(&other); pattern != "/" {
				allowed = append(allowed, method)
			}
		}
		if len(allowed) == 0 || slices.Contains(allowed, r.Method) {
			s.writeError(w, r, errNoCall)
			return
		}
		list := strings.Join(allowed, ", ")
		w.Header().Set("Allow", list)
		s.writeError(w, r, neo.Errorf(neo.CodeMethod, "This path takes %s only. /api/v1/openapi.json lists all calls.", list))
	}
}

// knownSchema lets huma answer for the schemas that there are; for others it would say null.
func (s *Server) knownSchema(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if name, ok := strings.CutPrefix(r.URL.Path, schemasPath+"/"); ok && s.openapi.Components.Schemas.Map()[strings.TrimSuffix(name, ".json")] == nil {
			s.writeError(w, r, errNoCall)
			return
		}
		next.ServeHTTP(w, r)
	})
}

var errNoCall = neo.Errorf(neo.CodeNotFound, "There is no such call. /api/v1/openapi.json lists them all.")
