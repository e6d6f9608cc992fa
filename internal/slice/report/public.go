package report

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"slices"
	"strconv"

	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/core/lang"
	"openhall.org/openhall/internal/platform/registry"
	"openhall.org/openhall/internal/platform/store"
	"openhall.org/openhall/internal/platform/web"
	"openhall.org/openhall/internal/platform/web/ui"
	"openhall.org/openhall/internal/slice/report/sheet"
)

// listPage is who owes a report on a year, and how far they have come.
type listPage struct {
	Division *registry.Division
	Year     int
	Years    []ui.Option
	Crumbs   []ui.Link
	Sum      Progress
	Parts    []Part
	Lines    []Line
}

// top is the division above all.
func (s *Service) top() *registry.Division {
	all := s.Registry.Now().Divisions()
	if len(all) == 0 {
		return nil
	}
	return all[0]
}

// divisionOf returns the division that a page is asked for: the one above all when none is named.
func (s *Service) divisionOf(code string) (*registry.Division, error) {
	d := s.top()
	if code != "" {
		d = s.Registry.Now().Division(code)
	}
	if d == nil || d.Level > registry.Township {
		return nil, web.NotFound("")
	}
	return d, nil
}

func (s *Service) getReports(w http.ResponseWriter, r *http.Request) error {
	q := r.URL.Query()
	d, err := s.divisionOf(q.Get("division"))
	if err != nil {
		return err
	}
	v := web.ViewOf(r)
	p := &listPage{Division: d, Year: s.LastYear(), Years: s.yearOptions(v)}
	if year, err := strconv.Atoi(q.Get("year")); err == nil && s.year(year) {
		p.Year = year
	}
	if p.Parts, p.Sum, err = s.Below(r.Context(), d.Code, p.Year); err != nil {
		return err
	}
	if p.Lines, err = s.Owed(r.Context(), d.Code, p.Year); err != nil {
		return err
	}
	for _, above := range s.Registry.Now().Path(d.Code) {
		if above != d {
			p.Crumbs = append(p.Crumbs, ui.Link{Href: href("/open/reports", "division", above.Code, "year", strconv.Itoa(p.Year)), Text: v.L.Text(above.Name)})
		}
	}
	return web.Render(w, r, http.StatusOK, listView(v, s, p))
}

// yearOptions are the years that can be asked for, the newest first.
func (s *Service) yearOptions(v *web.View) (list []ui.Option) {
	for year := s.LastYear(); year >= s.Layouts.First(); year-- {
		list = append(list, ui.Option{Value: strconv.Itoa(year), Text: v.L.T("report.year", web.Args{"Year": strconv.Itoa(year)})})
	}
	return list
}

// reportPage is a report as everybody reads it.
type reportPage struct {
	*Work
	Title   string
	Preview bool
	Crumbs  []ui.Link
	Facts   []ui.Row
	Grids   map[string][]*grid // by section
	Results []resultLine
	Years   []yearLine
	Others  []ui.Link // reports of the same owner on other years

	Versions []Report // when it was corrected: all that are public, the newest first
	Changes  []Change // what this version changed of the one before
}

// resultLine is an outcome with how many requests ended so: for the chart.
type resultLine struct {
	Name string
	N    int64
}

// yearLine is what a report says of a year: for the chart over the years.
type yearLine struct {
	Year            int
	Received, Ended int64
}

// published opens a report that is public.
func (s *Service) publishedReport(r *http.Request) (*Work, error) {
	owner, year, err := s.asked(r)
	if err != nil {
		return nil, err
	}
	report, err := s.Get(r.Context(), owner, year)
	if asked := r.URL.Query().Get("version"); asked != "" {
		version, _ := strconv.Atoi(asked) // what is no number is no version
		report, err = s.Version(r.Context(), owner, year, version)
	}
	if isNotFound(err) || err == nil && report.State != Published {
		return nil, web.NotFound("report.not-published")
	}
	if err != nil {
		return nil, err
	}
	return s.Work(r.Context(), report)
}

