package approval

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"openhall.org/openhall/internal/core/identifier"
	"openhall.org/openhall/internal/core/term"
	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/store"
	"openhall.org/openhall/internal/platform/web"
	"openhall.org/openhall/internal/platform/web/due"
	"openhall.org/openhall/internal/platform/web/form"
	"openhall.org/openhall/internal/platform/web/ui"
)

// startPage is what somebody needs to know before beginning.
type startPage struct {
	item    *Item
	refused string // why it cannot be applied for now, or ""
	signed  bool
	drafts  []casework.Draft
	example ui.ExplainProps // if it were accepted today
	statute ui.ExplainProps
}

func (s *Service) getStart(w http.ResponseWriter, r *http.Request) error {
	v := web.ViewOf(r)
	it, ok := s.Items.Item(r.PathValue("code"))
	if !ok {
		return web.NotFound("approval.no-item")
	}
	p := startPage{item: it}
	p.refused = s.refused(v.L, it)
	if t, err := term.New(v.Now, it.Statutory, it.Promised); err == nil {
		cal := s.Calendar()
		p.example, p.statute = due.Promise(v.L, t, cal, v.Now), due.Statute(v.L, t, cal, v.Now)
	}
	who, err := s.People.Principal(r)
	if err != nil {
		return err
	}
	if p.signed = who.Party().ID != 0; p.signed {
		web.Private(w)
		if p.drafts, err = s.OpenDrafts(r.Context(), who.Account, it.Code); err != nil {
			return err
		}
	}
	return web.Render(w, r, http.StatusOK, startView(v, p))
}

// refused says why an item cannot be applied for online now; empty when it can.
func (s *Service) refused(l *web.Localizer, it *Item) string {
	var refusal *casework.Refusal
	if _, err := s.Start(it.Code); errors.As(err, &refusal) {
		return l.Text(refusal.Text)
	}
	if !it.Online {
		return l.Text(onlyAtWindow)
	}
	return ""
}

// getBegin is where a visitor comes back to after signing in: beginning takes a press of a button, so it leads to the start page.
func (s *Service) getBegin(w http.ResponseWriter, r *http.Request) error {
	return web.SeeOther(w, r, "/hall/apply/"+url.PathEscape(r.PathValue("code")))
}

func (s *Service) postBegin(w http.ResponseWriter, r *http.Request) error {
	who, err := s.applicant(r)
	if err != nil {
		return err
	}
	d, err := s.Begin(r.Context(), who, r.PathValue("code"))
	if err != nil {
		return err
	}
	return web.SeeOther(w, r, draftPath(d, ""))
}

// applicant returns who asks, unless it is nobody who can apply: a visitor, or staff in their post.
func (s *Service) applicant(r *http.Request) (identity.Principal, error) {
	who, err := s.People.Principal(r)
	switch {
	case err != nil:
		return who, err
	case who.Kind == identity.Visitor || who.Kind == "":
		return who, web.Unauthorized()
	case who.Party().ID == 0:
		return who, web.Forbidden("approval.only-applicants")
	}
	return who, nil
}

// working is a draft that somebody is working on.
type working struct {
	draft casework.Draft
	item  *Item
	who   identity.Principal
	sent  string // number of the case, when it was sent already
}

func draftPath(d casework.Draft, part string) string {
	path := "/hall/apply/draft/" + d.ID.String()
	if part != "" {
		path += "/" + part
	}
	return path
}

func (s *Service) working(r *http.Request) (working, error) {
	who, err := s.applicant(r)
	if err != nil {
		return working{}, err
	}
	id, err := store.ParseID(r.PathValue("id"))
	if err != nil {
		return working{}, web.NotFound("approval.draft.none")
	}
	d, err := s.Cases.Draft(r.Context(), who.Account, id)
	if errors.Is(err, store.ErrNotFound) || err == nil && d.Kind != KindName {
		return working{}, web.NotFound("approval.draft.none")
	}
	if err != nil {
		return working{}, err
	}
	wk := working{draft: d, who: who, sent: sentAs(d)}
	var ok bool
	if wk.item, ok = s.Items.Item(d.Subject); !ok && wk.sent == "" {
		return wk, web.Gone("approval.no-item", nil)
	}
	if wk.sent == "" && d.Content.Applicant.Party != who.Party().ID {
		return wk, web.Conflict("approval.draft.other-party", nil)
	}
	return wk, nil
}

