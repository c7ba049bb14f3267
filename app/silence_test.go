package app_test

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/neoagent/neo"
	"github.com/neoagent/neo/app"
	"github.com/neoagent/neo/simulator"
	"github.com/neoagent/neo/store/postgrestest"
	"github.com/neoagent/neo/visitor"
)

type shownStatus struct {
	State   neo.ConnectionState
	Message string
	Since   *time.Time
	Waiting int64
}

func (r *running) status(t *testing.T) shownStatus {
	t.Helper()
	list, err := visitor.Get[[]struct{ Status shownStatus }](t.Context(), &r.visitor.Client, "/api/v1/integrations")
	if err != nil || len(list) != 1 {
		t.Fatalf("%d connections: %v", len(list), err)
	}
	return list[0].Status
}

func (r *running) untilStatus(t *testing.T, want neo.ConnectionState) (s shownStatus) {
	t.Helper()
	err := visitor.Until(t.Context(), func() (bool, error) {
		s = r.status(t)
		return s.State == want, nil
	})
	if err != nil {
		t.Fatalf("the status is %+v, want %s: %v", s, want, err)
	}
	return s
}

// Faults 23 and 32: an instance that hibernates is known not to answer, and said to be so
// wherever a connection is shown; it is probed and left alone otherwise; runs wait for it
// without using up attempts, and all go on when it answers.
func TestFault32InstanceThatHibernates(t *testing.T) {
	const many = 40
	onBoth(t, func(t *testing.T, on func(*app.Config)) {
		r := run(t, fast, on)
		r.connect(t)
		note := `{"type":"ADD_WORK_NOTE","config":{"text":"Seen."}}`
		if _, err := r.visitor.SaveWorkflow(t.Context(), json.RawMessage(defined("Notes", note))); err != nil {
			t.Fatal(err)
		}
		r.untilStatus(t, neo.ConnectionWorking)
		r.faults(t, simulator.Faults{Hibernating: true})
		ids := make([]string, many)
		for n := range many {
			ids[n] = r.ticket(t, fmt.Sprintf("While it hibernates %d", n))
		}
		s := r.untilStatus(t, neo.ConnectionNotAnswering)
		if s.Since == nil || !strings.Contains(s.Message, "Nothing is lost") {
			t.Errorf("the status is %+v", s)
		}
		if h := r.health(t); h.State != "failed" || check(h.Checks, "instance").State != "failed" {
			t.Errorf("the health is %+v", h)
		}
		a, _ := r.alertAbout(t, "does not answer")
		says(t, "the alert", a.Message, "has not answered since", "Nothing is lost", "sign in to wake it")
		if a.ResolvedAt != nil || a.Occurrences != 1 {
			t.Errorf("the alert is %+v", a)
		}
		err := visitor.Until(t.Context(), func() (bool, error) { return r.status(t).Waiting == many, nil })
		if err != nil {
			t.Fatalf("%+v wait, want %d: %v", r.status(t), many, err)
		}
		// All wait: from here on there are probes, and nothing else. They are a second apart at first.
		before, began := r.instance.Requests(), time.Now()
		err = visitor.Until(t.Context(), func() (bool, error) { return r.instance.Requests()-before >= 2, nil })
		if calls, took := r.instance.Requests()-before, time.Since(began); err != nil || calls > 2+int64(took/(500*time.Millisecond)) {
			t.Errorf("%d calls in %s to an instance that does not answer: %v", calls, took, err)
		}
		for _, one := range r.runsOf(t) {
			if one.Outcome != string(neo.Pending) || !strings.Contains(one.Message, "under maintenance or unreachable") {
				t.Errorf("a run is %+v", one)
			}
		}

		r.faults(t, simulator.Faults{})
		r.untilStatus(t, neo.ConnectionWorking)
		for _, id := range ids {
			err := visitor.Until(t.Context(), func() (bool, error) {
				return len(r.instance.Find("sys_journal_field", "element_id="+id+"^valueLIKESeen.")) == 1, nil
			})
			if err != nil {
				t.Fatalf("no note, or several: %v; %+v", err, r.runsOf(t))
			}
		}
		if a, _ := r.alertAbout(t, "does not answer"); a.ResolvedAt == nil || a.Occurrences != 1 {
			t.Errorf("afterwards the alert is %+v", a)
		}
		if n := strings.Count(r.log.String(), "the instance does not answer"); n != 1 {
			t.Errorf("it was noticed %d times", n)
		}
	})
}

func (r *running) runsOf(t *testing.T) []entry {
	return r.history(t, "&type="+string(neo.WorkflowExecution))
}

// Fault 32: with two replicas one of them probes, and the runs of both go on.
func TestFault32TwoReplicas(t *testing.T) {
	second := func(t *testing.T, r *running, on func(*app.Config)) *app.App {
		c := config(t, &log{})
		on(&c)
		c.DataDir, c.AllowHosts = r.dir, []string{r.allowHost}
		a, err := app.New(t.Context(), c)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
			defer cancel()
			a.Stop(ctx)
		})
		if err := a.Start(t.Context()); err != nil {
			t.Fatal(err)
		}
		return a
	}
	database := postgrestest.URL(t)
	on := func(c *app.Config) { c.DatabaseURL = database }
	r := run(t, fast, on)
	r.connect(t)
	second(t, r, func(c *app.Config) { fast(c); on(c) })
	if _, err := r.visitor.SaveWorkflow(t.Context(), json.RawMessage(defined("Notes", `{"type":"ADD_WORK_NOTE","config":{"text":"Seen."}}`))); err != nil {
		t.Fatal(err)
	}
	r.faults(t, simulator.Faults{Maintenance: true})
	const many = 30
	for n := range many {
		r.ticket(t, fmt.Sprintf("Away %d", n))
	}
	r.untilStatus(t, neo.ConnectionNotAnswering)
	err := visitor.Until(t.Context(), func() (bool, error) { return r.status(t).Waiting == many, nil })
	if err != nil {
		t.Fatalf("%+v: %v", r.status(t), err)
	}
	r.faults(t, simulator.Faults{})
	err = visitor.Until(t.Context(), func() (bool, error) {
		done := slices.DeleteFunc(r.runsOf(t), func(e entry) bool { return e.Outcome != string(neo.Success) })
		return len(done) == many, nil
	})
	if err != nil {
		t.Fatalf("%v: %+v", err, r.runsOf(t))
	}
}
