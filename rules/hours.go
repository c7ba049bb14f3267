package rules

import (
	"cmp"
	"slices"
	"sync"
	"time"
	_ "time/tzdata" // zones are needed even where the machine has none

	"github.com/neoagent/neo"
)

// hours are a tenant's business hours.
type hours struct {
	zone          *time.Location
	days          [7]bool // by time.Weekday
	opens, closes int     // minutes since midnight
}

// newHours reads them from the settings. Hours that close before they open go on
// past midnight, and belong to the day on which they opened.
func newHours(s neo.Settings, zone *time.Location) (hours, error) {
	normal := neo.DefaultSettings()
	opens, ok1 := clock(cmp.Or(s.OpensAt, normal.OpensAt))
	closes, ok2 := clock(cmp.Or(s.ClosesAt, normal.ClosesAt))
	if !ok1 || !ok2 {
		return hours{}, neo.Errorf(neo.CodeInvalid, "The business hours %.20q to %.20q are not times such as 09:00. Correct them in the settings.", s.OpensAt, s.ClosesAt)
	}
	h := hours{zone: zone, opens: opens, closes: closes}
	days := s.BusinessDays
	if days == nil {
		days = normal.BusinessDays
	}
	for _, day := range days {
		i := slices.Index(weekdays, day)
		if i < 0 {
			return hours{}, neo.Errorf(neo.CodeInvalid, "%.20q is not a business day; use MON to SUN. Correct it in the settings.", day)
		}
		h.days[i] = true
	}
	return h, nil
}

func (h *hours) open(at time.Time) bool {
	at = at.In(h.zone)
	minute, day := at.Hour()*60+at.Minute(), at.Weekday()
	if h.opens < h.closes {
		return h.days[day] && h.opens <= minute && minute < h.closes
	}
	yesterday := (day + 6) % 7
	return h.days[day] && h.opens <= minute || h.days[yesterday] && minute < h.closes
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
