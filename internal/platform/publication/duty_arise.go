package publication

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/platform/registry"
	"openhall.org/openhall/internal/platform/store"
)

const (
	// ariseBack is how many days back a time may have ended whose duties are noted: a node that stood still for a year misses none.
	ariseBack = 400
	// ariseRound is for how many bodies duties are noted in one transaction.
	ariseRound = 100
)

// Since is the first day on which bodies are held to what they owe at regular times. Nobody is late for a day before the platform was there.
func (s *Service) Since(ctx context.Context) (calendar.Date, error) {
	since, err := store.Scalar[calendar.Date](s.DB.Read().QueryRow(ctx, `SELECT since FROM publication_held WHERE one = 1`))
	if err == nil || !isNotFound(err) {
		return since, err
	}
	if err := s.HoldFrom(ctx, s.today()); err != nil {
		return 0, err
	}
	return store.Scalar[calendar.Date](s.DB.Read().QueryRow(ctx, `SELECT since FROM publication_held WHERE one = 1`))
}

// HoldFrom sets the day of [Service.Since], once: for a platform that takes over from another one.
func (s *Service) HoldFrom(ctx context.Context, day calendar.Date) error {
	err := s.DB.Write(ctx, func(_ context.Context, tx *store.Tx) error {
		tx.Queue(`INSERT INTO publication_held (one, since) VALUES (1, $1) ON CONFLICT (one) DO NOTHING`, int64(day))
		return nil
	})
	if err != nil {
		return fmt.Errorf("duties are held from: %w", err)
	}
	return nil
}

// Arise notes what bodies owe by the standards for the times that have ended, or begun, since it was last called, and returns for how many
// times it did. What was published in time already meets it at once. Killed in the middle it goes on: nothing is noted twice.
func (s *Service) Arise(ctx context.Context) (int, error) {
	today := s.today()
	if s.arisen.Load() == int64(today) {
		return 0, nil
	}
	since, err := s.Since(ctx)
	if err != nil {
		return 0, fmt.Errorf("duties by standards: %w", err)
	}
	noted := 0
	var failed []error
	for i := range s.standards.List {
		n, err := s.ariseOne(ctx, &s.standards.List[i], since, today)
		noted += n
		if err != nil { // one that cannot be noted keeps no other back
			failed = append(failed, fmt.Errorf("duties by standard %s: %w", s.standards.List[i].Key, err))
		}
	}
	if err := errors.Join(append(failed, s.dropOfEnded(ctx, today))...); err != nil {
		return noted, err
	}
	s.arisen.Store(int64(today))
	return noted, nil
}

// ariseOne notes the duties of one standard.
func (s *Service) ariseOne(ctx context.Context, x *Standard, since, today calendar.Date) (noted int, err error) {
	for day := max(x.From, today-ariseBack); day < today; {
		p := periodOf(x.Every, day)
		day = p.last + 1
		begun := p.last
		if x.Begins {
			begun = p.first
		}
		if begun < x.From || begun >= today {
			continue
		}
		mark := x.Key + "/" + p.key
		known, err := store.Scalar[int](s.DB.Read().QueryRow(ctx, `SELECT count(*) FROM publication_standard WHERE key = $1`, mark))
		if err != nil {
			return noted, err
		}
		if known > 0 {
			continue
		}
		sample, err := x.duty(s.Rules, "", &p)
		if err == nil {
			err = s.dueOf(&sample)
		}
		if err != nil {
			return noted, err
		}
		if sample.Due < since {
			continue
		}
		var bodies []*registry.Body
		places := s.Registry.Now()
		for _, d := range places.Divisions() {
			for _, b := range places.Bodies(d.Code) {
				if x.owedBy(b) {
					bodies = append(bodies, b)
				}
			}
		}
		for some := range slices.Chunk(bodies, ariseRound) {
			if err := s.noteStandard(ctx, x, &p, some); err != nil {
				return noted, err
			}
		}
		err = s.DB.Write(ctx, func(_ context.Context, tx *store.Tx) error {
			tx.Queue(`INSERT INTO publication_standard (key) VALUES ($1) ON CONFLICT (key) DO NOTHING`, mark)
			return nil
		})
		if err != nil {
			return noted, err
		}
		noted++
	}
	return noted, nil
}

