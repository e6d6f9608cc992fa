package search

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/core/lang"
	"openhall.org/openhall/internal/platform/store"
	"openhall.org/openhall/internal/platform/store/storetest"
)

var schemas = []store.Migrations{Schema()}

// shelf is an index with the records that were put into it, by which answers are checked.
type shelf struct {
	*Index
	t    *testing.T
	db   *store.DB
	docs map[store.ID]Doc
	flat map[store.ID][]string // their texts, plain
	now  time.Time
}

func newShelf(t *testing.T, db *store.DB) *shelf {
	t.Helper()
	s := &shelf{t: t, db: db, docs: map[store.ID]Doc{}, flat: map[store.ID][]string{}, now: time.Date(2026, 3, 2, 1, 0, 0, 0, time.UTC)}
	now := func() time.Time { return s.now }
	ids, err := store.NewIDs(1, now)
	if err != nil {
		t.Fatal(err)
	}
	s.Index = New(Options{DB: db, IDs: ids, Now: now, Texts: s.texts})
	return s
}

func (s *shelf) texts(_ context.Context, ids []store.ID) (map[store.ID]Text, error) {
	out := map[store.ID]Text{}
	for _, id := range ids {
		if d, ok := s.docs[id]; ok {
			out[id] = Text{d.Title, d.Text}
		}
	}
	return out, nil
}

func (s *shelf) put(docs ...Doc) {
	s.t.Helper()
	if err := s.db.Write(s.t.Context(), func(ctx context.Context, tx *store.Tx) error { return s.Put(ctx, tx, docs...) }); err != nil {
		s.t.Fatal(err)
	}
	for _, d := range docs {
		s.docs[d.ID], s.flat[d.ID] = d, nil
		for _, zone := range append([]string{d.Title, d.Number, d.Index, d.Text}, d.Keywords...) {
			s.flat[d.ID] = append(s.flat[d.ID], plain(zone))
		}
	}
}

func (s *shelf) remove(ids ...store.ID) {
	s.t.Helper()
	if err := s.db.Write(s.t.Context(), func(ctx context.Context, tx *store.Tx) error { return s.Remove(ctx, tx, ids...) }); err != nil {
		s.t.Fatal(err)
	}
	for _, id := range ids {
		delete(s.docs, id)
	}
}

func (s *shelf) find(q Query) *Page {
	s.t.Helper()
	page, err := s.Find(s.t.Context(), q)
	if err != nil {
		s.t.Fatalf("%+v: %v", q, err)
	}
	return page
}

// all reads page after page.
func (s *shelf) all(q Query) (ids []store.ID, first *Page) {
	s.t.Helper()
	for range 10000 {
		page := s.find(q)
		if first == nil {
			first = page
		}
		for _, h := range page.Hits {
			ids = append(ids, h.ID)
		}
		if page.Next == "" {
			return ids, first
		}
		q.After = page.Next
	}
	s.t.Fatalf("%+v: pages have no end", q)
	return nil, nil
}

// scan finds by looking at every record, newest first.
func (s *shelf) scan(is func(d Doc) bool) (ids []store.ID) {
	for id, d := range s.docs {
		if is(d) {
			ids = append(ids, id)
		}
	}
	slices.SortFunc(ids, func(a, b store.ID) int {
		if d, e := s.docs[a].Published, s.docs[b].Published; d != e {
			return int(e) - int(d)
		}
		return int(b - a)
	})
	return ids
}

// plain writes a text so that a word stands in it where its units touch: words and numbers in angle brackets, characters as they are, a
// bar where a sign parts two characters. It is written without the splitter, which it checks.
func plain(text string) string {
	folded := lang.Fold(text)
	folded = plainToken.ReplaceAllString(folded, "<$0>")
	folded = plainSign.ReplaceAllString(folded, "|")
	folded = plainBar.ReplaceAllString(folded, "$1")
	folded = plainBar.ReplaceAllString(folded, "$1")
	return strings.Trim(folded, "|")
}

var (
	plainToken = regexp.MustCompile(`[a-z]+|[0-9]+`)
	plainSign  = regexp.MustCompile(`[^\p{Han}<>a-z0-9]+`)
	plainBar   = regexp.MustCompile(`\|?(<[a-z0-9]+>)\|?`)
)

func (s *shelf) contains(id store.ID, word string) bool {
	return slices.ContainsFunc(s.flat[id], func(zone string) bool { return strings.Contains(zone, word) })
}

// alphabet is small, so that random words are often found and pairs meet by chance; half of its characters have two forms.
var alphabet = []rune("人民政府养老保险合肥發展发展農农企業业臺台")

