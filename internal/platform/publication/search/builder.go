package search

import (
	"math/bits"
	"slices"
	"sync"
	"unicode/utf8"

	"openhall.org/openhall/internal/core/lang"
)

// builder turns records, newest first, into the lists of a segment.
//
// Terms of characters are numbers (see [code]), found by tables of their own; where each stands is noted in the order of the text and
// sorted by term at the end. That is several times faster than a list for each term that grows. The few other terms are texts.
type builder struct {
	table   codeTable
	han     []hanSlot // of the usual characters
	pairs   pairTable // of the usual characters
	waiting []note    // pairs of the record that is being taken in, not numbered yet
	noted   []note
	begins  []int    // of each record in noted
	last    []uint32 // by term: the last record it was noted in, and one more
	others  map[string]*postings
	docs    []columns

	places      []occurrence // room for what is made of it at the end
	order, room []numbered
	terms       []byte
	ends        []int
}

// note says that a term stands at a position of a record.
type note struct{ term, position uint32 }

const usualNotes = 1400 // of a record

func newBuilder(docs int) *builder {
	return &builder{
		table: newCodeTable(docs * 8), pairs: newPairTable(docs * 64), noted: make([]note, 0, docs*usualNotes),
		others: map[string]*postings{}, docs: make([]columns, 0, docs),
	}
}

// Preparer prepares batches one after the other in the same memory: a load needs tens of megabytes again and again. Several batches may be
// prepared at once. The zero value is ready.
type Preparer struct {
	mu   sync.Mutex
	free []*builder
}

// Rest lets the memory go.
func (p *Preparer) Rest() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.free = nil
}

// builder returns a builder for so many records. Whoever is done with it gives it back with leave.
func (p *Preparer) builder(docs int) *builder {
	p.mu.Lock()
	defer p.mu.Unlock()
	last := len(p.free) - 1
	if last < 0 {
		return newBuilder(docs)
	}
	b := p.free[last]
	p.free = p.free[:last]
	b.docs = make([]columns, 0, docs)
	return b
}

// leave takes a builder back.
func (p *Preparer) leave(b *builder) {
	b.empty()
	p.mu.Lock()
	defer p.mu.Unlock()
	p.free = append(p.free, b)
}

// empty makes the builder ready for its next use, and lets go of what it has handed out.
func (b *builder) empty() {
	b.table.empty()
	b.pairs.empty()
	clear(b.han)
	clear(b.others)
	b.noted, b.begins, b.last, b.docs = b.noted[:0], b.begins[:0], b.last[:0], nil
}

// code is a term of one or two characters as a number: the class, the first character, the second or 0. Codes order as their terms do.
type code uint64

func codeOf(class byte, a, b rune) code { return code(class)<<42 | code(a)<<21 | code(b) }

func (c code) term() string { return string(c.appendTerm(make([]byte, 0, 9))) }

func (c code) appendTerm(b []byte) []byte {
	const one = 1<<21 - 1
	b = append(b, byte(c>>42))
	b = utf8.AppendRune(b, rune(c>>21&one))
	if second := rune(c & one); second != 0 {
		b = utf8.AppendRune(b, second)
	}
	return b
}

func (c code) positional() bool { return byte(c>>42) < 'a' }

// The usual characters, of which nearly all texts are made, are numbered from 0: 15 bits each.
const (
	hanFirst = 0x4E00
	hanCount = 0x9FFF - hanFirst + 1
)

func hanOf(r rune) (n uint32, usual bool) {
	n = uint32(r) - hanFirst
	return n, n < hanCount
}

// hanSlot is a usual character: the number of its list, and one more, and the record in which it was noted last, and one more.
type hanSlot struct{ number, last uint32 }

// pairTable numbers pairs of usual characters. It is half as large as a codeTable, and most of what building an index takes is waiting for
// such a table.
type pairTable struct {
	slots []pairSlot
	used  int
	shift uint
}

type pairSlot struct{ pair, number uint32 } // number: and one more; 0: free

func (t *pairTable) empty() {
	clear(t.slots)
	t.used = 0
}

func newPairTable(expected int) pairTable {
	size := uint(max(10, bits.Len(uint(expected))+1))
	return pairTable{slots: make([]pairSlot, 1<<size), shift: 32 - size}
}

func (t *pairTable) slot(pair uint32) uint32 { return pair * 0x9E3779B1 >> t.shift } // Fibonacci hashing

