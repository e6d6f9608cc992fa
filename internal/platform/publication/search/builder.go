package search

import (
	"cmp"
	"slices"

	"openhall.org/openhall/internal/core/lang"
)

// builder turns records, newest first, into the lists of a segment.
type builder struct {
	pairs  map[uint64]*postings
	chars  map[rune]*postings
	others map[string]*postings
	docs   []columns
	spare  []postings
}

func newBuilder(docs int) *builder {
	return &builder{pairs: make(map[uint64]*postings, 4096), chars: make(map[rune]*postings, 2048), others: map[string]*postings{}, docs: make([]columns, 0, docs)}
}

// list makes an empty list; many are needed, so they are made by the hundred.
func (b *builder) list() *postings {
	if len(b.spare) == 0 {
		b.spare = make([]postings, 512)
	}
	p := &b.spare[0]
	b.spare = b.spare[1:]
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

func (b *builder) pair(code uint64) *postings {
	p := b.pairs[code]
	if p == nil {
		p = b.list()
		b.pairs[code] = p
	}
	return p
}

func (b *builder) char(r rune) *postings {
	p := b.chars[r]
	if p == nil {
		p = b.list()
		b.chars[r] = p
	}
	return p
}

func (b *builder) other(term string) *postings {
	p := b.others[term]
	if p == nil {
		p = b.list()
		b.others[term] = p
	}
	return p
}

// add takes in the next record.
func (b *builder) add(d *Doc, version uint32) {
	doc := uint32(len(b.docs))
	var s splitter
	title, zone := 0, 0
	d.zones(func(text string) {
		var last unit
		s.split(lang.Fold(text), func(u unit) {
			b.unit(doc, last, u, zone == 0)
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
	b.docs = append(b.docs, columnsOf(d, version, title, s.at))
}

// unit takes in a unit that follows another one; a pair is indexed at the position of its first character.
func (b *builder) unit(doc uint32, last, u unit, title bool) {
	touches := last.kind != 0 && last.next(u)
	if u.kind != character {
		b.other(wordTerm(classWord, u.text)).add(doc, u.at)
		if title {
			b.other(wordTerm(classTitle, u.text)).note(doc)
		}
		if touches && last.kind == character {
			b.edge(doc, last)
		}
		return
	}
	r := runeOf(u)
	b.char(r).note(doc)
	if title {
		b.other(string(classTitle) + u.text).note(doc)
	}
	if !touches {
		return
	}
	if last.kind != character {
		b.edge(doc, u)
		return
	}
	code := pairCode(runeOf(last), r)
	b.pair(code).add(doc, last.at)
	if title {
		b.other(pairTerm(classTitle, code)).note(doc)
	}
}

// edge notes a character beside a word or a number, once.
func (b *builder) edge(doc uint32, u unit) {
	p := b.other(string(classEdge) + u.text)
	if n := len(p.docs); n > 0 && p.docs[n-1] == doc && p.positions[len(p.positions)-1] == uint32(u.at) {
		return
	}
	p.add(doc, u.at)
}

// lists hands out every list in the order of its term.
func (b *builder) lists(add func(term string, p postings) error) error {
	type list struct {
		term string
		p    *postings
	}
	all := make([]list, 0, len(b.pairs)+len(b.chars)+len(b.others))
	for code, p := range b.pairs {
		all = append(all, list{pairTerm(classPair, code), p})
	}
	for r, p := range b.chars {
		all = append(all, list{string(classChar) + string(r), p})
	}
	for term, p := range b.others {
		all = append(all, list{term, p})
	}
	slices.SortFunc(all, func(a, b list) int { return cmp.Compare(a.term, b.term) })
	for _, l := range all {
		if err := add(l.term, *l.p); err != nil {
			return err
		}
	}
	return nil
}
