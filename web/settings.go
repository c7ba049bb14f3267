package web

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/neoagent/neo"
)

func (s *Server) registerSettings(api huma.API) {
	huma.Register(api, op("get-settings", http.MethodGet, "/settings", "Settings", "Time zone, business hours and holidays"), s.getSettings)
	huma.Register(api, op("save-settings", http.MethodPut, "/settings", "Settings", "Choose time zone, business hours and holidays; they hold from the next change of a ticket on. Without holidays those that are there stay"), s.saveSettings)
}

func (s *Server) getSettings(ctx context.Context, _ *empty) (*out[neo.Settings], error) {
	saved, err := s.store.Settings(ctx, userOf(ctx).TenantID)
	if err != nil {
		return nil, s.fail(ctx, err)
	}
	return answer(ctx, saved), nil
}

type settingsInput struct {
	Body neo.Settings
}

func (s *Server) saveSettings(ctx context.Context, in *settingsInput) (*out[neo.Settings], error) {
	chosen, err := checkedSettings(in.Body)
	if err != nil {
		return nil, s.fail(ctx, err)
	}
	if chosen.Holidays == nil { // a caller that does not know of them must not remove them
		saved, err := s.store.Settings(ctx, userOf(ctx).TenantID)
		if err != nil {
			return nil, s.fail(ctx, err)
		}
		chosen.Holidays = saved.Holidays
	}
	if err := s.store.SaveSettings(ctx, userOf(ctx).TenantID, chosen); err != nil {
		return nil, s.fail(ctx, err)
	}
	s.options.Live.Changed()
	return answer(ctx, chosen), nil
}

var weekdays = []string{"MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN"}

// checkedSettings returns settings in their one form, or what is wrong with them.
func checkedSettings(c neo.Settings) (neo.Settings, error) {
	var err error
	c.TimeZone = strings.TrimSpace(c.TimeZone)
	if _, err = neo.LoadZone(c.TimeZone); err != nil || c.TimeZone == "" {
		return c, invalid("time_zone", fmt.Sprintf("%q is not the name of a time zone. Give one of the IANA names, such as Europe/Berlin or America/New_York.", shortText(c.TimeZone)))
	}
	for i, day := range c.BusinessDays {
		if !slices.Contains(weekdays, day) {
			return c, invalid(fmt.Sprintf("business_days[%d]", i), fmt.Sprintf("%q is not a day. The days are %s.", shortText(day), strings.Join(weekdays, ", ")))
		}
	}
	if len(c.BusinessDays) == 0 {
		return c, invalid("business_days", "This is empty: choose at least one day.")
	}
	slices.SortFunc(c.BusinessDays, func(a, b string) int { return slices.Index(weekdays, a) - slices.Index(weekdays, b) })
	c.BusinessDays = slices.Compact(c.BusinessDays)
	for _, t := range []struct{ name, text string }{{"opens_at", c.OpensAt}, {"closes_at", c.ClosesAt}} {
		if _, err := time.Parse("15:04", t.text); err != nil || len(t.text) != len("15:04") {
			return c, invalid(t.name, fmt.Sprintf("%q is not a time of day. Write it with 24 hours, from 00:00 to 23:59.", shortText(t.text)))
		}
	}
	if c.OpensAt >= c.ClosesAt { // both have two digits for the hour
		return c, invalid("closes_at", fmt.Sprintf("%s is not after %s, when the business day opens. Business hours end on the day on which they begin.", c.ClosesAt, c.OpensAt))
	}
	if c.Holidays, err = checkedHolidays(c.Holidays); err != nil {
		return c, err
	}
	return c, nil
}

// checkedHolidays returns the days in the order of the calendar, those of each year first,
// and each of them once.
func checkedHolidays(all []neo.Holiday) ([]neo.Holiday, error) {
	if len(all) > neo.MaxHolidays {
		return nil, invalid("holidays", fmt.Sprintf("There are %d; %d are allowed. Remove those of past years.", len(all), neo.MaxHolidays))
	}
	all = slices.Clone(all)
	for i := range all {
		all[i].Date, all[i].Name = strings.TrimSpace(all[i].Date), strings.TrimSpace(all[i].Name)
		if _, err := neo.ParseDate(all[i].Date); err != nil {
			return nil, invalid(fmt.Sprintf("holidays[%d].date", i), fmt.Sprintf("%q is not a day. Write 2026-12-25 for one day, or 12-25 for each year.", shortText(all[i].Date)))
		}
	}
	slices.SortStableFunc(all, func(a, b neo.Holiday) int {
		return cmp.Or(cmp.Compare(len(a.Date), len(b.Date)), cmp.Compare(a.Date, b.Date))
	})
	return slices.CompactFunc(all, func(a, b neo.Holiday) bool { return a.Date == b.Date }), nil
}

// shortText is what a person typed, short enough for a sentence.
func shortText(s string) string {
	if runes := []rune(s); len(runes) > 40 {
		return string(runes[:40]) + "…"
	}
	return s
}
