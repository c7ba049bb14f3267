package flow

import (
	"context"
	"fmt"

	"github.com/neoagent/neo"
	"github.com/neoagent/neo/liquid"
)

// continueIf ends the run unless the conditions hold for the ticket as it is now, and
// for what earlier steps found. {"conditions": {…}, "message": "…"}
type continueIf struct {
	conditions condition
	message    *liquid.Template
}

const maxMessage = 500

func parseContinueIf(s *setup) Action {
	var c struct {
		Conditions *neo.Rule `json:"conditions"`
		Message    string    `json:"message"`
	}
	if !s.read(&c) {
		return nil
	}
	a := continueIf{message: s.text("message", c.Message)}
	if c.Conditions == nil {
		s.wrong("conditions", "There are none: say when the run goes on.")
		return nil
	}
	a.conditions = s.condition("conditions", *c.Conditions, true)
	return a
}

func (a continueIf) Plan(ctx context.Context, in Input) (neo.Plan, error) {
	holds, err := a.conditions.holds(in)
	if err != nil {
		return neo.Plan{}, err
	}
	if holds {
		return neo.Plan{Reason: "the conditions hold"}, nil
	}
	message, err := in.fill(ctx, a.message)
	if err != nil {
		return neo.Plan{}, err
	}
	if message = cutTo(oneLine(message), maxMessage); message == "" {
		message = fmt.Sprintf("The conditions of step %d do not hold.", in.Position+1)
	}
	return neo.Plan{Stop: message}, nil
}
