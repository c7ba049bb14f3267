package workflowfile

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/neoagent/neo"
)

// Change is what makes a workflow on a server as it is in its file.
type Change struct {
	File   *Workflow // nil: there is none
	Server *Remote   // nil: there is none
	// Difference shows what would be different on the server; "" when nothing is.
	Difference string

	definition *neo.Definition // as the server would save it; nil: as the file has it
}

// Name is that of the workflow.
func (c Change) Name() string {
	if c.File != nil {
		return c.File.Definition.Name
	}
	return c.Server.Definition.Name
}

// Compare finds for each workflow of files its counterpart on a server, by id or by
// name. The last of the changes are workflows that only the server has.
func Compare(files []*Workflow, server []Remote) (changes []Change, mistakes []Mistake) {
	taken := map[string]*Workflow{}
	for _, w := range files {
		r, wrong := counterpart(w, server)
		if wrong != "" {
			mistakes = append(mistakes, w.mistake("", "%s", wrong))
			continue
		}
		key := "name " + w.Definition.Name
		if r != nil {
			key = "id " + r.ID
		}
		if other := taken[key]; other != nil {
			mistakes = append(mistakes, w.mistake("name", "%s:%d is the same workflow, %q. Keep one of them, or give one another name.", other.File, other.Line, w.Definition.Name))
			continue
		}
		taken[key] = w
		changes = append(changes, Change{File: w, Server: r, Difference: difference(w, r)})
	}
	for i := range server {
		if taken["id "+server[i].ID] == nil {
			changes = append(changes, Change{Server: &server[i]})
		}
	}
	return changes, mistakes
}

func counterpart(w *Workflow, server []Remote) (found *Remote, wrong string) {
	for i := range server {
		r := &server[i]
		switch {
		case w.ID != "" && r.ID == w.ID:
			return r, ""
		case w.ID == "" && r.Definition.Name == w.Definition.Name && found != nil:
			return nil, fmt.Sprintf("the server has several workflows with the name %q. Say with id which one is meant: %s or %s.", w.Definition.Name, found.ID, r.ID)
		case w.ID == "" && r.Definition.Name == w.Definition.Name:
			found = r
		}
	}
	if w.ID != "" {
		return nil, fmt.Sprintf("the server has no workflow with the id %s. Leave id out to make a new one, or to find it by its name.", w.ID)
	}
	return found, ""
}

// difference is that between server and file, without what the file leaves open.
func difference(w *Workflow, r *Remote) string {
	after, err := (&Workflow{Enabled: w.Enabled, Definition: w.Definition}).Text()
	if err != nil {
		return neo.MessageOf(err)
	}
	if r == nil {
		return Diff("", after)
	}
	was := &Workflow{Definition: r.Definition}
	if w.Enabled != nil {
		was.Enabled = &r.Enabled
	}
	before, err := was.Text()
	if err != nil {
		return neo.MessageOf(err)
	}
	if before == after {
		return ""
	}
	return Diff(before, after)
}

// AsSaved completes a comparison by what the server would save: a file may name choices
// by their labels, and the server stores the values for them.
func (s *Server) AsSaved(ctx context.Context, changes []Change) error {
	for i := range changes {
		c := &changes[i]
		if c.File == nil || c.Server == nil || c.Difference == "" {
			continue
		}
		var answer struct {
			Stored *neo.Definition `json:"stored"`
		}
		in := map[string]any{"id": c.Server.ID, "definition": c.File.Definition}
		if err := s.call(ctx, http.MethodPost, "/workflows/check", in, &answer); err != nil {
			return err
		}
		if answer.Stored == nil { // an older server
			continue
		}
		c.definition = answer.Stored
		if saved := (&Workflow{Enabled: c.File.Enabled, Definition: *answer.Stored}); sameDefinition(c.Server.Definition, *answer.Stored) {
			c.Difference = difference(saved, c.Server)
		}
	}
	return nil
}

// Apply carries one change out: it creates or updates the workflow, and deletes one
// that has no file.
func (s *Server) Apply(ctx context.Context, c Change) error {
	var err error
	switch {
	case c.File == nil:
		err = s.delete(ctx, c.Server)
	case c.Server == nil:
		err = s.create(ctx, c.File)
	case c.Difference != "":
		definition := c.File.Definition
		if c.definition != nil {
			definition = *c.definition
		}
		err = s.update(ctx, c.Server, c.File, definition)
	}
	if r, ok := errors.AsType[refusal](err); ok && len(r.mistakes) > 0 && c.File != nil {
		lines := make([]string, len(r.mistakes))
		for i, m := range r.mistakes {
			lines[i] = c.File.mistake(m.Path, "%s", m.Message).String()
		}
		return neo.Errorf(r.why.Code, "%s\n%s", r.why.Message, strings.Join(lines, "\n"))
	}
	return err
}

// Ordered sorts changes so that a workflow comes after those that it starts: a server
// may want to know them.
func Ordered(changes []Change) []Change {
	var sorted []Change
	seen := map[string]bool{}
	var add func(c Change)
	add = func(c Change) {
		if c.File == nil || seen[c.Name()] {
			return
		}
		seen[c.Name()] = true
		for _, name := range runs(c.File.Definition) {
			if i := slices.IndexFunc(changes, func(o Change) bool { return o.File != nil && o.Name() == name }); i >= 0 {
				add(changes[i])
			}
		}
		sorted = append(sorted, c)
	}
	for _, c := range changes {
		add(c)
	}
	// Deleted ones last, and those that start others of them first: a server keeps what
	// is still named.
	var deleted []Change
	for _, c := range changes {
		if c.File != nil {
			continue
		}
		i := slices.IndexFunc(deleted, func(o Change) bool {
			return slices.ContainsFunc(runs(c.Server.Definition), func(name string) bool { return name == o.Name() || name == o.Server.ID })
		})
		if i < 0 {
			i = len(deleted)
		}
		deleted = slices.Insert(deleted, i, c)
	}
	return append(sorted, deleted...)
}

