package flow

import (
	"context"
	"encoding/json"
	"strings"

	"github.com/neoagent/neo"
)

// addNote adds an internal note. {"text": "…"}
type addNote struct {
	Text string `json:"text"`
}

// maxNote is half of what a journal entry of ServiceNow can hold (facts: value(8000)).
const maxNote = 4_000

func parseAddNote(config json.RawMessage) (Action, error) {
	var a addNote
	if err := settings(config, &a); err != nil {
		return nil, err
	}
	if strings.TrimSpace(a.Text) == "" {
		return nil, neo.Errorf(neo.CodeInvalid, "config.text is empty: say what the note should say.")
	}
	if len(a.Text) > maxNote {
		return nil, neo.Errorf(neo.CodeInvalid, "config.text has %d bytes; a note may have %d.", len(a.Text), maxNote)
	}
	return a, nil
}

func (a addNote) Plan(context.Context, Input) (neo.Plan, error) {
	return neo.Plan{Write: neo.Write{WorkNote: a.Text}}, nil
}
