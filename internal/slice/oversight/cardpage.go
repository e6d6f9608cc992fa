package oversight

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/store"
	"openhall.org/openhall/internal/platform/supervision"
	"openhall.org/openhall/internal/platform/web"
	"openhall.org/openhall/internal/platform/web/caseview"
	"openhall.org/openhall/internal/platform/web/ui"
)

// cardPage is one card: the rule, what happened, the clocks of the case in question, and the answer.
type cardPage struct {
	Card       supervision.Card
	Title      string
	Colour     string
	ColourKind ui.TagKind
	State      string
	StateKind  ui.TagKind
	Facts      []ui.Row
	Law        []ui.Row
	Measure    []string // conditions of the rule, in FEEL
	Event      []ui.Row
	Proof      string // address of the proof
	Clocks     []caseview.Clock
	Answer     *matter // nil: nobody has been asked
}

func (s *Service) cardPage(ctx context.Context, v *web.View, actor identity.Principal, id store.ID) (*cardPage, error) {
	card, err := s.cards.Card(ctx, id)
	if err != nil {
		return nil, fmt.Errorf("card %s: %w", id, err)
	}
	if err := s.allow(actor, identity.ActionOversee, card.Division, card.Body); err != nil {
		return nil, err
	}
	watched, err := s.cases.Get(ctx, card.Case)
	if err != nil {
		return nil, fmt.Errorf("case %s of card %s: %w", card.Number, id, err)
	}
	var answer *casework.Case
	if card.AnswerCase != 0 {
		if answer, err = s.cases.Get(ctx, card.AnswerCase); err != nil {
			return nil, fmt.Errorf("case of card %s: %w", id, err)
		}
		card.Follow(answer)
	}
	p := &cardPage{
		Card: card, Title: s.ruleTitle(v, card.Rule), Colour: v.L.T("oversight.colour." + string(card.Colour)), ColourKind: colourKind(card.Colour),
		Clocks: caseview.Clocks(v.L, s.cases, watched, v.Now), Proof: cardHref(id) + "/proof.json",
	}
	p.State, p.StateKind = stateWord(v.L, &card)
	p.Facts = s.cardFacts(v, actor, &card, watched)
	p.describeRule(v, s)
	if p.Event, err = s.eventRows(ctx, v, &card, watched); err != nil {
		return nil, err
	}
	if answer != nil {
		if p.Answer, err = s.matter(ctx, v, actor, answer, cardHref(id)); err != nil {
			return nil, err
		}
		if answer.Open() {
			p.State, p.StateKind = p.Answer.Status, p.Answer.StatusKind
		}
	}
	return p, nil
}

func (s *Service) cardFacts(v *web.View, actor identity.Principal, c *supervision.Card, watched *casework.Case) []ui.Row {
	rows := []ui.Row{
		{Key: v.L.T("oversight.card.matter"), Value: v.L.Text(watched.Title)},
		{Key: v.L.T("oversight.card.case"), Content: numberLink(c.Number, s.watchedHref(actor, c))},
		{Key: v.L.T("oversight.body"), Value: v.L.Text(s.Names.Body(c.Body))},
		{Key: v.L.T("oversight.raised"), Value: v.L.Time(c.At)},
	}
	if c.Due != 0 {
		rows = append(rows, ui.Row{Key: v.L.T("oversight.due"), Value: v.L.Date(c.Due)})
	}
	if c.Explain != "" {
		rows = append(rows, ui.Row{Key: v.L.T("oversight.card.explains"), Value: caseview.Role(v.L, c.Explain)})
	}
	if c.Answer != "" {
		rows = append(rows, ui.Row{Key: v.L.T("oversight.card.answer"), Value: c.Answer})
	}
	if c.Conclusion != "" {
		rows = append(rows, ui.Row{Key: v.L.T("oversight.card.conclusion"), Value: v.L.T("oversight.conclusion." + string(c.Conclusion))})
	}
	if !c.Open() && c.Colour != supervision.Irregular {
		rows = append(rows, ui.Row{Key: v.L.T("oversight.card.closed"), Value: v.L.T("oversight.closed."+string(c.Closed), web.Args{"At": c.ClosedAt})})
	}
	return rows
}

// watchedHref is where the reader sees the case in question: supervision on the board, others on the desk.
func (s *Service) watchedHref(actor identity.Principal, c *supervision.Card) string {
	if supervises(actor) {
		return "/board/" + c.Division + "/case/" + url.PathEscape(c.Number)
	}
	return "/desk/case/" + url.PathEscape(c.Number)
}

