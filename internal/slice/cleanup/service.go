package cleanup

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync/atomic"
	"time"

	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/core/lang"
	"openhall.org/openhall/internal/core/statute"
	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/registry"
	"openhall.org/openhall/internal/platform/store"
	"openhall.org/openhall/internal/slice/cleanup/register"
)

// ActionEdit is to prepare rounds of clean-up, and to see what is not public of them.
const ActionEdit = "cleanup.edit"

// Deps are what the slice works with. All are required but Publisher and BaseURL.
type Deps struct {
	DB        *store.DB
	IDs       *store.IDs
	Registry  *registry.Registry
	Rules     *statute.Rules
	People    People
	Names     Names
	Catalogue Catalogue
	Duties    Duties
	Now       func() time.Time
	Log       *slog.Logger
	Publisher Publisher // nil: public lists go into no catalogue of records
	BaseURL   string    // of the site, without a slash at the end
}

// Service prepares rounds and lets them take effect. It is safe for concurrent use once Attach and Load have been called.
type Service struct {
	Deps
	cases *casework.Runtime
	book  atomic.Pointer[book]
}

// New returns the service.
func New(d Deps) (*Service, error) {
	if d.DB == nil || d.IDs == nil || d.Registry == nil || d.Rules == nil || d.People == nil || d.Names == nil || d.Catalogue == nil || d.Duties == nil ||
		d.Now == nil || d.Log == nil {
		return nil, errors.New("cleanup: a dependency is missing")
	}
	s := &Service{Deps: d}
	s.book.Store(&book{Register: register.Fold(nil)})
	return s, nil
}

// Attach tells the service the runtime that carries out its cases.
func (s *Service) Attach(cases *casework.Runtime) { s.cases = cases }

// Load reads the register.
func (s *Service) Load(ctx context.Context) error {
	b, err := s.read(ctx)
	if err != nil {
		return err
	}
	s.book.Store(b)
	return nil
}

// Refresh reads the register again if somebody, perhaps on another node, has published a round.
func (s *Service) Refresh(ctx context.Context) error {
	stamp, err := readStamp(ctx, s.DB.Read())
	if err != nil || stamp == s.book.Load().stamp {
		return err
	}
	return s.Load(ctx)
}

// Register returns the register as it stands. It never changes.
func (s *Service) Register() *register.Register { return s.book.Load().Register }

// Founded reports whether a founding round has taken what was there into the register. Before that nothing is held against anybody.
func (s *Service) Founded() bool { return s.book.Load().founded }

// Stamp changes whenever the register does.
func (s *Service) Stamp() int64 { return s.book.Load().stamp }

// Standing is how an item of a body stands in the register on a day.
type Standing struct {
	Kept    bool
	Gone    *Fate // why it is not kept any more; nil when it never was
	Leaving *Fate // that it will go
}

// Fate is the line that took an item away, with the round that decided it.
type Fate struct {
	register.Line

	Title string // of the round
	Href  string // of what became of the item
}

// Standing answers from memory.
func (s *Service) Standing(item, body string, on calendar.Date) Standing {
	b := s.book.Load()
	if !b.founded {
		return Standing{Kept: true}
	}
	out := Standing{Kept: b.Kept(item, body, on)}
	if spell := b.Gone(item, body, on); spell != nil {
		out.Gone = b.fate(spell)
	}
	if spell := b.Leaving(item, body, on); spell != nil {
		out.Leaving = b.fate(spell)
	}
	return out
}

func (b *book) fate(spell *register.Spell) *Fate {
	return &Fate{Line: *spell.Out, Title: b.rounds[spell.Out.Round].Title, Href: itemHref(spell.Item)}
}

// today is the day in Shanghai.
func (s *Service) today() calendar.Date { return calendar.Of(s.Now()) }

// allow asks the policy for something of the reform office that prepares a round.
func (s *Service) allow(actor identity.Principal, office string) error {
	b := s.Registry.Now().Body(office)
	if b == nil {
		return fmt.Errorf("office %q: %w", office, store.ErrNotFound)
	}
	return s.cases.Policy.Allow(actor, ActionEdit, identity.Resource{Type: "cleanup", ID: office, Division: b.Division, Body: b.Key})
}

// ruleOffices lists the kinds of bodies that prepare rounds.
const ruleOffices = "cleanup.offices"

// Office reports whether a body prepares rounds (审改机构).
func (s *Service) Office(body string) bool {
	b := s.Registry.Now().Body(body)
	if b == nil || registry.Over(b.Ended, s.Now()) {
		return false
	}
	v, err := s.Rules.At(ruleOffices, s.today())
	if err != nil {
		return false
	}
	_, is := v.Entry(b.Kind)
	return is
}

// refuse is the refusal of one field.
func refuse(path, code string, text lang.Text) *casework.Refusal {
	return &casework.Refusal{Code: casework.RefusedForm, Fields: []casework.FieldError{{Path: path, Code: code, Text: text}}}
}

// refused is the refusal of several fields, or nil.
func refused(fields []casework.FieldError) error {
	if len(fields) == 0 {
		return nil
	}
	return &casework.Refusal{Code: casework.RefusedForm, Fields: fields}
}
