package search

import (
	"encoding/binary"
	"errors"
	"math/bits"
)

// chunkDocs is how many records one chunk of a list holds at most: what is decoded together.
const chunkDocs = 128

// postings are records of a segment in which a term stands, by their place in the segment, with its positions in each.
type postings struct {
	docs      []uint32
	freqs     []uint32 // how many positions each record has; empty for lists without positions
	positions []uint32
}

func (p *postings) reset() {
	p.docs, p.freqs, p.positions = p.docs[:0], p.freqs[:0], p.positions[:0]
}

// chunkWriter writes chunks. It keeps the room for their bits.
type chunkWriter struct{ bits []byte }

// append writes up to chunkDocs records: the first, how far the last lies, the gaps between them (Rice coded), how often the term
// stands in each (in ones), and the positions, each in as many bits as the largest needs. The length of the bits stands before them, so
// that a chunk can be passed over.
func (c *chunkWriter) append(out []byte, p postings, positional bool) []byte {
	n := len(p.docs)
	first, last := p.docs[0], p.docs[n-1]
	out = binary.AppendUvarint(out, uint64(first))
	if positional && len(p.positions) == 1 {
		return appendOnce(out, p.positions[0])
	}
	var k, width uint
	if n > 1 {
		out = binary.AppendUvarint(out, uint64(last-first))
		k = riceWidth(uint64(last-first)-uint64(n-1), n-1)
		out = append(out, byte(k))
	}
	if positional {
		largest := uint32(0)
		for _, v := range p.positions {
			largest = max(largest, v)
		}
		width = uint(bits.Len32(largest))
		out = append(out, byte(width))
	}
	w := bitWriter{out: c.bits[:0]}
	for i := 1; i < n; i++ {
		w.rice(p.docs[i]-p.docs[i-1]-1, k)
	}
	if positional {
		for _, f := range p.freqs {
			w.rice(f-1, 0)
		}
		for _, v := range p.positions {
			w.put(v, width)
		}
	}
	body := w.end()
	c.bits = body
	out = binary.AppendUvarint(out, uint64(len(body)))
	return append(out, body...)
}

// appendOnce writes the rest of the chunk of a term that stands once in one record, as most terms of a segment do: what append would write.
func appendOnce(out []byte, position uint32) []byte {
	width := bits.Len32(position)
	size := (1 + width + 7) / 8 // in bytes: the zero of how often, and the position
	out = append(out, byte(width), byte(size))
	for rest := uint64(position) << 1; size > 0; size-- {
		out = append(out, byte(rest))
		rest >>= 8
	}
	return out
}

var errDamaged = errors.New("search: a row of the index is damaged; build the index anew")

// chunkHead is what is known of a chunk without decoding it.
type chunkHead struct {
	n           int
	first, last uint32
	k, width    uint
	body        int // where the bits begin in the row
	end         int
}

// readHead reads the head of a chunk of n records at an offset of a row.
func readHead(data []byte, at, n int, positional bool) (h chunkHead, err error) {
	limit := len(data) - padding
	number := func() uint64 {
		if at >= limit {
			err = errDamaged
			return 0
		}
		v, size := binary.Uvarint(data[at:limit])
		if size <= 0 {
			err = errDamaged
			return 0
		}
		at += size
		return v
	}
	octet := func() uint {
		if at >= limit || data[at] > 32 {
			err = errDamaged
			return 0
		}
		at++
		return uint(data[at-1])
	}
	h.n = n
	h.first = uint32(number())
	h.last = h.first
	if n > 1 {
		h.last += uint32(number())
		h.k = octet()
	}
	if positional {
		h.width = octet()
	}
	size := number()
	if err != nil || n < 1 || n > chunkDocs || size > uint64(limit-at) {
		return h, errDamaged
	}
	h.body, h.end = at, at+int(size)
	return h, nil
}

// chunk is a decoded chunk.
type chunk struct {
	docs    [chunkDocs]uint32
	n       int
	starts  [chunkDocs + 1]uint32 // of each record's positions
	counted bool
	rest    bitReader // stands after the gaps, and after the frequencies once they are counted
	width   uint
}

func (c *chunk) decode(data []byte, h chunkHead) {
	r := bitReader{data: data, pos: uint(h.body) * 8}
	c.n, c.width, c.counted = h.n, h.width, false
	c.docs[0] = h.first
	r.sums(c.docs[:h.n], h.k)
	c.rest = r
}

// all appends the records of the chunk to a list, as remap places them: with their positions, in one pass. It must not have been asked for
// positions before.
func (c *chunk) all(out *postings, remap []uint32, positional bool) bool {
	kept := 0
	for _, doc := range c.docs[:c.n] {
		if int(doc) >= len(remap) {
			return false
		}
		if remap[doc] != leftOut {
			out.docs = append(out.docs, remap[doc])
			kept++
		}
	}
	if !positional {
		return true
	}
	r := c.rest
	var freqs [chunkDocs]uint32
	sum := 0
	for i := range c.n {
		freqs[i] = r.rice(0) + 1
		sum += int(freqs[i])
	}
	if sum > len(r.data)*8 {
		return false
	}
	if kept == c.n {
		out.freqs = append(out.freqs, freqs[:c.n]...)
		out.positions = r.appendAll(out.positions, sum, c.width)
		return true
	}
	for i, doc := range c.docs[:c.n] {
		if remap[doc] == leftOut {
			r.pos += uint(freqs[i]) * c.width
			continue
		}
		out.freqs = append(out.freqs, freqs[i])
		out.positions = r.appendAll(out.positions, int(freqs[i]), c.width)
	}
	return true
}

// at returns the positions in the i-th record.
func (c *chunk) at(i int, buffer []uint32) []uint32 {
	if !c.counted {
		c.rest.ends(c.starts[1 : c.n+1])
		c.counted = true
	}
	r := bitReader{data: c.rest.data, pos: c.rest.pos + uint(c.starts[i])*c.width}
	buffer = buffer[:0]
	if int(c.starts[i+1]-c.starts[i]) > len(c.rest.data)*8 {
		return buffer // damaged
	}
	for range c.starts[i+1] - c.starts[i] {
		buffer = append(buffer, r.get(c.width))
	}
	return buffer
}