// describeRule says what the rule is and where it stands.
func (p *cardPage) describeRule(v *web.View, s *Service) {
	rule, ok := s.cards.Rule(p.Card.Rule)
	if !ok {
		return // it has gone since
	}
	p.Law = []ui.Row{
		{Key: v.L.T("oversight.rule.id"), Value: rule.ID},
		{Key: v.L.T("oversight.rule.source"), Value: rule.Source.Cite(v.L.Tag())},
		{Key: v.L.T("oversight.rule.confidence"), Value: v.L.T("oversight.confidence." + string(rule.Confidence))},
	}
	if rule.Answered() {
		p.Law = append(p.Law, ui.Row{Key: v.L.T("oversight.rule.within"), Value: lengthWords(v.L, rule.Term(calendar.Of(v.Now)))})
	}
	if rule.When != "" {
		p.Measure = append([]string{rule.When}, rule.Also...)
	}
}

func lengthWords(l *web.Localizer, length supervision.Length) string {
	key := "oversight.length." + string(length.Unit)
	if !l.Has(key) {
		return fmt.Sprintf("%d %s", length.N, length.Unit)
	}
	return l.T(key, web.Args{"Count": length.N})
}

// eventRows says what the event was that raised the card: its public part, as it stands in the log.
func (s *Service) eventRows(ctx context.Context, v *web.View, c *supervision.Card, watched *casework.Case) ([]ui.Row, error) {
	events, err := s.cases.Events(ctx, watched.ID, 0, 200)
	if err != nil {
		return nil, fmt.Errorf("events of %s: %w", watched.Number, err)
	}
	_, def, err := s.cases.Procedure(ctx, watched.Procedure)
	if err != nil {
		return nil, fmt.Errorf("procedure of %s: %w", watched.Number, err)
	}
	for i := range events {
		e := &events[i]
		if e.ID != c.Event {
			continue
		}
		env, err := e.Envelope()
		if err != nil {
			return nil, err
		}
		rows := []ui.Row{
			{Key: v.L.T("oversight.event"), Value: v.L.T("oversight.event." + strings.ReplaceAll(strings.Replace(e.Kind, "step.overtime", "step.late", 1), ".", "-"))},
			{Key: v.L.T("oversight.event.at"), Value: v.L.Time(e.At)},
			{Key: v.L.T("oversight.event.by"), Value: s.who(v, &env.Actor)},
		}
		if task, _ := env.Data["task"].(string); task != "" {
			rows = append(rows, ui.Row{Key: v.L.T("oversight.event.step"), Value: caseview.Step(v.L, def, task)})
			if said, err := s.said(v, def, task, env.Data, nil, 0); err != nil {
				return nil, err
			} else if said != nil && e.Kind == casework.Completed {
				rows = append(rows, ui.Row{Key: v.L.T("oversight.event.said"), Content: said})
			}
		}
		return append(rows, ui.Row{Key: v.L.T("oversight.event.place"), Value: v.L.Number(c.Leaf)}), nil
	}
	return nil, nil
}

func (s *Service) getCard(w http.ResponseWriter, r *http.Request) error {
	p, _, err := s.openCard(r)
	if err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, cardView(web.ViewOf(r), p))
}

func (s *Service) openCard(r *http.Request) (*cardPage, identity.Principal, error) {
	actor, err := s.People.Principal(r)
	if err != nil {
		return nil, actor, err
	}
	id, err := pathID(r)
	if err != nil {
		return nil, actor, err
	}
	p, err := s.cardPage(r.Context(), web.ViewOf(r), actor, id)
	return p, actor, err
}

func (s *Service) postCard(w http.ResponseWriter, r *http.Request) error {
	p, actor, err := s.openCard(r)
	if err != nil {
		return err
	}
	if p.Answer == nil {
		return web.Conflict("web.refusal.stale", nil)
	}
	retry, err := s.post(r, actor, p.Answer)
	if err != nil {
		return err
	}
	if retry != 0 {
		return web.Render(w, r, retry, cardView(web.ViewOf(r), p))
	}
	web.SetFlash(w, r, web.Flash{Kind: "success", Key: "oversight.flash.done", Args: map[string]string{"Number": p.Card.Answer}})
	return web.SeeOther(w, r, cardHref(p.Card.ID))
}

// getProof hands out the proof that the event stands in the log; it holds nothing personal.
func (s *Service) getProof(w http.ResponseWriter, r *http.Request) error {
	actor, err := s.People.Principal(r)
	if err != nil {
		return err
	}
	id, err := pathID(r)
	if err != nil {
		return err
	}
	card, err := s.cards.Card(r.Context(), id)
	if err != nil {
		return fmt.Errorf("card %s: %w", id, err)
	}
	if err := s.allow(actor, identity.ActionOversee, card.Division, card.Body); err != nil {
		return err
	}
	receipt, ok, err := s.proofs.Receipt(r.Context(), card.Event)
	if err != nil {
		return fmt.Errorf("proof of card %s: %w", id, err)
	}
	if !ok {
		return web.NotFound("")
	}
	h := w.Header()
	h.Set("Content-Type", "application/json")
	h.Set("Content-Disposition", `attachment; filename="card-`+id.String()+`.json"`)
	if _, err := w.Write(receipt); err != nil {
		return fmt.Errorf("send the proof of card %s: %w", id, err)
	}
	return nil
}
