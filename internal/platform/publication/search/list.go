package search

import (
	"bytes"
	"context"
	"slices"
	"sort"
)

// seeker walks over records of a segment in their order.
type seeker interface {
	// seek returns the first record that is not before the target. Targets never fall.
	seek(ctx context.Context, target uint32) (doc uint32, ok bool, err error)
	// size says how many records there are at most.
	size() int
}

// list walks over the list of a term. It reads rows as it needs them and decodes a chunk only when a target lies in it.
type list struct {
	s       *snapshot
	segment int64
	term    string
	total   int

	row    row
	reader rowReader
	ahead  []row
	want   int  // rows to read at once
	ends   bool // there are no further rows
	left   int  // about how many further rows there are

	chunk chunk
	i     int
	done  bool
	first uint32 // of the row
	last  uint32 // of the chunk that was passed last
}

// openList returns the list of a term, or nil when it does not stand in the segment.
func (s *snapshot) openList(ctx context.Context, segment int64, term string) (*list, error) {
	h, err := s.head(ctx, segment, term)
	if err != nil || h.total == 0 {
		return nil, err
	}
	l := &list{s: s, segment: segment, term: term, total: h.total, ends: h.ends, left: h.further, want: s.ix.sql.begin, row: row{h.key, h.data}}
	l.reader = rowReader{data: h.data, at: h.first.head.end, term: []byte(term), total: h.total}
	l.load(h.first)
	l.first = h.first.head.first
	return l, nil
}

func (l *list) size() int { return l.total }

func (l *list) load(e entry) {
	l.chunk.decode(l.row.data, e.head)
	l.s.work++
	l.i, l.last = 0, e.head.last
}

func (l *list) seek(ctx context.Context, target uint32) (uint32, bool, error) {
	for !l.done {
		if target <= l.last {
			docs := l.chunk.docs[l.i:l.chunk.n]
			switch {
			case docs[0] >= target:
			case len(docs) > 1 && docs[1] >= target:
				l.i++
			default:
				l.i += sort.Search(len(docs), func(i int) bool { return docs[i] >= target })
			}
			return l.chunk.docs[l.i], true, nil
		}
		if err := l.forward(ctx, target); err != nil {
			return 0, false, err
		}
	}
	return 0, false, nil
}

// forward goes to the next chunk that ends at the target or beyond it.
func (l *list) forward(ctx context.Context, target uint32) error {
	for {
		e, ok, err := l.reader.next()
		switch {
		case err != nil:
			return err
		case ok && e.tag != tagSame: // another term begins
			l.done = true
			return nil
		case ok && e.head.last >= target:
			l.load(e)
			return nil
		case ok:
			l.last = e.head.last
		default:
			if e, ok, err = l.nextRow(ctx, target); err != nil || !ok {
				l.done = true
				return err
			}
			if e.head.last >= target {
				l.load(e)
				return nil
			}
			l.last = e.head.last
		}
	}
}

// nextRow goes to the next row of the list: the following one, or, when the target is far, the one in which it lies.
func (l *list) nextRow(ctx context.Context, target uint32) (e entry, ok bool, err error) {
	if l.ends {
		return e, false, nil
	}
	span := l.last - l.first
	if far := target - l.last; target > l.last && far > l.s.ix.sql.far*(span+chunkDocs) && len(l.ahead) == 0 {
		r, err := l.s.at(ctx, l.segment, termKey(l.term, target))
		if err != nil {
			return e, false, err
		}
		if bytes.Compare(r.key, l.row.key) > 0 {
			l.want = 1
			return l.enter(r)
		}
	}
	if len(l.ahead) == 0 {
		if l.ahead, err = l.s.after(ctx, l.segment, l.row.key, min(l.want, max(1, l.left))); err != nil || len(l.ahead) == 0 {
			return e, false, err
		}
		l.left -= len(l.ahead)
		l.want = min(l.s.ix.sql.together*l.want, l.s.ix.sql.most)
	}
	r := l.ahead[0]
	l.ahead = l.ahead[1:]
	return l.enter(r)
}

func (l *list) enter(r row) (e entry, ok bool, err error) {
	l.row, l.reader = r, rowReader{data: r.data}
	e, ok, err = l.reader.next()
	if err != nil || !ok || string(l.reader.term) != l.term {
		return e, false, err
	}
	l.first = e.head.first
	return e, true, nil
}

// positions returns the positions in the record that the last seek found.
func (l *list) positions(buffer []uint32) []uint32 { return l.chunk.at(l.i, buffer) }

// every walks over all records of a segment.
type every struct{ docs uint32 }

func (e every) seek(_ context.Context, target uint32) (doc uint32, ok bool, err error) {
	return target, target < e.docs, nil
}

func (e every) size() int { return int(e.docs) }

// fixed walks over records that were collected.
type fixed struct {
	docs []uint32
	i    int
}

func (f *fixed) seek(_ context.Context, target uint32) (doc uint32, ok bool, err error) {
	f.i += sort.Search(len(f.docs)-f.i, func(i int) bool { return f.docs[f.i+i] >= target })
	if f.i == len(f.docs) {
		return 0, false, nil
	}
	return f.docs[f.i], true, nil
}

func (f *fixed) size() int { return len(f.docs) }

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
			n = min(s.ix.sql.together*n, s.ix.sql.most/4)
		}
		r, next = next[0], next[1:]
	}
}
