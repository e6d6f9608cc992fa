package cleanup

import (
	"bytes"
	"encoding/csv"
	"net/http"
	"strconv"
	"strings"
	"time"

	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/core/lang"
	"openhall.org/openhall/internal/platform/web"
	"openhall.org/openhall/internal/platform/web/ui"
	"openhall.org/openhall/internal/slice/cleanup/register"
)

// maxHits bounds the answers of a search.
const maxHits = 50

// listPage is the rounds, and what was asked for.
type listPage struct {
	Query  string
	Asked  bool
	Hits   []hit
	More   bool
	Rounds []roundRow
}

// hit is an item with what became of it.
type hit struct {
	Key  string
	Name lang.Text
	Last register.Line // the last line that has taken effect, or the next
	Kept int           // bodies that exercise it today
}

// roundRow is a round with how many items it decides on, by what becomes of them.
type roundRow struct {
	Round
	First  calendar.Date
	Counts map[register.Fate]int
}

// linesOf returns the lines of published rounds, by the number of the round.
func (s *Service) linesOf() map[string][]register.Line {
	by := map[string][]register.Line{}
	for _, l := range s.Register().All() {
		by[l.Round] = append(by[l.Round], l)
	}
	return by
}

func (s *Service) getList(w http.ResponseWriter, r *http.Request) error {
	p := &listPage{Query: strings.TrimSpace(r.URL.Query().Get("q"))}
	rounds, err := s.Rounds(r.Context())
	if err != nil {
		return err
	}
	by := s.linesOf()
	for _, round := range rounds {
		row := roundRow{Round: round, Counts: map[register.Fate]int{}}
		for _, l := range by[round.Number] {
			row.Counts[l.Fate]++
			if row.First == 0 || l.On < row.First {
				row.First = l.On
			}
		}
		p.Rounds = append(p.Rounds, row)
	}
	if p.Query != "" {
		p.Asked = true
		p.Hits, p.More = s.find(p.Query)
	}
	return web.RenderTagged(w, r, listView(web.ViewOf(r), s, p))
}

// find looks for items that any round names, by words of any of their names. Simplified and traditional characters are the same.
func (s *Service) find(query string) (hits []hit, more bool) {
	words := strings.Fields(lang.Fold(query))
	reg, today := s.Register(), s.today()
	for _, key := range reg.Items() {
		lines := reg.Lines(key)
		h := hit{Key: key, Last: lines[0]}
		text := key
		for _, l := range lines {
			if l.Item != key {
				continue
			}
			text += "\n" + l.Name.Hans + "\n" + l.Name.En
			h.Name = l.Name
			if l.On <= today || h.Last.On > today && l.On <= h.Last.On {
				h.Last = l
			}
		}
		folded := lang.Fold(text)
		fits := true
		for _, word := range words {
			fits = fits && strings.Contains(folded, word)
		}
		if !fits {
			continue
		}
		if len(hits) == maxHits {
			return hits, true
		}
		if h.Name.IsZero() {
			if it, ok := s.Catalogue.Item(key); ok {
				h.Name = it.Name
			}
		}
		for _, spell := range reg.Of(key) {
			if spell.Holds(today) {
				h.Kept++
			}
		}
		hits = append(hits, h)
	}
	return hits, false
}

// itemPage is what became of one item.
type itemPage struct {
	Key   string
	Name  lang.Text
	Lines []register.Line
	Now   []ui.Link // where it, or what it became, can be applied for today
}

func (s *Service) getItem(w http.ResponseWriter, r *http.Request) error {
	p := &itemPage{Key: r.PathValue("key")}
	reg := s.Register()
	p.Lines = reg.Lines(p.Key)
	if len(p.Lines) == 0 {
		return web.NotFound("cleanup.no-item")
	}
	for _, l := range p.Lines {
		if l.Item == p.Key {
			p.Name = l.Name
		}
	}
	if it, ok := s.Catalogue.Item(p.Key); ok {
		p.Name = it.Name
	}
	v := web.ViewOf(r)
	p.Now = s.heirs(v, p.Key, map[string]bool{})
	return web.RenderTagged(w, r, itemView(v, s, p))
}

// heirs are links to who exercises an item today; of one that is gone to what it was merged into.
func (s *Service) heirs(v *web.View, key string, seen map[string]bool) (links []ui.Link) {
	if seen[key] {
		return nil
	}
	seen[key] = true
	reg, today := s.Register(), s.today()
	for _, spell := range reg.Of(key) {
		if code := s.Catalogue.Code(key, spell.Body); spell.Holds(today) && code != "" {
			name := lang.Text{Hans: key}
			if it, ok := s.Catalogue.Item(key); ok {
				name = it.Name
			}
			links = append(links, ui.Link{Href: "/hall/items/" + code, Text: v.L.T("cleanup.item.at", web.Args{"Item": name, "Body": s.Names.Body(spell.Body)})})
		}
	}
	for _, l := range reg.Lines(key) {
		if l.Item == key && l.Fate == register.Merged && l.On <= today {
			links = append(links, s.heirs(v, l.Into, seen)...)
		}
	}
	return links
}

// roundPage is one published round.
type roundPage struct {
	Round
	Facts  []ui.Row
	Lines  []register.Line
	Counts []register.Count
	Given  map[int64]map[string]Handover // hand-overs by line and receiver
}

