package casework

import (
	"encoding/json"
	"fmt"
	"math"
	"slices"

	"openhall.org/openhall/internal/platform/store"
)

const caseColumns = `id, number, kind, subject, title, division, body, procedure, party, holder, channel, status, result, rating,
	lamp, seq, created_at, ended_at, promise_due, statute_due, wake_at, terms, state`

func scanCase(row store.Row) (*Case, error) {
	var (
		c                                    Case
		title, terms, state                  []byte
		created, ended, promise, statute, at int64
	)
	err := row.Scan(&c.ID, &c.Number, &c.Kind, &c.Subject, &title, &c.Division, &c.Body, &c.Procedure, &c.Party, &c.holder,
		&c.Channel, &c.Status, &c.Result, &c.Rating, &c.Lamp, &c.Seq, &created, &ended, &promise, &statute, &at, &terms, &state)
	if err != nil {
		return nil, err
	}
	if err := json.Unmarshal(title, &c.Title); err != nil {
		return nil, fmt.Errorf("title of case %s: %w", c.Number, err)
	}
	if err := json.Unmarshal(terms, &c.terms); err != nil {
		return nil, fmt.Errorf("terms of case %s: %w", c.Number, err)
	}
	if err := json.Unmarshal(state, &c.state); err != nil {
		return nil, fmt.Errorf("state of case %s: %w", c.Number, err)
	}
	c.CreatedAt, c.EndedAt = store.Instant(created), store.Instant(ended)
	c.PromiseDue, c.StatuteDue, c.WakeAt = store.Instant(promise), store.Instant(statute), store.Instant(at)
	return &c, nil
}

// rows are the statements that one accepted command writes. They are put together ahead of the command's turn.
type rows []row

type row struct {
	query string
	args  []any
	one   bool // refuses to touch a case that has moved
}

func (w *rows) add(query string, args ...any) { *w = append(*w, row{query: query, args: args}) }

func (w rows) queue(tx *store.Tx) {
	for i := range w {
		if w[i].one {
			tx.QueueOne(w[i].query, w[i].args...)
		} else {
			tx.Queue(w[i].query, w[i].args...)
		}
	}
}

// texts are the columns of a case that hold JSON.
type texts struct{ title, terms, state string }

// marshal writes the columns of the case that hold JSON, as far as the step changes them.
func (s *step) marshal() error {
	state, err := json.Marshal(&s.c.state)
	if err != nil {
		return fmt.Errorf("state of case %s: %w", s.c.Number, err)
	}
	s.texts.state = string(state)
	if s.base != nil {
		return nil
	}
	title, err := json.Marshal(s.c.Title)
	if err != nil {
		return fmt.Errorf("title of case %s: %w", s.c.Number, err)
	}
	terms, err := json.Marshal(s.c.terms)
	if err != nil {
		return fmt.Errorf("terms of case %s: %w", s.c.Number, err)
	}
	s.texts.title, s.texts.terms = string(title), string(terms)
	return nil
}

