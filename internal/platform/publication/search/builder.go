package search

import (
	"cmp"
	"math/bits"
	"slices"
	"unicode/utf8"

	"openhall.org/openhall/internal/core/lang"
)

// builder turns records, newest first, into the lists of a segment.
//
// Terms of characters are numbers (see [code]), found by a table of their own; where each stands is noted in the order of the text and
// sorted by term at the end. That is several times faster than a list for each term that grows. The few other terms are texts.
type builder struct {
	table  codeTable
	noted  []note
	begins []int    // of each record in noted
	last   []uint32 // by term: the last record it was noted in, and one more
	others map[string]*postings
	docs   []columns
}

// note says that a term stands at a position of a record.
type note struct{ term, position uint32 }

func newBuilder(docs int) *builder {
	const usual = 1400 // notes of a record
	return &builder{table: newCodeTable(docs * 64), noted: make([]note, 0, docs*usual), others: map[string]*postings{}, docs: make([]columns, 0, docs)}
}

// code is a term of one or two characters as a number: the class, the first character, the second or 0. Codes order as their terms do.
type code uint64

func codeOf(class byte, a, b rune) code { return code(class)<<42 | code(a)<<21 | code(b) }

func (c code) term() string {
	const one = 1<<21 - 1
	b := make([]byte, 1, 9)
	b[0] = byte(c >> 42)
	b = utf8.AppendRune(b, rune(c>>21&one))
	if second := rune(c & one); second != 0 {
		b = utf8.AppendRune(b, second)
	}
	return string(b)
}

func (c code) positional() bool { return byte(c>>42) < 'a' }

// codeTable numbers codes in the order in which they come.
type codeTable struct {
	slots []codeSlot
	codes []code
	shift uint
}

type codeSlot struct {
	code   code
	number uint32 // and one more; 0: free
}

func newCodeTable(expected int) codeTable {
	size := uint(max(10, bits.Len(uint(expected))+1))
	return codeTable{slots: make([]codeSlot, 1<<size), shift: 64 - size}
}

func (t *codeTable) slot(c code) uint64 { return uint64(c) * 0x9E3779B97F4A7C15 >> t.shift } // Fibonacci hashing

func (t *codeTable) number(c code) uint32 {
	mask := uint64(len(t.slots) - 1)
	for i := t.slot(c); ; i = (i + 1) & mask {
		s := &t.slots[i]
		if s.number == 0 {
			n := uint32(len(t.codes))
			t.codes = append(t.codes, c)
			*s = codeSlot{c, n + 1}
			if len(t.codes)*2 > len(t.slots) {
				t.grow()
			}
			return n
		}
		if s.code == c {
			return s.number - 1
		}
	}
}

func (t *codeTable) grow() {
	t.slots = make([]codeSlot, 2*len(t.slots))
	t.shift--
	mask := uint64(len(t.slots) - 1)
	for n, c := range t.codes {
		i := t.slot(c)
		for t.slots[i].number != 0 {
			i = (i + 1) & mask
		}
		t.slots[i] = codeSlot{c, uint32(n + 1)}
	}
}

// at notes a term at a position of the record that is being taken in.
func (b *builder) at(c code, position int) {
	b.noted = append(b.noted, note{b.number(c), uint32(position)})
}

// once notes that a term stands in the record, once.
func (b *builder) once(c code) {
	n := b.number(c)
	if doc := uint32(len(b.begins)); b.last[n] != doc {
		b.last[n] = doc
		b.noted = append(b.noted, note{term: n})
	}
}

func (b *builder) number(c code) uint32 {
	n := b.table.number(c)
	if int(n) == len(b.last) {
		b.last = append(b.last, 0)
	}
	return n
}

func (b *builder) other(term string) *postings {
	p := b.others[term]
	if p == nil {
		p = &postings{}
		b.others[term] = p
	}
	return p
}

func (p *postings) note(doc uint32) {
	if n := len(p.docs); n == 0 || p.docs[n-1] != doc {
		p.docs = append(p.docs, doc)
	}
}

func (p *postings) add(doc uint32, position int) {
	if n := len(p.docs); n == 0 || p.docs[n-1] != doc {
		p.docs = append(p.docs, doc)
		p.freqs = append(p.freqs, 0)
	}
	p.freqs[len(p.freqs)-1]++
	p.positions = append(p.positions, uint32(position))
}