// done reports whether a part was marked as ready.
func (wk *working) done(part string) bool { return slices.Contains(wk.draft.Content.Done, part) }

func (wk *working) mark(part string, ready bool) {
	done := slices.DeleteFunc(wk.draft.Content.Done, func(p string) bool { return p == part })
	if ready {
		done = append(done, part)
	}
	wk.draft.Content.Done = done
}

// receiptPath leads to the receipt of a case of one's own.
func receiptPath(number string) string { return "/hall/apply/done/" + number }

// draftPage serves a page about a draft. One that was sent leads to its receipt instead.
func (s *Service) draftPage(h func(http.ResponseWriter, *http.Request, *web.View, *working) error) web.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) error {
		wk, err := s.working(r)
		if err != nil {
			return err
		}
		if wk.sent != "" {
			return web.SeeOther(w, r, receiptPath(wk.sent))
		}
		return h(w, r, web.ViewOf(r), &wk)
	}
}

func (s *Service) getTasks(w http.ResponseWriter, r *http.Request, v *web.View, wk *working) error {
	return web.Render(w, r, http.StatusOK, tasksView(v, wk, wk.tasks(v.L), s.refused(v.L, wk.item)))
}

// tasks lists the parts of the application and how each stands.
func (wk *working) tasks(l *web.Localizer) []ui.Task {
	part := func(name string) ui.Task {
		t := ui.Task{Title: l.T("approval.part." + name), Href: draftPath(wk.draft, name), Kind: ui.TagInfo, Status: l.T("approval.part.open")}
		if wk.done(name) {
			t.Kind, t.Status = "", l.T("approval.part.done")
		}
		return t
	}
	check := ui.Task{Title: l.T("approval.part.check"), Kind: ui.TagNeutral, Status: l.T("approval.part.later")}
	if wk.ready() {
		check.Href, check.Kind, check.Status = draftPath(wk.draft, "check"), ui.TagInfo, l.T("approval.part.open")
	}
	return []ui.Task{part(partApplicant), part(partForm), part(partFiles), check}
}

func (wk *working) ready() bool {
	return wk.done(partApplicant) && wk.done(partForm) && wk.done(partFiles)
}

func (s *Service) postDelete(w http.ResponseWriter, r *http.Request, _ *web.View, wk *working) error {
	if err := s.DropDraft(r.Context(), wk.who.Account, wk.draft.ID); err != nil {
		return err
	}
	web.SetFlash(w, r, web.Flash{Kind: "success", Key: "approval.draft.deleted"})
	return web.SeeOther(w, r, "/me")
}

// part is one page of a draft as it was sent: what was typed and what is wrong with it.
type part struct {
	typed *form.Form
	moved bool // the draft was changed elsewhere; what was typed is on the page, and pressing again keeps it
}

// saved tells where to go after saving: on to the tasks, or back to my matters.
func (s *Service) saved(w http.ResponseWriter, r *http.Request, wk *working, later bool) error {
	if later {
		web.SetFlash(w, r, web.Flash{Kind: "success", Key: "approval.draft.saved"})
		return web.SeeOther(w, r, "/me")
	}
	return web.SeeOther(w, r, draftPath(wk.draft, ""))
}

// save keeps the draft unless it was changed since the page was opened. moved is true when it was.
func (s *Service) save(r *http.Request, wk *working, f *form.Form) (moved bool, err error) {
	if f.Value("version") != strconv.FormatInt(wk.draft.Version, 10) {
		return true, nil
	}
	d, err := s.Cases.SaveDraft(r.Context(), wk.draft)
	if errors.Is(err, casework.ErrDraftMoved) {
		fresh, err := s.Cases.Draft(r.Context(), wk.who.Account, wk.draft.ID)
		if err == nil {
			wk.draft.Version = fresh.Version
		}
		return true, err
	}
	if err == nil {
		wk.draft = d
	}
	return false, err
}

func (s *Service) getApplicant(w http.ResponseWriter, r *http.Request, v *web.View, wk *working) error {
	fixed, err := s.fixed(r, wk)
	if err != nil {
		return err
	}
	a := wk.draft.Content.Applicant
	typed := form.Of(url.Values{"name": {a.Name}, "idNumber": {a.IDNumber}, "phone": {a.Phone}, "address": {a.Address}})
	return web.Render(w, r, http.StatusOK, applicantView(v, wk, part{typed: typed}, fixed))
}

