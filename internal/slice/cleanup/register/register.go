package register

import (
	"cmp"
	"maps"
	"slices"

	"openhall.org/openhall/internal/core/calendar"
)

// Spell is a time in which a body exercises an item.
type Spell struct {
	Item, Body string
	From       calendar.Date // the first day
	Until      calendar.Date // the first day on which it does not any more; 0: none is fixed
	In, Out    *Line         // that brought it there, and that took it away; Out is nil while none does
}

// Holds reports whether the day lies within.
func (s *Spell) Holds(on calendar.Date) bool { return on >= s.From && (s.Until == 0 || on < s.Until) }

// pair is an item of a body.
type pair struct{ item, body string }

// Register answers who exercises what, from when until when. It never changes.
type Register struct {
	lines  []Line // in the order in which they take effect
	spells map[pair][]*Spell
	items  map[string][]*Spell
	bodies map[string][]*Spell
}

// Fold puts the lines of all approved rounds together.
func Fold(lines []Line) *Register {
	r := &Register{lines: slices.Clone(lines), spells: map[pair][]*Spell{}, items: map[string][]*Spell{}, bodies: map[string][]*Spell{}}
	slices.SortFunc(r.lines, func(a, b Line) int { return cmp.Or(cmp.Compare(a.On, b.On), cmp.Compare(a.ID, b.ID)) })
	for i := range r.lines {
		l := &r.lines[i]
		if l.Fate.Takes() {
			r.close(l)
		} else {
			r.open(l, l.Item, l.From)
		}
		for _, to := range l.Receivers() {
			r.open(l, l.Becomes(), to)
		}
	}
	return r
}

func (r *Register) last(item, body string) *Spell {
	if list := r.spells[pair{item, body}]; len(list) > 0 {
		return list[len(list)-1]
	}
	return nil
}

func (r *Register) open(l *Line, item, body string) {
	if s := r.last(item, body); s != nil && s.Until == 0 {
		return
	}
	s := &Spell{Item: item, Body: body, From: l.On, In: l}
	p := pair{item, body}
	r.spells[p] = append(r.spells[p], s)
	r.items[item] = append(r.items[item], s)
	r.bodies[body] = append(r.bodies[body], s)
}

func (r *Register) close(l *Line) {
	if s := r.last(l.Item, l.From); s != nil && s.Until == 0 {
		s.Until, s.Out = l.On, l
	}
}

// Kept reports whether a round has the body exercise the item on the day.
func (r *Register) Kept(item, body string, on calendar.Date) bool {
	return slices.ContainsFunc(r.spells[pair{item, body}], func(s *Spell) bool { return s.Holds(on) })
}

// Gone returns the spell that ended last, when the body does not exercise the item on the day but once did; nil otherwise.
func (r *Register) Gone(item, body string, on calendar.Date) *Spell {
	if r.Kept(item, body, on) {
		return nil
	}
	var gone *Spell
	for _, s := range r.spells[pair{item, body}] {
		if s.Until != 0 && s.Until <= on {
			gone = s
		}
	}
	return gone
}

// Leaving returns the spell of the day when a line that takes the item away is announced; nil otherwise.
func (r *Register) Leaving(item, body string, on calendar.Date) *Spell {
	for _, s := range r.spells[pair{item, body}] {
		if s.Holds(on) && s.Until != 0 {
			return s
		}
	}
	return nil
}

// Known reports whether any round names the item of the body.
func (r *Register) Known(item, body string) bool { return len(r.spells[pair{item, body}]) > 0 }

// Of returns the spells of an item, in the order in which they began.
func (r *Register) Of(item string) []*Spell { return r.items[item] }

// Items returns the keys of all items that any round names, sorted.
func (r *Register) Items() []string { return slices.Sorted(maps.Keys(r.items)) }

// Bodies returns the keys of all bodies that ever exercised something, sorted.
func (r *Register) Bodies() []string { return slices.Sorted(maps.Keys(r.bodies)) }

// Held returns the items that a body exercises on a day, sorted.
func (r *Register) Held(body string, on calendar.Date) []string {
	var keys []string
	for _, s := range r.bodies[body] {
		if s.Holds(on) {
			keys = append(keys, s.Item)
		}
	}
	slices.Sort(keys)
	return keys
}

// Count is how many items a body exercises before and after a round.
type Count struct {
	Body          string
	Before, After int
}

// Counts compares the day before the first line of the round takes effect with the day on which the last one does, for each body that
// the lines name.
func (r *Register) Counts(lines []Line) []Count {
	if len(lines) == 0 {
		return nil
	}
	first, last := lines[0].On, lines[0].On
	named := map[string]bool{}
	for i := range lines {
		l := &lines[i]
		first, last = min(first, l.On), max(last, l.On)
		named[l.From] = true
		for _, to := range l.Receivers() {
			named[to] = true
		}
	}
	var list []Count
	for _, body := range slices.Sorted(maps.Keys(named)) {
		list = append(list, Count{body, len(r.Held(body, first.Add(-1))), len(r.Held(body, last))})
	}
	return list
}

// Lines returns all lines about an item, or that end in it, in the order in which they take effect.
func (r *Register) Lines(item string) []Line {
	var list []Line
	for i := range r.lines {
		if l := &r.lines[i]; l.Item == item || l.Into == item {
			list = append(list, *l)
		}
	}
	return list
}

// All returns all lines in the order in which they take effect. The slice is the register's own.
func (r *Register) All() []Line { return r.lines }
