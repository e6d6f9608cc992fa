package search

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"slices"
	"sort"
)

// seeker is a set of records of a segment, in their order.
type seeker interface {
	// size says how many records there are at most.
	size() int
	// each calls yield for up to n records from one on, which never falls, and returns for how many.
	each(ctx context.Context, from uint32, n int, yield func(doc uint32)) (int, error)
	// ready reads what stands needs to know of records, and returns of how many of them. They are in order and never fall.
	ready(ctx context.Context, docs []uint32) (int, error)
	// stands reports whether a record is in the set.
	stands(doc uint32) (bool, error)
}

// list walks over the list of a term. It knows where the rows of the list begin, reads those that are needed together, and decodes a chunk
// only when a record may lie in it.
type list struct {
	s       *snapshot
	segment int64
	term    string
	head    head
	further []uint32    // the first record of each row behind that in which the list begins
	looked  bool        // further was read
	ahead   map[int]row // that were read, by number: the list begins in row 0

	at     int // number of the row
	data   []byte
	reader rowReader
	e      entry // of the chunk
	loaded bool  // the chunk is decoded
	over   bool  // it is the last of the list in the row
	chunk  chunk
	i      int
}

// rowsAtOnce bounds the rows of one question, and so the memory for them.
const rowsAtOnce = 64

// openList returns the list of a term, or nil when it does not stand in the segment.
func (s *snapshot) openList(ctx context.Context, segment int64, term string) (*list, error) {
	h, err := s.head(ctx, segment, term)
	if err != nil || h.total == 0 {
		return nil, err
	}
	l := &list{s: s, segment: segment, term: term, head: h, data: h.data, e: h.first}
	l.reader = rowReader{data: h.data, at: h.first.head.end, term: []byte(term), total: h.total}
	return l, nil
}

func (l *list) size() int { return l.head.total }

// look finds out where the rows of the list begin.
func (l *list) look(ctx context.Context) error {
	if l.looked {
		return nil
	}
	return l.s.look(ctx, l)
}

// number returns in which row a record lies, if it lies in the list. The record is not before the row.
func (l *list) number(doc uint32) int {
	rest := l.further[min(l.at, len(l.further)):]
	if len(rest) == 0 || rest[0] > doc {
		return l.at
	}
	return l.at + sort.Search(len(rest), func(i int) bool { return rest[i] > doc })
}

// fetch reads rows that are not there yet.
func (l *list) fetch(ctx context.Context, numbers []int) error {
	var missing []uint32
	var from, to int
	for _, n := range numbers {
		if _, ok := l.ahead[n]; ok {
			continue
		}
		first := l.further[n-1]
		r, ok := l.s.ix.rows.get(cacheKey{l.segment, string(termKey(l.term, first))}, row.size)
		if !ok {
			if len(missing) == 0 {
				from = n
			}
			to = n
			missing = append(missing, first)
			continue
		}
		l.keep(n, r)
	}
	if len(missing) == 0 {
		return nil
	}
	together := 4*len(missing) >= 3*(to-from+1)
	rows, err := l.s.rowsOf(ctx, l.segment, l.term, missing, together)
	if err != nil {
		return err
	}
	for _, r := range rows {
		n, ok := slices.BinarySearch(l.further, binary.BigEndian.Uint32(r.key[len(r.key)-4:]))
		if !ok {
			return errDamaged
		}
		l.keep(n+1, r)
	}
	for _, n := range numbers {
		if _, ok := l.ahead[n]; !ok {
			return errGone
		}
	}
	return nil
}

func (l *list) keep(n int, r row) {
	if l.ahead == nil {
		l.ahead = map[int]row{}
	}
	l.ahead[n] = r
}

// enter goes to a row that was read.
func (l *list) enter(n int) error {
	r, ok := l.ahead[n]
	if !ok {
		return fmt.Errorf("search: row %d of the list of %q was not read", n, l.term)
	}
	for passed := range l.ahead {
		if passed <= n {
			delete(l.ahead, passed)
		}
	}
	l.at, l.data, l.reader, l.over = n, r.data, rowReader{data: r.data}, false
	e, ok, err := l.reader.next()
	if err != nil || !ok || string(l.reader.term) != l.term {
		return errDamaged
	}
	l.e, l.loaded = e, false
	return nil
}

// forward goes on to the chunk that ends at a record or beyond it, or to the last in the row.
func (l *list) forward(doc uint32) error {
	for !l.over && l.e.head.last < doc {
		e, ok, err := l.reader.next()
		if err != nil {
			return err
		}
		if l.over = !ok || e.tag != tagSame; !l.over {
			l.e, l.loaded = e, false
		}
	}
	return nil
}

// find goes to the first record of the chunk that is not before one; the chunk does not end before it.
func (l *list) find(doc uint32) uint32 {
	if !l.loaded {
		l.chunk.decode(l.data, l.e.head)
		l.s.work++
		l.i, l.loaded = 0, true
	}
	docs := l.chunk.docs[l.i:l.chunk.n]
	switch {
	case docs[0] >= doc:
	case len(docs) > 1 && docs[1] >= doc:
		l.i++
	default:
		l.i += sort.Search(len(docs), func(i int) bool { return docs[i] >= doc })
	}
	return l.chunk.docs[l.i]
}

