package audit

import (
	"context"
	"errors"
	"time"

	"openhall.org/openhall/internal/core/merkle"
	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/registry"
	"openhall.org/openhall/internal/platform/store"
	"openhall.org/openhall/internal/platform/store/journal"
)

// Deps is what the room works with. All are required.
type Deps struct {
	Journal  *casework.Journal
	Log      Log
	Identity People
	Policies *identity.Policies
	Registry *registry.Registry
	Now      func() time.Time
}

// Service reads the journal for those who may. It is safe for concurrent use.
type Service struct{ Deps }

// New returns the service.
func New(d Deps) (*Service, error) {
	if d.Journal == nil || d.Log == nil || d.Identity == nil || d.Policies == nil || d.Registry == nil || d.Now == nil {
		return nil, errors.New("audit: a dependency is missing")
	}
	return &Service{d}, nil
}

func (s *Service) allow(who identity.Principal) error {
	return s.Policies.Allow(who, identity.ActionAudit, identity.Resource{Type: "journal"})
}

// Search returns entries and takes down that somebody looked.
func (s *Service) Search(ctx context.Context, who identity.Principal, f casework.JournalFilter) ([]casework.Entry, error) {
	if err := s.allow(who); err != nil {
		return nil, err
	}
	entries, err := s.Journal.List(ctx, f)
	if err != nil {
		return nil, err
	}
	act := journal.Act{Kind: journal.AuditRead, By: who.Actor(), On: journal.On("journal", "search"), Data: describe(f)}
	return entries, s.Journal.RecordAlone(ctx, act)
}

// Entry returns one entry and takes down that somebody looked.
func (s *Service) Entry(ctx context.Context, who identity.Principal, event store.ID) (casework.Entry, error) {
	if err := s.allow(who); err != nil {
		return casework.Entry{}, err
	}
	e, err := s.Journal.Entry(ctx, event)
	if err != nil {
		return e, err
	}
	return e, s.Journal.RecordAlone(ctx, journal.Act{Kind: journal.AuditRead, By: who.Actor(), On: journal.On("entry", event)})
}

// Receipt proves the place of an entry in the log, and what was sealed in it.
func (s *Service) Receipt(ctx context.Context, who identity.Principal, event store.ID) (merkle.Receipt, error) {
	e, err := s.Entry(ctx, who, event)
	if err != nil {
		return merkle.Receipt{}, err
	}
	r, err := s.Log.Receipt(ctx, event)
	r.Disclosed = e.Disclosed
	return r, err
}

// Check walks the journals and takes down that somebody did.
func (s *Service) Check(ctx context.Context, who identity.Principal) (casework.JournalReport, error) {
	if err := s.allow(who); err != nil {
		return casework.JournalReport{}, err
	}
	report, err := s.Journal.Check(ctx)
	if err != nil {
		return report, err
	}
	act := journal.Act{Kind: journal.AuditRead, By: who.Actor(), On: journal.On("journal", "completeness"), Data: map[string]any{
		"entries": report.Entries, "faults": len(report.Faults),
	}}
	return report, s.Journal.RecordAlone(ctx, act)
}

// describe is a filter as an entry of the journal holds it.
func describe(f casework.JournalFilter) map[string]any {
	data := map[string]any{}
	for name, value := range map[string]string{"post": f.Post, "kind": f.Kind, "targetKind": f.TargetKind, "target": f.Target} {
		if value != "" {
			data[name] = value
		}
	}
	if f.Account != 0 {
		data["account"] = f.Account
	}
	for name, at := range map[string]time.Time{"from": f.From, "until": f.Until} {
		if !at.IsZero() {
			data[name] = at.UTC().Format(time.RFC3339)
		}
	}
	switch {
	case f.Refused:
		data["result"] = "refused"
	case f.Done:
		data["result"] = "done"
	}
	if f.Before != 0 {
		data["before"] = f.Before
	}
	return data
}
