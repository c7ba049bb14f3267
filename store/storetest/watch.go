package storetest

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/neoagent/neo"
	"github.com/neoagent/neo/store"
)

var watchTests = []test{
	{"are started once", func(t *testing.T, db *store.DB) {
		w := neo.Watch{IntegrationID: "i", TenantID: ours, BackfillDays: 30, WatchData: neo.WatchData{Since: noon}}
		noError(t, db.StartWatch(t.Context(), w))
		again := w
		again.Since, again.BackfillDays = noon.Add(time.Hour), 7
		noError(t, db.StartWatch(t.Context(), again))
		got, err := db.Watch(t.Context(), "i")
		noError(t, err)
		if diff := cmp.Diff(w, got); diff != "" {
			t.Errorf("watch (-want +got):\n%s", diff)
		}
		if _, err := db.Watch(t.Context(), "other"); neo.CodeOf(err) != neo.CodeNotFound {
			t.Errorf("another: %v", err)
		}
		noError(t, db.DropWatch(t.Context(), "i"))
		if _, err := db.Watch(t.Context(), "i"); neo.CodeOf(err) != neo.CodeNotFound {
			t.Errorf("dropped: %v", err)
		}
	}},
	{"belong to one owner at a time", func(t *testing.T, db *store.DB) {
		noError(t, db.StartWatch(t.Context(), neo.Watch{IntegrationID: "i", TenantID: ours}))
		take := func(owner string, now time.Time) (neo.Watch, bool) {
			w, taken, err := db.TakeWatch(t.Context(), "i", owner, now, now.Add(time.Minute))
			noError(t, err)
			return w, taken
		}
		mine, taken := take("a", noon)
		if !taken {
			t.Fatal("not taken")
		}
		if _, taken := take("b", noon.Add(time.Second)); taken {
			t.Error("taken from its owner")
		}
		if _, taken := take("a", noon.Add(time.Second)); !taken {
			t.Error("not renewed")
		}
		if _, taken := take("b", noon.Add(2*time.Minute)); !taken {
			t.Error("not taken over")
		}
		mine.Sweep.Found = 7
		if kept, err := db.SaveWatch(t.Context(), mine, noon.Add(time.Hour)); kept || err != nil {
			t.Errorf("saved by one who has lost it: %v, %v", kept, err)
		}
		if w, err := db.Watch(t.Context(), "i"); err != nil || w.Sweep.Found != 0 {
			t.Errorf("%+v, %v", w, err)
		}
	}},
	{"cross off what was seen to, and nothing else", func(t *testing.T, db *store.DB) {
		noError(t, db.StartWatch(t.Context(), neo.Watch{IntegrationID: "i", TenantID: ours, BackfillDays: 30}))
		noError(t, db.AskWatch(t.Context(), "i", true, true))
		w, _, err := db.TakeWatch(t.Context(), "i", "a", noon, noon.Add(time.Minute))
		noError(t, err)
		if !w.SweepAsked || !w.InspectAsked {
			t.Fatalf("%+v", w)
		}
		w.InspectAsked, w.BackfillDays, w.Sweep.Found = false, 0, 3 // the sweep was seen to
		if kept, err := db.SaveWatch(t.Context(), w, time.Time{}); !kept || err != nil {
			t.Fatalf("%v, %v", kept, err)
		}
		w, err = db.Watch(t.Context(), "i")
		noError(t, err)
		if w.SweepAsked || !w.InspectAsked || w.BackfillDays != 30 || w.Sweep.Found != 3 || !w.LeaseUntil.IsZero() {
			t.Errorf("%+v", w)
		}
		noError(t, db.AskBackfill(t.Context(), "i", 0, true))
		if w, err = db.Watch(t.Context(), "i"); err != nil || !w.BackfillPaused || w.BackfillDays != 30 {
			t.Errorf("%+v, %v", w, err)
		}
		if err := db.AskBackfill(t.Context(), "other", 1, false); neo.CodeOf(err) != neo.CodeNotFound {
			t.Errorf("another: %v", err)
		}
	}},
	{"count deliveries by the minute", func(t *testing.T, db *store.DB) {
		add := func(at time.Time, d neo.Deliveries) { noError(t, db.AddDeliveries(t.Context(), "i", at, d)) }
		add(noon, neo.Deliveries{Webhook: 2, Last: noon})
		add(noon.Add(time.Minute), neo.Deliveries{Webhook: 1, Sweep: 1, Refused: 5, Last: noon.Add(time.Minute)})
		add(noon.Add(time.Minute), neo.Deliveries{Sweep: 1, Missed: 1})
		add(noon.Add(2*time.Minute), neo.Deliveries{Webhook: 1, Last: noon.Add(30 * time.Second)}) // told late
		got, err := db.Deliveries(t.Context(), "i", noon.Add(time.Minute))
		noError(t, err)
		if diff := cmp.Diff(neo.Deliveries{Webhook: 2, Sweep: 2, Missed: 1, Refused: 5, Last: noon.Add(time.Minute), Newest: neo.Share{Webhook: 2, Missed: 1}}, got); diff != "" {
			t.Errorf("deliveries (-want +got):\n%s", diff)
		}
		if got, err := db.Deliveries(t.Context(), "other", noon); err != nil || got != (neo.Deliveries{}) {
			t.Errorf("%+v, %v", got, err)
		}
	}},
	{"fault 34: tell the newest changes from those of the hour", func(t *testing.T, db *store.DB) {
		noError(t, db.AddDeliveries(t.Context(), "i", noon, neo.Deliveries{Webhook: 200, Last: noon}))
		for minute := range 12 {
			noError(t, db.AddDeliveries(t.Context(), "i", noon.Add(time.Duration(minute+1)*time.Minute), neo.Deliveries{Sweep: 1, Missed: 1}))
		}
		got, err := db.Deliveries(t.Context(), "i", noon.Add(-time.Hour))
		noError(t, err)
		if diff := cmp.Diff(neo.Deliveries{Webhook: 200, Sweep: 12, Missed: 12, Last: noon, Newest: neo.Share{Missed: 12}}, got); diff != "" {
			t.Errorf("deliveries (-want +got):\n%s", diff)
		}
	}},
	{"know which versions are missing", func(t *testing.T, db *store.DB) {
		for _, version := range []int64{3, 4, 7} {
			appendEvents(t, db, event("a", version))
		}
		got, err := db.Versions(t.Context(), []neo.TicketRef{ref("a"), ref("b")})
		noError(t, err)
		want := map[neo.TicketRef]neo.Versions{ref("a"): {First: 3, Newest: 7, Known: 3, ChangedAt: event("a", 7).ChangedAt}}
		if diff := cmp.Diff(want, got); diff != "" || !got[ref("a")].Gap() {
			t.Errorf("versions (-want +got):\n%s", diff)
		}
		newest, err := db.NewestEvents(t.Context(), ref("a"), 2)
		noError(t, err)
		if len(newest) != 2 || newest[0].Version != 7 || newest[1].Version != 4 {
			t.Errorf("newest %+v", newest)
		}
		for version, want := range map[int64]int64{3: 0, 4: 0, 7: 2} {
			if missed, err := db.MissedBefore(t.Context(), event("a", version)); err != nil || missed != want {
				t.Errorf("before %d: %d, %v", version, missed, err)
			}
		}
	}},
}

