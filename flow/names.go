package flow

import (
	"context"
	"sync"

	"github.com/neoagent/neo"
)

// names knows the texts that people see for stored values, as far as they were come
// across. It is safe for concurrent use.
type names struct {
	mu      sync.Mutex
	seen    map[string]string            // stored id → text
	choices map[string]map[string]string // class and field → stored value → text
}

func newNames() *names {
	return &names{seen: map[string]string{}, choices: map[string]map[string]string{}}
}

// learn remembers what a ticket system answered.
func (n *names) learn(values ...neo.Value) {
	n.mu.Lock()
	defer n.mu.Unlock()
	for _, v := range values {
		if v.Value != "" && v.Display != "" {
			n.seen[v.Value] = v.Display
		}
	}
}

// mostChoices bounds the choices of one field that are asked for.
const mostChoices = 200

// value returns a stored value with the text for it. When the choices of the field
// cannot be read, the stored value has to do.
func (n *names) value(ctx context.Context, system TicketSystem, class neo.TicketClass, field, stored string) neo.Value {
	v := neo.Value{Value: stored}
	if stored == "" {
		return v
	}
	key := string(class) + "/" + field
	n.mu.Lock()
	text, known := n.seen[stored]
	labels, asked := n.choices[key]
	n.mu.Unlock()
	if known {
		v.Display = text
		return v
	}
	if !asked {
		labels = map[string]string{}
		if choices, err := system.Choices(ctx, class, field, "", mostChoices); err == nil {
			for _, c := range choices {
				labels[c.Value] = c.Label
			}
		}
		n.mu.Lock()
		n.choices[key] = labels
		n.mu.Unlock()
	}
	if v.Display = labels[stored]; v.Display == stored {
		v.Display = ""
	}
	return v
}

// learning is a ticket system whose names are remembered.
type learning struct {
	TicketSystem
	names *names
}

func (l learning) Lookup(ctx context.Context, kind, name string) (neo.Value, error) {
	v, err := l.TicketSystem.Lookup(ctx, kind, name)
	l.names.learn(v)
	return v, err
}

func (l learning) Members(ctx context.Context, groupID string) ([]neo.Value, error) {
	all, err := l.TicketSystem.Members(ctx, groupID)
	l.names.learn(all...)
	return all, err
}