func (s *Service) getReport(w http.ResponseWriter, r *http.Request) error {
	work, err := s.publishedReport(r)
	if err != nil {
		return err
	}
	v := web.ViewOf(r)
	p, err := s.reportPage(r, v, work)
	if err != nil {
		return err
	}
	return web.RenderTagged(w, r, reportView(v, s, p))
}

func (s *Service) reportPage(r *http.Request, v *web.View, work *Work) (*reportPage, error) {
	p := &reportPage{Work: work, Title: v.L.Text(s.title(work.Owner, work.Year)), Grids: map[string][]*grid{}, Preview: work.State != Published}
	year := strconv.Itoa(work.Year)
	for _, d := range s.Registry.Now().Path(work.Owner.Division) {
		p.Crumbs = append(p.Crumbs, ui.Link{Href: href("/open/reports", "division", d.Code, "year", year), Text: v.L.Text(d.Name)})
	}
	for i := range work.Layout.Sections {
		x := &work.Layout.Sections[i]
		for _, t := range x.Tables {
			p.Grids[x.Code] = append(p.Grids[x.Code], gridOf(v.L, work.Sheet, x, t))
		}
	}
	p.Results = results(v.L, work.Sheet)
	p.Facts = []ui.Row{{Key: v.L.T("report.owner"), Value: v.L.Text(s.ownerName(work.Owner))}}
	if office := s.Office(work.Owner); office != nil && work.Owner.Government() {
		p.Facts = append(p.Facts, ui.Row{Key: v.L.T("report.office"), Value: v.L.Text(office.Name)})
	}
	p.Facts = append(p.Facts, ui.Row{Key: v.L.T("report.number"), Value: work.Number}, ui.Row{Key: v.L.T("report.due"), Value: v.L.Date(work.Due)})
	if !work.PublishedAt.IsZero() {
		p.Facts = append(p.Facts, ui.Row{Key: v.L.T("report.published"), Content: publishedOn(v, work.FirstAt, work.Late(v.Now))})
	}
	if work.Version > 1 {
		p.Facts = append(p.Facts, ui.Row{Key: v.L.T("report.version"), Value: strconv.Itoa(work.Version)}, ui.Row{Key: v.L.T("report.correction.reason"), Value: work.Reason})
	}
	p.Facts = append(p.Facts, ui.Row{Key: v.L.T("report.layout"), Value: v.L.Text(work.Layout.Title) + v.L.T("report.layout.source", web.Args{"Source": work.Layout.Source.CiteText()})})
	if work.Record != "" {
		p.Facts = append(p.Facts, ui.Row{Key: v.L.T("report.record"), Content: linkTo(work.Record, v.L.T("report.record.open"))})
	}
	err := s.compare(r.Context(), p)
	if err != nil {
		return nil, err
	}
	p.Years, p.Others, err = s.years(r.Context(), v.L, work)
	return p, err
}

// years returns what the reports of an owner say of the years up to that of a report, and the reports on other years.
func (s *Service) years(ctx context.Context, l *web.Localizer, work *Work) (list []yearLine, others []ui.Link, err error) {
	all, err := s.published(ctx, work.Owner)
	if err != nil {
		return nil, nil, err
	}
	for i := range all {
		o := &all[i]
		layout := s.Layouts.Of(o.Year)
		if o.Year == work.Year || layout == nil {
			continue
		}
		others = append(others, ui.Link{Href: reportHref(o.Owner, o.Year), Text: l.T("report.year", web.Args{"Year": strconv.Itoa(o.Year)})})
		if o.Year < work.Year {
			list = append(list, yearOfSheet(o.Year, sheet.Frozen(layout, o.Statement.Values)))
		}
	}
	list = append(list, yearOfSheet(work.Year, work.Sheet))
	slices.SortFunc(list, func(a, b yearLine) int { return a.Year - b.Year })
	return list, others, nil
}

// compare adds the versions of a report that was corrected, and what this one changed.
func (s *Service) compare(ctx context.Context, p *reportPage) error {
	list, err := s.Versions(ctx, p.Owner, p.Year)
	if err != nil {
		return err
	}
	if len(list) > 1 || p.Version > 1 {
		p.Versions = list
	}
	for i := range list {
		if was := &list[i]; was.Version == p.Version-1 {
			now := p.Statement
			if p.State == Compiling {
				now = p.statement()
			}
			p.Changes = changes(p.Layout, was.Statement, now)
		}
	}
	return nil
}

