package simulator

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
)

func TestEmailAPI(t *testing.T) {
	many := mustJSON(t, slices.Repeat([]string{"a@example.com"}, 101))
	for _, tt := range []struct {
		name, user, path, body string
		status                 int
		want                   string // in the answer
	}{
		{"admin", "admin", "/api/now/v1/email", `{"to":["a@example.com"],"subject":"s"}`, 200, `"rel":"status"`},
		{"without a version, with a name", "admin", "/api/now/email", `{"to":["Priya Nair <p@example.com>"]}`, 200, `"rel":"self"`},
		{"with the role", "beth.anglin", "/api/now/v1/email", `{"to":["a@example.com"]}`, 200, `"id"`},
		{"about a record", "beth.anglin", "/api/now/v1/email", `{"to":["a@example.com"],"table_name":"incident","table_record_id":"INC"}`, 200, `"id"`},
		{"without the role", "priya.nair", "/api/now/v1/email", `{"to":["a@example.com"]}`, 403,
			`{"error":{"message":"User Not Authorized","detail":"Failed API level ACL Validation"},"status":"failure"}`},
		{"nobody", "", "/api/now/v1/email", `{}`, 401, "User is not authenticated"},
		{"no recipient", "admin", "/api/now/v1/email", `{"subject":"s"}`, 400, "to is required"},
		{"a recipient that is no list", "admin", "/api/now/v1/email", `{"to":"a@example.com"}`, 400, "Exception while reading request"},
		{"too many", "admin", "/api/now/v1/email", `{"to":["a@example.com"],"cc":` + many + `}`, 400, "cc may hold 100"},
		{"no address", "admin", "/api/now/v1/email", `{"to":["nobody"]}`, 400, "nobody"},
		{"half a record", "admin", "/api/now/v1/email", `{"to":["a@example.com"],"table_name":"incident"}`, 400, "go together"},
		{"unknown table", "admin", "/api/now/v1/email", `{"to":["a@example.com"],"table_name":"x","table_record_id":"1"}`, 400, "Invalid table x"},
		{"unknown record", "admin", "/api/now/v1/email", `{"to":["a@example.com"],"table_name":"incident","table_record_id":"1"}`, 403, "does not have access to the record"},
		{"a record the user may not read", "sender", "/api/now/v1/email", `{"to":["a@example.com"],"table_name":"incident","table_record_id":"INC"}`, 403, "does not have access to the record"},
		{"no v2", "admin", "/api/now/v2/email", `{"to":["a@example.com"]}`, 400, "does not represent any resource"},
		{"a mail that is not there", "admin", "GET /api/now/v1/email/1", "", 403, "User Not Authorized"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			rn := Start(t)
			if err := rn.GrantRole("beth.anglin", "email_api_send"); err != nil {
				t.Fatal(err)
			}
			if _, err := rn.AddUser(User{UserName: "sender", Password: "sender", Name: "Sender", Roles: []string{"email_api_send"}}); err != nil {
				t.Fatal(err)
			}
			incident, err := rn.Create("admin", "incident", nil)
			if err != nil {
				t.Fatal(err)
			}
			method, path, ok := strings.Cut(tt.path, " ")
			if !ok {
				method, path = "POST", tt.path
			}
			a := rn.api(t, tt.user, method, path, strings.ReplaceAll(tt.body, "INC", incident))
			if a.status != tt.status || !strings.Contains(a.body, tt.want) {
				t.Errorf("%d %s, want %d and %s", a.status, a.body, tt.status, tt.want)
			}
			if got := len(rn.Emails()); (got == 1) != (tt.status == 200) {
				t.Errorf("%d mails in the outbox", got)
			}
		})
	}
}

func TestEmailIsReadBackAndInTheOutbox(t *testing.T) {
	rn := Start(t)
	incident, err := rn.Create("admin", "incident", nil)
	if err != nil {
		t.Fatal(err)
	}
	id := rn.api(t, "admin", "POST", "/api/now/v1/email", mustJSON(t, map[string]any{"to": []string{"a@example.com", `"Nair, Priya" <b@example.com>`},
		"subject": "About <it>", "html": "<b>x</b>", "text": "x", "headers": map[string]string{"X-A": "1"},
		"table_name": "incident", "table_record_id": incident})).result(t)["id"].(string)

	var got struct {
		Result map[string]any
	}
	if err := json.Unmarshal([]byte(rn.api(t, "admin", "GET", "/api/now/v1/email/"+id, "").body), &got); err != nil {
		t.Fatal(err)
	}
	want := map[string]any{"id": id, "type": "send-ready", "state": "ready", "subject": "About <it>", "html": "<b>x</b>", "text": "x",
		"to": []any{"a@example.com", `"Nair, Priya" <b@example.com>`}, "headers": map[string]any{"X-A": "1"}}
	for name, v := range want {
		if mustJSON(t, got.Result[name]) != mustJSON(t, v) {
			t.Errorf("%s = %v, want %v", name, got.Result[name], v)
		}
	}
	if a := rn.api(t, "admin", "GET", "/api/now/email/"+id+"?sysparm_fields=state,type", ""); a.body != `{"result":{"state":"ready","type":"send-ready"}}` {
		t.Errorf("status link: %s", a.body)
	}
	if row := rn.api(t, "admin", "GET", "/api/now/table/sys_email/"+id, "").result(t); row["recipients"] != `a@example.com,"Nair, Priya" <b@example.com>` || row["state"] != "ready" {
		t.Errorf("sys_email row: %v", row)
	}
	mails := rn.Emails()
	if len(mails) != 1 || mails[0].RecordID != incident || mails[0].By != "admin" || len(mails[0].To) != 2 {
		t.Errorf("outbox: %+v", mails)
	}
	for user, want := range map[string]string{"admin": "About &lt;it&gt;", "beth.anglin": "Only administrators"} {
		b := rn.browser(t)
		b.login(user)
		if page := b.get("/outbox").body; !strings.Contains(page, want) {
			t.Errorf("the outbox of %s lacks %q: %s", user, want, page)
		}
	}
}
