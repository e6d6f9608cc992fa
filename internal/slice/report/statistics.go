package report

import (
	"encoding/csv"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/core/lang"
	"openhall.org/openhall/internal/platform/registry"
	"openhall.org/openhall/internal/platform/web"
	"openhall.org/openhall/internal/platform/web/ui"
	"openhall.org/openhall/internal/slice/report/sheet"
)

// quarters of a year.
const quarters = 4

// statisticsPage is what the records of a place count in a year or a quarter.
type statisticsPage struct {
	Division *registry.Division
	Body     *registry.Body
	Below    bool
	Year     int
	Quarter  int // 0: the whole year
	From, To calendar.Date

	Name     string
	Crumbs   []ui.Link
	Years    []ui.Option
	Quarters []ui.Option
	Bodies   []ui.Option
	Sheet    *sheet.Sheet
	Grids    []*grid
	Periods  []periodLine // the quarters of the year
	Results  []resultLine
	Open     bool // the time is not over yet
}

// periodLine is a quarter with its numbers.
type periodLine struct {
	Name                                string
	Href                                string
	Received, Carried, Ended, Forwarded int64
}

// scope is whose records are counted.
func (p *statisticsPage) scope() Scope {
	if p.Body != nil {
		return Scope{Division: p.Division.Code, Body: p.Body.Key}
	}
	return Scope{Division: p.Division.Code, Below: p.Below}
}

// href is the address of the page, or of a download of it, with some parameters changed.
func (p *statisticsPage) href(file string, pairs ...string) string {
	base := []string{"division", p.Division.Code, "year", strconv.Itoa(p.Year)}
	if p.Body != nil {
		base = append(base, "body", p.Body.Key)
	} else if !p.Below {
		base = append(base, "below", "no")
	}
	if p.Quarter > 0 {
		base = append(base, "quarter", strconv.Itoa(p.Quarter))
	}
	path := "/open/statistics"
	if file != "" {
		path += "/" + file
	}
	return href(path, append(base, pairs...)...)
}

// quarterOf returns the first day of a quarter of a year and of the next one.
func quarterOf(year, quarter int) (from, until calendar.Date) {
	from, _ = yearOf(year)
	const months = 3
	return from.AddMonths(months * (quarter - 1)), from.AddMonths(months * quarter)
}

// statistics reads what is asked for. What cannot be read is this year, and everything.
func (s *Service) statistics(r *http.Request) (*statisticsPage, error) {
	v, q := web.ViewOf(r), r.URL.Query()
	p := &statisticsPage{Below: q.Get("below") != "no", Year: s.today().Year()}
	var err error
	if p.Division, err = s.divisionOf(q.Get("division")); err != nil {
		return nil, err
	}
	if key := q.Get("body"); key != "" {
		if p.Body = s.Registry.Now().Body(key); p.Body == nil {
			return nil, web.NotFound("")
		}
		p.Division = s.Registry.Now().Division(p.Body.Division)
	}
	if year, err := strconv.Atoi(q.Get("year")); err == nil && s.year(year) {
		p.Year = year
	}
	p.From, p.To = yearOf(p.Year)
	if quarter, err := strconv.Atoi(q.Get("quarter")); err == nil && quarter >= 1 && quarter <= quarters {
		p.Quarter = quarter
		p.From, p.To = quarterOf(p.Year, quarter)
	}
	p.Open = s.today() < p.To
	figures, err := s.count(r.Context(), p.scope(), p.From, p.To)
	if err != nil {
		return nil, err
	}
	p.Sheet = sheet.Fill(s.Layouts.Of(p.Year), figures, nil)
	p.Name = v.L.Text(p.Division.Name)
	if p.Body != nil {
		p.Name = v.L.Text(p.Body.Name)
	}
	return p, nil
}

func (s *Service) getStatistics(w http.ResponseWriter, r *http.Request) error {
	p, err := s.statistics(r)
	if err != nil {
		return err
	}
	v := web.ViewOf(r)
	if err := s.fill(r, v, p); err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, statisticsView(v, s, p))
}

