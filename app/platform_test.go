package app_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/neoagent/neo"
	"github.com/neoagent/neo/app"
	"github.com/neoagent/neo/simulator"
	"github.com/neoagent/neo/store/postgrestest"
	"github.com/neoagent/neo/visitor"
)

// onBoth runs a test on each database.
func onBoth(t *testing.T, f func(t *testing.T, on func(*app.Config))) {
	t.Run("sqlite", func(t *testing.T) { f(t, func(*app.Config) {}) })
	t.Run("postgres", func(t *testing.T) {
		database := postgrestest.URL(t)
		f(t, func(c *app.Config) { c.DatabaseURL = database })
	})
}

// data makes a call that succeeds and reads its data.
func data[T any](t *testing.T, r *running, method, path, body string) (v T) {
	t.Helper()
	status, text := r.call(t, method, path, body)
	if status/100 != 2 {
		t.Fatalf("%s %s: %d %s", method, path, status, text)
	}
	if err := json.Unmarshal([]byte(text), &struct{ Data *T }{&v}); err != nil {
		t.Fatal(err)
	}
	return v
}

// refuses makes a call that does not.
func (r *running) refuses(t *testing.T, method, path, body string, status int, says string) {
	t.Helper()
	got, text := r.call(t, method, path, body)
	var e struct {
		Error struct{ Message, Details any }
	}
	if err := json.Unmarshal([]byte(text), &e); err != nil {
		t.Errorf("%s %s: %v: %s", method, path, err, text)
	}
	if got != status || !strings.Contains(text, says) {
		t.Errorf("%s %s %.200s: %d %.500s, want %d and %q", method, path, body, got, text, status, says)
	}
}

type permissions struct {
	Permissions []struct {
		Group, Label, Level string
		AskFirst            bool `json:"ask_first"`
	}
}

func TestPermissionsOverTheAPI(t *testing.T) {
	onBoth(t, func(t *testing.T, on func(*app.Config)) {
		r := run(t, on)
		if err := r.visitor.SignIn(t.Context(), email, password, r.SetupToken); err != nil {
			t.Fatal(err)
		}
		if err := r.connectAs(t, "neo.agent"); err != nil {
			t.Fatal(err)
		}
		path := "/api/v1/integrations/" + r.integration(t).ID + "/permissions"
		fresh := data[permissions](t, r, "GET", path, "")
		if len(fresh.Permissions) != len(neo.PermissionGroups) {
			t.Fatalf("%d groups are listed", len(fresh.Permissions))
		}
		for i, p := range fresh.Permissions {
			if p.Group != string(neo.PermissionGroups[i].Group) || p.Label != neo.PermissionGroups[i].Label || p.Level != "READ_ONLY" || p.AskFirst {
				t.Errorf("a new connection may %+v", p)
			}
		}
		data[permissions](t, r, "PUT", path, `{"permissions":[{"group":"WORK_NOTES","level":"READ_WRITE","ask_first":true},{"group":"EMAIL","level":"DISABLED"}]}`)
		if err := r.connectAs(t, "neo.agent"); err != nil { // again changes no permission
			t.Fatal(err)
		}
		for _, p := range data[permissions](t, r, "GET", path, "").Permissions {
			want := "READ_ONLY"
			switch p.Group {
			case "WORK_NOTES":
				want = "READ_WRITE"
			case "EMAIL":
				want = "DISABLED"
			}
			if p.Level != want || p.AskFirst != (p.Group == "WORK_NOTES") {
				t.Errorf("Neo may %+v, want %s", p, want)
			}
		}
		for _, c := range []struct {
			body   string
			status int
			says   string
		}{
			{`{"permissions":[{"group":"EVERYTHING","level":"READ_WRITE"}]}`, 422, "permissions[0].group"},
			{`{"permissions":[{"group":"EMAIL","level":"ADMIN"}]}`, 422, "permissions[0].level"},
			{`{"permissions":[{"group":"EMAIL"}]}`, 422, "level"},
			{`{"permissions":[{"group":"EMAIL","level":"READ_ONLY"},{"group":"EMAIL","level":"DISABLED"}]}`, 400, "permissions[1].group: Email is in the list twice"},
			{`{"permissions":[{"group":"SLAS","level":"READ_ONLY","ask_first":true}]}`, 400, "permissions[0].ask_first: Neo writes nothing in SLAs"},
			{`{}`, 422, "permissions"},
		} {
			r.refuses(t, "PUT", path, c.body, c.status, c.says)
		}
		r.refuses(t, "GET", strings.Replace(path, r.integration(t).ID, neo.NewID(), 1), "", 404, "no such integration")
		r.refuses(t, "PUT", strings.Replace(path, r.integration(t).ID, neo.NewID(), 1), `{"permissions":[]}`, 404, "no such integration")
		for i, p := range data[permissions](t, r, "GET", path, "").Permissions {
			if p.Group == "EMAIL" && p.Level != "DISABLED" {
				t.Errorf("what was refused has changed %d: %+v", i, p)
			}
		}
	})
}

