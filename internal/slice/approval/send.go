package approval

import (
	"errors"
	"io"
	"mime/multipart"
	"net/http"
	"slices"

	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/file"
	"openhall.org/openhall/internal/platform/store"
	"openhall.org/openhall/internal/platform/web"
	"openhall.org/openhall/internal/platform/web/form"
	"openhall.org/openhall/internal/platform/web/ui"
)

// maxUpload limits the body of a page with uploads, in bytes: a file of the largest size, and some more.
const maxUpload = 2*file.DefaultMaxBytes + 1<<20

// filesPage is the page on which materials are uploaded.
type filesPage struct {
	part
	earlier []file.File // uploads of this account that can be handed in again
}

// maxEarlier is how many earlier uploads are offered.
const maxEarlier = 20

func (s *Service) filesPage(r *http.Request, wk *working, f *form.Form) (filesPage, error) {
	p := filesPage{part: part{typed: f}}
	owned, err := s.Files.Owned(r.Context(), wk.who.Account)
	if err != nil {
		return p, err
	}
	for _, one := range owned {
		used := slices.ContainsFunc(wk.draft.Content.Files, func(ref casework.FileRef) bool { return ref.ID == one.ID })
		if !used && len(p.earlier) < maxEarlier {
			p.earlier = append(p.earlier, one)
		}
	}
	return p, nil
}

func (s *Service) getFiles(w http.ResponseWriter, r *http.Request, v *web.View, wk *working) error {
	return s.showFiles(w, r, v, wk, form.Of(nil), http.StatusOK, false)
}

func (s *Service) showFiles(w http.ResponseWriter, r *http.Request, v *web.View, wk *working, f *form.Form, status int, moved bool) error {
	p, err := s.filesPage(r, wk, f)
	if err != nil {
		return err
	}
	p.moved = moved
	return web.Render(w, r, status, filesView(v, wk, p))
}

// fileField is the name of the upload field of a material.
func fileField(key string) string { return "file-" + key }

// reuseField is the name of the field that offers earlier uploads for a material.
func reuseField(key string) string { return "reuse-" + key }

// postFiles keeps what was chosen, removes what was pressed, and goes on when the necessary materials are there.
func (s *Service) postFiles(w http.ResponseWriter, r *http.Request, v *web.View, wk *working) error {
	f, err := form.Parse(r)
	var tooLarge *http.MaxBytesError
	if errors.As(err, &tooLarge) {
		f = form.Of(nil)
		f.Fail("", v.L.T("approval.files.too-large"))
		return s.showFiles(w, r, v, wk, f, http.StatusRequestEntityTooLarge, false)
	}
	if err != nil {
		return err
	}
	if err := s.takeFiles(r, v, wk, f); err != nil {
		return err
	}
	if id, err := store.ParseID(f.Value("remove")); err == nil {
		wk.draft.Content.Files = slices.DeleteFunc(wk.draft.Content.Files, func(ref casework.FileRef) bool { return ref.ID == id })
	}
	onward := f.Value("act") == "done"
	if onward && f.Valid() {
		for _, e := range missingMaterials(wk.item, wk.draft.Content.Files) {
			f.Fail(fileField(e.Path[len("/files/"):]), v.L.Text(e.Text))
		}
	}
	wk.mark(partFiles, onward && f.Valid())
	// Adding and removing files crosses no other change, so the version is that of now, not that of the page.
	d, err := s.Cases.SaveDraft(r.Context(), wk.draft)
	switch {
	case errors.Is(err, casework.ErrDraftMoved):
		return s.showFiles(w, r, v, wk, f, http.StatusConflict, true)
	case err != nil:
		return err
	}
	wk.draft = d
	switch {
	case !f.Valid():
		return s.showFiles(w, r, v, wk, f, http.StatusUnprocessableEntity, false)
	case onward || f.Value("act") == "later":
		return s.saved(w, r, wk, !onward)
	default:
		return web.SeeOther(w, r, draftPath(wk.draft, partFiles))
	}
}

// takeFiles adds the uploads and the earlier files that were chosen. What is wrong with a file is said at its material.
func (s *Service) takeFiles(r *http.Request, v *web.View, wk *working, f *form.Form) error {
	for _, m := range wk.item.Materials {
		for _, u := range uploadsOf(r, fileField(m.Key), m.Key) {
			if err := failFile(v, f, fileField(m.Key), u.name, s.addToDraft(r.Context(), &wk.draft, u)); err != nil {
				return err
			}
		}
		id, err := store.ParseID(f.Value(reuseField(m.Key)))
		if err != nil {
			continue // nothing was chosen
		}
		earlier, err := s.Files.Stat(r.Context(), id)
		if err == nil {
			err = s.attachToDraft(r.Context(), &wk.draft, earlier, m.Key)
		}
		if err != nil && !errors.Is(err, store.ErrNotFound) && !errors.Is(err, file.ErrNotOwned) {
			return err
		}
	}
	return nil
}

