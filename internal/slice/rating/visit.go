package rating

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/store"
)

// Errors of rating a visit.
var (
	// ErrNoVisit says that no served visit has the code.
	ErrNoVisit = errors.New("no visit that was served has this code")
	// ErrRated says that the visit was rated already.
	ErrRated = errors.New("the visit was rated already")
	// ErrStaff says that staff don't rate.
	ErrStaff = errors.New("staff don't rate")
)

func visitCode(code string) string { return strings.ToUpper(strings.Join(strings.Fields(code), "")) }

// visitKey finds the rating of a visit again without keeping the code.
func (s *Service) visitKey(code string) []byte { return s.Keys.Index("rating-visit", visitCode(code)) }

func visitContext(id store.ID) string { return "rating_visit/" + id.String() }

// Visit returns the visit with the code on a ticket, and whether it was rated already.
func (s *Service) Visit(ctx context.Context, code string) (v Visit, rated bool, err error) {
	v, ok, err := s.Visits.Visit(ctx, visitCode(code))
	if err != nil {
		return v, false, fmt.Errorf("visit: %w", err)
	}
	if !ok {
		return v, false, ErrNoVisit
	}
	_, err = store.Scalar[int64](s.DB.Read().QueryRow(ctx, `SELECT id FROM rating_visit WHERE visit = $1`, s.visitKey(code)))
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return v, false, fmt.Errorf("visit: %w", err)
	}
	return v, err == nil, nil
}

// RateVisit keeps the rating of a visit, once.
func (s *Service) RateVisit(ctx context.Context, who identity.Principal, code string, g Given) error {
	if s.Cases.Policy.Allow(who, casework.ActionRate, identity.Resource{Type: "visit", Proven: true}) != nil {
		return ErrStaff
	}
	if err := s.check("", g); err != nil {
		return err
	}
	v, rated, err := s.Visit(ctx, code)
	switch {
	case err != nil:
		return err
	case rated:
		return ErrRated
	}
	return s.keepVisit(ctx, v, code, g, s.Now())
}

// keepVisit writes the rating of a visit, counts it, and notes it for its follow-up when it is bad: all or nothing.
func (s *Service) keepVisit(ctx context.Context, v Visit, code string, g Given, now time.Time) error {
	id := s.IDs.New()
	place := Place{Division: v.Division, Body: v.Body, Item: v.Item, Window: v.Window}
	if place.Body == "" {
		if c := s.Registry.Now().Centre(v.Centre); c != nil {
			place.Body = c.Body
		}
	}
	reasons, err := json.Marshal(g.Reasons)
	if err != nil {
		return fmt.Errorf("reasons: %w", err)
	}
	private, err := json.Marshal(Given{Grade: g.Grade, Comment: g.Comment, Contact: g.Contact})
	if err != nil {
		return fmt.Errorf("rating of a visit: %w", err)
	}
	var t Tally
	t.Grades[g.Grade-1] = 1
	day := calendar.Of(now)
	err = s.DB.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		n, err := tx.ExecCount(ctx, `INSERT INTO rating_visit (visit, id, division, body, win, item, day, grade, reasons, clerk, sealed, at)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) ON CONFLICT (visit) DO NOTHING`, s.visitKey(code), int64(id), place.Division,
			place.Body, place.Window, place.Item, int64(day), g.Grade, string(reasons), int64(v.Clerk), s.Keys.Seal(visitContext(id), private), store.Micros(now))
		if err != nil {
			return err
		}
		if n == 0 {
			return ErrRated
		}
		saveCounts(tx, map[key]Tally{{place, day}: t})
		if g.Grade <= Bad {
			saveBad(tx, bad{Entry: Entry{ID: id, Place: place, Grade: g.Grade, At: now}, reasons: string(reasons)})
		}
		return nil
	})
	if err != nil && !errors.Is(err, ErrRated) {
		return fmt.Errorf("rate a visit: %w", err)
	}
	return err
}

// ratedVisit opens the rating of a visit.
func (s *Service) ratedVisit(ctx context.Context, id store.ID) (g Given, clerk store.ID, err error) {
	var sealed []byte
	if err = s.DB.Read().QueryRow(ctx, `SELECT clerk, sealed FROM rating_visit WHERE id = $1`, int64(id)).Scan(&clerk, &sealed); err != nil {
		return g, 0, fmt.Errorf("rating of a visit: %w", err)
	}
	plain, err := s.Keys.Open(visitContext(id), sealed)
	if err == nil {
		err = json.Unmarshal(plain, &g)
	}
	if err != nil {
		return g, 0, fmt.Errorf("rating of visit %s: %w", id, err)
	}
	return g, clerk, nil
}
