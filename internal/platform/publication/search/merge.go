package search

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"openhall.org/openhall/internal/platform/store"
)

const (
	// fan is how many segments of like size are merged into one. Each record is so written again once for each power of it.
	fan = 8
	// smallest is the size up to which all segments are alike.
	smallest = 64
	// largestMerge bounds a segment: what it would take to write it again, and what the merge keeps in memory.
	largestMerge = 1 << 20
	// rowsTogether is how many rows one transaction of a merge writes or deletes, about half a megabyte: others write in between.
	rowsTogether = 64
	// mergeAhead is how many rows of a segment are read at once.
	mergeAhead = 32
	// grace is how long a merged segment can still be read by queries that began before.
	grace = time.Minute
	// held is how long the node that merges is the only one, unless it says again that it is there.
	held = time.Minute
)

// Run merges segments until ctx ends, on the one node that holds the lease. It works when something was put, and looks once a minute.
func (ix *Index) Run(ctx context.Context, holder string, report func(error)) {
	lease := store.Lease{DB: ix.o.DB, Name: "search.merge", Holder: holder, For: held, Now: ix.o.Now}
	for ctx.Err() == nil {
		mine, err := lease.Hold(ctx)
		for mine && err == nil && ctx.Err() == nil {
			var more bool
			if more, err = ix.merge(ctx, lease.Hold); !more {
				break
			}
			mine, err = lease.Hold(ctx)
		}
		if err != nil && ctx.Err() == nil {
			report(fmt.Errorf("merge the index: %w", err))
		}
		select {
		case <-ctx.Done():
		case <-ix.wake:
		case <-time.After(held):
		}
	}
	if err := lease.Release(context.WithoutCancel(ctx)); err != nil {
		report(err)
	}
}

// Merge does one step of what [Index.Run] does and reports whether there is more to do. It is for loads, which know when they are over; at
// most one program at a time calls it.
func (ix *Index) Merge(ctx context.Context) (more bool, err error) {
	return ix.merge(ctx, func(context.Context) (bool, error) { return true, nil })
}

// Optimize merges until nothing is left to do, and throws away what no query reads any more.
func (ix *Index) Optimize(ctx context.Context) error {
	for {
		if more, err := ix.Merge(ctx); err != nil || !more {
			return err
		}
	}
}

func (ix *Index) merge(ctx context.Context, mine func(context.Context) (bool, error)) (more bool, err error) {
	if more, err = ix.sweep(ctx); err != nil || more {
		return more, err
	}
	s, err := ix.open(ctx)
	if err != nil {
		return false, err
	}
	chosen := choose(s.segments)
	if chosen == nil {
		if chosen, err = s.wasted(ctx); err != nil || chosen == nil {
			return false, err
		}
	}
	m := &merger{s: s, mine: mine, renewed: ix.o.Now()}
	return true, m.run(ctx, chosen)
}

// sizeClass tells segments of like size: 0 up to smallest, and one more for each fan.
func sizeClass(docs uint32) int {
	class := 0
	for limit := uint32(smallest); docs > limit; limit *= fan {
		class++
	}
	return class
}

// choose returns the segments to be merged next: the smallest of which there are enough.
func choose(all []segment) []segment {
	classes := map[int][]segment{}
	for _, seg := range all {
		classes[sizeClass(seg.docs)] = append(classes[sizeClass(seg.docs)], seg)
	}
	for class := range 8 {
		like := classes[class]
		if len(like) < fan {
			continue
		}
		var docs uint32
		var chosen []segment
		for _, seg := range like[:min(len(like), 2*fan)] { // in the order of time: neighbours stay neighbours
			if docs+seg.docs > largestMerge {
				break
			}
			docs += seg.docs
			chosen = append(chosen, seg)
		}
		if len(chosen) > 1 {
			return chosen
		}
	}
	return nil
}

