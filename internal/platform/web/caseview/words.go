// Package caseview says on pages what every page says of a case in the same words: its status, the roles and the steps of its
// procedure, its clocks with their arithmetic, its chart.
//
//	@ui.Tag(caseview.StatusKind(c.Status), caseview.Status(l, c.Status))
//	@caseview.ClockList(caseview.Clocks(l, runtime, c, now))
//
// The codes of statuses, roles and documents are open: procedures bring their own. One that has no words here is shown as it is.
package caseview

import (
	"openhall.org/openhall/internal/core/procedure"
	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/web/i18n"
	"openhall.org/openhall/internal/platform/web/ui"
)

// say returns the word of a code, or the code itself.
func say(l *i18n.Localizer, group, code string) string {
	if key := "web.case." + group + "." + code; l.Has(key) {
		return l.T(key)
	}
	return code
}

// Status names a status that a procedure has set.
func Status(l *i18n.Localizer, status string) string { return say(l, "status", status) }

// Role names the role that a task asks for.
func Role(l *i18n.Localizer, role string) string { return say(l, "role", role) }

// Document names a kind of slip, notice or decision.
func Document(l *i18n.Localizer, kind string) string { return say(l, "document", kind) }

// Channel names the way in which an application came.
func Channel(l *i18n.Localizer, c casework.Channel) string { return say(l, "channel", string(c)) }

// StatusKind colours a status. Its word says the same.
func StatusKind(status string) ui.TagKind {
	switch status {
	case "granted", "settled", "satisfied", "order-settled", "published", "report-published":
		return ui.TagGood
	case "refused", "not-accepted", "unsettled", "upheld", "withheld":
		return ui.TagBad
	case "supplement", "paused", "notice":
		return ui.TagWarn
	case "withdrawn", "lapsed", "unreached", "closed", "reviewed", "excused", "wrong", "taken-back":
		return ui.TagNeutral
	default:
		return ui.TagActive
	}
}

// Step names an element of a procedure.
func Step(l *i18n.Localizer, def *procedure.Definition, element string) string {
	el := def.Element(element)
	switch {
	case el == nil:
		return element
	case l.Text(el.Title) != "":
		return l.Text(el.Title)
	case el.Name != "":
		return el.Name
	}
	return element
}
