package board

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/core/lang"
	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/registry"
	"openhall.org/openhall/internal/platform/supervision"
)

// Deps are what the board works with. All are required but Draining and Keep.
type Deps struct {
	Cases       *casework.Runtime
	Supervision Supervision
	Registry    *registry.Registry
	People      People
	Duties      Duties          // nil: the board says nothing of what bodies owe to the public
	Kind        string          // of the cases that the board is about; other kinds are shown beside them
	Draining    <-chan struct{} // closed when the node ends: whoever watches is let go
	Keep        time.Duration   // how long a board is shown again as it was read; 0: each is read anew
}

// Service is the board. It is safe for concurrent use.
type Service struct {
	Deps
	titles   sync.Map // of items, by code: what the newest case is called
	watch    watch
	together together
}

// New returns the board.
func New(d Deps) (*Service, error) {
	if d.Cases == nil || d.Supervision == nil || d.Registry == nil || d.People == nil || d.Kind == "" {
		return nil, errors.New("board: a dependency is missing")
	}
	return &Service{Deps: d, watch: watch{counters: d.Supervision}}, nil
}

// Figures are the numbers of one place. Each has a list that counts the same.
type Figures struct {
	Open, Standing       int64 // now
	Received, Ended      int64 // in the days asked for
	Amber, Yellow, Red   int64 // open cases by their lamp, now
	Cards                int64 // open ones, now
	Reminders            int64 // open cards by their colour
	YellowCards          int64
	RedCards, Overtime   int64
	Ratings              [supervision.Grades]int64 // in the days asked for
	Average              float64
	GrossDays, PauseDays int64 // of those that ended: working days from receipt to end, and those on which a clock stood still
}

func figuresOf(r supervision.Row) Figures {
	f := Figures{
		Open: r.Ever.Open(), Standing: r.Ever.Standing, Received: r.Days.Received, Ended: r.Days.Ended,
		Amber: r.Ever.LitAmber, Yellow: r.Ever.LitYellow, Red: r.Ever.LitRed,
		Reminders: r.Cards[supervision.Reminder], YellowCards: r.Cards[supervision.Yellow], RedCards: r.Cards[supervision.Red],
		Overtime: r.Cards[supervision.Overtime], Ratings: r.Days.Rated, Average: r.Days.Average(),
		GrossDays: r.Days.Gross, PauseDays: r.Days.Paused,
	}
	for _, n := range r.Cards {
		f.Cards += n
	}
	return f
}

// Green is the number of open cases that are in time.
func (f Figures) Green() int64 { return f.Open - f.Amber - f.Yellow - f.Red }

// Line is one row of the drill-down: a division, a body, a centre, a window, an item or a kind of case, with its numbers.
type Line struct {
	Key string
	Figures
}

// Day is what came in and was done on a day, or in a month: [From, To] both included.
type Day struct {
	From, To        calendar.Date
	Received, Ended int64
}

// Overview is the board of a scope for some days.
type Overview struct {
	Figures
	Divisions, Bodies, Centres, Windows, Items, Kinds []Line
	Days                                              []Day
	Urgent                                            []supervision.DueCase // the most urgent open cases, those past the statute first
	Fresh                                             supervision.Freshness
	At                                                time.Time // when it was read
}

// urgentShown is how many urgent cases the board shows of itself; the lists have the rest.
const urgentShown = 10

// Overview puts the board of a scope together for the days from and to, both included.
func (s *Service) Overview(ctx context.Context, scope Scope, from, to calendar.Date) (o Overview, err error) {
	o.At = s.Cases.Now()
	if o.Fresh, err = s.Supervision.Freshness(ctx); err != nil {
		return o, err
	}
	sc := scope.counted()
	read := func(sc supervision.Scope, by supervision.By) []Line {
		if err != nil {
			return nil
		}
		var rows []supervision.Row
		rows, err = s.Supervision.Rows(ctx, sc, by, from, to)
		return linesOf(rows)
	}
	if total := read(sc, supervision.ByTotal); len(total) > 0 {
		o.Figures = total[0].Figures
	}
	switch {
	case scope.atWindow() && scope.Body != nil: // one window's work for one body
	case scope.atWindow():
		if scope.Window == "" {
			o.Windows = s.byWindow(scope.Centre, read(sc, supervision.ByPost))
		}
		o.Bodies = read(sc, supervision.ByBody)
	case scope.Body != nil:
		o.Windows = s.byWindow(nil, read(sc, supervision.ByPost))
	default:
		o.Divisions, o.Bodies = read(sc, supervision.ByDivision), read(sc, supervision.ByBody)
		o.Centres = s.byCentre(scope, read)
	}
	if scope.Item == "" && (scope.Body == nil || !scope.atWindow()) {
		o.Items = read(sc, supervision.ByItem)
		slices.SortStableFunc(o.Items, func(a, b Line) int { return cmp.Or(cmp.Compare(b.Open, a.Open), cmp.Compare(b.Received, a.Received)) })
	}
	every := sc
	every.Kind = ""
	o.Kinds = read(every, supervision.ByKind)
	if err != nil {
		return o, err
	}
	if o.Days, err = s.days(ctx, sc, from, to); err != nil {
		return o, err
	}
	o.Urgent, err = s.urgent(ctx, scope)
	return o, err
}

