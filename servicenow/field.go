package servicenow

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/neoagent/neo"
)

// fieldTypes are the types of fields, by their names in the dictionary; what is not
// here is text.
var fieldTypes = map[string]neo.FieldType{
	"reference": neo.ReferenceField, "boolean": neo.BooleanField,
	"journal": neo.JournalField, "journal_input": neo.JournalField, "journal_list": neo.JournalField,
	"integer": neo.NumberField, "decimal": neo.NumberField, "float": neo.NumberField, "longint": neo.NumberField, "numeric": neo.NumberField,
	"percent_complete": neo.NumberField, "percent": neo.NumberField, "order_index": neo.NumberField, "auto_increment": neo.NumberField,
	"currency": neo.CurrencyField, "currency2": neo.CurrencyField, "price": neo.CurrencyField,
	"glide_date_time": neo.TimeField, "due_date": neo.TimeField, "datetime": neo.TimeField, "calendar_date_time": neo.TimeField, "schedule_date_time": neo.TimeField,
	"glide_date": neo.DateField, "date": neo.DateField,
	"glide_duration": neo.DurationField, "timer": neo.DurationField,
	"glide_list": neo.ListField, "user_list": neo.ListField, "slushbucket": neo.ListField, "field_list": neo.ListField,
}

// field is a field as people see it, with the table that a reference is to.
type field struct {
	neo.Field
	table string
	// seen are values of a choice field that tickets have, where they are all there is.
	seen []neo.Choice
	// states are the attributes of the entry, of the field state.
	states stateAttributes
}

// Fields describes the fields of a class: its own and those of task, by label. An
// account that may not read the dictionary gets those that some of the newest tickets
// have, with types as their values show.
func (s *Tickets) Fields(ctx context.Context, class neo.TicketClass) ([]neo.Field, error) {
	all, err := s.fields(ctx, class)
	if err != nil {
		return nil, err
	}
	list := make([]neo.Field, len(all))
	for i, f := range all {
		list[i] = f.Field
	}
	return list, nil
}

func (s *Tickets) fields(ctx context.Context, class neo.TicketClass) ([]field, error) {
	if !class.Known() {
		return nil, neo.Errorf(neo.CodeInvalid, "%q is not a class of tickets that Neo handles.", oneLine(string(class), 80))
	}
	return remember(s.learnt, "fields/"+string(class), func() ([]field, error) {
		byClass, whole, err := s.described(ctx, class)
		if err != nil {
			return nil, err
		}
		byName := byClass[class]
		if !whole {
			if err := s.addSample(ctx, class, byName); err != nil {
				return nil, err
			}
		}
		list := make([]field, 0, len(byName))
		for _, f := range byName {
			f.Classes = []neo.TicketClass{class}
			f.Reference = f.referenceKind()
			f.Custom = strings.HasPrefix(f.Name, "u_") || strings.HasPrefix(f.Name, "x_")
			f.ReadOnly = f.ReadOnly || strings.HasPrefix(f.Name, "sys_")
			list = append(list, f)
		}
		slices.SortFunc(list, func(a, b field) int {
			return cmp.Or(strings.Compare(strings.ToLower(a.Label), strings.ToLower(b.Label)), strings.Compare(a.Name, b.Name))
		})
		return list, nil
	})
}

// addSample adds the fields that some of the newest tickets have to those that the
// dictionary shows. That there are neither is an error.
func (s *Tickets) addSample(ctx context.Context, class neo.TicketClass, byName map[string]field) error {
	sample, err := s.fieldsOfSample(ctx, class)
	if err != nil && (len(byName) == 0 || neo.CodeOf(err) != neo.CodeRefused) {
		return err
	}
	for name, f := range sample {
		if _, known := byName[name]; !known {
			byName[name] = f
		}
	}
	return nil
}

// described reads the fields of classes from the instance's dictionary, by name.
// Access rules may hide it, or a part: then it is not the whole.
func (s *Tickets) described(ctx context.Context, classes ...neo.TicketClass) (byClass map[neo.TicketClass]map[string]field, whole bool, err error) {
	byTable := map[string]map[string]field{baseTable: {}}
	tables := baseTable
	for _, class := range classes {
		tables += "," + string(class)
		byTable[string(class)] = map[string]field{}
	}
	inherited := func() map[neo.TicketClass]map[string]field {
		byClass := map[neo.TicketClass]map[string]field{}
		for _, class := range classes {
			byClass[class] = maps.Clone(byTable[baseTable])
			maps.Copy(byClass[class], byTable[string(class)]) // the class has it its own way
		}
		return byClass
	}
	page, err := s.client.All(ctx, "sys_dictionary", ListOptions{
		Query:  "nameIN" + tables + "^elementISNOTEMPTY",
		Fields: []string{"name", "element", "column_label", "internal_type", "reference", "choice", "read_only", "active", "attributes"},
		Limit:  rowsPage,
	})
	if neo.CodeOf(err) == neo.CodeRefused {
		return inherited(), false, nil
	}
	if err != nil {
		return nil, false, err
	}
	for _, r := range page.Records {
		name, table := r["element"].Value, r["name"].Value
		if byTable[table] == nil || !fieldName(name) || strings.Contains(name, ".") || r["active"].Value == "false" {
			continue
		}
		if f, ok := entryOf(name, r); ok {
			byTable[table][name] = f
		}
	}
	return inherited(), len(page.Records) > 0 && len(page.Records) >= page.Total, nil
}

// entryOf returns a field as its entry of the dictionary says; not those that hold
// secrets or no value.
func entryOf(name string, r Record) (f field, ok bool) {
	kind := r["internal_type"].Value
	if kind == "" || kind == "collection" || strings.HasPrefix(kind, "password") {
		return field{}, false
	}
	f.Name, f.Label, f.ReadOnly = name, cmp.Or(r["column_label"].Value, labelOf(name)), r["read_only"].Value == "true"
	f.Type = cmp.Or(fieldTypes[kind], neo.TextField)
	switch choice := r["choice"].Value; {
	case f.Type == neo.ReferenceField || f.Type == neo.ListField:
		f.table = r["reference"].Value
	case (choice == "1" || choice == "3") && (f.Type == neo.TextField || f.Type == neo.NumberField):
		f.Type = neo.ChoiceField // 2 is a list of suggestions
	}
	if name == neo.FieldState {
		f.states = attributesOf(r["attributes"].Value)
	}
	return f, true
}

// referenceKind is what people call what a field refers to; "" for other fields, and for
// lists that hold choices.
func (f field) referenceKind() string {
	if f.table == "" {
		return ""
	}
	return referenceKind(f.table)
}

// referenceKind is what people call the records of a table; the table's name for most.
func referenceKind(table string) string {
	switch {
	case table == baseTable || neo.TicketClass(table).Known():
		return "ticket"
	case strings.HasPrefix(table, "cmdb_ci"):
		return "ci"
	}
	for kind, l := range lookups {
		if l.table == table {
			return kind
		}
	}
	return table
}

func labelOf(name string) string {
	label := strings.ReplaceAll(strings.TrimPrefix(name, "u_"), "_", " ")
	if label == "" {
		return name
	}
	return strings.ToUpper(label[:1]) + label[1:]
}
