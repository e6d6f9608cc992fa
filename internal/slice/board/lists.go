package board

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/store"
	"openhall.org/openhall/internal/platform/supervision"
	"openhall.org/openhall/internal/platform/web"
	"openhall.org/openhall/internal/platform/web/caseview"
	"openhall.org/openhall/internal/platform/web/due"
	"openhall.org/openhall/internal/platform/web/ui"
)

// casesPerPage is how many cases, or cards, a page of a list shows.
const casesPerPage = 50

// lampNames are the lamps as addresses name them.
var lampNames = []string{"green", "amber", "yellow", "red"}

// statuses are those by which a list can be narrowed: what the procedures that ship set.
var statuses = []string{"received", "supplement", "accepted", "paused", "notice", "decided", "granted", "refused", "not-accepted", "withdrawn", "lapsed"}

// listing is what a list of cases was asked for.
type listing struct {
	Show, Lamp, Status, Grade string
	After                     *supervision.Cursor
}

func listingOf(q url.Values) listing {
	l := listing{Show: q.Get("show"), Lamp: q.Get("lamp"), Status: q.Get("status"), Grade: q.Get("grade"), After: cursorOf(q.Get("after"))}
	if !slices.Contains(supervision.Shows(), supervision.Show(l.Show)) {
		l.Show = string(supervision.ShowOpen)
	}
	if !slices.Contains(lampNames, l.Lamp) {
		l.Lamp = ""
	}
	if !slices.Contains(statuses, l.Status) {
		l.Status = ""
	}
	if n, err := strconv.Atoi(l.Grade); err != nil || n < 1 || n > supervision.Grades {
		l.Grade = ""
	}
	return l
}

// dated reports whether the list is one of days: what came in, ended or was rated on them.
func (l listing) dated() bool {
	return l.Show != string(supervision.ShowOpen) && l.Show != string(supervision.ShowStanding)
}

// pairs are the query parameters that carry the list on.
func (l listing) pairs() []string {
	return []string{"show", l.Show, "lamp", l.Lamp, "status", l.Status, "grade", l.Grade}
}

func (l listing) filter(f *frame) supervision.CaseFilter {
	c := supervision.CaseFilter{Scope: f.counted(), Show: supervision.Show(l.Show), Status: l.Status, After: l.After}
	if i := slices.Index(lampNames, l.Lamp); i >= 0 {
		c.Lamp, c.InTime = casework.Lamp(i), i == 0
	}
	if l.Show == string(supervision.ShowRated) {
		c.Grade, _ = strconv.Atoi(l.Grade) // empty: all
	}
	if l.dated() {
		c.From, c.To = f.From, f.To
	}
	return c
}

func cursorText(c supervision.Cursor) string { return fmt.Sprintf("%d.%s", c.At, c.ID) }

// cursorOf is the inverse of cursorText. Anything else means the beginning.
func cursorOf(text string) *supervision.Cursor {
	at, id, ok := strings.Cut(text, ".")
	n, err1 := strconv.ParseInt(at, 10, 64)
	key, err2 := store.ParseID(id)
	if !ok || err1 != nil || err2 != nil {
		return nil
	}
	return &supervision.Cursor{At: n, ID: key}
}

// List returns the cases behind a number, newest first, and the cursor of the page after; nil on the last.
func (s *Service) List(ctx context.Context, f supervision.CaseFilter) ([]supervision.Listed, *supervision.Cursor, error) {
	f.Limit = casesPerPage + 1
	list, err := s.Supervision.Cases(ctx, f)
	if err != nil {
		return nil, nil, err
	}
	list, next := cutPage(list)
	return list, next, nil
}

func cutPage(list []supervision.Listed) ([]supervision.Listed, *supervision.Cursor) {
	if len(list) <= casesPerPage {
		return list, nil
	}
	return list[:casesPerPage], &list[casesPerPage-1].At
}

// casesPage is the list behind a number.
type casesPage struct {
	*frame
	listing
	Title, Caption          string
	Errors                  []ui.FieldError
	First, Last             string // the days, as typed
	Shows, Lamps, Statuses  []ui.Option
	Grades, Items, Counters []ui.Option
	Lines                   []caseLine
	Next, CSV               string
}

type caseLine struct {
	Href, Number, Title, Body, Window, Received, Ended string
	Status                                             string
	StatusKind                                         ui.TagKind
	Due                                                *ui.DueProps
	Paused                                             string
}

func (s *Service) getCases(w http.ResponseWriter, r *http.Request) error {
	f, _, err := s.frame(r)
	if err != nil {
		return err
	}
	v, q := web.ViewOf(r), r.URL.Query()
	p := &casesPage{frame: f, listing: listingOf(q), Errors: badDays(v.L, q), First: f.From.String(), Last: f.To.String()}
	if len(p.Errors) > 0 {
		p.First, p.Last = q.Get("from"), q.Get("to")
	}
	list, next, err := s.List(r.Context(), p.filter(f))
	if err != nil {
		return err
	}
	p.Title = v.L.T("board.list."+p.Show, web.Args{"Name": f.Name})
	p.Caption = p.Title
	if p.dated() {
		p.Caption += v.L.T("board.span", web.Args{"From": f.From, "To": f.To})
	}
	if p.Lines, err = s.caseLines(r.Context(), v, f, list); err != nil {
		return err
	}
	if next != nil {
		p.Next = f.href("cases", append(p.pairs(), "after", cursorText(*next))...)
	}
	p.CSV = f.href("cases.csv", p.pairs()...)
	if err := s.choices(r.Context(), v, p); err != nil {
		return err
	}
	status := http.StatusOK
	if len(p.Errors) > 0 {
		status = http.StatusUnprocessableEntity
	}
	return web.Render(w, r, status, casesView(v, p))
}

