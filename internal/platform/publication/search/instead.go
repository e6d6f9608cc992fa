package search

import (
	"context"
	"slices"

	"openhall.org/openhall/internal/platform/store"
)

// Instead is a query that finds something where another one found nothing.
type Instead struct {
	Query   Query
	Count   int
	More    bool
	Dropped []string // what of the query was left out: names of the fields of [Query], in small letters, or the word itself
	Meant   bool     // the words were changed to what may have been meant
}

// instead looks for queries that are near to one without hits: with one filter less, without filters, with other words, with one word
// less, with parts of words. The nearest come first, at most maxInstead.
func (ix *Index) instead(ctx context.Context, s *snapshot, q Query, w Words) ([]Instead, error) {
	t := attempts{s: s, limit: s.cost() + insteadCost}
	q.After, q.Facets = "", false
	filters := q.filtered()
	for _, f := range filters {
		if err := t.try(ctx, f.without(q), false, f.name); err != nil {
			return nil, err
		}
	}
	if len(filters) > 1 {
		bare, names := q, []string{}
		for _, f := range filters {
			bare = f.without(bare)
			names = append(names, f.name)
		}
		if err := t.try(ctx, bare, false, names...); err != nil {
			return nil, err
		}
	}
	if len(t.found) > 0 {
		return t.found, nil // the words stand in records: the filters kept them out
	}
	if err := t.otherWords(ctx, q, w); err != nil {
		return nil, err
	}
	if len(t.found) == 0 && len(filters) > 0 { // neither alone is enough: other words and no filters
		bare, names := q, []string{}
		for _, f := range filters {
			bare = f.without(bare)
			names = append(names, f.name)
		}
		t.also = names
		if err := t.otherWords(ctx, bare, w); err != nil {
			return nil, err
		}
	}
	return t.found, nil
}

const (
	maxInstead = 5
	maxTries   = 40 // queries that are tried for it
	// What looking for them may cost, in about microseconds, and what of it looking for words that may have been meant. As long as nothing was
	// found it may cost twice as much.
	insteadCost = 10_000
	nearCost    = 5000
	findCost    = 4000 // what looking for a hit of one of them may cost
	tryCost     = 2000 // and what counting them
)

type attempts struct {
	s     *snapshot
	limit int // of the cost, once something was found
	tried int
	also  []string // what else is left out of each
	found []Instead
}

func (t *attempts) full() bool {
	return len(t.found) >= maxInstead || t.tried >= maxTries || t.s.cost() > t.limit && len(t.found) > 0 || t.s.cost() > t.limit+insteadCost
}

// try counts the hits of a query and keeps it when there are any.
func (t *attempts) try(ctx context.Context, q Query, meant bool, dropped ...string) error {
	if t.full() {
		return nil
	}
	p := q.plan()
	if p.words.Empty() && (q.Words != "" || len(q.filtered()) == 0) {
		return nil // everything is no answer
	}
	t.tried++
	page := &Page{}
	p.Size, p.want, p.patience, p.limit = 1, 2, tryCost, t.s.cost()+findCost
	found, err := t.s.newest(ctx, &p, page)
	if err != nil || len(found) == 0 {
		return err
	}
	t.found = append(t.found, Instead{Query: q, Count: page.Count, More: page.More, Dropped: append(append([]string{}, dropped...), t.also...), Meant: meant})
	return nil
}

// filter is a filter of a query.
type filter struct {
	name    string
	without func(Query) Query
}

// filtered lists the filters that a query has.
func (q Query) filtered() (out []filter) {
	add := func(has bool, name string, drop func(*Query)) {
		if has {
			out = append(out, filter{name, func(q Query) Query { drop(&q); return q }})
		}
	}
	add(q.InForce != 0, "inforce", func(q *Query) { q.InForce = 0 })
	add(q.Year != 0, "year", func(q *Query) { q.Year = 0 })
	add(q.From != 0 || q.To != 0, "from", func(q *Query) { q.From, q.To = 0, 0 })
	add(q.Category != "", "category", func(q *Query) { q.Category = "" })
	add(q.Body != "", "body", func(q *Query) { q.Body = "" })
	add(q.Level != 0, "level", func(q *Query) { q.Level = 0 })
	add(q.Division != "", "division", func(q *Query) { q.Division, q.Exactly = "", false })
	add(q.Number != "", "number", func(q *Query) { q.Number = "" })
	add(q.Language != "", "language", func(q *Query) { q.Language = "" })
	return out
}

