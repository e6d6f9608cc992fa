package casework

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"openhall.org/openhall/internal/core/procedure"
	"openhall.org/openhall/internal/platform/store"
	"openhall.org/openhall/internal/platform/store/journal"
)

// procedures keeps compiled definitions. A version is never changed once it is published, so it is read once.
type procedures struct {
	db *store.DB
	mu sync.RWMutex
	m  map[string]*procedure.Definition // key@version
	// newestOf is the reference of the newest version by key. Another node may publish a newer one; it is looked up again after
	// forget.
	newestOf map[string]string
}

func newProcedures(db *store.DB) *procedures {
	return &procedures{db: db, m: map[string]*procedure.Definition{}, newestOf: map[string]string{}}
}

// Reference joins the key of a procedure and its version.
func Reference(key string, version int) string { return key + "@" + strconv.Itoa(version) }

// SplitReference is the inverse of Reference.
func SplitReference(ref string) (key string, version int, err error) {
	key, v, ok := strings.Cut(ref, "@")
	if version, err = strconv.Atoi(v); !ok || err != nil {
		return "", 0, fmt.Errorf("procedure %q: want key@version", ref)
	}
	return key, version, nil
}

// ProcedureVersion is one published version of a procedure.
type ProcedureVersion struct {
	Key         string
	Version     int
	Digest      string // SHA-256 of the XML, hexadecimal
	XML         []byte
	PublishedAt time.Time
}

// ProcedureSource is a procedure that is to be published: its key and its BPMN.
type ProcedureSource struct {
	Key string
	XML []byte
}

// PublishProcedure publishes one procedure, see [Runtime.PublishProcedures].
func (r *Runtime) PublishProcedure(ctx context.Context, key string, xml []byte) (ProcedureVersion, error) {
	list, err := r.PublishProcedures(ctx, ProcedureSource{key, xml})
	if err != nil {
		return ProcedureVersion{Key: key, XML: xml}, err
	}
	return list[0], nil
}

