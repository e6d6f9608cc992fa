package main

import (
	"cmp"
	"context"

	"openhall.org/openhall/internal/core/lang"
	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/web"
	"openhall.org/openhall/internal/slice/desk"
	"openhall.org/openhall/internal/slice/request"
)

func newRequest(w *wiring) (*request.Service, error) {
	b := w.base
	return request.New(request.Deps{
		DB: b.DB, Keys: b.Keys, Files: b.Files, Registry: b.Registry, People: people{b}, Policies: b.Policies, Rules: b.Rules, Calendar: b.Calendar,
		Now: b.Now, Log: b.Log, Documents: b.Letters, Agency: agencies{b.Registry}.of, BaseURL: b.Config.BaseURL,
	})
}

// informed tells the desk what a request for information is about, and where its disclosure office sees who asks.
func informed(ctx context.Context, w *wiring, words *web.Catalogue, c *casework.Case) (m desk.Matter, mine bool, err error) {
	switch c.Kind {
	case request.DisputeKind, request.CatalogueKind:
		return desk.Matter{Page: &desk.Page{Title: officeTitle, Href: cmp.Or(w.request.OfficePage(ctx, c), "/open/office")}}, true, nil
	case request.KindName:
	default:
		return desk.Matter{}, false, nil
	}
	m = desk.Matter{Form: w.request.Form(c.Kind), Page: &desk.Page{Title: officeTitle, Href: w.request.OfficePage(ctx, c)}}
	letters, err := w.request.Letters(ctx, c)
	if err != nil {
		return m, true, err
	}
	for _, x := range letters {
		title := "request.letter." + x.Kind
		m.Letters = append(m.Letters, desk.Letter{Href: x.Href, PDF: x.PDF, At: x.At, Title: lang.Text{
			Hans: words.Localizer(lang.Hans).T(title), Hant: words.Localizer(lang.Hant).T(title), En: words.Localizer(lang.En).T(title),
		}})
	}
	return m, true, nil
}

var officeTitle = lang.Text{Hans: "在政府信息公开工作页面查看：申请人、文书、复议和诉讼", Hant: "在政府信息公開工作頁面查看：申請人、文書、復議和訴訟", En: "See it in the disclosure office: who asks, letters, disputes"}

// otherMatters knows the matters of other kinds that are followed by number and query code: complaints, and requests for information.
type otherMatters struct{ w *wiring }

// Number implements approval.Others.
func (o otherMatters) Number(number string) bool {
	return o.w.rating.Number(number) || o.w.request.Number(number)
}

// Page implements approval.Others.
func (o otherMatters) Page(c *casework.Case, code string) string {
	return cmp.Or(o.w.rating.Page(c, code), o.w.request.Page(c, code))
}
