package request

import (
	"context"
	"errors"
	"fmt"

	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/platform/store"
)

const entryColumns = `case_id, number, division, body, applicant, channel, asker, arrived, receipt, status, due_at, outcome, closed, days, late, subject, record`

func scanEntry(row store.Row) (e Entry, err error) {
	var due, late int64
	err = row.Scan(&e.Case, &e.Number, &e.Division, &e.Body, &e.Applicant, &e.Channel, &e.asker, &e.Arrived, &e.Receipt, &e.Status, &due,
		&e.Outcome, &e.Closed, &e.Days, &late, &e.Subject, &e.Record)
	e.Due, e.Late = store.Instant(due), late != 0
	return e, err
}

// Entry returns a request, or [store.ErrNotFound].
func (s *Service) Entry(ctx context.Context, id store.ID) (Entry, error) {
	return store.One(ctx, s.DB.Read(), scanEntry, `SELECT `+entryColumns+` FROM request_case WHERE case_id = $1`, int64(id))
}

// ByNumber returns the request with a number, or [store.ErrNotFound].
func (s *Service) ByNumber(ctx context.Context, number string) (Entry, error) {
	return store.One(ctx, s.DB.Read(), scanEntry, `SELECT `+entryColumns+` FROM request_case WHERE number = $1`, number)
}

// Filter narrows the register. Empty fields ask for everything.
type Filter struct {
	Body     string
	Division string // with all below it
	Before   Place  // the entry after which to go on
	Limit    int
}

// Place is where a reader of the register has come to.
type Place struct {
	Closed calendar.Date
	Case   store.ID
}

const pageOfRegister = 20

// Register returns answered requests, the latest first.
func (s *Service) Register(ctx context.Context, f Filter) ([]Entry, error) {
	if f.Limit <= 0 {
		f.Limit = pageOfRegister
	}
	if f.Before.Closed == 0 {
		f.Before = Place{Closed: maxDay}
	}
	var list []Entry
	var err error
	day, id := int64(f.Before.Closed), int64(f.Before.Case)
	switch {
	case f.Body != "":
		list, err = store.All(ctx, s.DB.Read(), scanEntry, `SELECT `+entryColumns+` FROM request_case WHERE body = $1 AND closed > 0
			AND (closed < $2 OR closed = $2 AND case_id < $3) ORDER BY closed DESC, case_id DESC LIMIT $4`, f.Body, day, id, f.Limit)
	case f.Division != "" && prefixOf(f.Division) != "":
		low, high := spanOf(f.Division)
		list, err = store.All(ctx, s.DB.Read(), scanEntry, `SELECT `+entryColumns+` FROM request_case WHERE division >= $1 AND division < $2 AND closed > 0
			AND (closed < $3 OR closed = $3 AND case_id < $4) ORDER BY closed DESC, case_id DESC LIMIT $5`, low, high, day, id, f.Limit)
	default:
		list, err = store.All(ctx, s.DB.Read(), scanEntry, `SELECT `+entryColumns+` FROM request_case WHERE closed > 0
			AND (closed < $1 OR closed = $1 AND case_id < $2) ORDER BY closed DESC, case_id DESC LIMIT $3`, day, id, f.Limit)
	}
	if err != nil {
		return nil, fmt.Errorf("register of requests: %w", err)
	}
	return list, nil
}

// maxDay lies after every day of the register: the year 9999.
const maxDay = calendar.Date(2932896)

// prefixOf is what the codes of a division and all below it begin with: two digits of a province, four of a city, six of a county, …
func prefixOf(division string) string {
	for _, n := range []int{2, 4, 6, 9} {
		if len(division) == 12 && division[n:] == "000000000000"[:12-n] {
			return division[:n]
		}
	}
	return division
}

// spanOf are the first code of a division and all below it, and the first behind them.
func spanOf(division string) (low, high string) {
	p := prefixOf(division)
	last := p[len(p)-1]
	return p, p[:len(p)-1] + string(last+1)
}

// Waiting returns the open requests of a body, the most urgent first.
func (s *Service) Waiting(ctx context.Context, body string, limit int) ([]Entry, error) {
	list, err := store.All(ctx, s.DB.Read(), scanEntry, `SELECT `+entryColumns+` FROM request_case WHERE body = $1 AND closed = 0
		ORDER BY CASE WHEN due_at = 0 THEN 1 ELSE 0 END, due_at, case_id LIMIT $2`, body, limit)
	if err != nil {
		return nil, fmt.Errorf("open requests: %w", err)
	}
	return list, nil
}

// OfAccount returns the requests of whoever is signed in, the latest first. Those whose asker was erased are nobody's any more.
func (s *Service) OfAccount(ctx context.Context, account store.ID) ([]Entry, error) {
	if account == 0 {
		return nil, nil
	}
	ids, err := store.All(ctx, s.DB.Read(), func(row store.Row) (id store.ID, err error) { return id, row.Scan(&id) },
		`SELECT case_id FROM request_asker WHERE account = $1 AND case_id > 0 ORDER BY day DESC, id LIMIT 100`, s.accountOf(account))
	if err != nil {
		return nil, fmt.Errorf("own requests: %w", err)
	}
	list := make([]Entry, 0, len(ids))
	for _, id := range ids {
		e, err := s.Entry(ctx, id)
		if errors.Is(err, store.ErrNotFound) {
			continue
		}
		if err != nil {
			return nil, err
		}
		list = append(list, e)
	}
	return list, nil
}
