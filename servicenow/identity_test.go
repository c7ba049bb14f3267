package servicenow_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/neoagent/neo"
	"github.com/neoagent/neo/servicenow"
)

// TestIdentity: who Neo is, on instances with and without the endpoint for it.
func TestIdentity(t *testing.T) {
	notThere := says(400, asJSON, `{"error":{"message":"Requested URI does not represent any resource","detail":null},"status":"failure"}`)
	one := `{"sys_id":"u1","user_name":"neo.agent","name":"Neo"}`
	for name, tt := range map[string]struct {
		endpoint, table http.HandlerFunc
		want            neo.Identity
		code            neo.Code
	}{
		"endpoint":             {says(200, asJSON, `{"result":{"user_sys_id":"u1","user_name":"neo.agent","user_display_name":"Neo"}}`), nil, neo.Identity{RemoteID: "u1", UserName: "neo.agent", Name: "Neo"}, ""},
		"table":                {notThere, says(200, asJSON, `{"result":[`+one+`]}`), neo.Identity{RemoteID: "u1", UserName: "neo.agent", Name: "Neo"}, ""},
		"endpoint of no user":  {says(200, asJSON, `{"result":{}}`), says(200, asJSON, `{"result":[`+one+`]}`), neo.Identity{RemoteID: "u1", UserName: "neo.agent", Name: "Neo"}, ""},
		"the term was dropped": {notThere, says(200, asJSON, `{"result":[`+one+`,{"sys_id":"u2","user_name":"x"}]}`), neo.Identity{}, neo.CodeRefused},
		"nobody":               {notThere, says(200, asJSON, `{"result":[]}`), neo.Identity{}, neo.CodeRefused},
		"hibernating":          {says(200, asHTML, hibernating), says(200, asHTML, hibernating), neo.Identity{}, neo.CodeUnavailable},
		"API access policy":    {says(401, asJSON, `{"error":{"message":"User is not authenticated"}}`), says(401, asJSON, `{"error":{"message":"User is not authenticated"}}`), neo.Identity{}, neo.CodeRefused},
	} {
		t.Run(name, func(t *testing.T) {
			srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				switch {
				case r.URL.Path == "/oauth_token.do":
					says(200, asJSON, `{"access_token":"a","refresh_token":"r","expires_in":1799}`)(w, r)
				case strings.HasSuffix(r.URL.Path, "/current_user"):
					tt.endpoint(w, r)
				case strings.HasSuffix(r.URL.Path, "/sys_user"):
					tt.table(w, r)
				default:
					says(200, asJSON, `{"result":[]}`)(w, r)
				}
			}))
			t.Cleanup(srv.Close)
			store := newMemStore()
			cs := servicenow.NewConnections(store, newMemVault(), "", nil)
			t.Cleanup(cs.Close)
			con := servicenow.NewConnector(cs, "https://neo.example", []string{strings.TrimPrefix(srv.URL, "http://")})
			_, address, err := con.Begin(t.Context(), neo.DefaultTenant, session, neo.ConnectInput{InstanceURL: srv.URL, ClientID: "c", ClientSecret: "s"})
			if err != nil {
				t.Fatal(err)
			}
			a, err := con.Complete(t.Context(), session, sentBack(mustQuery(t, address, "code", "x")), nil)
			in := store.integration(t, a.IntegrationID)
			if in.Identity != tt.want {
				t.Errorf("identity %+v, %v", in.Identity, err)
			}
			if tt.code != "" && (neo.CodeOf(err) != tt.code || checksOf(in)["identity"] != "failed") {
				t.Errorf("got %v; checks %+v", err, in.Checks)
			}
		})
	}
}
