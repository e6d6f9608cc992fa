package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"openhall.org/openhall/internal/app"
	"openhall.org/openhall/internal/core/lang"
	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/file"
	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/publication"
	"openhall.org/openhall/internal/platform/publication/extract"
	"openhall.org/openhall/internal/platform/publication/redact"
	"openhall.org/openhall/internal/platform/publication/search"
	"openhall.org/openhall/internal/platform/registry"
	"openhall.org/openhall/internal/platform/store"
	"openhall.org/openhall/internal/platform/web"
	"openhall.org/openhall/internal/slice/desk"
	"openhall.org/openhall/internal/slice/request"
)

func newRequest(w *wiring) (*request.Service, error) {
	b := w.base
	return request.New(request.Deps{
		DB: b.DB, Keys: b.Keys, Files: b.Files, Registry: b.Registry, People: people{b}, Policies: b.Policies, Rules: b.Rules, Calendar: b.Calendar,
		Now: b.Now, Log: b.Log, Documents: b.Letters, Agency: agencies{b.Registry}.of, BaseURL: b.Config.BaseURL,
		Known: publicAlready{b}, Publisher: answersPublisher{b}, Redactor: redactor{}, Duties: catalogueDuties{b},
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
	e, err := w.request.Entry(ctx, c.ID)
	if err != nil {
		return m, true, err
	}
	m = desk.Matter{Form: w.request.Form(c.Kind), Channel: threefold(words, "request.channel."+string(e.Channel)), Page: &desk.Page{Title: officeTitle, Href: w.request.OfficePage(ctx, c)}}
	if c.Open() {
		m.Suggest = map[string][]lang.Text{"bodies": w.request.Suggested(c)}
		m.Start = func(ctx context.Context, element string) (map[string]any, error) {
			return w.request.Start(ctx, c, element)
		}
	}
	letters, err := w.request.Letters(ctx, c)
	if err != nil {
		return m, true, err
	}
	for _, x := range letters {
		m.Letters = append(m.Letters, desk.Letter{Href: x.Href, PDF: x.PDF, At: x.At, Title: threefold(words, "request.letter."+x.Kind)})
	}
	return m, true, nil
}

// threefold is a message in all languages.
func threefold(words *web.Catalogue, key string) lang.Text {
	return lang.Text{Hans: words.Localizer(lang.Hans).T(key), Hant: words.Localizer(lang.Hant).T(key), En: words.Localizer(lang.En).T(key)}
}

var officeTitle = lang.Text{Hans: "在政府信息公开工作页面查看：申请人、文书、复议和诉讼", Hant: "在政府信息公開工作頁面查看：申請人、文書、復議和訴訟", En: "See it in the disclosure office: who asks, letters, disputes"}

// otherMatters knows the matters of other kinds that are followed by number and query code: complaints, and requests for information.
type otherMatters struct{ w *wiring }

// Number implements approval.Others.
func (o otherMatters) Number(number string) bool {
	return o.w.rating.Number(number) || o.w.request.Number(number) || o.w.joint.Number(number) || o.w.agent.Number(number)
}

// Page implements approval.Others.
func (o otherMatters) Page(c *casework.Case, code string) string {
	return cmp.Or(o.w.rating.Page(c, code), o.w.request.Page(c, code), o.w.joint.Page(c, code), o.w.agent.Page(c, code), servedPage(c))
}

// recordHref is where the public reads a published record: its index number with its slash.
func recordHref(index string) string { return "/open/r/" + index }

// publicAlready finds what is published already.
type publicAlready struct{ base *app.Base }

// apart are the signs and words between which a description names something.
var apart = strings.NewReplacer("，", " ", "。", " ", "、", " ", "；", " ", "的", " ", "及", " ", "和", " ", "与", " ", "关于", " ", "申请公开", " ", "请提供", " ", "\n", " ")

const hitsShown = 5

// Known implements request.Known: it looks for the two longest names of the description together, else for the longest.
func (k publicAlready) Known(ctx context.Context, _, words string) ([]request.Hit, error) {
	names := strings.Fields(apart.Replace(words))
	slices.SortStableFunc(names, func(a, b string) int { return len(b) - len(a) })
	for n := min(2, len(names)); n > 0; n-- {
		page, err := k.base.Publication.Search.Find(ctx, search.Query{Words: strings.Join(names[:n], " "), Size: hitsShown})
		if err != nil {
			return nil, err
		}
		if len(page.Hits) == 0 {
			continue
		}
		var list []request.Hit
		for _, h := range page.Hits {
			r, err := k.base.Publication.Get(ctx, h.ID)
			if errors.Is(err, store.ErrNotFound) {
				continue // withdrawn meanwhile
			}
			if err != nil {
				return nil, err
			}
			list = append(list, request.Hit{Title: h.Title.Text, Lang: cmp.Or(r.Language, string(lang.Hans)), Href: recordHref(r.Index), Summary: h.Published.String()})
		}
		return list, nil
	}
	return nil, nil
}

// answersPublisher hands answered requests to the publication procedure.
type answersPublisher struct{ base *app.Base }

// Publish implements request.Publisher.
func (p answersPublisher) Publish(ctx context.Context, by identity.Principal, a request.Answered) (string, error) {
	d := publication.Draft{Body: a.Body, Content: publication.Content{
		Title: "依申请公开答复：" + a.Subject, Category: publication.ColumnRequest, Source: a.Number,
		Text: a.Subject + "\n\n" + a.Outcome.Hans + "（" + a.Basis.Hans + "）\n\n" + a.Answer,
	}}
	for _, f := range a.Files { // a copy of its own: the record outlives the case
		_, content, err := p.base.Files.Get(ctx, f.ID)
		if err != nil {
			return "", err
		}
		kept, err := p.base.Files.Put(ctx, by.Account, f.Name, content, file.Limits{})
		if err = errors.Join(err, content.Close()); err != nil {
			return "", err
		}
		d.Attachments = append(d.Attachments, publication.Attachment{File: kept.ID})
	}
	id, err := p.base.Publication.Draft(ctx, by, d)
	if err != nil {
		return "", err
	}
	if err := p.maskFiles(ctx, by, id); err != nil {
		return "", errors.Join(err, p.base.Publication.Discard(ctx, by, id))
	}
	if _, err := p.base.Publication.Submit(ctx, by, "request/"+a.Number, id); err != nil {
		return "", errors.Join(err, p.base.Publication.Discard(ctx, by, id))
	}
	return id.String(), nil
}

// Release lets a record that came of an answer be reviewed and decided by who does so in its body: the demo publishes some this way.
func (p answersPublisher) Release(ctx context.Context, record string, by func(role string) (identity.Principal, error)) error {
	id, err := store.ParseID(record)
	if err != nil {
		return err
	}
	reviewer, err := by(registry.Reviewer)
	if err != nil {
		return err
	}
	head, err := by(registry.Head)
	if err != nil {
		return err
	}
	w, err := p.base.Publication.Work(ctx, reviewer, id)
	if err != nil {
		return err
	}
	if _, err := p.base.Publication.Review(ctx, reviewer, w.Case, "demo/answer/"+record+"/review", publication.Clear()); err != nil {
		return err
	}
	_, err = p.base.Publication.Approve(ctx, head, w.Case, "demo/answer/"+record+"/approve", publication.Approval{Outcome: publication.Publish})
	return err
}

// maskFiles takes personal data out of the documents of a draft, as the draft's text is masked when it is handed in. Whoever reviews it looks at
// the copies.
func (p answersPublisher) maskFiles(ctx context.Context, by identity.Principal, id store.ID) error {
	w, err := p.base.Publication.Work(ctx, by, id)
	if err != nil {
		return err
	}
	found, err := p.base.Publication.Check(ctx, w.Draft)
	if err != nil {
		return err
	}
	done := map[store.ID]bool{0: true}
	for _, f := range found {
		if done[f.Attachment] {
			continue
		}
		done[f.Attachment] = true
		if err := p.base.Publication.MaskAttachment(ctx, by, id, f.Attachment); err != nil {
			return err
		}
	}
	return nil
}

// Page implements request.Publisher.
func (p answersPublisher) Page(ctx context.Context, record string) (string, error) {
	id, err := store.ParseID(record)
	if err != nil {
		return "", nil //nolint:nilerr // no record: no page
	}
	r, err := p.base.Publication.Get(ctx, id)
	if errors.Is(err, store.ErrNotFound) {
		return "", nil // it waits for its approval
	}
	if err != nil {
		return "", err
	}
	return recordHref(r.Index), nil
}

// Bulletin implements request.Publisher.
func (p answersPublisher) Bulletin(ctx context.Context, b request.Bulletin) error {
	category := categoryAnswers
	if b.Catalogue {
		category = categoryAskable
	}
	out, err := p.base.Publication.Import(ctx, identity.Platform, publication.Batch{
		Key: "request/" + b.Key, Body: b.Body, Records: []publication.Incoming{{Body: b.Body, Content: publication.Content{
			Title: b.Title, Summary: b.Summary, Text: b.Text, Category: category,
		}}},
	})
	if err == nil && len(out.Errors) > 0 {
		err = &casework.Refusal{Code: casework.RefusedForm, Fields: out.Errors[0].Fields}
	}
	return err
}

// The categories of what is published of requests.
const (
	categoryAnswers = "request.answer"
	categoryAskable = "request.catalogue"
)

// catalogueDuties notes that catalogues of what can be asked for are to be renewed.
type catalogueDuties struct{ base *app.Base }

// Owe implements request.Duties.
func (d catalogueDuties) Owe(ctx context.Context, tx *store.Tx, o request.Owed) error {
	return d.base.Publication.Owe(ctx, tx, publication.Duty{
		Key: o.Key, Kind: request.CatalogueKind, Body: o.Body, Category: categoryAskable, Title: o.Title, From: o.From, Rule: o.Rule,
	})
}

// Meet implements request.Duties.
func (d catalogueDuties) Meet(ctx context.Context, tx *store.Tx, key string, at time.Time) error {
	return d.base.Publication.Meet(ctx, tx, key, 0, at)
}

// redactor withholds passages of documents.
type redactor struct{}

// Redact implements request.Redactor.
func (redactor) Redact(ctx context.Context, name string, content []byte, passages []string, ground string) ([]byte, error) {
	typ, limits := extract.TypeOf(name, content), extract.DefaultLimits()
	if typ == "" {
		return nil, request.ErrNoRedaction
	}
	doc, err := extract.Text(ctx, typ, content, limits)
	if err != nil {
		return nil, err
	}
	var list []redact.Passage
	for _, text := range passages {
		text = strings.TrimSpace(text)
		at := 0
		for {
			i := strings.Index(doc.Text[at:], text)
			if i < 0 {
				break
			}
			list = append(list, redact.Passage{From: at + i, To: at + i + len(text), Ground: ground})
			at += i + len(text)
		}
		if at == 0 {
			return nil, &request.NotThere{Passage: text}
		}
	}
	public, _, err := redact.File(ctx, typ, content, limits, list)
	switch {
	case errors.Is(err, extract.ErrType):
		return nil, request.ErrNoRedaction
	case errors.Is(err, redact.ErrLeft):
		return nil, fmt.Errorf("%w: %w", request.ErrLeft, err)
	}
	return public, err
}
