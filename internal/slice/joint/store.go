package joint

import (
	"context"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"time"

	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/store"
)

//go:embed migrations/*.sql
var migrations embed.FS

// Schema returns the tables of the slice.
func Schema() store.Migrations {
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		files = migrations // unreachable: the folder is embedded above
	}
	return store.Migrations{Module: "joint", Files: files}
}

const wholeColumns = `case_id, number, matter, version, division, body, status, created_at, ended_at`

func (s *Service) scanWhole(row store.Row) (w Whole, err error) {
	var matter string
	var created, ended int64
	if err = row.Scan(&w.Case, &w.Number, &matter, &w.Version, &w.Division, &w.Body, &w.Status, &created, &ended); err != nil {
		return w, err
	}
	w.CreatedAt, w.EndedAt = store.Instant(created), store.Instant(ended)
	var ok bool
	if w.Matter, ok = s.version(matter, w.Version); !ok {
		return w, fmt.Errorf("joint matter %s version %d is not there", matter, w.Version)
	}
	return w, nil
}

const partColumns = `whole, ordinal, key, stage, body, subject, content, token, case_id, number, status, cause, opened_at, due_at, statute_at,
	answered_at, late, late_at, revoked_at`

func (s *Service) scanEntry(row store.Row) (e Entry, err error) {
	var content []byte
	var opened, due, statute, answered, late, revoked int64
	if err = row.Scan(&e.Whole, &e.Ordinal, &e.Key, &e.Stage, &e.Body, &e.Subject, &content, &e.token, &e.Case, &e.Number, &e.State, &e.Cause,
		&opened, &due, &statute, &answered, &e.LateWord, &late, &revoked); err != nil {
		return e, err
	}
	e.OpenedAt, e.DueAt, e.StatuteAt = store.Instant(opened), store.Instant(due), store.Instant(statute)
	e.AnsweredAt, e.LateAt, e.RevokedAt = store.Instant(answered), store.Instant(late), store.Instant(revoked)
	if e.terms, err = s.frozen.get(string(content), func() (t terms, err error) { return t, json.Unmarshal(content, &t) }); err != nil {
		return e, fmt.Errorf("part %d of %s: %w", e.Ordinal, e.Whole, err)
	}
	return e, nil
}

// whole returns an application with its parts and meetings, or [store.ErrNotFound].
func (s *Service) whole(ctx context.Context, where string, args ...any) (*Whole, error) {
	w, err := store.One(ctx, s.DB.Read(), s.scanWhole, `SELECT `+wholeColumns+` FROM joint_whole WHERE `+where, args...)
	if err != nil {
		return nil, err
	}
	return &w, s.fill(ctx, &w)
}

func (s *Service) fill(ctx context.Context, w *Whole) error {
	var err error
	if w.Parts, err = store.All(ctx, s.DB.Read(), s.scanEntry, `SELECT `+partColumns+` FROM joint_part WHERE whole = $1 ORDER BY ordinal`, int64(w.Case)); err != nil {
		return fmt.Errorf("parts of %s: %w", w.Number, err)
	}
	w.Meetings, err = store.All(ctx, s.DB.Read(), func(row store.Row) (m Meeting, err error) {
		var absent []byte
		var held int64
		if err = row.Scan(&m.Stage, &m.Kind, &m.Day, &held, &absent); err == nil {
			m.HeldAt = store.Instant(held)
			err = json.Unmarshal(absent, &m.Absent)
		}
		return m, err
	}, `SELECT stage, kind, day, held_at, absent FROM joint_meeting WHERE whole = $1 ORDER BY stage`, int64(w.Case))
	if err != nil {
		return fmt.Errorf("meetings of %s: %w", w.Number, err)
	}
	return nil
}

// Whole returns the application with the case, or [store.ErrNotFound].
func (s *Service) Whole(ctx context.Context, id store.ID) (*Whole, error) {
	return s.whole(ctx, `case_id = $1`, int64(id))
}

// ByNumber returns the application with the number, or [store.ErrNotFound].
func (s *Service) ByNumber(ctx context.Context, number string) (*Whole, error) {
	return s.whole(ctx, `number = $1`, strings.ToUpper(number))
}

// entry returns one part.
func (s *Service) entry(ctx context.Context, whole store.ID, ordinal int) (Entry, error) {
	return store.One(ctx, s.DB.Read(), s.scanEntry, `SELECT `+partColumns+` FROM joint_part WHERE whole = $1 AND ordinal = $2`, int64(whole), ordinal)
}

// EntryOf returns the part that a case of a department is, or [store.ErrNotFound].
func (s *Service) EntryOf(ctx context.Context, part store.ID) (Entry, error) {
	// That the number is above zero is said for the index, which holds those alone.
	return store.One(ctx, s.DB.Read(), s.scanEntry, `SELECT `+partColumns+` FROM joint_part WHERE case_id = $1 AND case_id > 0`, int64(part))
}

