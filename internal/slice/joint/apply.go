package joint

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"openhall.org/openhall/internal/core/lang"
	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/file"
	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/store"
	"openhall.org/openhall/internal/platform/web"
	"openhall.org/openhall/internal/platform/web/form"
	"openhall.org/openhall/internal/platform/web/ui"
)

// sentMark stands first among the parts of a draft that was sent; the number of the case follows.
const sentMark = "sent"

// sentKept is how long a sent draft stays, so that a second press of the button finds its case.
const sentKept = 24 * time.Hour

// maxFiles is how many files an application may carry.
const maxFiles = 50

func draftPath(d casework.Draft, part string) string {
	path := "/hall/joint/draft/" + d.ID.String()
	if part != "" {
		path += "/" + part
	}
	return path
}

// drafts returns the drafts of an account for a matter in a place that were not sent, and forgets those that were sent a while ago.
func (s *Service) drafts(ctx context.Context, account store.ID, subject string) ([]casework.Draft, error) {
	all, err := s.Cases.Drafts(ctx, account)
	if err != nil {
		return nil, fmt.Errorf("drafts: %w", err)
	}
	var open []casework.Draft
	for _, d := range all {
		switch {
		case d.Kind != WholeKind || d.Subject != subject:
		case sentAs(d) == "":
			open = append(open, d)
		case s.Now().Sub(d.UpdatedAt) > sentKept:
			if err := s.Cases.DeleteDraft(ctx, account, d.ID); err != nil {
				return nil, err
			}
		}
	}
	return open, nil
}

func sentAs(d casework.Draft) string {
	if done := d.Content.Done; len(done) == 2 && done[0] == sentMark {
		return done[1]
	}
	return ""
}

// applying is a draft that somebody is working on.
type applying struct {
	draft casework.Draft
	who   identity.Principal
	sent  Sent
	plan  *Plan
	forms *compiled
}

// applicant returns who asks, unless it is nobody who can apply.
func (s *Service) applicant(r *http.Request) (identity.Principal, error) {
	who, err := s.People.Principal(r)
	switch {
	case err != nil:
		return who, err
	case who.Kind == identity.Visitor || who.Kind == "":
		return who, web.Unauthorized()
	case who.Party().ID == 0:
		return who, web.Forbidden("joint.only-applicants")
	}
	return who, nil
}

// getBegin is where a visitor comes back to after signing in.
func (s *Service) getBegin(w http.ResponseWriter, r *http.Request) error {
	return web.SeeOther(w, r, guidePath(url.PathEscape(r.PathValue("matter")), url.PathEscape(r.PathValue("division"))))
}

func (s *Service) postBegin(w http.ResponseWriter, r *http.Request) error {
	who, err := s.applicant(r)
	if err != nil {
		return err
	}
	f, err := form.Parse(r)
	if err != nil {
		return err
	}
	plan, err := s.planOf(r)
	if err != nil {
		return err
	}
	sent := Sent{Parts: []string{}}
	for _, x := range plan.optional() {
		if slices.Contains(f.All("part"), x.Key) {
			sent.Parts = append(sent.Parts, x.Key)
		}
	}
	raw, err := json.Marshal(sent)
	if err != nil {
		return err
	}
	a, err := s.People.Party(r.Context(), who.Party().ID)
	if err != nil {
		return err
	}
	if who.For.ID != 0 {
		a.Agent = who.Name
	}
	d, err := s.Cases.NewDraft(r.Context(), who.Account, WholeKind, subjectOf(plan.Matter.Key, plan.Division), casework.DraftContent{Applicant: a, Form: raw})
	if err != nil {
		return err
	}
	return web.SeeOther(w, r, draftPath(d, ""))
}

