package search

import (
	"encoding/binary"
)

// rowBytes is how large a row grows. SQLite keeps 489 bytes of a large value in the page of the table and the rest in pages of 4,092
// bytes of its own: two of them are full then.
const rowBytes = 489 + 2*4092 - 48 - padding

// row is a row of a segment as stored. Its key is that of its first entry.
type row struct {
	key  []byte
	data []byte
}

// columnsClass is the first byte of the keys of columns. Terms follow: no term begins with it.
const columnsClass = 0

// termKey is the key of a row that begins with a chunk of a term: 0 as the first record for the first chunk of all.
func termKey(term string, doc uint32) []byte {
	key := make([]byte, 0, len(term)+5)
	key = append(key, term...)
	key = append(key, 0)
	return binary.BigEndian.AppendUint32(key, doc)
}

// columnsKey is the key of the n-th row of columns.
func columnsKey(n int) []byte {
	return binary.BigEndian.AppendUint32([]byte{columnsClass}, uint32(n))
}

// The tags of an entry, in the lowest bits of its first number; the others say how many bytes its term shares with the one before.
const (
	tagSame  = 0 // a further chunk of the same term
	tagFirst = 1 // a term begins
	tagRest  = 2 // a row begins in the middle of a term
)

// rowWriter packs lists of terms, which come in order, into rows.
type rowWriter struct {
	emit func(row) error
	key  []byte
	data []byte
	term string // of the last entry
	head []byte
	body []byte
	bits chunkWriter
}

// add writes the list of a term.
func (w *rowWriter) add(term string, p postings) error {
	positional := hasPositions(term)
	total, used := len(p.docs), 0
	if total <= chunkDocs { // nearly all are
		return w.chunk(term, total, 0, p, positional)
	}
	for from := 0; from < total; from += chunkDocs {
		to := min(from+chunkDocs, total)
		part := postings{docs: p.docs[from:to]}
		if positional {
			n := 0
			part.freqs = p.freqs[from:to]
			for _, f := range part.freqs {
				n += int(f)
			}
			part.positions = p.positions[used : used+n]
			used += n
		}
		if err := w.chunk(term, total, from, part, positional); err != nil {
			return err
		}
	}
	return nil
}

func (w *rowWriter) chunk(term string, total, from int, part postings, positional bool) error {
	w.body = w.bits.append(w.body[:0], part, positional)
	if len(w.data) > 0 && len(w.data)+len(w.body)+len(term)+12 > rowBytes {
		if err := w.flush(); err != nil {
			return err
		}
	}
	begins := len(w.data) == 0
	w.head = w.head[:0]
	switch {
	case from > 0 && !begins:
		w.head = append(w.head, tagSame, byte(len(part.docs)-1))
	default:
		shared, tag := 0, tagFirst
		if !begins {
			shared = sharedPrefix(w.term, term)
		}
		if from > 0 {
			tag = tagRest
		}
		w.head = binary.AppendUvarint(w.head, uint64(shared)<<2|uint64(tag))
		w.head = append(w.head, byte(len(term)-shared))
		w.head = append(w.head, term[shared:]...)
		w.head = binary.AppendUvarint(w.head, uint64(total))
		if total > chunkDocs {
			w.head = append(w.head, byte(len(part.docs)-1))
		}
		w.term = term
	}
	if begins {
		first := uint32(0)
		if from > 0 {
			first = part.docs[0]
		}
		w.key = termKey(term, first)
	}
	w.data = append(append(w.data, w.head...), w.body...)
	return nil
}

// flush hands out the row that is being filled.
func (w *rowWriter) flush() error {
	if len(w.data) == 0 {
		return nil
	}
	r := row{key: w.key, data: append(append(make([]byte, 0, len(w.data)+padding), w.data...), make([]byte, padding)...)}
	w.key, w.data, w.term = nil, w.data[:0], ""
	return w.emit(r)
}

func sharedPrefix(a, b string) int {
	n := min(len(a), len(b))
	for i := range n {
		if a[i] != b[i] {
			return i
		}
	}
	return n
}

// entry is a chunk of a term in a row.
type entry struct {
	tag   byte
	total int // records of the term in the whole segment
	head  chunkHead
}

// rowReader reads the entries of a row one after the other. Its data ends with padding.
type rowReader struct {
	data  []byte
	at    int
	term  []byte
	total int
}

// next reads the next entry and passes over its chunk. ok is false at the end of the row.
func (r *rowReader) next() (e entry, ok bool, err error) {
	limit := len(r.data) - padding
	if r.at >= limit {
		return e, false, nil
	}
	number := func() int {
		v, size := binary.Uvarint(r.data[r.at:limit])
		if size <= 0 || v > 1<<40 {
			err = errDamaged
			return 0
		}
		r.at += size
		return int(v)
	}
	tag := number()
	e.tag = byte(tag & 3)
	n := 0
	if e.tag != tagSame {
		shared, length := tag>>2, number()
		if err != nil || shared > len(r.term) || length > limit-r.at {
			return e, false, errDamaged
		}
		r.term = append(r.term[:shared], r.data[r.at:r.at+length]...)
		r.at += length
		r.total = number()
		n = r.total
	}
	if e.tag == tagSame || r.total > chunkDocs {
		n = number() + 1
	}
	if err != nil || len(r.term) == 0 {
		return e, false, errDamaged
	}
	e.total = r.total
	if e.head, err = readHead(r.data, r.at, n, hasPositions(string(r.term))); err != nil {
		return e, false, err
	}
	r.at = e.head.end
	return e, true, nil
}
