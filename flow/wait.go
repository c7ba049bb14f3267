package flow

import (
	"context"
	"time"

	"github.com/neoagent/neo"
)

// wait holds the run: {"for_minutes": 60}, {"until_business_hours": true}, or
// {"until_rule": …, "for_minutes": 1440, "stop_if_not": true}, where the minutes are
// the longest wait.
type wait struct {
	minutes       int // 0: not set
	until         *neo.Rule
	becomes       condition
	businessHours bool
	stopIfNot     bool
}

func parseWait(s *setup) Action {
	var c struct {
		ForMinutes         *int      `json:"for_minutes"`
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
	if c.UntilRule != nil {
		a.becomes = s.condition("until_rule", *c.UntilRule, false)
	}
	if c.ForMinutes == nil && c.UntilRule == nil && !c.UntilBusinessHours {
		s.wrong("", "It is not said for how long: set for_minutes, until_rule or until_business_hours.")
	}
	if c.UntilBusinessHours && (c.ForMinutes != nil || c.UntilRule != nil) {
		s.wrong("until_business_hours", "This goes alone: use two steps to wait for both.")
	}
	if c.StopIfNot && (c.UntilRule == nil || c.ForMinutes == nil) {
		s.wrong("stop_if_not", "This needs until_rule, and for_minutes as the longest wait.")
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
	if a.minutes > 0 {
		w.Until = in.Now.Add(time.Duration(a.minutes) * time.Minute).UTC()
	}
	return neo.Plan{Wait: w}, nil
}
