package servicenow

import (
	"cmp"
	"context"
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
	"percent_complete": neo.NumberField, "order_index": neo.NumberField, "auto_increment": neo.NumberField,
	"glide_date_time": neo.TimeField, "glide_date": neo.TimeField, "due_date": neo.TimeField, "date": neo.TimeField, "datetime": neo.TimeField,
	"calendar_date_time": neo.TimeField, "schedule_date_time": neo.TimeField,
}

// field is a field as people see it, with the table that a reference is to.
type field struct {
	neo.Field
	table string
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
		byName, whole, err := s.dictionary(ctx, class)
		if err != nil {
			return nil, err
		}
		if !whole {
			sample, err := s.fieldsOfSample(ctx, class)
			if err != nil && (len(byName) == 0 || neo.CodeOf(err) != neo.CodeRefused) {
				return nil, err
			}
			for name, f := range sample {
				if _, known := byName[name]; !known {
					byName[name] = f
				}
			}
		}
		list := make([]field, 0, len(byName))
		for _, f := range byName {
			f.Classes = []neo.TicketClass{class}
			f.Reference = referenceKind(f.table)
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

// dictionary reads the fields of a class from the instance's dictionary, by name.
// Access rules may hide it, or a part: then it is not the whole.
func (s *Tickets) dictionary(ctx context.Context, class neo.TicketClass) (byName map[string]field, whole bool, err error) {
	byName, seen := map[string]field{}, 0
	for offset := 0; ; offset += rowsPage {
		page, err := s.client.List(ctx, "sys_dictionary", ListOptions{
			Query:  "nameIN" + baseTable + "," + string(class) + "^elementISNOTEMPTY^ORDERBYsys_id",
			Fields: []string{"name", "element", "column_label", "internal_type", "reference", "choice", "read_only", "active"},
			Limit:  rowsPage, Offset: offset, Count: true,
		})
		if neo.CodeOf(err) == neo.CodeRefused {
			return byName, false, nil
		}
		if err != nil {
			return nil, false, err
		}
		seen += len(page.Records)
		for _, r := range page.Records {
			name, table := r["element"].Value, r["name"].Value
			if table != baseTable && table != string(class) || !fieldName(name) || strings.Contains(name, ".") || r["active"].Value == "false" {
				continue
			}
			if _, own := byName[name]; own && table == baseTable {
				continue // the class has it its own way
			}
			if f, ok := described(name, r); ok {
				byName[name] = f
			}
		}
		if page.Total <= offset+rowsPage {
			return byName, len(byName) > 0 && seen >= page.Total, nil
		}
	}
}

// described returns a field as its entry of the dictionary says; not those that hold
// secrets or no value.
func described(name string, r Record) (f field, ok bool) {
	kind := r["internal_type"].Value
	if kind == "" || kind == "collection" || strings.HasPrefix(kind, "password") {
		return field{}, false
	}
	f.Name, f.Label, f.ReadOnly = name, cmp.Or(r["column_label"].Value, labelOf(name)), r["read_only"].Value == "true"
	f.Type = cmp.Or(fieldTypes[kind], neo.TextField)
	switch choice := r["choice"].Value; {
	case f.Type == neo.ReferenceField:
		f.table = r["reference"].Value
	case (choice == "1" || choice == "3") && (f.Type == neo.TextField || f.Type == neo.NumberField):
		f.Type = neo.ChoiceField // 2 is a list of suggestions
	}
	return f, true
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
