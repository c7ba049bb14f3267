package rules

import (
	"encoding/json"

	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/neoagent/neo"
)

// Each mistake is told with its place, all of them at once.
func TestCheck(t *testing.T) {
	const created = `"trigger_type":"TRIGGERED","target_changes":[{"change_type":"TICKET_CREATED"}]`
	for _, c := range []struct {
		definition string
		want       []string // path: part of the message
	}{
		{created, nil},
		{`"trigger_type":"NONE"`, nil},
		{`"trigger_type":"SCHEDULED","schedule":{"every":"MINUTES","count":5},"business_hours":"INSIDE"`, nil},
		{`"trigger_type":"ONCE"`, []string{`trigger_type: "ONCE" is not known`}},
		{`"trigger_type":"TRIGGERED"`, []string{"target_changes: There is none"}},
		{`"trigger_type":"SCHEDULED","target_changes":[{"change_type":"CLOSED"}]`, []string{"target_changes: Changes start only", "schedule: It is missing"}},
		{created + `,"schedule":{"every":"DAY","at":"08:00"}`, []string{"schedule: Only a workflow"}},
		{`"trigger_type":"TRIGGERED","target_changes":[{"change_type":"CREATE"},{"change_type":"RESOLVED","target_field":"state","source_value":"1"},
			{"change_type":"FIELD_UPDATED","target_value":"1"},{"change_type":"FIELD_UPDATED","target_field":"age"},{"change_type":"FIELD_UPDATED","target_field":"caller_id.vip"}]`, []string{
			`target_changes[0].change_type: "CREATE" is not known`, "target_changes[1].source_value: RESOLVED takes no source_value", "target_changes[1].target_field: RESOLVED takes",
			"target_changes[2].target_field: source_value and target_value need", "target_changes[3].target_field: \"age\" is no field of a ticket", "target_changes[4].target_field: \"caller_id.vip\" is not the name"}},
		{created + `,"conditions":{"combinator":"and","rules":[{"field":"age","operator":"=","value":"1d"},{"field":"age","operator":"<","value":"soon"},
			{"field":"hour","operator":">","value":"24"},{"field":"weekday","operator":"in","value":"MON, Tuesday"},{"field":"ticket_type","operator":"=","value":"ticket"},
			{"field":"changed_by_neo","operator":"=","value":"yes"},{"field":"change","operator":"contains","value":"MOVED"},{"field":"state","operator":"between","value":"1"},
			{"field":"state","operator":"between","value":"6, 1"},{"field":"due_date","operator":"before","value":"soon"},{"field":"opened_at","operator":"withinLast","value":"7"},
			{"field":"title","operator":"matches","value":"("},{"field":"state","operator":"in","value":"\"1"},{"field":"state","operator":"in","value":"\"1\" 2"},
			{"field":"caller_id.vip","operator":"=","value":"true"},{"field":"steps.a.b","operator":"notNull"},{"field":"age","operator":"changed"},
			{"field":"age","operator":"between","value":"2d, 1h"},{"field":"hour","operator":"between","value":"8, late"},{"field":"title","operator":"containsAny","value":","}]}`, []string{
			`conditions.rules[0].operator: age is a span of time: "=" does not fit`, `conditions.rules[1].value: "soon" is not a span`, `conditions.rules[2].value: "24" is not an hour`,
			`conditions.rules[3].value: "Tuesday" is not a day`, `conditions.rules[4].value: "ticket" is not a ticket type`, `conditions.rules[5].value: "yes" is neither`,
			`conditions.rules[6].value: "MOVED" is not a kind`, `conditions.rules[7].value: Operator "between" needs two values`, `conditions.rules[8].value: "6" is more than "1"`,
			`conditions.rules[9].value: "soon" is not a time`, `conditions.rules[10].value: "7" is not a span`, `conditions.rules[11].value: This is not a regular expression`,
			`conditions.rules[12].value: A value begins with a double quote`, `conditions.rules[13].value: After a value in double quotes`,
			`conditions.rules[14].field: "caller_id.vip" is not the name of a field`, `conditions.rules[15].field: "steps.a.b": the outputs of steps`,
			`conditions.rules[16].operator: age is a span`, `conditions.rules[17].value: "2d" is longer than "1h"`, `conditions.rules[18].value: Hours are 0 to 23`,
			`conditions.rules[19].value: Operator "containsAny" needs at least one value`}},
		{created + `,"delay_seconds":604801,"pause_after_failures":-1,"execution_order":2000000,"business_hours":"NIGHT"`, []string{
			`business_hours: "NIGHT" is not known`, "delay_seconds: A run can be delayed by 0 to 604800", "pause_after_failures: Use 1 to 1000, or 0", "execution_order: Use -1000000 to 1000000"}},
		{created + `,"process_entities_sequentially":true,"actions":[{"type":"ADD_WORK_NOTE"},{"type":"WAIT"}]`, []string{"process_entities_sequentially: WAIT (action 2) can take days"}},
		{created + `,"process_entities_sequentially":true,"actions":[{"type":"REQUEST_TECHNICIAN_APPROVAL"}]`, []string{"process_entities_sequentially: REQUEST_TECHNICIAN_APPROVAL (action 1)"}},
		{created + `,"actions":[{"type":"WAIT"}]`, nil},
		{`"trigger_type":"SCHEDULED","schedule":{"every":"FORTNIGHT"}`, []string{`schedule.every: "FORTNIGHT" is not known`}},
		{`"trigger_type":"SCHEDULED","schedule":{"every":"HOURS","count":200,"time_zone":"Mars/Olympus"}`, []string{"schedule.count: Use 1 to 24", `schedule.time_zone: "Mars/Olympus" is not a time zone`}},
		{`"trigger_type":"SCHEDULED","schedule":{"every":"MONTH","at":"09:00"}`, []string{`schedule.day: Set day (1 to 31`}},
		{`"trigger_type":"SCHEDULED","schedule":{"every":"MONTH","at":"9","day":32}`, []string{`schedule.at: "9" is not a time`, `schedule.day: Use 1 to 31`}},
		{`"trigger_type":"SCHEDULED","schedule":{"every":"MONTH","at":"09:00","week":6,"days":["MON"]}`, []string{`schedule.week: Use 1 to 5`}},
		{`"trigger_type":"SCHEDULED","schedule":{"every":"MONTH","at":"09:00","week":1}`, []string{`schedule.days: Set at least one day`}},
		{`"trigger_type":"SCHEDULED","schedule":{"every":"MONTH","at":"09:00","week":1,"day":1}`, []string{`schedule.week: Set either day or week`}},
		{`"trigger_type":"SCHEDULED","schedule":{"every":"DAY","at":"09:00","week":1}`, []string{`schedule.every: day and week belong to MONTH`}},
		{`"trigger_type":"SCHEDULED","schedule":{"every":"WEEKDAYS","at":"8:30","days":["MON","Friday"]}`, []string{`schedule.at: "8:30" is not a time`, `schedule.days[1]: "Friday" is not a day`}},
		{`"trigger_type":"SCHEDULED","schedule":{"every":"CRON","cron":"@hourly"}`, []string{`schedule.cron: "@hourly" is not a cron expression`}},
		{`"trigger_type":"SCHEDULED","schedule":{"every":"CRON","cron":"CRON_TZ=UTC 1 2 3 4 *"}`, []string{"schedule.cron: "}},
		{`"trigger_type":"SCHEDULED","schedule":{"every":"CRON","cron":"61 * * * *"}`, []string{"schedule.cron: "}},
		{`"trigger_type":"SCHEDULED","schedule":{"every":"CRON","cron":"0 0 30 2 *"}`, []string{"schedule.cron: \"0 0 30 2 *\" never comes"}},
	} {
		var d neo.Definition
		if err := json.Unmarshal([]byte("{"+c.definition+"}"), &d); err != nil {
			t.Fatalf("%s: %v", c.definition, err)
		}
		got := []string{}
		for _, m := range Check(d, Context{}) {
			got = append(got, m.Path+": "+m.Message)
		}
		if len(got) != len(c.want) {
			t.Errorf("%.60s: %d mistakes, want %d: %s", c.definition, len(got), len(c.want), strings.Join(got, "\n"))
			continue
		}
		for i, want := range c.want {
			if !strings.HasPrefix(got[i], want) {
				t.Errorf("%.60s: %s, want %s", c.definition, got[i], want)
			}
		}
	}
}

