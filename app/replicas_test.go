package app_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/neoagent/neo"
	"github.com/neoagent/neo/app"
	"github.com/neoagent/neo/simulator"
	"github.com/neoagent/neo/store/postgrestest"
	"github.com/neoagent/neo/visitor"
)

// Two replicas look after one connection: what is found is found once, and when one
// is gone the other goes on.
func TestReplicasShareTheWatch(t *testing.T) {
	database := postgrestest.URL(t)
	onPostgres := func(c *app.Config) { fast(c); c.DatabaseURL = database }
	r := run(t, onPostgres)
	r.connect(t)

	c := config(t, &log{})
	onPostgres(&c)
	c.DataDir, c.AllowHosts = r.dir, []string{r.allowHost} // the key that seals secrets is shared
	second, err := app.New(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		second.Stop(ctx)
	})
	if err := second.Start(t.Context()); err != nil {
		t.Fatal(err)
	}

	r.faults(t, simulator.Faults{Lost: 1})
	const many = 20
	for n := range many {
		r.ticket(t, fmt.Sprintf("Lost %d", n))
	}
	r.untilSweep(t, func(h health) bool { return h.Sweep.Found == many })
	r.post(t, "/api/v1/integrations/"+r.integration(t).ID+"/inspect", nil) // another sweep
	// Each replica adds what it counted to the sum a little later.
	r.untilSweep(t, func(h health) bool { return h.Deliveries.Sweep >= many })
	if h := r.health(t); h.Sweep.Found != many || h.Deliveries.Sweep != many {
		t.Errorf("%d changes were lost; found %d, counted %d", many, h.Sweep.Found, h.Deliveries.Sweep)
	}

	stopping, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	r.Stop(stopping)
	other := visitor.At(second.URL())
	t.Cleanup(other.Close)
	if err := other.SignIn(t.Context(), email, password, second.SetupToken); err != nil {
		t.Fatal(err)
	}
	r.ticket(t, "Lost when one was gone")
	err = visitor.Until(t.Context(), func() (bool, error) {
		list, err := visitor.Get[[]entry](t.Context(), &other.Client, "/api/v1/history?type="+string(neo.EntityCreated))
		return err == nil && len(list) > 0 && list[0].Title == "Lost when one was gone", err
	})
	if err != nil {
		t.Fatal(err)
	}
}
