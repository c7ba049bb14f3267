package rules

import (
	"regexp"
	"regexp/syntax"
	"strings"

	"github.com/neoagent/neo"
)

// Bounds of a regular expression. RE2 needs time for each instruction and byte.
const (
	maxPattern      = 1_000    // bytes
	maxInstructions = 1_000    // once repetitions are written out
	maxSearched     = 64 << 10 // bytes of a value
	maxSteps        = 4 << 20  // instructions times bytes: large expressions look at less
)

func (c *compiler) contains(n *node, at string) test {
	parts := c.list(n.rule, at)
	if parts == nil {
		return nil
	}
	all := n.rule.Operator == neo.OpContainsAll
	if all {
		for _, part := range parts {
			n.needs = append(n.needs, partOf(n, part)...)
		}
	} else {
		n.needs = anyPartOf(n, parts)
	}
	tests := make([]test, len(parts))
	for i, part := range parts {
		tests[i] = text(part, containsFold, strings.Contains)
	}
	return func(v neo.Value, e *neo.Event) bool {
		for _, t := range tests {
			if t(v, e) != all {
				return !all
			}
		}
		return all
	}
}

func (c *compiler) matches(pattern, at string) test {
	if pattern == "" {
		c.wrong(at, "The regular expression is empty.")
		return nil
	}
	if len(pattern) > maxPattern {
		c.wrong(at, "The regular expression has %d bytes; %d are allowed.", len(pattern), maxPattern)
		return nil
	}
	parsed, err := syntax.Parse(pattern, syntax.Perl|syntax.FoldCase)
	if err != nil {
		c.wrong(at, "This is not a regular expression (RE2): %.200s.", strings.TrimPrefix(err.Error(), "error parsing regexp: "))
		return nil
	}
	program, err := syntax.Compile(parsed.Simplify())
	if err != nil || len(program.Inst) > maxInstructions {
		c.wrong(at, "The regular expression is too large once its repetitions are written out; repeat less.")
		return nil
	}
	re, err := regexp.Compile("(?i)" + pattern)
	if err != nil {
		c.wrong(at, "This is not a regular expression (RE2): %.200s.", err)
		return nil
	}
	most := min(maxSearched, maxSteps/len(program.Inst))
	found := func(s string) bool { return re.MatchString(s[:min(len(s), most)]) }
	return func(v neo.Value, _ *neo.Event) bool { return found(v.Value) || v.Display != "" && found(v.Display) }
}

// maxPlain is how long a text may be that is searched for without a copy: that takes
// its length times that of the field.
const maxPlain = 64

// text compares without regard to case, with the stored and with the shown text.
// ascii does so for texts of ASCII alone, which most are, without making a copy;
// exact gets lower-case copies of all others.
func text(want string, ascii, exact func(s, part string) bool) test {
	want = strings.ToLower(want)
	plain := isASCII(want) && len(want) <= maxPlain
	holds := func(s string) bool {
		if plain && isASCII(s) {
			return ascii(s, want)
		}
		return exact(strings.ToLower(s), want)
	}
	return func(v neo.Value, _ *neo.Event) bool { return holds(v.Value) || v.Display != "" && holds(v.Display) }
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
