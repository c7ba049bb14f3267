package flow

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/neoagent/neo"
)

// past is the ticket systems as a backtest sees them: names mean what they mean now,
// each is asked for once, and nothing that depends on a moment is answered.
type past struct {
	systems TicketSystems

	mu  sync.Mutex
	all map[string]*pastSystem // by integration
	err error
}

func newPast(systems TicketSystems) *past {
	return &past{systems: systems, all: map[string]*pastSystem{}}
}

// of returns the ticket system of an integration. It is asked when it has to be.
func (p *past) of(integration string) *pastSystem {
	p.mu.Lock()
	defer p.mu.Unlock()
	s := p.all[integration]
	if s == nil {
		s = &pastSystem{past: p, integration: integration, answers: map[string]*pastAnswer{}}
		p.all[integration] = s
	}
	return s
}

// failure returns why a ticket system could not be asked: the backtest ends with it.
// A clear no is an answer, and no failure.
func (p *past) failure() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.err
}

type pastSystem struct {
	past        *past
	integration string

	mu      sync.Mutex
	answers map[string]*pastAnswer
}

var _ TicketSystem = (*pastSystem)(nil)

// pastAnswer is given to everybody who asks the same.
type pastAnswer struct {
	once  sync.Once
	value any
	err   error
}

// askOnce returns the answer to a question, which is asked when it is first needed.
func askOnce[T any](ctx context.Context, s *pastSystem, question string, ask func(TicketSystem) (T, error)) (T, error) {
	s.mu.Lock()
	a := s.answers[question]
	if a == nil {
		a = &pastAnswer{}
		s.answers[question] = a
	}
	s.mu.Unlock()
	a.once.Do(func() {
		var system TicketSystem
		if system, a.err = s.past.systems(ctx, s.integration); a.err == nil {
			a.value, a.err = ask(system)
		}
	})
	value, _ := a.value.(T)
	return value, a.err
}

// failed remembers that the system could not be asked.
func (s *pastSystem) failed(err error) error {
	if _, later := neo.Retryable(err); later {
		s.past.mu.Lock()
		defer s.past.mu.Unlock()
		if s.past.err == nil {
			s.past.err = err
		}
	}
	return err
}

func (s *pastSystem) Lookup(ctx context.Context, kind, name string) (neo.Value, error) {
	v, err := askOnce(ctx, s, "lookup/"+kind+"/"+name, func(t TicketSystem) (neo.Value, error) { return t.Lookup(ctx, kind, name) })
	return v, s.failed(err)
}

func (s *pastSystem) UserEmail(ctx context.Context, userID string) (string, error) {
	email, err := askOnce(ctx, s, "email/"+userID, func(t TicketSystem) (string, error) { return t.UserEmail(ctx, userID) })
	return email, s.failed(err)
}

func (s *pastSystem) Members(ctx context.Context, groupID string) ([]neo.Value, error) {
	all, err := askOnce(ctx, s, "members/"+groupID, func(t TicketSystem) ([]neo.Value, error) { return t.Members(ctx, groupID) })
	return all, s.failed(err)
}

// MoveTo is asked for each ticket: what moves it depends on all of it.
func (s *pastSystem) MoveTo(ctx context.Context, t neo.Ticket, to neo.Lifecycle, code, notes string) (map[string]string, error) {
	system, err := s.past.systems(ctx, s.integration)
	if err != nil {
		return nil, s.failed(err)
	}
	fields, err := system.MoveTo(ctx, t, to, code, notes)
	return fields, s.failed(err)
}

func (s *pastSystem) Fields(ctx context.Context, class neo.TicketClass) ([]neo.Field, error) {
	fields, err := askOnce(ctx, s, "fields/"+string(class), func(t TicketSystem) ([]neo.Field, error) { return t.Fields(ctx, class) })
	return fields, s.failed(err)
}

func (s *pastSystem) Choices(ctx context.Context, class neo.TicketClass, field, query string, limit int) ([]neo.Choice, error) {
	question := fmt.Sprintf("choices/%s/%s/%q/%d", class, field, query, limit)
	choices, err := askOnce(ctx, s, question, func(t TicketSystem) ([]neo.Choice, error) { return t.Choices(ctx, class, field, query, limit) })
	return choices, s.failed(err)
}

func (s *pastSystem) AllChoices(ctx context.Context, class neo.TicketClass, field string) ([]neo.Choice, bool, error) {
	type answer struct {
		all      []neo.Choice
		complete bool
	}
	a, err := askOnce(ctx, s, "all choices/"+string(class)+"/"+field, func(t TicketSystem) (a answer, err error) {
		a.all, a.complete, err = t.AllChoices(ctx, class, field)
		return a, err
	})
	return a.all, a.complete, s.failed(err)
}

// ContactEmail names the contact: who that was does not matter here.
func (s *pastSystem) ContactEmail(context.Context, neo.Ticket) (string, error) {
	return "the ticket's contact", nil
}

func (s *pastSystem) Read(context.Context, neo.TicketRef) (neo.Ticket, error) {
	return neo.Ticket{}, errLater
}

func (s *pastSystem) OpenTickets(context.Context, []string) (map[string]int, error) {
	return nil, errLater
}

func (s *pastSystem) LinkTo(context.Context, neo.Ticket, neo.Ticket) (map[string]string, error) {
	return nil, errLater
}

func (s *pastSystem) HasNote(context.Context, neo.TicketRef, neo.Journal, string, time.Time) (bool, error) {
	return false, errLater
}

func (s *pastSystem) HasEntry(context.Context, neo.TicketRef, neo.Journal, string, time.Time) (bool, error) {
	return false, errLater
}

func (s *pastSystem) HasEmail(context.Context, neo.TicketRef, string) (bool, error) {
	return false, errLater
}

func (s *pastSystem) HasTimeEntry(context.Context, neo.TicketRef, string) (bool, error) {
	return false, errLater
}

func (s *pastSystem) Created(context.Context, neo.TicketClass, string) (neo.Ticket, bool, error) {
	return neo.Ticket{}, false, errLater
}

func (s *pastSystem) Write(context.Context, neo.TicketRef, neo.Write) (neo.Ticket, error) {
	return neo.Ticket{}, errRehearsal
}

func (s *pastSystem) Create(context.Context, neo.NewTicket) (neo.Ticket, error) {
	return neo.Ticket{}, errRehearsal
}

// pastDesk does not know how Neo's own records were then.
type pastDesk struct{ Desk }

func (pastDesk) OpenTickets(context.Context, string, string, neo.TicketClass, time.Time, int) ([]neo.Ticket, error) {
	return nil, errLater
}