var alertTests = []test{
	{"are one for each condition", func(t *testing.T, db *store.DB) {
		a := neo.Alert{TenantID: ours, IntegrationID: "i", Key: "k", Level: neo.AlertProblem, Title: "T", Message: "m", Occurrences: 1, LastAt: noon}
		noError(t, db.RaiseAlert(t.Context(), a))
		list, err := db.Alerts(t.Context(), ours)
		noError(t, err)
		noError(t, db.ReadAlert(t.Context(), ours, list[0].ID, noon))
		a.LastAt = noon.Add(time.Hour)
		noError(t, db.RaiseAlert(t.Context(), a))
		a.Occurrences = 0 // goes on, is not another one
		noError(t, db.RaiseAlert(t.Context(), a))
		list, err = db.Alerts(t.Context(), ours)
		noError(t, err)
		if len(list) != 1 || list[0].Occurrences != 2 || !list[0].FirstAt.Equal(noon) || !list[0].LastAt.Equal(a.LastAt) || list[0].ReadAt.IsZero() {
			t.Errorf("%+v", list)
		}
		a.Message = "worse"
		noError(t, db.RaiseAlert(t.Context(), a))
		if list, err = db.Alerts(t.Context(), ours); err != nil || !list[0].ReadAt.IsZero() {
			t.Errorf("a new text is read already: %+v, %v", list, err)
		}
	}},
	{"are resolved, and raised anew", func(t *testing.T, db *store.DB) {
		a := neo.Alert{TenantID: ours, Key: "k", Level: neo.AlertWarning, Title: "T", Message: "m", Occurrences: 1, LastAt: noon}
		noError(t, db.RaiseAlert(t.Context(), a))
		for _, want := range []bool{true, false} {
			if was, err := db.ResolveAlert(t.Context(), ours, "k", noon); was != want || err != nil {
				t.Errorf("resolved %v, %v", was, err)
			}
		}
		if was, err := db.ResolveAlert(t.Context(), theirs, "k", noon); was || err != nil {
			t.Errorf("of another tenant: %v, %v", was, err)
		}
		noError(t, db.RaiseAlert(t.Context(), a))
		list, err := db.Alerts(t.Context(), ours)
		noError(t, err)
		if len(list) != 2 || !list[0].ResolvedAt.IsZero() || list[1].ResolvedAt.IsZero() {
			t.Errorf("%+v", list)
		}
		if list, err := db.Alerts(t.Context(), theirs); err != nil || len(list) != 0 {
			t.Errorf("another tenant sees %+v, %v", list, err)
		}
		if err := db.ReadAlert(t.Context(), theirs, list[0].ID, noon); neo.CodeOf(err) != neo.CodeNotFound {
			t.Errorf("read by another tenant: %v", err)
		}
	}},
}
