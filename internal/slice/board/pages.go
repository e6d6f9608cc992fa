package board

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/core/procedure"
	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/store"
	"openhall.org/openhall/internal/platform/supervision"
	"openhall.org/openhall/internal/platform/web"
	"openhall.org/openhall/internal/platform/web/caseview"
	"openhall.org/openhall/internal/platform/web/due"
	"openhall.org/openhall/internal/platform/web/flowchart"
	"openhall.org/openhall/internal/platform/web/ui"
)

// Mount adds the pages of the board. At the door it is asked whether somebody supervises at all; each page asks for its scope.
func (s *Service) Mount(shell *web.Shell) {
	page := func(pattern, name string, h web.HandlerFunc) {
		shell.Handle(pattern, web.Route{Name: "board." + name, Action: identity.ActionBoard}, h)
	}
	page("GET /board", "home", s.getBoard)
	page("GET /board/{division}", "division", s.getBoard)
	page("GET /board/{division}/cases", "cases", s.getCases)
	page("GET /board/{division}/cards", "cards", s.getCards)
	page("GET /board/{division}/case/{number}", "case", s.getCase)
}

// periods are the times that a board can be asked for, in days up to today.
var periods = []struct {
	key  string
	days int
}{{"today", 1}, {"week", 7}, {"month", 30}, {"year", 365}}

// frame is what every page of the board knows: what is looked at, for which days, and how addresses carry that on.
type frame struct {
	Scope
	Name   string // of the body or the division
	Period string
	From   calendar.Date
	To     calendar.Date
	Crumbs []ui.Link
}

// href is the address of a page of the same scope. pairs are names and values of query parameters; empty values are left out.
func (f *frame) href(page string, pairs ...string) string {
	return boardHref(f.Division.Code, page, append([]string{"body", f.bodyKey(), "period", f.Period}, pairs...)...)
}

func boardHref(division, page string, pairs ...string) string {
	path := "/board/" + division
	if page != "" {
		path += "/" + page
	}
	q := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i+1] != "" {
			q.Set(pairs[i], pairs[i+1])
		}
	}
	if len(q) > 0 {
		path += "?" + q.Encode()
	}
	return path
}

func (s *Service) frame(r *http.Request) (*frame, identity.Principal, error) {
	actor, err := s.People.Principal(r)
	if err != nil {
		return nil, actor, err
	}
	v := web.ViewOf(r)
	f := &frame{Period: periods[0].key, To: calendar.Of(v.Now)}
	if f.Scope, err = s.look(r, actor); err != nil {
		return nil, actor, err
	}
	days := periods[0].days
	for _, p := range periods {
		if p.key == r.URL.Query().Get("period") {
			f.Period, days = p.key, p.days
		}
	}
	f.From = f.To - calendar.Date(days-1)
	f.Name = v.L.Text(f.Division.Name)
	for _, d := range s.Registry.Now().Path(f.Division.Code) {
		if d == f.Division && f.Body == nil {
			break
		}
		on := identity.Resource{Type: "board", Division: d.Code}
		if s.Cases.Policy.Allow(actor, identity.ActionBoard, on) == nil {
			f.Crumbs = append(f.Crumbs, ui.Link{Href: boardHref(d.Code, "", "period", f.Period), Text: v.L.Text(d.Name)})
		}
	}
	if f.Body != nil {
		f.Name = v.L.Text(f.Body.Name)
	}
	return f, actor, nil
}

// boardPage is what the board of a scope shows.
type boardPage struct {
	*frame
	Overview
	Tiles   []ui.StatProps
	Periods []ui.Link
	Lines   []placeLine
	Bodies  []placeLine
	Urgent  []urgentLine
	Fresh   string
}

