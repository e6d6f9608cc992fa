package rating

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/core/identifier"
	"openhall.org/openhall/internal/core/lang"
	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/registry"
	"openhall.org/openhall/internal/platform/store"
	"openhall.org/openhall/internal/platform/web"
	"openhall.org/openhall/internal/platform/web/caseview"
	"openhall.org/openhall/internal/platform/web/ui"
)

// figuresPage is the page of figures and of the register of bad ratings.
type figuresPage struct {
	path    string
	filter  Filter
	what    lang.Text // what the page is limited to
	total   Tally
	bodies  [][]ui.Cell
	items   [][]ui.Cell
	windows [][]ui.Cell
	entries []entryView
	next    string
	staff   bool
}

// entryView is a bad rating in the register.
type entryView struct {
	title string
	rows  []ui.Row
}

// yearBack is how far figures go back, in days.
const yearBack = 365

// filterOf reads what a page is limited to.
func (s *Service) filterOf(q url.Values) (f Filter, what lang.Text) {
	places := s.Registry.Now()
	if _, err := identifier.ParseArea(q.Get("division")); err == nil {
		if d := places.Division(q.Get("division")); d != nil {
			f.Division, what = d.Code, d.Name
		}
	}
	if b := places.Body(q.Get("body")); b != nil {
		f.Body, what = b.Key, b.Name
	}
	if t := s.Items.Title(q.Get("item")); !t.IsZero() {
		f.Item, what = q.Get("item"), t
	}
	if w := places.Window(q.Get("window")); w != nil {
		f.Window, what = w.Key, w.Name
	}
	if at, id, ok := strings.Cut(q.Get("before"), "."); ok {
		micros, err := strconv.ParseInt(at, 10, 64)
		last, err2 := store.ParseID(id)
		if err == nil && err2 == nil {
			f.Before = &Cursor{micros, last}
		}
	}
	f.Limit = perPage
	return f, what
}

const perPage = 10

func (s *Service) getFigures(w http.ResponseWriter, r *http.Request) error {
	f, what := s.filterOf(r.URL.Query())
	v := web.ViewOf(r)
	p, err := s.figures(r.Context(), v, "/hall/ratings", f, false)
	if err != nil {
		return err
	}
	p.what = what
	return web.RenderTagged(w, r, figuresView(v, s, p))
}

// getDesk shows the figures to those who answer for them: the division of their post, to a head the own body.
func (s *Service) getDesk(w http.ResponseWriter, r *http.Request) error {
	who, err := s.People.Principal(r)
	if err != nil {
		return err
	}
	f, what := s.filterOf(r.URL.Query())
	on := identity.Resource{Type: "board", Division: who.Post.Division, Body: who.Post.Body}
	places := s.Registry.Now()
	if b := places.Body(f.Body); b != nil {
		on.Division, on.Body = b.Division, b.Key
	} else if f.Division != "" {
		on.Division, on.Body = f.Division, ""
	}
	if err := s.Cases.Policy.Allow(who, identity.ActionBoard, on); err != nil {
		return err
	}
	if f.Body == "" && f.Division == "" {
		f.Division = who.Post.Division
		if !who.Post.Has(registry.Supervisor) && !who.Post.Has(registry.Manager) {
			f.Body = who.Post.Body
		}
	}
	v := web.ViewOf(r)
	p, err := s.figures(r.Context(), v, "/desk/ratings", f, true)
	if err != nil {
		return err
	}
	if p.what = what; what.IsZero() {
		if b := places.Body(f.Body); b != nil {
			p.what = b.Name
		} else if d := places.Division(f.Division); d != nil {
			p.what = d.Name
		}
	}
	return web.Render(w, r, http.StatusOK, figuresView(v, s, p))
}

