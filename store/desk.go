package store

import (
	"context"
	"strconv"
	"time"

	"github.com/neoagent/neo"
)

// Permissions returns what Neo may do in an instance.
func (db *DB) Permissions(ctx context.Context, integrationID string) (p neo.Permissions, err error) {
	err = db.read.QueryRow(ctx, `SELECT permissions FROM integration WHERE id = $1`, integrationID).Scan(jsonTo(&p))
	if noRows(err) {
		return p, missing("integration")
	}
	return p, failed("read what Neo may do", err)
}

// pastStep is a step with its data.
type pastStep struct {
	neo.PastStep
	data neo.StepData
}

// PastSteps returns what workflows did to a ticket, and because of it, since then,
// oldest first. Steps that did nothing outside, and those of an undo, are left out.
func (db *DB) PastSteps(ctx context.Context, ticket neo.TicketRef, since time.Time) ([]neo.PastStep, error) {
	all, err := collect(ctx, db.read, func(row Row) (s pastStep, err error) {
		return s, row.Scan(&s.RunID, &s.WorkflowID, &s.WorkflowName, jsonTo(&s.data))
	}, `SELECT s.run_id, r.workflow_id, r.workflow_name, s.data FROM run_step s JOIN run r ON r.id = s.run_id
		WHERE s.remote_id = $1 AND s.class = $2 AND s.integration_id = $3 AND s.state = 'DONE' AND s.started_at >= $4 AND r.cause <> 'UNDO' ORDER BY s.id`,
		ticket.RemoteID, string(ticket.Class), ticket.IntegrationID, millis(since))
	var steps []neo.PastStep
	for _, s := range all {
		if s.Effects = s.data.Effects(); len(s.Effects) > 0 {
			s.Fields = s.data.Write.Fields
			steps = append(steps, s.PastStep)
		}
	}
	return steps, failed("look what was done about the ticket", err)
}

// CreatedFrom returns the ticket for which a workflow has created this one since then,
// and the workflow's name; known is false when none did.
func (db *DB) CreatedFrom(ctx context.Context, ticket neo.TicketRef, since time.Time) (from neo.TicketRef, workflow string, known bool, err error) {
	err = db.read.QueryRow(ctx, `SELECT s.integration_id, s.class, s.remote_id, r.workflow_name
		FROM own_version o JOIN run_step s ON s.id = o.step_id JOIN run r ON r.id = s.run_id
		WHERE o.remote_id = $1 AND o.class = $2 AND o.integration_id = $3 AND s.action = $4 AND s.started_at >= $5 ORDER BY o.version LIMIT 1`,
		ticket.RemoteID, string(ticket.Class), ticket.IntegrationID, string(neo.ActionCreateTicket), millis(since)).
		Scan(&from.IntegrationID, &from.Class, &from.RemoteID, &workflow)
	if noRows(err) {
		return from, "", false, nil
	}
	return from, workflow, err == nil, failed("look who created the ticket", err)
}

// CountFailure counts how often in a row a version of a workflow has failed: one more,
// or none after a success. It is 0 for a version that is not the newest.
func (db *DB) CountFailure(ctx context.Context, workflowID string, version int64, hasFailed bool) (inRow int, err error) {
	err = db.write.QueryRow(ctx, `UPDATE workflow SET failures = CASE WHEN $2 THEN failures + 1 ELSE 0 END WHERE id = $1 AND version = $3 RETURNING failures`,
		workflowID, hasFailed, version).Scan(&inRow)
	if noRows(err) {
		return 0, nil // deleted, or corrected since
	}
	return inRow, failed("count the workflow's failures", err)
}

// PauseWorkflow switches a workflow off and says why; neo.CodeNotFound: it is off
// already, or at another version.
func (db *DB) PauseWorkflow(ctx context.Context, tenant, id string, version int64, why string) error {
	return db.changeWorkflow(ctx, "switch the workflow off", `UPDATE workflow SET enabled = FALSE, paused = $3, updated_at = $4
		WHERE id = $1 AND tenant_id = $2 AND version = $5 AND enabled`,
		id, tenant, why, millis(db.now()), version)
}

// Turn returns the next number of a rota. A run and position are given one once.
func (db *DB) Turn(ctx context.Context, run neo.Run, position int) (turn int, err error) {
	key := run.WorkflowID + "/" + strconv.Itoa(position)
	err = db.inTx(ctx, func(tx *Tx) error {
		err := tx.QueryRow(ctx, `SELECT turn FROM rota_turn WHERE run_id = $1 AND position = $2`, run.ID, position).Scan(&turn)
		if !noRows(err) {
			return err
		}
		err = tx.QueryRow(ctx, `INSERT INTO rota (key, tenant_id, next) VALUES ($1, $2, 1)
			ON CONFLICT (key) DO UPDATE SET next = rota.next + 1 RETURNING next - 1`, key, run.TenantID).Scan(&turn)
		if err != nil {
			return err
		}
		_, err = tx.Exec(ctx, `INSERT INTO rota_turn (run_id, position, turn) VALUES ($1, $2, $3)`, run.ID, position, turn)
		return err
	})
	return turn, failed("find whose turn it is", err)
}

