package casework

import (
	"cmp"
	"context"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/store"
)

// codeLength is how many signs the query code of a case has: 40 bits, tried through a rate limit.
const codeLength = 8

// Code returns the query code (查询码) with which the holder of the receipt follows the case. It is derived, never stored.
func (r *Runtime) Code(c *Case) string { return r.Keys.Code("case", c.Number, codeLength) }

// HolderIndex is the blind index of an identity number, by which a person finds matters that were applied for at a window.
func (r *Runtime) HolderIndex(idNumber string) []byte {
	return r.Keys.Index("holder", strings.ToUpper(strings.TrimSpace(idNumber)))
}

// MayRead asks whether the actor may read the case. Private says whether form, applicant and files are wanted too.
func (r *Runtime) MayRead(p identity.Principal, c *Case, proven, private bool) error {
	action := ActionRead
	if private {
		action = ActionPrivate
	}
	return r.Policy.Allow(p, action, identity.Resource{
		Type: "case", ID: c.Number, Division: c.Division, Body: c.Body, Owner: c.Party, Role: r.kinds[c.Kind].Policy, Proven: proven,
	})
}

// Get returns a case, or [store.ErrNotFound].
func (r *Runtime) Get(ctx context.Context, id store.ID) (*Case, error) {
	return store.One(ctx, r.DB.Read(), scanCase, `SELECT `+caseColumns+` FROM case_ WHERE id = $1`, int64(id))
}

// Several returns the cases with the ids, by id. Those that are not there are left out.
func (r *Runtime) Several(ctx context.Context, ids []store.ID) (map[store.ID]*Case, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	list, args := in(ids)
	cases, err := store.All(ctx, r.DB.Read(), scanCase, `SELECT `+caseColumns+` FROM case_ WHERE id IN (`+list+`)`, args...)
	if err != nil {
		return nil, err
	}
	byID := make(map[store.ID]*Case, len(cases))
	for _, c := range cases {
		byID[c.ID] = c
	}
	return byID, nil
}

// ByNumber returns the case with the number, or [store.ErrNotFound].
func (r *Runtime) ByNumber(ctx context.Context, number string) (*Case, error) {
	return store.One(ctx, r.DB.Read(), scanCase, `SELECT `+caseColumns+` FROM case_ WHERE number = $1`, number)
}

// Track returns the case with the number to whoever holds its query code. A wrong code and a missing case answer alike:
// [store.ErrNotFound].
func (r *Runtime) Track(ctx context.Context, number, code string) (*Case, error) {
	c, err := r.ByNumber(ctx, strings.ToUpper(strings.TrimSpace(number)))
	if err != nil {
		return nil, err
	}
	given := strings.ToUpper(strings.TrimSpace(code))
	if subtle.ConstantTimeCompare([]byte(r.Code(c)), []byte(given)) != 1 {
		return nil, store.ErrNotFound
	}
	return c, nil
}

// Filter chooses cases for a list. Empty fields choose all.
type Filter struct {
	Division string // its subtree
	Body     string
	Kind     string
	Subject  string
	Status   string
	Party    store.ID
	Holder   []byte // of HolderIndex; with Party: either
	Lamp     Lamp   // at least
	OpenOnly bool
	Ended    time.Time // ended at this instant or later
	Before   store.ID  // cursor: the last id of the page before
	Limit    int       // 1 to 200; 0: 50
}

// List returns cases, newest first.
func (r *Runtime) List(ctx context.Context, f Filter) ([]*Case, error) {
	var where []string
	var args []any
	add := func(cond string, v any) {
		args = append(args, v)
		where = append(where, strings.ReplaceAll(cond, "?", fmt.Sprintf("$%d", len(args))))
	}
	if f.Division != "" {
		add("division LIKE ?", Subtree(f.Division)+"%")
	}
	for _, c := range []struct{ column, value string }{
		{"body", f.Body}, {"kind", f.Kind}, {"subject", f.Subject}, {"status", f.Status},
	} {
		if c.value != "" {
			add(c.column+" = ?", c.value)
		}
	}
	switch {
	case f.Party != 0 && f.Holder != nil:
		args = append(args, int64(f.Party), f.Holder)
		where = append(where, fmt.Sprintf("(party = $%d OR holder = $%d)", len(args)-1, len(args)))
	case f.Party != 0:
		add("party = ?", int64(f.Party))
	case f.Holder != nil:
		add("holder = ?", f.Holder)
	}
	if f.Lamp > Green {
		add("lamp >= ?", int(f.Lamp))
	}
	if f.OpenOnly {
		where = append(where, "ended_at = 0")
	}
	if !f.Ended.IsZero() {
		add("ended_at > 0 AND ended_at >= ?", store.Micros(f.Ended))
	}
	if f.Before != 0 {
		add("id < ?", int64(f.Before))
	}
	query := `SELECT ` + caseColumns + ` FROM case_`
	if len(where) > 0 {
		query += " WHERE " + strings.Join(where, " AND ")
	}
	args = append(args, pageSize(f.Limit))
	return store.All(ctx, r.DB.Read(), scanCase, query+fmt.Sprintf(" ORDER BY id DESC LIMIT $%d", len(args)), args...)
}

