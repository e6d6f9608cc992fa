package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"openhall.org/openhall/internal/core/lang"
	"openhall.org/openhall/internal/platform/publication/search"
	"openhall.org/openhall/internal/platform/store"
)

const (
	indexRated = 20_000 // records put into a new index to see how fast that is
	indexBatch = 1000
)

// benchIndex puts generated records of about 1,000 characters into a new index, merging included.
func benchIndex(ctx context.Context, report func(string, ...any)) (out []measure, err error) {
	b := &searchBench{c: newCorpus(), n: indexRated, report: report}
	for _, engine := range []store.Engine{store.SQLite, store.Postgres} {
		if engine == store.Postgres && os.Getenv("OPENHALL_TEST_POSTGRES") == "" {
			report("postgres: OPENHALL_TEST_POSTGRES is not set; not measured")
			continue
		}
		rate, ofPeer, err := b.rate(ctx, engine)
		if err != nil {
			return out, fmt.Errorf("%s: %w", engine, err)
		}
		goal := 2000.0
		if engine == store.Postgres {
			goal = 1000
		}
		out = append(out, measure{"index-rate-" + string(engine), rate, "records/s", goal, true})
		if engine == store.SQLite {
			out = append(out, measure{"index-of-fts5", ofPeer, "times as fast", 1, true})
		}
	}
	return out, nil
}

// processorTime returns how long the processors have worked for this program.
func processorTime() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// rate says how many records a second go into a new index.
func (b *searchBench) rate(ctx context.Context, engine store.Engine) (rate, ofPeer float64, err error) {
	dir, err := os.MkdirTemp("", "openhall-bench")
	if err != nil {
		return 0, 0, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	dsn := "sqlite:" + filepath.Join(dir, "search.db")
	if engine == store.Postgres {
		var drop func() error
		if dsn, drop, err = postgresDatabase(ctx, os.Getenv("OPENHALL_TEST_POSTGRES")); err != nil {
			return 0, 0, err
		}
		defer func() { err = errors.Join(err, drop()) }()
	}
	err = b.with(ctx, dsn, func(db *store.DB, ix *search.Index, _ *time.Duration) error {
		docs := b.c.docs(0, indexRated, indexRated)
		began, worked := time.Now(), processorTime()
		if err := b.put(ctx, db, ix, indexRated, indexBatch, func(from, to int) []search.Doc { return docs[from:to] }); err != nil {
			return err
		}
		rate = indexRated / time.Since(began).Seconds()
		each := (processorTime() - worked).Seconds() * 1000 / indexRated
		b.report("%s: %.0f records a second into a new index, merging included; %.2f ms of a processor each", engine, rate, each)
		if engine == store.SQLite {
			peer, err := b.peers(ctx, db, docs)
			ofPeer = peer / each
			return err
		}
		return nil
	})
	return rate, ofPeer, err
}

// peers says what other ways would cost: looking through the texts, and the full text index of SQLite fed with the same pairs. It
// returns milliseconds of a processor that the latter takes for a record.
func (b *searchBench) peers(ctx context.Context, db *store.DB, docs []search.Doc) (each float64, err error) {
	const texts = 2000
	worked := processorTime()
	err = db.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		if err := tx.Exec(ctx, `CREATE VIRTUAL TABLE fts USING fts5(pairs, content='')`); err != nil {
			return err
		}
		for i := range texts {
			d := &docs[i]
			tx.Queue(`INSERT INTO fts (rowid, pairs) VALUES ($1, $2)`, i+1, pairsOf(d.Title+" "+d.Text))
			if i%100 == 0 {
				if err := tx.Flush(ctx); err != nil {
					return err
				}
			}
		}
		return nil
	})
	if err != nil {
		return 0, err
	}
	size, err := store.Scalar[int64](db.Read().QueryRow(ctx, `SELECT SUM(LENGTH(block)) FROM fts_data`))
	if err != nil {
		return 0, err
	}
	each = (processorTime() - worked).Seconds() * 1000 / texts
	b.report("FTS5 with the same pairs: %.2f ms of a processor for a record, %d bytes", each, size/texts)
	err = db.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		if err := tx.Exec(ctx, `CREATE TABLE plain (id BIGINT PRIMARY KEY, text TEXT NOT NULL)`); err != nil {
			return err
		}
		for i := range texts {
			tx.Queue(`INSERT INTO plain (id, text) VALUES ($1, $2)`, i+1, docs[i].Text)
		}
		return nil
	})
	if err != nil {
		return 0, err
	}
	began := time.Now()
	_, err = store.Scalar[int64](db.Read().QueryRow(ctx, `SELECT COUNT(*) FROM plain WHERE text LIKE '%' || $1 || '%'`, "没有这样的词"))
	b.report("looking through texts with LIKE: %.0f ms for as many records as the index has", time.Since(began).Seconds()*1000/texts*float64(b.n))
	return each, err
}

// pairsOf writes the pairs of a text as words.
func pairsOf(text string) string {
	var out strings.Builder
	last := rune(0)
	for _, r := range lang.Fold(text) {
		if r >= 0x4E00 && last >= 0x4E00 {
			out.WriteRune(last)
			out.WriteRune(r)
			out.WriteByte(' ')
		}
		last = r
	}
	return out.String()
}