// fill adds what only the page shows.
func (s *Service) fill(r *http.Request, v *web.View, p *statisticsPage) error {
	for quarter := 1; quarter <= quarters; quarter++ {
		from, until := quarterOf(p.Year, quarter)
		p.Quarters = append(p.Quarters, ui.Option{Value: strconv.Itoa(quarter), Text: v.L.T("report.quarter", web.Args{"Quarter": quarter})})
		if from > s.today() {
			continue
		}
		figures, err := s.count(r.Context(), p.scope(), from, until)
		if err != nil {
			return err
		}
		one := sheet.Fill(p.Sheet.Layout, figures, nil)
		p.Periods = append(p.Periods, periodLine{
			Name: v.L.T("report.quarter", web.Args{"Quarter": quarter}), Href: p.href("", "quarter", strconv.Itoa(quarter)),
			Received: totalCell(one, "received"), Carried: totalCell(one, "carried-over"), Ended: totalCell(one, "results-total"), Forwarded: totalCell(one, "carried-forward"),
		})
	}
	p.Quarters = append([]ui.Option{{Text: v.L.T("report.whole-year")}}, p.Quarters...)
	for year := s.today().Year(); year >= s.Layouts.First(); year-- {
		p.Years = append(p.Years, ui.Option{Value: strconv.Itoa(year), Text: v.L.T("report.year", web.Args{"Year": strconv.Itoa(year)})})
	}
	p.Bodies = []ui.Option{{Text: v.L.T("report.all-bodies")}}
	for _, b := range s.Registry.Now().Bodies(p.Division.Code) {
		p.Bodies = append(p.Bodies, ui.Option{Value: b.Key, Text: v.L.Text(b.Name)})
	}
	for _, d := range s.Registry.Now().Path(p.Division.Code) {
		if d != p.Division || p.Body != nil {
			p.Crumbs = append(p.Crumbs, ui.Link{Href: href("/open/statistics", "division", d.Code, "year", strconv.Itoa(p.Year)), Text: v.L.Text(d.Name)})
		}
	}
	p.Results = results(v.L, p.Sheet)
	for _, x := range tabled(p.Sheet.Layout) {
		for _, t := range x.Tables {
			p.Grids = append(p.Grids, gridOf(v.L, p.Sheet, x, t))
		}
	}
	return nil
}

// children are the divisions below, to go down to.
func (s *Service) children(v *web.View, p *statisticsPage) (list []ui.Link) {
	if p.Body != nil {
		return nil
	}
	for _, d := range s.Registry.Now().Children(p.Division.Code) {
		if d.Level <= registry.County {
			list = append(list, ui.Link{Href: href("/open/statistics", "division", d.Code, "year", strconv.Itoa(p.Year)), Text: v.L.Text(d.Name)})
		}
	}
	return list
}

// fileName names a download.
func (p *statisticsPage) fileName(extension string) string {
	place := p.Division.Code
	if p.Body != nil {
		place = p.Body.Key
	}
	name := fmt.Sprintf("statistics-%s-%d", place, p.Year)
	if p.Quarter > 0 {
		name += "-q" + strconv.Itoa(p.Quarter)
	}
	return name + "." + extension
}

// getStatisticsCSV gives every number in a line of its own, with the names of its row and column.
func (s *Service) getStatisticsCSV(w http.ResponseWriter, r *http.Request) error {
	p, err := s.statistics(r)
	if err != nil {
		return err
	}
	l := web.ViewOf(r).L
	h := w.Header()
	h.Set("Content-Type", "text/csv; charset=utf-8")
	h.Set("Content-Disposition", `attachment; filename="`+p.fileName("csv")+`"`)
	if _, err := w.Write([]byte("\xef\xbb\xbf")); err != nil { // by which spreadsheets know UTF-8
		return err
	}
	out := csv.NewWriter(w)
	var head []string
	for _, key := range []string{"cell", "table", "row", "column", "value"} {
		head = append(head, l.T("report.csv."+key))
	}
	if err := out.Write(head); err != nil {
		return err
	}
	for _, x := range tabled(p.Sheet.Layout) {
		for _, t := range x.Tables {
			for _, row := range t.Rows.Leaves() {
				for _, column := range t.Columns.Leaves() {
					c := p.Sheet.Cell(sheet.Address{Table: t.Key, Row: row.Code, Column: column.Code})
					line := []string{c.Address.String(), l.Text(x.Title), path(l.Tag(), t.Rows, row.Code), path(l.Tag(), t.Columns, column.Code), number(c)}
					if err := out.Write(line); err != nil {
						return err
					}
				}
			}
		}
	}
	out.Flush()
	return out.Error()
}

// path names a row or column with the groups in which it stands.
func path(tag lang.Tag, lines sheet.Lines, code string) string {
	var names []string
	for _, l := range lines.Path(code) {
		names = append(names, l.Title.In(tag))
	}
	return strings.Join(names, " / ")
}

func (s *Service) getStatisticsBook(w http.ResponseWriter, r *http.Request) error {
	p, err := s.statistics(r)
	if err != nil {
		return err
	}
	l := web.ViewOf(r).L
	b := newBook()
	b.tables(l, p.Sheet, p.Name+" "+p.From.String()+" – "+p.To.Add(-1).String(), tabled(p.Sheet.Layout))
	return sendBook(w, b, p.fileName("xlsx"))
}
