// Package docs is the documents: walkthroughs, whose Go blocks run as tests, and what was measured.
package docs

import _ "embed" // for the documents that programs show

// Performance is performance.md: what was measured beside other frameworks.
//
//go:embed performance.md
var Performance string

// Comparison is comparison.md: what came out of the same training in other frameworks.
//
//go:embed comparison.md
var Comparison string
