package app_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/neoagent/neo"
	"github.com/neoagent/neo/app"
)

const badNote = `{"type":"ADD_WORK_NOTE","config":{"text":"Seen."}}`

// defined is the JSON of a workflow with those actions, and with more keys.
func defined(name, actions string, more ...string) string {
	return `{"name":"` + name + `","trigger_type":"TRIGGERED","target_changes":[{"change_type":"TICKET_CREATED"}],"actions":[` + actions + `]` +
		strings.Join(append([]string{""}, more...), ",") + `}`
}

func when(rule string) string { return defined("Bad", badNote, `"conditions":`+rule) }

func leafOf(field, operator, value string) string {
	return fmt.Sprintf(`{"combinator":"and","rules":[{"field":%q,"operator":%q,"value":%s}]}`, field, operator, value)
}

func scheduled(schedule string) string {
	return strings.Replace(defined("Bad", badNote, `"schedule":`+schedule),
		`"trigger_type":"TRIGGERED","target_changes":[{"change_type":"TICKET_CREATED"}]`, `"trigger_type":"SCHEDULED"`, 1)
}

func noteOf(text string) string { return `{"type":"ADD_WORK_NOTE","config":{"text":"` + text + `"}}` }

func calling(name string) string {
	return `{"type":"RUN_WORKFLOW","config":{"workflow":"` + name + `"}}`
}

// badDefinition is a definition that cannot be saved.
type badDefinition struct {
	name, text string
	status     int
	path, says string
}

