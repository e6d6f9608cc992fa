package main

import (
	"context"
	"crypto/rand"

	"openhall.org/openhall/internal/app"
	"openhall.org/openhall/internal/core/lang"
	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/slice/approval"
	"openhall.org/openhall/internal/slice/desk"
	"openhall.org/openhall/internal/slice/intermediary"
)

func newIntermediary(w *wiring) (*intermediary.Rooms, error) {
	b := w.base
	return intermediary.New(intermediary.Deps{
		DB: b.DB, IDs: b.IDs, Keys: b.Keys, Files: b.Files, Registry: b.Registry, Rules: b.Rules, Calendar: b.Calendar, People: people{b}, Names: names{b.Registry},
		Matters: servedMatters{w}, Now: b.Now, Log: b.Log, Random: rand.Reader, Journal: b.Journal,
	})
}

func intermediaryModule(w *wiring) app.Module { return w.intermediary.Module(w.base.Holder) }

// servedMatters tells intermediary services which item a case is about.
type servedMatters struct{ w *wiring }

// Matter implements intermediary.Matters.
func (m servedMatters) Matter(c *casework.Case) (intermediary.Matter, bool) {
	if c.Kind != approval.KindName {
		return intermediary.Matter{}, false
	}
	it, ok := catalogue(m).Item(c.Subject)
	if !ok {
		return intermediary.Matter{}, false
	}
	out := intermediary.Matter{Item: it.Key, Materials: map[string]lang.Text{}}
	for _, x := range it.Materials {
		out.Materials[x.Key] = x.Name
	}
	return out, true
}

// Item implements intermediary.Matters.
func (m servedMatters) Item(key string) (lang.Text, bool) {
	it, ok := m.w.power.Item(key)
	if !ok {
		return lang.Text{}, false
	}
	return it.Name, true
}

// Guide implements intermediary.Matters.
func (m servedMatters) Guide(item string) string { return "/hall/items/" + item }

// servicesFor leads from a case of an applicant to where its intermediary services are ordered.
func servicesFor(w *wiring) func(ctx context.Context, c *casework.Case) ([]approval.Related, error) {
	return func(ctx context.Context, c *casework.Case) ([]approval.Related, error) {
		m, ok := servedMatters{w}.Matter(c)
		if !ok || c.Party == 0 {
			return nil, nil
		}
		needed, err := w.intermediary.Needed(ctx, m.Item)
		if err != nil || len(needed) == 0 {
			return nil, err
		}
		return []approval.Related{{Href: intermediary.PlaceHref(c.Number), Title: lang.Text{Hans: "选取中介机构、查看中介服务订单", Hant: "選取中介機構、查看中介服務訂單", En: "Choose an agency, and see orders of intermediary services"}}}, nil
	}
}

// served tells the desk about cases of intermediary services: they have pages of their own.
func served(ctx context.Context, w *wiring, c *casework.Case) (desk.Matter, bool, error) {
	page := &desk.Page{Only: true}
	switch c.Kind {
	case intermediary.OrderKind:
		page.Href = intermediary.OrderHref(c.Number)
		page.Title = lang.Text{Hans: "在订单页面核验成果", Hant: "在訂單頁面核驗成果", En: "Check the deliverable on the page of the order"}
	case intermediary.AdmissionKind:
		page.Href = intermediary.AdmissionHref(c.Number)
		page.Title = lang.Text{Hans: "在入驻申请页面核验资质", Hant: "在入駐申請頁面核驗資質", En: "Check the qualifications on the page of the application"}
	case intermediary.SanctionKind:
		page.Href = intermediary.SanctionHref(c.Number)
		page.Title = lang.Text{Hans: "在惩戒页面决定", Hant: "在懲戒頁面決定", En: "Decide on the page of the sanction"}
	case intermediary.LiftKind:
		page.Href = intermediary.LiftHref(c.Number)
		page.Title = lang.Text{Hans: "在解除申请页面决定", Hant: "在解除申請頁面決定", En: "Decide on the page of what is to be lifted"}
	case intermediary.BidKind, intermediary.AttemptKind:
		return desk.Matter{}, true, nil
	default:
		return desk.Matter{}, false, nil
	}
	return desk.Matter{Page: page}, true, ctx.Err()
}

// graded notes beside the materials of a case which of them an intermediary delivered, and how it was graded.
func graded(ctx context.Context, w *wiring, c *casework.Case, list []desk.Material) error {
	orders, err := w.intermediary.OrdersOf(ctx, c.ID)
	if err != nil {
		return err
	}
	for i := range list {
		for j := range orders {
			o := &orders[j]
			if o.Material != list[i].Key || o.Grade == "" {
				continue
			}
			list[i].Note = lang.Text{
				Hans: "中介服务订单 " + o.Number + " 的成果，核验为 " + o.Grade + " 级", Hant: "中介服務訂單 " + o.Number + " 的成果，核驗為 " + o.Grade + " 級",
				En: "Deliverable of order " + o.Number + ", grade " + o.Grade,
			}
		}
	}
	return nil
}

// servedPage is the address of a case of intermediary services for its owner.
func servedPage(c *casework.Case) string {
	switch c.Kind {
	case intermediary.OrderKind:
		return intermediary.OrderHref(c.Number)
	case intermediary.AdmissionKind, intermediary.BidKind, intermediary.LiftKind:
		return "/intermediary/agency"
	default:
		return ""
	}
}