func text(r *rand.Rand, length int) string {
	var b strings.Builder
	for range length {
		switch n := r.IntN(40); n {
		case 0:
			b.WriteString([]string{"，", "。", " ", "、", "\n", "（"}[r.IntN(6)])
		case 1:
			b.WriteString([]string{"12", "2013", "7", "００"}[r.IntN(4)])
		case 2:
			b.WriteString([]string{"Hall", "ab", "Ｘ", "open hall"}[r.IntN(4)])
		case 3:
			b.WriteString([]string{"〔2013〕", "[2013]", "2013", "(2013)"}[r.IntN(4)])
		default:
			b.WriteRune(alphabet[int(float64(len(alphabet))*r.Float64()*r.Float64())])
		}
	}
	return b.String()
}

var divisions = []string{"340000000000", "340100000000", "340102000000", "340200000000", "340202001000"}

func randomDoc(r *rand.Rand, id store.ID) Doc {
	d := Doc{
		ID: id, Published: calendar.Day(2010+r.IntN(4), time.Month(1+r.IntN(12)), 1+r.IntN(3)),
		Title: text(r, 5+r.IntN(10)), Text: text(r, r.IntN(120)), Division: divisions[r.IntN(len(divisions))],
		Body: fmt.Sprintf("body-%d", r.IntN(4)), Category: [][]string{{"a"}, {"a", "a.b"}, {"c", "c.d", "c.d.e"}, nil}[r.IntN(4)],
		Language: []string{"zh-Hans", "zh-Hant"}[r.IntN(2)],
	}
	if r.IntN(3) == 0 {
		d.Number = fmt.Sprintf("皖政办〔%d〕%d号", 2010+r.IntN(4), 1+r.IntN(30))
		d.Index = fmt.Sprintf("003285674/2013%02d-%05d", 1+r.IntN(12), r.IntN(100))
		d.Keywords = []string{text(r, 3), text(r, 2)}
	}
	d.From = d.Published.Add(r.IntN(30))
	if r.IntN(2) == 0 {
		d.Until = d.From.Add(1 + r.IntN(400))
	}
	return d
}

func word2(r *rand.Rand, docs map[store.ID]Doc, ids []store.ID) string {
	if len(ids) > 0 && r.IntN(2) == 0 { // one that stands somewhere
		t := []rune(docs[ids[r.IntN(len(ids))]].Text)
		if n := 1 + r.IntN(14); len(t) > n {
			at := r.IntN(len(t) - n)
			w := string(t[at : at+n])
			if !strings.ContainsAny(w, " \n，。、（") && plain(w) != "" {
				return w
			}
		}
	}
	w := make([]rune, 1+r.IntN(4))
	for i := range w {
		w[i] = alphabet[r.IntN(len(alphabet))]
	}
	return string(w)
}

// TestFindsWhatAScanFinds holds every kind of query against looking at every record, while records come, change and go and segments are
// merged.
func TestFindsWhatAScanFinds(t *testing.T) {
	storetest.Each(t, schemas, func(t *testing.T, db *store.DB) {
		s := newShelf(t, db)
		r := rand.New(rand.NewPCG(7, 11))
		next := store.ID(0)
		found := 0
		for round := range 12 {
			var batch []Doc
			for range 1 + r.IntN(60) {
				next++
				batch = append(batch, randomDoc(r, next))
			}
			ids := s.scan(func(Doc) bool { return true })
			for range min(len(ids), r.IntN(8)) {
				batch = append(batch, randomDoc(r, ids[r.IntN(len(ids))]))
			}
			s.put(batch...)
			ids = s.scan(func(Doc) bool { return true })
			s.remove(ids[r.IntN(len(ids))], ids[r.IntN(len(ids))])
			if round%4 == 3 {
				s.now = s.now.Add(2 * grace)
				if err := s.Optimize(t.Context()); err != nil {
					t.Fatal(err)
				}
			}
			for range 25 {
				found += s.compare(r)
			}
		}
		if found < 1000 {
			t.Errorf("only %d hits in all: the comparison says little", found)
		}
	})
}

