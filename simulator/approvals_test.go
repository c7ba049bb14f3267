package simulator

import (
	"net/url"
	"strings"
	"testing"
)

// requestItem makes a request item for Priya, whose manager is Abigail, and asks for approval.
func requestItem(t *testing.T, rn *Running, values map[string]string) (id, approval string) {
	t.Helper()
	set := map[string]string{"short_description": "New laptop", "requested_for": UserID("priya.nair"), "approval": "requested"}
	for k, v := range values {
		set[k] = v
	}
	id, err := rn.Create("beth.anglin", "sc_req_item", set)
	if err != nil {
		t.Fatal(err)
	}
	asked := rn.Find("sysapproval_approver", "sysapproval="+id)
	if len(asked) == 1 {
		approval = asked[0]
	}
	return id, approval
}

func TestApprovalIsAskedFor(t *testing.T) {
	rn := Start(t)
	for name, tt := range map[string]struct {
		values   map[string]string
		approver string
	}{
		"the manager of the person it is for": {nil, "abigail.turner"},
		"else of the group":                   {map[string]string{"requested_for": UserID("joe.employee"), "assignment_group": GroupID("Hardware")}, "fred.luddy"},
		"else nobody":                         {map[string]string{"requested_for": UserID("joe.employee")}, ""},
		"not unless it is requested":          {map[string]string{"approval": "not requested"}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			_, approval := requestItem(t, rn, tt.values)
			if tt.approver == "" {
				if approval != "" {
					t.Errorf("asked %v", rn.Get("sysapproval_approver", approval))
				}
				return
			}
			if a := rn.Get("sysapproval_approver", approval); a["approver"] != UserID(tt.approver) || a["state"] != "requested" || a["source_table"] != "sc_req_item" {
				t.Errorf("asked %v", a)
			}
		})
	}
}

func TestApprovalOverTheAPI(t *testing.T) {
	rn := Start(t)
	for decision, stage := range map[string]string{"approved": "request_approved", "rejected": "waiting_for_approval"} {
		id, approval := requestItem(t, rn, nil)
		other, err := rn.Create("system", "sysapproval_approver", map[string]string{"sysapproval": id, "approver": UserID("beth.anglin")})
		if err != nil {
			t.Fatal(err)
		}
		path := "/api/now/table/sysapproval_approver/" + approval
		if a := rn.api(t, "omar.haddad", "PATCH", path, `{"state":"approved"}`); a.status != 404 {
			t.Errorf("somebody else: %d %s", a.status, a.body)
		}
		if a := rn.api(t, "abigail.turner", "PATCH", path, `{"state":"`+decision+`","comments":"because"}`); a.status != 200 {
			t.Errorf("the approver: %d %s", a.status, a.body)
		}
		item := rn.Get("sc_req_item", id)
		if item["approval"] != decision || item["stage"] != stage || item["sys_updated_by"] != "abigail.turner" || item["approval_set"] == "" {
			t.Errorf("item %v", item)
		}
		if s := rn.Get("sysapproval_approver", other)["state"]; s != "not_required" {
			t.Errorf("the other approver's state is %q", s)
		}
	}
}

func TestApprovalOnPages(t *testing.T) {
	rn := Start(t)
	id, approval := requestItem(t, rn, nil)
	somebody := rn.browser(t)
	somebody.login("omar.haddad")
	if a := somebody.get("/approvals"); !strings.Contains(a.body, "Nothing to approve") {
		t.Errorf("somebody else sees %s", a.body)
	}
	b := rn.browser(t)
	b.login("abigail.turner")
	page := b.get("/approvals")
	if !strings.Contains(page.body, "New laptop") || !strings.Contains(page.body, "Approve</button>") {
		t.Fatalf("page %s", page.body)
	}
	if a := b.post("/approvals/"+approval, url.Values{"sysparm_ck": {csrf(t, page)}, "decision": {"perhaps"}}); a.status != 400 {
		t.Errorf("no decision: %d", a.status)
	}
	if a := b.post("/approvals/"+approval, url.Values{"sysparm_ck": {csrf(t, page)}, "decision": {"rejected"}, "comments": {"Too dear"}}); a.status != 303 {
		t.Errorf("%d %s", a.status, a.body)
	}
	if got := rn.Get("sc_req_item", id)["approval"]; got != "rejected" {
		t.Errorf("approval %q", got)
	}
	if a := b.post("/approvals/"+approval, url.Values{"sysparm_ck": {csrf(t, page)}, "decision": {"approved"}}); a.status != 403 {
		t.Errorf("a second decision: %d", a.status)
	}
	tech := rn.browser(t)
	tech.login("beth.anglin")
	if a := tech.get("/tickets/sc_req_item/" + id); !strings.Contains(a.body, "Too dear") || !strings.Contains(a.body, "Rejected") {
		t.Errorf("the ticket does not show the decision: %s", a.body)
	}
}

