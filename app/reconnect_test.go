package app_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/neoagent/neo"
	"github.com/neoagent/neo/simulator"
	"github.com/neoagent/neo/visitor"
)

// Fault 33: a reconnect needs no secret, what it has healed is shown as healed, and what
// was chosen at a connect that failed is kept.
func TestFault33Reconnect(t *testing.T) {
	t.Run("keeps the secret", func(t *testing.T) {
		r := run(t)
		r.connect(t)
		again := visitor.Consent{InstanceURL: r.instance.URL, User: "neo.agent", Password: "neo.agent", ClientID: r.instance.ClientID()}
		if _, err := r.visitor.Connect(t.Context(), again); err != nil {
			t.Fatal(err)
		}
		list := data[[]struct {
			KeepsSecret bool `json:"keeps_secret"`
		}](t, r, "GET", "/api/v1/integrations", "")
		if len(list) != 1 || !list[0].KeepsSecret {
			t.Errorf("%+v", list)
		}
		// Another application has another secret.
		again.ClientID = strings.Repeat("0", 32)
		if _, err := r.visitor.Connect(t.Context(), again); err == nil || !strings.Contains(err.Error(), "client_secret must be") {
			t.Errorf("another Client ID without its secret: %v", err)
		}
	})

	// At the pace of a real Neo: what follows the consent does not wait for its next look.
	t.Run("is followed by a look", func(t *testing.T) {
		r := run(t)
		r.connect(t)
		for _, role := range []string{"admin", "itil"} {
			if err := r.instance.RevokeRole("neo.agent", role); err != nil {
				t.Fatal(err)
			}
		}
		r.ticket(t, "Something to read")
		var found health
		r.post(t, "/api/v1/integrations/"+r.integration(t).ID+"/inspect", &found)
		if a, ok := r.alertAbout(t, "cannot read tickets"); !ok || a.ResolvedAt != nil || r.status(t).State != neo.ConnectionActionNeeded {
			t.Fatalf("the alert is %+v, the status %+v", a, r.status(t))
		}
		for _, role := range []string{"admin", "itil"} {
			if err := r.instance.GrantRole("neo.agent", role); err != nil {
				t.Fatal(err)
			}
		}
		if err := r.reconnect(t); err != nil {
			t.Fatal(err)
		}
		r.untilStatus(t, neo.ConnectionWorking)
		r.untilSweep(t, func(h health) bool { return h.State == "ok" })
		if a, _ := r.alertAbout(t, "cannot read tickets"); a.ResolvedAt == nil {
			t.Errorf("the alert is %+v", a)
		}
	})

	t.Run("reads the older tickets that were chosen", func(t *testing.T) {
		r := run(t, fast)
		r.ticket(t, "Something to read")
		if err := r.visitor.SignIn(t.Context(), email, password, r.SetupToken); err != nil {
			t.Fatal(err)
		}
		days := 30
		first := visitor.Consent{InstanceURL: r.instance.URL, ClientID: r.instance.ClientID(), ClientSecret: r.instance.ClientSecret(),
			User: "joe.employee", Password: "joe.employee", BackfillDays: &days}
		if _, err := r.visitor.Connect(t.Context(), first); err == nil {
			t.Fatal("an account without a role was connected")
		}
		pending := func() int {
			return data[[]struct {
				BackfillDays int `json:"backfill_days"`
			}](t, r, "GET", "/api/v1/integrations", "")[0].BackfillDays
		}
		if pending() != days {
			t.Errorf("%d days are kept", pending())
		}
		for _, role := range []string{"itil", "admin"} {
			if err := r.instance.GrantRole("joe.employee", role); err != nil {
				t.Fatal(err)
			}
		}
		if err := r.connectAs(t, "joe.employee"); err != nil {
			t.Fatal(err)
		}
		r.untilSweep(t, func(h health) bool { return h.Backfill.State == "DONE" && h.Backfill.Days == days })
		if pending() != 0 {
			t.Errorf("%d days are kept though they are read", pending())
		}
	})
}

// Fault 35: a Redirect URL in another spelling leads to Neo all the same, and one that
// leads elsewhere to a page that says what to do.
func TestFault35RedirectURL(t *testing.T) {
	for name, redirect := range map[string]string{"a slash at the end": "/oauth/servicenow/callback/", "capitals": "/OAuth/ServiceNow/callback", "two slashes": "/oauth//servicenow/callback"} {
		t.Run(name, func(t *testing.T) {
			r := run(t)
			if err := r.visitor.SignIn(t.Context(), email, password, r.SetupToken); err != nil {
				t.Fatal(err)
			}
			r.instance.SetQuirks(simulator.Quirks{RedirectMismatchGoesOn: true})
			if err := r.instance.SetRedirectURLs(r.URL() + redirect); err != nil {
				t.Fatal(err)
			}
			err := r.reconnect(t)
			if name == "two slashes" { // browsers and servers make it one, which is another address to the instance
				if err == nil || !strings.Contains(err.Error(), "OAuth callback failed") {
					t.Errorf("%v", err)
				}
				return
			}
			if err != nil {
				t.Error(err)
			}
		})
	}
	r := run(t)
	const query = "?code=abc&state=0123456789abcdef0123456789abcdef"
	for path, says := range map[string]string{
		"/oauth/callback" + query: "set its Redirect URL to exactly " + r.URL() + "/oauth/servicenow/callback",
		"/" + query:               "The Redirect URL is not right",
		"/oauth/servicenow/callback/?error=access_denied&state=0123456789abcdef0123456789abcdef": "OAuth callback failed: access_denied",
		"/events?state=PENDING": "<title>Neo</title>",
	} {
		if status, text := send(t, http.MethodGet, r.URL()+path, ""); status != 200 || !strings.Contains(text, says) {
			t.Errorf("%s: %d %s", path, status, text)
		}
	}
}

// Fault 36: Neo's own cleaning up and bringing up to date is no drift; an edit by
// somebody else is.
func TestFault36WhatIsDrift(t *testing.T) {
	r := run(t)
	r.connect(t)
	inspect := func() (found health) {
		r.post(t, "/api/v1/integrations/"+r.integration(t).ID+"/inspect", &found)
		return found
	}
	inspect()
	if _, err := r.instance.Create("admin", "sys_script", map[string]string{"name": "Neo Agent — Incident Webhook", "collection": "incident", "active": "true"}); err != nil {
		t.Fatal(err)
	}
	rule := r.instance.Find("sys_script", "name=Neo Agent — Task Webhook")[0]
	if err := r.instance.Update("neo.agent", "sys_script", rule, map[string]string{"script": "// of an older Neo"}); err != nil {
		t.Fatal(err)
	}
	found := inspect()
	if c := check(found.Checks, "legacy_rule"); !strings.Contains(c.Detail, "Removed") {
		t.Errorf("the legacy rule is %+v", c)
	}
	if c := check(found.Checks, "business_rule"); !strings.Contains(c.Detail, "Set again: script") {
		t.Errorf("the rule is %+v", c)
	}
	if a, ok := r.alertAbout(t, "is repaired"); ok {
		t.Errorf("what Neo did itself is told as drift: %+v", a)
	}
	if err := r.instance.Update("admin", "sys_script", rule, map[string]string{"script": "// mine"}); err != nil {
		t.Fatal(err)
	}
	inspect()
	if a, ok := r.alertAbout(t, "is repaired"); !ok || a.ResolvedAt != nil {
		t.Errorf("an edit is not told: %+v", a)
	}
}
