package app_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/neoagent/neo/visitor"
)

// keyed makes a call with an Authorization header, and without a session.
func (r *running) keyed(t *testing.T, method, path, authorization, body string, header ...string) (*http.Response, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, r.URL()+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	if authorization != "" {
		req.Header.Set("Authorization", authorization)
	}
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	resp, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp, string(text)
}

type madeKey struct {
	ID         string     `json:"id"`
	Name       string     `json:"name"`
	Key        string     `json:"key"`
	Hint       string     `json:"hint"`
	LastUsedAt *time.Time `json:"last_used_at"`
	ExpiresAt  *time.Time `json:"expires_at"`
}

// makeKey makes an API key as the signed-in administrator.
func (r *running) makeKey(t *testing.T, body string) (k madeKey) {
	t.Helper()
	if err := r.visitor.Call(t.Context(), http.MethodPost, "/api/v1/api-keys", json.RawMessage(body), &struct{ Data *madeKey }{&k}); err != nil {
		t.Fatal(err)
	}
	return k
}

func TestProgramsUseTheAPIByKey(t *testing.T) {
	r := run(t)
	if err := r.visitor.SignIn(t.Context(), email, password, r.SetupToken); err != nil {
		t.Fatal(err)
	}
	k := r.makeKey(t, `{"name":"Pipeline"}`)
	if !strings.HasPrefix(k.Key, "neo_sk_prod_") || len(k.Key) < 50 || k.Hint != k.Key[len(k.Key)-4:] {
		t.Fatalf("the key is %+v", k)
	}
	bearer := "Bearer " + k.Key

	resp, text := r.keyed(t, http.MethodPost, "/api/v1/workflows", bearer, routeNetwork)
	if resp.StatusCode != http.StatusCreated {
		t.Fatalf("saving with a key was answered %d %s", resp.StatusCode, text)
	}
	if c := resp.Header.Get("Set-Cookie"); c != "" {
		t.Errorf("a call by key was given the cookie %s", c)
	}
	if _, text := r.keyed(t, http.MethodGet, "/api/v1/workflows", bearer, ""); !strings.Contains(text, `"Route"`) {
		t.Errorf("workflows by key are %s", text)
	}

	list, err := visitor.Get[[]madeKey](t.Context(), &r.visitor.Client, "/api/v1/api-keys")
	if err != nil {
		t.Fatal(err)
	}
	if len(list) != 1 || list[0].Key != "" || list[0].LastUsedAt == nil || list[0].ExpiresAt != nil {
		t.Errorf("the list of keys is %+v, want one that was used, without the key itself", list)
	}

	for _, c := range []struct {
		name, method, path, authorization, body string
		header                                  []string
		status                                  int
		says                                    string
	}{
		{"a key makes a key", "POST", "/api/v1/api-keys", bearer, `{"name":"Another"}`, nil, 403, "cannot make or delete API keys"},
		{"a key deletes a key", "DELETE", "/api/v1/api-keys/" + k.ID, bearer, "", nil, 403, "cannot make or delete API keys"},
		{"another page calls with it", "POST", "/api/v1/workflows", bearer, routeNetwork, []string{"Origin", "https://evil.example"}, 403, ""},
		{"no key", "GET", "/api/v1/workflows", "", "", nil, 401, "Nobody is signed in"},
		{"a proxy's own sign-in", "GET", "/api/v1/workflows", "Basic dXNlcjpwdw==", "", nil, 401, "Nobody is signed in"},
		{"a token of something else", "GET", "/api/v1/workflows", "Bearer eyJhbGciOi", "", nil, 401, "begin with neo_sk_"},
		{"an unknown key", "GET", "/api/v1/workflows", "Bearer neo_sk_prod_x", "", nil, 401, "is not known"},
		{"the key in other letters", "GET", "/api/v1/workflows", "Bearer " + strings.ToUpper(k.Key[:7]) + k.Key[7:], "", nil, 401, "begin with neo_sk_"},
	} {
		resp, text := r.keyed(t, c.method, c.path, c.authorization, c.body, c.header...)
		if resp.StatusCode != c.status || !strings.Contains(text, c.says) {
			t.Errorf("%s was answered %d %s, want %d %q", c.name, resp.StatusCode, text, c.status, c.says)
		}
	}
	for _, c := range []struct{ name, body, says string }{
		{"no name", `{"name":" "}`, "name is empty"},
		{"expired before it begins", fmt.Sprintf(`{"name":"x","expires_at":%q}`, time.Now().Add(-time.Hour).Format(time.RFC3339)), "in the future"},
	} {
		if status, text := r.call(t, http.MethodPost, "/api/v1/api-keys", c.body); status != 400 || !strings.Contains(text, c.says) {
			t.Errorf("%s was answered %d %s", c.name, status, text)
		}
	}

	if status, text := r.call(t, http.MethodDelete, "/api/v1/api-keys/"+k.ID, ""); status != 200 {
		t.Fatalf("deleting the key was answered %d %s", status, text)
	}
	if resp, text := r.keyed(t, http.MethodGet, "/api/v1/workflows", bearer, ""); resp.StatusCode != 401 || !strings.Contains(text, "may have been deleted") {
		t.Errorf("a deleted key was answered %d %s", resp.StatusCode, text)
	}
	if strings.Contains(r.log.String(), k.Key) {
		t.Error("the key is in the log")
	}
}

