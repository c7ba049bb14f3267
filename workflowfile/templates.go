package workflowfile

import (
	"encoding/json"
	"io/fs"
	"path"
	"strings"

	"github.com/neoagent/neo"
)

// Templates reads the files of a folder as workflows to begin with: without their
// cases, and each with its file's name as id. They are not checked again; a test
// does that.
func Templates(files fs.FS, folder string) ([]neo.Template, error) {
	entries, err := fs.ReadDir(files, folder)
	if err != nil {
		return nil, err
	}
	var all []neo.Template
	for _, entry := range entries {
		content, err := fs.ReadFile(files, path.Join(folder, entry.Name()))
		if err != nil {
			return nil, err
		}
		workflows, mistakes := parse(entry.Name(), content)
		if len(mistakes) > 0 {
			return nil, neo.Errorf(neo.CodeInternal, "A template cannot be read. %s", mistakes[0])
		}
		for _, w := range workflows {
			definition, err := json.Marshal(w.Definition)
			if err != nil {
				return nil, err
			}
			all = append(all, neo.Template{ID: strings.TrimSuffix(entry.Name(), path.Ext(entry.Name())), Definition: definition})
		}
	}
	return all, nil
}