func TestSettingsOverTheAPI(t *testing.T) {
	onBoth(t, func(t *testing.T, on func(*app.Config)) {
		r := run(t, on)
		if err := r.visitor.SignIn(t.Context(), email, password, r.SetupToken); err != nil {
			t.Fatal(err)
		}
		const path = "/api/v1/settings"
		if s := data[neo.Settings](t, r, "GET", path, ""); s.TimeZone != "UTC" || s.OpensAt != "09:00" || len(s.BusinessDays) != 5 {
			t.Errorf("at first they are %+v", s)
		}
		saved := data[neo.Settings](t, r, "PUT", path, `{"time_zone":" Europe/Berlin ","business_days":["SUN","MON","MON","FRI"],"opens_at":"07:30","closes_at":"18:00"}`)
		if s := data[neo.Settings](t, r, "GET", path, ""); s.TimeZone != "Europe/Berlin" || strings.Join(s.BusinessDays, " ") != "MON FRI SUN" ||
			s.OpensAt != "07:30" || s.ClosesAt != "18:00" || strings.Join(saved.BusinessDays, " ") != "MON FRI SUN" {
			t.Errorf("saved as %+v", s)
		}
		const hours = `{"time_zone":"Europe/Berlin","business_days":["MON"],"opens_at":"07:30","closes_at":"18:00"`
		for _, step := range []struct{ what, holidays, want string }{
			{"fault 15: holidays, sorted, each once", `,"holidays":[{"date":"2026-12-24"},{"date":" 12-25 ","name":" Christmas "},{"date":"12-25"},{"date":"01-01"}]`, "[{01-01 } {12-25 Christmas} {2026-12-24 }]"},
			{"fault 15: a caller that does not know of holidays", "", "[{01-01 } {12-25 Christmas} {2026-12-24 }]"},
			{"fault 15: none any more", `,"holidays":[]`, "[]"},
		} {
			data[neo.Settings](t, r, "PUT", path, hours+step.holidays+"}")
			if got := fmt.Sprint(data[neo.Settings](t, r, "GET", path, "").Holidays); got != step.want {
				t.Errorf("%s: %s, want %s", step.what, got, step.want)
			}
		}
		r.refuses(t, "PUT", path, hours+`,"holidays":[{"date":"25.12."}]}`, 400, "holidays[0].date")
		r.refuses(t, "PUT", path, hours+`,"holidays":[{"date":"02-30"}]}`, 400, "Write 2026-12-25 for one day")
		for _, c := range []struct{ body, says string }{
			{`{"time_zone":"Mars/Olympus","business_days":["MON"],"opens_at":"07:30","closes_at":"18:00"}`, "time_zone"},
			{`{"time_zone":"Local","business_days":["MON"],"opens_at":"07:30","closes_at":"18:00"}`, "time_zone"},
			{`{"time_zone":"","business_days":["MON"],"opens_at":"07:30","closes_at":"18:00"}`, "time_zone"},
			{`{"time_zone":"../../etc/passwd","business_days":["MON"],"opens_at":"07:30","closes_at":"18:00"}`, "time_zone"},
			{`{"time_zone":"UTC","business_days":["MON","Tuesday"],"opens_at":"07:30","closes_at":"18:00"}`, "business_days[1]"},
			{`{"time_zone":"UTC","business_days":[],"opens_at":"07:30","closes_at":"18:00"}`, "business_days: This is empty"},
			{`{"time_zone":"UTC","business_days":["MON"],"opens_at":"7:30","closes_at":"18:00"}`, "opens_at"},
			{`{"time_zone":"UTC","business_days":["MON"],"opens_at":"07:30","closes_at":"24:00"}`, "closes_at"},
			{`{"time_zone":"UTC","business_days":["MON"],"opens_at":"07:30","closes_at":"6 pm"}`, "closes_at"},
			{`{"time_zone":"UTC","business_days":["MON"],"opens_at":"18:00","closes_at":"18:00"}`, "is not after"},
			{`{"time_zone":"UTC","business_days":["MON"],"opens_at":"22:00","closes_at":"06:00"}`, "is not after"},
		} {
			r.refuses(t, "PUT", path, c.body, 400, c.says)
		}
		if s := data[neo.Settings](t, r, "GET", path, ""); s.TimeZone != "Europe/Berlin" {
			t.Errorf("what was refused has changed them: %+v", s)
		}
	})
}