func badDefinitions() []badDefinition {
	const rule = `{"field":"state","operator":"=","value":"1"},`
	nest := func(n int) string {
		return strings.Repeat(`{"combinator":"and","rules":[`, n) + strings.TrimSuffix(rule, ",") + strings.Repeat(`]}`, n)
	}
	rules := func(n int) string {
		return `{"combinator":"and","rules":[` + strings.TrimSuffix(strings.Repeat(rule, n), ",") + `]}`
	}
	actions := func(one string, n int) string { return strings.TrimSuffix(strings.Repeat(one+",", n), ",") }
	const value, text = "conditions.rules[0].value", "actions[0].config.text"
	return []badDefinition{
		{"not JSON", `{"name":`, 400, "", "This is not JSON: unexpected end of JSON input, at line 1, column 8."},
		{"JSON and more", defined("Bad", badNote) + "\n{}", 400, "", "after top-level value, at line 2, column 1"},
		{"a list", `[]`, 422, "", "A JSON object is needed here."},
		{"not UTF-8", defined("B\xe4d", badNote), 400, "", "This is not UTF-8 text: line 1, column 11 "},
		{"a key twice", defined("Bad", badNote, `"name":"Worse"`), 400, "name", "This is here twice"},
		{"a setting twice", defined("Bad", `{"type":"ADD_WORK_NOTE","config":{"text":"a","text":"b"}}`), 400, text, "This is here twice"},
		{"a key in capitals", defined("Bad", badNote, `"NAME":"Worse"`), 422, "NAME", "This is not known here."},
		{"an unknown key", defined("Bad", badNote, `"colour":"red"`), 422, "colour", "This is not known here. Correct the spelling, or leave it out."},
		{"an unknown key of a rule", when(`{"combinator":"and","rules":[],"any":1}`), 422, "conditions.any", "This is not known here."},
		{"an unknown setting", defined("Bad", `{"type":"ADD_WORK_NOTE","config":{"note":"a"}}`), 400, "actions[0].config.note", "This setting is not known; there are text."},
		{"a missing key", defined("Bad", `{"type":"ADD_WORK_NOTE"}`), 422, "actions[0].config", "This is missing."},
		{"a number as a name", strings.Replace(defined("Bad", badNote), `"Bad"`, `5`, 1), 422, "name", "A text is needed here."},
		{"a list as a value", when(leafOf("state", "in", `["1","2"]`)), 422, value, "A text is needed here."},
		{"a number as a text", defined("Bad", `{"type":"ADD_WORK_NOTE","config":{"text":5}}`), 400, text, "A text is needed here, not a number."},
		{"a number that is too large", defined("Bad", badNote, `"delay_seconds":99999999999999999999`), 400, "delay_seconds", "This number is too large."},
		{"a number that is no number", defined("Bad", `{"type":"LOG_TIME_ENTRY","config":{"minutes":1e400,"text":"x"}}`), 400, "actions[0].config.minutes", "This number is too large."},
		{"half a minute", defined("Bad", `{"type":"LOG_TIME_ENTRY","config":{"minutes":0.5,"text":"x"}}`), 400, "actions[0].config.minutes", "A whole number is needed here"},
		{"a thousand as 1e3", defined("Bad", badNote, `"delay_seconds":1e3`), 422, "delay_seconds", "A whole number is needed here, written with digits alone."},
		{"NUL in a name", defined(`B\u0000d`, badNote), 400, "name", "There is a NUL character in this text"},
		{"NUL in a text", defined("Bad", noteOf(`a\u0000b`)), 400, text, "There is a NUL character in this text"},
		{"NUL in a value", when(leafOf("state", "=", `"\u0000"`)), 400, value, "There is a NUL character in this text"},
		{"an invisible name", defined(`\u00a0\u200b`, badNote), 400, "name", "The name is empty"},
		{"a name that turns around", defined(`B\u202ed`, badNote), 400, "name", "another character that cannot be seen"},
		{"a name of two lines", defined(`B\nd`, badNote), 400, "name", "The name has a line break"},
		{"a long name", defined(strings.Repeat("n", 201), badNote), 400, "name", "The name has 201 bytes; 200 are allowed."},

		{"5 MB of rules", when(rules(5 << 20 / len(rule))), 413, "", "This is larger than 1 MiB, which is the most that Neo takes at once."},
		{"1 MB of rules", when(rules(20_000)), 400, "conditions.rules[499]", "There are more than 500 rules; split the workflow."},
		{"deep rules", when(nest(40)), 400, "conditions" + strings.Repeat(".rules[0]", 17), "Groups nest deeper than 16 here; flatten them."},
		{"very deep rules", when(nest(9_000)), 400, "", "This nests too deeply to be read."},
		{"only depth", strings.Repeat("[", 500_000), 400, "", "This nests too deeply to be read."},
		{"no action", defined("Bad", ""), 400, "actions", "There are no actions"},
		{"1,000 actions", defined("Bad", actions(badNote, 1_000)), 400, "actions", "There are 1000 actions; 50 are allowed."},
		{"200,000 empty actions", defined("Bad", actions("{}", 200_000)), 422, "actions[0].config", "This is missing."},

		{"a regexp bomb", when(leafOf("short_description", "matches", `"(a{1,1000}){1,1000}"`)), 400, value, "This is not a regular expression (RE2): invalid repeat count"},
		{"a large regexp", when(leafOf("short_description", "matches", `"`+strings.Repeat("(a?){1000}", 100)+`"`)), 400, value, "The regular expression is too large"},
		{"half a regexp", when(leafOf("short_description", "matches", `"("`)), 400, value, "missing closing )"},
		{"an open quote", when(leafOf("state", "in", `"\"1,2"`)), 400, value, "A value begins with a double quote that is not closed."},
		{"an unknown operator", when(leafOf("state", "~", `"1"`)), 400, "conditions.rules[0].operator", "is not known"},
		{"a field of another record", when(leafOf("caller_id.vip", "=", `"true"`)), 400, "conditions.rules[0].field", "Fields of other records cannot be compared."},

		{"a template that loops", defined("Bad", noteOf(`{% for i in (1..1000000000) %}x{% endfor %}`)), 400, text, "The loop has 1000000000 turns; 10000 are allowed."},
		{"a template without an end", defined("Bad", noteOf(`{{ ticket.number`)), 400, text, "{{ is not closed"},
		{"a template with an unknown name", defined("Bad", noteOf(`{{ env.HOME }}`)), 400, text, `\"env\" is not known`},
		{"a template that reads files", defined("Bad", noteOf(`{% include '/etc/passwd' %}`)), 400, text, "a text cannot read files"},
		{"a large template", defined("Bad", noteOf(strings.Repeat("x", 200_000))), 400, text, "The text has 200000 bytes; a template may have 32000."},

		{"a cron that never comes", scheduled(`{"every":"CRON","cron":"0 0 31 2 *"}`), 400, "schedule.cron", "never comes"},
		{"a cron of six fields", scheduled(`{"every":"CRON","cron":"* * * * * *"}`), 400, "schedule.cron", "is not a cron expression"},
		{"a cron with a zone inside", scheduled(`{"every":"CRON","cron":"TZ=UTC 0 0 * *"}`), 400, "schedule.cron", "The time zone has its own setting."},
		{"an impossible zone", scheduled(`{"every":"DAY","at":"08:00","time_zone":"Mars/Olympus"}`), 400, "schedule.time_zone", "is not a time zone"},
		{"a zone that is a file", scheduled(`{"every":"DAY","at":"08:00","time_zone":"../../etc/passwd"}`), 400, "schedule.time_zone", "is not a time zone"},
		{"the zone of the machine", scheduled(`{"every":"DAY","at":"08:00","time_zone":"localtime"}`), 400, "schedule.time_zone", "is not a time zone"},
		{"25 o'clock", scheduled(`{"every":"DAY","at":"25:00"}`), 400, "schedule.at", "is not a time of the day"},
		{"every -5 minutes", scheduled(`{"every":"MINUTES","count":-5}`), 400, "schedule.count", "Use 1 to 1440, not -5."},
		{"itself", defined("Bad", calling("Bad")), 400, "actions[0].config.workflow", "The workflow would run itself: Bad."},
		{"a circle", defined("Bad", calling("First")), 400, "actions[0].config.workflow", "The workflow would run itself: First → Bad."},
	}
}

