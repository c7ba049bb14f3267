package flow

import (
	"context"
	"encoding/json"

	"github.com/neoagent/neo"
)

// assign gives the ticket to a group, a technician, or both, by name or id.
// {"group": "Network", "technician": "beth.anglin"}
type assign struct {
	Group      string `json:"group,omitempty"`
	Technician string `json:"technician,omitempty"`
}

func parseAssign(config json.RawMessage) (Action, error) {
	var a assign
	if err := settings(config, &a); err != nil {
		return nil, err
	}
	if a.Group == "" && a.Technician == "" {
		return nil, neo.Errorf(neo.CodeInvalid, "config has neither group nor technician: name at least one of them.")
	}
	return a, nil
}

// Plan resolves the names each time: groups and people are renamed, and a name
// that is gone must be an error and not a wrong assignment.
func (a assign) Plan(ctx context.Context, in Input) (neo.Plan, error) {
	fields := map[string]string{}
	for _, part := range []struct{ kind, name, field string }{
		{"group", a.Group, "assignment_group"},
		{"user", a.Technician, "assigned_to"},
	} {
		if part.name == "" {
			continue
		}
		found, err := in.Tickets.Lookup(ctx, part.kind, part.name)
		if err != nil {
			return neo.Plan{}, err
		}
		fields[part.field] = found.Value
	}
	return neo.Plan{Write: neo.Write{Fields: fields}}, nil
}
