package simulator

import (
	"strings"
	"time"
)

// viewer shows values the way one person sees them: labels, names, their time zone. The store's lock must be held.
type viewer struct {
	store *store
	zone  *time.Location
}

// display is the text a column shows.
func (v viewer) display(r *record, col int) string {
	if f := &r.table.columns[col]; f.kind == kindJournal {
		return v.journalText(r.id(), f.name, -1)
	}
	return v.displayOf(r.table, col, r.vals[col])
}

// displayOf is what a stored value of a column shows as.
func (v viewer) displayOf(t *table, col int, raw string) string {
	f := &t.columns[col]
	if raw == "" {
		return ""
	}
	if col == colClass && f.name == "sys_class_name" {
		if t := schema[raw]; t != nil {
			return t.label
		}
		return raw
	}
	if list := v.store.choices[t.name][col]; list != nil {
		return label(list, raw)
	}
	switch f.kind {
	case kindDateTime:
		return localTime(raw, v.zone)
	case kindReference:
		return v.nameOf(schema[f.ref], raw)
	case kindList:
		ids := strings.Split(raw, ",")
		for i, id := range ids {
			if n := v.nameOf(schema[f.ref], id); n != "" {
				ids[i] = n
			}
		}
		return strings.Join(ids, ", ")
	}
	return raw
}

// nameOf is the display value of a referenced record; an id that points nowhere shows as nothing, except "global".
func (v viewer) nameOf(t *table, id string) string {
	if id == "global" {
		return id
	}
	if t == nil {
		return ""
	}
	r := v.store.tables.find(t, id)
	if r == nil || r.table.displayCol < 0 {
		return ""
	}
	return r.vals[r.table.displayCol]
}

// localTime shows a stored UTC time in a zone.
func localTime(raw string, zone *time.Location) string {
	t, err := time.Parse(stamp, raw)
	if err != nil {
		return raw
	}
	return t.In(zone).Format(stamp)
}