// stored is everything that people have saved.
func (r *running) stored(t *testing.T) string {
	t.Helper()
	var all strings.Builder
	for _, path := range []string{"/workflows", "/endpoints", "/settings", "/scheduled-work", "/approvals", "/api-keys", "/integrations"} {
		status, text := r.call(t, http.MethodGet, "/api/v1"+path, "")
		if status != 200 {
			t.Fatalf("%s: %d %s", path, status, text)
		}
		text, _, _ = strings.Cut(text, `,"meta"`)
		if path == "/integrations" { // is looked after meanwhile
			text = fmt.Sprint(data[permissions](t, r, "GET", "/api/v1/integrations/"+r.integration(t).ID+"/permissions", ""))
		}
		all.WriteString(text + "\n")
	}
	return all.String()
}

// refusesAt makes a call that is refused with a sentence at a place.
func (r *running) refusesAt(t *testing.T, method, path, body string, status int, at, says string) {
	t.Helper()
	got, text := r.call(t, method, path, body)
	var e struct {
		Error struct {
			Code, Message string
			Details       *struct{ Mistakes []neo.Mistake }
		}
	}
	if err := json.Unmarshal([]byte(text), &e); err != nil {
		t.Fatalf("%s %s answered %d %.300s: %v", method, path, got, text, err)
	}
	said, where := e.Error.Message, ""
	if d := e.Error.Details; d != nil && len(d.Mistakes) > 0 {
		said, where = d.Mistakes[0].Message, d.Mistakes[0].Path
	}
	quoted, _ := json.Marshal(said)
	if got != status || where != at || !strings.Contains(said, says) && !strings.Contains(string(quoted), says) {
		t.Errorf("%s %s answered %d at %.200q: %.500s\nwant %d at %.200q: %s", method, path, got, where, said, status, at, says)
	}
	if len(text) > 50_000 {
		t.Errorf("%s %s: the answer has %d bytes", method, path, len(text))
	}
	for _, internal := range []string{"json: ", "Go struct", "SQL", "runtime error"} {
		if strings.Contains(text, internal) {
			t.Errorf("%s %s tells of the inside: %.500s", method, path, text)
		}
	}
}

