package centre

import (
	"bytes"
	_ "embed" // the definitions
	"errors"
	"fmt"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/core/lang"
	"openhall.org/openhall/internal/platform/registry"
)

//go:embed measures.yaml
var measuresFile []byte

// Measure is how one of the three in-place rules (三到位) is measured. Definitions and thresholds are data, see measures.yaml.
type Measure struct {
	Key    string    `yaml:"key"`
	Rule   string    `yaml:"rule"`
	Place  int       `yaml:"place"`  // per cent from which the rule is kept
	Partly int       `yaml:"partly"` // per cent from which it is kept in part
	Title  lang.Text `yaml:"title"`
	Of     lang.Text `yaml:"of"`
}

// loadMeasures reads the definitions and refuses one that is incomplete.
func loadMeasures() ([]Measure, error) { return parseMeasures(measuresFile) }

func parseMeasures(data []byte) ([]Measure, error) {
	var list []Measure
	d := yaml.NewDecoder(bytes.NewReader(data))
	d.KnownFields(true)
	if err := d.Decode(&list); err != nil {
		return nil, fmt.Errorf("measures of the in-place rules: %w", err)
	}
	var wrong []error
	for _, m := range list {
		if !slices.Contains([]string{"merged", "items", "staff", "accept", "decide"}, m.Key) {
			wrong = append(wrong, fmt.Errorf("measure %q is not known", m.Key))
		}
		if !slices.Contains([]string{"merged", "stationed", "authorised"}, m.Rule) {
			wrong = append(wrong, fmt.Errorf("measure %s: rule %q is not known: write merged, stationed or authorised", m.Key, m.Rule))
		}
		if m.Partly < 0 || m.Partly > m.Place || m.Place > 100 || !m.Title.Complete() || !m.Of.Complete() {
			wrong = append(wrong, fmt.Errorf("measure %s: 0 <= partly <= place <= 100, and title and definition in three languages", m.Key))
		}
	}
	return list, errors.Join(wrong...)
}

// Fact is one line behind a measure: an item or a window, and whether it counts.
type Fact struct {
	Key    string // code of an item, or key of a window
	Name   lang.Text
	Kept   bool
	Window string // where; empty: nowhere
	Record *Record
}

// Share is a measure of one body in one centre.
type Share struct {
	Measure *Measure
	Facts   []Fact
	Kept    int
}

// Percent is the share in per cent, rounded down so that 100 means all. Of nothing it is 0.
func (x *Share) Percent() int {
	if len(x.Facts) == 0 {
		return 0
	}
	return 100 * x.Kept / len(x.Facts)
}

// Grade says whether the rule is kept: place, partly, not; none when there is nothing to measure.
func (x *Share) Grade() string {
	switch p := x.Percent(); {
	case len(x.Facts) == 0:
		return "none"
	case p >= x.Measure.Place:
		return "place"
	case p >= x.Measure.Partly:
		return "partly"
	default:
		return "not"
	}
}

// BodyShares are the measures of a body in a centre.
type BodyShares struct {
	Centre *registry.Centre
	Body   *registry.Body
	Shares []Share
}

// Share returns the measure with the key, or nil.
func (b *BodyShares) Share(key string) *Share {
	for i := range b.Shares {
		if b.Shares[i].Measure.Key == key {
			return &b.Shares[i]
		}
	}
	return nil
}

// MeasuresOf returns the measures of each body that belongs to a centre: those that the registry has there, and those that are stationed.
func (s *Service) MeasuresOf(c *registry.Centre) []BodyShares {
	book, places, day := s.Book(), s.Registry.Now(), s.today()
	keys := map[string]bool{}
	for i := range c.Windows {
		for _, b := range c.Windows[i].Bodies {
			keys[b] = true
		}
		for _, r := range book.Held(c.Windows[i].Key, KindBody, day) {
			keys[r.Body] = true
		}
	}
	var out []BodyShares
	for key := range keys {
		if b := places.Body(key); b != nil && len(s.activeItems(key)) > 0 {
			out = append(out, s.MeasuresIn(c, b))
		}
	}
	slices.SortFunc(out, func(x, y BodyShares) int { return strings.Compare(x.Body.Key, y.Body.Key) })
	return out
}