func linesOf(rows []supervision.Row) []Line {
	list := make([]Line, len(rows))
	for i, r := range rows {
		list[i] = Line{r.Key, figuresOf(r)}
	}
	return list
}

// plus adds the figures of another place.
func (f *Figures) plus(o Figures) {
	f.Open, f.Standing, f.Received, f.Ended = f.Open+o.Open, f.Standing+o.Standing, f.Received+o.Received, f.Ended+o.Ended
	f.Amber, f.Yellow, f.Red = f.Amber+o.Amber, f.Yellow+o.Yellow, f.Red+o.Red
	f.GrossDays, f.PauseDays = f.GrossDays+o.GrossDays, f.PauseDays+o.PauseDays
	for i := range f.Ratings {
		f.Ratings[i] += o.Ratings[i]
	}
	f.Average = (&supervision.Tally{Rated: f.Ratings}).Average()
}

// byCentre returns the centres of a division itself, each with what its windows took in.
func (s *Service) byCentre(scope Scope, read func(supervision.Scope, supervision.By) []Line) (lines []Line) {
	for _, c := range s.Registry.Now().Centres(scope.Division.Code) {
		at := scope
		at.Centre, at.Posts = c, s.seats(c, "")
		if len(at.Posts) == 0 {
			continue
		}
		line := Line{Key: c.Key}
		if total := read(at.counted(), supervision.ByTotal); len(total) > 0 {
			line.Figures = total[0].Figures
		}
		lines = append(lines, line)
	}
	return lines
}

// byWindow puts the figures of posts together by the window at which each sits.
func (s *Service) byWindow(c *registry.Centre, posts []Line) (lines []Line) {
	at := map[string]int{}
	if c != nil { // windows that took nothing in are shown as well
		for _, w := range c.Windows {
			at[w.Key] = len(lines)
			lines = append(lines, Line{Key: w.Key})
		}
	}
	for _, p := range posts {
		window := s.windowOf(p.Key)
		i, ok := at[window]
		if !ok {
			i = len(lines)
			at[window] = i
			lines = append(lines, Line{Key: window})
		}
		lines[i].plus(p.Figures)
	}
	return lines
}

// curveDays is the longest time that is shown day by day; longer ones are shown by month.
const (
	curveDays = 60
	leastDays = 30 // shown however short the time asked for is
)

// days returns the course of the time asked for.
func (s *Service) days(ctx context.Context, sc supervision.Scope, from, to calendar.Date) ([]Day, error) {
	first := min(from, to-leastDays+1)
	counts, err := s.Supervision.Counts(ctx, sc, supervision.ByDay, first, to)
	if err != nil {
		return nil, fmt.Errorf("course of the days: %w", err)
	}
	found := map[calendar.Date]supervision.Tally{}
	for _, c := range counts {
		day, err := calendar.Parse(c.Key)
		if err != nil {
			return nil, fmt.Errorf("course of the days: %w", err)
		}
		found[day] = c.Tally
	}
	var out []Day
	for d := first; d <= to; d++ {
		if n := len(out); n == 0 || to-first+1 <= curveDays || d.Month() != out[n-1].From.Month() {
			out = append(out, Day{From: d})
		}
		last := &out[len(out)-1]
		last.To = d
		last.Received += found[d].Received
		last.Ended += found[d].Ended
	}
	return out, nil
}

func (s *Service) urgent(ctx context.Context, scope Scope) (out []supervision.DueCase, err error) {
	if scope.atWindow() || scope.Item != "" {
		return nil, nil
	}
	for _, lamp := range []casework.Lamp{casework.Red, casework.Yellow, casework.Amber} {
		list, err := s.Supervision.Due(ctx, supervision.DueFilter{Lamp: lamp, Division: scope.Division.Code, Body: scope.bodyKey(), Limit: urgentShown})
		if err != nil {
			return nil, fmt.Errorf("urgent cases: %w", err)
		}
		out = append(out, list...)
		if len(out) >= urgentShown {
			return out[:urgentShown], nil
		}
	}
	return out, nil
}

// itemName is what an item is called: the name of its newest case.
func (s *Service) itemName(ctx context.Context, item string) lang.Text {
	if known, ok := s.titles.Load(item); ok {
		if text, ok := known.(lang.Text); ok {
			return text
		}
	}
	text, err := s.Supervision.Title(ctx, item)
	if err != nil || text.IsZero() {
		return lang.Text{Hans: item}
	}
	s.titles.Store(item, text)
	return text
}

// kindName is what a kind of case is called.
func (s *Service) kindName(kind string) lang.Text {
	for _, k := range s.Cases.Kinds {
		if k.Name == kind {
			return k.Title
		}
	}
	return lang.Text{Hans: kind}
}
