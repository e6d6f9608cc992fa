package power

import (
	"context"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"time"

	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/platform/store"
)

//go:embed migrations/*.sql
var migrations embed.FS

// Schema returns the tables of the catalogue.
func Schema() store.Migrations {
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		files = migrations // unreachable: the folder is embedded above
	}
	return store.Migrations{Module: "power", Files: files}
}

// Kinds of power_reference.
const (
	refLaw   = "law"
	refTopic = "topic"
	refEvent = "event"
	refForm  = "form"
)

// Version is one version of an item as it was published.
type Version struct {
	Item        Item
	PublishedAt time.Time
	PublishedBy store.ID // account; 0: the platform, by an import
	digest      string
}

const versionColumns = `content, digest, published_at, published_by`

func scanVersion(row store.Row) (Version, error) {
	var (
		v       Version
		content string
		at      int64
	)
	if err := row.Scan(&content, &v.digest, &at, &v.PublishedBy); err != nil {
		return v, err
	}
	v.PublishedAt = store.Instant(at)
	if err := json.Unmarshal([]byte(content), &v.Item); err != nil {
		return v, fmt.Errorf("content of an item: %w", err)
	}
	return v, nil
}

// digestOf tells two contents apart, whatever version they are.
func digestOf(it Item) (string, error) {
	it.Version = 0
	content, err := json.Marshal(it)
	if err != nil {
		return "", fmt.Errorf("item %s: %w", it.Key, err)
	}
	sum := sha256.Sum256(content)
	return hex.EncodeToString(sum[:]), nil
}

// touch counts the catalogue's version up. On PostgreSQL it also makes changes wait for one another, so it comes first.
func touch(ctx context.Context, tx *store.Tx) error {
	return tx.Exec(ctx, `UPDATE power_version SET version = version + 1 WHERE one = 1`)
}

func readStamp(ctx context.Context, q store.Querier) (int64, error) {
	return store.Scalar[int64](q.QueryRow(ctx, `SELECT version FROM power_version WHERE one = 1`))
}

// newest returns the newest version of an item, or a zero Version when there is none.
func newest(ctx context.Context, q store.Querier, key string) (Version, error) {
	v, err := store.One(ctx, q, scanVersion, `SELECT `+versionColumns+` FROM power_item WHERE key = $1 ORDER BY version DESC LIMIT 1`, key)
	if errors.Is(err, store.ErrNotFound) {
		return Version{}, nil
	}
	return v, err
}

// insertVersion adds a version and brings the implementations of its item up to date: what the version doesn't name has ended.
func insertVersion(ctx context.Context, tx *store.Tx, v Version, codes []row) error {
	content, err := json.Marshal(v.Item)
	if err != nil {
		return fmt.Errorf("item %s: %w", v.Item.Key, err)
	}
	at := store.Micros(v.PublishedAt)
	tx.Queue(`INSERT INTO power_item (key, version, status, effective, content, digest, published_at, published_by)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
		v.Item.Key, v.Item.Version, string(v.Item.Status), int64(v.Item.Effective), string(content), v.digest, at, int64(v.PublishedBy))
	tx.Queue(`UPDATE power_implementation SET ended_at = $2 WHERE item = $1 AND ended_at = 0`, v.Item.Key, at)
	for _, c := range codes {
		// A code that belongs to another item is left alone; it is missed by the count below.
		tx.Queue(`INSERT INTO power_implementation (code, item, body, level, ended_at) VALUES ($1, $2, $3, $4, 0)
			ON CONFLICT (code) DO UPDATE SET ended_at = 0, body = excluded.body WHERE power_implementation.item = excluded.item`,
			c.code, v.Item.Key, c.body, string(c.level))
	}
	n, err := store.Scalar[int64](tx.QueryRow(ctx, `SELECT COUNT(*) FROM power_implementation WHERE item = $1 AND ended_at = 0`, v.Item.Key))
	if err != nil {
		return fmt.Errorf("item %s: %w", v.Item.Key, err)
	}
	if n != int64(len(codes)) {
		return &CodeTakenError{Key: v.Item.Key, Code: v.Item.BasicCode}
	}
	return nil
}

// row is one row of power_implementation.
type row struct {
	code, item, body string
	level            Level
	ended            time.Time
}

func scanRow(r store.Row) (out row, err error) {
	var ended int64
	err = r.Scan(&out.code, &out.item, &out.body, &out.level, &ended)
	out.ended = store.Instant(ended)
	return out, err
}

// reference is one row of power_reference.
type reference struct {
	kind, key string
	content   []byte
}

func putReference(tx *store.Tx, position int, kind, key string, value any) error {
	content, err := json.Marshal(value)
	if err != nil {
		return fmt.Errorf("%s %s: %w", kind, key, err)
	}
	tx.Queue(`INSERT INTO power_reference (kind, key, position, content) VALUES ($1, $2, $3, $4)
		ON CONFLICT (kind, key) DO UPDATE SET position = excluded.position, content = excluded.content`, kind, key, position, string(content))
	return nil
}

// contents is what the tables hold, as far as pages ask for it every day.
type contents struct {
	stamp      int64
	current    []Version // of each item the version in force, or the next one; in the order of the keys
	rows       []row
	references []reference
}

func readContents(ctx context.Context, q store.Querier, today calendar.Date) (c contents, err error) {
	if c.stamp, err = readStamp(ctx, q); err != nil {
		return c, err
	}
	c.current, err = store.All(ctx, q, scanVersion, `SELECT `+versionColumns+` FROM power_item i
		WHERE version = COALESCE((SELECT MAX(version) FROM power_item m WHERE m.key = i.key AND m.effective <= $1),
			(SELECT MAX(version) FROM power_item n WHERE n.key = i.key)) ORDER BY key`, int64(today))
	if err != nil {
		return c, err
	}
	c.rows, err = store.All(ctx, q, scanRow, `SELECT code, item, body, level, ended_at FROM power_implementation ORDER BY code`)
	if err != nil {
		return c, err
	}
	c.references, err = store.All(ctx, q, func(r store.Row) (ref reference, err error) {
		err = r.Scan(&ref.kind, &ref.key, &ref.content)
		return ref, err
	}, `SELECT kind, key, content FROM power_reference ORDER BY kind, position, key`)
	return c, err
}
