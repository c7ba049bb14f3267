package neo

import (
	"encoding/json"
	"strings"
	"time"
)

// Settings are a tenant's own.
type Settings struct {
	TimeZone string `json:"time_zone"` // IANA name
	// BusinessDays and the hours of each: from OpensAt until before ClosesAt, "09:00".
	BusinessDays []string `json:"business_days"` // MON … SUN
	OpensAt      string   `json:"opens_at"`
	ClosesAt     string   `json:"closes_at"`
	// Holidays are days without business hours.
	Holidays []Holiday `json:"holidays,omitempty"`
}

// Holiday is a day on which the service desk does not work.
type Holiday struct {
	// Date is one day, "2026-12-25", or the same day of each year, "12-25".
	Date string `json:"date" doc:"One day, 2026-12-25, or the same day of each year, 12-25" maxLength:"10"`
	Name string `json:"name,omitempty" doc:"What people call it" maxLength:"100"`
}

// MaxHolidays bounds the holidays of a tenant.
const MaxHolidays = 500

// DefaultSettings are in force until somebody saves others.
func DefaultSettings() Settings {
	return Settings{TimeZone: "UTC", BusinessDays: []string{"MON", "TUE", "WED", "THU", "FRI"}, OpensAt: "09:00", ClosesAt: "17:00"}
}

// Endpoint is a place outside the ticket system to which workflows may send messages.
// The list of them is the allow-list.
type Endpoint struct {
	ID        string
	TenantID  string
	Name      string
	Kind      EndpointKind
	Host      string // shown; the address itself is a secret
	Sealed    []byte // an Address, sealed by the vault
	CreatedAt time.Time
	UpdatedAt time.Time
}

// EndpointKind is how a message is written for an Endpoint.
type EndpointKind string

// The kinds.
const (
	EndpointSlack EndpointKind = "SLACK"
	EndpointTeams EndpointKind = "TEAMS"
	EndpointHTTPS EndpointKind = "HTTPS" // a POST of JSON
)

// Address is where the messages of an Endpoint go. It is a secret as a whole: who
// knows it can send there.
type Address struct {
	URL     string   `json:"url"`
	Headers []Header `json:"headers,omitempty"`
}

// Header is a header of a request.
type Header struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// NamesEndpoint reports whether an action of the workflow sends to the endpoint of
// that name or id.
func (d *Definition) NamesEndpoint(name string) bool {
	for _, a := range d.Actions {
		var config struct {
			Endpoint string `json:"endpoint"`
		}
		if a.Type == ActionSendMessage && json.Unmarshal(a.Config, &config) == nil && strings.TrimSpace(config.Endpoint) == name {
			return true
		}
	}
	return false
}

// Message is what a workflow sends to an Endpoint.
type Message struct {
	EndpointID string `json:"endpoint_id"`
	Endpoint   string `json:"endpoint"` // its name, for people
	Text       string `json:"text,omitempty"`
	// Body is the JSON for EndpointHTTPS; "" sends text and ticket.
	Body string `json:"body,omitempty"`
	// Key is the same for each try of one message: receivers can tell a repetition.
	Key string `json:"key,omitempty"`
}

// APIKey lets a program use the API as the person who made it.
type APIKey struct {
	ID         string
	TenantID   string
	UserID     string
	Name       string
	Hash       []byte // SHA-256 of the key
	Hint       string // its last four characters
	CreatedAt  time.Time
	LastUsedAt time.Time
	ExpiresAt  time.Time // zero: never
}
