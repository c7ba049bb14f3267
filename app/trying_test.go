package app_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/neoagent/neo"
	"github.com/neoagent/neo/app"
	"github.com/neoagent/neo/visitor"
)

// ask posts JSON and returns the data of the answer.
func ask[T any](t *testing.T, r *running, path string, body string) T {
	t.Helper()
	var out struct{ Data T }
	if err := r.visitor.Call(t.Context(), http.MethodPost, path, json.RawMessage(body), &out); err != nil {
		t.Fatal(err)
	}
	return out.Data
}

const triage = `{"name":"Triage","trigger_type":"TRIGGERED","target_changes":[{"change_type":"TICKET_CREATED"}],
	"conditions":{"combinator":"and","rules":[{"field":"category","operator":"=","value":"network"}]},
	"actions":[{"type":"ASSIGN_TICKET","config":{"group":"Network"}},{"type":"UPDATE_TICKET_FIELDS","config":{"fields":{"urgency":"1","impact":"2"}}},
		{"type":"ADD_WORK_NOTE","config":{"text":"Routed."}}]}`

func TestTestOnATicket(t *testing.T) {
	onBoth(t, func(t *testing.T, on func(*app.Config)) {
		r := run(t, fast, on)
		r.connect(t)
		id := r.ticketOf(t, "VPN is down", "network")
		before := r.instance.Get("incident", id)
		trial := ask[neo.Trial](t, r, "/api/v1/workflows/test", fmt.Sprintf(`{"definition":%s,"number":%q}`, triage, strings.ToLower(before["number"])))
		if trial.Number != before["number"] || trial.Title != "VPN is down" || !trial.Matches || !trial.Explanation.Conditions.Holds {
			t.Errorf("the trial: %+v", trial)
		}
		if len(trial.Steps) != 3 {
			t.Fatalf("%d steps, want 3: %+v", len(trial.Steps), trial.Steps)
		}
		group := r.instance.Find("sys_user_group", "name=Network")[0]
		if s := trial.Steps[0]; s.Plan.Write.Fields["assignment_group"] != group || !strings.HasSuffix(s.Message, " to Network.") {
			t.Errorf("the assignment: %+v", s)
		}
		if s := trial.Steps[1]; s.Plan.Write.Fields["urgency"] != "1" || s.Before["urgency"].Value != before["urgency"] || !strings.HasSuffix(s.Message, "Urgency to 1 - High.") {
			t.Errorf("the update: %+v", s)
		}
		if s := trial.Steps[2]; s.Plan.Write.WorkNote != "Routed." || s.Message != "Would add a work note." {
			t.Errorf("the note: %+v", s)
		}
		if after := r.instance.Get("incident", id); after["sys_mod_count"] != before["sys_mod_count"] || after["assignment_group"] != "" {
			t.Errorf("the test has written: %v", after)
		}

		status, text := r.call(t, http.MethodPost, "/api/v1/workflows/test", fmt.Sprintf(`{"definition":%s,"number":"INC999"}`, triage))
		if status != 404 || !strings.Contains(text, "INC999") {
			t.Errorf("an unknown ticket was answered %d %s", status, text)
		}
		wrong := strings.Replace(triage, `"group"`, `"team"`, 1)
		status, text = r.call(t, http.MethodPost, "/api/v1/workflows/test", fmt.Sprintf(`{"definition":%s,"number":"INC999"}`, wrong))
		if status != 400 || !strings.Contains(text, `"path":"actions[0]`) {
			t.Errorf("a wrong definition was answered %d %s", status, text)
		}
		gone := ask[neo.Trial](t, r, "/api/v1/workflows/test",
			fmt.Sprintf(`{"definition":%s,"number":%q}`, strings.Replace(triage, `"Network"`, `"Deleted"`, 1), before["number"]))
		if len(gone.Steps) != 1 || !strings.Contains(gone.Steps[0].Error, "Deleted") {
			t.Errorf("a group that is gone: %+v", gone.Steps)
		}
	})
}

