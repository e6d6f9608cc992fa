package disclosure

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"mime"
	"net/http"
	"slices"
	"strconv"

	"openhall.org/openhall/internal/core/lang"
	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/publication"
	"openhall.org/openhall/internal/platform/store"
	"openhall.org/openhall/internal/platform/web"
	"openhall.org/openhall/internal/platform/web/form"
	"openhall.org/openhall/internal/platform/web/ui"
	"openhall.org/openhall/procedures"
)

// caseView is a case of publication or of taking back: what it is about, and what is to be decided.
type caseView struct {
	kase     *casework.Case
	works    []caseWork
	more     int                 // records that are not shown
	gone     *publication.Record // what is to be taken back
	step     string              // key of the open step; empty: it has ended
	stepName string
	mine     bool // the reader may do the step
	form     *form.Schema
	typed    map[string][]string
	errors   form.Errors
	summary  []ui.FieldError
	token    int
	key      string
}

// caseWork is a record of the case.
type caseWork struct {
	*publication.Work
	found  []findingView
	marked []markedField
	facts  []ui.Row
}

// shownWorks is how many records of a case its page shows in full.
const shownWorks = 20

func (s *Service) caseOf(ctx context.Context, who identity.Principal, text string) (*casework.Case, error) {
	id, err := store.ParseID(text)
	if err != nil {
		return nil, web.NotFound("disclosure.error.case")
	}
	c, err := s.Cases.Get(ctx, id)
	if errors.Is(err, store.ErrNotFound) || err == nil && c.Kind != publication.Kind && c.Kind != publication.WithdrawalKind {
		return nil, web.NotFound("disclosure.error.case")
	}
	if err != nil {
		return nil, err
	}
	on := identity.Resource{Type: "publication", ID: c.Body, Division: c.Division, Body: c.Body}
	return c, s.Policy.Allow(who, publication.ActionRead, on)
}

func (s *Service) caseView(ctx context.Context, v *web.View, who identity.Principal, c *casework.Case) (caseView, error) {
	p := caseView{kase: c}
	if c.Kind == publication.WithdrawalKind {
		text, _ := c.Variables()["record"].(string)
		id, err := store.ParseID(text)
		if err != nil {
			return p, fmt.Errorf("case %s: %w", c.Number, err)
		}
		if p.gone, err = s.Records.Get(ctx, id); err != nil {
			return p, err
		}
	} else if err := s.worksOf(ctx, v, who, &p); err != nil {
		return p, err
	}
	for _, t := range c.Tasks() {
		if t.Element == publication.StepRelease {
			continue // the platform's
		}
		p.step, p.token = t.Element, t.Token
		p.stepName = v.L.T("disclosure.step." + stepName(t.Element))
		p.key = s.IDs.New().String()
		p.mine = s.Policy.Allow(who, casework.ActionComplete, identity.Resource{
			Type: "case", ID: c.Number, Division: c.Division, Body: c.Body, Owner: c.Party, Role: t.Role, Item: c.Subject, Power: string(t.Power),
		}) == nil
		if t.Element == publication.StepReview && c.Variables()["author"] == who.Account.String() {
			p.mine = false
		}
		if t.Element != publication.StepRevise {
			var err error
			if p.form, err = stepForm(t.Element); err != nil {
				return p, err
			}
		}
	}
	return p, nil
}

// stepName is the name of a step in messages and in the files of forms.
func stepName(element string) string {
	switch element {
	case publication.StepReview:
		return "review"
	case publication.StepRefer:
		return "refer"
	case publication.StepDecide:
		return "decide"
	case publication.StepRevise:
		return "revise"
	case publication.StepTakeDown:
		return "take-down"
	}
	return element
}

// stepForm is the form of a step of publication.
func stepForm(element string) (*form.Schema, error) {
	step := stepName(element)
	data, err := fs.ReadFile(procedures.Files, "forms/publication-"+step+".json")
	if err != nil {
		return nil, fmt.Errorf("form of step %s: %w", step, err)
	}
	schema, err := form.Compile(data, nil)
	if err != nil {
		return nil, fmt.Errorf("form of step %s: %w", step, err)
	}
	return schema, nil
}

func (s *Service) worksOf(ctx context.Context, v *web.View, who identity.Principal, p *caseView) error {
	const page = 500
	works, err := s.Records.Works(ctx, who, p.kase.Body, 0, page)
	if err != nil {
		return err
	}
	for _, w := range works {
		if w.Case != p.kase.ID {
			continue
		}
		if len(p.works) == shownWorks {
			p.more++
			continue
		}
		found, err := s.Records.Check(ctx, w.Draft)
		if err != nil {
			return err
		}
		rec := &publication.Record{Content: w.Content}
		facts := slices.DeleteFunc(s.factsOf(v.L, rec), func(r ui.Row) bool { return r.Value == "" || r.Key == v.L.T("disclosure.field.title") })
		p.works = append(p.works, caseWork{w, findingsOf(&w.Draft, found), markedFields(&w.Draft, found), facts})
	}
	return nil
}

