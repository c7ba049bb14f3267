// Package examples holds workflows that people can begin with: files with cases, as
// a team would keep its own.
package examples

import "embed"

// Workflows are the files, in the folder workflows.
//
//go:embed workflows/*.yaml
var Workflows embed.FS