// uploadsOf returns the files that were sent in a field; a file field left empty sends nothing.
func uploadsOf(r *http.Request, field, material string) []upload {
	if r.MultipartForm == nil {
		return nil
	}
	var list []upload
	for _, h := range r.MultipartForm.File[field] {
		if h.Filename != "" {
			list = append(list, upload{material: material, name: h.Filename, open: opener(h)})
		}
	}
	return list
}

func opener(h *multipart.FileHeader) func() (io.ReadCloser, error) {
	return func() (io.ReadCloser, error) { return h.Open() }
}

// failFile shows a refused file at its field; any other error is returned.
func failFile(v *web.View, f *form.Form, field, name string, err error) error {
	var refused *file.Refusal
	if errors.As(err, &refused) {
		f.Fail(field, v.L.T("approval.files.refused", web.Args{"Name": name, "Text": v.L.Text(refused.Text)}))
		return nil
	}
	return err
}

// checkPage shows everything once more before it is sent.
type checkPage struct {
	applicant, answers []ui.Row
	problems           []ui.FieldError
	declared           string // error at the declaration
}

func (s *Service) getCheck(w http.ResponseWriter, r *http.Request, v *web.View, wk *working) error {
	return s.showCheck(w, r, v, wk, http.StatusOK, nil, "")
}

func (s *Service) showCheck(w http.ResponseWriter, r *http.Request, v *web.View, wk *working, status int, problems []ui.FieldError, declared string) error {
	if !wk.ready() {
		return web.SeeOther(w, r, draftPath(wk.draft, ""))
	}
	schema, err := s.Form(wk.item)
	if err != nil {
		return err
	}
	p := checkPage{problems: problems, declared: declared}
	p.applicant = applicantRows(v.L, wk.draft.Content.Applicant, draftPath(wk.draft, partApplicant))
	p.answers = schema.Rows(v.L, answers(wk.draft), func(name string) string { return draftPath(wk.draft, partForm) + "#" + ui.ID(name) })
	return web.Render(w, r, status, checkView(v, wk, p))
}

// applicantRows lists the details of an applicant, each with a link to change it where change is not empty.
func applicantRows(l *web.Localizer, a casework.Applicant, change string) []ui.Row {
	var rows []ui.Row
	for _, f := range []struct{ name, value string }{
		{"name", a.Name}, {"idNumber", a.IDNumber}, {"phone", a.Phone}, {"address", a.Address}, {"agent", a.Agent},
	} {
		if f.value == "" {
			continue
		}
		row := ui.Row{Key: applicantLabel(l, a.Kind, f.name), Value: f.value}
		if change != "" && f.name != "agent" {
			row.Action, row.ActionFor = ui.Link{Href: change + "#" + f.name, Text: l.T("web.form.change")}, row.Key
		}
		rows = append(rows, row)
	}
	return rows
}

func (s *Service) postCheck(w http.ResponseWriter, r *http.Request) error {
	wk, err := s.working(r)
	if err != nil {
		return err
	}
	v := web.ViewOf(r)
	f, err := form.Parse(r)
	if err != nil {
		return err
	}
	if wk.sent == "" && f.Value("declare") != "true" {
		text := v.L.T("approval.declare.missing")
		return s.showCheck(w, r, v, &wk, http.StatusUnprocessableEntity, []ui.FieldError{{Field: "declare", Text: text}}, text)
	}
	number, err := s.SendDraft(r.Context(), wk.who, wk.draft)
	var refusal *casework.Refusal
	if errors.As(err, &refusal) && refusal.Code != casework.RefusedPolicy {
		return s.showCheck(w, r, v, &wk, http.StatusUnprocessableEntity, problemsOf(v.L, &wk, refusal), "")
	}
	if err != nil {
		return err
	}
	return web.SeeOther(w, r, receiptPath(number))
}

// problemsOf says what stands against an application that seemed ready: the item changed meanwhile, or the day.
func problemsOf(l *web.Localizer, wk *working, refusal *casework.Refusal) []ui.FieldError {
	var list []ui.FieldError
	if !refusal.Text.IsZero() || len(refusal.Fields) == 0 {
		list = append(list, ui.FieldError{Text: web.RefusalText(l, refusal)})
	}
	for _, e := range refusal.Fields {
		switch {
		case len(e.Path) > len("/applicant/") && e.Path[:len("/applicant/")] == "/applicant/":
			list = append(list, ui.FieldError{Text: applicantError(l, wk.draft.Content.Applicant, e.Path[len("/applicant/"):], e)})
		case !e.Text.IsZero():
			list = append(list, ui.FieldError{Text: l.Text(e.Text)})
		default:
			list = append(list, ui.FieldError{Text: l.T("approval.check.form-changed")})
		}
	}
	return slices.Compact(list)
}