// List returns the applications of a division and of those below it, newest first, without their parts.
func (s *Service) List(ctx context.Context, division string, before store.ID, limit int) ([]Whole, error) {
	if before == 0 {
		before = 1<<63 - 1
	}
	prefix := casework.Subtree(division)
	list, err := store.All(ctx, s.DB.Read(), s.scanWhole, `SELECT `+wholeColumns+` FROM joint_whole WHERE division >= $1 AND division <= $2 AND case_id < $3
		ORDER BY case_id DESC LIMIT $4`, prefix, prefix+strings.Repeat("9", 12-len(prefix)), int64(before), limit)
	if err != nil {
		return nil, fmt.Errorf("joint matters: %w", err)
	}
	return list, nil
}

// --- what the hooks of the kinds write ---

func saveWhole(tx *store.Tx, c *casework.Case, matter string, version int) {
	tx.Queue(`INSERT INTO joint_whole (`+wholeColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 0)`,
		int64(c.ID), c.Number, matter, version, c.Division, c.Body, c.Status, store.Micros(c.CreatedAt))
}

func savePart(tx *store.Tx, whole store.ID, p *publicPart) error {
	content, err := json.Marshal(p.terms)
	if err != nil {
		return fmt.Errorf("part %s: %w", p.Key, err)
	}
	tx.Queue(`INSERT INTO joint_part (`+partColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, 0, 0, '', 'waiting', '', 0, 0, 0, 0, '', 0, 0)`,
		int64(whole), p.Ordinal, p.Key, p.Stage, p.Body, p.Subject, string(content))
	return nil
}

// link notes what is to be carried out about a part, or about the whole (ordinal 0).
func (s *Service) link(tx *store.Tx, at time.Time, whole store.ID, ordinal int, kind string) {
	tx.Queue(`INSERT INTO joint_link (id, whole, ordinal, kind, run_at, tries) VALUES ($1, $2, $3, $4, $5, 0)`,
		int64(s.IDs.New()), int64(whole), ordinal, kind, store.Micros(at))
}

// linkWhere notes it about the part that fits a condition, whose arguments begin with $4.
func (s *Service) linkWhere(tx *store.Tx, at time.Time, kind, where string, args ...any) {
	tx.Queue(`INSERT INTO joint_link (id, whole, ordinal, kind, run_at, tries) SELECT $1, whole, ordinal, $2, $3, 0 FROM joint_part WHERE `+where,
		append([]any{int64(s.IDs.New()), kind, store.Micros(at)}, args...)...)
}

// linked takes out what was carried out, in the transaction of the event that shows it.
func linked(tx *store.Tx, whole store.ID, ordinal int, kind string) {
	tx.Queue(`DELETE FROM joint_link WHERE whole = $1 AND ordinal = $2 AND kind = $3`, int64(whole), ordinal, kind)
}

// --- definitions ---

// loadMatters reads all versions of all matters into memory.
func (s *Service) loadMatters(ctx context.Context) error {
	type kept struct {
		version, active int
		m               Matter
	}
	list, err := store.All(ctx, s.DB.Read(), func(row store.Row) (k kept, err error) {
		var content []byte
		if err = row.Scan(&k.version, &k.active, &content); err == nil {
			err = json.Unmarshal(content, &k.m)
		}
		return k, err
	}, `SELECT version, active, content FROM joint_matter ORDER BY key, version`)
	if err != nil {
		return fmt.Errorf("joint matters: %w", err)
	}
	sh := &shelf{versions: map[string][]*Matter{}, active: map[string]bool{}}
	for i := range list {
		m := &list[i].m
		sh.versions[m.Key] = append(sh.versions[m.Key], m)
		sh.active[m.Key] = list[i].active != 0
	}
	s.shelf.Store(sh)
	return nil
}

// ErrTaken says that somebody published a version of the matter meanwhile.
var ErrTaken = errors.New("the joint matter was changed by somebody else meanwhile")

// keepMatter writes a new version.
func (s *Service) keepMatter(ctx context.Context, m *Matter, version int, active bool, post string) error {
	content, err := json.Marshal(m)
	if err != nil {
		return fmt.Errorf("joint matter %s: %w", m.Key, err)
	}
	on := 0
	if active {
		on = 1
	}
	err = s.DB.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		return tx.Exec(ctx, `INSERT INTO joint_matter (key, version, division, content, active, post, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
			m.Key, version, m.Division, string(content), on, post, store.Micros(s.Now()))
	})
	if store.IsDuplicate(err) {
		return ErrTaken
	}
	if err != nil {
		return fmt.Errorf("joint matter %s: %w", m.Key, err)
	}
	return s.loadMatters(ctx)
}

func saveMeeting(tx *store.Tx, whole store.ID, stage int, kind string, day calendar.Date) {
	tx.Queue(`INSERT INTO joint_meeting (whole, stage, kind, day, held_at, absent) VALUES ($1, $2, $3, $4, 0, '[]')
		ON CONFLICT (whole, stage) DO UPDATE SET day = excluded.day`, int64(whole), stage, kind, int64(day))
}
