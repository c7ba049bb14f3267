// Package ui holds the built dashboard. Its source is React and TypeScript in
// src/; `make ui` builds it into dist/, which is embedded here.
package ui

import (
	"embed"
	"io/fs"
)

//go:embed all:dist
var dist embed.FS

// Files returns the built dashboard. It has no index.html when the dashboard was
// not built before the binary.
func Files() fs.FS {
	files, err := fs.Sub(dist, "dist")
	if err != nil {
		panic(err) // impossible: dist is embedded above
	}
	return files
}
