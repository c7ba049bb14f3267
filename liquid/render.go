package liquid

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"
)

// renderer is one rendering of a template.
type renderer struct {
	values map[string]any
	now    time.Time // in the time zone that texts are for
	locals map[string]any
	left   int // of maxWork
	out    *output
	line   int
	timed  bool // a time was shown, or a part of one
}

// output collects the text.
type output struct {
	text   strings.Builder
	json   *jsonPlace // nil: the text is not JSON
	pieces int        // that are not blank
	last   any        // the last value among them
	mark   func(value string) string
}

// jsonPlace knows whether the end of a JSON text is inside a string.
type jsonPlace struct{ quoted, escaped bool }

func (j *jsonPlace) pass(s string) {
	for i := range len(s) {
		switch {
		case j.escaped:
			j.escaped = false
		case j.quoted && s[i] == '\\':
			j.escaped = true
		case s[i] == '"':
			j.quoted = !j.quoted
		}
	}
}

func (r *renderer) work(n int) error {
	if r.left -= n; r.left < 0 {
		return wrong(r.line, "filling in the text takes too long: its loops and filters do too much.")
	}
	return nil
}

// write adds text of the template itself.
func (r *renderer) write(s string) error {
	if r.out.text.Len()+len(s) > MaxOutput {
		return wrong(r.line, "the text that comes out has more than %d bytes.", MaxOutput)
	}
	if r.out.json != nil {
		r.out.json.pass(s)
	}
	r.out.text.WriteString(s)
	return r.work(len(s) / 32)
}

// value adds a value.
func (r *renderer) value(v any) error {
	r.timed = r.timed || isTimed(v)
	if text(v) != "" {
		r.out.pieces, r.out.last = r.out.pieces+1, v
	}
	if r.out.mark != nil {
		switch v.(type) {
		case nil, bool, int, int64, float64, []any, map[string]any:
			if r.out.json == nil {
				v = r.out.mark(text(v))
			}
		case encoded:
			v = encoded(r.out.mark(text(v)))
		default:
			v = r.out.mark(text(v))
		}
	}
	if r.out.json == nil {
		return r.write(text(v))
	}
	encoded := encode(v)
	if r.out.json.quoted {
		encoded = encode(text(v))
		encoded = encoded[1 : len(encoded)-1]
	}
	return r.write(encoded)
}

// encoded is text that is JSON already.
type encoded string

// encode returns the JSON of a value; of what is missing that of an empty text.
func encode(v any) string {
	switch v := v.(type) {
	case encoded:
		return string(v)
	case nil:
		return `""`
	case bool, int64, float64, int:
	case []any:
		parts := make([]string, len(v))
		for i := range v {
			parts[i] = encode(v[i])
		}
		return "[" + strings.Join(parts, ",") + "]"
	default:
		return encodeText(text(v))
	}
	b, err := json.Marshal(v)
	if err != nil { // a number that JSON does not have
		return `""`
	}
	return string(b)
}

func encodeText(s string) string {
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(s); err != nil {
		return `""`
	}
	return strings.TrimSuffix(b.String(), "\n")
}

// all renders nodes; it returns the jump that ended them early.
func (r *renderer) all(nodes []node) (jump, error) {
	for i := range nodes {
		r.line = nodes[i].line
		if err := r.work(1); err != nil {
			return "", err
		}
		j, err := r.one(&nodes[i])
		if err != nil || j != "" {
			return j, err
		}
	}
	return "", nil
}

func (r *renderer) one(n *node) (jump, error) {
	switch do := n.do.(type) {
	case literal:
		if strings.TrimSpace(string(do)) != "" {
			r.out.pieces++
		}
		return "", r.write(string(do))
	case show:
		v, err := r.filter(do.value)
		if err != nil {
			return "", err
		}
		return "", r.value(v)
	case assign:
		v, err := r.filter(do.value)
		r.locals[do.name] = v
		return "", err
	case capture:
		outside := r.out
		r.out = &output{}
		j, err := r.all(do.body)
		r.locals[do.name] = r.out.text.String()
		r.out = outside
		return j, err
	case choose:
		for _, b := range do.branches {
			holds, err := r.holds(b.when)
			if err != nil {
				return "", err
			}
			if holds {
				return r.all(b.body)
			}
		}
		return "", nil
	case loop:
		return r.loop(&do)
	case jump:
		return do, nil
	}
	return "", fmt.Errorf("liquid: a node of type %T", n.do)
}

