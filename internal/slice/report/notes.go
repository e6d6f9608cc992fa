package report

import (
	"slices"
	"strings"

	"openhall.org/openhall/internal/platform/web"
	"openhall.org/openhall/internal/platform/web/ui"
	"openhall.org/openhall/internal/slice/report/sheet"
)

// adjustedRows are the adjustments of a report as it was handed on.
func (s *Service) adjustedRows(l *web.Localizer, w *Work) (rows [][]ui.Cell) {
	for _, a := range w.Statement.Adjusted {
		at, ok := sheet.ParseAddress(a.Cell)
		c := w.Sheet.Cell(at)
		if !ok || c == nil {
			continue
		}
		counted := l.T("report.cell.nobody")
		if a.Counted != nil {
			counted = c.Unit.Format(*a.Counted)
		}
		rows = append(rows, []ui.Cell{{Text: s.cellName(l, w.Layout, at)}, {Text: counted}, {Text: c.Unit.Format(a.Value)}, {Text: a.Reason, Lang: written}})
	}
	return rows
}

// explainedRows are the checks that do not hold, with why.
func (s *Service) explainedRows(l *web.Localizer, w *Work) (rows [][]ui.Cell) {
	for _, e := range w.Statement.Explained {
		check, rest, _ := strings.Cut(e.Finding, "/")
		table, line, _ := strings.Cut(rest, "/")
		f := Finding{Finding: sheet.Finding{Check: check, Table: table, Line: line}}
		for i := range w.Layout.Checks {
			if x := &w.Layout.Checks[i]; x.ID == check {
				f.Rule, f.Each = x.Title, x.Each
			}
		}
		if f.Each == "" && slices.ContainsFunc(w.Layout.Table(table).Rows.Leaves(), func(r *sheet.Line) bool { return r.Code == line }) {
			f.Each = sheet.EachRow
		}
		rows = append(rows, []ui.Cell{{Text: findingRule(l, &f) + " " + l.T("report.check.place", web.Args{"Place": findingPlace(l, w, &f)})}, {Text: e.Reason, Lang: written}})
	}
	return rows
}