func pageSize(n int) int {
	if n <= 0 || n > 200 {
		return 50
	}
	return n
}

// Subtree returns the digits that the codes of a division and of all below it begin with.
func Subtree(code string) string {
	for _, n := range []int{2, 4, 6, 9} {
		if len(code) == 12 && strings.Trim(code[n:], "0") == "" {
			return code[:n]
		}
	}
	return code
}

// QueueItem is a line of a queue: an open task and its case.
type QueueItem struct {
	Case *Case
	Task Task
	Sort int64 // what a queue is sorted by: the earliest line of step and case in UTC microseconds; never for none
}

// QueueFilter chooses tasks.
type QueueFilter struct {
	Body   string
	Role   string
	Holder store.ID // also those of the role that nobody holds
	Mine   bool     // only those that were transferred to Holder
	After  *QueueItem
	Limit  int
}

// Queue returns the open tasks of a role in a body, the most urgent first.
func (r *Runtime) Queue(ctx context.Context, f QueueFilter) ([]QueueItem, error) {
	type place struct {
		id    store.ID
		token int
		sort  int64
	}
	after := place{}
	if f.After != nil {
		after = place{f.After.Case.ID, f.After.Task.Token, f.After.Sort}
	}
	holders := []store.ID{0, f.Holder}
	if f.Mine {
		holders = holders[1:]
	}
	var places []place
	for _, holder := range slices.Compact(holders) { // each has its place in the index
		list, err := store.All(ctx, r.DB.Read(), func(row store.Row) (p place, err error) {
			return p, row.Scan(&p.id, &p.token, &p.sort)
		}, `SELECT case_id, token, sort_at FROM task WHERE body = $1 AND role = $2 AND holder = $3
			AND (sort_at, case_id, token) > ($4, $5, $6) ORDER BY sort_at, case_id, token LIMIT $7`,
			f.Body, f.Role, int64(holder), after.sort, int64(after.id), after.token, pageSize(f.Limit))
		if err != nil {
			return nil, err
		}
		places = append(places, list...)
	}
	if len(places) == 0 {
		return nil, nil
	}
	slices.SortFunc(places, func(a, b place) int {
		return cmp.Or(cmp.Compare(a.sort, b.sort), cmp.Compare(a.id, b.id), cmp.Compare(a.token, b.token))
	})
	places = places[:min(len(places), pageSize(f.Limit))]
	ids := make([]store.ID, len(places))
	for i, p := range places {
		ids[i] = p.id
	}
	byID, err := r.Several(ctx, ids)
	if err != nil {
		return nil, err
	}
	items := make([]QueueItem, 0, len(places))
	for _, p := range places {
		c := byID[p.id]
		if c == nil {
			continue
		}
		for _, t := range c.state.Tasks {
			if t.Token == p.token {
				items = append(items, QueueItem{Case: c, Task: t, Sort: p.sort})
			}
		}
	}
	return items, nil
}

// QueueLength counts the open tasks of a role in a body, up to 1,000.
func (r *Runtime) QueueLength(ctx context.Context, body, role string) (int, error) {
	return store.Scalar[int](r.DB.Read().QueryRow(ctx,
		`SELECT count(*) FROM (SELECT 1 FROM task WHERE body = $1 AND role = $2 LIMIT 1000) AS t`, body, role))
}

// Overdue counts the open cases that are past their promise or the statute, up to 10,000, for metrics.
func (r *Runtime) Overdue(ctx context.Context) (int, error) {
	// lamp > 0 is there for the index, which holds only such rows.
	return store.Scalar[int](r.DB.Read().QueryRow(ctx,
		`SELECT count(*) FROM (SELECT 1 FROM case_ WHERE ended_at = 0 AND lamp > 0 AND lamp >= $1 LIMIT 10000) AS t`, int(Yellow)))
}

// Oldest returns when the oldest case came in that waits for an official, and the zero time when none does, for metrics. Identifiers of
// cases grow with time, so the first rows of the table answer it.
func (r *Runtime) Oldest(ctx context.Context) (time.Time, error) {
	at, err := store.Scalar[int64](r.DB.Read().QueryRow(ctx,
		`SELECT c.created_at FROM task AS t JOIN case_ AS c ON c.id = t.case_id WHERE t.role <> 'applicant' ORDER BY t.case_id LIMIT 1`))
	if errors.Is(err, store.ErrNotFound) {
		return time.Time{}, nil
	}
	return store.Instant(at), err
}

const eventColumns = `id, case_id, seq, at, kind, leaf, content`

