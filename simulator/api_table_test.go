package simulator

import (
	"net/http"
	"reflect"
	"strings"
	"testing"
)

func TestValueShapes(t *testing.T) {
	clock := newClock()
	rn := Start(t, func(o *Options) { o.Now = clock.now; o.TimeZone = "America/Los_Angeles" })
	id, err := rn.Create("beth.anglin", "incident", map[string]string{"caller_id": UserID("priya.nair"), "short_description": "s",
		"work_notes": "looked", "watch_list": UserID("fred.luddy") + ",someone@example.com"})
	if err != nil {
		t.Fatal(err)
	}
	link := rn.URL + "/api/now/table/sys_user/" + UserID("priya.nair")
	type o = map[string]any
	const entry = "2026-11-23 21:21:00 - Beth Anglin (Work notes)\nlooked\n\n"
	for _, tt := range []struct {
		params string
		want   o
	}{
		{"", o{"state": "1", "active": "true", "assigned_to": "", "caller_id": o{"link": link, "value": UserID("priya.nair")},
			"sys_created_on": "2026-11-24 05:21:00", "work_notes": "", "comments": "", "sys_mod_count": "0", "sys_created_by": "beth.anglin",
			"number": "INC0010001", "sys_class_name": "incident", "sys_domain": o{"link": rn.URL + "/api/now/table/sys_user_group/global", "value": "global"}}},
		{"sysparm_exclude_reference_link=true", o{"caller_id": UserID("priya.nair")}},
		{"sysparm_display_value=true", o{"state": "New", "priority": "5 - Planning", "caller_id": o{"display_value": "Priya Nair", "link": link},
			"assigned_to": "", "sys_created_on": "2026-11-23 21:21:00", "work_notes": entry, "comments_and_work_notes": entry,
			"sys_class_name": "Incident", "watch_list": "Fred Luddy, someone@example.com"}},
		{"sysparm_display_value=true&sysparm_exclude_reference_link=true", o{"caller_id": "Priya Nair"}},
		{"sysparm_display_value=all", o{"state": o{"display_value": "New", "value": "1"}, "assigned_to": o{"display_value": nil, "value": ""},
			"caller_id":      o{"display_value": "Priya Nair", "value": UserID("priya.nair"), "link": link},
			"sys_created_on": o{"display_value": "2026-11-23 21:21:00", "value": "2026-11-24 05:21:00"},
			"work_notes":     o{"display_value": entry, "value": ""}}},
		{"sysparm_display_value=all&sysparm_exclude_reference_link=true", o{"caller_id": o{"display_value": "Priya Nair", "value": UserID("priya.nair")}}},
		{"sysparm_fields=number,caller_id.email,caller_id.company.name,nope,assigned_to.name,caller_id.nope", o{"number": "INC0010001",
			"caller_id.email": "priya.nair@larkspur.example", "caller_id.company.name": "Larkspur Dental Group", "assigned_to.name": ""}},
	} {
		t.Run(tt.params, func(t *testing.T) {
			got := rn.api(t, "beth.anglin", "GET", "/api/now/table/incident/"+id+"?"+tt.params, "").result(t)
			for k, want := range tt.want {
				if !reflect.DeepEqual(got[k], want) {
					t.Errorf("%s = %#v, want %#v", k, got[k], want)
				}
			}
			if strings.HasPrefix(tt.params, "sysparm_fields") && len(got) != len(tt.want) {
				t.Errorf("fields %v", got)
			}
		})
	}
	if got := rn.api(t, "beth.anglin", "GET", "/api/now/v2/table/incident/"+id, "").result(t)["caller_id"].(o)["link"]; got != rn.URL+"/api/now/v2/table/sys_user/"+UserID("priya.nair") {
		t.Errorf("v2 link %v", got)
	}
	if row := rn.api(t, "beth.anglin", "GET", "/api/now/table/task/"+id, "").result(t); row["caller_id"] != nil || row["number"] != "INC0010001" {
		t.Errorf("through task a record shows the columns of task: %v", row)
	}
}