func (s *Service) getCase(who identity.Principal, w http.ResponseWriter, r *http.Request) error {
	v := web.ViewOf(r)
	c, err := s.caseOf(r.Context(), who, r.PathValue("case"))
	if err != nil {
		return err
	}
	p, err := s.caseView(r.Context(), v, who, c)
	if err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, casePage(v, p))
}

func (s *Service) postCase(who identity.Principal, w http.ResponseWriter, r *http.Request) error {
	v, ctx := web.ViewOf(r), r.Context()
	c, err := s.caseOf(ctx, who, r.PathValue("case"))
	if err != nil {
		return err
	}
	p, err := s.caseView(ctx, v, who, c)
	if err != nil {
		return err
	}
	f, err := form.Parse(r)
	if err != nil {
		return web.BadRequest("", err)
	}
	token, err := strconv.Atoi(f.Value("task"))
	if err != nil || p.form == nil || token != p.token {
		return web.Conflict("web.refusal.stale", nil)
	}
	p.typed = f.Values()
	if key := f.Value("key"); key != "" {
		p.key = key
	}
	doc := p.form.Decode(f.Values())
	p.errors = p.form.Check(v.L, doc)
	p.summary = p.form.Summary(p.errors)
	if len(p.summary) == 0 {
		data, err := json.Marshal(doc)
		if err != nil {
			return fmt.Errorf("data of a step: %w", err)
		}
		_, err = s.Cases.Do(ctx, casework.Command{Key: p.key, Actor: who, Case: c.ID, Act: casework.Complete{Token: token, Data: data}})
		fields, refused := refusedFields(err)
		switch {
		case err == nil:
		case refused != nil && len(fields) > 0:
			for _, x := range fields {
				p.summary = append(p.summary, ui.FieldError{Field: x.Path[1:], Text: v.L.Text(x.Text)})
			}
		default:
			return err
		}
	}
	if len(p.summary) > 0 {
		return web.Render(w, r, http.StatusUnprocessableEntity, casePage(v, p))
	}
	if doc["outcome"] == string(publication.Publish) {
		if err := s.Records.Release(context.WithoutCancel(ctx), c.ID); err != nil {
			return err
		}
	}
	web.SetFlash(w, r, web.Flash{Kind: "success", Key: "disclosure.case.done"})
	return web.SeeOther(w, r, "/desk/records")
}

// getDraftFile sends an attachment of what is not public yet.
func (s *Service) getDraftFile(who identity.Principal, w http.ResponseWriter, r *http.Request) error {
	work, err := s.work(who, r)
	if err != nil {
		return err
	}
	id, err := store.ParseID(r.PathValue("file"))
	if err != nil || !slices.ContainsFunc(work.Attachments, func(a publication.Attachment) bool { return a.File == id }) {
		return web.NotFound("disclosure.error.file")
	}
	f, content, err := s.Files.Get(r.Context(), id)
	if err != nil {
		return err
	}
	defer content.Close()
	h := w.Header()
	h.Set("Content-Type", f.Type)
	h.Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": f.Name}))
	if _, err := io.Copy(w, content); err != nil {
		return fmt.Errorf("send file %s: %w", id, err)
	}
	return nil
}

// withdrawView is the form by which a record is taken back.
type withdrawView struct {
	record *publication.Record
	form   *form.Form
}

func withdrawPath(index string) string {
	return "/desk/withdrawals" + recordPath(index)[len("/open/r"):]
}

func versionPath(index string) string { return "/desk/versions" + recordPath(index)[len("/open/r"):] }

func reasonOptions(l *web.Localizer) []ui.Option {
	var options []ui.Option
	for _, r := range publication.Reasons() {
		options = append(options, ui.Option{Value: string(r), Text: l.T("disclosure.reason." + string(r))})
	}
	return options
}

func (s *Service) getWithdraw(_ identity.Principal, w http.ResponseWriter, r *http.Request) error {
	rec, done, err := s.record(w, r)
	if done {
		return err
	}
	return web.Render(w, r, http.StatusOK, withdrawPage(web.ViewOf(r), withdrawView{rec, form.Of(nil)}))
}

