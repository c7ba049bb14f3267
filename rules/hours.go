package rules

import (
	"sync"
	"time"
	_ "time/tzdata" // zones are needed even where the machine has none

	"github.com/neoagent/neo"
)

// newHours reads a tenant's business hours from the settings.
func newHours(s neo.Settings) (neo.Hours, error) {
	h, err := s.Hours()
	if err != nil {
		return h, neo.Errorf(neo.CodeInvalid, "The business hours and holidays of the settings cannot be used: %w. Correct them in the settings.", err)
	}
	return h, nil
}

// clock reads "09:30" as minutes since midnight; "24:00" is the end of a day.
func clock(s string) (int, bool) {
	if s == "24:00" {
		return 24 * 60, true
	}
	t, err := time.Parse("15:04", s)
	return t.Hour()*60 + t.Minute(), err == nil && len(s) == len("15:04")
}

var zones sync.Map // name → *time.Location, of those that exist

// loadZone returns a time zone by its IANA name; "" is UTC.
func loadZone(name string) (*time.Location, error) {
	if z, ok := zones.Load(name); ok {
		return z.(*time.Location), nil
	}
	z, err := neo.LoadZone(name)
	if err != nil {
		return nil, neo.Errorf(neo.CodeInvalid, "%.64q is not a time zone; use an IANA name such as Europe/Berlin.", name)
	}
	zones.Store(name, z)
	return z, nil
}