func TestPublicURLWinsInLinks(t *testing.T) {
	rn := Start(t, func(o *Options) { o.PublicURL = "https://dev1.example/" })
	id, _ := rn.Create("beth.anglin", "incident", nil)
	got := rn.api(t, "admin", "GET", "/api/now/table/incident/"+id, "").result(t)["opened_by"].(map[string]any)["link"]
	if got != "https://dev1.example/api/now/table/sys_user/"+UserID("beth.anglin") {
		t.Errorf("link %v", got)
	}
}

func TestPaginationHeaders(t *testing.T) {
	rn := Start(t)
	for range 7 {
		if _, err := rn.Create("system", "incident", nil); err != nil {
			t.Fatal(err)
		}
	}
	base := rn.URL + "/api/now/table/incident?"
	for _, tt := range []struct{ params, link, total string }{
		{"sysparm_limit=3", `<B&sysparm_offset=0>;rel="first",<B&sysparm_offset=-3>;rel="prev",<B&sysparm_offset=3>;rel="next",<B&sysparm_offset=6>;rel="last"`, "7"},
		{"sysparm_limit=3&sysparm_offset=0", `<B&sysparm_offset=0>;rel="first",<B&sysparm_offset=3>;rel="next",<B&sysparm_offset=6>;rel="last"`, "7"},
		{"sysparm_limit=3&sysparm_offset=3", `<B&sysparm_offset=0>;rel="first",<B&sysparm_offset=0>;rel="prev",<B&sysparm_offset=6>;rel="next",<B&sysparm_offset=6>;rel="last"`, "7"},
		{"sysparm_limit=3&sysparm_offset=6", `<B&sysparm_offset=0>;rel="first",<B&sysparm_offset=3>;rel="prev",<B&sysparm_offset=6>;rel="last"`, "7"},
		{"sysparm_limit=7", "", "7"},
		{"", "", "7"},
		{"sysparm_limit=x", "", "7"},
		{"sysparm_limit=3&sysparm_no_count=true&sysparm_suppress_pagination_header=true", "", ""},
	} {
		a := rn.api(t, "admin", "GET", "/api/now/table/incident?"+tt.params, "")
		want := strings.ReplaceAll(tt.link, "<B", "<"+base+"sysparm_limit=3")
		if got := a.header.Get("Link"); got != want {
			t.Errorf("%s: Link\n got %s\nwant %s", tt.params, got, want)
		}
		if got := a.header.Get("X-Total-Count"); got != tt.total {
			t.Errorf("%s: X-Total-Count %q", tt.params, got)
		}
	}
	if n := len(rn.api(t, "admin", "GET", "/api/now/table/incident?sysparm_limit=3&sysparm_offset=6", "").rows(t)); n != 1 {
		t.Errorf("last page has %d rows", n)
	}
}

