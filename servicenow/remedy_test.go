package servicenow

import (
	"net/http"
	"strings"
	"testing"
)

// Fault 36: what people are told to do about a refusal is about the call that was refused.
func TestFault36WhatToDoAboutARefusal(t *testing.T) {
	const mandatory, level, acl = "Data Policy Exception: The following fields are mandatory: Resolution code", "Failed API level ACL Validation", "ACL Exception Update Failed"
	incident := tablePath + "incident/abc"
	for _, c := range []struct {
		name, said string
		k          call
		says       []string
		not        string
	}{
		{"a close code that the instance does not have", mandatory, call{method: http.MethodPatch, path: incident, body: map[string]string{"close_code": "Nope", "close_notes": strings.Repeat("long ", 40), "state": "6"}},
			[]string{"Fill in these fields", "does not have the value", "close_code “Nope”, state “6”"}, "long"},
		{"a field that was left out", mandatory, call{method: http.MethodPatch, path: incident, body: map[string]string{"close_code": ""}}, []string{"Fill in these fields"}, "does not have the value"},
		{"reading a ticket", level, call{method: http.MethodGet, path: incident}, []string{"itil, or sn_incident_read"}, "email"},
		{"writing a ticket", level, call{method: http.MethodPatch, path: incident}, []string{"itil, or sn_incident_write"}, "email"},
		{"sending an e-mail", level, call{method: http.MethodPost, path: emailPath}, []string{"email_api_send"}, "itil"},
		{"reading what administrators read", level, call{method: http.MethodGet, path: tablePath + "sys_choice"}, []string{"admin"}, "email"},
		{"a refusal of a write without a known word", "Nope", call{method: http.MethodPost, path: tablePath + "problem"}, []string{"sn_problem_write"}, "_read"},
		{"a refusal of a read without a known word", "Nope", call{method: http.MethodGet, path: tablePath + "problem"}, []string{"sn_problem_read"}, "_write"},
		{"a write that an access rule forbids", acl, call{method: http.MethodPatch, path: incident}, []string{"sn_incident_write"}, "_read"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := remedyFor(&instanceError{Message: c.said}, c.k)
			for _, want := range c.says {
				if !strings.Contains(got, want) {
					t.Errorf("%q does not say %q", got, want)
				}
			}
			if c.not != "" && strings.Contains(got, c.not) || strings.Contains(got, "{") {
				t.Errorf("%q", got)
			}
		})
	}
}
