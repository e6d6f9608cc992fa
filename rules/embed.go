// Package rules holds the law as data: the rule sets of each jurisdiction (cn, cn-ah), read by core/statute, and the yearly
// notices on holidays (calendar), read by core/calendar. README.md tells how to add a rule.
package rules

import "embed"

// Files holds the folders calendar, cn and cn-ah.
//
//go:embed calendar cn cn-ah
var Files embed.FS