func (s *Service) figures(ctx context.Context, v *web.View, path string, f Filter, staff bool) (figuresPage, error) {
	p := figuresPage{path: path, filter: f, staff: staff}
	year := f
	year.From = calendar.Of(s.Now()) - yearBack
	bodies, err := s.Figures(ctx, year, ByBody)
	if err != nil {
		return p, err
	}
	places := s.Registry.Now()
	name := func(key string) string {
		if b := places.Body(key); b != nil {
			return v.L.Text(b.Name)
		}
		return key
	}
	for _, x := range bodies {
		p.total.add(x.Tally)
		p.bodies = append(p.bodies, row(v.L, name(x.Key), p.link("body", x.Key), x.Tally, staff))
	}
	if f.Body != "" || f.Item != "" || f.Window != "" {
		if p.items, err = s.group(ctx, v, year, ByItem, p, func(key string) string { return v.L.Text(s.Items.Title(key)) }); err != nil {
			return p, err
		}
		if p.windows, err = s.group(ctx, v, year, ByWindow, p, func(key string) string { return s.placeWords(v.L, Place{Window: key}) }); err != nil {
			return p, err
		}
	}
	list, err := s.BadRatings(ctx, f)
	if err != nil {
		return p, err
	}
	for _, e := range list {
		p.entries = append(p.entries, entryView{title: s.placeWords(v.L, e.Place), rows: s.entryRows(v.L, e)})
	}
	if len(list) == perPage {
		last := list[perPage-1]
		p.next = p.link("before", strconv.FormatInt(store.Micros(last.At), 10)+"."+last.ID.String())
	}
	return p, nil
}

func (s *Service) group(ctx context.Context, v *web.View, f Filter, by By, p figuresPage, name func(string) string) ([][]ui.Cell, error) {
	list, err := s.Figures(ctx, f, by)
	if err != nil {
		return nil, err
	}
	param := map[By]string{ByItem: "item", ByWindow: "window"}[by]
	rows := make([][]ui.Cell, 0, len(list))
	for _, x := range list {
		words := name(x.Key)
		if words == "" {
			words = x.Key
		}
		rows = append(rows, row(v.L, words, p.link(param, x.Key), x.Tally, p.staff))
	}
	return rows, nil
}

// link is the address of this page with one thing more asked for.
func (p *figuresPage) link(name, value string) string {
	q := url.Values{}
	for key, v := range map[string]string{"division": p.filter.Division, "body": p.filter.Body, "item": p.filter.Item, "window": p.filter.Window} {
		if v != "" {
			q.Set(key, v)
		}
	}
	q.Set(name, value)
	return p.path + "?" + q.Encode()
}

// row is a line of figures.
func row(l *web.Localizer, name, href string, t Tally, staff bool) []ui.Cell {
	cells := []ui.Cell{{Text: name, Href: href}, {Text: l.Number(t.Ratings())}, {Text: share(l, t.Satisfied(), t.Ratings())},
		{Text: average(l, &t)}, {Text: l.Number(t.Grades[0] + t.Grades[1])}, {Text: share(l, t.InTerm(), t.Closed)}}
	if staff {
		cells = append(cells, ui.Cell{Text: l.Number(t.Followed - t.Closed)})
	}
	return append(cells, ui.Cell{Text: l.Number(t.Filed)}, ui.Cell{Text: share(l, t.Answered-t.Tardy, t.Answered)})
}

func columns(l *web.Localizer, first string, staff bool) []ui.Column {
	list := []ui.Column{{Text: first}}
	add := func(key string) { list = append(list, ui.Column{Text: l.T("rating.column." + key), Numeric: true}) }
	for _, key := range []string{"ratings", "satisfied", "average", "bad", "in-term"} {
		add(key)
	}
	if staff {
		add("open")
	}
	add("complaints")
	add("answered")
	return list
}

// share writes a part as a percentage with one decimal, rounded to the nearest; nothing of nothing is a dash.
func share(l *web.Localizer, part, whole int64) string {
	if whole <= 0 {
		return l.T("rating.none")
	}
	permille := (part*1000 + whole/2) / whole
	return strconv.FormatInt(permille/10, 10) + "." + strconv.FormatInt(permille%10, 10) + "%"
}

