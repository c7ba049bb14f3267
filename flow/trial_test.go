package flow_test

import (
	"context"

	"github.com/neoagent/neo"
	"github.com/neoagent/neo/flow"
)

// trialSystem is the system in memory with what only trying asks for.
type trialSystem struct{ *system }

func (trialSystem) Choices(_ context.Context, _ neo.TicketClass, field, _ string, _ int) ([]neo.Choice, error) {
	if field == "urgency" {
		return []neo.Choice{{Value: "1", Label: "1 - High"}, {Value: "3", Label: "3 - Low"}}, nil
	}
	return nil, nil
}

func knownSystem(s *system) flow.TicketSystems {
	return func(context.Context, string) (flow.TicketSystem, error) { return trialSystem{s}, nil }
}
