package store

import (
	"context"
	"strconv"
	"strings"
	"time"

	"github.com/neoagent/neo"
)

// History returns changes of tickets, executions of workflows and people's requests
// for them as one list, newest first. Limit is 50 when it is not positive.
//
// It is answered from a few index entries, whatever the number of events, but for
// a filter that next to nothing passes: that may go through the whole
// event_history index (about half a second for a million events).
func (db *DB) History(ctx context.Context, tenant string, f neo.HistoryFilter) ([]neo.HistoryEntry, error) {
	const doing = "read the history"
	if f.Limit <= 0 {
		f.Limit = 50
	}
	if f.Before == "" {
		f.Before = lastID
	}
	f.Ticket = upper(strings.TrimSpace(storableText(f.Ticket)))
	few := false
	if f.Ticket != "" {
		var err error
		if few, err = db.fewTickets(ctx, tenant, f.Ticket); err != nil {
			return nil, failed(doing, err)
		}
	}
	q := historyQuery{tenant: tenant, filter: f, few: few}
	var parts []string
	onlyRuns := f.Outcome == neo.Running || f.Outcome == neo.Waiting || f.Outcome == neo.Failure || f.Outcome == neo.Cancelled
	if f.Type != neo.WorkflowExecution && f.Type != neo.TriggerRequested && !onlyRuns {
		parts = append(parts, q.events())
	}
	if f.Type == "" || f.Type == neo.WorkflowExecution {
		parts = append(parts, q.runs())
		if few {
			parts = append(parts, q.runsAlone())
		}
	}
	if f.Type == "" || f.Type == neo.TriggerRequested {
		parts = append(parts, q.requests())
	}
	if len(parts) == 0 {
		return nil, nil
	}
	entries, err := collect(ctx, db.read, scanHistory,
		strings.Join(parts, ` UNION ALL `)+` ORDER BY id DESC LIMIT `+q.arg(f.Limit), q.args...)
	return entries, failed(doing, err)
}

// lastID is greater than every id.
const lastID = "ffffffff-ffff-ffff-ffff-ffffffffffff"

// Up to this many tickets, a beginning of their numbers is searched for ticket by
// ticket, beyond it entry by entry: enough of the newest entries will match.
const fewTickets = 500

func (db *DB) fewTickets(ctx context.Context, tenant, prefix string) (bool, error) {
	var n int
	err := db.read.QueryRow(ctx, `SELECT count(*) FROM (
		SELECT 1 FROM ticket WHERE tenant_id = $1 AND number_key >= $2 AND number_key < $3 LIMIT $4) AS found`,
		tenant, numberKey(prefix), after(prefix), fewTickets+1).Scan(&n)
	return n <= fewTickets, err
}

// after returns the first key that does not begin with prefix and is greater.
// A number is ASCII, so that no byte overflows.
func after(prefix string) []byte {
	key := numberKey(prefix)
	key[len(key)-1]++
	return key
}

// historyQuery writes the two halves of the list with one list of arguments.
type historyQuery struct {
	tenant string
	filter neo.HistoryFilter
	few    bool // search by ticket, not by entry
	args   []any
}

func (q *historyQuery) arg(v any) string {
	q.args = append(q.args, v)
	return "$" + strconv.Itoa(len(q.args))
}

func (q *historyQuery) events() string {
	var from, where string
	if q.few {
		from, where = q.byTicket()
	} else {
		from, where = `event e`, `e.tenant_id = `+q.arg(q.tenant)+q.begins(`e.number`)
	}
	if q.filter.Type != "" {
		where += ` AND e.type = ` + q.arg(string(q.filter.Type))
	}
	switch {
	case q.filter.Outcome != "":
		where += ` AND e.outcome = ` + q.arg(string(q.filter.Outcome))
	case q.filter.Ticket == "":
		where += ` AND e.outcome <> ` + q.arg(string(outcomeRecorded))
	}
	return `SELECT * FROM (SELECT e.id AS id, e.type, e.received_at, e.integration_id, e.class, e.remote_id, e.number, e.title,
		'' AS workflow_id, '' AS workflow_name, e.outcome, e.disposition, '' AS message, e.source, 0 AS started_at, 0 AS finished_at, '' AS run_id, '' AS cause, FALSE AS shadow
		FROM ` + from + ` WHERE ` + where + ` AND e.id < ` + q.arg(q.filter.Before) + ` ORDER BY e.id DESC LIMIT ` + q.arg(q.filter.Limit) + `) AS events`
}

func (q *historyQuery) runs() string {
	var from, where string
	if q.few {
		from, where = q.byTicket()
		from += ` CROSS JOIN run r`
		where += ` AND r.event_id = e.id`
	} else {
		from, where = `run r LEFT JOIN event e ON e.id = r.event_id`, `r.tenant_id = `+q.arg(q.tenant)+q.begins(`r.number`)
	}
	return q.runsFrom(from, where, `COALESCE(e.title, '')`, `runs`)
}

