package app_test

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/neoagent/neo"
	"github.com/neoagent/neo/app"
	"github.com/neoagent/neo/simulator"
	"github.com/neoagent/neo/visitor"
)

// The entries under "Troubleshooting Connection Issues", each by its name: the fault
// is made in the instance, Neo says what to do, that is done, and the connection
// recovers. What happens in the popup is in e2e/journeys.

// fast is a Neo that looks after its connection every half second.
func fast(c *app.Config) { c.SweepInterval = 500 * time.Millisecond }

type alert struct {
	Title, Message string
	Occurrences    int
	ResolvedAt     *time.Time `json:"resolved_at"`
}

// alertAbout returns the newest alert whose title contains text; open ones come first.
func (r *running) alertAbout(t *testing.T, text string) (alert, bool) {
	t.Helper()
	list, err := visitor.Get[[]alert](t.Context(), &r.visitor.Client, "/api/v1/alerts")
	if err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(list, func(a alert) bool { return strings.Contains(a.Title, text) })
	if i < 0 {
		return alert{}, false
	}
	return list[i], true
}

// says checks that a text names everything wanted.
func says(t *testing.T, what, text string, wanted ...string) {
	t.Helper()
	for _, w := range wanted {
		if !strings.Contains(text, w) {
			t.Errorf("%s says %q, which does not name %q", what, text, w)
		}
	}
}

// ticket makes a ticket in the instance and returns its sys_id.
func (r *running) ticket(t *testing.T, short string) string {
	t.Helper()
	id, err := r.instance.Create("beth.anglin", "incident", map[string]string{
		"short_description": short, "caller_id": simulator.UserID("tomas.novak"), "category": "network"})
	if err != nil {
		t.Fatal(err)
	}
	return id
}

type entry struct {
	Type, Title, Outcome, Message, Source string
}

