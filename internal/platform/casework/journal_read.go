package casework

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"openhall.org/openhall/internal/core/merkle"
	"openhall.org/openhall/internal/platform/store"
	"openhall.org/openhall/internal/platform/store/journal"
)

// Entry is one entry of the journal, opened.
type Entry struct {
	Event
	Journal   string              // its name
	Act       journal.Act         // with what was sealed
	Disclosed []merkle.Disclosure // what was sealed, as a proof shows it
}

// JournalFilter chooses entries. Empty fields choose all.
type JournalFilter struct {
	Account    store.ID // who did it
	Post       string
	Kind       string
	TargetKind string
	Target     string
	From       time.Time // at this instant or later
	Until      time.Time // before this instant
	Refused    bool      // only what was refused
	Done       bool      // only what was done
	Before     store.ID  // cursor: the last event of the page before; the newest come first
	After      store.ID  // instead: the events after this one, oldest first
	Limit      int       // 1 to 200; 0: 50
}

// slack is by how much the time in an identifier may differ from that of its event: another clock reading, a clock set back.
const slack = time.Minute

// List returns entries of the journals of all nodes, newest first, by an index. Who asks must have been allowed to.
func (j *Journal) List(ctx context.Context, f JournalFilter) ([]Entry, error) {
	where, args := f.where()
	query := `SELECT e.id, e.case_id, e.seq, e.at, e.kind, e.leaf, e.content, e.sealed, n.refused, n.account, n.post, n.target_kind, n.target
		FROM journal_entry AS n JOIN event AS e ON e.id = n.event`
	if len(where) > 0 {
		query += " WHERE " + strings.Join(where, " AND ")
	}
	order := "DESC"
	if f.After != 0 {
		order = "ASC"
	}
	args = append(args, pageSize(f.Limit))
	return store.All(ctx, j.db.Read(), j.scanEntry, query+fmt.Sprintf(" ORDER BY n.event %s LIMIT $%d", order, len(args)), args...)
}

func (f *JournalFilter) where() (where []string, args []any) {
	add := func(cond string, v any) {
		args = append(args, v)
		where = append(where, strings.ReplaceAll(cond, "?", fmt.Sprintf("$%d", len(args))))
	}
	if f.Account != 0 {
		add("n.account = ?", int64(f.Account))
	}
	for _, c := range []struct{ column, value string }{{"n.post", f.Post}, {"n.kind", f.Kind}, {"n.target_kind", f.TargetKind}, {"n.target", f.Target}} {
		if c.value != "" {
			add(c.column+" = ?", c.value)
		}
	}
	switch {
	case f.Refused:
		where = append(where, "n.refused <> ''")
	case f.Done:
		where = append(where, "n.refused = ''")
	}
	// The identifier grows with time: with it the period is a range of the index by which the rows come.
	if !f.From.IsZero() {
		add("n.event >= ?", int64(store.FirstID(f.From.Add(-slack))))
		add("n.at >= ?", store.Micros(f.From))
	}
	if !f.Until.IsZero() {
		add("n.event < ?", int64(store.FirstID(f.Until.Add(slack))))
		add("n.at < ?", store.Micros(f.Until))
	}
	if f.Before != 0 {
		add("n.event < ?", int64(f.Before))
	}
	if f.After != 0 {
		add("n.event > ?", int64(f.After))
	}
	return where, args
}

// Entry returns one entry by its event, or [store.ErrNotFound].
func (j *Journal) Entry(ctx context.Context, event store.ID) (Entry, error) {
	return store.One(ctx, j.db.Read(), j.scanEntry,
		`SELECT e.id, e.case_id, e.seq, e.at, e.kind, e.leaf, e.content, e.sealed, n.refused, n.account, n.post, n.target_kind, n.target
		FROM journal_entry AS n JOIN event AS e ON e.id = n.event WHERE n.event = $1`, int64(event))
}

func (j *Journal) scanEntry(row store.Row) (e Entry, err error) {
	var at int64
	var leaf *int64
	var sealed []byte
	err = row.Scan(&e.ID, &e.Case, &e.Seq, &at, &e.Kind, &leaf, &e.Content, &sealed, &e.Act.Refused, &e.Act.By.Account, &e.Act.By.Post,
		&e.Act.On.Kind, &e.Act.On.ID)
	if err != nil {
		return e, err
	}
	e.At, e.Leaf, e.Act.Kind = store.Instant(at), -1, JournalKind(e.Kind)
	if leaf != nil {
		e.Leaf = *leaf
	}
	return e, j.open(&e, sealed)
}

// open reads the act of an entry from its content and from what was sealed.
func (j *Journal) open(e *Entry, sealed []byte) error {
	env, err := e.Envelope()
	if err != nil {
		return err
	}
	e.Journal = env.Case
	fields, err := j.unseal(e.ID, sealed)
	if err != nil {
		return err
	}
	a := &e.Act
	a.By.Kind, a.By.Body, a.By.Role = string(env.Actor.Kind), env.Actor.Body, env.Actor.Role
	a.Secret, a.Data = map[string]any{}, map[string]any{}
	_, a.Public = env.Data[fieldOn]
	for k, v := range env.Data {
		if k != fieldOn && k != "result" {
			a.Data[k] = v
		}
	}
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		f := fields[name]
		e.Disclosed = append(e.Disclosed, merkle.Disclosure{Field: name, Salt: f.Salt, Value: string(f.Value)})
		var err error
		switch name {
		case fieldAccount, fieldOn: // in the index
		case fieldActor:
			var actor Actor
			err = json.Unmarshal(f.Value, &actor)
			a.By.Body, a.By.Role = actor.Body, actor.Role
		case fieldData:
			err = json.Unmarshal(f.Value, &a.Data)
		default:
			var v any
			err = json.Unmarshal(f.Value, &v)
			a.Secret[name] = v
		}
		if err != nil {
			return fmt.Errorf("entry %s: %s: %w", e.ID, name, err)
		}
	}
	return nil
}

func (j *Journal) unseal(event store.ID, sealed []byte) (fields map[string]sealedField, err error) {
	if sealed == nil {
		return nil, nil
	}
	plain, err := j.keys.Open(privateContext(event), sealed)
	if err == nil {
		err = json.Unmarshal(plain, &fields)
	}
	if err != nil {
		return nil, fmt.Errorf("sealed part of entry %s: %w", event, err)
	}
	return fields, nil
}
