package board

import (
	"net/http"
	"net/url"
	"slices"
	"time"

	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/supervision"
	"openhall.org/openhall/internal/platform/web"
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
	Periods []periodLink
	Lines   []placeLine
	Bodies  []placeLine
	Urgent  []urgentLine
	Fresh   string
}

type periodLink struct {
	Text, Href string
	Current    bool
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
		p.Periods = append(p.Periods, periodLink{v.L.T("board.period." + period.key),
			boardHref(f.Division.Code, "", "body", f.bodyKey(), "period", period.key), period.key == f.Period})
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
