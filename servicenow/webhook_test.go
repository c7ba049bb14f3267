package servicenow_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/neoagent/neo"
	"github.com/neoagent/neo/servicenow"
)

const notice = `{"sys_id":"9d385017c611228701d22104cc95c371","number":"INC0010001","sys_mod_count":"7","table":"incident"}`

func TestDecodeWebhook(t *testing.T) {
	got, err := servicenow.DecodeWebhook([]byte(`{
		"sys_id": "9d385017c611228701d22104cc95c371", "number": "INC0010001", "sys_mod_count": "7", "table": "incident",
		"operation": "update", "changed_by": "fred.luddy", "changed_at": "2026-11-24 05:30:00", "previous_at": "2026-11-24 05:10:00",
		"changes": [{"field": "state", "from": {"value": "1", "display": "New"}, "to": {"value": "2", "display": "In Progress"}}],
		"journal": [{"element": "work_notes", "text": "Called \u201cBeth\u201d \ud83d\ude00\nback", "author": "fred.luddy", "technician": true}],
		"fields": {"state": {"value": "2", "display": "In Progress"}, "active": {"value": "true", "display": "true"},
			"location": {"value": ""}, "company": {"value": null, "display": null}, "order": 3, "made_sla": true, "parent": "x"},
		"later": [{"unknown": [1, -2.5e+3, null, false]}]
	}`))
	if err != nil {
		t.Fatal(err)
	}
	want := neo.Event{
		Ticket:    neo.TicketRef{Class: neo.Incident, RemoteID: "9d385017c611228701d22104cc95c371"},
		Number:    "INC0010001",
		Version:   7,
		Type:      neo.EntityUpdated,
		ChangedBy: "fred.luddy",
		ChangedAt: time.Date(2026, 11, 24, 5, 30, 0, 0, time.UTC),
		EventData: neo.EventData{
			Changes:    []neo.FieldChange{{Field: "state", From: neo.Value{Value: "1", Display: "New"}, To: neo.Value{Value: "2", Display: "In Progress"}}},
			Journal:    []neo.JournalEntry{{Element: "work_notes", Text: "Called “Beth” 😀\nback", Author: "fred.luddy", Technician: true}},
			PreviousAt: time.Date(2026, 11, 24, 5, 10, 0, 0, time.UTC),
			Fields: map[string]neo.Value{"state": {Value: "2", Display: "In Progress"}, "active": {Value: "true"}, "location": {}, "company": {},
				"order": {Value: "3"}, "made_sla": {Value: "true"}, "parent": {Value: "x"}},
		},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("event (-want +got):\n%s", diff)
	}
}

func TestDecodeWebhookType(t *testing.T) {
	for name, tt := range map[string]struct {
		body string
		want neo.EventType
	}{
		"notice, version 7":    {notice, neo.EntityUpdated},
		"notice, version 0":    {strings.Replace(notice, `"7"`, `"0"`, 1), neo.EntityCreated},
		"number, version 0":    {strings.Replace(notice, `"7"`, `0`, 1), neo.EntityCreated},
		"insert":               {strings.Replace(notice, `}`, `,"operation":"insert"}`, 1), neo.EntityCreated},
		"update at version 0":  {strings.Replace(notice, `"7"`, `"0","operation":"update"`, 1), neo.EntityUpdated},
		"white space around":   {" \r\n\t" + notice + "\n ", neo.EntityUpdated},
		"null for what we add": {strings.Replace(notice, `}`, `,"operation":null,"changed_at":null,"changed_by":null}`, 1), neo.EntityUpdated},
	} {
		t.Run(name, func(t *testing.T) {
			e, err := servicenow.DecodeWebhook([]byte(tt.body))
			if err != nil || e.Type != tt.want {
				t.Errorf("got %q, %v; want %q", e.Type, err, tt.want)
			}
		})
	}
}

