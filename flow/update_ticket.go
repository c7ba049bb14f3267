package flow

import (
	"context"
	"encoding/json"
	"strings"

	"github.com/neoagent/neo"
)

// updateTicket sets fields to values. {"fields": {"urgency": "1"}}
type updateTicket struct {
	Fields map[string]string `json:"fields"`
}

// journals are fields that append a note each time they are written.
var journals = map[string]bool{"work_notes": true, "comments": true, "comments_and_work_notes": true}

func parseUpdateTicket(config json.RawMessage) (Action, error) {
	var a updateTicket
	if err := settings(config, &a); err != nil {
		return nil, err
	}
	if len(a.Fields) == 0 {
		return nil, neo.Errorf(neo.CodeInvalid, `config.fields is empty: name at least one field, as in {"fields": {"urgency": "1"}}.`)
	}
	for name := range a.Fields {
		if err := fieldName(name); err != nil {
			return nil, neo.Errorf(neo.CodeInvalid, "config.fields: %s.", err)
		}
		if journals[name] {
			return nil, neo.Errorf(neo.CodeInvalid, "config.fields: %s is a journal; use the action %s.", name, neo.ActionAddWorkNote)
		}
		if strings.HasPrefix(name, "sys_") {
			return nil, neo.Errorf(neo.CodeInvalid, "config.fields: %s belongs to the ticket system and cannot be set.", name)
		}
	}
	return a, nil
}

func (a updateTicket) Plan(context.Context, Input) (neo.Plan, error) {
	fields := make(map[string]string, len(a.Fields))
	for name, value := range a.Fields {
		fields[name] = value
	}
	return neo.Plan{Write: neo.Write{Fields: fields}}, nil
}
