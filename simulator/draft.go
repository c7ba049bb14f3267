package simulator

import "slices"

type operation string

const (
	opInsert operation = "insert"
	opUpdate operation = "update"
	opDelete operation = "delete"
)

// draft is a record being written: what it was, what it is to become, and the journal texts that go with it. Rules see
// and change the draft; nothing is shared until commit.
type draft struct {
	op       operation
	table    *table
	base     *record // nil on insert
	vals     []string
	journals map[int]string // pending text by column
	abort    *apiError      // set by a rule that refuses the write
}

func newInsert(t *table, who *actor, now string) *draft {
	d := &draft{op: opInsert, table: t, vals: make([]string, len(t.columns))}
	for i, f := range t.columns {
		switch f.def {
		case defMe:
			d.vals[i] = who.id
		case defNow:
			d.vals[i] = now
		default:
			d.vals[i] = f.def
		}
	}
	if t.root.classed {
		d.vals[colClass] = t.name
	}
	return d
}

func newUpdate(base *record) *draft {
	return &draft{op: opUpdate, table: base.table, base: base, vals: slices.Clone(base.vals)}
}

// committed is a draft over a finished write, as after-rules see it: values after, base before.
func committed(op operation, after, before *record, journals map[int]string) *draft {
	return &draft{op: op, table: after.table, base: before, vals: slices.Clone(after.vals), journals: journals}
}

func (d *draft) get(name string) string {
	if i := d.table.col(name); i >= 0 {
		return d.vals[i]
	}
	return ""
}

// set changes a field; a journal field collects the text of one entry. Unknown fields are ignored.
func (d *draft) set(name, value string) {
	i := d.table.col(name)
	if i < 0 {
		return
	}
	if d.table.columns[i].kind == kindJournal {
		if value != "" && name != "comments_and_work_notes" {
			if d.journals == nil {
				d.journals = map[int]string{}
			}
			d.journals[i] = value
		}
		return
	}
	d.vals[i] = value
}

// changed compares with the record before the write; on insert every filled field has changed.
func (d *draft) changed(name string) bool {
	i := d.table.col(name)
	return i >= 0 && d.changedAt(i)
}

func (d *draft) changedAt(i int) bool {
	if d.table.columns[i].kind == kindJournal {
		_, ok := d.journals[i]
		return ok
	}
	if d.base == nil {
		return d.vals[i] != ""
	}
	return d.vals[i] != d.base.vals[i]
}

// isSystem is a column the platform stamps itself on every write.
func isSystem(col int) bool { return col >= colCreatedOn && col <= colModCount }

// changes lists the changed columns, without the stamps.
func (d *draft) changes() []int {
	var out []int
	for i := range d.vals {
		if !isSystem(i) && i != colSysID && d.changedAt(i) {
			out = append(out, i)
		}
	}
	return out
}
