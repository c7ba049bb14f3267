package simulator

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"testing"
)

// Targets at 100,000 tickets: a list of 1,000 within 50 ms, an update with one rule within 5 ms.

const benchTickets = 100_000

func benchInstance(b *testing.B, n int) (*Instance, []string) {
	in, err := New(Options{})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = in.Close(b.Context()) })
	ids := make([]string, n)
	for i := range ids {
		if ids[i], err = in.Create("beth.anglin", "incident", map[string]string{"short_description": fmt.Sprint("ticket ", i),
			"caller_id": UserID("priya.nair"), "assignment_group": GroupID("Network"), "urgency": fmt.Sprint(i%3 + 1)}); err != nil {
			b.Fatal(err)
		}
	}
	return in, ids
}

func BenchmarkList(b *testing.B) {
	in, _ := benchInstance(b, benchTickets)
	for name, query := range map[string]string{
		"page in order of change": "sysparm_limit=1000&sysparm_query=active=true%5EORDERBYDESCsys_updated_on%5EORDERBYsys_id",
		"everything new":          "sysparm_limit=1000&sysparm_display_value=all&sysparm_query=sys_updated_on%3E=2020-01-01+00:00:00",
		"by number":               "sysparm_query=number=INC0050000",
		"keyset":                  "sysparm_limit=1000&sysparm_fields=sys_id,number,sys_mod_count&sysparm_query=sys_id%3E8%5EORDERBYsys_id",
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				r := httptest.NewRequest("GET", "/api/now/table/incident?"+query, nil)
				r.SetBasicAuth("beth.anglin", "beth.anglin")
				w := httptest.NewRecorder()
				in.ServeHTTP(w, r)
				if w.Code != 200 {
					b.Fatal(w.Code)
				}
			}
		})
	}
}

func BenchmarkUpdateWithOneRule(b *testing.B) {
	in, ids := benchInstance(b, benchTickets)
	if _, err := in.Create("system", "sys_script", map[string]string{"collection": "task", "when": "after", "active": "true",
		"advanced": "true", "action_update": "true", "script": `(function(current, previous) {
			var out = {}; var f = current.getFields();
			for (var i = 0; i < f.size(); i++) { var e = f.get(i); if (e.changes()) out[e.getName()] = [String(previous[e.getName()]), String(e)]; }
			gs.nil(JSON.stringify(out)); })(current, previous);`}); err != nil {
		b.Fatal(err)
	}
	i := 0
	for b.Loop() {
		i++
		if err := in.Update("neo.agent", "incident", ids[i%len(ids)], map[string]string{"description": fmt.Sprint(i)}); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkUpdateWithThePlantedRule is a save with the rule that Neo plants, up to the queued delivery. The deliveries
// themselves go to a server here, on the side.
func BenchmarkUpdateWithThePlantedRule(b *testing.B) {
	script, err := os.ReadFile("../servicenow/businessrule.js")
	if err != nil {
		b.Fatal(err)
	}
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusAccepted) }))
	b.Cleanup(srv.Close)
	in, ids := benchInstance(b, benchTickets)
	for table, set := range map[string]map[string]string{
		"sys_properties": {"name": "x_neoagent.callback_url", "value": srv.URL + "/callback"},
		"sys_script": {"collection": "task", "when": "after", "active": "true", "advanced": "true", "action_insert": "true",
			"action_update": "true", "script": string(script)},
	} {
		if _, err := in.Create("system", table, set); err != nil {
			b.Fatal(err)
		}
	}
	i := 0
	for b.Loop() {
		i++
		if err := in.Update("neo.agent", "incident", ids[i%len(ids)], map[string]string{"description": fmt.Sprint(i), "work_notes": "note"}); err != nil {
			b.Fatal(err)
		}
	}
	b.StopTimer()
	if err := in.Quiesce(b.Context()); err != nil {
		b.Fatal(err)
	}
	sent := 0
	for _, e := range in.SystemLog() {
		if e.Status == http.StatusAccepted {
			sent++
		}
	}
	if sent == 0 {
		b.Fatal("nothing was sent")
	}
}
