package servicenow

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/neoagent/neo"
)

// timeLayout is how ServiceNow writes times, always in UTC in stored values.
const timeLayout = "2006-01-02 15:04:05"

// journals are the fields of a ticket that are not values but lists of notes. They
// are left out of neo.Ticket's fields: stored they are empty, displayed they are
// everything ever written.
var journals = []string{"work_notes", "comments", "comments_and_work_notes"}

// Tickets reads and writes the tickets of one integration.
type Tickets struct {
	connections *Connections // nil while a connection is being set up
	tenant      string
	integration string
	account     neo.Identity // as which Neo acts
	client      *Client
	learnt      *learnt
}

// Read returns the ticket as it is now, with stored and display values.
// neo.CodeNotFound means that the instance said that there is no such record, or
// none that Neo's account may see.
func (s *Tickets) Read(ctx context.Context, ref neo.TicketRef) (neo.Ticket, error) {
	if err := s.check(ref); err != nil {
		return neo.Ticket{}, err
	}
	r, err := s.client.Get(ctx, string(ref.Class), ref.RemoteID, nil, true)
	if neo.CodeOf(err) == neo.CodeNotFound {
		err = &neo.Error{Code: neo.CodeNotFound, Cause: err, Message: "The ticket was deleted in ServiceNow, or Neo's account may not see it any more."}
	}
	if err != nil {
		return neo.Ticket{}, err
	}
	return s.ticket(ref, r)
}

// Write applies w in one call and returns the fields of w as the instance then
// showed them; the ticket's Version is the one that this write made. The instance may have dropped or
// changed values without a word (choices that do not exist, computed fields), so
// compare. An e-mail and a time entry are calls of their own. An e-mail makes no
// version; of a time entry the Version is 0 unless Neo's account made the last one.
//
// neo.CodeUnavailable leaves open whether the write was carried out.
func (s *Tickets) Write(ctx context.Context, ref neo.TicketRef, w neo.Write) (neo.Ticket, error) {
	if err := s.check(ref); err != nil {
		return neo.Ticket{}, err
	}
	values, err := stored(w.Fields, w.WorkNote, w.ClientNote)
	if err != nil {
		return neo.Ticket{}, err
	}
	alone := neo.Ticket{TicketRef: ref, TenantID: s.tenant}
	switch {
	case w.Empty():
		return neo.Ticket{}, neo.Errorf(neo.CodeInvalid, "There is nothing to write to the ticket.")
	case (w.Email != nil || w.TimeEntry != nil) && (len(values) > 0 || w.Email != nil && w.TimeEntry != nil):
		return neo.Ticket{}, fmt.Errorf("servicenow: an e-mail or a time entry together with other changes of %s", ref.RemoteID)
	case w.Email != nil:
		return alone, s.sendEmail(ctx, ref, *w.Email)
	case w.TimeEntry != nil:
		if err := s.logTime(ctx, ref, *w.TimeEntry); err != nil {
			return alone, err
		}
		alone.Version = s.versionMadeBy(ctx, ref)
		return alone, nil
	}
	echo := []string{"sys_id", "number", "sys_mod_count", "sys_updated_on"}
	for name := range w.Fields {
		echo = append(echo, name)
	}
	slices.Sort(echo)
	r, err := s.client.Patch(ctx, string(ref.Class), ref.RemoteID, values, echo)
	if err != nil {
		return neo.Ticket{}, err
	}
	return s.ticket(ref, r)
}

// stored returns fields and notes as the values of one call. A journal may be among
// the fields, but not together with a note for it: one of the two would be lost.
func stored(fields map[string]string, workNote, clientNote string) (map[string]string, error) {
	values := make(map[string]string, len(fields)+2)
	for name, value := range fields {
		if !fieldName(name) || strings.Contains(name, ".") {
			return nil, neo.Errorf(neo.CodeInvalid, "%q is not the name of a ticket's field.", oneLine(name, 80))
		}
		values[name] = value
	}
	for element, text := range map[string]string{elements[neo.WorkNotes]: workNote, elements[neo.ClientNotes]: clientNote} {
		if text == "" {
			continue
		}
		if values[element] != "" {
			return nil, neo.Errorf(neo.CodeInvalid, "There are two texts for the ticket's %s in one step. Write them in two steps.", strings.ReplaceAll(element, "_", " "))
		}
		values[element] = fitting(text, mostOfNote)
	}
	return values, nil
}

func (s *Tickets) check(ref neo.TicketRef) error {
	if ref.IntegrationID != s.integration {
		return fmt.Errorf("servicenow: ticket of integration %s asked from %s", ref.IntegrationID, s.integration)
	}
	if !ref.Class.Known() || !recordID(ref.RemoteID) {
		return neo.Errorf(neo.CodeInvalid, "%q in %q is not a ticket that Neo handles.", oneLine(ref.RemoteID, 64), oneLine(string(ref.Class), 80))
	}
	return nil
}

func (s *Tickets) ticket(ref neo.TicketRef, r Record) (neo.Ticket, error) {
	version, err := strconv.ParseInt(r["sys_mod_count"].Value, 10, 64)
	if err != nil || r["sys_id"].Value != ref.RemoteID {
		return neo.Ticket{}, &neo.Error{Code: neo.CodeRefused,
			Message: "Neo's account may not read sys_id and sys_mod_count of this ticket. Give it the role itil. No reconnect is needed.",
			Cause:   fmt.Errorf("%s/%s: sys_id %q, sys_mod_count %q", ref.Class, ref.RemoteID, r["sys_id"].Value, r["sys_mod_count"].Value)}
	}
	updated, _ := time.Parse(timeLayout, r["sys_updated_on"].Value)
	for _, j := range journals {
		delete(r, j)
	}
	return neo.Ticket{
		TicketRef: ref,
		TenantID:  s.tenant,
		Number:    r["number"].Value,
		Version:   version,
		Fields:    r,
		UpdatedAt: updated,
	}, nil
}
