package neo

// Explanation says why an event started a workflow or did not: every change that
// would have started it, and every comparison of its conditions, with what was found.
type Explanation struct {
	Triggered bool                 `json:"triggered"` // at least one of Triggers happened
	Triggers  []TriggerExplanation `json:"triggers"`
	// OwnChange: the change is Neo's own, and the workflow does not ask for such.
	OwnChange     bool              `json:"own_change,omitempty"`
	BusinessHours *HoursExplanation `json:"business_hours,omitempty"` // nil: at any time
	Conditions    *RuleExplanation  `json:"conditions,omitempty"`     // nil: there are none
	// Matches: triggered, at a time when the workflow may run, and the conditions hold.
	Matches bool `json:"matches"`
}

// HoursExplanation says whether the change came at a time when the workflow may run.
type HoursExplanation struct {
	Wanted BusinessHoursOption `json:"wanted" enum:"INSIDE,OUTSIDE"`
	Found  string              `json:"found"` // day, time and zone: "TUE 18:05 (Europe/Berlin)"
	Holds  bool                `json:"holds"`
}

// TriggerExplanation is one change that starts a workflow.
type TriggerExplanation struct {
	Change   TargetChange `json:"change"`
	Happened bool         `json:"happened"`
}

// RuleExplanation is a rule with what came of it: a group with its rules, or a
// comparison with what it found.
type RuleExplanation struct {
	Combinator Combinator        `json:"combinator,omitempty"` // "" for a comparison
	Not        bool              `json:"not,omitempty"`
	Rules      []RuleExplanation `json:"rules,omitempty"`
	Field      string            `json:"field,omitempty"`
	Operator   Operator          `json:"operator,omitempty"`
	Wanted     string            `json:"wanted,omitempty"`
	Found      Value             `json:"found"`
	Holds      bool              `json:"holds"`
}

// Missing returns the first comparison because of which the rule does not hold, or
// nil: when it holds, or when no single one is the reason.
func (r *RuleExplanation) Missing() *RuleExplanation {
	if r == nil || r.Holds {
		return nil
	}
	if r.Combinator == "" {
		return r
	}
	if r.Not || r.Combinator == Or && len(r.Rules) > 1 {
		return nil
	}
	for i := range r.Rules {
		if !r.Rules[i].Holds {
			return r.Rules[i].Missing()
		}
	}
	return nil
}
