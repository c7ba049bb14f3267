package store

import (
	"bytes"
	"context"
	"time"

	"github.com/neoagent/neo"
)

const userColumns = `id, tenant_id, email, name, role, password_hash, created_at`

func scanUser(row Row) (u neo.User, err error) {
	err = row.Scan(&u.ID, &u.TenantID, &u.Email, &u.Name, &u.Role, &u.PasswordHash, timeTo(&u.CreatedAt))
	return u, err
}

// AddSetupToken allows whoever has a token to create the first user until it
// expires. hash is the token's SHA-256.
func (db *DB) AddSetupToken(ctx context.Context, hash []byte, expires time.Time) error {
	_, err := db.write.Exec(ctx, `INSERT INTO setup_token (token_hash, expires_at) VALUES ($1, $2)
		ON CONFLICT (token_hash) DO UPDATE SET expires_at = excluded.expires_at`, hash, millis(expires))
	return failed("prepare the setup link", err)
}

// CreateFirstUser creates the user of a new installation for somebody who has a
// setup token, and makes all setup tokens void. A token that is not known or has
// expired is neo.CodeUnauthorized; a second first user neo.CodeConflict.
func (db *DB) CreateFirstUser(ctx context.Context, tokenHash []byte, now time.Time, u neo.User) error {
	const doing = "create the first user"
	return db.inTx(ctx, func(tx *Tx) error {
		// Deleting first makes two of these, even with different tokens, wait for each
		// other; the second then sees the first's user.
		tokens, err := collect(ctx, tx, func(row Row) (t setupToken, err error) {
			return t, row.Scan(&t.hash, timeTo(&t.expires))
		}, `DELETE FROM setup_token RETURNING token_hash, expires_at`)
		if err != nil {
			return failed(doing, err)
		}
		var users int
		if err := tx.QueryRow(ctx, `SELECT count(*) FROM neo_user`).Scan(&users); err != nil {
			return failed(doing, err)
		}
		if users > 0 {
			return errSetUp
		}
		for _, t := range tokens {
			if bytes.Equal(t.hash, tokenHash) && t.expires.After(now) {
				return failed(doing, insertUser(ctx, tx, u))
			}
		}
		return errSetupLink
	})
}

var (
	errSetUp     = neo.Errorf(neo.CodeConflict, "Neo is set up already. Sign in instead.")
	errSetupLink = neo.Errorf(neo.CodeUnauthorized, "This setup link is not valid any more. Restart neo and use the link that it prints.")
)

// CheckSetup returns the error that CreateFirstUser would have for this token now. It
// writes nothing.
func (db *DB) CheckSetup(ctx context.Context, tokenHash []byte, now time.Time) error {
	users, err := db.CountUsers(ctx)
	if err != nil {
		return err
	}
	if users > 0 {
		return errSetUp
	}
	var one int
	err = db.read.QueryRow(ctx, `SELECT 1 FROM setup_token WHERE token_hash = $1 AND expires_at > $2`, tokenHash, millis(now)).Scan(&one)
	if noRows(err) {
		return errSetupLink
	}
	return failed("check the setup link", err)
}

type setupToken struct {
	hash    []byte
	expires time.Time
}

// CreateUser creates a user. An email address belongs to one user of the whole
// installation; a second one with it is neo.CodeConflict.
func (db *DB) CreateUser(ctx context.Context, u neo.User) error {
	err := insertUser(ctx, db.write, u)
	if duplicate(err) {
		return &neo.Error{Code: neo.CodeConflict, Cause: err, Message: "There is a user with the email address " + u.Email + " already."}
	}
	return failed("create the user", err)
}

func insertUser(ctx context.Context, q queryer, u neo.User) error {
	_, err := q.Exec(ctx, `INSERT INTO neo_user (`+userColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
		u.ID, u.TenantID, u.Email, u.Name, string(u.Role), u.PasswordHash, millis(u.CreatedAt))
	return err
}

// UserByEmail returns the user who signs in with an address in lower case.
func (db *DB) UserByEmail(ctx context.Context, email string) (neo.User, error) {
	return oneUser(db.read.QueryRow(ctx, `SELECT `+userColumns+` FROM neo_user WHERE email = $1`, email))
}

// User returns one user.
func (db *DB) User(ctx context.Context, tenant, id string) (neo.User, error) {
	return oneUser(db.read.QueryRow(ctx, `SELECT `+userColumns+` FROM neo_user WHERE id = $1 AND tenant_id = $2`, id, tenant))
}

func oneUser(row Row) (neo.User, error) {
	u, err := scanUser(row)
	if noRows(err) {
		return u, missing("user")
	}
	return u, failed("read the user", err)
}

// CountUsers returns how many users the installation has, of all tenants.
func (db *DB) CountUsers(ctx context.Context) (n int, err error) {
	err = db.read.QueryRow(ctx, `SELECT count(*) FROM neo_user`).Scan(&n)
	return n, failed("count the users", err)
}