func (l *list) each(ctx context.Context, from uint32, n int, yield func(doc uint32)) (done int, err error) {
	for done < n {
		if err := l.forward(from); err != nil {
			return done, err
		}
		if l.e.head.last < from {
			ok, err := l.turn(ctx, from, n-done)
			if err != nil || !ok {
				return done, err
			}
			continue
		}
		for done < n && from <= l.e.head.last {
			doc := l.find(from)
			yield(doc)
			done++
			from = doc + 1
		}
	}
	return done, nil
}

// turn goes to the row in which a record or the first one behind it lies, and reads as many rows as n records take. ok is false when the
// list is at its end.
func (l *list) turn(ctx context.Context, doc uint32, n int) (ok bool, err error) {
	if l.head.ends {
		return false, nil
	}
	if err := l.look(ctx); err != nil {
		return false, err
	}
	to := l.number(doc)
	if to == l.at { // the record lies behind all of this row
		to++
	}
	if to > len(l.further) {
		return false, nil
	}
	numbers := []int{to}
	each := max(1, (l.head.total-l.head.docs)/len(l.further))
	for k := to + 1; k <= len(l.further) && len(numbers) < min(1+n/each, rowsAtOnce); k++ {
		numbers = append(numbers, k)
	}
	if err := l.fetch(ctx, numbers); err != nil {
		return false, err
	}
	return true, l.enter(to)
}

func (l *list) ready(ctx context.Context, docs []uint32) (int, error) {
	i := sort.Search(len(docs), func(i int) bool { return docs[i] > l.head.last })
	if i == len(docs) || l.head.ends {
		return len(docs), nil
	}
	if err := l.look(ctx); err != nil {
		return 0, err
	}
	var numbers []int
	last := l.at
	for ; i < len(docs); i++ {
		if last < len(l.further) && docs[i] < l.further[last] {
			continue // in the same row
		}
		n := l.number(docs[i])
		if n == last {
			continue
		}
		if len(numbers) == rowsAtOnce {
			break
		}
		numbers = append(numbers, n)
		last = n
	}
	return i, l.fetch(ctx, numbers)
}

func (l *list) stands(doc uint32) (bool, error) {
	if n := l.number(doc); n != l.at {
		if err := l.enter(n); err != nil {
			return false, err
		}
	}
	if err := l.forward(doc); err != nil {
		return false, err
	}
	if doc < l.e.head.first || doc > l.e.head.last {
		return false, nil
	}
	return l.find(doc) == doc, nil
}

// positions returns the positions in the record that was found last.
func (l *list) positions(buffer []uint32) []uint32 { return l.chunk.at(l.i, buffer) }

// every is all records of a segment.
type every struct{ docs uint32 }

func (e every) size() int { return int(e.docs) }

func (e every) each(_ context.Context, from uint32, n int, yield func(doc uint32)) (done int, err error) {
	for ; done < n && from < e.docs; done++ {
		yield(from)
		from++
	}
	return done, nil
}

func (e every) ready(_ context.Context, docs []uint32) (int, error) { return len(docs), nil }

func (e every) stands(doc uint32) (bool, error) { return doc < e.docs, nil }

// fixed is records that were collected.
type fixed struct{ docs []uint32 }

func (f *fixed) size() int { return len(f.docs) }

func (f *fixed) each(_ context.Context, from uint32, n int, yield func(doc uint32)) (done int, err error) {
	i, _ := slices.BinarySearch(f.docs, from)
	for ; done < n && i < len(f.docs); done++ {
		yield(f.docs[i])
		i++
	}
	return done, nil
}

func (f *fixed) ready(_ context.Context, docs []uint32) (int, error) { return len(docs), nil }

func (f *fixed) stands(doc uint32) (bool, error) {
	_, ok := slices.BinarySearch(f.docs, doc)
	return ok, nil
}

// begun collects the records of every term that begins with a text.
func (s *snapshot) begun(ctx context.Context, segment int64, prefix string) (*fixed, error) {
	out := &fixed{}
	err := s.terms(ctx, segment, prefix, func(_ string, data []byte, e entry) bool {
		var c chunk
		c.decode(data, e.head)
		s.work++
		out.docs = append(out.docs, c.docs[:c.n]...)
		return true
	})
	if err != nil || len(out.docs) == 0 {
		return nil, err
	}
	slices.Sort(out.docs)
	out.docs = slices.Compact(out.docs)
	return out, nil
}

// terms calls yield for each chunk of each term that begins with a text, until it returns false.
func (s *snapshot) terms(ctx context.Context, segment int64, prefix string, yield func(term string, data []byte, e entry) bool) error {
	r, err := s.at(ctx, segment, termKey(prefix, 0))
	if err != nil {
		return err
	}
	n := 1
	var next []row
	for {
		if r.key[0] != columnsClass {
			reader := rowReader{data: r.data}
			for {
				e, ok, err := reader.next()
				if err != nil {
					return err
				}
				if !ok {
					break
				}
				if bytes.HasPrefix(reader.term, []byte(prefix)) {
					if !yield(string(reader.term), r.data, e) {
						return nil
					}
				} else if string(reader.term) > prefix {
					return nil
				}
			}
		}
		if len(next) == 0 {
			if next, err = s.after(ctx, segment, r.key, n); err != nil || len(next) == 0 {
				return err
			}
			n = min(2*n, 16)
		}
		r, next = next[0], next[1:]
	}
}