type placeLine struct {
	Name, Href string
	Cells      []ui.Cell // numbers, each with its list
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
	o, err := s.Overview(r.Context(), f.Scope, f.From, f.To)
	if err != nil {
		return err
	}
	v := web.ViewOf(r)
	p := &boardPage{frame: f, Overview: o, Tiles: tiles(v, f, o.Figures)}
	for _, period := range periods {
		link := ui.Link{Text: v.L.T("board.period." + period.key)}
		if period.key != f.Period {
			link.Href = boardHref(f.Division.Code, "", "body", f.bodyKey(), "period", period.key)
		}
		p.Periods = append(p.Periods, link)
	}
	places := s.Registry.Now()
	for _, line := range o.Divisions {
		name := line.Key
		if d := places.Division(line.Key); d != nil {
			name = v.L.Text(d.Name)
		}
		p.Lines = append(p.Lines, s.placeLine(v, f, line.Figures, name, line.Key, ""))
	}
	for _, line := range o.Bodies {
		p.Bodies = append(p.Bodies, s.placeLine(v, f, line.Figures, s.bodyName(v, line.Key), f.Division.Code, line.Key))
	}
	for _, c := range o.Urgent {
		p.Urgent = append(p.Urgent, s.urgentLine(v, f, c))
	}
	p.Fresh = v.L.T("board.fresh", web.Args{"At": v.Now, "Events": v.L.Number(o.Events)})
	if o.Waiting > 0 {
		p.Fresh += v.L.T("board.waiting", web.Args{"Count": int(o.Waiting)})
	}
	return web.Render(w, r, http.StatusOK, boardView(v, p))
}

func (s *Service) bodyName(v *web.View, key string) string {
	if b := s.Registry.Now().Body(key); b != nil {
		return v.L.Text(b.Name)
	}
	return key
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
	cards := func(colour supervision.Colour) []string { return []string{"colour", string(colour), "state", "open"} }
	return []measure{
		{"open", n.Open, "cases", []string{"show", string(ShowOpen)}, ""},
		{"received", n.Received, "cases", []string{"show", string(ShowReceived)}, ""},
		{"ended", n.Ended, "cases", []string{"show", string(ShowEnded)}, ""},
		{"reminder", n.Reminder, "cards", cards(supervision.Reminder), ui.TagWarn},
		{"yellow", n.Yellow, "cards", cards(supervision.Yellow), ui.TagLate},
		{"red", n.Red, "cards", cards(supervision.Red), ui.TagBad},
		{"overtime", n.Overtime, "cards", cards(supervision.Overtime), ui.TagLate},
	}
}

func tiles(v *web.View, f *frame, n Figures) []ui.StatProps {
	var list []ui.StatProps
	for _, m := range measures(n) {
		tile := ui.StatProps{Label: v.L.T("board.measure." + m.key), Value: v.L.Number(m.value), Href: f.href(m.page, m.query...)}
		if m.value > 0 {
			tile.Kind = m.kind
		}
		if m.key == "received" || m.key == "ended" {
			tile.Note = v.L.T("board.period." + f.Period)
		}
		list = append(list, tile)
	}
	return list
}

func (s *Service) placeLine(v *web.View, f *frame, n Figures, name, division, body string) placeLine {
	base := []string{"body", body, "period", f.Period}
	line := placeLine{Name: name, Href: boardHref(division, "", base...)}
	for _, m := range measures(n) {
		line.Cells = append(line.Cells, ui.Cell{Text: v.L.Number(m.value), Href: boardHref(division, m.page, append(slices.Clone(base), m.query...)...)})
	}
	return line
}

func (s *Service) urgentLine(v *web.View, f *frame, c supervision.DueCase) urgentLine {
	line := urgentLine{Href: f.caseHref(c.Number), Number: c.Number, Title: v.L.Text(c.Title), Body: s.bodyName(v, c.Body)}
	day := c.PromiseDue
	switch c.Lamp {
	case casework.Red:
		line.Kind, line.State, day = ui.TagBad, v.L.T("board.lamp.red"), c.StatuteDue
	case casework.Yellow:
		line.Kind, line.State, day = ui.TagLate, v.L.T("board.lamp.yellow"), c.StatuteDue
	default:
		line.Kind, line.State = ui.TagWarn, v.L.T("board.lamp.amber")
	}
	if !day.IsZero() {
		// A line is the end of its last day, 24:00 in Asia/Shanghai.
		line.Day = v.L.DateOf(day.Add(-time.Microsecond))
	}
	return line
}

func (f *frame) caseHref(number string) string {
	return "/board/" + f.Division.Code + "/case/" + url.PathEscape(number)
}

// casesPage is the list behind a number.
type casesPage struct {
	*frame
	Title, Caption string
	Lines          []caseLine
	Next           string
}

