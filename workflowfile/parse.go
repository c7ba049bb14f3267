package workflowfile

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
)

// Bounds of what is read, so that a broken or hostile file costs little.
const (
	maxFile  = 1 << 20
	maxFiles = 10_000
	maxNodes = 200_000 // of a file, with aliases followed
	maxDepth = 64
	// maxMistakes of a file are reported; who corrects them sees the rest.
	maxMistakes = 50
)

// Parse reads the text of a file: one workflow, or several in documents that are
// separated by "---", and checks them. Those that are understood are returned.
func Parse(file string, data []byte) ([]*Workflow, []Mistake) {
	all, mistakes := parse(file, data)
	var right []*Workflow
	for _, w := range all {
		wrong := w.check()
		mistakes = append(mistakes, wrong...)
		if !slices.ContainsFunc(wrong, func(m Mistake) bool { return !m.Futile }) {
			right = append(right, w)
		}
	}
	return right, sortMistakes(mistakes)
}

// parse reads the text of a file and checks no more than its shape.
func parse(file string, data []byte) ([]*Workflow, []Mistake) {
	if len(data) > maxFile {
		return nil, []Mistake{{File: file, Message: "The file is larger than 1 MB. Split it: one workflow a file is easiest to read."}}
	}
	if !utf8.Valid(data) {
		return nil, []Mistake{{File: file, Message: "The file is not UTF-8 text. Save it as UTF-8."}}
	}
	var all []*Workflow
	var mistakes []Mistake
	left := maxNodes
	for decoder := yaml.NewDecoder(bytes.NewReader(data)); len(mistakes) < maxMistakes; {
		var node yaml.Node
		err := decoder.Decode(&node)
		if err == io.EOF { //nolint:errorlint // it is never wrapped
			break
		}
		if err != nil {
			mistakes = append(mistakes, notYAML(file, data, err))
			break
		}
		if empty(&node) {
			continue
		}
		w, wrong := read(file, &node, &left)
		if len(wrong) > 0 {
			mistakes = append(mistakes, wrong...)
			continue
		}
		all = append(all, w)
	}
	if len(all) == 0 && len(mistakes) == 0 {
		mistakes = append(mistakes, Mistake{File: file, Message: "There is no workflow in this file."})
	}
	return all, mistakes
}

// empty reports whether nothing but comments is in a document.
func empty(n *yaml.Node) bool {
	return n.Kind == 0 || n.Kind == yaml.DocumentNode && (len(n.Content) == 0 || n.Content[0].Tag == "!!null" && n.Content[0].Value == "")
}

var (
	yamlLine      = regexp.MustCompile(`^line (\d+): `)
	unknownAnchor = regexp.MustCompile(`^unknown anchor '(.*)' referenced`)
	// bareOperator finds operators that mean something else to YAML without quotes.
	bareOperator = regexp.MustCompile(`operator:\s*([!<>]=?)`)
)

func notYAML(file string, data []byte, err error) Mistake {
	says := strings.TrimPrefix(err.Error(), "yaml: ")
	m := Mistake{File: file, Line: 1} // the library names every line but the first
	if found := yamlLine.FindStringSubmatch(says); found != nil {
		m.Line, _ = strconv.Atoi(found[1])
		says = strings.TrimPrefix(says, found[0])
	} else if found := unknownAnchor.FindStringSubmatch(says); found != nil {
		before, _, _ := bytes.Cut(data, []byte("*"+found[1]))
		m.Line = 1 + bytes.Count(before, []byte("\n"))
	}
	hint := "Look at the indentation and the quotes here and in the line before."
	lines := bytes.Split(data, []byte("\n"))
	for _, n := range []int{m.Line - 1, m.Line, m.Line - 2} {
		if n < 0 || n >= len(lines) {
			continue
		}
		if found := bareOperator.FindSubmatch(lines[n]); found != nil {
			m.Line, hint = n+1, fmt.Sprintf("Put the operator in quotes, as in %q.", found[1])
			break
		}
	}
	m.Message = "This is not YAML: " + says + ". " + hint
	return m
}

// read makes a workflow of a document.
func read(file string, node *yaml.Node, left *int) (*Workflow, []Mistake) {
	if node.Kind == yaml.DocumentNode {
		node = node.Content[0]
	}
	r := &reader{file: file, at: places{}, left: left}
	value, _ := r.read(node, document, "", 0)
	if len(r.mistakes) > 0 {
		return nil, r.mistakes
	}
	w := &Workflow{File: file, Line: node.Line, at: r.at}
	var parts struct {
		ID       string    `json:"id"`
		Enabled  *bool     `json:"enabled"`
		Instance *Instance `json:"instance"`
		Cases    []Case    `json:"cases"`
	}
	content, err := json.Marshal(value)
	if err == nil {
		err = errors.Join(json.Unmarshal(content, &w.Definition), json.Unmarshal(content, &parts))
	}
	if err != nil { // the shape let something through that it should not have
		return nil, []Mistake{w.mistake("", "This cannot be understood: %s.", err)}
	}
	w.ID, w.Enabled, w.Instance, w.Cases = parts.ID, parts.Enabled, parts.Instance, parts.Cases
	return w, nil
}
