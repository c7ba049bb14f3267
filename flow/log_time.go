package flow

import (
	"context"
	"strings"

	"github.com/neoagent/neo"
	"github.com/neoagent/neo/liquid"
)

// logTime records time worked on the ticket. {"minutes": 15, "text": "…"}
type logTime struct {
	minutes int
	text    *liquid.Template
}

// maxTimeEntry is one day of work, in minutes.
const maxTimeEntry = 24 * 60

func parseLogTime(s *setup) Action {
	var c struct {
		Minutes int    `json:"minutes"`
		Text    string `json:"text"`
	}
	if !s.read(&c) {
		return nil
	}
	s.needsToWrite(neo.GroupTimeEntries)
	s.minutes("minutes", c.Minutes, maxTimeEntry)
	return logTime{c.Minutes, s.text("text", c.Text)}
}

func (a logTime) Plan(ctx context.Context, in Input) (neo.Plan, error) {
	text, err := in.note(ctx, a.text)
	if err != nil {
		return neo.Plan{}, err
	}
	return neo.Plan{Write: neo.Write{TimeEntry: &neo.TimeEntry{Minutes: a.minutes, Text: cutTo(strings.TrimSpace(text), maxNote)}}}, nil
}
