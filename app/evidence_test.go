package app_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/neoagent/neo/app"
	"github.com/neoagent/neo/simulator"
	"github.com/neoagent/neo/visitor"
)

// sweeping makes a Neo that looks for missed changes every second.
func sweeping(c *app.Config) { c.SweepInterval = time.Second }

func (r *running) script(t *testing.T, source string) {
	t.Helper()
	if out, err := r.instance.RunBackgroundScript(source, "admin"); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
}

// notesWith counts a ticket's notes that contain a text.
func (r *running) notesWith(id, text string) (n int) {
	for _, j := range r.instance.Journal(id) {
		if strings.Contains(j.Value, text) {
			n++
		}
	}
	return n
}

func (r *running) until(t *testing.T, what string, ok func() bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	if err := visitor.Until(ctx, func() (bool, error) { return ok(), nil }); err != nil {
		_, history := r.call(t, http.MethodGet, "/api/v1/history", "")
		t.Fatalf("%s: %v\n%s", what, err, history)
	}
}

func (r *running) onField(t *testing.T, field, text string) {
	t.Helper()
	d := fmt.Sprintf(`{"name":"On %s","trigger_type":"TRIGGERED","target_changes":[{"change_type":"FIELD_UPDATED","target_field":%q}],
		"actions":[{"type":"ADD_WORK_NOTE","config":{"text":%q}}]}`, field, field, text)
	if _, err := r.visitor.SaveWorkflow(t.Context(), json.RawMessage(d)); err != nil {
		t.Fatal(err)
	}
}

