package flow

import (
	"context"
	"strings"

	"github.com/neoagent/neo"
	"github.com/neoagent/neo/liquid"
)

// notifyContact tells the person affected by a ticket.
// {"mode": "EMAIL", "subject": "…", "text": "…"}
type notifyContact struct {
	mode          notifyMode
	subject, text *liquid.Template
	minutes       int
}

// notifyMode is the Notification Mode.
type notifyMode string

const (
	// byNote writes a client-facing note.
	byNote notifyMode = "TICKET_NOTE"
	// byTimeEntry records time worked, with the text. The contact learns of it when the
	// ticket system tells them of time entries.
	byTimeEntry notifyMode = "TIME_ENTRY"
	// byEmail is "Email (sent via PSA)".
	byEmail notifyMode = "EMAIL"
)

const (
	maxEmail   = 32_000
	maxSubject = 200
)

func parseNotifyContact(s *setup) Action {
	var c struct {
		Mode    notifyMode `json:"mode"`
		Subject string     `json:"subject"`
		Text    string     `json:"text"`
		Minutes *int       `json:"minutes"`
	}
	if !s.read(&c) {
		return nil
	}
	a := notifyContact{mode: c.Mode, text: s.needText("text", c.Text, "say what the contact should read")}
	if c.Mode == "" {
		s.wrong("mode", "This is empty: use TICKET_NOTE, TIME_ENTRY or EMAIL.")
	}
	switch c.Mode {
	case byNote:
		s.needsToWrite(neo.GroupClientNotes)
	case byTimeEntry:
		s.needsToWrite(neo.GroupTimeEntries)
	case byEmail:
		s.needsPermission(neo.GroupPeople, neo.ReadOnly) // who the contact is
		s.needsToWrite(neo.GroupEmail)
	}
	choiceOf(s, "mode", c.Mode, byNote, byTimeEntry, byEmail)
	switch {
	case c.Mode == byEmail && strings.ContainsAny(c.Subject, "\r\n"):
		s.wrong("subject", "The subject must be one line.")
	case c.Mode == byEmail:
		a.subject = s.needText("subject", c.Subject, "an e-mail needs a subject")
	case c.Subject != "":
		s.wrong("subject", "Only an EMAIL has a subject.")
	}
	switch {
	case c.Mode == byTimeEntry:
		if c.Minutes != nil {
			a.minutes = *c.Minutes
		}
		s.minutes("minutes", a.minutes, maxTimeEntry)
	case c.Minutes != nil:
		s.wrong("minutes", "Only a TIME_ENTRY has minutes.")
	}
	return a
}

func (a notifyContact) Plan(ctx context.Context, in Input) (neo.Plan, error) {
	fill := in.note
	if a.mode == byEmail {
		fill = in.mail
	}
	text, err := fill(ctx, a.text)
	if err != nil {
		return neo.Plan{}, err
	}
	if text = strings.TrimSpace(text); text == "" {
		return neo.Plan{Reason: "the text came out empty"}, nil
	}
	switch a.mode {
	case byNote:
		return neo.Plan{Write: neo.Write{ClientNote: cutTo(text, maxNote)}}, nil
	case byTimeEntry:
		return neo.Plan{Write: neo.Write{TimeEntry: &neo.TimeEntry{Minutes: a.minutes, Text: cutTo(text, maxNote)}}}, nil
	}
	subject, err := in.fill(ctx, a.subject)
	if err != nil {
		return neo.Plan{}, err
	}
	if subject = cutTo(oneLine(subject), maxSubject); subject == "" {
		return neo.Plan{}, neo.Errorf(neo.CodeInvalid, "The subject of the e-mail came out empty. Give it a text that does not depend on the ticket.")
	}
	to, err := in.Tickets.ContactEmail(ctx, in.Ticket)
	if err != nil {
		return neo.Plan{}, err
	}
	return neo.Plan{Write: neo.Write{Email: &neo.Email{To: to, Subject: subject, Text: cutTo(text, maxEmail)}}}, nil
}
