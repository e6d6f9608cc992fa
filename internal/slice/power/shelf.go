package power

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/core/identifier"
	"openhall.org/openhall/internal/core/lang"
	"openhall.org/openhall/internal/platform/registry"
)

// Implementation is an item as one body exercises it (实施事项). It belongs to the catalogue as it stood and is never altered.
type Implementation struct {
	Code  string // 实施编码, 31 characters
	Item  *Item  // the version in force
	Body  string // key in the registry
	Level Level
	// Ended is when the body ceased to exercise the item; zero while it does.
	Ended time.Time
	// Gone says why a round of clean-up took the item from the body; nil when none did. Leaving is the same of a day to come.
	Gone, Leaving *Gone

	inForce bool
}

// ActiveOn reports whether somebody can apply to the body for the item on the day d.
func (im *Implementation) ActiveOn(d calendar.Date) bool { return im.inForce && im.Item.ActiveOn(d) }

// Exercised reports whether the body exercises the item, now or from the day on which the item takes effect.
func (im *Implementation) Exercised() bool { return im.inForce }

// standing is why nobody can apply for an implementation on a day.
type standing int

const (
	stateOpen      standing = iota // somebody can
	stateCancelled                 // the item has been cancelled
	stateEnded                     // the body no longer exercises it
	stateUpcoming                  // the item takes effect later
)

func (im *Implementation) stateOn(d calendar.Date) standing {
	switch it := im.Item; {
	case it.Cancelled != nil && it.Cancelled.On <= d:
		return stateCancelled
	case !im.inForce:
		return stateEnded
	case it.Effective > d:
		return stateUpcoming
	}
	return stateOpen
}

// shelf is the catalogue as it stood at one instant: what pages ask for, in memory. It never changes.
type shelf struct {
	stamp   int64
	listed  int64 // stamp of the register
	reg     Register
	day     calendar.Date // of which the versions are in force
	entries []*entry      // in the order of the keys
	byKey   map[string]*entry
	byCode  map[string]*Implementation
	byBody  map[string][]*Implementation // exercised ones, in the order of type and code
	refs    Catalogue                    // laws, topics, life events and forms; no items
}

// entry is one item with where it is exercised, and the folded words by which it is found.
type entry struct {
	version     Version
	item        *Item
	by          []*Implementation // exercised ones, higher levels first
	unlisted    []string          // bodies that would exercise it, if any round had them do so
	names, more string
}

func newShelf(c contents, day calendar.Date, reg Register) (*shelf, error) {
	s := &shelf{
		stamp: c.stamp, day: day, reg: reg,
		byKey: make(map[string]*entry, len(c.current)), byCode: make(map[string]*Implementation, len(c.rows)),
		byBody: map[string][]*Implementation{},
		refs:   Catalogue{Laws: map[string]Law{}, Forms: map[string][]byte{}},
	}
	for _, ref := range c.references {
		if err := s.refer(ref); err != nil {
			return nil, fmt.Errorf("%s %s: %w", ref.kind, ref.key, err)
		}
	}
	for i := range c.current {
		e := &entry{version: c.current[i], item: &c.current[i].Item}
		e.names = lang.Fold(e.item.Name.Hans + "\n" + e.item.Name.En)
		e.more = s.words(e.item)
		s.entries = append(s.entries, e)
		s.byKey[e.item.Key] = e
	}
	for _, r := range c.rows {
		s.place(r)
	}
	for _, e := range s.entries {
		slices.SortStableFunc(e.by, func(a, b *Implementation) int { return a.Level.Digit() - b.Level.Digit() })
	}
	for _, list := range s.byBody {
		slices.SortFunc(list, func(a, b *Implementation) int { return strings.Compare(a.Item.BasicCode, b.Item.BasicCode) })
	}
	return s, nil
}

// place puts an implementation on the shelf. The version in force says who exercises the item; a later one may already have added
// or ended rows.
func (s *shelf) place(r row) {
	e := s.byKey[r.item]
	if e == nil {
		return
	}
	im := &Implementation{Code: r.code, Item: e.item, Body: r.body, Level: r.level}
	im.inForce = slices.Contains(e.item.By, Implementer{Body: r.body, Level: r.level})
	s.byCode[r.code] = im
	if !im.inForce {
		im.Ended = r.ended
	}
	s.stand(e, im)
	if !im.inForce {
		return
	}
	e.by = append(e.by, im)
	s.byBody[r.body] = append(s.byBody[r.body], im)
}

// stand asks the register whether the body may exercise the item. What is in no round is exercised by nobody, whatever the tables say.
func (s *shelf) stand(e *entry, im *Implementation) {
	if s.reg == nil {
		return
	}
	on := max(s.day, e.item.Effective)
	standing := s.reg.Standing(e.item.Key, im.Body, on)
	im.Gone, im.Leaving = standing.Gone, standing.Leaving
	if c := e.item.Cancelled; !im.inForce || standing.Kept || c != nil && c.On <= s.day {
		return
	}
	im.inForce = false
	if standing.Gone == nil {
		e.unlisted = append(e.unlisted, im.Body)
		return
	}
	im.Ended = standing.Gone.On.Start()
}

func (s *shelf) refer(ref reference) error {
	switch ref.kind {
	case refLaw:
		var l Law
		err := json.Unmarshal(ref.content, &l)
		s.refs.Laws[ref.key] = l
		return err
	case refTopic, refEvent:
		var l Label
		err := json.Unmarshal(ref.content, &l)
		if ref.kind == refTopic {
			s.refs.Topics = append(s.refs.Topics, l)
		} else {
			s.refs.Events = append(s.refs.Events, l)
		}
		return err
	case refForm:
		s.refs.Forms[ref.key] = ref.content
	}
	return nil
}

// words are what else an item is found by: its purpose, topics, life events, results, papers and laws.
func (s *shelf) words(it *Item) string {
	var b strings.Builder
	add := func(x lang.Text) { b.WriteString(x.Hans + "\n" + x.En + "\n") }
	add(it.Summary)
	for _, l := range s.refs.Topics {
		if slices.Contains(it.Topics, l.Key) {
			add(l.Name)
		}
	}
	for _, l := range s.refs.Events {
		if slices.Contains(it.Events, l.Key) {
			add(l.Name)
		}
	}
	for _, r := range it.Results {
		add(r.Name)
	}
	for _, m := range it.Materials {
		add(m.Name)
	}
	for _, l := range it.Basis {
		add(l.Law)
	}
	return lang.Fold(b.String())
}

// codesOf computes the implementation codes of an item (实施编码) from the credit codes of its bodies.
func codesOf(it *Item, reg *registry.Snapshot) ([]row, error) {
	codes := make([]row, 0, len(it.By))
	for _, by := range it.By {
		body := reg.Body(by.Body)
		if body == nil {
			return nil, fmt.Errorf("item %s: the body %s is not in the registry: enter it first", it.Key, by.Body)
		}
		credit, err := identifier.ParseUSCC(body.USCC)
		if err != nil {
			return nil, fmt.Errorf("item %s, body %s: %w", it.Key, by.Body, err)
		}
		code, err := it.ItemCode(credit, by.Level)
		if err != nil {
			return nil, fmt.Errorf("item %s, body %s: %w", it.Key, by.Body, err)
		}
		codes = append(codes, row{code: code.Code, item: it.Key, body: by.Body, level: by.Level})
	}
	return codes, nil
}