// totalCell returns the number of all applicants in a row of the third table.
func totalCell(s *sheet.Sheet, row string) int64 {
	if c := s.Cell(sheet.Address{Table: "requests", Row: row, Column: "total"}); c != nil {
		return c.Final
	}
	return 0
}

func yearOfSheet(year int, s *sheet.Sheet) yearLine {
	return yearLine{year, totalCell(s, "received"), totalCell(s, "results-total")}
}

// results adds up the outcomes of requests by their groups.
func results(l *web.Localizer, s *sheet.Sheet) (list []resultLine) {
	t := s.Layout.Table("requests")
	if t == nil {
		return nil
	}
	group := t.Rows.Find("results")
	if group == nil {
		return nil
	}
	for _, line := range group.Lines {
		if line.Total() {
			continue
		}
		n := int64(0)
		for _, leaf := range (sheet.Lines{line}).Leaves() {
			n += totalCell(s, leaf.Code)
		}
		list = append(list, resultLine{name(l, line), n})
	}
	return list
}

func (s *Service) getPDF(w http.ResponseWriter, r *http.Request) error {
	work, err := s.publishedReport(r)
	if err != nil {
		return err
	}
	return s.sendPDF(w, r, work)
}

// sendPDF sends a report as PDF. What is published is printed once in each language and kept for a while.
func (s *Service) sendPDF(w http.ResponseWriter, r *http.Request, work *Work) error {
	l := web.ViewOf(r).L
	years, _, err := s.years(r.Context(), l, work)
	if err != nil {
		return err
	}
	pdf, err := s.printed.of(work, l.Tag(), years, func() ([]byte, error) { return s.Printer.Paper(s.paper(l, work, years)) })
	if err != nil {
		return fmt.Errorf("print report %s: %w", work.Number, err)
	}
	h := w.Header()
	h.Set("Content-Type", "application/pdf")
	h.Set("Content-Disposition", fmt.Sprintf(`inline; filename="annual-report-%s-%d%s.pdf"`, work.Owner.Key(), work.Year, work.suffix()))
	h.Set("Content-Length", strconv.Itoa(len(pdf)))
	_, err = w.Write(pdf)
	return err
}

func (s *Service) getBook(w http.ResponseWriter, r *http.Request) error {
	work, err := s.publishedReport(r)
	if err != nil {
		return err
	}
	return sendBook(w, s.book(web.ViewOf(r).L, work), fmt.Sprintf("annual-report-%s-%d%s.xlsx", work.Owner.Key(), work.Year, work.suffix()))
}

// sendBook sends a workbook. It is written whole before the first byte goes out, so that what goes wrong becomes a page.
func sendBook(w http.ResponseWriter, b *book, name string) error {
	var buf bytes.Buffer
	if err := b.write(&buf); err != nil {
		return err
	}
	h := w.Header()
	h.Set("Content-Type", bookType)
	h.Set("Content-Disposition", fmt.Sprintf(`attachment; filename="%s"`, name))
	h.Set("Content-Length", strconv.Itoa(buf.Len()))
	_, err := w.Write(buf.Bytes())
	return err
}

// suffix tells the files of corrected versions apart.
func (w *Work) suffix() string {
	if w.Version < 2 {
		return ""
	}
	return "-v" + strconv.Itoa(w.Version)
}

// stateTag is how the state of a report is shown.
func stateTag(l *web.Localizer, line *Line, today calendar.Date) (ui.TagKind, string) {
	switch {
	case line.State() == Published && line.Late:
		return ui.TagLate, l.T("report.state.tardy")
	case line.State() == Published:
		return ui.TagGood, l.T("report.state.published")
	case today > line.Term.Due:
		return ui.TagBad, l.T("report.state.late")
	case line.State() == Unbegun:
		return ui.TagNeutral, l.T("report.state.unbegun")
	default:
		return ui.TagActive, l.T("report.state." + string(line.State()))
	}
}

// printKey names what was printed.
type printKey struct {
	report store.ID
	tag    lang.Tag
	years  string
}
