package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/platform/publication/search"
	"openhall.org/openhall/internal/platform/store"
)

const (
	searchRecords = 1_000_000 // OPENHALL_BENCH_SEARCH_RECORDS makes it fewer or more
	searchLoad    = 8192      // a batch of the large index: fewer merges
	searchEach    = 60        // queries of each sort, with and without filters
)

// benchSearch puts generated records into an index and searches it: words of two to eight characters, from those that stand in every
// record to those that stand in one, alone and together, with and without filters. The large index is built once and kept in the
// user's cache folder (about 2.6 GB for a million records); on PostgreSQL its rows are copied, which are the same on both engines.
func benchSearch(ctx context.Context, report func(string, ...any)) (out []measure, err error) {
	n := searchRecords
	if v := os.Getenv("OPENHALL_BENCH_SEARCH_RECORDS"); v != "" {
		if n, err = strconv.Atoi(v); err != nil || n < 1000 {
			return nil, fmt.Errorf("OPENHALL_BENCH_SEARCH_RECORDS %q: want a number from 1000", v)
		}
	}
	b := &searchBench{c: newCorpus(), n: n, report: report}
	for _, engine := range []store.Engine{store.SQLite, store.Postgres} {
		if engine == store.Postgres && os.Getenv("OPENHALL_TEST_POSTGRES") == "" {
			report("postgres: OPENHALL_TEST_POSTGRES is not set; not measured")
			continue
		}
		debug.FreeOSMemory() // what the other engine has left is not collected while this one is measured
		measures, err := b.on(ctx, engine)
		out = append(out, measures...)
		if err != nil {
			return out, fmt.Errorf("%s: %w", engine, err)
		}
	}
	return out, nil
}

type searchBench struct {
	c      *corpus
	n      int
	report func(string, ...any)
}

func (b *searchBench) on(ctx context.Context, engine store.Engine) (out []measure, err error) {
	kept, err := b.kept(ctx)
	if err != nil {
		return out, err
	}
	dsn := "sqlite:" + kept
	if engine == store.Postgres {
		var drop func() error
		if dsn, drop, err = postgresDatabase(ctx, os.Getenv("OPENHALL_TEST_POSTGRES")); err != nil {
			return out, err
		}
		defer func() { err = errors.Join(err, drop()) }()
		if err := b.copy(ctx, kept, dsn); err != nil {
			return out, err
		}
		if err := settle(ctx, dsn); err != nil {
			return out, err
		}
	}
	if engine == store.SQLite {
		if err := readThrough(kept); err != nil {
			return out, err
		}
	}
	err = b.with(ctx, dsn, func(db *store.DB, ix *search.Index, _ *time.Duration) error {
		size, err := indexSize(ctx, db)
		if err != nil {
			return err
		}
		each := float64(size) / float64(b.n)
		b.report("%s: %d records, index %.0f MB, %.0f bytes a record", engine, b.n, float64(size)/1e6, each)
		out = append(out, measure{"search-size-" + string(engine), each, "bytes/record", 3 << 10, false})
		measures, err := b.queries(ctx, db, ix)
		out = append(out, measures...)
		return err
	})
	return out, err
}

// readThrough brings a file into memory, in which PostgreSQL has the rows already that were just copied.
func readThrough(path string) (err error) {
	f, err := os.Open(path) //nolint:gosec // the file that was built
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	_, err = io.Copy(io.Discard, f)
	return err
}

// with opens an index. What ahead holds is added to its clock.
func (b *searchBench) with(ctx context.Context, dsn string, run func(*store.DB, *search.Index, *time.Duration) error) (err error) {
	db, err := store.Open(ctx, dsn)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	if err := db.Migrate(ctx, store.Schema(), search.Schema()); err != nil {
		return err
	}
	ahead := new(time.Duration)
	now := func() time.Time { return time.Now().Add(*ahead) }
	ids, err := store.NewIDs(1, now)
	if err != nil {
		return err
	}
	var texts [500]search.Text // what a hit says: some text of the right length
	for i := range texts {
		d := b.c.doc(i, len(texts))
		texts[i] = search.Text{Title: d.Title, Text: d.Text}
	}
	return run(db, search.New(search.Options{DB: db, IDs: ids, Now: now, Texts: func(_ context.Context, ids []store.ID) (map[store.ID]search.Text, error) {
		out := make(map[store.ID]search.Text, len(ids))
		for _, id := range ids {
			out[id] = texts[int(id)%len(texts)]
		}
		return out, nil
	}}), ahead)
}

