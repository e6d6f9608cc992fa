package oversight

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"time"

	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/registry"
	"openhall.org/openhall/internal/platform/store"
	"openhall.org/openhall/internal/platform/supervision"
	"openhall.org/openhall/internal/platform/web"
	"openhall.org/openhall/internal/platform/web/caseview"
	"openhall.org/openhall/internal/platform/web/ui"
)

// linesShown is how many lines a part of the home page shows; perPage is a page of a list.
const (
	linesShown = 20
	perPage    = 50
)

// scope is what the reader looks at: supervision and the centre's manager their division with all below, others their body.
type scope struct{ Division, Body string }

func scopeOf(actor identity.Principal) scope {
	if supervises(actor) || actor.Post.Has(registry.Manager) {
		return scope{Division: actor.Post.Division}
	}
	return scope{Division: actor.Post.Division, Body: actor.Post.Body}
}

type cardLine struct {
	Href, Rule, Number, Body, Due, At, State string
	Kind, StateKind                          ui.TagKind
}

type orderLine struct {
	Href, Title, Number, To, From, Due, At, State string
	StateKind                                     ui.TagKind
	Late                                          bool
}

// homePage is what waits for the reader.
type homePage struct {
	Supervises bool
	Verify     []cardLine // to be verified, by a supervisor
	Account    []cardLine // upheld, to be settled
	Explain    []cardLine // waiting for an explanation
	Answered   []orderLine
	Addressed  []orderLine
}

func (s *Service) getHome(w http.ResponseWriter, r *http.Request) error {
	actor, err := s.People.Principal(r)
	if err != nil {
		return err
	}
	v, in := web.ViewOf(r), scopeOf(actor)
	if err := s.allow(actor, identity.ActionOversee, in.Division, in.Body); err != nil {
		return err
	}
	p := &homePage{Supervises: supervises(actor)}
	for _, part := range []struct {
		state supervision.State
		lines *[]cardLine
	}{{supervision.Verifying, &p.Verify}, {supervision.Accounting, &p.Account}, {supervision.Explaining, &p.Explain}} {
		if *part.lines, err = s.cardLines(r.Context(), v, supervision.CardFilter{
			Division: in.Division, Body: in.Body, State: part.state, Limit: linesShown,
		}); err != nil {
			return err
		}
	}
	if p.Supervises {
		if p.Answered, err = s.orderLines(r.Context(), v, OrderFilter{Issued: actor.Post.Division, Status: "order-answered", Limit: linesShown}); err != nil {
			return err
		}
	}
	if p.Addressed, err = s.orderLines(r.Context(), v, OrderFilter{Body: actor.Post.Body, Open: true, Limit: linesShown}); err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, homeView(v, p))
}

func (s *Service) cardLines(ctx context.Context, v *web.View, f supervision.CardFilter) ([]cardLine, error) {
	cards, err := s.cards.Cards(ctx, f)
	if err != nil {
		return nil, fmt.Errorf("cards: %w", err)
	}
	lines := make([]cardLine, len(cards))
	for i := range cards {
		lines[i] = s.cardLine(v, &cards[i])
	}
	return lines, nil
}

func (s *Service) cardLine(v *web.View, c *supervision.Card) cardLine {
	line := cardLine{
		Href: cardHref(c.ID), Rule: s.ruleTitle(v, c.Rule), Number: c.Number, Body: v.L.Text(s.Names.Body(c.Body)), At: v.L.Time(c.At), Kind: colourKind(c.Colour),
	}
	if c.Due != 0 {
		line.Due = v.L.Date(c.Due)
	}
	line.State, line.StateKind = stateWord(v.L, c)
	return line
}

func (s *Service) ruleTitle(v *web.View, id string) string {
	if rule, ok := s.cards.Rule(id); ok {
		return v.L.Text(rule.Title)
	}
	return id
}

// stateWord says how far the answer to a card has come; once it is concluded, what it came to.
func stateWord(l *web.Localizer, c *supervision.Card) (string, ui.TagKind) {
	switch {
	case c.Conclusion != "" && c.State == supervision.Accounting:
		return l.T("oversight.state.accounting"), ui.TagBad
	case c.Conclusion != "":
		return l.T("oversight.conclusion." + string(c.Conclusion)), caseview.StatusKind(string(c.Conclusion))
	case c.State != supervision.Unanswered:
		return l.T("oversight.state." + string(c.State)), ui.TagActive
	case c.Explain == "":
		return l.T("oversight.state.none"), ui.TagNeutral
	default:
		return l.T("oversight.state.opening"), ui.TagNeutral
	}
}

func colourKind(c supervision.Colour) ui.TagKind {
	switch c {
	case supervision.Red, supervision.Irregular:
		return ui.TagBad
	case supervision.Yellow, supervision.Overtime:
		return ui.TagLate
	case supervision.Reminder:
		return ui.TagWarn
	default:
		return ui.TagNeutral
	}
}

// cardsPage is a list of cards with its filter.
type cardsPage struct {
	State, Colour, Rule string
	States, Rules       []ui.Option
	Colours             []ui.Option
	Lines               []cardLine
	Next                string
}

// States of the filter: those of a card, and the conclusions.
var (
	cardStates  = []supervision.State{supervision.Explaining, supervision.Verifying, supervision.Accounting, supervision.Concluded}
	conclusions = []supervision.Conclusion{supervision.Upheld, supervision.Excused, supervision.Wrong}
)

