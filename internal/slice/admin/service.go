package admin

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/law"
	"openhall.org/openhall/internal/platform/ledger"
	"openhall.org/openhall/internal/platform/registry"
	"openhall.org/openhall/internal/platform/store"
	"openhall.org/openhall/internal/platform/store/journal"
)

// Deps is what the room works with. All are required.
type Deps struct {
	DB       *store.DB
	IDs      *store.IDs
	Cases    *casework.Runtime
	Identity People
	Policies *identity.Policies
	Registry *registry.Registry
	Law      *law.Law
	Journal  journal.Recorder
	Papers   Papers
	Keys     []Key // that protect the hall
	Now      func() time.Time
}

// Key is what everybody who administers may know of a key.
type Key struct {
	Purpose   string // log, seal
	ID        string // public name, never the key
	Algorithm string
	Since     time.Time
}

// Service is the door of the room. It is safe for concurrent use.
type Service struct{ Deps }

// New returns the service.
func New(d Deps) (*Service, error) {
	if d.DB == nil || d.IDs == nil || d.Cases == nil || d.Identity == nil || d.Policies == nil || d.Registry == nil || d.Law == nil || d.Journal == nil || d.Papers == nil || d.Now == nil {
		return nil, errors.New("admin: a dependency is missing")
	}
	return &Service{d}, nil
}

// Erasure is a proposal to erase the private parts of a case.
type Erasure struct {
	ID         store.ID
	Case       store.ID
	Number     string
	Reason     string
	ProposedBy store.ID
	ProposedAt time.Time
	State      string // open, done, declined
	DecidedBy  store.ID
	DecidedAt  time.Time
}

// Refusals of an erasure.
var (
	ErrNoCase     = errors.New("there is no case with this number")
	ErrOpen       = errors.New("the case has not ended: its private parts are still needed")
	ErrProposed   = errors.New("the erasure of this case is proposed already")
	ErrDecided    = errors.New("somebody has decided on this proposal")
	ErrSamePerson = errors.New("whoever proposed it does not confirm it")
	ErrReason     = errors.New("say in 10 to 500 characters who asked for it and on which ground")
)

const minReason, maxReason = 10, 500 // characters

// ProposeErasure proposes that the private parts of an ended case be erased. by is the security administrator, or the operator
// ([identity.Platform]).
func (s *Service) ProposeErasure(ctx context.Context, by identity.Principal, number, reason string) (Erasure, error) {
	if err := s.Policies.Allow(by, identity.ActionErase, identity.Resource{Type: "case", ID: number}); err != nil {
		return Erasure{}, err
	}
	return s.propose(ctx, by.Actor(), number, reason)
}

func (s *Service) propose(ctx context.Context, by journal.Actor, number, reason string) (Erasure, error) {
	reason = strings.TrimSpace(reason)
	if n := utf8.RuneCountInString(reason); n < minReason || n > maxReason {
		return Erasure{}, ErrReason
	}
	c, err := s.ended(ctx, number)
	if err != nil {
		return Erasure{}, err
	}
	e := Erasure{ID: s.IDs.New(), Case: c.ID, Number: c.Number, Reason: reason, ProposedBy: by.Account, ProposedAt: s.Now(), State: "open"}
	err = s.DB.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		err := tx.Exec(ctx, `INSERT INTO admin_erasure (id, case_id, number, reason, proposed_by, proposed_at, state, decided_by, decided_at)
			VALUES ($1, $2, $3, $4, $5, $6, 'open', 0, 0)`, int64(e.ID), int64(e.Case), e.Number, e.Reason, int64(e.ProposedBy), store.Micros(e.ProposedAt))
		if err != nil {
			return err
		}
		return s.Journal.Record(ctx, tx, journal.Act{Kind: journal.EraseProposed, By: by, On: journal.On("case", c.Number), Secret: map[string]any{"reason": reason}})
	})
	if store.IsDuplicate(err) {
		return Erasure{}, ErrProposed
	}
	return e, err
}

