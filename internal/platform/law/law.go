package law

import (
	"context"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"sync"
	"sync/atomic"
	"time"

	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/core/statute"
	"openhall.org/openhall/internal/platform/store"
	"openhall.org/openhall/internal/platform/store/journal"
)

//go:embed migrations/*.sql
var migrations embed.FS

// Schema returns the tables of the law.
func Schema() store.Migrations {
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		files = migrations // unreachable: the folder is embedded above
	}
	return store.Migrations{Module: "law", Files: files}
}

// calendarFolder holds the notices, one file for each year.
const calendarFolder = "calendar"

// Options are what the law is made of. All are required.
type Options struct {
	DB           *store.DB
	Files        fs.FS // what ships: the folder rules
	Jurisdiction string
	Journal      journal.Recorder
	Now          func() time.Time
}

// Law holds the calendar and the rules in force. It is safe for concurrent use.
type Law struct {
	o     Options
	rules *statute.Rules
	now   atomic.Pointer[standing]
	mu    sync.Mutex // one load at a time, so that an older state never replaces a newer one
}

// standing is the law as it stands. It never changes.
type standing struct {
	version  int64
	files    overlay
	calendar *calendar.Calendar
}

// Open reads the law.
func Open(ctx context.Context, o Options) (*Law, error) {
	if o.DB == nil || o.Files == nil || o.Journal == nil || o.Now == nil {
		return nil, errors.New("law: an option is missing")
	}
	l := &Law{o: o}
	if err := l.load(ctx); err != nil {
		return nil, err
	}
	return l, nil
}

// Calendar returns the calendar in force. It never changes: take it once for each request.
func (l *Law) Calendar() *calendar.Calendar { return l.now.Load().calendar }

// Rules returns the rules in force. What is published later is in force in them too.
func (l *Law) Rules() *statute.Rules { return l.rules }

// Files returns the files of the calendar and the rules, those that were published over those that ship.
func (l *Law) Files() fs.FS { return l.now.Load().files }

// Version counts what was published.
func (l *Law) Version() int64 { return l.now.Load().version }

// Refresh reads the law again if somebody, perhaps on another node, has published something, and reports whether so.
func (l *Law) Refresh(ctx context.Context) (bool, error) {
	v, err := readVersion(ctx, l.o.DB.Read())
	if err != nil || v == l.Version() {
		return false, err
	}
	return true, l.load(ctx)
}

func readVersion(ctx context.Context, q store.Querier) (int64, error) {
	v, err := store.Scalar[int64](q.QueryRow(ctx, `SELECT version FROM law_version WHERE one = 1`))
	if err != nil {
		return 0, fmt.Errorf("law: version: %w", err)
	}
	return v, nil
}

func (l *Law) load(ctx context.Context) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	for {
		version, err := readVersion(ctx, l.o.DB.Read())
		if err != nil {
			return err
		}
		files, err := l.published(ctx)
		if err != nil {
			return err
		}
		// Two queries see one state only if nothing was changed between them.
		if again, err := readVersion(ctx, l.o.DB.Read()); err != nil || again != version {
			if err != nil {
				return err
			}
			continue
		}
		s := &standing{version: version, files: overlay{l.o.Files, files}}
		if s.calendar, err = calendar.Load(s.files, calendarFolder); err != nil {
			return err
		}
		rules, err := statute.Load(s.files, statute.Chain(l.o.Jurisdiction)...)
		if err != nil {
			return err
		}
		if l.rules == nil {
			l.rules = rules
		} else {
			l.rules.Adopt(rules)
		}
		l.now.Store(s)
		return nil
	}
}

// published reads the newest version of each file.
func (l *Law) published(ctx context.Context) (map[string][]byte, error) {
	files := map[string][]byte{}
	_, err := store.All(ctx, l.o.DB.Read(), func(row store.Row) (none struct{}, err error) {
		var name string
		var content []byte
		err = row.Scan(&name, &content)
		files[name] = content
		return none, err
	}, `SELECT name, content FROM law_document ORDER BY name, version`)
	if err != nil {
		return nil, fmt.Errorf("law: %w", err)
	}
	return files, nil
}

// Document is one published version of a file.
type Document struct {
	Name    string
	Version int64
	Digest  string
	At      time.Time
	By      store.ID
}

// Documents lists what was published, the newest first.
func (l *Law) Documents(ctx context.Context) ([]Document, error) {
	return store.All(ctx, l.o.DB.Read(), func(row store.Row) (d Document, err error) {
		var at int64
		err = row.Scan(&d.Name, &d.Version, &d.Digest, &at, &d.By)
		d.At = store.Instant(at)
		return d, err
	}, `SELECT name, version, digest, published_at, published_by FROM law_document ORDER BY published_at DESC, name LIMIT 200`)
}

// ErrMoved says that something else was published since the preview: look at it again.
var ErrMoved = errors.New("something was published since the preview")

// Digest is the SHA-256 of a file, in hexadecimal.
func Digest(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}

// publish keeps a new version of a file, if the law still stands as the preview found it.
func (l *Law) publish(ctx context.Context, name string, data []byte, seen int64, by journal.Actor, act journal.Act, pending bool) error {
	act.By, act.Public = by, true
	err := l.o.DB.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		n, err := tx.ExecCount(ctx, `UPDATE law_version SET version = version + 1 WHERE one = 1 AND version = $1`, seen)
		if err != nil {
			return err
		}
		if n == 0 {
			return ErrMoved
		}
		last, err := store.Scalar[int64](tx.QueryRow(ctx, `SELECT coalesce(max(version), 0) FROM law_document WHERE name = $1`, name))
		if err != nil {
			return err
		}
		tx.Queue(`INSERT INTO law_document (name, version, digest, content, published_at, published_by) VALUES ($1, $2, $3, $4, $5, $6)`,
			name, last+1, Digest(data), string(data), store.Micros(l.o.Now()), int64(by.Account))
		if pending {
			tx.Queue(`UPDATE law_version SET pending = version, upto = 0, moved = 0 WHERE one = 1`)
		}
		act.Data["version"], act.Data["digest"] = last+1, Digest(data)
		return l.o.Journal.Record(ctx, tx, act)
	})
	if err != nil {
		return fmt.Errorf("publish %s: %w", path.Base(name), err)
	}
	return l.load(context.WithoutCancel(ctx))
}
