package main

import (
	"encoding/json"
	"sync"

	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/core/lang"
	"openhall.org/openhall/internal/core/term"
	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/slice/approval"
	"openhall.org/openhall/internal/slice/power"
)

func newApproval(w *wiring) (*approval.Service, error) {
	b := w.base
	return approval.New(approval.Deps{
		DB: b.DB, Items: catalogue{w}, Files: b.Files, People: people{b}, Names: names{b.Registry}, Others: otherMatters{w}, Rules: b.Rules, Calendar: b.Calendar,
		Now: b.Now, Log: b.Log, BaseURL: b.Config.BaseURL,
		Documents: b.Letters, Letters: b.Letters.Templates(), Agency: agencies{b.Registry}.of, Assistance: assistance{w}, Related: servicesFor(w),
	})
}

// catalogue shows the items of the power catalogue as what can be applied for.
type catalogue struct{ w *wiring }

// itemCache keeps each implementation as the slice approval sees it. An implementation is never altered: a new version is a new
// one, and the old one goes when the cache is emptied with it.
type itemCache struct {
	mu sync.RWMutex
	m  map[*power.Implementation]*approval.Item
}

const maxItems = 20_000

// Item implements approval.Catalogue. Its cases run by the chart that its body has drawn, if it has.
func (c catalogue) Item(code string) (*approval.Item, bool) {
	it, ok := c.shipped(code)
	if !ok {
		return nil, false
	}
	if key := c.w.chart.For(it.Body, it.Key, it.Procedure); key != it.Procedure {
		own := *it
		own.Procedure = key
		return &own, true
	}
	return it, true
}

// shipped is the item as the catalogue says it.
func (c catalogue) shipped(code string) (*approval.Item, bool) {
	im, ok := c.w.power.Implementation(code)
	if !ok {
		return nil, false
	}
	cache := &c.w.items
	cache.mu.RLock()
	it := cache.m[im]
	cache.mu.RUnlock()
	if it != nil {
		return it, true
	}
	it = c.item(im)
	cache.mu.Lock()
	defer cache.mu.Unlock()
	if cache.m == nil || len(cache.m) >= maxItems {
		cache.m = map[*power.Implementation]*approval.Item{}
	}
	cache.m[im] = it
	return it, true
}

func (c catalogue) item(im *power.Implementation) *approval.Item {
	p := im.Item
	it := &approval.Item{
		Code: im.Code, Key: p.Key, Version: p.Version, Type: string(p.Type), Title: p.Name, Summary: p.Summary, Body: im.Body,
		Procedure: p.Procedure, Conditions: p.Conditions, OnTheSpot: p.Handling == power.OnTheSpot, EffectiveOn: p.Effective,
		Guide:     "/hall/items/" + im.Code,
		Statutory: length(p.Statutory.N, p.Statutory, p.Name),
	}
	if b := c.w.base.Registry.Now().Body(im.Body); b != nil {
		it.Division, it.BodyName = b.Division, b.Name
	}
	if p.Promised.N < p.Statutory.N && p.Promised.Unit == p.Statutory.Unit {
		it.Promised = term.Length{N: p.Promised.N, Unit: p.Promised.Unit, Rule: decideRule, Title: promised, Article: p.Promised.Note}
	}
	if raw, ok := c.w.power.Form(p.Form); ok {
		it.Form = json.RawMessage(raw)
	}
	for i := range p.Materials {
		it.Materials = append(it.Materials, material(&p.Materials[i]))
	}
	for _, who := range p.Serves {
		if who == power.Person {
			it.Serves = append(it.Serves, identity.Person)
		} else {
			it.Serves = append(it.Serves, identity.Enterprise)
		}
	}
	for _, ch := range p.Channels {
		it.Online = it.Online || ch == power.Online
		it.ByAgent = it.ByAgent || ch == power.Agent
	}
	it.Upper = upperBody(c.w, im)
	it.Fee = fee(p)
	for _, f := range p.Fees {
		if f.Fen > 0 {
			it.Fees = append(it.Fees, f.Fen)
		} else {
			it.FeesVary = true
		}
	}
	it.Cancelled = cancellation(im, c.w)
	return it
}

// decideRule is the rule under which the terms of an item hold in its cases.
const decideRule = "licence.decide"

var promised = lang.Text{Hans: "承诺时限", Hant: "承諾時限", En: "Promised term"}

func length(n int, t power.TermLength, title lang.Text) term.Length {
	return term.Length{N: n, Unit: t.Unit, Rule: decideRule, Title: title, Article: lang.Text{
		Hans: t.Basis.Cite(lang.Hans), Hant: t.Basis.Cite(lang.Hant), En: t.Basis.Cite(lang.En),
	}}
}

func material(m *power.Material) approval.Material {
	out := approval.Material{
		Key: m.Key, Name: m.Name, When: m.When, Accept: m.Accept, ByForm: m.Kind == power.ApplicationForm, Need: approval.Necessary,
		Article: lang.Text{Hans: m.Basis.Cite(lang.Hans), Hant: m.Basis.Cite(lang.Hant), En: m.Basis.Cite(lang.En)},
	}
	switch {
	case m.Need == power.Conditional:
		out.Need = approval.Conditional
	case m.Need == power.Curable, m.Origin == power.SharedByState:
		out.Need = approval.Optional
	}
	return out
}

func fee(p *power.Item) lang.Text {
	if p.Charged == nil || !*p.Charged || len(p.Fees) == 0 {
		return lang.Text{Hans: "不收费", Hant: "不收費", En: "Free of charge"}
	}
	out := lang.Text{}
	for i, f := range p.Fees {
		if i > 0 {
			out.Hans, out.Hant, out.En = out.Hans+"；", out.Hant+"；", out.En+"; "
		}
		out.Hans += f.Name.Hans + "：" + f.Standard.Hans
		out.Hant += f.Name.In(lang.Hant) + "：" + f.Standard.In(lang.Hant)
		out.En += f.Name.In(lang.En) + ": " + f.Standard.In(lang.En)
	}
	return out
}

// cancellation says why nobody can apply any more: the item was cancelled, or the body ceased to exercise it.
func cancellation(im *power.Implementation, w *wiring) *approval.Cancellation {
	switch {
	case im.Gone != nil:
		return goneFor(w, im.Gone)
	case im.Item.Cancelled != nil:
		return &approval.Cancellation{On: im.Item.Cancelled.On, Reason: im.Item.Cancelled.Reason}
	case !im.Exercised():
		on := calendar.Of(im.Ended)
		if im.Ended.IsZero() {
			on = calendar.Of(w.base.Now())
		}
		return &approval.Cancellation{On: on, Reason: lang.Text{
			Hans: "本机关不再行使该事项", Hant: "本機關不再行使該事項", En: "This body no longer exercises the item",
		}}
	default:
		return nil
	}
}
