package registry

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"openhall.org/openhall/internal/platform/store"
	"openhall.org/openhall/internal/platform/store/journal"
)

// Edit changes the registry inside one transaction. Putting a thing twice is the same as putting it once; a thing with the same
// key is replaced.
type Edit struct {
	tx      *store.Tx
	by      journal.Actor
	before  *Snapshot
	changes []Change
}

// By says who makes the edit. Without it the operator of the node does.
func (e *Edit) By(who journal.Actor) { e.by = who }

// Edit runs fn in one transaction and puts the new snapshot in force on this node before it returns. When fn fails, nothing is
// changed. Things may be put in any order: what they refer to is checked at the end.
func (r *Registry) Edit(ctx context.Context, fn func(*Edit) error) error {
	if _, err := r.edit(ctx, fn, false); err != nil {
		return err
	}
	return r.load(context.WithoutCancel(ctx))
}

// Preview (试运行) does all that Edit would do, returns what it would change, and changes nothing.
func (r *Registry) Preview(ctx context.Context, fn func(*Edit) error) ([]Change, error) {
	return r.edit(ctx, fn, true)
}

// errPreview undoes the transaction of a preview.
var errPreview = errors.New("only a preview")

func (r *Registry) edit(ctx context.Context, fn func(*Edit) error, preview bool) (changes []Change, err error) {
	err = r.db.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		// Counting the version first also makes edits wait for one another on PostgreSQL.
		if err := tx.Exec(ctx, `UPDATE registry_version SET version = version + 1 WHERE one = 1`); err != nil {
			return err
		}
		before, err := r.standing(ctx, tx)
		if err != nil {
			return err
		}
		e := &Edit{tx: tx, before: before}
		if err := fn(e); err != nil {
			return err
		}
		all, err := readRows(ctx, tx)
		if err != nil {
			return err
		}
		if err := check(all); err != nil {
			return err
		}
		if changes = e.changes; preview {
			return errPreview
		}
		return r.record(ctx, tx, e)
	})
	if err != nil && !errors.Is(err, errPreview) {
		return nil, fmt.Errorf("registry: %w", err)
	}
	return changes, nil
}

// standing returns the registry as the edit finds it.
func (r *Registry) standing(ctx context.Context, tx *store.Tx) (*Snapshot, error) {
	version, err := readVersion(ctx, tx)
	if err != nil {
		return nil, err
	}
	if now := r.Now(); now.version == version-1 {
		return now, nil
	}
	all, err := readRows(ctx, tx)
	if err != nil {
		return nil, err
	}
	return build(all), nil
}

// divisionsAtOnce is how many rows go into one statement. The SQLite driver looks every parameter up by its name, so that large
// statements cost the square of their size: 1,000 rows at once took five times as long as 50.
const divisionsAtOnce = 50

// PutDivisions adds or replaces divisions.
func (e *Edit) PutDivisions(divisions []Division) error {
	for _, d := range divisions {
		if err := d.check(); err != nil {
			return err
		}
		if was := e.before.division[d.Code]; was == nil || *was != d {
			e.changed("division", d.Code, noted(was), d)
		}
	}
	for len(divisions) > 0 {
		n := min(len(divisions), divisionsAtOnce)
		e.queueDivisions(divisions[:n])
		divisions = divisions[n:]
	}
	return nil
}

func (e *Edit) queueDivisions(divisions []Division) {
	var values strings.Builder
	args := make([]any, 0, 5*len(divisions))
	for i, d := range divisions {
		if i > 0 {
			values.WriteByte(',')
		}
		values.WriteByte('(')
		values.WriteString(store.Placeholders(len(args)+1, 5))
		values.WriteByte(')')
		args = append(args, d.Code, int64(d.Level), d.Name.Hans, d.Name.Hant, d.Name.En)
	}
	e.tx.Queue(`INSERT INTO registry_division (code, level, hans, hant, en) VALUES `+values.String()+`
		ON CONFLICT (code) DO UPDATE SET level = excluded.level, hans = excluded.hans, hant = excluded.hant, en = excluded.en`, args...)
}

