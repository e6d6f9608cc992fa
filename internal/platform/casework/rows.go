package casework

import (
	"encoding/json"
	"fmt"
	"math"

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

func writeCase(tx *store.Tx, c *Case, created bool) error {
	state, err := json.Marshal(&c.state)
	if err != nil {
		return fmt.Errorf("state of case %s: %w", c.Number, err)
	}
	if !created {
		tx.Queue(`UPDATE case_ SET status = $2, result = $3, rating = $4, lamp = $5, seq = $6, ended_at = $7, promise_due = $8,
			statute_due = $9, wake_at = $10, state = $11 WHERE id = $1`,
			int64(c.ID), c.Status, c.Result, c.Rating, int(c.Lamp), c.Seq, store.Micros(c.EndedAt), store.Micros(c.PromiseDue),
			store.Micros(c.StatuteDue), store.Micros(c.WakeAt), string(state))
		return nil
	}
	title, err := json.Marshal(c.Title)
	if err != nil {
		return fmt.Errorf("title of case %s: %w", c.Number, err)
	}
	terms, err := json.Marshal(c.terms)
	if err != nil {
		return fmt.Errorf("terms of case %s: %w", c.Number, err)
	}
	tx.Queue(`INSERT INTO case_ (`+caseColumns+`) VALUES (`+casePlaceholders+`)`,
		int64(c.ID), c.Number, c.Kind, c.Subject, string(title), c.Division, c.Body, c.Procedure, int64(c.Party), c.holder,
		string(c.Channel), c.Status, c.Result, c.Rating, int(c.Lamp), c.Seq, store.Micros(c.CreatedAt), store.Micros(c.EndedAt),
		store.Micros(c.PromiseDue), store.Micros(c.StatuteDue), store.Micros(c.WakeAt), string(terms), string(state))
	return nil
}

var casePlaceholders = store.Placeholders(1, 23)

// never sorts a task without any line behind all others.
const never = math.MaxInt64

// writeTasks writes the open tasks that are new or sort anew, and takes out those that are closed. A step that closes one task
// and opens another changes one row.
func writeTasks(tx *store.Tx, c *Case, ch *changes) {
	closed := ch.closed
	for i := range c.state.Tasks {
		t := &c.state.Tasks[i]
		fresh := ch.opened[t.Token]
		if !fresh && !ch.all {
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
			tx.Queue(`UPDATE task SET due_at = $3, sort_at = $4 WHERE case_id = $1 AND token = $2`, int64(c.ID), t.Token, due, sort)
		case len(closed) > 0:
			tx.Queue(`UPDATE task SET token = $3, element = $4, role = $5, holder = $6, opened_at = $7, due_at = $8, sort_at = $9
				WHERE case_id = $1 AND token = $2`,
				int64(c.ID), closed[0], t.Token, t.Element, t.Role, int64(t.Holder), store.Micros(t.OpenedAt), due, sort)
			closed = closed[1:]
		default:
			tx.Queue(`INSERT INTO task (case_id, token, element, role, division, body, holder, opened_at, due_at, sort_at)
				VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
				ON CONFLICT (case_id, token) DO UPDATE SET holder = excluded.holder, due_at = excluded.due_at, sort_at = excluded.sort_at`,
				int64(c.ID), t.Token, t.Element, t.Role, c.Division, c.Body, int64(t.Holder), store.Micros(t.OpenedAt), due, sort)
		}
	}
	for _, token := range closed {
		tx.Queue(`DELETE FROM task WHERE case_id = $1 AND token = $2`, int64(c.ID), token)
	}
}
