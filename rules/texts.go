package rules

import (
	"regexp"
	"regexp/syntax"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/neoagent/neo"
	"github.com/neoagent/neo/spelling"
)

// Bounds of a regular expression. RE2 needs time for each instruction and byte.
const (
	maxPattern      = 1_000    // bytes
	maxInstructions = 1_000    // once repetitions are written out
	maxSearched     = 64 << 10 // bytes of a value
	maxSteps        = 4 << 20  // instructions times bytes: large expressions look at less
)

// text prepares the operators that look into a text. Of a list, contains looks for
// elements.
func (c *compiler) text(n *node, t typing, at string) test {
	op, parts := n.rule.Operator, []string{n.rule.Value}
	if op == neo.OpContainsAny || op == neo.OpContainsAll {
		if parts = c.list(n.rule, below(at, "value")); parts == nil {
			return nil
		}
	}
	for _, part := range parts {
		if spelling.Normal(part) == "" {
			c.futile(below(at, "value"), "There is no text to look for: every text contains an empty one. Fill it in, or ask whether the field is empty (%s).", neo.OpEmpty)
			return nil
		}
	}
	passes := c.typed(t, at, func(of neo.FieldType) (test, *problem) {
		tests := make([]test, len(parts))
		for i, part := range parts {
			if tests[i] = inText(op, part); of == neo.ListField && op != neo.OpBeginsWith && op != neo.OpEndsWith {
				tests[i] = hasMember(part)
			}
		}
		if len(tests) == 1 {
			return tests[0], nil
		}
		all := op == neo.OpContainsAll
		return func(v neo.Value, e *neo.Event) bool {
			for _, t := range tests {
				if t(v, e) != all {
					return !all
				}
			}
			return all
		}, nil
	})
	switch op {
	case neo.OpDoesNotContain:
		return opposite(passes)
	case neo.OpContainsAny:
		n.needs = anyPartOf(n, parts)
	default:
		for _, part := range parts {
			n.needs = append(n.needs, partOf(n, part)...)
		}
	}
	return passes
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
	re, err := regexp.Compile("(?i)" + spelling.Readable(pattern))
	if err != nil {
		c.wrong(at, "This is not a regular expression (RE2): %.200s.", err)
		return nil
	}
	most := min(maxSearched, maxSteps/len(program.Inst))
	found := func(s string) bool {
		s = s[:min(len(s), most)]
		return re.MatchString(spelling.Readable(s))
	}
	return func(v neo.Value, _ *neo.Event) bool { return found(v.Value) || v.Display != "" && found(v.Display) }
}

// maxPlain is how long a text may be that is searched for without a copy: that takes
// its length times that of the field.
const maxPlain = 64

// inText looks for a text in the stored and in the shown text. A blank at an end of
// what is looked for is the end of a word: of the text, too. Texts of ASCII alone,
// which most are, are searched without making a copy.
func inText(op neo.Operator, part string) test {
	folded := spelling.Fold(part)
	want := spelling.Trim(folded)
	before, after := folded[0] != want[0], folded[len(folded)-1] != want[len(want)-1]
	plain := !before && !after && isASCII(want) && len(want) <= maxPlain
	holds := func(s string) bool {
		if op == neo.OpBeginsWith || op == neo.OpEndsWith {
			s = spelling.Trim(s)
		}
		if !plain || !isASCII(s) {
			return inFolded(op, spelling.Fold(s), want, before, after)
		}
		switch op {
		case neo.OpBeginsWith:
			return spelling.HasPrefix(s, want)
		case neo.OpEndsWith:
			return len(s) >= len(want) && spelling.HasPrefix(s[len(s)-len(want):], want)
		}
		for i := 0; i+len(want) <= len(s); i++ {
			if spelling.HasPrefix(s[i:], want) {
				return true
			}
		}
		return false
	}
	return func(v neo.Value, _ *neo.Event) bool { return holds(v.Value) || v.Display != "" && holds(v.Display) }
}

// inFolded looks for a text in another, both folded; before and after say that a word
// begins or ends with it.
func inFolded(op neo.Operator, s, want string, before, after bool) bool {
	for from := 0; ; {
		i := strings.Index(s[from:], want)
		if i < 0 {
			return false
		}
		i += from
		rest := s[i+len(want):]
		switch {
		case op == neo.OpBeginsWith && i > 0:
			return false
		case op == neo.OpEndsWith && rest != "":
		case before && i > 0 && !blankAt(s[:i], true):
		case after && rest != "" && !blankAt(rest, false):
		default:
			return true
		}
		from = i + 1
		for from < len(s) && !utf8.RuneStart(s[from]) {
			from++
		}
	}
}

// blankAt reports whether a text has a blank at its end, or at its beginning.
func blankAt(s string, end bool) bool {
	r, _ := utf8.DecodeRuneInString(s)
	if end {
		r, _ = utf8.DecodeLastRuneInString(s)
	}
	return unicode.IsSpace(r)
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}
