package main

import (
	"context"
	"fmt"
	"slices"

	"openhall.org/openhall/demo"
	"openhall.org/openhall/internal/app"
	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/core/lang"
	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/publication"
	"openhall.org/openhall/internal/platform/store"
	"openhall.org/openhall/internal/slice/approval"
	"openhall.org/openhall/internal/slice/cleanup"
	"openhall.org/openhall/internal/slice/cleanup/register"
	"openhall.org/openhall/internal/slice/desk"
	"openhall.org/openhall/internal/slice/power"
)

func newCleanup(w *wiring) (*cleanup.Service, error) {
	b := w.base
	return cleanup.New(cleanup.Deps{
		DB: b.DB, IDs: b.IDs, Registry: b.Registry, Rules: b.Rules, People: people{b}, Names: names{b.Registry}, Catalogue: cleanedItems{w}, Duties: cleanupDuties{b},
		Now: b.Now, Log: b.Log, Publisher: cleanupRecords{b}, BaseURL: b.Config.BaseURL,
	})
}

// cleanupModule brings rounds of clean-up into the program. In the demo, items that came with a newer version of it go through a round
// before they are imported.
func cleanupModule(w *wiring) app.Module {
	m := w.cleanup.Module(w.base.Holder)
	m.Demo = func(ctx context.Context, n *app.Node) error {
		c, err := power.Load(demo.Files)
		if err != nil {
			return err
		}
		items := make([]cleanup.Item, 0, len(c.Items))
		for i := range c.Items {
			items = append(items, cleanedItems{w}.item(&c.Items[i]))
		}
		return w.cleanup.Supplement(ctx, n, items)
	}
	return m
}

// listed shows the clean-up register to the catalogue of items.
type listed struct{ w *wiring }

// Standing implements power.Register.
func (l listed) Standing(item, body string, on calendar.Date) power.Standing {
	s := l.w.cleanup.Standing(item, body, on)
	return power.Standing{Kept: s.Kept, Gone: goneOf(s.Gone), Leaving: goneOf(s.Leaving)}
}

func goneOf(f *cleanup.Fate) *power.Gone {
	if f == nil {
		return nil
	}
	g := &power.Gone{
		On: f.On, Fate: string(f.Fate), Reason: lang.Text{Hans: f.Reason}, Manner: f.Manner, Basis: f.Basis, Round: f.Title, Href: f.Href,
		Finish: f.Cases == register.Finish,
	}
	for _, to := range f.Receivers() {
		g.Heirs = append(g.Heirs, power.Heir{Item: f.Becomes(), Body: to})
	}
	return g
}

// Stamp implements power.Register.
func (l listed) Stamp() int64 { return l.w.cleanup.Stamp() }

// Attempted implements power.Register.
func (l listed) Attempted(ctx context.Context, by identity.Principal, it *power.Item, bodies []string) error {
	return l.w.cleanup.Attempted(ctx, by, it.Key, it.Name, bodies)
}

// cleanedItems shows the catalogue of items to rounds of clean-up.
type cleanedItems struct{ w *wiring }

// Item implements cleanup.Catalogue.
func (c cleanedItems) Item(key string) (cleanup.Item, bool) {
	it, ok := c.w.power.Item(key)
	if !ok {
		return cleanup.Item{}, false
	}
	return c.item(it), true
}

func (c cleanedItems) item(it *power.Item) cleanup.Item {
	today := calendar.Of(c.w.base.Now())
	out := cleanup.Item{Key: it.Key, Name: it.Name, Kind: it.Department, Active: it.ActiveOn(max(today, it.Effective))}
	for _, by := range it.By {
		out.Bodies = append(out.Bodies, by.Body)
	}
	return out
}

// Items implements cleanup.Catalogue.
func (c cleanedItems) Items() []cleanup.Item {
	all := c.w.power.Items()
	list := make([]cleanup.Item, 0, len(all))
	for _, it := range all {
		list = append(list, c.item(it))
	}
	return list
}

// Code implements cleanup.Catalogue.
func (c cleanedItems) Code(item, body string) string { return c.w.power.CodeOf(item, body) }

// Settle implements cleanup.Catalogue.
func (c cleanedItems) Settle(ctx context.Context, l register.Line, round string) error {
	reg := c.w.base.Registry.Now()
	level := func(key string) power.Implementer {
		by := power.Implementer{Body: key}
		if b := reg.Body(key); b != nil {
			by.Level = power.Level(b.Level)
		}
		return by
	}
	why := lang.Text{Hans: l.Reason}
	e := power.Effect{Key: l.Item, Remove: []string{l.From}, Cancel: power.Cancellation{On: l.On, Reason: why, Basis: power.LegalBasis{Law: lang.Text{Hans: round}}}}
	for _, to := range l.Receivers() {
		if l.Fate == register.Delegated {
			e.Add = append(e.Add, level(to))
		}
	}
	return c.w.power.Settle(ctx, e)
}

