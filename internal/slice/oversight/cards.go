package oversight

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/core/feel"
	"openhall.org/openhall/internal/core/lang"
	"openhall.org/openhall/internal/core/statute"
	"openhall.org/openhall/internal/core/term"
	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/registry"
	"openhall.org/openhall/internal/platform/store"
	"openhall.org/openhall/internal/platform/supervision"
)

// CardKind is the kind of case that answers a card, and the key of its procedure.
const CardKind = "oversight-card"

// explainRule is the rule under which the term of the explanation stands in a card's case.
const explainRule = "oversight.explain"

// cardForm is what a card's case is opened with: which card it answers.
type cardForm struct {
	Card store.ID `json:"card"`
}

// CardCases returns the kind of cases that answer cards.
func (s *Service) CardCases() casework.Kind {
	return casework.Kind{
		Name: CardKind, Policy: CardKind, Title: lang.Text{Hans: "监察卡片", Hant: "監察卡片", En: "Supervision card"},
		Begin: s.beginCard, May: s.may,
	}
}

func (s *Service) beginCard(ctx context.Context, sent casework.Submit, today calendar.Date) (casework.Beginning, error) {
	var f cardForm
	if err := json.Unmarshal(sent.Form, &f); err != nil {
		return casework.Beginning{}, fmt.Errorf("case of a card: %w", err)
	}
	card, err := s.cards.Card(ctx, f.Card)
	if err != nil {
		return casework.Beginning{}, fmt.Errorf("card %s: %w", f.Card, err)
	}
	rule, ok := s.cards.Rule(card.Rule)
	if !ok || !rule.Answered() || card.Explain == "" {
		return casework.Beginning{}, &casework.Refusal{Code: casework.RefusedSubject, Args: map[string]any{"Subject": card.Rule}}
	}
	watched, err := s.cases.Get(ctx, card.Case)
	if err != nil {
		return casework.Beginning{}, fmt.Errorf("case %s of card %s: %w", card.Number, card.ID, err)
	}
	return casework.Beginning{
		Title: lang.Text{
			Hans: "监察卡片：" + rule.Title.Hans, Hant: "監察卡片：" + rule.Title.In(lang.Hant), En: "Supervision card: " + rule.Title.In(lang.En),
		},
		Division: card.Division, Body: card.Body, Procedure: CardKind, Series: "JC" + card.Division,
		Terms: map[string]casework.Terms{explainRule: {Statutory: lengthOf(explainRule, rule.Term(today), rule.Title, rule.Source)}},
		// Who did a step of the case in question must not verify: see may.
		Variables: map[string]any{"explainer": card.Explain, "did": doers(watched)},
		Public:    map[string]any{"card": supervision.Reference(&card)},
	}, nil
}

func lengthOf(rule string, l supervision.Length, title lang.Text, source statute.Source) term.Length {
	return term.Length{N: l.N, Unit: l.Unit, Rule: rule, Title: title, Article: source.CiteText()}
}

// doers lists the accounts that did steps of a case in a post.
func doers(c *casework.Case) []string {
	var list []string
	for _, d := range c.Done() {
		if d.By != 0 && d.Post != "" && !d.Cut {
			list = append(list, d.By.String())
		}
	}
	return list
}

// may refuses tasks to those whom the case is about, and orders to those whom they don't concern.
func (s *Service) may(c *casework.Case, t casework.Task, by identity.Principal) error {
	if t.Role != registry.Supervisor {
		return nil // the policy says it all
	}
	if c.Kind == OrderKind {
		return s.mayOrder(c, t, by)
	}
	did, _ := c.Variables()["did"].(feel.List)
	for _, who := range did {
		if who == by.Account.String() {
			return &casework.Refusal{Code: casework.RefusedInvolved}
		}
	}
	return nil
}

