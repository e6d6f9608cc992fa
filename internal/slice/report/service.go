package report

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/core/statute"
	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/registry"
	"openhall.org/openhall/internal/platform/store"
	"openhall.org/openhall/internal/platform/web"
	"openhall.org/openhall/internal/slice/report/sheet"
)

// ActionEdit is to compile a report, to change it, and to see what is not public of it.
const ActionEdit = "report.edit"

// Deps are what the slice works with. All are required but Duties, Publisher and BaseURL.
type Deps struct {
	DB        *store.DB
	IDs       *store.IDs
	Registry  *registry.Registry
	Rules     *statute.Rules
	Layouts   *sheet.Layouts
	People    People
	Names     Names
	Printer   Printer
	Now       func() time.Time
	Log       *slog.Logger
	Counts    []Figures
	Duties    Duties    // nil: nobody is held to the days of reports
	Publisher Publisher // nil: reports go into no catalogue
	BaseURL   string    // of the site, without a slash at the end
}

// Service compiles reports and counts. It is safe for concurrent use once Attach has been called.
type Service struct {
	Deps
	cases *casework.Runtime
	words *web.Catalogue

	printed prints
}

// New returns the service.
func New(d Deps) (*Service, error) {
	if d.DB == nil || d.IDs == nil || d.Registry == nil || d.Rules == nil || d.Layouts == nil || d.People == nil || d.Names == nil || d.Printer == nil ||
		d.Now == nil || d.Log == nil {
		return nil, errors.New("report: a dependency is missing")
	}
	return &Service{Deps: d}, nil
}

// Attach tells the service the runtime that carries out its cases, and the words in which it prints.
func (s *Service) Attach(cases *casework.Runtime, words *web.Catalogue) {
	s.cases, s.words = cases, words
}

// today is the day in Shanghai.
func (s *Service) today() calendar.Date { return calendar.Of(s.Now()) }

// allow asks the policy for something of the body that compiles a report.
func (s *Service) allow(actor identity.Principal, office string) error {
	b := s.Registry.Now().Body(office)
	if b == nil {
		return fmt.Errorf("office %q: %w", office, store.ErrNotFound)
	}
	return s.cases.Policy.Allow(actor, ActionEdit, identity.Resource{Type: "report", ID: office, Division: b.Division, Body: b.Key})
}

// count adds up what all sources count. A figure that several of them count is theirs together.
func (s *Service) count(ctx context.Context, of Scope, from, until calendar.Date) (sheet.Figures, error) {
	out := sheet.Figures{}
	for _, source := range s.Counts {
		figures, err := source.Figures(ctx, of, from, until)
		if err != nil {
			return nil, fmt.Errorf("figures of %s %s: %w", of.Division, of.Body, err)
		}
		out.Add(figures)
	}
	return out, nil
}

// yearOf returns the first day of a year and of the next.
func yearOf(year int) (from, until calendar.Date) {
	return calendar.Day(year, time.January, 1), calendar.Day(year+1, time.January, 1)
}
