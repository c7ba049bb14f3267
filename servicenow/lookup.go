package servicenow

import (
	"context"
	"fmt"
	"regexp"
	"strings"

	"github.com/neoagent/neo"
)

// lookups are the kinds of things that people name in workflows: what people call
// them, the table, and the fields by which one is named, the most exact first.
var lookups = map[string]struct {
	called string
	table  string
	by     []string
}{
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
	name = strings.TrimSpace(name)
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
	page, err := s.client.All(ctx, l.table, ListOptions{
		Query:  strings.Join(terms, "^OR"),
		Fields: append([]string{"name", "active"}, l.by...),
		Limit:  rowsPage,
	})
	if err != nil {
		return neo.Value{}, err
	}

	inactive := false
	for _, field := range l.by {
		found := map[string]neo.Value{}
		for _, r := range page.Records {
			if !strings.EqualFold(r[field].Value, name) || !recordID(r["sys_id"].Value) {
				continue
			}
			if r["active"].Value == "false" {
				inactive = true
				continue
			}
			found[r["sys_id"].Value] = neo.Value{Value: r["sys_id"].Value, Display: r["name"].Value}
		}
		if len(found) > 1 {
			return neo.Value{}, neo.Errorf(neo.CodeInvalid, "%d %ss in ServiceNow have the %s %q. Name the one you mean by its sys_id.",
				len(found), l.called, strings.ReplaceAll(field, "_", " "), oneLine(name, 80))
		}
		for _, v := range found {
			return v, nil
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

// sysID is what a name that a person gave a thing never looks like.
var sysID = regexp.MustCompile(`^[0-9a-fA-F]{32}$`)