// WorkflowNamed returns the workflow of that id or name. neo.CodeInvalid: several
// have that name.
func (db *DB) WorkflowNamed(ctx context.Context, tenant, name string) (neo.Workflow, error) {
	all, err := db.Workflows(ctx, tenant)
	if err != nil {
		return neo.Workflow{}, err
	}
	var found []neo.Workflow
	for _, w := range all {
		if w.ID == name {
			return w, nil
		}
		if w.Name == name {
			found = append(found, w)
		}
	}
	switch len(found) {
	case 0:
		return neo.Workflow{}, neo.Errorf(neo.CodeNotFound, "There is no workflow %q. Choose one that exists, by its name or id.", name)
	case 1:
		return found[0], nil
	}
	return neo.Workflow{}, neo.Errorf(neo.CodeInvalid, "%d workflows have the name %q. Name the one you mean by its id.", len(found), name)
}

var newestState = `SELECT e.integration_id, e.class, e.remote_id, e.tenant_id, e.number, e.version, e.changed_at, e.data FROM ticket t CROSS JOIN event e
	WHERE e.remote_id = t.remote_id AND e.class = t.class AND e.integration_id = t.integration_id
	AND e.id = (` + newestOf(`t`) + `)`

func scanState(row Row) (t neo.Ticket, err error) {
	var data neo.EventData
	err = row.Scan(&t.IntegrationID, &t.Class, &t.RemoteID, &t.TenantID, &t.Number, &t.Version, timeTo(&t.UpdatedAt), dataTo(&data))
	t.Fields = data.Fields
	return t, err
}

// TicketsAfter returns the newest known states of a tenant's tickets, in the order of
// their references, after one (the zero TicketRef: from the first on).
func (db *DB) TicketsAfter(ctx context.Context, tenant string, after neo.TicketRef, limit int) ([]neo.Ticket, error) {
	all, err := collect(ctx, db.read, scanState, newestState+` AND t.tenant_id = $1 AND (t.remote_id, t.class, t.integration_id) > ($2, $3, $4)
		ORDER BY t.remote_id, t.class, t.integration_id LIMIT $5`, tenant, after.RemoteID, string(after.Class), after.IntegrationID, limit)
	return all, failed("read the tickets", err)
}

// TicketsNumbered returns the newest known states of the tickets with that number,
// without regard to case: usually one.
func (db *DB) TicketsNumbered(ctx context.Context, tenant, number string) ([]neo.Ticket, error) {
	all, err := collect(ctx, db.read, scanState, newestState+` AND t.tenant_id = $1 AND t.number_key = $2 ORDER BY t.remote_id LIMIT 10`, tenant, numberKey(number))
	return all, failed("read the ticket", err)
}

// RecentTickets returns tickets of a class in their newest known states, those first
// that changed last, at most limit; none that did not change since a time.
func (db *DB) RecentTickets(ctx context.Context, tenant, integrationID string, class neo.TicketClass, since time.Time, limit int) ([]neo.Ticket, error) {
	all, err := collect(ctx, db.read, scanState, `SELECT e.integration_id, e.class, e.remote_id, e.tenant_id, e.number, e.version, e.changed_at, e.data FROM event e
		WHERE e.tenant_id = $1 AND e.id >= $2 AND e.class = $3 AND e.integration_id = $4
		AND NOT e.unconfirmed AND NOT EXISTS (SELECT 1 FROM event n WHERE n.remote_id = e.remote_id AND n.class = e.class AND n.integration_id = e.integration_id
			AND n.version >= e.version AND (n.version > e.version OR n.revision > e.revision) AND NOT n.unconfirmed)
		ORDER BY e.id DESC LIMIT $5`, tenant, neo.FirstID(since), string(class), integrationID, limit)
	return all, failed("read the tickets", err)
}

// LastReply returns when the customer last wrote on a ticket, up to a time; zero if
// never.
func (db *DB) LastReply(ctx context.Context, ticket neo.TicketRef, until time.Time) (at time.Time, err error) {
	err = db.read.QueryRow(ctx, `SELECT COALESCE(max(at), 0) FROM customer_reply WHERE remote_id = $1 AND class = $2 AND integration_id = $3 AND at <= $4`,
		ticket.RemoteID, string(ticket.Class), ticket.IntegrationID, millis(until)).Scan(timeTo(&at))
	return at, failed("look when the customer last wrote", err)
}

// addReplies remembers when customers wrote.
func (db *DB) addReplies(ctx context.Context, tx *Tx, events []neo.Event) error {
	for i := range events {
		e := &events[i]
		for _, k := range e.Kinds {
			if k != neo.CustomerReplied {
				continue
			}
			_, err := tx.Exec(ctx, `INSERT INTO customer_reply (integration_id, class, remote_id, at, tenant_id) VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING`,
				e.Ticket.IntegrationID, string(e.Ticket.Class), e.Ticket.RemoteID, millis(e.ChangedAt), e.TenantID)
			if err != nil {
				return err
			}
		}
	}
	return nil
}
