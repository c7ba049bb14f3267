package servicenow

import (
	"strings"

	"github.com/neoagent/neo"
)

// Operators of encoded queries that Neo uses.
const (
	opIs       = "="
	opContains = "LIKE"
)

// term returns one term of an encoded query. The parts of a query are joined by
// "^", "^OR" and "^NQ", and a value that begins with "javascript:" is run; how a
// literal "^" is escaped is documented nowhere that we found. So values that could
// become more than a value are refused, rather than escaped by guess.
//
// An instance drops a term whose field it does not know, and then answers with
// every record. Callers check the records that they get.
func term(field, op, value string) (string, error) {
	if !fieldName(field) {
		return "", neo.Errorf(neo.CodeInvalid, "%q is not the name of a ServiceNow field.", oneLine(field, 80))
	}
	if strings.ContainsFunc(value, func(r rune) bool { return r == '^' || r < 0x20 || r == 0x7f }) ||
		strings.Contains(strings.ToLower(value), "javascript:") {
		return "", neo.Errorf(neo.CodeInvalid, "ServiceNow cannot be asked for %q: remove ^, line breaks and “javascript:” from it.", oneLine(value, 80))
	}
	return field + op + value, nil
}

// fieldName reports whether s can be the name of a field or a table: lower case,
// digits, "_" and, for a field of a referenced record, ".".
func fieldName(s string) bool {
	if s == "" || len(s) > 160 || s[0] == '.' || s[len(s)-1] == '.' {
		return false
	}
	for i := range len(s) {
		if c := s[i]; (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '_' && c != '.' {
			return false
		}
	}
	return true
}

// madeID reports whether s is a sys_id as an instance makes them, and so nobody's name.
func madeID(s string) bool {
	return len(s) == 32 && !strings.ContainsFunc(s, func(r rune) bool { return (r < '0' || r > '9') && (r < 'a' || r > 'f') })
}

// recordID reports whether s can be a sys_id. They are 32 hexadecimal digits,
// except for some records that came with the platform or by import.
func recordID(s string) bool {
	if s == "" || len(s) > 64 {
		return false
	}
	for i := range len(s) {
		if c := s[i]; (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9') && c != '_' && c != '-' {
			return false
		}
	}
	return true
}
