// Package rules holds the law as data: the rule sets of each jurisdiction (cn, cn-ah), read by core/statute, the yearly notices on
// holidays (calendar), read by core/calendar, the ten fields of townships (agent), read by slice/agent, joint matters (joint), read by slice/joint, how annual reports are laid out (report), read
// by slice/report, what electronic supervision watches (supervision), read by platform/supervision, and the classification of what is
// published (publication), read by platform/publication.
// README.md tells how to add a rule.
package rules

import "embed"

// Files holds the folders agent, calendar, cn, cn-ah, joint, publication, report and supervision.
//
//go:embed agent calendar cn cn-ah joint publication report supervision
var Files embed.FS
