package centre

import (
	"context"
	"encoding/json"
	"fmt"

	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/platform/store"
)

func readVersion(ctx context.Context, q store.Querier) (int64, error) {
	v, err := store.Scalar[int64](q.QueryRow(ctx, `SELECT version FROM centre_version WHERE one = 1`))
	if err != nil {
		return 0, fmt.Errorf("centre: version of the book: %w", err)
	}
	return v, nil
}

func readRecords(ctx context.Context, q store.Querier) ([]Record, error) {
	list, err := store.All(ctx, q, func(row store.Row) (Record, error) {
		var r Record
		var day, held, at int64
		err := row.Scan(&r.ID, &r.Centre, &r.Window, &r.Kind, &r.Body, &r.Subject, &day, &held, &r.Basis, &r.Account, &r.Post, &at)
		r.Day, r.Held, r.At = calendar.Date(day), held == 1, store.Instant(at)
		return r, err
	}, `SELECT id, centre, win, kind, body, subject, day, held, basis, account, post, at FROM centre_record ORDER BY day, id`)
	if err != nil {
		return nil, fmt.Errorf("centre: records: %w", err)
	}
	return list, nil
}

func queueRecord(tx *store.Tx, r *Record) {
	held := 0
	if r.Held {
		held = 1
	}
	tx.Queue(`INSERT INTO centre_record (id, centre, win, kind, body, subject, day, held, basis, account, post, at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`,
		int64(r.ID), r.Centre, r.Window, string(r.Kind), r.Body, r.Subject, int64(r.Day), int64(held), r.Basis, int64(r.Account), r.Post, store.Micros(r.At))
}

func readPlans(ctx context.Context, q store.Querier) ([]PlanRecord, error) {
	list, err := store.All(ctx, q, func(row store.Row) (PlanRecord, error) {
		var p PlanRecord
		var day, at int64
		var content string
		if err := row.Scan(&p.ID, &p.Centre, &day, &content, &p.Account, &p.Post, &at); err != nil {
			return p, err
		}
		p.Day, p.At = calendar.Date(day), store.Instant(at)
		return p, json.Unmarshal([]byte(content), &p.Plan)
	}, `SELECT id, centre, day, content, account, post, at FROM centre_plan ORDER BY day, id`)
	if err != nil {
		return nil, fmt.Errorf("centre: plans: %w", err)
	}
	return list, nil
}

func queuePlan(tx *store.Tx, p *PlanRecord) error {
	content, err := json.Marshal(p.Plan)
	if err != nil {
		return fmt.Errorf("plan of %s: %w", p.Centre, err)
	}
	tx.Queue(`INSERT INTO centre_plan (id, centre, day, content, account, post, at) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
		int64(p.ID), p.Centre, int64(p.Day), string(content), int64(p.Account), p.Post, store.Micros(p.At))
	return nil
}

// touch counts the version of a centre's queues up, so that call screens look again.
func touch(tx *store.Tx, centre string) {
	tx.Queue(`INSERT INTO centre_live (centre, version) VALUES ($1, 1) ON CONFLICT (centre) DO UPDATE SET version = centre_live.version + 1`, centre)
}

// live returns the version of a centre's queues.
func (s *Service) live(ctx context.Context, centre string) (int64, error) {
	list, err := store.All(ctx, s.DB.Read(), func(r store.Row) (int64, error) { return store.Scalar[int64](r) },
		`SELECT version FROM centre_live WHERE centre = $1`, centre)
	if err != nil || len(list) == 0 {
		return 0, err
	}
	return list[0], nil
}

// sealContext is where sealed columns belong, so that one cannot be put in another's place.
func sealContext(table string, id store.ID) string { return "centre." + table + "." + id.String() }

// sealPerson seals who comes.
func (s *Service) sealPerson(table string, id store.ID, p Person) ([]byte, error) {
	plain, err := json.Marshal(p)
	if err != nil {
		return nil, fmt.Errorf("seal a person: %w", err)
	}
	return s.Keys.Seal(sealContext(table, id), plain), nil
}

func (s *Service) openPerson(table string, id store.ID, sealed []byte) (p Person, err error) {
	if sealed == nil {
		return p, nil
	}
	plain, err := s.Keys.Open(sealContext(table, id), sealed)
	if err == nil {
		err = json.Unmarshal(plain, &p)
	}
	if err != nil {
		return p, fmt.Errorf("open a person: %w", err)
	}
	return p, nil
}

const appointmentColumns = `id, centre, line, day, slot, state, party, item, ticket, sealed, booked_at, changed_at`

func (s *Service) scanAppointment(row store.Row) (*Appointment, error) {
	a := &Appointment{}
	var day, slot, booked, changed int64
	var sealed []byte
	err := row.Scan(&a.ID, &a.Centre, &a.Line, &day, &slot, &a.State, &a.Party, &a.Item, &a.Ticket, &sealed, &booked, &changed)
	if err != nil {
		return nil, err
	}
	a.Day, a.Slot, a.Booked, a.Changed = calendar.Date(day), Minute(slot), store.Instant(booked), store.Instant(changed)
	a.Person, err = s.openPerson("appointment", a.ID, sealed)
	return a, err
}

const ticketColumns = `id, centre, line, day, number, class, rank, state, win, account, post, item, calls, appointment, sealed,
	issued_at, called_at, began_at, ended_at`

func (s *Service) scanTicket(row store.Row) (*Ticket, error) {
	t := &Ticket{}
	var day, issued, called, began, ended int64
	var sealed []byte
	err := row.Scan(&t.ID, &t.Centre, &t.Line, &day, &t.Number, &t.Class, &t.Rank, &t.State, &t.Window, &t.Account, &t.Post, &t.Item, &t.Calls,
		&t.Appointment, &sealed, &issued, &called, &began, &ended)
	if err != nil {
		return nil, err
	}
	t.Day, t.Issued, t.CalledAt, t.Began, t.Ended = calendar.Date(day), store.Instant(issued), store.Instant(called), store.Instant(began), store.Instant(ended)
	p, err := s.openPerson("ticket", t.ID, sealed)
	t.Name = p.Name
	return t, err
}