// runsAlone are the runs of the tickets whose numbers begin so that no event started.
func (q *historyQuery) runsAlone() string {
	return q.runsFrom(`ticket t CROSS JOIN run r`, q.numbered()+
		` AND r.remote_id = t.remote_id AND r.class = t.class AND r.integration_id = t.integration_id AND r.event_id = ''`, `''`, `runs_alone`)
}

func (q *historyQuery) runsFrom(from, where, title, name string) string {
	if q.filter.Outcome != "" {
		where += ` AND r.outcome = ` + q.arg(string(q.filter.Outcome))
	}
	return `SELECT * FROM (SELECT r.id AS id, 'WORKFLOW_EXECUTION' AS type, r.created_at, r.integration_id, r.class, r.remote_id, r.number, ` + title + ` AS title,
		r.workflow_id, r.workflow_name, r.outcome, '' AS disposition, r.message, '' AS source, r.started_at, r.finished_at, '' AS run_id, r.cause, r.shadow
		FROM ` + from + ` WHERE ` + where + ` AND r.id < ` + q.arg(q.filter.Before) + ` ORDER BY r.id DESC LIMIT ` + q.arg(q.filter.Limit) + `) AS ` + name
}

// requests are what people asked for: their outcome is that of what became of it.
func (q *historyQuery) requests() string {
	where := `w.tenant_id = ` + q.arg(q.tenant) + q.begins(`w.number`)
	const outcome = `CASE WHEN w.cancelled THEN 'CANCELLED' WHEN r.id IS NOT NULL THEN r.outcome WHEN w.message <> '' THEN 'FAILURE' ELSE 'PENDING' END`
	if q.filter.Outcome != "" {
		where += ` AND ` + outcome + ` = ` + q.arg(string(q.filter.Outcome))
	}
	return `SELECT * FROM (SELECT w.id AS id, 'WORKFLOW_TRIGGER_REQUESTED' AS type, w.created_at, w.integration_id, w.class, w.remote_id, w.number, '' AS title,
		w.workflow_id, w.workflow_name, ` + outcome + ` AS outcome, '' AS disposition, 'Requested by ' || w.requested_by || CASE WHEN w.note = '' THEN '.' ELSE ': ' || w.note END
		|| CASE WHEN r.id IS NULL AND w.message <> '' THEN ' – ' || w.message ELSE '' END AS message,
		'' AS source, 0 AS started_at, 0 AS finished_at, w.run_id, '' AS cause, COALESCE(r.shadow, FALSE) AS shadow
		FROM scheduled_work w LEFT JOIN run r ON r.id = w.run_id WHERE ` + where + ` AND w.id < ` + q.arg(q.filter.Before) +
		` ORDER BY w.id DESC LIMIT ` + q.arg(q.filter.Limit) + `) AS requests`
}

// byTicket goes from the tickets whose numbers begin so to their events. CROSS
// JOIN makes SQLite keep to that order.
func (q *historyQuery) byTicket() (from, where string) {
	return `ticket t CROSS JOIN event e`, q.numbered() + ` AND e.remote_id = t.remote_id AND e.class = t.class AND e.integration_id = t.integration_id`
}

// numbered keeps the tickets whose numbers begin so.
func (q *historyQuery) numbered() string {
	return `t.tenant_id = ` + q.arg(q.tenant) + ` AND t.number_key >= ` + q.arg(numberKey(q.filter.Ticket)) + ` AND t.number_key < ` + q.arg(after(q.filter.Ticket))
}

// begins keeps the numbers that begin so, if anything is asked for.
func (q *historyQuery) begins(column string) string {
	if q.filter.Ticket == "" {
		return ""
	}
	prefix := q.arg(q.filter.Ticket)
	return ` AND substr(upper(` + column + `), 1, length(` + prefix + `)) = ` + prefix
}

func scanHistory(row Row) (h neo.HistoryEntry, err error) {
	var disposition neo.Disposition
	var started, finished time.Time
	err = row.Scan(&h.ID, &h.Type, timeTo(&h.At), &h.Ticket.IntegrationID, &h.Ticket.Class, &h.Ticket.RemoteID, &h.Number, &h.Title,
		&h.WorkflowID, &h.WorkflowName, &h.Outcome, &disposition, &h.Message, &h.Source, timeTo(&started), timeTo(&finished), &h.RunID, &h.Cause, &h.Shadow)
	if !started.IsZero() && !finished.IsZero() {
		h.Duration = finished.Sub(started)
	}
	if h.Outcome == outcomeRecorded {
		h.Outcome = neo.Skipped
	}
	if disposition != "" {
		h.Message = decisions[disposition]
	}
	return h, err
}

// decisions says for people what Neo decided about an event.
var decisions = map[neo.Disposition]string{
	neo.DispositionMatched:   "At least one workflow matches this change.",
	neo.DispositionUnmatched: "No enabled workflow matches this change.",
	neo.DispositionOwn:       "Neo made this change itself.",
	neo.DispositionRecorded:  "Read after connecting, so that Neo knows the ticket; no workflow was asked.",
	neo.DispositionHeld:      "Neo is writing to this ticket; it is not known yet whether this change is its own.",
}
