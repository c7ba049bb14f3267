package store

import (
	"context"
	"database/sql"
	"errors"
)

// queryer runs SQL on either database, inside or outside a transaction. SQL is
// written once: placeholders are $1, $2, …, each used with one type only.
type queryer interface {
	// Exec returns the number of rows that changed.
	Exec(ctx context.Context, query string, args ...any) (int64, error)
	Query(ctx context.Context, query string, args ...any) (Rows, error)
	QueryRow(ctx context.Context, query string, args ...any) Row
}

// Row is one row of a result.
type Row interface {
	// Scan reports a missing row as an error that is sql.ErrNoRows.
	Scan(dest ...any) error
}

// Rows is a result. Until it is closed its transaction can do nothing else.
type Rows interface {
	Row
	Next() bool
	Close()
	Err() error
}

// collect runs a query and turns every row into a T.
func collect[T any](ctx context.Context, q queryer, scan func(Row) (T, error), query string, args ...any) ([]T, error) {
	rows, err := q.Query(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var all []T
	for rows.Next() {
		one, err := scan(rows)
		if err != nil {
			return nil, err
		}
		all = append(all, one)
	}
	return all, rows.Err()
}

func noRows(err error) bool { return errors.Is(err, sql.ErrNoRows) }