// draftPage serves a page about a draft. One that was sent leads to its case instead.
func (s *Service) draftPage(h func(http.ResponseWriter, *http.Request, *web.View, *applying) error) web.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) error {
		who, err := s.applicant(r)
		if err != nil {
			return err
		}
		id, err := store.ParseID(r.PathValue("id"))
		if err != nil {
			return web.NotFound("joint.draft.none")
		}
		d, err := s.Cases.Draft(r.Context(), who.Account, id)
		if errors.Is(err, store.ErrNotFound) || err == nil && d.Kind != WholeKind {
			return web.NotFound("joint.draft.none")
		}
		if err != nil {
			return err
		}
		if number := sentAs(d); number != "" {
			return web.SeeOther(w, r, minePath(number))
		}
		if d.Content.Applicant.Party != who.Party().ID {
			return web.Conflict("joint.draft.other-party", nil)
		}
		ap := &applying{draft: d, who: who}
		if err := json.Unmarshal(d.Content.Form, &ap.sent); err != nil {
			return fmt.Errorf("draft %s: %w", d.ID, err)
		}
		if ap.sent.Parts == nil {
			ap.sent.Parts = []string{}
		}
		matter, division := splitSubject(d.Subject)
		var refusal *casework.Refusal
		if ap.plan, err = s.Plan(matter, division, ap.sent.Parts); errors.As(err, &refusal) {
			return web.Gone("joint.no-matter", nil)
		}
		if err != nil {
			return err
		}
		if ap.forms, err = s.compile(ap.plan.Form.Form); err != nil {
			return err
		}
		return h(w, r, web.ViewOf(r), ap)
	}
}

func (ap *applying) done(part string) bool { return slices.Contains(ap.draft.Content.Done, part) }

func (ap *applying) mark(part string, ready bool) {
	ap.draft.Content.Done = slices.DeleteFunc(ap.draft.Content.Done, func(p string) bool { return p == part })
	if ready {
		ap.draft.Content.Done = append(ap.draft.Content.Done, part)
	}
}

func (s *Service) getDraft(w http.ResponseWriter, r *http.Request, v *web.View, ap *applying) error {
	part := func(name string) ui.Task {
		t := ui.Task{Title: v.L.T("joint.draft." + name), Href: draftPath(ap.draft, name), Kind: ui.TagInfo, Status: v.L.T("joint.draft.open")}
		if ap.done(name) {
			t.Kind, t.Status = "", v.L.T("joint.draft.done")
		}
		return t
	}
	check := ui.Task{Title: v.L.T("joint.draft.check"), Kind: ui.TagNeutral, Status: v.L.T("joint.draft.later")}
	if ap.done("answers") && ap.done("files") {
		check.Href, check.Kind, check.Status = draftPath(ap.draft, "check"), ui.TagInfo, v.L.T("joint.draft.open")
	}
	return web.Render(w, r, http.StatusOK, draftView(v, ap, []ui.Task{part("answers"), part("files"), check}))
}

func (s *Service) postDelete(w http.ResponseWriter, r *http.Request, _ *web.View, ap *applying) error {
	if err := s.Cases.DeleteDraft(r.Context(), ap.who.Account, ap.draft.ID); err != nil {
		return err
	}
	if err := s.release(r.Context(), ap.draft.ID); err != nil {
		return err
	}
	web.SetFlash(w, r, web.Flash{Kind: "success", Key: "joint.draft.deleted"})
	return web.SeeOther(w, r, guidePath(ap.plan.Matter.Key, ap.plan.Division))
}

func (s *Service) release(ctx context.Context, draft store.ID) error {
	return s.DB.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		return file.Release(ctx, tx, file.Holder{Kind: file.HolderDraft, ID: draft})
	})
}

// keepDraft saves the draft unless it was changed since the page was opened; moved is true when it was.
func (s *Service) keepDraft(r *http.Request, ap *applying, version string) (moved bool, err error) {
	if version != strconv.FormatInt(ap.draft.Version, 10) {
		return true, nil
	}
	if ap.draft.Content.Form, err = json.Marshal(ap.sent); err != nil {
		return false, err
	}
	d, err := s.Cases.SaveDraft(r.Context(), ap.draft)
	if errors.Is(err, casework.ErrDraftMoved) {
		return true, nil
	}
	if err == nil {
		ap.draft = d
	}
	return false, err
}

func (ap *applying) doc() map[string]any {
	doc := map[string]any{}
	if len(ap.sent.Answers) > 0 && json.Unmarshal(ap.sent.Answers, &doc) != nil {
		return map[string]any{} // unreachable: it was written by postAnswers
	}
	return doc
}

// page is one page of a draft as it was sent.
type page struct {
	typed *form.Form
	wrong form.Errors
	moved bool
}