func TestWrongAPIKeysAreSlowedDown(t *testing.T) {
	r := run(t)
	if err := r.visitor.SignIn(t.Context(), email, password, r.SetupToken); err != nil {
		t.Fatal(err)
	}
	good := r.makeKey(t, `{"name":"Good"}`)
	wrong := "Bearer neo_sk_prod_wrong"
	for range 5 {
		if resp, text := r.keyed(t, http.MethodGet, "/api/v1/workflows", wrong, ""); resp.StatusCode != 401 {
			t.Fatalf("a wrong key was answered %d %s", resp.StatusCode, text)
		}
	}
	resp, text := r.keyed(t, http.MethodGet, "/api/v1/workflows", wrong, "")
	if resp.StatusCode != 429 || resp.Header.Get("Retry-After") == "" || !strings.Contains(text, `"rate_limited"`) {
		t.Errorf("the sixth wrong key was answered %d %s, want 429", resp.StatusCode, text)
	}
	if resp, text := r.keyed(t, http.MethodGet, "/api/v1/workflows", "Bearer "+good.Key, ""); resp.StatusCode != 200 {
		t.Errorf("a good key from the same address was answered %d %s", resp.StatusCode, text)
	}
}

func TestAPIKeysExpire(t *testing.T) {
	r := run(t)
	if err := r.visitor.SignIn(t.Context(), email, password, r.SetupToken); err != nil {
		t.Fatal(err)
	}
	end := time.Now().Add(700 * time.Millisecond)
	k := r.makeKey(t, fmt.Sprintf(`{"name":"Short","expires_at":%q}`, end.Format(time.RFC3339Nano)))
	if k.ExpiresAt == nil {
		t.Fatal("the key has no end")
	}
	err := visitor.Until(t.Context(), func() (bool, error) {
		resp, text := r.keyed(t, http.MethodGet, "/api/v1/workflows", "Bearer "+k.Key, "")
		switch {
		case resp.StatusCode == 200 && time.Now().Before(end.Add(time.Second)):
			return false, nil
		case resp.StatusCode == 401 && strings.Contains(text, `has expired`) && !time.Now().Before(end):
			return true, nil
		}
		return false, fmt.Errorf("the key was answered %d %s", resp.StatusCode, text)
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestTemplatesAndSchema(t *testing.T) {
	r := run(t)
	if err := r.visitor.SignIn(t.Context(), email, password, r.SetupToken); err != nil {
		t.Fatal(err)
	}
	type template struct {
		ID, Name, Description string
		Definition            map[string]any
	}
	all, err := visitor.Get[[]template](t.Context(), &r.visitor.Client, "/api/v1/workflow-templates")
	if err != nil {
		t.Fatal(err)
	}
	if len(all) != 10 {
		t.Errorf("there are %d templates, want the 10 examples", len(all))
	}
	for _, one := range all {
		if one.ID == "" || one.Name == "" || one.Description == "" || one.Definition["cases"] != nil || one.Definition["actions"] == nil {
			t.Errorf("template %+v", one)
		}
	}
	status, text := r.call(t, http.MethodGet, "/api/v1/workflow-schema", "")
	if status != 200 || !json.Valid([]byte(text)) || !strings.Contains(text, "https://json-schema.org/draft/2020-12/schema") {
		t.Errorf("the schema was answered %d %.200s", status, text)
	}
}
