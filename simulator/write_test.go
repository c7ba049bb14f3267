package simulator

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"
)

func TestPriorityMatrix(t *testing.T) {
	rn := Start(t)
	for impact := 1; impact <= 3; impact++ {
		for urgency := 1; urgency <= 3; urgency++ {
			for _, table := range []string{"incident", "problem"} {
				got := rn.api(t, "beth.anglin", "POST", "/api/now/table/"+table, fmt.Sprintf(`{"impact":"%d","urgency":%d,"priority":"1"}`, impact, urgency)).result(t)["priority"]
				if want := fmt.Sprint(impact + urgency - 1); got != want {
					t.Errorf("%s impact %d urgency %d: priority %v, want %s", table, impact, urgency, got, want)
				}
			}
		}
	}
}

// step is one write on the way of a record through its states.
type step struct {
	body   string
	status int
	want   map[string]string // "*" is any value but empty
}

func TestLifecycles(t *testing.T) {
	for _, tt := range []struct {
		name, table string
		steps       []step
	}{
		{"incident", "incident", []step{
			{`{"short_description":"s"}`, 201, map[string]string{"number": "INC0010001", "state": "1", "incident_state": "1", "active": "true", "sys_mod_count": "0", "opened_by": UserID("beth.anglin"), "opened_at": "*", "category": "inquiry", "priority": "5", "task_effective_number": "INC0010001"}},
			{`{"state":"2"}`, 200, map[string]string{"incident_state": "2", "sys_mod_count": "1", "sys_updated_by": "beth.anglin"}},
			{`{"incident_state":"3","hold_reason":"4"}`, 200, map[string]string{"state": "3", "hold_reason": "4"}},
			{`{"state":"6"}`, 403, map[string]string{"state": "3", "sys_mod_count": "2"}},
			{`{"state":"6","close_code":"Solved (Permanently)","close_notes":"x"}`, 403, map[string]string{"state": "3"}},
			{`{"state":"6","close_code":"Solution provided","close_notes":"done"}`, 200, map[string]string{"resolved_at": "*", "resolved_by": UserID("beth.anglin"), "active": "true", "hold_reason": "", "closed_at": ""}},
			{`{"state":"2"}`, 200, map[string]string{"reopen_count": "1", "resolved_at": "", "active": "true", "reopened_by": UserID("beth.anglin")}},
			{`{"state":"7"}`, 200, map[string]string{"active": "false", "closed_at": "*", "closed_by": UserID("beth.anglin"), "incident_state": "7"}},
		}},
		{"incident cancelled", "incident", []step{
			{`{"state":"8"}`, 201, map[string]string{"active": "false", "closed_at": "*", "incident_state": "8"}}}},
		{"incident_state alone on insert", "incident", []step{
			{`{"incident_state":"2"}`, 201, map[string]string{"state": "2", "incident_state": "2"}}}},
		{"reassignment", "incident", []step{
			{`{}`, 201, map[string]string{"reassignment_count": "0"}},
			{`{"assignment_group":"` + GroupID("Network") + `"}`, 200, map[string]string{"reassignment_count": "0"}},
			{`{"assigned_to":"` + UserID("david.loo") + `"}`, 200, map[string]string{"reassignment_count": "0"}},
			{`{"assignment_group":"` + GroupID("Database") + `","assigned_to":""}`, 200, map[string]string{"reassignment_count": "1", "assigned_to": ""}},
			{`{"reassignment_count":"77"}`, 200, map[string]string{"reassignment_count": "1"}}}},
		{"values that are dropped", "incident", []step{
			{`{"nope":"x","state":"99","impact":"many","sys_mod_count":"7","sys_created_by":"me","active":"perhaps","number":"INC7"}`, 201,
				map[string]string{"state": "1", "impact": "3", "sys_mod_count": "0", "sys_created_by": "beth.anglin", "active": "true", "number": "INC7"}},
			{`{"short_description":null,"description":12.5,"knowledge":true,"work_start":"tomorrow","due_date":"2026-12-01","correlation_id":{"value":"a","display_value":"b"}}`, 200,
				map[string]string{"short_description": "", "description": "12.5", "knowledge": "true", "work_start": "", "due_date": "2026-12-01 00:00:00", "correlation_id": "a"}},
			{`{"short_description":"` + strings.Repeat("é", 200) + `"}`, 200, map[string]string{"short_description": strings.Repeat("é", 160)}}}},
		{"a write that changes nothing", "incident", []step{
			{`{"short_description":"s"}`, 201, nil},
			{`{"short_description":"s"}`, 200, map[string]string{"sys_mod_count": "0"}}}},
		{"problem", "problem", []step{
			{`{}`, 201, map[string]string{"number": "PRB0040001", "state": "101", "problem_state": "101"}},
			{`{"state":"106"}`, 200, map[string]string{"problem_state": "106", "resolved_at": "*", "active": "true"}},
			{`{"state":"107"}`, 200, map[string]string{"active": "false", "closed_at": "*"}}}},
		{"change", "change_request", []step{
			{`{}`, 201, map[string]string{"number": "CHG0030001", "state": "-5", "type": "normal", "requested_by": UserID("beth.anglin"), "priority": "4"}},
			{`{"state":"3","close_code":"successful"}`, 200, map[string]string{"active": "false", "closed_at": "*", "close_code": "successful"}}}},
		{"request", "sc_request", []step{{`{}`, 201, map[string]string{"number": "REQ0010001", "request_state": "requested", "stage": "requested"}}}},
		{"item", "sc_req_item", []step{{`{}`, 201, map[string]string{"number": "RITM0010001", "quantity": "1"}}}},
		{"catalog task", "sc_task", []step{
			{`{"request":"x"}`, 201, map[string]string{"number": "SCTASK0010001", "request": ""}},
			{`{"state":"3"}`, 200, map[string]string{"active": "false", "closed_by": UserID("beth.anglin")}}}},
		{"plain task", "task", []step{{`{"priority":"2"}`, 201, map[string]string{"number": "TASK0020001", "priority": "2", "sys_class_name": "task"}}}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			rn := Start(t)
			id := ""
			for _, st := range tt.steps {
				method, path := "POST", "/api/now/table/"+tt.table
				if id != "" {
					method, path = "PATCH", path+"/"+id
				}
				a := rn.api(t, "beth.anglin", method, path, st.body)
				if a.status != st.status {
					t.Fatalf("%s: %d %s", st.body, a.status, a.body)
				}
				if id == "" {
					id = a.result(t)["sys_id"].(string)
					if loc := a.header.Get("Location"); loc != rn.URL+path+"/"+id {
						t.Errorf("Location %q", loc)
					}
				}
				rec := rn.Get(tt.table, id)
				for f, want := range st.want {
					if got := rec[f]; got != want && (want != "*" || got == "") {
						t.Errorf("after %s: %s = %q, want %q", st.body, f, got, want)
					}
				}
			}
		})
	}
}

