package workflowfile

import "github.com/neoagent/neo"

// shape describes what may stand at one place of a file.
type shape struct {
	kind kind
	doc  string
	// name, when set, makes the shape a definition of the schema that others refer to.
	name string

	keys     []key                          // object, in the order in which they are written
	settings map[neo.ActionType]*shape      // object: what the key "config" holds, by the key "type"
	item     *shape                         // list, table
	check    func(value any) (wrong string) // object: what the schema says with rule
	rule     *Schema

	values   []string // text: one of these
	pattern  string   // text; for the schema
	bounded  bool     // integer: by min and max
	min, max int      // text, list: its length; max 0 is no bound
}

type key struct {
	name     string
	required bool
	*shape
}

type kind int

const (
	text   kind = iota // a text
	scalar             // a text, number or boolean, taken as it is written
	integer
	boolean
	object
	list
	table // an object whose keys are free
	anything
)

func (k kind) String() string {
	return [...]string{"a text", "a text or a number", "a whole number", "true or false", "a block of keys", "a list", "a block of keys", "anything"}[k]
}

// key returns the shape of a key, or nil.
func (s *shape) key(name string) *shape {
	for _, k := range s.keys {
		if k.name == name {
			return k.shape
		}
	}
	return nil
}

func must(name string, s *shape) key { return key{name, true, s} }
func may(name string, s *shape) key  { return key{name, false, s} }

func says(doc string) *shape           { return &shape{kind: text, doc: doc} }
func line(doc string, most int) *shape { return &shape{kind: text, doc: doc, min: 1, max: most} }
func template(doc string) *shape       { return &shape{kind: text, doc: doc + " May use {{ … }}."} }
func value(doc string) *shape          { return &shape{kind: scalar, doc: doc} }
func number(doc string, least, most int) *shape {
	return &shape{kind: integer, doc: doc, bounded: true, min: least, max: most}
}
func yesNo(doc string) *shape                { return &shape{kind: boolean, doc: doc} }
func listOf(doc string, item *shape) *shape  { return &shape{kind: list, doc: doc, item: item} }
func tableOf(doc string, item *shape) *shape { return &shape{kind: table, doc: doc, item: item} }
func keys(doc string, k ...key) *shape       { return &shape{kind: object, doc: doc, keys: k} }
func clock(doc string) *shape {
	return &shape{kind: text, doc: doc, pattern: `^(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)$`}
}
func named(name string, s *shape) *shape { s.name = name; return s }
func oneOf[T ~string](doc string, v ...T) *shape {
	return &shape{kind: text, doc: doc, values: texts(v)}
}

func texts[T ~string](v []T) []string {
	s := make([]string, len(v))
	for i := range v {
		s[i] = string(v[i])
	}
	return s
}

var weekdays = []string{"MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN"}

var operators = []neo.Operator{
	neo.OpEqual, neo.OpNotEqual, neo.OpIn, neo.OpNotIn, neo.OpContains, neo.OpDoesNotContain, neo.OpContainsAny, neo.OpContainsAll,
	neo.OpBeginsWith, neo.OpEndsWith, neo.OpMatches, neo.OpEmpty, neo.OpNotEmpty, neo.OpLess, neo.OpLessEqual, neo.OpGreater,
	neo.OpGreaterEqual, neo.OpBetween, neo.OpNotBetween, neo.OpBefore, neo.OpAfter, neo.OpWithinLast, neo.OpNotWithinLast,
	neo.OpWithinNext, neo.OpNotWithinNext, neo.OpChanged, neo.OpChangedFrom, neo.OpChangedTo,
}

// rule is a tree of conditions: a group or a comparison.
var rule = func() *shape {
	r := named("rule", keys("A group (combinator and rules) or a comparison (field, operator, value)."))
	r.keys = []key{
		may("combinator", oneOf("How the rules of the group are joined.", neo.And, neo.Or)),
		may("not", yesNo("Turns the group around.")),
		may("field", &shape{kind: text, min: 1, max: 200, doc: "A field of the ticket, or one of ticket_type, changed_by, changed_by_neo, change, age, " +
			"since_last_update, since_customer_reply, weekday, hour."}),
		may("operator", oneOf("How the field is compared.", operators...)),
		may("value", value("What it is compared with; several values are separated by commas.")),
		may("rules", listOf("What the group joins.", r)),
	}
	r.check = func(v any) string {
		o, _ := v.(map[string]any)
		_, group := o["combinator"]
		_, field := o["field"]
		_, operator := o["operator"]
		_, rules := o["rules"]
		switch {
		case group && (field || operator):
			return "is a group and a comparison at once; keep either combinator or field."
		case !group && rules:
			return `has rules but no combinator; set it to "and" or "or".`
		case !group && !field:
			return "has neither a combinator nor a field; every rule needs one of them."
		case !group && !operator:
			return "has no operator; say how the field is compared."
		}
		return ""
	}
	r.rule = &Schema{OneOf: []*Schema{
		{Required: []string{"combinator"}, Not: &Schema{AnyOf: []*Schema{{Required: []string{"field"}}, {Required: []string{"operator"}}}}},
		{Required: []string{"field", "operator"}, Not: &Schema{AnyOf: []*Schema{{Required: []string{"combinator"}}, {Required: []string{"rules"}}}}},
	}}
	return r
}()

