package neo

import "time"

// Watch is what Neo keeps about looking after one integration: how far the sweep and
// the backfill have come, and what the last inspection found. One process at a time
// has it, by a lease.
type Watch struct {
	IntegrationID string
	TenantID      string
	WatchData

	// What people asked for, until whoever has the watch next has seen it.
	SweepAsked     bool
	InspectAsked   bool
	BackfillPaused bool
	BackfillDays   int // > 0: begin a backfill over that many days

	LeaseOwner string
	LeaseUntil time.Time
}

// WatchData is the part of a Watch that is stored as one JSON text.
type WatchData struct {
	Since      time.Time  `json:"since"`                // the instance's clock, when the watch began: what was created later is new
	RepairedAt time.Time  `json:"repaired_at,omitzero"` // when what is planted last had to be put right
	PlantedAt  time.Time  `json:"planted_at,omitzero"`  // when Neo or an administrator planted, as far as Neo knows
	LearntAt   time.Time  `json:"learnt_at,omitzero"`   // when the instance's fields and choices were last read
	Sweep      Sweep      `json:"sweep"`
	Backfill   Backfill   `json:"backfill"`
	Inspection Inspection `json:"inspection"`
	Answering  Answering  `json:"answering,omitzero"`
	// Undelivered are the changes that had to be looked for since the last delivery.
	Undelivered Undelivered `json:"undelivered,omitzero"`
}

// SilentAfter is how many checks in a row an instance must leave without an answer
// before it is known not to answer.
const SilentAfter = 2

// Answering is what the checks of one instance say about whether it answers. Each call
// of whoever looks after the connection is one; after one without an answer, a small
// call is made until one is answered.
type Answering struct {
	At       time.Time `json:"at,omitzero"`        // of the last answer
	Failures int       `json:"failures,omitempty"` // checks in a row without one
	Since    time.Time `json:"since,omitzero"`     // of the first of these
	Why      string    `json:"why,omitempty"`      // what the last of them said
	DueAt    time.Time `json:"due_at,omitzero"`    // of the next small call; zero: none is needed
}

// Silent reports whether the instance is known not to answer.
func (a Answering) Silent() bool { return a.Failures >= SilentAfter }

// Undelivered counts changes that had to be looked for although Neo could have taken
// their delivery.
type Undelivered struct {
	Count int64     `json:"count,omitempty"`
	Since time.Time `json:"since,omitzero"` // when the first of them was found
}

// After returns what of u is left when the last delivery came at a time.
func (u Undelivered) After(last time.Time) Undelivered {
	if last.After(u.Since) {
		return Undelivered{}
	}
	return u
}

// Sweep is how far Neo has looked for changes that were not delivered.
type Sweep struct {
	Watermark time.Time `json:"watermark"`       // the instance's clock: of the last change seen
	At        time.Time `json:"at"`              // when the last one ended well
	DueAt     time.Time `json:"due_at"`          // of the next
	Found     int64     `json:"found"`           // changes that nobody had delivered, ever
	Error     string    `json:"error,omitempty"` // why the last one did not end well
	// Pending are tickets that have to be looked at again, though the watermark has passed
	// them: they could not be read, or something of them may still be delivered.
	Pending []PendingTicket `json:"pending,omitempty"`
}

// PendingTicket is a changed ticket that the sweep has not seen to in full.
type PendingTicket struct {
	Ticket    TicketRef `json:"ticket"`
	Version   int64     `json:"version"`    // the newest that was seen
	ChangedAt time.Time `json:"changed_at"` // the instance's clock
	CreatedAt time.Time `json:"created_at"`
	DueAt     time.Time `json:"due_at"`          // when to look again
	Error     string    `json:"error,omitempty"` // why it could not be read; "": it could
	Failures  int       `json:"failures,omitempty"`
}

// BackfillState is how a backfill stands.
type BackfillState string

// The states of a backfill; "" when there never was one.
const (
	BackfillRunning BackfillState = "RUNNING"
	BackfillPaused  BackfillState = "PAUSED"
	BackfillDone    BackfillState = "DONE"
)

// Backfill reads the tickets that changed in the days before the connection, so that
// Neo knows them. It starts no workflows.
type Backfill struct {
	State      BackfillState `json:"state,omitempty"`
	Days       int           `json:"days,omitempty"`
	Since      time.Time     `json:"since,omitzero"`
	DueAt      time.Time     `json:"due_at,omitzero"` // of the next page, after an error
	Counted    bool          `json:"counted,omitempty"`
	Class      int           `json:"class,omitempty"` // index in TicketClasses
	AfterID    string        `json:"after_id,omitempty"`
	Done       int64         `json:"done,omitempty"`
	Total      int64         `json:"total,omitempty"`  // what the instance counted at the start
	Worked     time.Duration `json:"worked,omitempty"` // time spent on it, without pauses
	StartedAt  time.Time     `json:"started_at,omitzero"`
	FinishedAt time.Time     `json:"finished_at,omitzero"`
	Error      string        `json:"error,omitempty"` // why the last page did not come; it is tried again
}

// Inspection is the last look at what is planted and at the consent.
type Inspection struct {
	At     time.Time `json:"at"`
	DueAt  time.Time `json:"due_at"`
	Checks []Check   `json:"checks,omitempty"`
}

// Deliveries counts how changes came to Neo in some span of time.
type Deliveries struct {
	Webhook int64     // changes that the instance delivered
	Sweep   int64     // changes that the sweep had to find
	Missed  int64     // those of Sweep that were made while Neo could have taken a delivery
	Refused int64     // deliveries whose key or signature was wrong, or that were too old
	Last    time.Time // of the last delivery ever; zero: there was none
	// Newest are the newest changes alone, NewestChanges of them or a few more.
	Newest Share
}

// NewestChanges is how many changes say how deliveries do at present.
const NewestChanges = 12

// Share is how some changes came.
type Share struct {
	Webhook int64 // delivered
	Missed  int64 // not delivered, though Neo could have taken it
}

// Health is how an integration does, as its panel shows it.
type Health struct {
	Watch      Watch
	Deliveries Deliveries // in the last hour
	Checks     []Check
	Waiting    int64 // runs that wait until the instance answers
}

// SetupFiles are what an administrator of an instance plants by hand. They hold the
// callback secret.
type SetupFiles struct {
	FileName         string
	UpdateSet        string // XML, for "Import Update Set from XML"
	BackgroundScript string // for "Scripts - Background"
}

// Versions says which versions of one ticket Neo has stored.
type Versions struct {
	First, Newest int64
	Known         int64     // how many, First and Newest among them
	ChangedAt     time.Time // of the newest, by the ticket system's clock
}

// Gap reports whether versions between the first and the newest are missing.
func (v Versions) Gap() bool { return v.Newest-v.First+1 > v.Known }
