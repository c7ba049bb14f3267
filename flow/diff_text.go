package flow

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/neoagent/neo"
)

// settingLabels are what people call the keys of a definition.
var settingLabels = map[string]string{
	"name": "Name", "description": "Description", "trigger_type": "Kind of trigger", "target_changes": "Trigger", "schedule": "Schedule",
	"conditions": "Conditions", "actions": "Actions", "run_only_once_per_entity": "Run only once per ticket",
	"process_entities_sequentially": "Process one after another", "execution_order": "Execution order",
	"ignore_execution_order": "Ignore execution order", "delay_seconds": "Delay in seconds", "business_hours": "Business hours",
	"pause_after_failures": "Pause after failures in a row", "shadow": "Shadow mode", "trigger_on_own_changes": "Trigger on Neo's own changes",
}

var pathHead = regexp.MustCompile(`^([a-z_]+)(?:\[(\d+)\])?(?:\.(.*))?$`)

// text says a difference in one sentence.
func (d *differ) text(path string, before, after any) string {
	m := pathHead.FindStringSubmatch(path)
	if m == nil {
		return changed(path, before, after)
	}
	part, index, rest := m[1], m[2], m[3]
	label := settingLabels[part]
	if label == "" {
		label = part
	}
	if index == "" && rest == "" {
		return changed(label, before, after)
	}
	switch part {
	case "actions":
		return d.actionText(index, rest, before, after)
	case "target_changes":
		if rest == "" {
			return changed("Trigger", before, after)
		}
		n, _ := strconv.Atoi(index)
		return changed(fmt.Sprintf("Trigger %d, %s", n+1, rest), before, after)
	}
	if rest != "" {
		label += ", " + inWords(rest)
	}
	return changed(label, before, after)
}

// actionText says what became of an action, by its number among all and its kind.
func (d *differ) actionText(index, rest string, before, after any) string {
	n, _ := strconv.Atoi(index)
	among := d.after.Actions
	if rest == "" && after == nil {
		among = d.before.Actions
	}
	kind := ""
	if n < len(among) {
		kind = " (" + actionLabel(among[n].Type) + ")"
	}
	label := fmt.Sprintf("Action %d%s", n+1, kind)
	switch {
	case rest == "" && before == nil:
		return label + " was added."
	case rest == "" && after == nil:
		return label + " was removed."
	case rest == "":
		return label + " was changed."
	}
	return changed(label+", "+inWords(strings.TrimPrefix(rest, "config.")), before, after)
}

func actionLabel(t neo.ActionType) string {
	if label, ok := actionLabels[t]; ok {
		return label
	}
	return string(t)
}

var pathIndex = regexp.MustCompile(`\[(\d+)\]`)

// inWords reads a path for people: "rules[0].value" is "rule 1, value".
func inWords(path string) string {
	path = pathIndex.ReplaceAllStringFunc(path, func(index string) string {
		n, _ := strconv.Atoi(index[1 : len(index)-1])
		return fmt.Sprintf(" %d", n+1)
	})
	return strings.ReplaceAll(strings.ReplaceAll(path, "rules ", "rule "), ".", ", ")
}

// changed says that something was added, removed, or changed.
func changed(what string, before, after any) string {
	_, wasSwitch := before.(bool)
	_, isSwitch := after.(bool)
	switch {
	case before == nil && isSwitch: // off is not written down
		before = false
	case after == nil && wasSwitch:
		after = false
	}
	switch {
	case before == nil:
		return fmt.Sprintf("%s: %s was added.", what, shownJSON(after))
	case after == nil:
		return fmt.Sprintf("%s: %s was removed.", what, shownJSON(before))
	}
	return fmt.Sprintf("%s: %s → %s.", what, shownJSON(before), shownJSON(after))
}

// mostShown bounds the characters of a value in a sentence.
const mostShown = 80

// shownJSON shows a value of a definition: texts in quotes, rules and changes in
// words, and whatever else as JSON.
func shownJSON(v any) string {
	switch v := v.(type) {
	case string:
		return quoted(short(v))
	case bool:
		if v {
			return "on"
		}
		return "off"
	case map[string]any:
		if field, ok := v["field"].(string); ok {
			return short(strings.TrimSpace(fmt.Sprintf("%s %v %s", field, v["operator"], text(v["value"]))))
		}
		if change, ok := v["change_type"].(string); ok {
			return short(strings.TrimSpace(change + " " + text(v["target_field"])))
		}
	}
	all, err := json.Marshal(v)
	if err != nil {
		return "?"
	}
	return short(string(all))
}

func text(v any) string {
	s, _ := v.(string)
	return s
}

func short(s string) string {
	if utf8.RuneCountInString(s) <= mostShown {
		return s
	}
	return string([]rune(s)[:mostShown-1]) + "…"
}