var change = named("change", keys("A change of a ticket that starts the workflow.",
	must("change_type", oneOf("The kind of change.", neo.ChangeTypes...)),
	may("target_field", &shape{kind: text, max: 100, doc: "FIELD_UPDATED: which field; without one, any."}),
	may("source_value", value("FIELD_UPDATED, STATE_CHANGED: what it was before.")),
	may("target_value", value("FIELD_UPDATED, STATE_CHANGED: what it is now.")),
))

var schedule = named("schedule", keys("When a SCHEDULED workflow fires.",
	must("every", oneOf("The unit.", neo.EveryMinutes, neo.EveryHours, neo.EveryDay, neo.EveryWeekdays, neo.EveryMonth, neo.EveryCron)),
	may("count", number("MINUTES, HOURS: every so many.", 1, 0)),
	may("at", clock(`DAY, WEEKDAYS, MONTH: the time, as in "08:30".`)),
	may("days", listOf("WEEKDAYS: on which; without any, Monday to Friday. MONTH with week: which weekdays.", oneOf("", weekdays...))),
	may("day", number("MONTH: the day, 1 to 31, or -1 for the last.", -1, 31)),
	may("week", number("MONTH: 1 for the first such weekday, 2 for the second, to 5, or -1 for the last.", -1, 5)),
	may("cron", says("CRON: five fields.")),
	may("time_zone", says("An IANA name, as in Europe/Berlin; without one, the tenant's.")),
))

var action = named("action", &shape{
	kind: object, doc: "One step.",
	keys: []key{
		must("type", oneOf("What it does.", actionTypes()...)),
		may("name", &shape{kind: text, pattern: "^[a-z][a-z0-9_]{0,39}$", doc: "How later steps refer to what this one found: {{ steps.name.… }}."}),
		may("config", &shape{kind: object, doc: "The settings of this type."}),
	},
	settings: configs,
})

// definition has the keys of neo.Definition.
var definition = []key{
	must("name", line("By which people recognise it.", 200)),
	may("description", &shape{kind: text, max: 4_000, doc: "What it is for."}),
	must("trigger_type", oneOf("What starts it: changes of tickets, a schedule, or only people and other workflows.",
		neo.Triggered, neo.Scheduled, neo.OnRequest)),
	may("target_changes", listOf("TRIGGERED: the changes that start it, joined by or.", change)),
	may("schedule", schedule),
	may("conditions", rule),
	must("actions", &shape{kind: list, doc: "What it does, in order.", item: action, min: 1, max: 50}),
	may("run_only_once_per_entity", yesNo("One run per ticket, ever.")),
	may("process_entities_sequentially", yesNo("One run at a time.")),
	may("execution_order", number("Its place among the workflows that one event starts; lower first.", -1_000_000, 1_000_000)),
	may("ignore_execution_order", yesNo("Whether execution_order counts for nothing. Default: true.")),
	may("delay_seconds", number("How long a run waits before its first action.", 0, 7*24*60*60)),
	may("business_hours", oneOf("Only for changes made inside or outside business hours.",
		neo.InsideBusinessHours, neo.OutsideBusinessHours)),
	may("pause_after_failures", number("Switches it off, with an alert, after so many failed runs in a row. 0: never.", 0, 1_000)),
	may("shadow", yesNo("Records what it would do, and does nothing.")),
	may("trigger_on_own_changes", yesNo("Neo's own changes start it as well.")),
}

// document is a whole file, or one document of it.
var document = &shape{
	kind: object, doc: "A workflow of Neo Agent.",
	keys: append(append([]key{
		may("id", &shape{kind: text, max: 64, doc: "Of the workflow on a server; without it, the one of the same name is meant."}),
		may("enabled", yesNo("Whether it is switched on; without it, that stays as it is, and a new one is switched off.")),
	}, definition...),
		may("instance", instanceShape),
		may("cases", listOf("What the workflow has to do: tried by `neo workflow test`.", caseShape)),
	),
}
