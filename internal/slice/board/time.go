package board

import (
	"context"
	"net/http"
	"strconv"

	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/platform/supervision"
	"openhall.org/openhall/internal/platform/web"
)

// breakdown is a table of what a scope consists of, for a page that shows other columns than the board.
type breakdown struct {
	ID, Caption, First string
	Lines              []breakdownLine
}

type breakdownLine struct {
	Name, Href string
	Figures
	frame *frame   // of the line
	pairs []string // query parameters that lead to the line's lists
}

// breakdowns reads the figures of the whole scope, then by division, body, window and item.
func (s *Service) breakdowns(ctx context.Context, v *web.View, f *frame) ([]breakdown, error) {
	o, err := s.Overview(ctx, f.Scope, f.From, f.To)
	if err != nil {
		return nil, err
	}
	list := []breakdown{{ID: "total", Caption: v.L.T("board.total"), First: v.L.T("board.total.one"),
		Lines: []breakdownLine{{Name: f.Name, Href: f.href(""), Figures: o.Figures, frame: f}}}}
	places := s.Registry.Now()
	add := func(id, key string, lines []Line, name func(string) string) {
		b := breakdown{ID: id, Caption: v.L.T("board." + id), First: v.L.T("board." + id + ".one")}
		for _, line := range lines {
			row := breakdownLine{Name: name(line.Key), Figures: line.Figures, frame: f, pairs: []string{key, line.Key}}
			if key == "division" {
				at := *f
				at.Division, row.pairs = places.Division(line.Key), nil
				if at.Division == nil {
					continue
				}
				row.frame = &at
			}
			row.Href = row.frame.href("", row.pairs...)
			b.Lines = append(b.Lines, row)
		}
		if len(b.Lines) > 0 {
			list = append(list, b)
		}
	}
	add("divisions", "division", o.Divisions, func(key string) string {
		if d := places.Division(key); d != nil {
			return v.L.Text(d.Name)
		}
		return key
	})
	add("bodies", "body", o.Bodies, func(key string) string { return s.bodyName(v, key) })
	add("windows", "window", o.Windows, func(key string) string { return s.windowName(v, key) })
	add("items", "item", o.Items, func(key string) string { return v.L.Text(s.itemName(ctx, key)) })
	return list, nil
}

// list is the address of a list of the line.
func (b breakdownLine) list(pairs ...string) string {
	return b.frame.href("cases", append(append([]string{}, b.pairs...), pairs...)...)
}

// each is how many working days fall on each of n cases, to one decimal.
func each(days, n int64) string {
	if n == 0 {
		return "–"
	}
	return strconv.FormatFloat(float64(days)/float64(n), 'f', 1, 64)
}

// share is what part of the time from receipt to end a clock stood still, in per cent.
func share(paused, gross int64) string {
	if gross == 0 {
		return "–"
	}
	return strconv.FormatInt((100*paused+gross/2)/gross, 10) + "%"
}

// timePage shows working time with and without pauses (工作日用时), so that pausing cannot hide delay.
type timePage struct {
	*frame
	Title  string
	Tables []breakdown
	Cases  []pausedLine
	Next   string
}

type pausedLine struct {
	caseLine
	Gross, Net string
	Still      string // since when it stands still; empty: it runs
}

func (s *Service) getTime(w http.ResponseWriter, r *http.Request) error {
	f, _, err := s.frame(r)
	if err != nil {
		return err
	}
	v := web.ViewOf(r)
	p := &timePage{frame: f, Title: v.L.T("board.time.title", web.Args{"Name": f.Name})}
	if p.Tables, err = s.breakdowns(r.Context(), v, f); err != nil {
		return err
	}
	today := calendar.Of(v.Now)
	list, err := s.Supervision.Paused(r.Context(), supervision.CaseFilter{Scope: f.counted(), After: cursorOf(r.URL.Query().Get("after")),
		Limit: casesPerPage + 1}, today)
	if err != nil {
		return err
	}
	list, next := cutPage(list)
	if next != nil {
		p.Next = f.href("time", "after", cursorText(*next))
	}
	lines, err := s.caseLines(r.Context(), v, f, list)
	if err != nil {
		return err
	}
	for i := range list {
		gross, _, net := list[i].Days(s.Cases.Calendar(), today)
		line := pausedLine{caseLine: lines[i], Gross: v.L.Number(gross), Net: v.L.Number(net)}
		if !list[i].PausedSince.IsZero() {
			line.Still = v.L.T("board.since", web.Args{"Day": calendar.Of(list[i].PausedSince)})
		}
		p.Cases = append(p.Cases, line)
	}
	return web.Render(w, r, http.StatusOK, timeView(v, p))
}

// ratingsPage shows how those concerned have rated (好差评).
type ratingsPage struct {
	*frame
	Title  string
	Tables []breakdown
}

func (s *Service) getRatings(w http.ResponseWriter, r *http.Request) error {
	f, _, err := s.frame(r)
	if err != nil {
		return err
	}
	v := web.ViewOf(r)
	p := &ratingsPage{frame: f, Title: v.L.T("board.ratings.title", web.Args{"Name": f.Name})}
	if p.Tables, err = s.breakdowns(r.Context(), v, f); err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, ratingsView(v, p))
}

// average is a mean grade to one decimal, or a dash.
func average(f Figures) string {
	if f.Average == 0 {
		return "–"
	}
	return strconv.FormatFloat(f.Average, 'f', 1, 64)
}

func (f Figures) rated() (n int64) {
	for _, r := range f.Ratings {
		n += r
	}
	return n
}
