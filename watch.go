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
	Sweep      Sweep      `json:"sweep"`
	Backfill   Backfill   `json:"backfill"`
	Inspection Inspection `json:"inspection"`
}

// Sweep is how far Neo has looked for changes that were not delivered.
type Sweep struct {
	Watermark time.Time `json:"watermark"`       // the instance's clock: of the last change seen
	At        time.Time `json:"at"`              // when the last one ended well
	DueAt     time.Time `json:"due_at"`          // of the next
	Found     int64     `json:"found"`           // changes that nobody had delivered, ever
	Error     string    `json:"error,omitempty"` // why the last one did not end well
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
	Refused int64     // deliveries whose key or signature was wrong, or that were too old
	Last    time.Time // of the last delivery ever; zero: there was none
}

// Health is how an integration does, as its panel shows it.
type Health struct {
	Watch      Watch
	Deliveries Deliveries // in the last hour
	Checks     []Check
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
