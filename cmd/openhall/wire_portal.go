package main

import (
	"openhall.org/openhall/internal/app"
	"openhall.org/openhall/internal/slice/portal"
	"openhall.org/openhall/internal/slice/power"
)

// portalNeeds is what the portal works with.
func portalNeeds(w *wiring) func(n *app.Node) portal.Deps {
	return func(n *app.Node) portal.Deps {
		return portal.Deps{
			Registry: n.Registry, Services: services{w}, Tallies: n.Supervision, Proof: n.Ledger, Now: n.Now, Log: n.Log,
			Top: n.Config.Division, BaseURL: n.Config.BaseURL,
		}
	}
}

// services shows the items of the power catalogue to the portal.
type services struct{ w *wiring }

// Offer implements portal.Services.
func (s services) Offer(division string) portal.Offer {
	found := s.w.power.Find(power.Query{Area: division, Limit: 1})
	return portal.Offer{Total: found.Total, Events: groups(found.Events, s.w.power.LifeEvents()), Topics: groups(found.Topics, s.w.power.Topics())}
}

// groups names the facets that have anything, in the order of the catalogue.
func groups(facets []power.Facet, labels []power.Label) []portal.Group {
	count := map[string]int{}
	for _, f := range facets {
		count[f.Key] = f.Count
	}
	var out []portal.Group
	for _, l := range labels {
		if n := count[l.Key]; n > 0 {
			out = append(out, portal.Group{Key: l.Key, Name: l.Name, Count: n})
		}
	}
	return out
}

// OfBody implements portal.Services.
func (s services) OfBody(body string) []portal.Item {
	var out []portal.Item
	for _, im := range s.w.power.OfBody(body) {
		it := portal.Item{Code: im.Code, Name: im.Item.Name, Type: im.Item.Type.Name()}
		if im.Item.Promised.N > 0 {
			it.Term = im.Item.Promised.Text()
		}
		out = append(out, it)
	}
	return out
}
