package search

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/platform/store"
)

// Order is the order of hits.
type Order string

// The orders.
const (
	Newest Order = ""          // by the day of publication, the newest first
	Best   Order = "relevance" // how well a record answers, among the newest
)

// Query asks for records. What is left empty asks for nothing.
type Query struct {
	Words    string        // see [Parse]
	Division string        // 12 digits: it and all below it
	Exactly  bool          // the division alone
	Level    int           // of the division: 1 province to 5 village, as registry.Level counts
	Body     string        // key
	Category string        // key: it and all below it
	Number   string        // how a document number begins
	Year     int           // by which records are listed
	From, To calendar.Date // published from the one to the other; both are included
	InForce  calendar.Date // in force on the day
	Language string
	Order    Order
	After    string // [Page.Next] of the page before
	Size     int    // hits on a page; 0: 20, at most 100
	Facets   bool   // fill [Page.Facets]
}

// Hit is a record that was found.
type Hit struct {
	ID        store.ID
	Published calendar.Date
	Title     Snippet // the whole title
	Text      Snippet // where the words stand
}

// CountCap is how far hits are counted.
const CountCap = 1000

// Page is a page of hits.
type Page struct {
	Hits []Hit
	Next string // of the next page; empty on the last
	// Count is how many hits there are in all. With More there are at least as many.
	Count int
	More  bool
	// Facets says how the counted hits are spread.
	Facets Facets
	// Bounded says that the best of the newest hits were ranked, and that there are older ones: ordered by date all are reached.
	Bounded bool
	// Cut says that the query was too long and not all of it was looked for.
	Cut bool
	// Instead are queries that find something, when this one does not.
	Instead []Instead
	// Cost is what finding it has cost.
	Cost Cost
}

// Cost is what a query has cost.
type Cost struct {
	Questions int // to the database
	Rows      int // that it answered
	Chunks    int // of lists that were decoded
}

// Facets counts hits by what they can be filtered by.
type Facets struct {
	Bodies     map[string]int
	Categories map[string]int // also under the categories above
	Divisions  map[string]int // 12 digits
	Years      map[int]int
}

const (
	usualSize = 20
	maxSize   = 100
)

// ErrCursor says that a page was asked for behind a place that no page has given.
var ErrCursor = errors.New("this page is no longer there: search anew")

// Find returns a page of hits.
func (ix *Index) Find(ctx context.Context, q Query) (*Page, error) {
	if q.Size <= 0 {
		q.Size = usualSize
	}
	q.Size = min(q.Size, maxSize)
	for try := 1; ; try++ {
		page, err := ix.find(ctx, q)
		if errors.Is(err, errGone) && try < 5 {
			continue // segments were merged meanwhile: what they held lies in another one now
		}
		return page, err
	}
}

func (ix *Index) find(ctx context.Context, q Query) (*Page, error) {
	s, err := ix.open(ctx)
	if err != nil {
		return nil, err
	}
	p := q.plan()
	page := &Page{Cut: p.words.Cut}
	nothing := q.Words != "" && p.words.Empty() // signs only: nothing can be found by them
	var found []hit
	switch {
	case nothing:
	case q.Order == Best && len(p.words.wanted()) > 0:
		found, err = s.best(ctx, &p, page)
	default:
		found, err = s.newest(ctx, &p, page)
	}
	if err != nil {
		return nil, err
	}
	if err := ix.fill(ctx, page, found, p.words); err != nil {
		return nil, err
	}
	if page.Count == 0 && q.After == "" {
		page.Instead, err = ix.instead(ctx, s, q, p.words)
	}
	page.Cost = Cost{s.trips, s.rows, s.work}
	return page, err
}

// hit is a hit whose text was not read yet.
type hit struct {
	place place
	score int64
}

// cursor is where the next page begins, with what the first one has counted.
type cursor struct {
	order Order
	last  hit
	count int
	more  bool
}

func (c cursor) String() string {
	letter, more := "n", "-"
	if c.order == Best {
		letter = "b"
	}
	if c.more {
		more = "+"
	}
	return fmt.Sprintf("%s.%d.%d.%d.%d%s", letter, c.last.score, c.last.place.day, c.last.place.id, c.count, more)
}

