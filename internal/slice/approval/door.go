package approval

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"

	"openhall.org/openhall/internal/core/procedure"
	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/store"
	"openhall.org/openhall/internal/platform/web"
)

// door is how somebody came to a matter, and what they may see of it.
type door struct {
	base   string // address of the matter by this door
	code   string // query code
	who    identity.Principal
	proven bool // the query code was shown, or the matter stands under their identity number
	full   bool // they may see names and the application
	c      *casework.Case
	def    *procedure.Definition
}

// doorFunc opens the matter that a request is about.
type doorFunc func(r *http.Request) (door, error)

// byCode opens a matter to whoever holds its query code. Wrong codes are counted.
func (s *Service) byCode(r *http.Request) (door, error) {
	if !s.lookups.allow(r) {
		return door{}, &web.Error{Status: http.StatusTooManyRequests, Key: "approval.track.too-many"}
	}
	c, err := s.Cases.Track(r.Context(), r.PathValue("number"), r.PathValue("code"))
	if errors.Is(err, store.ErrNotFound) {
		s.lookups.fail(r)
		return door{}, web.NotFound("approval.track.not-found")
	}
	if err != nil {
		return door{}, err
	}
	who, err := s.People.Principal(r)
	if err != nil {
		return door{}, err
	}
	return s.open(r.Context(), door{base: trackPath(c.Number, s.Cases.Code(c)), who: who, proven: true, c: c})
}

// byOwner opens a matter to its owner, or to whoever has proved the identity number under which it was handed in.
func (s *Service) byOwner(r *http.Request) (door, error) {
	who, err := s.People.Principal(r)
	if err != nil {
		return door{}, err
	}
	c, err := s.Cases.ByNumber(r.Context(), strings.ToUpper(r.PathValue("number")))
	if errors.Is(err, store.ErrNotFound) {
		return door{}, web.NotFound("approval.track.not-found")
	}
	if err != nil {
		return door{}, err
	}
	d := door{base: matterPath(c.Number), who: who, c: c}
	if who.Party().ID != c.Party {
		if d.proven, err = s.holds(r.Context(), who, c); err != nil {
			return d, err
		}
	}
	return s.open(r.Context(), d)
}

// byPost opens a matter to an official, for its documents.
func (s *Service) byPost(r *http.Request) (door, error) {
	d, err := s.byOwner(r)
	d.base = "/desk/case/" + d.caseNumber()
	return d, err
}

func (d *door) caseNumber() string {
	if d.c == nil {
		return ""
	}
	return d.c.Number
}

// holds reports whether the case was handed in under the identity number that the party has proved.
func (s *Service) holds(ctx context.Context, who identity.Principal, c *casework.Case) (bool, error) {
	party := who.Party()
	if party.ID == 0 {
		return false, nil
	}
	p, err := s.People.Profile(ctx, party.ID)
	if err != nil || p.IDNumber == "" {
		return false, err
	}
	list, err := s.Cases.List(ctx, casework.Filter{Kind: KindName, Subject: c.Subject, Holder: s.Cases.HolderIndex(p.IDNumber), Before: c.ID + 1, Limit: 1})
	if err != nil {
		return false, err
	}
	return len(list) == 1 && list[0].ID == c.ID, nil
}

// open asks the policy, once for the matter and once for what is private in it.
func (s *Service) open(ctx context.Context, d door) (door, error) {
	if err := s.Cases.MayRead(d.who, d.c, d.proven, false); err != nil {
		return d, err
	}
	d.full = s.Cases.MayRead(d.who, d.c, d.proven, true) == nil
	d.code = s.Cases.Code(d.c)
	var err error
	_, d.def, err = s.Cases.Procedure(ctx, d.c.Procedure)
	return d, err
}

func trackPath(number, code string) string { return "/track/" + number + "/" + code }
func matterPath(number string) string      { return "/me/case/" + number }

// command does something to the matter as whoever stands at the door.
func (s *Service) command(ctx context.Context, d door, key string, act casework.Act) error {
	_, err := s.Cases.Do(ctx, casework.Command{Key: d.c.Number + "/" + key, Actor: d.who, Case: d.c.ID, Proven: d.proven, Act: act})
	return err
}

// myTasks returns the open steps that are the applicant's.
func (d *door) myTasks() []casework.Task {
	var mine []casework.Task
	for _, t := range d.c.Tasks() {
		if t.Role == applicantRole {
			mine = append(mine, t)
		}
	}
	return mine
}

// applicantRole is the role of steps that the applicant does.
const applicantRole = "applicant"

// withdrawal is the message by which an applicant withdraws (撤回).
const withdrawal = "withdraw"

// awaits reports whether the procedure, where the case stands, waits for a message.
func (d *door) awaits(message string) bool {
	hears := func(e *procedure.Element) bool { return e.Trigger == procedure.MessageTrigger && e.Ref == message }
	for _, t := range d.c.Progress().Tokens {
		if e := d.def.Element(t.Element); e != nil && (hears(e) || slices.ContainsFunc(e.Boundary, hears)) {
			return true
		}
	}
	return false
}