func (s *Service) getAnswers(w http.ResponseWriter, r *http.Request, v *web.View, ap *applying) error {
	return web.Render(w, r, http.StatusOK, answersView(v, ap, page{typed: form.Of(ap.forms.page.Values(ap.doc()))}))
}

func (s *Service) postAnswers(w http.ResponseWriter, r *http.Request, v *web.View, ap *applying) error {
	f, err := form.Parse(r)
	if err != nil {
		return err
	}
	doc := ap.forms.page.Decode(f.Values())
	later := f.Value("act") == "later"
	p := page{typed: f}
	if !later {
		p.wrong = ap.forms.page.Check(v.L, doc)
	}
	if len(p.wrong) > 0 {
		return web.Render(w, r, http.StatusUnprocessableEntity, answersView(v, ap, p))
	}
	if ap.sent.Answers, err = json.Marshal(doc); err != nil {
		return err
	}
	ap.mark("answers", !later)
	if p.moved, err = s.keepDraft(r, ap, f.Value("version")); err != nil {
		return err
	}
	if p.moved {
		return web.Render(w, r, http.StatusConflict, answersView(v, ap, p))
	}
	return web.SeeOther(w, r, draftPath(ap.draft, ""))
}

// fileField and commitField name the controls of a material.
func fileField(key string) string   { return "file-" + key }
func commitField(key string) string { return "commit-" + key }

func (s *Service) getFiles(w http.ResponseWriter, r *http.Request, v *web.View, ap *applying) error {
	return web.Render(w, r, http.StatusOK, filesView(v, s, ap, page{typed: form.Of(nil)}))
}

// postFiles takes uploads and commitments. Each upload is kept at once, so that nothing is lost when another one is wrong.
func (s *Service) postFiles(w http.ResponseWriter, r *http.Request, v *web.View, ap *applying) error {
	f, err := form.Parse(r)
	if err != nil {
		return err
	}
	for i := range ap.plan.Materials {
		m := &ap.plan.Materials[i]
		if err := s.takeUploads(r, v, &ap.draft, f, fileField(m.Key), m.Key); err != nil {
			return err
		}
		ap.sent.Commitments = slices.DeleteFunc(ap.sent.Commitments, func(k string) bool { return k == m.Key })
		if !m.Commit.IsZero() && f.Value(commitField(m.Key)) == "true" {
			ap.sent.Commitments = append(ap.sent.Commitments, m.Key)
		}
	}
	if id, err := store.ParseID(f.Value("remove")); err == nil {
		ap.draft.Content.Files = slices.DeleteFunc(ap.draft.Content.Files, func(ref casework.FileRef) bool { return ref.ID == id })
	}
	onward := f.Value("act") == "done"
	if onward && f.Valid() {
		for _, e := range ap.plan.lacks(&ap.sent, ap.draft.Content.Files) {
			f.Fail(fileField(strings.TrimPrefix(e.Path, "/files/")), v.L.Text(e.Text))
		}
	}
	ap.mark("files", onward && f.Valid())
	// Adding and removing files crosses no other change, so the version is that of now, not that of the page.
	p := page{typed: f}
	if p.moved, err = s.keepDraft(r, ap, strconv.FormatInt(ap.draft.Version, 10)); err != nil {
		return err
	}
	switch {
	case p.moved:
		return web.Render(w, r, http.StatusConflict, filesView(v, s, ap, p))
	case !f.Valid():
		return web.Render(w, r, http.StatusUnprocessableEntity, filesView(v, s, ap, p))
	case onward || f.Value("act") == "later":
		return web.SeeOther(w, r, draftPath(ap.draft, ""))
	default:
		return web.SeeOther(w, r, draftPath(ap.draft, "files"))
	}
}

// takeUploads keeps the files of one field and adds them to the draft. What is wrong with a file is said at its field.
func (s *Service) takeUploads(r *http.Request, v *web.View, d *casework.Draft, f *form.Form, field, material string) error {
	refs, err := s.uploads(r, v, d.Account, f, field, material, maxFiles-len(d.Content.Files))
	if err != nil || len(refs) == 0 {
		return err
	}
	ids := make([]store.ID, len(refs))
	for i := range refs {
		ids[i] = refs[i].ID
	}
	err = s.DB.Write(r.Context(), func(ctx context.Context, tx *store.Tx) error {
		return file.Bind(ctx, tx, d.Account, file.Holder{Kind: file.HolderDraft, ID: d.ID}, ids...)
	})
	if err != nil {
		return fmt.Errorf("add files to draft %s: %w", d.ID, err)
	}
	d.Content.Files = append(d.Content.Files, refs...)
	return nil
}

