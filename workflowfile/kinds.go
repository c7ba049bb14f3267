package workflowfile

import "github.com/neoagent/neo"

// kindsOf works out which kinds of changes an event is, as the connector does.
func kindsOf(*neo.Event) []neo.ChangeType { return nil }
