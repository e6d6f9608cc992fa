package search

import (
	"cmp"
	"context"
	"slices"
	"sort"
	"strconv"

	"openhall.org/openhall/internal/core/calendar"
)

// part is a list with positions, and where its term stands in the phrase.
type part struct {
	*list
	at uint32
}

// located is a phrase in a segment.
type located struct {
	parts []part // the rarest first; enough of them that their positions make the phrase
	all   []seeker
	buf   [2][]uint32
}

// locate opens the lists of a phrase. ok is false when one of its terms does not stand in the segment.
func (s *snapshot) locate(ctx context.Context, segment int64, p phrase) (l *located, ok bool, err error) {
	first, spare, positional := p.looked()
	l = &located{}
	open := func(n needed) (total int, err error) {
		list, err := s.openList(ctx, segment, n.term)
		if err != nil || list == nil {
			return 0, err
		}
		if positional {
			l.parts = append(l.parts, part{list, n.at})
		} else {
			l.all = append(l.all, list)
		}
		return list.total, nil
	}
	rarest := int(^uint(0) >> 1)
	for _, n := range first {
		total, err := open(n)
		if err != nil || total == 0 {
			return nil, false, err
		}
		rarest = min(rarest, total)
	}
	if rarest > fewDocs {
		for _, n := range spare {
			if total, err := open(n); err != nil || total == 0 {
				return nil, false, err
			}
		}
	}
	if len(p.units) > 2 {
		l.parts = cover(p, l.parts)
	}
	for _, q := range l.parts {
		l.all = append(l.all, q.list)
	}
	if len(l.parts) == 1 {
		l.parts = nil // one term is the whole phrase: no positions to compare
	}
	return l, true, nil
}

// looked returns what is looked up for a phrase first, and what is spared. A pair between two other pairs says nothing about where the
// phrase stands. It is looked up only when all others stand in more than a few records: it may be rarer, and so the shorter way to the hits.
func (p phrase) looked() (first, spare []needed, positional bool) {
	need, positional := p.terms()
	skipped := -1
	for i, n := range need {
		if i > 0 && i+1 < len(need) && skipped != i-1 && between(need[i-1:i+2]) {
			spare, skipped = append(spare, n), i
			continue
		}
		first = append(first, n)
	}
	return first, spare, positional
}

func termsOf(need []needed) []string {
	out := make([]string, len(need))
	for i, n := range need {
		out[i] = n.term
	}
	return out
}

// fewDocs is how many records of a segment are looked at one by one rather than looking up a further pair, which may leave out most of them.
const fewDocs = 4

// between reports whether three terms are pairs that follow each other.
func between(n []needed) bool {
	return n[0].term[0] == classPair && n[1].term[0] == classPair && n[2].term[0] == classPair && n[0].at+1 == n[1].at && n[1].at+1 == n[2].at
}

// cover chooses the parts that make a phrase: the rarest, and then what the others leave uncovered, the rarest first. Two pairs that
// follow each other stand for three characters, so about half of the pairs are enough.
func cover(p phrase, parts []part) []part {
	slices.SortStableFunc(parts, func(a, b part) int { return cmp.Compare(a.total, b.total) })
	covered := make([]bool, len(p.units))
	chosen := parts[:0]
	for _, q := range parts {
		width := 1
		if q.term[0] == classPair {
			width = 2
		}
		news := false
		for i := range width {
			news = news || !covered[int(q.at)+i]
			covered[int(q.at)+i] = true
		}
		if news {
			chosen = append(chosen, q)
		}
	}
	return chosen
}

