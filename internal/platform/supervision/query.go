package supervision

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/core/lang"
	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/store"
)

const cardColumns = `id, case_id, number, rule, colour, clock, task, token, due, division, body, subject, kind, at, leaf, closed_at, closed,
	event, explain, answer_case, answer, state, conclusion, concluded_at`

var cardPlaceholders = store.Placeholders(1, 24)

func scanCard(row store.Row) (c Card, err error) {
	var at, closed, concluded int64
	err = row.Scan(&c.ID, &c.Case, &c.Number, &c.Rule, &c.Colour, &c.Clock, &c.Task, &c.Token, &c.Due, &c.Division, &c.Body, &c.Subject,
		&c.Kind, &at, &c.Leaf, &closed, &c.Closed, &c.Event, &c.Explain, &c.AnswerCase, &c.Answer, &c.State, &c.Conclusion, &concluded)
	c.At, c.ClosedAt, c.ConcludedAt = store.Instant(at), store.Instant(closed), store.Instant(concluded)
	return c, err
}

// span returns the lowest and highest code of a division and all below it.
func span(division string) (low, high string) {
	prefix := casework.Subtree(division)
	return prefix + strings.Repeat("0", max(0, 12-len(prefix))), prefix + strings.Repeat("9", max(0, 12-len(prefix)))
}

// condition puts a WHERE clause together.
type condition struct {
	terms []string
	args  []any
}

// add adds a term in which each ? stands for the next of the values.
func (w *condition) add(term string, values ...any) {
	for _, v := range values {
		w.args = append(w.args, v)
		term = strings.Replace(term, "?", fmt.Sprintf("$%d", len(w.args)), 1)
	}
	w.terms = append(w.terms, term)
}

func (w *condition) within(division string) {
	if division != "" {
		low, high := span(division)
		w.add("division BETWEEN ? AND ?", low, high)
	}
}

// below is within for the indexes on the first digits of the division, which keep an order of their own.
func (w *condition) below(division string) {
	switch digits := len(casework.Subtree(division)); digits {
	case 0:
	case 2, 4, 6, 9:
		w.add(fmt.Sprintf("substr(division, 1, %d) = ?", digits), head(division, digits))
	default:
		w.add("substr(division, 1, 9) = ? AND division = ?", head(division, 9), division)
	}
}

func (w *condition) equal(column, value string) {
	if value != "" {
		w.add(column+" = ?", value)
	}
}

// among adds that a column has one of the values, of which there is at least one.
func (w *condition) among(column string, values []string) {
	args := make([]any, len(values))
	for i, v := range values {
		args[i] = v
	}
	w.add(column+" IN ("+strings.Repeat("?, ", len(values)-1)+"?)", args...)
}

func (w *condition) String() string {
	if len(w.terms) == 0 {
		return ""
	}
	return " WHERE " + strings.Join(w.terms, " AND ")
}

func pageSize(n int) int {
	if n <= 0 || n > 200 {
		return 50
	}
	return n
}

// CardFilter chooses cards. Empty fields choose all.
type CardFilter struct {
	Division   string // its subtree
	Body       string
	Kind       string // of the case
	Item       string // its basic code, or the subject
	Colour     Colour
	Rule       string
	State      State
	Conclusion Conclusion
	Case       store.ID
	OpenOnly   bool
	From, To   calendar.Date // raised on these days, both included
	Before     store.ID      // cursor: the last id of the page before
	Limit      int           // 1 to 200; 0: 50
}