// wasted returns a segment of which a fifth is no longer current, once there is enough of that.
func (s *snapshot) wasted(ctx context.Context) ([]segment, error) {
	if s.change == 0 {
		return nil, nil
	}
	stale, err := store.Scalar[int64](s.ix.o.DB.Read().QueryRow(ctx, `SELECT COUNT(*) FROM search_doc WHERE change > 0 AND stale > 0`))
	if err != nil {
		return nil, fmt.Errorf("count what was replaced: %w", err)
	}
	for _, seg := range s.segments {
		if stale*5 < int64(seg.docs) {
			continue
		}
		old := uint32(0)
		for doc := uint32(0); doc < seg.docs; {
			c, err := s.columns(ctx, seg.id, doc)
			if err != nil {
				return nil, err
			}
			for i := range c.len() {
				if !s.current(c.place(i).id, c.version(i)) {
					old++
				}
			}
			doc += uint32(max(c.len(), 1))
		}
		if old*5 >= seg.docs {
			return []segment{seg}, nil
		}
	}
	return nil, nil
}

// sweep deletes some of what no query reads any more: segments that were merged a while ago, and what a merge left that was broken off.
func (ix *Index) sweep(ctx context.Context) (more bool, err error) {
	id, err := store.Scalar[int64](ix.o.DB.Read().QueryRow(ctx, `SELECT id FROM search_segment
		WHERE state = 'building' OR state = 'gone' AND at <= $1 ORDER BY id LIMIT 1`, store.Micros(ix.o.Now().Add(-grace))))
	if errors.Is(err, store.ErrNotFound) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("sweep the index: %w", err)
	}
	for {
		n := int64(0)
		err := ix.o.DB.Write(ctx, func(ctx context.Context, tx *store.Tx) (err error) {
			n, err = tx.ExecCount(ctx, `DELETE FROM search_row WHERE segment = $1 AND key IN (
				SELECT key FROM search_row WHERE segment = $1 ORDER BY key LIMIT $2)`, id, 4*rowsTogether)
			if err == nil && n == 0 {
				tx.Queue(`DELETE FROM search_segment WHERE id = $1`, id)
			}
			return err
		})
		if err != nil {
			return false, fmt.Errorf("sweep the index: %w", err)
		}
		if n == 0 {
			return true, nil
		}
		if err := ctx.Err(); err != nil {
			return false, err
		}
	}
}

// merger writes several segments as one.
type merger struct {
	s       *snapshot
	mine    func(context.Context) (bool, error)
	renewed time.Time
	id      int64
	batch   []row
	dropped map[store.ID]int64 // versions that are left out
}

// dropped marks a record that the new segment leaves out.
const leftOut = ^uint32(0)

func (m *merger) run(ctx context.Context, segments []segment) error {
	docs, remap, err := m.columns(ctx, segments)
	if err != nil {
		return err
	}
	m.id = int64(m.s.ix.o.IDs.New())
	if err := m.begin(ctx); err != nil {
		return err
	}
	if len(docs) > 0 {
		if err := m.write(ctx, segments, docs, remap); err != nil {
			return err
		}
	}
	return m.end(ctx, segments, docs)
}

func (m *merger) begin(ctx context.Context) error {
	return m.s.ix.o.DB.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		return tx.Exec(ctx, `INSERT INTO search_segment (id, state, docs, newest, newid, oldest, at) VALUES ($1, 'building', 0, 0, 0, 0, $2)`,
			m.id, store.Micros(m.s.ix.o.Now()))
	})
}

