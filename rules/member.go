package rules

import (
	"strings"

	"github.com/neoagent/neo"
	"github.com/neoagent/neo/spelling"
)

// member reports whether one of the elements of a list, which commas separate, is
// the one with that normal form. Names may have commas of their own.
func member(list, element string) bool {
	list = spelling.Fold(list)
	for {
		list = strings.TrimLeft(list, " \t")
		if rest, ok := strings.CutPrefix(list, element); ok {
			if rest = strings.TrimLeft(rest, " \t"); rest == "" || rest[0] == ',' {
				return true
			}
		}
		var more bool
		if _, list, more = strings.Cut(list, ","); !more {
			return false
		}
	}
}

// hasMember looks for an element by what is stored and by what is shown.
func hasMember(value string) test {
	element := spelling.Normal(value)
	return func(v neo.Value, _ *neo.Event) bool {
		return member(v.Value, element) || v.Display != "" && member(v.Display, element)
	}
}

// exactMembers reports whether a list has the elements of another and no more, in any
// order.
func exactMembers(value string) test {
	want := elements(value)
	whole := spelling.Normal(value)
	same := func(s string) bool {
		if spelling.Is(s, whole) {
			return true
		}
		found := elements(s)
		if len(found) != len(want) {
			return false
		}
		for e := range want {
			if !found[e] {
				return false
			}
		}
		return true
	}
	return func(v neo.Value, _ *neo.Event) bool { return same(v.Value) || v.Display != "" && same(v.Display) }
}

func elements(list string) map[string]bool {
	found := map[string]bool{}
	for part := range strings.SplitSeq(list, ",") {
		if e := spelling.Normal(part); e != "" {
			found[e] = true
		}
	}
	return found
}

// anyMember is "in" for lists: some element is one of the values. Other types of the
// field are compared as others says.
func (c *compiler) anyMember(t typing, values []string, others test) test {
	tests := make([]test, len(values))
	for i, v := range values {
		tests[i] = hasMember(v)
	}
	return func(v neo.Value, e *neo.Event) bool {
		if t.of != nil && t.of(e) != neo.ListField {
			return others(v, e)
		}
		for _, has := range tests {
			if has(v, e) {
				return true
			}
		}
		return false
	}
}