// runs are the names of the workflows that a workflow starts.
func runs(d neo.Definition) (names []string) {
	for _, a := range d.Actions {
		var config struct {
			Workflow string `json:"workflow"`
		}
		if a.Type == neo.ActionRunWorkflow && json.Unmarshal(a.Config, &config) == nil {
			names = append(names, config.Workflow)
		}
	}
	return names
}

// Exported is what became of one workflow in an export.
type Exported struct {
	File   string
	Name   string
	Change string // "new", "changed" or "unchanged"
}

// Export writes workflows of a server into a folder, one file each. A file there that
// has the workflow already keeps its cases, and its text where nothing changed.
func Export(folder string, server []Remote) ([]Exported, error) {
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return nil, neo.Errorf(neo.CodeInvalid, "The folder %s cannot be made: %s.", folder, reason(err))
	}
	existing, err := existingFiles(folder)
	if err != nil {
		return nil, err
	}
	count := map[string]int{}
	for i := range server {
		count[server[i].Definition.Name]++
	}
	taken := map[string]bool{}
	for _, w := range existing {
		taken[strings.ToLower(filepath.Base(w.File))] = true
	}
	server = slices.Clone(server)
	slices.SortStableFunc(server, func(a, b Remote) int {
		return cmp.Or(cmp.Compare(a.Definition.Name, b.Definition.Name), cmp.Compare(a.ID, b.ID))
	})
	var all []Exported
	for i := range server {
		r := &server[i]
		w := &Workflow{Enabled: &r.Enabled, Definition: r.Definition}
		if count[r.Definition.Name] > 1 {
			w.ID = r.ID // the name does not say which
		}
		was := fileOf(existing, r, count[r.Definition.Name] > 1)
		file := ""
		if was != nil {
			file = was.File
		} else {
			file = filepath.Join(folder, fileName(r, taken))
		}
		change, err := export(file, w, was)
		if err != nil {
			return all, err
		}
		all = append(all, Exported{file, r.Definition.Name, change})
	}
	return all, nil
}

// existingFiles reads what is in the folder. A file that cannot be read is an error:
// an export must not write over somebody's work.
func existingFiles(folder string) ([]*Workflow, error) {
	files, mistakes := findFiles([]string{folder})
	if len(files) == 0 {
		return nil, nil
	}
	var all []*Workflow
	for _, file := range files {
		found, wrong := load(file, parse)
		all, mistakes = append(all, found...), append(mistakes, wrong...)
	}
	if len(mistakes) > 0 {
		return nil, neo.Errorf(neo.CodeInvalid, "There is a file in the folder that is not right, and an export could lose what it says. Correct it, or choose another folder.\n%s", mistakes[0])
	}
	return all, nil
}

func fileOf(existing []*Workflow, r *Remote, byID bool) *Workflow {
	for _, w := range existing {
		if w.ID == r.ID || !byID && w.ID == "" && w.Definition.Name == r.Definition.Name {
			return w
		}
	}
	return nil
}

func export(file string, w, was *Workflow) (change string, err error) {
	if was == nil {
		text, err := w.Text()
		if err != nil {
			return "", err
		}
		return "new", replace(file, text)
	}
	w.ID = was.ID
	if was.Enabled == nil { // the file leaves it open
		w.Enabled = nil
	}
	before, errBefore := (&Workflow{ID: was.ID, Enabled: was.Enabled, Definition: was.Definition}).Text()
	after, errAfter := w.Text()
	if err := errors.Join(errBefore, errAfter); err != nil {
		return "", err
	}
	if before == after {
		return "unchanged", nil
	}
	text, err := rewritten(file, was, w)
	if err != nil {
		return "", err
	}
	return "changed", replace(file, text)
}

// replace writes a file whole or not at all.
func replace(file, text string) error {
	temporary, err := os.CreateTemp(filepath.Dir(file), ".neo-*")
	if err != nil {
		return neo.Errorf(neo.CodeInvalid, "%s cannot be written: %s.", file, reason(err))
	}
	_, err = temporary.WriteString(text)
	err = errors.Join(err, temporary.Chmod(0o644), temporary.Close())
	if err == nil {
		err = os.Rename(temporary.Name(), file)
	}
	if err != nil {
		_ = os.Remove(temporary.Name())
		return neo.Errorf(neo.CodeInvalid, "%s cannot be written: %s.", file, reason(err))
	}
	return nil
}

// fileName makes the name of a new file of a workflow's name.
func fileName(r *Remote, taken map[string]bool) string {
	var b strings.Builder
	for _, c := range strings.ToLower(r.Definition.Name) {
		switch {
		case c >= 'a' && c <= 'z' || c >= '0' && c <= '9':
			b.WriteRune(c)
		case b.Len() > 0 && !strings.HasSuffix(b.String(), "-"):
			b.WriteByte('-')
		}
	}
	base := strings.Trim(b.String(), "-")
	if len(base) > 60 {
		base = strings.Trim(base[:60], "-")
	}
	if base == "" {
		base = "workflow"
	}
	name := base + ".yaml"
	for n := 2; taken[name]; n++ {
		name = fmt.Sprintf("%s-%d.yaml", base, n)
	}
	taken[name] = true
	return name
}
