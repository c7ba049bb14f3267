package servicenow

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/neoagent/neo"
)

// timeTable holds the time that people worked on tickets. Which columns it has beside
// task and time_worked differs between instances, so what was stored is looked at.
const timeTable = "task_time_worked"

// mostOfEntry is how many characters of text a time entry is given: as many as a column
// of that kind holds unless an administrator made it longer.
const mostOfEntry = 4000

// mostMinutes is the longest time that one entry can hold: a month.
const mostMinutes = 31 * 24 * 60

// logTime makes a time entry on a ticket, in the name of Neo's account. An entry of
// which the instance kept only a part is taken back: nobody could make sense of it.
func (s *Tickets) logTime(ctx context.Context, ref neo.TicketRef, e neo.TimeEntry) error {
	if e.Minutes <= 0 || e.Minutes > mostMinutes {
		return neo.Errorf(neo.CodeInvalid, "A time entry of %d minutes cannot be made. Give from 1 to %d.", e.Minutes, mostMinutes)
	}
	values := map[string]string{"task": ref.RemoteID, "time_worked": duration(e.Minutes)}
	if e.Text != "" {
		values["comments"] = fitting(e.Text, mostOfEntry)
	}
	if s.account.RemoteID != "" {
		values["user"] = s.account.RemoteID
	}
	r, err := s.client.Insert(ctx, timeTable, values)
	if err != nil {
		// A 403 can come after the record was made (KB2697679).
		if mark := ownNote.FindString(e.Text); mark != "" && neo.CodeOf(err) == neo.CodeRefused {
			if has, lookErr := s.HasTimeEntry(ctx, ref, mark); lookErr == nil && has {
				return nil
			}
		}
		return err
	}
	var lost []string
	for _, column := range []string{"task", "time_worked", "comments"} {
		if kept, wanted := r[column].Value, values[column]; kept != wanted && !sameNote(kept, wanted) {
			lost = append(lost, column)
		}
	}
	if len(lost) == 0 {
		return nil
	}
	rest := "The incomplete entry was taken back."
	if err := s.client.Delete(ctx, timeTable, r["sys_id"].Value); err != nil && neo.CodeOf(err) != neo.CodeNotFound {
		rest = "An incomplete entry was left behind: " + neo.MessageOf(err)
	}
	return &neo.Error{Code: neo.CodeRefused, Cause: fmt.Errorf("%s/%s of %s", timeTable, r["sys_id"].Value, ref.RemoteID), Message: fmt.Sprintf(
		"ServiceNow did not keep %s of the time entry: its table %s lacks the column, or Neo's account may not read or write it. "+
			"Ask an administrator to add or open it, or use a work note instead. %s", strings.Join(lost, ", "), timeTable, rest)}
}

// versionMadeBy returns the ticket's version if Neo's account made it, else 0. Where
// com.snc.time_worked.update_task_timer is on, a time entry makes one. That it cannot be
// found out is no failure of the entry.
func (s *Tickets) versionMadeBy(ctx context.Context, ref neo.TicketRef) int64 {
	r, err := s.client.Get(ctx, string(ref.Class), ref.RemoteID, []string{"sys_mod_count", "sys_updated_by"}, false)
	if err != nil || s.account.UserName == "" || r["sys_updated_by"].Value != s.account.UserName {
		return 0
	}
	version, err := strconv.ParseInt(r["sys_mod_count"].Value, 10, 64)
	if err != nil {
		return 0
	}
	return version
}

// HasTimeEntry reports whether a time entry whose text contains marker is on the
// ticket. The account may not be able to read the entries; the total counts them all
// the same. neo.CodeRefused means that it cannot be found out.
func (s *Tickets) HasTimeEntry(ctx context.Context, ref neo.TicketRef, marker string) (bool, error) {
	if err := s.check(ref); err != nil {
		return false, err
	}
	if marker == "" {
		return false, fmt.Errorf("servicenow: empty marker of a time entry")
	}
	text, err := term("comments", opContains, marker)
	if err != nil {
		return false, err
	}
	page, err := s.client.List(ctx, timeTable, ListOptions{
		Query: "task=" + ref.RemoteID + "^" + text, Fields: []string{"task", "comments"}, Limit: 10, Count: true,
	})
	if err != nil {
		return false, err
	}
	for _, r := range page.Records {
		if r["task"].Value != ref.RemoteID || !strings.Contains(r["comments"].Value, marker) {
			return false, &neo.Error{Code: neo.CodeRefused, Cause: fmt.Errorf("%s: the query was not applied", timeTable),
				Message: "It is not known whether a time entry was made whose answer was lost, so Neo does not make it again. Look at the ticket's time worked in ServiceNow."}
		}
	}
	return page.Total > 0 || len(page.Records) > 0, nil
}

// duration writes minutes as ServiceNow stores durations: the time that has passed
// since the beginning of 1970.
func duration(minutes int) string {
	return time.Unix(0, 0).UTC().Add(time.Duration(minutes) * time.Minute).Format(timeLayout)
}
