package centre

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/registry"
	"openhall.org/openhall/internal/platform/store"
)

// windowRole is the role of tasks that procedures give to the window.
const windowRole = "window"

// kindOf is the kind of records that give a power.
func kindOf(power string) (Kind, bool) {
	switch power {
	case "accept":
		return KindAccept, true
	case "decide":
		return KindDecide, true
	}
	return "", false
}

// Authorised implements identity.Authority: whether the body has authorised a window at which the holder of the post sits to exercise
// the power with the item. Tasks of another role than the window's, such as the head's decision, are for the chief representative
// (首席代表) of the body.
//
// A centre about which nothing was ever recorded works as the registry says: its windows do the tasks of windows.
func (s *Service) Authorised(post, role, body, item, power string) bool {
	kind, ok := kindOf(power)
	if !ok {
		return false
	}
	book, places, day := s.Book(), s.Registry.Now(), s.today()
	for _, w := range book.windowsOf(places, post, day) {
		if !book.centres[centreOf(places, w)] {
			if role == windowRole && places.Serves(post, body) {
				return true
			}
			continue
		}
		if book.authorises(w, kind, body, item, day) && (role == windowRole || book.Holds(w, KindChief, body, post, day)) {
			return true
		}
	}
	return false
}

// Kept implements identity.Authority: whether no window may exercise the power of the body with the item.
func (s *Service) Kept(body, item, power string) bool {
	kind, ok := kindOf(power)
	if !ok {
		return false
	}
	book, places, day := s.Book(), s.Registry.Now(), s.today()
	if b := places.Body(body); b != nil && b.Centre != "" && !book.centres[b.Centre] {
		return false
	}
	return !slices.ContainsFunc(book.windows[body], func(w string) bool { return book.authorises(w, kind, body, item, day) })
}

// ChiefFor returns the bodies for which the holder of a post decides at the window.
func (s *Service) ChiefFor(post string) []string {
	book, places, day := s.Book(), s.Registry.Now(), s.today()
	var out []string
	for _, w := range book.windowsOf(places, post, day) {
		for _, r := range book.Held(w, KindChief, day) {
			if r.Subject == post && !slices.Contains(out, r.Body) {
				out = append(out, r.Body)
			}
		}
	}
	return out
}

// Keeps reports whether a body keeps to itself to accept any of its items, so that its own officials find them in their queue.
func (s *Service) Keeps(body string) bool {
	book := s.Book()
	if book.windows[body] == nil {
		return false
	}
	return slices.ContainsFunc(s.Items.ItemsOf(body), func(it ItemInfo) bool {
		return it.Active && (s.Kept(body, it.Code, "accept") || it.OnTheSpot && s.Kept(body, it.Code, "decide"))
	})
}

// Standing is what a body has authorised for one item at one window.
type Standing struct {
	Centre, Window string
	Accept, Decide *Record // nil: nothing recorded
}

// Accepts and Decides report whether the window may.
func (x Standing) Accepts() bool { return x.Accept != nil && x.Accept.Held }

// Decides reports whether the window may decide.
func (x Standing) Decides() bool { return x.Decide != nil && x.Decide.Held }

// StandingOf lists the windows at which a body is stationed with what it has authorised them to do with an item.
func (s *Service) StandingOf(body, item string) []Standing {
	book, places, day := s.Book(), s.Registry.Now(), s.today()
	var out []Standing
	for _, w := range book.windows[body] {
		if book.Holds(w, KindBody, body, "", day) {
			out = append(out, Standing{
				Centre: centreOf(places, w), Window: w,
				Accept: book.Authority(w, KindAccept, body, item, day), Decide: book.Authority(w, KindDecide, body, item, day),
			})
		}
	}
	slices.SortFunc(out, func(a, b Standing) int { return strings.Compare(a.Window, b.Window) })
	return out
}

// centreOf returns the key of the centre of a window, or "".
func centreOf(places *registry.Snapshot, window string) string {
	if c := places.CentreOf(window); c != nil {
		return c.Key
	}
	return ""
}

// maxBasis bounds the name of a document, in characters.
const maxBasis = 200

