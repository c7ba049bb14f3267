package simulator

import (
	"slices"
	"strconv"
)

// lifecycle is what changing state does in one class, besides the state itself.
type lifecycle struct {
	mirror   string   // a second field that always equals state
	resolved []string // sets resolved_at and resolved_by
	closed   []string // sets closed_at, closed_by and active=false
	reopens  bool     // leaving resolved or closed counts in reopen_count
}

var lifecycles = map[string]lifecycle{
	"task":           {closed: []string{"3", "4", "7"}},
	"sc_request":     {closed: []string{"3", "4", "7"}},
	"sc_req_item":    {closed: []string{"3", "4", "7"}},
	"sc_task":        {closed: []string{"3", "4", "7"}},
	"incident":       {mirror: "incident_state", resolved: []string{"6"}, closed: []string{"7", "8"}, reopens: true},
	"problem":        {mirror: "problem_state", resolved: []string{"106"}, closed: []string{"107"}},
	"change_request": {closed: []string{"3", "4"}},
}

// priorityLookup is impact × urgency.
var priorityLookup = map[[2]string]string{
	{"1", "1"}: "1", {"1", "2"}: "2", {"2", "1"}: "2", {"1", "3"}: "3", {"2", "2"}: "3", {"3", "1"}: "3",
	{"2", "3"}: "4", {"3", "2"}: "4", {"3", "3"}: "5",
}

var priorityIsLookedUp = []string{"incident", "problem"}

// policy is a data policy: fields that must be filled while state is one of the values.
type policy struct {
	states    []string
	mandatory []string
}

var policies = map[string]policy{
	"incident": {states: []string{"6", "7"}, mandatory: []string{"close_code", "close_notes"}},
}

// applyEffects runs the platform's own engines on a task draft, between the early and the late before-rules.
func applyEffects(d *draft, who *actor, now string) {
	if d.table.root.name != "task" {
		return
	}
	if slices.Contains(priorityIsLookedUp, d.table.name) {
		if p, ok := priorityLookup[[2]string{d.get("impact"), d.get("urgency")}]; ok {
			d.set("priority", p)
		}
	}
	d.set("task_effective_number", d.get("number"))
	if d.base != nil && reassigned(d) {
		n, _ := strconv.Atoi(d.get("reassignment_count"))
		d.set("reassignment_count", strconv.Itoa(n+1))
	}
	callerReplied(d, who)
	applyLifecycle(d, lifecycles[d.table.name], who, now)
}

// callerReplied takes an incident that waits for its caller off hold when the caller comments.
func callerReplied(d *draft, who *actor) {
	if d.table.name != "incident" || d.base == nil || !d.changed("comments") || who.id != d.get("caller_id") ||
		d.changed("state") || d.get("state") != "3" || d.get("hold_reason") != "1" {
		return
	}
	d.set("state", "2")
}

// reassigned counts a move away from a group or person, not the first assignment.
func reassigned(d *draft) bool {
	for _, f := range []string{"assignment_group", "assigned_to"} {
		if was := d.base.get(f); was != "" && d.changed(f) {
			return true
		}
	}
	return false
}

func applyLifecycle(d *draft, lc lifecycle, who *actor, now string) {
	if lc.mirror != "" {
		if d.changed(lc.mirror) && !d.changed("state") ||
			d.base == nil && d.get(lc.mirror) != "" && d.get("state") == d.table.columns[d.table.col("state")].def {
			d.set("state", d.get(lc.mirror))
		} else {
			d.set(lc.mirror, d.get("state"))
		}
	}
	if !d.changed("state") {
		return
	}
	was, is := "", d.get("state")
	if d.base != nil {
		was = d.base.get("state")
	}
	if d.table.name == "incident" && is != "3" {
		d.set("hold_reason", "")
	}
	isResolved, isClosed := slices.Contains(lc.resolved, is), slices.Contains(lc.closed, is)
	wasDone := slices.Contains(lc.resolved, was) || slices.Contains(lc.closed, was)
	switch {
	case isResolved:
		d.set("resolved_at", now)
		d.set("resolved_by", who.id)
		d.set("active", "true")
	case isClosed:
		d.set("closed_at", now)
		d.set("closed_by", who.id)
		d.set("active", "false")
	case wasDone:
		for _, f := range []string{"resolved_at", "resolved_by", "closed_at", "closed_by"} {
			d.set(f, "")
		}
		d.set("active", "true")
		if lc.reopens {
			n, _ := strconv.Atoi(d.get("reopen_count"))
			d.set("reopen_count", strconv.Itoa(n+1))
			d.set("reopened_by", who.id)
			d.set("reopened_time", now)
		}
	}
}

// checkPolicy names the labels of mandatory fields that are empty.
func checkPolicy(d *draft) error {
	p, ok := policies[d.table.name]
	if !ok || !slices.Contains(p.states, d.get("state")) {
		return nil
	}
	var missing []string
	for _, f := range p.mandatory {
		if d.get(f) == "" {
			missing = append(missing, d.table.columns[d.table.col(f)].label)
		}
	}
	if missing != nil {
		return errDataPolicy(missing)
	}
	return nil
}