type caseLine struct {
	Href, Number, Title, Body, Received, Ended string
	Status                                     string
	StatusKind                                 ui.TagKind
	Due                                        *ui.DueProps
}

func (s *Service) getCases(w http.ResponseWriter, r *http.Request) error {
	f, _, err := s.frame(r)
	if err != nil {
		return err
	}
	show := Show(r.URL.Query().Get("show"))
	if !slices.Contains([]Show{ShowReceived, ShowEnded}, show) {
		show = ShowOpen
	}
	list, next, err := s.List(r.Context(), f.Scope, show, f.From.Start(), idOf(r.URL.Query().Get("before")))
	if err != nil {
		return err
	}
	v := web.ViewOf(r)
	p := &casesPage{frame: f, Title: v.L.T("board.list."+string(show), web.Args{"Name": f.Name})}
	p.Caption = p.Title
	if show != ShowOpen {
		p.Caption += v.L.T("board.span", web.Args{"From": f.From, "To": f.To})
	}
	cal := s.Cases.Calendar()
	for _, c := range list {
		line := caseLine{
			Href: f.caseHref(c.Number), Number: c.Number, Title: v.L.Text(c.Title), Body: s.bodyName(v, c.Body), Received: v.L.DateOf(c.CreatedAt),
			Ended: v.L.DateOf(c.EndedAt), Status: caseview.Status(v.L, c.Status), StatusKind: caseview.StatusKind(c.Status),
		}
		if k := held(c); k != nil {
			badge := due.Badge(k.Term, cal, v.Now)
			line.Due = &badge
		}
		p.Lines = append(p.Lines, line)
	}
	if next != 0 {
		p.Next = f.href("cases", "show", string(show), "before", next.String())
	}
	return web.Render(w, r, http.StatusOK, casesView(v, p))
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

// cardsPage is a list of cards with its filter.
type cardsPage struct {
	*frame
	Title         string
	Colour, State string
	Cards         []cardLine
	Next          string
}

type cardLine struct {
	Href, Number, Rule, Step, Body, Due, At, State string
	Kind                                           ui.TagKind
}

var colours = []supervision.Colour{supervision.Red, supervision.Yellow, supervision.Overtime, supervision.Reminder}

func (s *Service) getCards(w http.ResponseWriter, r *http.Request) error {
	f, _, err := s.frame(r)
	if err != nil {
		return err
	}
	q := r.URL.Query()
	v := web.ViewOf(r)
	p := &cardsPage{frame: f, Title: v.L.T("board.cards", web.Args{"Name": f.Name}), State: "open"}
	if q.Get("state") == "all" {
		p.State = "all"
	}
	if colour := supervision.Colour(q.Get("colour")); slices.Contains(colours, colour) {
		p.Colour = string(colour)
	}
	list, next, err := s.Cards(r.Context(), f.Scope, supervision.Colour(p.Colour), p.State == "open", idOf(q.Get("before")))
	if err != nil {
		return err
	}
	for i := range list {
		p.Cards = append(p.Cards, s.cardLine(v, f, &list[i]))
	}
	if next != 0 {
		p.Next = f.href("cards", "colour", p.Colour, "state", p.State, "before", next.String())
	}
	return web.Render(w, r, http.StatusOK, cardsView(v, p))
}

func (s *Service) cardLine(v *web.View, f *frame, c *supervision.Card) cardLine {
	line := cardLine{Href: f.caseHref(c.Number), Number: c.Number, Rule: c.Rule, Body: s.bodyName(v, c.Body), At: v.L.Time(c.At),
		Kind: cardKind(c.Colour), State: v.L.T("board.card.open")}
	if rule, ok := s.Supervision.Rule(c.Rule); ok {
		line.Rule = v.L.Text(rule.Title)
	}
	if c.Due != 0 {
		line.Due = v.L.Date(c.Due)
	}
	if !c.Open() {
		line.State = v.L.T("board.card.closed", web.Args{"At": c.ClosedAt, "Why": v.L.T("board.closed." + string(c.Closed))})
	}
	return line
}

func cardKind(c supervision.Colour) ui.TagKind {
	switch c {
	case supervision.Red:
		return ui.TagBad
	case supervision.Yellow, supervision.Overtime:
		return ui.TagLate
	default:
		return ui.TagWarn
	}
}

// casePage is where a case stands, without anything personal.
type casePage struct {
	*frame
	Number, Title, Status string
	StatusKind            ui.TagKind
	Facts                 []ui.Row
	Clocks                []caseview.Clock
	Cards                 []cardLine
	Steps                 []stepLine
	Chart                 flowchart.Chart
}

type stepLine struct{ Step, Post, From, To, Took string }

func (s *Service) getCase(w http.ResponseWriter, r *http.Request) error {
	f, actor, err := s.frame(r)
	if err != nil {
		return err
	}
	number := strings.ToUpper(r.PathValue("number"))
	c, err := s.Cases.ByNumber(r.Context(), number)
	if err != nil {
		return fmt.Errorf("case %s: %w", number, err)
	}
	if !s.Registry.Now().Contains(f.Division.Code, c.Division) {
		return fmt.Errorf("case %s of %s: %w", number, f.Division.Code, store.ErrNotFound)
	}
	if err := s.Cases.MayRead(actor, c, false, false); err != nil {
		return fmt.Errorf("case %s: %w", number, err)
	}
	_, def, err := s.Cases.Procedure(r.Context(), c.Procedure)
	if err != nil {
		return fmt.Errorf("procedure of %s: %w", number, err)
	}
	cards, err := s.Supervision.Cards(r.Context(), supervision.CardFilter{Case: c.ID})
	if err != nil {
		return fmt.Errorf("cards of %s: %w", number, err)
	}
	v := web.ViewOf(r)
	p := &casePage{
		frame: f, Number: c.Number, Title: v.L.Text(c.Title), Status: caseview.Status(v.L, c.Status), StatusKind: caseview.StatusKind(c.Status),
		Clocks: caseview.Clocks(v.L, s.Cases, c, v.Now), Steps: s.stepLines(v, def, c),
	}
	p.Crumbs = append(p.Crumbs, ui.Link{Href: f.href(""), Text: f.Name})
	p.Facts = []ui.Row{
		{Key: v.L.T("board.case.number"), Value: c.Number},
		{Key: v.L.T("board.case.body"), Value: s.bodyName(v, c.Body)},
		{Key: v.L.T("board.case.received"), Value: v.L.Time(c.CreatedAt)},
		{Key: v.L.T("board.case.channel"), Value: caseview.Channel(v.L, c.Channel)},
	}
	if !c.Open() {
		p.Facts = append(p.Facts, ui.Row{Key: v.L.T("board.case.ended"), Value: v.L.Time(c.EndedAt)})
	}
	for i := range cards {
		line := s.cardLine(v, f, &cards[i])
		if cards[i].Task != "" {
			line.Step = caseview.Step(v.L, def, cards[i].Task)
		}
		p.Cards = append(p.Cards, line)
	}
	if p.Chart, err = caseview.Chart(v.L, def, c); err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, caseView(v, p))
}