func TestDecodeWebhookRefuses(t *testing.T) {
	with := func(key, value string) string {
		var b strings.Builder
		b.WriteString("{")
		for k, v := range map[string]string{"sys_id": `"a1"`, "number": `"INC1"`, "sys_mod_count": `"1"`, "table": `"incident"`} {
			if k != key {
				fmt.Fprintf(&b, "%q:%s,", k, v)
			}
		}
		if value == "" {
			return strings.TrimSuffix(b.String(), ",") + "}"
		}
		return fmt.Sprintf("%s%q:%s}", b.String(), key, value)
	}
	for name, tt := range map[string]struct{ body, want string }{
		"empty":                  {"", "the body is not whole JSON: it ends where an object is expected"},
		"spaces":                 {"  ", "the body is not whole JSON"},
		"array":                  {"[]", "the body: expected an object"},
		"null":                   {"null", "the body: expected an object"},
		"text":                   {`"x"`, "the body: expected an object"},
		"html":                   {"<html>", `byte 0 is '<'`},
		"truncated":              {notice[:len(notice)-4], `it ends where the end of a text (") is expected`},
		"trailing":               {notice + "{}", "the body goes on after its JSON ends"},
		"trailing NUL":           {notice + "\x00", "the body goes on after its JSON ends"},
		"trailing comma":         {`{"a":1,}`, "a key is expected"},
		"no colon":               {`{"a" 1}`, "a colon is expected"},
		"raw control character":  {with("number", "\"IN\x01C\""), "text without raw control characters"},
		"raw NUL":                {with("number", "\"IN\x00C\""), "text without raw control characters"},
		"bad escape":             {with("number", `"\x"`), "an escape that JSON knows"},
		"bad hex":                {with("number", `"\u12g4"`), "four hexadecimal digits"},
		"leading zero":           {with("sys_mod_count", `01`), "a comma or }"},
		"bare minus":             {with("sys_mod_count", `-`), "a digit is expected"},
		"bare point":             {with("sys_mod_count", `1.`), "a digit is expected"},
		"10,000 levels":          {with("x", strings.Repeat("[", 10_000)), "nests deeper than 32 levels"},
		"10,000 objects":         {with("fields", strings.Repeat(`{"a":`, 10_000)), "nests deeper than 32 levels"},
		"no sys_id":              {with("sys_id", ""), "sys_id: expected"},
		"null sys_id":            {with("sys_id", "null"), "sys_id: expected"},
		"empty sys_id":           {with("sys_id", `""`), "sys_id: expected"},
		"long sys_id":            {with("sys_id", `"`+strings.Repeat("a", 65)+`"`), "sys_id: expected"},
		"path as sys_id":         {with("sys_id", `"../../x"`), "sys_id: expected"},
		"number as sys_id":       {with("sys_id", `12`), "sys_id: expected a text"},
		"object as sys_id":       {with("sys_id", `{"value":"a"}`), "sys_id: expected a text"},
		"no number":              {with("number", ""), "number: expected"},
		"long number":            {with("number", `"`+strings.Repeat("é", 65)+`"`), "number: expected"},
		"control in number":      {with("number", `"INC\u0007"`), "number: expected"},
		"no sys_mod_count":       {with("sys_mod_count", ""), "sys_mod_count: expected"},
		"negative":               {with("sys_mod_count", `-1`), "sys_mod_count: expected"},
		"fraction":               {with("sys_mod_count", `1.5`), "sys_mod_count: expected"},
		"exponent":               {with("sys_mod_count", `1e3`), "sys_mod_count: expected"},
		"beyond 2^53":            {with("sys_mod_count", `"9007199254740993"`), "sys_mod_count: expected"},
		"boolean sys_mod_count":  {with("sys_mod_count", `true`), "sys_mod_count: expected"},
		"list as sys_mod_count":  {with("sys_mod_count", `[1]`), "sys_mod_count: expected"},
		"no table":               {with("table", ""), "table: expected one of incident, sc_request, sc_req_item, sc_task, change_request, problem"},
		"unknown table":          {with("table", `"sys_user"`), "table: expected one of incident"},
		"unknown operation":      {with("operation", `"delete"`), "operation: expected insert or update"},
		"local time":             {with("changed_at", `"24.11.2026 05:30"`), "changed_at: expected a time in UTC"},
		"previous local time":    {with("previous_at", `"24.11.2026 05:30"`), "previous_at: expected a time in UTC"},
		"technician as a number": {with("journal", `[{"element":"comments","technician":1}]`), "journal.technician: expected true or false"},
		"changes not a list":     {with("changes", `{}`), "changes: expected an array"},
		"change without a field": {with("changes", `[{"from":"a"}]`), "changes: expected the name of a field"},
		"change not an object":   {with("changes", `["state"]`), "changes: expected an object"},
		"list as value":          {with("fields", `{"state":["1"]}`), "state: expected a text"},
		"object in value":        {with("fields", `{"state":{"value":{}}}`), "state: expected a text"},
		"entry without element":  {with("journal", `[{"text":"a"}]`), "journal: expected work_notes or comments"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := servicenow.DecodeWebhook([]byte(tt.body))
			if neo.CodeOf(err) != neo.CodeInvalid || !strings.Contains(neo.MessageOf(err), tt.want) {
				t.Errorf("got %v\nwant invalid: … %s …", err, tt.want)
			}
		})
	}
}

