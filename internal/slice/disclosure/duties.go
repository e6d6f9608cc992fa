package disclosure

import (
	"cmp"
	"context"
	"net/http"
	"net/url"
	"slices"

	"openhall.org/openhall/internal/platform/publication"
	"openhall.org/openhall/internal/platform/registry"
	"openhall.org/openhall/internal/platform/web"
	"openhall.org/openhall/internal/platform/web/ui"
)

// dutiesView is what bodies owe to the public (公开义务), and what is late.
type dutiesView struct {
	place  *registry.Division
	body   *registry.Body
	late   bool
	rows   []dutyRow
	totals publication.DutyCount
	bodies []dutyBody // the worst first
	below  []*registry.Division
	more   int    // bodies that are not shown: they stand on the pages of their divisions
	all    string // the same list with what is not late
	only   string // the same list with what is late alone
}

// dutyRow is a duty with what it is about.
type dutyRow struct {
	publication.Duty
	body  string
	about *publication.Entry
}

// dutyBody sums up the duties of a body.
type dutyBody struct {
	href, name string
	publication.DutyCount
}

// shownDuties is how many duties a page lists, the most urgent first.
const shownDuties = 100

// shownBodies is how many bodies a page sums up. A province has hundreds; each stands on the page of its division and on its own.
const shownBodies = 50

func (s *Service) getDuties(w http.ResponseWriter, r *http.Request) error {
	v, ctx, q := web.ViewOf(r), r.Context(), r.URL.Query()
	places := s.Registry.Now()
	p := dutiesView{place: places.Division(s.Top), late: q.Get("late") == "yes"}
	filter := publication.DutyFilter{Division: s.Top, Below: true, Late: p.late, Limit: shownDuties}
	keep := url.Values{}
	if d := findDivision(places, q.Get("area")); d != nil {
		p.place, filter.Division = d, d.Code
		keep.Set("area", areaOf(d))
	}
	if b := places.Body(q.Get("body")); b != nil {
		p.body, filter.Body = b, b.Key
		keep.Set("body", b.Key)
	}
	if p.place.Level < registry.County {
		p.below = places.Children(p.place.Code)
	}
	p.all = "/open/duties?" + keep.Encode()
	keep.Set("late", "yes")
	p.only = "/open/duties?" + keep.Encode()
	list, err := s.Records.Duties(ctx, filter)
	if err != nil {
		return err
	}
	for _, d := range list {
		row := dutyRow{Duty: d, body: v.L.Text(s.bodyName(d.Body))}
		if d.About != 0 {
			if rec, err := s.Records.Get(ctx, d.About); err == nil && rec.Tombstone == nil {
				e := entryOf(rec)
				row.about = &e
			}
		}
		p.rows = append(p.rows, row)
	}
	if err := s.countDuties(ctx, v.L, &p, filter); err != nil {
		return err
	}
	return web.RenderTagged(w, r, dutiesPage(v, p))
}

// countDuties sums the counts up, by body.
func (s *Service) countDuties(ctx context.Context, l *web.Localizer, p *dutiesView, f publication.DutyFilter) error {
	counts, err := s.Records.DutyCounts(ctx, f.Division, true, f.Body)
	if err != nil {
		return err
	}
	for _, c := range counts {
		p.totals.Owed, p.totals.Late, p.totals.Met, p.totals.MetLate = p.totals.Owed+c.Owed, p.totals.Late+c.Late, p.totals.Met+c.Met, p.totals.MetLate+c.MetLate
		if n := len(p.bodies); n > 0 && p.bodies[n-1].Body == c.Body {
			b := &p.bodies[n-1]
			b.Owed, b.Late, b.Met, b.MetLate = b.Owed+c.Owed, b.Late+c.Late, b.Met+c.Met, b.MetLate+c.MetLate
			continue
		}
		p.bodies = append(p.bodies, dutyBody{"/open/duties?" + url.Values{"body": {c.Body}}.Encode(), l.Text(s.bodyName(c.Body)), c})
	}
	slices.SortStableFunc(p.bodies, func(a, b dutyBody) int { return cmp.Or(b.Late-a.Late, b.Owed-a.Owed) })
	p.more = max(0, len(p.bodies)-shownBodies)
	p.bodies = p.bodies[:len(p.bodies)-p.more]
	return nil
}

func (p dutiesView) cells(l *web.Localizer) [][]ui.Cell {
	cells := make([][]ui.Cell, len(p.rows))
	for i, d := range p.rows {
		what := ui.Cell{Text: l.Text(d.Title)}
		if d.about != nil {
			what.Href = recordPath(d.about.Index)
		}
		state, kind := "owed", ui.TagInfo
		if d.Late {
			state, kind = "late", ui.TagBad
		}
		cells[i] = []ui.Cell{what, {Text: d.body, Href: bodyPath(d.Body)}, {Text: l.DateOf(d.DueAt.Add(-1))}, {Content: ui.Tag(kind, l.T("disclosure.duties."+state))}, {Text: l.Text(d.Basis)}}
	}
	return cells
}

func (p dutiesView) bodyCells(l *web.Localizer) [][]ui.Cell {
	cells := make([][]ui.Cell, len(p.bodies))
	for i, b := range p.bodies {
		n := func(x int) ui.Cell { return ui.Cell{Text: l.Number(int64(x))} }
		cells[i] = []ui.Cell{{Text: b.name, Href: b.href}, n(b.Owed), n(b.Late), n(b.Met), n(b.MetLate)}
	}
	return cells
}