func TestDataPolicyNamesLabels(t *testing.T) {
	rn := Start(t)
	id, _ := rn.Create("system", "incident", nil)
	for body, want := range map[string]string{
		`{"state":"6"}`:                                    "Resolution code, Resolution notes",
		`{"state":"6","close_notes":"x"}`:                  "Resolution code",
		`{"state":"7","close_code":"User error"}`:          "Resolution notes",
		`{"state":"6","close_code":"x","close_notes":"y"}`: "Resolution code",
	} {
		a := rn.api(t, "beth.anglin", "PATCH", "/api/now/table/incident/"+id, body)
		if a.status != 403 || !strings.Contains(a.body, `"detail":"Data Policy Exception: The following fields are mandatory: `+want+`"`) {
			t.Errorf("%s: %d %s", body, a.status, a.body)
		}
	}
}

func TestDisplayValuesAsInput(t *testing.T) {
	rn := Start(t)
	body := `{"caller_id":"Priya Nair","assignment_group":"network","assigned_to":"david.loo","state":"In Progress","due_date":"2026-11-23 21:21:00","cmdb_ci":"no such thing"}`
	id := rn.api(t, "beth.anglin", "POST", "/api/now/table/incident?sysparm_input_display_value=true", body).result(t)["sys_id"].(string)
	rec := rn.Get("incident", id)
	for f, want := range map[string]string{"caller_id": UserID("priya.nair"), "assignment_group": GroupID("Network"), "assigned_to": UserID("david.loo"),
		"state": "2", "due_date": "2026-11-24 05:21:00", "cmdb_ci": ""} {
		if rec[f] != want {
			t.Errorf("%s = %q, want %q", f, rec[f], want)
		}
	}
	id = rn.api(t, "beth.anglin", "POST", "/api/now/table/incident", `{"state":"In Progress"}`).result(t)["sys_id"].(string)
	if got := rn.Get("incident", id)["state"]; got != "1" {
		t.Errorf("without the parameter a label must not count: state %q", got)
	}
}

func TestClientChosenSysID(t *testing.T) {
	rn := Start(t)
	id := strings.Repeat("ab", 16)
	for _, want := range []int{201, 403} {
		if a := rn.api(t, "beth.anglin", "POST", "/api/now/table/incident", `{"sys_id":"`+id+`"}`); a.status != want {
			t.Errorf("status %d, want %d: %s", a.status, want, a.body)
		}
	}
	if rn.Get("incident", id) == nil {
		t.Error("the sys_id was not honoured")
	}
}

