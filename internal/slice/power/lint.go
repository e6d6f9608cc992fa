package power

import (
	"fmt"

	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/core/lang"
)

// Severity says what a finding means for publication.
type Severity string

// The severities. An item with an Error is not published.
const (
	Error   Severity = "error"
	Warning Severity = "warning" // lawful, but it should be better
	Notice  Severity = "notice"  // to be looked at: a legal element that nobody has read in the law yet
)

// Finding is one thing that is wrong with an item.
type Finding struct {
	Item     string    `json:"item"`
	Field    string    `json:"field"` // path of the element, such as materials.charter.basis
	Rule     string    `json:"rule"`  // id of the rule, such as term.promise.exceeds
	Severity Severity  `json:"severity"`
	Message  lang.Text `json:"message"` // what is wrong and how to mend it
}

func (f Finding) String() string {
	return fmt.Sprintf("%s %s %s [%s] %s", f.Item, f.Field, f.Severity, f.Rule, f.Message.Hans)
}

// Office is what the linter wants to know about a body that implements an item: the elements that belong to the body.
type Office struct {
	Level     Level
	Place     lang.Text // 办理地点*
	Hours     lang.Text // 办理时间*
	Consult   string    // 咨询*: telephone or address
	Complaint string    // 监督投诉*
}

// Surroundings answers for what an item refers to. A nil function skips the checks that need it.
type Surroundings struct {
	Office    func(body string) (Office, bool)
	Form      func(key string) error // nil: the form can be asked; ErrNoForm: there is none; else why it can't
	Procedure func(key string) bool
}

// linter collects the findings of one item.
type linter struct {
	it       *Item
	on       calendar.Date
	around   Surroundings
	findings []Finding
}

// Lint checks the elements of an item as of the day on, and returns the findings in the order of the elements.
func Lint(it *Item, on calendar.Date, around Surroundings) []Finding {
	l := &linter{it: it, on: on, around: around}
	l.mandatory()
	l.codes()
	l.vocabularies()
	l.translations()
	l.dates()
	l.implementers()
	l.legalBasis()
	l.terms()
	l.materials()
	l.fees()
	l.form()
	return l.findings
}

// Publishable reports whether none of the findings is an error.
func Publishable(findings []Finding) bool {
	for _, f := range findings {
		if f.Severity == Error {
			return false
		}
	}
	return true
}

func (l *linter) report(severity Severity, rule, field string, message lang.Text) {
	l.findings = append(l.findings, Finding{Item: l.it.Key, Field: field, Rule: rule, Severity: severity, Message: message})
}

func (l *linter) fail(rule, field string, message lang.Text) { l.report(Error, rule, field, message) }

// say makes a message of one format in each language; all three take the same arguments.
func say(hans, hant, en string, args ...any) lang.Text {
	return lang.Text{Hans: fmt.Sprintf(hans, args...), Hant: fmt.Sprintf(hant, args...), En: fmt.Sprintf(en, args...)}
}