// Cards returns cards, the latest first.
func (s *Supervision) Cards(ctx context.Context, f CardFilter) ([]Card, error) {
	var w condition
	w.within(f.Division)
	w.equal("body", f.Body)
	w.equal("kind", f.Kind)
	w.equal("colour", string(f.Colour))
	if f.Item != "" {
		w.add("CASE WHEN length(subject) = 31 THEN substr(subject, 20) ELSE subject END = ?", f.Item)
	}
	if f.From > 0 {
		w.add("at >= ?", store.Micros(f.From.Start()))
	}
	if f.To > 0 {
		w.add("at < ?", store.Micros(f.To.End()))
	}
	w.equal("rule", f.Rule)
	w.equal("state", string(f.State))
	w.equal("conclusion", string(f.Conclusion))
	if f.Case != 0 {
		w.add("case_id = ?", int64(f.Case))
	}
	if f.OpenOnly {
		w.add("closed_at = 0")
	}
	if f.Before != 0 {
		w.add("id < ?", int64(f.Before))
	}
	return store.All(ctx, s.db.Read(), scanCard,
		`SELECT `+cardColumns+` FROM supervision_card`+w.String()+fmt.Sprintf(" ORDER BY id DESC LIMIT %d", pageSize(f.Limit)), w.args...)
}

// Card returns one card, or [store.ErrNotFound].
func (s *Supervision) Card(ctx context.Context, id store.ID) (Card, error) {
	return store.One(ctx, s.db.Read(), scanCard, `SELECT `+cardColumns+` FROM supervision_card WHERE id = $1`, int64(id))
}

// Asked returns cards that have to be explained, in the order of the log, after one of them; 0 is the beginning. Whoever opens the
// cases that answer them moves a cursor along. Cards about cases that stand apart are left out: no case of a case of a card.
func (s *Supervision) Asked(ctx context.Context, after store.ID, limit int) ([]Card, error) {
	return store.All(ctx, s.db.Read(), scanCard, `SELECT `+cardColumns+` FROM supervision_card WHERE explain <> '' AND id > $1 ORDER BY id LIMIT $2`,
		int64(after), pageSize(limit))
}

// DueCase is an open case that is about to be late, or is.
type DueCase struct {
	ID         store.ID
	Number     string
	Kind       string
	Subject    string
	Title      lang.Text
	Division   string
	Body       string
	Status     string
	Lamp       casework.Lamp
	PromiseDue time.Time
	StatuteDue time.Time // zero when no clock runs
}

// DueFilter chooses open cases by their lamp.
type DueFilter struct {
	Lamp     casework.Lamp // Amber, Yellow or Red
	Division string        // its subtree, unless there is a body
	Body     string
	After    *DueCase // cursor: the last of the page before
	Limit    int      // 1 to 200; 0: 50
}

// Due returns the open cases under a lamp, the most urgent first, by the index on it: without looking at any other case.
func (s *Supervision) Due(ctx context.Context, f DueFilter) ([]DueCase, error) {
	var w condition
	w.add("ended_at = 0 AND lamp > 0 AND lamp = ?", int(f.Lamp))
	if f.Body != "" {
		w.equal("body", f.Body)
	} else {
		w.below(f.Division)
	}
	for _, kind := range s.rules[0].apart {
		w.add("kind <> ?", kind)
	}
	if f.After != nil {
		w.add("(statute_due, id) > (?, ?)", store.Micros(f.After.StatuteDue), int64(f.After.ID))
	}
	return store.All(ctx, s.db.Read(), func(row store.Row) (d DueCase, err error) {
		var title []byte
		var promise, statute int64
		if err = row.Scan(&d.ID, &d.Number, &d.Kind, &d.Subject, &title, &d.Division, &d.Body, &d.Status, &d.Lamp, &promise, &statute); err != nil {
			return d, err
		}
		d.PromiseDue, d.StatuteDue = store.Instant(promise), store.Instant(statute)
		if err = json.Unmarshal(title, &d.Title); err != nil {
			err = fmt.Errorf("title of case %s: %w", d.Number, err)
		}
		return d, err
	}, `SELECT id, number, kind, subject, title, division, body, status, lamp, promise_due, statute_due FROM case_`+w.String()+
		fmt.Sprintf(" ORDER BY statute_due, id LIMIT %d", pageSize(f.Limit)), w.args...)
}
