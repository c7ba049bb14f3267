// Package rules decides whether an event concerns a workflow. It is pure: no
// clock, no store, no network. "Now" is when the event happened, so that the same
// question has the same answer later.
package rules

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/neoagent/neo"
)

// Bounds of a definition, so that a hostile or broken one costs little.
const (
	maxDepth    = 16
	maxRules    = 500
	maxValue    = 4_000   // bytes of a value
	maxValues   = 200_000 // bytes of all values of the conditions
	maxField    = 100     // bytes of a field's name
	maxChange   = 50      // target changes of one workflow
	maxMistakes = 50      // that are reported at once
)

// condition is a compiled rule.
type condition func(e *neo.Event) bool

// Compiled is one workflow, ready to be asked about events.
type Compiled struct {
	Workflow *neo.Workflow
	changes  []change
	when     *node // nil: no conditions
	hours    neo.Hours
	reply    bool // a comparison needs Event.LastReplyAt
}

// Context is what the workflows of a tenant are judged by, beside the event.
type Context struct {
	Settings neo.Settings
	// Dictionaries are what its instances say about their fields, by integration. What
	// they do not say is not known: values are then taken for what they look like.
	Dictionaries map[string]*neo.Dictionary
}

// Compile prepares the trigger and the conditions of a workflow of a tenant. What is
// wrong with them is a neo.Error that names the place.
func Compile(w *neo.Workflow, x Context) (*Compiled, error) {
	c, err := newCompiler(x, nil)
	if err != nil {
		return nil, err
	}
	compiled := c.workflow(w)
	return compiled, c.err()
}

// Matches reports whether the event starts the workflow.
func (c *Compiled) Matches(e *neo.Event) bool {
	return c.asksFor(e) && c.triggered(e) && c.Open(Now(e)) && c.Holds(e)
}

// Holds reports whether the conditions hold, whatever started the workflow.
func (c *Compiled) Holds(e *neo.Event) bool { return c.when == nil || c.when.holds(e) }

// Open reports whether the workflow may run at that time, by its option for business
// hours.
func (c *Compiled) Open(at time.Time) bool {
	switch c.Workflow.BusinessHours {
	case neo.InsideBusinessHours:
		return c.hours.Open(at)
	case neo.OutsideBusinessHours:
		return !c.hours.Open(at)
	}
	return true
}

// NeedsReply reports whether the conditions ask for Event.LastReplyAt.
func (c *Compiled) NeedsReply() bool { return c.reply }

// asksFor reports whether the workflow wants to hear of the event at all.
func (c *Compiled) asksFor(e *neo.Event) bool {
	return e.Disposition != neo.DispositionOwn || c.Workflow.TriggerOnOwnChanges
}

func (c *Compiled) triggered(e *neo.Event) bool {
	for i := range c.changes {
		if c.changes[i].happened(e) {
			return true
		}
	}
	return false
}

// Now is the time at which an event is judged: when it happened, or where that is
// not known, when Neo heard of it.
func Now(e *neo.Event) time.Time {
	if e.ChangedAt.IsZero() {
		return e.ReceivedAt
	}
	return e.ChangedAt
}

// CompileRule prepares a rule that stands alone. extra supplies fields beside the event's, such as steps.name.output; it is asked
// each time and may be nil. Paths in the error begin at the rule.
func CompileRule(r *neo.Rule, x Context, extra func(field string) (neo.Value, bool)) (func(*neo.Event) bool, error) {
	c, err := newCompiler(x, extra)
	if err != nil {
		return nil, err
	}
	n := c.rule(r, "", 0)
	if err := c.err(); err != nil {
		return nil, err
	}
	return n.holds, nil
}

// compiler turns definitions into conditions and collects what is wrong with them.
type compiler struct {
	zone         *time.Location
	hours        neo.Hours
	extra        func(field string) (neo.Value, bool)
	dictionaries map[string]*neo.Dictionary
	negated      bool // groups turn the answer of what is compiled round
	left         int  // rules that may still come
	bytes        int  // of the values that came
	over         bool // there are too many: the rest is not looked at
	reply        bool
	mistakes     []neo.Mistake
	first        *neo.Mistake // that is not futile
}

func newCompiler(x Context, extra func(string) (neo.Value, bool)) (*compiler, error) {
	s := x.Settings
	zone, err := loadZone(s.TimeZone)
	if err != nil {
		return nil, err
	}
	h, err := newHours(s)
	if err != nil {
		return nil, err
	}
	return &compiler{zone: zone, hours: h, extra: extra, dictionaries: x.Dictionaries, left: maxRules}, nil
}

