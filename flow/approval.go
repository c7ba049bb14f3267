package flow

import (
	"context"
	"fmt"
	"net/mail"
	"strings"
	"time"

	"github.com/neoagent/neo"
	"github.com/neoagent/neo/liquid"
)

// askApproval asks technicians, and waits for the answer.
// {"text": "…", "approvers": ["ana@example.com"], "deadline_minutes": 240, "on_deadline": "REJECT", "on_reject": "STOP"}
type askApproval struct {
	text       *liquid.Template
	approvers  []string
	deadline   time.Duration // 0: never
	onDeadline neo.OnDeadline
	onReject   neo.OnReject
}

const (
	maxApprovers = 50
	maxWait      = 366 * 24 * 60 // minutes
	maxQuestion  = 4_000
)

func parseAskApproval(s *setup) Action {
	var c struct {
		Text            string         `json:"text"`
		Approvers       []string       `json:"approvers"`
		DeadlineMinutes *int           `json:"deadline_minutes"`
		OnDeadline      neo.OnDeadline `json:"on_deadline"`
		OnReject        neo.OnReject   `json:"on_reject"`
	}
	if !s.read(&c) {
		return nil
	}
	a := askApproval{text: s.needText("text", c.Text, "say what the technician should decide"), approvers: c.Approvers}
	if len(c.Approvers) > maxApprovers {
		s.wrong("approvers", "There are %d; %d are allowed. Leave the list empty to ask everybody.", len(c.Approvers), maxApprovers)
	}
	for i, address := range c.Approvers {
		s.needsNamed(fmt.Sprintf("approvers[%d]", i), need{what: needApprover, name: address})
		if parsed, err := mail.ParseAddress(address); err != nil || parsed.Address != address {
			s.wrong(fmt.Sprintf("approvers[%d]", i), "%.80q is not an e-mail address: name people by the one with which they sign in to Neo.", address)
		}
	}
	a.onReject = choiceOf(s, "on_reject", c.OnReject, neo.RejectStops, neo.RejectContinues)
	a.onDeadline = choiceOf(s, "on_deadline", c.OnDeadline, neo.ExpireRejects, neo.ExpireApproves, neo.ExpireFails)
	switch {
	case c.DeadlineMinutes != nil:
		s.minutes("deadline_minutes", *c.DeadlineMinutes, maxWait)
		a.deadline = time.Duration(*c.DeadlineMinutes) * time.Minute
	case c.OnDeadline != "":
		s.wrong("on_deadline", "There is no deadline: set deadline_minutes, or leave this out.")
	}
	return a
}

func (a askApproval) Plan(ctx context.Context, in Input) (neo.Plan, error) {
	text, err := in.fill(ctx, a.text)
	if err != nil {
		return neo.Plan{}, err
	}
	if text = strings.TrimSpace(text); text == "" {
		return neo.Plan{}, neo.Errorf(neo.CodeInvalid, "The question to the technicians came out empty. Give it a text that does not depend on the ticket alone.")
	}
	q := &neo.Question{Text: cutTo(text, maxQuestion), Approvers: a.approvers, OnReject: a.onReject}
	if a.deadline > 0 {
		q.Deadline, q.OnDeadline = in.Now.Add(a.deadline), a.onDeadline
	}
	return neo.Plan{Ask: q}, nil
}