// PublishProcedures publishes procedures as the next versions of their keys, all of them or none. One whose newest version is the same
// already is left as it is: that was checked when it was published. It refuses those in which the checker finds errors. Cases that run stay
// on their version.
func (r *Runtime) PublishProcedures(ctx context.Context, list ...ProcedureSource) ([]ProcedureVersion, error) {
	versions := make([]ProcedureVersion, len(list))
	made := map[int]*procedure.Definition{} // by place in the list
	for i, p := range list {
		sum := sha256.Sum256(p.XML)
		versions[i] = ProcedureVersion{Key: p.Key, XML: p.XML, Digest: hex.EncodeToString(sum[:]), PublishedAt: r.Now()}
		newest, err := r.newestVersion(ctx, r.DB.Read(), p.Key)
		if err != nil {
			return nil, fmt.Errorf("procedure %s: %w", p.Key, err)
		}
		if newest.Digest == versions[i].Digest {
			versions[i].Version, versions[i].PublishedAt = newest.Version, newest.PublishedAt
			continue
		}
		if made[i], err = r.checked(p); err != nil {
			return nil, err
		}
	}
	if len(made) == 0 {
		return versions, nil
	}
	err := r.DB.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		for _, i := range slices.Sorted(maps.Keys(made)) {
			if err := r.publishVersion(ctx, tx, &versions[i]); err != nil {
				return fmt.Errorf("publish procedure %s: %w", list[i].Key, err)
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	r.procedures.mu.Lock()
	defer r.procedures.mu.Unlock()
	for i, def := range made {
		r.procedures.m[Reference(versions[i].Key, versions[i].Version)] = def
		delete(r.procedures.newestOf, versions[i].Key)
	}
	return versions, nil
}

// checked compiles a procedure, and refuses it when the checker finds an error in it.
func (r *Runtime) checked(p ProcedureSource) (*procedure.Definition, error) {
	def, err := procedure.Parse(p.XML)
	if err != nil {
		return nil, fmt.Errorf("procedure %s: %w", p.Key, err)
	}
	findings := procedure.Check(def, procedure.Options{KnownRule: func(id string) bool { _, ok := r.Rules.Parameter(id); return ok }})
	for _, f := range findings {
		if f.Level == procedure.Error {
			return nil, fmt.Errorf("procedure %s: line %d, %s: %s", p.Key, f.Line, f.Element, f.Message.En)
		}
	}
	return def, nil
}

// publishVersion writes the next version of a procedure, unless another node was first.
func (r *Runtime) publishVersion(ctx context.Context, tx *store.Tx, v *ProcedureVersion) error {
	last, err := r.newestVersion(ctx, tx, v.Key)
	if err != nil {
		return err
	}
	if last.Digest == v.Digest {
		v.Version, v.PublishedAt = last.Version, last.PublishedAt
		return nil
	}
	v.Version = last.Version + 1
	err = tx.Exec(ctx, `INSERT INTO procedure_version (key, version, digest, xml, published_at) VALUES ($1, $2, $3, $4, $5)`,
		v.Key, v.Version, v.Digest, string(v.XML), store.Micros(v.PublishedAt))
	if err != nil {
		return err
	}
	return r.Journal.Record(ctx, tx, journal.Act{
		Kind: journal.ProcedureMade, On: journal.On("procedure", Reference(v.Key, v.Version)), Public: true, Data: map[string]any{"digest": v.Digest},
	})
}

// newestVersion reads the newest version of a procedure, without its XML; version 0 when there is none.
func (r *Runtime) newestVersion(ctx context.Context, q store.Querier, key string) (ProcedureVersion, error) {
	v, err := store.One(ctx, q, scanVersion, `SELECT key, version, digest, published_at FROM procedure_version WHERE key = $1 ORDER BY version DESC LIMIT 1`, key)
	if errors.Is(err, store.ErrNotFound) {
		return ProcedureVersion{Key: key}, nil
	}
	return v, err
}

func scanVersion(row store.Row) (v ProcedureVersion, err error) {
	var at int64
	err = row.Scan(&v.Key, &v.Version, &v.Digest, &at)
	v.PublishedAt = store.Instant(at)
	return v, err
}

// ProcedureVersions lists the published versions of a procedure, newest first, without their XML.
func (r *Runtime) ProcedureVersions(ctx context.Context, key string) ([]ProcedureVersion, error) {
	return store.All(ctx, r.DB.Read(), scanVersion, `SELECT key, version, digest, published_at FROM procedure_version WHERE key = $1 ORDER BY version DESC`, key)
}

// Procedure returns a published version of a procedure: key@version, or a key alone for the newest.
func (r *Runtime) Procedure(ctx context.Context, ref string) (string, *procedure.Definition, error) {
	if !strings.Contains(ref, "@") {
		return r.procedures.newest(ctx, ref)
	}
	def, err := r.procedures.get(ctx, ref)
	return ref, def, err
}

// ProcedureFile returns the file of a version, key@version, to the byte as it was published: what its digest was made of.
func (r *Runtime) ProcedureFile(ctx context.Context, ref string) ([]byte, error) {
	key, version, err := SplitReference(ref)
	if err != nil {
		return nil, err
	}
	xml, err := store.Scalar[string](r.DB.Read().QueryRow(ctx, `SELECT xml FROM procedure_version WHERE key = $1 AND version = $2`, key, version))
	if err != nil {
		return nil, fmt.Errorf("file of procedure %s: %w", ref, err)
	}
	return []byte(xml), nil
}

func (p *procedures) newest(ctx context.Context, key string) (string, *procedure.Definition, error) {
	p.mu.RLock()
	ref := p.newestOf[key]
	p.mu.RUnlock()
	if ref == "" {
		version, err := store.Scalar[int](p.db.Read().QueryRow(ctx,
			`SELECT version FROM procedure_version WHERE key = $1 ORDER BY version DESC LIMIT 1`, key))
		if errors.Is(err, store.ErrNotFound) {
			return "", nil, refuse(RefusedProcedure, "Procedure", key)
		}
		if err != nil {
			return "", nil, fmt.Errorf("procedure %s: %w", key, err)
		}
		ref = Reference(key, version)
		p.mu.Lock()
		p.newestOf[key] = ref
		p.mu.Unlock()
	}
	def, err := p.get(ctx, ref)
	return ref, def, err
}

func (p *procedures) get(ctx context.Context, ref string) (*procedure.Definition, error) {
	p.mu.RLock()
	def := p.m[ref]
	p.mu.RUnlock()
	if def != nil {
		return def, nil
	}
	key, version, err := SplitReference(ref)
	if err != nil {
		return nil, err
	}
	xml, err := store.Scalar[string](p.db.Read().QueryRow(ctx,
		`SELECT xml FROM procedure_version WHERE key = $1 AND version = $2`, key, version))
	if err != nil {
		return nil, fmt.Errorf("procedure %s: %w", ref, err)
	}
	if def, err = procedure.Parse([]byte(xml)); err != nil {
		return nil, fmt.Errorf("procedure %s: %w", ref, err)
	}
	p.remember(ref, def)
	return def, nil
}

func (p *procedures) remember(ref string, def *procedure.Definition) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.m[ref] = def
}
