package registry

import (
	"errors"
	"fmt"

	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/platform/store"
)

// check follows every reference, so that an edit that would leave one hanging is refused as a whole.
func check(all rows) error {
	divisions, bodies, centres := keys{}, keys{}, keys{}
	windows, posts := map[string]string{}, map[string]*Post{}
	for _, d := range all.divisions {
		divisions[d.Code] = true
	}
	for _, b := range all.bodies {
		bodies[b.Key] = true
	}
	var found []error
	refer := func(known keys, from, kind, key string) {
		if !known[key] {
			found = append(found, fmt.Errorf("%s names the %s %q, which is not there", from, kind, key))
		}
	}
	for _, c := range all.centres {
		centres[c.Key] = true
		found = append(found, checkEnd("centre "+c.Key, c.Ended)...)
		refer(divisions, "centre "+c.Key, "division", c.Division)
		refer(bodies, "centre "+c.Key, "body", c.Body)
		for _, w := range c.Windows {
			if other, twice := windows[w.Key]; twice || w.Key == "" {
				found = append(found, fmt.Errorf("window %q of the centre %s has no key of its own (centre %q)", w.Key, c.Key, other))
			}
			windows[w.Key] = c.Key
			for _, b := range w.Bodies {
				refer(bodies, "window "+w.Key, "body", b)
			}
		}
	}
	for _, b := range all.bodies {
		refer(divisions, "body "+b.Key, "division", b.Division)
		found = append(found, checkEnd("body "+b.Key, b.Ended)...)
		if b.Centre != "" {
			refer(centres, "body "+b.Key, "centre", b.Centre)
		}
	}
	for _, p := range all.posts {
		posts[p.Key] = p
		refer(bodies, "post "+p.Key, "body", p.Body)
		found = append(found, checkEnd("post "+p.Key, p.Ended)...)
		for _, w := range p.Windows {
			if _, ok := windows[w]; !ok {
				found = append(found, fmt.Errorf("post %s names the window %q, which is not there", p.Key, w))
			}
		}
	}
	return errors.Join(append(found, checkAppointments(all.appointments, posts)...)...)
}

type keys map[string]bool

// checkEnd refuses a last day that is no day.
func checkEnd(what, ended string) []error {
	if _, err := calendar.Parse(ended); ended != "" && err != nil {
		return []error{fmt.Errorf("%s ends on %q: want a day such as 2026-12-31", what, ended)}
	}
	return nil
}

// checkAppointments also keeps the three administrators apart: whoever holds one of their posts holds no other post meanwhile
// (三员分立: GB/T 22239-2019, 8.1.5, gives system, security and audit management to different people).
func checkAppointments(appointments []Appointment, posts map[string]*Post) []error {
	var found []error
	held := map[store.ID][]Appointment{}
	for _, a := range appointments {
		p := posts[a.Post]
		if p == nil {
			found = append(found, fmt.Errorf("account %s is appointed to the post %q, which is not there", a.Account, a.Post))
			continue
		}
		if end := endOf(p.Ended); !end.IsZero() && (a.Until.IsZero() || a.Until.After(end)) {
			found = append(found, fmt.Errorf("account %s holds the post %s beyond its end on %s: end the appointment first", a.Account, a.Post, p.Ended))
		}
		for _, b := range held[a.Account] {
			alone := administrative(p.Roles[0]) || administrative(posts[b.Post].Roles[0])
			if alone && a.Post != b.Post && a.overlaps(b) {
				found = append(found, fmt.Errorf("account %s can't hold %s and %s at the same time: an administrator holds no other post", a.Account, b.Post, a.Post))
			}
		}
		held[a.Account] = append(held[a.Account], a)
	}
	return found
}
