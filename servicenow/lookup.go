package servicenow

import (
	"cmp"
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/neoagent/neo"
	"github.com/neoagent/neo/spelling"
)

// lookup is a kind of thing that people name in workflows: what people call it, the
// table, and the fields by which one is named, the most exact first.
type lookup struct {
	called string
	table  string
	by     []string
}

var lookups = map[string]lookup{
	"group":   {"group", "sys_user_group", []string{"sys_id", "name"}},
	"user":    {"user", "sys_user", []string{"sys_id", "user_name", "email", "name"}},
	"company": {"company", "core_company", []string{"sys_id", "name"}},
	"ci":      {"configuration item", "cmdb_ci", []string{"sys_id", "name"}},
}

// Lookup resolves the name or sys_id of a "group", "user" (also by user name or e-mail
// address), "company" or "ci" to its id and the name shown for it. Case does not matter. What is not active is not found. neo.CodeNotFound and
// neo.CodeInvalid (several have that name) say so in a sentence.
func (s *Tickets) Lookup(ctx context.Context, kind, name string) (neo.Value, error) {
	l, ok := lookups[kind]
	if !ok {
		return neo.Value{}, fmt.Errorf("servicenow: lookup of a %q", kind)
	}
	name = spelling.Readable(spelling.Trim(name))
	if name == "" {
		return neo.Value{}, neo.Errorf(neo.CodeInvalid, "The name of the %s is missing.", l.called)
	}
	var terms []string
	for _, field := range l.by {
		t, err := term(field, opIs, name)
		if err != nil {
			return neo.Value{}, err
		}
		terms = append(terms, t)
	}
	v, inactive, err := s.named(ctx, l, name, strings.Join(terms, "^OR"))
	if found := v.Value != ""; found || err != nil {
		return v, err
	}
	if like := likeName(name); !inactive && like != "" { // the instance has it in another spelling
		if v, inactive, err = s.named(ctx, l, name, like); v.Value != "" || err != nil {
			return v, err
		}
	}
	if inactive {
		return neo.Value{}, neo.Errorf(neo.CodeNotFound, "The %s %q is not active in ServiceNow. Choose another in the workflow.", l.called, oneLine(name, 80))
	}
	if sysID.MatchString(name) {
		return neo.Value{}, neo.Errorf(neo.CodeNotFound, "The %s with the id %s was deleted in ServiceNow, or Neo's account may not see it. Choose another in the workflow.", l.called, name)
	}
	return neo.Value{}, neo.Errorf(neo.CodeNotFound, "ServiceNow has no %s %q, or Neo's account may not see it. Check the spelling in the workflow.", l.called, oneLine(name, 80))
}

// named looks among the records that a query finds for the one with that name, however
// it is spelt; inactive: there is one, but it is not active.
func (s *Tickets) named(ctx context.Context, l lookup, name, query string) (v neo.Value, inactive bool, err error) {
	page, err := s.client.All(ctx, l.table, ListOptions{
		Query:  query,
		Fields: append([]string{"name", "active"}, l.by...),
		Limit:  rowsPage,
	})
	if err != nil {
		return neo.Value{}, false, err
	}
	for _, field := range l.by {
		found := map[string]neo.Value{}
		for _, r := range page.Records {
			if !spelling.Same(r[field].Value, name) || !recordID(r["sys_id"].Value) {
				continue
			}
			if r["active"].Value == "false" {
				inactive = true
				continue
			}
			found[r["sys_id"].Value] = neo.Value{Value: r["sys_id"].Value, Display: r["name"].Value}
		}
		if len(found) > 1 {
			return neo.Value{}, false, neo.Errorf(neo.CodeInvalid, "%d %ss in ServiceNow have the %s %q. Name the one you mean by its sys_id.",
				len(found), l.called, strings.ReplaceAll(field, "_", " "), oneLine(name, 80))
		}
		for _, v := range found {
			return v, false, nil
		}
	}
	return neo.Value{}, inactive, nil
}

// likeName returns a query for names that have the longest pieces of plain letters of
// another one: a database may tell apart what people do not, such as blanks and
// composed letters. "" when there is no such piece, or name is an id.
func likeName(name string) string {
	if sysID.MatchString(name) {
		return ""
	}
	pieces := strings.FieldsFunc(name, func(r rune) bool { return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') })
	slices.SortStableFunc(pieces, func(a, b string) int { return cmp.Compare(len(b), len(a)) })
	var terms []string
	for _, p := range pieces[:min(len(pieces), 3)] {
		if len(p) > 2 {
			terms = append(terms, "name"+opContains+p)
		}
	}
	return strings.Join(terms, "^")
}

// sysID is what a name that a person gave a thing never looks like.
var sysID = regexp.MustCompile(`^[0-9a-fA-F]{32}$`)