func parseCursor(s string, order Order) (c cursor, err error) {
	fields := strings.Split(strings.TrimRight(s, "+-"), ".")
	if len(fields) != 5 {
		return c, ErrCursor
	}
	var n [4]int64
	for i, f := range fields[1:] {
		if n[i], err = strconv.ParseInt(f, 10, 64); err != nil {
			return c, ErrCursor
		}
	}
	c = cursor{order: Newest, count: int(n[3]), more: strings.HasSuffix(s, "+")}
	c.last = hit{score: n[0], place: place{day: calendar.Date(n[1]), id: store.ID(n[2])}}
	if fields[0] == "b" {
		c.order = Best
	}
	if c.order != order || c.count < 0 || n[1] != int64(c.last.place.day) {
		return c, ErrCursor
	}
	return c, nil
}

// source is a segment among those that are read together, newest first.
type source struct {
	segment segment
	m       *matcher // nil until it is opened
	opened  bool
	asked   bool // where its lists begin was asked for
	ready   bool // hit and doc are the next one
	place   place
	doc     uint32
}

// stream walks over the hits of all segments, newest first. Segments are opened when their newest record is due.
type stream struct {
	s       *snapshot
	p       *plan
	sources []*source
	terms   []string // that are looked up in each segment
	wave    int      // how many segments are asked at once
}

func (s *snapshot) stream(p *plan) *stream {
	st := &stream{s: s, p: p, terms: p.terms(), wave: 1}
	for _, seg := range s.segments {
		st.sources = append(st.sources, &source{segment: seg, place: seg.newest})
	}
	return st
}

// next returns the next hit of all.
func (st *stream) next(ctx context.Context) (src *source, ok bool, err error) {
	for {
		first := -1
		for i, src := range st.sources {
			// A source that is not ready stands for hits at its place or behind it.
			if first < 0 || src.place.before(st.sources[first].place) || src.place == st.sources[first].place && !src.ready {
				first = i
			}
		}
		if first < 0 {
			return nil, false, nil
		}
		src := st.sources[first]
		if src.ready {
			src.ready = false
			return src, true, nil
		}
		more, err := st.advance(ctx, src)
		if err != nil {
			return nil, false, err
		}
		if !more {
			st.sources = slices.Delete(st.sources, first, first+1)
		}
	}
}

// advance finds the next hit of a source.
func (st *stream) advance(ctx context.Context, src *source) (bool, error) {
	if err := st.open(ctx, src); err != nil || src.m == nil {
		return false, err
	}
	doc, ok, err := src.m.advance(ctx)
	if err != nil || !ok {
		return false, err
	}
	c, err := st.s.columns(ctx, src.segment.id, doc)
	if err != nil {
		return false, err
	}
	if int(doc%columnDocs) >= c.len() {
		return false, errDamaged
	}
	src.doc, src.place, src.ready = doc, c.place(int(doc%columnDocs)), true
	return true, nil
}

func (st *stream) open(ctx context.Context, src *source) (err error) {
	if !src.opened {
		src.opened = true
		if err := st.ahead(ctx, src); err != nil {
			return err
		}
		src.m, err = st.s.match(ctx, src.segment, st.p)
	}
	return err
}

// ahead asks where the lists of a segment begin, and those of more and more of the segments that come after it: most queries need the
// newest only, and those that find little need all.
func (st *stream) ahead(ctx context.Context, src *source) error {
	if src.asked {
		return nil
	}
	src.asked = true
	segments := []int64{src.segment.id}
	for _, other := range st.sources {
		if len(segments) >= st.wave {
			break
		}
		if !other.asked && !other.opened {
			other.asked = true
			segments = append(segments, other.segment.id)
		}
	}
	st.wave *= 4
	return st.s.ahead(ctx, segments, st.terms)
}

// What counting on behind the page may cost, in about microseconds: less than what is felt, and for most words enough to reach the cap. A
// count that is broken off is a lower bound, and says so. Who has waited long for the page does not wait as long for the count.
const (
	countCost = 4000
	pageCost  = 12_000 // the page and the count together, unless the page alone costs more
	leastCost = 1000   // for the count in any case
)

