package flow_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/neoagent/neo"
)

// replied returns a workflow for every reply of a customer.
func replied() neo.Definition {
	return neo.Definition{
		Name: "On reply", TriggerType: neo.Triggered, Actions: []neo.ActionSpec{raise},
		Changes: []neo.TargetChange{{ChangeType: neo.CustomerReplied}},
	}
}

// A delivery that comes after the sweep has found its version tells only what the sweep
// did not.
func TestFault30LateDeliveryTellsWhatIsNotKnown(t *testing.T) {
	noon := time.Date(2026, 11, 30, 12, 0, 0, 0, time.UTC)
	at := func(second int) time.Time { return noon.Add(time.Duration(second) * time.Second) }
	of := func(version int64, source neo.EventSource, previous, changed int, journal ...neo.JournalEntry) neo.Event {
		e := neo.Event{
			TenantID: neo.DefaultTenant, Ticket: ref(id(1)), Number: "INC" + id(1), Version: version, Type: neo.EntityUpdated, Source: source,
			ChangedBy: "abel.tuter", ChangedAt: at(changed),
			EventData: neo.EventData{PreviousAt: at(previous), Journal: journal, Fields: map[string]neo.Value{"urgency": {Value: "3"}, "short_description": {Value: "VPN"}}},
		}
		if source == neo.SourceSweep && version == 6 {
			e.Fields[neo.FieldUpdatedAt] = neo.Value{Value: at(changed).Format(time.DateTime)}
		}
		return e
	}
	found := func(version int64, previous, changed int, journal ...neo.JournalEntry) neo.Event {
		e := of(version, neo.SourceSweep, previous, changed, journal...)
		e.Missing = [][2]int64{{2, 2}, {3, 4}}
		return e
	}
	said := func(version int64, changed int, journal ...neo.JournalEntry) neo.Event {
		return of(version, neo.SourceWebhook, changed-1, changed, journal...)
	}
	comment := func(id, text, author string) neo.JournalEntry {
		return neo.JournalEntry{ID: id, Element: "comments", Text: text, Author: author}
	}
	hello, again := comment("", "Any news?", "abel.tuter"), comment("", "And now?", "abel.tuter")
	helloRead, helloToo := comment("a1", "Any news?", "abel.tuter"), comment("a2", "Any news?", "abel.tuter")
	urgent := neo.FieldChange{Field: "urgency", From: neo.Value{Value: "3"}, To: neo.Value{Value: "2"}}
	changing := func(e neo.Event, c neo.FieldChange) neo.Event {
		e.Changes, e.Fields["urgency"] = append(e.Changes, c), c.To
		return e
	}
	created := func(e neo.Event) neo.Event {
		e.Type, e.PreviousAt = neo.EntityCreated, time.Time{}
		return e
	}

	from := func(first int64, e neo.Event) neo.Event {
		e.First, e.Missing = first, [][2]int64{{first, e.Version}}
		return e
	}

	for name, tt := range map[string]struct {
		events []neo.Event // in the order in which they come
		notes  int         // known in the end
		runs   string      // of the workflow for replies, that for urgency, that for new tickets
	}{
		"its note is known":                             {[]neo.Event{said(1, 1), said(5, 50), found(4, 1, 40, helloRead), said(3, 30, hello)}, 1, "1 0 0"},
		"and it comes twice":                            {[]neo.Event{said(1, 1), said(5, 50), found(4, 1, 40, helloRead), said(3, 30, hello), said(3, 30, hello)}, 1, "1 0 0"},
		"the sweep found the newest state":              {[]neo.Event{said(1, 1), found(6, 1, 40, helloRead), said(3, 30, hello)}, 1, "1 0 0"},
		"it is the version of the sweep's event":        {[]neo.Event{said(1, 1), said(5, 50), found(4, 1, 40, helloRead), said(4, 40, hello)}, 1, "1 0 0"},
		"its note was given to the version before":      {[]neo.Event{said(1, 1), found(2, 1, 20, helloRead), said(3, 20), said(5, 50), found(4, 20, 21), said(4, 21, hello)}, 1, "1 0 0"},
		"two notes of one text, both found":             {[]neo.Event{said(1, 1), said(5, 50), found(4, 1, 40, helloRead, helloToo), said(3, 30, hello), said(2, 20, hello)}, 2, "1 0 0"},
		"two notes of one text, one found":              {[]neo.Event{said(1, 1), said(5, 50), found(4, 1, 40, helloRead), said(3, 30, hello), said(2, 20, hello)}, 2, "2 0 0"},
		"one of its notes is known":                     {[]neo.Event{said(1, 1), said(5, 50), found(4, 1, 40, helloRead), said(3, 30, hello, again)}, 2, "2 0 0"},
		"another's note of the same text":               {[]neo.Event{said(1, 1), said(5, 50), found(4, 1, 40, helloRead), said(3, 30, comment("", "Any news?", "bow.ruggeri"))}, 2, "2 0 0"},
		"another journal":                               {[]neo.Event{said(1, 1), said(5, 50), found(4, 1, 40, neo.JournalEntry{ID: "a1", Element: "work_notes", Text: "Any news?"}), said(3, 30, hello)}, 2, "1 0 0"},
		"nobody knows its author":                       {[]neo.Event{said(1, 1), said(5, 50), found(4, 1, 40, helloRead), said(3, 30, comment("", "Any news? ", ""))}, 1, "1 0 0"},
		"only overtaken, not found by the sweep":        {[]neo.Event{said(1, 1), found(2, 1, 10, helloRead), said(3, 11), said(5, 13), said(4, 12, hello)}, 2, "2 0 0"},
		"of the second in which the sweep's began":      {[]neo.Event{said(3, 10), said(5, 30), found(4, 10, 20, helloRead), said(2, 10, hello)}, 2, "2 0 0"},
		"newer than everything":                         {[]neo.Event{said(1, 1), said(3, 30), found(2, 1, 20, helloRead), said(4, 30, hello)}, 2, "2 0 0"},
		"its change is known":                           {[]neo.Event{said(1, 1), said(5, 50), changing(found(4, 1, 40), urgent), changing(said(3, 30), urgent)}, 0, "0 1 0"},
		"its note is, its change is not":                {[]neo.Event{said(1, 1), said(5, 50), found(4, 1, 40, helloRead), changing(said(3, 30, hello), urgent)}, 1, "1 1 0"},
		"its change is, its note is not":                {[]neo.Event{said(1, 1), said(5, 50), changing(found(4, 1, 40), urgent), changing(said(3, 30, hello), urgent)}, 1, "1 1 0"},
		"the new ticket is known":                       {[]neo.Event{said(5, 50), created(found(4, 0, 40, helloRead)), created(said(0, 0)), said(2, 20, hello)}, 1, "1 0 1"},
		"it came while the sweep looked":                {[]neo.Event{said(1, 1), said(5, 50), changing(said(3, 30, hello), urgent), changing(found(4, 1, 40, helloRead), urgent)}, 1, "1 1 0"},
		"in one second, it came while the sweep looked": {[]neo.Event{said(2, 1), said(5, 1), said(3, 1, hello), from(3, found(4, 1, 1, helloRead))}, 1, "1 0 0"},
		"in one second, known before the sweep looked":  {[]neo.Event{said(1, 1), said(2, 1, hello), said(5, 1), from(3, found(4, 1, 1, helloRead))}, 2, "2 0 0"},
		"in one second, before what the sweep found":    {[]neo.Event{said(3, 1), said(5, 1), from(4, found(4, 1, 1, helloRead)), said(2, 1, hello)}, 2, "2 0 0"},
		"the sweep then finds the version before":       {[]neo.Event{said(1, 1), said(5, 50), changing(found(4, 1, 40, helloRead), urgent), said(3, 30, hello), changing(found(2, 1, 29), urgent)}, 1, "1 1 0"},
	} {
		t.Run(name, func(t *testing.T) {
			onBoth(t, func(t *testing.T, w *world) {
				counted := []*neo.Workflow{w.save(replied()), w.save(on("urgency", note)), w.save(neo.Definition{
					Name: "New", TriggerType: neo.Triggered, Actions: []neo.ActionSpec{note}, Changes: []neo.TargetChange{{ChangeType: neo.TicketCreated}},
				})}
				w.start(w.store)
				w.ingest.OnEvent(func(e *neo.Event, d *neo.Dictionary) { e.Kinds = kindsOf(e, d) })
				for i, e := range tt.events {
					if i == len(tt.events)/2 {
						w.start(w.store) // another replica, which has seen nothing
						w.ingest.OnEvent(func(e *neo.Event, d *neo.Dictionary) { e.Kinds = kindsOf(e, d) })
					}
					w.pass(time.Second)
					w.submit(e)
				}
				runs := map[string]int{}
				for _, id := range w.unfinished() {
					runs[w.run(id).WorkflowID]++
				}
				if got := fmt.Sprint(runs[counted[0].ID], runs[counted[1].ID], runs[counted[2].ID]); got != tt.runs {
					t.Errorf("runs for replies, urgency and new tickets: %s, want %s", got, tt.runs)
				}
				all, err := w.store.NewestEvents(t.Context(), ref(id(1)), 100)
				w.must(err)
				notes := 0
				for _, e := range all {
					notes += len(e.Journal)
				}
				if notes != tt.notes {
					t.Errorf("%d notes are known, want %d: %+v", notes, tt.notes, all)
				}
			})
		})
	}
}
