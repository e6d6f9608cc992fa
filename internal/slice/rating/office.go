package rating

import (
	"cmp"
	"slices"
	"time"

	"openhall.org/openhall/internal/platform/registry"
	"openhall.org/openhall/internal/platform/store"
)

// offices are the bodies that work on a case about another body.
type offices struct {
	complaints string // whose complaints officer accepts, inquires where the body can't, and calls back
	supervisor string // whose supervisor reviews
}

// officesFor chooses who works on a case about a body: the body that runs its service centre, else the nearest in its division or above
// that has a complaints officer; the nearest with a supervisor. Neither is the body itself, unless there is no other at all; and a body
// in which nobody but those to be kept out could do it is passed over while there is another.
func (s *Service) officesFor(body string, barred []store.ID) offices {
	found := s.officesAround(body, barred)
	vacant := s.officesAround(body, nil)
	return offices{cmp.Or(found.complaints, vacant.complaints), cmp.Or(found.supervisor, vacant.supervisor)}
}

func (s *Service) officesAround(body string, barred []store.ID) offices {
	places, now := s.Registry.Now(), s.Now()
	hasPost := func(other, role string) bool { return staffed(places, other, role, barred, now) }
	b := places.Body(body)
	if b == nil {
		return offices{}
	}
	var found offices
	if c := places.Centre(b.Centre); c != nil && c.Body != body && hasPost(c.Body, registry.Complaints) {
		found.complaints = c.Body
	}
	path := places.Path(b.Division)
	slices.Reverse(path)
	for _, d := range path {
		for _, other := range places.Bodies(d.Code) {
			if other.Key == body {
				continue
			}
			if found.complaints == "" && hasPost(other.Key, registry.Complaints) {
				found.complaints = other.Key
			}
			if found.supervisor == "" && hasPost(other.Key, registry.Supervisor) {
				found.supervisor = other.Key
			}
		}
	}
	if found.complaints == "" && hasPost(body, registry.Complaints) {
		found.complaints = body
	}
	if found.supervisor == "" && hasPost(body, registry.Supervisor) {
		found.supervisor = body
	}
	return found
}

// staffed reports whether a body has a post with the role that is held by somebody who need not keep out. Without anybody to keep out a
// vacant post will do: it is filled again.
func staffed(places *registry.Snapshot, body, role string, barred []store.ID, now time.Time) bool {
	return slices.ContainsFunc(places.Posts(body), func(p *registry.Post) bool {
		if !p.Has(role) {
			return false
		}
		return len(barred) == 0 || slices.ContainsFunc(places.Holders(p.Key, now), func(a store.ID) bool { return !slices.Contains(barred, a) })
	})
}

// canInquire reports whether a body has an officer and a head, two persons, who need not keep out.
func (s *Service) canInquire(body string, barred []store.ID) bool {
	places, now := s.Registry.Now(), s.Now()
	free := func(role string) (accounts []store.ID) {
		for _, p := range places.Posts(body) {
			if !p.Has(role) {
				continue
			}
			for _, a := range places.Holders(p.Key, now) {
				if !slices.Contains(barred, a) {
					accounts = append(accounts, a)
				}
			}
		}
		return accounts
	}
	officers, heads := free(registry.Reviewer), free(registry.Head)
	for _, o := range officers {
		if slices.ContainsFunc(heads, func(h store.ID) bool { return h != o }) {
			return true
		}
	}
	return false
}

// windowsOf returns the windows at which matters of a body are taken in, in its division and those above.
func (s *Service) windowsOf(body string) []registry.Window {
	places := s.Registry.Now()
	b := places.Body(body)
	if b == nil {
		return nil
	}
	var list []registry.Window
	for _, d := range places.Path(b.Division) {
		for _, c := range places.Centres(d.Code) {
			for _, w := range c.Windows {
				if c.Body == body || slices.Contains(w.Bodies, body) {
					list = append(list, w)
				}
			}
		}
	}
	return list
}

// atWindow returns the accounts that sit now at a window of a body: those whom a complaint about it may be about.
func (s *Service) atWindow(body, window string) []store.ID {
	places, now := s.Registry.Now(), s.Now()
	b := places.Body(body)
	if b == nil {
		return nil
	}
	var accounts []store.ID
	for _, d := range places.Path(b.Division) {
		for _, c := range places.Centres(d.Code) {
			for _, p := range places.Posts(c.Body) {
				if slices.Contains(p.Windows, window) {
					accounts = append(accounts, places.Holders(p.Key, now)...)
				}
			}
		}
	}
	slices.Sort(accounts)
	return slices.Compact(accounts)
}