type endpoint struct{ ID, Name, Kind, Host string }

// inbox is a receiver of messages on this machine.
type inbox struct {
	*httptest.Server
	mu     sync.Mutex
	bodies []string
	auth   []string
	status int
}

func receiver(t *testing.T) *inbox {
	t.Helper()
	i := &inbox{status: 200}
	i.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		i.mu.Lock()
		defer i.mu.Unlock()
		i.bodies, i.auth = append(i.bodies, string(body)), append(i.auth, r.Header.Get("Authorization"))
		w.WriteHeader(i.status)
		_, _ = io.WriteString(w, "got "+r.URL.String()+" with "+r.Header.Get("Authorization"))
	}))
	t.Cleanup(i.Close)
	return i
}

func (i *inbox) answer(status int) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.status = status
}

// arrived returns how many messages did, and the last one with its Authorization.
func (i *inbox) arrived() (n int, body, auth string) {
	i.mu.Lock()
	defer i.mu.Unlock()
	if n = len(i.bodies); n > 0 {
		body, auth = i.bodies[n-1], i.auth[n-1]
	}
	return n, body, auth
}

func (i *inbox) host() string { return strings.TrimPrefix(i.URL, "http://") }

const (
	hookToken = "B0HOOKTOKEN42"
	hookKey   = "h00k-k3y-for-headers"
)