// public opens a round that is published.
func (s *Service) public(r *http.Request) (Round, []register.Line, error) {
	round, err := s.Round(r.Context(), strings.ToUpper(r.PathValue("number")))
	if isNotFound(err) || err == nil && round.State != Published {
		return round, nil, web.NotFound("cleanup.no-round")
	}
	if err != nil {
		return round, nil, err
	}
	return round, s.linesOf()[round.Number], nil
}

func (s *Service) getRound(w http.ResponseWriter, r *http.Request) error {
	round, lines, err := s.public(r)
	if err != nil {
		return err
	}
	p := &roundPage{Round: round, Lines: lines, Counts: s.Register().Counts(lines), Given: map[int64]map[string]Handover{}}
	for i := range lines {
		if !handsOver(&lines[i]) {
			continue
		}
		if p.Given[lines[i].ID], err = s.handoversOf(r.Context(), lines[i].ID); err != nil {
			return err
		}
	}
	v := web.ViewOf(r)
	p.Facts = []ui.Row{
		{Key: v.L.T("cleanup.office"), Value: v.L.Text(s.Names.Body(round.Body))}, {Key: v.L.T("cleanup.basis"), Value: round.Basis},
		{Key: v.L.T("cleanup.published"), Value: v.L.DateOf(round.PublishedAt)}, {Key: v.L.T("cleanup.number"), Value: round.Number},
	}
	if round.Record != "" {
		p.Facts = append(p.Facts, ui.Row{Key: v.L.T("cleanup.record"), Content: linkTo(round.Record, v.L.T("cleanup.record.open"))})
	}
	p.Facts = append(p.Facts, ui.Row{Key: v.L.T("cleanup.digest"), Content: digestText(round.Digest)})
	return web.RenderTagged(w, r, roundView(v, s, p))
}

// of returns the lines with a fate.
func (p *roundPage) of(fate register.Fate) (list []register.Line) {
	for _, l := range p.Lines {
		if l.Fate == fate {
			list = append(list, l)
		}
	}
	return list
}

// getCSV sends a round as a table. What could start a formula in a spreadsheet program is written with a quote before it.
func (s *Service) getCSV(w http.ResponseWriter, r *http.Request) error {
	round, lines, err := s.public(r)
	if err != nil {
		return err
	}
	l := web.ViewOf(r).L
	var b bytes.Buffer
	b.WriteString("\uFEFF")
	out := csv.NewWriter(&b)
	write := func(cells ...string) error {
		for i, c := range cells {
			if c != "" && strings.ContainsRune("=+-@\t\r", rune(c[0])) {
				cells[i] = "'" + c
			}
		}
		return out.Write(cells)
	}
	var head []string
	for _, column := range []string{"item", "key", "from", "fate", "on", "to", "into", "cases", "basis", "reason", "manner", "follow"} {
		head = append(head, l.T("cleanup.column."+column))
	}
	if err := write(head...); err != nil {
		return err
	}
	for i := range lines {
		x := &lines[i]
		cases := ""
		if x.Cases != "" {
			cases = l.T("cleanup.cases." + string(x.Cases))
		}
		err := write(l.Text(x.Name), x.Item, l.Text(s.Names.Body(x.From)), l.T("cleanup.fate."+string(x.Fate)), x.On.String(), s.bodies(l, x.To), s.itemName(l, x.Into), cases,
			x.Basis, x.Reason, x.Manner, s.plan(l, x.Follow, calendar.Date.String))
		if err != nil {
			return err
		}
	}
	out.Flush()
	if err := out.Error(); err != nil {
		return err
	}
	h := w.Header()
	h.Set("Content-Type", "text/csv; charset=utf-8")
	h.Set("Content-Disposition", `attachment; filename="cleanup-`+round.Number+`.csv"`)
	h.Set("Content-Length", strconv.Itoa(b.Len()))
	_, err = w.Write(b.Bytes())
	return err
}

// bodies joins the names of bodies.
func (s *Service) bodies(l *web.Localizer, keys []string) string {
	names := make([]string, 0, len(keys))
	for _, key := range keys {
		names = append(names, l.Text(s.Names.Body(key)))
	}
	return strings.Join(names, l.T("cleanup.comma"))
}

// plan writes the dates of a follow-up plan, each day in words or for a program.
func (s *Service) plan(l *web.Localizer, list []register.Follow, day func(calendar.Date) string) string {
	parts := make([]string, 0, len(list))
	for _, f := range list {
		parts = append(parts, day(f.Due)+" "+l.Text(s.Names.Body(f.Body))+" "+f.What)
	}
	return strings.Join(parts, l.T("cleanup.semicolon"))
}

// itemName names an item of the catalogue; "" is "".
func (s *Service) itemName(l *web.Localizer, key string) string {
	if it, ok := s.Catalogue.Item(key); ok {
		return l.Text(it.Name)
	}
	return key
}

// tag is how a fate is shown.
func fateTag(f register.Fate) ui.TagKind {
	switch f {
	case register.Cancelled:
		return ui.TagBad
	case register.Retained:
		return ui.TagGood
	case register.Otherwise:
		return ui.TagWarn
	default:
		return ui.TagActive
	}
}

// after reports whether a day is still to come.
func after(on calendar.Date, now time.Time) bool { return on > calendar.Of(now) }
