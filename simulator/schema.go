package simulator

import "strings"

// kind says how a column stores, compares and shows its value. Every value is a string, as it is on the wire.
type kind uint8

const (
	kindString kind = iota
	kindInteger
	kindBoolean
	kindDateTime // "2006-01-02 15:04:05" UTC
	kindReference
	kindList    // comma separated sys_ids or e-mail addresses
	kindJournal // write only: entries live in sys_journal_field
	kindPassword
	kindDuration // "1970-01-01 00:02:17"
)

// choice is one entry of a choice list.
type choice struct{ value, label string }

// field is one column. def is the value a new record gets; defMe and defNow are worked out at insert.
type field struct {
	name, label string
	kind        kind
	max         int // characters; 0 is unlimited
	def         string
	ref         string // table a reference or list points to
	choices     []choice
	computed    bool // what a client sends for it is accepted and then ignored
	indexed     bool // equality on it is a map lookup; only on columns of a root table
}

const (
	defMe  = "javascript:gs.getUserID()"
	defNow = "javascript:gs.nowDateTime()"
)

// tableDef is a table as written down in the schema files.
type tableDef struct {
	name, label string
	extends     string
	display     string // field whose value stands for the record in references
	prefix      string // numbers look like prefix + 7 digits
	seed        int    // the first number is seed+1
	classed     bool   // root of a hierarchy: records carry sys_class_name
	access      *access
	fields      []field // a field named like a parent's redefines it
}

// table is a tableDef with its inheritance worked out. Columns of a parent come first and keep their position in every
// descendant, so a column number found on task also reads an incident.
type table struct {
	*tableDef
	parent      *table
	root        *table
	chain       []*table // itself, parent, grandparent …
	descendants []*table // itself first
	columns     []field
	index       map[string]int
	displayCol  int // -1 when none
}

// Positions of the columns every table starts with.
const (
	colSysID = iota
	colCreatedOn
	colCreatedBy
	colUpdatedOn
	colUpdatedBy
	colModCount
	colTags
	colClass // only on classed tables
)

var systemFields = []field{
	{name: "sys_id", label: "Sys ID", max: 32, computed: true},
	{name: "sys_created_on", label: "Created", kind: kindDateTime, computed: true},
	{name: "sys_created_by", label: "Created by", max: 40, computed: true},
	{name: "sys_updated_on", label: "Updated", kind: kindDateTime, computed: true},
	{name: "sys_updated_by", label: "Updated by", max: 40, computed: true},
	{name: "sys_mod_count", label: "Updates", kind: kindInteger, computed: true},
	{name: "sys_tags", label: "Tags", computed: true},
}

// schema is every table by name.
var schema = buildSchema(taskTables, peopleTables, platformTables, serviceTables, workTables)

func buildSchema(groups ...[]tableDef) map[string]*table {
	out := map[string]*table{}
	for _, group := range groups {
		for i := range group {
			t := resolve(&group[i], out)
			out[t.name] = t
			for _, ancestor := range t.chain {
				ancestor.descendants = append(ancestor.descendants, t)
			}
		}
	}
	return out
}

func resolve(def *tableDef, known map[string]*table) *table {
	t := &table{tableDef: def, index: map[string]int{}, displayCol: -1}
	t.root, t.chain = t, []*table{t}
	if def.extends == "" {
		t.columns = append(t.columns, systemFields...)
		if def.classed {
			t.columns = append(t.columns, field{name: "sys_class_name", label: "Type", max: 80, computed: true})
		}
	} else {
		p := known[def.extends]
		t.parent, t.root = p, p.root
		t.chain = append(t.chain, p.chain...)
		t.columns = append(t.columns, p.columns...)
		if def.access == nil {
			def.access = p.access
		}
		if def.display == "" {
			def.display = p.display
		}
	}
	for i, f := range t.columns {
		t.index[f.name] = i
	}
	for _, f := range def.fields {
		if f.label == "" {
			f.label = labelFrom(f.name)
		}
		if i, ok := t.index[f.name]; ok {
			t.columns[i] = f
			continue
		}
		t.index[f.name] = len(t.columns)
		t.columns = append(t.columns, f)
	}
	if i, ok := t.index[def.display]; ok {
		t.displayCol = i
	}
	return t
}

// is says whether t is the named table or extends it.
func (t *table) is(name string) bool {
	for _, c := range t.chain {
		if c.name == name {
			return true
		}
	}
	return false
}

// col is the position of a column, or -1.
func (t *table) col(name string) int {
	if i, ok := t.index[name]; ok {
		return i
	}
	return -1
}

func labelFrom(name string) string {
	s := strings.ReplaceAll(strings.TrimPrefix(name, "u_"), "_", " ")
	return strings.ToUpper(s[:1]) + s[1:]
}

// Short constructors keep the schema files readable as tables.

func str(name, label string, max int) field { return field{name: name, label: label, max: max} }
func integer(name, label, def string) field {
	return field{name: name, label: label, kind: kindInteger, def: def}
}
func boolean(name, label, def string) field {
	return field{name: name, label: label, kind: kindBoolean, def: def}
}
func when(name, label string) field { return field{name: name, label: label, kind: kindDateTime} }
func ref(name, label, to string) field {
	return field{name: name, label: label, kind: kindReference, ref: to, max: 32}
}
func list(name, label, of string) field {
	return field{name: name, label: label, kind: kindList, ref: of, max: 4000}
}
func journal(name, label string) field { return field{name: name, label: label, kind: kindJournal} }

func (f field) with(def string) field { f.def = def; return f }
func (f field) ro() field             { f.computed = true; return f }
func (f field) keyed() field          { f.indexed = true; return f }

// of turns a field into a choice list: pairs of value and label.
func (f field) of(pairs ...string) field {
	f.choices = nil
	for i := 0; i+1 < len(pairs); i += 2 {
		f.choices = append(f.choices, choice{pairs[i], pairs[i+1]})
	}
	return f
}