func TestCallerOnPages(t *testing.T) {
	rn := Start(t)
	id, err := rn.Create("beth.anglin", "incident", map[string]string{"short_description": "Tunnel drops", "caller_id": UserID("priya.nair"),
		"state": "3", "hold_reason": "1", "work_notes": "internal remark", "comments": "Is it better now?"})
	if err != nil {
		t.Fatal(err)
	}
	b := rn.browser(t)
	b.login("priya.nair")
	if a := b.get("/"); !strings.Contains(a.body, "Tunnel drops") {
		t.Errorf("the list lacks the caller's own ticket: %s", a.body)
	}
	page := b.get("/tickets/incident/" + id)
	if strings.Contains(page.body, "internal remark") || strings.Contains(page.body, `name="work_notes"`) || !strings.Contains(page.body, "Is it better now?") {
		t.Errorf("the caller sees %s", page.body)
	}
	form := formOfPage(page)
	form.Set("sysparm_ck", csrf(t, page))
	form.Set("comments", "No, it dropped again")
	form.Set("short_description", "changed by the caller")
	form.Set("work_notes", "by the caller")
	if a := b.post("/tickets/incident/"+id, form); a.status != 303 {
		t.Fatalf("%d %s", a.status, a.body)
	}
	rec := rn.Get("incident", id)
	if rec["short_description"] != "Tunnel drops" || rec["state"] != "2" || rec["hold_reason"] != "" || rec["incident_state"] != "2" {
		t.Errorf("record %v", rec)
	}
	j := rn.Journal(id)
	if last := j[len(j)-1]; len(j) != 3 || last.Element != "comments" || last.By != "priya.nair" {
		t.Errorf("journal %+v", j)
	}
	other := rn.browser(t)
	other.login("omar.haddad")
	if a := other.get("/tickets/incident/" + id); a.status != 404 {
		t.Errorf("somebody else's ticket: %d", a.status)
	}
}

func TestOnHoldUntilTheCallerComments(t *testing.T) {
	rn := Start(t)
	for name, tt := range map[string]struct {
		reason, by, field, state string
	}{
		"the caller":           {"1", "priya.nair", "comments", "2"},
		"a technician":         {"1", "beth.anglin", "comments", "3"},
		"a work note":          {"1", "priya.nair", "work_notes", "3"},
		"waiting for a vendor": {"4", "priya.nair", "comments", "3"},
	} {
		t.Run(name, func(t *testing.T) {
			id, _ := rn.Create("beth.anglin", "incident", map[string]string{"caller_id": UserID("priya.nair"), "state": "3", "hold_reason": tt.reason})
			if err := rn.Update(tt.by, "incident", id, map[string]string{tt.field: "hello"}); err != nil {
				t.Fatal(err)
			}
			if got := rn.Get("incident", id)["state"]; got != tt.state {
				t.Errorf("state %s, want %s", got, tt.state)
			}
		})
	}
}

func TestTimeWorked(t *testing.T) {
	rn := Start(t)
	id, _ := rn.Create("beth.anglin", "incident", nil)
	log := func(minutes string) answer {
		return rn.api(t, "beth.anglin", "POST", "/api/now/table/task_time_worked", `{"task":"`+id+`","time_worked":"1970-01-01 `+minutes+`","comments":"typed","work_date":"2026-11-24"}`)
	}
	got := log("00:30:00").result(t)
	if got["time_worked"] != "1970-01-01 00:30:00" || got["comments"] != "typed" || got["user"].(map[string]any)["value"] != UserID("beth.anglin") {
		t.Errorf("entry %v", got)
	}
	if w := rn.Get("incident", id)["time_worked"]; w != "" {
		t.Errorf("the task's timer moved to %q without the property", w)
	}
	if _, err := rn.Create("system", "sys_properties", map[string]string{"name": "com.snc.time_worked.update_task_timer", "value": "true"}); err != nil {
		t.Fatal(err)
	}
	log("00:40:00")
	log("00:50:00")
	log("half an hour")
	if w := rn.Get("incident", id)["time_worked"]; w != "1970-01-01 01:30:00" {
		t.Errorf("the task's timer is %q", w)
	}
	rn.SetQuirks(Quirks{TimeWorkedWithoutComments: true})
	if got := log("00:10:00").result(t); got["comments"] != "" {
		t.Errorf("comments %v", got["comments"])
	}
	if a := rn.api(t, "priya.nair", "POST", "/api/now/table/task_time_worked", `{}`); a.status != 403 {
		t.Errorf("without itil: %d", a.status)
	}
}

func TestDictionary(t *testing.T) {
	rn := Start(t)
	query := "/api/now/table/sys_dictionary?sysparm_query=nameINtask,incident%5EelementINstate,caller_id,u_business_unit,number,comments%5EORDERBYelement&sysparm_fields=name,element,internal_type,reference,choice,column_label"
	var got []string
	for _, r := range rn.api(t, "admin", "GET", query, "").rows(t) {
		got = append(got, strings.Join([]string{r["name"].(string), r["element"].(string), r["internal_type"].(string), r["reference"].(string), r["choice"].(string)}, " "))
	}
	want := "incident caller_id reference sys_user |task comments journal_input  |task number string  |task state integer  1|incident u_business_unit string  1"
	if strings.Join(got, "|") != want {
		t.Errorf("rows %q", got)
	}
	if a := rn.api(t, "beth.anglin", "GET", query, ""); a.status != 200 || a.body != `{"result":[]}` || a.header.Get("X-Total-Count") != "5" {
		t.Errorf("as itil: %d %s", a.status, a.body)
	}
}

func TestLongNotesAreCut(t *testing.T) {
	rn := Start(t)
	id, _ := rn.Create("beth.anglin", "incident", map[string]string{"comments": strings.Repeat("é", 9000)})
	if got := rn.Journal(id)[0].Value; got != strings.Repeat("é", 8000) {
		t.Errorf("%d bytes are kept", len(got))
	}
}

func TestGroupsHaveTechnicians(t *testing.T) {
	rn := Start(t)
	for _, g := range sampleGroups {
		if n := len(rn.Find("sys_user_grmember", "group="+GroupID(g.name)+"^user.active=true")); n < 3 {
			t.Errorf("%s has %d members", g.name, n)
		}
	}
}
