package rules

import (
	"slices"
	"strings"

	"github.com/neoagent/neo"
	"github.com/neoagent/neo/spelling"
)

// wanted is a value that a field is compared with for equality.
type wanted struct {
	plain  string  // its normal form
	amount *amount // that it is as well; nil: none
	other  test    // what decides instead of them; nil: they do
	// keys are those of which the stored or the shown text of a value has one, where it
	// is the wanted one; nil: that cannot be said.
	keys []uint64
}

// is compares with the stored value and with the text shown for it: people write
// what they see, "1 - Critical" as well as "1".
func (w *wanted) is(v neo.Value, e *neo.Event) bool {
	switch {
	case w.other != nil:
		return w.other(v, e)
	case w.text(v):
		return true
	case w.amount == nil:
		return false
	}
	found, ok := amountIn(v.Value)
	return ok && found.decimal == w.amount.decimal && found.comparable(*w.amount)
}

// text compares with the texts alone.
func (w *wanted) text(v neo.Value) bool {
	if w.plain == "" {
		return spelling.Trim(v.Value) == ""
	}
	return spelling.Is(v.Value, w.plain) || v.Display != "" && spelling.Is(v.Display, w.plain)
}

// want prepares the comparison with a value for each type that the field has; at is
// the value's place.
func (c *compiler) want(t typing, value, at string) wanted {
	if len(t.types) == 1 {
		w, p := c.wantOf(t, t.types[0], value)
		if p != nil {
			c.futile(at, "%s", p.text)
		}
		return w
	}
	var w wanted
	open := false
	w.other = c.typed(t, at, func(of neo.FieldType) (test, *problem) {
		one, p := c.wantOf(t, of, value)
		if p != nil {
			p.at = "" // it is the value's place that is handed in
		}
		open = open || one.keys == nil
		w.keys = append(w.keys, one.keys...)
		return one.is, p
	})
	if open {
		w.keys = nil
	}
	return w
}

// wantOf prepares it for one type. What cannot be that type's value is compared as
// text: with what people see.
func (c *compiler) wantOf(t typing, of neo.FieldType, value string) (wanted, *problem) {
	w := wanted{plain: spelling.Normal(value)}
	if w.plain != "" && of == neo.ListField {
		w.other = exactMembers(value)
		return w, nil
	}
	w.keys = []uint64{key(value)}
	if w.plain == "" {
		return w, nil
	}
	switch of {
	case neo.TextField, neo.JournalField, neo.ReferenceField:
		return w, nil
	case neo.ChoiceField:
		return w.ofClass(value).ofLabel(c.dictionaries, t.field, value), nil
	case neo.BooleanField:
		yes, ok := truth(w.plain)
		if !ok {
			return w, misvalue(value, of, t.field)
		}
		words := []string{"false", "0", "no"}
		if yes {
			words = []string{"true", "1", "yes"}
		}
		for _, word := range words {
			w.keys = append(w.keys, key(word))
		}
		plain := w
		w.other = func(v neo.Value, _ *neo.Event) bool {
			found, ok := truth(spelling.Normal(v.Value))
			return ok && found == yes || plain.text(v)
		}
		return w, nil
	}
	if of == "" || of == neo.NumberField || of == neo.CurrencyField {
		if number, ok := amountIn(value); ok {
			w.amount = &number
			return w, nil
		}
	}
	if of == "" || of == neo.DurationField {
		long, ok := length(value)
		if of == neo.DurationField && !ok {
			long, ok = duration(value)
		}
		if ok {
			return w.typed(func(v neo.Value, _ *neo.Event) (equal, ok bool) {
				found, ok := duration(v.Value)
				return found == long, ok
			}), nil
		}
	}
	if of == "" || of == neo.TimeField || of == neo.DateField {
		if at, ok := c.when(value, true); ok {
			zone := c.zone
			return w.typed(func(v neo.Value, e *neo.Event) (equal, ok bool) {
				p, ok := stored(v.Value, zone)
				return ok && p.compare(at(e)) == 0, ok
			}), nil
		}
	}
	if of == "" {
		return w.ofClass(value), nil
	}
	return w, misvalue(value, of, t.field)
}

