package servicenow

import (
	"cmp"
	"context"
	_ "embed"
	"fmt"
	"slices"
	"strings"

	"github.com/neoagent/neo"
)

// The names in an instance. Outsiders look for them; they are fixed.
const (
	ruleName       = "Neo Agent — Task Webhook"
	ruleTable      = "task"
	legacyRuleName = "Neo Agent — Incident Webhook" // of instances connected before mid-May 2026
	legacyTable    = "incident"
	propertyName   = "x_neoagent.callback_url"

	// ruleMarker is in the rule's description, and tells our rule from one that an
	// administrator made: names of Business Rules are not unique.
	ruleMarker          = "managed automatically by Neo Agent, do not edit"
	ruleDescription     = "Reports every insert and update of a ticket to Neo. This rule is " + ruleMarker + ": edits are overwritten when Neo connects."
	propertyDescription = "The address to which the Business Rule \"" + ruleName + "\" delivers. This property is managed automatically by Neo Agent, do not edit: edits are overwritten when Neo connects."
)

// businessRule is the script of the planted rule. Instances run it as ES5.
//
//go:embed businessrule.js
var businessRule string

// plantedCheck is what was found and done about one planted record.
type plantedCheck struct {
	neo.Check
	changed    bool   // something was written
	cleanedUp  bool   // what was written takes away what Neo itself planted before; nobody had edited it
	editedBy   string // who was the last to write it before; "" when that is not known
	unanswered error  // the instance did not answer; nothing is known
	unseen     bool   // the account may not even look; nothing is known
}

// provision plants in the instance what makes it report changes: the property with
// the address, and the Business Rule on task, which fires for every class that
// extends it. It is safe to run again: what is there is found, what differs is
// overwritten, duplicates of ours go, and a second run changes nothing and says so.
// Nothing that is not ours is touched.
//
// Both tables take writes from administrators only. What this account could not do
// is a failed check that says what an administrator does instead.
func (c *Client) provision(ctx context.Context, callbackURL string) []plantedCheck {
	return []plantedCheck{c.plantProperty(ctx, callbackURL), c.plantRule(ctx), c.removeLegacy(ctx)}
}

func (c *Client) plantProperty(ctx context.Context, callbackURL string) plantedCheck {
	return c.plant(ctx, neo.Check{Name: "callback_property", Label: "System Property " + propertyName}, plantedProperty(callbackURL))
}

func (c *Client) plantRule(ctx context.Context) plantedCheck {
	return c.plant(ctx, neo.Check{Name: "business_rule", Label: "Business Rule " + ruleName}, plantedRule())
}

func plantedProperty(callbackURL string) planted {
	return planted{
		table:  "sys_properties",
		query:  "name=" + propertyName,
		ours:   func(r Record) bool { return r["name"].Value == propertyName },
		values: map[string]string{"name": propertyName, "value": callbackURL, "type": "string", "description": propertyDescription},
	}
}

func plantedRule() planted {
	return planted{
		table: "sys_script",
		query: "collection=" + ruleTable + "^name=" + ruleName + "^NQdescriptionLIKE" + ruleMarker,
		ours: func(r Record) bool {
			named, on := r["name"].Value == ruleName, r["collection"].Value == ruleTable
			return named && on || (named || on) && strings.Contains(r["description"].Value, ruleMarker)
		},
		values: ruleValues(),
	}
}

func ruleValues() map[string]string {
	return map[string]string{
		"name":             ruleName,
		"collection":       ruleTable,
		"description":      ruleDescription,
		"active":           "true",
		"advanced":         "true",
		"when":             "after",
		"order":            "1000",
		"action_insert":    "true",
		"action_update":    "true",
		"action_delete":    "false",
		"action_query":     "false",
		"condition":        "",
		"filter_condition": "",
		"role_conditions":  "",
		"abort_action":     "false",
		"script":           businessRule,
	}
}

// planted is one record that an instance must have exactly once.
type planted struct {
	table  string
	query  string            // finds it, and may find more
	ours   func(Record) bool // whether a record found is it
	values map[string]string // how it must be
}

// plant makes the instance have p, and says in check what was done.
func (c *Client) plant(ctx context.Context, check neo.Check, p planted) plantedCheck {
	found, hidden, err := c.find(ctx, p)
	if neo.CodeOf(err) == neo.CodeRefused {
		check.State, check.Remedies = "failed", setupRemedies
		check.Detail = "Neo's account may not look whether it is there. That deliveries arrive will show it."
		return plantedCheck{Check: check, unseen: true}
	}
	if err != nil {
		return plantFailed(check, err)
	}
	if len(found) == 0 && hidden {
		// The total counts what the account may not read: it is there.
		check.State = "ok"
		check.Detail = "In place. Neo's account may not read it, so whether it was edited is not known; deliveries show whether it works."
		return plantedCheck{Check: check}
	}
	if len(found) == 0 {
		r, err := c.Insert(ctx, p.table, p.values)
		return plantDone(check, "Created.", r, p.values, err)
	}

	// The oldest stays; the others would deliver everything again.
	keep, extra := found[0], found[1:]
	for _, r := range extra {
		if err := c.Delete(ctx, p.table, r["sys_id"].Value); err != nil && neo.CodeOf(err) != neo.CodeNotFound {
			return plantFailed(check, err)
		}
	}
	done := "Already in place; nothing was changed."
	if len(extra) > 0 {
		done = fmt.Sprintf("Removed %d of the same kind; one is enough.", len(extra))
	}
	drift := differences(keep, p.values)
	if len(drift) == 0 {
		check.State, check.Detail = "ok", done
		return plantedCheck{Check: check, changed: len(extra) > 0}
	}
	changed := map[string]string{}
	for _, name := range drift {
		changed[name] = p.values[name]
	}
	if len(extra) > 0 {
		done += " "
	} else {
		done = ""
	}
	r, err := c.Patch(ctx, p.table, keep["sys_id"].Value, changed, nil)
	repaired := plantDone(check, done+"Set again: "+strings.Join(drift, ", ")+".", r, p.values, err)
	repaired.editedBy = keep["sys_updated_by"].Value
	return repaired
}