// What Neo may not do in the instance, and what it would ask about, is said before
// anybody trusts the workflow.
func TestTestStandsBehindTheGate(t *testing.T) {
	onBoth(t, func(t *testing.T, on func(*app.Config)) {
		r := run(t, fast, on)
		r.connect(t)
		number := r.instance.Get("incident", r.ticketOf(t, "VPN is down", "network"))["number"]
		permissions := neo.FullAccess()
		permissions[neo.GroupTickets] = neo.Permission{Level: neo.ReadWrite, AskFirst: true}
		permissions[neo.GroupWorkNotes] = neo.Permission{Level: neo.ReadOnly}
		if err := r.visitor.Allow(t.Context(), r.integration(t).ID, permissions); err != nil {
			t.Fatal(err)
		}
		trial := ask[neo.Trial](t, r, "/api/v1/workflows/test", fmt.Sprintf(`{"definition":%s,"number":%q}`, triage, number))
		if len(trial.Steps) != 3 || !trial.Steps[0].Approval || trial.Steps[0].Refused != "" {
			t.Fatalf("the steps: %+v", trial.Steps)
		}
		if last := trial.Steps[2]; !strings.Contains(last.Refused, "Work Notes is set to Read Only") || last.Approval {
			t.Errorf("the note: %+v", last)
		}
	})
}

// A strategy that depends on the moment is left open by a backtest; a test of the
// ticket as it is now knows who has the fewest open tickets.
func TestWhoIsChosenWhenItRuns(t *testing.T) {
	r := run(t, fast)
	r.connect(t)
	number := r.instance.Get("incident", r.ticketOf(t, "VPN is down", "network"))["number"]
	least := strings.Replace(triage, `{"group":"Network"}`, `{"group":"Network","strategy":"LEAST_OPEN"}`, 1)
	turn := strings.Replace(triage, `{"group":"Network"}`, `{"group":"Network","strategy":"ROUND_ROBIN"}`, 1)
	test := func(definition string) neo.Preview {
		t.Helper()
		trial := ask[neo.Trial](t, r, "/api/v1/workflows/test", fmt.Sprintf(`{"definition":%s,"number":%q}`, definition, number))
		if len(trial.Steps) != 3 {
			t.Fatalf("the steps: %+v", trial.Steps)
		}
		return trial.Steps[0]
	}
	if s := test(least); s.Plan.Write.Fields["assigned_to"] == "" || !strings.Contains(s.Plan.Reason, "fewest open tickets") {
		t.Errorf("fewest: %+v", s)
	}
	if s := test(turn); s.Plan.Write.Fields["assigned_to"] != "" || s.Plan.Write.Fields["assignment_group"] == "" || !strings.Contains(s.Message, "decided when it runs") {
		t.Errorf("in turn: %+v", s)
	}
	b := r.untilBacktest(t, ask[backtest](t, r, "/api/v1/backtests", fmt.Sprintf(`{"definition":%s,"days":1}`, least)).ID)
	if b.State != "DONE" || len(b.Result.Cases) != 1 {
		t.Fatalf("the backtest: %+v", b)
	}
	c := b.Result.Cases[0]
	if c.Also[0] != "Technician: decided when it runs" || c.Changes[0].Field != "assignment_group" || c.Changes[0].Would.String() != "Network" {
		t.Errorf("the case: %+v", c)
	}
}

