// Package workflowfile is workflows as files: YAML that people write, review and
// keep in their own repository, with cases that say what a workflow has to do.
//
// One description of the format (shape.go, actions.go) serves the reader, the
// writer and the published JSON Schema.
package workflowfile

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/neoagent/neo"
)

// Workflow is one workflow as it stands in a file.
type Workflow struct {
	// ID is that of the workflow on a server; "" means the one of the same name.
	ID string
	// Enabled says whether it is switched on; nil leaves that as it is on the server.
	Enabled    *bool
	Definition neo.Definition
	Instance   *Instance // what all cases have in common; may be nil
	Cases      []Case

	File string // where it was read
	Line int    // of its first key
	at   places
}

// Mistake is something wrong in a file.
type Mistake struct {
	File    string
	Line    int // 1-based; 0 when it is about the whole file
	Message string
	// Futile: the workflow is understood; what is wrong is a comparison that can never
	// hold. A server does not take it; its cases can be tried.
	Futile bool
}

func (m Mistake) String() string {
	if m.Line == 0 {
		return m.File + ": " + m.Message
	}
	return fmt.Sprintf("%s:%d: %s", m.File, m.Line, m.Message)
}

// places are the lines of what stands in a document, by path.
type places map[string]int

// line returns the line of a path, or of the nearest thing around it.
func (p places) line(path string) int {
	for path != "" {
		if line, ok := p[path]; ok {
			return line
		}
		path = path[:max(strings.LastIndexByte(path, '.'), strings.LastIndexByte(path, '['), 0)]
	}
	return p[""]
}

// mistake returns what is wrong at a path of the workflow.
func (w *Workflow) mistake(path, format string, args ...any) Mistake {
	message := fmt.Sprintf(format, args...)
	if path != "" {
		message = path + ": " + message
	}
	return Mistake{File: w.File, Line: w.at.line(path), Message: message}
}

// sortMistakes brings mistakes into the order of the file, as people read them.
func sortMistakes(mistakes []Mistake) []Mistake {
	slices.SortStableFunc(mistakes, func(a, b Mistake) int { return cmp.Compare(a.Line, b.Line) })
	return mistakes
}