// add takes in the next record.
func (b *builder) add(d *Doc) {
	doc := uint32(len(b.docs))
	b.begins = append(b.begins, len(b.noted))
	var s splitter
	title, zone := 0, 0
	d.zones(func(text string) {
		var last unit
		edged := -1 // position of the last character that was noted as an edge
		s.split(lang.Fold(text), func(u unit) {
			b.unit(doc, last, u, zone == 0, &edged)
			last = u
		})
		if zone == 0 {
			title = s.at
		}
		zone++
		s.gap()
	})
	d.filters(func(term string) { b.other(term).note(doc) })
	if form := numberForm(d.Number); form != "" {
		b.other(string(classNumber) + form).note(doc)
	}
	b.docs = append(b.docs, columnsOf(d, title, s.at))
}

// unit takes in a unit that follows another one; a pair is noted at the position of its first character.
func (b *builder) unit(doc uint32, last, u unit, title bool, edged *int) {
	touches := last.kind != 0 && last.next(u)
	edge := func(u unit) {
		if *edged != u.at {
			b.at(codeOf(classEdge, runeOf(u), 0), u.at)
			*edged = u.at
		}
	}
	if u.kind != character {
		b.other(wordTerm(classWord, u.text)).add(doc, u.at)
		if title {
			b.other(wordTerm(classTitle, u.text)).note(doc)
		}
		if touches && last.kind == character {
			edge(last)
		}
		return
	}
	r := runeOf(u)
	b.once(codeOf(classChar, r, 0))
	if title {
		b.once(codeOf(classTitle, r, 0))
	}
	if !touches {
		return
	}
	if last.kind != character {
		edge(u)
		return
	}
	before := runeOf(last)
	b.at(codeOf(classPair, before, r), last.at)
	if title {
		b.once(codeOf(classTitle, before, r))
	}
}

// sorted are the notes of all records by term.
type sorted struct {
	places []uint32 // of each term in docs, and the end
	docs   []uint32
	at     []uint32
}

func (b *builder) sort() sorted {
	s := sorted{places: make([]uint32, len(b.table.codes)+1), docs: make([]uint32, len(b.noted)), at: make([]uint32, len(b.noted))}
	for _, n := range b.noted {
		s.places[n.term+1]++
	}
	for i := range b.table.codes {
		s.places[i+1] += s.places[i]
	}
	next := slices.Clone(s.places[:len(b.table.codes)])
	for doc, begin := range b.begins {
		end := len(b.noted)
		if doc+1 < len(b.begins) {
			end = b.begins[doc+1]
		}
		for _, n := range b.noted[begin:end] {
			i := next[n.term]
			s.docs[i], s.at[i] = uint32(doc), n.position
			next[n.term]++
		}
	}
	return s
}

// list brings what was noted of a term into the form of a list.
func (s *sorted) list(out *postings, n uint32, positional bool) {
	out.reset()
	docs := s.docs[s.places[n]:s.places[n+1]]
	if !positional {
		out.docs = append(out.docs, docs...)
		return
	}
	for i, doc := range docs {
		if i == 0 || docs[i-1] != doc {
			out.docs = append(out.docs, doc)
			out.freqs = append(out.freqs, 0)
		}
		out.freqs[len(out.freqs)-1]++
	}
	out.positions = append(out.positions, s.at[s.places[n]:s.places[n+1]]...)
}

// lists hands out every list in the order of its term.
func (b *builder) lists(add func(term string, p postings) error) error {
	s := b.sort()
	type numbered struct {
		code code
		n    uint32
	}
	codes := make([]numbered, len(b.table.codes))
	for i, c := range b.table.codes {
		codes[i] = numbered{c, uint32(i)}
	}
	slices.SortFunc(codes, func(a, b numbered) int { return cmp.Compare(a.code, b.code) })
	others := make([]string, 0, len(b.others))
	for term := range b.others {
		others = append(others, term)
	}
	slices.Sort(others)
	var p postings
	for _, c := range codes {
		term := c.code.term()
		for len(others) > 0 && others[0] < term {
			if err := add(others[0], *b.others[others[0]]); err != nil {
				return err
			}
			others = others[1:]
		}
		s.list(&p, c.n, c.code.positional())
		if err := add(term, p); err != nil {
			return err
		}
	}
	for _, term := range others {
		if err := add(term, *b.others[term]); err != nil {
			return err
		}
	}
	return nil
}
