package flow

import (
	"context"
	"strings"

	"github.com/neoagent/neo"
	"github.com/neoagent/neo/liquid"
)

// addNote adds an internal or a client-facing note. {"text": "…"}
type addNote struct {
	text       *liquid.Template
	clientNote bool
}

// maxNote leaves room for Neo's signature: a journal entry of ServiceNow holds 8,000
// (facts: value(8000)). A longer text is cut.
const maxNote = 7_600

func parseWorkNote(s *setup) Action   { return parseNote(s, false) }
func parseClientNote(s *setup) Action { return parseNote(s, true) }

func parseNote(s *setup, clientNote bool) Action {
	var c struct {
		Text string `json:"text"`
	}
	if !s.read(&c) {
		return nil
	}
	if clientNote {
		s.needsToWrite(neo.GroupClientNotes)
	} else {
		s.needsToWrite(neo.GroupWorkNotes)
	}
	return addNote{s.needText("text", c.Text, "say what the note should say"), clientNote}
}

func (a addNote) Plan(ctx context.Context, in Input) (neo.Plan, error) {
	text, err := in.note(ctx, a.text)
	if err != nil {
		return neo.Plan{}, err
	}
	if text = strings.TrimSpace(text); text == "" {
		return neo.Plan{Reason: "the text of the note came out empty"}, nil
	}
	if a.clientNote {
		return neo.Plan{Write: neo.Write{ClientNote: cutTo(text, maxNote)}}, nil
	}
	return neo.Plan{Write: neo.Write{WorkNote: cutTo(text, maxNote)}}, nil
}
