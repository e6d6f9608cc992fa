package cleanup

import (
	"context"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"

	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/platform/store"
	"openhall.org/openhall/internal/slice/cleanup/register"
)

//go:embed migrations/*.sql
var migrations embed.FS

// Schema returns the tables of the slice.
func Schema() store.Migrations {
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		files = migrations // unreachable: the folder is embedded above
	}
	return store.Migrations{Module: "cleanup", Files: files}
}

const roundColumns = `id, number, division, body, title, basis, founding, state, begun_at, published_at, prepared, record`

func scanRound(row store.Row) (r Round, err error) {
	var founding, begun, published int64
	err = row.Scan(&r.ID, &r.Number, &r.Division, &r.Body, &r.Title, &r.Basis, &founding, &r.State, &begun, &published, &r.Digest, &r.Record)
	r.Founding, r.BegunAt, r.PublishedAt = founding == 1, store.Instant(begun), store.Instant(published)
	return r, err
}

const lineColumns = `id, on_day, state, content, version, done_at`

func scanLine(row store.Row) (l Line, err error) {
	var id, on, done int64
	var content string
	if err = row.Scan(&id, &on, &l.State, &content, &l.Version, &done); err != nil {
		return l, err
	}
	if err = json.Unmarshal([]byte(content), &l.Line); err != nil {
		return l, fmt.Errorf("line %d: %w", id, err)
	}
	l.ID, l.DoneAt = id, store.Instant(done)
	return l, nil
}

const handoverColumns = `id, number, line, giver, receiver, on_day, cases, state, taken_at`

func scanHandover(row store.Row) (h Handover, err error) {
	var on, cases, taken int64
	err = row.Scan(&h.ID, &h.Number, &h.Line, &h.Giver, &h.Receiver, &on, &cases, &h.State, &taken)
	h.On, h.Cases, h.TakenAt = calendar.Date(on), cases == 1, store.Instant(taken)
	return h, err
}

func isNotFound(err error) bool { return errors.Is(err, store.ErrNotFound) }

// Round returns a round by its number, or [store.ErrNotFound].
func (s *Service) Round(ctx context.Context, number string) (Round, error) {
	r, err := store.One(ctx, s.DB.Read(), scanRound, `SELECT `+roundColumns+` FROM cleanup_round WHERE number = $1`, number)
	if err != nil {
		return r, fmt.Errorf("round %s: %w", number, err)
	}
	return r, nil
}

func (s *Service) byID(ctx context.Context, id store.ID) (Round, error) {
	r, err := store.One(ctx, s.DB.Read(), scanRound, `SELECT `+roundColumns+` FROM cleanup_round WHERE id = $1`, int64(id))
	if err != nil {
		return r, fmt.Errorf("round %s: %w", id, err)
	}
	return r, nil
}

// Rounds lists the published rounds, the latest first.
func (s *Service) Rounds(ctx context.Context) ([]Round, error) {
	list, err := store.All(ctx, s.DB.Read(), scanRound, `SELECT `+roundColumns+` FROM cleanup_round WHERE published_at > 0 ORDER BY published_at DESC, id DESC`)
	if err != nil {
		return nil, fmt.Errorf("rounds: %w", err)
	}
	return list, nil
}

// OfOffice lists the rounds of a reform office, the latest first.
func (s *Service) OfOffice(ctx context.Context, body string) ([]Round, error) {
	list, err := store.All(ctx, s.DB.Read(), scanRound, `SELECT `+roundColumns+` FROM cleanup_round WHERE body = $1 ORDER BY begun_at DESC, id DESC`, body)
	if err != nil {
		return nil, fmt.Errorf("rounds of %s: %w", body, err)
	}
	return list, nil
}

// Lines returns what a round decides.
func (s *Service) Lines(ctx context.Context, round store.ID) ([]Line, error) {
	list, err := store.All(ctx, s.DB.Read(), scanLine, `SELECT `+lineColumns+` FROM cleanup_line WHERE round = $1 ORDER BY id`, int64(round))
	if err != nil {
		return nil, fmt.Errorf("lines of round %s: %w", round, err)
	}
	return list, nil
}

