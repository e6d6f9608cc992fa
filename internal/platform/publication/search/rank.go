package search

import (
	"cmp"
	"context"
	"math"
	"slices"

	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/platform/store"
)

// What is ranked at most: the newest records with all words in their titles, and the newest with the words anywhere. And what looking for
// each may cost, in about microseconds.
const (
	bestTitles = 500
	bestDocs   = 2000
	bestCost   = 75_000
)

// best fills a page with the records that answer best.
func (s *snapshot) best(ctx context.Context, p *plan, page *Page) ([]hit, error) {
	var after *cursor
	if p.After != "" {
		c, err := parseCursor(p.After, Best)
		if err != nil {
			return nil, err
		}
		after = &c
	}
	r := ranker{s: s, words: p.words.wanted(), scores: map[store.ID]hit{}}
	titled := *p
	for _, w := range r.words {
		titled.titles = append(titled.titles, w.titleTerms()...)
	}
	if err := s.ahead(ctx, s.ids(), titled.terms()); err != nil { // of both collections
		return nil, err
	}
	if err := r.weigh(ctx); err != nil {
		return nil, err
	}
	if _, _, err := r.collect(ctx, &titled, bestTitles, newSpread(false)); err != nil {
		return nil, err
	}
	spread := newSpread(p.Facets && after == nil)
	n, more, err := r.collect(ctx, p, bestDocs, spread)
	if err != nil {
		return nil, err
	}
	page.Count, page.More, page.Bounded, page.Facets = min(n, CountCap), more || n > CountCap, more, spread.facets()

	all := make([]hit, 0, len(r.scores))
	for _, h := range r.scores {
		all = append(all, h)
	}
	slices.SortFunc(all, better)
	if after != nil {
		i, found := slices.BinarySearchFunc(all, after.last, better)
		if found {
			i++
		}
		all = all[i:]
	}
	if len(all) > p.Size {
		all = all[:p.Size]
		page.Next = cursor{Best, all[len(all)-1], page.Count, page.More}.String()
	}
	return all, nil
}

// better orders hits by score, and then by date.
func better(a, b hit) int {
	switch {
	case a.score != b.score:
		return cmp.Compare(b.score, a.score)
	case a.place == b.place:
		return 0
	case a.place.before(b.place):
		return -1
	}
	return 1
}

// ranker gives hits their scores.
type ranker struct {
	s       *snapshot
	words   []phrase
	weights []float64 // of each word: the rarer, the more it says
	mean    float64   // length of a record
	scores  map[store.ID]hit
}

// usualLength is the length against which that of a record is held, in units.
const usualLength = 800

// weigh finds out how rare each word is, by the rarest of its terms.
func (r *ranker) weigh(ctx context.Context) error {
	r.mean = usualLength
	var docs float64
	for _, seg := range r.s.segments {
		docs += float64(seg.docs)
	}
	for _, w := range r.words {
		need, _ := w.terms()
		rarest := docs
		for _, n := range need {
			stands := 0.0
			for _, seg := range r.s.segments {
				h, err := r.s.head(ctx, seg.id, n.term)
				if err != nil {
					return err
				}
				stands += float64(h.total)
			}
			rarest = min(rarest, stands)
		}
		r.weights = append(r.weights, math.Log(1+(docs-rarest+0.5)/(rarest+0.5)))
	}
	return nil
}

// collect scores up to limit hits of a query, the newest first. more says that there are others.
func (r *ranker) collect(ctx context.Context, p *plan, limit int, spread *spread) (n int, more bool, err error) {
	budget := r.s.cost() + bestCost
	scored := *p
	scored.scored, scored.want = true, limit+1
	st := r.s.stream(&scored)
	for {
		src, ok, err := st.next(ctx)
		if err != nil || !ok {
			return n, false, err
		}
		if n == limit || n > 0 && r.s.cost() > budget {
			return n, true, nil
		}
		n++
		if n <= CountCap {
			if err := spread.add(ctx, r.s, src); err != nil {
				return n, false, err
			}
		}
		if _, there := r.scores[src.place.id]; there {
			continue
		}
		score, err := r.score(ctx, src)
		if err != nil {
			return n, false, err
		}
		r.scores[src.place.id] = hit{place: src.place, score: score}
	}
}

// What a score is made of, besides how often the words stand in the record (BM25).
const (
	inTitle   = 2.0 // a word stands in the title, times its weight or 1
	allTitle  = 1.5 // all words stand in it; more, the more of it they are
	isNumber  = 6.0 // a word is the record's own document number
	recency   = 0.7 // the record is new; half of it after
	halfLife  = 3 * 365
	saturates = 1.2
	lengthens = 0.75
	often     = 30 // more mentions than these say nothing
)

func (r *ranker) score(ctx context.Context, src *source) (int64, error) {
	row, err := r.s.columns(ctx, src.segment.id, src.doc)
	if err != nil {
		return 0, err
	}
	c, err := row.get(int(src.doc % columnDocs))
	if err != nil {
		return 0, err
	}
	length := 1 - lengthens + lengthens*float64(c.length)/r.mean
	score, units, whole := 0.0, 0, true
	for i, placed := range src.m.placed {
		n, first := 1, uint32(0)
		if placed {
			n, first = src.m.begin(i)
		}
		tf := float64(min(n, often))
		score += r.weights[i] * tf * (saturates + 1) / (tf + saturates*length)
		switch {
		case !placed: // a single character: only titles say where it stands
			whole = false
		case first < uint32(c.title):
			score += inTitle * max(1, r.weights[i]) // also a word of every text says something in a title
			units += len(r.words[i].units)
		default:
			whole = false
			if c.numbered && first == uint32(c.title)+1 && len(r.words[i].units) > 2 {
				score += isNumber
			}
		}
	}
	if whole && c.title > 0 {
		score += allTitle * (0.5 + 2*min(1, float64(units)/float64(c.title)))
	}
	age := max(0, float64(r.newest()-c.day))
	score += recency * math.Exp2(-age/halfLife)
	return int64(score * 1e6), nil
}

func (r *ranker) newest() calendar.Date {
	if len(r.s.segments) == 0 {
		return 0
	}
	return r.s.segments[0].newest.day
}