func TestEndpointsOverTheAPI(t *testing.T) {
	onBoth(t, func(t *testing.T, on func(*app.Config)) {
		inside := receiver(t)
		r := run(t, on, func(c *app.Config) { c.MessageAllowHosts = []string{inside.host()} })
		if err := r.visitor.SignIn(t.Context(), email, password, r.SetupToken); err != nil {
			t.Fatal(err)
		}
		const path = "/api/v1/endpoints"
		made := data[endpoint](t, r, "POST", path,
			`{"name":" On call ","kind":"HTTPS","url":"`+inside.URL+`/hook/`+hookToken+`","headers":[{"name":"Authorization","value":"Bearer `+hookKey+`"}]}`)
		if made.Name != "On call" || made.Kind != "HTTPS" || made.Host != inside.host() {
			t.Errorf("made %+v", made)
		}
		if list := data[[]endpoint](t, r, "GET", path, ""); len(list) != 1 || list[0] != made {
			t.Errorf("listed %+v", list)
		}
		one := path + "/" + made.ID

		data[any](t, r, "POST", one+"/test", "")
		if n, body, auth := inside.arrived(); n != 1 || !strings.Contains(body, "Test message from Neo Agent") || auth != "Bearer "+hookKey {
			t.Errorf("arrived %d: %q with %q", n, body, auth)
		}
		// Saved without its secrets, it keeps them.
		changed := data[endpoint](t, r, "PUT", one, `{"name":"Pager","kind":"SLACK"}`)
		if changed.Name != "Pager" || changed.Kind != "SLACK" || changed.Host != made.Host {
			t.Errorf("changed to %+v", changed)
		}
		data[any](t, r, "POST", one+"/test", "")
		if n, body, auth := inside.arrived(); n != 2 || auth != "Bearer "+hookKey {
			t.Errorf("arrived %d: %q with %q", n, body, auth)
		}
		inside.answer(404)
		r.refuses(t, "POST", one+"/test", "", 422, "answered 404")

		for _, c := range []struct {
			method, path, body string
			status             int
			says               string
		}{
			{"POST", path, `{"name":"Pager","kind":"SLACK","url":"https://hooks.slack.com/services/x"}`, 409, "already"},
			{"POST", path, `{"name":" ","kind":"SLACK","url":"https://hooks.slack.com/services/x"}`, 400, "name is empty"},
			{"POST", path, `{"name":"A","kind":"FAX","url":"https://hooks.slack.com/services/x"}`, 422, "kind"},
			{"POST", path, `{"name":"A","kind":"SLACK"}`, 400, "url is empty"},
			{"POST", path, `{"name":"A","kind":"SLACK","url":"http://hooks.slack.com/services/x"}`, 400, "https://"},
			{"POST", path, `{"name":"A","kind":"SLACK","url":"https://169.254.169.254/"}`, 400, "NEO_MESSAGE_ALLOW_HOSTS"},
			{"POST", path, `{"name":"A","kind":"HTTPS","url":"https://example.com/","headers":[{"name":"Host","value":"x"}]}`, 400, "headers[0].name"},
			{"PUT", one, `{"name":"Pager","kind":"HTTPS","url":"https://example.com/"}`, 400, "another host"},
			{"PUT", path + "/" + neo.NewID(), `{"name":"A","kind":"SLACK"}`, 404, "no endpoint"},
			{"DELETE", path + "/" + neo.NewID(), "", 404, "no such endpoint"},
			{"POST", path + "/" + neo.NewID() + "/test", "", 404, "no endpoint"},
		} {
			r.refuses(t, c.method, c.path, c.body, c.status, c.says)
		}
		data[any](t, r, "DELETE", one, "")
		if list := data[[]endpoint](t, r, "GET", path, ""); len(list) != 0 {
			t.Errorf("after deletion there are %+v", list)
		}
	})
}

// endpointSecrets makes an endpoint and uses it, well and not so well; it returns
// what must not be found anywhere, and what the calls answered.
func (r *running) endpointSecrets(t *testing.T, inside *inbox) (secrets map[string]string, answers string) {
	t.Helper()
	var all strings.Builder
	call := func(method, path, body string) string {
		_, text := r.call(t, method, path, body)
		all.WriteString(text)
		return text
	}
	body := `{"name":"Operations","kind":"HTTPS","url":"` + inside.URL + `/hook/` + hookToken + `","headers":[{"name":"Authorization","value":"Bearer ` + hookKey + `"}]}`
	var made struct{ Data endpoint }
	if err := json.Unmarshal([]byte(call("POST", "/api/v1/endpoints", body)), &made); err != nil || made.Data.ID == "" {
		t.Fatalf("%+v, %v", made, err)
	}
	one := "/api/v1/endpoints/" + made.Data.ID
	inside.answer(400) // and repeats everything
	if text := call("POST", one+"/test", ""); !strings.Contains(text, "answered 400 and said") {
		t.Errorf("a message that is refused: %s", text)
	}
	for _, address := range []string{"https://hooks.invalid", "https://127.0.0.1", "http://example.com", "https://user:" + hookToken + "@example.com"} {
		call("PUT", one, strings.ReplaceAll(body, inside.URL, address))
		call("POST", one+"/test", "")
	}
	call("PUT", one, strings.ReplaceAll(body, `"Authorization"`, `"Bad Name"`))
	call("PUT", one, `{"name":"Operations","kind":"HTTPS","url":7,"headers":"`+hookKey+`"}`)
	call("GET", "/api/v1/endpoints", "")
	return map[string]string{"token of a webhook": hookToken, "header of a webhook": hookKey}, all.String()
}

