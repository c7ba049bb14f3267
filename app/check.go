package app

import (
	"regexp"

	"github.com/neoagent/neo"
	"github.com/neoagent/neo/flow"
)

var mistakeAt = regexp.MustCompile(`^([a-z_]+(?:\[\d+\])?(?:\.[a-z_]+(?:\[\d+\])?)*):? `)

// checkDefinition returns what is wrong with a definition.
func checkDefinition(d neo.Definition) []neo.Mistake {
	err := flow.Validate(d)
	if err == nil {
		return nil
	}
	m := neo.Mistake{Message: neo.MessageOf(err)}
	if at := mistakeAt.FindStringSubmatch(m.Message); at != nil {
		m.Path = at[1]
	}
	return []neo.Mistake{m}
}
