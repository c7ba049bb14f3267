package servicenow

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/neoagent/neo"
)

// changesPage is how many rows one question for changes asks for.
const changesPage = 500

// idsPerQuestion bounds an IN list: an instance refuses addresses over 8192 bytes
// (414), and each id is 33 of them. The answer, with every field of every record,
// stays far below 10 MiB.
const idsPerQuestion = 50

// cursor is a place in the order of changes: by time of the change, then by sys_id.
// Without an id it is before the first change of that second.
type cursor struct {
	at time.Time
	id string
}

// changed is one ticket that changed, as the list of changes shows it.
type changed struct {
	ref     neo.TicketRef
	version int64
	at      time.Time // sys_updated_on, whole seconds
	created time.Time // sys_created_on
}

// inClasses keeps an encoded query to the classes that Neo receives. It is one IN:
// an OR of them would bind to the term before it.
var inClasses = "sys_class_nameIN" + strings.ReplaceAll(classList, ", ", ",")

// query asks for what comes after c. Ties are common (a second is the unit, and
// bulk jobs change thousands of records in one), so the id is part of the order.
func (c cursor) query() string {
	at := c.at.UTC().Format(timeLayout)
	q := inClasses + "^sys_updated_on>=" + at
	if c.id != "" {
		q = inClasses + "^sys_updated_on=" + at + "^sys_id>" + c.id + "^NQ" + inClasses + "^sys_updated_on>" + at
	}
	return q + "^ORDERBYsys_updated_on^ORDERBYsys_id"
}

// changes returns the changes after c, oldest first; more when there may be others
// behind them. serverNow is the instance's clock.
//
// The limit is applied before access rules, and an instance may give fewer rows than it
// is asked for: a page can be short, or empty, with more behind it. Only the total tells;
// pages without a readable row are passed over.
func (s *Tickets) changes(ctx context.Context, c cursor) (list []changed, more bool, serverNow time.Time, err error) {
	for offset := 0; ; {
		page, err := s.client.List(ctx, "task", ListOptions{
			Query:  c.query(),
			Fields: []string{"sys_id", "sys_class_name", "sys_mod_count", "sys_updated_on", "sys_created_on"},
			Limit:  changesPage, Offset: offset, Count: true,
		})
		if err != nil {
			return nil, false, time.Time{}, err
		}
		for _, r := range page.Records {
			ref := neo.TicketRef{IntegrationID: s.integration, Class: neo.TicketClass(r["sys_class_name"].Value), RemoteID: r["sys_id"].Value}
			version, versionErr := strconv.ParseInt(r["sys_mod_count"].Value, 10, 64)
			at, timeErr := time.Parse(timeLayout, r["sys_updated_on"].Value)
			if !ref.Class.Known() || !recordID(ref.RemoteID) || versionErr != nil || timeErr != nil || at.Before(c.at) {
				continue // not what was asked for: an instance that dropped a term answers with everything
			}
			created, _ := time.Parse(timeLayout, r["sys_created_on"].Value)
			list = append(list, changed{ref, version, at, created})
		}
		got := len(page.Records)
		if offset += got; got == 0 {
			offset += changesPage
		}
		more = page.Total > offset || page.Total < 0 && got > 0
		if len(list) > 0 || !more {
			return list, more, page.ServedAt, nil
		}
	}
}

// readAll reads tickets in full. Those that the account may not see are missing
// from the answer.
func (s *Tickets) readAll(ctx context.Context, refs []neo.TicketRef) ([]neo.Ticket, error) {
	byClass := map[neo.TicketClass][]string{}
	for _, ref := range refs {
		byClass[ref.Class] = append(byClass[ref.Class], ref.RemoteID)
	}
	tickets := make([]neo.Ticket, 0, len(refs))
	for _, class := range neo.TicketClasses {
		for ids := range slices.Chunk(byClass[class], idsPerQuestion) {
			page, err := s.client.All(ctx, string(class), ListOptions{Query: "sys_idIN" + strings.Join(ids, ","), Limit: len(ids), Display: true})
			if err != nil {
				return nil, err
			}
			for _, r := range page.Records {
				ref := neo.TicketRef{IntegrationID: s.integration, Class: class, RemoteID: r["sys_id"].Value}
				if !slices.Contains(ids, ref.RemoteID) {
					continue
				}
				t, err := s.ticket(ref, r)
				if err != nil {
					return nil, err
				}
				tickets = append(tickets, t)
			}
		}
	}
	return tickets, nil
}

// bookkeeping are fields that change with every update and say nothing about it;
// the planted script has the same list.
var bookkeeping = neo.Bookkeeping

// difference returns what changed between two states of a ticket, by field name.
// See neo.ChangesBetween.
func difference(before, after map[string]neo.Value) []neo.FieldChange {
	return neo.ChangesBetween(before, after)
}
