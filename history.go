package neo

import "time"

// HistoryEntry is one line of the Event History: a change of a ticket, or a
// workflow carried out for one.
type HistoryEntry struct {
	ID           string // of the event or of the run; sorts by time
	Type         EventType
	At           time.Time
	Ticket       TicketRef
	Number       string
	Title        string // short description of the ticket, where known
	WorkflowID   string // executions only
	WorkflowName string // executions only
	Outcome      Outcome
	Message      string
	Duration     time.Duration // executions that have ended
	Source       EventSource   // changes only
}

// HistoryFilter selects and pages entries, newest first.
type HistoryFilter struct {
	Ticket  string    // number, or its beginning; "" for all
	Type    EventType // "" for all
	Outcome Outcome   // "" for all
	Before  string    // entries with a smaller id; "" for the newest
	Limit   int
}

// SettingsOf returns the settings of a tenant.
func (c *Config) SettingsOf(tenant string) Settings {
	if s, ok := c.Settings[tenant]; ok {
		return s
	}
	return DefaultSettings()
}

// Config is everything that decides what happens to an event, as of one epoch.
// The epoch rises with every change of it.
type Config struct {
	Epoch        int64
	Integrations []Integration
	Workflows    []Workflow          // the enabled ones
	Settings     map[string]Settings // by tenant; DefaultSettings where there are none
}