// find returns the slot of a pair, which is free when the pair is new.
func (t *pairTable) find(pair uint32) *pairSlot {
	mask := uint32(len(t.slots) - 1)
	for i := t.slot(pair); ; i = (i + 1) & mask {
		if s := &t.slots[i&mask]; s.number == 0 || s.pair == pair {
			return s
		}
	}
}

// put fills a free slot.
func (t *pairTable) put(s *pairSlot, pair, number uint32) {
	*s = pairSlot{pair, number + 1}
	if t.used++; t.used*4 <= len(t.slots)*3 || t.shift == 1 {
		return
	}
	old := t.slots
	t.slots = make([]pairSlot, 2*len(old))
	t.shift--
	for _, s := range old {
		if s.number != 0 {
			*t.find(s.pair) = s
		}
	}
}

// codeTable numbers codes in the order in which they come.
type codeTable struct {
	slots []codeSlot
	codes []code // also those that other tables number
	used  int
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

func (t *codeTable) empty() {
	clear(t.slots)
	t.codes, t.used = t.codes[:0], 0
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
			if t.used++; t.used*2 > len(t.slots) {
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
	old := t.slots
	t.slots = make([]codeSlot, 2*len(old))
	t.shift--
	mask := uint64(len(t.slots) - 1)
	for _, s := range old {
		if s.number == 0 {
			continue
		}
		i := t.slot(s.code)
		for t.slots[i].number != 0 {
			i = (i + 1) & mask
		}
		t.slots[i] = s
	}
}

// at notes a term at a position of the record that is being taken in.
func (b *builder) at(c code, position int) {
	b.noted = append(b.noted, note{b.number(c), uint32(position)})
}

// pair notes two characters that follow each other, the first at a position.
func (b *builder) pair(first, second rune, position int) {
	x, usual := hanOf(first)
	y, both := hanOf(second)
	if !usual || !both {
		b.at(codeOf(classPair, first, second), position)
		return
	}
	b.waiting = append(b.waiting, note{x<<15 | y, uint32(position)})
}

// settle numbers the pairs of a record: one after the other, so that the processor fetches many places of the table at once.
func (b *builder) settle() {
	for _, w := range b.waiting {
		s := b.pairs.find(w.term)
		n := s.number - 1
		if s.number == 0 {
			n = b.fresh(codeOf(classPair, rune(w.term>>15)+hanFirst, rune(w.term&(1<<15-1))+hanFirst))
			b.pairs.put(s, w.term, n)
		}
		b.noted = append(b.noted, note{n, w.position})
	}
	b.waiting = b.waiting[:0]
}

// char notes that a character stands in the record.
func (b *builder) char(r rune) {
	x, usual := hanOf(r)
	if !usual {
		b.once(codeOf(classChar, r, 0))
		return
	}
	if b.han == nil {
		b.han = make([]hanSlot, hanCount)
	}
	s := &b.han[x]
	if doc := uint32(len(b.begins)); s.last != doc {
		if s.number == 0 {
			s.number = b.fresh(codeOf(classChar, r, 0)) + 1
		}
		s.last = doc
		b.noted = append(b.noted, note{term: s.number - 1})
	}
}

// fresh numbers a code that no table holds.
func (b *builder) fresh(c code) uint32 {
	b.table.codes = append(b.table.codes, c)
	b.last = append(b.last, 0)
	return uint32(len(b.table.codes) - 1)
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
		var last spot
		edged := -1 // position of the last character that was noted as an edge
		s.split(lang.Fold(text), func(u unit) {
			if zone > 0 && u.kind == character && last.kind == character && u.at == last.at+1 { // nearly all of a text
				b.char(u.char)
				b.pair(last.char, u.char, last.at)
			} else {
				b.unit(doc, last, u, zone == 0, &edged)
			}
			last = spot{u.kind, u.char, u.at}
		})
		if zone == 0 {
			title = s.at
		}
		zone++
		s.gap()
	})
	b.settle()
	d.filters(func(term string) { b.other(term).note(doc) })
	if form := numberForm(d.Number); form != "" {
		b.other(string(classNumber) + form).note(doc)
	}
	b.docs = append(b.docs, columnsOf(d, title, s.at))
}

// spot is what is remembered of a unit for the next one.
type spot struct {
	kind kind
	char rune
	at   int
}