// line returns one line and the round that it stands in.
func (s *Service) line(ctx context.Context, id int64) (l Line, round store.ID, err error) {
	l, err = store.One(ctx, s.DB.Read(), scanLine, `SELECT `+lineColumns+` FROM cleanup_line WHERE id = $1`, id)
	if err == nil {
		round, err = store.Scalar[store.ID](s.DB.Read().QueryRow(ctx, `SELECT round FROM cleanup_line WHERE id = $1`, id))
	}
	if err != nil {
		return l, 0, fmt.Errorf("line %d: %w", id, err)
	}
	return l, round, nil
}

// Handover returns a hand-over by its number, or [store.ErrNotFound].
func (s *Service) Handover(ctx context.Context, number string) (Handover, error) {
	h, err := store.One(ctx, s.DB.Read(), scanHandover, `SELECT `+handoverColumns+` FROM cleanup_handover WHERE number = $1`, number)
	if err != nil {
		return h, fmt.Errorf("hand-over %s: %w", number, err)
	}
	return h, nil
}

// Handovers lists the hand-overs in which a body gives or receives, those under way first.
func (s *Service) Handovers(ctx context.Context, body string) ([]Handover, error) {
	list, err := store.All(ctx, s.DB.Read(), scanHandover, `SELECT `+handoverColumns+` FROM cleanup_handover WHERE giver = $1 OR receiver = $1
		ORDER BY CASE WHEN state = 'open' THEN 0 ELSE 1 END, on_day DESC, id DESC LIMIT 200`, body)
	if err != nil {
		return nil, fmt.Errorf("hand-overs of %s: %w", body, err)
	}
	return list, nil
}

// handoversOf lists the hand-overs of a line by their receivers.
func (s *Service) handoversOf(ctx context.Context, line int64) (map[string]Handover, error) {
	list, err := store.All(ctx, s.DB.Read(), scanHandover, `SELECT `+handoverColumns+` FROM cleanup_handover WHERE line = $1`, line)
	if err != nil {
		return nil, fmt.Errorf("hand-overs of line %d: %w", line, err)
	}
	by := map[string]Handover{}
	for _, h := range list {
		by[h.Receiver] = h
	}
	return by, nil
}

// book is the register with what it was read from.
type book struct {
	*register.Register

	stamp   int64
	founded bool
	rounds  map[string]Round // by number
}

func readStamp(ctx context.Context, q store.Querier) (int64, error) {
	v, err := store.Scalar[int64](q.QueryRow(ctx, `SELECT version FROM cleanup_version WHERE one = 1`))
	if err != nil {
		return 0, fmt.Errorf("clean-up register: %w", err)
	}
	return v, nil
}

// read reads the register.
func (s *Service) read(ctx context.Context) (*book, error) {
	q := s.DB.Read()
	b := &book{rounds: map[string]Round{}}
	var err error
	if b.stamp, err = readStamp(ctx, q); err != nil {
		return nil, err
	}
	rounds, err := s.Rounds(ctx)
	if err != nil {
		return nil, err
	}
	numbers := map[store.ID]string{}
	for _, r := range rounds {
		b.rounds[r.Number], numbers[r.ID] = r, r.Number
		b.founded = b.founded || r.Founding
	}
	type row struct {
		Line
		round store.ID
	}
	lines, err := store.All(ctx, q, func(r store.Row) (v row, err error) {
		var on, done int64
		var content string
		if err = r.Scan(&v.ID, &on, &v.State, &content, &v.Version, &done, &v.round); err != nil {
			return v, err
		}
		id := v.ID
		err = json.Unmarshal([]byte(content), &v.Line.Line)
		v.ID = id
		return v, err
	}, `SELECT `+lineColumns+`, round FROM cleanup_line WHERE state <> 'draft' ORDER BY id`)
	if err != nil {
		return nil, fmt.Errorf("clean-up register: %w", err)
	}
	all := make([]register.Line, 0, len(lines))
	for i := range lines {
		l := lines[i].Line.Line
		l.Round = numbers[lines[i].round]
		all = append(all, l)
	}
	b.Register = register.Fold(all)
	return b, nil
}