func (r *running) opened(t *testing.T, values map[string]string) string {
	t.Helper()
	id, err := r.instance.Create("beth.anglin", "incident", values)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

// Scripts change tickets without counting; instances are restored, and count anew.
func TestFault2TheCounterDoesNotMove(t *testing.T) {
	r := run(t, sweeping)
	r.connect(t)
	r.onField(t, "urgency", "Urgency: {{ ticket.urgency_value }}")
	id := r.opened(t, map[string]string{"short_description": "VPN", "urgency": "3"})
	const change = `var gr = new GlideRecord('incident'); gr.get('%s'); gr.autoSysFields(false); gr.urgency = '%s'; %s gr.update();`
	for _, urgency := range []string{"1", "2"} {
		// The version is a person's: an uncounted change on top of Neo's own version is told from it only by its order.
		if err := r.instance.Update("beth.anglin", "incident", id, map[string]string{"close_notes": urgency}); err != nil {
			t.Fatal(err)
		}
		r.script(t, fmt.Sprintf(change, id, urgency, ""))
		r.until(t, "a change without counting was not answered", func() bool { return r.notesWith(id, "Urgency: "+urgency) == 1 })
	}
	// The counter falls back, and the delivery about it is lost.
	for range 4 {
		if err := r.instance.Update("beth.anglin", "incident", id, map[string]string{"close_notes": time.Now().String()}); err != nil {
			t.Fatal(err)
		}
	}
	r.until(t, "the versions before are not known", func() bool { return r.missing(t, id) == 0 })
	r.faults(t, simulator.Faults{Lost: 1})
	r.script(t, fmt.Sprintf(change, id, "3", `gr.sys_mod_count = 2; gr.sys_updated_on = new GlideDateTime();`))
	if got := r.instance.Get("incident", id)["sys_mod_count"]; got != "2" {
		t.Fatalf("the counter is %s", got)
	}
	r.until(t, "a change after which the counter is lower was not found", func() bool { return r.notesWith(id, "Urgency: 3") == 1 })
}

// missing is how many changes of a ticket Neo has not been told of.
func (r *running) missing(t *testing.T, id string) int {
	t.Helper()
	list, err := visitor.Get[[]struct {
		Ticket struct {
			RemoteID string `json:"remote_id"`
		}
	}](t.Context(), &r.visitor.Client, "/api/v1/history?type=ENTITY_UPDATED&limit=100&ticket="+r.instance.Get("incident", id)["number"])
	if err != nil {
		t.Fatal(err)
	}
	return max(0, 6-len(list))
}

// A version that the instance does not have freezes nothing.
func TestFault2AVersionFarAhead(t *testing.T) {
	r := run(t, sweeping)
	callback := r.connect(t)
	r.onField(t, "urgency", "Urgency: {{ ticket.urgency_value }}")
	id := r.opened(t, map[string]string{"short_description": "VPN", "urgency": "3"})
	for _, version := range []string{"9007199254740992", "50"} {
		if status, text := send(t, http.MethodPost, callback, fmt.Sprintf(`{"sys_id":%q,"number":%q,"sys_mod_count":%q,"table":"incident","operation":"update",
			"changed_at":"2031-01-01 00:00:00","changes":[{"field":"impact","from":{"value":"3"},"to":{"value":"1"}}],
			"fields":{"urgency":{"value":"1"},"impact":{"value":"1"}}}`, id, r.instance.Get("incident", id)["number"], version)); status/100 != 2 {
			t.Fatalf("%d %s", status, text)
		}
	}
	r.faults(t, simulator.Faults{Lost: 1})
	for n, urgency := range []string{"2", "1", "3"} {
		if err := r.instance.Update("beth.anglin", "incident", id, map[string]string{"urgency": urgency}); err != nil {
			t.Fatal(err)
		}
		r.until(t, "a change after the false one was not found", func() bool { return r.notesWith(id, "Urgency: ") >= n+1 })
	}
}

// Whoever knows the callback's secret cannot make Neo write what he likes.
func TestFault3ForgedDeliveries(t *testing.T) {
	r := run(t, sweeping)
	callback := r.connect(t)
	const d = `{"name":"Forged","trigger_type":"TRIGGERED","target_changes":[{"change_type":"CUSTOMER_REPLIED"},{"change_type":"PRIORITY_RAISED"}],
		"actions":[{"type":"ADD_CLIENT_NOTE","config":{"text":"You wrote: {{ comment }}. Priority {{ change.priority.to }}."}}]}`
	if _, err := r.visitor.SaveWorkflow(t.Context(), json.RawMessage(d)); err != nil {
		t.Fatal(err)
	}
	id := r.opened(t, map[string]string{"short_description": "VPN", "caller_id": simulator.UserID("tomas.novak")})
	number, count := r.instance.Get("incident", id)["number"], 0
	forge := func(version int) {
		t.Helper()
		body := fmt.Sprintf(`{"sys_id":%q,"number":%q,"sys_mod_count":"%d","table":"incident","operation":"update","changed_by":"tomas.novak",
			"changes":[{"field":"priority","from":{"value":"5"},"to":{"value":"1","display":"FORGED"}}],
			"journal":[{"element":"comments","text":"FORGED","author":"tomas.novak","technician":false}],
			"fields":{"priority":{"value":"1","display":"FORGED"}}}`, id, number, version)
		if status, text := send(t, http.MethodPost, callback, body); status/100 != 2 {
			t.Fatalf("%d %s", status, text)
		}
		count++
	}
	forge(0)
	forge(1)
	forge(7)
	r.until(t, "the runs do not end", func() bool {
		status, text := r.call(t, http.MethodGet, "/api/v1/history?type=WORKFLOW_EXECUTION&outcome=SKIPPED", "")
		return status == 200 && strings.Count(text, "The instance does not confirm") == count
	})
	if n := r.notesWith(id, "FORGED"); n != 0 {
		t.Errorf("%d notes with the forged text", n)
	}
	if _, text := r.call(t, http.MethodGet, "/api/v1/alerts", ""); strings.Count(text, "was not confirmed by the instance") != 1 {
		t.Errorf("the alerts are %s", text)
	}
	if err := r.instance.Update("tomas.novak", "incident", id, map[string]string{"comments": "It is me."}); err != nil {
		t.Fatal(err)
	}
	r.until(t, "a real note was not answered", func() bool { return r.notesWith(id, "You wrote: It is me.") == 1 })
}

// After a lost delivery, what the script had cut is not taken for a change.
func TestFault7LongTexts(t *testing.T) {
	r := run(t, sweeping)
	r.connect(t)
	r.onField(t, "description", "The description was changed.")
	r.onField(t, "urgency", "Urgency: {{ ticket.urgency_value }}")
	long := strings.Repeat("2026-11-29 log line ä 😀\r\n", 500)
	id := r.opened(t, map[string]string{"short_description": "VPN", "urgency": "3", "description": long})
	if err := r.instance.Update("beth.anglin", "incident", id, map[string]string{"close_notes": "Known."}); err != nil {
		t.Fatal(err)
	}
	r.until(t, "the deliveries did not come", func() bool { return r.counted(t, "accepted") >= "2" })
	r.faults(t, simulator.Faults{Lost: 1})
	if err := r.instance.Update("beth.anglin", "incident", id, map[string]string{"urgency": "1"}); err != nil {
		t.Fatal(err)
	}
	r.until(t, "the lost change was not found", func() bool { return r.notesWith(id, "Urgency: 1") == 1 })
	if n := r.notesWith(id, "The description was changed."); n != 0 {
		t.Errorf("a change of the description was reported %d times that nobody made", n)
	}
}
