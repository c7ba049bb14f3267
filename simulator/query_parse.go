package simulator

import "strings"

// encodedQuery is sysparm_query taken apart: groups OR-ed together, a group's clauses AND-ed, a clause's terms OR-ed.
// "a^ORb^c^NQd" is ((a or b) and c) or d. Order applies to the whole.
type encodedQuery struct {
	groups [][]clause
	order  []orderTerm
}

type clause []term

type term struct{ field, op, value string }

type orderTerm struct {
	field string
	desc  bool
}

// operators, longest first where one begins another.
var operators = []string{
	"LT_OR_EQUALS_FIELD", "GT_OR_EQUALS_FIELD", "ISNOTEMPTY", "STARTSWITH", "CHANGESFROM", "EMPTYSTRING", "RELATIVEGT",
	"RELATIVELT", "RELATIVEGE", "RELATIVELE", "RELATIVEEE", "VALCHANGES", "CHANGESTO", "ENDSWITH", "ANYTHING", "GT_FIELD",
	"LT_FIELD", "NOT LIKE", "NSAMEAS", "ISEMPTY", "BETWEEN", "NOT IN", "SAMEAS", "NOTON", "LIKE", "IN", "ON",
	"!=", "<=", ">=", "!*", "=", "<", ">", "*", "%",
}

// parseQuery never fails: what it cannot read becomes a term without a known field, which compile drops.
func parseQuery(s string) encodedQuery {
	var q encodedQuery
	var group []clause
	for _, part := range splitQuery(s) {
		switch {
		case part == "" || part == "EQ":
			continue
		case strings.HasPrefix(part, "ORDERBYDESC"):
			q.order = append(q.order, orderTerm{part[len("ORDERBYDESC"):], true})
		case strings.HasPrefix(part, "ORDERBY"):
			q.order = append(q.order, orderTerm{part[len("ORDERBY"):], false})
		case strings.HasPrefix(part, "GROUPBY"):
			continue
		case strings.HasPrefix(part, "NQ"):
			q.groups = append(q.groups, group)
			group = []clause{{parseTerm(part[2:])}}
		case strings.HasPrefix(part, "OR") && len(group) > 0:
			last := len(group) - 1
			group[last] = append(group[last], parseTerm(part[2:]))
		default:
			group = append(group, clause{parseTerm(part)})
		}
	}
	q.groups = append(q.groups, group)
	return q
}

// splitQuery cuts at single carets; a doubled caret is taken as a literal one, which no source settles for sure.
func splitQuery(s string) []string {
	var parts []string
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] != '^' {
			b.WriteByte(s[i])
			continue
		}
		if i+1 < len(s) && s[i+1] == '^' {
			b.WriteByte('^')
			i++
			continue
		}
		parts = append(parts, b.String())
		b.Reset()
	}
	return append(parts, b.String())
}

// parseTerm reads field, operator and value. Field names are lower case, operators upper case or signs.
func parseTerm(s string) term {
	n := 0
	for n < len(s) && (s[n] >= 'a' && s[n] <= 'z' || s[n] >= '0' && s[n] <= '9' || s[n] == '_' || s[n] == '.') {
		n++
	}
	for _, op := range operators {
		if strings.HasPrefix(s[n:], op) {
			return term{s[:n], op, s[n+len(op):]}
		}
	}
	return term{field: s}
}
