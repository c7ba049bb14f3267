package web

import (
	"bufio"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
)

// Whatever is asked for below /api/, the answer is JSON: an answer of a call, or an error
// in the envelope. The paths are those that there are, and each in forms that are none.
func TestFault22EverythingBelowAPIIsJSON(t *testing.T) {
	d := newDoorstep(t)
	paths := map[string][]string{"/api/v1/live": {http.MethodGet}, "/api/v1/openapi.json": {http.MethodGet}}
	for path, item := range d.openapi.Paths {
		path = strings.NewReplacer("{", "", "}", "").Replace(path)
		for method, call := range map[string]any{"GET": item.Get, "PUT": item.Put, "POST": item.Post, "PATCH": item.Patch, "DELETE": item.Delete} {
			if text, _ := json.Marshal(call); string(text) != "null" {
				paths[path] = append(paths[path], method)
			}
		}
	}
	if len(paths) < 40 {
		t.Fatalf("only %d paths", len(paths))
	}
	var none []string // that are no call, whatever the method
	for path := range paths {
		none = append(none, path+"/", "/"+path, strings.Replace(path, "/v1/", "/v1//", 1), strings.Replace(path, "/v1/", "/v1/./", 1),
			strings.Replace(path, "/v1/", "/v1/x/../", 1), strings.Replace(path, "/v1/", "/v1/%2e%2e/v1/", 1), strings.Replace(path, "/v1/", "%2Fv1%2F", 1),
			path+"/%2e%2e", "/x/.."+path, path+"/nothing/at/all")
	}
	none = append(none, "/api", "/api/", "/api//", "/api/v1", "/api/v2/session", "/api/../x", "/api/%00", "/api/v1/schemas/Nothing.json", "/api/v1/workflows//versions", "/api/v1/openapi")
	methods := []string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "NOTHING"}
	ask := func(method, path string) *http.Response {
		// As the server reads it: nothing in the path is put right.
		r, err := http.ReadRequest(bufio.NewReader(strings.NewReader(method + " " + path + " HTTP/1.1\r\nHost: neo\r\n\r\n")))
		if err != nil {
			t.Fatal(err)
		}
		w := httptest.NewRecorder()
		d.ServeHTTP(w, r)
		return w.Result()
	}
	check := func(method, path string, want ...int) {
		t.Helper()
		response := ask(method, path)
		var body struct {
			Error *Fault `json:"error"`
			Meta  *Meta  `json:"meta"`
		}
		if len(want) > 0 && !slices.Contains(want, response.StatusCode) {
			t.Errorf("%s %s was answered %d, want %v", method, path, response.StatusCode, want)
		}
		if kind := response.Header.Get("Content-Type"); kind != "application/json" && !(response.StatusCode == 200 && strings.HasSuffix(kind, "+json")) {
			t.Errorf("%s %s was answered %d with %q", method, path, response.StatusCode, kind)
		}
		if response.StatusCode >= 300 {
			err := json.NewDecoder(response.Body).Decode(&body)
			if err != nil || body.Error == nil || body.Error.Code == "" || body.Error.Message == "" || body.Meta == nil {
				t.Errorf("%s %s was answered %d without the envelope: %v", method, path, response.StatusCode, err)
			}
		}
		if response.StatusCode == http.StatusMethodNotAllowed && response.Header.Get("Allow") == "" {
			t.Errorf("%s %s: it is not said what is allowed", method, path)
		}
	}
	for path, has := range paths {
		for _, method := range methods {
			switch {
			case slices.Contains(has, method), method == "HEAD" && slices.Contains(has, "GET"):
				check(method, path, 200, 400, 401, 409, 422)
			default: // a path such as /workflows/check may be another call's /workflows/{id}
				check(method, path, 405, 401)
			}
		}
	}
	for _, path := range none {
		for _, method := range methods {
			check(method, path, 404)
		}
	}
	// Escapes that mean a plain letter are the same path.
	check(http.MethodGet, "/%61pi/v1/session", 200)
	if response := ask(http.MethodGet, "/apis"); response.Header.Get("Content-Type") == "application/json" {
		t.Error("a page beside the API is answered as a call")
	}
}
