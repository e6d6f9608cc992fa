package search

import (
	"bytes"
	"context"
	"errors"
	"fmt"

	"openhall.org/openhall/internal/platform/store"
)

// head is where the list of a term begins in a segment. It is kept without what stands around it in its row: nearly all lists are short, so
// that the heads of many thousands of them fit into the cache, also of terms that do not stand there.
type head struct {
	total int    // records in which the term stands; 0: it does not stand in the segment
	key   []byte // of its row
	data  []byte // of its row, from the first chunk to the end of the list or of the row
	first entry
	docs  int    // records of the list in the row
	last  uint32 // of them
	ends  bool   // there are no others
}

func (h head) size() int { return len(h.key) + len(h.data) + 160 }

func headKey(segment int64, term string) cacheKey { return cacheKey{segment, term} }

// head returns where a list begins.
func (s *snapshot) head(ctx context.Context, segment int64, term string) (head, error) {
	if h, ok := s.ix.heads.get(headKey(segment, term), head.size); ok {
		return h, nil
	}
	r, err := s.read(ctx, segment, termKey(term, 0))
	if err != nil {
		return head{}, err
	}
	return s.keep(segment, term, r)
}

// keep finds the list in the row in which it begins.
func (s *snapshot) keep(segment int64, term string, r row) (h head, err error) {
	if r.key[0] != columnsClass {
		if h, err = findHead(r, term); err != nil {
			return h, err
		}
	}
	s.ix.heads.put(headKey(segment, term), h, h.size())
	return h, nil
}

func findHead(r row, term string) (h head, err error) {
	reader := rowReader{data: r.data}
	for {
		e, ok, err := reader.next()
		if err != nil || !ok {
			return h, err
		}
		if e.tag == tagSame {
			continue
		}
		switch c := bytes.Compare(reader.term, []byte(term)); {
		case c > 0:
			return h, nil
		case c == 0:
			return cutHead(r, reader, e)
		}
	}
}

// cutHead cuts a list out of its row. The reader stands behind its first chunk.
func cutHead(r row, reader rowReader, first entry) (h head, err error) {
	begin, end := first.head.body, first.head.end
	h = head{total: first.total, first: first, docs: first.head.n, last: first.head.last}
	for {
		e, ok, err := reader.next()
		if err != nil {
			return h, err
		}
		if !ok || e.tag != tagSame {
			break
		}
		end, h.last = e.head.end, e.head.last
		h.docs += e.head.n
	}
	h.ends = h.docs == h.total
	h.key = r.key
	h.data = append(make([]byte, 0, end-begin+padding), r.data[begin:end]...)
	h.data = append(h.data, make([]byte, padding)...)
	h.first.head.body, h.first.head.end = 0, h.first.head.end-begin
	return h, nil
}

// ahead reads where many lists begin, in one question to a database that is asked over a wire. A database in this process answers single
// questions faster.
func (s *snapshot) ahead(ctx context.Context, segments []int64, terms []string) error {
	if s.ix.sql.heads == "" || len(segments)*len(terms) < 2 {
		return nil
	}
	type wanted struct {
		segment int64
		term    string
	}
	var missing []wanted
	var from []int64
	var keys [][]byte
	for _, segment := range segments {
		for _, term := range terms {
			if _, ok := s.ix.heads.get(headKey(segment, term), head.size); !ok {
				missing = append(missing, wanted{segment, term})
				from, keys = append(from, segment), append(keys, termKey(term, 0))
			}
		}
	}
	if len(missing) < 2 {
		return nil
	}
	s.trips++
	type numbered struct {
		n int
		row
	}
	rows, err := store.All(ctx, s.ix.o.DB.Read(), func(r store.Row) (v numbered, err error) { return v, r.Scan(&v.n, &v.key, (*store.Bytes)(&v.data)) }, s.ix.sql.heads, from, keys)
	if err != nil {
		return fmt.Errorf("read the index: %w", err)
	}
	s.rows += len(rows)
	for _, r := range rows {
		if r.n < 1 || r.n > len(missing) {
			return errDamaged
		}
		if _, err := s.keep(missing[r.n-1].segment, missing[r.n-1].term, r.row); err != nil {
			return err
		}
	}
	return nil
}

// read returns the row with the greatest key that is not beyond the one asked for.
func (s *snapshot) read(ctx context.Context, seg int64, key []byte) (r row, err error) {
	s.rows++
	s.trips++
	err = s.ix.o.DB.Read().QueryRow(ctx, s.ix.sql.at, seg, key).Scan(&r.key, (*store.Bytes)(&r.data))
	if errors.Is(err, store.ErrNotFound) {
		return r, errGone // columns come first in every segment
	}
	if err != nil {
		return r, fmt.Errorf("read the index: %w", err)
	}
	return r, nil
}