// columns reads the records of all segments, leaves out those that are not current, and gives each its place in the new segment.
func (m *merger) columns(ctx context.Context, segments []segment) (docs []columns, remap [][]uint32, err error) {
	type from struct {
		segment int
		doc     uint32
	}
	var origin []from
	m.dropped = map[store.ID]int64{}
	remap = make([][]uint32, len(segments))
	for i, seg := range segments {
		remap[i] = make([]uint32, seg.docs)
		for doc := uint32(0); doc < seg.docs; {
			row, err := m.s.columns(ctx, seg.id, doc)
			if err != nil {
				return nil, nil, err
			}
			if row.len() == 0 || int(doc)+row.len() > int(seg.docs) {
				return nil, nil, errDamaged
			}
			for k := range row.len() {
				c, err := row.get(k)
				if err != nil {
					return nil, nil, err
				}
				if !m.s.current(c.id, c.version) {
					m.dropped[c.id]++
					remap[i][doc] = leftOut
				} else {
					docs = append(docs, c)
					origin = append(origin, from{i, doc})
				}
				doc++
			}
		}
	}
	order := make([]int, len(docs))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int {
		switch p, q := docs[a].place(), docs[b].place(); {
		case p == q:
			return a - b
		case p.before(q):
			return -1
		}
		return 1
	})
	sorted := make([]columns, len(docs))
	for at, i := range order {
		sorted[at] = docs[i]
		remap[origin[i].segment][origin[i].doc] = uint32(at)
	}
	return sorted, remap, nil
}

func (m *merger) write(ctx context.Context, segments []segment, docs []columns, remap [][]uint32) error {
	emit := func(r row) error {
		m.batch = append(m.batch, r)
		if len(m.batch) < rowsTogether {
			return nil
		}
		return m.flush(ctx)
	}
	n := 0
	for part := range slices.Chunk(docs, columnDocs) {
		if err := emit(row{columnsKey(n), encodeColumns(part)}); err != nil {
			return err
		}
		n++
	}
	w := rowWriter{emit: emit}
	streams := make([]*termStream, len(segments))
	for i, seg := range segments {
		streams[i] = &termStream{s: m.s, segment: seg.id, remap: remap[i]}
		if err := streams[i].next(ctx); err != nil {
			return err
		}
	}
	if err := mergeTerms(ctx, streams, w.add); err != nil {
		return err
	}
	if err := w.flush(); err != nil {
		return err
	}
	return m.flush(ctx)
}

// errLost says that another node has taken the merging over.
var errLost = errors.New("search: another node merges now")

