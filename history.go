package neo

import "time"

// HistoryEntry is one line of the Event History: a change of a ticket, a workflow
// carried out for one, or a person's request for that.
type HistoryEntry struct {
	ID           string // of the event, run, or scheduled work; sorts by time
	Type         EventType
	At           time.Time
	Ticket       TicketRef
	Number       string
	Title        string // short description of the ticket, where known
	WorkflowID   string // executions and requests
	WorkflowName string // executions and requests
	RunID        string // requests: the run that it became
	Outcome      Outcome
	Message      string
	Duration     time.Duration // executions that have ended
	Source       EventSource   // changes only
	// Cause is why an execution was made; Shadow: it only planned, or the request's did.
	Cause  RunCause
	Shadow bool
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

// DictionariesOf returns what the instances of a tenant say about their fields, by
// integration.
func (c *Config) DictionariesOf(tenant string) map[string]*Dictionary {
	found := map[string]*Dictionary{}
	for i := range c.Integrations {
		if in := &c.Integrations[i]; in.TenantID == tenant && c.Dictionaries[in.ID] != nil {
			found[in.ID] = c.Dictionaries[in.ID]
		}
	}
	return found
}

// Config is everything that decides what happens to an event, as of one epoch.
// The epoch rises with every change of it.
type Config struct {
	Epoch        int64
	Integrations []Integration
	Workflows    []Workflow          // the enabled ones
	Settings     map[string]Settings // by tenant; DefaultSettings where there are none
	// Dictionaries by integration; none until the instance has been asked.
	Dictionaries map[string]*Dictionary
}
