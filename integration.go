package neo

import "time"

// Integration is a connection to one instance of a ticket system.
type Integration struct {
	ID          string
	TenantID    string
	Kind        string // "servicenow"
	InstanceURL string
	Simulated   bool // the address is allowed by setting only, not a vendor's
	State       SyncState
	Message     string // why State is what it is, for people
	ClientID    string
	Identity    Identity
	Checks      []Check
	ConnectedAt time.Time // last consent; zero before the first
	CreatedAt   time.Time
	UpdatedAt   time.Time
	Sealed      SealedSecrets
	// CallbackHash is the SHA-256 of the callback secret, to check deliveries
	// without opening anything.
	CallbackHash []byte
	Permissions  Permissions
	// BackfillDays are the days of older tickets that somebody chose to read at a connect
	// that has not come that far; 0: none, or they were begun.
	BackfillDays int
	Reach
}

// Reach is whether an instance answers. It is set by whoever looks after the
// connection and by nothing else.
type Reach struct {
	SilentSince  time.Time // of the first check without an answer; zero: it answers, as far as Neo knows
	AnswersSince time.Time // when it last came back; zero: it was never away
}

// Silent reports whether the instance is known not to answer.
func (r Reach) Silent() bool { return !r.SilentSince.IsZero() }

// consentLife is how long an instance's refresh token lives unless an administrator
// set it to less; only a new consent prolongs it.
const consentLife = 100 * 24 * time.Hour

// ConsentEnds is when the instance will refuse the refresh token; zero before the
// first consent.
func (i Integration) ConsentEnds() time.Time {
	if i.ConnectedAt.IsZero() {
		return time.Time{}
	}
	return i.ConnectedAt.Add(consentLife)
}

// Identity is the account as which Neo acts in the ticket system.
type Identity struct {
	RemoteID string `json:"remote_id"` // ServiceNow: sys_id
	UserName string `json:"user_name"`
	Name     string `json:"name"`
}

// Check is one line of what Neo verified after consent.
type Check struct {
	Name   string `json:"name"`  // stable key, e.g. "identity"
	Label  string `json:"label"` // for people
	State  string `json:"state" enum:"running,ok,warning,failed"`
	Detail string `json:"detail"` // what was found; on failure what to do
	// Remedies are what to try, in the order of their likelihood.
	Remedies []string `json:"remedies,omitempty"`
}

// SealedSecrets are an integration's secrets as the vault sealed them: only the
// vault can open them, and they are never part of an answer or a log line.
type SealedSecrets struct {
	ClientSecret   []byte
	Tokens         []byte // JSON of the OAuth token
	CallbackSecret []byte
}

// ConnectAttempt is one try of a person to connect: it lives from the button to
// the callback, and holds what was typed until consent shows that it is right, so
// that a failed reconnect does not damage a working connection.
type ConnectAttempt struct {
	ID            string
	TenantID      string
	IntegrationID string // of the integration to make or to reconnect
	InstanceURL   string
	ClientID      string
	ClientSecret  []byte // sealed
	Verifier      []byte // PKCE code verifier, sealed
	StateHash     []byte // SHA-256 of the OAuth state; the state itself is only in the browser
	SessionHash   []byte // SHA-256 of the session token: binds the attempt to its browser
	Outcome       Outcome
	Message       string  // for people; what to do next when Outcome is FAILURE
	Checks        []Check // what has been checked so far, while it goes on
	BackfillDays  int     // how far back to read tickets after a first connect; 0: not at all
	CreatedAt     time.Time
	ExpiresAt     time.Time
}

// ConnectInput is what a person types to connect an instance.
type ConnectInput struct {
	IntegrationID string // "" for a new connection; otherwise the one to reconnect
	InstanceURL   string
	ClientID      string
	ClientSecret  string // "" keeps the one that Neo has, for the same ClientID
	// BackfillDays are those of older tickets to read after a first connect; nil: as was
	// chosen before, else none.
	BackfillDays *int
}
