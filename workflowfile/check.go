package workflowfile

import "github.com/neoagent/neo/flow"

// check returns what is wrong with the workflow beyond its shape.
func (w *Workflow) check() (mistakes []Mistake) {
	for _, m := range flow.Check(w.Definition) {
		mistakes = append(mistakes, w.mistake(m.Path, "%s", m.Message))
	}
	return append(mistakes, w.checkCases()...)
}