// What is too large is refused at once and in few words.
func TestHostileDefinitions(t *testing.T) {
	null := neo.Rule{Field: "a", Operator: neo.OpEmpty}
	deep := null
	for range 9_000 {
		deep = neo.Rule{Combinator: neo.And, Rules: []neo.Rule{deep}}
	}
	wide := neo.Rule{Combinator: neo.Or, Rules: slices.Repeat([]neo.Rule{null}, 100_000)}
	bad := neo.Rule{Combinator: neo.Or, Rules: slices.Repeat([]neo.Rule{{Field: "a", Operator: "~", Value: strings.Repeat("x", 10_000)}}, 499)}
	long := strings.Repeat("x", 5<<20)
	triggered := neo.Definition{TriggerType: neo.Triggered, Changes: []neo.TargetChange{{ChangeType: neo.TicketCreated}}}
	with := func(r neo.Rule) neo.Definition { d := triggered; d.Conditions = &r; return d }
	for _, c := range []struct {
		name string
		d    neo.Definition
		many int
		want string
	}{
		{"a deep tree", with(deep), 1, "Groups nest deeper than 16 here"},
		{"a wide tree", with(wide), 1, "There are more than 500 rules"},
		{"many long values", with(neo.Rule{Combinator: neo.Or, Rules: slices.Repeat([]neo.Rule{{Field: "a", Operator: neo.OpIn, Value: long[:3_999]}}, 500)}), 1, "more than 200000 bytes in all"},
		{"many mistakes", with(bad), 50, "is not known"},
		{"a long value", with(neo.Rule{Field: "a", Operator: neo.OpEqual, Value: long}), 1, "5242880 bytes; 4000"},
		{"a long field", with(neo.Rule{Field: long, Operator: neo.OpEqual}), 1, "not the name of a field"},
		{"a long operator", with(neo.Rule{Field: "a", Operator: neo.Operator(long)}), 1, "is not known"},
		{"a long combinator", with(neo.Rule{Combinator: neo.Combinator(long)}), 1, "is not known"},
		{"a long pattern", with(neo.Rule{Field: "a", Operator: neo.OpMatches, Value: long[:1001]}), 1, "1001 bytes; 1000"},
		{"repetitions", with(neo.Rule{Field: "a", Operator: neo.OpMatches, Value: "(a{1,900}b){1,900}"}), 1, "regular expression"},
		{"long repetitions", with(neo.Rule{Field: "a", Operator: neo.OpMatches, Value: strings.Repeat("(x{1,500})", 50)}), 1, "too large once its repetitions"},
		{"nested groups", with(neo.Rule{Field: "a", Operator: neo.OpMatches, Value: strings.Repeat("(", 500) + strings.Repeat(")+", 500)[:500]}), 1, "regular expression"},
		{"many changes", neo.Definition{TriggerType: neo.Triggered, Changes: slices.Repeat(triggered.Changes, 100_000)}, 1, "100000 changes; 50"},
		{"a long type", neo.Definition{TriggerType: neo.TriggerType(long)}, 1, "is not known"},
		{"many days", neo.Definition{TriggerType: neo.Scheduled, Schedule: &neo.Schedule{Every: neo.EveryDay, At: "08:00", Days: slices.Repeat([]string{"MON"}, 100_000)}}, 1, "100000 days"},
		{"a long zone", neo.Definition{TriggerType: neo.Scheduled, Schedule: &neo.Schedule{Every: neo.EveryDay, At: "08:00", TimeZone: long}}, 1, "not a time zone"},
		{"a long expression", neo.Definition{TriggerType: neo.Scheduled, Schedule: &neo.Schedule{Every: neo.EveryCron, Cron: long}}, 1, "200 are allowed"},
	} {
		began := time.Now()
		mistakes := Check(c.d, Context{})
		if took := time.Since(began); took > time.Second {
			t.Errorf("%s took %v", c.name, took)
		}
		if len(mistakes) != c.many || !strings.Contains(mistakes[0].Message, c.want) {
			t.Errorf("%s: %d mistakes: %.300v", c.name, len(mistakes), mistakes)
		}
		for _, m := range mistakes {
			if len(m.Message) > 700 || len(m.Path) > 300 {
				t.Errorf("%s: a message of %d bytes at %.80s", c.name, len(m.Message), m.Path)
			}
		}
	}
}

