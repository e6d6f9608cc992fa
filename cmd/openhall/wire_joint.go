package main

import (
	"context"

	"openhall.org/openhall/internal/app"
	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/core/lang"
	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/store"
	"openhall.org/openhall/internal/platform/web"
	"openhall.org/openhall/internal/slice/approval"
	"openhall.org/openhall/internal/slice/desk"
	"openhall.org/openhall/internal/slice/joint"
	"openhall.org/openhall/internal/slice/power"
)

func newJoint(w *wiring) (*joint.Service, error) {
	b := w.base
	return joint.New(joint.Deps{
		DB: b.DB, IDs: b.IDs, Files: b.Files, Registry: b.Registry, People: people{b}, Items: jointItems{w}, Policies: b.Policies, Rules: b.Rules,
		Calendar: b.Calendar, Now: b.Now, Log: b.Log, Documents: b.Letters, Agency: agencies{b.Registry}.of,
		Applicant: approval.CheckApplicant, Formats: stepFormats(b.Now), Pages: pageFormats(), BaseURL: b.Config.BaseURL,
	})
}

// jointModule brings joint matters into the program.
func jointModule(w *wiring) app.Module {
	b := w.base
	return w.joint.Module(b.Holder, func(err error) {
		b.Log.ErrorContext(context.Background(), "background work failed", "what", "bringing parts of joint matters together", "error", err)
	})
}

// Party implements joint.People.
func (p people) Party(ctx context.Context, party store.ID) (casework.Applicant, error) {
	profile, err := p.Profile(ctx, party)
	return casework.Applicant{Party: party, Kind: profile.Kind, Name: profile.Name, IDNumber: profile.IDNumber, Phone: profile.Phone, Address: profile.Address}, err
}

// jointItems shows the items of the power catalogue as what parts of joint matters can be.
type jointItems struct{ w *wiring }

// Item implements joint.Catalogue.
func (c jointItems) Item(key, division string) (*joint.Item, bool) {
	for _, im := range c.w.power.Implementations(key) {
		if b := c.w.base.Registry.Now().Body(im.Body); b != nil && b.Division == division && im.ActiveOn(calendar.Of(c.w.base.Now())) {
			return c.item(im)
		}
	}
	return nil, false
}

// Items implements joint.Catalogue.
func (c jointItems) Items(division string) []joint.Item {
	var list []joint.Item
	for _, b := range c.w.base.Registry.Now().Bodies(division) {
		for _, im := range c.w.power.OfBody(b.Key) {
			if it, ok := c.item(im); ok && im.ActiveOn(calendar.Of(c.w.base.Now())) {
				list = append(list, *it)
			}
		}
	}
	return list
}

func (c jointItems) item(im *power.Implementation) (*joint.Item, bool) {
	it, ok := catalogue(c).Item(im.Code)
	if !ok {
		return nil, false
	}
	out := &joint.Item{Key: it.Key, Code: it.Code, Body: it.Body, Title: it.Title, Form: it.Form, Statutory: it.Statutory, Promised: it.Promised, Guide: it.Guide}
	for _, m := range it.Materials {
		out.Materials = append(out.Materials, joint.ItemMaterial{Key: m.Key, Name: m.Name, Main: m.Need == approval.Necessary, ByForm: m.ByForm})
	}
	return out, true
}

// joined tells the desk what a case of a joint matter is about, and where the whole is seen.
func joined(ctx context.Context, w *wiring, words *web.Catalogue, c *casework.Case) (m desk.Matter, mine bool, err error) {
	about, mine, err := w.joint.About(ctx, c)
	if !mine || err != nil {
		return desk.Matter{}, mine, err
	}
	m.Form = about.Form
	m.Page = &desk.Page{Href: about.Page, Only: about.Elsewhere, Title: lang.Text{Hans: "在联合审批页面查看：各部门进度、文书", Hant: "在聯合審批頁面查看：各部門進度、文書", En: "See the joint matter: progress of all departments, letters"}}
	for _, x := range about.Materials {
		m.Materials = append(m.Materials, desk.Material{Key: x.Key, Name: x.Name, Necessary: x.Main})
	}
	for _, x := range about.Letters {
		title := "web.case.document." + x.Kind
		m.Letters = append(m.Letters, desk.Letter{Href: x.Href, PDF: x.Href + "/pdf", At: x.At, Kind: x.Kind, Seq: x.Seq, RevokedAt: x.RevokedAt, Title: lang.Text{
			Hans: words.Localizer(lang.Hans).T(title), Hant: words.Localizer(lang.Hant).T(title), En: words.Localizer(lang.En).T(title),
		}})
	}
	return m, true, nil
}
