package flow

import (
	"context"
	"time"

	"github.com/neoagent/neo"
)

// wait holds the run: {"for_minutes": 60}, {"for_working_minutes": 240} of the business
// hours, {"until_business_hours": true}, or {"until_rule": …, "for_minutes": 1440,
// "stop_if_not": true}, where the minutes, of either kind, are the longest wait.
type wait struct {
	minutes       int // 0: not set
	working       int // minutes of the business hours; 0: not set
	until         *neo.Rule
	becomes       condition
	businessHours bool
	stopIfNot     bool
}

func parseWait(s *setup) Action {
	var c struct {
		ForMinutes         *int      `json:"for_minutes"`
		ForWorkingMinutes  *int      `json:"for_working_minutes"`
		UntilRule          *neo.Rule `json:"until_rule"`
		UntilBusinessHours bool      `json:"until_business_hours"`
		StopIfNot          bool      `json:"stop_if_not"`
	}
	if !s.read(&c) {
		return nil
	}
	a := wait{until: c.UntilRule, businessHours: c.UntilBusinessHours, stopIfNot: c.StopIfNot}
	if c.ForMinutes != nil {
		s.minutes("for_minutes", *c.ForMinutes, maxWait)
		a.minutes = *c.ForMinutes
	}
	if c.ForWorkingMinutes != nil {
		s.minutes("for_working_minutes", *c.ForWorkingMinutes, maxWait)
		a.working = *c.ForWorkingMinutes
	}
	timed := c.ForMinutes != nil || c.ForWorkingMinutes != nil
	if c.ForMinutes != nil && c.ForWorkingMinutes != nil {
		s.wrong("for_working_minutes", "Set either for_minutes or for_working_minutes, not both.")
	}
	if c.UntilRule != nil {
		a.becomes = s.condition("until_rule", *c.UntilRule, false)
	}
	if !timed && c.UntilRule == nil && !c.UntilBusinessHours {
		s.wrong("", "Set how long to wait: for_minutes, for_working_minutes, until_rule or until_business_hours.")
	}
	if c.UntilBusinessHours && (timed || c.UntilRule != nil) {
		s.wrong("until_business_hours", "This goes alone: use two steps to wait for both.")
	}
	if c.StopIfNot && (c.UntilRule == nil || !timed) {
		s.wrong("stop_if_not", "This needs until_rule, and for_minutes or for_working_minutes as the longest wait.")
	}
	return a
}

func (a wait) Plan(ctx context.Context, in Input) (neo.Plan, error) {
	if a.businessHours {
		until := in.Settings.NextOpen(in.Now)
		switch {
		case until.IsZero():
			return neo.Plan{}, neo.Errorf(neo.CodeInvalid, "There are no business hours to wait for. Set them under Settings.")
		case !until.After(in.Now):
			return neo.Plan{Reason: "it is inside business hours", Outputs: map[string]any{"became": false}}, nil
		}
		return neo.Plan{Wait: &neo.Wait{Until: until.UTC()}}, nil
	}
	if a.until != nil {
		// What started the run is over: a wait is for what the ticket becomes.
		now := in
		now.Event.Changes, now.Event.Journal, now.Event.Kinds = nil, nil, nil
		if holds, err := a.becomes.holds(now); err != nil {
			return neo.Plan{}, err
		} else if holds {
			return neo.Plan{Reason: "the ticket is so already", Outputs: map[string]any{"became": true}}, nil
		}
	}
	w := &neo.Wait{Becomes: a.until, StopIfNot: a.stopIfNot}
	switch {
	case a.minutes > 0:
		w.Until = in.Now.Add(time.Duration(a.minutes) * time.Minute).UTC()
	case a.working > 0:
		hours, err := in.Settings.Hours()
		if err != nil {
			return neo.Plan{}, neo.Errorf(neo.CodeInvalid, "The business hours cannot be used: %w. Correct them under Settings.", err)
		}
		until := hours.After(in.Now, time.Duration(a.working)*time.Minute)
		if until.IsZero() {
			return neo.Plan{}, neo.Errorf(neo.CodeInvalid, "There are no business hours in which the time could pass. Set them under Settings.")
		}
		w.Until = until.UTC()
	}
	return neo.Plan{Wait: w}, nil
}