// The slowest regular expression that is taken, on the longest text that is searched,
// is done in a moment.
func TestRegexpBomb(t *testing.T) {
	for _, pattern := range []string{"(a|a?)+$", "(.*)*x", "(a*)*b", ".{0,300}.{0,300}x", "(a?){150}a{150}x", "(x+x+)+y"} {
		w := workflow(neo.TargetChange{ChangeType: neo.FieldUpdated}, &neo.Rule{Field: "description", Operator: neo.OpMatches, Value: pattern})
		c, err := Compile(w, Context{})
		if err != nil {
			t.Logf("%s: %v", pattern, err)
			continue
		}
		e := vpn()
		e.Fields["description"] = neo.Value{Value: strings.Repeat("a", 10<<20)}
		began := time.Now()
		c.Matches(e)
		if took := time.Since(began); took > 5*time.Second {
			t.Errorf("%s took %v", pattern, took)
		} else {
			t.Logf("%s took %v", pattern, took)
		}
	}
}

func TestCompileRule(t *testing.T) {
	outputs := map[string]string{"steps.find.number": "INC0010001"}
	extra := func(field string) (neo.Value, bool) {
		v, ok := outputs[field]
		return neo.Value{Value: v}, ok
	}
	rule := &neo.Rule{Combinator: neo.And, Rules: []neo.Rule{{Field: "steps.find.number", Operator: neo.OpBeginsWith, Value: "inc"}, {Field: "priority", Operator: neo.OpEqual, Value: "1"}}}
	holds, err := CompileRule(rule, Context{}, extra)
	if err != nil || !holds(vpn()) {
		t.Errorf("with the output of a step: %v", err)
	}
	delete(outputs, "steps.find.number")
	if holds(vpn()) {
		t.Error("the output is asked for each time")
	}
	_, err = CompileRule(rule, Context{}, nil)
	if want := "rules[0].field: "; !strings.HasPrefix(neo.MessageOf(err), want) {
		t.Errorf("without outputs: %v, want %s", err, want)
	}
	if _, err := CompileRule(&neo.Rule{Field: "a", Operator: "~"}, Context{}, extra); !strings.HasPrefix(neo.MessageOf(err), "operator: ") {
		t.Errorf("a rule alone: %v", err)
	}
	bad := &neo.Rule{Combinator: neo.And, Rules: []neo.Rule{{Field: "steps.a", Operator: neo.OpEmpty}, {Field: "steps.a.b", Operator: neo.OpEmpty}, {Operator: neo.OpEmpty}}}
	var paths []string
	for _, m := range CheckRule(bad, "actions[1].config.conditions", Context{}) {
		paths = append(paths, m.Path)
	}
	if diff := cmp.Diff([]string{"actions[1].config.conditions.rules[0].field", "actions[1].config.conditions.rules[2].field"}, paths); diff != "" {
		t.Errorf("paths (-want +got):\n%s", diff)
	}
	if _, err := CompileRule(rule, Context{Settings: neo.Settings{TimeZone: "Nowhere"}}, extra); neo.CodeOf(err) != neo.CodeInvalid {
		t.Errorf("settings without a zone: %v", err)
	}
}