// DecideErasure erases what was proposed, or declines it: the audit administrator does, who is another person.
func (s *Service) DecideErasure(ctx context.Context, by identity.Principal, id store.ID, confirm bool) error {
	if err := s.Policies.Allow(by, identity.ActionConfirm, identity.Resource{Type: "erasure", ID: id.String()}); err != nil {
		return err
	}
	err := s.DB.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		e, err := store.One(ctx, tx, scanErasure, `SELECT `+erasureColumns+` FROM admin_erasure WHERE id = $1`+tx.ForUpdate(), int64(id))
		switch {
		case err != nil:
			return err
		case e.State != "open":
			return ErrDecided
		case e.ProposedBy == by.Account:
			return ErrSamePerson
		}
		state, act := "declined", journal.Act{Kind: journal.EraseDeclined, By: by.Actor(), On: journal.On("case", e.Number)}
		if confirm {
			state, act.Kind = "done", journal.Erased
			if err := ledger.EraseCase(ctx, tx, e.Case); err != nil {
				return err
			}
			files, err := s.Papers.EraseCase(ctx, tx, e.Case, s.Now())
			if err != nil {
				return err
			}
			act.Data = map[string]any{"files": files}
		}
		tx.Queue(`UPDATE admin_erasure SET state = $2, decided_by = $3, decided_at = $4 WHERE id = $1`, int64(id), state, int64(by.Account), store.Micros(s.Now()))
		return s.Journal.Record(ctx, tx, act)
	})
	if err != nil || !confirm {
		return err
	}
	// What is left when this fails is removed by the next sweep: it stands in a table of its own.
	if _, err := s.Papers.Purge(ctx); err != nil {
		return fmt.Errorf("erased, but files are still on the disk: %w", err)
	}
	return nil
}

const erasureColumns = `id, case_id, number, reason, proposed_by, proposed_at, state, decided_by, decided_at`

func scanErasure(row store.Row) (e Erasure, err error) {
	var proposed, decided int64
	err = row.Scan(&e.ID, &e.Case, &e.Number, &e.Reason, &e.ProposedBy, &proposed, &e.State, &e.DecidedBy, &decided)
	e.ProposedAt, e.DecidedAt = store.Instant(proposed), store.Instant(decided)
	return e, err
}

// Erasures lists the proposals, the newest first, for those who propose or decide.
func (s *Service) Erasures(ctx context.Context, by identity.Principal) ([]Erasure, error) {
	on := identity.Resource{Type: "erasure"}
	if s.Policies.Allow(by, identity.ActionErase, on) != nil {
		if err := s.Policies.Allow(by, identity.ActionConfirm, on); err != nil {
			return nil, err
		}
	}
	list, err := store.All(ctx, s.DB.Read(), scanErasure, `SELECT `+erasureColumns+` FROM admin_erasure ORDER BY id DESC LIMIT 200`)
	if err != nil {
		return nil, fmt.Errorf("erasures: %w", err)
	}
	return list, nil
}

// Extent is what an erasure would take away.
type Extent struct {
	Number                   string
	EndedAt                  time.Time
	Events, Uploads, Letters int
}

// Extent tells what the erasure of an ended case would take away.
func (s *Service) Extent(ctx context.Context, number string) (Extent, error) {
	c, err := s.ended(ctx, number)
	if err != nil {
		return Extent{}, err
	}
	x := Extent{Number: c.Number, EndedAt: c.EndedAt}
	if x.Events, err = s.Cases.PrivateEvents(ctx, c.ID); err != nil {
		return x, err
	}
	x.Uploads, x.Letters, err = s.Papers.Count(ctx, c.ID)
	return x, err
}

// ended returns the ended case with a number.
func (s *Service) ended(ctx context.Context, number string) (*casework.Case, error) {
	c, err := s.Cases.ByNumber(ctx, strings.ToUpper(strings.TrimSpace(number)))
	switch {
	case errors.Is(err, store.ErrNotFound):
		return nil, ErrNoCase
	case err != nil:
		return nil, err
	case c.Open():
		return nil, ErrOpen
	}
	return c, nil
}