func TestResponseHeaders(t *testing.T) {
	rn := Start(t)
	a := rn.api(t, "admin", "GET", "/api/now/table/incident", "")
	for name, want := range map[string]string{"Server": "snow_adc", "Content-Type": "application/json;charset=UTF-8", "X-Is-Logged-In": "true",
		"Cache-Control": "no-cache,no-store,must-revalidate,max-age=-1", "Pragma": "no-store,no-cache"} {
		if got := a.header.Get(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	if a.header.Get("X-Transaction-ID") == "" || !strings.Contains(strings.Join(a.header.Values("Set-Cookie"), ";"), "JSESSIONID=") {
		t.Errorf("headers %v", a.header)
	}
	head := rn.api(t, "admin", "HEAD", "/api/now/table/incident", "")
	if head.status != 200 || head.body != "" || head.header.Get("X-Total-Count") != "0" {
		t.Errorf("HEAD: %+v", head)
	}
}

func TestErrorCatalogue(t *testing.T) {
	rn := Start(t)
	id, _ := rn.Create("system", "incident", nil)
	const unauth = `{"error":{"message":"User is not authenticated","detail":"Required to provide Auth information"},"status":"failure"}`
	const gone = `{"error":{"message":"No Record found","detail":"Record doesn't exist or ACL restricts the record retrieval"},"status":"failure"}`
	acl := func(op string) string {
		return `{"error":{"message":"Operation Failed","detail":"ACL Exception ` + op + ` Failed due to security constraints"},"status":"failure"}`
	}
	for _, tt := range []struct {
		name, user, method, path, body string
		status                         int
		want                           string
	}{
		{"no credentials", "", "GET", "/api/now/table/incident?sysparm_limit=1", "", 401, unauth},
		{"unknown user", "nobody", "GET", "/api/now/table/incident", "", 401, unauth},
		{"no credentials on a bad table", "", "GET", "/api/now/table/nope", "", 401, unauth},
		{"unknown table", "joe.employee", "GET", "/api/now/table/nope", "", 400, `{"error":{"message":"Invalid table nope","detail":null},"status":"failure"}`},
		{"unknown path", "admin", "GET", "/api/now/nope", "", 400, `{"error":{"message":"Requested URI does not represent any resource","detail":null},"status":"failure"}`},
		{"unknown version", "admin", "GET", "/api/now/v9/table/incident", "", 400, `"Requested URI does not represent any resource"`},
		{"deep path", "admin", "GET", "/api/now/table/incident/a/b", "", 400, `"Requested URI does not represent any resource"`},
		{"unknown record", "admin", "GET", "/api/now/table/incident/00", "", 404, gone},
		{"record of another class", "admin", "GET", "/api/now/table/problem/" + id, "", 404, gone},
		{"unreadable record", "joe.employee", "GET", "/api/now/table/incident/" + id, "", 404, gone},
		{"unreadable record, write", "joe.employee", "PATCH", "/api/now/table/incident/" + id, "{}", 404, gone},
		{"patch unknown", "admin", "PATCH", "/api/now/table/incident/00", "{}", 404, gone},
		{"delete unknown", "admin", "DELETE", "/api/now/table/incident/00", "", 404, gone},
		{"v1 empty list", "admin", "GET", "/api/now/v1/table/problem", "", 404, gone},
		{"insert without role", "joe.employee", "POST", "/api/now/table/incident", "{}", 403, acl("Insert")},
		{"insert rule without admin", "itil.only", "POST", "/api/now/table/sys_script", "{}", 403, acl("Insert")},
		{"insert property without admin", "itil.only", "POST", "/api/now/table/sys_properties", "{}", 403, acl("Insert")},
		{"delete ticket without admin", "beth.anglin", "DELETE", "/api/now/table/incident/" + id, "", 403, acl("Delete")},
		{"update user without admin", "beth.anglin", "PATCH", "/api/now/table/sys_user/" + UserID("admin"), "{}", 403, acl("Update")},
		{"bad JSON", "admin", "POST", "/api/now/table/incident", "{", 400, `"Exception while reading request"`},
		{"JSON of the wrong shape", "admin", "POST", "/api/now/table/incident", `"x"`, 400, `"Exception while reading request"`},
		{"method", "admin", "DELETE", "/api/now/table/incident", "", 405, `{"error":{"message":"Method not Supported","detail":null},"status":"failure"}`},
		{"restricted field in query", "beth.anglin", "GET", "/api/now/table/sys_choice?sysparm_query=name=incident", "", 403,
			`{"error":{"message":"Insufficient rights to query records","detail":"Field(s) present in the query do not have permission to be read"},"status":"failure"}`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			a := rn.api(t, tt.user, tt.method, tt.path, tt.body)
			if a.status != tt.status || !strings.Contains(a.body, tt.want) {
				t.Errorf("%d %s", a.status, a.body)
			}
			if a.header.Get("X-Transaction-ID") == "" || (a.header.Get("WWW-Authenticate") == `Basic realm="Service-now"`) != (tt.status == 401) {
				t.Errorf("headers %v", a.header)
			}
		})
	}
}

func TestOlderUnauthenticatedText(t *testing.T) {
	rn := Start(t, func(o *Options) { o.Quirks.OldUnauthenticatedText = true; o.Quirks.BasicAuthBlocked = true })
	if a := rn.api(t, "admin", "GET", "/api/now/table/incident", ""); a.status != 401 || !strings.Contains(a.body, `"User Not Authenticated"`) {
		t.Errorf("%d %s", a.status, a.body)
	}
}

func TestEdgeLimits(t *testing.T) {
	rn := Start(t)
	if a := rn.api(t, "admin", "GET", "/api/now/table/incident?sysparm_query=sys_idIN"+strings.Repeat("a", 8300), ""); a.status != 414 || a.header.Get("X-Transaction-ID") != "" {
		t.Errorf("long URL: %d", a.status)
	}
	if a := rn.api(t, "admin", "POST", "/api/now/table/incident", `{"description":"`+strings.Repeat("a", 10<<20)+`"}`); a.status != 400 || !strings.Contains(a.body, "Rejected large REST payload with content-length = 10485778 bytes. Max allowed: 10485760 bytes.") {
		t.Errorf("large body: %d %s", a.status, a.body)
	}
	req, _ := http.NewRequest("GET", rn.URL+"/api/now/table/incident", nil)
	req.Header["Authorization"] = []string{"Bearer a", "Bearer b"}
	resp, err := testClient.Do(req)
	if a := read(t, resp, err); a.status != 400 {
		t.Errorf("two Authorization headers: %d", a.status)
	}
}

func TestWhoSeesWhat(t *testing.T) {
	rn := Start(t)
	for _, table := range []string{"incident", "problem", "change_request", "sc_task"} {
		if _, err := rn.Create("system", table, map[string]string{"work_notes": "n"}); err != nil {
			t.Fatal(err)
		}
	}
	for _, u := range []User{{UserName: "reader", Password: "reader", Roles: []string{"sn_incident_read", "sn_change_read", "sn_request_read"}},
		{UserName: "ro", Password: "ro", Roles: []string{"snc_read_only"}}} {
		if _, err := rn.AddUser(u); err != nil {
			t.Fatal(err)
		}
	}
	const none, rows = "none", "rows"
	for _, tt := range []struct {
		table                                string
		joe, readOnly, reader, itilUser, adm string
	}{
		{"incident", none, none, rows, rows, rows},
		{"change_request", none, none, rows, rows, rows},
		{"sc_task", none, none, rows, rows, rows},
		{"problem", none, none, none, rows, rows},
		{"task", none, none, rows, rows, rows},
		{"sys_properties", none, none, none, none, rows},
		{"oauth_entity", none, none, none, none, rows},
		{"sys_journal_field", none, none, none, rows, rows},
		{"cmdb_ci", none, none, none, rows, rows},
		{"sys_user", rows, rows, rows, rows, rows},
		{"sys_user_group", rows, rows, rows, rows, rows},
		{"sys_choice", rows, rows, rows, rows, rows},
	} {
		for user, want := range map[string]string{"joe.employee": tt.joe, "ro": tt.readOnly, "reader": tt.reader, "itil.only": tt.itilUser, "admin": tt.adm} {
			a := rn.api(t, user, "GET", "/api/now/table/"+tt.table+"?sysparm_limit=1", "")
			got := none
			if len(a.rows(t)) > 0 {
				got = rows
			}
			if table := tt.table; table == "task" && user == "reader" { // the first task may be one of the unreadable class
				got = none
				if len(rn.api(t, user, "GET", "/api/now/table/task", "").rows(t)) == 3 {
					got = rows
				}
			}
			if a.status != 200 || got != want {
				t.Errorf("%s of %s: %d %s, want %s", user, tt.table, a.status, got, want)
			}
			if a.header.Get("X-Total-Count") == "0" {
				t.Errorf("%s of %s: the total is not blind to ACLs", user, tt.table)
			}
		}
	}
	choice := rn.api(t, "beth.anglin", "GET", "/api/now/table/sys_choice?sysparm_limit=1", "").rows(t)[0]
	if len(choice) != 2 || choice["label"] == nil || choice["sys_id"] == nil {
		t.Errorf("itil sees of a choice %v", choice)
	}
	own, _ := rn.Create("system", "incident", map[string]string{"caller_id": UserID("joe.employee")})
	if got := rn.api(t, "joe.employee", "GET", "/api/now/table/incident", "").rows(t); len(got) != 1 || got[0]["sys_id"] != own {
		t.Errorf("a caller sees their own incident only: %v", got)
	}
	if err := rn.RevokeRole("itil.only", "itil"); err != nil {
		t.Fatal(err)
	}
	if n := len(rn.api(t, "itil.only", "GET", "/api/now/table/incident", "").rows(t)); n != 0 {
		t.Errorf("a revoked role still reads %d rows", n)
	}
	if secret := rn.api(t, "admin", "GET", "/api/now/table/oauth_entity", "").body; strings.Contains(secret, rn.ClientSecret()) {
		t.Error("the client secret can be read over REST")
	}
}
