package ledger

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"openhall.org/openhall/internal/core/merkle"
	"openhall.org/openhall/internal/platform/store"
)

// maxRound is how many events one round takes: enough to share a flush to disk, few enough not to hold up other writers.
const maxRound = 1024

// waiting is an event without a place.
type waiting struct {
	id      store.ID
	kase    store.ID
	seq     int64
	content []byte
}

// Sequence runs one round: it gives waiting events their places, writes tiles and signs the new checkpoint. It returns how many
// events it placed; when that is 1,024 or more, others may still be waiting.
func (l *Ledger) Sequence(ctx context.Context) (int, error) {
	_, err := store.Scalar[int64](l.db.Read().QueryRow(ctx, `SELECT id FROM event WHERE leaf IS NULL LIMIT 1`))
	if errors.Is(err, store.ErrNotFound) {
		return 0, nil // without taking the writers' turn
	}
	if err != nil {
		return 0, fmt.Errorf("look for events to sequence: %w", err)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	var (
		placed int
		next   tip
	)
	err = l.o.DB.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		placed, next, err = l.place(ctx, tx)
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("sequence the log: %w", err)
	}
	l.tip = next
	return placed, nil
}

// place appends one round inside a transaction that holds the head.
func (l *Ledger) place(ctx context.Context, tx *store.Tx) (int, tip, error) {
	at, err := l.lockTip(ctx, tx)
	if err != nil {
		return 0, at, err
	}
	events, err := round(ctx, tx)
	if err != nil || len(events) == 0 {
		return 0, at, err
	}
	leaves := make([]merkle.Hash, len(events))
	for i, e := range events {
		if len(e.content) > merkle.MaxEntry {
			return 0, at, fmt.Errorf("event %s: %w", e.id, merkle.ErrEntryTooLong)
		}
		leaves[i] = merkle.LeafHash(e.content)
		tx.Queue(`UPDATE event SET leaf = $2 WHERE id = $1`, int64(e.id), at.edge.Size()+int64(i))
	}
	edge, tiles := at.edge.Append(leaves)
	for _, t := range tiles {
		tx.Queue(`INSERT INTO ledger_tile (level, number, hashes) VALUES ($1, $2, $3)
			ON CONFLICT (level, number) DO UPDATE SET hashes = excluded.hashes`, t.Level, t.Index, t.Data)
	}
	signed, err := l.sign(edge)
	if err != nil {
		return 0, at, err
	}
	tx.Queue(`UPDATE ledger_head SET size = $1, checkpoint = $2, at = $3 WHERE id = 1`, edge.Size(), signed, store.Micros(l.o.Now()))
	return len(events), tip{edge, signed}, nil
}

// lockTip locks the head until the end of the transaction and returns the end of the log, read anew when another process has
// moved it.
func (l *Ledger) lockTip(ctx context.Context, tx *store.Tx) (tip, error) {
	signed, err := store.Scalar[string](tx.QueryRow(ctx, `SELECT checkpoint FROM ledger_head WHERE id = 1`+tx.ForUpdate()))
	if err != nil {
		return tip{}, fmt.Errorf("head of the log: %w", err)
	}
	if signed == l.tip.signed {
		return l.tip, nil
	}
	c, err := merkle.OpenCheckpoint([]byte(signed), l.o.Key.Verifier)
	if errors.Is(err, merkle.ErrWrongKey) {
		return tip{}, errors.Join(ErrKey, err)
	}
	if err != nil {
		return tip{}, fmt.Errorf("head of the log: %w", err)
	}
	edge, err := merkle.LoadEdge(c.Size, c.Root, func(t merkle.Tile) ([]byte, error) { return readTile(ctx, tx, t) })
	return tip{edge, signed}, err
}

// round reads the events to be placed, in the order of their places.
//
// Identifiers grow within a node only: on several nodes a later event of a case can have the smaller one. So whatever waits of
// the same cases before the events chosen is taken too, and the order within each case is put right. The join is written as a
// cross join because SQLite then goes from the cases to their events: statistics taken while nothing waited make it believe that
// walking over all that waits, for each case, is cheaper.
func round(ctx context.Context, tx *store.Tx) ([]waiting, error) {
	events, err := store.All(ctx, tx, func(row store.Row) (w waiting, err error) {
		return w, row.Scan(&w.id, &w.kase, &w.seq, &w.content)
	}, `WITH oldest AS (SELECT case_id, seq FROM event WHERE leaf IS NULL ORDER BY id LIMIT $1),
		upto AS (SELECT case_id, max(seq) AS seq FROM oldest GROUP BY case_id)
		SELECT e.id, e.case_id, e.seq, e.content FROM upto CROSS JOIN event e
		WHERE e.case_id = upto.case_id AND e.seq <= upto.seq AND e.leaf IS NULL ORDER BY e.id`, maxRound)
	if err != nil {
		return nil, fmt.Errorf("read events to sequence: %w", err)
	}
	return inCaseOrder(events), nil
}

// inCaseOrder leaves the places of each case where they are, and fills them in the order of the case.
func inCaseOrder(events []waiting) []waiting {
	places := map[store.ID][]int{}
	for i, e := range events {
		places[e.kase] = append(places[e.kase], i)
	}
	out := make([]waiting, len(events))
	for _, at := range places {
		own := make([]waiting, len(at))
		for i, place := range at {
			own[i] = events[place]
		}
		slices.SortFunc(own, func(a, b waiting) int { return int(a.seq - b.seq) })
		for i, place := range at {
			out[place] = own[i]
		}
	}
	return out
}

func (l *Ledger) sign(edge merkle.Edge) (string, error) {
	c := merkle.Checkpoint{Origin: l.o.Key.Signer.Name(), Size: edge.Size(), Root: edge.Root()}
	signed, err := c.Sign(l.o.Key.Signer)
	return string(signed), err
}
