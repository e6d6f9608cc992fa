package board

import (
	"net/http"
	"slices"
	"strconv"
	"time"

	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/supervision"
	"openhall.org/openhall/internal/platform/web"
	"openhall.org/openhall/internal/platform/web/ui"
)

// boardPage is what the board of a scope shows.
type boardPage struct {
	*frame
	Tiles   []tile
	Periods []periodLink
	Filters []filterLink
	Tables  []placeTable
	Days    []dayLine
	Lamps   []lampLine
	Kinds   []placeLine
	Urgent  []urgentLine
	Owing   *owing // what bodies owe to the public; nil: not here
	Whole   bool   // urgent cases are shown
	Fresh   string
	Live    string // address of the stream
}

type periodLink struct {
	Text, Href string
	Current    bool
}

// filterLink is something by which the board is narrowed, and the way out.
type filterLink struct{ Text, Href string }

// figure is a number on the page: its words, the list that it opens, and the name under which the stream changes it.
type figure struct {
	Text, Href, Live string
	Value            int64
}

type tile struct {
	figure
	Label, Note string
	Kind        ui.TagKind
}

// placeTable is a table of places with their numbers; the chart beside it shows the columns of Chart.
type placeTable struct {
	ID, Caption, First string
	Cards              bool // the number of cards is a column
	Lines              []placeLine
}

type placeLine struct {
	Name, Href string
	Figures    []figure
}

type dayLine struct {
	Name            string
	Received, Ended figure
}

type lampLine struct {
	Name string
	figure
}

type urgentLine struct {
	Href, Number, Title, Body, Day, State string
	Kind                                  ui.TagKind
}

func (s *Service) getBoard(w http.ResponseWriter, r *http.Request) error {
	f, _, err := s.frame(r)
	if err != nil {
		return err
	}
	o, err := s.recent(r.Context(), f)
	if err != nil {
		return err
	}
	p := s.boardPage(r, f, o)
	if p.Owing, err = s.owing(r.Context(), web.ViewOf(r).L, f); err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, boardView(web.ViewOf(r), p))
}

func (s *Service) boardPage(r *http.Request, f *frame, o *Overview) *boardPage {
	v := web.ViewOf(r)
	p := &boardPage{frame: f, Tiles: tiles(v, f, o.Figures), Filters: s.filters(r, v, f), Fresh: fresh(v.L, o.Fresh, o.At), Live: f.href("live"),
		Tables: s.tables(r, v, f, o), Whole: !f.atWindow() && f.Item == ""}
	for _, period := range periods {
		p.Periods = append(p.Periods, periodLink{v.L.T("board.period." + period.key),
			f.href("", "period", period.key, "from", "", "to", ""), period.key == f.Period})
	}
	for i, d := range o.Days {
		p.Days = append(p.Days, dayOf(v.L, f, i, d))
	}
	lamps := []struct {
		key   string
		value int64
	}{{"green", o.Green()}, {"amber", o.Amber}, {"yellow", o.Yellow}, {"red", o.Red}}
	for _, l := range lamps {
		p.Lamps = append(p.Lamps, lampLine{v.L.T("board.lamp." + l.key), number(v.L, "lamp."+l.key, l.value, f.href("cases", "show", "open", "lamp", l.key))})
	}
	for _, c := range o.Urgent {
		p.Urgent = append(p.Urgent, s.urgentLine(v, f, c))
	}
	for _, line := range o.Kinds {
		if line.Key == f.main && f.Kind == f.main {
			continue
		}
		p.Kinds = append(p.Kinds, kindLine(v.L, f, line, v.L.Text(s.kindName(line.Key))))
	}
	return p
}

