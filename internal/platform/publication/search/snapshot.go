package search

import (
	"context"
	"database/sql"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"slices"
	"sync"

	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/platform/store"
)

// errGone says that a segment was merged into another one while it was read.
var errGone = errors.New("search: the segment is gone")

// segment is a segment as a query sees it.
type segment struct {
	id     int64
	docs   uint32
	newest place
	oldest calendar.Date
}

// snapshot is the index at one instant.
type snapshot struct {
	ix       *Index
	segments []segment
	change   int64 // number of the last change that it sees
	// What a query has cost so far: chunks that were decoded, rows that were read from the database, and questions to it.
	work, rows, trips int
	waiting           []*list // that may be asked where their further rows begin
}

// current says which version of a record is the one to be found.
type current struct {
	version uint32
	live    bool
	change  int64
}

// changes keeps what became of records that were replaced or removed. It is fed by number, so that a query reads only what is new.
type changes struct {
	mu   sync.RWMutex
	m    map[store.ID]current
	seen int64
}

func newChanges() *changes { return &changes{m: map[store.ID]current{}} }

// open reads which segments there are, and what has changed since the last query, as of one instant.
func (ix *Index) open(ctx context.Context) (s *snapshot, err error) {
	ix.changed.mu.RLock()
	seen := ix.changed.seen
	ix.changed.mu.RUnlock()
	rows, err := ix.o.DB.Read().Query(ctx, `
		SELECT 0, id, docs, newest, newid, oldest FROM search_segment WHERE state = 'live'
		UNION ALL SELECT 1, changes, 0, 0, 0, 0 FROM search_state
		UNION ALL SELECT 2, id, version, live, change, 0 FROM search_doc WHERE change > $1 AND change > 0 AND (stale > 0 OR $1 > 0)`, seen)
	if err != nil {
		return nil, fmt.Errorf("open the index: %w", err)
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	s = &snapshot{ix: ix}
	var fresh map[store.ID]current
	for rows.Next() {
		var kind, a, b, c, d, e int64
		if err := rows.Scan(&kind, &a, &b, &c, &d, &e); err != nil {
			return nil, fmt.Errorf("open the index: %w", err)
		}
		switch kind {
		case 0:
			s.segments = append(s.segments, segment{id: a, docs: uint32(b), newest: place{calendar.Date(c), store.ID(d)}, oldest: calendar.Date(e)})
		case 1:
			s.change = a
		default:
			if fresh == nil {
				fresh = map[store.ID]current{}
			}
			fresh[store.ID(a)] = current{uint32(b), c == 1, d}
		}
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("open the index: %w", err)
	}
	ix.changed.learn(fresh, s.change)
	slices.SortFunc(s.segments, func(a, b segment) int {
		if a.newest.before(b.newest) {
			return -1
		}
		return 1
	})
	return s, nil
}

// ids are those of all segments.
func (s *snapshot) ids() []int64 { return idsOf(s.segments) }

func idsOf(segments []segment) []int64 {
	out := make([]int64, len(segments))
	for i, seg := range segments {
		out[i] = seg.id
	}
	return out
}

func (c *changes) learn(fresh map[store.ID]current, change int64) {
	if len(fresh) == 0 && change == 0 {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	for id, v := range fresh {
		if v.change > c.m[id].change {
			c.m[id] = v
		}
	}
	c.seen = max(c.seen, change)
}

// current reports whether a version of a record is the one to be found. Changes after the snapshot are not seen.
func (s *snapshot) current(id store.ID, version uint32) bool {
	if s.change == 0 {
		return true
	}
	s.ix.changed.mu.RLock()
	c, ok := s.ix.changed.m[id]
	s.ix.changed.mu.RUnlock()
	if !ok || c.change > s.change {
		return true
	}
	return c.live && c.version == version
}

// statements read rows of a segment.
type statements struct {
	one, at, after string
	keys           string // of some rows that follow each other
	manyKeys       string // the same for many lists at once; empty: single questions are faster
	between        string // rows that follow each other
	some           string // rows by their keys; empty: single questions are faster
	heads          string // the rows of many keys at once; empty: single questions are faster
	trip           int    // what a question costs besides its rows, in about microseconds
	row            int    // what a row costs, in about microseconds
	cache          int    // bytes of further rows of lists that are kept: the database in this process has them in its pages already
	kept           int    // how many of the rows that are read together are kept: more would drive out what is asked for again
}

// statementsFor writes them for an engine. Once its tables are analysed, SQLite makes the plan of a statement anew whenever a parameter
// changes by which it estimates, which takes longer than running it; the sign before a parameter hides from it that it is one. PostgreSQL
// does the same with arrays, by how long they are, unless a subquery that is not merged stands between.
func statementsFor(e store.Engine) statements {
	one, two, three := "$1", "$2", "$3"
	out := statements{
		trip: 100, row: 45, cache: 256 << 20, kept: 64,
		some: `SELECT r.key, r.data FROM (SELECT CAST($2 AS BYTEA[]) AS keys OFFSET 0) q CROSS JOIN LATERAL unnest(q.keys) AS w(key)
		CROSS JOIN LATERAL (SELECT key, data FROM search_row WHERE segment = $1 AND key = w.key OFFSET 0) r`,
		manyKeys: `SELECT w.n, r.key FROM (SELECT CAST($1 AS BIGINT[]) AS segments, CAST($2 AS BYTEA[]) AS after, CAST($3 AS BYTEA[]) AS last OFFSET 0) q
		CROSS JOIN LATERAL unnest(q.segments, q.after, q.last) WITH ORDINALITY AS w(segment, after, last, n)
		CROSS JOIN LATERAL (SELECT key FROM search_row WHERE segment = w.segment AND key > w.after AND key <= w.last ORDER BY key) r`,
		heads: `SELECT w.n, r.key, r.data FROM unnest(CAST($1 AS BIGINT[]), CAST($2 AS BYTEA[])) WITH ORDINALITY AS w(segment, key, n)
		CROSS JOIN LATERAL (SELECT key, data FROM search_row WHERE segment = w.segment AND key <= w.key ORDER BY key DESC LIMIT 1) r`,
	}
	if e == store.SQLite {
		one, two, three = "+$1", "+$2", "+$3"
		out = statements{trip: 10, row: 25, cache: 32 << 20, kept: 8}
	}
	out.one = `SELECT data FROM search_row WHERE segment = ` + one + ` AND key = ` + two
	out.at = `SELECT key, data FROM search_row WHERE segment = ` + one + ` AND key <= ` + two + ` ORDER BY key DESC LIMIT 1`
	out.after = `SELECT key, data FROM search_row WHERE segment = ` + one + ` AND key > ` + two + ` ORDER BY key LIMIT 0 + $3`
	out.keys = `SELECT 1, key FROM search_row WHERE segment = ` + one + ` AND key > ` + two + ` AND key <= ` + three + ` ORDER BY key`
	out.between = `SELECT key, data FROM search_row WHERE segment = ` + one + ` AND key >= ` + two + ` AND key <= ` + three
	return out
}

// cost is what a query has cost so far, in about microseconds: as measured on a quiet machine, with what becomes of the rows afterwards.
func (s *snapshot) cost() int { return chunkCost*s.work + s.ix.sql.row*s.rows + s.ix.sql.trip*s.trips }

const chunkCost = 3 // decoding a chunk and comparing what stands in it

// at returns the row with the greatest key that is not beyond the one asked for.
func (s *snapshot) at(ctx context.Context, seg int64, key []byte) (row, error) {
	cached := cacheKey{seg, "<" + string(key)}
	if r, ok := s.ix.rows.get(cached, row.size); ok {
		return r, nil
	}
	r, err := s.read(ctx, seg, key)
	if err != nil {
		return r, err
	}
	s.ix.rows.put(cached, r, r.size())
	return r, nil
}

// after returns up to n rows that follow a key.
func (s *snapshot) after(ctx context.Context, seg int64, key []byte, n int) ([]row, error) {
	cached := cacheKey{seg, ">" + string(key)}
	if r, ok := s.ix.rows.get(cached, row.size); ok {
		return []row{r}, nil
	}
	rows, err := store.All(ctx, s.ix.o.DB.Read(), scanRow, s.ix.sql.after, seg, key, n)
	if err != nil {
		return nil, fmt.Errorf("read the index: %w", err)
	}
	s.rows += len(rows)
	s.trips++
	previous := key
	for _, r := range rows[:min(len(rows), s.ix.sql.kept)] {
		s.ix.rows.put(cacheKey{seg, ">" + string(previous)}, r, r.size())
		previous = r.key
	}
	return rows, nil
}

// look finds out where the further rows of a list begin: in one question for all lists that were opened, when questions are dear.
func (s *snapshot) look(ctx context.Context, l *list) error {
	asked := []*list{l}
	if s.ix.sql.manyKeys != "" {
		asked = append(asked, s.waiting...)
		s.waiting = nil
	}
	var missing []*list
	for _, l := range asked {
		if l.looked || l.head.ends || slices.Contains(missing, l) {
			continue
		}
		if l.further, l.looked = s.ix.further.get(headKey(l.segment, l.term), sizeOfFurther); !l.looked {
			missing = append(missing, l)
		}
	}
	if len(missing) == 0 {
		return nil
	}
	s.trips++
	if err := s.readFurther(ctx, missing); err != nil {
		return fmt.Errorf("read the index: %w", err)
	}
	for _, l := range missing {
		if len(l.further) == 0 {
			return errGone
		}
		slices.Sort(l.further)
		l.looked = true
		s.rows += len(l.further) / keysPerRow
		s.ix.further.put(headKey(l.segment, l.term), l.further, sizeOfFurther(l.further))
	}
	return nil
}

func (s *snapshot) readFurther(ctx context.Context, lists []*list) (err error) {
	var rows *sql.Rows
	if s.ix.sql.manyKeys == "" {
		l := lists[0]
		rows, err = s.ix.o.DB.Read().Query(ctx, s.ix.sql.keys, l.segment, l.head.key, termKey(l.term, math.MaxUint32))
	} else {
		segments, after, last := make([]int64, len(lists)), make([][]byte, len(lists)), make([][]byte, len(lists))
		for i, l := range lists {
			segments[i], after[i], last[i] = l.segment, l.head.key, termKey(l.term, math.MaxUint32)
		}
		rows, err = s.ix.o.DB.Read().Query(ctx, s.ix.sql.manyKeys, segments, after, last)
	}
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var n int
		var key store.Bytes
		if err := rows.Scan(&n, &key); err != nil {
			return err
		}
		if n < 1 || n > len(lists) || len(key) != len(lists[n-1].term)+5 {
			return errDamaged
		}
		l := lists[n-1]
		l.further = append(l.further, binary.BigEndian.Uint32(key[len(l.term)+1:]))
	}
	return rows.Err()
}

func sizeOfFurther(firsts []uint32) int { return 4*len(firsts) + 100 }

// keysPerRow is how many keys cost as much as a row.
const keysPerRow = 32

// probedRows is how many rows PostgreSQL looks up one by one in less time than the plan for a range takes.
const probedRows = 16

// rowsOf returns the rows of a list that begin with some records: in one question when they lie close together, or when questions are dear.
func (s *snapshot) rowsOf(ctx context.Context, seg int64, term string, firsts []uint32, together bool) (rows []row, err error) {
	read := s.ix.o.DB.Read()
	switch {
	case together && (s.ix.sql.some == "" || len(firsts) > probedRows):
		s.trips++
		rows, err = store.All(ctx, read, scanRow, s.ix.sql.between, seg, termKey(term, firsts[0]), termKey(term, firsts[len(firsts)-1]))
	case s.ix.sql.some != "":
		keys := make([][]byte, len(firsts))
		for i, first := range firsts {
			keys[i] = termKey(term, first)
		}
		s.trips++
		rows, err = store.All(ctx, read, scanRow, s.ix.sql.some, seg, keys)
	default:
		for _, first := range firsts {
			r := row{key: termKey(term, first)}
			s.trips++
			if err = read.QueryRow(ctx, s.ix.sql.one, seg, r.key).Scan((*store.Bytes)(&r.data)); err != nil {
				break
			}
			rows = append(rows, r)
		}
	}
	if errors.Is(err, store.ErrNotFound) {
		return nil, errGone
	}
	if err != nil {
		return nil, fmt.Errorf("read the index: %w", err)
	}
	s.rows += len(rows)
	for _, r := range rows[:min(len(rows), s.ix.sql.kept)] {
		s.ix.rows.put(cacheKey{seg, string(r.key)}, r, r.size())
	}
	return rows, nil
}

func scanRow(r store.Row) (v row, err error) { return v, r.Scan(&v.key, (*store.Bytes)(&v.data)) }

func (r row) size() int { return len(r.key) + len(r.data) + 100 }

// columns returns the row of columns in which a record stands.
func (s *snapshot) columns(ctx context.Context, seg int64, doc uint32) (*columnRow, error) {
	key := columnsKey(int(doc / columnDocs))
	cached := cacheKey{seg, string(key)}
	if c, ok := s.ix.columns.get(cached, (*columnRow).size); ok {
		return c, nil
	}
	var data []byte
	s.rows++
	s.trips++
	err := s.ix.o.DB.Read().QueryRow(ctx, s.ix.sql.one, seg, key).Scan(&data)
	if errors.Is(err, store.ErrNotFound) {
		return nil, errGone
	}
	if err != nil {
		return nil, fmt.Errorf("read the index: %w", err)
	}
	c, err := decodeColumns(data)
	if err != nil {
		return nil, err
	}
	s.ix.columns.put(cached, c, c.size())
	return c, nil
}

// columnsAhead reads the rows of columns in which records stand, in one question when questions are dear.
func (s *snapshot) columnsAhead(ctx context.Context, seg int64, docs []uint32) (err error) {
	if s.ix.sql.some == "" {
		return nil
	}
	var keys [][]byte
	at := ^uint32(0)
	for _, doc := range docs {
		if doc/columnDocs == at {
			continue
		}
		at = doc / columnDocs
		key := columnsKey(int(at))
		if _, ok := s.ix.columns.get(cacheKey{seg, string(key)}, (*columnRow).size); !ok {
			keys = append(keys, key)
		}
	}
	if len(keys) < 2 {
		return nil
	}
	s.trips++
	rows, err := store.All(ctx, s.ix.o.DB.Read(), scanRow, s.ix.sql.some, seg, keys)
	if err != nil {
		return fmt.Errorf("read the index: %w", err)
	}
	s.rows += len(rows)
	for _, r := range rows {
		c, err := decodeColumns(r.data)
		if err != nil {
			return err
		}
		s.ix.columns.put(cacheKey{seg, string(r.key)}, c, c.size())
	}
	return nil
}

func (c *columnRow) size() int { return len(c.records) + 2*len(c.shared) + 200 }