// Bad input is refused with a sentence at the place where it was typed, and leaves
// what is stored as it was.
func TestBadInput(t *testing.T) {
	onBoth(t, func(t *testing.T, on func(*app.Config)) {
		r := run(t, fast, on)
		r.connect(t)
		number := r.instance.Get("incident", r.ticketOf(t, "VPN is down", "network"))["number"]
		const all = "/api/v1/workflows"
		first := ask[struct{ ID string }](t, r, all, defined("First", calling("Bad")))
		second := ask[struct{ ID string }](t, r, all, defined("Second", badNote))
		work := ask[[]struct{ ID string }](t, r, all+"/"+second.ID+"/run", fmt.Sprintf(`{"tickets":[%q],"at":%q,"note":"Later"}`, number, time.Now().Add(time.Hour).Format(time.RFC3339)))[0]
		before := r.stored(t)
		unchanged := func(t *testing.T) {
			t.Helper()
			if after := r.stored(t); after != before {
				t.Fatalf("stored is\n%s\nbefore it was\n%s", after, before)
			}
		}

		for _, c := range badDefinitions() {
			t.Run(c.name, func(t *testing.T) {
				r.refusesAt(t, "POST", all, c.text, c.status, c.path, c.says)
				r.refusesAt(t, "PUT", all+"/"+second.ID+"?version=1", c.text, c.status, c.path, c.says)
				unchanged(t)
				if c.path == "" {
					return // it is no definition at all
				}
				// The doors of a draft say the same.
				draft := `{"definition":` + c.text
				status, text := r.call(t, "POST", all+"/check", draft+"}")
				if at, _ := json.Marshal(c.path); !strings.Contains(text, `"path":`+string(at)) {
					t.Errorf("as it is typed: %d %.500s", status, text)
				}
				if strings.Contains(c.says, "would run itself") {
					return // which a draft may
				}
				r.refusesAt(t, "POST", all+"/test", draft+`,"number":"`+number+`"}`, c.status, c.path, c.says)
				r.refusesAt(t, "POST", "/api/v1/backtests", draft+`,"days":7}`, c.status, c.path, c.says)
				if strings.HasPrefix(c.path, "conditions") {
					r.refusesAt(t, "POST", all+"/count", draft+`}`, c.status, c.path, c.says)
				}
			})
		}

		runs := all + "/" + second.ID + "/run"
		at := func(time string) string { return fmt.Sprintf(`{"tickets":[%q],"at":%q}`, number, time) }
		settings := func(zone, days, opens, closes string) string {
			return fmt.Sprintf(`{"time_zone":%q,"business_days":%s,"opens_at":%q,"closes_at":%q}`, zone, days, opens, closes)
		}
		permission := "/api/v1/integrations/" + r.integration(t).ID + "/permissions"
		for _, c := range []struct {
			method, path, body string
			status             int
			at, says           string
		}{
			{"PUT", all + "/" + second.ID, defined("Second", badNote), 422, "query.version", "This is missing."},
			{"PUT", all + "/" + second.ID + "?version=99", defined("Second", badNote), 409, "", "it is at version 1, you started from 99"},
			{"PUT", all + "/" + neo.NewID() + "?version=1", defined("Second", badNote), 404, "", "There is no such workflow."},
			{"PATCH", all + "/" + second.ID, `{"enabled":"yes"}`, 422, "enabled", "True or false is needed here."},
			{"PATCH", all + "/" + second.ID, `{}`, 422, "enabled", "This is missing."},
			{"POST", all, ``, 400, "", "The request has no body."},
			{"GET", all + "/%00", "", 404, "", "There is no such workflow."},
			{"GET", all + "/%ff", "", 404, "", "There is no such workflow."},
			{"GET", all + "/" + strings.Repeat("a", 500), "", 422, "path.id", "at most 64 characters"},
			{"GET", all + "/" + second.ID + "/versions/0", "", 422, "path.version", "at least 1"},
			{"GET", all + "/" + second.ID + "/versions/99", "", 404, "", "no such version"},

			{"POST", runs, at("2001-01-01T00:00:00Z"), 400, "", "This time is past."},
			{"POST", runs, at("0001-01-01T00:00:00Z"), 400, "", "This time is past."},
			{"POST", runs, at("9999-01-01T00:00:00Z"), 400, "", "more than two years away"},
			{"POST", runs, at("tomorrow"), 422, "at", "This is not a time with its zone, as in 2026-01-31T08:30:00Z."},
			{"POST", runs, at("2026-12-01T00:00:00"), 422, "at", "This is not a time with its zone"},
			{"POST", runs, `{"tickets":[]}`, 422, "tickets", "at least 1"},
			{"POST", runs, `{"tickets":["` + number + `","INC9"]}`, 404, "", "Neo knows no ticket INC9."},
			{"POST", runs, `{"tickets":["` + number + `"],"note":"a\u0000"}`, 400, "note", "NUL"},
			{"POST", all + "/" + neo.NewID() + "/run", `{"tickets":["` + number + `"]}`, 404, "", "There is no such workflow."},
			{"PATCH", "/api/v1/scheduled-work/" + work.ID, `{"at":"2001-01-01T00:00:00Z"}`, 400, "", "This time is past."},
			{"PATCH", "/api/v1/scheduled-work/" + work.ID, `{"at":"0001-01-01T00:00:00Z","note":"x"}`, 400, "", "This time is past."},
			{"PATCH", "/api/v1/scheduled-work/" + neo.NewID(), `{"note":"x"}`, 404, "", "no such scheduled work"},
			{"POST", "/api/v1/backtests", `{"definition":` + defined("B", badNote) + `,"days":0}`, 422, "days", "This must be at least 1."},
			{"POST", "/api/v1/backtests", `{"definition":` + defined("B", badNote) + `,"days":"7"}`, 422, "days", "A whole number is needed here."},
			{"POST", all + "/test", `{"definition":` + defined("B", badNote) + `,"number":"INC9"}`, 404, "", "Neo does not know a ticket"},

			{"GET", "/api/v1/history?ticket=%00", "", 200, "", ""},
			{"GET", "/api/v1/history?ticket=%ff", "", 200, "", ""},
			{"GET", "/api/v1/history?cursor=%00", "", 422, "query.cursor", "This is not a cursor."},
			{"GET", "/api/v1/history?cursor=nonsense", "", 422, "query.cursor", "This is not a cursor."},
			{"GET", "/api/v1/history?limit=-1", "", 422, "query.limit", "at least 1"},
			{"GET", "/api/v1/scheduled-work?cursor=x%27--", "", 422, "query.cursor", "This is not a cursor."},
			{"GET", "/api/v1/approvals?cursor=%ff", "", 422, "query.cursor", "This is not a cursor."},
			{"GET", "/api/v1/approvals?state=MAYBE", "", 422, "query.state", "use one of PENDING"},
			{"POST", "/api/v1/approvals/" + neo.NewID() + "/decision", `{"action":"approve"}`, 404, "", "no such approval"},
			{"POST", "/api/v1/approvals/x/decision", `{"action":"maybe"}`, 422, "action", "use one of approve, reject, ask_for_changes"},
			{"POST", "/api/v1/runs/" + neo.NewID() + "/undo", "", 404, "", "no such workflow run"},
			{"GET", "/api/v1/events/%00/explanation", "", 404, "", "no such event"},

			{"PUT", "/api/v1/settings", settings("Mars/Olympus", `["MON"]`, "09:00", "17:00"), 400, "time_zone", "is not the name of a time zone"},
			{"PUT", "/api/v1/settings", settings("posixrules", `["MON"]`, "09:00", "17:00"), 400, "time_zone", "is not the name of a time zone"},
			{"PUT", "/api/v1/settings", settings("UTC", `["MON","MOON"]`, "09:00", "17:00"), 400, "business_days[1]", "is not a day"},
			{"PUT", "/api/v1/settings", settings("UTC", `[]`, "09:00", "17:00"), 400, "business_days", "choose at least one day"},
			{"PUT", "/api/v1/settings", settings("UTC", `["MON"]`, "9", "17:00"), 400, "opens_at", "is not a time of day"},
			{"PUT", "/api/v1/settings", settings("UTC", `["MON"]`, "18:00", "17:00"), 400, "closes_at", "is not after 18:00"},
			{"POST", "/api/v1/endpoints", `{"name":"a\nb","kind":"HTTPS","url":"https://example.com/x"}`, 400, "name", "line break"},
			{"POST", "/api/v1/endpoints", `{"name":"a","kind":"HTTPS","url":"file:///etc/passwd"}`, 400, "", "url is not an address"},
			{"POST", "/api/v1/api-keys", `{"name":"\u200b"}`, 400, "name", "The name is empty"},
			{"POST", "/api/v1/api-keys", `{"name":"a","expires_at":"2001-01-01T00:00:00Z"}`, 400, "", "would have expired already"},
			{"PUT", permission, `{"permissions":[{"group":"EMAIL","level":"READ_ONLY"},{"group":"EMAIL","level":"DISABLED"}]}`, 400, "permissions[1].group", "Email is in the list twice."},
			{"PUT", permission, `{"permissions":[{"group":"EMAIL","level":"ADMIN"}]}`, 422, "permissions[0].level", "use one of DISABLED, READ_ONLY, READ_WRITE"},
			{"PUT", permission, `{"permissions":null}`, 422, "permissions", "A list is needed here."},
		} {
			r.refusesAt(t, c.method, c.path, c.body, c.status, c.at, c.says)
		}
		unchanged(t)

		// Names are names, whatever is in them.
		for _, name := range []string{`a \"b\", 'c': incident:1; <i>`, `class:value, \"x`, `👩‍💻 {{ ticket.number }} %s`} {
			made := ask[struct {
				ID         string
				Definition neo.Definition
			}](t, r, all, defined(name, calling(name+" 2")))
			var plain string
			if err := json.Unmarshal([]byte(`"`+name+`"`), &plain); err != nil || made.Definition.Name != plain {
				t.Errorf("saved as %q, want %q", made.Definition.Name, plain)
			}
			r.refusesAt(t, "POST", all, defined(name+" 2", calling(name)), 400, "actions[0].config.workflow", "The workflow would run itself")
			data[any](t, r, "DELETE", all+"/"+made.ID, "")
		}

		// A workflow that others run keeps its name, and stays.
		data[any](t, r, "DELETE", all+"/"+first.ID, "")
		caller := ask[struct{ ID string }](t, r, all+"?enabled=true&override_reason=It+comes+later", defined("Caller", calling("Second")))
		r.refusesAt(t, "PUT", all+"/"+second.ID+"?version=1", defined("Renamed", badNote), 400, "name", "Workflows that are on run this one by the name it has: Caller.")
		r.refusesAt(t, "DELETE", all+"/"+second.ID, "", 409, "", "Workflows that are on run “Second”: Caller. Turn them off")
		data[any](t, r, "PATCH", all+"/"+caller.ID, `{"enabled":false}`)
		data[any](t, r, "PUT", all+"/"+second.ID+"?version=1", defined("Renamed", badNote))
		data[any](t, r, "DELETE", all+"/"+second.ID, "")
		if text := r.log.String(); strings.Contains(text, "panic") || strings.Contains(text, "level=ERROR") {
			t.Errorf("the log tells of a fault:\n%s", text)
		}
	})
}
