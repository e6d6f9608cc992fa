package power

import (
	"cmp"
	"slices"
	"strings"

	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/core/lang"
	"openhall.org/openhall/internal/platform/registry"
)

// Query says which service items are looked for. Empty fields don't narrow the search.
type Query struct {
	Words    string   // in simplified or traditional characters or English, separated by spaces
	Area     string   // 12-digit code: what is exercised by a body of this division, of one above it, or of one within it
	Body     string   // key of a body
	Topic    string   // key of a topic
	Event    string   // key of a life event
	Audience Audience // whom it serves
	Type     Type
	After    string // key of the last item of the page before
	Limit    int    // items on a page; 0 means 20
}

// Hit is an item that was found.
type Hit struct {
	Item *Item
	// Offer is where the reader would apply: with the body of the division asked about or the nearest above it, or with the only
	// one that there is; nil when the reader has to choose.
	Offer  *Implementation
	Places int // how many bodies exercise the item within the query

	entry *entry
	score int
}

// Facet is one value by which the results can be narrowed, with how many items it would leave.
type Facet struct {
	Key   string
	Name  lang.Text
	Count int
}

// Found is one page of results.
type Found struct {
	Hits   []Hit
	Total  int
	Next   string // After of the next page, empty on the last
	Loose  bool   // nothing has all the words; these have some of them, or resemble them
	Topics []Facet
	Events []Facet
	Serves []Facet
	Types  []Facet
}

const (
	pageSize = 20
	maxPage  = 100
	maxLoose = 10 // how many items that only resemble the words are worth showing
	maxWords = 8  // more words of a query than these are left out
	maxRunes = 64 // longer queries are cut
)

// Find returns the items that fit the query, the most fitting first. When nothing has all the words it returns what comes near, so
// that a search never ends with nothing unless the other conditions leave nothing.
func (s *Service) Find(q Query) Found {
	return s.shelf.Load().find(q, s.deps.Registry.Now(), s.today())
}

func (s *shelf) find(q Query, reg *registry.Snapshot, on calendar.Date) Found {
	words := wordsOf(q.Words)
	hits := s.match(q, reg, on, len(words) > 0)
	var r Found
	if len(words) > 0 {
		all := hits
		hits = ranked(all, words, on, exact)
		if len(hits) == 0 {
			hits, r.Loose = ranked(all, words, on, near), true
			hits = hits[:min(len(hits), maxLoose)]
		}
	}
	r.Topics = count(hits, s.refs.Topics, func(it *Item) []string { return it.Topics })
	r.Events = count(hits, s.refs.Events, func(it *Item) []string { return it.Events })
	r.Serves = count(hits, labelsOf(audiences), func(it *Item) []string { return keysOf(it.Serves) })
	r.Types = count(hits, typeLabels(), func(it *Item) []string { return []string{string(it.Type)} })
	// Facets are counted before they narrow, so that a reader can change from one topic to another.
	hits = slices.DeleteFunc(hits, func(h Hit) bool { return !q.fits(h.Item) })
	r.Total = len(hits)
	r.Hits, r.Next = page(hits, q)
	return r
}

// match returns the items that are exercised where the query asks. Items that ceased are shown to those who look for them by words.
func (s *shelf) match(q Query, reg *registry.Snapshot, on calendar.Date, named bool) []Hit {
	var hits []Hit
	for _, e := range s.entries {
		it := e.item
		if it.Status == Draft || it.Form == "" || !named && it.Cancelled != nil && it.Cancelled.On <= on {
			continue
		}
		if h := e.offer(q, reg); h.Places > 0 {
			hits = append(hits, h)
		}
	}
	return hits
}

// offer chooses the body for a reader: the nearest at their own level or above.
func (e *entry) offer(q Query, reg *registry.Snapshot) Hit {
	h := Hit{Item: e.item, entry: e}
	var nearest *Implementation
	for _, im := range e.by {
		b := reg.Body(im.Body)
		if b == nil || q.Body != "" && im.Body != q.Body {
			continue
		}
		if q.Area != "" {
			switch {
			case reg.Contains(b.Division, q.Area): // levels stand from above to below, so the last one is the nearest
				nearest = im
			case !reg.Contains(q.Area, b.Division):
				continue
			}
		}
		h.Places++
		h.Offer = im
	}
	if nearest != nil {
		h.Offer = nearest
	} else if h.Places > 1 {
		h.Offer = nil
	}
	return h
}

// fits reports whether the item has the labels that the query asks for.
func (q Query) fits(it *Item) bool {
	return (q.Topic == "" || slices.Contains(it.Topics, q.Topic)) &&
		(q.Event == "" || slices.Contains(it.Events, q.Event)) &&
		(q.Audience == "" || slices.Contains(it.Serves, q.Audience)) &&
		(q.Type == "" || it.Type == q.Type)
}