// typed decides by the values where equal can tell, and by the texts otherwise. Many
// texts are one value, so that keys say nothing.
func (w wanted) typed(equal func(v neo.Value, e *neo.Event) (equal, ok bool)) wanted {
	plain := w
	return wanted{plain: w.plain, other: func(v neo.Value, e *neo.Event) bool {
		if same, ok := equal(v, e); ok {
			return same
		}
		return plain.text(v)
	}}
}

// ofClass adds what "class:stored" means, where value can be that: on a ticket of the
// class the stored value alone.
func (w wanted) ofClass(value string) wanted {
	name, value, ok := strings.Cut(spelling.Trim(value), ":")
	class := neo.TicketClass(name)
	if !ok || !class.Known() || !storedChoice(value) {
		return w
	}
	stored, text := spelling.Normal(value), w
	w.other = func(v neo.Value, e *neo.Event) bool {
		return e.Ticket.Class == class && spelling.Is(v.Value, stored) || text.text(v)
	}
	w.keys = append(w.keys, key(value))
	return w
}

// storedChoice reports whether a choice may be stored as s: a number, or a word.
func storedChoice(s string) bool {
	return s != "" && !strings.ContainsFunc(s, func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && !strings.ContainsRune("_-.", r)
	})
}

// truth reads true or false.
func truth(normal string) (yes, ok bool) {
	switch normal {
	case "true", "1", "yes":
		return true, true
	case "false", "0", "no":
		return false, true
	}
	return false, false
}

func (c *compiler) equality(n *node, t typing, kind fieldType, at string) test {
	several := n.rule.Operator == neo.OpIn || n.rule.Operator == neo.OpNotIn
	values := []string{n.rule.Value}
	if several {
		if values = c.list(n.rule, below(at, "value")); values == nil {
			return nil
		}
	}
	var keys []uint64
	open := false
	wants := make([]wanted, len(values))
	for i, v := range values {
		v, ok := c.pseudoValue(kind, v, below(at, "value"))
		if !ok {
			return nil
		}
		wants[i] = c.want(t, v, below(at, "value"))
		open = open || wants[i].keys == nil
		keys = append(keys, wants[i].keys...)
	}
	in := func(v neo.Value, e *neo.Event) bool {
		for i := range wants {
			if wants[i].is(v, e) {
				return true
			}
		}
		return false
	}
	if slices.Contains(t.types, neo.ListField) && several {
		in = c.anyMember(t, values, in)
		open = true
	}
	if n.rule.Operator == neo.OpNotEqual || n.rule.Operator == neo.OpNotIn {
		return opposite(in)
	}
	if !open {
		n.needs = []need{keyed(ofTicket, n.rule.Field, n.found, keys)}
	}
	return in
}

// pseudoValue checks a value that a field which is worked out is compared with.
func (c *compiler) pseudoValue(kind fieldType, v, at string) (string, bool) {
	switch kind {
	case classField:
		if !neo.TicketClass(spelling.Normal(v)).Known() {
			names := make([]string, len(neo.TicketClasses))
			for i, class := range neo.TicketClasses {
				names[i] = string(class)
			}
			c.wrong(at, "%.80q is not a ticket type; use one of %s.", v, strings.Join(names, ", "))
			return v, false
		}
	case weekdayField:
		if !slices.Contains(weekdays, strings.ToUpper(spelling.Normal(v))) {
			c.wrong(at, "%.80q is not a day of the week; use MON to SUN.", v)
			return v, false
		}
	case hourField:
		h, ok := hour(v)
		if !ok {
			c.wrong(at, "%.80q is not an hour; use 0 to 23.", v)
			return v, false
		}
		return hourText(h), true
	case flagField:
		if v = spelling.Normal(v); v != "true" && v != "false" {
			c.wrong(at, "%.80q is neither true nor false.", v)
			return v, false
		}
	}
	return v, true
}
