package rules

import (
	"fmt"
	"slices"
	"time"

	"github.com/neoagent/neo"
)

// Bounds of a workflow's options.
const (
	maxDelay = 7 * 24 * time.Hour
	maxOrder = 1_000_000 // of execution_order, both ways
	maxPause = 1_000     // of pause_after_failures
)

// Check returns what is wrong with when and for which tickets a workflow runs: its
// trigger, schedule, conditions and options. There are at most 50 mistakes. Names and
// actions are not its subject.
func Check(d neo.Definition, x Context) []neo.Mistake {
	c, err := newCompiler(x, nil)
	if err != nil {
		return []neo.Mistake{{Message: neo.MessageOf(err)}}
	}
	c.workflow(&neo.Workflow{Definition: d})
	c.schedule(d)
	c.options(d)
	return c.mistakes
}

// CheckRule returns what is wrong with a rule at that path of a definition, in which
// the outputs of earlier steps may be named as well.
func CheckRule(r *neo.Rule, path string, x Context) []neo.Mistake {
	c, err := newCompiler(x, func(string) (neo.Value, bool) { return neo.Value{}, false })
	if err != nil {
		return []neo.Mistake{{Message: neo.MessageOf(err)}}
	}
	c.rule(r, path, 0)
	return c.mistakes
}

func (c *compiler) options(d neo.Definition) {
	if d.ProcessEntitiesSequentially {
		for i, a := range d.Actions {
			if i == 1_000 { // there are too many, which is said elsewhere
				break
			}
			if a.Type == neo.ActionAskApproval || a.Type == neo.ActionWait {
				c.wrong("process_entities_sequentially", "%s (action %d) can take days, in which no other ticket would be processed; remove it, or process tickets side by side.", a.Type, i+1)
				break
			}
		}
	}
	if d.DelaySeconds < 0 || d.DelaySeconds > int(maxDelay.Seconds()) {
		c.wrong("delay_seconds", "A run can be delayed by 0 to %d seconds (7 days), not by %d.", int(maxDelay.Seconds()), d.DelaySeconds)
	}
	if d.PauseAfterFailures < 0 || d.PauseAfterFailures > maxPause {
		c.wrong("pause_after_failures", "Use 1 to %d, or 0 for never, not %d.", maxPause, d.PauseAfterFailures)
	}
	if d.ExecutionOrder < -maxOrder || d.ExecutionOrder > maxOrder {
		c.wrong("execution_order", "Use %d to %d, not %d.", -maxOrder, maxOrder, d.ExecutionOrder)
	}
}

func (c *compiler) schedule(d neo.Definition) {
	switch {
	case d.TriggerType != neo.Scheduled:
		if d.Schedule != nil {
			c.wrong("schedule", "Only a workflow whose trigger_type is %s has a schedule; leave it out.", neo.Scheduled)
		}
		return
	case d.Schedule == nil:
		c.wrong("schedule", "It is missing: say when the workflow runs.")
		return
	}
	for _, m := range checkSchedule(*d.Schedule) {
		c.wrong(below("schedule", m.Path), "%s", m.Message)
	}
}

// index is the path of an element of a list.
func index(list string, i int) string { return fmt.Sprintf("%s[%d]", list, i) }

// checkDays returns the days that days names; none are Monday to Friday.
func checkDays(days []string) (on [7]bool, wrong int) {
	if len(days) == 0 {
		days = neo.DefaultSettings().BusinessDays
	}
	for i, day := range days {
		d := slices.Index(weekdays, day)
		if d < 0 {
			return on, i
		}
		on[d] = true
	}
	return on, -1
}
