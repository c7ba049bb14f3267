// Package queue is how work on runs is asked for: "look at run X, now or at T".
//
// The rows are the truth; the queue is a doorbell. It holds nothing that the run's
// row does not say, rings at least once, and may ring twice or for a run that is
// finished. Two implementations pass one suite, queuetest: local for one process,
// river for many replicas on PostgreSQL. Nothing outside this folder knows which
// one runs.
package queue

import (
	"context"
	"time"

	"github.com/neoagent/neo"
)

// Timeout is how long one telling may take. Then the worker's context ends, and
// the worker has to return. river counts on it to tell a slow worker from a lost one.
const Timeout = 30 * time.Second

// Grace is how long Stop waits, after it has cancelled the running work, for that
// work to return.
const Grace = 5 * time.Second

// Worker carries out one run as far as it can be carried out now.
//
// An error means: tell me again later. The wait grows from one second to one
// minute, and is at least the RetryAfter of a neo.Error. The queue never gives up;
// a worker that does must write so in the run's row and return nil. A panic counts
// as an error.
//
// A worker must bear being told about a run that is finished, that waits for a
// later time, or that another replica works on at this moment.
type Worker func(ctx context.Context, runID string) error

// Queue tells workers about runs.
type Queue interface {
	// Add promises that a worker is told about each job, at least once, not before
	// its time, if and only if tx commits. It may be called at any time: before
	// Start and after Stop, the promise is kept by the next queue that is started on
	// the same database.
	Add(ctx context.Context, tx neo.Tx, jobs ...neo.Job) error

	// Start begins to tell work. It returns when everything that was promised
	// earlier is on its way; ctx bounds the start only. A queue is started once.
	Start(ctx context.Context, work Worker) error

	// Stop takes no new work and waits for what is running. When ctx ends first, it
	// cancels the running work, waits up to Grace for it to return, and reports
	// ctx's error. Runs whose work was cut off are told again by the next queue.
	// Stop may be called without Start, and more than once.
	Stop(ctx context.Context) error
}
