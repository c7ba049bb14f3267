package workflowfile

import (
	"regexp"

	"github.com/neoagent/neo"
	"github.com/neoagent/neo/flow"
)

var errorPath = regexp.MustCompile(`^((?:[a-z_]+(?:\[\d+\])?\.?)+): `)

// check returns what is wrong with the workflow beyond its shape.
func (w *Workflow) check() (mistakes []Mistake) {
	for _, m := range check(w.Definition) {
		mistakes = append(mistakes, w.mistake(m.Path, "%s", m.Message))
	}
	return append(mistakes, w.checkCases()...)
}

// check returns what is wrong with a definition.
func check(d neo.Definition) []neo.Mistake {
	err := flow.Validate(d)
	if err == nil {
		return nil
	}
	m := neo.Mistake{Message: neo.MessageOf(err)}
	if found := errorPath.FindStringSubmatch(m.Message); found != nil {
		m.Path, m.Message = found[1], m.Message[len(found[0]):]
	}
	return []neo.Mistake{m}
}
