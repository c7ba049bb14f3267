// Package liquid fills in texts: the part of the Liquid template language that
// workflows need, with every name checked before a text is saved and every
// rendering bounded.
//
// A template has {{ value | filter: argument }}, {% if %} {% elsif %} {% else %},
// {% unless %}, {% case %} {% when %}, {% for %} {% break %} {% continue %},
// {% assign %}, {% capture %}, {% comment %} and {% raw %}; a dash beside a
// delimiter, as in {{- x -}}, takes the white space there away. It cannot read files
// or other templates, and what a value holds is text, never a template.
//
// It differs from Shopify's Liquid where that would surprise people who write texts
// about tickets: an empty text counts as false, "2" and 2 are equal (but "2" and "02" are
// not), a time is compared as a time and takes seconds by plus and minus, and a list is
// shown with commas.
package liquid

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// Bounds of a template and of one rendering of it.
const (
	MaxSource = 32_000 // bytes of a template
	MaxOutput = 64_000 // bytes of a text that comes out, and of any value on the way
	maxItems  = 10_000 // turns of one loop, items of a list
	maxDepth  = 20     // blocks in blocks, brackets in brackets
	// maxWork bounds a rendering: one for each node and value, and one for each 32
	// bytes that a filter reads or makes. It is a small part of a second.
	maxWork = 200_000
)

// Names are what a template may use.
type Names struct {
	Roots []string // the first parts
	// Check says what is wrong with a name, such as ["ticket", "number"], as a sentence
	// without its full stop; nil when the template may use it. The first part is one of
	// Roots.
	Check func(path []string) error
}

// Error is a mistake in a template, or a bound that a rendering met.
type Error struct {
	Line    int // of the template, from 1
	Message string
}

func (e *Error) Error() string {
	if e.Line > 1 {
		return fmt.Sprintf("line %d: %s", e.Line, e.Message)
	}
	return e.Message
}

// Template is a text that has been checked. It can be rendered by several
// goroutines at once.
type Template struct {
	source string
	nodes  []node
	used   map[string]bool
	plain  bool
	mark   func(value string) string // nil: values are written as they are
}

// Parse checks a template. The error is an *Error.
func Parse(source string, names Names) (*Template, error) {
	if len(source) > MaxSource {
		return nil, &Error{Line: 1, Message: fmt.Sprintf("the text has %d bytes; a template may have %d.", len(source), MaxSource)}
	}
	p := &parser{names: names, locals: map[string]int{}, used: map[string]bool{}}
	nodes, err := p.parse(source)
	if err != nil {
		return nil, err
	}
	return &Template{source: source, nodes: nodes, used: p.used, plain: !strings.Contains(source, "{{") && !strings.Contains(source, "{%")}, nil
}

// Plain reports whether the template is a text that comes out as it is.
func (t *Template) Plain() bool { return t.plain }

// Source returns the text that the template was parsed from.
func (t *Template) Source() string { return t.source }

// Names returns the names that the template asks for, e.g. "technician.email".
func (t *Template) Names() []string { return slices.Sorted(maps.Keys(t.used)) }

// Result is a text that came out of a template.
type Result struct {
	Text string
	// At is the time that the text shows, when there is nothing beside it; else zero.
	At time.Time
	// Formatted: the filter date has made the text, and not the value itself.
	Formatted bool
	// Timed: a time, or a part of one, is in the text.
	Timed bool
}

// Marked returns the template with a mark on the values in what comes out: each text
// that is not the template's own is what f makes of it. What a capture takes up is
// marked when it is shown.
func (t *Template) Marked(f func(value string) string) *Template {
	marked := *t
	marked.mark = f
	return &marked
}

// Render fills in the template. Values are nil, bool, int, int64, float64, string,
// time.Time, Moment, Shown, []any and map[string]any; what is missing is empty text. now
// is the time, in the time zone in which times are shown. The error is an *Error.
func (t *Template) Render(values map[string]any, now time.Time) (Result, error) {
	return t.render(values, now, false)
}

// RenderJSON fills in a template that is a JSON text. A value inside quotes is
// escaped for that place; one outside becomes a JSON value of its own. So no value
// can change the structure of the text.
func (t *Template) RenderJSON(values map[string]any, now time.Time) (Result, error) {
	return t.render(values, now, true)
}

func (t *Template) render(values map[string]any, now time.Time, asJSON bool) (Result, error) {
	r := &renderer{values: values, now: now, locals: map[string]any{}, left: maxWork, out: &output{mark: t.mark}}
	if asJSON {
		r.out.json = &jsonPlace{}
	}
	if _, err := r.all(t.nodes); err != nil {
		return Result{}, err
	}
	result := Result{Text: r.out.text.String(), Timed: r.timed}
	if r.out.pieces == 1 {
		switch v := r.out.last.(type) {
		case dated:
			result.At, result.Formatted = v.at, !v.at.IsZero()
		default:
			result.At, _ = moment(v)
		}
	}
	return result, nil
}
