package disclosure

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"mime"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"openhall.org/openhall/internal/core/lang"
	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/publication"
	"openhall.org/openhall/internal/platform/store"
	"openhall.org/openhall/internal/platform/web"
	"openhall.org/openhall/internal/platform/web/form"
	"openhall.org/openhall/internal/platform/web/ui"
	"openhall.org/openhall/internal/slice/disclosure/difference"
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
	opinions []opinion
}

// opinion is what somebody said in a step that was done.
type opinion struct {
	heading string // step, post, instant
	rows    []ui.Row
}

// caseWork is a record of the case.
type caseWork struct {
	*publication.Work
	found  []findingView
	unread []string
	facts  []ui.Row
	public string // address of the record; empty: it is not public
	// What differs from the version that is public; base is its number, 0: there is none.
	base    int
	changed []fieldChange
	text    []difference.Paragraph
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

func (s *Service) caseView(ctx context.Context, v *web.View, who identity.Principal, c *casework.Case) (p caseView, err error) {
	p.kase = c
	if p.opinions, err = s.opinions(ctx, v.L, c); err != nil {
		return p, err
	}
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

// worksOf reads the records of a case, with what whoever decides has to see of each.
func (s *Service) worksOf(ctx context.Context, v *web.View, who identity.Principal, p *caseView) error {
	works, all, err := s.Records.InCase(ctx, who, p.kase.ID, 0, shownWorks)
	if err != nil {
		return err
	}
	p.more = max(0, all-len(works))
	for _, w := range works {
		x := caseWork{Work: w, facts: s.reviewedFacts(v.L, w)}
		if p.kase.Result == string(publication.Published) {
			x.public = recordPath(w.Index)
		}
		if p.kase.Open() {
			found, err := s.Records.Check(ctx, w.Draft)
			if err != nil {
				return err
			}
			x.found = findingsOf(&w.Draft, found)
			if x.unread, err = s.unreadOf(ctx, v.L, &w.Draft); err != nil {
				return err
			}
			if err := s.changes(ctx, v.L, &x); err != nil {
				return err
			}
		}
		p.works = append(p.works, x)
	}
	return nil
}

// reviewedFacts are the fields of the catalogue that are filled in, and what the record is linked with.
func (s *Service) reviewedFacts(l *web.Localizer, w *publication.Work) []ui.Row {
	facts := slices.DeleteFunc(s.factsOf(l, &publication.Record{Content: w.Content}), func(r ui.Row) bool { return r.Value == "" || r.Key == l.T("disclosure.field.title") })
	for _, kind := range publication.Relations() {
		var to []string
		for _, link := range w.Links {
			if link.Kind == kind && link.Index != "" {
				to = append(to, link.Index)
			}
		}
		if len(to) > 0 {
			facts = append(facts, ui.Row{Key: l.T("disclosure.link.to-" + string(kind)), Value: strings.Join(to, "，")})
		}
	}
	return facts
}

// changes compares a new version with the one that is public: that is what its reviewer has to look at.
func (s *Service) changes(ctx context.Context, l *web.Localizer, x *caseWork) error {
	if x.Number == 1 || x.Index == "" {
		return nil
	}
	now, err := s.Records.Get(ctx, x.Record)
	if errors.Is(err, store.ErrNotFound) || err == nil && now.Tombstone != nil {
		return nil
	}
	if err != nil {
		return err
	}
	x.base = now.Version
	x.changed, x.text = s.differences(l, now.Content, x.Content)
	return nil
}

// opinions are what the steps of a case decided so far and why, the latest first: what the drafter has to mend, and what the head decides by.
func (s *Service) opinions(ctx context.Context, l *web.Localizer, c *casework.Case) ([]opinion, error) {
	const most = 200
	events, err := s.Cases.Events(ctx, c.ID, 0, most)
	if err != nil {
		return nil, err
	}
	parts, err := s.Cases.Private(ctx, c.ID)
	if err != nil {
		return nil, err
	}
	var list []opinion
	for _, e := range events {
		env, err := e.Envelope()
		if err != nil {
			return nil, err
		}
		element, _ := env.Data["task"].(string)
		if !slices.Contains([]string{publication.StepReview, publication.StepRefer, publication.StepDecide, publication.StepTakeDown}, element) {
			continue
		}
		schema, err := stepForm(element)
		if err != nil {
			return nil, err
		}
		doc := said(env.Data, e.Seq, parts)
		rows := slices.DeleteFunc(schema.Rows(l, doc, nil), func(r ui.Row) bool { return r.Value == "" })
		if len(rows) == 0 {
			continue
		}
		by := ""
		for _, d := range c.Done() {
			if d.Element == element && d.At.Equal(e.At) {
				by = s.postName(l, d.Post)
			}
		}
		list = append(list, opinion{l.T("disclosure.case.opinion-by", web.Args{"Step": l.T("disclosure.step." + stepName(element)), "By": by, "At": l.Time(e.At)}), rows})
	}
	slices.Reverse(list)
	return list, nil
}

// said is what was entered in a step, public and sealed. Points that are not concerned are left out: they are the rule.
func said(public map[string]any, seq int64, parts []casework.Private) map[string]any {
	doc := map[string]any{}
	for name, value := range public {
		if value != string(publication.No) {
			doc[name] = value
		}
	}
	for _, p := range parts {
		if p.Seq != seq {
			continue
		}
		for name, raw := range p.Fields {
			var text string
			if json.Unmarshal(raw, &text) == nil {
				doc[name] = text
			}
		}
	}
	return doc
}

// postName names a post, or gives its key when it is gone.
func (s *Service) postName(l *web.Localizer, key string) string {
	if p := s.Registry.Now().Post(key); p != nil {
		return l.Text(p.Title)
	}
	return key
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
	key    string // of this asking, so that it counts once however often it is sent
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
	kase, err := s.withdrawal(r.Context(), rec)
	if err != nil {
		return err
	}
	if kase != 0 {
		return s.showRunning(w, r, kase)
	}
	return web.Render(w, r, http.StatusOK, withdrawPage(web.ViewOf(r), withdrawView{rec, form.Of(nil), rand.Text()}))
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
		kase, err := s.withdrawal(r.Context(), rec)
		if err != nil {
			return err
		}
		if kase != 0 {
			return s.showRunning(w, r, kase)
		}
		key := "disclosure/withdraw/" + rec.ID.String() + "/" + f.Value("key")
		receipt, err := s.Records.Withdraw(r.Context(), who, key, rec.ID, publication.Withdrawal{Reason: publication.Reason(reason), Note: note})
		if err = fail(v.L, f, nil, err); err != nil {
			return err
		}
		if f.Valid() {
			web.SetFlash(w, r, web.Flash{Kind: "success", Key: "disclosure.withdraw.done"})
			return web.SeeOther(w, r, casePath(receipt.Case))
		}
	}
	return web.Render(w, r, http.StatusUnprocessableEntity, withdrawPage(v, withdrawView{rec, f, cmp.Or(f.Value("key"), rand.Text())}))
}

// withdrawal is the case in which it is being decided whether a record is taken back; 0: there is none. One that was decided against the
// taking back does not stand in the way of the next.
func (s *Service) withdrawal(ctx context.Context, rec *publication.Record) (store.ID, error) {
	const most = 200
	for before := store.ID(0); ; {
		open, err := s.Cases.List(ctx, casework.Filter{Kind: publication.WithdrawalKind, Body: rec.Body, OpenOnly: true, Before: before, Limit: most})
		if err != nil {
			return 0, err
		}
		for _, c := range open {
			if c.Variables()["record"] == rec.ID.String() {
				return c.ID, nil
			}
		}
		if len(open) < most {
			return 0, nil
		}
		before = open[len(open)-1].ID
	}
}

// showRunning leads to the case in which a taking back is being decided already.
func (s *Service) showRunning(w http.ResponseWriter, r *http.Request, kase store.ID) error {
	web.SetFlash(w, r, web.Flash{Kind: "important", Key: "disclosure.withdraw.running"})
	return web.SeeOther(w, r, casePath(kase))
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
