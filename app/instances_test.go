package app_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/neoagent/neo"
	"github.com/neoagent/neo/app"
	"github.com/neoagent/neo/simulator"
	"github.com/neoagent/neo/visitor"
)

// Several instances at once: each has its own callback secret, its own tickets, and
// its own end.
func TestSeveralInstances(t *testing.T) {
	second := simulator.Start(t)
	r := run(t, fast, func(c *app.Config) { c.AllowHosts = []string{strings.TrimPrefix(second.URL, "http://")} })
	if err := second.SetRedirectURLs(r.URL() + "/oauth/servicenow/callback"); err != nil {
		t.Fatal(err)
	}
	callback := r.connect(t)
	_, err := r.visitor.Connect(t.Context(), visitor.Consent{
		InstanceURL: second.URL, ClientID: second.ClientID(), ClientSecret: second.ClientSecret(), User: "neo.agent", Password: "neo.agent",
	})
	if err != nil {
		t.Fatal(err)
	}
	other := second.Get("sys_properties", second.Find("sys_properties", "name=x_neoagent.callback_url")[0])["value"]
	id := func(callback string) string {
		_, q, _ := strings.Cut(callback, "integration=")
		s, _, _ := strings.Cut(q, "&")
		return s
	}
	key := func(callback string) string { _, k, _ := strings.Cut(callback, "key="); return k }
	if id(callback) == id(other) || key(callback) == key(other) {
		t.Fatalf("both deliver to %s", callback)
	}
	const body = `{"sys_id":"0123456789abcdef0123456789abcdef","number":"INC1","sys_mod_count":"0","table":"incident"}`
	for name, url := range map[string]string{
		"the first's key for the second": strings.Replace(other, key(other), key(callback), 1),
		"the second's key for the first": strings.Replace(callback, key(callback), key(other), 1),
	} {
		if status, text := send(t, http.MethodPost, url, body); status != 403 {
			t.Errorf("%s: %d %s", name, status, text)
		}
	}

	// The same sys_id in both, as after a clone, is two tickets.
	same := map[string]string{"sys_id": strings.Repeat("ab", 16), "short_description": "Cloned"}
	for _, instance := range []*simulator.Instance{r.instance.Instance, second.Instance} {
		if _, err := instance.Create("beth.anglin", "incident", same); err != nil {
			t.Fatal(err)
		}
	}
	known := func() (n int) {
		for _, e := range r.history(t, "&type="+string(neo.EntityCreated)) {
			if e.Title == "Cloned" {
				n++
			}
		}
		return n
	}
	if err := visitor.Until(t.Context(), func() (bool, error) { return known() == 2, nil }); err != nil {
		t.Fatalf("%d tickets are known: %v", known(), err)
	}

	// One is disconnected; the other goes on.
	r.post(t, "/api/v1/integrations/"+id(callback)+"/disconnect", nil)
	if status, _ := send(t, http.MethodPost, callback, body); status != 403 {
		t.Errorf("a delivery of the one that is disconnected: %d", status)
	}
	if _, err := second.Create("beth.anglin", "incident", map[string]string{"short_description": "Goes on"}); err != nil {
		t.Fatal(err)
	}
	if e := r.untilKnown(t, "Goes on"); e.Source != "webhook" {
		t.Errorf("%+v", e)
	}
}
