package intermediary

import (
	"net/http"
	"strconv"

	"openhall.org/openhall/internal/platform/web"
)

const amendHref = ownHref + "/offers"

// amendPage is where an agency changes its prices, terms and promises.
type amendPage struct {
	typed
	Agency   *Agency
	Version  int64
	Services []Service // that it may offer
	Versions []Version
}

// amendPage opens the page of the agency of whoever asks.
func (s *Rooms) amendPage(r *http.Request) (*amendPage, error) {
	a, _, err := s.own(r)
	if err != nil {
		return nil, err
	}
	if a == nil || a.State != Admitted {
		return nil, web.NotFound("intermediary.no-agency")
	}
	p := &amendPage{typed: untyped(), Agency: a}
	if p.Versions, err = s.Versions(r.Context(), a); err != nil {
		return nil, err
	}
	p.Version = p.Versions[0].Number
	all, err := s.Services(r.Context())
	for i := range all {
		if x := &all[i]; !x.Flagged() && x.Retired == "" && offerable(x, p.Versions) {
			p.Services = append(p.Services, *x)
		}
	}
	set := func(name, value string) { p.Values.Set(name, value) }
	set("promise", a.Profile.Promise)
	set("address", a.Profile.Address)
	set("phone", a.Profile.Phone)
	for _, o := range a.Profile.Offers {
		set("fen-"+o.Service, yuanText(o.Fen))
		set("days-"+o.Service, strconv.Itoa(o.Days))
	}
	return p, err
}

func (s *Rooms) getAmend(w http.ResponseWriter, r *http.Request) error {
	p, err := s.amendPage(r)
	if err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, amendView(web.ViewOf(r), p))
}

func (s *Rooms) postAmend(w http.ResponseWriter, r *http.Request) error {
	f, err := parse(r)
	if err != nil {
		return err
	}
	p, err := s.amendPage(r)
	if err != nil {
		return err
	}
	actor, err := s.People.Principal(r)
	if err != nil {
		return err
	}
	v := web.ViewOf(r)
	to := Profile{Promise: f.Value("promise"), Address: f.Value("address"), Phone: f.Value("phone")}
	for i := range p.Services {
		x := &p.Services[i]
		if f.Value("fen-"+x.Key) == "" && f.Value("days-"+x.Key) == "" {
			continue // not offered any more
		}
		to.Offers = append(to.Offers, Offer{Service: x.Key, Fen: yuan(v.L, f, "fen-"+x.Key), Days: integer(v.L, f, "days-"+x.Key)})
	}
	version, err := strconv.ParseInt(f.Value("version"), 10, 64)
	if err != nil {
		version = 0 // as good as an old one
	}
	var done error
	if f.Valid() {
		done = s.Amend(r.Context(), actor, p.Agency.Number, version, to)
	}
	if p.wrong(v, f, done) {
		return web.Render(w, r, http.StatusUnprocessableEntity, amendView(v, p))
	}
	if done != nil {
		return done
	}
	web.SetFlash(w, r, web.Flash{Kind: "success", Key: "intermediary.flash.amended"})
	return web.SeeOther(w, r, ownHref)
}

// versionDays says from when until when a version held.
func versionDays(v *web.View, x *Version) string {
	if x.Until.IsZero() {
		return v.L.T("intermediary.version.since", web.Args{"From": v.L.Time(x.From)})
	}
	return v.L.T("intermediary.version.during", web.Args{"From": v.L.Time(x.From), "Until": v.L.Time(x.Until)})
}
