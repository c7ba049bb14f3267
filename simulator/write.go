package simulator

import (
	"context"
	"strconv"
	"time"
)

// writeRequest is one insert, update or delete. Whoever asks (API, UI, a script, this package's Go API) fills one in.
type writeRequest struct {
	op        operation
	table     *table
	id        string            // of the record; on insert optional
	set       map[string]string // stored values by field name; journal fields hold the text of one entry
	actor     *actor
	checked   bool     // data policies apply
	quiet     bool     // setWorkflow(false): no rules, no webhook, and no trace in the history
	unstamped bool     // autoSysFields(false): sys_updated_on, sys_updated_by and sys_mod_count stay
	raw       bool     // seeding: values are stored as given, computed columns included
	running   []string // rules this write happens inside of, to stop one from calling itself
}

// write is the one path to the tables: early before-rules, the platform's engines, late before-rules, commit, then
// after-rules on the caller's goroutine and async rules in the background, and what follows in other records. Must be called
// without the store's lock.
//
// An update that changes nothing commits nothing and fires no after-rule; it answers the record as it is.
func (in *Instance) write(ctx context.Context, w writeRequest) (*record, error) {
	d, err := in.open(w)
	if err != nil {
		return nil, err
	}
	rules := in.rules.forWrite(in, w, d)
	if err := in.runBefore(ctx, w, d, rules.early); err != nil {
		return nil, err
	}
	if d.op != opDelete && !w.raw {
		applyEffects(d, w.actor, in.now())
	}
	if err := in.runBefore(ctx, w, d, rules.late); err != nil {
		return nil, err
	}
	if w.checked && d.op != opDelete {
		if err := checkPolicy(d); err != nil {
			return nil, err
		}
	}
	if d.op == opUpdate && len(d.changes()) == 0 {
		return d.base, nil
	}
	done, err := in.commit(w, d)
	if err != nil {
		return nil, err
	}
	in.announce(w, done)
	in.runAfter(ctx, w, done, rules)
	in.followUp(ctx, w, done)
	return done.after, nil
}

// open makes the draft a write starts from.
func (in *Instance) open(w writeRequest) (*draft, error) {
	if w.op == opInsert {
		d := newInsert(w.table, w.actor, in.now())
		for name, v := range w.set {
			d.set(name, v)
		}
		if d.vals[colSysID] = w.id; w.id == "" {
			d.vals[colSysID] = newSysID()
		}
		if d.get("number") == "" && w.table.col("number") >= 0 {
			d.set("number", in.store.nextNumber(w.table))
		}
		return d, nil
	}
	base := in.store.find(w.table, w.id)
	if base == nil {
		return nil, errNotFound
	}
	d := newUpdate(base)
	d.op = w.op
	for name, v := range w.set {
		d.set(name, v)
	}
	return d, nil
}

// commitment is a finished write.
type commitment struct {
	op       operation
	before   *record // nil on insert
	after    *record // on delete: the record as it was
	changed  []int
	journals map[int]string
	at       time.Time
}

// commit stores the draft. If the record moved on since the draft was opened, the draft's changed fields go on top of
// what is there now: the last writer wins field by field, and no version number is given twice.
func (in *Instance) commit(w writeRequest, d *draft) (*commitment, error) {
	at := in.opts.Now().UTC().Truncate(time.Second)
	now := at.Format(stamp)
	s := in.store
	s.mu.Lock()
	defer s.mu.Unlock()
	done := &commitment{op: d.op, at: at, journals: d.journals}

	if d.op == opInsert {
		if s.tables.find(d.table.root, d.vals[colSysID]) != nil {
			return nil, errUniqueKey
		}
		if !w.raw || d.vals[colCreatedOn] == "" {
			d.vals[colCreatedOn], d.vals[colCreatedBy] = now, w.actor.userName
			d.vals[colUpdatedOn], d.vals[colUpdatedBy] = now, w.actor.userName
			d.vals[colModCount] = "0"
		}
		done.after, done.changed = &record{d.table, d.vals}, d.changes()
		s.tables.insert(done.after)
	} else {
		slot := s.tables.slot(d.table, d.base.id())
		if slot == nil {
			return nil, errNotFound
		}
		if slot.rec != d.base {
			d = d.onto(slot.rec)
		}
		done.before = slot.rec
		if d.op == opDelete {
			done.after = slot.rec
			s.tables.remove(slot)
		} else {
			if done.changed = d.changes(); !w.unstamped {
				n, _ := strconv.Atoi(d.vals[colModCount])
				d.vals[colModCount] = strconv.Itoa(n + 1)
				d.vals[colUpdatedOn], d.vals[colUpdatedBy] = now, w.actor.userName
			}
			done.after = &record{d.table, d.vals}
			s.tables.replace(slot, done.after)
		}
	}
	in.addJournals(w, d, now)
	if d.op == opUpdate && d.table.root.name == "task" && !w.quiet {
		s.remember(done.after.id(), historyOf(done, w.actor, now))
	}
	if d.table.name == "sys_choice" && !w.raw {
		s.rebuildChoices()
	}
	if d.table.name == "sys_script" {
		in.rules.forget()
	}
	in.saver.touch()
	return done, nil
}

// onto moves the draft's changes to a newer version of its record.
func (d *draft) onto(newer *record) *draft {
	moved := newUpdate(newer)
	moved.op, moved.journals = d.op, d.journals
	for _, i := range d.changes() {
		moved.vals[i] = d.vals[i]
	}
	return moved
}

// addJournals files one sys_journal_field row per journal field written.
func (in *Instance) addJournals(w writeRequest, d *draft, now string) {
	t := schema["sys_journal_field"]
	for _, name := range []string{"comments", "work_notes"} {
		text, ok := d.journals[d.table.col(name)]
		if !ok {
			continue
		}
		e := newInsert(t, w.actor, now)
		e.vals[colSysID], e.vals[colModCount] = newSysID(), "0"
		e.vals[colCreatedOn], e.vals[colCreatedBy] = now, w.actor.userName
		e.vals[colUpdatedOn], e.vals[colUpdatedBy] = now, w.actor.userName
		e.set("name", d.table.name)
		e.set("element", name)
		e.set("element_id", d.vals[colSysID])
		e.set("value", truncate(text, t.columns[t.col("value")].max))
		in.store.tables.insert(&record{t, e.vals})
	}
}

func historyOf(done *commitment, who *actor, now string) []event {
	var out []event
	for _, i := range done.changed {
		f := done.after.table.columns[i]
		if f.kind == kindJournal || f.name == lifecycles[done.after.table.name].mirror {
			continue
		}
		out = append(out, event{At: now, By: who.userName, Field: f.name, Old: done.before.vals[i], New: done.after.vals[i]})
	}
	return out
}

// announce tells the observer, outside the lock.
func (in *Instance) announce(w writeRequest, done *commitment) {
	if in.opts.OnWrite == nil || w.raw {
		return
	}
	n, _ := strconv.Atoi(done.after.vals[colModCount])
	names := make([]string, len(done.changed))
	for i, col := range done.changed {
		names[i] = done.after.table.columns[col].name
	}
	in.opts.OnWrite(Write{Table: done.after.table.name, SysID: done.after.id(), Operation: string(done.op), ModCount: n,
		Changed: names, User: w.actor.userName, At: done.at})
}