func (m *merger) flush(ctx context.Context) error {
	if len(m.batch) == 0 {
		return nil
	}
	if now := m.s.ix.o.Now(); now.Sub(m.renewed) > held/4 {
		mine, err := m.mine(ctx)
		if err != nil {
			return err
		}
		if !mine {
			return errLost
		}
		m.renewed = now
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	batch := m.batch
	m.batch = m.batch[:0]
	return m.s.ix.o.DB.Write(ctx, func(_ context.Context, tx *store.Tx) error {
		for _, r := range batch {
			tx.Queue(`INSERT INTO search_row (segment, key, data) VALUES ($1, $2, $3)`, m.id, r.key, r.data)
		}
		return nil
	})
}

// end puts the new segment in the place of the old ones.
func (m *merger) end(ctx context.Context, segments []segment, docs []columns) error {
	err := m.s.ix.o.DB.Write(ctx, func(_ context.Context, tx *store.Tx) error {
		now := store.Micros(m.s.ix.o.Now())
		for _, seg := range segments {
			tx.QueueOne(`UPDATE search_segment SET state = 'gone', at = $2 WHERE id = $1 AND state = 'live'`, seg.id, now)
		}
		if len(docs) > 0 {
			newest, oldest := docs[0].place(), docs[len(docs)-1].place()
			tx.QueueOne(`UPDATE search_segment SET state = 'live', docs = $2, newest = $3, newid = $4, oldest = $5, at = $6
				WHERE id = $1 AND state = 'building'`, m.id, len(docs), int64(newest.day), int64(newest.id), int64(oldest.day), now)
		} else {
			tx.QueueOne(`UPDATE search_segment SET state = 'gone', at = $2 WHERE id = $1 AND state = 'building'`, m.id, now)
		}
		ids := make([]store.ID, 0, len(m.dropped))
		for id := range m.dropped {
			ids = append(ids, id)
		}
		slices.Sort(ids)
		for _, id := range ids {
			tx.Queue(`UPDATE search_doc SET stale = stale - $2 WHERE id = $1`, int64(id), m.dropped[id])
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("put the merged segment in place: %w", err)
	}
	return nil
}

// termStream reads the lists of a segment one after the other.
type termStream struct {
	s       *snapshot
	segment int64
	remap   []uint32
	rows    []row
	last    []byte // key of the last row that was read
	reader  rowReader
	row     row
	pending *entry // first chunk of the next term
	term    string // "": the segment is at its end
	list    postings
	chunk   chunk
}

// next reads the next list into list, with records where they lie in the new segment.
func (t *termStream) next(ctx context.Context) error {
	t.term = ""
	t.list.reset()
	for {
		e := t.pending
		t.pending = nil
		if e == nil {
			read, ok, err := t.reader.next()
			if err != nil {
				return err
			}
			if !ok {
				if more, err := t.nextRow(ctx); err != nil || !more {
					return err
				}
				continue
			}
			e = &read
			if e.tag == tagFirst && t.term != "" {
				t.pending = e
				return nil
			}
		}
		if t.term == "" {
			t.term = string(t.reader.term)
		}
		if err := t.take(*e); err != nil {
			return err
		}
	}
}

func (t *termStream) nextRow(ctx context.Context) (bool, error) {
	for len(t.rows) == 0 {
		key := t.last
		if key == nil {
			key = columnsKey(1<<32 - 1) // behind the columns
		}
		rows, err := store.All(ctx, t.s.ix.o.DB.Read(), func(r store.Row) (v row, err error) { return v, r.Scan(&v.key, &v.data) },
			t.s.ix.sql.after, t.segment, key, mergeAhead)
		if err != nil {
			return false, fmt.Errorf("read the index: %w", err)
		}
		if len(rows) == 0 {
			return false, nil
		}
		t.rows, t.last = rows, rows[len(rows)-1].key
	}
	t.row, t.rows = t.rows[0], t.rows[1:]
	t.reader = rowReader{data: t.row.data}
	return true, nil
}

// take adds a chunk to the list.
func (t *termStream) take(e entry) error {
	t.chunk.decode(t.row.data, e.head)
	if !t.chunk.all(&t.list, t.remap, hasPositions(t.term)) {
		return errDamaged
	}
	return nil
}

// mergeTerms hands out the lists of all streams, each term once.
func mergeTerms(ctx context.Context, streams []*termStream, add func(term string, p postings) error) error {
	var merged postings
	var parts []*termStream
	for {
		term := ""
		for _, t := range streams {
			if t.term != "" && (term == "" || t.term < term) {
				term = t.term
			}
		}
		if term == "" {
			return nil
		}
		parts = parts[:0]
		for _, t := range streams {
			if t.term == term {
				parts = append(parts, t)
			}
		}
		p := parts[0].list
		if len(parts) > 1 {
			mergeLists(&merged, parts)
			p = merged
		}
		if len(p.docs) > 0 {
			if err := add(term, p); err != nil {
				return err
			}
		}
		for _, t := range parts {
			if err := t.next(ctx); err != nil {
				return err
			}
		}
	}
}

// mergeLists brings the records of several lists into one order.
func mergeLists(out *postings, parts []*termStream) {
	out.reset()
	type head struct{ doc, position int }
	heads := make([]head, len(parts))
	for {
		first, second := -1, leftOut // whose record is next, and up to which record that stays so
		for i, t := range parts {
			at := heads[i].doc
			if at == len(t.list.docs) {
				continue
			}
			switch doc := t.list.docs[at]; {
			case first < 0:
				first = i
			case doc < parts[first].list.docs[heads[first].doc]:
				second = min(second, parts[first].list.docs[heads[first].doc])
				first = i
			default:
				second = min(second, doc)
			}
		}
		if first < 0 {
			return
		}
		l, h := &parts[first].list, &heads[first]
		for h.doc < len(l.docs) && l.docs[h.doc] < second {
			out.docs = append(out.docs, l.docs[h.doc])
			if len(l.freqs) > 0 {
				n := int(l.freqs[h.doc])
				out.freqs = append(out.freqs, uint32(n))
				out.positions = append(out.positions, l.positions[h.position:h.position+n]...)
				h.position += n
			}
			h.doc++
		}
	}
}
