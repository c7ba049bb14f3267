package servicenow

import (
	"maps"
	"net/http"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// remedies say what to do about a 403, by a part of what the instance said. One
// status stands for access rules, data policies and business rules alike; the
// first match counts.
var remedies = []struct{ said, remedy string }{
	{"mandatory", "Fill in these fields in the same step of the workflow.{sent}"},
	{"data policy", "Fill in what the policy requires in the same step of the workflow.{sent}"},
	{"aborted by business rule", "A Business Rule of your instance stopped the change; ask an administrator what it requires."},
	{"missing required api access scope", "Give the OAuth application the scope useraccount, or the Table API's, then click Reconnect."},
	{"api level acl", "Give Neo's account the role that this REST API requires ({api}). No reconnect is needed."},
	{"permission to be read", "Give Neo's account a role that may read these fields ({read})."},
	{"denied due to table security", "Allow this operation in the table's application access, or ask an administrator to."},
	{"acl exception", "Give Neo's account a role that may write this record ({write}). No reconnect is needed."},
	{"unique key", "A record with the same key exists already."},
}

// roles are the roles, beside itil, that may read and write the tickets of a class.
var roles = map[string]string{"incident": "sn_incident", "problem": "sn_problem", "change_request": "sn_change",
	"sc_request": "sn_request", "sc_req_item": "sn_request", "sc_task": "sn_request"}

// adminTables are tables that only administrators may use.
var adminTables = []string{"sys_choice", "sys_dictionary", "sys_properties", "sys_script"}

// remedyFor says what to do about the refusal of a call. What is in braces becomes what
// that call needs or has sent.
func remedyFor(said *instanceError, k call) string {
	text, remedy := strings.ToLower(said.text()), "Check the roles of Neo's account in ServiceNow ({read})."
	if k.method != "" && k.method != http.MethodGet {
		remedy = "Check the roles of Neo's account in ServiceNow ({write})."
	}
	for _, r := range remedies {
		if strings.Contains(text, r.said) {
			remedy = r.remedy
			break
		}
	}
	_, rest, _ := strings.Cut(k.path, tablePath)
	table, _, _ := strings.Cut(rest, "/")
	read, write := "itil for tickets", "itil for tickets"
	if class := roles[table]; class != "" {
		read, write = "itil, or "+class+"_read", "itil, or "+class+"_write"
	} else if slices.Contains(adminTables, table) {
		read, write = "admin", "admin"
	} else if table == timeTable {
		read, write = "itil", "itil"
	}
	api := write
	switch {
	case strings.HasPrefix(k.path, emailPath):
		api = "email_api_send"
	case k.method == "" || k.method == http.MethodGet:
		api = read
	}
	return strings.NewReplacer("{read}", read, "{write}", write, "{api}", api, "{sent}", sentValues(k)).Replace(remedy)
}

// sentValues says what a write has filled in already: to ServiceNow, a value that a field
// does not offer is an empty field. Long texts are no such values.
func sentValues(k call) string {
	values, _ := k.body.(map[string]string)
	var sent []string
	for _, name := range slices.Sorted(maps.Keys(values)) {
		if v := values[name]; v != "" && len(v) <= 60 {
			sent = append(sent, name+" “"+oneLine(v, 60)+"”")
		}
	}
	if len(sent) == 0 {
		return ""
	}
	return " If they are filled in, the instance does not have the value and took the field as empty: use one of the field's own choices. This step sent " +
		strings.Join(sent, ", ") + "."
}

// oneLine makes foreign text fit for a message or a log line: printable, in one
// line, at most limit bytes.
func oneLine(s string, limit int) string {
	if len(s) > limit {
		cut := limit
		for cut > 0 && !utf8.RuneStart(s[cut]) {
			cut--
		}
		s = s[:cut] + "…"
	}
	s = strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(s, "\uFFFD"))
	return strings.TrimRight(strings.TrimSpace(s), ".")
}
