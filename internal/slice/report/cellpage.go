package report

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"openhall.org/openhall/internal/core/lang"
	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/web"
	"openhall.org/openhall/internal/platform/web/form"
	"openhall.org/openhall/internal/platform/web/ui"
	"openhall.org/openhall/internal/slice/report/sheet"
)

// cellHref is the address of a number of a report.
func cellHref(w *Work, a sheet.Address) string {
	return workHref(w.Owner, w.Year) + "/cell/" + url.PathEscape(a.Table) + "/" + url.PathEscape(a.Row) + "/" + url.PathEscape(a.Column)
}

// checkHref is the address of a finding.
func checkHref(w *Work, f *Finding) string {
	return workHref(w.Owner, w.Year) + "/check/" + url.PathEscape(f.Check) + "/" + url.PathEscape(f.Table) + "/" + (&url.URL{Path: f.Line}).EscapedPath()
}

// cellPage is one number: what the records count, what it was adjusted to, by whom and why.
type cellPage struct {
	*Work
	Title   string
	Name    string // of the cell
	Cell    *sheet.Cell
	Facts   []ui.Row
	History []ui.Step
	Typed   url.Values
	Errors  map[string]string
	Summary []ui.FieldError
}

func (s *Service) cellPage(r *http.Request) (*cellPage, identity.Principal, error) {
	work, actor, err := s.working(r)
	if err != nil {
		return nil, actor, err
	}
	at := sheet.Address{Table: r.PathValue("table"), Row: r.PathValue("row"), Column: r.PathValue("column")}
	c := work.Sheet.Cell(at)
	if c == nil {
		return nil, actor, web.NotFound("")
	}
	v := web.ViewOf(r)
	p := &cellPage{Work: work, Title: v.L.Text(s.title(work.Owner, work.Year)), Name: s.cellName(v.L, work.Layout, at), Cell: c, Typed: url.Values{}, Errors: map[string]string{}}
	counted := v.L.T("report.cell.nobody")
	if c.Known {
		counted = c.Unit.Format(c.Counted)
	}
	p.Facts = []ui.Row{{Key: v.L.T("report.cell.counted"), Value: counted}, {Key: v.L.T("report.cell.final"), Value: number(c)}}
	if c.Adjusted != nil {
		p.Typed.Set("value", number(c))
	}
	all, err := s.allAdjusted(r.Context(), s.DB.Read(), work.ID)
	if err != nil {
		return nil, actor, err
	}
	for _, a := range slices.Backward(all) {
		if a.Cell != at.String() {
			continue
		}
		step := ui.Step{State: ui.StepDone, Title: v.L.T("report.cell.set", web.Args{"Value": c.Unit.Format(a.Value)}), Time: v.L.Time(a.At), By: v.L.Text(s.Names.Post(a.Post)), Text: a.Reason}
		if a.dropped {
			step.Title = v.L.T("report.cell.dropped")
		}
		p.History = append(p.History, step)
	}
	return p, actor, nil
}

// cellName names a cell by its row and its column.
func (s *Service) cellName(l *web.Localizer, layout *sheet.Layout, a sheet.Address) string {
	t := layout.Table(a.Table)
	if t.Bare {
		return path(l.Tag(), t.Columns, a.Column)
	}
	return path(l.Tag(), t.Rows, a.Row) + " — " + path(l.Tag(), t.Columns, a.Column)
}

func (s *Service) getCell(w http.ResponseWriter, r *http.Request) error {
	p, _, err := s.cellPage(r)
	if err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, cellView(web.ViewOf(r), s, p))
}

func (s *Service) postCell(w http.ResponseWriter, r *http.Request) error {
	p, actor, err := s.cellPage(r)
	if err != nil {
		return err
	}
	f, err := form.Parse(r)
	if err != nil {
		return err
	}
	err = s.Adjust(r.Context(), actor, p.ID, p.Cell.Address, f.Value("value"), f.Value("reason"))
	var refusal *casework.Refusal
	if errors.As(err, &refusal) && refusal.Code == casework.RefusedForm {
		v := web.ViewOf(r)
		p.Typed, p.Errors, p.Summary = f.Values(), web.FieldTexts(v.L, refusal), web.FieldSummary(v.L, refusal)
		return web.Render(w, r, http.StatusUnprocessableEntity, cellView(v, s, p))
	}
	if err != nil {
		return err
	}
	web.SetFlash(w, r, web.Flash{Kind: "success", Key: "report.flash.adjusted"})
	return web.SeeOther(w, r, workHref(p.Owner, p.Year)+"#table-"+url.PathEscape(p.Cell.Address.Table))
}

// checkPage is one check that does not hold.
type checkPage struct {
	*Work
	Title   string
	Finding *Finding
	Typed   url.Values
	Errors  map[string]string
	Summary []ui.FieldError
}

func (s *Service) checkPage(r *http.Request) (*checkPage, identity.Principal, error) {
	work, actor, err := s.working(r)
	if err != nil {
		return nil, actor, err
	}
	key := r.PathValue("check") + "/" + r.PathValue("table") + "/" + r.PathValue("line")
	i := slices.IndexFunc(work.Findings, func(f Finding) bool { return f.Key() == key && f.Explainable() })
	if i < 0 {
		return nil, actor, web.NotFound("report.check.holds")
	}
	p := &checkPage{Work: work, Title: web.ViewOf(r).L.Text(s.title(work.Owner, work.Year)), Finding: &work.Findings[i], Typed: url.Values{}, Errors: map[string]string{}}
	if p.Finding.Explained != nil {
		p.Typed.Set("reason", p.Finding.Explained.Reason)
	}
	return p, actor, nil
}

