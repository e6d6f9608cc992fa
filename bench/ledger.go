package main

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/ledger"
	"openhall.org/openhall/internal/platform/store"
)

const (
	ledgerRounds = 3
	proofs       = 500
)

// benchLedger brings cases about and then lets the log take their events in: how many a second it gives their places, in tiles and
// under signed checkpoints, and how long it takes to prove one of them and to check the proof. Both goals are ours: the log must
// take in more than casework.Do brings about, and a page that shows a proof must not feel it.
func benchLedger(ctx context.Context, report func(string, ...any)) (out []measure, err error) {
	for _, engine := range []store.Engine{store.SQLite, store.Postgres} {
		err := withHall(ctx, engine, ledger.Schema(), func(db *store.DB, rt *casework.Runtime) error {
			rate, proof, err := ledgerOn(ctx, db, rt)
			if err != nil {
				return err
			}
			report("%s: %.0f events sequenced a second, a proof made and checked in %.3f ms (medians)", engine, rate, proof)
			out = append(out, measure{"ledger-sequence-" + string(engine), rate, "events/s", 5000, true},
				measure{"ledger-proof-" + string(engine), proof, "ms", 2, false})
			return nil
		})
		if err != nil {
			return out, fmt.Errorf("%s: %w", engine, err)
		}
	}
	return out, nil
}

// ledgerOn returns events sequenced per second and milliseconds for a proof.
func ledgerOn(ctx context.Context, db *store.DB, rt *casework.Runtime) (rate, proof float64, err error) {
	dir, err := os.MkdirTemp("", "openhall-bench")
	if err != nil {
		return 0, 0, err
	}
	defer func() { _ = os.RemoveAll(dir) }() // what is left of a throw-away key harms nobody
	key, err := ledger.LoadKey(filepath.Join(dir, "log.key"), "bench.openhall.org/log")
	if err != nil {
		return 0, 0, err
	}
	l, err := ledger.New(ctx, ledger.Options{DB: db, Key: key, Now: time.Now, Log: slog.New(slog.DiscardHandler), Holder: "bench"})
	if err != nil {
		return 0, 0, err
	}
	var rates []float64
	for range ledgerRounds {
		if _, err := runCases(ctx, rt, 40); err != nil {
			return 0, 0, err
		}
		begin, total := time.Now(), 0
		for {
			n, err := l.Sequence(ctx)
			if err != nil {
				return 0, 0, err
			}
			if total += n; n == 0 {
				break
			}
		}
		rates = append(rates, float64(total)/time.Since(begin).Seconds())
	}
	proof, err = proofTime(ctx, db, l, key)
	return median(rates), proof, err
}

// proofTime proves events from all over the log and checks each proof as a stranger would: by the public key alone.
func proofTime(ctx context.Context, db *store.DB, l *ledger.Ledger, key ledger.Key) (float64, error) {
	events, err := store.All(ctx, db.Read(), func(row store.Row) (id store.ID, err error) { return id, row.Scan(&id) },
		`SELECT id FROM event WHERE leaf % 13 = 0 ORDER BY leaf LIMIT $1`, proofs)
	if err != nil {
		return 0, err
	}
	times := make([]float64, 0, len(events))
	for _, id := range events {
		begin := time.Now()
		r, err := l.Receipt(ctx, id)
		if err != nil {
			return 0, err
		}
		if _, err := r.Verify(key.Verifier); err != nil {
			return 0, fmt.Errorf("proof of event %s: %w", id, err)
		}
		times = append(times, float64(time.Since(begin).Microseconds())/1000)
	}
	if len(times) < proofs {
		return 0, fmt.Errorf("only %d events to prove; want %d", len(times), proofs)
	}
	return median(times), nil
}
