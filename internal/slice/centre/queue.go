package centre

import (
	"context"
	"fmt"
	"time"

	"openhall.org/openhall/internal/platform/store"
)

// Estimates are made from what the day has shown: the mean of the last matters, and the windows at work.
const (
	enough   = 5                // matters from which a mean is taken
	sample   = 20               // that are looked at
	atWork   = 30 * time.Minute // since its last call a window counts as at work
	maxShown = 12               // calls on a screen
)

// QueueState is how a line stands now.
type QueueState struct {
	Line    *Line
	Waiting int
	Windows int           // at work, at least 1
	Mean    time.Duration // of a matter
	Wait    time.Duration // for whoever draws a ticket now
}

// Queues returns how the lines of a centre stand.
func (s *Service) Queues(ctx context.Context, centre string) ([]QueueState, error) {
	plan, ok := s.Book().Plan(centre, s.today())
	if !ok {
		return nil, nil
	}
	type count struct {
		line string
		n    int64
	}
	scan := func(r store.Row) (c count, err error) { err = r.Scan(&c.line, &c.n); return c, err }
	waiting, err := store.All(ctx, s.DB.Read(), scan, `SELECT line, count(*) FROM centre_ticket WHERE centre = $1 AND day = $2 AND state = $3 GROUP BY line`,
		centre, int64(s.today()), string(Waiting))
	if err != nil {
		return nil, fmt.Errorf("queues of %s: %w", centre, err)
	}
	out := make([]QueueState, 0, len(plan.Lines))
	for i := range plan.Lines {
		q := QueueState{Line: &plan.Lines[i]}
		for _, c := range waiting {
			if c.line == q.Line.Key {
				q.Waiting = int(c.n)
			}
		}
		if err := s.pace(ctx, centre, &q); err != nil {
			return nil, err
		}
		q.Wait = q.after(q.Waiting)
		out = append(out, q)
	}
	return out, nil
}

// pace finds out how fast a line goes.
func (s *Service) pace(ctx context.Context, centre string, q *QueueState) error {
	windows, err := store.Scalar[int64](s.DB.Read().QueryRow(ctx, `SELECT count(DISTINCT win) FROM centre_ticket
		WHERE centre = $1 AND day = $2 AND line = $3 AND called_at > $4 AND win <> ''`,
		centre, int64(s.today()), q.Line.Key, store.Micros(s.Now().Add(-atWork))))
	if err != nil {
		return fmt.Errorf("windows at work: %w", err)
	}
	took, err := store.All(ctx, s.DB.Read(), func(r store.Row) (int64, error) { return store.Scalar[int64](r) },
		`SELECT ended_at - began_at FROM centre_ticket WHERE centre = $1 AND day = $2 AND state = $3 AND line = $4 ORDER BY ended_at DESC LIMIT 20`,
		centre, int64(s.today()), string(Served), q.Line.Key)
	if err != nil {
		return fmt.Errorf("time of a matter: %w", err)
	}
	q.Windows, q.Mean = max(1, int(windows)), time.Duration(q.Line.Minutes)*time.Minute
	if len(took) >= enough {
		sum := int64(0)
		for _, us := range took[:min(len(took), sample)] {
			sum += us
		}
		q.Mean = time.Duration(sum/int64(min(len(took), sample))) * time.Microsecond
	}
	return nil
}

// after is how long it takes until so many before one are called.
func (q *QueueState) after(before int) time.Duration {
	return time.Duration(before) * q.Mean / time.Duration(q.Windows)
}

// Place is where a ticket stands.
type Place struct {
	Before int // that will be called first
	Wait   time.Duration
}

// PlaceOf returns where a waiting ticket stands.
func (s *Service) PlaceOf(ctx context.Context, t *Ticket) (Place, error) {
	n, err := store.Scalar[int64](s.DB.Read().QueryRow(ctx, `SELECT count(*) FROM centre_ticket
		WHERE centre = $1 AND day = $2 AND state = $3 AND line = $4 AND (rank < $5 OR rank = $5 AND id < $6)`,
		t.Centre, int64(t.Day), string(Waiting), t.Line, t.Rank, int64(t.ID)))
	if err != nil {
		return Place{}, fmt.Errorf("place of a ticket: %w", err)
	}
	plan, _ := s.Book().Plan(t.Centre, t.Day)
	q := QueueState{Line: plan.Line(t.Line)}
	if q.Line == nil {
		return Place{Before: int(n)}, nil
	}
	if err := s.pace(ctx, t.Centre, &q); err != nil {
		return Place{}, err
	}
	return Place{Before: int(n), Wait: q.after(int(n))}, nil
}

// Calls returns the tickets called today that are at a window, the newest first.
func (s *Service) Calls(ctx context.Context, centre string) ([]*Ticket, error) {
	list, err := store.All(ctx, s.DB.Read(), s.scanTicket, `SELECT `+ticketColumns+` FROM centre_ticket
		WHERE centre = $1 AND day = $2 AND state IN ($3, $4) ORDER BY called_at DESC LIMIT 12`, centre, int64(s.today()), string(Called), string(Serving))
	if err != nil {
		return nil, fmt.Errorf("calls of %s: %w", centre, err)
	}
	return list[:min(len(list), maxShown)], nil
}

// AtWindow returns the ticket that a window has called or serves, or nil.
func (s *Service) AtWindow(ctx context.Context, window string) (*Ticket, error) {
	list, err := store.All(ctx, s.DB.Read(), s.scanTicket, `SELECT `+ticketColumns+` FROM centre_ticket WHERE win = $1 AND state IN ('called', 'serving')`, window)
	if err != nil || len(list) == 0 {
		return nil, err
	}
	return list[0], nil
}

// WaitingFor returns the tickets that wait for the lines of a centre in the order in which they will be called.
func (s *Service) WaitingFor(ctx context.Context, centre string, lines []string) ([]*Ticket, error) {
	if len(lines) == 0 {
		return nil, nil
	}
	args := []any{centre, int64(s.today()), string(Waiting)}
	for _, l := range lines {
		args = append(args, l)
	}
	list, err := store.All(ctx, s.DB.Read(), s.scanTicket, `SELECT `+ticketColumns+` FROM centre_ticket WHERE centre = $1 AND day = $2 AND state = $3
		AND line IN (`+store.Placeholders(4, len(lines))+`) ORDER BY rank, id LIMIT 50`, args...)
	if err != nil {
		return nil, fmt.Errorf("queue of %s: %w", centre, err)
	}
	return list, nil
}