// find returns the records that are ours, the oldest first. hidden reports that
// there are some, of which the account may read none: the total does not regard
// access rules.
func (c *Client) find(ctx context.Context, p planted) (found []Record, hidden bool, err error) {
	page, err := c.All(ctx, p.table, ListOptions{Query: p.query, Limit: 100})
	if err != nil {
		return nil, false, err
	}
	hidden = page.Total > 0 && len(page.Records) == 0
	found = slices.DeleteFunc(page.Records, func(r Record) bool { return !recordID(r["sys_id"].Value) || !p.ours(r) })
	slices.SortFunc(found, func(a, b Record) int {
		return cmp.Or(cmp.Compare(a["sys_created_on"].Value, b["sys_created_on"].Value), cmp.Compare(a["sys_id"].Value, b["sys_id"].Value))
	})
	return found, hidden, nil
}

// differences names the fields of r that are not as wanted, sorted.
func differences(r Record, wanted map[string]string) []string {
	var names []string
	for name, want := range wanted {
		if normal(r[name].Value) != normal(want) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// normal removes what instances do to values: line ends, an end mark on conditions,
// and the two ways to write a boolean, of which empty is false.
func normal(s string) string {
	s = strings.TrimSuffix(strings.TrimSpace(strings.ReplaceAll(s, "\r\n", "\n")), "^EQ")
	switch s {
	case "0", "false":
		return ""
	case "1":
		return "true"
	}
	return s
}

// plantDone compares what the instance made of the write with what was wanted: it
// drops without a word what it does not like.
func plantDone(check neo.Check, done string, r Record, wanted map[string]string, err error) plantedCheck {
	if err != nil {
		return plantFailed(check, err)
	}
	if wrong := differences(r, wanted); len(wrong) > 0 {
		check.State = "failed"
		check.Detail = "ServiceNow took the record but not these fields: " + strings.Join(wrong, ", ") +
			". Ask an administrator to lift what protects them, then click Reconnect."
		return plantedCheck{Check: check, changed: true}
	}
	check.State, check.Detail = "ok", done
	return plantedCheck{Check: check, changed: true}
}

// setupRemedies are for an account that may not plant.
var setupRemedies = []string{
	"Have an administrator import the update set, or run the background script, under Set up by hand; then click Verify.",
	"Or give Neo's account the role admin, click Reconnect, and take the role away again: Neo needs it at this moment only, and itil afterwards.",
}

func plantFailed(check neo.Check, err error) plantedCheck {
	var unanswered error
	if _, later := neo.Retryable(err); later {
		unanswered = err
	}
	check.State, check.Detail = "failed", neo.MessageOf(err)
	if neo.CodeOf(err) == neo.CodeRefused {
		check.Detail = "It is not there, and Neo's account may not plant it: ServiceNow takes it from administrators only."
		check.Remedies = setupRemedies
	}
	return plantedCheck{Check: check, unanswered: unanswered}
}

// removeLegacy deletes the rule that older versions planted on incident; with it,
// incidents would be reported twice.
func (c *Client) removeLegacy(ctx context.Context) plantedCheck {
	check := neo.Check{Name: "legacy_rule", Label: "Legacy rule " + legacyRuleName, State: "ok", Detail: "None on this instance."}
	rules, hidden, err := c.find(ctx, planted{
		table: "sys_script",
		query: "collection=" + legacyTable + "^name=" + legacyRuleName,
		ours: func(r Record) bool {
			return r["name"].Value == legacyRuleName && r["collection"].Value == legacyTable
		},
	})
	if _, later := neo.Retryable(err); later {
		return plantFailed(check, err)
	}
	if neo.CodeOf(err) == neo.CodeRefused {
		check.Detail = "Neo's account may not look. If there is one, incidents are reported twice, which does no harm."
	}
	if hidden {
		check.State, check.Detail = "warning", "It is still there, and Neo's account may not delete it: incidents are reported twice, which does no harm. Have an administrator delete it."
	}
	for _, r := range rules {
		if err := c.Delete(ctx, "sys_script", r["sys_id"].Value); err != nil && neo.CodeOf(err) != neo.CodeNotFound {
			return plantFailed(check, err)
		}
		check.Detail = "Removed; the rule on task has taken its place."
	}
	return plantedCheck{Check: check, changed: len(rules) > 0, cleanedUp: true}
}
