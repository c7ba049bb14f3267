package storetest

import (
	"testing"

	"github.com/neoagent/neo"
	"github.com/neoagent/neo/store"
)

func epoch(t testing.TB, db *store.DB) (n int64) {
	t.Helper()
	inTx(t, db, func(tx neo.Tx) (err error) {
		n, err = db.ConfigEpoch(t.Context(), tx)
		return err
	})
	return n
}

var configTests = []test{
	{"rises with every change and with nothing else", func(t *testing.T, db *store.DB) {
		w, i := workflow("Name"), integration("https://one.service-now.com")
		for _, c := range []struct {
			name   string
			rises  bool
			change func()
		}{
			{"create a workflow", true, func() { save(t, db, &w) }},
			{"change a workflow", true, func() { save(t, db, &w) }},
			{"switch a workflow", true, func() { noError(t, db.SetWorkflowEnabled(t.Context(), ours, w.ID, false)) }},
			{"save an integration", true, func() { saveIntegration(t, db, i) }},
			{"refresh its tokens", false, func() { noError(t, db.SaveTokens(t.Context(), i.ID, []byte("sealed"))) }},
			{"append an event", false, func() { appendEvents(t, db, event("1", 1)) }},
			{"fail to save", false, func() {
				stale := w
				stale.Version--
				fails(t, db.InTx(t.Context(), func(tx neo.Tx) error { return db.SaveWorkflow(t.Context(), tx, &stale, "") }), neo.CodeConflict)
			}},
			{"delete a workflow", true, func() { noError(t, db.DeleteWorkflow(t.Context(), ours, w.ID)) }},
		} {
			before := epoch(t, db)
			c.change()
			if rose := epoch(t, db) > before; rose != c.rises {
				t.Errorf("%s: epoch rises: %v", c.name, rose)
			}
		}
	}},
	{"is loaded for all tenants", func(t *testing.T, db *store.DB) {
		a, b, off := workflow("A"), workflow("B"), workflow("Off")
		b.TenantID, off.Enabled = theirs, false
		i, j := integration("https://one.service-now.com"), integration("https://two.service-now.com")
		j.TenantID = theirs
		for _, w := range []*neo.Workflow{&a, &b, &off} {
			save(t, db, w)
		}
		saveIntegration(t, db, i)
		saveIntegration(t, db, j)
		want := neo.Config{Epoch: epoch(t, db), Workflows: []neo.Workflow{a, b}, Integrations: []neo.Integration{i, j}}
		equal(t, "config", must[neo.Config](t)(db.LoadConfig(t.Context(), nil)), want)
		inTx(t, db, func(tx neo.Tx) error {
			equal(t, "epoch", must[int64](t)(db.ConfigEpoch(t.Context(), tx)), want.Epoch)
			equal(t, "config", must[neo.Config](t)(db.LoadConfig(t.Context(), tx)), want)
			return nil
		})
	}},
	{"does not change while a transaction holds its epoch", func(t *testing.T, db *store.DB) {
		before := epoch(t, db)
		var order []string // of what happened; the channel orders the accesses
		saved := make(chan struct{})
		w := workflow("Name")
		inTx(t, db, func(tx neo.Tx) error {
			equal(t, "epoch", must[int64](t)(db.ConfigEpoch(t.Context(), tx)), before)
			tx.OnCommit(func() { saved <- struct{}{} })
			go func() {
				defer close(saved)
				err := db.InTx(t.Context(), func(tx neo.Tx) error {
					if err := db.SaveWorkflow(t.Context(), tx, &w, ""); err != nil {
						return err
					}
					<-saved // deadlocks if the save is let through before the commit
					order = append(order, "saved")
					return nil
				})
				if err != nil {
					t.Error(err)
				}
			}()
			lockWaited(t, db)
			equal(t, "epoch", must[int64](t)(db.ConfigEpoch(t.Context(), tx)), before)
			equal(t, "workflows", len(must[neo.Config](t)(db.LoadConfig(t.Context(), tx)).Workflows), 0)
			_, err := db.AppendEvents(t.Context(), tx, []neo.Event{event("1", 1)})
			order = append(order, "delivered")
			return err
		})
		<-saved
		equal(t, "order", order, []string{"delivered", "saved"})
		equal(t, "epoch", epoch(t, db), before+1)
	}},
	{"lets deliveries run side by side, and a save before later ones", func(t *testing.T, db *store.DB) {
		if db.Postgres() == nil {
			t.Skip("SQLite has one writer")
		}
		before := epoch(t, db)
		saved, delivered := make(chan error), make(chan int64)
		inTx(t, db, func(tx neo.Tx) error {
			_ = must[int64](t)(db.ConfigEpoch(t.Context(), tx))
			equal(t, "epoch for another delivery", epoch(t, db), before) // does not wait
			go func() {
				w := workflow("Name")
				saved <- db.InTx(t.Context(), func(tx neo.Tx) error { return db.SaveWorkflow(t.Context(), tx, &w, "") })
			}()
			lockWaited(t, db)
			go func() { delivered <- epoch(t, db) }()
			return nil
		})
		noError(t, <-saved)
		// The late delivery came before or after the save, but was not in its way.
		if e := <-delivered; e != before && e != before+1 {
			t.Errorf("epoch is %d", e)
		}
	}},
}
