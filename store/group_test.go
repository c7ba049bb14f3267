package store

import (
	"context"
	"runtime"
	"sync"
	"testing"

	"github.com/neoagent/neo"
)

// TestGroupAbandoned checks that nobody is told that his part is committed when
// the goroutine that led the transaction did not come to the commit.
func TestGroupAbandoned(t *testing.T) {
	db, err := Open(t.Context(), Config{DataDir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()

	db.group.turn <- struct{}{} // nobody leads until all wait
	var wg sync.WaitGroup
	join := func(f func(tx *Tx) error) (result *error) {
		result = new(error)
		*result = context.Canceled // stays if the goroutine ends while it leads
		wg.Add(1)
		go func() {
			defer wg.Done()
			*result = db.InTx(context.Background(), func(tx neo.Tx) error { return f(tx.(*Tx)) })
		}()
		return result
	}
	write := func(key string) func(tx *Tx) error {
		return func(tx *Tx) error {
			_, err := tx.Exec(context.Background(), `INSERT INTO meta (key, value) VALUES ($1, $2)`, key, []byte("value"))
			return err
		}
	}
	keys := []string{"before", "after"}
	results := []*error{join(write(keys[0]))}
	waiting(db.group, 1)
	join(func(*Tx) error { runtime.Goexit(); return nil })
	waiting(db.group, 2)
	results = append(results, join(write(keys[1])))
	waiting(db.group, 3)
	<-db.group.turn
	wg.Wait()

	for i, key := range keys {
		_, found, err := db.Meta(t.Context(), key)
		if err != nil {
			t.Fatal(err)
		}
		if *results[i] == nil && !found {
			t.Errorf("%s: said to be committed, but is not there", key)
		}
	}
	if err := db.SetMeta(t.Context(), "later", nil); err != nil {
		t.Errorf("the writer is not free: %v", err)
	}
}

// waiting returns when n parts wait for a leader.
func waiting(g *group, n int) {
	for {
		g.mu.Lock()
		is := len(g.waiting)
		g.mu.Unlock()
		if is == n {
			return
		}
		runtime.Gosched()
	}
}
