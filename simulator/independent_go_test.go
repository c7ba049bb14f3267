package simulator

import (
	"errors"
	"net/http"
	"testing"

	"github.com/turbot/go-servicenow/servicenow"
)

// A client that others wrote, unchanged: github.com/turbot/go-servicenow. It reads only; it can sign in by Basic auth and
// by OAuth's password grant.
func TestIndependentGoClient(t *testing.T) {
	rn := Start(t)
	// The client keeps to http.DefaultTransport, whose idle connections would outlive the test.
	t.Cleanup(func() { http.DefaultTransport.(*http.Transport).CloseIdleConnections() })
	id, err := rn.Create("beth.anglin", "incident", map[string]string{"short_description": "Printer", "caller_id": UserID("priya.nair")})
	if err != nil {
		t.Fatal(err)
	}
	type incident struct {
		SysID            string `json:"sys_id"`
		Number           string `json:"number"`
		ShortDescription string `json:"short_description"`
		CallerID         string `json:"caller_id"`
	}
	for name, config := range map[string]servicenow.Config{
		"basic": {BasicAuth: true},
		"oauth": {GrantType: "password", ClientID: rn.ClientID(), ClientSecret: rn.ClientSecret()},
	} {
		t.Run(name, func(t *testing.T) {
			config.InstanceURL, config.Username, config.Password = rn.URL, "beth.anglin", "beth.anglin"
			client, err := servicenow.New(config)
			if err != nil {
				t.Fatal(err)
			}
			var list struct{ Result []incident }
			if err := client.NowTable.List("incident", 10, 0, "short_descriptionLIKEprinter", true, &list); err != nil {
				t.Fatal(err)
			}
			if len(list.Result) != 1 || list.Result[0].SysID != id || list.Result[0].CallerID != UserID("priya.nair") {
				t.Errorf("list: %+v", list)
			}
			var one struct{ Result incident }
			if err := client.NowTable.Get("incident", id, true, &one); err != nil {
				t.Fatal(err)
			}
			if one.Result != list.Result[0] {
				t.Errorf("get: %+v", one)
			}
			var refused *servicenow.HTTPError
			if err := client.NowTable.Get("nothing", id, true, &one); !errors.As(err, &refused) || refused.Code != 400 || refused.Message != "Invalid table nothing" {
				t.Errorf("unknown table: %v", err)
			}
		})
	}
	if _, err := servicenow.New(servicenow.Config{InstanceURL: rn.URL, GrantType: "password", ClientID: rn.ClientID(), ClientSecret: "wrong",
		Username: "beth.anglin", Password: "beth.anglin"}); err == nil {
		t.Error("a wrong secret is taken")
	}
}