// uninvolved looks again at who did steps of the case in question: it may have gone on since the card was raised.
func (s *Service) uninvolved(ctx context.Context, actor identity.Principal, c *casework.Case, token int) error {
	for _, t := range c.Tasks() {
		if t.Token != token || t.Role != registry.Supervisor {
			continue
		}
		card, err := s.cardOf(ctx, c)
		if err != nil {
			return err
		}
		watched, err := s.cases.Get(ctx, card.Case)
		if err != nil {
			return fmt.Errorf("case %s of card %s: %w", card.Number, card.ID, err)
		}
		for _, d := range watched.Done() {
			if d.By == actor.Account && d.Post != "" && !d.Cut {
				return &casework.Refusal{Code: casework.RefusedInvolved}
			}
		}
	}
	return nil
}

// cardOf returns the card that a case answers.
func (s *Service) cardOf(ctx context.Context, c *casework.Case) (supervision.Card, error) {
	first, err := s.cases.Event(ctx, c.ID, 1)
	if err != nil {
		return supervision.Card{}, fmt.Errorf("first event of %s: %w", c.Number, err)
	}
	env, err := first.Envelope()
	if err != nil {
		return supervision.Card{}, err
	}
	ref, _ := env.Data["card"].(map[string]any)
	text, _ := ref["id"].(string)
	id, err := store.ParseID(text)
	if err != nil {
		return supervision.Card{}, fmt.Errorf("card of %s: %w", c.Number, err)
	}
	return s.cards.Card(ctx, id)
}

// opened is how many cases one look at the cards opens.
const opened = 100

// OpenCases opens the cases of cards that have been raised since it last looked, and returns how many cards it went past. Each case is
// opened once: the command carries the card as its key, and the cursor moves on only afterwards.
func (s *Service) OpenCases(ctx context.Context) (int, error) {
	after, err := s.cursor(ctx)
	if err != nil {
		return 0, err
	}
	list, err := s.cards.Asked(ctx, after, opened)
	if err != nil {
		return 0, fmt.Errorf("cards to be explained: %w", err)
	}
	for i := range list {
		if err := s.OpenCase(ctx, &list[i]); err != nil {
			return i, err
		}
		if err := s.moveCursor(ctx, list[i].ID); err != nil {
			return i, err
		}
	}
	return len(list), nil
}

// OpenCase opens the case of a card, unless it is open already.
func (s *Service) OpenCase(ctx context.Context, card *supervision.Card) error {
	_, err := s.submitCard(ctx, s.cases, card)
	var refusal *casework.Refusal
	if errors.As(err, &refusal) && refusal.Code == casework.RefusedSubject {
		return nil // the rule has gone since, or asks for no explanation any more
	}
	return err
}

func (s *Service) submitCard(ctx context.Context, cases *casework.Runtime, card *supervision.Card) (casework.Receipt, error) {
	filled, err := json.Marshal(cardForm{card.ID})
	if err != nil {
		return casework.Receipt{}, fmt.Errorf("case of card %s: %w", card.ID, err)
	}
	receipt, err := cases.Do(ctx, casework.Command{Key: "card/" + card.ID.String(), Actor: identity.Platform, Act: casework.Submit{
		Kind: CardKind, Subject: card.Rule, Channel: casework.Office, Form: filled,
	}})
	if err != nil {
		return receipt, fmt.Errorf("open the case of card %s: %w", card.ID, err)
	}
	return receipt, nil
}

const (
	openPause = 500 * time.Millisecond
	leaseFor  = 15 * time.Second
)

// Run opens cases of cards until ctx ends, on the one node that holds the lease.
func (s *Service) Run(ctx context.Context, holder string, report func(error)) {
	l := store.Lease{DB: s.DB, Name: "oversight.cards", Holder: holder, For: leaseFor, Now: s.Now}
	l.Poll(ctx, openPause, func(ctx context.Context) (bool, error) {
		n, err := s.OpenCases(ctx)
		return n > 0, err
	}, report)
}
