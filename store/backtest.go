package store

import (
	"context"
	"encoding/json"
	"time"

	"github.com/neoagent/neo"
)

const backtestColumns = `id, tenant_id, state, definition, days, progress, total, result, message, created_by, created_at, updated_at`

func scanBacktest(row Row) (b neo.Backtest, err error) {
	var result string
	err = row.Scan(&b.ID, &b.TenantID, &b.State, jsonTo(&b.Definition), &b.Days, &b.Progress, &b.Total, &result, &b.Message,
		&b.CreatedBy, timeTo(&b.CreatedAt), timeTo(&b.UpdatedAt))
	if err == nil && result != "" {
		err = json.Unmarshal([]byte(result), &b.Result)
	}
	return b, err
}

// backtestsKept is how long backtests can be looked at.
const backtestsKept = 30 * 24 * time.Hour

// AddBacktest stores a backtest that begins, and forgets old ones of the tenant.
func (db *DB) AddBacktest(ctx context.Context, b neo.Backtest) error {
	const doing = "store the backtest"
	definition, err := jsonText(&b.Definition)
	if err != nil {
		return failed(doing, err)
	}
	return db.inTx(ctx, func(tx *Tx) error {
		_, err := tx.Exec(ctx, `INSERT INTO backtest (`+backtestColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, '', $8, $9, $10, $11)`,
			b.ID, b.TenantID, string(b.State), definition, b.Days, b.Progress, b.Total, b.Message, b.CreatedBy, millis(b.CreatedAt), millis(b.UpdatedAt))
		if err != nil {
			return failed(doing, err)
		}
		_, err = tx.Exec(ctx, `DELETE FROM backtest WHERE tenant_id = $1 AND created_at < $2 AND state <> 'RUNNING'`,
			b.TenantID, millis(b.CreatedAt.Add(-backtestsKept)))
		return failed(doing, err)
	})
}

// Backtest returns one backtest.
func (db *DB) Backtest(ctx context.Context, tenant, id string) (neo.Backtest, error) {
	b, err := scanBacktest(db.read.QueryRow(ctx, `SELECT `+backtestColumns+` FROM backtest WHERE id = $1 AND tenant_id = $2`, id, tenant))
	if noRows(err) {
		return b, missing("backtest")
	}
	return b, failed("read the backtest", err)
}

// BacktestProgress stores how far a backtest has come. It reports false when it is
// not to go on: somebody has cancelled it, or it was taken for lost.
func (db *DB) BacktestProgress(ctx context.Context, id string, progress, total int, at time.Time) (goOn bool, err error) {
	err = db.single(ctx, func(q queryer) error {
		n, err := q.Exec(ctx, `UPDATE backtest SET progress = $2, total = $3, updated_at = $4 WHERE id = $1 AND state = 'RUNNING'`,
			id, progress, total, millis(at))
		goOn = n == 1
		return err
	})
	return goOn, failed("store how far the backtest has come", err)
}

// EndBacktest ends a backtest that runs: State, Message, Result, Progress, Total and
// UpdatedAt are stored. It reports false when it had ended already.
func (db *DB) EndBacktest(ctx context.Context, b neo.Backtest) (ended bool, err error) {
	const doing = "store what came of the backtest"
	result := ""
	if b.Result != nil {
		if result, err = jsonText(b.Result); err != nil {
			return false, failed(doing, err)
		}
	}
	err = db.single(ctx, func(q queryer) error {
		n, err := q.Exec(ctx, `UPDATE backtest SET state = $3, message = $4, result = $5, progress = $6, total = $7, updated_at = $8
			WHERE id = $1 AND tenant_id = $2 AND state = 'RUNNING'`,
			b.ID, b.TenantID, string(b.State), b.Message, result, b.Progress, b.Total, millis(b.UpdatedAt))
		ended = n == 1
		return err
	})
	return ended, failed(doing, err)
}
