package casework

import (
	"context"
	"fmt"
	"slices"
	"time"

	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/platform/store"
)

// Move is what another calendar does to the lines of an open case.
type Move struct {
	Case             *Case
	Promise, Statute [2]time.Time // as they stand, and as they would; zero: no clock runs
	Tasks            int          // open tasks whose own line moves
}

// walked is how many cases a walk over the open ones reads at once.
const walked = 500

// OpenCases returns the next open cases by their identifiers: for the rare work that has to look at each, such as a new calendar.
func (r *Runtime) OpenCases(ctx context.Context, after store.ID) ([]*Case, error) {
	cases, err := store.All(ctx, r.DB.Read(), scanCase,
		`SELECT `+caseColumns+` FROM case_ WHERE ended_at = 0 AND id > $1 ORDER BY id LIMIT $2`, int64(after), walked)
	if err != nil {
		return nil, fmt.Errorf("walk over the open cases: %w", err)
	}
	return cases, nil
}

// Moves tells which open cases after an identifier a calendar would move, and up to which one it has looked; 0 at the end. Nothing is
// changed.
func (r *Runtime) Moves(ctx context.Context, next *calendar.Calendar, after store.ID) (moves []Move, upto store.ID, err error) {
	cases, err := r.OpenCases(ctx, after)
	if err != nil {
		return nil, 0, err
	}
	now, cal := r.instant(), r.Calendar()
	for _, c := range cases {
		// The lines of a clock that stands still move from day to day: only what the calendar does to them counts.
		if m, moved := r.move(r.scheduled(c, cal, now), next, now); moved {
			m.Case = c
			moves = append(moves, m)
		}
		upto = c.ID
	}
	if len(cases) < walked {
		upto = 0
	}
	return moves, upto, nil
}

// scheduled is a case with its lines as a calendar puts them now.
func (r *Runtime) scheduled(c *Case, cal *calendar.Calendar, now time.Time) *Case {
	s := &step{r: r, base: c, c: c.clone(), now: now, cal: cal}
	s.schedule()
	return s.c
}

// paused reports whether a clock of the case stands still: its lines are computed when it goes on.
func (c *Case) paused() bool {
	return slices.ContainsFunc(c.state.Clocks, func(k Clock) bool { return k.Term.Stopped.IsZero() && k.Term.Paused() })
}

// move computes the lines of a case by another calendar. What was crossed already stays as it was: the past does not move.
func (r *Runtime) move(c *Case, next *calendar.Calendar, now time.Time) (Move, bool) {
	then := r.scheduled(c, next, now)
	s := &step{base: c}
	m := Move{Case: c, Promise: [2]time.Time{c.PromiseDue, then.PromiseDue}, Statute: [2]time.Time{c.StatuteDue, then.StatuteDue}}
	for i := range then.state.Tasks {
		if s.dueMoved(&then.state.Tasks[i]) {
			m.Tasks++
		}
	}
	return m, m.Tasks > 0 || !m.Promise[0].Equal(m.Promise[1]) || !m.Statute[0].Equal(m.Statute[1])
}

// Recompute moves the lines of the next open cases to where the calendar in force puts them, and returns how many it moved and up to
// which case it has looked; 0 at the end. Doing it again changes nothing.
func (r *Runtime) Recompute(ctx context.Context, after store.ID) (moved int, upto store.ID, err error) {
	cases, err := r.OpenCases(ctx, after)
	if err != nil {
		return 0, 0, err
	}
	now, cal := r.instant(), r.Calendar()
	for _, c := range cases {
		upto = c.ID
		if _, moves := r.move(c, cal, now); !moves || c.paused() {
			continue
		}
		if err := r.wake(ctx, c.ID); err != nil {
			return 0, 0, err
		}
		moved++
	}
	if len(cases) < walked {
		upto = 0
	}
	return moved, upto, nil
}