// fixed returns the profile of the party. What it has proved cannot be changed here: nobody applies under a foreign number.
func (s *Service) fixed(r *http.Request, wk *working) (Profile, error) {
	return s.People.Profile(r.Context(), wk.draft.Content.Applicant.Party)
}

func (s *Service) postApplicant(w http.ResponseWriter, r *http.Request, v *web.View, wk *working) error {
	f, err := form.Parse(r)
	if err != nil {
		return err
	}
	fixed, err := s.fixed(r, wk)
	if err != nil {
		return err
	}
	a := &wk.draft.Content.Applicant
	if fixed.IDNumber == "" {
		a.Name, a.IDNumber = f.Value("name"), f.Value("idNumber")
	} else {
		a.Name, a.IDNumber = fixed.Name, fixed.IDNumber
	}
	a.Phone, a.Address = f.Value("phone"), f.Value("address")
	later := f.Value("act") == "later"
	if !later {
		for _, e := range CheckApplicant(*a, s.Now()) {
			field := e.Path[len("/applicant/"):]
			f.Fail(field, applicantError(v.L, *a, field, e))
		}
	}
	if !f.Valid() {
		return web.Render(w, r, http.StatusUnprocessableEntity, applicantView(v, wk, part{typed: f}, fixed))
	}
	wk.mark(partApplicant, !later)
	if moved, err := s.save(r, wk, f); err != nil {
		return err
	} else if moved {
		return web.Render(w, r, http.StatusConflict, applicantView(v, wk, part{typed: f, moved: true}, fixed))
	}
	return s.saved(w, r, wk, later)
}

// idLabel is what the identity number of an applicant is called.
func idLabel(l *web.Localizer, kind identity.Kind) string {
	if kind == identity.Enterprise {
		return l.Text(identifier.KindUSCC.Name())
	}
	return l.Text(identifier.KindIDCard.Name())
}

// applicantLabel names a field of the applicant.
func applicantLabel(l *web.Localizer, kind identity.Kind, field string) string {
	switch {
	case field == "idNumber":
		return idLabel(l, kind)
	case field == "name" && kind == identity.Enterprise:
		return l.T("approval.applicant.organisation")
	default:
		return l.T("approval.applicant." + field)
	}
}

func applicantError(l *web.Localizer, a casework.Applicant, field string, e casework.FieldError) string {
	label := applicantLabel(l, a.Kind, field)
	switch e.Code {
	case "required":
		return l.T("web.form.required", web.Args{"Label": label})
	case "maxLength":
		limit, value := maxName, a.Name
		if field == "address" {
			limit, value = 2*maxName, a.Address
		}
		return l.T("web.form.max-length", web.Args{"Label": label, "Max": limit, "Got": len([]rune(value))})
	default:
		return l.T("web.form.format", web.Args{"Label": label, "Text": l.Text(e.Text)})
	}
}

// answers reads the stored form of a draft.
func answers(d casework.Draft) map[string]any {
	doc := map[string]any{}
	if len(d.Content.Form) > 0 {
		if err := json.Unmarshal(d.Content.Form, &doc); err != nil {
			return map[string]any{} // unreachable: it was written by postForm
		}
	}
	return doc
}

func (s *Service) getForm(w http.ResponseWriter, r *http.Request, v *web.View, wk *working) error {
	schema, err := s.Form(wk.item)
	if err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, formView(v, wk, part{typed: form.Of(schema.Values(answers(wk.draft)))}, schema, nil))
}

func (s *Service) postForm(w http.ResponseWriter, r *http.Request, v *web.View, wk *working) error {
	f, err := form.Parse(r)
	if err != nil {
		return err
	}
	schema, err := s.Form(wk.item)
	if err != nil {
		return err
	}
	doc := schema.Decode(f.Values())
	later := f.Value("act") == "later"
	var wrong form.Errors
	if !later {
		wrong = schema.Check(v.L, doc)
	}
	if len(wrong) > 0 {
		return web.Render(w, r, http.StatusUnprocessableEntity, formView(v, wk, part{typed: f}, schema, wrong))
	}
	if wk.draft.Content.Form, err = json.Marshal(doc); err != nil {
		return err
	}
	wk.mark(partForm, !later)
	if moved, err := s.save(r, wk, f); err != nil {
		return err
	} else if moved {
		return web.Render(w, r, http.StatusConflict, formView(v, wk, part{typed: f, moved: true}, schema, nil))
	}
	return s.saved(w, r, wk, later)
}
