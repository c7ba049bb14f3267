package storetest

import (
	"testing"
	"time"

	"github.com/neoagent/neo"
	"github.com/neoagent/neo/store"
)

func approval(runID string) neo.Approval {
	return neo.Approval{
		ID: newID(), TenantID: ours, RunID: runID, StepID: "s1", WorkflowID: "w1", WorkflowName: "Name of w1", Ticket: ref("1"), Number: "INC1", Title: "Printer",
		Question: neo.Question{Text: "May I?", Approvers: []string{"ann@example.com"}, Deadline: noon.Add(time.Hour), OnDeadline: neo.ExpireRejects},
		Gate:     neo.GroupTickets, Planned: &neo.Plan{Write: neo.Write{Fields: map[string]string{"state": "6"}}}, Before: map[string]neo.Value{"state": text("2")},
		State: neo.ApprovalPending, CreatedAt: noon,
	}
}

func addApproval(t testing.TB, db *store.DB, a neo.Approval) {
	t.Helper()
	inTx(t, db, func(tx neo.Tx) error { return db.AddApproval(t.Context(), tx, a) })
}

func decide(t testing.TB, db *store.DB, tenant, id string, state neo.ApprovalState) error {
	return db.InTx(t.Context(), func(tx neo.Tx) error { return db.Decide(t.Context(), tx, tenant, id, state, "Fine.", "Ann", noon) })
}

var approvalTests = []test{
	{"are read as they were stored", func(t *testing.T, db *store.DB) {
		a, b := approval("r1"), approval("r2")
		addApproval(t, db, a)
		addApproval(t, db, b)
		equal(t, "approval", must[neo.Approval](t)(db.Approval(t.Context(), ours, a.ID)), a)
		_, err := db.Approval(t.Context(), theirs, a.ID)
		fails(t, err, neo.CodeNotFound)
		equal(t, "all", must[[]neo.Approval](t)(db.Approvals(t.Context(), ours, "", "", 10)), []neo.Approval{b, a})
		equal(t, "pending, page", must[[]neo.Approval](t)(db.Approvals(t.Context(), ours, neo.ApprovalPending, b.ID, 10)), []neo.Approval{a})
		equal(t, "approved", len(must[[]neo.Approval](t)(db.Approvals(t.Context(), ours, neo.ApprovalApproved, "", 10))), 0)
	}},
	{"are decided once", func(t *testing.T, db *store.DB) {
		a := approval("r1")
		addApproval(t, db, a)
		fails(t, decide(t, db, theirs, a.ID, neo.ApprovalApproved), neo.CodeNotFound)
		noError(t, decide(t, db, ours, a.ID, neo.ApprovalApproved))
		fails(t, decide(t, db, ours, a.ID, neo.ApprovalRejected), neo.CodeConflict)
		got := must[neo.Approval](t)(db.Approval(t.Context(), ours, a.ID))
		equal(t, "decided", []any{got.State, got.Comment, got.DecidedBy, got.DecidedAt}, []any{neo.ApprovalApproved, "Fine.", "Ann", noon})
	}},
	{"are withdrawn with their run", func(t *testing.T, db *store.DB) {
		a, decided, other := approval("r1"), approval("r1"), approval("r2")
		for _, a := range []neo.Approval{a, decided, other} {
			addApproval(t, db, a)
		}
		noError(t, decide(t, db, ours, decided.ID, neo.ApprovalRejected))
		inTx(t, db, func(tx neo.Tx) error { return db.CancelApprovals(t.Context(), tx, "r1", noon) })
		for id, want := range map[string]neo.ApprovalState{a.ID: neo.ApprovalCancelled, decided.ID: neo.ApprovalRejected, other.ID: neo.ApprovalPending} {
			equal(t, "state", must[neo.Approval](t)(db.Approval(t.Context(), ours, id)).State, want)
		}
	}},
}
