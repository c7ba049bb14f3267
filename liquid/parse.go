package liquid

import (
	"fmt"
	"slices"
	"strings"
)

// node is a part of a template.
type node struct {
	line int
	do   any // literal, show, assign, capture, choose, loop, jump
}

type (
	literal string
	show    struct{ value filtered }
	assign  struct {
		name  string
		value filtered
	}
	capture struct {
		name string
		body []node
	}
	// choose is an if, an unless or a case: the first branch that holds.
	choose struct{ branches []branch }
	branch struct {
		when test // nil: else
		body []node
	}
	loop struct {
		name          string
		over          operand
		limit, offset *operand
		reversed      bool
		body, none    []node
	}
	jump string // break or continue
)

// piece is a stretch of the source: text, or what is between delimiters.
type piece struct {
	line int
	kind byte // 't' text, 'o' output, 'g' tag
	text string
}

// parser reads a template. Its locals count in how many blocks a name is set.
type parser struct {
	names  Names
	locals map[string]int
	used   map[string]bool
	pieces []piece
	at     int
	depth  int
	loops  int
}

func wrong(line int, format string, args ...any) error {
	return &Error{Line: line, Message: fmt.Sprintf(format, args...)}
}

func (p *parser) parse(source string) ([]node, error) {
	pieces, err := cut(source)
	if err != nil {
		return nil, err
	}
	p.pieces = pieces
	nodes, end, err := p.block("")
	if err != nil {
		return nil, err
	}
	if end.text != "" {
		return nil, wrong(end.line, "{%% %s %%} closes nothing.", end.text)
	}
	return nodes, nil
}

// cut splits the source at its delimiters and takes away white space beside dashes.
func cut(source string) ([]piece, error) {
	var pieces []piece
	line, trim := 1, false
	text := func(s string, before bool) {
		lines := strings.Count(s, "\n")
		kept := s
		if trim {
			kept = strings.TrimLeft(kept, " \t\r\n")
		}
		if before {
			kept = strings.TrimRight(kept, " \t\r\n")
		}
		if kept != "" {
			pieces = append(pieces, piece{line, 't', kept})
		}
		line += lines
	}
	for source != "" {
		open := strings.Index(source, "{")
		for open >= 0 && (open+1 >= len(source) || source[open+1] != '{' && source[open+1] != '%') {
			next := strings.Index(source[open+1:], "{")
			if next < 0 {
				open = -1
				break
			}
			open += 1 + next
		}
		if open < 0 {
			text(source, false)
			break
		}
		kind, closer := byte('o'), "}}"
		if source[open+1] == '%' {
			kind, closer = 'g', "%}"
		}
		inside := source[open+2:]
		before := strings.HasPrefix(inside, "-")
		text(source[:open], before)
		inside = strings.TrimPrefix(inside, "-")
		end := closes(inside, closer)
		if end < 0 {
			return nil, wrong(line, "%s is not closed: %s is missing.", source[open:open+2], closer)
		}
		body := inside[:end]
		trim = strings.HasSuffix(body, "-")
		body = strings.TrimSuffix(body, "-")
		name := strings.TrimSpace(body)
		pieces = append(pieces, piece{line, kind, name})
		line += strings.Count(inside[:end], "\n")
		source = inside[end+2:]
		if kind == 'g' && (name == "raw" || name == "comment") {
			body, rest, ok := verbatim(source, name)
			if !ok {
				return nil, wrong(line, "{%% %s %%} is not closed: {%% end%s %%} is missing.", name, name)
			}
			pieces = pieces[:len(pieces)-1]
			if name == "raw" {
				if body != "" {
					pieces = append(pieces, piece{line, 't', body})
				}
			}
			line += strings.Count(source[:len(source)-len(rest)], "\n")
			source, trim = rest, false
		}
	}
	return pieces, nil
}

// closes finds the closing delimiter outside of quotes.
func closes(s, closer string) int {
	quote := byte(0)
	for i := 0; i < len(s); i++ {
		switch {
		case quote != 0:
			if s[i] == quote {
				quote = 0
			}
		case s[i] == '"' || s[i] == '\'':
			quote = s[i]
		case strings.HasPrefix(s[i:], closer):
			return i
		}
	}
	return strings.Index(s, closer) // an apostrophe in a comment, or a mistake that is told later
}