// put indexes n records, and merges as it goes. While one batch is written the next one is prepared.
func (b *searchBench) put(ctx context.Context, db *store.DB, ix *search.Index, n, together int, docs func(from, to int) []search.Doc) (err error) {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	var preparer search.Preparer
	made := make(chan *search.Batch, 1)
	var failed error
	go func() {
		defer close(made)
		for from := 0; from < n; from += together {
			batch, err := preparer.Prepare(docs(from, min(from+together, n))...)
			if err != nil {
				failed = err
				return
			}
			select {
			case made <- batch:
			case <-ctx.Done():
				return
			}
		}
	}()
	done, began := 0, time.Now()
	for batch := range made {
		if err := db.Write(ctx, func(ctx context.Context, tx *store.Tx) error { return ix.PutBatch(ctx, tx, batch) }); err != nil {
			return err
		}
		if _, err := ix.Merge(ctx); err != nil {
			return err
		}
		if done += together; n > 50_000 && done/50_000 > (done-together)/50_000 {
			b.report("%d records, %.0f a second", done, float64(done)/time.Since(began).Seconds())
		}
	}
	if failed != nil {
		return failed
	}
	return ix.Optimize(ctx)
}

// kept returns the file with the large index, and builds it when it is not there.
func (b *searchBench) kept(ctx context.Context) (path string, err error) {
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", err
	}
	path = filepath.Join(cache, "openhall-bench", fmt.Sprintf("search-%d-v1.db", b.n))
	if _, err := os.Stat(path); err == nil {
		return path, nil
	}
	b.report("building %s, which takes minutes and is kept", path)
	began := time.Now()
	work := path + ".building"
	err = b.with(ctx, "sqlite:"+work, func(db *store.DB, ix *search.Index, ahead *time.Duration) error {
		there, err := store.Scalar[int](db.Read().QueryRow(ctx, `SELECT COUNT(*) FROM search_doc`)) // a build that was broken off goes on
		if err != nil {
			return err
		}
		docs := func(from, to int) []search.Doc { return b.c.docs(there+from, there+to, b.n) }
		if err := b.put(ctx, db, ix, b.n-there, searchLoad, docs); err != nil {
			return err
		}
		*ahead = time.Hour // so that what was merged is thrown away
		if err := ix.Optimize(ctx); err != nil {
			return err
		}
		if err := db.Analyze(ctx); err != nil {
			return err
		}
		var busy, log, written int64
		return db.Read().QueryRow(ctx, `PRAGMA wal_checkpoint(TRUNCATE)`).Scan(&busy, &log, &written) // so that the file alone is all
	})
	if err != nil {
		return "", err
	}
	b.report("built in %.0f s", time.Since(began).Seconds())
	return path, os.Rename(work, path)
}

// copy brings the rows of an index to PostgreSQL.
func (b *searchBench) copy(ctx context.Context, from, to string) error {
	began := time.Now()
	err := b.with(ctx, "sqlite:"+from, func(lite *store.DB, _ *search.Index, _ *time.Duration) error {
		return b.with(ctx, to, func(db *store.DB, _ *search.Index, _ *time.Duration) error {
			for table, columns := range map[string]int{"search_segment": 7, "search_row": 3, "search_doc": 5} {
				if err := copyTable(ctx, lite, db, table, columns); err != nil {
					return err
				}
			}
			return db.Analyze(ctx)
		})
	})
	b.report("rows copied to PostgreSQL in %.0f s", time.Since(began).Seconds())
	return err
}