// compare asks a random query and returns how many hits it had.
func (s *shelf) compare(r *rand.Rand) int {
	s.t.Helper()
	ids := s.scan(func(Doc) bool { return true })
	var words, not []string
	for range r.IntN(3) {
		words = append(words, word2(r, s.docs, ids))
	}
	if r.IntN(5) == 0 {
		not = append(not, word2(r, s.docs, ids))
	}
	q := Query{Words: strings.Join(words, " "), Size: 1 + r.IntN(30), Facets: true}
	for _, w := range not {
		q.Words += " −" + w
	}
	if r.IntN(4) == 0 {
		q.Division, q.Exactly = divisions[r.IntN(len(divisions))], r.IntN(3) == 0
	}
	if r.IntN(5) == 0 {
		q.Body = fmt.Sprintf("body-%d", r.IntN(5))
	}
	if r.IntN(5) == 0 {
		q.Category = []string{"a", "a.b", "c.d", "x"}[r.IntN(4)]
	}
	if r.IntN(5) == 0 {
		q.Year = 2010 + r.IntN(5)
	}
	if r.IntN(6) == 0 {
		q.Level = 1 + r.IntN(4)
	}
	if r.IntN(6) == 0 {
		q.Language = "zh-Hant"
	}
	if r.IntN(6) == 0 {
		q.Number = []string{"皖政办〔2011〕", "皖政办", "皖政办[2012]3", "皖政办（2013）7号"}[r.IntN(4)]
	}
	if r.IntN(5) == 0 {
		q.InForce = calendar.Day(2012, time.Month(1+r.IntN(12)), 1)
	}
	if r.IntN(6) == 0 {
		q.From = calendar.Day(2011, time.Month(1+r.IntN(12)), 2)
	}
	if r.IntN(6) == 0 {
		q.To = calendar.Day(2012, time.Month(1+r.IntN(12)), 2)
	}
	squeeze := strings.NewReplacer("〔", "", "〕", "", "[", "", "]", "", "(", "", ")", "", "（", "", "）", "")
	want := s.scan(func(d Doc) bool {
		for _, w := range words {
			if !s.contains(d.ID, plain(w)) {
				return false
			}
		}
		for _, w := range not {
			if s.contains(d.ID, plain(w)) {
				return false
			}
		}
		stem := strings.TrimRight(q.Division, "0")
		switch {
		case q.Exactly && d.Division != q.Division, q.Division != "" && !strings.HasPrefix(d.Division, stem),
			q.Body != "" && d.Body != q.Body, q.Category != "" && !slices.Contains(d.Category, q.Category),
			q.Year != 0 && d.Published.Year() != q.Year, q.Language != "" && d.Language != q.Language,
			q.InForce != 0 && (d.From > q.InForce || d.Until != 0 && d.Until <= q.InForce),
			q.From != 0 && d.Published < q.From, q.To != 0 && d.Published > q.To,
			q.Number != "" && !strings.HasPrefix(squeeze.Replace(d.Number), squeeze.Replace(q.Number)),
			q.Level != 0 && q.Level != map[string]int{
				"340000000000": 1, "340100000000": 2, "340200000000": 2, "340102000000": 3, "340202001000": 4}[d.Division]:
			return false
		}
		return true
	})
	got, first := s.all(q)
	if !slices.Equal(got, want) {
		s.t.Fatalf("%+v\n got %v\nwant %v", q, got, want)
	}
	if first.Count != min(len(want), CountCap) || first.More != (len(want) > CountCap) {
		s.t.Fatalf("%+v: counted %d (more: %v), there are %d", q, first.Count, first.More, len(want))
	}
	bodies, years := map[string]int{}, map[int]int{}
	for id, d := range s.docs {
		if slices.Contains(want, id) {
			bodies[d.Body]++
			years[d.Published.Year()]++
		}
		if q.Matches(&d) != slices.Contains(want, id) {
			s.t.Fatalf("%+v: Matches(%+v) is %v", q, d, !slices.Contains(want, id))
		}
	}
	if fmt.Sprint(bodies) != fmt.Sprint(first.Facets.Bodies) || fmt.Sprint(years) != fmt.Sprint(first.Facets.Years) {
		s.t.Fatalf("%+v: facets %+v, want %v and %v", q, first.Facets, bodies, years)
	}
	q.Order = Best
	ranked, _ := s.all(q)
	slices.Sort(ranked)
	slices.Sort(want)
	if !slices.Equal(ranked, want) {
		s.t.Fatalf("%+v: best first gave %v, want %v", q, ranked, want)
	}
	if len(want) == 0 && len(words) > 0 && r.IntN(6) == 0 {
		q.Order = Newest
		s.checkInstead(q)
	}
	return len(want)
}

// checkInstead sees that what is offered in place of a query has as many hits as it says.
func (s *shelf) checkInstead(q Query) {
	s.t.Helper()
	for _, other := range s.find(q).Instead {
		got, first := s.all(other.Query)
		if len(got) == 0 || first.Count != other.Count {
			s.t.Fatalf("%+v: instead %+v has %d hits", q, other, len(got))
		}
	}
}

func TestCursorsAreChecked(t *testing.T) {
	s := newShelf(t, storetest.New(t, store.SQLite, schemas...))
	for _, after := range []string{"x", "n.1.2", "n.0.1.2.3", "b.0.1.2.3-", "n.0.99999999999.2.3-", "n.0.a.2.3-", "n.0.1.2.-3-"} {
		_, err := s.Find(t.Context(), Query{Words: "政府", After: after})
		if after == "n.0.1.2.3" {
			if err != nil {
				t.Errorf("%q: %v", after, err)
			}
			continue
		}
		if !errors.Is(err, ErrCursor) {
			t.Errorf("%q: %v", after, err)
		}
	}
}