// badDays says what is wrong with the days that were typed.
func badDays(l *web.Localizer, q url.Values) (errs []ui.FieldError) {
	if !q.Has("from") && !q.Has("to") {
		return nil
	}
	from, err1 := calendar.Parse(q.Get("from"))
	to, err2 := calendar.Parse(q.Get("to"))
	if err1 != nil {
		errs = append(errs, ui.FieldError{Field: "from", Text: l.T("board.bad-from")})
	}
	if err2 != nil {
		errs = append(errs, ui.FieldError{Field: "to", Text: l.T("board.bad-to")})
	}
	if len(errs) == 0 && from > to {
		errs = append(errs, ui.FieldError{Field: "to", Text: l.T("board.bad-order")})
	}
	return errs
}

func fieldError(errs []ui.FieldError, field string) string {
	for _, e := range errs {
		if e.Field == field {
			return e.Text
		}
	}
	return ""
}

// choices fills the filters of a list.
func (s *Service) choices(ctx context.Context, v *web.View, p *casesPage) error {
	for _, show := range supervision.Shows() {
		p.Shows = append(p.Shows, ui.Option{Value: string(show), Text: v.L.T("board.show." + string(show))})
	}
	all := ui.Option{Text: v.L.T("board.filter.all")}
	p.Lamps, p.Statuses, p.Items, p.Counters, p.Grades = []ui.Option{all}, []ui.Option{all}, []ui.Option{all}, []ui.Option{all}, []ui.Option{all}
	for _, lamp := range lampNames {
		p.Lamps = append(p.Lamps, ui.Option{Value: lamp, Text: v.L.T("board.lamp." + lamp)})
	}
	for _, status := range statuses {
		p.Statuses = append(p.Statuses, ui.Option{Value: status, Text: caseview.Status(v.L, status)})
	}
	for grade := supervision.Grades; grade >= 1; grade-- {
		p.Grades = append(p.Grades, ui.Option{Value: strconv.Itoa(grade), Text: v.L.T("board.grade." + strconv.Itoa(grade))})
	}
	whole := p.counted()
	whole.Item = ""
	if p.atWindow() {
		whole.Body = "" // a window's items, whatever the body
	}
	items, err := s.Supervision.Counts(ctx, whole, supervision.ByItem, 0, 0)
	if err != nil {
		return fmt.Errorf("items to choose from: %w", err)
	}
	for _, item := range items {
		p.Items = append(p.Items, ui.Option{Value: item.Key, Text: v.L.Text(s.itemName(ctx, item.Key))})
	}
	for _, c := range s.Registry.Now().Centres(p.Division.Code) {
		for _, w := range c.Windows {
			p.Counters = append(p.Counters, ui.Option{Value: w.Key, Text: v.L.Text(c.Name) + " " + windowTitle(v.L, &w)})
		}
	}
	if p.Window != "" && !slices.ContainsFunc(p.Counters, func(o ui.Option) bool { return o.Value == p.Window }) {
		p.Counters = append(p.Counters, ui.Option{Value: p.Window, Text: s.windowName(v, p.Window)})
	}
	return nil
}

// caseLines puts into words what a list says of cases. The time left is that of the case itself.
func (s *Service) caseLines(ctx context.Context, v *web.View, f *frame, list []supervision.Listed) ([]caseLine, error) {
	ids := make([]store.ID, len(list))
	for i := range list {
		ids[i] = list[i].ID
	}
	cases, err := s.Cases.Several(ctx, ids)
	if err != nil {
		return nil, fmt.Errorf("cases of a list: %w", err)
	}
	cal, today := s.Cases.Calendar(), calendar.Of(v.Now)
	lines := make([]caseLine, len(list))
	for i := range list {
		c := &list[i]
		_, paused, _ := c.Days(cal, today)
		lines[i] = caseLine{
			Href: f.caseHref(c.Number), Number: c.Number, Title: v.L.Text(c.Title), Body: s.bodyName(v, c.Body), Window: s.postName(v, c.Post),
			Received: v.L.DateOf(c.Received), Ended: v.L.DateOf(c.Ended), Status: caseview.Status(v.L, c.Status),
			StatusKind: caseview.StatusKind(c.Status), Paused: v.L.Number(paused),
		}
		if whole := cases[c.ID]; whole != nil {
			if k := held(whole); k != nil {
				badge := due.Badge(k.Term, cal, v.Now)
				lines[i].Due = &badge
			}
		}
	}
	return lines, nil
}

// held is the clock that a case is held to: the one that runs, or the last of an ended case.
func held(c *casework.Case) *casework.Clock {
	if k := caseview.Running(c); k != nil {
		return k
	}
	if clocks := c.Clocks(); len(clocks) > 0 {
		return &clocks[len(clocks)-1]
	}
	return nil
}
