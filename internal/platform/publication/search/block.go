package search

import (
	"context"
)

// member is a set on which all hits stand. The list of a part of a phrase also says where the phrase can begin.
type member struct {
	seeker
	list   *list  // nil: what stands where is not asked for
	phrase int    // of which it is a part
	at     uint32 // where its term stands in the phrase
	skips  bool   // its records may lie together, so that it is worth looking where it goes on
}

// block is records that may be hits, in their order, and where each phrase can begin in them, by the parts that were looked at so far. What
// can be no hit is left out, list by list, so that of the longest lists only those rows are read in which something can still lie.
type block struct {
	docs   []uint32
	begins []begins
	places []uint32
	buffer []uint32
}

// begins are where a phrase can begin in the records of a block.
type begins struct {
	asked bool     // one of its parts was looked at
	of    []extent // of each record
}

// extent is a part of the places of a block.
type extent struct{ from, to uint32 }

// reset empties a block for so many phrases.
func (b *block) reset(phrases int) {
	b.docs, b.places = b.docs[:0], b.places[:0]
	if b.begins == nil {
		b.begins = make([]begins, phrases)
	}
	for i := range b.begins {
		b.begins[i].asked, b.begins[i].of = false, b.begins[i].of[:0]
	}
}

// take fills an empty block with up to n records of a set from one on, and returns how many it looked at and the last of them.
func (b *block) take(ctx context.Context, m member, from, end uint32, n int) (taken int, last uint32, err error) {
	last = from
	taken, err = m.each(ctx, from, n, func(doc uint32) {
		if last = doc; doc >= end {
			return
		}
		b.docs = append(b.docs, doc)
		if m.list != nil {
			b.begins[m.phrase].of = append(b.begins[m.phrase].of, extent{})
			if !b.begin(m, len(b.docs)-1) {
				b.cut(len(b.docs) - 1)
			}
		}
	})
	if m.list != nil {
		b.begins[m.phrase].asked = true
	}
	return taken, last, err
}

// begin notes where a phrase begins in the i-th record by the positions of one of its parts, which stands on it, and reports whether it can
// begin anywhere.
func (b *block) begin(m member, i int) bool {
	b.buffer = m.list.positions(b.buffer)
	p := &b.begins[m.phrase]
	if p.asked {
		e := &p.of[i]
		e.to = e.from + uint32(len(intersectPositions(b.places[e.from:e.to], b.buffer, m.at)))
		return e.from < e.to
	}
	from := len(b.places)
	for _, v := range b.buffer {
		if v >= m.at {
			b.places = append(b.places, v-m.at)
		}
	}
	p.of[i] = extent{uint32(from), uint32(len(b.places))}
	return from < len(b.places)
}

// cut lets go of all but the first n records.
func (b *block) cut(n int) {
	b.docs = b.docs[:n]
	for i := range b.begins {
		if p := &b.begins[i]; len(p.of) > n {
			p.of = p.of[:n]
		}
	}
}

// move puts the i-th record in place of the k-th.
func (b *block) move(i, k int) {
	if i == k {
		return
	}
	b.docs[k] = b.docs[i]
	for j := range b.begins {
		if p := &b.begins[j]; len(p.of) > i {
			p.of[k] = p.of[i]
		}
	}
}

// intersect leaves the records on which a set stands, too, and where its phrase can still begin. It stops when enough is true; what is left then is
// no answer.
func (b *block) intersect(ctx context.Context, m member, enough func() bool) error {
	if m.list != nil {
		if p := &b.begins[m.phrase]; !p.asked {
			p.of = append(p.of, make([]extent, len(b.docs))...)
		}
	}
	kept := 0
	for from := 0; from < len(b.docs) && !enough(); {
		n, err := m.ready(ctx, b.docs[from:])
		if err != nil {
			return err
		}
		for i := from; i < from+n; i++ {
			ok, err := m.stands(b.docs[i])
			if err != nil {
				return err
			}
			if !ok || m.list != nil && !b.begin(m, i) {
				continue
			}
			b.move(i, kept)
			kept++
		}
		from += n
	}
	b.cut(kept)
	if m.list != nil {
		b.begins[m.phrase].asked = true
	}
	return nil
}

// only leaves the records that fit.
func (b *block) only(fit func(doc uint32) (bool, error)) error {
	kept := 0
	for i, doc := range b.docs {
		ok, err := fit(doc)
		if err != nil {
			return err
		}
		if ok {
			b.move(i, kept)
			kept++
		}
	}
	b.cut(kept)
	return nil
}

// without leaves out the records on which all of some sets stand, as one phrase.
func (b *block) without(ctx context.Context, members []member, enough func() bool) error {
	other := &block{docs: append([]uint32{}, b.docs...), begins: make([]begins, 1)}
	for _, m := range members {
		if err := other.intersect(ctx, m, enough); err != nil {
			return err
		}
	}
	i := 0
	return b.only(func(doc uint32) (bool, error) {
		for i < len(other.docs) && other.docs[i] < doc {
			i++
		}
		return i == len(other.docs) || other.docs[i] != doc, nil
	})
}

// intersectPositions keeps the starts at which the other positions, taken back by at, also lie.
func intersectPositions(starts, other []uint32, at uint32) []uint32 {
	k, j := 0, 0
	for _, v := range starts {
		for j < len(other) && other[j] < v+at {
			j++
		}
		if j == len(other) {
			break
		}
		if other[j] == v+at {
			starts[k] = v
			k++
		}
	}
	return starts[:k]
}