// newest fills a page in the order of publication.
func (s *snapshot) newest(ctx context.Context, p *plan, page *Page) (found []hit, err error) {
	counting := true
	if p.After != "" {
		c, err := parseCursor(p.After, Newest)
		if err != nil {
			return nil, err
		}
		p.to, counting = &c.last.place, false
		page.Count, page.More = c.count, c.more
	}
	st := s.stream(p)
	spread := newSpread(p.Facets && counting)
	seen := map[store.ID]bool{}
	for len(found) <= p.Size {
		src, ok, err := st.next(ctx)
		if err != nil {
			return nil, err
		}
		if !ok {
			break
		}
		if seen[src.place.id] {
			continue
		}
		seen[src.place.id] = true
		found = append(found, hit{place: src.place})
		if err := spread.add(ctx, s, src); err != nil {
			return nil, err
		}
	}
	if counting {
		page.Count = len(found)
		page.More = p.limit > 0 && s.cost() > p.limit // it may have ended because of that
		if len(found) > p.Size {
			if err := st.count(ctx, page, spread); err != nil {
				return nil, err
			}
		}
		page.Facets = spread.facets()
	}
	if len(found) > p.Size {
		found = found[:p.Size]
		page.Next = cursor{Newest, found[len(found)-1], page.Count, page.More}.String()
	}
	return found, nil
}

// count counts on, in no order: to the cap, or until it has cost enough.
func (st *stream) count(ctx context.Context, page *Page, spread *spread) error {
	cost := st.s.cost()
	limit := cost + min(st.p.patience, max(pageCost-cost, leastCost))
	for _, src := range st.sources {
		if src.ready { // found already but not handed out
			page.Count++
			if err := spread.add(ctx, st.s, src); err != nil {
				return err
			}
		}
		if err := st.open(ctx, src); err != nil {
			return err
		}
		if src.m != nil {
			src.m.limit, src.m.want = limit, src.m.found+CountCap+1-page.Count
		}
		for src.m != nil {
			doc, ok, err := src.m.advance(ctx)
			if err != nil {
				return err
			}
			if ok && page.Count >= CountCap || !ok && st.s.cost() > limit {
				page.More = true
				return nil
			}
			if !ok {
				break
			}
			page.Count++
			src.doc = doc
			if err := spread.add(ctx, st.s, src); err != nil {
				return err
			}
		}
	}
	return nil
}

// spread counts facets.
type spread struct {
	wanted     bool
	bodies     map[string]int
	categories map[string]int // by the keys from the top down, joined
	divisions  map[int64]int
	years      map[int16]int
}

func newSpread(wanted bool) *spread {
	s := &spread{wanted: wanted}
	if wanted {
		s.bodies, s.categories, s.divisions, s.years = map[string]int{}, map[string]int{}, map[int64]int{}, map[int16]int{}
	}
	return s
}

// facets writes what was counted out.
func (f *spread) facets() (out Facets) {
	if !f.wanted {
		return out
	}
	out = Facets{Bodies: f.bodies, Categories: map[string]int{}, Divisions: map[string]int{}, Years: map[int]int{}}
	for keys, n := range f.categories {
		for key := range strings.SplitSeq(keys, "/") {
			out.Categories[key] += n
		}
	}
	for division, n := range f.divisions {
		out.Divisions[fmt.Sprintf("%012d", division)] = n
	}
	for year, n := range f.years {
		out.Years[int(year)] = n
	}
	return out
}

func (f *spread) add(ctx context.Context, s *snapshot, src *source) error {
	if !f.wanted {
		return nil
	}
	row, err := s.columns(ctx, src.segment.id, src.doc)
	if err != nil {
		return err
	}
	c, err := row.get(int(src.doc % columnDocs))
	if err != nil {
		return err
	}
	if c.body != "" {
		f.bodies[c.body]++
	}
	if c.category != "" {
		f.categories[c.category]++
	}
	if c.division != 0 {
		f.divisions[c.division]++
	}
	f.years[c.year]++
	return nil
}

// fill reads the texts of hits and shows where the words stand.
func (ix *Index) fill(ctx context.Context, page *Page, found []hit, words Words) error {
	if len(found) == 0 {
		return nil
	}
	var texts map[store.ID]Text
	if ix.o.Texts != nil {
		ids := make([]store.ID, len(found))
		for i, h := range found {
			ids[i] = h.place.id
		}
		var err error
		if texts, err = ix.o.Texts(ctx, ids); err != nil {
			return fmt.Errorf("texts of hits: %w", err)
		}
	}
	for _, h := range found {
		hit := Hit{ID: h.place.id, Published: h.place.day}
		if t, ok := texts[h.place.id]; ok {
			hit.Title = Snippet{Text: t.Title, Marks: words.Marks(t.Title)}
			hit.Text = words.Snippet(t.Text, snippetLength)
		}
		page.Hits = append(page.Hits, hit)
	}
	return nil
}
