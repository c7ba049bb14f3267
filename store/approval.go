package store

import (
	"context"
	"strconv"
	"time"

	"github.com/neoagent/neo"
)

const approvalColumns = `id, tenant_id, run_id, step_id, workflow_id, workflow_name, integration_id, class, remote_id, number, title,
	gate, state, data, comment, decided_by, decided_at, created_at`

// approvalData is what of an approval is stored as one JSON text.
type approvalData struct {
	neo.Question
	Planned *neo.Plan            `json:"planned,omitempty"`
	Before  map[string]neo.Value `json:"before,omitempty"`
}

func scanApproval(row Row) (a neo.Approval, err error) {
	var data approvalData
	err = row.Scan(&a.ID, &a.TenantID, &a.RunID, &a.StepID, &a.WorkflowID, &a.WorkflowName,
		&a.Ticket.IntegrationID, &a.Ticket.Class, &a.Ticket.RemoteID, &a.Number, &a.Title,
		&a.Gate, &a.State, jsonTo(&data), &a.Comment, &a.DecidedBy, timeTo(&a.DecidedAt), timeTo(&a.CreatedAt))
	a.Question, a.Planned, a.Before = data.Question, data.Planned, data.Before
	return a, err
}

// AddApproval stores a question to technicians.
func (db *DB) AddApproval(ctx context.Context, tx neo.Tx, a neo.Approval) error {
	data, err := jsonText(approvalData{a.Question, a.Planned, a.Before})
	if err == nil {
		_, err = tx.(*Tx).Exec(ctx, `INSERT INTO approval (`+approvalColumns+`)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)`,
			a.ID, a.TenantID, a.RunID, a.StepID, a.WorkflowID, a.WorkflowName, a.Ticket.IntegrationID, string(a.Ticket.Class), a.Ticket.RemoteID,
			a.Number, a.Title, string(a.Gate), string(a.State), data, a.Comment, a.DecidedBy, millis(a.DecidedAt), millis(a.CreatedAt))
	}
	return failed("store a question to technicians", err)
}

// Approval returns one question.
func (db *DB) Approval(ctx context.Context, tenant, id string) (neo.Approval, error) {
	a, err := scanApproval(db.read.QueryRow(ctx, `SELECT `+approvalColumns+` FROM approval WHERE id = $1 AND tenant_id = $2`, id, tenant))
	if noRows(err) {
		return a, missing("approval")
	}
	return a, failed("read the approval", err)
}

// Approvals returns the questions in a state ("": in any), newest first, those with
// an id smaller than before ("": from the newest on).
func (db *DB) Approvals(ctx context.Context, tenant string, state neo.ApprovalState, before string, limit int) ([]neo.Approval, error) {
	if before == "" {
		before = lastID
	}
	where, args := ``, []any{tenant, before}
	if state != "" {
		where, args = ` AND state = $3`, append(args, string(state))
	}
	all, err := collect(ctx, db.read, scanApproval, `SELECT `+approvalColumns+` FROM approval WHERE tenant_id = $1 AND id < $2`+where+
		` ORDER BY id DESC LIMIT `+strconv.Itoa(limit), args...)
	return all, failed("read the approvals", err)
}

// Decide answers a question that is pending, and makes its run due; neo.CodeConflict:
// it is not pending (any more).
func (db *DB) Decide(ctx context.Context, tx neo.Tx, tenant, id string, state neo.ApprovalState, comment, by string, at time.Time) error {
	t := tx.(*Tx)
	n, err := t.Exec(ctx, `UPDATE approval SET state = $3, comment = $4, decided_by = $5, decided_at = $6
		WHERE id = $1 AND tenant_id = $2 AND state = 'PENDING'`, id, tenant, string(state), comment, by, millis(at))
	if err == nil && n > 0 {
		// The queue of one process forgets who was rung: the row has to say it.
		_, err = t.Exec(ctx, `UPDATE run SET due_at = $2 WHERE id = (SELECT run_id FROM approval WHERE id = $1) AND due_at > $2
			AND outcome IN ('PENDING', 'RUNNING', 'WAITING')`, id, millis(at))
	}
	if err != nil || n > 0 {
		return failed("store the decision", err)
	}
	var is, who string
	err = t.QueryRow(ctx, `SELECT state, decided_by FROM approval WHERE id = $1 AND tenant_id = $2`, id, tenant).Scan(&is, &who)
	switch {
	case noRows(err):
		return missing("approval")
	case err != nil:
		return failed("store the decision", err)
	}
	return neo.Errorf(neo.CodeConflict, "This is decided already: %s.", decided(neo.ApprovalState(is), who))
}

func decided(state neo.ApprovalState, by string) string {
	said := map[neo.ApprovalState]string{
		neo.ApprovalApproved: "approved", neo.ApprovalRejected: "rejected", neo.ApprovalChanges: "changes were asked for",
		neo.ApprovalExpired: "nobody answered in time", neo.ApprovalCancelled: "the run was cancelled",
	}[state]
	if by != "" {
		said += " by " + by
	}
	return said
}

// CancelApprovals withdraws the questions of a run that are pending.
func (db *DB) CancelApprovals(ctx context.Context, tx neo.Tx, runID string, at time.Time) error {
	_, err := tx.(*Tx).Exec(ctx, `UPDATE approval SET state = 'CANCELLED', decided_at = $2 WHERE run_id = $1 AND state = 'PENDING'`, runID, millis(at))
	return failed("withdraw the questions to technicians", err)
}
