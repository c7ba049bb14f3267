package neo

import "time"

// Trial is what a workflow would do to one ticket as it is now. Nothing was written.
type Trial struct {
	Ticket TicketRef `json:"ticket"`
	Number string    `json:"number"`
	Title  string    `json:"title"`
	// Matches: the newest change of the ticket would start the workflow. The steps are
	// there in either case.
	Matches     bool        `json:"matches"`
	Explanation Explanation `json:"explanation"`
	Steps       []Preview   `json:"steps" nullable:"false"`
}

// MatchCount says how many of the newest tickets hold a workflow's conditions.
type MatchCount struct {
	Matched int          `json:"matched"`
	Of      int          `json:"of"`
	Tickets []TicketLine `json:"tickets" nullable:"false"` // the first of those that match, newest first
	// PastOnly: the rules look at what a change did. That is not counted on tickets as they
	// are now: 0 would say something else.
	PastOnly bool `json:"past_only,omitempty" doc:"The rules look at what a change did; nothing was counted"`
}

// TicketLine names a ticket for people.
type TicketLine struct {
	Ticket TicketRef `json:"ticket"`
	Number string    `json:"number"`
	Title  string    `json:"title"`
}

// Backtest is a draft that is tried on the events that were recorded.
type Backtest struct {
	ID         string
	TenantID   string
	State      BacktestState
	Definition Definition
	Days       int // of events, back from CreatedAt
	Progress   int // events looked at
	Total      int
	Message    string          // why it has failed
	Result     *BacktestResult // nil until it is done
	CreatedBy  string          // name of the person
	CreatedAt  time.Time
	UpdatedAt  time.Time // while it runs: its last sign of life
}

// BacktestState is how a backtest stands.
type BacktestState string

// The states; all but the first are final.
const (
	BacktestRunning   BacktestState = "RUNNING"
	BacktestDone      BacktestState = "DONE"
	BacktestFailed    BacktestState = "FAILED"
	BacktestCancelled BacktestState = "CANCELLED"
)

// BacktestResult is what a draft would have done, beside what technicians did.
type BacktestResult struct {
	Events   int         `json:"events"`   // that would have started it
	Tickets  int         `json:"tickets"`  // of these events
	Compared int         `json:"compared"` // events for which it would have changed a field
	Agreed   int         `json:"agreed"`   // of the compared: every field has become what it would have set
	Fields   []Agreement `json:"fields" nullable:"false"`
	Cases    []Case      `json:"cases" nullable:"false"` // newest first
}

// Agreement counts how often a field has become what a workflow would have set.
type Agreement struct {
	Field  string `json:"field"`
	Cases  int    `json:"cases"`
	Agreed int    `json:"agreed"`
}

// Case is what a workflow would have done for one event, or planned in one shadow run.
type Case struct {
	RunID   string       `json:"run_id,omitempty"` // shadow runs only
	EventID string       `json:"event_id,omitempty"`
	Ticket  TicketRef    `json:"ticket"`
	Number  string       `json:"number"`
	Title   string       `json:"title"`
	At      time.Time    `json:"at"`
	Changes []Comparison `json:"changes" nullable:"false"` // by field
	// Also is what it would have done besides, for people: "Add work note".
	Also []string `json:"also" nullable:"false"`
}

// Comparison is one field: before, as a workflow would have set it, and as it has
// become in the ticket's newest known state.
type Comparison struct {
	Field  string `json:"field"`
	Before Value  `json:"before"`
	Would  Value  `json:"would"`
	Became Value  `json:"became"`
	Agreed bool   `json:"agreed"`
}

// Agreed reports whether every field has become what was wanted; false when there
// is none.
func (c *Case) Agreed() bool {
	for _, f := range c.Changes {
		if !f.Agreed {
			return false
		}
	}
	return len(c.Changes) > 0
}

// ShadowStats says how often technicians did what a workflow in shadow mode would
// have done.
type ShadowStats struct {
	// Cases are the recent shadow runs that would have changed a field and whose ticket
	// somebody has changed since; Open those whose ticket nobody has.
	Cases  int    `json:"cases"`
	Open   int    `json:"open"`
	Agreed int    `json:"agreed"`
	Recent []Case `json:"recent" nullable:"false"` // of Cases, newest first
}

// EventScan says which recorded events are worth looking at. It may let others pass.
type EventScan struct {
	Created bool         // those that created a ticket
	Updated bool         // all updates
	Fields  []string     // updates that changed, or wrote a note into, one of these
	Kinds   []ChangeType // events of one of these kinds
	Own     bool         // Neo's own changes as well
}

// Difference is one place in which two definitions differ.
type Difference struct {
	// Path is the place in the JSON of the newer definition; of the older one, where
	// something was taken away.
	Path   string `json:"path"`
	Before any    `json:"before"` // JSON; null: was not there
	After  any    `json:"after"`  // JSON; null: is not there any more
	Text   string `json:"text"`   // a sentence for people
}
