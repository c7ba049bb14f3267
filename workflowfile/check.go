package workflowfile

import "github.com/neoagent/neo/flow"

// check returns what is wrong with the workflow beyond its shape.
func (w *Workflow) check() (mistakes []Mistake) {
	all := w.Instance.over(nil)
	for _, m := range flow.Check(w.Definition, all.context()) {
		one := w.mistake(m.Path, "%s", m.Message)
		one.Futile = m.Futile
		mistakes = append(mistakes, one)
	}
	return append(mistakes, w.checkCases()...)
}
