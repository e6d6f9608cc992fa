package main

import (
	"context"
	"errors"
	"net/http"

	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/core/lang"
	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/store"
	"openhall.org/openhall/internal/slice/centre"
	"openhall.org/openhall/internal/slice/desk"
	"openhall.org/openhall/internal/slice/power"
	"openhall.org/openhall/internal/slice/rating"
)

// newCentre makes the room of service centres, and lets the policies ask it what windows are authorised to do.
func newCentre(w *wiring) (*centre.Service, error) {
	b := w.base
	s, err := centre.New(centre.Deps{
		DB: b.DB, Keys: b.Keys, IDs: b.IDs, Now: b.Now, Calendar: b.Calendar, Registry: b.Registry, Policies: b.Policies,
		People: holders{people{b}}, Items: centreItems{w}, Log: b.Log, Holder: b.Holder, BaseURL: b.Config.BaseURL,
	})
	if err == nil {
		b.Policies.AskAuthority(s)
	}
	return s, err
}

// holders tells the room of centres who holds a post.
type holders struct{ people people }

// Principal implements centre.People.
func (h holders) Principal(r *http.Request) (identity.Principal, error) { return h.people.Principal(r) }

// NameOf implements centre.People.
func (h holders) NameOf(ctx context.Context, account store.ID) string {
	a, err := h.people.base.Identity.Account(ctx, account)
	if err != nil {
		return ""
	}
	return a.Name
}

// centreItems shows the room of centres the catalogue of items.
type centreItems struct{ w *wiring }

// ItemsOf implements centre.Items.
func (c centreItems) ItemsOf(body string) []centre.ItemInfo {
	list := c.w.power.OfBody(body)
	out := make([]centre.ItemInfo, len(list))
	for i, im := range list {
		out[i] = c.info(im)
	}
	return out
}

// ItemInfo implements centre.Items.
func (c centreItems) ItemInfo(code string) (centre.ItemInfo, bool) {
	im, ok := c.w.power.Implementation(code)
	if !ok {
		return centre.ItemInfo{}, false
	}
	return c.info(im), true
}

func (c centreItems) info(im *power.Implementation) centre.ItemInfo {
	return centre.ItemInfo{
		Code: im.Code, Name: im.Item.Name, Body: im.Body, OnTheSpot: im.Item.Handling == power.OnTheSpot,
		Active: im.ActiveOn(calendar.Of(c.w.base.Now())),
	}
}

// windowAuthority tells other rooms what windows are authorised to do.
type windowAuthority struct{ w *wiring }

// ChiefFor implements desk.Authority.
func (a windowAuthority) ChiefFor(post string) []string { return a.w.centre.ChiefFor(post) }

// Keeps implements desk.Authority.
func (a windowAuthority) Keeps(body string) bool { return a.w.centre.Keeps(body) }

// Windows implements desk.Authority.
func (a windowAuthority) Windows(body, item string) []desk.WindowAuthority {
	places := a.w.base.Registry.Now()
	var out []desk.WindowAuthority
	for _, x := range a.w.centre.StandingOf(body, item) {
		w := desk.WindowAuthority{Accepts: x.Accepts(), Decides: x.Decides()}
		if at := places.Window(x.Window); at != nil {
			w.Window = prefixed(at.Number, at.Name)
		}
		switch {
		case w.Decides:
			w.Basis = x.Decide.Basis
		case x.Accept != nil:
			w.Basis = x.Accept.Basis
		}
		out = append(out, w)
	}
	return out
}

// prefixed is a name with a number before it.
func prefixed(number string, name lang.Text) lang.Text {
	return lang.Text{Hans: number + " " + name.Hans, Hant: number + " " + name.In(lang.Hant), En: number + " " + name.In(lang.En)}
}

// guideWindows tells guides what windows are authorised to do.
type guideWindows struct{ w *wiring }

// Stamp implements power.Windows.
func (g guideWindows) Stamp() int64 { return g.w.centre.Book().Version() }

// Windows implements power.Windows.
func (g guideWindows) Windows(body, code string) []power.WindowAuthority {
	list := windowAuthority(g).Windows(body, code)
	out := make([]power.WindowAuthority, len(list))
	for i, x := range g.w.centre.StandingOf(body, code) {
		out[i] = power.WindowAuthority{Window: list[i].Window, Centre: x.Centre, Accepts: list[i].Accepts, Decides: list[i].Decides, Basis: list[i].Basis}
	}
	return out
}

// visits tells the room of ratings which visits to windows there were.
type visits struct{ w *wiring }

// Visit implements rating.Visits.
func (x visits) Visit(ctx context.Context, code string) (rating.Visit, bool, error) {
	v, err := x.w.centre.Visit(ctx, code)
	if errors.Is(err, store.ErrNotFound) {
		return rating.Visit{}, false, nil
	}
	if err != nil || !v.Served {
		return rating.Visit{}, false, err
	}
	out := rating.Visit{Centre: v.Centre, Window: v.Window, Body: v.Body, Item: v.Item, Clerk: v.Clerk}
	if c := x.w.base.Registry.Now().Centre(v.Centre); c != nil {
		out.Division = c.Division
	}
	return out, true, nil
}
