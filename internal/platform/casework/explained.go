package casework

import (
	"slices"

	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/core/term"
)

// MatterDay is the day whose law governs a case: that of the application, unless its kind knows better.
func (r *Runtime) MatterDay(c *Case) calendar.Date {
	if day := r.kinds[c.Kind].Day; day != nil {
		if d := day(c); d != 0 {
			return d
		}
	}
	return calendar.Of(c.CreatedAt)
}

// Explained returns a term of a case with the titles and articles of the rules that its lengths come from, as the law stood on the
// day of the application. Cases store lengths without them: a rule never changes for a day that has passed.
func (r *Runtime) Explained(c *Case, t term.Term) term.Term {
	day := r.MatterDay(c)
	t.Statutory, t.Promised = r.cited(t.Statutory, day), r.cited(t.Promised, day)
	t.Extensions = slices.Clone(t.Extensions)
	for i := range t.Extensions {
		t.Extensions[i].By = r.cited(t.Extensions[i].By, day)
	}
	return t
}

// cited puts title and article of the rule beside a length that has none of its own.
func (r *Runtime) cited(l term.Length, day calendar.Date) term.Length {
	p, ok := r.Rules.Parameter(l.Rule)
	if !ok || l.N == 0 {
		return l
	}
	if l.Title.IsZero() {
		l.Title = p.Title
	}
	if v, err := p.At(day); err == nil && l.Article.IsZero() {
		l.Article = v.Source.CiteText()
	}
	return l
}
