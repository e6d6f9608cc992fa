package main

import (
	"context"
	"strings"

	"openhall.org/openhall/internal/app"
	"openhall.org/openhall/internal/core/lang"
	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/publication"
	"openhall.org/openhall/internal/platform/web"
	"openhall.org/openhall/internal/slice/approval"
	"openhall.org/openhall/internal/slice/desk"
	"openhall.org/openhall/internal/slice/power"
)

// deskNeeds is what the desk works with.
func deskNeeds(w *wiring) func(n *app.Node) desk.Deps {
	return func(n *app.Node) desk.Deps {
		return desk.Deps{
			Cases: n.Cases, Registry: n.Registry, Files: n.Files, People: people{n.Base}, Matters: matters{w, n.Catalogue}, Counter: counter{w},
			Formats: pageFormats(), Authority: windowAuthority{w},
		}
	}
}

// matters tells the desk what a case is about.
type matters struct {
	w     *wiring
	words *web.Catalogue
}

func (m matters) Matter(ctx context.Context, c *casework.Case) (desk.Matter, error) {
	if about, is := grievance(m.w, c); is {
		return about, nil
	}
	if matter, mine, err := informed(ctx, m.w, m.words, c); mine || err != nil {
		return matter, err
	}
	if matter, mine, err := overseen(c); mine || err != nil {
		return matter, err
	}
	if matter, mine, err := joined(ctx, m.w, m.words, c); mine || err != nil {
		return matter, err
	}
	if matter, mine := reported(c); mine {
		return matter, nil
	}
	if c.Kind == publication.Kind {
		return desk.Matter{Page: &desk.Page{Title: recordsTitle, Href: "/desk/publications/" + c.ID.String()}}, nil
	}
	if matter, mine := cleaned(c); mine {
		return matter, nil
	}
	if matter, mine, err := served(ctx, m.w, c); mine || err != nil {
		return matter, err
	}
	it, ok := catalogue{m.w}.Item(c.Subject)
	if !ok || c.Kind != approval.KindName {
		return desk.Matter{}, nil
	}
	form, err := m.w.approval.Form(it)
	if err != nil {
		return desk.Matter{}, err
	}
	out := desk.Matter{Form: form, Guide: it.Guide, Materials: deskMaterials(it.Materials)}
	if err := graded(ctx, m.w, c, out.Materials); err != nil {
		return desk.Matter{}, err
	}
	letters, err := m.w.approval.LettersOf(ctx, c)
	if err != nil {
		return desk.Matter{}, err
	}
	for _, d := range letters {
		title := "approval.document." + d.Kind
		out.Letters = append(out.Letters, desk.Letter{Href: d.Href, PDF: d.PDF, At: d.At, Kind: d.Kind, Seq: d.Seq, RevokedAt: d.RevokedAt, Revocable: d.Revocable, Title: lang.Text{
			Hans: m.words.Localizer(lang.Hans).T(title), Hant: m.words.Localizer(lang.Hant).T(title), En: m.words.Localizer(lang.En).T(title),
		}})
	}
	return out, nil
}

var recordsTitle = lang.Text{Hans: "查看要公开的内容、附件和隐私检查", Hant: "查看要公開的內容、附件和隱私檢查", En: "See what is to be published, its files and what the privacy guard found"}

func deskMaterials(list []approval.Material) []desk.Material {
	var out []desk.Material
	for _, m := range list {
		if m.ByForm {
			continue
		}
		note := m.When
		if note.IsZero() {
			note = m.Accept
		}
		out = append(out, desk.Material{Key: m.Key, Name: m.Name, Necessary: m.Need == approval.Necessary, Note: note})
	}
	return out
}

// counter takes applications in for people at a window.
type counter struct{ w *wiring }

const itemsAtCounter = 50

// Items implements desk.Counter.
func (c counter) Items(_ context.Context, bodies []string, words string) ([]desk.Item, error) {
	words = strings.TrimSpace(words)
	var wanted map[*power.Item]bool // nil: all
	if words != "" {
		wanted = map[*power.Item]bool{}
		for _, hit := range c.w.power.Find(power.Query{Words: words, Limit: 100}).Hits {
			wanted[hit.Item] = true
		}
	}
	var out []desk.Item
	for _, body := range bodies {
		for _, im := range c.w.power.OfBody(body) {
			if len(out) == itemsAtCounter {
				return out, nil
			}
			if wanted != nil && !wanted[im.Item] && !strings.HasPrefix(im.Code, strings.ToUpper(words)) {
				continue
			}
			if _, err := c.w.approval.Start(im.Code); err == nil {
				out = append(out, desk.Item{Code: im.Code, Title: im.Item.Name, Body: body})
			}
		}
	}
	return out, nil
}

// Item implements desk.Counter.
func (c counter) Item(_ context.Context, code string) (*desk.Item, error) {
	it, err := c.w.approval.Start(code)
	if err != nil {
		return nil, err
	}
	form, err := c.w.approval.Form(it)
	if err != nil {
		return nil, err
	}
	return &desk.Item{Code: it.Code, Title: it.Title, Body: it.Body, Serves: it.Serves, Form: form, Materials: deskMaterials(it.Materials)}, nil
}

// Submit implements desk.Counter.
func (c counter) Submit(ctx context.Context, actor identity.Principal, a desk.Application, key string) (casework.Receipt, error) {
	return c.w.approval.Submit(ctx, actor, approval.Application{
		Code: a.Code, Channel: casework.Window, Applicant: a.Applicant, Form: a.Form, Files: a.Files,
	}, key)
}
