package servicenow_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/neoagent/neo"
	"github.com/neoagent/neo/simulator"
)

const mark = "neo-0190a7c4f5e1-3"

func (w *world) entries(ref neo.TicketRef) []map[string]string {
	var all []map[string]string
	for _, id := range w.sim.Find("task_time_worked", "task="+ref.RemoteID) {
		all = append(all, w.sim.Get("task_time_worked", id))
	}
	return all
}

func TestTimeEntry(t *testing.T) {
	for minutes, stored := range map[int]string{1: "1970-01-01 00:01:00", 90: "1970-01-01 01:30:00", 1500: "1970-01-02 01:00:00"} {
		w := newWorld(t)
		tickets, in := w.connectedAs("itil.only")
		ref := w.ticket()
		ref.IntegrationID = in.ID
		if has, err := tickets.HasTimeEntry(t.Context(), ref, mark); err != nil || has {
			t.Errorf("before: %t, %v", has, err)
		}
		echo, err := tickets.Write(t.Context(), ref, neo.Write{TimeEntry: &neo.TimeEntry{Minutes: minutes, Text: "Swapped the cable.\n" + mark}})
		if err != nil || echo.TicketRef != ref || echo.Version != 0 {
			t.Fatalf("%+v, %v", echo, err)
		}
		e := w.entries(ref)
		if len(e) != 1 || e[0]["time_worked"] != stored || e[0]["user"] != simulator.UserID("itil.only") || e[0]["comments"] != "Swapped the cable.\n"+mark {
			t.Errorf("entries %v", e)
		}
		if has, err := tickets.HasTimeEntry(t.Context(), ref, mark); err != nil || !has {
			t.Errorf("after: %t, %v", has, err)
		}
		if has, err := tickets.HasTimeEntry(t.Context(), ref, "neo-0190a7c4f5e1-30"); err != nil || has {
			t.Errorf("another mark: %t, %v", has, err)
		}
	}
}

// TestTimeEntryThatMakesAVersion: with that property the instance adds the time to the
// ticket, which is a version of Neo's; after somebody else's change it is not known.
func TestTimeEntryThatMakesAVersion(t *testing.T) {
	w := newWorld(t)
	tickets, in := w.connectedAs("itil.only")
	if _, err := w.sim.Create("system", "sys_properties", map[string]string{"name": "com.snc.time_worked.update_task_timer", "value": "true"}); err != nil {
		t.Fatal(err)
	}
	ref := w.ticket()
	ref.IntegrationID = in.ID
	before, err := tickets.Read(t.Context(), ref)
	if err != nil {
		t.Fatal(err)
	}
	echo, err := tickets.Write(t.Context(), ref, neo.Write{TimeEntry: &neo.TimeEntry{Minutes: 5, Text: mark}})
	if err != nil || echo.Version != before.Version+1 {
		t.Errorf("the version is %d, %v; before it was %d", echo.Version, err, before.Version)
	}
}

func TestTimeEntryThatIsRefused(t *testing.T) {
	w := newWorld(t)
	tickets, in := w.connected()
	ref := w.ticket()
	ref.IntegrationID = in.ID
	for _, minutes := range []int{0, -5, 1 << 20} {
		if _, err := tickets.Write(t.Context(), ref, neo.Write{TimeEntry: &neo.TimeEntry{Minutes: minutes, Text: "x"}}); neo.CodeOf(err) != neo.CodeInvalid {
			t.Errorf("%d minutes: %v", minutes, err)
		}
	}
	w.sim.SetQuirks(simulator.Quirks{TimeWorkedWithoutComments: true})
	_, err := tickets.Write(t.Context(), ref, neo.Write{TimeEntry: &neo.TimeEntry{Minutes: 5, Text: mark}})
	if neo.CodeOf(err) != neo.CodeRefused || !strings.Contains(neo.MessageOf(err), "did not keep comments") || !strings.Contains(neo.MessageOf(err), "taken back") {
		t.Errorf("without the column: %v", err)
	}
	if e := w.entries(ref); len(e) != 0 {
		t.Errorf("the half entry is still there: %v", e)
	}
	if _, err := tickets.Write(t.Context(), ref, neo.Write{TimeEntry: &neo.TimeEntry{Minutes: 5}}); err != nil {
		t.Errorf("without a text nothing is lost: %v", err)
	}

	reader, in := w.reader()
	ref.IntegrationID = in.ID
	_, err = reader.Write(t.Context(), ref, neo.Write{TimeEntry: &neo.TimeEntry{Minutes: 5, Text: mark}})
	if neo.CodeOf(err) != neo.CodeRefused || !strings.Contains(neo.MessageOf(err), "may write this record (itil)") {
		t.Errorf("without the role: %v", err)
	}
}

// TestTimeEntryWhoseAnswerIsLost: it is there, and is found, by its text or by the
// total alone.
func TestTimeEntryWhoseAnswerIsLost(t *testing.T) {
	w := newWorld(t)
	tickets, in := w.connected()
	ref := w.ticket()
	ref.IntegrationID = in.ID
	entry := neo.Write{TimeEntry: &neo.TimeEntry{Minutes: 5, Text: mark}}
	for name, tt := range map[string]struct {
		faults simulator.Faults
		code   neo.Code
	}{
		"500": {simulator.Faults{FailAfterCommit: 1}, neo.CodeUnavailable},
		"403": {simulator.Faults{RefuseAfterCommit: 1}, ""},
	} {
		if err := w.sim.SetFaults(tt.faults); err != nil {
			t.Fatal(err)
		}
		if _, err := tickets.Write(t.Context(), ref, entry); neo.CodeOf(err) != tt.code {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := w.sim.SetFaults(simulator.Faults{}); err != nil {
		t.Fatal(err)
	}
	if has, err := tickets.HasTimeEntry(t.Context(), ref, mark); err != nil || !has {
		t.Errorf("%t, %v", has, err)
	}
	reader, in := w.reader()
	ref.IntegrationID = in.ID
	if has, err := reader.HasTimeEntry(t.Context(), ref, mark); err != nil || !has {
		t.Errorf("hidden by access rules: %t, %v", has, err)
	}
	if has, err := reader.HasTimeEntry(t.Context(), ref, "neo-0190a7c4f5e1-9"); err != nil || has {
		t.Errorf("hidden by access rules, another mark: %t, %v", has, err)
	}
}

func TestHasTimeEntryWithoutItsColumn(t *testing.T) {
	tickets := fakeTickets(t, func(w http.ResponseWriter, r *http.Request) {
		says(200, asJSON, `{"result":[{"task":"t1"}]}`, "X-Total-Count", "1")(w, r) // the term of the unknown column was dropped
	})
	_, err := tickets.HasTimeEntry(t.Context(), neo.TicketRef{IntegrationID: "i1", Class: neo.Incident, RemoteID: "t1"}, mark)
	if neo.CodeOf(err) != neo.CodeRefused || !strings.Contains(neo.MessageOf(err), "not known whether a time entry was made") {
		t.Error(err)
	}
}