func (s *Service) getCards(w http.ResponseWriter, r *http.Request) error {
	actor, err := s.People.Principal(r)
	if err != nil {
		return err
	}
	v, in, q := web.ViewOf(r), scopeOf(actor), r.URL.Query()
	if err := s.allow(actor, identity.ActionOversee, in.Division, in.Body); err != nil {
		return err
	}
	f := supervision.CardFilter{Division: in.Division, Body: in.Body, Limit: perPage + 1}
	p := &cardsPage{}
	p.filter(v.L, s.cards.Rules(), q.Get("state"), q.Get("colour"), q.Get("rule"))
	if slices.Contains(conclusions, supervision.Conclusion(p.State)) {
		f.Conclusion = supervision.Conclusion(p.State)
	} else {
		f.State = supervision.State(p.State)
	}
	f.Colour, f.Rule = supervision.Colour(p.Colour), p.Rule
	if id, err := store.ParseID(q.Get("before")); err == nil {
		f.Before = id
	}
	cards, err := s.cards.Cards(r.Context(), f)
	if err != nil {
		return fmt.Errorf("cards: %w", err)
	}
	if len(cards) > perPage {
		cards = cards[:perPage]
		p.Next = href("/oversight/cards", "state", p.State, "colour", p.Colour, "rule", p.Rule, "before", cards[perPage-1].ID.String())
	}
	for i := range cards {
		p.Lines = append(p.Lines, s.cardLine(v, &cards[i]))
	}
	return web.Render(w, r, http.StatusOK, cardsView(v, p))
}

// filter reads the filter and makes its choices. What nobody offers is no choice.
func (p *cardsPage) filter(l *web.Localizer, rules []supervision.Rule, state, colour, rule string) {
	all := ui.Option{Text: l.T("oversight.filter.all")}
	p.States, p.Colours, p.Rules = []ui.Option{all}, []ui.Option{all}, []ui.Option{all}
	for _, c := range cardStates {
		p.States = append(p.States, ui.Option{Value: string(c), Text: l.T("oversight.state." + string(c))})
	}
	for _, c := range conclusions {
		p.States = append(p.States, ui.Option{Value: string(c), Text: l.T("oversight.conclusion." + string(c))})
	}
	for _, c := range supervision.Colours() {
		p.Colours = append(p.Colours, ui.Option{Value: string(c), Text: l.T("oversight.colour." + string(c))})
	}
	for i := range rules {
		p.Rules = append(p.Rules, ui.Option{Value: rules[i].ID, Text: l.Text(rules[i].Title)})
	}
	offered := func(options []ui.Option, value string) string {
		if slices.ContainsFunc(options, func(o ui.Option) bool { return o.Value == value }) {
			return value
		}
		return ""
	}
	p.State, p.Colour, p.Rule = offered(p.States, state), offered(p.Colours, colour), offered(p.Rules, rule)
}

func (s *Service) orderLines(ctx context.Context, v *web.View, f OrderFilter) ([]orderLine, error) {
	orders, err := s.Orders(ctx, f)
	if err != nil {
		return nil, err
	}
	lines := make([]orderLine, len(orders))
	for i := range orders {
		lines[i] = s.orderLine(v, &orders[i])
	}
	return lines, nil
}

func (s *Service) orderLine(v *web.View, o *OrderLine) orderLine {
	line := orderLine{
		Href: orderHref(o.Number), Title: o.Title, Number: o.Number, To: v.L.Text(s.Names.Body(o.Body)), From: v.L.Text(s.Names.Body(o.Issuer)),
		At: v.L.Time(o.IssuedAt), State: caseview.Status(v.L, o.Status), StateKind: caseview.StatusKind(o.Status),
	}
	if o.Open() && !o.DueAt.IsZero() {
		// A line is the end of its last day, 24:00 in Asia/Shanghai.
		line.Due = v.L.DateOf(o.DueAt.Add(-time.Microsecond))
		if line.Late = !v.Now.Before(o.DueAt); line.Late {
			line.State, line.StateKind = v.L.T("oversight.overdue"), ui.TagBad
		}
	}
	return line
}

// ordersPage lists orders: those that the reader's division has issued, and those addressed to the own body.
type ordersPage struct {
	MayIssue          bool
	Issued, Addressed []orderLine
	Next              string // of those issued
}

func (s *Service) getOrders(w http.ResponseWriter, r *http.Request) error {
	actor, err := s.People.Principal(r)
	if err != nil {
		return err
	}
	v, in := web.ViewOf(r), scopeOf(actor)
	if err := s.allow(actor, identity.ActionOversee, in.Division, in.Body); err != nil {
		return err
	}
	p := &ordersPage{MayIssue: supervises(actor)}
	if p.MayIssue {
		f := OrderFilter{Issued: actor.Post.Division, Limit: perPage + 1}
		if id, err := store.ParseID(r.URL.Query().Get("before")); err == nil {
			f.Before = id
		}
		orders, err := s.Orders(r.Context(), f)
		if err != nil {
			return err
		}
		if len(orders) > perPage {
			orders = orders[:perPage]
			p.Next = href("/oversight/orders", "before", orders[perPage-1].Case.String())
		}
		for i := range orders {
			p.Issued = append(p.Issued, s.orderLine(v, &orders[i]))
		}
	}
	if p.Addressed, err = s.orderLines(r.Context(), v, OrderFilter{Body: actor.Post.Body, Limit: perPage}); err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, ordersView(v, p))
}