func TestCheckAndCount(t *testing.T) {
	onBoth(t, func(t *testing.T, on func(*app.Config)) {
		r := run(t, fast, on)
		r.connect(t)
		for n := range 12 {
			r.ticketOf(t, fmt.Sprintf("VPN %d", n), "network")
		}
		r.ticketOf(t, "Broken mouse", "hardware")
		count := ask[neo.MatchCount](t, r, "/api/v1/workflows/count", fmt.Sprintf(`{"definition":%s}`, strings.Replace(triage, "ASSIGN_TICKET", "NOT_CHOSEN_YET", 1)))
		if count.Matched != 12 || count.Of != 13 || len(count.Tickets) != 10 || count.Tickets[0].Title != "VPN 11" {
			t.Errorf("the count: %+v", count)
		}
		status, text := r.call(t, http.MethodPost, "/api/v1/workflows/count", fmt.Sprintf(`{"definition":%s}`, strings.Replace(triage, `"="`, `"~"`, 1)))
		if status != 400 || !strings.Contains(text, `"path":"conditions.rules[0].operator"`) {
			t.Errorf("wrong conditions were answered %d %s", status, text)
		}
		ok := ask[struct{ Mistakes []neo.Mistake }](t, r, "/api/v1/workflows/check", fmt.Sprintf(`{"definition":%s}`, triage))
		if ok.Mistakes == nil || len(ok.Mistakes) != 0 {
			t.Errorf("a good definition: %+v", ok)
		}
		wrong := ask[struct{ Mistakes []neo.Mistake }](t, r, "/api/v1/workflows/check", fmt.Sprintf(`{"definition":%s}`, strings.Replace(triage, `"="`, `"~"`, 1)))
		if len(wrong.Mistakes) == 0 || !strings.HasPrefix(wrong.Mistakes[0].Path, "conditions.rules[0]") {
			t.Errorf("a wrong definition: %+v", wrong)
		}
	})
}

type backtest struct {
	ID, State       string
	Progress, Total int
	Message         string
	Result          *neo.BacktestResult
}

