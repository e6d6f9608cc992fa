package disclosure

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"openhall.org/openhall/internal/platform/publication/search"
	"openhall.org/openhall/internal/platform/store"
	"openhall.org/openhall/internal/platform/web"
	"openhall.org/openhall/internal/platform/web/ui"
)

// pageHits is how many hits a page shows.
const pageHits = 20

// searchView is what the page of a search shows.
type searchView struct {
	query    search.Query
	typed    searchForm
	page     *search.Page
	lines    []line
	facets   []facet
	instead  []instead
	next     string
	first    string // the first page of the same search; empty: this is it
	bodies   []ui.Option
	category []ui.Option
	levels   []ui.Option
	chips    []chip
	feed     string // without the kind of feed
	title    string
	saved    string // address to save it at
	export   string // empty where the search cannot be downloaded as a whole
	apply    string // where what was not found can be asked for
	cut      bool   // the words were too many to look for all of them
}

// searchForm is what was typed, as it was typed.
type searchForm struct{ words, number, area, areaName, level, body, category, year, inForce, order string }

// facet is one way to narrow a search.
type facet struct {
	title string
	links []facetLink
}

type facetLink struct {
	href, text string
	count      string
}

// chip is a filter that is on, with the search without it.
type chip struct{ text, href string }

// instead is a search that finds something where this one found nothing.
type instead struct{ href, text, count string }

func (s *Service) getSearch(w http.ResponseWriter, r *http.Request) error {
	v := web.ViewOf(r)
	q := s.queryOf(r.URL.Query())
	q.Size, q.Facets = pageHits, true
	page, err := s.Index.Find(r.Context(), q)
	if errors.Is(err, search.ErrCursor) {
		q.After = ""
		return web.SeeOther(w, r, s.href("/open/search", q))
	}
	if err != nil {
		return err
	}
	p := searchView{query: q, page: page, cut: page.Cut || utf8.RuneCountInString(strings.TrimSpace(r.URL.Query().Get("q"))) > maxWords}
	if p.lines, err = s.hits(r.Context(), v, page); err != nil {
		return err
	}
	s.dress(v, &p)
	return web.RenderTagged(w, r, searchPage(v, p))
}

// hits shows what was found: the entries with the places of the words.
func (s *Service) hits(ctx context.Context, v *web.View, page *search.Page) ([]line, error) {
	today := s.today()
	lines := make([]line, 0, len(page.Hits))
	for _, h := range page.Hits {
		r, err := s.Records.Get(ctx, h.ID)
		if errors.Is(err, store.ErrNotFound) || err == nil && r.Tombstone != nil {
			continue // withdrawn meanwhile
		}
		if err != nil {
			return nil, err
		}
		e := entryOf(r)
		x := s.lineOf(v.L, &e, today)
		if h.Title.Text != "" {
			x.title = h.Title
		}
		if h.Text.Text != "" && len(h.Text.Marks) > 0 {
			x.summary = unmarked(h.Text)
		}
		lines = append(lines, x)
	}
	return lines, nil
}

// dress fills in what stands around the hits.
func (s *Service) dress(v *web.View, p *searchView) {
	q := p.query
	p.typed = searchForm{words: q.Words, number: q.Number, body: q.Body, category: q.Category, order: string(q.Order)}
	if q.Division != "" {
		p.typed.area, p.typed.areaName = q.Division, s.placeName(v.L.Tag(), q.Division)
	}
	if q.Level != 0 {
		p.typed.level = strconv.Itoa(q.Level)
	}
	if q.Year != 0 {
		p.typed.year = strconv.Itoa(q.Year)
	}
	switch q.InForce {
	case 0:
	case s.today():
		p.typed.inForce = "yes"
	default:
		p.typed.inForce = q.InForce.String()
	}
	plain := q
	plain.After = ""
	p.feed = s.values(plain).Encode()
	p.saved = s.href("/me/searches/new", plain)
	if _, whole := filterOf(q); whole {
		p.export = p.feed
		if p.export == "" {
			p.export = "all=yes"
		}
	}
	if p.page.Next != "" {
		values := s.values(plain)
		values.Set("after", p.page.Next)
		p.next = "/open/search?" + values.Encode()
	}
	if q.After != "" {
		p.first = s.href("/open/search", plain)
	}
	p.title = s.describe(v.L, plain)
	p.apply = s.applyFor(plain)
	p.chips = s.chipsOf(v.L, plain)
	p.facets = s.facetsOf(v.L, plain, p.page.Facets)
	for _, in := range p.page.Instead {
		p.instead = append(p.instead, instead{s.href("/open/search", in.Query), s.describe(v.L, in.Query), countText(v.L, in.Count, in.More)})
	}
	p.levels = []ui.Option{{Text: v.L.T("disclosure.search.any")}}
	for _, l := range levels() {
		p.levels = append(p.levels, ui.Option{Value: strconv.Itoa(int(l)), Text: v.L.T("disclosure.level." + strconv.Itoa(int(l)))})
	}
	p.category = s.categoryOptions(v.L, q.Division, q.Body)
	p.bodies = s.bodyOptions(v.L, cmp.Or(q.Division, s.Top), q.Body)
}

// applyFor is where what a search looks for can be asked for: at its body, or at one of its place, with the words that were typed.
func (s *Service) applyFor(q search.Query) string {
	v := url.Values{}
	if d := s.Registry.Now().Division(q.Division); d != nil && d.Code != s.Top {
		v.Set("area", areaOf(d))
	}
	if q.Body != "" {
		v.Set("body", q.Body)
	}
	if q.Words != "" {
		v.Set("about", q.Words)
	}
	return asked("/open/apply", v.Encode())
}