// write puts together the rows of the step: the case, its tasks, its events.
func (s *step) write() {
	w := make(rows, 0, 3+len(s.events))
	s.writeCase(&w)
	s.writeTasks(&w)
	for i := range s.sealed {
		e := &s.sealed[i]
		var key, digest []byte
		if i == 0 {
			key, digest = s.a.key, s.a.digest
		}
		w.add(`INSERT INTO event (id, case_id, seq, at, kind, content, sealed, command, asked) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
			int64(e.ID), int64(e.Case), e.Seq, store.Micros(e.At), e.Kind, string(e.Content), e.secrets, key, digest)
	}
	s.rows = w
}

func (s *step) writeCase(w *rows) {
	c := s.c
	if s.base != nil {
		w.add(`UPDATE case_ SET status = $3, result = $4, rating = $5, lamp = $6, seq = $7, ended_at = $8, promise_due = $9,
			statute_due = $10, wake_at = $11, state = $12 WHERE id = $1 AND seq = $2`,
			int64(c.ID), s.base.Seq, c.Status, c.Result, c.Rating, int(c.Lamp), c.Seq, store.Micros(c.EndedAt), store.Micros(c.PromiseDue),
			store.Micros(c.StatuteDue), store.Micros(c.WakeAt), s.texts.state)
		(*w)[len(*w)-1].one = true
		if c.Procedure != s.base.Procedure {
			w.add(`UPDATE case_ SET procedure = $2 WHERE id = $1`, int64(c.ID), c.Procedure)
		}
		if c.Body != s.base.Body || c.Subject != s.base.Subject { // apart: naming an indexed column costs even where it stays the same
			w.add(`UPDATE case_ SET body = $2, division = $3, subject = $4 WHERE id = $1`, int64(c.ID), c.Body, c.Division, c.Subject)
		}
		return
	}
	w.add(`INSERT INTO case_ (`+caseColumns+`) VALUES (`+casePlaceholders+`)`,
		int64(c.ID), c.Number, c.Kind, c.Subject, s.texts.title, c.Division, c.Body, c.Procedure, int64(c.Party), c.holder,
		string(c.Channel), c.Status, c.Result, c.Rating, int(c.Lamp), c.Seq, store.Micros(c.CreatedAt), store.Micros(c.EndedAt),
		store.Micros(c.PromiseDue), store.Micros(c.StatuteDue), store.Micros(c.WakeAt), s.texts.terms, s.texts.state)
}

// dueMoved reports whether the line of an open task is another than it was: the calendar changed.
func (s *step) dueMoved(t *Task) bool {
	if s.base == nil {
		return false
	}
	i := slices.IndexFunc(s.base.state.Tasks, func(o Task) bool { return o.Token == t.Token })
	return i >= 0 && !s.base.state.Tasks[i].DueAt.Equal(t.DueAt)
}

var casePlaceholders = store.Placeholders(1, 23)

// never sorts a task without any line behind all others.
const never = math.MaxInt64

// writeTasks writes the open tasks that are new or sort anew, and takes out those that are closed. A step that closes one task
// and opens another changes one row.
func (s *step) writeTasks(w *rows) {
	c := s.c
	closed := s.closed
	sorted := s.base != nil && !s.base.PromiseDue.Equal(c.PromiseDue) // the line of the case moved: every open task sorts anew
	for i := range c.state.Tasks {
		t := &c.state.Tasks[i]
		fresh := slices.ContainsFunc(s.opened, func(o Task) bool { return o.Token == t.Token })
		if !fresh && !sorted && !s.dueMoved(t) {
			continue
		}
		due, sort := store.Micros(t.DueAt), int64(never)
		for _, at := range []int64{due, store.Micros(c.PromiseDue)} {
			if at > 0 {
				sort = min(sort, at)
			}
		}
		switch {
		case !fresh:
			w.add(`UPDATE task SET due_at = $3, sort_at = $4 WHERE case_id = $1 AND token = $2`, int64(c.ID), t.Token, due, sort)
		case len(closed) > 0:
			w.add(`UPDATE task SET token = $3, element = $4, role = $5, holder = $6, opened_at = $7, due_at = $8, sort_at = $9
				WHERE case_id = $1 AND token = $2`,
				int64(c.ID), closed[0], t.Token, t.Element, t.Role, int64(t.Holder), store.Micros(t.OpenedAt), due, sort)
			closed = closed[1:]
		default:
			w.add(`INSERT INTO task (case_id, token, element, role, division, body, holder, opened_at, due_at, sort_at)
				VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
				ON CONFLICT (case_id, token) DO UPDATE SET holder = excluded.holder, due_at = excluded.due_at, sort_at = excluded.sort_at`,
				int64(c.ID), t.Token, t.Element, t.Role, c.Division, c.Body, int64(t.Holder), store.Micros(t.OpenedAt), due, sort)
		}
	}
	if s.base != nil && c.Body != s.base.Body {
		w.add(`UPDATE task SET body = $2, division = $3 WHERE case_id = $1`, int64(c.ID), c.Body, c.Division)
	}
	for _, t := range s.moved {
		w.add(`UPDATE task SET element = $3, role = $4 WHERE case_id = $1 AND token = $2`, int64(c.ID), t.Token, t.Element, t.Role)
	}
	for _, token := range closed {
		w.add(`DELETE FROM task WHERE case_id = $1 AND token = $2`, int64(c.ID), token)
	}
}
