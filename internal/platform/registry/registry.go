package registry

import (
	"context"
	"embed"
	"encoding/json"
	"fmt"
	"io/fs"
	"sync"
	"sync/atomic"

	"openhall.org/openhall/internal/core/lang"
	"openhall.org/openhall/internal/platform/store"
	"openhall.org/openhall/internal/platform/store/journal"
)

//go:embed migrations/*.sql
var migrations embed.FS

// Schema returns the tables of the registry.
func Schema() store.Migrations {
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		files = migrations // unreachable: the folder is embedded above
	}
	return store.Migrations{Module: "registry", Files: files}
}

// Registry holds the newest [Snapshot]. It is safe for concurrent use.
type Registry struct {
	db      *store.DB
	journal journal.Recorder
	now     atomic.Pointer[Snapshot]
	mu      sync.Mutex // one load at a time, so that an older snapshot never replaces a newer one
}

// Open reads the registry.
func Open(ctx context.Context, db *store.DB) (*Registry, error) {
	r := &Registry{db: db, journal: journal.Nowhere{}}
	if err := r.load(ctx); err != nil {
		return nil, err
	}
	return r, nil
}

// Keep makes the registry take down in a journal who changed what. Call it before the first edit.
func (r *Registry) Keep(j journal.Recorder) { r.journal = j }

// Now returns the registry as it stands. The snapshot never changes: take it once for each request.
func (r *Registry) Now() *Snapshot { return r.now.Load() }

// Refresh reads the registry again if somebody, perhaps on another node, has changed it, and reports whether so.
func (r *Registry) Refresh(ctx context.Context) (bool, error) {
	v, err := readVersion(ctx, r.db.Read())
	if err != nil || v == r.Now().version {
		return false, err
	}
	return true, r.load(ctx)
}

func readVersion(ctx context.Context, q store.Querier) (int64, error) {
	v, err := store.Scalar[int64](q.QueryRow(ctx, `SELECT version FROM registry_version WHERE one = 1`))
	if err != nil {
		return 0, fmt.Errorf("registry: version: %w", err)
	}
	return v, nil
}

func (r *Registry) load(ctx context.Context) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	for {
		snapshot, err := r.read(ctx)
		if err != nil {
			return err
		}
		// Several queries see one state only if nothing was changed between them.
		if v, err := readVersion(ctx, r.db.Read()); err != nil || v == snapshot.version {
			if err == nil {
				r.now.Store(snapshot)
			}
			return err
		}
	}
}

func (r *Registry) read(ctx context.Context) (*Snapshot, error) {
	q := r.db.Read()
	version, err := readVersion(ctx, q)
	if err != nil {
		return nil, err
	}
	all, err := readRows(ctx, q)
	if err != nil {
		return nil, fmt.Errorf("registry: %w", err)
	}
	snapshot := build(all)
	snapshot.version = version
	return snapshot, nil
}

// rows is what the tables hold.
type rows struct {
	divisions    []*Division // in the order of their codes
	bodies       []*Body
	centres      []*Centre
	posts        []*Post
	appointments []Appointment
}

func readRows(ctx context.Context, q store.Querier) (all rows, err error) {
	all.divisions, err = store.All(ctx, q, func(r store.Row) (*Division, error) {
		var d Division
		err := r.Scan(&d.Code, &d.Level, &d.Name.Hans, &d.Name.Hant, &d.Name.En)
		return &d, err
	}, `SELECT code, level, hans, hant, en FROM registry_division ORDER BY code`)
	if err == nil {
		all.bodies, err = store.All(ctx, q, content[Body], `SELECT content FROM registry_body ORDER BY key`)
	}
	if err == nil {
		all.centres, err = store.All(ctx, q, content[Centre], `SELECT content FROM registry_centre ORDER BY key`)
	}
	if err == nil {
		all.posts, err = store.All(ctx, q, content[Post], `SELECT content FROM registry_post ORDER BY key`)
	}
	if err == nil {
		all.appointments, err = store.All(ctx, q, func(r store.Row) (Appointment, error) {
			var a Appointment
			var from, until int64
			err := r.Scan(&a.Account, &a.Post, &from, &until)
			a.From, a.Until = store.Instant(from), store.Instant(until)
			return a, err
		}, `SELECT account, post, from_at, until_at FROM registry_appointment ORDER BY account, post, from_at`)
	}
	return all, err
}

func content[T any](r store.Row) (*T, error) {
	text, err := store.Scalar[string](r)
	if err != nil {
		return nil, err
	}
	v := new(T)
	if err := json.Unmarshal([]byte(text), v); err != nil {
		return nil, fmt.Errorf("content of a %T: %w", *v, err)
	}
	return v, nil
}

// named reports whether a name has at least its Simplified Chinese form, to which the others fall back.
func named(x lang.Text) bool { return x.Hans != "" }