// stepLines tells who had the case for how long: the steps that were done, then those that are open.
func (s *Service) stepLines(v *web.View, def *procedure.Definition, c *casework.Case) []stepLine {
	cal := s.Cases.Calendar()
	took := func(from, to time.Time) string {
		return v.L.T("board.took", web.Args{"Count": cal.Count(calendar.Of(from), calendar.Of(to))})
	}
	var lines []stepLine
	for _, d := range c.Done() {
		line := stepLine{Step: caseview.Step(v.L, def, d.Element), Post: caseview.Role(v.L, d.Role), From: v.L.Time(d.OpenedAt), To: v.L.Time(d.At), Took: took(d.OpenedAt, d.At)}
		if p := s.Registry.Now().Post(d.Post); p != nil {
			line.Post = v.L.Text(p.Title)
		}
		if d.Cut {
			line.To = v.L.T("board.cut", web.Args{"At": d.At})
		}
		lines = append(lines, line)
	}
	for _, t := range c.Tasks() {
		lines = append(lines, stepLine{Step: caseview.Step(v.L, def, t.Element), Post: caseview.Role(v.L, t.Role), From: v.L.Time(t.OpenedAt),
			To: v.L.T("board.running"), Took: took(t.OpenedAt, v.Now)})
	}
	return lines
}