func (r *running) history(t *testing.T, query string) []entry {
	t.Helper()
	list, err := visitor.Get[[]entry](t.Context(), &r.visitor.Client, "/api/v1/history?limit=200"+query)
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// untilKnown waits until a ticket is in the history, and returns its entry.
func (r *running) untilKnown(t *testing.T, short string) entry {
	t.Helper()
	var found entry
	err := visitor.Until(t.Context(), func() (bool, error) {
		list := r.history(t, "")
		i := slices.IndexFunc(list, func(e entry) bool { return e.Title == short && e.Type != string(neo.WorkflowExecution) })
		if i >= 0 {
			found = list[i]
		}
		return i >= 0, nil
	})
	if err != nil {
		t.Fatalf("the ticket %q is not known: %v", short, err)
	}
	return found
}

func check(checks []neo.Check, name string) neo.Check {
	i := slices.IndexFunc(checks, func(c neo.Check) bool { return c.Name == name })
	if i < 0 {
		return neo.Check{}
	}
	return checks[i]
}

func TestInstanceURLMustBeAServiceNowDomain(t *testing.T) {
	r := run(t)
	if err := r.visitor.SignIn(t.Context(), email, password, r.SetupToken); err != nil {
		t.Fatal(err)
	}
	for _, url := range []string{"http://acme.service-now.com", "https://acme.service-now.com/now", "https://it.acme.com", "https://service-now.com.evil.com"} {
		status, text := r.call(t, http.MethodPost, "/api/v1/integrations/servicenow/connect", `{"instance_url":"`+url+`","client_id":"x","client_secret":"y"}`)
		if status != 400 || !strings.Contains(text, "instance_url must be a service-now.com or servicenowservices.com domain") {
			t.Errorf("%s: %d %s", url, status, text)
		}
	}
	r.connect(t) // the right address works
}

func TestOAuthCallbackFailedInvalidClient(t *testing.T) {
	r := run(t, fast)
	if err := r.visitor.SignIn(t.Context(), email, password, r.SetupToken); err != nil {
		t.Fatal(err)
	}
	wrong := visitor.Consent{InstanceURL: r.instance.URL, ClientID: r.instance.ClientID(), ClientSecret: "regenerated since", User: "neo.agent", Password: "neo.agent"}
	_, err := r.visitor.Connect(t.Context(), wrong)
	if err == nil {
		t.Fatal("a wrong secret was taken")
	}
	says(t, "the refusal", err.Error(), "OAuth callback failed: invalid_client", "Client ID", "Client Secret", "spaces or newlines", "Active")
	if err := r.reconnect(t); err != nil {
		t.Fatalf("with the right secret: %v", err)
	}

	// The secret is regenerated later: the connection says so, and Reconnect with the new one heals it.
	if err := r.instance.SetOAuthApp(map[string]string{"client_secret": "a new secret"}); err != nil {
		t.Fatal(err)
	}
	r.instance.ExpireAccessTokens()
	r.untilState(t, neo.StateReconnect)
	says(t, "the connection", r.integration(t).Message, "client secret was changed", "Reconnect")
	if a, _ := r.alertAbout(t, "needs your consent again"); a.Message == "" || a.ResolvedAt != nil {
		t.Errorf("the alert is %+v", a)
	}
	now := wrong
	now.ClientSecret = "a new secret"
	if _, err := r.visitor.Connect(t.Context(), now); err != nil {
		t.Fatal(err)
	}
	r.untilState(t, neo.StateReady)
	if a, _ := r.alertAbout(t, "needs your consent again"); a.ResolvedAt == nil {
		t.Errorf("the alert is %+v", a)
	}
}

func TestInsufficientPrivilegesAfterOAuthCompletes(t *testing.T) {
	r := run(t)
	r.ticket(t, "Something to read")
	if err := r.visitor.SignIn(t.Context(), email, password, r.SetupToken); err != nil {
		t.Fatal(err)
	}
	err := r.connectAs(t, "joe.employee")
	if err == nil {
		t.Fatal("an account without a role was connected")
	}
	says(t, "the refusal", err.Error(), "Insufficient privileges", "itil", "Reconnect")
	i := r.integration(t)
	if i.State != neo.StateFailed || check(i.Checks, "tickets").State != "failed" {
		t.Errorf("the connection is %+v", i)
	}
	for _, role := range []string{"itil", "admin"} {
		if err := r.instance.GrantRole("joe.employee", role); err != nil {
			t.Fatal(err)
		}
	}
	if err := r.connectAs(t, "joe.employee"); err != nil {
		t.Fatalf("with the role, after Reconnect: %v", err)
	}
	if i := r.integration(t); i.State != neo.StateReady {
		t.Errorf("the connection is %+v", i)
	}
}

func Test403ErrorsWhenNeoTriesToSendAnEmailViaPSA(t *testing.T) {
	r := run(t, fast)
	r.connect(t)
	for _, role := range []string{"admin", "email_api_send"} {
		if err := r.instance.RevokeRole("neo.agent", role); err != nil {
			t.Fatal(err)
		}
	}
	_, err := r.visitor.SaveWorkflow(t.Context(), json.RawMessage(`{"name":"Tell the caller","trigger_type":"TRIGGERED","target_changes":[{"change_type":"TICKET_CREATED"}],
		"actions":[{"type":"NOTIFY_CONTACT","config":{"mode":"EMAIL","subject":"Your ticket","text":"We are on it."}}]}`))
	if err != nil {
		t.Fatal(err)
	}
	outcome := func(want string) string {
		var message string
		err := visitor.Until(t.Context(), func() (bool, error) {
			list := r.history(t, "&type=WORKFLOW_EXECUTION&outcome="+want)
			if len(list) > 0 {
				message = list[0].Message
			}
			return len(list) > 0, nil
		})
		if err != nil {
			t.Fatalf("no run ended as %s: %v; %+v", want, err, r.history(t, ""))
		}
		return message
	}
	r.ticket(t, "No email yet")
	says(t, "the run", outcome("FAILURE"), "email_api_send", "separate from itil")
	found, _ := r.alertAbout(t, "send email")
	says(t, "the alert", found.Message, "navigate to the user record and assign the email_api_send role", "No reconnect needed")
	if found.ResolvedAt != nil {
		t.Error("the alert is resolved")
	}

	if err := r.instance.GrantRole("neo.agent", "email_api_send"); err != nil {
		t.Fatal(err)
	}
	id := r.ticket(t, "With the role")
	outcome("SUCCESS")
	if sent := r.instance.Find("sys_email", "instance="+id); len(sent) != 1 || r.instance.Get("sys_email", sent[0])["recipients"] == "" {
		t.Errorf("%d emails were sent", len(sent))
	}
	if found, _ = r.alertAbout(t, "send email"); found.ResolvedAt == nil {
		t.Error("the alert is still open")
	}
}

func TestConnectedButWebhooksArentArriving(t *testing.T) {
	const ruleQuery, propertyQuery = "name=Neo Agent — Task Webhook", "name=x_neoagent.callback_url"
	one := func(t *testing.T, r *running, table, query string) string {
		ids := r.instance.Find(table, query)
		if len(ids) != 1 {
			t.Fatalf("%d records of %s are %s", len(ids), table, query)
		}
		return ids[0]
	}
	for name, damage := range map[string]func(t *testing.T, r *running) error{
		"rule deleted": func(t *testing.T, r *running) error {
			return r.instance.Delete("admin", "sys_script", one(t, r, "sys_script", ruleQuery))
		},
		"rule inactive": func(t *testing.T, r *running) error {
			return r.instance.Update("admin", "sys_script", one(t, r, "sys_script", ruleQuery), map[string]string{"active": "false"})
		},
		"rule edited": func(t *testing.T, r *running) error {
			return r.instance.Update("admin", "sys_script", one(t, r, "sys_script", ruleQuery), map[string]string{"script": "// mine"})
		},
		"property missing": func(t *testing.T, r *running) error {
			return r.instance.Delete("admin", "sys_properties", one(t, r, "sys_properties", propertyQuery))
		},
		"property elsewhere": func(t *testing.T, r *running) error {
			return r.instance.Update("admin", "sys_properties", one(t, r, "sys_properties", propertyQuery), map[string]string{"value": "https://old.neoagent.io/callback/servicenow?x=1"})
		},
	} {
		t.Run(name, func(t *testing.T) {
			r := run(t, fast)
			r.connect(t)
			if err := damage(t, r); err != nil {
				t.Fatal(err)
			}
			for _, short := range []string{"one", "two", "three"} {
				r.ticket(t, "Not reported: "+short)
			}
			if e := r.untilKnown(t, "Not reported: two"); e.Source != "sweep" || e.Type != string(neo.EntityCreated) {
				t.Errorf("the ticket is known as %+v", e)
			}
			r.untilSweep(t, func(h health) bool { return h.Deliveries.Sweep >= 3 })
			arrive := check(r.health(t).Checks, "deliveries")
			says(t, "the health", arrive.Detail+strings.Join(arrive.Remedies, " "), "Connected but webhooks aren't arriving",
				"Business Rules", "Neo Agent — Task Webhook", "Active", "x_neoagent.callback_url", "Reconnect")

			var found health
			r.post(t, "/api/v1/integrations/"+r.integration(t).ID+"/inspect", &found)
			if a, _ := r.alertAbout(t, "is repaired"); a.Message == "" || a.ResolvedAt != nil {
				t.Error("nobody is told of the repair")
			}
			r.ticket(t, "Reported again")
			if e := r.untilKnown(t, "Reported again"); e.Source != "webhook" {
				t.Errorf("after the repair the ticket is known as %+v", e)
			}
		})
	}

	// Deliveries that get lost on the way, with everything in its place.
	t.Run("lost on the way", func(t *testing.T) {
		r := run(t, fast)
		r.connect(t)
		r.faults(t, simulator.Faults{Lost: 1})
		for _, short := range []string{"one", "two", "three"} {
			r.ticket(t, "Lost: "+short)
		}
		r.untilSweep(t, func(h health) bool { return check(h.Checks, "deliveries").State == "failed" })
		r.faults(t, simulator.Faults{})
		r.ticket(t, "Arrived")
		if e := r.untilKnown(t, "Arrived"); e.Source != "webhook" {
			t.Errorf("afterwards the ticket is known as %+v", e)
		}
	})

	// Where Neo's account may not repair it, it says so, and Reconnect heals.
	t.Run("not repaired", func(t *testing.T) {
		r := run(t, fast)
		r.connect(t)
		if err := r.instance.RevokeRole("neo.agent", "admin"); err != nil {
			t.Fatal(err)
		}
		if err := r.instance.Delete("admin", "sys_script", one(t, r, "sys_script", ruleQuery)); err != nil {
			t.Fatal(err)
		}
		var found health
		r.post(t, "/api/v1/integrations/"+r.integration(t).ID+"/inspect", &found)
		if c := check(found.Checks, "business_rule"); c.State != "failed" {
			t.Errorf("the rule is %+v", c)
		}
		r.untilState(t, neo.StateSetup)
		a, _ := r.alertAbout(t, "does not report changes")
		says(t, "the alert", a.Message, "administrator", "Set up by hand", "Reconnect")
		if err := r.instance.GrantRole("neo.agent", "admin"); err != nil {
			t.Fatal(err)
		}
		if err := r.reconnect(t); err != nil {
			t.Fatal(err)
		}
		r.untilState(t, neo.StateReady)
		r.ticket(t, "Reported again")
		if e := r.untilKnown(t, "Reported again"); e.Source != "webhook" {
			t.Errorf("after Reconnect the ticket is known as %+v", e)
		}
	})
}

func TestNetworkConnectivity(t *testing.T) {
	for name, away := range map[string]simulator.Faults{
		"hibernating": {Hibernating: true}, "reclaimed": {Reclaimed: true}, "maintenance": {Maintenance: true},
		"login page": {LoginPage: true}, "identity provider": {SSORedirect: true}, "cut answers": {TruncatedJSON: 1},
		"no semaphore": {Semaphore: 1}, "rate limit": {RateLimitPerHour: 1, RetryAfterS: 1},
	} {
		t.Run(name, func(t *testing.T) {
			r := run(t, fast)
			r.connect(t)
			r.ticket(t, "Before")
			r.untilKnown(t, "Before")
			r.faults(t, away)
			r.untilSweep(t, func(h health) bool { return h.Sweep.Error != "" })
			h := r.health(t)
			if c := check(h.Checks, "sweep"); c.State != "failed" || h.State != "failed" {
				t.Errorf("the sweep is %+v, the health %s", c, h.State)
			}
			if i := r.integration(t); i.State != neo.StateReady {
				t.Errorf("an instance that is away made the connection %+v", i)
			}
			f := away
			f.Lost = 1
			r.faults(t, f)
			r.ticket(t, "While away")
			if err := r.instance.Quiesce(t.Context()); err != nil {
				t.Fatal(err)
			}
			r.faults(t, simulator.Faults{})
			if e := r.untilKnown(t, "While away"); e.Source != "sweep" {
				t.Errorf("the ticket is known as %+v", e)
			}
			r.untilSweep(t, func(h health) bool { return h.Sweep.Error == "" })
		})
	}
}
