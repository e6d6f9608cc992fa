package desk

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	"openhall.org/openhall/internal/core/procedure"
	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/file"
	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/registry"
	"openhall.org/openhall/internal/platform/store"
	"openhall.org/openhall/internal/platform/web/form"
)

// Deps are what the desk works with. Formats may be nil; Counter may be nil where nobody receives at a counter.
type Deps struct {
	Cases    *casework.Runtime
	Registry *registry.Registry
	Files    *file.Files
	People   People
	Matters  Matters
	Counter  Counter
	// Authority may be nil where nobody keeps book of what windows are authorised to do.
	Authority Authority
	Formats   form.Formats // of the forms of steps, beside those that every form knows
}

// Service is the workbench. It is safe for concurrent use.
type Service struct {
	Deps
	forms sync.Map // key of a step's form → *form.Schema; forms never change while the program runs
}

// New returns the workbench.
func New(d Deps) (*Service, error) {
	if d.Cases == nil || d.Registry == nil || d.Files == nil || d.People == nil || d.Matters == nil {
		return nil, errors.New("desk: a dependency is missing")
	}
	return &Service{Deps: d}, nil
}

// Roles of tasks on the desk. An applicant's task waits for the public; a window may do it for somebody who comes in person.
const applicantRole = "applicant"

// rolesOf returns the queues that a post has, in the order in which a case passes through them.
func (s *Service) rolesOf(p identity.Post) []string {
	var roles []string
	for _, role := range []string{registry.Clerk, registry.Reviewer, registry.Head, registry.Complaints, registry.Supervisor} {
		if p.Has(role) || s.lent(p, role) {
			roles = append(roles, role)
		}
	}
	if p.Has(registry.Clerk) {
		roles = append(roles, applicantRole)
	}
	return roles
}

// lent reports whether a post does tasks of a role that is not its own: those of deciding at a window, as chief representative
// (首席代表); those of the window in a body that has authorised none.
func (s *Service) lent(p identity.Post, role string) bool {
	switch {
	case s.Authority == nil || p.Has(role):
		return false
	case role == registry.Clerk:
		return (p.Has(registry.Reviewer) || p.Has(registry.Head)) && s.Authority.Keeps(p.Body)
	case role == registry.Reviewer, role == registry.Head:
		return p.Has(registry.Clerk) && len(s.Authority.ChiefFor(p.ID)) > 0
	default:
		return false
	}
}

// bodiesOf returns the keys of the bodies for whose cases a post works in a role: its own, and at a window those which the window
// serves.
func (s *Service) bodiesOf(p identity.Post, role string) []string {
	bodies := []string{p.Body}
	switch {
	case s.lent(p, role) && role != registry.Clerk:
		return s.Authority.ChiefFor(p.ID)
	case s.lent(p, role), role != registry.Clerk && role != applicantRole:
		return bodies
	}
	places := s.Registry.Now()
	for _, d := range places.Path(p.Division) {
		for _, b := range places.Bodies(d.Code) {
			if b.Key != p.Body && places.Serves(p.ID, b.Key) {
				bodies = append(bodies, b.Key)
			}
		}
	}
	return bodies
}

// MayDo reports whether the actor may do something to a task of the case. The command asks again.
func (s *Service) MayDo(actor identity.Principal, c *casework.Case, action string, t *casework.Task) bool {
	return s.Cases.Policy.Allow(actor, action, identity.Resource{
		Type: "case", ID: c.Number, Division: c.Division, Body: c.Body, Owner: c.Party, Role: t.Role, Item: c.Subject, Power: string(t.Power),
	}) == nil
}

// Complete does a task. Seq is the number of events that the actor saw.
func (s *Service) Complete(ctx context.Context, actor identity.Principal, c *casework.Case, seq int64, key string, act casework.Complete) error {
	_, err := s.Cases.Do(ctx, casework.Command{Key: key, Actor: actor, Case: c.ID, Seq: seq, Act: act})
	return err
}

// Transfer (转办) gives an open task to a colleague of the same role; to 0 gives it back to the role.
func (s *Service) Transfer(ctx context.Context, actor identity.Principal, c *casework.Case, key string, token int, to store.ID, reason string) error {
	act := casework.Assign{Token: token, To: to, Reason: reason}
	if to != 0 {
		colleagues, err := s.colleagues(ctx, c, token)
		if err != nil {
			return err
		}
		found := false
		for _, other := range colleagues {
			if other.Account == to {
				act.ToPost, found = other.Post, true
			}
		}
		if !found {
			return &casework.Refusal{Code: casework.RefusedTransfer}
		}
	}
	_, err := s.Cases.Do(ctx, casework.Command{Key: key, Actor: actor, Case: c.ID, Act: act})
	return err
}

// colleagues returns those to whom an open task can be transferred.
func (s *Service) colleagues(ctx context.Context, c *casework.Case, token int) ([]Colleague, error) {
	for _, t := range c.Tasks() {
		if t.Token != token || t.Role == applicantRole {
			continue
		}
		list, err := s.People.Colleagues(ctx, c.Body, t.Role)
		if err != nil {
			return nil, fmt.Errorf("colleagues of %s in %s: %w", t.Role, c.Body, err)
		}
		return slices.DeleteFunc(list, func(other Colleague) bool { return c.Bars(other.Account) }), nil
	}
	return nil, nil
}

// stepForm returns the form of a step, or nil when it asks for nothing.
func (s *Service) stepForm(el *procedure.Element) (*form.Schema, error) {
	if el == nil || el.Form == "" {
		return nil, nil
	}
	if known, ok := s.forms.Load(el.Form); ok {
		if schema, ok := known.(*form.Schema); ok {
			return schema, nil
		}
	}
	source, ok := s.Cases.Forms.Form(el.Form)
	if !ok {
		return nil, fmt.Errorf("desk: step %s names the form %q, which is not there", el.ID, el.Form)
	}
	schema, err := form.Compile(source.Source, s.Formats)
	if err != nil {
		return nil, fmt.Errorf("form %s: %w", el.Form, err)
	}
	s.forms.Store(el.Form, schema)
	return schema, nil
}