func TestDecodeWebhookReplacesWhatTextCannotHold(t *testing.T) {
	for name, tt := range map[string]struct{ in, want string }{
		"NUL":                     {`a\u0000b`, "a\uFFFDb"},
		"first half of a pair":    {`a\ud83d`, "a\uFFFD"},
		"second half of a pair":   {`\ude00b`, "\uFFFDb"},
		"half, then another char": {`\ud83d\u0041`, "\uFFFDA"},
		"two first halves":        {`\ud83d\ud83d\ude00`, "\uFFFD😀"},
		"invalid UTF-8":           {"a\xffb", "a\uFFFDb"},
		"invalid UTF-8, escaped":  {"a\xff\\n", "a\uFFFD\n"},
		"all escapes":             {`\"\\\/\b\f\n\r\t`, "\"\\/\b\f\n\r\t"},
		"line separators":         {`\u2028\u2029`, "\u2028\u2029"},
	} {
		t.Run(name, func(t *testing.T) {
			e, err := servicenow.DecodeWebhook([]byte(strings.Replace(notice, "}", `,"changed_by":"`+tt.in+`"}`, 1)))
			if err != nil || e.ChangedBy != tt.want {
				t.Errorf("got %q, %v; want %q", e.ChangedBy, err, tt.want)
			}
		})
	}
}

func TestCallbackURL(t *testing.T) {
	got := servicenow.CallbackURL("https://neo.example.com/", "0190-a", "s-e_c")
	if want := "https://neo.example.com/callback/servicenow?integration=0190-a&key=s-e_c"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if len(servicenow.CallbackHash("x")) != 32 {
		t.Error("the hash is not a SHA-256")
	}
}

// FuzzDecodeWebhook holds the reader to encoding/json: what it takes is JSON, what
// it calls no JSON is none, and nothing gets through that a database refuses.
func FuzzDecodeWebhook(f *testing.F) {
	f.Add([]byte(notice))
	f.Add(typicalWebhook())
	f.Add([]byte(`{"sys_id":"a","number":"é\u0000\ud83d","sys_mod_count":1e5,"table":"problem","x":[[{}],-0.5E+1,"\n"]}`))
	f.Add([]byte(`{"a":[1,2,{"b":null}],"a":true}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		e, err := servicenow.DecodeWebhook(body)
		if err != nil {
			if neo.CodeOf(err) != neo.CodeInvalid || neo.MessageOf(err) == "" {
				t.Fatalf("error %v", err)
			}
			if strings.Contains(neo.MessageOf(err), "JSON") && json.Valid(body) {
				t.Fatalf("%q is JSON, but: %v", body, err)
			}
			return
		}
		if !json.Valid(body) {
			t.Fatalf("%q is not JSON, but was taken", body)
		}
		texts := []string{e.Number, e.ChangedBy, e.Ticket.RemoteID}
		for k, v := range e.Fields {
			texts = append(texts, k, v.Value, v.Display)
		}
		for _, c := range e.Changes {
			texts = append(texts, c.Field, c.From.Value, c.To.Value, c.From.Display, c.To.Display)
		}
		for _, j := range e.Journal {
			texts = append(texts, j.Element, j.Text, j.Author)
		}
		for _, s := range texts {
			if !utf8.ValidString(s) || strings.ContainsRune(s, 0) {
				t.Fatalf("%q came out of %q", s, body)
			}
		}
		if !e.Ticket.Class.Known() || e.Version < 0 {
			t.Fatalf("event %+v", e)
		}
	})
}

// typicalWebhook is a body of about 3 KB, as an incident of the sample data makes.
func typicalWebhook() []byte {
	var fields strings.Builder
	for i := range 45 {
		switch i % 3 {
		case 0:
			fmt.Fprintf(&fields, `,"some_field_%d":{"value":"9d385017c611228701d22104cc95c371","display":"Network Services"}`, i)
		case 1:
			fmt.Fprintf(&fields, `,"some_field_%d":{"value":""}`, i)
		default:
			fmt.Fprintf(&fields, `,"some_field_%d":{"value":"2026-11-24 05:30:00","display":"2026-11-23 21:30:00"}`, i)
		}
	}
	return []byte(strings.TrimSuffix(notice, "}") + `,"operation":"update","changed_by":"fred.luddy","changed_at":"2026-11-24 05:30:00",` +
		`"changes":[{"field":"state","from":{"value":"1","display":"New"},"to":{"value":"2","display":"In Progress"}}],` +
		`"journal":[{"element":"work_notes","text":"Called the user back, waiting for the reboot.\nNext check at noon.","author":"fred.luddy"}],` +
		`"fields":{` + fields.String()[1:] + `}}`)
}

func BenchmarkDecodeWebhook(b *testing.B) {
	body := typicalWebhook()
	b.SetBytes(int64(len(body)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := servicenow.DecodeWebhook(body); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkDecodeWebhookDeep(b *testing.B) {
	body := []byte(strings.TrimSuffix(notice, "}") + `,"x":` + strings.Repeat("[", 10_000))
	for b.Loop() {
		if _, err := servicenow.DecodeWebhook(body); err == nil {
			b.Fatal("taken")
		}
	}
}
