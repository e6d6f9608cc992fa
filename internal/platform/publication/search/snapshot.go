package search

import (
	"context"
	"errors"
	"fmt"
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
	work     int   // chunks that were decoded: what a query has cost so far
	reads    int   // rows that were read from the database
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
type statements struct{ at, after string }

// statementsFor writes them for an engine. Once its tables are analysed, SQLite makes the plan of a statement anew whenever a parameter
// changes that bounds a range, which takes longer than running it; the sign before the parameter hides from it that it is one. PostgreSQL
// knows no such sign for bytes, and needs none.
func statementsFor(e store.Engine) statements {
	bound := "$2"
	if e == store.SQLite {
		bound = "+$2"
	}
	return statements{
		at:    `SELECT key, data FROM search_row WHERE segment = $1 AND key <= ` + bound + ` ORDER BY key DESC LIMIT 1`,
		after: `SELECT key, data FROM search_row WHERE segment = $1 AND key > ` + bound + ` ORDER BY key LIMIT $3`,
	}
}

// keepAhead is how many of the rows that are read together are kept.
const keepAhead = 4

// cost is what a query has cost so far, in about microseconds.
func (s *snapshot) cost() int { return s.work + readCost*s.reads }

const readCost = 15 // reading a row, against decoding a chunk

// at returns the row with the greatest key that is not beyond the one asked for.
func (s *snapshot) at(ctx context.Context, seg int64, key []byte) (row, error) {
	cached := cacheKey{seg, "<" + string(key)}
	if r, ok := s.ix.rows.get(cached, row.size); ok {
		return r, nil
	}
	var r row
	s.reads++
	err := s.ix.o.DB.Read().QueryRow(ctx, s.ix.sql.at, seg, key).Scan(&r.key, &r.data)
	if errors.Is(err, store.ErrNotFound) {
		return r, errGone // columns come first in every segment
	}
	if err != nil {
		return r, fmt.Errorf("read the index: %w", err)
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
	rows, err := store.All(ctx, s.ix.o.DB.Read(), func(r store.Row) (v row, err error) { return v, r.Scan(&v.key, &v.data) },
		s.ix.sql.after, seg, key, n)
	if err != nil {
		return nil, fmt.Errorf("read the index: %w", err)
	}
	s.reads += 1 + len(rows)
	previous := key
	for _, r := range rows[:min(len(rows), keepAhead)] { // the rest would drive out what is asked for again
		s.ix.rows.put(cacheKey{seg, ">" + string(previous)}, r, r.size())
		previous = r.key
	}
	return rows, nil
}

func (r row) size() int { return len(r.key) + len(r.data) + 100 }

// columns returns the row of columns in which a record stands.
func (s *snapshot) columns(ctx context.Context, seg int64, doc uint32) (*columnRow, error) {
	key := columnsKey(int(doc / columnDocs))
	cached := cacheKey{seg, string(key)}
	if c, ok := s.ix.columns.get(cached, (*columnRow).size); ok {
		return c, nil
	}
	var data []byte
	s.reads++
	err := s.ix.o.DB.Read().QueryRow(ctx, `SELECT data FROM search_row WHERE segment = $1 AND key = $2`, seg, key).Scan(&data)
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

func (c *columnRow) size() int { return len(c.records) + 2*len(c.shared) + 200 }