func (s *Service) activeItems(body string) []ItemInfo {
	var out []ItemInfo
	for _, it := range s.Items.ItemsOf(body) {
		if it.Active {
			out = append(out, it)
		}
	}
	return out
}

// MeasuresIn returns the measures of a body in a centre.
func (s *Service) MeasuresIn(c *registry.Centre, b *registry.Body) BodyShares {
	m := &measuring{s: s, book: s.Book(), day: s.today(), centre: c, body: b.Key, items: s.activeItems(b.Key)}
	for i := range c.Windows {
		if m.book.Holds(c.Windows[i].Key, KindBody, b.Key, "", m.day) {
			m.windows = append(m.windows, &c.Windows[i])
		}
	}
	out := BodyShares{Centre: c, Body: b}
	for i := range s.measures {
		x := Share{Measure: &s.measures[i], Facts: m.facts(s.measures[i].Key)}
		for _, f := range x.Facts {
			if f.Kept {
				x.Kept++
			}
		}
		out.Shares = append(out.Shares, x)
	}
	return out
}

// measuring is one body in one centre.
type measuring struct {
	s       *Service
	book    *Book
	day     calendar.Date
	centre  *registry.Centre
	body    string
	items   []ItemInfo
	windows []*registry.Window // at which the body is stationed
}

func (m *measuring) facts(key string) []Fact {
	switch key {
	case "merged":
		main := m.mainWindow()
		return m.eachItem(m.items, func(w *registry.Window, it ItemInfo) *Record {
			if w != main {
				return nil
			}
			return m.stationed(w, it)
		})
	case "items":
		return m.eachItem(m.items, m.stationed)
	case "accept":
		return m.eachItem(m.there(), m.power(KindAccept))
	case "decide":
		return m.eachItem(m.there(), m.power(KindDecide))
	default:
		return m.staff()
	}
}

// stationed returns the record by which an item is stationed at a window, or nil.
func (m *measuring) stationed(w *registry.Window, it ItemInfo) *Record {
	return held(m.book.Last(w.Key, KindItem, m.body, it.Code, m.day))
}

func (m *measuring) power(kind Kind) func(*registry.Window, ItemInfo) *Record {
	return func(w *registry.Window, it ItemInfo) *Record {
		return held(m.book.Authority(w.Key, kind, m.body, it.Code, m.day))
	}
}

func held(r *Record) *Record {
	if r == nil || !r.Held {
		return nil
	}
	return r
}

// there are the items that are stationed at any of the windows.
func (m *measuring) there() []ItemInfo {
	var out []ItemInfo
	for _, it := range m.items {
		if slices.ContainsFunc(m.windows, func(w *registry.Window) bool { return m.stationed(w, it) != nil }) {
			out = append(out, it)
		}
	}
	return out
}

// mainWindow is the window at which most items of the body are stationed.
func (m *measuring) mainWindow() *registry.Window {
	var best *registry.Window
	most := 0
	for _, w := range m.windows {
		n := 0
		for _, it := range m.items {
			if m.stationed(w, it) != nil {
				n++
			}
		}
		if n > most {
			best, most = w, n
		}
	}
	return best
}

func (m *measuring) eachItem(items []ItemInfo, kept func(*registry.Window, ItemInfo) *Record) []Fact {
	out := make([]Fact, len(items))
	for i, it := range items {
		out[i] = Fact{Key: it.Code, Name: it.Name}
		for _, w := range m.windows {
			if r := kept(w, it); r != nil {
				out[i].Kept, out[i].Window, out[i].Record = true, w.Key, r
				break
			}
		}
	}
	return out
}

// staff says of each window of the body whether somebody sits there today.
func (m *measuring) staff() []Fact {
	places, now := m.s.Registry.Now(), m.s.Now()
	out := make([]Fact, len(m.windows))
	for i, w := range m.windows {
		out[i] = Fact{Key: w.Key, Name: w.Name, Window: w.Key}
		for _, r := range m.book.Held(w.Key, KindStaff, m.day) {
			if len(places.Holders(r.Subject, now)) > 0 {
				out[i].Kept, out[i].Record = true, &r
				break
			}
		}
	}
	return out
}