func (s *Service) getCheck(w http.ResponseWriter, r *http.Request) error {
	p, _, err := s.checkPage(r)
	if err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, checkView(web.ViewOf(r), s, p))
}

func (s *Service) postCheck(w http.ResponseWriter, r *http.Request) error {
	p, actor, err := s.checkPage(r)
	if err != nil {
		return err
	}
	f, err := form.Parse(r)
	if err != nil {
		return err
	}
	err = s.Explain(r.Context(), actor, p.ID, p.Finding.Key(), f.Value("reason"))
	var refusal *casework.Refusal
	if errors.As(err, &refusal) && refusal.Code == casework.RefusedForm {
		v := web.ViewOf(r)
		p.Typed, p.Errors, p.Summary = f.Values(), web.FieldTexts(v.L, refusal), web.FieldSummary(v.L, refusal)
		return web.Render(w, r, http.StatusUnprocessableEntity, checkView(v, s, p))
	}
	if err != nil {
		return err
	}
	web.SetFlash(w, r, web.Flash{Kind: "success", Key: "report.flash.explained"})
	return web.SeeOther(w, r, workHref(p.Owner, p.Year)+"#checks")
}

// findingRule says what should hold.
func findingRule(l *web.Localizer, f *Finding) string {
	if !f.Rule.IsZero() {
		return l.Text(f.Rule)
	}
	if f.Check == sheet.CheckSum {
		return l.T("report.check.total")
	}
	return l.T("report.check." + f.Check)
}

// findingRemedy says what to do.
func findingRemedy(l *web.Localizer, f *Finding) string {
	switch {
	case f.Missed:
		return l.T("report.check.missed")
	case !f.Remedy.IsZero():
		return l.Text(f.Remedy)
	}
	return l.T("report.check." + f.Check + ".remedy")
}

// findingPlace says where it does not hold.
func findingPlace(l *web.Localizer, w *Work, f *Finding) string {
	if f.Check == sheet.CheckWords {
		x := w.Layout.Section(f.Line)
		return numbered(l, x.Number, x.Title)
	}
	t := w.Layout.Table(f.Table)
	lines := t.Columns
	if f.Each == sheet.EachRow {
		lines = t.Rows
	}
	if lines.Find(f.Line) == nil {
		return sectionTitle(l, w.Layout, f.Table)
	}
	if t.Bare && f.Each == sheet.EachRow {
		return sectionTitle(l, w.Layout, f.Table)
	}
	return sectionTitle(l, w.Layout, f.Table) + l.T("report.check.in", web.Args{"Line": path(l.Tag(), lines, f.Line)})
}

// numbered is the heading of a section.
func numbered(l *web.Localizer, number string, title lang.Text) string {
	return sheet.Numbered(l.Tag(), number) + l.T("report.number-stop") + l.Text(title)
}

// sectionTitle names the section in which a table stands.
func sectionTitle(l *web.Localizer, layout *sheet.Layout, table string) string {
	for i := range layout.Sections {
		x := &layout.Sections[i]
		if slices.ContainsFunc(x.Tables, func(t *sheet.Table) bool { return t.Key == table }) {
			return numbered(l, x.Number, x.Title)
		}
	}
	return ""
}

// findingSum writes both sides of a sum with their numbers.
func findingSum(l *web.Localizer, w *Work, f *Finding) string {
	if len(f.Left) == 0 || len(f.Right) == 0 {
		return ""
	}
	const most = 6 // terms that are written out
	unit := sheet.Count
	if c := w.Sheet.Cell(f.Left[0].Address); c != nil {
		unit = c.Unit
	}
	side := func(terms []sheet.Term) string {
		var b strings.Builder
		if len(terms) > most {
			return unit.Format(sheet.Sum(terms))
		}
		for i, t := range terms {
			switch {
			case t.Minus:
				b.WriteString(" − ")
			case i > 0:
				b.WriteString(" + ")
			}
			b.WriteString(termName(l, w, f, t) + " " + unit.Format(t.Value))
		}
		if len(terms) > 1 {
			b.WriteString(" = " + unit.Format(sheet.Sum(terms)))
		}
		return b.String()
	}
	return l.T("report.check.sum", web.Args{"Left": side(f.Left), "Right": side(f.Right)})
}

// termName names a term by what tells it from the others of its sum.
func termName(l *web.Localizer, w *Work, f *Finding, t sheet.Term) string {
	table := w.Layout.Table(t.Address.Table)
	line := table.Rows.Find(t.Address.Row)
	if f.Each == sheet.EachRow {
		line = table.Columns.Find(t.Address.Column)
	}
	if line == nil { // of a layout of another year
		return t.Address.Row
	}
	text := l.Text(line.Title)
	if t.Previous {
		return l.T("report.check.last-year", web.Args{"Name": text})
	}
	return text
}

// cellShort names a cell by the line that tells it from the others of a finding.
func cellShort(l *web.Localizer, w *Work, a sheet.Address) string {
	t := w.Layout.Table(a.Table)
	if t.Bare {
		return path(l.Tag(), t.Columns, a.Column)
	}
	return l.Text(t.Rows.Find(a.Row).Title) + " · " + l.Text(t.Columns.Find(a.Column).Title)
}
