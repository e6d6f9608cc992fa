package main

import (
	"cmp"
	"context"
	"encoding/json"
	"net/http"

	"openhall.org/openhall/internal/core/lang"
	"openhall.org/openhall/internal/core/statute"
	"openhall.org/openhall/internal/platform/api"
	"openhall.org/openhall/internal/platform/api/observe"
	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/slice/approval"
	"openhall.org/openhall/internal/slice/power"
)

// outside answers what is no page: the API, health and metrics. Everything else goes to the pages.
func outside(n *program) (func(http.Handler) http.Handler, error) {
	a, err := api.New(api.Options{
		Callers: n.Identity, Policies: n.Policies, Registry: n.Registry, Items: apiItems{n.wiring}, Cases: n.Cases, Files: n.Files,
		Cancelled: triedInVain{n.wiring}.took,
		Receipts:  n.Ledger, Cards: n.Supervision, Now: n.Now, Log: n.Log, Version: version(), TLS: n.Config.TLS(), Observe: n.answered,
		Words: func(tag lang.Tag, key string, args map[string]any) string {
			if !n.Catalogue.Has(key) {
				return ""
			}
			return n.Catalogue.Localizer(tag).T(key, args)
		},
	})
	if err != nil {
		return nil, err
	}
	operations, err := a.Handler()
	if err != nil {
		return nil, err
	}
	return func(pages http.Handler) http.Handler {
		mux := http.NewServeMux()
		mux.Handle(api.Prefix+"/", operations)
		mux.Handle("GET /livez", observe.Live())
		mux.Handle("GET /readyz", observe.Ready(n.Log, observe.Database(n.DB), observe.Lag(n.Ledger.Lag)))
		mux.Handle("GET /metrics", n.metrics)
		mux.Handle("/", pages)
		return mux
	}, nil
}

// triedInVain takes down that a program of a body went on taking applications for an item which a round of clean-up or a law has ended: one
// attempt to exercise it by the back door (变相设定审批), of which supervision makes a card.
type triedInVain struct{ w *wiring }

func (t triedInVain) took(ctx context.Context, who identity.Principal, code string) error {
	im, ok := t.w.power.Implementation(code)
	if !ok || who.Kind != identity.Machine {
		return nil
	}
	return t.w.cleanup.Attempted(ctx, who, im.Item.Key, im.Item.Name, []string{cmp.Or(who.Post.Body, im.Body)})
}

// apiItems shows the items of the power catalogue to programs.
type apiItems struct{ w *wiring }

// Item implements api.Items.
func (a apiItems) Item(code string) (api.Item, bool) {
	im, ok := a.w.power.Implementation(code)
	if !ok {
		return api.Item{}, false
	}
	out := a.item(im)
	if elements, err := json.Marshal(im.Item); err == nil {
		out.Elements = elements
	}
	if form, ok := a.w.power.Form(im.Item.Form); ok {
		out.Form = form
	}
	return out, true
}

// Items implements api.Items.
func (a apiItems) Items(q api.ItemQuery) []api.Item {
	found := a.w.power.Offers(power.Query{Words: q.Words, Body: q.Body, Area: q.Division, After: q.After, Limit: q.Limit})
	out := make([]api.Item, len(found))
	for i, im := range found {
		out[i] = a.item(im)
	}
	return out
}

func (a apiItems) item(im *power.Implementation) api.Item {
	it := im.Item
	out := api.Item{
		Code: im.Code, Key: it.Key, Version: it.Version, Name: it.Name, Summary: it.Summary, Type: string(it.Type), Body: im.Body,
		Statutory: apiTerm(it.Statutory.N, it.Statutory.Unit), Promised: apiTerm(it.Promised.N, it.Promised.Unit), Guide: "/hall/items/" + im.Code,
		Kind: approval.KindName,
	}
	if b := a.w.base.Registry.Now().Body(im.Body); b != nil {
		out.Division = b.Division
	}
	offered, err := a.w.approval.Start(im.Code)
	out.Open = err == nil && offered.Online
	return out
}

func apiTerm(n int, unit statute.Unit) *api.Term {
	if unit == "" {
		return nil
	}
	return &api.Term{Length: n, Unit: string(unit)}
}