// Where the instance cannot be asked, the editor has the fields of recent changes,
// and says so.
func TestCatalogueOfAnInstanceThatIsAway(t *testing.T) {
	onBoth(t, func(t *testing.T, on func(*app.Config)) {
		r := run(t, fast, on)
		if err := r.visitor.SignIn(t.Context(), email, password, r.SetupToken); err != nil {
			t.Fatal(err)
		}
		const fields, choices = "/api/v1/catalogue/fields", "/api/v1/catalogue/choices"
		for _, path := range []string{fields, choices + "?field=state"} {
			if status, text := r.call(t, "GET", path, ""); status != 200 || !strings.Contains(text, `"data":[]`) || !strings.Contains(text, "Nothing is connected yet") {
				t.Errorf("without a connection: %d %s", status, text)
			}
		}
		r.connect(t)
		r.ticket(t, "Known before it went away")
		r.untilKnown(t, "Known before it went away")
		r.faults(t, simulator.Faults{Hibernating: true})

		type answer struct {
			Data []struct{ Name, Label, Value, Type string }
			Meta struct{ Warnings []string }
		}
		read := func(path string) (a answer) {
			status, text := r.call(t, "GET", path, "")
			if status != 200 {
				t.Fatalf("%s: %d %s", path, status, text)
			}
			if err := json.Unmarshal([]byte(text), &a); err != nil {
				t.Fatal(err)
			}
			return a
		}
		known := read(fields + "?class=incident&integration=" + r.integration(t).ID)
		found := map[string]string{}
		for _, f := range known.Data {
			found[f.Name] = f.Type
		}
		if found["short_description"] != "text" || found["state"] != "choice" || found["active"] != "boolean" || found["opened_at"] != "time" {
			t.Errorf("fields are %v", found)
		}
		states := read(choices + "?class=incident&field=state&q=new")
		if len(states.Data) != 1 || states.Data[0].Value != "1" || states.Data[0].Label != "New" {
			t.Errorf("states are %+v", states.Data)
		}
		for _, a := range []answer{known, states} {
			if len(a.Meta.Warnings) != 1 || !strings.Contains(a.Meta.Warnings[0], "recent changes") {
				t.Errorf("warnings are %q", a.Meta.Warnings)
			}
		}
		if other := read(fields + "?class=problem"); len(other.Data) != 0 {
			t.Errorf("no problem is known, but its fields: %+v", other.Data)
		}
		r.refuses(t, "GET", fields+"?integration="+neo.NewID(), "", 404, "no such integration")
		r.refuses(t, "GET", fields+"?class=kb_knowledge", "", 422, "class")
		r.refuses(t, "GET", choices, "", 422, "field")
	})
}