// otherWords tries words that may have been meant, fewer words, and parts of words.
func (t *attempts) otherWords(ctx context.Context, q Query, w Words) error {
	for i, p := range w.phrases {
		if p.exclude {
			continue
		}
		near, err := t.s.near(ctx, p)
		if err != nil {
			return err
		}
		for _, text := range near {
			if err := t.try(ctx, q.saying(w.with(i, text)), true); err != nil {
				return err
			}
		}
	}
	if len(w.phrases) > 1 {
		for i, p := range w.phrases {
			if err := t.try(ctx, q.saying(w.with(i)), false, p.text); err != nil {
				return err
			}
		}
	}
	for i, p := range w.phrases {
		if p.exclude || len(p.units) < 2 {
			continue
		}
		// The word in two parts, the longer part first; then parts of it alone.
		runes := len(p.units)
		middle := runes / 2
		for d := range runes - 1 {
			cut := middle + (d+1)/2*(1-2*(d%2))
			if cut < 1 || cut >= runes {
				continue
			}
			at := p.units[cut].begin - p.units[0].begin
			if err := t.try(ctx, q.saying(w.with(i, p.text[:at], p.text[at:])), false); err != nil {
				return err
			}
		}
		for size := runes - 1; size >= 1 && len(t.found) == 0; size-- {
			for from := 0; from+size <= runes; from++ {
				begin, end := p.units[from].begin-p.units[0].begin, p.units[from+size-1].end-p.units[0].begin
				if err := t.try(ctx, q.saying(w.with(i, p.text[begin:end])), false); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

func (q Query) saying(words string) Query {
	q.Words = words
	return q
}

// with writes the words with others in place of one.
func (w Words) with(i int, instead ...string) string {
	var texts []phrase
	for j, p := range w.phrases {
		if j != i {
			texts = append(texts, p)
			continue
		}
		for _, text := range instead {
			texts = append(texts, phrase{text: text})
		}
	}
	return Words{phrases: texts}.String()
}

// String writes words so that [Parse] reads the same again.
func (w Words) String() string {
	var out []byte
	for i, p := range w.phrases {
		if i > 0 {
			out = append(out, ' ')
		}
		if p.exclude {
			out = append(out, '-')
		}
		if p.bare() {
			out = append(out, p.text...)
			continue
		}
		out = append(append(append(out, '"'), p.text...), '"')
	}
	return string(out)
}

// bare reports whether a phrase needs no quotation marks.
func (p phrase) bare() bool {
	for i, r := range p.text {
		if kindOf(r) == 0 && (i == 0 || r == ' ' || closing(r) != 0) {
			return false
		}
	}
	return true
}

// near returns words that differ from one in a single character and stand in titles: what may have been meant. The other characters must
// stand around it there.
func (s *snapshot) near(ctx context.Context, p phrase) ([]string, error) {
	if len(p.units) < 2 || len(p.units) > 12 {
		return nil, nil
	}
	for _, u := range p.units {
		if u.kind != character {
			return nil, nil
		}
	}
	runes := []rune(p.text)
	var out []string
	keep := func(candidate []rune) {
		if text := string(candidate); text != p.text && len(out) < maxTries/4 {
			out = append(out, text)
		}
	}
	var swaps [][]rune
	for i := range len(runes) - 1 { // two characters changed their places
		swapped := append([]rune{}, runes...)
		swapped[i], swapped[i+1] = swapped[i+1], swapped[i]
		swaps = append(swaps, swapped)
	}
	if err := s.titlesAhead(ctx, swaps...); err != nil {
		return nil, err
	}
	for _, swapped := range swaps {
		if ok, err := s.titled(ctx, swapped); err != nil || ok {
			if err != nil {
				return nil, err
			}
			keep(swapped)
		}
	}
	limit := s.cost() + nearCost
	for i := range runes { // one is another
		if s.cost() > limit {
			break
		}
		others, err := s.beside(ctx, runes, i)
		if err != nil {
			return nil, err
		}
		changes := make([][]rune, len(others))
		for k, r := range others {
			changes[k] = append([]rune{}, runes...)
			changes[k][i] = r
		}
		if err := s.titlesAhead(ctx, changes...); err != nil {
			return nil, err
		}
		for _, changed := range changes {
			if ok, err := s.titled(ctx, changed); err != nil || ok {
				if err != nil {
					return nil, err
				}
				keep(changed)
			}
		}
	}
	return out, nil
}

// titled reports whether each pair of a word stands in titles.
func (s *snapshot) titled(ctx context.Context, word []rune) (bool, error) {
	for i, r := range word[1:] {
		there := false
		for _, seg := range s.largest() {
			h, err := s.head(ctx, seg.id, codeOf(classTitle, word[i], r).term())
			if err != nil {
				return false, err
			}
			if there = h.total > 0; there {
				break
			}
		}
		if !there {
			return false, nil
		}
	}
	return true, nil
}

// titlesAhead asks at once for what titled asks one by one.
func (s *snapshot) titlesAhead(ctx context.Context, words ...[]rune) error {
	var terms []string
	for _, word := range words {
		for i, r := range word[1:] {
			if term := codeOf(classTitle, word[i], r).term(); !slices.Contains(terms, term) {
				terms = append(terms, term)
			}
		}
	}
	return s.ahead(ctx, idsOf(s.largest()), terms)
}

// largest returns the segments that hold most of what there is.
func (s *snapshot) largest() []segment {
	const enough = 3
	out := append([]segment{}, s.segments...)
	sortByDocs(out)
	return out[:min(len(out), enough)]
}

// beside returns characters that stand in titles beside the neighbours of the i-th character of a word.
func (s *snapshot) beside(ctx context.Context, word []rune, i int) ([]rune, error) {
	if i == 0 {
		return nil, nil // what stands before a character is not in order; a wrong first character is found by the parts of the word
	}
	found := map[rune]int{}
	for _, seg := range s.largest() {
		budget := 4000
		err := s.terms(ctx, seg.id, string(classTitle)+string(word[i-1]), func(term string, _ []byte, e entry) bool {
			budget--
			if r := []rune(term[1:]); len(r) == 2 && e.tag != tagSame {
				found[r[1]] += e.total
			}
			return budget > 0
		})
		if err != nil {
			return nil, err
		}
	}
	const enough, likely = 8, 40
	if i+1 < len(word) {
		first, err := commonest(found, likely, func(rune) (bool, error) { return true, nil })
		if err != nil {
			return nil, err
		}
		pairs := make([][]rune, len(first))
		for k, r := range first {
			pairs[k] = []rune{r, word[i+1]}
		}
		if err := s.titlesAhead(ctx, pairs...); err != nil {
			return nil, err
		}
	}
	limit := s.cost() + nearCost/4
	return commonest(found, enough, func(r rune) (bool, error) {
		if s.cost() > limit {
			return false, nil
		}
		if i+1 == len(word) {
			return true, nil
		}
		return s.titled(ctx, []rune{r, word[i+1]})
	})
}

// suggestCost bounds what looking for titles may cost, in about microseconds.
const suggestCost = 15_000

// Suggest completes what is being typed, from the titles of records: at most n of them.
func (ix *Index) Suggest(ctx context.Context, typed string, n int) ([]string, error) {
	if ix.o.Texts == nil || n <= 0 {
		return nil, nil
	}
	s, err := ix.open(ctx)
	if err != nil {
		return nil, err
	}
	p := Query{Words: typed, Size: maxSize}.plan()
	wanted := p.words.wanted()
	if len(wanted) == 0 {
		return nil, nil
	}
	for _, w := range wanted {
		p.titles = append(p.titles, w.titleTerms()...)
	}
	st := s.stream(&p)
	var ids []store.ID
	for len(ids) < maxSize {
		src, ok, err := st.next(ctx)
		if err != nil {
			return nil, err
		}
		if !ok || s.cost() > suggestCost {
			break
		}
		ids = append(ids, src.place.id)
	}
	texts, err := ix.o.Texts(ctx, ids)
	if err != nil {
		return nil, err
	}
	return completions(ids, texts, p.words, n), nil
}
