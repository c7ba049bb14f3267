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

// Shifts names the comparisons that say something else than they did in versions of Neo
// that compared by the alphabet and letter by letter.
func (w *Workflow) Shifts() []Mistake {
	all := w.Instance.over(nil)
	var shifts []Mistake
	for _, s := range flow.Shifts(w.Definition, 0, all.context()) {
		shifts = append(shifts, Mistake{File: w.File, Line: w.at.line(s.Path), Message: s.Sentence(), Futile: s.Futile})
	}
	return sortMistakes(shifts)
}
