package store

import (
	"context"
	"time"

	"github.com/neoagent/neo"
)

const alertColumns = `id, tenant_id, integration_id, key, level, title, message, occurrences, first_at, last_at, read_at, resolved_at,
	workflow_id, run_id, permission_group, permission_level`

func scanAlert(row Row) (a neo.Alert, err error) {
	err = row.Scan(&a.ID, &a.TenantID, &a.IntegrationID, &a.Key, &a.Level, &a.Title, &a.Message, &a.Occurrences,
		timeTo(&a.FirstAt), timeTo(&a.LastAt), timeTo(&a.ReadAt), timeTo(&a.ResolvedAt),
		&a.WorkflowID, &a.RunID, &a.Group, &a.Needs)
	return a, err
}

// RaiseAlert opens an alert, or brings the open one with that key up to date:
// a.Occurrences is added to its count (0 for a condition that merely goes on), and
// a new text makes it unread again. FirstAt and LastAt are a.LastAt.
func (db *DB) RaiseAlert(ctx context.Context, a neo.Alert) error {
	return raiseAlert(ctx, db.write, a)
}

// RaiseAlertIn is RaiseAlert as a part of tx. The row of an alert is one for many runs:
// it is the last thing that tx does.
func (db *DB) RaiseAlertIn(ctx context.Context, tx neo.Tx, a neo.Alert) error {
	return raiseAlert(ctx, tx.(*Tx), a)
}

func raiseAlert(ctx context.Context, in interface {
	Exec(ctx context.Context, query string, args ...any) (int64, error)
}, a neo.Alert) error {
	_, err := in.Exec(ctx, `INSERT INTO alert (`+alertColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $9, 0, 0, $11, $12, $13, $14)
		ON CONFLICT (tenant_id, key) WHERE resolved_at = 0 DO UPDATE SET level = excluded.level, title = excluded.title,
			read_at = CASE WHEN alert.message = excluded.message THEN alert.read_at ELSE 0 END,
			message = excluded.message, last_at = excluded.last_at, occurrences = alert.occurrences + $10,
			workflow_id = excluded.workflow_id, run_id = excluded.run_id,
			permission_group = excluded.permission_group, permission_level = excluded.permission_level`,
		neo.NewID(), a.TenantID, a.IntegrationID, a.Key, string(a.Level), a.Title, a.Message, max(1, a.Occurrences), millis(a.LastAt), a.Occurrences,
		a.WorkflowID, a.RunID, string(a.Group), string(a.Needs))
	return failed("raise an alert", err)
}

// ResolveAlert ends the open alert with that key, if there is one, and reports
// whether there was.
func (db *DB) ResolveAlert(ctx context.Context, tenant, key string, now time.Time) (bool, error) {
	var open bool
	err := db.read.QueryRow(ctx, `SELECT EXISTS (SELECT 1 FROM alert WHERE tenant_id = $1 AND key = $2 AND resolved_at = 0)`, tenant, key).Scan(&open)
	if err != nil || !open {
		return false, failed("look for an alert", err)
	}
	n, err := db.write.Exec(ctx, `UPDATE alert SET resolved_at = $3 WHERE tenant_id = $1 AND key = $2 AND resolved_at = 0`, tenant, key, millis(now))
	return n > 0, failed("resolve an alert", err)
}

// ResolveAlertsOf ends all open alerts about a workflow, and reports whether there were any.
func (db *DB) ResolveAlertsOf(ctx context.Context, tenant, workflow string, now time.Time) (bool, error) {
	var open bool
	err := db.read.QueryRow(ctx, `SELECT EXISTS (SELECT 1 FROM alert WHERE tenant_id = $1 AND workflow_id = $2 AND workflow_id <> '' AND resolved_at = 0)`, tenant, workflow).Scan(&open)
	if err != nil || !open {
		return false, failed("look for alerts", err)
	}
	n, err := db.write.Exec(ctx, `UPDATE alert SET resolved_at = $3 WHERE tenant_id = $1 AND workflow_id = $2 AND workflow_id <> '' AND resolved_at = 0`, tenant, workflow, millis(now))
	return n > 0, failed("resolve alerts", err)
}

// ResolveFailures ends the open alerts that runs of a workflow fail, or are refused by a
// permission of an integration, as a part of tx: one has succeeded there.
func (db *DB) ResolveFailures(ctx context.Context, tx neo.Tx, tenant, workflow, integration string, now time.Time) error {
	_, err := tx.(*Tx).Exec(ctx, `UPDATE alert SET resolved_at = $3 WHERE tenant_id = $1 AND workflow_id = $2 AND workflow_id <> '' AND resolved_at = 0
		AND (key = $4 OR permission_group <> '' AND integration_id = $5)`, tenant, workflow, millis(now), neo.FailedAlert(workflow), integration)
	return failed("resolve alerts", err)
}

// RefusedBy returns the open alerts about what the permission groups of an integration refuse.
func (db *DB) RefusedBy(ctx context.Context, tenant, integration string) ([]neo.Alert, error) {
	all, err := collect(ctx, db.read, scanAlert, `SELECT `+alertColumns+` FROM alert
		WHERE tenant_id = $1 AND integration_id = $2 AND permission_group <> '' AND resolved_at = 0 ORDER BY id`, tenant, integration)
	return all, failed("read the alerts", err)
}

// maxAlerts bounds what Alerts returns.
const maxAlerts = 200

// Alerts returns the newest alerts of a tenant, open ones first.
func (db *DB) Alerts(ctx context.Context, tenant string) ([]neo.Alert, error) {
	all, err := collect(ctx, db.read, scanAlert, `SELECT `+alertColumns+` FROM alert WHERE tenant_id = $1
		ORDER BY CASE WHEN resolved_at = 0 THEN 0 ELSE 1 END, id DESC LIMIT $2`, tenant, maxAlerts)
	return all, failed("read the alerts", err)
}

// ReadAlert marks an alert as read.
func (db *DB) ReadAlert(ctx context.Context, tenant, id string, now time.Time) error {
	n, err := db.write.Exec(ctx, `UPDATE alert SET read_at = CASE WHEN read_at = 0 THEN $3 ELSE read_at END WHERE tenant_id = $1 AND id = $2`, tenant, id, millis(now))
	if err == nil && n == 0 {
		return missing("alert")
	}
	return failed("mark an alert as read", err)
}
