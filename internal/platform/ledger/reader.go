package ledger

import (
	"context"
	"errors"
	"fmt"
	"io/fs"

	"openhall.org/openhall/internal/core/merkle"
	"openhall.org/openhall/internal/platform/store"
)

// Reader reads a log from its database. It needs no key and changes nothing.
type Reader struct{ db *store.DB }

// OpenReader returns the reader of the log in a database.
func OpenReader(db *store.DB) Reader { return Reader{db} }

// Checkpoint returns the latest signed checkpoint.
func (r Reader) Checkpoint(ctx context.Context) ([]byte, error) {
	signed, err := store.Scalar[[]byte](r.db.Read().QueryRow(ctx, `SELECT checkpoint FROM ledger_head WHERE id = 1`))
	if err != nil {
		return nil, fmt.Errorf("checkpoint of the log: %w", err)
	}
	return signed, nil
}

// PublicKey returns the text of the key by which the checkpoints are signed, as the log itself gives it.
func (r Reader) PublicKey(ctx context.Context) (string, error) {
	key, err := store.Scalar[string](r.db.Read().QueryRow(ctx, `SELECT verifier FROM ledger_head WHERE id = 1`))
	if err != nil {
		return "", fmt.Errorf("key of the log: %w", err)
	}
	return key, nil
}

// Tile returns the bytes at a path of the C2SP tlog-tiles layout: hashes, or a bundle of entries. Every width that a checkpoint
// has ever had is there. A path that names nothing, or nothing yet, answers [fs.ErrNotExist].
func (r Reader) Tile(ctx context.Context, path string) ([]byte, error) {
	t, err := merkle.ParseTilePath(path)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", fs.ErrNotExist, err)
	}
	if t.Level == merkle.EntriesLevel {
		return r.bundle(ctx, t)
	}
	return readTile(ctx, r.db.Read(), t)
}

// readTile reads a tile of hashes. A tile that has grown since begins with what it was.
func readTile(ctx context.Context, q store.Querier, t merkle.Tile) ([]byte, error) {
	hashes, err := store.Scalar[[]byte](q.QueryRow(ctx, `SELECT hashes FROM ledger_tile WHERE level = $1 AND number = $2`, t.Level, t.Index))
	want := t.Width * len(merkle.Hash{})
	if errors.Is(err, store.ErrNotFound) || (err == nil && len(hashes) < want) {
		return nil, fmt.Errorf("%s: %w", t.Path(), fs.ErrNotExist)
	}
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", t.Path(), err)
	}
	return hashes[:want], nil
}

func (r Reader) bundle(ctx context.Context, t merkle.Tile) ([]byte, error) {
	from := t.Index * merkle.TileWidth
	entries, err := store.All(ctx, r.db.Read(), store.Scalar[[]byte],
		`SELECT content FROM event WHERE leaf >= $1 AND leaf < $2 ORDER BY leaf`, from, from+int64(t.Width))
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", t.Path(), err)
	}
	if len(entries) < t.Width {
		return nil, fmt.Errorf("%s: %w", t.Path(), fs.ErrNotExist)
	}
	return merkle.EncodeBundle(entries)
}

// Source is a log to be walked by [merkle.VerifyLog], and the key that it says is its own.
type Source struct {
	ctx context.Context
	r   Reader
}

// Source returns the log for [merkle.VerifyLog]. Reading ends when ctx ends.
func (r Reader) Source(ctx context.Context) Source { return Source{ctx, r} }

// Checkpoint returns the latest signed checkpoint.
func (s Source) Checkpoint() ([]byte, error) { return s.r.Checkpoint(s.ctx) }

// Tile returns the bytes at a path of the layout.
func (s Source) Tile(path string) ([]byte, error) { return s.r.Tile(s.ctx, path) }

// Key returns the text of the public key.
func (s Source) Key() (string, error) { return s.r.PublicKey(s.ctx) }
