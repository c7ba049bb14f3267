package storetest

import (
	"testing"

	"github.com/neoagent/neo"
	"github.com/neoagent/neo/store"
)

var tenantTests = []test{
	{"do not see each other's rows", func(t *testing.T, db *store.DB) {
		e, w, i, a, u := event("1", 1), workflow("Name"), integration("https://one.service-now.com"), attempt("a"), user("beth@example.com")
		r := run(w.ID, e)
		s := step(r, 0, neo.StepDone)
		appendEvents(t, db, e)
		insertRuns(t, db, r)
		putSteps(t, db, s)
		save(t, db, &w)
		saveIntegration(t, db, i)
		noError(t, db.CreateAttempt(t.Context(), a))
		noError(t, db.CreateUser(t.Context(), u))
		p := createEndpoint(t, db, "Operations")

		ctx := t.Context()
		for name, read := range map[string]func(tenant string) error{
			"event":       func(tenant string) error { _, err := db.Event(ctx, tenant, e.ID); return err },
			"ticket":      func(tenant string) error { _, err := db.Ticket(ctx, tenant, e.Ticket); return err },
			"run":         func(tenant string) error { _, err := db.Run(ctx, tenant, r.ID); return err },
			"workflow":    func(tenant string) error { _, err := db.Workflow(ctx, tenant, w.ID); return err },
			"enable":      func(tenant string) error { return db.SetWorkflowEnabled(ctx, tenant, w.ID, true) },
			"integration": func(tenant string) error { _, err := db.Integration(ctx, tenant, i.ID); return err },
			"endpoint":    func(tenant string) error { _, err := db.Endpoint(ctx, tenant, p.ID); return err },
			"attempt":     func(tenant string) error { _, err := db.Attempt(ctx, tenant, a.ID); return err },
			"user":        func(tenant string) error { _, err := db.User(ctx, tenant, u.ID); return err },
		} {
			t.Log(name)
			noError(t, read(ours))
			fails(t, read(theirs), neo.CodeNotFound)
		}
		fails(t, db.DeleteWorkflow(ctx, theirs, w.ID), neo.CodeNotFound)
		fails(t, db.DeleteEndpoint(ctx, theirs, p.ID), neo.CodeNotFound)
		taken := p
		taken.TenantID = theirs
		fails(t, db.SaveEndpoint(ctx, &taken), neo.CodeNotFound)
		stolen := w
		stolen.TenantID = theirs
		fails(t, db.InTx(ctx, func(tx neo.Tx) error { return db.SaveWorkflow(ctx, tx, &stolen, "") }), neo.CodeNotFound)

		equal(t, "runs of the event", len(must[[]neo.Run](t)(db.EventRuns(ctx, theirs, e.ID))), 0)
		equal(t, "steps", len(must[[]neo.Step](t)(db.Steps(ctx, theirs, r.ID))), 0)
		equal(t, "workflows", len(must[[]neo.Workflow](t)(db.Workflows(ctx, theirs))), 0)
		equal(t, "stats", len(must[map[string]neo.WorkflowStats](t)(db.WorkflowStats(ctx, theirs))), 0)
		equal(t, "integrations", len(must[[]neo.Integration](t)(db.Integrations(ctx, theirs))), 0)
		equal(t, "endpoints", len(must[[]neo.Endpoint](t)(db.Endpoints(ctx, theirs))), 0)
		equal(t, "history", len(must[[]neo.HistoryEntry](t)(db.History(ctx, theirs, neo.HistoryFilter{}))), 0)
		equal(t, "history of a number", len(must[[]neo.HistoryEntry](t)(db.History(ctx, theirs, neo.HistoryFilter{Ticket: "INC"}))), 0)
	}},
}