// average writes the mean grade with two decimals.
func average(l *web.Localizer, t *Tally) string {
	n := t.Ratings()
	if n == 0 {
		return l.T("rating.none")
	}
	hundredths := (t.Points()*100 + n/2) / n
	return strconv.FormatInt(hundredths/100, 10) + "." + strconv.FormatInt(hundredths%100/10, 10) + strconv.FormatInt(hundredths%10, 10)
}

// gradeRows counts the grades, the best first.
func (s *Service) gradeRows(l *web.Localizer, t Tally) [][]ui.Cell {
	var rows [][]ui.Cell
	for grade := Best; grade >= Worst; grade-- {
		n := t.Grades[grade-1]
		rows = append(rows, []ui.Cell{{Text: s.gradeWord(l, grade)}, {Text: l.Number(n)}, {Text: share(l, n, t.Ratings())}})
	}
	return rows
}

// tiles are the figures that stand first. Each leads to what it counts.
func tiles(l *web.Localizer, t Tally) []ui.StatProps {
	return []ui.StatProps{
		{Label: l.T("rating.column.ratings"), Value: l.Number(t.Ratings()), Href: "#grades"},
		{Label: l.T("rating.column.satisfied"), Value: share(l, t.Satisfied(), t.Ratings()), Href: "#grades", Note: l.T("rating.figures.satisfied-note")},
		{Label: l.T("rating.column.average"), Value: average(l, &t), Href: "#grades"},
		{Label: l.T("rating.column.in-term"), Value: share(l, t.InTerm(), t.Closed), Href: "#bad"},
	}
}

// reasonWords names the reasons that were given with a grade. No code stands in the lists of two kinds.
func (s *Service) reasonWords(l *web.Localizer, grade int, codes []string) (words []string) {
	for _, kind := range []string{"", requestKind} {
		for _, e := range s.Reasons(kind, grade) {
			if slices.Contains(codes, e.Code) {
				words = append(words, l.Text(e.Title))
			}
		}
	}
	return words
}

// entryRows tell of a bad rating what the public may know.
func (s *Service) entryRows(l *web.Localizer, e Entry) []ui.Row {
	rows := []ui.Row{{Key: l.T("rating.entry.grade"), Value: s.gradeWord(l, e.Grade)}, {Key: l.T("rating.entry.at"), Value: l.DateOf(e.At)}}
	add := func(key, value string) {
		if value != "" {
			rows = append(rows, ui.Row{Key: l.T("rating.entry." + key), Value: value})
		}
	}
	add("reasons", strings.Join(s.reasonWords(l, e.Grade, e.Reasons), l.T("web.form.and")))
	add("comment", e.Comment)
	if e.Withheld {
		add("comment", l.T("rating.entry.withheld"))
	}
	status := ui.Row{Key: l.T("rating.entry.status"), Content: ui.Tag(caseview.StatusKind(e.Status), caseview.Status(l, e.Status))}
	if e.Case == 0 {
		status.Content = ui.Tag(ui.TagInfo, l.T("rating.entry.opening"))
	}
	rows = append(rows, status)
	if e.Closed.IsZero() {
		if !e.Due.IsZero() {
			add("due", dueWords(l, e.Due.UnixMicro()))
		}
	} else {
		add("closed", l.DateOf(e.Closed)+l.T("rating.entry."+onTime(e.Late)))
	}
	add("closure", e.Closure)
	add("number", e.Number)
	return rows
}

// dueWords writes the last day of a line, which ends with the day before its instant.
func dueWords(l *web.Localizer, micros int64) string { return l.DateOf(store.Instant(micros - 1)) }

func onTime(late bool) string {
	if late {
		return "late"
	}
	return "on-time"
}
