package disclosure

import (
	"errors"
	"net/http"
	"strconv"
	"strings"

	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/platform/publication"
	"openhall.org/openhall/internal/platform/store"
	"openhall.org/openhall/internal/platform/web"
	"openhall.org/openhall/internal/platform/web/ui"
	"openhall.org/openhall/internal/slice/disclosure/difference"
)

// compareView is two versions of a record side by side.
type compareView struct {
	index    string
	title    string
	from, to *publication.Record
	versions []publication.VersionLine
	fields   []fieldChange
	text     []difference.Paragraph
	same     bool
}

// fieldChange is a field of the catalogue that differs.
type fieldChange struct{ name, before, after string }

func (s *Service) getCompare(w http.ResponseWriter, r *http.Request) error {
	rec, done, err := s.record(w, r)
	if done {
		return err
	}
	v := web.ViewOf(r)
	from, to := rec.Version-1, rec.Version
	for _, x := range []struct {
		name string
		n    *int
	}{{"from", &from}, {"to", &to}} {
		if text := r.URL.Query().Get(x.name); text != "" {
			if *x.n, err = strconv.Atoi(text); err != nil {
				return web.NotFound("disclosure.error.version")
			}
		}
	}
	p := compareView{index: rec.Index, title: rec.Title}
	if p.from, err = s.Records.Version(r.Context(), rec.ID, from); err == nil {
		p.to, err = s.Records.Version(r.Context(), rec.ID, to)
	}
	if errors.Is(err, store.ErrNotFound) {
		return web.NotFound("disclosure.error.version")
	}
	if err != nil {
		return err
	}
	if p.versions, err = s.Records.Versions(r.Context(), rec.ID); err != nil {
		return err
	}
	p.fields, p.text = s.differences(v.L, p.from.Content, p.to.Content)
	p.same = len(p.fields) == 0 && difference.Equal(p.text)
	return web.RenderTagged(w, r, comparePage(v, p))
}

// differences compares two contents: field by field of the catalogue and what goes with the text, and the text line by line.
func (s *Service) differences(l *web.Localizer, from, to publication.Content) (fields []fieldChange, text []difference.Paragraph) {
	before, after := s.factsOf(l, &publication.Record{Content: from}), s.factsOf(l, &publication.Record{Content: to})
	before = append(before, ui.Row{Key: l.T("disclosure.edit.questions"), Value: answersOf(from)}, ui.Row{Key: l.T("disclosure.compare.links"), Value: linkedOf(l, from)})
	after = append(after, ui.Row{Value: answersOf(to)}, ui.Row{Value: linkedOf(l, to)})
	for i := range before {
		if before[i].Value != after[i].Value {
			fields = append(fields, fieldChange{before[i].Key, before[i].Value, after[i].Value})
		}
	}
	return fields, difference.Of(linesOf(from.Text), linesOf(to.Text))
}

func answersOf(c publication.Content) string {
	var list []string
	for _, q := range c.Questions {
		list = append(list, q.Question+"\n"+q.Answer)
	}
	return strings.Join(list, "\n\n")
}

func linkedOf(l *web.Localizer, c publication.Content) string {
	var list []string
	for _, link := range c.Links {
		list = append(list, l.T("disclosure.link.to-"+string(link.Kind))+" "+link.Index)
	}
	return strings.Join(list, "\n")
}

// versionText names a version by its number and the day on which it was published.
func versionText(l *web.Localizer, r *publication.Record) string {
	return l.T("disclosure.version.line", web.Args{"Number": r.Version, "Day": l.Date(r.Day)})
}

// versionOptions lets a reader choose a version.
func (p compareView) versionOptions(l *web.Localizer) []ui.Option {
	options := make([]ui.Option, len(p.versions))
	for i, x := range p.versions {
		options[i] = ui.Option{Value: number(x.Number), Text: l.T("disclosure.version.line", web.Args{"Number": x.Number, "Day": l.Date(x.Day)})}
	}
	return options
}

// factsOf are the fields of the catalogue in words, always the same ones in the same order; empty ones have no value.
func (s *Service) factsOf(l *web.Localizer, r *publication.Record) []ui.Row {
	day := func(d calendar.Date) string {
		if d == 0 {
			return ""
		}
		return l.Date(d)
	}
	names := make([]string, len(r.Attachments))
	for i, a := range r.Attachments {
		names[i] = a.Name
	}
	and := l.T("web.form.and")
	row := func(key, value string) ui.Row { return ui.Row{Key: l.T("disclosure.field." + key), Value: value} }
	return []ui.Row{
		row("title", r.Title), row("number", r.DocumentNumber), row("category", l.Text(s.categoryName(r.Category))), row("theme", r.Theme), row("audience", r.Audience),
		row("genre", r.Genre), row("lifecycle", r.LifeCycle), row("made", day(r.Made)), row("effective", day(r.Effective)),
		row("repealed", day(r.Repealed)), row("keywords", strings.Join(r.Keywords, and)), row("language", languageName(l, r)), row("source", r.Source), row("summary", r.Summary),
		row("files", strings.Join(names, and)),
	}
}

// linesOf is a text without the marks of headings and lists and without empty lines: what a reader compares.
func linesOf(text string) string {
	var lines []string
	for _, b := range blocks(text) {
		lines = append(lines, b.lines...)
	}
	return strings.Join(lines, "\n")
}