// Scheduled workflows and those on request match no event, but have conditions.
func TestConditionsAlone(t *testing.T) {
	for _, d := range []neo.Definition{{TriggerType: neo.OnRequest}, {TriggerType: neo.Scheduled, Schedule: &neo.Schedule{Every: neo.EveryHours}}} {
		d.Conditions = &neo.Rule{Field: "priority", Operator: neo.OpEqual, Value: "1"}
		c, err := Compile(&neo.Workflow{Definition: d}, Context{})
		if err != nil {
			t.Fatal(err)
		}
		e := vpn()
		if c.Matches(e) || len(NewIndex([]*Compiled{c}).Match(e)) > 0 || !c.Holds(e) {
			t.Errorf("%s: its conditions hold, and no event starts it", d.TriggerType)
		}
		e.Fields["priority"] = neo.Value{Value: "2"}
		if c.Holds(e) {
			t.Errorf("%s: its conditions do not hold", d.TriggerType)
		}
	}
}

func TestBusinessHours(t *testing.T) {
	night := neo.Settings{TimeZone: "America/New_York", BusinessDays: []string{"FRI"}, OpensAt: "22:00", ClosesAt: "06:00"}
	for _, c := range []struct {
		settings neo.Settings
		at       string
		want     bool
	}{
		{berlin, "2026-11-23T07:59:59Z", false}, {berlin, "2026-11-23T08:00:00Z", true}, {berlin, "2026-11-23T15:59:59Z", true}, {berlin, "2026-11-23T16:00:00Z", false},
		{berlin, "2026-07-20T07:00:00Z", true}, // summer
		{berlin, "2026-11-22T12:00:00Z", false},
		{night, "2026-11-28T02:59:00Z", false}, {night, "2026-11-28T03:00:00Z", true}, {night, "2026-11-28T10:59:00Z", true}, {night, "2026-11-28T11:00:00Z", false},
		{night, "2026-11-27T10:00:00Z", false},                                  // the end of Thursday's night
		{neo.Settings{}, "2026-11-23T09:00:00Z", true},                          // the default
		{neo.Settings{BusinessDays: []string{}}, "2026-11-23T09:00:00Z", false}, // no day at all
		{neo.Settings{OpensAt: "00:00", ClosesAt: "24:00", BusinessDays: []string{"MON"}}, "2026-11-23T23:59:59Z", true},
	} {
		at, err := time.Parse(time.RFC3339, c.at)
		if err != nil {
			t.Fatal(err)
		}
		for option, want := range map[neo.BusinessHoursOption]bool{"": true, neo.InsideBusinessHours: c.want, neo.OutsideBusinessHours: !c.want} {
			w := workflow(neo.TargetChange{ChangeType: neo.FieldUpdated}, nil)
			w.BusinessHours = option
			compiled, err := Compile(w, Context{Settings: c.settings})
			if err != nil {
				t.Fatal(err)
			}
			e := &neo.Event{Type: neo.EntityUpdated, ReceivedAt: at} // when it happened is not known
			if compiled.Matches(e) != want {
				t.Errorf("%v at %s, %q: %v, want %v", c.settings, c.at, option, !want, want)
			}
			e.ReceivedAt, e.ChangedAt = at.AddDate(0, 0, 3), at // it came late
			if compiled.Matches(e) != want {
				t.Errorf("%v at %s, %q, late: %v, want %v", c.settings, c.at, option, !want, want)
			}
			x, err := Explain(w, e, Context{Settings: c.settings})
			if err != nil || x.Matches != want || (x.BusinessHours == nil) != (option == "") || x.BusinessHours != nil && x.BusinessHours.Holds != want {
				t.Errorf("explained as %+v, %v", x, err)
			}
		}
	}
	for _, s := range []neo.Settings{{OpensAt: "9"}, {ClosesAt: "25:00"}, {OpensAt: "-1:00"}, {OpensAt: "+9:30"}, {BusinessDays: []string{"Monday"}}, {TimeZone: "Local"}} {
		if _, err := Compile(workflow(neo.TargetChange{ChangeType: neo.FieldUpdated}, nil), Context{Settings: s}); neo.CodeOf(err) != neo.CodeInvalid {
			t.Errorf("%+v: %v", s, err)
		}
	}
}

// What spans are as text is what they are read as.
func TestSpans(t *testing.T) {
	for text, want := range map[string]time.Duration{"30m": 30 * time.Minute, "4h": 4 * time.Hour, "7d": 7 * 24 * time.Hour, "2w": 14 * 24 * time.Hour,
		" 1d 12h ": 36 * time.Hour, "90s": 90 * time.Second, "": 0, "7": 0, "d": 0, "0m": 0, "-1h": 0, "1y": 0, "1h30": 0, "999999999w": 0, "1.5h": 90 * time.Minute, "1..5h": 0, ".h": 0} {
		got, ok := span(text)
		if got != want || ok != (want > 0) {
			t.Errorf("%q is %v, %v", text, got, ok)
		}
		if back, _ := span(spanText(got)); ok && back != got {
			t.Errorf("%v is written as %q", got, spanText(got))
		}
	}
}
