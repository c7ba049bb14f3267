package store

import (
	"context"
	"crypto/rand"
	"sync"
	"time"
)

const (
	// writableFor is how long an answer of Writable holds, however many ask.
	writableFor = 5 * time.Second
	// writableTime bounds the write by which it is found out.
	writableTime = 5 * time.Second
	// writableSize is about a delivery: when this can be written, one can.
	writableSize = 8 << 10

	writableKey = "write_check" // in meta
)

// writability is what is known of whether the database can be written.
type writability struct {
	mu      sync.Mutex // held while it is found out
	checked time.Time
	err     error

	noted struct {
		sync.Mutex
		err error // of the newest transaction that failed
		at  time.Time
	}
}

// note keeps why a transaction failed, when the reason is the database's.
func (w *writability) note(err error, now func() time.Time) {
	if err == nil || !full(err) && !readOnly(err) {
		return
	}
	w.noted.Lock()
	w.noted.err, w.noted.at = err, now()
	w.noted.Unlock()
}

// takeNoted returns what was noted lately, once. What is older says nothing about now.
func (w *writability) takeNoted(now time.Time) error {
	w.noted.Lock()
	defer w.noted.Unlock()
	err := w.noted.err
	w.noted.err = nil
	if now.Sub(w.noted.at) >= writableFor {
		return nil
	}
	return err
}

// Writable reports whether the database can be written, at most once in five seconds by
// writing to it. A transaction that failed since then because the disk is full, or because
// the database can only be read, counts; so does a checkpoint.
func (db *DB) Writable(ctx context.Context) error {
	w := &db.writability
	w.mu.Lock()
	defer w.mu.Unlock()
	now := db.now()
	if w.checked.IsZero() || now.Sub(w.checked) >= writableFor || now.Before(w.checked) {
		w.checked = now
		if w.err = w.takeNoted(now); w.err == nil {
			w.err = db.tryWriting(ctx)
		}
	} else if err := w.takeNoted(now); err != nil {
		w.checked, w.err = now, err
	}
	if w.err == nil && db.checkpoints != nil {
		// The log still takes what comes; the database itself does not grow any more.
		if err := db.checkpoints.err(); full(err) || readOnly(err) {
			return failed("write to its database", err)
		}
	}
	return w.err
}

func (db *DB) tryWriting(ctx context.Context) error {
	// Whoever asked may hang up; the answer is for the next one too.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), writableTime)
	defer cancel()
	value := make([]byte, writableSize)
	_, _ = rand.Read(value) // what compresses would take no space
	err := db.inTx(ctx, func(tx *Tx) error {
		_, err := tx.Exec(ctx, `INSERT INTO meta (key, value) VALUES ($1, $2) ON CONFLICT (key) DO UPDATE SET value = excluded.value`, writableKey, value)
		return err
	})
	db.writability.takeNoted(db.now()) // that was this one
	return failed("write to its database", err)
}
