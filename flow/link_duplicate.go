package flow

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/neoagent/neo"
	"github.com/neoagent/neo/liquid"
)

// linkDuplicate looks for the oldest open ticket that says the same, and makes this
// one its child. {"within_days": 7, "similarity": 70, "same_caller": true, "note": "…"}
type linkDuplicate struct {
	within     time.Duration
	similarity int // percent
	sameCaller bool
	note       *liquid.Template // a work note; nil: none
}

// maxCandidates bounds the tickets that are compared.
const maxCandidates = 2_000

func parseLinkDuplicate(s *setup) Action {
	var c struct {
		WithinDays int    `json:"within_days"`
		Similarity int    `json:"similarity"`
		SameCaller bool   `json:"same_caller"`
		Note       string `json:"note"`
	}
	if !s.read(&c) {
		return nil
	}
	if c.WithinDays < 1 || c.WithinDays > 90 {
		s.wrong("within_days", "This must be 1 to 90 days.")
	}
	if c.Similarity < 50 || c.Similarity > 100 {
		s.wrong("similarity", "This must be 50 to 100 percent.")
	}
	s.needsToWrite(neo.GroupTickets)
	a := linkDuplicate{within: time.Duration(c.WithinDays) * 24 * time.Hour, similarity: c.Similarity, sameCaller: c.SameCaller}
	if strings.TrimSpace(c.Note) != "" {
		s.needsToWrite(neo.GroupWorkNotes)
		a.note = s.textWith("note", c.Note, duplicateNames(s.steps))
	}
	return a
}

func (a linkDuplicate) Plan(ctx context.Context, in Input) (neo.Plan, error) {
	none := neo.Plan{Outputs: map[string]any{"number": "", "similarity": 0}}
	own := wordsOf(in.Ticket.Fields["short_description"].String())
	if len(own) == 0 {
		none.Reason = "the ticket's short description says nothing to compare"
		return none, nil
	}
	open, err := in.Desk.OpenTickets(ctx, in.Run.TenantID, in.Ticket.IntegrationID, in.Ticket.Class, in.Now.Add(-a.within), maxCandidates)
	if err != nil {
		return neo.Plan{}, err
	}
	for _, other := range slices.Backward(open) { // the oldest first
		alike := similarity(own, wordsOf(other.Fields["short_description"].String()))
		if alike < a.similarity || !olderThan(other, in.Ticket) || a.sameCaller && !sameContact(other, in.Ticket) {
			continue
		}
		if back, err := in.Tickets.LinkTo(ctx, other, in.Ticket); err == nil && has(other, back) {
			continue // it is a child of this one
		}
		fields, err := in.Tickets.LinkTo(ctx, in.Ticket, other)
		if neo.CodeOf(err) == neo.CodeInvalid {
			continue // the ticket system does not take this link
		}
		if err != nil {
			return neo.Plan{}, err
		}
		return a.link(ctx, in, other, alike, fields)
	}
	none.Reason = fmt.Sprintf("no open ticket of the last %d days is %d %% similar", int(a.within.Hours())/24, a.similarity)
	return none, nil
}

// link plans to make the ticket a child of other, unless it is somebody's already.
func (a linkDuplicate) link(ctx context.Context, in Input, other neo.Ticket, alike int, fields map[string]string) (neo.Plan, error) {
	outputs := map[string]any{"number": other.Number, "similarity": alike}
	plan := neo.Plan{Outputs: outputs, Reason: fmt.Sprintf("%s is %d %% similar", other.Number, alike)}
	if has(in.Ticket, fields) {
		plan.Reason += "; the ticket is linked to it already"
		return plan, nil
	}
	for name := range fields {
		if is := in.Ticket.Fields[name]; is.Value != "" {
			plan.Reason += fmt.Sprintf("; the ticket is linked to %s already", is)
			return plan, nil
		}
	}
	in.duplicate = map[string]any{"number": other.Number, "similarity": alike, "title": other.Fields["short_description"].String()}
	note, err := in.note(ctx, a.note)
	if err != nil {
		return neo.Plan{}, err
	}
	plan.Write = neo.Write{Fields: fields, WorkNote: cutTo(strings.TrimSpace(note), maxNote)}
	return plan, nil
}

// has reports whether the ticket holds these values.
func has(t neo.Ticket, fields map[string]string) bool {
	for name, value := range fields {
		if t.Fields[name].Value != value {
			return false
		}
	}
	return len(fields) > 0
}

// olderThan reports whether other is another ticket that was opened before t, or at
// the same time and has the lower number.
func olderThan(other, t neo.Ticket) bool {
	if other.RemoteID == t.RemoteID {
		return false
	}
	a, b := other.Fields["opened_at"].Value, t.Fields["opened_at"].Value
	if a == b {
		return len(other.Number) < len(t.Number) || len(other.Number) == len(t.Number) && other.Number < t.Number
	}
	return a < b
}

// contactFields say whom a ticket is for; the first that the ticket has counts.
var contactFields = []string{"caller_id", "requested_for", "requested_by", "opened_by"}

func sameContact(a, b neo.Ticket) bool {
	for _, field := range contactFields {
		if x, y := a.Fields[field].Value, b.Fields[field].Value; x != "" || y != "" {
			return x == y
		}
	}
	return false
}
