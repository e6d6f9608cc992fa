package caseview

import (
	"fmt"
	"strings"
	"time"

	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/core/procedure"
	"openhall.org/openhall/internal/core/statute"
	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/store"
	"openhall.org/openhall/internal/platform/web/due"
	"openhall.org/openhall/internal/platform/web/flowchart"
	"openhall.org/openhall/internal/platform/web/i18n"
	"openhall.org/openhall/internal/platform/web/ui"
)

// Clock is one clock of a case, ready to be shown.
type Clock struct {
	Title            string // of its rule
	Badge            ui.DueProps
	Promise, Statute ui.ExplainProps
	HasPromise       bool   // a promised line of its own stands before the statutory one
	Ground           string // since when and why it stands still; empty while it runs
}

// Clocks returns the clocks of a case, in the order in which they were started.
func Clocks(l *i18n.Localizer, r *casework.Runtime, c *casework.Case, now time.Time) []Clock {
	cal := r.Calendar()
	clocks := make([]Clock, 0, len(c.Clocks()))
	for _, k := range c.Clocks() {
		clock := Clock{
			Title: Rule(l, r.Rules, k.Rule), Badge: due.Badge(k.Term, cal, now), HasPromise: due.HasPromise(k.Term, cal, now),
			Promise: due.Promise(l, k.Term, cal, now), Statute: due.Statute(l, k.Term, cal, now),
		}
		if k.Term.Paused() {
			p := k.Term.Pauses[len(k.Term.Pauses)-1]
			clock.Ground = l.T("web.case.paused", i18n.Args{"Ground": p.Title, "From": p.From, "Article": p.Article})
		}
		clocks = append(clocks, clock)
	}
	return clocks
}

// Running returns the clock that a case is being held to: the one started last of those that have not stopped; nil when none runs.
func Running(c *casework.Case) *casework.Clock {
	clocks := c.Clocks()
	for i := len(clocks) - 1; i >= 0; i-- {
		if clocks[i].Term.Stopped.IsZero() {
			return &clocks[i]
		}
	}
	return nil
}

// Rule names a rule of the law by its title.
func Rule(l *i18n.Localizer, rules *statute.Rules, id string) string {
	if p, ok := rules.Parameter(id); ok {
		return l.Text(p.Title)
	}
	return id
}

// Who names who did a step, or has it, for a reader who may know; it returns "" for the role alone.
type Who func(account store.ID, role string) string

// Chart draws the procedure of a case with the way that the case has gone. who may be nil: then roles stand for people.
func Chart(l *i18n.Localizer, def *procedure.Definition, c *casework.Case, who Who) (flowchart.Chart, error) {
	done := make([]flowchart.Step, len(c.Done()))
	for i, d := range c.Done() {
		done[i] = flowchart.Step{Element: d.Element, Outcome: d.Outcome, Cut: d.Cut}
	}
	progress, err := flowchart.ProgressOf(def, *c.Progress(), done, c.Result)
	if err != nil {
		return flowchart.Chart{}, fmt.Errorf("chart of %s: %w", c.Number, err)
	}
	chart := flowchart.FromProcedure(def, l.Tag(), progress)
	chart.ID, chart.Description = "chart", l.T("web.case.chart")
	Annotate(l, &chart, c, who)
	return chart, nil
}

// Annotate writes beside each step of a live chart who did it and how long it took, or who has it since when and by which day it is due. It
// names roles, so that everybody may read it; people only where who names them.
func Annotate(l *i18n.Localizer, chart *flowchart.Chart, c *casework.Case, who Who) {
	notes := map[string]string{}
	name := func(account store.ID, role string) string {
		if who != nil && account != 0 {
			if n := who(account, role); n != "" {
				return l.T("web.chart.who", i18n.Args{"Name": n, "Role": Role(l, role)})
			}
		}
		return Role(l, role)
	}
	for _, d := range c.Done() {
		if d.Cut {
			continue
		}
		took := l.T("web.chart.took-same-day")
		if days := int(calendar.Of(d.At) - calendar.Of(d.OpenedAt)); days > 0 {
			took = l.T("web.chart.took-days", i18n.Args{"Count": days})
		}
		notes[d.Element] = strings.Join([]string{name(d.By, d.Role), l.DateOf(d.At), took}, l.T("web.chart.comma")) // done more than once: the last time
	}
	for _, t := range c.Tasks() {
		note := l.T("web.chart.since", i18n.Args{"Role": name(t.Holder, t.Role), "Date": l.DateOf(t.OpenedAt)})
		if !t.DueAt.IsZero() {
			note += l.T("web.chart.comma") + l.T("web.chart.due", i18n.Args{"Date": l.DateOf(t.DueAt.Add(-time.Microsecond))}) // a line is the first instant after the day
		}
		notes[t.Element] = note
	}
	for i := range chart.Nodes {
		chart.Nodes[i].Note = notes[chart.Nodes[i].ID]
	}
}
