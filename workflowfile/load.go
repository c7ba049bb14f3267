package workflowfile

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/neoagent/neo"
	"github.com/neoagent/neo/flow"
)

// Load reads files, and all files ending in .yaml or .yml of folders, and checks
// the workflows in them. With mistakes the workflows that are understood are returned too.
func Load(paths ...string) ([]*Workflow, []Mistake) {
	files, mistakes := findFiles(paths)
	var all []*Workflow
	for _, file := range files {
		workflows, wrong := load(file, Parse)
		all, mistakes = append(all, workflows...), append(mistakes, wrong...)
	}
	return all, append(mistakes, circles(all)...)
}

// circles finds workflows of files that would, through others of them, run themselves.
func circles(all []*Workflow) (mistakes []Mistake) {
	others := make([]neo.Workflow, len(all))
	for i, w := range all {
		others[i] = neo.Workflow{ID: cmp.Or(w.ID, fmt.Sprint("file ", i)), Definition: w.Definition}
	}
	for i, w := range all {
		for _, m := range flow.CheckCalls(others[i].ID, w.Definition, others) {
			mistakes = append(mistakes, w.mistake(m.Path, "%s", m.Message))
		}
	}
	return mistakes
}

func findFiles(paths []string) (files []string, mistakes []Mistake) {
	for _, path := range paths {
		err := filepath.WalkDir(path, func(name string, d fs.DirEntry, err error) error {
			switch {
			case err != nil:
				return err
			case d.IsDir() && name != path && strings.HasPrefix(d.Name(), "."):
				return fs.SkipDir
			case d.IsDir() || name != path && d.Type()&(fs.ModeNamedPipe|fs.ModeSocket|fs.ModeDevice) != 0:
				return nil // to read one may take for ever
			case name != path && !slices.Contains([]string{".yaml", ".yml"}, filepath.Ext(name)):
				return nil
			case len(files) == maxFiles:
				return fmt.Errorf("there are more than %d files", maxFiles)
			}
			files = append(files, name)
			return nil
		})
		if err != nil {
			mistakes = append(mistakes, Mistake{File: path, Message: "This cannot be read: " + reason(err) + "."})
		}
	}
	if len(files) == 0 && len(mistakes) == 0 {
		mistakes = append(mistakes, Mistake{File: strings.Join(paths, ", "), Message: "There is no file ending in .yaml or .yml here."})
	}
	return files, mistakes
}

// reason is err without the path, which is told already.
func reason(err error) string {
	if e, ok := errors.AsType[*fs.PathError](err); ok {
		return e.Err.Error()
	}
	return err.Error()
}

// load reads a file and has its text parsed.
func load(file string, parse func(file string, data []byte) ([]*Workflow, []Mistake)) ([]*Workflow, []Mistake) {
	f, err := os.Open(file)
	if err != nil {
		return nil, []Mistake{{File: file, Message: "This cannot be read: " + reason(err) + "."}}
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err != nil {
		return nil, []Mistake{{File: file, Message: "This cannot be read: " + reason(err) + "."}}
	}
	return parse(file, data)
}