// unit takes in a unit that follows another one; a pair is noted at the position of its first character.
func (b *builder) unit(doc uint32, last spot, u unit, title bool, edged *int) {
	touches := last.kind != 0 && u.at == last.at+1
	edge := func(char rune, at int) {
		if *edged != at {
			b.at(codeOf(classEdge, char, 0), at)
			*edged = at
		}
	}
	if u.kind != character {
		b.other(wordTerm(classWord, u.text)).add(doc, u.at)
		if title {
			b.other(wordTerm(classTitle, u.text)).note(doc)
		}
		if touches && last.kind == character {
			edge(last.char, last.at)
		}
		return
	}
	r := u.char
	b.char(r)
	if title {
		b.once(codeOf(classTitle, r, 0))
	}
	if !touches {
		return
	}
	if last.kind != character {
		edge(u.char, u.at)
		return
	}
	before := last.char
	b.pair(before, r, last.at)
	if title {
		b.once(codeOf(classTitle, before, r))
	}
}

// occurrence is where a term stands: a record, and a position in it.
type occurrence struct{ doc, at uint32 }

// sort brings the notes into the order of their codes: first the places of the first code, in the order of the records. Whoever goes through
// the codes reads the places one after the other, and each note is moved once.
func (b *builder) sort(codes []numbered) []occurrence {
	places := sized(b.places, len(b.noted))
	b.places = places
	next, before := b.last[:len(codes)], uint32(0) // last is not needed any more
	for _, c := range codes {
		next[c.n] = before
		before += c.notes
	}
	for doc, begin := range b.begins {
		end := len(b.noted)
		if doc+1 < len(b.begins) {
			end = b.begins[doc+1]
		}
		for _, n := range b.noted[begin:end] {
			places[next[n.term]] = occurrence{uint32(doc), n.position}
			next[n.term]++
		}
	}
	return places
}

// sized returns a list of so many values, in the room of another one if that is large enough. What stands in it is anything.
func sized[T any](room []T, n int) []T {
	if cap(room) >= n {
		return room[:n]
	}
	return make([]T, n, n+n/8)
}

// list brings the places of a term into the form of a list.
func (p *postings) list(places []occurrence, positional bool) {
	p.reset()
	if !positional {
		for _, at := range places {
			p.docs = append(p.docs, at.doc)
		}
		return
	}
	for _, at := range places {
		p.add(at.doc, int(at.at))
	}
}

// numbered is a code, its number, and how often it was noted.
type numbered struct {
	code     code
	n, notes uint32
}

// inOrder sorts the codes, digit by digit from the lowest on: a part of a load has tens of thousands, and comparing them took an eighth of
// the time of building.
func (b *builder) inOrder() []numbered {
	const (
		digit  = 11 // bits
		digits = 5  // of the 50 bits of a code
	)
	list, other := sized(b.order, len(b.table.codes)), sized(b.room, len(b.table.codes))
	b.order, b.room = list, other
	for i, c := range b.table.codes {
		list[i] = numbered{code: c, n: uint32(i)}
	}
	for _, n := range b.noted {
		list[n.term].notes++
	}
	for d := range digits {
		shift := d * digit
		var places [1<<digit + 1]uint32
		for _, c := range list {
			places[c.code>>shift&(1<<digit-1)+1]++
		}
		for i := range places[1:] {
			places[i+1] += places[i]
		}
		for _, c := range list {
			p := &places[c.code>>shift&(1<<digit-1)]
			other[*p] = c
			*p++
		}
		list, other = other, list
	}
	return list
}

// lists hands out every list in the order of its term.
func (b *builder) lists(add func(term string, p postings) error) error {
	codes := b.inOrder()
	places := b.sort(codes)
	others := make([]string, 0, len(b.others))
	for term := range b.others {
		others = append(others, term)
	}
	slices.Sort(others)
	b.terms, b.ends = b.terms[:0], b.ends[:0]
	for _, c := range codes {
		b.terms = c.code.appendTerm(b.terms)
		b.ends = append(b.ends, len(b.terms))
	}
	terms, begin := string(b.terms), 0 // one text that all terms share
	var p postings
	for i, c := range codes {
		term := terms[begin:b.ends[i]]
		begin = b.ends[i]
		for len(others) > 0 && others[0] < term {
			if err := add(others[0], *b.others[others[0]]); err != nil {
				return err
			}
			others = others[1:]
		}
		p.list(places[:c.notes], c.code.positional())
		places = places[c.notes:]
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