func scanEvent(row store.Row) (e Event, err error) {
	var at int64
	var leaf *int64
	if err = row.Scan(&e.ID, &e.Case, &e.Seq, &at, &e.Kind, &leaf, &e.Content); err != nil {
		return e, err
	}
	e.At, e.Leaf = store.Instant(at), -1
	if leaf != nil {
		e.Leaf = *leaf
	}
	return e, nil
}

// Events returns the events of a case after seq, oldest first.
func (r *Runtime) Events(ctx context.Context, id store.ID, after int64, limit int) ([]Event, error) {
	return store.All(ctx, r.DB.Read(), scanEvent,
		`SELECT `+eventColumns+` FROM event WHERE case_id = $1 AND seq > $2 ORDER BY seq LIMIT $3`, int64(id), after, pageSize(limit))
}

// Event returns one event of a case, or [store.ErrNotFound].
func (r *Runtime) Event(ctx context.Context, id store.ID, seq int64) (Event, error) {
	return store.One(ctx, r.DB.Read(), scanEvent,
		`SELECT `+eventColumns+` FROM event WHERE case_id = $1 AND seq = $2`, int64(id), seq)
}

// Envelope reads the content of the event.
func (e *Event) Envelope() (Envelope, error) {
	var env Envelope
	if err := json.Unmarshal(e.Content, &env); err != nil {
		return env, fmt.Errorf("event %s: %w", e.ID, err)
	}
	return env, nil
}

// Private (非公开内容) is the sealed part of one event. It is empty when it was erased.
type Private struct {
	Seq    int64
	Fields map[string]json.RawMessage
	salts  map[string]sealedField
}

// Private opens the sealed parts of a case, oldest first. The caller must have asked [Runtime.MayRead].
func (r *Runtime) Private(ctx context.Context, id store.ID) ([]Private, error) {
	parts, err := r.PrivateOf(ctx, []store.ID{id})
	return parts[id], err
}

// PrivateOf opens the sealed parts of several cases, by their ids, those of each oldest first; cases that have none are left out. The
// caller must have asked [Runtime.MayRead] for each.
func (r *Runtime) PrivateOf(ctx context.Context, ids []store.ID) (map[store.ID][]Private, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	list, args := in(ids)
	byID := make(map[store.ID][]Private, len(ids))
	_, err := store.All(ctx, r.DB.Read(), func(row store.Row) (p Private, err error) {
		var event, id store.ID
		var sealed []byte
		if err = row.Scan(&event, &id, &p.Seq, &sealed); err != nil {
			return p, err
		}
		plain, err := r.Keys.Open(privateContext(event), sealed)
		if err == nil {
			err = json.Unmarshal(plain, &p.salts)
		}
		if err != nil {
			return p, fmt.Errorf("private part of event %s: %w", event, err)
		}
		p.Fields = make(map[string]json.RawMessage, len(p.salts))
		for name, f := range p.salts {
			p.Fields[name] = f.Value
		}
		byID[id] = append(byID[id], p)
		return p, nil
	}, `SELECT id, case_id, seq, sealed FROM event WHERE case_id IN (`+list+`) AND sealed IS NOT NULL ORDER BY case_id, seq`, args...)
	if err != nil {
		return nil, err
	}
	return byID, nil
}

// Dossier (卷宗) is what an officer reads of a case: the latest applicant and form, and every file.
type Dossier struct {
	Applicant Applicant
	Form      json.RawMessage
	Files     []FileRef
	Private   []Private
}

// Dossier opens the private parts of a case and puts them together.
func (r *Runtime) Dossier(ctx context.Context, id store.ID) (Dossier, error) {
	parts, err := r.Private(ctx, id)
	d := Dossier{Private: parts}
	for _, p := range parts {
		if raw, ok := p.Fields["applicant"]; ok {
			err = errors.Join(err, json.Unmarshal(raw, &d.Applicant))
		}
		if raw, ok := p.Fields["form"]; ok {
			d.Form = raw
		}
		if raw, ok := p.Fields["files"]; ok {
			var files []FileRef
			err = errors.Join(err, json.Unmarshal(raw, &files))
			d.Files = append(d.Files, files...)
		}
	}
	return d, err
}

// Lines explains a clock of the case as it stands now; see package term.
func (r *Runtime) Lines(c *Case, name string) (k *Clock, cal *calendar.Calendar) {
	return c.Clock(name), r.Calendar()
}

// PrivateEvents counts the events of a case whose private parts are there, for whoever is about to erase them.
func (r *Runtime) PrivateEvents(ctx context.Context, id store.ID) (int, error) {
	n, err := store.Scalar[int](r.DB.Read().QueryRow(ctx, `SELECT count(*) FROM event WHERE case_id = $1 AND sealed IS NOT NULL`, int64(id)))
	if err != nil {
		return 0, fmt.Errorf("private parts of case %s: %w", id, err)
	}
	return n, nil
}
