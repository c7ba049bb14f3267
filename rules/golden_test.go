package rules

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/neoagent/neo"
)

var update = flag.Bool("update", false, "write golden files")

// golden is a trigger or a rule, and the names of the events of testdata/events.json
// that it is true for.
type golden struct {
	Change  *neo.TargetChange `json:"change,omitempty"`
	Own     bool              `json:"own,omitempty"` // Neo's own changes start it as well
	Rule    *neo.Rule         `json:"rule,omitempty"`
	Matches []string          `json:"matches"`
}

// berlin are the settings by which the goldens are judged: an hour ahead of UTC.
var berlin = neo.Settings{TimeZone: "Europe/Berlin", BusinessDays: []string{"MON", "TUE", "WED", "THU", "FRI"}, OpensAt: "09:00", ClosesAt: "17:00",
	Holidays: []neo.Holiday{{Date: "11-24"}}}

func readJSON(t *testing.T, name string, into any) {
	t.Helper()
	raw, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	d := json.NewDecoder(bytes.NewReader(raw))
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
}

// testGolden asks every line of a file about every event, by all ways of asking. The
// name of each line is what about says; of each of wanted there must be a line that is
// true for some of the events, and not for all.
func testGolden(t *testing.T, file string, wanted []string, about func(golden) string) {
	events := map[string]*neo.Event{}
	readJSON(t, "events.json", &events)
	names := make([]string, 0, len(events))
	for name := range events {
		names = append(names, name)
	}
	slices.Sort(names)
	var lines []golden
	readJSON(t, file, &lines)
	proved := map[string]bool{}
	for i := range lines {
		line := &lines[i]
		w := &neo.Workflow{Definition: neo.Definition{TriggerType: neo.Triggered, TriggerOnOwnChanges: line.Own, Conditions: line.Rule}}
		w.Changes = []neo.TargetChange{{ChangeType: neo.TicketCreated}, {ChangeType: neo.FieldUpdated}}
		if line.Change != nil {
			w.Changes = []neo.TargetChange{*line.Change}
		} else {
			w.TriggerOnOwnChanges = true
		}
		what, err := json.Marshal(line)
		if err != nil {
			t.Fatal(err)
		}
		c, err := Compile(w, Context{Settings: berlin})
		if err != nil {
			t.Errorf("%s: %v", what, err)
			continue
		}
		matches := []string{}
		for _, name := range names {
			e := events[name]
			if c.Matches(e) {
				matches = append(matches, name)
			}
			x, err := Explain(w, e, Context{Settings: berlin})
			if found := len(NewIndex([]*Compiled{c}).Match(e)) == 1; found != c.Matches(e) || err != nil || x.Matches != found {
				t.Errorf("%s at %q: asked %v, found %v, explained %v (%v)", what, name, c.Matches(e), found, x.Matches, err)
			}
		}
		if *update {
			line.Matches = matches
		}
		if diff := cmp.Diff(line.Matches, matches, cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("%s (-want +got):\n%s", what, diff)
		}
		if len(matches) > 0 && len(matches) < len(names) {
			proved[about(*line)] = true
		}
	}
	for _, what := range wanted {
		if !proved[what] {
			t.Errorf("%s has no line that tells events apart", what)
		}
	}
	if *update {
		writeGolden(t, file, lines)
	}
}

// writeGolden writes one line for each.
func writeGolden(t *testing.T, file string, lines []golden) {
	t.Helper()
	out := bytes.NewBufferString("[\n")
	for i, line := range lines {
		e := json.NewEncoder(out)
		e.SetEscapeHTML(false)
		out.WriteString("  ")
		if err := e.Encode(line); err != nil {
			t.Fatal(err)
		}
		if i < len(lines)-1 {
			out.Truncate(out.Len() - 1)
			out.WriteString(",\n")
		}
	}
	out.WriteString("]\n")
	if err := os.WriteFile("testdata/"+file, out.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestTriggersGolden(t *testing.T) {
	var all []string
	for _, k := range neo.ChangeTypes {
		all = append(all, string(k))
	}
	testGolden(t, "triggers.json", all, func(g golden) string { return string(g.Change.ChangeType) })
}

func TestOperatorsGolden(t *testing.T) {
	var all []string
	for _, o := range operators[ownField] {
		all = append(all, string(o))
	}
	testGolden(t, "operators.json", all, func(g golden) string { return string(g.Rule.Operator) })
}

// Every pseudo-field tells events apart.
func TestPseudoFieldsGolden(t *testing.T) {
	var all []string
	for field := range pseudoFields {
		all = append(all, field)
	}
	testGolden(t, "operators.json", all, func(g golden) string { return g.Rule.Field })
}

// The documentation names every kind of change, operator, pseudo-field and unit.
func TestDocumented(t *testing.T) {
	text, err := os.ReadFile("../docs/workflows.md")
	if err != nil {
		t.Fatal(err)
	}
	names := []string{string(neo.Triggered), string(neo.Scheduled), string(neo.OnRequest), string(neo.EveryMinutes), string(neo.EveryHours),
		string(neo.EveryDay), string(neo.EveryWeekdays), string(neo.EveryMonth), string(neo.EveryCron), string(neo.InsideBusinessHours), string(neo.OutsideBusinessHours)}
	for _, k := range neo.ChangeTypes {
		names = append(names, string(k))
	}
	for _, o := range operators[ownField] {
		names = append(names, string(o))
	}
	for f := range pseudoFields {
		names = append(names, f)
	}
	for _, name := range names {
		if !bytes.Contains(text, []byte("`"+name+"`")) {
			t.Errorf("docs/workflows.md does not have %s", name)
		}
	}
}