func (r *running) untilBacktest(t *testing.T, id string) (b backtest) {
	t.Helper()
	err := visitor.Until(t.Context(), func() (bool, error) {
		var err error
		b, err = visitor.Get[backtest](t.Context(), &r.visitor.Client, "/api/v1/backtests/"+id)
		return b.State != "RUNNING", err
	})
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestBacktest(t *testing.T) {
	onBoth(t, func(t *testing.T, on func(*app.Config)) {
		r := run(t, fast, on)
		r.connect(t)
		r.ticketOf(t, "Broken mouse", "hardware")
		first, second := r.ticketOf(t, "=VPN is down", "network"), r.ticketOf(t, "Switch hums", "network")
		group := r.instance.Find("sys_user_group", "name=Network")[0]
		r.update(t, first, map[string]string{"assignment_group": group, "urgency": "1"})
		r.update(t, second, map[string]string{"urgency": "1"})

		b := ask[backtest](t, r, "/api/v1/backtests", fmt.Sprintf(`{"definition":%s,"days":7}`, triage))
		if b.State != "RUNNING" || b.ID == "" {
			t.Fatalf("begun: %+v", b)
		}
		b = r.untilBacktest(t, b.ID)
		if b.State != "DONE" || b.Progress != 5 || b.Total != 5 || b.Result == nil {
			t.Fatalf("in the end: %+v", b)
		}
		if b.Result.Events != 2 || b.Result.Tickets != 2 || b.Result.Compared != 2 || len(b.Result.Cases) != 2 {
			t.Errorf("the result: %+v", b.Result)
		}
		agreed := map[string]neo.Agreement{}
		for _, a := range b.Result.Fields {
			agreed[a.Field] = a
		}
		if a := agreed["assignment_group"]; a.Cases != 2 || a.Agreed != 1 {
			t.Errorf("the group: %+v", a)
		}
		if a := agreed["urgency"]; a.Cases != 2 || a.Agreed != 2 {
			t.Errorf("the urgency: %+v", a)
		}
		newest := b.Result.Cases[0]
		if newest.Title != "Switch hums" || len(newest.Also) != 1 || newest.Also[0] != "Add work note" {
			t.Errorf("the newest case: %+v", newest)
		}
		if c := newest.Changes[0]; c.Field != "assignment_group" || c.Would.String() != "Network" || c.Before.Value != "" || c.Became.Value != "" || c.Agreed {
			t.Errorf("its group: %+v", c)
		}
		status, csv := r.call(t, http.MethodGet, "/api/v1/backtests/"+b.ID+"/csv", "")
		if status != 200 || !strings.Contains(csv, "'=VPN is down,assignment_group,,Network,Network,yes,Add work note\n") {
			t.Errorf("the CSV was answered %d\n%s", status, csv)
		}
		if status, text := r.call(t, http.MethodPost, "/api/v1/backtests/"+b.ID+"/cancel", ""); status != 409 {
			t.Errorf("cancelling a backtest that is over was answered %d %s", status, text)
		}
		if r.instance.Get("incident", second)["assignment_group"] != "" {
			t.Error("the backtest has written")
		}

		scheduled := `{"name":"S","trigger_type":"SCHEDULED","actions":[{"type":"ADD_WORK_NOTE","config":{"text":"x"}}]}`
		if status, text := r.call(t, http.MethodPost, "/api/v1/backtests", fmt.Sprintf(`{"definition":%s,"days":7}`, scheduled)); status != 400 {
			t.Errorf("a scheduled workflow was answered %d %s", status, text)
		}
		if status, text := r.call(t, http.MethodPost, "/api/v1/backtests", fmt.Sprintf(`{"definition":%s,"days":0}`, triage)); status != 422 {
			t.Errorf("no days were answered %d %s", status, text)
		}
		if status, _ := r.call(t, http.MethodGet, "/api/v1/backtests/unknown", ""); status != 404 {
			t.Errorf("an unknown backtest was answered %d", status)
		}
	})
}

// A workflow in shadow mode does nothing, and is compared with the technicians who do.
func TestShadow(t *testing.T) {
	onBoth(t, func(t *testing.T, on func(*app.Config)) {
		r := run(t, fast, on)
		r.connect(t)
		id, err := r.visitor.SaveWorkflow(t.Context(), json.RawMessage(strings.Replace(triage, `"name"`, `"shadow":true,"name"`, 1)))
		if err != nil {
			t.Fatal(err)
		}
		type shadow struct {
			neo.ShadowStats
			Share *float64
		}
		stats := func() (s shadow) {
			t.Helper()
			s, err := visitor.Get[shadow](t.Context(), &r.visitor.Client, "/api/v1/workflows/"+id+"/shadow")
			if err != nil {
				t.Fatal(err)
			}
			return s
		}
		if s := stats(); s.Share != nil || s.Cases != 0 || s.Recent == nil {
			t.Errorf("before the first run: %+v", s)
		}
		same, other := r.ticketOf(t, "VPN is down", "network"), r.ticketOf(t, "Switch hums", "network")
		until := func(ok func(s shadow) bool) shadow {
			t.Helper()
			var s shadow
			if err := visitor.Until(t.Context(), func() (bool, error) { s = stats(); return ok(s), nil }); err != nil {
				t.Fatalf("%v; in the end %+v", err, s)
			}
			return s
		}
		until(func(s shadow) bool { return s.Open == 2 && s.Cases == 0 && s.Share == nil })
		group := r.instance.Find("sys_user_group", "name=Network")[0]
		r.update(t, same, map[string]string{"assignment_group": group, "urgency": "1", "impact": "2"})
		r.update(t, other, map[string]string{"urgency": "1"})
		s := until(func(s shadow) bool { return s.Cases == 2 })
		if s.Agreed != 1 || *s.Share != 0.5 || s.Open != 0 || s.Recent[0].Title != "Switch hums" || s.Recent[0].Agreed() || !s.Recent[1].Agreed() {
			t.Errorf("in the end: %+v", s)
		}
		if c := s.Recent[0].Changes[0]; c.Field != "assignment_group" || c.Would.String() != "Network" || c.Became.Value != "" {
			t.Errorf("the group: %+v", c)
		}
		if got := r.instance.Get("incident", other); got["assignment_group"] != "" {
			t.Error("the shadow has written")
		}
		if status, _ := r.call(t, http.MethodGet, "/api/v1/workflows/unknown/shadow", ""); status != 404 {
			t.Errorf("an unknown workflow was answered %d", status)
		}
	})
}

func TestVersions(t *testing.T) {
	onBoth(t, func(t *testing.T, on func(*app.Config)) {
		r := run(t, fast, on)
		if err := r.visitor.SignIn(t.Context(), email, password, r.SetupToken); err != nil {
			t.Fatal(err)
		}
		id, err := r.visitor.SaveWorkflow(t.Context(), json.RawMessage(triage))
		if err != nil {
			t.Fatal(err)
		}
		changed := strings.Replace(strings.Replace(triage, `"Network"`, `"Hardware"`, 1), `"actions":[`,
			`"actions":[{"type":"ADD_WORK_NOTE","config":{"text":"Looking at it."}},`, 1)
		path := "/api/v1/workflows/" + id
		if status, text := r.call(t, http.MethodPut, path+"?version=1", changed); status != 200 {
			t.Fatalf("%d %s", status, text)
		}
		type version struct {
			Version     int64
			SavedBy     string `json:"saved_by"`
			Summary     []string
			Definition  neo.Definition
			Differences []neo.Difference
		}
		list, err := visitor.Get[[]version](t.Context(), &r.visitor.Client, path+"/versions")
		if err != nil || len(list) != 2 || list[0].Version != 2 || list[1].Version != 1 || list[0].SavedBy == "" {
			t.Fatalf("%+v, %v", list, err)
		}
		want := "[Action 1 (Add work note) was added. Action 2 (Assign ticket), group: “Network” → “Hardware”.]"
		if got := fmt.Sprint(list[0].Summary); got != want {
			t.Errorf("the summary is %s\nwant %s", got, want)
		}
		one, err := visitor.Get[version](t.Context(), &r.visitor.Client, path+"/versions/2")
		if err != nil || len(one.Differences) != 2 || one.Differences[1].Path != "actions[1].config.group" || len(one.Definition.Actions) != 4 {
			t.Errorf("%+v, %v", one, err)
		}
		if first, err := visitor.Get[version](t.Context(), &r.visitor.Client, path+"/versions/1"); err != nil || len(first.Differences) != 0 || len(first.Definition.Actions) != 3 {
			t.Errorf("%+v, %v", first, err)
		}
		if status, _ := r.call(t, http.MethodGet, path+"/versions/9", ""); status != 404 {
			t.Errorf("a version that is not there was answered %d", status)
		}
	})
}

// ticketOf creates an incident and returns its id once Neo knows it.
func (r *running) ticketOf(t *testing.T, title, category string) string {
	t.Helper()
	id, err := r.instance.Create("beth.anglin", "incident", map[string]string{"short_description": title, "category": category})
	if err != nil {
		t.Fatal(err)
	}
	r.untilKnown(t, title)
	return id
}

// update changes an incident and returns when Neo knows the change.
func (r *running) update(t *testing.T, id string, fields map[string]string) {
	t.Helper()
	before, err := visitor.Get[[]entry](t.Context(), &r.visitor.Client, "/api/v1/history?limit=200")
	if err != nil {
		t.Fatal(err)
	}
	if err := r.instance.Update("beth.anglin", "incident", id, fields); err != nil {
		t.Fatal(err)
	}
	err = visitor.Until(t.Context(), func() (bool, error) {
		now, err := visitor.Get[[]entry](t.Context(), &r.visitor.Client, "/api/v1/history?limit=200")
		return len(now) > len(before), err
	})
	if err != nil {
		t.Fatal(err)
	}
}
