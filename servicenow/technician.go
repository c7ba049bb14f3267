package servicenow

import (
	"context"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/neoagent/neo"
)

// technicianRoles are the roles of which one makes a person a technician. The planted
// script asks for itil, which every administrator has as well.
var technicianRoles = []string{"itil", "admin"}

// authorsKept is how long it is believed what a person is; maxAuthors bounds how many
// are remembered.
const (
	authorsKept = time.Hour
	maxAuthors  = 20_000
)

// author is a person who wrote notes, as far as the instance tells.
type author struct {
	id         string // sys_id; "" when it was not found
	technician bool   // by role
	roles      bool   // the roles could be read
	at         time.Time
}

// authors remembers who works on tickets, by integration and user name.
type authors struct {
	mu    sync.Mutex
	known map[string]author
}

// judge sets Technician of the notes of events that were put together from what the
// instance has now. The role decides; where Neo may not read it, the person whom the
// ticket is about is a customer, and everybody else a technician.
func (a *authors) judge(ctx context.Context, tickets *Tickets, now time.Time, events []neo.Event) error {
	var names []string
	for i := range events {
		for _, j := range events[i].Journal {
			if !slices.Contains(names, j.Author) {
				names = append(names, j.Author)
			}
		}
	}
	if len(names) == 0 {
		return nil
	}
	found, err := a.find(ctx, tickets, now, names)
	if err != nil {
		return err
	}
	for i := range events {
		e := &events[i]
		for n := range e.Journal {
			j := &e.Journal[n]
			switch who := found[j.Author]; {
			case who.roles:
				j.Technician = who.technician
			case who.id != "":
				j.Technician = who.id != contact(e)
			default:
				j.Technician = !wroteAsContact(e, j.Author)
			}
		}
	}
	return nil
}

// contact returns the sys_id of the person affected by the event's ticket.
func contact(e *neo.Event) string {
	if person := e.Fields[contactFields[e.Ticket.Class]].Value; person != "" {
		return person
	}
	return e.Fields["opened_by"].Value
}

// wroteAsContact reports whether the author is the person affected by the ticket, as
// far as the ticket alone tells: whoever opens a ticket for himself has created it.
func wroteAsContact(e *neo.Event, author string) bool {
	person := contact(e)
	return author != "" && person != "" && person == e.Fields["opened_by"].Value && author == e.Fields["sys_created_by"].Value
}

// find returns what is known of the people with those user names, and asks the
// instance about those of whom nothing is.
func (a *authors) find(ctx context.Context, tickets *Tickets, now time.Time, names []string) (map[string]author, error) {
	found := map[string]author{}
	var ask []string
	a.mu.Lock()
	for _, name := range names {
		if who, ok := a.known[tickets.integration+"/"+name]; ok && now.Sub(who.at) < authorsKept {
			found[name] = who
		} else if name != "" && !strings.ContainsAny(name, ",^\r\n\x00") {
			ask = append(ask, name)
		}
	}
	a.mu.Unlock()
	for some := range slices.Chunk(ask, idsPerQuestion) {
		asked, err := tickets.askAuthors(ctx, some)
		if err != nil {
			return nil, err
		}
		a.mu.Lock()
		if a.known == nil || len(a.known) > maxAuthors {
			a.known = map[string]author{}
		}
		for _, name := range some {
			who := asked[strings.ToLower(name)]
			who.at = now
			found[name], a.known[tickets.integration+"/"+name] = who, who
		}
		a.mu.Unlock()
	}
	return found, nil
}

// askAuthors asks the instance about people, by user name in lower case.
func (s *Tickets) askAuthors(ctx context.Context, names []string) (map[string]author, error) {
	people := map[string]author{}
	page, err := s.client.All(ctx, "sys_user", ListOptions{Query: "user_nameIN" + strings.Join(names, ","), Fields: []string{"sys_id", "user_name"}, Limit: rowsPage})
	if _, later := neo.Retryable(err); later {
		return nil, err
	}
	var ids []string
	byID := map[string]string{}
	for _, r := range page.Records {
		id, name := r["sys_id"].Value, strings.ToLower(r["user_name"].Value)
		if recordID(id) {
			people[name], byID[id] = author{id: id}, name
			ids = append(ids, id)
		}
	}
	if len(ids) == 0 || len(ids) > idsPerQuestion {
		return people, nil // nobody may be looked up, or a term was dropped
	}
	page, err = s.client.All(ctx, "sys_user_has_role", ListOptions{
		Query:  "userIN" + strings.Join(ids, ",") + "^state=active^role.nameIN" + strings.Join(technicianRoles, ","),
		Fields: []string{"user", "role.name"}, Limit: rowsPage,
	})
	if _, later := neo.Retryable(err); later {
		return nil, err
	}
	// The total counts rows that the account may not see: then nothing is known of anybody.
	readable := err == nil && page.Total == len(page.Records)
	for id, name := range byID {
		who := people[name]
		who.roles = readable
		who.technician = slices.ContainsFunc(page.Records, func(r Record) bool {
			return r["user"].Value == id && slices.Contains(technicianRoles, r["role.name"].Value)
		})
		people[name] = who
	}
	return people, nil
}