// kindLine is another kind of cases beside those that the board is about.
func kindLine(l *web.Localizer, f *frame, line Line, name string) placeLine {
	row := placeLine{Name: name, Href: f.href("", "kind", line.Key)}
	if line.Key == f.main {
		row.Href = boardHref(f.Division.Code, "", append([]string{"body", f.bodyKey()}, f.days()...)...)
	}
	for _, m := range measures(line.Figures)[:4] {
		row.Figures = append(row.Figures, number(l, "kind."+line.Key+"."+m.key, m.value, f.href(m.page, append([]string{"kind", line.Key}, m.query...)...)))
	}
	return row
}

func number(l *web.Localizer, live string, value int64, href string) figure {
	return figure{Text: l.Number(value), Href: href, Live: live, Value: value}
}

func dayOf(l *web.Localizer, f *frame, i int, d Day) dayLine {
	line := dayLine{Name: strconv.Itoa(int(d.From.Month())) + "-" + strconv.Itoa(d.From.DayOfMonth())}
	if d.From != d.To {
		line.Name = strconv.Itoa(d.From.Year()) + "-" + strconv.Itoa(int(d.From.Month()))
	}
	days := []string{"period", "", "from", d.From.String(), "to", d.To.String()}
	key := "day." + strconv.Itoa(i)
	line.Received = number(l, key+".received", d.Received, f.href("cases", append([]string{"show", "received"}, days...)...))
	line.Ended = number(l, key+".ended", d.Ended, f.href("cases", append([]string{"show", "ended"}, days...)...))
	return line
}

// filters name what narrows the board, with the way back.
func (s *Service) filters(r *http.Request, v *web.View, f *frame) (links []filterLink) {
	if f.Item != "" {
		links = append(links, filterLink{v.L.Text(s.itemName(r.Context(), f.Item)), f.href("", "item", "")})
	}
	if f.Kind != f.main {
		links = append(links, filterLink{v.L.Text(s.kindName(f.Kind)), f.href("", "kind", "")})
	}
	return links
}

// tables are what the scope consists of.
func (s *Service) tables(r *http.Request, v *web.View, f *frame, o *Overview) (tables []placeTable) {
	add := func(id string, lines []Line, cards bool, name func(key string) (string, []string)) {
		if len(lines) == 0 {
			return
		}
		t := placeTable{ID: id, Caption: v.L.T("board." + id), First: v.L.T("board." + id + ".one"), Cards: cards}
		for _, line := range lines {
			words, there := name(line.Key)
			t.Lines = append(t.Lines, s.placeLine(v.L, f, id, line, words, there, cards))
		}
		tables = append(tables, t)
	}
	places := s.Registry.Now()
	cards := !f.atWindow()
	add("divisions", o.Divisions, cards, func(key string) (string, []string) {
		if d := places.Division(key); d != nil {
			return v.L.Text(d.Name), []string{"division", key}
		}
		return key, []string{"division", key}
	})
	add("bodies", o.Bodies, cards, func(key string) (string, []string) { return s.bodyName(v, key), []string{"body", key} })
	add("centres", o.Centres, false, func(key string) (string, []string) {
		if c := places.Centre(key); c != nil {
			return v.L.Text(c.Name), []string{"centre", key}
		}
		return key, []string{"centre", key}
	})
	add("windows", o.Windows, false, func(key string) (string, []string) { return s.windowName(v, key), []string{"window", key} })
	add("items", o.Items, cards, func(key string) (string, []string) {
		return v.L.Text(s.itemName(r.Context(), key)), []string{"item", key}
	})
	return tables
}

func (s *Service) placeLine(l *web.Localizer, f *frame, table string, line Line, name string, there []string, cards bool) placeLine {
	division := f.Division.Code
	pairs := slices.Clone(there)
	if there[0] == "division" {
		division, pairs = there[1], nil
	}
	base := []string{"body", f.bodyKey(), "centre", f.centreKey(), "window", f.Window, "item", f.Item}
	if f.Kind != f.main {
		base = append(base, "kind", f.Kind)
	}
	base = slices.Concat(base, f.days(), pairs)
	row := placeLine{Name: name, Href: boardHref(division, "", base...)}
	for _, m := range measures(line.Figures) {
		if m.page == "cards" && !cards {
			continue
		}
		row.Figures = append(row.Figures, number(l, table+"."+line.Key+"."+m.key, m.value, boardHref(division, m.page, append(slices.Clone(base), m.query...)...)))
	}
	return row
}