// A new connection may only read: what a workflow may not write fails with a sentence
// that says where to allow it, and is done once somebody has.
func TestWhatNeoMayDo(t *testing.T) {
	r := run(t, fast)
	if err := r.visitor.SignIn(t.Context(), email, password, r.SetupToken); err != nil {
		t.Fatal(err)
	}
	if err := r.connectAs(t, "neo.agent"); err != nil {
		t.Fatal(err)
	}
	note := strings.Replace(routeNetwork, `{"type":"ASSIGN_TICKET","config":{"group":"Network"}}`, `{"type":"ADD_WORK_NOTE","config":{"text":"Seen."}}`, 1)
	if _, err := r.visitor.SaveWorkflowAnyway(t.Context(), json.RawMessage(note), "The permission is given later"); err != nil {
		t.Fatal(err)
	}
	ended := func(short string) (e entry) {
		r.ticket(t, short)
		err := visitor.Until(t.Context(), func() (bool, error) {
			for _, found := range r.history(t, "&type="+string(neo.WorkflowExecution)) {
				if found.Title == short && neo.Outcome(found.Outcome).Final() {
					e = found
					return true, nil
				}
			}
			return false, nil
		})
		if err != nil {
			t.Fatalf("%s: %v", short, err)
		}
		return e
	}
	if e := ended("Before anybody allowed it"); e.Outcome != string(neo.Failure) || !strings.Contains(e.Message, "Work Notes is set to Read Only") || !strings.Contains(e.Message, "Permissions") {
		t.Errorf("a note that is not allowed: %+v", e)
	}
	if n := len(r.instance.Find("sys_journal_field", "valueLIKESeen.")); n != 0 {
		t.Errorf("%d notes were written", n)
	}
	if err := r.visitor.Allow(t.Context(), r.integration(t).ID, neo.Permissions{neo.GroupWorkNotes: {Level: neo.ReadWrite}}); err != nil {
		t.Fatal(err)
	}
	if e := ended("Afterwards"); e.Outcome != string(neo.Success) {
		t.Errorf("a note that is allowed: %+v", e)
	}

	// The editor does not show people either whom Neo may not read.
	path := "/api/v1/integrations/" + r.integration(t).ID + "/permissions"
	const groups = "/api/v1/catalogue/choices?field=assignment_group&q=netw"
	if _, text := r.call(t, "GET", groups, ""); !strings.Contains(text, `"label":"Network"`) || strings.Contains(text, "warnings") {
		t.Errorf("groups: %s", text)
	}
	data[permissions](t, r, "PUT", path, `{"permissions":[{"group":"USERS_AND_GROUPS","level":"DISABLED"}]}`)
	if _, text := r.call(t, "GET", groups, ""); strings.Contains(text, `"label":"Network"`) || !strings.Contains(text, "Users and Groups is set to Disabled") {
		t.Errorf("groups that Neo may not read: %s", text)
	}
}

// A workflow sends to an endpoint, which can then not be deleted.
func TestMessagesOfWorkflows(t *testing.T) {
	inside := receiver(t)
	r := run(t, fast, func(c *app.Config) { c.MessageAllowHosts = []string{inside.host()} })
	r.connect(t)
	made := data[endpoint](t, r, "POST", "/api/v1/endpoints", `{"name":"Operations","kind":"HTTPS","url":"`+inside.URL+`"}`)
	send := strings.Replace(routeNetwork, `{"type":"ASSIGN_TICKET","config":{"group":"Network"}}`,
		`{"type":"SEND_MESSAGE","config":{"endpoint":"Operations","text":"{{ ticket.short_description }} is new"}}`, 1)
	id, err := r.visitor.SaveWorkflow(t.Context(), json.RawMessage(send))
	if err != nil {
		t.Fatal(err)
	}
	remote := r.ticket(t, "Mail")
	var body string
	err = visitor.Until(t.Context(), func() (bool, error) {
		n, last, _ := inside.arrived()
		body = last
		return n == 1, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	var got struct {
		Text   string
		Ticket struct {
			Class, Number, Title string
			RemoteID             string `json:"remote_id"`
		}
	}
	if err := json.Unmarshal([]byte(body), &got); err != nil || got.Text != "Mail is new" || got.Ticket.RemoteID != remote || got.Ticket.Class != "incident" ||
		got.Ticket.Title != "Mail" || got.Ticket.Number != r.instance.Get("incident", remote)["number"] {
		t.Errorf("arrived %s, %v", body, err)
	}
	one := "/api/v1/endpoints/" + made.ID
	r.refuses(t, "DELETE", one, "", 409, "send to \\\"Operations\\\": Route. Turn them off")
	r.refuses(t, "PUT", one, `{"name":"Ops","kind":"HTTPS"}`, 409, "Route")
	if status, text := r.call(t, "PATCH", "/api/v1/workflows/"+id, `{"enabled":false}`); status != 200 {
		t.Fatal(text)
	}
	data[any](t, r, "DELETE", one, "")
}
