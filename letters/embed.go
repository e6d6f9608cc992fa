// Package letters holds the official letters (公文) as data: what each kind of letter says in three languages, how it is numbered and
// whom it is addressed to. common.yaml holds what all letters share, and the list of what may stand in braces; each other file is one
// kind. Package platform/document reads them; README.md tells how to change one.
package letters

import "embed"

// Files holds the templates.
//
//go:embed *.yaml
var Files embed.FS