// cleanupDuties take down what rounds of clean-up have bodies owe.
type cleanupDuties struct{ base *app.Base }

// Owe implements cleanup.Duties.
func (d cleanupDuties) Owe(ctx context.Context, tx *store.Tx, owed cleanup.Duty) error {
	return d.base.Publication.Owe(ctx, tx, publication.Duty{Key: owed.Key, Kind: owed.Kind, Body: owed.Body, Title: owed.Title, Due: owed.Due, Rule: owed.Rule})
}

// cleanupRecords put the public lists of rounds into the catalogue of records: they were reviewed and decided already.
type cleanupRecords struct{ base *app.Base }

// cleanupCategory is where the lists of approval items stand (政府信息公开条例 20(5)).
const cleanupCategory = "statutory.5"

// Publish implements cleanup.Publisher.
func (p cleanupRecords) Publish(ctx context.Context, x cleanup.Publication) (string, error) {
	db := p.base.DB
	content := publication.Content{
		Category: cleanupCategory, Title: x.Title, Text: x.Text, Made: x.Day, Genre: "通知", Source: p.base.Config.BaseURL + x.Href,
		Summary: "清理目录、依据、承接机关和后续监管计划：" + p.base.Config.BaseURL + x.Href,
	}
	out, err := p.base.Publication.Import(ctx, identity.Platform, publication.Batch{
		Key: "cleanup/" + x.ID, Body: x.Body, Records: []publication.Incoming{{Body: x.Body, Published: x.Day, Content: content}},
	})
	if err != nil {
		return "", err
	}
	if len(out.Errors) > 0 {
		return "", fmt.Errorf("record of round %s: %w", x.ID, &casework.Refusal{Code: casework.RefusedForm, Fields: out.Errors[0].Fields})
	}
	list, err := p.base.Publication.List(ctx, publication.Filter{Division: x.Division, Body: x.Body, Category: content.Category, Year: x.Day.Year(), Limit: 500})
	if err != nil {
		return "", err
	}
	i := slices.IndexFunc(list, func(r publication.Entry) bool { return r.Title == x.Title })
	if i < 0 {
		return "", nil // it is being released; asked again it is there
	}
	err = db.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		return p.base.Publication.Meet(ctx, tx, x.Duty, list[i].ID, p.base.Now())
	})
	return "/open/r/" + list[i].Index, err
}

// cleaned tells the desk about rounds of clean-up and hand-overs: they have pages of their own.
func cleaned(c *casework.Case) (desk.Matter, bool) {
	page := &desk.Page{Only: true}
	switch c.Kind {
	case cleanup.RoundKind:
		page.Href = "/desk/cleanup/rounds/" + c.Number
		page.Title = lang.Text{Hans: "在清理批次页面起草、审核、批准", Hant: "在清理批次頁面起草、審核、批准", En: "Draft, review and approve the round on its own page"}
	case cleanup.HandoverKind:
		page.Href = "/desk/cleanup/handovers/" + c.Number
		page.Title = lang.Text{Hans: "在移交承接页面核对清单", Hant: "在移交承接頁面核對清單", En: "Check the list on the page of the hand-over"}
	case cleanup.AttemptKind:
		return desk.Matter{}, true
	default:
		return desk.Matter{}, false
	}
	return desk.Matter{Page: page}, true
}

// goneFor says to an applicant why a round of clean-up took an item from its body, and where to go now.
func goneFor(w *wiring, g *power.Gone) *approval.Cancellation {
	reason := g.Reason
	if reason.IsZero() {
		reason = lang.Text{Hans: g.Round}
	}
	out := &approval.Cancellation{On: g.On, Reason: reason}
	for _, h := range g.Heirs {
		b := w.base.Registry.Now().Body(h.Body)
		it, ok := w.power.Item(h.Item)
		if b == nil || !ok {
			continue
		}
		out.Reason = lang.Text{
			Hans: reason.Hans + "；现由" + b.Name.Hans + "办理“" + it.Name.Hans + "”", Hant: reason.In(lang.Hant) + "；現由" + b.Name.In(lang.Hant) + "辦理「" + it.Name.In(lang.Hant) + "」",
			En: reason.In(lang.En) + "; " + b.Name.In(lang.En) + " now handles “" + it.Name.In(lang.En) + "”",
		}
		break
	}
	return out
}