func (c *compiler) wrong(path, format string, args ...any) {
	if c.first == nil {
		c.first = &neo.Mistake{Path: path, Message: fmt.Sprintf(format, args...)}
	}
	if len(c.mistakes) < maxMistakes && !c.over {
		c.mistakes = append(c.mistakes, neo.Mistake{Path: path, Message: fmt.Sprintf(format, args...)})
	}
}

// err returns the first mistake as an error, but for comparisons that are understood
// and can never hold: what was saved before they were mistakes goes on.
func (c *compiler) err() error {
	m := c.first
	if m == nil {
		return nil
	}
	if m.Path == "" {
		return neo.Errorf(neo.CodeInvalid, "%s", m.Message)
	}
	return neo.Errorf(neo.CodeInvalid, "%s: %s", m.Path, m.Message)
}

// workflow compiles what decides whether the workflow runs.
func (c *compiler) workflow(w *neo.Workflow) *Compiled {
	compiled := &Compiled{Workflow: w, hours: c.hours, changes: c.trigger(&w.Definition)}
	switch w.BusinessHours {
	case "", neo.InsideBusinessHours, neo.OutsideBusinessHours:
	default:
		c.wrong("business_hours", "%.80q is not known; use %s or %s, or leave it out.", string(w.BusinessHours), neo.InsideBusinessHours, neo.OutsideBusinessHours)
	}
	if w.Conditions != nil {
		compiled.when = c.rule(w.Conditions, "conditions", 0)
	}
	compiled.reply = c.reply
	return compiled
}

// node is one compiled rule of the tree.
type node struct {
	rule  *neo.Rule
	holds condition
	rules []*node // of a group
	found getter  // of a comparison: what it looks at
	needs []need  // without which the rule cannot hold
	cost  int     // how long it takes, compared with others
}

func never(*neo.Event) bool { return false }

// below is the path of something inside of what at names; "" is the root.
func below(at, name string) string {
	if at == "" {
		return name
	}
	return at + "." + name
}

func (c *compiler) rule(r *neo.Rule, at string, depth int) *node {
	n := &node{rule: r, holds: never}
	if c.left--; c.left < 0 {
		c.wrong(at, "There are more than %d rules; split the workflow.", maxRules)
		c.over = true
	}
	if c.over {
		return n
	}
	if depth > maxDepth {
		c.wrong(at, "Groups nest deeper than %d here; flatten them.", maxDepth)
		return n
	}
	if !r.IsGroup() {
		if len(r.Rules) > 0 {
			c.wrong(below(at, "combinator"), "There are rules but no combinator; set it to \"and\" or \"or\".")
			return n
		}
		c.comparison(n, at)
		return n
	}
	if r.Field != "" || r.Operator != "" {
		c.wrong(at, "This is a group and a comparison at once; keep either combinator or field.")
		return n
	}
	if r.Not {
		c.negated = !c.negated
		defer func() { c.negated = !c.negated }()
	}
	for i := range r.Rules {
		child := c.rule(&r.Rules[i], below(at, index("rules", i)), depth+1)
		if c.over {
			return n
		}
		n.rules, n.cost = append(n.rules, child), n.cost+child.cost
	}
	// Nothing but time depends on the order in which they are asked.
	quickest := slices.SortedStableFunc(slices.Values(n.rules), func(a, b *node) int { return cmp.Compare(a.cost, b.cost) })
	tests := make([]condition, len(quickest))
	for i, child := range quickest {
		tests[i] = child.holds
	}
	switch r.Combinator {
	case neo.And:
		n.holds = func(e *neo.Event) bool {
			for _, test := range tests {
				if !test(e) {
					return false
				}
			}
			return true
		}
	case neo.Or:
		n.holds = func(e *neo.Event) bool {
			for _, test := range tests {
				if test(e) {
					return true
				}
			}
			return false
		}
	default:
		c.wrong(below(at, "combinator"), "%.80q is not known; use \"and\" or \"or\".", string(r.Combinator))
		return n
	}
	if r.Not {
		n.holds = not(n.holds)
		return n
	}
	n.needs = groupNeeds(n)
	return n
}

func not(test condition) condition { return func(e *neo.Event) bool { return !test(e) } }
