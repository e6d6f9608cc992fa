package board

import (
	"net/http"
	"slices"

	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/supervision"
	"openhall.org/openhall/internal/platform/web"
	"openhall.org/openhall/internal/platform/web/caseview"
	"openhall.org/openhall/internal/platform/web/due"
	"openhall.org/openhall/internal/platform/web/ui"
)

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

var colours = []supervision.Colour{supervision.Red, supervision.Irregular, supervision.Yellow, supervision.Overtime, supervision.Reminder}

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
	case supervision.Red, supervision.Irregular:
		return ui.TagBad
	case supervision.Yellow, supervision.Overtime:
		return ui.TagLate
	default:
		return ui.TagWarn
	}
}
