package river

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	riverqueue "github.com/riverqueue/river"

	"github.com/neoagent/neo/queue"
)

// telling is River's job: tell a worker about a run.
type telling struct {
	RunID string `json:"run_id"`
}

// Kind implements river.JobArgs. Jobs of this name are in databases; it stays.
func (telling) Kind() string { return "run" }

// worker is the one worker that River knows.
type worker struct {
	riverqueue.WorkerDefaults[telling]
	queue *Queue
}

// Work implements river.Worker.
//
// A failed telling is snoozed rather than returned as an error. River appends each
// error to its job, so that a night without the ticket system would leave hundreds
// of errors in each of thousands of jobs, and gives up after 32,767. A snooze counts
// in the metadata, and for ever. What went wrong is in the run's row and the log.
func (w *worker) Work(ctx context.Context, job *riverqueue.Job[telling]) error {
	err := queue.Tell(ctx, w.queue.log, w.queue.work, job.Args.RunID)
	if err == nil {
		return nil
	}
	if errors.Is(ctx.Err(), context.Canceled) {
		return context.Canceled // Stop cut it off: River makes it available at once
	}
	tries := snoozes(job.Metadata) + 1
	wait := queue.Backoff(tries, err)
	w.queue.log.InfoContext(ctx, "A run could not be carried out and will be told again.", "run", job.Args.RunID, "tries", tries, "wait", wait, "error", err)
	return riverqueue.JobSnooze(wait)
}

// NextRetry implements river.Worker, for what River's rescuer finds.
func (w *worker) NextRetry(*riverqueue.Job[telling]) time.Time {
	return time.Now().Add(queue.Backoff(1, nil))
}

// snoozes returns how often River has snoozed a job.
func snoozes(metadata []byte) int {
	var m struct {
		Snoozes int `json:"snoozes"`
	}
	_ = json.Unmarshal(metadata, &m) // not there: 0
	return m.Snoozes
}