func wordsOf(text string) []string {
	runes := []rune(lang.Fold(text))
	words := strings.FieldsFunc(string(runes[:min(len(runes), maxRunes)]), func(r rune) bool {
		return r == ' ' || r == '\t' || r == '\n' || r == ',' || r == '，' || r == '、' || r == '。'
	})
	return words[:min(len(words), maxWords)]
}

// ranked keeps the hits that have a score and sorts them: the most fitting first, what has ceased last.
func ranked(all []Hit, words []string, on calendar.Date, score func(*entry, string) int) []Hit {
	var hits []Hit
	for _, h := range all {
		h.score = 0
		for _, word := range words {
			n := score(h.entry, word)
			if n == none {
				h.score = 0
				break
			}
			h.score += n
		}
		if h.score > 0 {
			hits = append(hits, h)
		}
	}
	slices.SortStableFunc(hits, func(a, b Hit) int {
		if ceased := cmp.Compare(a.Item.ceased(on), b.Item.ceased(on)); ceased != 0 {
			return ceased
		}
		return cmp.Compare(b.score, a.score)
	})
	return hits
}

// ceased is 1 for an item that has been cancelled, 0 for others.
func (it *Item) ceased(on calendar.Date) int {
	if it.Cancelled != nil && it.Cancelled.On <= on {
		return 1
	}
	return 0
}

// none is the score of an item that lacks a word which it must have.
const none = -1

// exact says how well an item fits one folded word: its name is the word, begins with it, contains it, or something else does.
func exact(e *entry, word string) int {
	switch {
	case strings.HasPrefix(e.names, word+"\n"), strings.HasSuffix(e.names, "\n"+word):
		return 100
	case strings.HasPrefix(e.names, word), strings.Contains(e.names, "\n"+word):
		return 60
	case strings.Contains(e.names, word):
		return 40
	case strings.Contains(e.more, word):
		return 10
	}
	return none
}

// near says how much an item resembles a word: by pairs of Han characters that both have, or by the beginning of a longer word in
// other scripts.
func near(e *entry, word string) int {
	if n := exact(e, word); n > 0 {
		return n
	}
	runes := []rune(word)
	if runes[0] < firstHan {
		const stem = 5
		if len(runes) > stem && (strings.Contains(e.names, string(runes[:stem])) || strings.Contains(e.more, string(runes[:stem]))) {
			return 2
		}
		return 0
	}
	score := 0
	for i := range len(runes) - 1 {
		pair := string(runes[i : i+2])
		if strings.Contains(e.names, pair) {
			score += 3
		} else if strings.Contains(e.more, pair) {
			score++
		}
	}
	return score
}

// firstHan is the first code point of the blocks of East Asian writing.
const firstHan = 0x2E80

// size is how many items stand on a page.
func (q Query) size() int {
	switch {
	case q.Limit <= 0:
		return pageSize
	case q.Limit > maxPage:
		return maxPage
	}
	return q.Limit
}

// page cuts the page out that follows the item q.After.
func page(hits []Hit, q Query) (shown []Hit, next string) {
	size := q.size()
	if q.After != "" {
		hits = hits[slices.IndexFunc(hits, func(h Hit) bool { return h.Item.Key == q.After })+1:]
	}
	if len(hits) <= size {
		return hits, ""
	}
	return hits[:size], hits[size-1].Item.Key
}

// count tells how many items stand under each label; labels without any are left out.
func count(hits []Hit, labels []Label, of func(*Item) []string) []Facet {
	n := map[string]int{}
	for _, h := range hits {
		for _, key := range of(h.Item) {
			n[key]++
		}
	}
	var facets []Facet
	for _, l := range labels {
		if n[l.Key] > 0 {
			facets = append(facets, Facet{Key: l.Key, Name: l.Name, Count: n[l.Key]})
		}
	}
	return facets
}

func labelsOf[T ~string](v vocabulary[T]) []Label {
	labels := make([]Label, 0, len(v))
	for _, entry := range v {
		labels = append(labels, Label{Key: string(entry.value), Name: entry.name})
	}
	return labels
}

func keysOf[T ~string](values []T) []string {
	keys := make([]string, 0, len(values))
	for _, v := range values {
		keys = append(keys, string(v))
	}
	return keys
}

// types lists the types of items (事项类型) in the order of the standard.
var types = [...]Type{Licence, Penalty, Coercion, Levy, Payment, Inspection, Confirmation, Reward, Ruling, Other, PublicService}

func typeLabels() []Label {
	labels := make([]Label, 0, len(types))
	for _, t := range types {
		labels = append(labels, Label{Key: string(t), Name: nameOf(t)})
	}
	return labels
}