// Check says what stands against a change of stationing or authority, or nil. It is the dry run of [Service.Record] as well.
func (s *Service) Check(actor identity.Principal, r *Record) error {
	book, places := s.Book(), s.Registry.Now()
	c, w := places.CentreOf(r.Window), places.Window(r.Window)
	if c == nil || w == nil {
		return refuse("no-window", "window")
	}
	r.Centre = c.Key
	body := places.Body(r.Body)
	if body == nil {
		return refuse("no-body", "body")
	}
	var err error
	if r.Kind.authority() {
		err = s.Policies.Allow(actor, ActionAuthorise, identity.Resource{Type: "authority", ID: r.Window, Division: body.Division, Body: body.Key})
	} else {
		err = s.allow(actor, ActionManage, c)
	}
	if err != nil {
		return err
	}
	switch n := utf8.RuneCountInString(r.Basis); {
	case r.Basis == "":
		return refuse("no-basis", "basis")
	case n > maxBasis:
		return refuse("long-basis", "basis", "Max", maxBasis, "Got", n)
	case r.Day < s.today():
		return refuse("past", "day") // what has been cannot be changed: history is what people acted upon
	case r.Day > s.today().AddMonths(24):
		return refuse("far", "day")
	}
	if err := s.checkSubject(places, r); err != nil {
		return err
	}
	now := book.Holds(r.Window, r.Kind, r.Body, r.Subject, r.Day)
	if about := book.Last(r.Window, r.Kind, r.Body, r.Subject, r.Day); now == r.Held && (about != nil || !r.Kind.authority() || r.Held) {
		return refuse("no-change", "held")
	}
	if r.Held && r.Kind != KindBody && r.Kind != KindStaff && !book.Holds(r.Window, KindBody, r.Body, "", r.Day) {
		return refuse("body-not-there", "body")
	}
	return nil
}

func (s *Service) checkSubject(places *registry.Snapshot, r *Record) error {
	switch r.Kind {
	case KindBody:
		r.Subject = ""
	case KindStaff, KindChief:
		if p := places.Post(r.Subject); p == nil || !p.Has(registry.Clerk) && !p.Has(registry.Agent) {
			return refuse("no-post", "subject")
		}
	case KindItem:
		if it, ok := s.Items.ItemInfo(r.Subject); !ok || it.Body != r.Body {
			return refuse("no-item", "subject")
		}
	case KindAccept, KindDecide:
		if it, ok := s.Items.ItemInfo(r.Subject); r.Subject != All && (!ok || it.Body != r.Body) {
			return refuse("no-item", "subject")
		}
	default:
		return refuse("no-kind", "kind")
	}
	return nil
}

// Record adds a change to the book. Nothing that stands there is altered.
func (s *Service) Record(ctx context.Context, actor identity.Principal, r Record) error {
	if err := s.Check(actor, &r); err != nil {
		return err
	}
	r.ID, r.Account, r.Post, r.At = s.IDs.New(), actor.Account, actor.Post.ID, s.Now()
	return s.write(ctx, func(_ context.Context, tx *store.Tx) error {
		queueRecord(tx, &r)
		return nil
	})
}

// PlanCheck is the dry run of [Service.SetPlan]: what is wrong with the plan, or which appointments lose their place.
func (s *Service) PlanCheck(ctx context.Context, actor identity.Principal, centre string, day calendar.Date, p *Plan) ([]*Appointment, error) {
	c := s.Registry.Now().Centre(centre)
	if c == nil {
		return nil, refuse("no-centre", "")
	}
	if err := s.allow(actor, ActionManage, c); err != nil {
		return nil, err
	}
	if day < s.today() {
		return nil, refuse("past", "day")
	}
	windows := make([]string, len(c.Windows))
	for i := range c.Windows {
		windows[i] = c.Windows[i].Key
	}
	if wrong := p.Check(windows); wrong != nil {
		return nil, wrong
	}
	booked, err := s.appointmentsFrom(ctx, centre, day)
	if err != nil {
		return nil, err
	}
	cal, taken := s.Calendar(), map[string]int{}
	var lost []*Appointment
	for _, a := range booked {
		line := p.Line(a.Line)
		key := fmt.Sprint(a.Line, a.Day, a.Slot)
		taken[key]++
		if line == nil || !slices.Contains(p.Slots(cal, line, a.Day), a.Slot) || taken[key] > line.Capacity {
			lost = append(lost, a)
		}
	}
	return lost, nil
}

// SetPlan puts a plan in force from a day on. Appointments that have no place in it stay as they are: the page of the centre lists them
// for somebody to call.
func (s *Service) SetPlan(ctx context.Context, actor identity.Principal, centre string, day calendar.Date, p Plan) error {
	if _, err := s.PlanCheck(ctx, actor, centre, day, &p); err != nil {
		return err
	}
	rec := PlanRecord{ID: s.IDs.New(), Centre: centre, Day: day, Plan: p, Account: actor.Account, Post: actor.Post.ID, At: s.Now()}
	return s.write(ctx, func(_ context.Context, tx *store.Tx) error { return queuePlan(tx, &rec) })
}
