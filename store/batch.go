package store

import (
	"context"
	"strconv"
	"strings"
)

// batch is a statement over many rows, such as INSERT … VALUES (…), (…), … . It
// comes in a few fixed sizes, so that the database prepares a few texts and keeps
// them; any number of rows is a sum of those.
//
// PostgreSQL gets as many rows at once as it can, to save round trips. SQLite gets
// them one by one: it is a function call away, looks each $n up by its name, and
// keeps a journal for a statement that may fail halfway.
type batch struct {
	texts  [len(batchSizes)]string
	params int // of one row
}

// batchSizes, largest first. 64 rows of the widest table are 1,152 parameters;
// PostgreSQL takes 65,535.
var batchSizes = [...]int{64, 16, 4, 1}

// newBatch makes the texts. Each ? of row becomes the next $n.
func newBatch(before, row, after string) *batch {
	b := &batch{params: strings.Count(row, "?")}
	for i, size := range batchSizes {
		var text strings.Builder
		text.WriteString(before)
		n := 0
		for r := range size {
			if r > 0 {
				text.WriteString(", ")
			}
			for _, c := range row {
				if c != '?' {
					text.WriteRune(c)
					continue
				}
				n++
				text.WriteString("$" + strconv.Itoa(n))
			}
		}
		text.WriteString(after)
		b.texts[i] = text.String()
	}
	return b
}

// each calls f for consecutive pieces [from, to) of n rows, with the text for a
// piece of that size and the arguments that row appends for each. f may not keep
// the arguments.
func (b *batch) each(tx *Tx, n int, row func(args []any, i int) ([]any, error), f func(query string, args []any, from, to int) error) error {
	var args []any
	from := 0
	for s, size := range batchSizes {
		if tx.lite != nil && size > 1 {
			continue
		}
		for n-from >= size {
			if args == nil {
				args = make([]any, 0, size*b.params)
			}
			args = args[:0]
			for i := from; i < from+size; i++ {
				var err error
				if args, err = row(args, i); err != nil {
					return err
				}
			}
			if err := f(b.texts[s], args, from, from+size); err != nil {
				return err
			}
			from += size
		}
	}
	return nil
}

// insertNew inserts those of n rows that no unique index refuses, and says for
// each whether it was. The statement ends with ON CONFLICT DO NOTHING; id returns
// the id of a row. A row given twice is new once.
func (b *batch) insertNew(ctx context.Context, tx *Tx, n int, id func(i int) string, row func(args []any, i int) ([]any, error)) ([]bool, error) {
	isNew := make([]bool, n)
	err := b.each(tx, n, row, func(query string, args []any, from, to int) error {
		if to-from == 1 {
			changed, err := tx.Exec(ctx, query, args...)
			isNew[from] = changed == 1
			return err
		}
		ids, err := collect(ctx, tx, scanID, query+` RETURNING id`, args...)
		if err != nil {
			return err
		}
		inserted := make(map[string]bool, len(ids))
		for _, id := range ids {
			inserted[id] = true
		}
		for i := from; i < to; i++ {
			isNew[i] = inserted[id(i)]
			delete(inserted, id(i))
		}
		return nil
	})
	return isNew, err
}

func scanID(row Row) (id string, err error) { return id, row.Scan(&id) }
