package admin

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"path"
	"strconv"
	"strings"

	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/core/statute"
	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/law"
	"openhall.org/openhall/internal/platform/store"
	"openhall.org/openhall/internal/platform/web"
	"openhall.org/openhall/internal/platform/web/form"
	"openhall.org/openhall/internal/platform/web/ui"
)

// lawView is the page of calendars or rules.
type lawView struct {
	form      *form.Form
	published [][]ui.Cell
	progress  law.Progress
	token     string
	year      int
	days      [][]ui.Cell
	moves     [][]ui.Cell
	moved     int
	problems  [][]ui.Cell
	changes   [][]ui.Cell
	touched   [][]ui.Cell
	kept      int // open cases whose running clocks keep the values of their day
	later     int // open cases that may still begin a clock by a changed rule
	cut       bool
}

func (s *Service) lawView(ctx context.Context, l *web.Localizer, f *form.Form, folder func(string) bool) (lawView, error) {
	p := lawView{form: f}
	var err error
	if p.progress, err = s.Law.Progress(ctx); err != nil {
		return p, err
	}
	docs, err := s.Law.Documents(ctx)
	if err != nil {
		return p, err
	}
	for _, d := range docs {
		if !folder(path.Dir(d.Name)) {
			continue
		}
		by := "—"
		if a, err := s.Identity.Account(ctx, d.By); err == nil {
			by = a.Name
		}
		p.published = append(p.published, []ui.Cell{{Text: d.Name}, {Text: strconv.FormatInt(d.Version, 10)}, {Text: l.Time(d.At)}, {Text: by}, {Text: d.Digest[:16]}})
	}
	return p, nil
}

func isCalendar(folder string) bool { return folder == "calendar" }
func isRules(folder string) bool    { return folder != "calendar" }

func (s *Service) getCalendars(_ identity.Principal, w http.ResponseWriter, r *http.Request) error {
	v := web.ViewOf(r)
	p, err := s.lawView(r.Context(), v.L, form.Of(nil), isCalendar)
	if err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, calendarsPage(v, p))
}

// posted reads the form of a page of the law with its file.
func (s *Service) posted(r *http.Request, folder func(string) bool) (lawView, []byte, error) {
	f, err := parse(r)
	if err == nil {
		err = takeFile(r, f)
	}
	if err != nil {
		return lawView{}, nil, err
	}
	v := web.ViewOf(r)
	p, err := s.lawView(r.Context(), v.L, f, folder)
	data := content(f)
	if len(data) == 0 {
		f.Fail("file", v.L.T("admin.import.none"))
	}
	return p, data, err
}

// postCalendar shows which days and which open cases a notice moves, and puts it in force once that was confirmed.
func (s *Service) postCalendar(who identity.Principal, w http.ResponseWriter, r *http.Request) error {
	v := web.ViewOf(r)
	p, data, err := s.posted(r, isCalendar)
	if err != nil {
		return err
	}
	again := func() error { return web.Render(w, r, statusOf(p.form), calendarsPage(v, p)) }
	if !p.form.Valid() {
		return again()
	}
	n, err := s.Law.PreviewNotice(data)
	if err != nil {
		p.form.Fail("file", v.L.T("admin.calendar.refused", web.Args{"Why": err.Error()}))
		return again()
	}
	p.token, p.year = token("calendar", law.Digest(data), n.Seen), n.Notice.Year
	if confirmed(v.L, p.form, p.token) {
		err := s.Law.ImportNotice(r.Context(), who.Actor(), n)
		if err == nil {
			return done(w, r, "/admin/calendars", "admin.calendar.done", map[string]string{"Year": strconv.Itoa(p.year)})
		}
		if !errors.Is(err, law.ErrMoved) {
			return err
		}
		p.form.Fail("", v.L.T("admin.moved"))
	}
	for _, d := range n.Days {
		before, after := v.L.T("admin.calendar.off"), v.L.T("admin.calendar.worked")
		if s.Law.Calendar().Working(d) {
			before, after = after, before
		}
		p.days = append(p.days, []ui.Cell{{Text: v.L.Date(d)}, {Text: before}, {Text: after}})
	}
	if err := s.previewMoves(r.Context(), v.L, &p, n.Calendar); err != nil {
		return err
	}
	return again()
}

// previewMoves lists the open cases that a calendar moves.
func (s *Service) previewMoves(ctx context.Context, l *web.Localizer, p *lawView, next *calendar.Calendar) error {
	for after := store.ID(0); ; {
		moves, upto, err := s.Cases.Moves(ctx, next, after)
		if err != nil {
			return err
		}
		for _, m := range moves {
			if p.moved++; len(p.moves) == mostListed {
				p.cut = true
				continue
			}
			p.moves = append(p.moves, []ui.Cell{{Text: m.Case.Number}, {Text: l.Text(m.Case.Title)}, {Text: lineOf(l, m.Promise[0]) + " → " + lineOf(l, m.Promise[1])},
				{Text: lineOf(l, m.Statute[0]) + " → " + lineOf(l, m.Statute[1])}})
		}
		if after = upto; upto == 0 {
			return nil
		}
	}
}

func (s *Service) getRules(_ identity.Principal, w http.ResponseWriter, r *http.Request) error {
	v := web.ViewOf(r)
	p, err := s.lawView(r.Context(), v.L, form.Of(nil), isRules)
	if err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, rulesPage(v, p))
}