// measure is one number of a place: how it is called, where its list is, and the colour that it has when it is not zero.
type measure struct {
	key   string
	value int64
	page  string
	query []string
	kind  ui.TagKind
}

func measures(n Figures) []measure {
	show := func(s supervision.Show) []string { return []string{"show", string(s)} }
	lit := func(lamp string) []string { return []string{"show", string(supervision.ShowOpen), "lamp", lamp} }
	return []measure{
		{"open", n.Open, "cases", show(supervision.ShowOpen), ""},
		{"standing", n.Standing, "cases", show(supervision.ShowStanding), ""},
		{"received", n.Received, "cases", show(supervision.ShowReceived), ""},
		{"ended", n.Ended, "cases", show(supervision.ShowEnded), ""},
		{"amber", n.Amber, "cases", lit("amber"), ui.TagWarn},
		{"yellow", n.Yellow, "cases", lit("yellow"), ui.TagLate},
		{"red", n.Red, "cases", lit("red"), ui.TagBad},
		{"cards", n.Cards, "cards", []string{"state", "open"}, ui.TagLate},
	}
}

func tiles(v *web.View, f *frame, n Figures) []tile {
	var list []tile
	for _, m := range measures(n) {
		if m.page == "cards" && f.atWindow() {
			continue
		}
		t := tile{figure: number(v.L, "total."+m.key, m.value, f.href(m.page, m.query...)), Label: v.L.T("board.measure." + m.key)}
		if m.value > 0 {
			t.Kind = m.kind
		}
		if m.key == "received" || m.key == "ended" {
			t.Note = f.span(v.L)
		}
		list = append(list, t)
	}
	return list
}

// span says which days are meant.
func (f *frame) span(l *web.Localizer) string {
	if f.Period != "" {
		return l.T("board.period." + f.Period)
	}
	return l.T("board.days", web.Args{"From": f.From, "To": f.To})
}

// fresh says how far the figures reach.
func fresh(l *web.Localizer, f supervision.Freshness, now time.Time) string {
	text := l.T("board.fresh", web.Args{"At": now, "Events": l.Number(f.Counted)})
	if !f.Newest.IsZero() {
		text += l.T("board.newest", web.Args{"At": f.Newest})
	}
	if f.Waiting > 0 {
		text += l.T("board.waiting", web.Args{"Count": int(f.Waiting)})
	}
	return text
}

func (s *Service) urgentLine(v *web.View, f *frame, c supervision.DueCase) urgentLine {
	line := urgentLine{Href: f.caseHref(c.Number), Number: c.Number, Title: v.L.Text(c.Title), Body: s.bodyName(v, c.Body)}
	day := c.PromiseDue
	if c.Lamp > casework.Amber {
		day = c.StatuteDue
	}
	line.Kind, line.State = lampTag(v.L, c.Lamp)
	if !day.IsZero() {
		// A line is the end of its last day, 24:00 in Asia/Shanghai.
		line.Day = v.L.DateOf(day.Add(-time.Microsecond))
	}
	return line
}

// lampTag is a lamp in words.
func lampTag(l *web.Localizer, lamp casework.Lamp) (ui.TagKind, string) {
	switch lamp {
	case casework.Red:
		return ui.TagBad, l.T("board.lamp.red")
	case casework.Yellow:
		return ui.TagLate, l.T("board.lamp.yellow")
	case casework.Amber:
		return ui.TagWarn, l.T("board.lamp.amber")
	default:
		return ui.TagGood, l.T("board.lamp.green")
	}
}
