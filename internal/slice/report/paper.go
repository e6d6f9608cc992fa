package report

import (
	"fmt"
	"strconv"

	"openhall.org/openhall/internal/platform/document"
	"openhall.org/openhall/internal/platform/web"
	"openhall.org/openhall/internal/slice/report/sheet"
)

// sectionRequests is the section in which the charts stand.
const sectionRequests = "requests"

// charts are the pictures of a report: how requests ended, and how many there were over the years.
func charts(l *web.Localizer, w *Work, years []yearLine) (list []document.Block) {
	ended := &document.Chart{Caption: l.T("report.chart.results")}
	for _, r := range results(l, w.Sheet) {
		ended.Bars = append(ended.Bars, document.Bar{Name: r.Name, Number: r.N})
	}
	if len(ended.Bars) > 0 {
		list = append(list, document.Block{Chart: ended})
	}
	if len(years) > 1 {
		over := &document.Chart{Caption: l.T("report.chart.years")}
		for _, y := range years {
			year := l.T("report.year", web.Args{"Year": strconv.Itoa(y.Year)})
			over.Bars = append(over.Bars, document.Bar{Name: year + " " + l.T("report.chart.received"), Number: y.Received},
				document.Bar{Name: year + " " + l.T("report.chart.ended"), Number: y.Ended, Second: true})
		}
		list = append(list, document.Block{Chart: over})
	}
	return list
}

// paper sets a report for printing, with the numbers of the years up to its own.
func (s *Service) paper(l *web.Localizer, w *Work, years []yearLine) *document.Paper {
	p := &document.Paper{Title: l.Text(s.title(w.Owner, w.Year)), Foot: s.foot(w)}
	if !w.PublishedAt.IsZero() {
		p.Subtitle = l.DateOf(w.PublishedAt)
	} else {
		p.Subtitle = l.T("report.draft")
	}
	if w.Version > 1 {
		day := w.PublishedAt
		if day.IsZero() {
			day = s.Now()
		}
		p.Blocks = append(p.Blocks, document.Block{Heading: l.T("report.correction"), Level: 2},
			document.Block{Text: l.T("report.correction.text", web.Args{"Version": w.Version, "Day": l.DateOf(day), "Reason": w.Reason})})
	}
	for i := range w.Layout.Sections {
		x := &w.Layout.Sections[i]
		p.Blocks = append(p.Blocks, document.Block{Heading: numbered(l, x.Number, x.Title), Level: 1})
		for _, part := range Prose(w.content(x.Code)) {
			switch {
			case part.Heading != "":
				p.Blocks = append(p.Blocks, document.Block{Heading: part.Heading, Level: 2})
			case part.Item != "":
				p.Blocks = append(p.Blocks, document.Block{Item: part.Item})
			default:
				p.Blocks = append(p.Blocks, document.Block{Text: part.Text})
			}
		}
		for _, t := range x.Tables {
			g := gridOf(l, w.Sheet, x, t)
			if g.Heading != "" {
				p.Blocks = append(p.Blocks, document.Block{Heading: g.Heading, Level: 2})
			}
			p.Blocks = append(p.Blocks, document.Block{Grid: g.paper(l)})
		}
		if x.Code == sectionRequests {
			p.Blocks = append(p.Blocks, charts(l, w, years)...)
		}
	}
	return p
}

// foot is what stands at the foot of every page: where the report can be read.
func (s *Service) foot(w *Work) string {
	if w.PublishedAt.IsZero() {
		return w.Number
	}
	return fmt.Sprintf("%s  %s%s", w.Number, s.BaseURL, versionHref(&w.Report))
}

// content returns the words of a section: what was handed on, or what was last saved.
func (w *Work) content(section string) string {
	if w.State != Compiling && w.Statement != nil {
		return w.Statement.Texts[section]
	}
	return w.Texts[section].Content
}

// paper sets a table for printing.
func (g *grid) paper(l *web.Localizer) *document.Grid {
	const many = 10 // columns of numbers, from which on the type is smaller
	out := &document.Grid{Columns: g.widths(), Head: len(g.Head), Size: 8.5}
	if g.Columns-g.Stub > many {
		out.Size = 7.5
	}
	for _, row := range g.Head {
		out.Rows = append(out.Rows, paperRow(l, row, true))
	}
	for _, row := range g.Body {
		out.Rows = append(out.Rows, paperRow(l, row, false))
	}
	return out
}

func paperRow(l *web.Localizer, row []gridCell, head bool) []document.GridCell {
	var out []document.GridCell
	for _, c := range row {
		out = append(out, document.GridCell{
			Text: withNote(l, c), Across: c.Across, Down: c.Down, Bold: head && c.Group, Left: !head && c.Cell == nil && !c.Group,
		})
	}
	return out
}

// sections lists the sections of a layout that have tables.
func tabled(l *sheet.Layout) (list []*sheet.Section) {
	for i := range l.Sections {
		if len(l.Sections[i].Tables) > 0 {
			list = append(list, &l.Sections[i])
		}
	}
	return list
}