// verbatim finds the end of a raw or a comment block.
func verbatim(s, name string) (body, rest string, ok bool) {
	for from := 0; ; {
		i := strings.Index(s[from:], "{%")
		if i < 0 {
			return "", "", false
		}
		i += from
		from = i + 2
		end := strings.Index(s[from:], "%}")
		if end < 0 {
			return "", "", false
		}
		if strings.Trim(s[from:from+end], "- \t\r\n") == "end"+name {
			return s[:i], s[from+end+2:], true
		}
	}
}

// block reads nodes up to a tag that belongs to the block around them, and returns
// that tag.
func (p *parser) block(around string) (nodes []node, end piece, err error) {
	if p.depth++; p.depth > maxDepth {
		return nil, end, wrong(p.line(), "blocks are nested deeper than %d.", maxDepth)
	}
	defer func() { p.depth-- }()
	for p.at < len(p.pieces) {
		part := p.pieces[p.at]
		p.at++
		switch part.kind {
		case 't':
			nodes = append(nodes, node{part.line, literal(part.text)})
		case 'o':
			value, err := p.output(part)
			if err != nil {
				return nil, end, err
			}
			nodes = append(nodes, node{part.line, show{value}})
		case 'g':
			name, args := word(part.text)
			if strings.HasPrefix(name, "end") || name == "else" || name == "elsif" || name == "when" {
				return nodes, part, nil
			}
			do, err := p.tag(part.line, name, args)
			if err != nil {
				return nil, end, err
			}
			nodes = append(nodes, node{part.line, do})
		}
	}
	if around != "" {
		return nil, end, wrong(p.line(), "{%% %s %%} is not closed: {%% end%s %%} is missing.", around, around)
	}
	return nodes, piece{}, nil
}

func (p *parser) line() int {
	return p.pieces[min(p.at, len(p.pieces)-1)].line
}

func word(s string) (first, rest string) {
	i := strings.IndexFunc(s, func(c rune) bool { return c == ' ' || c == '\t' || c == '\n' || c == '\r' })
	if i < 0 {
		return s, ""
	}
	return s[:i], strings.TrimSpace(s[i:])
}

const tags = "if, unless, case, for, break, continue, assign, capture, comment and raw"

func (p *parser) tag(line int, name, args string) (any, error) {
	switch name {
	case "if", "unless":
		return p.ifTag(line, name, args)
	case "case":
		return p.caseTag(line, args)
	case "for":
		return p.forTag(line, args)
	case "break", "continue":
		if p.loops == 0 {
			return nil, wrong(line, "{%% %s %%} is outside of a loop.", name)
		}
		return jump(name), p.none(line, name, args)
	case "assign":
		left, right, ok := strings.Cut(args, "=")
		left = strings.TrimSpace(left)
		if !ok {
			return nil, wrong(line, "{%% assign %%} needs a name, = and a value, as in {%% assign who = ticket.caller_id %%}.")
		}
		value, err := p.output(piece{line, 'o', right})
		if err != nil {
			return nil, err
		}
		return assign{left, value}, p.local(line, left)
	case "capture":
		body, err := p.body(line, name)
		if err != nil {
			return nil, err
		}
		return capture{args, body}, p.local(line, args)
	case "include", "render", "layout":
		return nil, wrong(line, "{%% %s %%} is not allowed: a text cannot read files.", name)
	}
	return nil, wrong(line, "{%% %s %%} is not known; there are %s.", name, tags)
}

func (p *parser) none(line int, name, args string) error {
	if args != "" {
		return wrong(line, "there is something after %s: %s", name, args)
	}
	return nil
}

// local makes a name known from here on.
func (p *parser) local(line int, name string) error {
	if !identifier(name) {
		return wrong(line, "%q cannot be a name: letters, digits and _ only.", name)
	}
	if name == "forloop" || slices.Contains(p.names.Roots, name) {
		return wrong(line, "the name %s is taken; choose another.", name)
	}
	p.locals[name]++
	return nil
}

// body reads a block that has one part.
func (p *parser) body(line int, name string) ([]node, error) {
	body, end, err := p.block(name)
	if err != nil {
		return nil, err
	}
	if end.text != "end"+name {
		return nil, wrong(end.line, "{%% %s %%} of line %d is open: it needs {%% end%s %%} before {%% %s %%}.", name, line, name, end.text)
	}
	return body, nil
}

