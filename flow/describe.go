package flow

import "github.com/neoagent/neo"

// Describe is replaced by h-actions.
func Describe(plan neo.Plan, before neo.Ticket) string { return "" }
