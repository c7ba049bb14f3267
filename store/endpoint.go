package store

import (
	"context"
	"strings"

	"github.com/neoagent/neo"
)

const endpointColumns = `id, tenant_id, name, kind, host, sealed, created_at, updated_at`

func scanEndpoint(row Row) (e neo.Endpoint, err error) {
	err = row.Scan(&e.ID, &e.TenantID, &e.Name, &e.Kind, &e.Host, &e.Sealed, timeTo(&e.CreatedAt), timeTo(&e.UpdatedAt))
	return e, err
}

// Endpoints returns all endpoints of a tenant, by name.
func (db *DB) Endpoints(ctx context.Context, tenant string) ([]neo.Endpoint, error) {
	all, err := collect(ctx, db.read, scanEndpoint,
		`SELECT `+endpointColumns+` FROM endpoint WHERE tenant_id = $1 ORDER BY lower(name), id`, tenant)
	return all, failed("read the endpoints", err)
}

// Endpoint returns the endpoint of that id or name.
func (db *DB) Endpoint(ctx context.Context, tenant, name string) (neo.Endpoint, error) {
	e, err := scanEndpoint(db.read.QueryRow(ctx, `SELECT `+endpointColumns+` FROM endpoint
		WHERE tenant_id = $1 AND (id = $2 OR name = $2) ORDER BY CASE WHEN id = $2 THEN 0 ELSE 1 END LIMIT 1`, tenant, name))
	if noRows(err) {
		return e, neo.Errorf(neo.CodeNotFound, "There is no endpoint %q. It may have been deleted or renamed; Settings lists those there are.", name)
	}
	return e, failed("read the endpoint", err)
}

// CreateEndpoint stores a new endpoint and sets its CreatedAt and UpdatedAt. A name
// is used once: neo.CodeConflict.
func (db *DB) CreateEndpoint(ctx context.Context, e *neo.Endpoint) error {
	now := fromMillis(millis(db.now()))
	_, err := db.write.Exec(ctx, `INSERT INTO endpoint (`+endpointColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $7)`,
		e.ID, e.TenantID, e.Name, string(e.Kind), e.Host, e.Sealed, millis(now))
	if err == nil {
		e.CreatedAt, e.UpdatedAt = now, now
	}
	return endpointFailed("save the endpoint", e, err)
}

// SaveEndpoint stores a changed endpoint and sets its UpdatedAt. A new name is
// neo.CodeConflict while enabled workflows use the old one.
func (db *DB) SaveEndpoint(ctx context.Context, e *neo.Endpoint) error {
	const doing = "save the endpoint"
	return db.inTx(ctx, func(tx *Tx) error {
		if err := tx.raiseEpoch(ctx); err != nil { // no workflow is saved meanwhile
			return failed(doing, err)
		}
		var name string
		err := tx.QueryRow(ctx, `SELECT name FROM endpoint WHERE id = $1 AND tenant_id = $2`, e.ID, e.TenantID).Scan(&name)
		if noRows(err) {
			return missing("endpoint")
		}
		if err != nil {
			return failed(doing, err)
		}
		if name != e.Name {
			if err := tx.unused(ctx, e.TenantID, "Workflows that are on name this endpoint %q: %s. Keep the name, or choose the endpoint anew in them after turning them off.", name); err != nil {
				return err
			}
		}
		now := fromMillis(millis(db.now()))
		_, err = tx.Exec(ctx, `UPDATE endpoint SET name = $3, kind = $4, host = $5, sealed = $6, updated_at = $7 WHERE id = $1 AND tenant_id = $2`,
			e.ID, e.TenantID, e.Name, string(e.Kind), e.Host, e.Sealed, millis(now))
		if err == nil {
			e.UpdatedAt = now
		}
		return endpointFailed(doing, e, err)
	})
}

// DeleteEndpoint removes an endpoint; neo.CodeConflict, which names them, while
// enabled workflows use it.
func (db *DB) DeleteEndpoint(ctx context.Context, tenant, id string) error {
	const doing = "delete the endpoint"
	return db.inTx(ctx, func(tx *Tx) error {
		if err := tx.raiseEpoch(ctx); err != nil {
			return failed(doing, err)
		}
		var name string
		err := tx.QueryRow(ctx, `DELETE FROM endpoint WHERE id = $1 AND tenant_id = $2 RETURNING name`, id, tenant).Scan(&name)
		if noRows(err) {
			return missing("endpoint")
		}
		if err != nil {
			return failed(doing, err)
		}
		return tx.unused(ctx, tenant, "Workflows that are on send to %q: %s. Turn them off or let them send elsewhere, then delete it.", name, id)
	})
}

// unused fails with why when enabled workflows use an endpoint by one of the names. why has
// places for the first name and the workflows.
func (tx *Tx) unused(ctx context.Context, tenant, why string, names ...string) error {
	workflows, err := collect(ctx, tx, scanWorkflow,
		`SELECT `+workflowColumns+` FROM `+workflowTables+` WHERE w.tenant_id = $1 AND w.enabled ORDER BY w.id`, tenant)
	if err != nil {
		return failed("look which workflows use the endpoint", err)
	}
	var users []string
	for _, w := range workflows {
		for _, name := range names {
			if w.NamesEndpoint(name) {
				users = append(users, w.Name)
				break
			}
		}
	}
	if len(users) == 0 {
		return nil
	}
	return neo.Errorf(neo.CodeConflict, why, names[0], strings.Join(users, ", "))
}

func endpointFailed(doing string, e *neo.Endpoint, err error) error {
	if duplicate(err) {
		return &neo.Error{Code: neo.CodeConflict, Cause: err, Message: "There is an endpoint " + e.Name + " already. Choose another name."}
	}
	return failed(doing, err)
}