func (d Division) check() error {
	if d.Level < Province || d.Level > Village {
		return fmt.Errorf("division %q: level %d; want 1 (province) to 5 (village)", d.Code, d.Level)
	}
	if len(d.Code) != 12 || strings.Trim(d.Code, "0123456789") != "" {
		return fmt.Errorf("division %q: a code has 12 digits", d.Code)
	}
	if n := digits[d.Level]; strings.Trim(d.Code[n:], "0") != "" {
		return fmt.Errorf("division %q: a code of level %d has zeros from digit %d on", d.Code, d.Level, n+1)
	}
	if !named(d.Name) {
		return fmt.Errorf("division %s has no name", d.Code)
	}
	return nil
}

// PutBody adds or replaces a body.
func (e *Edit) PutBody(b Body) error {
	if b.Key == "" || !named(b.Name) {
		return fmt.Errorf("body %q: key and name are required", b.Key)
	}
	e.changed("body", b.Key, noted(e.before.body[b.Key]), b)
	return e.put(`registry_body`, b.Key, b)
}

// PutCentre adds or replaces a centre with all its windows.
func (e *Edit) PutCentre(c Centre) error {
	if c.Key == "" || !named(c.Name) {
		return fmt.Errorf("centre %q: key and name are required", c.Key)
	}
	e.changed("centre", c.Key, noted(e.before.centre[c.Key]), c)
	return e.put(`registry_centre`, c.Key, c)
}

// PutPost adds or replaces a post.
func (e *Edit) PutPost(p Post) error {
	if p.Key == "" || !named(p.Title) || len(p.Roles) == 0 {
		return fmt.Errorf("post %q: key, title and a role are required", p.Key)
	}
	for _, role := range p.Roles {
		if administrative(role) && len(p.Roles) > 1 {
			return fmt.Errorf("post %s: the role %s stands alone in a post: the three administrators watch one another", p.Key, role)
		}
	}
	e.changed("post", p.Key, noted(e.before.post[p.Key]), p)
	return e.put(`registry_post`, p.Key, p)
}

func (e *Edit) put(table, key string, value any) error {
	text, err := json.Marshal(value)
	if err != nil {
		return fmt.Errorf("%s %s: %w", table, key, err)
	}
	e.tx.Queue(`INSERT INTO `+table+` (key, content) VALUES ($1, $2) ON CONFLICT (key) DO UPDATE SET content = excluded.content`, key, string(text))
	return nil
}

// Appoint (任命) gives an account a post from an instant until another; a zero until is open. The same appointment with another
// end replaces the first: that is how one ends (免职).
func (e *Edit) Appoint(account store.ID, post string, from, until time.Time) error {
	if account <= 0 || from.IsZero() || !until.IsZero() && !from.Before(until) {
		return fmt.Errorf("appointment to %s: want an account, a beginning, and an end after it", post)
	}
	now := Appointment{Account: account, Post: post, From: from, Until: until}
	var before any
	for _, a := range e.before.held[account] {
		if a.Post == post && store.Micros(a.From) == store.Micros(from) {
			before = a
		}
	}
	e.changed("appointment", post, before, now)
	e.tx.Queue(`INSERT INTO registry_appointment (account, post, from_at, until_at) VALUES ($1, $2, $3, $4)
		ON CONFLICT (account, post, from_at) DO UPDATE SET until_at = excluded.until_at`,
		int64(account), post, store.Micros(from), store.Micros(until))
	return nil
}

// Counts says how much the registry holds.
type Counts struct{ Divisions, Bodies, Centres, Windows, Posts, Appointments int }

// Counts counts the snapshot.
func (s *Snapshot) Counts() Counts {
	c := Counts{Divisions: len(s.order), Bodies: len(s.body), Centres: len(s.centre), Windows: len(s.window), Posts: len(s.post)}
	for _, held := range s.held {
		c.Appointments += len(held)
	}
	return c
}