func countText(l *web.Localizer, n int, more bool) string {
	if more {
		return l.T("disclosure.search.at-least", web.Args{"Count": n})
	}
	return l.T("disclosure.search.count", web.Args{"Count": n})
}

// describe puts a search into words: 养老保险 · 合肥市 · 现行有效.
func (s *Service) describe(l *web.Localizer, q search.Query) string {
	text := q.Words
	for _, c := range s.chipsOf(l, q) {
		if text != "" {
			text += " · "
		}
		text += c.text
	}
	if text == "" {
		return l.T("disclosure.search.everything")
	}
	return text
}

// chipsOf are the filters that are on.
func (s *Service) chipsOf(l *web.Localizer, q search.Query) []chip {
	var chips []chip
	add := func(text string, without search.Query) {
		without.After = ""
		chips = append(chips, chip{text, s.href("/open/search", without)})
	}
	if q.Division != "" {
		x := q
		x.Division, x.Exactly = "", false
		text := s.placeName(l.Tag(), q.Division)
		if q.Exactly {
			text = l.T("disclosure.search.exactly", web.Args{"Name": text})
		}
		add(text, x)
	}
	if q.Level != 0 {
		x := q
		x.Level = 0
		add(l.T("disclosure.level."+strconv.Itoa(q.Level)), x)
	}
	if q.Body != "" {
		x := q
		x.Body = ""
		add(l.Text(s.bodyName(q.Body)), x)
	}
	if q.Category != "" {
		x := q
		x.Category = ""
		add(l.Text(s.categoryName(q.Category)), x)
	}
	if q.Number != "" {
		x := q
		x.Number = ""
		add(q.Number, x)
	}
	if q.Year != 0 {
		x := q
		x.Year = 0
		add(l.T("disclosure.search.in-year", web.Args{"Year": strconv.Itoa(q.Year)}), x)
	}
	if q.InForce != 0 {
		x := q
		x.InForce = 0
		text := l.T("disclosure.search.in-force")
		if q.InForce != s.today() {
			text = l.T("disclosure.search.in-force-on", web.Args{"Day": l.Date(q.InForce)})
		}
		add(text, x)
	}
	return chips
}

// facetLinks is how many ways to narrow a search are shown of each kind.
const facetLinks = 8

func (s *Service) facetsOf(l *web.Localizer, q search.Query, f search.Facets) []facet {
	var out []facet
	add := func(key string, links []facetLink) {
		if len(links) > 1 {
			out = append(out, facet{l.T("disclosure.search.by-" + key), links})
		}
	}
	link := func(text string, n int, x search.Query) facetLink {
		return facetLink{s.href("/open/search", x), text, l.Number(int64(n))}
	}
	var links []facetLink
	for _, key := range commonest(f.Categories) {
		if c := s.Records.Category(key); c != nil && key != q.Category && c.Parent != "" {
			x := q
			x.Category = key
			links = append(links, link(l.Text(c.Title), f.Categories[key], x))
		}
	}
	add("category", firstOf(links))
	links = nil
	for _, code := range commonest(f.Divisions) {
		if code != q.Division {
			x := q
			x.Division = code
			links = append(links, link(s.placeName(l.Tag(), code), f.Divisions[code], x))
		}
	}
	add("place", firstOf(links))
	links = nil
	for _, key := range commonest(f.Bodies) {
		x := q
		x.Body = key
		links = append(links, link(l.Text(s.bodyName(key)), f.Bodies[key], x))
	}
	add("body", firstOf(links))
	links = nil
	years := make([]int, 0, len(f.Years))
	for y := range f.Years {
		years = append(years, y)
	}
	slices.SortFunc(years, func(a, b int) int { return b - a })
	for _, y := range years {
		x := q
		x.Year = y
		links = append(links, link(strconv.Itoa(y), f.Years[y], x))
	}
	add("year", links)
	return out
}

func firstOf(links []facetLink) []facetLink { return links[:min(len(links), facetLinks)] }

// commonest orders the keys of counts, the largest first.
func commonest(counts map[string]int) []string {
	keys := make([]string, 0, len(counts))
	for k := range counts {
		keys = append(keys, k)
	}
	slices.SortFunc(keys, func(a, b string) int { return cmp.Or(counts[b]-counts[a], cmp.Compare(a, b)) })
	return keys
}

// categoryOptions are the columns and the categories of the second level, for a list to choose from.
func (s *Service) categoryOptions(l *web.Localizer, division, body string) []ui.Option {
	options := []ui.Option{{Text: l.T("disclosure.search.any")}}
	for _, root := range s.Records.Categories("", division, body) {
		options = append(options, ui.Option{Value: root.Key, Text: l.Text(root.Title)})
		for _, c := range s.Records.Categories(root.Key, division, body) {
			options = append(options, ui.Option{Value: c.Key, Text: "　" + l.Text(c.Title)})
		}
	}
	return options
}

// bodyOptions are the bodies of a division, and the one that is chosen.
func (s *Service) bodyOptions(l *web.Localizer, division, chosen string) []ui.Option {
	options := []ui.Option{{Text: l.T("disclosure.search.any")}}
	there := chosen == ""
	for _, b := range s.Registry.Now().Bodies(division) {
		options = append(options, ui.Option{Value: b.Key, Text: l.Text(b.Name)})
		there = there || b.Key == chosen
	}
	if !there {
		options = append(options, ui.Option{Value: chosen, Text: l.Text(s.bodyName(chosen))})
	}
	return options
}

// getSuggest completes what is being typed, as options of a datalist.
func (s *Service) getSuggest(w http.ResponseWriter, r *http.Request) error {
	const most = 8
	found, err := s.Index.Suggest(r.Context(), head(r.URL.Query().Get("q"), maxWords), most)
	if err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, suggestions(found))
}
