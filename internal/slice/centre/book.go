package centre

import (
	"cmp"
	"slices"

	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/platform/registry"
)

// Book is all records and plans as they stood at a version. It never changes.
type Book struct {
	version int64
	records []Record // by day and ID
	about   map[subject][]Record
	centres map[string]bool        // those that have records
	windows map[string][]string    // body → windows with records about it
	posts   map[string][]string    // post → windows with records that station it
	plans   map[string][]datedPlan // centre → plans by day
}

// subject is what a chain of records is about.
type subject struct {
	window  string
	kind    Kind
	body    string
	subject string
}

type datedPlan struct {
	Plan
	day calendar.Date
}

func newBook(version int64, records []Record, plans []PlanRecord) *Book {
	b := &Book{
		version: version, records: records, about: map[subject][]Record{}, centres: map[string]bool{},
		windows: map[string][]string{}, posts: map[string][]string{}, plans: map[string][]datedPlan{},
	}
	slices.SortStableFunc(b.records, func(x, y Record) int { return cmp.Or(cmp.Compare(x.Day, y.Day), cmp.Compare(x.ID, y.ID)) })
	add := func(m map[string][]string, key, value string) {
		if !slices.Contains(m[key], value) {
			m[key] = append(m[key], value)
		}
	}
	for _, r := range b.records {
		key := subject{r.Window, r.Kind, r.Body, r.Subject}
		b.about[key] = append(b.about[key], r)
		b.centres[r.Centre] = true
		add(b.windows, r.Body, r.Window)
		if r.Kind == KindStaff {
			add(b.posts, r.Subject, r.Window)
		}
	}
	slices.SortStableFunc(plans, func(x, y PlanRecord) int { return cmp.Or(cmp.Compare(x.Day, y.Day), cmp.Compare(x.ID, y.ID)) })
	for _, p := range plans {
		b.plans[p.Centre] = append(b.plans[p.Centre], datedPlan{p.Plan, p.Day})
	}
	return b
}

// Version counts the changes of the book.
func (b *Book) Version() int64 { return b.version }

// Last returns the record that holds on a day, or nil when there is none yet.
func (b *Book) Last(window string, kind Kind, body, about string, day calendar.Date) *Record {
	chain := b.about[subject{window, kind, body, about}]
	for i := len(chain) - 1; i >= 0; i-- {
		if chain[i].Day <= day {
			return &chain[i]
		}
	}
	return nil
}

// Holds reports whether something holds on a day.
func (b *Book) Holds(window string, kind Kind, body, about string, day calendar.Date) bool {
	r := b.Last(window, kind, body, about, day)
	return r != nil && r.Held
}

// Authority returns the record by which the body has authorised a window to accept or to decide an item, or has not: that about the
// item if there is one, else that about all items. Nil when there is none.
func (b *Book) Authority(window string, kind Kind, body, item string, day calendar.Date) *Record {
	if r := b.Last(window, kind, body, item, day); r != nil {
		return r
	}
	return b.Last(window, kind, body, All, day)
}

// authorises reports whether a window may exercise the power on a day: the body is there, and has authorised it.
func (b *Book) authorises(window string, kind Kind, body, item string, day calendar.Date) bool {
	r := b.Authority(window, kind, body, item, day)
	return r != nil && r.Held && b.Holds(window, KindBody, body, "", day)
}

// History returns the records that a filter wants, the newest first.
func (b *Book) History(want func(*Record) bool) []Record {
	var out []Record
	for i := len(b.records) - 1; i >= 0; i-- {
		if want(&b.records[i]) {
			out = append(out, b.records[i])
		}
	}
	slices.SortStableFunc(out, func(x, y Record) int { return cmp.Compare(y.ID, x.ID) })
	return out
}

// Held returns the records of a kind that hold at a window on a day, in the order of body and subject.
func (b *Book) Held(window string, kind Kind, day calendar.Date) []Record {
	var out []Record
	for key, chain := range b.about {
		if key.window != window || key.kind != kind {
			continue
		}
		for i := len(chain) - 1; i >= 0; i-- {
			if chain[i].Day <= day {
				if chain[i].Held {
					out = append(out, chain[i])
				}
				break
			}
		}
	}
	slices.SortFunc(out, func(x, y Record) int { return cmp.Or(cmp.Compare(x.Body, y.Body), cmp.Compare(x.Subject, y.Subject)) })
	return out
}

// Since returns the day on which what holds now began: the first record of the last unbroken run.
func (b *Book) Since(r *Record) calendar.Date {
	day := r.Day
	chain := b.about[subject{r.Window, r.Kind, r.Body, r.Subject}]
	for i := len(chain) - 1; i >= 0; i-- {
		if chain[i].Day > r.Day {
			continue
		}
		if !chain[i].Held {
			break
		}
		day = chain[i].Day
	}
	return day
}

// Until returns the day from which what holds now will hold no longer; ok is false when no end is recorded.
func (b *Book) Until(r *Record) (day calendar.Date, ok bool) {
	for _, next := range b.about[subject{r.Window, r.Kind, r.Body, r.Subject}] {
		if next.Day > r.Day && !next.Held {
			return next.Day, true
		}
	}
	return 0, false
}

// windowsOf returns where the holder of a post sits on a day: where the post is stationed; of a post about which nothing was ever
// recorded, where the registry has it.
func (b *Book) windowsOf(places *registry.Snapshot, key string, day calendar.Date) []string {
	post := places.Post(key)
	if post == nil {
		return nil
	}
	if known := b.posts[key]; known != nil {
		var out []string
		for _, w := range known {
			for _, r := range b.Held(w, KindStaff, day) {
				if r.Subject == key {
					out = append(out, w)
					break
				}
			}
		}
		return out
	}
	if len(post.Windows) > 0 {
		return post.Windows
	}
	var out []string
	for _, c := range places.CentresRunBy(post.Body) {
		for i := range c.Windows {
			out = append(out, c.Windows[i].Key)
		}
	}
	return out
}

// Plan returns the plan of a centre that holds on a day; ok is false when it has none.
func (b *Book) Plan(centre string, day calendar.Date) (p Plan, ok bool) {
	list := b.plans[centre]
	for i := len(list) - 1; i >= 0; i-- {
		if list[i].day <= day {
			return list[i].Plan, true
		}
	}
	return Plan{}, false
}
