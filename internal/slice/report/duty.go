package report

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"time"

	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/platform/publication"
	"openhall.org/openhall/internal/platform/store"
)

// DutyAnnual is the kind of the duty to publish an annual report (条例 49).
const DutyAnnual = "annual-report"

// Duties keeps what bodies owe to the public. Package publication stands behind it.
type Duties interface {
	// Since is the first day on which bodies are held to what they owe every year.
	Since(ctx context.Context) (calendar.Date, error)
	Owe(ctx context.Context, tx *store.Tx, d publication.Duty) error
	Meet(ctx context.Context, tx *store.Tx, key string, record store.ID, at time.Time) error
}

// owingPause is how long the job waits before it looks whether a new year has begun, or who owes a report has changed.
const owingPause = 10 * time.Minute

// owingRound is for how many owners duties are noted in one transaction.
const owingRound = 100

// dutyKey names the duty of an owner to publish its report on a year.
func dutyKey(owner Owner, year int) string {
	return DutyAnnual + "/" + owner.Key() + "/" + strconv.Itoa(year)
}

// Owing notes for everybody who owes a report on the year before that they do, from its end until the day that the law sets, and that those
// have met it who have published theirs. What fell due before bodies are held to it is left out. Noted before, nothing changes.
func (s *Service) Owing(ctx context.Context) error {
	if s.Duties == nil {
		return nil
	}
	since, err := s.Duties.Since(ctx)
	if err != nil {
		return err
	}
	var owners []Owner
	year := s.LastYear()
	for _, d := range s.Registry.Now().Divisions() {
		for _, o := range s.Owners(d.Code, year) {
			term, err := s.Term(o, year)
			if err != nil {
				return err
			}
			if term.Due >= since {
				owners = append(owners, o)
			}
		}
	}
	return s.owe(ctx, owners, year)
}

// owe notes that owners owe a report on a year.
func (s *Service) owe(ctx context.Context, owners []Owner, year int) error {
	for some := range slices.Chunk(owners, owingRound) {
		err := s.DB.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
			for _, o := range some {
				if err := s.oweOne(ctx, tx, o, year); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return fmt.Errorf("who owes a report on %d: %w", year, err)
		}
	}
	return nil
}

func (s *Service) oweOne(ctx context.Context, tx *store.Tx, o Owner, year int) error {
	office := s.Office(o)
	if office == nil {
		return nil
	}
	term, err := s.Term(o, year)
	if err != nil {
		return err
	}
	rule := ruleDepartments
	if o.Government() {
		rule = ruleGovernments
	}
	err = s.Duties.Owe(ctx, tx, publication.Duty{
		Key: dutyKey(o, year), Kind: DutyAnnual, Body: office.Key, Category: publication.ColumnAnnual, Title: s.title(o, year),
		From: calendar.Day(year+1, time.January, 1).Start(), Rule: rule, Due: term.Due,
	})
	if err != nil {
		return err
	}
	first, err := store.Scalar[int64](tx.QueryRow(ctx, `SELECT first_at FROM report_report WHERE division = $1 AND body = $2 AND year = $3 AND live = 1`, o.Division, o.Body, year))
	if isNotFound(err) || err == nil && first == 0 {
		return nil
	}
	if err != nil {
		return fmt.Errorf("report of %s: %w", o.Key(), err)
	}
	return s.Duties.Meet(ctx, tx, dutyKey(o, year), 0, store.Instant(first))
}

// oweEvery notes again and again what is owed, on one node: mine says whether it is this one.
func (s *Service) oweEvery(ctx context.Context, lease *store.Lease) {
	lease.Poll(ctx, owingPause, func(ctx context.Context) (bool, error) { return false, s.Owing(ctx) },
		func(err error) { s.Log.ErrorContext(ctx, "note who owes an annual report", "error", err) })
}