// count returns how often the phrase stands in the record on which all of its lists stand, at most limit times, and where first.
func (l *located) count(limit int) (n int, first uint32) {
	if len(l.parts) == 0 {
		if at, ok := l.all[0].(*list); ok && hasPositions(at.term) {
			l.buf[0] = at.positions(l.buf[0])
			if len(l.buf[0]) > 0 {
				first = l.buf[0][0]
			}
			return min(max(len(l.buf[0]), 1), limit), first
		}
		return 1, 0
	}
	starts := l.parts[0].positions(l.buf[0])
	l.buf[0] = starts
	k := 0
	for _, v := range starts {
		if v >= l.parts[0].at {
			starts[k] = v - l.parts[0].at
			k++
		}
	}
	starts = starts[:k]
	for _, p := range l.parts[1:] {
		if len(starts) == 0 {
			return 0, 0
		}
		other := p.positions(l.buf[1])
		l.buf[1] = other
		starts = meet(starts, other, p.at)
	}
	if len(starts) == 0 {
		return 0, 0
	}
	return min(len(starts), limit), starts[0]
}

// meet keeps the starts at which the other positions, taken back by at, also lie.
func meet(starts, other []uint32, at uint32) []uint32 {
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

// matcher walks over the hits of a query in one segment.
type matcher struct {
	s        *snapshot
	segment  segment
	lists    []seeker // all of them must stand on a hit; the shortest first
	phrases  []*located
	excluded []*located
	inForce  calendar.Date
	next     uint32
	end      uint32
	limit    int // of the cost, beyond which it looks no further; 0: none
}

// match opens what a query needs of a segment. It is nil when there can be no hit.
func (s *snapshot) match(ctx context.Context, seg segment, q *plan) (*matcher, error) {
	m := &matcher{s: s, segment: seg, inForce: q.InForce, end: seg.docs}
	var err error
	if m.next, m.end, err = s.between(ctx, seg, q); err != nil || m.next >= m.end {
		return nil, err
	}
	for _, term := range q.filters {
		l, err := s.openList(ctx, seg.id, term)
		if err != nil || l == nil {
			return nil, err
		}
		m.lists = append(m.lists, l)
	}
	if q.number != "" {
		numbers, err := s.begun(ctx, seg.id, q.number)
		if err != nil || numbers == nil {
			return nil, err
		}
		m.lists = append(m.lists, numbers)
	}
	for _, term := range q.titles {
		l, err := s.openList(ctx, seg.id, term)
		if err != nil || l == nil {
			return nil, err
		}
		m.lists = append(m.lists, l)
	}
	for _, p := range q.words.phrases {
		l, ok, err := s.locate(ctx, seg.id, p)
		switch {
		case err != nil:
			return nil, err
		case p.exclude && ok:
			m.excluded = append(m.excluded, l)
		case p.exclude:
		case !ok:
			return nil, nil
		default:
			m.phrases = append(m.phrases, l)
			m.lists = append(m.lists, l.all...)
		}
	}
	if len(m.lists) == 0 {
		m.lists = append(m.lists, every{seg.docs})
	}
	slices.SortStableFunc(m.lists, func(a, b seeker) int { return cmp.Compare(a.size(), b.size()) })
	return m, nil
}

// terms are those whose lists every segment is asked for.
func (p *plan) terms() []string {
	out := slices.Concat(p.filters, p.titles)
	for _, w := range p.words.phrases {
		first, spare, _ := w.looked()
		out = append(append(out, termsOf(first)...), termsOf(spare)...)
	}
	return out
}

// between returns which records of a segment the days of the query and its cursor leave.
func (s *snapshot) between(ctx context.Context, seg segment, q *plan) (from, to uint32, err error) {
	to = seg.docs
	if q.to != nil && !q.to.before(seg.newest) {
		from, err = s.find(ctx, seg, q.to.before)
	}
	if err == nil && q.from != nil && seg.oldest <= q.from.day {
		to, err = s.find(ctx, seg, func(p place) bool { return !p.before(*q.from) })
	}
	return from, to, err
}

// find returns the first record of which is is true; it is true of all that follow.
func (s *snapshot) find(ctx context.Context, seg segment, is func(place) bool) (doc uint32, err error) {
	i := sort.Search(int(seg.docs), func(i int) bool {
		if err != nil {
			return true
		}
		var c *columnRow
		if c, err = s.columns(ctx, seg.id, uint32(i)); err != nil || i%columnDocs >= c.len() {
			return true
		}
		return is(c.place(i % columnDocs))
	})
	return uint32(i), err
}

// advance returns the next hit. There may be further ones when the limit was reached.
func (m *matcher) advance(ctx context.Context) (doc uint32, ok bool, err error) {
	target := m.next
search:
	for {
		var err error
		if m.limit > 0 && m.s.cost() > m.limit {
			return 0, false, nil
		}
		if target, err = m.force(ctx, target); err != nil || target >= m.end {
			m.next = m.end
			return 0, false, err
		}
		for i := 0; i < len(m.lists); {
			doc, ok, err := m.lists[i].seek(ctx, target)
			if err != nil || !ok || doc >= m.end {
				m.next = m.end
				return 0, false, err
			}
			if doc > target && i > 0 {
				target = doc
				continue search
			}
			target = doc
			i++
		}
		fits, err := m.fits(ctx, target)
		if err != nil {
			return 0, false, err
		}
		if !fits {
			target++
			continue search
		}
		m.next = target + 1
		return target, true, nil
	}
}

// force passes over records that are together, none of which is in force on the day.
func (m *matcher) force(ctx context.Context, target uint32) (uint32, error) {
	for m.inForce != 0 && target < m.end {
		c, err := m.s.columns(ctx, m.segment.id, target)
		if err != nil {
			return target, err
		}
		if c.someInForce(m.inForce) {
			break
		}
		target = (target/columnDocs + 1) * columnDocs
	}
	return target, nil
}

// fits looks at what the lists alone do not say.
func (m *matcher) fits(ctx context.Context, doc uint32) (bool, error) {
	for _, p := range m.phrases {
		if len(p.parts) > 0 {
			if n, _ := p.count(1); n == 0 {
				return false, nil
			}
		}
	}
	if m.inForce != 0 || m.s.change != 0 {
		c, err := m.s.columns(ctx, m.segment.id, doc)
		if err != nil {
			return false, err
		}
		i := int(doc % columnDocs)
		if i >= c.len() {
			return false, errDamaged
		}
		if m.inForce != 0 && !c.inForce(i, m.inForce) {
			return false, nil
		}
		if m.s.change != 0 && !m.s.current(c.place(i).id, c.version(i)) {
			return false, nil
		}
	}
	for _, p := range m.excluded {
		there, err := p.stands(ctx, doc)
		if err != nil || there {
			return false, err
		}
	}
	return true, nil
}

// stands reports whether the phrase stands in a record, wherever its lists are.
func (l *located) stands(ctx context.Context, doc uint32) (bool, error) {
	for _, s := range l.all {
		at, ok, err := s.seek(ctx, doc)
		if err != nil || !ok || at != doc {
			return false, err
		}
	}
	n, _ := l.count(1)
	return n > 0, nil
}

// plan is a query, ready to be looked up.
type plan struct {
	Query
	words   Words
	filters []string
	number  string
	titles  []string // lists of titles on which a hit must stand
	to      *place   // hits stand behind it
	from    *place   // hits stand before it
	// patience is what counting on behind the page may cost.
	patience int
}

func (q Query) plan() plan {
	p := plan{Query: q, words: Parse(q.Words), patience: countCost}
	add := func(letter byte, value string) {
		if value != "" {
			p.filters = append(p.filters, filterTerm(letter, value))
		}
	}
	if q.Division != "" {
		if q.Exactly || !isDivision(q.Division) {
			add(filterExactly, q.Division)
		} else {
			add(filterDivision, stem(q.Division))
		}
	}
	add(filterBody, q.Body)
	add(filterCategory, q.Category)
	add(filterLanguage, q.Language)
	if q.Level != 0 {
		add(filterLevel, strconv.Itoa(q.Level))
	}
	if q.Year != 0 {
		add(filterYear, strconv.Itoa(q.Year))
	}
	if form := numberForm(q.Number); form != "" {
		p.number = string(classNumber) + form
	}
	if q.From != 0 { // before the place that no record of the day reaches
		p.from = &place{q.From - 1, 1<<63 - 1}
	}
	if q.To != 0 {
		p.to = &place{q.To + 1, 0}
	}
	return p
}
