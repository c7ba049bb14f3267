package neo

import (
	"slices"
	"strings"
)

// Bookkeeping are fields that change with every update and say nothing about it;
// ServiceNow's names. The planted script has the same list.
var Bookkeeping = []string{"sys_mod_count", FieldUpdatedAt, "sys_updated_by"}

// ChangesBetween returns what changed between two states of a ticket, by field name. A
// field that only one of them has was not readable there, and tells nothing; nor does
// one of which a delivery carried only the beginning (SameText).
func ChangesBetween(before, after map[string]Value) []FieldChange {
	var changes []FieldChange
	for name, to := range after {
		from, known := before[name]
		if known && !SameText(from.Value, to.Value) && !slices.Contains(Bookkeeping, name) {
			changes = append(changes, FieldChange{Field: name, From: from, To: to})
		}
	}
	slices.SortFunc(changes, func(a, b FieldChange) int { return strings.Compare(a.Field, b.Field) })
	return changes
}

// Dated reports whether ChangedAt is when the ticket changed. A version that was
// worked out from the one after it has only that one's time.
func (e *Event) Dated() bool {
	_, read := e.Fields[FieldUpdatedAt]
	return !e.ChangedAt.IsZero() && (e.Source == SourceWebhook || read)
}

// sameUpdate reports whether two reports of one version can be about one update: their
// times do not speak against it.
func (e *Event) sameUpdate(other *Event) bool {
	return !e.Dated() || !other.Dated() || e.ChangedAt.Equal(other.ChangedAt)
}

// KnownAmong reports whether the event tells nothing that was not stored under its
// version; stored are the revisions of that version, the first one first. A delivery
// that comes again is known, and so are the delivered and the read form of one state,
// of which each may lack fields, notes and displayed values that the other one has.
func (e *Event) KnownAmong(stored []Event) bool {
	return slices.ContainsFunc(stored, func(s Event) bool { return e.repeats(&s, &stored[len(stored)-1]) })
}

func (e *Event) repeats(s, newest *Event) bool {
	if !e.sameUpdate(s) || len(ChangesBetween(s.Fields, e.Fields)) > 0 {
		return false
	}
	for i := range e.Journal {
		if !s.tells(&e.Journal[i]) {
			return false
		}
	}
	if e.Source != SourceWebhook || s.Source != SourceWebhook {
		return true // the states say it; what a sweep found to have changed is since another version
	}
	for i := range e.Changes {
		c := &e.Changes[i]
		if !s.made(c) && (!s.holds(c) || s.Revision != newest.Revision && newest.Fields[c.Field] != c.To && SameText(newest.Fields[c.Field].Value, c.From.Value)) {
			return false // a change that s does not know, or one back from the newest state to that of s
		}
	}
	return true
}

// tells reports whether the event has that entry, told by another one or not: by its id
// where both say it, else by its text.
func (e *Event) tells(j *JournalEntry) bool {
	is := func(known JournalEntry) bool {
		return known.Element == j.Element && (known.ID == "" || j.ID == "" || known.ID == j.ID) && SameText(strings.TrimSpace(known.Text), strings.TrimSpace(j.Text))
	}
	return slices.ContainsFunc(e.Journal, is) || slices.ContainsFunc(e.Told, is)
}

// made reports whether the event made exactly that change.
func (e *Event) made(c *FieldChange) bool {
	return slices.ContainsFunc(e.Changes, func(known FieldChange) bool {
		return known.Field == c.Field && SameText(known.From.Value, c.From.Value) && SameText(known.To.Value, c.To.Value)
	})
}

// holds reports whether the event's state is what the change led to.
func (e *Event) holds(c *FieldChange) bool {
	v, known := e.Fields[c.Field]
	return known && SameText(v.Value, c.To.Value)
}

// News reduces the event, which is not KnownAmong stored, to what it tells beyond
// that, and reports whether anything is left. An update of another time under the same
// version is news as a whole: the instance has counted it anew.
//
// What a delivery says to have changed is the instance's word; what Neo compares is not,
// since what is stored may be wrong. So only what was read is compared.
func (e *Event) News(stored []Event) bool {
	stored = slices.DeleteFunc(slices.Clone(stored), func(s Event) bool { return s.Unconfirmed })
	if len(stored) == 0 {
		return true
	}
	newest := &stored[len(stored)-1]
	if !slices.ContainsFunc(stored, func(s Event) bool { return e.sameUpdate(&s) }) {
		return true
	}
	told := slices.ContainsFunc(stored, func(s Event) bool { return s.Type == EntityCreated })
	created := e.Type == EntityCreated && !told
	if told {
		e.Type = EntityUpdated
	}
	var changes []FieldChange
	for _, c := range e.Changes {
		if !newest.holds(&c) {
			changes = append(changes, c)
		}
	}
	differences := ChangesBetween(newest.Fields, e.Fields)
	for _, d := range differences {
		if e.Source != SourceWebhook && !slices.ContainsFunc(changes, func(c FieldChange) bool { return c.Field == d.Field }) {
			changes = append(changes, d)
		}
	}
	var journal []JournalEntry
	for _, j := range e.Journal {
		if !slices.ContainsFunc(stored, func(s Event) bool { return s.tells(&j) }) {
			journal = append(journal, j)
		}
	}
	e.Changes, e.Journal = changes, journal
	return created || len(differences) > 0 || len(changes) > 0 || len(journal) > 0
}

// Precedes reports whether the event is of a state before that of newest, a revision of
// the same version: what newest changed, the event has as it was.
func (e *Event) Precedes(newest *Event) bool {
	before := false
	for i := range newest.Changes {
		c := &newest.Changes[i]
		v, known := e.Fields[c.Field]
		switch {
		case !known || c.From.Value == c.To.Value:
		case !SameText(v.Value, c.From.Value) || slices.ContainsFunc(e.Changes, func(own FieldChange) bool { return own.Field == c.Field }):
			return false
		default:
			before = true
		}
	}
	return before && e.sameUpdate(newest)
}
