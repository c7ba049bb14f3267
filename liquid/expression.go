package liquid

import (
	"slices"
	"strconv"
	"strings"
)

// operand is a value in a template: a constant, a name with its parts, or a range.
type operand struct {
	constant any
	path     []operand // a name and its parts; constant ones are strings
	local    bool      // the name is set in the template itself
	from, to *operand
}

// constantRange returns how many numbers a range of two constants has.
func (o operand) constantRange() (n int64, ok bool) {
	if o.from == nil || o.from.constant == nil || o.to.constant == nil {
		return 0, false
	}
	return span(whole(o.from.constant), whole(o.to.constant)), true
}

// filtered is a value and what is done to it.
type filtered struct {
	value   operand
	filters []call
}

type call struct {
	name string
	args []operand
}

// test is a condition.
type (
	test    any // compare, truth, both, either, not
	compare struct {
		left  operand
		op    string
		right operand
	}
	truth  struct{ value operand }
	both   struct{ a, b test }
	either struct{ a, b test }
	not    struct{ test }
)

// token is a word of an expression: 'i' identifier, 's' string, 'n' number,
// 'p' punctuation; the zero token is the end.
type token struct {
	kind byte
	text string
}

type lexer struct {
	line int
	rest string
}

func letter(c byte) bool { return c == '_' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' }
func digit(c byte) bool  { return '0' <= c && c <= '9' }

func identifier(s string) bool {
	for i := range len(s) {
		if !letter(s[i]) && (i == 0 || !digit(s[i])) {
			return false
		}
	}
	return s != "" && len(s) <= 80
}

func (l *lexer) next() (token, error) {
	l.rest = strings.TrimLeft(l.rest, " \t\r\n")
	s := l.rest
	if s == "" {
		return token{}, nil
	}
	n := 1
	kind := byte('p')
	switch c := s[0]; {
	case letter(c):
		kind = 'i'
		for n < len(s) && (letter(s[n]) || digit(s[n])) {
			n++
		}
	case digit(c) || c == '-' && len(s) > 1 && digit(s[1]):
		kind = 'n'
		for n < len(s) && (digit(s[n]) || s[n] == '.' && n+1 < len(s) && digit(s[n+1])) {
			n++
		}
	case c == '"' || c == '\'':
		end := strings.IndexByte(s[1:], c)
		if end < 0 {
			return token{}, wrong(l.line, "a text that begins with %c does not end with it.", c)
		}
		l.rest = s[end+2:]
		return token{'s', s[1 : end+1]}, nil
	default:
		for _, op := range []string{"==", "!=", "<=", ">=", "<>", ".."} {
			if strings.HasPrefix(s, op) {
				n = 2
			}
		}
		if !strings.ContainsRune("=!<>.|:,[]()", rune(c)) {
			return token{}, wrong(l.line, "%q is not understood here.", oneRune(s))
		}
	}
	l.rest = s[n:]
	return token{kind, s[:n]}, nil
}

func oneRune(s string) string {
	for _, c := range s {
		return string(c)
	}
	return ""
}

func (l *lexer) peek() token {
	ahead := *l
	t, err := ahead.next()
	if err != nil {
		return token{'?', ""}
	}
	return t
}

// over checks that nothing is left.
func (l *lexer) over() error {
	t, err := l.next()
	if err == nil && t != (token{}) {
		return wrong(l.line, "%q is not understood here.", t.text)
	}
	return err
}

// output reads a value with filters.
func (p *parser) output(part piece) (filtered, error) {
	l := &lexer{line: part.line, rest: part.text}
	if l.peek() == (token{}) {
		return filtered{}, wrong(part.line, "a value is missing between {{ and }}.")
	}
	value, err := p.operand(l)
	if err != nil {
		return filtered{}, err
	}
	f := filtered{value: value}
	for {
		t, err := l.next()
		if err != nil {
			return f, err
		}
		if t == (token{}) {
			return f, nil
		}
		if t != (token{'p', "|"}) {
			return f, wrong(part.line, "%q is not understood here; a filter follows a |.", t.text)
		}
		name, err := l.next()
		if err != nil {
			return f, err
		}
		def, known := filters[name.text]
		if name.kind != 'i' || !known {
			return f, wrong(part.line, "the filter %q is not known; there are %s.", name.text, filterNames())
		}
		c := call{name: name.text}
		if l.peek() == (token{'p', ":"}) {
			for again := true; again; again = l.peek() == (token{'p', ","}) {
				if _, err := l.next(); err != nil {
					return f, err
				}
				arg, err := p.operand(l)
				if err != nil {
					return f, err
				}
				c.args = append(c.args, arg)
			}
		}
		if len(c.args) < def.least || len(c.args) > def.most {
			return f, wrong(part.line, "the filter %s takes %s, not %d.", c.name, arguments(def.least, def.most), len(c.args))
		}
		if c.name == "date" {
			if format, ok := c.args[0].constant.(string); ok {
				if err := checkFormat(format); err != nil {
					return f, wrong(part.line, "date: %s.", err)
				}
			}
		}
		if f.filters = append(f.filters, c); len(f.filters) > maxDepth {
			return f, wrong(part.line, "a value has more than %d filters.", maxDepth)
		}
	}
}

func arguments(least, most int) string {
	switch {
	case most == 0:
		return "no arguments"
	case least == most && most == 1:
		return "1 argument"
	case least == most:
		return strconv.Itoa(most) + " arguments"
	}
	return strconv.Itoa(least) + " to " + strconv.Itoa(most) + " arguments"
}

// test reads comparisons joined by and and or. As in Liquid the last is joined
// first: a or b and c is a or (b and c), a and b or c is a and (b or c).
func (p *parser) test(line int, args string) (test, error) {
	l := &lexer{line: line, rest: args}
	if l.peek() == (token{}) {
		return nil, wrong(line, "a condition is missing.")
	}
	var tests []test
	var joins []string
	for {
		one, err := p.comparison(l)
		if err != nil {
			return nil, err
		}
		if tests = append(tests, one); len(tests) > 100 {
			return nil, wrong(line, "a condition has more than 100 comparisons.")
		}
		t, err := l.next()
		if err != nil {
			return nil, err
		}
		if t == (token{}) {
			break
		}
		if t.text == "|" {
			return nil, wrong(line, "a condition takes no filters: use {%% assign %%} first.")
		}
		if t.kind != 'i' || t.text != "and" && t.text != "or" {
			return nil, wrong(line, "%q is not understood here; comparisons are joined by and, or.", t.text)
		}
		joins = append(joins, t.text)
	}
	all := tests[len(tests)-1]
	for i := len(joins) - 1; i >= 0; i-- {
		if joins[i] == "and" {
			all = both{tests[i], all}
		} else {
			all = either{tests[i], all}
		}
	}
	return all, nil
}

func (p *parser) comparison(l *lexer) (test, error) {
	left, err := p.operand(l)
	if err != nil {
		return nil, err
	}
	op := l.peek()
	switch op.text {
	case "==", "!=", "<>", "<", "<=", ">", ">=", "contains":
		if op.kind == 's' {
			break
		}
		if _, err := l.next(); err != nil {
			return nil, err
		}
		right, err := p.operand(l)
		if err != nil {
			return nil, err
		}
		return compare{left, op.text, right}, nil
	case "=":
		return nil, wrong(l.line, "= sets; == compares.")
	}
	return truth{left}, nil
}

func (p *parser) operand(l *lexer) (operand, error) {
	if p.depth++; p.depth > 2*maxDepth {
		return operand{}, wrong(l.line, "brackets are nested too deeply.")
	}
	defer func() { p.depth-- }()
	t, err := l.next()
	if err != nil {
		return operand{}, err
	}
	switch {
	case t.kind == 's':
		return operand{constant: t.text}, nil
	case t.kind == 'n':
		n, ok := number(t.text)
		if !ok {
			return operand{}, wrong(l.line, "%s is not a number.", t.text)
		}
		return operand{constant: n}, nil
	case t == (token{'p', "("}):
		return p.rangeOf(l)
	case t.kind != 'i':
		if t == (token{}) {
			return operand{}, wrong(l.line, "a value is missing.")
		}
		return operand{}, wrong(l.line, "%q is not understood here; a value is a name, a number or a \"text\".", t.text)
	}
	switch t.text {
	case "true":
		return operand{constant: true}, nil
	case "false":
		return operand{constant: false}, nil
	case "nil", "null", "empty", "blank":
		return operand{constant: ""}, nil
	}
	return p.name(l, t.text)
}

// name reads the parts of a name and checks it.
func (p *parser) name(l *lexer, first string) (operand, error) {
	o := operand{path: []operand{{constant: first}}}
	known := []string{first}
	for {
		switch l.peek() {
		case token{'p', "."}:
			if _, err := l.next(); err != nil {
				return o, err
			}
			part, err := l.next()
			if err != nil {
				return o, err
			}
			if part.kind != 'i' {
				return o, wrong(l.line, "a name is missing after %s.", strings.Join(known, "."))
			}
			o.path = append(o.path, operand{constant: part.text})
			known = append(known, part.text)
			continue
		case token{'p', "["}:
			if _, err := l.next(); err != nil {
				return o, err
			}
			part, err := p.operand(l)
			if err != nil {
				return o, err
			}
			if end, err := l.next(); err != nil || end != (token{'p', "]"}) {
				return o, wrong(l.line, "] is missing after %s[.", strings.Join(known, "."))
			}
			o.path = append(o.path, part)
			text, ok := part.constant.(string)
			if !ok && p.locals[first] == 0 && first != "forloop" {
				if _, isNumber := part.constant.(int64); !isNumber {
					return o, wrong(l.line, "%s[…] needs a \"text\" or a number in its brackets.", strings.Join(known, "."))
				}
				continue // an item of a list
			}
			known = append(known, text)
			continue
		}
		break
	}
	if len(o.path) > maxDepth {
		return o, wrong(l.line, "a name has more than %d parts.", maxDepth)
	}
	if p.locals[first] > 0 {
		o.local = true
		return o, nil
	}
	if first == "forloop" {
		o.local = true
		return o, p.forloop(l.line, known)
	}
	if !slices.Contains(p.names.Roots, first) {
		return o, wrong(l.line, "%q is not known; there are %s, and what {%% assign %%} sets before.", first, strings.Join(p.names.Roots, ", "))
	}
	if err := p.names.Check(known); err != nil {
		return o, wrong(l.line, "%s.", err.Error())
	}
	p.used[strings.Join(known, ".")] = true
	return o, nil
}

func (p *parser) forloop(line int, path []string) error {
	if p.loops == 0 {
		return wrong(line, "\"forloop\" is known inside of {%% for %%} alone.")
	}
	if len(path) == 2 {
		switch path[1] {
		case "index", "index0", "rindex", "rindex0", "first", "last", "length":
			return nil
		}
	}
	return wrong(line, "%s is not known; forloop has index, index0, rindex, rindex0, first, last and length.", strings.Join(path, "."))
}

func (p *parser) rangeOf(l *lexer) (operand, error) {
	from, err := p.operand(l)
	if err != nil {
		return operand{}, err
	}
	if dots, err := l.next(); err != nil || dots.text != ".." {
		return operand{}, wrong(l.line, "brackets hold a range, as in (1..5); conditions have none.")
	}
	to, err := p.operand(l)
	if err != nil {
		return operand{}, err
	}
	if end, err := l.next(); err != nil || end.text != ")" {
		return operand{}, wrong(l.line, ") is missing after a range.")
	}
	return operand{from: &from, to: &to}, nil
}
