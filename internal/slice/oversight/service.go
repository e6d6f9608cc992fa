package oversight

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/registry"
	"openhall.org/openhall/internal/platform/store"
	"openhall.org/openhall/internal/platform/web/form"
)

// Deps are what the slice works with. All are required.
type Deps struct {
	DB       *store.DB
	Registry *registry.Registry
	People   People
	Names    Names
	Now      func() time.Time
}

// Service answers cards and follows up orders. It is safe for concurrent use once Attach has been called.
type Service struct {
	Deps
	cases  *casework.Runtime
	cards  Supervision
	proofs Proofs
	forms  sync.Map // key of a step's form → *form.Schema; forms never change while the program runs
}

// New returns the service. Cases run once Attach has told it the runtime.
func New(d Deps) (*Service, error) {
	if d.DB == nil || d.Registry == nil || d.People == nil || d.Names == nil || d.Now == nil {
		return nil, errors.New("oversight: a dependency is missing")
	}
	return &Service{Deps: d}, nil
}

// Attach tells the service the runtime that carries out its cases, the cards, and the log.
func (s *Service) Attach(cases *casework.Runtime, cards Supervision, proofs Proofs) {
	s.cases, s.cards, s.proofs = cases, cards, proofs
}

// allow asks the policy for a page about something of a division and body.
func (s *Service) allow(actor identity.Principal, action, division, body string) error {
	return s.cases.Policy.Allow(actor, action, identity.Resource{Type: "oversight", ID: division + " " + body, Division: division, Body: body})
}

// supervises reports whether the actor supervises anything at all.
func supervises(actor identity.Principal) bool { return actor.Post.Has(registry.Supervisor) }

// mayDo reports whether the actor may do a task of the case now. The command asks again.
func (s *Service) mayDo(ctx context.Context, actor identity.Principal, c *casework.Case, t *casework.Task) (bool, error) {
	if t.Holder != 0 && t.Holder != actor.Account {
		return false, nil
	}
	on := identity.Resource{Type: "case", ID: c.Number, Division: c.Division, Body: c.Body, Owner: c.Party, Role: t.Role}
	if refused := errors.Join(s.cases.Policy.Allow(actor, casework.ActionComplete, on), s.may(c, *t, actor)); refused != nil {
		return false, nil //nolint:nilerr // that it is refused is the answer
	}
	_, def, err := s.cases.Procedure(ctx, c.Procedure)
	if err != nil {
		return false, fmt.Errorf("procedure of %s: %w", c.Number, err)
	}
	el := def.Element(t.Element)
	same := el != nil && slices.ContainsFunc(c.Done(), func(d casework.Done) bool {
		return d.By == actor.Account && !d.Cut && slices.Contains(el.Separate, d.Element)
	})
	return !same, nil
}

// mayReadSealed reports whether the actor reads what is said in the case.
func (s *Service) mayReadSealed(actor identity.Principal, c *casework.Case) bool {
	return s.cases.MayRead(actor, c, false, true) == nil
}

// Complete does a task of a card's case or of an order. Seq is the number of events that the actor saw.
func (s *Service) Complete(ctx context.Context, actor identity.Principal, c *casework.Case, seq int64, key string, act casework.Complete) error {
	if c.Kind == CardKind {
		if err := s.uninvolved(ctx, actor, c, act.Token); err != nil {
			return err
		}
	}
	_, err := s.cases.Do(ctx, casework.Command{Key: key, Actor: actor, Case: c.ID, Seq: seq, Act: act})
	return err
}

// stepForm returns the form of a step.
func (s *Service) stepForm(key string) (*form.Schema, error) {
	if known, ok := s.forms.Load(key); ok {
		if schema, ok := known.(*form.Schema); ok {
			return schema, nil
		}
	}
	source, ok := s.cases.Forms.Form(key)
	if !ok {
		return nil, fmt.Errorf("oversight: there is no form %q", key)
	}
	schema, err := form.Compile(source.Source, nil)
	if err != nil {
		return nil, fmt.Errorf("form %s: %w", key, err)
	}
	s.forms.Store(key, schema)
	return schema, nil
}