// noteStandard notes what some bodies owe of a time, and what of it was published before it was noted.
func (s *Service) noteStandard(ctx context.Context, x *Standard, p *period, bodies []*registry.Body) error {
	return s.DB.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		for _, b := range bodies {
			d, err := x.duty(s.Rules, b.Key, p)
			if err != nil {
				return err
			}
			if err := s.Owe(ctx, tx, d); err != nil {
				return err
			}
			record, day, err := s.foundFor(ctx, tx, x, b, p)
			if err != nil {
				return err
			}
			if record != 0 {
				if err := s.Meet(ctx, tx, d.Key, record, day.Start().Add(12*time.Hour)); err != nil {
					return err
				}
			}
		}
		return nil
	})
}

// foundFor finds the first record by which a body has published what it owes of a time.
func (s *Service) foundFor(ctx context.Context, tx *store.Tx, x *Standard, b *registry.Body, p *period) (store.ID, calendar.Date, error) {
	type found struct {
		id    store.ID
		first calendar.Date
		title string
	}
	args := []any{b.Division, b.Key, int64(p.first)}
	var marks []string
	for _, key := range s.tree.Load().below(x.Category) {
		args = append(args, key)
		marks = append(marks, "$"+strconv.Itoa(len(args)))
	}
	list, err := store.All(ctx, tx, func(row store.Row) (f found, err error) { return f, row.Scan(&f.id, &f.first, &f.title) },
		`SELECT id, first, title FROM publication_record WHERE live = 1 AND division = $1 AND body = $2 AND first >= $3 AND category IN (`+strings.Join(marks, ", ")+`)
		ORDER BY first, id`, args...)
	if err != nil {
		return 0, 0, fmt.Errorf("records of %s: %w", b.Key, err)
	}
	for _, f := range list {
		if x.named(f.title, p) {
			return f.id, f.first, nil
		}
	}
	return 0, 0, nil
}

// meetStandards notes which duties by standards a record meets that became public: its title names what they are about, and the time.
func (s *Service) meetStandards(ctx context.Context, tx *store.Tx, v *out, at time.Time) error {
	c := &v.statement.Content
	path := s.tree.Load().path(c.Category)
	day := v.day
	for i := range s.standards.List {
		x := &s.standards.List[i]
		if !slices.ContainsFunc(path, func(above *Category) bool { return above.Key == x.Category }) {
			continue
		}
		for first := day - ariseBack; first <= day; {
			p := periodOf(x.Every, first)
			first = p.last + 1
			if !x.named(c.Title, &p) {
				continue
			}
			if err := s.Meet(ctx, tx, x.dutyKey(v.body, &p), v.record, at); err != nil {
				return err
			}
		}
	}
	return nil
}

// dropOfEnded lets fall away what bodies that are no longer there would owe at regular times: whoever took over from them owes it.
func (s *Service) dropOfEnded(ctx context.Context, today calendar.Date) error {
	places := s.Registry.Now()
	for _, d := range places.Divisions() {
		for _, b := range places.Bodies(d.Code) {
			if b.Ended == "" || b.Ended > today.String() {
				continue
			}
			keys, err := store.All(ctx, s.DB.Read(), store.Scalar[string], `SELECT key FROM publication_duty WHERE state = 'owed' AND body = $1 AND kind = $2`, b.Key, DutyStandard)
			if err != nil {
				return fmt.Errorf("duties of %s, which ended: %w", b.Key, err)
			}
			if len(keys) == 0 {
				continue
			}
			err = s.DB.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
				for _, key := range keys {
					if err := s.Drop(ctx, tx, key, s.instant()); err != nil {
						return err
					}
				}
				return nil
			})
			if err != nil {
				return fmt.Errorf("duties of %s, which ended: %w", b.Key, err)
			}
		}
	}
	return nil
}
