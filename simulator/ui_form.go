package simulator

// formField is one input of a ticket form, ready to render. Was is the value the form was opened with: only fields that
// differ from it are saved, so that an open page does not undo what someone else changed meanwhile.
type formField struct {
	Name, Label string
	Kind        string // text, area, select, fixed
	Value, Was  string
	Options     []option
	Wide        bool
}

type option struct {
	Value, Label string
	Selected     bool
}

// ticketForms is what the ticket page of a class shows, in order. Names in capitals begin a section.
var ticketForms = map[string][]string{
	"task": {"DETAILS", "number", "state", "impact", "urgency", "priority", "ASSIGNMENT", "assignment_group", "assigned_to", "cmdb_ci",
		"TEXT", "short_description", "description", "close_notes"},
	"incident": {"DETAILS", "number", "caller_id", "state", "hold_reason", "category", "subcategory", "impact", "urgency", "priority", "parent_incident",
		"ASSIGNMENT", "assignment_group", "assigned_to", "cmdb_ci", "TEXT", "short_description", "description",
		"RESOLUTION", "close_code", "close_notes", "SLA", "sla_due", "made_sla"},
	"problem": {"DETAILS", "number", "state", "category", "impact", "urgency", "priority", "ASSIGNMENT", "assignment_group",
		"assigned_to", "cmdb_ci", "TEXT", "short_description", "description", "workaround", "cause_notes",
		"RESOLUTION", "resolution_code", "fix_notes"},
	"change_request": {"DETAILS", "number", "requested_by", "type", "state", "approval", "category", "risk", "impact", "priority",
		"ASSIGNMENT", "assignment_group", "assigned_to", "cmdb_ci", "TEXT", "short_description", "description", "justification",
		"implementation_plan", "RESOLUTION", "close_code", "close_notes"},
	"sc_request": {"DETAILS", "number", "requested_for", "state", "approval", "request_state", "stage", "priority", "ASSIGNMENT",
		"assignment_group", "assigned_to", "TEXT", "short_description", "description", "special_instructions"},
	"sc_req_item": {"DETAILS", "number", "request", "requested_for", "state", "approval", "stage", "quantity", "priority", "ASSIGNMENT",
		"assignment_group", "assigned_to", "TEXT", "short_description", "description", "close_notes"},
}

var sectionTitles = map[string]string{"DETAILS": "Details", "ASSIGNMENT": "Assignment", "TEXT": "Description", "RESOLUTION": "Resolution", "SLA": "Service level"}

func formOf(t *table) []string {
	if f, ok := ticketForms[t.name]; ok {
		return f
	}
	return ticketForms["task"]
}

type formSection struct {
	Title  string
	Fields []formField
}

// form fills a ticket form from a record. The store's lock must be held.
func (v viewer) form(r *record) []formSection {
	var out []formSection
	for _, name := range formOf(r.table) {
		if title, ok := sectionTitles[name]; ok {
			out = append(out, formSection{Title: title})
			continue
		}
		if col := r.table.col(name); col >= 0 {
			last := &out[len(out)-1]
			last.Fields = append(last.Fields, v.formField(r, col))
		}
	}
	return out
}

func (v viewer) formField(r *record, col int) formField {
	f := r.table.columns[col]
	out := formField{Name: f.name, Label: f.label, Value: r.vals[col], Was: r.vals[col], Kind: "text"}
	switch {
	case f.computed || f.name == "number":
		out.Kind, out.Value = "fixed", v.display(r, col)
	case v.store.choices[r.table.name][col] != nil:
		out.Kind = "select"
		out.Options = append(out.Options, option{"", "— None —", out.Value == ""})
		for _, c := range v.store.choices[r.table.name][col] {
			out.Options = append(out.Options, option{c.value, c.label, c.value == out.Value})
		}
	case f.kind == kindBoolean:
		out.Kind, out.Options = "select", []option{{"true", "true", out.Value == "true"}, {"false", "false", out.Value == "false"}}
	case f.kind == kindReference:
		out.Kind, out.Options = "select", v.referenceOptions(f.ref, out.Value)
	case f.kind == kindInteger || f.kind == kindDateTime || f.kind == kindDuration:
	case f.max > 160 || f.max == 0:
		out.Kind, out.Wide = "area", true
	default:
		out.Wide = f.max >= 160
	}
	return out
}

// maxOptions keeps a reference's list usable; the value in place is always among them.
const maxOptions = 500

func (v viewer) referenceOptions(tableName, selected string) []option {
	t := schema[tableName]
	out := []option{{"", "— None —", selected == ""}}
	if t == nil {
		return out
	}
	q := compileQuery(parseQuery("ORDERBY"+t.display), t, queryEnv{tables: v.store.tables})
	page, _ := q.run(0, maxOptions)
	found := selected == ""
	for _, r := range page {
		found = found || r.id() == selected
		out = append(out, option{r.id(), r.get(t.display), r.id() == selected})
	}
	if !found {
		out = append(out, option{selected, v.nameOf(t, selected), true})
	}
	return out
}
