package local

import (
	"runtime"
	"slices"
	"strconv"
	"testing"

	"pgregory.net/rapid"

	"github.com/neoagent/neo"
)

func TestHeapGivesEarliestFirst(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var h heap
		var model []int64
		for _, at := range rapid.SliceOf(rapid.Int64Range(-1, 50)).Draw(t, "ops") {
			if at >= 0 {
				h.push(timedBell{at: at})
				model = append(model, at)
				continue
			}
			if len(model) > 0 {
				slices.Sort(model)
				if got := h.pop().at; got != model[0] {
					t.Fatalf("pop = %d, want %d", got, model[0])
				}
				model = model[1:]
			}
		}
	})
}

func TestLineKeepsOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var l line
		in, out := 0, 0
		for _, n := range rapid.SliceOf(rapid.IntRange(-3000, 3000)).Draw(t, "pushes and pops") {
			for ; n > 0; n-- {
				l.push(bell{run: strconv.Itoa(in)})
				in++
			}
			for ; n < 0 && l.len() > 0; n++ {
				if got := l.pop().run; got != strconv.Itoa(out) {
					t.Fatalf("pop = %s, want %d", got, out)
				}
				out++
			}
			if l.len() != in-out {
				t.Fatalf("len = %d, want %d", l.len(), in-out)
			}
		}
	})
}

// A backlog of a million runs must fit beside everything else in one process.
func TestMemoryOfMillion(t *testing.T) {
	if testing.Short() {
		t.Skip("fills 100 MB")
	}
	const n = 1_000_000
	heapSize := func() int64 {
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return int64(m.HeapAlloc)
	}
	before := heapSize()
	q := New(Options{})
	for range n / 1000 {
		page := make([]neo.Job, 1000)
		for i := range page {
			page[i].RunID = neo.NewID()
		}
		q.push(page)
	}
	each := (heapSize() - before) / n
	t.Logf("%d bytes for each waiting job", each)
	if each > 150 {
		t.Errorf("a waiting job takes %d bytes", each)
	}
	for q.due.len() > 0 {
		q.due.pop()
	}
	if left := heapSize() - before; left > 1<<20 {
		t.Errorf("%d bytes are left of a backlog that is gone", left)
	}
}
