package board

import (
	"context"
	"fmt"
	"net/http"
	"slices"

	"openhall.org/openhall/internal/platform/store"
	"openhall.org/openhall/internal/platform/supervision"
	"openhall.org/openhall/internal/platform/web"
	"openhall.org/openhall/internal/platform/web/ui"
)

// cardsPage is a list of cards with its filter.
type cardsPage struct {
	*frame
	Title         string
	Colour, State string
	Cards         []cardLine
	Next          string
}

type cardLine struct {
	Card, Href, Number, Rule, Step, Body, Due, At, State string
	Kind                                                 ui.TagKind
}

var colours = []supervision.Colour{supervision.Red, supervision.Irregular, supervision.Yellow, supervision.Overtime, supervision.Reminder}

func (s *Service) getCards(w http.ResponseWriter, r *http.Request) error {
	f, _, err := s.frame(r)
	if err != nil {
		return err
	}
	if f.atWindow() {
		return fmt.Errorf("cards are raised by body, not by window: %w", store.ErrNotFound)
	}
	q := r.URL.Query()
	v := web.ViewOf(r)
	p := &cardsPage{frame: f, Title: v.L.T("board.cards.title", web.Args{"Name": f.Name}), State: "open"}
	if q.Get("state") == "all" {
		p.State = "all"
	}
	if colour := supervision.Colour(q.Get("colour")); slices.Contains(colours, colour) {
		p.Colour = string(colour)
	}
	list, next, err := s.Cards(r.Context(), supervision.CardFilter{Division: f.Division.Code, Body: f.bodyKey(), Kind: f.Kind, Item: f.Item,
		Colour: supervision.Colour(p.Colour), OpenOnly: p.State == "open", Before: idOf(q.Get("before"))})
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

// Cards returns cards, the latest first, and the cursor of the page after; 0 on the last.
func (s *Service) Cards(ctx context.Context, f supervision.CardFilter) ([]supervision.Card, store.ID, error) {
	f.Limit = casesPerPage + 1
	list, err := s.Supervision.Cards(ctx, f)
	if err != nil {
		return nil, 0, fmt.Errorf("list of cards: %w", err)
	}
	if len(list) > casesPerPage {
		list = list[:casesPerPage]
		return list, list[casesPerPage-1].ID, nil
	}
	return list, 0, nil
}

func (s *Service) cardLine(v *web.View, f *frame, c *supervision.Card) cardLine {
	// Whoever sees the board of a place sees its cards too: the policies say so of the same posts.
	line := cardLine{Card: "/oversight/cards/" + c.ID.String(), Href: f.caseHref(c.Number), Number: c.Number, Rule: c.Rule, Body: s.bodyName(v, c.Body), At: v.L.Time(c.At),
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
