package flow

import (
	"context"
	"strings"

	"github.com/neoagent/neo"
	"github.com/neoagent/neo/liquid"
)

// move brings the ticket to an end, or back: RESOLVE_TICKET and CLOSE_TICKET
// {"code": "…", "notes": "…"}, REOPEN_TICKET {"note": "…"}.
type move struct {
	to    neo.Lifecycle
	code  string
	notes *liquid.Template
	note  *liquid.Template // a work note
}

type closing struct {
	Code  string `json:"code"`
	Notes string `json:"notes"`
}

func parseResolve(s *setup) Action {
	var c closing
	if !s.read(&c) {
		return nil
	}
	s.needsToWrite(neo.GroupTickets)
	s.needsNamed("code", need{what: needCloseCode, name: c.Code, to: neo.ToResolved})
	if strings.TrimSpace(c.Code) == "" {
		s.wrong("code", "This is empty: choose the resolution code.")
	}
	return move{to: neo.ToResolved, code: s.closeCode(c.Code), notes: s.needText("notes", c.Notes, "say how the ticket was resolved")}
}

func parseClose(s *setup) Action {
	var c closing
	if !s.read(&c) {
		return nil
	}
	s.needsToWrite(neo.GroupTickets)
	s.needsNamed("code", need{what: needCloseCode, name: c.Code, to: neo.ToClosed})
	return move{to: neo.ToClosed, code: s.closeCode(c.Code), notes: s.text("notes", c.Notes)}
}

func (s *setup) closeCode(code string) string {
	if len(code) > 200 {
		s.wrong("code", "This has %d bytes; 200 are allowed.", len(code))
	}
	return strings.TrimSpace(code)
}

func parseReopen(s *setup) Action {
	var c struct {
		Note string `json:"note"`
	}
	if !s.read(&c) {
		return nil
	}
	s.needsToWrite(neo.GroupTickets)
	if strings.TrimSpace(c.Note) != "" {
		s.needsToWrite(neo.GroupWorkNotes)
	}
	return move{to: neo.ToReopened, note: s.text("note", c.Note)}
}

func (a move) Plan(ctx context.Context, in Input) (neo.Plan, error) {
	notes, err := in.note(ctx, a.notes)
	if err != nil {
		return neo.Plan{}, err
	}
	note, err := in.note(ctx, a.note)
	if err != nil {
		return neo.Plan{}, err
	}
	fields, err := in.Tickets.MoveTo(ctx, in.Ticket, a.to, a.code, cutTo(strings.TrimSpace(notes), maxFieldValue/2))
	if err != nil {
		return neo.Plan{}, err
	}
	for name, value := range fields {
		if in.Ticket.Fields[name].Value != value {
			return neo.Plan{Write: neo.Write{Fields: fields, WorkNote: cutTo(strings.TrimSpace(note), maxNote)}}, nil
		}
	}
	return neo.Plan{Reason: alreadyThere[a.to]}, nil
}

var alreadyThere = map[neo.Lifecycle]string{
	neo.ToResolved: "the ticket is resolved already", neo.ToClosed: "the ticket is closed already", neo.ToReopened: "the ticket is open already",
}