func copyTable(ctx context.Context, from, to *store.DB, table string, columns int) (err error) {
	rows, err := from.Read().Query(ctx, "SELECT * FROM "+table)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	insert := "INSERT INTO " + table + " VALUES (" + store.Placeholders(1, columns) + ")"
	for more := true; more; {
		err := to.Write(ctx, func(_ context.Context, tx *store.Tx) error {
			for range 1000 {
				if more = rows.Next(); !more {
					return nil
				}
				values, places := make([]any, columns), make([]any, columns)
				for i := range values {
					places[i] = &values[i]
				}
				if err := rows.Scan(places...); err != nil {
					return err
				}
				tx.Queue(insert, values...)
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return rows.Err()
}

// indexSize returns how many bytes the index takes.
func indexSize(ctx context.Context, db *store.DB) (int64, error) {
	q := `SELECT (p.page_count - f.freelist_count) * s.page_size FROM pragma_page_count p, pragma_freelist_count f, pragma_page_size s`
	if db.Engine() == store.Postgres {
		q = `SELECT CAST(SUM(pg_total_relation_size(oid)) AS BIGINT) FROM pg_class WHERE relkind = 'r' AND relname LIKE 'search%'`
	}
	return store.Scalar[int64](db.Read().QueryRow(ctx, q))
}

// sort is a sort of words to be searched for.
type searchSort struct {
	name  string
	words func(r *rand.Rand) string
}

func (b *searchBench) sorts() []searchSort {
	c := b.c
	pick := func(r *rand.Rand, from, to int) string { return c.words[from+r.IntN(to-from)] }
	official := len(officialWords)
	cut := func(r *rand.Rand, text string) string {
		for {
			runes := []rune(text)
			n := 2 + r.IntN(7)
			at := r.IntN(len(runes) - n)
			if w := string(runes[at : at+n]); !strings.ContainsAny(w, "，。；《》%\n") {
				return w
			}
		}
	}
	return []searchSort{
		{"in every record", func(r *rand.Rand) string { return cut(r, strings.Join(everywhere, "。")+"。") }},
		{"official", func(r *rand.Rand) string { return pick(r, 0, official) }},
		{"topical", func(r *rand.Rand) string { return pick(r, official, 3000) }},
		{"rare", func(r *rand.Rand) string { return pick(r, 3000, corpusWords) }},
		{"cut from a text", func(r *rand.Rand) string { return cut(r, c.doc(r.IntN(b.n), b.n).Text) }},
		{"rare from common", func(r *rand.Rand) string { return pick(r, 0, official) + pick(r, 0, official) }},
		{"two or three", func(r *rand.Rand) string {
			return strings.TrimSpace(pick(r, 0, official) + " " + pick(r, 0, 3000) + " " + []string{"", pick(r, 0, official)}[r.IntN(2)])
		}},
		{"one character", func(r *rand.Rand) string { return string([]rune(pick(r, 0, corpusWords))[:1]) }},
	}
}

// filtered gives a query filters.
func (b *searchBench) filtered(r *rand.Rand, q search.Query) search.Query {
	d := b.c.doc(r.IntN(b.n), b.n)
	switch r.IntN(6) {
	case 0:
		q.Division = d.Division[:4] + "00000000"
	case 1:
		q.Body = d.Body
	case 2:
		q.Category, q.Year = d.Category[1], d.Year
	case 3:
		q.InForce = d.Published.Add(r.IntN(1000))
	case 4:
		q.Body, q.Year, q.InForce = d.Body, d.Year, d.Published.Add(10)
	case 5:
		q.From, q.To = calendar.Day(d.Year, time.January, 1), calendar.Day(d.Year, time.March, 31)
	}
	return q
}

// queries searches and says how long it takes.
func (b *searchBench) queries(ctx context.Context, db *store.DB, ix *search.Index) (out []measure, err error) {
	engine := string(db.Engine())
	r := rand.New(rand.NewPCG(4, 4)) //nolint:gosec // queries that are the same in every run
	for _, s := range b.sorts() {    // what is read once and kept, as on a server that has run for some minutes
		for range searchEach {
			if _, err := ix.Find(ctx, search.Query{Words: s.words(r), Facets: true}); err != nil {
				return nil, err
			}
		}
	}
	page := func() error {
		_, err := store.All(ctx, db.Read(), func(r store.Row) (v int64, err error) { return v, r.Scan(&v) },
			`SELECT id FROM search_doc WHERE id < $1 ORDER BY id DESC LIMIT 20`, 1+r.IntN(b.n))
		return err
	}
	pages, _, err := timed(searchEach*4, page)
	if err != nil {
		return nil, err
	}
	for _, order := range []search.Order{search.Newest, search.Best} {
		var all, cost []float64
		var asked []dear
		for _, filters := range []bool{false, true} {
			for _, s := range b.sorts() {
				hits := 0
				var questions, rows []float64
				first := len(asked)
				times, worked, err := timed(searchEach, func() error {
					q := search.Query{Words: s.words(r), Order: order, Facets: true}
					if filters {
						q = b.filtered(r, q)
					}
					found, err := ix.Find(ctx, q)
					if err == nil {
						hits += found.Count
						questions, rows = append(questions, float64(found.Cost.Questions)), append(rows, float64(found.Cost.Rows))
						asked = append(asked, dear{query: q, cost: found.Cost, hits: found.Count})
					}
					return err
				})
				if err != nil {
					return nil, err
				}
				for i := range times {
					asked[first+i].clock, asked[first+i].worked = times[i], worked[i]
				}
				all, cost = append(all, times...), append(cost, worked...)
				with := "without filters"
				if filters {
					with = "with filters   "
				}
				b.report("%s %-9s %s %-17s p50 %6.2f ms, p99 %7.2f ms; of a processor %6.2f, %7.2f; %4.0f, %4.0f questions, %4.0f, %4.0f rows; %4d hits", engine, orderName(order), with, s.name,
					quantile(times, 0.5), quantile(times, 0.99), quantile(worked, 0.5), quantile(worked, 0.99),
					quantile(questions, 0.5), quantile(questions, 0.99), quantile(rows, 0.5), quantile(rows, 0.99), hits/searchEach)
			}
		}
		b.dearest(asked)
		p50, p99 := quantile(all, 0.5), quantile(all, 0.99)
		goal := 20.0
		if order == search.Best {
			goal = 150
		}
		b.report("%s %-9s p50 %.2f ms, p99 %.2f ms over %d queries, of a processor %.2f and %.2f; %.0f times a page read by key (%.3f ms, p99 %.3f ms)", engine,
			orderName(order), p50, p99, len(all), quantile(cost, 0.5), quantile(cost, 0.99), p50/quantile(pages, 0.5), quantile(pages, 0.5), quantile(pages, 0.99))
		out = append(out, measure{"search-" + orderName(order) + "-p50-" + engine, p50, "ms", goal / 4, false},
			measure{"search-" + orderName(order) + "-p99-" + engine, p99, "ms", goal, false})
	}
	return out, nil
}

// dear is a query and what it took: milliseconds by the clock and of a processor.
type dear struct {
	query         search.Query
	clock, worked float64
	cost          search.Cost
	hits          int
}

// dearest names the queries that took the longest, so that what makes them so can be looked for.
func (b *searchBench) dearest(asked []dear) {
	slices.SortFunc(asked, func(a, b dear) int { return cmp.Compare(b.worked, a.worked) })
	for _, d := range asked[:min(6, len(asked))] {
		q := d.query
		b.report("dear: %.1f ms, %.1f of a processor, %d questions, %d rows, %d chunks, %d hits: %s %s %s %v %d %s %s", d.clock, d.worked, d.cost.Questions, d.cost.Rows, d.cost.Chunks, d.hits,
			q.Words, q.Body, q.Division, q.Category, q.Year, q.InForce, q.From)
	}
}

func orderName(o search.Order) string {
	if o == search.Newest {
		return "newest"
	}
	return string(o)
}

// timed runs something n times and returns how many milliseconds each took, by the clock and of processors. The latter says what a query
// costs on a machine that has other work; on PostgreSQL it leaves out what the server does. It is that of the whole process: to hold what runs
// to one thread, whose time could be told apart, makes each question to a server wait for that thread.
func timed(n int, run func() error) (clock, worked []float64, err error) {
	for range n {
		began, before := time.Now(), processTime()
		if err := run(); err != nil {
			return nil, nil, err
		}
		clock = append(clock, float64(time.Since(began).Microseconds())/1000)
		worked = append(worked, float64((processTime()-before).Microseconds())/1000)
	}
	return clock, worked, nil
}

// processTime returns how long processors have worked for this process.
func processTime() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

func quantile(times []float64, q float64) float64 {
	sorted := slices.Sorted(slices.Values(times))
	return sorted[min(len(sorted)-1, int(q*float64(len(sorted))))]
}