// postRules shows what a file of rules changes, and puts it in force once that was confirmed.
func (s *Service) postRules(who identity.Principal, w http.ResponseWriter, r *http.Request) error {
	v := web.ViewOf(r)
	p, data, err := s.posted(r, isRules)
	if err != nil {
		return err
	}
	again := func() error { return web.Render(w, r, statusOf(p.form), rulesPage(v, p)) }
	name := p.form.Required(v.L, "name", v.L.T("admin.rules.name"))
	if !p.form.Valid() {
		return again()
	}
	n, err := s.Law.PreviewRules(name, data)
	var problems *law.Problems
	switch {
	case errors.Is(err, law.ErrName):
		p.form.Fail("name", v.L.T("admin.rules.name-wrong", web.Args{"Folder": s.Law.Rules().Jurisdiction()}))
		return again()
	case errors.As(err, &problems):
		p.form.Fail("file", v.L.T("admin.rules.refused"))
		p.problems = problemRows(problems)
		return again()
	case err != nil:
		return err
	}
	p.token = token("rules", name, law.Digest(data), n.Seen)
	if confirmed(v.L, p.form, p.token) {
		err := s.Law.PublishRules(r.Context(), who.Actor(), n)
		if err == nil {
			return done(w, r, "/admin/rules", "admin.rules.done", nil)
		}
		if !errors.Is(err, law.ErrMoved) {
			return err
		}
		p.form.Fail("", v.L.T("admin.moved"))
	}
	if len(n.Changes) == 0 {
		p.token = ""
	}
	today := calendar.Of(s.Now())
	for _, c := range n.Changes {
		from := v.L.Date(c.From)
		if c.From < today {
			from = v.L.T("admin.rules.past", web.Args{"Day": from})
		}
		p.changes = append(p.changes, []ui.Cell{{Text: v.L.Text(c.Parameter.Title)}, {Text: c.Parameter.ID}, {Text: from}, {Text: valueText(v.L, c.Before)}, {Text: valueText(v.L, c.After)}})
	}
	if err := s.previewTouched(r.Context(), v.L, &p, n.Changes); err != nil {
		return err
	}
	return again()
}

func problemRows(problems *law.Problems) [][]ui.Cell {
	var rows [][]ui.Cell
	for _, x := range problems.List {
		line := "—"
		if x.Line > 0 {
			line = strconv.Itoa(x.Line)
		}
		rows = append(rows, []ui.Cell{{Text: line}, {Text: strings.Trim(x.ID+" "+x.Key, " ")}, {Text: x.Message}, {Text: x.File}})
	}
	if problems.Err != nil {
		rows = append(rows, []ui.Cell{{Text: "—"}, {Text: ""}, {Text: problems.Err.Error()}, {Text: ""}})
	}
	return rows
}

// valueText is a value of a rule in a few words; what is no amount as JSON.
func valueText(l *web.Localizer, v *statute.Value) string {
	if v == nil {
		return "—"
	}
	if v.Amount != 0 {
		return l.T("admin.rules.value", web.Args{"Amount": v.Amount, "Unit": string(v.Unit), "Source": v.Source.Cite(l.Tag())})
	}
	text, err := json.Marshal(v)
	if err != nil {
		return string(v.Unit)
	}
	return string(text)
}

// previewTouched finds the open cases that have to do with changed rules: running clocks keep the value of their day; a clock that a
// procedure may still begin takes the value of the day on which it begins.
func (s *Service) previewTouched(ctx context.Context, l *web.Localizer, p *lawView, changes []law.RuleChange) error {
	changed := map[string]bool{}
	for _, c := range changes {
		changed[c.Parameter.ID] = true
	}
	if len(changed) == 0 {
		return nil
	}
	uses := map[string]bool{} // whether a procedure names a changed rule
	for after := store.ID(0); ; {
		cases, err := s.Cases.OpenCases(ctx, after)
		if err != nil {
			return err
		}
		for _, c := range cases {
			after = c.ID
			if err := s.touched(ctx, l, p, c, changed, uses); err != nil {
				return err
			}
		}
		if len(cases) == 0 {
			return nil
		}
	}
}

func (s *Service) touched(ctx context.Context, l *web.Localizer, p *lawView, c *casework.Case, changed, uses map[string]bool) error {
	running := false
	for _, k := range c.Clocks() {
		running = running || changed[k.Rule] && k.Term.Stopped.IsZero()
	}
	used, known := uses[c.Procedure]
	if !known {
		_, def, err := s.Cases.Procedure(ctx, c.Procedure)
		if err != nil {
			return err
		}
		xml := string(def.Marshal())
		for id := range changed {
			used = used || strings.Contains(xml, `"`+id+`"`)
		}
		uses[c.Procedure] = used
	}
	note := ""
	switch {
	case running:
		p.kept++
		note = l.T("admin.rules.keeps")
	case used:
		p.later++
		note = l.T("admin.rules.later")
	default:
		return nil
	}
	if len(p.touched) == mostListed {
		p.cut = true
		return nil
	}
	p.touched = append(p.touched, []ui.Cell{{Text: c.Number}, {Text: l.Text(c.Title)}, {Text: note}})
	return nil
}
