package search

import (
	"cmp"
	"context"
	"slices"
	"sort"
	"strconv"

	"openhall.org/openhall/internal/core/calendar"
)

// locate opens the lists of a phrase, in a search for so many: enough of them that their positions make the phrase. ok is false when one of its
// terms does not stand in the segment. Positions are asked for when several parts must meet, or always.
func (s *snapshot) locate(ctx context.Context, segment int64, p phrase, index int, always bool) (parts []member, ok bool, err error) {
	first, spare, positional := p.looked()
	open := func(n needed) (total int, err error) {
		l, err := s.openList(ctx, segment, n.term)
		if err != nil || l == nil {
			return 0, err
		}
		parts = append(parts, member{seeker: l, list: l, phrase: index, at: n.at})
		return l.size(), nil
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
		parts = cover(p, parts)
	}
	if !positional || len(parts) == 1 && !always { // one term is the whole phrase: there are no positions to compare
		for i := range parts {
			parts[i].list = nil
		}
	}
	return parts, true, nil
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
func cover(p phrase, parts []member) []member {
	slices.SortStableFunc(parts, shorter)
	covered := make([]bool, len(p.units))
	chosen := parts[:0]
	for _, q := range parts {
		width := 1
		if q.list.term[0] == classPair {
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

func shorter(a, b member) int { return cmp.Compare(a.size(), b.size()) }

// matcher walks over the hits of a query in one segment, block by block.
type matcher struct {
	s        *snapshot
	segment  segment
	members  []member // all of them must stand on a hit; the shortest first
	placed   []bool   // of each phrase: positions say where it begins
	excluded [][]member
	inForce  calendar.Date
	next     uint32 // the first record that was not looked at
	end      uint32
	limit    int // of the cost, beyond which it looks no further; 0: none

	block block
	i     int // the hit in the block
	size  int // how many records of the shortest set the next block takes
	// What it has done: records of the shortest set that were looked at, and hits among them. And how many hits are asked for in all.
	looked, found, want int
}

// How many records of the shortest set are looked at together: few at first, because a page may be full soon; and at most.
const (
	firstBlock = 32
	mostBlock  = 8192
	blockCost  = 4000 // beyond which blocks become smaller, in about microseconds
)

// match opens what a query needs of a segment. It is nil when there can be no hit.
func (s *snapshot) match(ctx context.Context, seg segment, q *plan) (*matcher, error) {
	m := &matcher{s: s, segment: seg, inForce: q.InForce, end: seg.docs, limit: q.limit, size: firstBlock, want: q.want}
	var err error
	if m.next, m.end, err = s.between(ctx, seg, q); err != nil || m.next >= m.end {
		return nil, err
	}
	for _, term := range q.filters {
		l, err := s.openList(ctx, seg.id, term)
		if err != nil || l == nil {
			return nil, err
		}
		m.members = append(m.members, member{seeker: l, skips: true})
	}
	if q.number != "" {
		numbers, err := s.begun(ctx, seg.id, q.number)
		if err != nil || numbers == nil {
			return nil, err
		}
		m.members = append(m.members, member{seeker: numbers})
	}
	for _, term := range q.titles {
		l, err := s.openList(ctx, seg.id, term)
		if err != nil || l == nil {
			return nil, err
		}
		m.members = append(m.members, member{seeker: l})
	}
	for _, p := range q.words.phrases {
		if p.exclude {
			parts, ok, err := s.locate(ctx, seg.id, p, 0, false)
			if err != nil {
				return nil, err
			}
			if ok {
				m.excluded = append(m.excluded, parts)
			}
			continue
		}
		parts, ok, err := s.locate(ctx, seg.id, p, len(m.placed), q.scored)
		if err != nil || !ok {
			return nil, err
		}
		m.placed = append(m.placed, parts[0].list != nil)
		m.members = append(m.members, parts...)
	}
	if len(m.members) == 0 {
		m.members = append(m.members, member{seeker: every{seg.docs}})
	}
	slices.SortStableFunc(m.members, shorter)
	if s.ix.sql.manyKeys == "" { // each list is asked for itself
		return m, nil
	}
	for _, all := range append(m.excluded, m.members) {
		for _, one := range all {
			if l, ok := one.seeker.(*list); ok {
				s.waiting = append(s.waiting, l)
			}
		}
	}
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
	for m.i++; m.i >= len(m.block.docs); m.i = 0 {
		if m.next >= m.end || m.enough() {
			return 0, false, nil
		}
		if err := m.fill(ctx); err != nil {
			return 0, false, err
		}
	}
	return m.block.docs[m.i], true, nil
}

func (m *matcher) enough() bool { return m.limit > 0 && m.s.cost() > m.limit }

// fill looks at the next block.
func (m *matcher) fill(ctx context.Context) (err error) {
	began := m.s.cost()
	m.block.reset(len(m.placed))
	if err := m.skip(ctx); err != nil || m.next >= m.end {
		return err
	}
	taken, last, err := m.block.take(ctx, m.members[0], m.next, m.end, m.size)
	if err != nil {
		return err
	}
	if m.next = last + 1; taken < m.size {
		m.next = m.end
	}
	if m.inForce != 0 {
		err = m.block.only(m.columns(ctx, func(c *columnRow, i int) bool { return c.inForce(i, m.inForce) }))
	}
	for _, other := range m.members[1:] {
		if err == nil {
			err = m.block.intersect(ctx, other, m.enough)
		}
	}
	if err == nil && m.s.change != 0 {
		err = m.block.only(m.columns(ctx, func(c *columnRow, i int) bool { return m.s.current(c.place(i).id, c.version(i)) }))
	}
	for _, parts := range m.excluded {
		if err == nil {
			err = m.block.without(ctx, parts, m.enough)
		}
	}
	if err != nil {
		return err
	}
	if m.enough() { // not all was looked at
		m.block.cut(0)
		m.next = m.end
		return nil
	}
	m.looked += taken
	m.found += len(m.block.docs)
	m.resize(m.s.cost() - began)
	return m.s.columnsAhead(ctx, m.segment.id, m.block.docs)
}

// resize says how large the next block is: as large as the hits that are still asked for take, by those that were found.
func (m *matcher) resize(cost int) {
	switch {
	case cost > blockCost:
		m.size /= 2
	case m.found == 0:
		m.size *= 8
	default:
		needed := (m.want - m.found) * m.looked / m.found
		m.size = min(8*m.size, needed+needed/4)
	}
	if left := m.limit - m.s.cost(); m.limit > 0 && cost > left { // what is not finished is for nothing
		m.size = min(m.size, m.size*max(left, 0)/cost)
	}
	m.size = min(max(m.size, firstBlock), mostBlock)
}

// skip passes over records on which a filter does not stand: those of a year lie together.
func (m *matcher) skip(ctx context.Context) (err error) {
	for i := range m.members {
		if m.members[i].skips && m.next < m.end {
			first := m.end
			if _, err := m.members[i].each(ctx, m.next, 1, func(doc uint32) { first = doc }); err != nil {
				return err
			}
			m.next = max(m.next, first)
		}
	}
	m.next, err = m.force(ctx, m.next)
	return err
}

// columns asks what is known of a record besides its terms.
func (m *matcher) columns(ctx context.Context, is func(c *columnRow, i int) bool) func(doc uint32) (bool, error) {
	var c *columnRow
	at := ^uint32(0)
	return func(doc uint32) (bool, error) {
		if doc/columnDocs != at {
			var err error
			if c, err = m.s.columns(ctx, m.segment.id, doc); err != nil {
				return false, err
			}
			at = doc / columnDocs
		}
		i := int(doc % columnDocs)
		if i >= c.len() {
			return false, errDamaged
		}
		return is(c, i), nil
	}
}

// begin returns how often a phrase stands in the hit, and where first.
func (m *matcher) begin(phrase int) (n int, first uint32) {
	e := m.block.begins[phrase].of[m.i]
	return int(e.to - e.from), m.block.places[e.from]
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

// plan is a query, ready to be looked up.
type plan struct {
	Query
	words    Words
	filters  []string
	number   string
	titles   []string // lists of titles on which a hit must stand
	to       *place   // hits stand behind it
	from     *place   // hits stand before it
	patience int      // what counting on behind the page may cost
	limit    int      // of the cost, beyond which no hits are looked for; 0: none
	want     int      // how many hits are asked for
	scored   bool     // where the words stand is asked for
}

func (q Query) plan() plan {
	p := plan{Query: q, words: Parse(q.Words), patience: countCost, want: q.Size + 1}
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
