package servicenow

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/neoagent/neo"
)

// wellKnown are fields of every instance whose type does not show while they are empty.
var wellKnown = knownFields()

func knownFields() map[string]field {
	known := map[string]field{}
	for name, table := range map[string]string{
		"assigned_to": "sys_user", "opened_by": "sys_user", "closed_by": "sys_user", "resolved_by": "sys_user", "caller_id": "sys_user",
		"requested_for": "sys_user", "requested_by": "sys_user", "reopened_by": "sys_user", "assignment_group": "sys_user_group", "company": "core_company",
		"cmdb_ci": "cmdb_ci", "business_service": "cmdb_ci", "parent": "task", "parent_incident": "incident", "problem_id": "problem",
		"rfc": "change_request", "caused_by": "change_request", "request": "sc_request", "request_item": "sc_req_item", "duplicate_of": "problem",
	} {
		known[name] = field{Field: neo.Field{Type: neo.ReferenceField}, table: table}
	}
	for kind, names := range map[neo.FieldType][]string{
		neo.ChoiceField: {neo.FieldState, "priority", "impact", "urgency", "category", "subcategory", "contact_type", "approval", "close_code", "hold_reason",
			"resolution_code", "stage", "request_state", "type", "risk", "severity", "incident_state", "problem_state", "escalation"},
		neo.TimeField: {"opened_at", "closed_at", "resolved_at", "due_date", "sla_due", "work_start", "work_end", "start_date", "end_date",
			"follow_up", "expected_start", "activity_due", "approval_set", "reopened_time"},
		neo.NumberField:   {"reassignment_count", "reopen_count", "sys_mod_count", "quantity", "order", "child_incidents"},
		neo.DurationField: {"time_worked", "business_duration", "calendar_duration"},
		neo.ListField:     {"watch_list", "work_notes_list", "additional_assignee_list", "group_list"},
		neo.JournalField:  journals,
	} {
		for _, name := range names {
			known[name] = field{Field: neo.Field{Type: kind}}
		}
	}
	return known
}

// sampleSize is how many of the newest tickets are looked at for what fields there are.
const sampleSize = 20

// fieldsOfSample learns the fields of a class from its newest tickets. Without any
// ticket that the account may read there is nothing to learn: neo.CodeRefused.
func (s *Tickets) fieldsOfSample(ctx context.Context, class neo.TicketClass) (map[string]field, error) {
	k := call{method: http.MethodGet, path: tablePath + string(class), query: readQuery(nil, true)}
	k.query.Set("sysparm_exclude_reference_link", "false") // the link names the table
	k.query.Set("sysparm_query", "ORDERBYDESCsys_updated_on^ORDERBYsys_id")
	k.query.Set("sysparm_limit", strconv.Itoa(sampleSize))
	k.query.Set("sysparm_no_count", "true")
	result, _, err := s.client.do(ctx, k)
	if err != nil {
		return nil, err
	}
	var tickets []map[string]struct {
		Value   json.RawMessage `json:"value"`
		Display json.RawMessage `json:"display_value"`
		Link    string          `json:"link"`
	}
	if err := json.Unmarshal(result, &tickets); err != nil {
		return nil, unavailable(s.client.instanceURL, fmt.Errorf("%s %s: %w", k.method, k.path, err))
	}
	byName := map[string]field{}
	for _, t := range tickets {
		for name, v := range t {
			if !fieldName(name) || strings.Contains(name, ".") {
				continue
			}
			f, seen := byName[name]
			if !seen {
				f = wellKnown[name]
				f.Name, f.Label = name, labelOf(name)
			}
			value, shown := scalar(v.Value), scalar(v.Display)
			if table := tableOf(v.Link); table != "" && f.Type != neo.TextField {
				f.Type, f.table = neo.ReferenceField, cmp.Or(f.table, table)
			} else if f.Type == "" && value != "" {
				f.Type = typeOf(value, shown)
			}
			if c := (neo.Choice{Value: value, Label: cmp.Or(shown, value)}); f.Type == neo.ChoiceField && value != "" && !slices.Contains(f.seen, c) {
				f.seen = append(slices.Clip(f.seen), c)
			}
			byName[name] = f
		}
	}
	if len(byName) == 0 {
		return nil, neo.Errorf(neo.CodeRefused, "Neo's account may read neither the dictionary (sys_dictionary) nor a ticket of the class %s, so Neo does not know its fields. "+
			"Give it the role itil, or create a first ticket of this class. No reconnect is needed.", class)
	}
	for name, f := range byName {
		f.Type = cmp.Or(f.Type, neo.TextField)
		byName[name] = f
	}
	return byName, nil
}

// typeOf guesses the type of a field from one value of it.
func typeOf(value, shown string) neo.FieldType {
	at, notTime := time.Parse(timeLayout, value)
	_, notDate := time.Parse(time.DateOnly, value)
	_, notNumber := strconv.ParseFloat(value, 64)
	currency, amount, isAmount := strings.Cut(value, ";")
	_, notAmount := strconv.ParseFloat(amount, 64)
	switch {
	case value == "true" || value == "false":
		return neo.BooleanField
	case notTime == nil && at.Year() <= 1971: // no ticket is that old
		return neo.DurationField
	case notTime == nil:
		return neo.TimeField
	case notDate == nil:
		return neo.DateField
	case isAmount && len(currency) == 3 && notAmount == nil:
		return neo.CurrencyField
	case notNumber == nil && shown != "" && shown != value && digits(shown) == digits(value):
		return neo.NumberField // "1,234"
	case shown != "" && shown != value:
		return neo.ChoiceField
	}
	return neo.TextField
}

// digits returns those of a number as it is shown; "" when there are other words in it.
func digits(s string) string {
	if strings.ContainsFunc(s, unicode.IsLetter) {
		return ""
	}
	return strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, s)
}

// tableOf returns the table that a link to a record names.
func tableOf(link string) string {
	_, rest, ok := strings.Cut(link, "/table/")
	table, _, more := strings.Cut(rest, "/")
	if !ok || !more || !fieldName(table) {
		return ""
	}
	return table
}