func TestJournals(t *testing.T) {
	clock := newClock()
	rn := Start(t, func(o *Options) { o.Now = clock.now })
	id, _ := rn.Create("beth.anglin", "incident", map[string]string{"work_notes": "first"})
	clock.advance(time.Minute)
	a := rn.api(t, "david.loo", "PATCH", "/api/now/table/incident/"+id, `{"work_notes":"second","comments":"hello","comments_and_work_notes":"no"}`)
	if a.result(t)["sys_mod_count"] != "1" || a.result(t)["sys_updated_on"] != "2026-11-24 05:22:00" || a.result(t)["work_notes"] != "" {
		t.Errorf("a note updates the ticket: %s", a.body)
	}
	rows := rn.api(t, "beth.anglin", "GET", "/api/now/table/sys_journal_field?sysparm_fields=name,element,element_id,value,sys_created_by&sysparm_query=element_id="+id+"%5EelementINcomments,work_notes%5EORDERBYsys_created_on%5EORDERBYelement", "").rows(t)
	var got []string
	for _, r := range rows {
		got = append(got, fmt.Sprint(r["name"], " ", r["element"], " ", r["value"], " ", r["sys_created_by"]))
	}
	want := "incident work_notes first beth.anglin|incident comments hello david.loo|incident work_notes second david.loo"
	if strings.Join(got, "|") != want {
		t.Errorf("entries %v", got)
	}
	text := rn.api(t, "beth.anglin", "GET", "/api/now/table/incident/"+id+"?sysparm_display_value=true", "").result(t)
	if text["work_notes"] != "2026-11-23 21:22:00 - David Loo (Work notes)\nsecond\n\n2026-11-23 21:21:00 - Beth Anglin (Work notes)\nfirst\n\n" {
		t.Errorf("work_notes %q", text["work_notes"])
	}
	rn.api(t, "beth.anglin", "PATCH", "/api/now/table/incident/"+id, `{"work_notes":"second"}`)
	if n := len(rn.Journal(id)); n != 4 {
		t.Errorf("the same note again is one more entry: %d", n)
	}
}

func TestObserverSeesEveryWriteOnce(t *testing.T) {
	var mu sync.Mutex
	var got []string
	rn := Start(t, func(o *Options) {
		o.OnWrite = func(w Write) {
			mu.Lock()
			defer mu.Unlock()
			if w.Table == "incident" {
				got = append(got, fmt.Sprintf("%s %d %s %v", w.Operation, w.ModCount, w.User, strings.Join(w.Changed, ",")))
			}
		}
	})
	id := rn.api(t, "beth.anglin", "POST", "/api/now/table/incident", `{}`).result(t)["sys_id"].(string)
	rn.api(t, "neo.agent", "PATCH", "/api/now/table/incident/"+id, `{"state":"2","work_notes":"x"}`)
	rn.api(t, "admin", "DELETE", "/api/now/table/incident/"+id, "")
	mu.Lock()
	defer mu.Unlock()
	if len(got) != 3 || got[1] != "update 1 neo.agent state,work_notes,incident_state" || !strings.HasPrefix(got[0], "insert 0 beth.anglin") || !strings.HasPrefix(got[2], "delete 1 admin") {
		t.Errorf("observed %q", got)
	}
	if rn.Get("incident", id) != nil {
		t.Error("deleted record is still there")
	}
}

func TestConcurrentWritesKeepEveryVersion(t *testing.T) {
	var mu sync.Mutex
	seen := map[int]int{}
	rn := Start(t, func(o *Options) {
		o.OnWrite = func(w Write) {
			mu.Lock()
			defer mu.Unlock()
			if w.Table == "incident" && w.Operation == "update" {
				seen[w.ModCount]++
			}
		}
	})
	addRule(t, rn, map[string]any{"when": "before", "action_insert": false, "script": "current.cause = 'rule ' + current.urgency;"})
	id, err := rn.Create("system", "incident", nil)
	if err != nil {
		t.Fatal(err)
	}
	const writers, each = 8, 10
	var wg sync.WaitGroup
	for i := range writers {
		wg.Go(func() {
			for j := range each {
				field := []string{"description", "short_description", "business_impact", "origin_id"}[i%4]
				if err := rn.Update("beth.anglin", "incident", id, map[string]string{field: fmt.Sprint(i, " ", j), "work_notes": "n"}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	if got := rn.Get("incident", id)["sys_mod_count"]; got != fmt.Sprint(writers*each) {
		t.Errorf("sys_mod_count %s", got)
	}
	mu.Lock()
	defer mu.Unlock()
	for v := 1; v <= writers*each; v++ {
		if seen[v] != 1 {
			t.Errorf("version %d seen %d times", v, seen[v])
		}
	}
	if n := len(rn.Journal(id)); n != writers*each {
		t.Errorf("%d notes", n)
	}
}
