package casework

import (
	"encoding/json"
	"fmt"
	"math"

	"openhall.org/openhall/internal/platform/store"
)

const caseColumns = `id, number, kind, subject, title, division, body, procedure, party, holder, channel, status, result, rating,
	lamp, seq, created_at, ended_at, promise_due, statute_due, wake_at, state`

func scanCase(row store.Row) (*Case, error) {
	var (
		c                                    Case
		title, state                         []byte
		created, ended, promise, statute, at int64
	)
	err := row.Scan(&c.ID, &c.Number, &c.Kind, &c.Subject, &title, &c.Division, &c.Body, &c.Procedure, &c.Party, &c.holder,
		&c.Channel, &c.Status, &c.Result, &c.Rating, &c.Lamp, &c.Seq, &created, &ended, &promise, &statute, &at, &state)
	if err != nil {
		return nil, err
	}
	if err := json.Unmarshal(title, &c.Title); err != nil {
		return nil, fmt.Errorf("title of case %s: %w", c.Number, err)
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
	tx.Queue(`INSERT INTO case_ (`+caseColumns+`) VALUES (`+placeholders22+`)`,
		int64(c.ID), c.Number, c.Kind, c.Subject, string(title), c.Division, c.Body, c.Procedure, int64(c.Party), c.holder,
		string(c.Channel), c.Status, c.Result, c.Rating, int(c.Lamp), c.Seq, store.Micros(c.CreatedAt), store.Micros(c.EndedAt),
		store.Micros(c.PromiseDue), store.Micros(c.StatuteDue), store.Micros(c.WakeAt), string(state))
	return nil
}

var placeholders22 = store.Placeholders(1, 22)

// never sorts a task without any line behind all others.
const never = math.MaxInt64

func writeTasks(tx *store.Tx, c *Case, ch *changes) {
	for _, token := range ch.closed {
		tx.Queue(`DELETE FROM task WHERE case_id = $1 AND token = $2`, int64(c.ID), token)
	}
	for i := range c.state.Tasks {
		t := &c.state.Tasks[i]
		if _, fresh := ch.opened[t.Token]; !fresh && !ch.all {
			continue
		}
		due, sort := store.Micros(t.DueAt), int64(never)
		for _, at := range []int64{due, store.Micros(c.PromiseDue)} {
			if at > 0 {
				sort = min(sort, at)
			}
		}
		tx.Queue(`INSERT INTO task (case_id, token, element, role, division, body, holder, opened_at, due_at, sort_at)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
			ON CONFLICT (case_id, token) DO UPDATE SET holder = excluded.holder, due_at = excluded.due_at, sort_at = excluded.sort_at`,
			int64(c.ID), t.Token, t.Element, t.Role, c.Division, c.Body, int64(t.Holder), store.Micros(t.OpenedAt), due, sort)
	}
}