func (s *Service) postWithdraw(who identity.Principal, w http.ResponseWriter, r *http.Request) error {
	v := web.ViewOf(r)
	rec, done, err := s.record(w, r)
	if done {
		return err
	}
	f, err := form.Parse(r)
	if err != nil {
		return web.BadRequest("", err)
	}
	reason := f.Choice(v.L, "reason", v.L.T("disclosure.gone.reason"), reasonOptions(v.L))
	note := f.Value("note")
	if reason == publication.ReasonOther && note == "" {
		f.Required(v.L, "note", v.L.T("disclosure.gone.note"))
	}
	if f.Valid() {
		key := "disclosure/withdraw/" + rec.ID.String() + "/" + number(rec.Version)
		receipt, err := s.Records.Withdraw(r.Context(), who, key, rec.ID, publication.Withdrawal{Reason: publication.Reason(reason), Note: note})
		if err = fail(v.L, f, nil, err); err != nil {
			return err
		}
		if f.Valid() {
			web.SetFlash(w, r, web.Flash{Kind: "success", Key: "disclosure.withdraw.done"})
			return web.SeeOther(w, r, casePath(receipt.Case))
		}
	}
	return web.Render(w, r, http.StatusUnprocessableEntity, withdrawPage(v, withdrawView{rec, f}))
}

// categoriesView is the classification, with a form for one category.
type categoriesView struct {
	form    *form.Form
	top     bool // the reader manages what is for everybody
	body    string
	rows    []categoryRow
	parents []ui.Option
	editing bool
}

type categoryRow struct {
	*publication.Category
	depth int
	owner string
}

func (s *Service) categoriesView(v *web.View, who identity.Principal, f *form.Form) categoriesView {
	p := categoriesView{form: f, body: who.Post.Body, top: who.Post.Has("system-admin"), editing: f.Value("key") != ""}
	p.parents = append(p.parents, ui.Option{Text: v.L.T("disclosure.edit.choose")})
	var walk func(parent string, depth int)
	walk = func(parent string, depth int) {
		for _, c := range s.Records.Categories(parent, "", who.Post.Body) {
			row := categoryRow{Category: c, depth: depth}
			switch {
			case c.Body != "":
				row.owner = v.L.Text(s.bodyName(c.Body))
			case c.Division != "":
				row.owner = v.L.Text(s.divisionName(c.Division))
			}
			p.rows = append(p.rows, row)
			indent := ""
			for range depth {
				indent += "　"
			}
			p.parents = append(p.parents, ui.Option{Value: c.Key, Text: indent + v.L.Text(c.Title)})
			walk(c.Key, depth+1)
		}
	}
	walk("", 0)
	return p
}

func (s *Service) getCategories(who identity.Principal, w http.ResponseWriter, r *http.Request) error {
	v := web.ViewOf(r)
	f := form.Of(nil)
	if c := s.Records.Category(r.URL.Query().Get("key")); c != nil {
		f = form.Of(map[string][]string{
			"key": {c.Key}, "parent": {c.Parent}, "hans": {c.Title.Hans}, "hant": {c.Title.Hant}, "en": {c.Title.En}, "place": {number(c.Place)}, "guard": {string(c.Guard)},
		})
	}
	return web.Render(w, r, http.StatusOK, categoriesPage(v, s.categoriesView(v, who, f)))
}

func (s *Service) postCategory(who identity.Principal, w http.ResponseWriter, r *http.Request) error {
	v := web.ViewOf(r)
	f, err := form.Parse(r)
	if err != nil {
		return web.BadRequest("", err)
	}
	c := publication.Category{Key: f.Value("key"), Parent: f.Value("parent")}
	if was := s.Records.Category(c.Key); was != nil {
		c = *was
	} else if !who.Post.Has("system-admin") {
		c.Body = who.Post.Body
	}
	c.Title = lang.Text{Hans: f.Limited(v.L, "hans", v.L.T("disclosure.category.name"), 100), Hant: f.Value("hant"), En: f.Value("en")}
	c.Guard = publication.Measure(f.Value("guard"))
	if text := f.Value("place"); text != "" {
		if c.Place, err = strconv.Atoi(text); err != nil {
			f.Fail("place", v.L.T("disclosure.category.place-number"))
		}
	}
	if f.Value("ended") == "true" && c.Ended == 0 {
		c.Ended = s.today()
	}
	if f.Valid() {
		if err := failCategory(v.L, f, s.Records.PutCategory(r.Context(), who, c)); err != nil {
			return err
		}
	}
	if !f.Valid() {
		return web.Render(w, r, http.StatusUnprocessableEntity, categoriesPage(v, s.categoriesView(v, who, f)))
	}
	web.SetFlash(w, r, web.Flash{Kind: "success", Key: "disclosure.category.saved"})
	return web.SeeOther(w, r, "/desk/categories")
}

// failCategory shows what is wrong with a category beside its fields.
func failCategory(l *web.Localizer, f *form.Form, err error) error {
	fields, refused := refusedFields(err)
	if refused == nil {
		return err
	}
	for _, x := range fields {
		name := x.Path[1:]
		if name == "title" {
			name = "hans"
		}
		text := l.Text(x.Text)
		if text == "" {
			text = l.T("disclosure.edit.fault", web.Args{"Label": name})
		}
		f.Fail(name, text)
	}
	if len(fields) == 0 {
		f.Fail("", l.Text(refused.Text))
	}
	return nil
}