func (r *renderer) loop(f *loop) (jump, error) {
	over, err := r.get(f.over)
	if err != nil {
		return "", err
	}
	items := list(over)
	if f.offset != nil {
		n, err := r.get(*f.offset)
		if err != nil {
			return "", err
		}
		items = items[clamp(whole(n), len(items)):]
	}
	if f.limit != nil {
		n, err := r.get(*f.limit)
		if err != nil {
			return "", err
		}
		items = items[:clamp(whole(n), len(items))]
	}
	if len(items) == 0 {
		return r.all(f.none)
	}
	wasItem, wasLoop := r.locals[f.name], r.locals["forloop"]
	defer func() { r.locals[f.name], r.locals["forloop"] = wasItem, wasLoop }()
	for i := range items {
		item := items[i]
		if f.reversed {
			item = items[len(items)-1-i]
		}
		r.locals[f.name] = item
		r.locals["forloop"] = map[string]any{
			"index": int64(i + 1), "index0": int64(i), "rindex": int64(len(items) - i), "rindex0": int64(len(items) - i - 1),
			"first": i == 0, "last": i == len(items)-1, "length": int64(len(items)),
		}
		if err := r.work(4); err != nil {
			return "", err
		}
		j, err := r.all(f.body)
		if err != nil {
			return "", err
		}
		if j == "break" {
			break
		}
	}
	return "", nil
}

func clamp(n int64, most int) int { return int(min(max(n, 0), int64(most))) }

// filter returns a value after its filters.
func (r *renderer) filter(f filtered) (any, error) {
	v, err := r.get(f.value)
	if err != nil {
		return nil, err
	}
	for _, c := range f.filters {
		args := make([]any, len(c.args))
		cost, timed := 1+size(v)/32, isTimed(v)
		for i := range c.args {
			if args[i], err = r.get(c.args[i]); err != nil {
				return nil, err
			}
			cost, timed = cost+size(args[i])/32, timed || isTimed(args[i])
		}
		if err := r.work(cost); err != nil {
			return nil, err
		}
		if c.name == "date" {
			v = date(v, text(args[0]), r.now)
		} else if v, err = filters[c.name].apply(v, args); err != nil {
			return nil, wrong(r.line, "%s: %s", c.name, err.Error())
		}
		if s, ok := v.(string); ok && timed {
			v = dated{text: s}
		}
		n := size(v)
		if n > MaxOutput {
			return nil, wrong(r.line, "%s makes a text of more than %d bytes.", c.name, MaxOutput)
		}
		if err := r.work(n / 32); err != nil {
			return nil, err
		}
	}
	return v, nil
}

// get returns the value of an operand; nil when there is none.
func (r *renderer) get(o operand) (any, error) {
	if err := r.work(1); err != nil {
		return nil, err
	}
	switch {
	case o.from != nil:
		from, err := r.get(*o.from)
		if err != nil {
			return nil, err
		}
		to, err := r.get(*o.to)
		if err != nil {
			return nil, err
		}
		first, n := whole(from), span(whole(from), whole(to))
		if n > maxItems {
			return nil, wrong(r.line, "the loop has %d turns; %d are allowed.", n, maxItems)
		}
		items := make([]any, n)
		for i := range items {
			items[i] = first + int64(i)
		}
		return items, r.work(int(n) / 4)
	case o.path == nil:
		return o.constant, nil
	}
	in := r.values
	if o.local {
		in = r.locals
	}
	v := in[o.path[0].constant.(string)]
	for _, part := range o.path[1:] {
		key, err := r.get(part)
		if err != nil {
			return nil, err
		}
		v = member(v, key)
	}
	return v, nil
}

// member returns the part of a value that key names.
func member(v, key any) any {
	switch of := v.(type) {
	case map[string]any:
		return of[text(key)]
	case []any:
		if n, ok := key.(int64); ok {
			if n < 0 {
				n += int64(len(of))
			}
			if n < 0 || n >= int64(len(of)) {
				return nil
			}
			return of[n]
		}
		switch key {
		case "size":
			return int64(len(of))
		case "first":
			return member(of, int64(0))
		case "last":
			return member(of, int64(-1))
		}
	case string, dated, Shown:
		if key == "size" {
			return int64(len([]rune(text(of))))
		}
	}
	return nil
}

func (r *renderer) holds(t test) (bool, error) {
	if err := r.work(1); err != nil {
		return false, err
	}
	switch t := t.(type) {
	case nil:
		return true, nil
	case truth:
		v, err := r.get(t.value)
		return isTrue(v), err
	case not:
		holds, err := r.holds(t.test)
		return !holds, err
	case both:
		a, err := r.holds(t.a)
		if err != nil || !a {
			return false, err
		}
		return r.holds(t.b)
	case either:
		a, err := r.holds(t.a)
		if err != nil || a {
			return a, err
		}
		return r.holds(t.b)
	case compare:
		left, err := r.get(t.left)
		if err != nil {
			return false, err
		}
		right, err := r.get(t.right)
		if err != nil {
			return false, err
		}
		return r.compared(left, t.op, right), r.work((size(left) + size(right)) / 32)
	}
	return false, fmt.Errorf("liquid: a test of type %T", t)
}