func (p *parser) ifTag(line int, name, args string) (any, error) {
	when, err := p.test(line, args)
	if err != nil {
		return nil, err
	}
	if name == "unless" {
		when = not{when}
	}
	c := choose{}
	for {
		body, end, err := p.block(name)
		if err != nil {
			return nil, err
		}
		c.branches = append(c.branches, branch{when, body})
		kind, rest := word(end.text)
		last := len(c.branches) > 1 && when == nil
		switch {
		case end.text == "end"+name:
			return c, nil
		case kind == "elsif" && !last:
			if when, err = p.test(end.line, rest); err != nil {
				return nil, err
			}
		case end.text == "else" && !last:
			when = nil
		default:
			return nil, wrong(end.line, "{%% %s %%} of line %d is open: it needs {%% end%s %%} before {%% %s %%}.", name, line, name, end.text)
		}
	}
}

func (p *parser) caseTag(line int, args string) (any, error) {
	l := &lexer{line: line, rest: args}
	value, err := p.operand(l)
	if err != nil {
		return nil, err
	}
	if err := l.over(); err != nil {
		return nil, err
	}
	before, end, err := p.block("case")
	if err != nil {
		return nil, err
	}
	if slices.ContainsFunc(before, func(n node) bool {
		text, ok := n.do.(literal)
		return !ok || strings.TrimSpace(string(text)) != ""
	}) {
		return nil, wrong(line, "there is something between {%% case %%} and the first {%% when %%}.")
	}
	c := choose{}
	for isElse := false; ; {
		kind, rest := word(end.text)
		var when test
		switch {
		case end.text == "endcase":
			return c, nil
		case kind == "when" && !isElse:
			if when, err = p.when(value, end.line, rest); err != nil {
				return nil, err
			}
		case end.text == "else" && !isElse:
			isElse = true
		default:
			return nil, wrong(end.line, "{%% case %%} of line %d is open: it needs {%% endcase %%} before {%% %s %%}.", line, end.text)
		}
		var body []node
		if body, end, err = p.block("case"); err != nil {
			return nil, err
		}
		c.branches = append(c.branches, branch{when, body})
	}
}

// when reads the values of a when, joined by commas or "or".
func (p *parser) when(value operand, line int, args string) (test, error) {
	l := &lexer{line: line, rest: args}
	var any test
	for {
		o, err := p.operand(l)
		if err != nil {
			return nil, err
		}
		one := compare{value, "==", o}
		if any == nil {
			any = one
		} else {
			any = either{any, one}
		}
		t, err := l.next()
		if err != nil {
			return nil, err
		}
		if t == (token{}) {
			return any, nil
		}
		if t != (token{'p', ","}) && t != (token{'i', "or"}) {
			return nil, wrong(line, "the values of {%% when %%} are separated by commas; %q is not one.", t.text)
		}
	}
}

func (p *parser) forTag(line int, args string) (any, error) {
	l := &lexer{line: line, rest: args}
	name, err := l.next()
	if err != nil {
		return nil, err
	}
	in, err := l.next()
	if err != nil {
		return nil, err
	}
	if name.kind != 'i' || in != (token{'i', "in"}) {
		return nil, wrong(line, "a loop is written {%% for item in list %%}.")
	}
	f := loop{name: name.text}
	if f.over, err = p.operand(l); err != nil {
		return nil, err
	}
	for {
		t, err := l.next()
		if err != nil {
			return nil, err
		}
		if t == (token{}) {
			break
		}
		switch t.text {
		case "reversed":
			f.reversed = true
		case "limit", "offset":
			if colon, err := l.next(); err != nil || colon.text != ":" {
				return nil, wrong(line, "%s needs a number, as in %s: 3.", t.text, t.text)
			}
			n, err := p.operand(l)
			if err != nil {
				return nil, err
			}
			if t.text == "limit" {
				f.limit = &n
			} else {
				f.offset = &n
			}
		default:
			return nil, wrong(line, "%q is not known in a loop; it may have limit, offset and reversed.", t.text)
		}
	}
	if r, ok := f.over.constantRange(); ok && r > maxItems {
		return nil, wrong(line, "the loop has %d turns; %d are allowed.", r, maxItems)
	}
	if err := p.local(line, f.name); err != nil {
		return nil, err
	}
	p.loops++
	body, end, err := p.block("for")
	p.loops--
	if err != nil {
		return nil, err
	}
	if p.locals[f.name]--; p.locals[f.name] == 0 {
		delete(p.locals, f.name)
	}
	f.body = body
	if end.text == "else" {
		if f.none, end, err = p.block("for"); err != nil {
			return nil, err
		}
	}
	if end.text != "endfor" {
		return nil, wrong(end.line, "{%% for %%} of line %d is open: it needs {%% endfor %%} before {%% %s %%}.", line, end.text)
	}
	return f, nil
}
