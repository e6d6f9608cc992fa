package main

import (
	"context"
	"os"

	"openhall.org/openhall/internal/app"
	"openhall.org/openhall/internal/core/lang"
	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/store"
	"openhall.org/openhall/internal/slice/disclosure"
	"openhall.org/openhall/internal/slice/power"
)

// disclosureNeeds is what the room of open government information works with.
func disclosureNeeds(w *wiring) func(n *app.Node) disclosure.Deps {
	return func(n *app.Node) disclosure.Deps {
		return disclosure.Deps{
			Records: n.Publication, Cases: n.Cases, Files: n.Files, Index: n.Publication.Search, Registry: n.Registry, People: people{n.Base}, Policy: n.Policies, Matters: relatedItems{w}, DB: n.DB, IDs: n.IDs, Keys: n.Keys, Alerts: alerts{w},
			Now: n.Now, Log: n.Log, Top: n.Config.Division, BaseURL: n.Config.BaseURL, Site: func() lang.Text { return siteName(n.Base) }, Founding: os.Getenv("FOUNDING_DOCUMENT"),
		}
	}
}

// relatedItems finds the items of the power catalogue that have to do with a record.
type relatedItems struct{ w *wiring }

// Related implements disclosure.Matters.
func (r relatedItems) Related(body, words string, most int) []disclosure.Matter {
	var out []disclosure.Matter
	add := func(code string, name lang.Text, by string) {
		out = append(out, disclosure.Matter{Href: "/hall/items/" + code, Name: name, Body: names{r.w.base.Registry}.Body(by)})
	}
	b := r.w.base.Registry.Now().Body(body)
	if b == nil {
		return nil
	}
	found := r.w.power.Find(power.Query{Words: words, Area: b.Division, Limit: most})
	if found.Loose {
		return nil // they only resemble the words
	}
	for _, h := range found.Hits {
		if h.Offer != nil {
			add(h.Offer.Code, h.Item.Name, h.Offer.Body)
		}
	}
	return out
}

// alerts tell whoever has saved a search that something new answers it.
type alerts struct{ w *wiring }

// Alert implements disclosure.Alerts.
func (a alerts) Alert(ctx context.Context, account store.ID) error {
	return a.w.message.Notify.Tell(ctx, identity.Notice{Account: account, Kind: identity.NoticeSearch, At: a.w.base.Now()})
}
