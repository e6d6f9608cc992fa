package ledger

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"openhall.org/openhall/internal/core/merkle"
	"openhall.org/openhall/internal/platform/store"
)

// ErrPending says that the event has no place in the log yet. Ask again in a second.
var ErrPending = errors.New("the event has no place in the log yet; ask again in a second")

// Receipt (回执) proves that an event stands in the log: the event, its place, the path to the latest checkpoint. It answers
// [ErrPending] until the event was sequenced, and [store.ErrNotFound] for an event that does not exist.
func (r Reader) Receipt(ctx context.Context, event store.ID) (merkle.Receipt, error) {
	var content []byte
	var leaf *int64
	err := r.db.Read().QueryRow(ctx, `SELECT content, leaf FROM event WHERE id = $1`, int64(event)).Scan(&content, &leaf)
	if err != nil {
		return merkle.Receipt{}, fmt.Errorf("receipt of event %s: %w", event, err)
	}
	if leaf == nil {
		return merkle.Receipt{}, ErrPending
	}
	signed, proof, err := r.Inclusion(ctx, *leaf)
	if err != nil {
		return merkle.Receipt{}, fmt.Errorf("receipt of event %s: %w", event, err)
	}
	return merkle.NewReceipt(content, *leaf, proof, signed), nil
}

// Places returns the places of events in the log. One that has none yet is left out.
func (r Reader) Places(ctx context.Context, events ...store.ID) (map[store.ID]int64, error) {
	out := map[store.ID]int64{}
	const most = 500 // parameters of one question
	for some := range slices.Chunk(events, most) {
		marks, args := make([]string, len(some)), make([]any, len(some))
		for i, id := range some {
			marks[i], args[i] = "$"+strconv.Itoa(i+1), int64(id)
		}
		type place struct {
			event store.ID
			leaf  int64
		}
		list, err := store.All(ctx, r.db.Read(), func(row store.Row) (p place, err error) { return p, row.Scan(&p.event, &p.leaf) },
			`SELECT id, leaf FROM event WHERE leaf IS NOT NULL AND id IN (`+strings.Join(marks, ", ")+`)`, args...)
		if err != nil {
			return nil, fmt.Errorf("places of events: %w", err)
		}
		for _, p := range list {
			out[p.event] = p.leaf
		}
	}
	return out, nil
}

// Inclusion returns the latest checkpoint and the path that leads to it from the entry at a place.
func (r Reader) Inclusion(ctx context.Context, index int64) (signed []byte, proof []merkle.Hash, err error) {
	if signed, err = r.Checkpoint(ctx); err != nil {
		return nil, nil, err
	}
	size, err := sizeOf(signed)
	if err != nil {
		return nil, nil, err
	}
	proof, err = merkle.InclusionProof(size, index, r.tiles(ctx))
	return signed, proof, err
}

// Proof returns the path that leads from the entry at a place to the root that the log had at a size: for many proofs of one checkpoint.
func (r Reader) Proof(ctx context.Context, size, index int64) ([]merkle.Hash, error) {
	return merkle.InclusionProof(size, index, r.tiles(ctx))
}

// SignManifest signs with the log's key what an export holds. The origin is filled in.
func (l *Ledger) SignManifest(m merkle.Manifest) ([]byte, error) {
	m.Origin = l.o.Key.Signer.Name()
	return m.Sign(l.o.Key.Signer)
}

// Consistency returns the latest checkpoint and the path that shows that its tree begins with the one of size old.
func (r Reader) Consistency(ctx context.Context, old int64) (signed []byte, proof []merkle.Hash, err error) {
	if signed, err = r.Checkpoint(ctx); err != nil {
		return nil, nil, err
	}
	size, err := sizeOf(signed)
	if err != nil {
		return nil, nil, err
	}
	proof, err = merkle.ConsistencyProof(old, size, r.tiles(ctx))
	return signed, proof, err
}

func (r Reader) tiles(ctx context.Context) merkle.TileReader {
	return func(t merkle.Tile) ([]byte, error) { return readTile(ctx, r.db.Read(), t) }
}

// sizeOf reads the size that a checkpoint of the log's own states.
func sizeOf(signed []byte) (int64, error) {
	body, _, _ := strings.Cut(string(signed), "\n\n")
	c, err := merkle.ParseCheckpoint(body + "\n")
	return c.Size, err
}
