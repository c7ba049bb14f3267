package rules

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"github.com/neoagent/neo"
)

// leaf compiles a comparison. What can be prepared is prepared here, so that an
// event costs no parsing.
func leaf(r *neo.Rule, at string) (condition, error) {
	if r.Field == "" {
		return nil, neo.Errorf(neo.CodeInvalid, "%s has neither a combinator nor a field; every rule needs one of them.", at)
	}
	if r.Not {
		return nil, neo.Errorf(neo.CodeInvalid, "%s: only groups can be negated with not; use the opposite operator.", at)
	}
	if len(r.Value) > maxValue {
		return nil, neo.Errorf(neo.CodeInvalid, "%s: value has %d bytes; %d are allowed.", at, len(r.Value), maxValue)
	}
	field, want := r.Field, r.Value
	has := func(test func(neo.Value) bool) condition {
		return func(e *neo.Event) bool { return test(find(e, field)) }
	}
	not := func(c condition) condition { return func(e *neo.Event) bool { return !c(e) } }

	switch r.Operator {
	case neo.OpEqual:
		return has(func(v neo.Value) bool { return equal(v, want) }), nil
	case neo.OpNotEqual:
		return has(func(v neo.Value) bool { return !equal(v, want) }), nil
	case neo.OpIn, neo.OpNotIn:
		wants := list(want)
		if len(wants) == 0 {
			return nil, neo.Errorf(neo.CodeInvalid, "%s: operator %q needs at least one value, separated by commas.", at, r.Operator)
		}
		in := has(func(v neo.Value) bool {
			return slices.ContainsFunc(wants, func(w string) bool { return equal(v, w) })
		})
		if r.Operator == neo.OpNotIn {
			return not(in), nil
		}
		return in, nil
	case neo.OpContains:
		return has(text(want, containsFold, strings.Contains)), nil
	case neo.OpDoesNotContain:
		return not(has(text(want, containsFold, strings.Contains))), nil
	case neo.OpBeginsWith:
		return has(text(want, hasPrefixFold, strings.HasPrefix)), nil
	case neo.OpEndsWith:
		return has(text(want, hasSuffixFold, strings.HasSuffix)), nil
	case neo.OpEmpty:
		return has(func(v neo.Value) bool { return v.Value == "" }), nil
	case neo.OpNotEmpty:
		return has(func(v neo.Value) bool { return v.Value != "" }), nil
	case neo.OpLess:
		return has(order(want, func(c int) bool { return c < 0 })), nil
	case neo.OpLessEqual:
		return has(order(want, func(c int) bool { return c <= 0 })), nil
	case neo.OpGreater:
		return has(order(want, func(c int) bool { return c > 0 })), nil
	case neo.OpGreaterEqual:
		return has(order(want, func(c int) bool { return c >= 0 })), nil
	case neo.OpChanged:
		return func(e *neo.Event) bool {
			return slices.ContainsFunc(e.Changes, func(c neo.FieldChange) bool { return c.Field == field }) || wrote(e, field)
		}, nil
	}
	return nil, neo.Errorf(neo.CodeInvalid, "%s: operator %q is not known.", at, r.Operator)
}

func list(value string) []string {
	var wants []string
	for part := range strings.SplitSeq(value, ",") {
		if part = strings.TrimSpace(part); part != "" {
			wants = append(wants, part)
		}
	}
	return wants
}

// text compares without regard to case, with the stored and with the shown text.
// ascii does so for texts of ASCII alone, which most are, without making a copy;
// exact gets lower-case copies of all others.
func text(want string, ascii, exact func(s, part string) bool) func(neo.Value) bool {
	want = strings.ToLower(want)
	plain := isASCII(want)
	test := func(s string) bool {
		if plain && isASCII(s) {
			return ascii(s, want)
		}
		return exact(strings.ToLower(s), want)
	}
	return func(v neo.Value) bool { return test(v.Value) || v.Display != "" && test(v.Display) }
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}

func containsFold(s, part string) bool {
	for i := 0; i+len(part) <= len(s); i++ {
		if hasPrefixFold(s[i:], part) {
			return true
		}
	}
	return false
}

// hasPrefixFold expects part in lower case.
func hasPrefixFold(s, part string) bool {
	if len(s) < len(part) {
		return false
	}
	for i := range len(part) {
		b := s[i]
		if 'A' <= b && b <= 'Z' {
			b += 'a' - 'A'
		}
		if b != part[i] {
			return false
		}
	}
	return true
}

func hasSuffixFold(s, part string) bool {
	return len(s) >= len(part) && hasPrefixFold(s[len(s)-len(part):], part)
}

// order compares numbers as numbers and everything else as text, which is right
// for ServiceNow's dates ("2006-01-02 15:04:05"). An empty field is in no order.
func order(want string, test func(int) bool) func(neo.Value) bool {
	lower := strings.ToLower(want)
	number, err := strconv.ParseFloat(want, 64)
	isNumber := err == nil
	return func(v neo.Value) bool {
		if v.Value == "" {
			return false
		}
		if isNumber {
			if n, err := strconv.ParseFloat(v.Value, 64); err == nil {
				return test(cmp.Compare(n, number))
			}
		}
		return test(cmp.Compare(strings.ToLower(v.Value), lower))
	}
}