var tooMany = lang.Text{Hans: "文件太多，请合并后再上传", Hant: "檔案太多，請合併後再上傳", En: "There are too many files; join some before you add more"}

// uploads keeps the files of one field, as many as there is room for.
func (s *Service) uploads(r *http.Request, v *web.View, owner store.ID, f *form.Form, field, material string, room int) ([]casework.FileRef, error) {
	if r.MultipartForm == nil {
		return nil, nil
	}
	var refs []casework.FileRef
	for _, h := range r.MultipartForm.File[field] {
		if h.Filename == "" {
			continue
		}
		if len(refs) >= room {
			f.Fail(field, v.L.Text(tooMany))
			break
		}
		content, err := h.Open()
		if err != nil {
			return refs, fmt.Errorf("read the upload: %w", err)
		}
		kept, err := s.Files.Put(r.Context(), owner, h.Filename, content, file.Limits{})
		err = errors.Join(err, content.Close())
		var refused *file.Refusal
		if errors.As(err, &refused) {
			f.Fail(field, v.L.T("joint.files.wrong", web.Args{"Name": h.Filename, "Text": v.L.Text(refused.Text)}))
			continue
		}
		if err != nil {
			return refs, err
		}
		refs = append(refs, refOf(&kept, material))
	}
	return refs, nil
}

func (s *Service) getCheck(w http.ResponseWriter, r *http.Request, v *web.View, ap *applying) error {
	return web.Render(w, r, http.StatusOK, checkView(v, s, ap, page{typed: form.Of(nil)}, nil))
}

// postCheck hands the draft in. Sent again it leads to the same case.
func (s *Service) postCheck(w http.ResponseWriter, r *http.Request, v *web.View, ap *applying) error {
	f, err := form.Parse(r)
	if err != nil {
		return err
	}
	if f.Value("declare") != "true" {
		f.Fail("declare", v.L.T("joint.check.declare-missing"))
		return web.Render(w, r, http.StatusUnprocessableEntity, checkView(v, s, ap, page{typed: f}, nil))
	}
	rec, err := s.Apply(r.Context(), ap.who, Application{Matter: ap.plan.Matter.Key, Division: ap.plan.Division, Channel: casework.Online,
		Applicant: ap.draft.Content.Applicant, Sent: ap.sent, Files: ap.draft.Content.Files}, "joint/draft/"+ap.draft.ID.String())
	var refusal *casework.Refusal
	if errors.As(err, &refusal) && refusal.Code != casework.RefusedPolicy {
		return web.Render(w, r, http.StatusUnprocessableEntity, checkView(v, s, ap, page{typed: f}, problems(v.L, refusal)))
	}
	if err != nil {
		return err
	}
	ap.draft.Content = casework.DraftContent{Done: []string{sentMark, rec.Number}, Form: json.RawMessage(`{}`)}
	if _, err = s.Cases.SaveDraft(r.Context(), ap.draft); err == nil {
		err = s.release(r.Context(), ap.draft.ID)
	}
	if err != nil && !errors.Is(err, casework.ErrDraftMoved) {
		// The case stands; the draft stays behind, and sending it again leads to the same case.
		s.Log.WarnContext(r.Context(), "mark a joint draft as sent", "draft", ap.draft.ID, "error", err)
	}
	return web.SeeOther(w, r, minePath(rec.Number))
}

// problems says what stands against an application that seemed ready: the matter changed meanwhile, a department, or the day.
func problems(l *web.Localizer, refusal *casework.Refusal) []ui.FieldError {
	var list []ui.FieldError
	if !refusal.Text.IsZero() || len(refusal.Fields) == 0 {
		list = append(list, ui.FieldError{Text: web.RefusalText(l, refusal)})
	}
	for _, e := range refusal.Fields {
		text := l.Text(e.Text)
		if text == "" {
			text = l.T("joint.check.changed", web.Args{"Field": e.Path})
		}
		list = append(list, ui.FieldError{Text: text})
	}
	return slices.Compact(list)
}
