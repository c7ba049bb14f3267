package store

import (
	"context"

	"github.com/neoagent/neo"
)

const integrationColumns = `id, tenant_id, kind, instance_url, simulated, state, message, client_id, identity, checks,
	connected_at, created_at, updated_at, sealed_client_secret, sealed_tokens, sealed_callback_secret, callback_hash, permissions, backfill_days`

// reachColumns are read with an integration and stored by SetReach alone.
const reachColumns = `, silent_since, answers_since`

func scanIntegration(row Row) (i neo.Integration, err error) {
	err = row.Scan(&i.ID, &i.TenantID, &i.Kind, &i.InstanceURL, &i.Simulated, &i.State, &i.Message, &i.ClientID, jsonTo(&i.Identity), jsonTo(&i.Checks),
		timeTo(&i.ConnectedAt), timeTo(&i.CreatedAt), timeTo(&i.UpdatedAt),
		&i.Sealed.ClientSecret, &i.Sealed.Tokens, &i.Sealed.CallbackSecret, &i.CallbackHash, jsonTo(&i.Permissions), &i.BackfillDays,
		timeTo(&i.SilentSince), timeTo(&i.AnswersSince))
	return i, err
}

// SaveIntegration stores an integration, new or changed, with everything but a
// changed CreatedAt, changed Permissions (SavePermissions) and the Reach (SetReach). An instance is connected once for each tenant; a second
// integration for it is neo.CodeConflict. Hold WithIntegrationLock when changing
// one, or tokens that were refreshed in the meantime are lost. It must be the
// first thing that tx does.
func (db *DB) SaveIntegration(ctx context.Context, tx neo.Tx, i neo.Integration) error {
	const doing = "save the integration"
	t := tx.(*Tx)
	identity, err := jsonText(i.Identity)
	if err != nil {
		return failed(doing, err)
	}
	checks, err := jsonText(i.Checks)
	if err != nil {
		return failed(doing, err)
	}
	permissions, err := jsonText(i.Permissions)
	if err != nil {
		return failed(doing, err)
	}
	if err := t.raiseEpoch(ctx); err != nil {
		return failed(doing, err)
	}
	n, err := t.Exec(ctx, `INSERT INTO integration (`+integrationColumns+`)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19)
		ON CONFLICT (id) DO UPDATE SET kind = excluded.kind, instance_url = excluded.instance_url, simulated = excluded.simulated,
			state = excluded.state, message = excluded.message, client_id = excluded.client_id, identity = excluded.identity,
			checks = excluded.checks, connected_at = excluded.connected_at, updated_at = excluded.updated_at,
			sealed_client_secret = excluded.sealed_client_secret, sealed_tokens = excluded.sealed_tokens,
			sealed_callback_secret = excluded.sealed_callback_secret, callback_hash = excluded.callback_hash,
			backfill_days = excluded.backfill_days
		WHERE integration.tenant_id = excluded.tenant_id`,
		i.ID, i.TenantID, i.Kind, i.InstanceURL, i.Simulated, string(i.State), i.Message, i.ClientID, identity, checks,
		millis(i.ConnectedAt), millis(i.CreatedAt), millis(i.UpdatedAt),
		i.Sealed.ClientSecret, i.Sealed.Tokens, i.Sealed.CallbackSecret, i.CallbackHash, permissions, int64(i.BackfillDays))
	switch {
	case duplicate(err):
		return &neo.Error{Code: neo.CodeConflict, Cause: err,
			Message: "The instance " + i.InstanceURL + " is connected already. Open that integration and reconnect it instead."}
	case err == nil && n == 0:
		return missing("integration")
	}
	return failed(doing, err)
}

// SavePermissions stores what Neo may do in an instance.
func (db *DB) SavePermissions(ctx context.Context, tenant, id string, p neo.Permissions) error {
	const doing = "save the permissions"
	text, err := jsonText(p)
	if err != nil {
		return failed(doing, err)
	}
	return db.inTx(ctx, func(tx *Tx) error {
		if err := tx.raiseEpoch(ctx); err != nil {
			return failed(doing, err)
		}
		n, err := tx.Exec(ctx, `UPDATE integration SET permissions = $3, updated_at = $4 WHERE id = $1 AND tenant_id = $2`, id, tenant, text, millis(db.now()))
		if err == nil && n == 0 {
			return missing("integration")
		}
		return failed(doing, err)
	})
}

// SaveTokens stores the sealed tokens of an integration. The configuration's epoch
// stays: nothing that decides about events has changed.
func (db *DB) SaveTokens(ctx context.Context, id string, sealed []byte) error {
	n, err := db.write.Exec(ctx, `UPDATE integration SET sealed_tokens = $2 WHERE id = $1`, id, sealed)
	if err == nil && n == 0 {
		return missing("integration")
	}
	return failed("store the new access token", err)
}

// Integrations returns all integrations of a tenant, oldest first.
func (db *DB) Integrations(ctx context.Context, tenant string) ([]neo.Integration, error) {
	all, err := collect(ctx, db.read, scanIntegration,
		`SELECT `+integrationColumns+reachColumns+` FROM integration WHERE tenant_id = $1 ORDER BY id`, tenant)
	return all, failed("read the integrations", err)
}

// Integration returns one integration.
func (db *DB) Integration(ctx context.Context, tenant, id string) (neo.Integration, error) {
	return oneIntegration(db.read.QueryRow(ctx, `SELECT `+integrationColumns+reachColumns+` FROM integration WHERE id = $1 AND tenant_id = $2`, id, tenant))
}

// IntegrationByID is Integration for the machinery.
func (db *DB) IntegrationByID(ctx context.Context, id string) (neo.Integration, error) {
	return oneIntegration(db.read.QueryRow(ctx, `SELECT `+integrationColumns+reachColumns+` FROM integration WHERE id = $1`, id))
}

func oneIntegration(row Row) (neo.Integration, error) {
	i, err := scanIntegration(row)
	if noRows(err) {
		return i, missing("integration")
	}
	return i, failed("read the integration", err)
}

// SetReach stores whether an instance answers. The configuration's epoch stays.
func (db *DB) SetReach(ctx context.Context, id string, r neo.Reach) error {
	n, err := db.write.Exec(ctx, `UPDATE integration SET silent_since = $2, answers_since = $3 WHERE id = $1`, id, millis(r.SilentSince), millis(r.AnswersSince))
	if err == nil && n == 0 {
		return missing("integration")
	}
	return failed("store whether the instance answers", err)
}
