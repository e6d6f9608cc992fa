package desk

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"strconv"

	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/file"
	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/store"
	"openhall.org/openhall/internal/platform/web"
	"openhall.org/openhall/internal/platform/web/form"
	"openhall.org/openhall/internal/platform/web/ui"
)

// postCase does the task and opens the next one of the queue.
func (s *Service) postCase(w http.ResponseWriter, r *http.Request) error {
	actor, err := s.People.Principal(r)
	if err != nil {
		return err
	}
	f, err := form.Parse(r)
	if err != nil {
		return err
	}
	token, _ := strconv.Atoi(f.Value(fieldTask)) // 0 is no task: the page says so
	p, err := s.casePage(r, actor, token)
	if err != nil {
		return err
	}
	v := web.ViewOf(r)
	if p.Task == nil || p.Task.Token != token {
		if p.DoneBy == "" {
			return web.Conflict("web.refusal.stale", nil)
		}
		return web.Render(w, r, http.StatusConflict, caseView(v, p))
	}
	if key := f.Value(fieldKey); key != "" {
		p.Key = key
	}
	p.Typed = f.Values()
	files, err := s.uploads(r, actor, f, fieldFiles, fieldKept, "")
	if err != nil {
		return err
	}
	p.Kept = files
	doc := map[string]any{}
	if p.Form != nil {
		doc = p.Form.Decode(f.Values())
		p.Errors = p.Form.Check(v.L, doc)
		p.Summary = p.Form.Summary(p.Errors)
	}
	p.Summary = append(p.Summary, f.Summary()...)
	if len(p.Summary) > 0 {
		return web.Render(w, r, http.StatusUnprocessableEntity, caseView(v, p))
	}
	data, err := json.Marshal(doc)
	if err != nil {
		return fmt.Errorf("data of a step: %w", err)
	}
	if p.Form == nil {
		data = nil
	}
	seq, _ := strconv.ParseInt(f.Value(fieldSeq), 10, 64) // 0 asks for no comparison
	err = s.Complete(r.Context(), actor, p.Case, seq, p.Key, casework.Complete{Token: token, Data: data, Files: files})
	if err != nil {
		return s.refused(w, r, actor, p, err)
	}
	return s.goOn(w, r, actor, p.Task.Role, p.Case.Number)
}

// goOn opens the next task of the queue after one was done, or the empty queue.
func (s *Service) goOn(w http.ResponseWriter, r *http.Request, actor identity.Principal, role, number string) error {
	next, err := s.nextHref(r, actor, role)
	if err != nil {
		return err
	}
	key := "desk.flash.next"
	if next == "" {
		next, key = queuePath(role), "desk.flash.empty"
	}
	web.SetFlash(w, r, web.Flash{Kind: "success", Key: key, Args: map[string]string{"Number": number}})
	return web.SeeOther(w, r, next)
}

// refused shows the form again with what was typed when the reader can mend it; what they cannot is a page of its own.
func (s *Service) refused(w http.ResponseWriter, r *http.Request, actor identity.Principal, p *casePage, err error) error {
	var refusal *casework.Refusal
	if !errors.As(err, &refusal) {
		return err
	}
	v := web.ViewOf(r)
	status := http.StatusUnprocessableEntity
	switch refusal.Code {
	case casework.RefusedTaskDone, casework.RefusedStale:
		fresh, err := s.casePage(r, actor, p.Task.Token)
		if err != nil {
			return err
		}
		fresh.Key, fresh.Typed, fresh.Kept = p.Key, p.Typed, p.Kept
		if fresh.Task != nil {
			fresh.News = v.L.T("desk.news")
			fresh.Summary = []ui.FieldError{{Text: fresh.News}}
		}
		return web.Render(w, r, http.StatusConflict, caseView(v, fresh))
	case casework.RefusedForm, casework.RefusedFlow, casework.RefusedTerm, casework.RefusedFile, casework.RefusedSamePerson, casework.RefusedInvolved:
		p.Errors, p.Summary = web.FieldTexts(v.L, refusal), web.FieldSummary(v.L, refusal)
		if p.Form != nil {
			for name, text := range p.Errors {
				p.Errors[name] = p.Form.Named(v.L, name, text)
			}
			for i, e := range p.Summary {
				p.Summary[i].Text = p.Form.Named(v.L, e.Field, e.Text)
			}
		}
	default:
		return err
	}
	return web.Render(w, r, status, caseView(v, p))
}

// uploads takes the files of a form: those it brings, and those that it brought before it came back with errors. What is wrong
// with a file is recorded under its field.
func (s *Service) uploads(r *http.Request, actor identity.Principal, f *form.Form, field, kept, material string) ([]casework.FileRef, error) {
	v := web.ViewOf(r)
	var files []casework.FileRef
	for _, text := range f.All(kept) {
		id, err := store.ParseID(text)
		if err != nil {
			continue // not one of ours: nothing is lost
		}
		ref, err := s.kept(r.Context(), actor, id, material)
		if err != nil {
			return nil, err
		}
		files = append(files, ref)
	}
	if r.MultipartForm == nil {
		return files, nil
	}
	for _, header := range r.MultipartForm.File[field] {
		if header.Size == 0 && header.Filename == "" {
			continue // a field in which nothing was chosen
		}
		ref, err := s.takeUpload(r, actor, header, material)
		var wrong *file.Refusal
		if errors.As(err, &wrong) {
			f.Fail(field, v.L.T("desk.file.refused", web.Args{"Name": header.Filename, "Text": wrong.Text}))
			continue
		}
		if err != nil {
			return nil, err
		}
		files = append(files, ref)
	}
	return files, nil
}

func (s *Service) takeUpload(r *http.Request, actor identity.Principal, header *multipart.FileHeader, material string) (casework.FileRef, error) {
	content, err := header.Open()
	if err != nil {
		return casework.FileRef{}, fmt.Errorf("read an upload: %w", err)
	}
	ref, err := s.keep(r.Context(), actor, header.Filename, material, content)
	return ref, errors.Join(err, content.Close())
}

func (s *Service) postTransfer(w http.ResponseWriter, r *http.Request) error {
	actor, err := s.People.Principal(r)
	if err != nil {
		return err
	}
	f, err := form.Parse(r)
	if err != nil {
		return err
	}
	token, _ := strconv.Atoi(f.Value(fieldTask))
	p, err := s.casePage(r, actor, token)
	if err != nil {
		return err
	}
	v := web.ViewOf(r)
	if p.Task == nil || p.Task.Token != token {
		return web.Render(w, r, http.StatusConflict, caseView(v, p))
	}
	if key := f.Value(fieldKey); key != "" {
		p.Key = key
	}
	p.Typed = f.Values()
	to, flash := store.ID(0), "desk.flash.taken-back"
	if f.Value("transfer") != "back" {
		flash = "desk.flash.transferred"
		if to, err = store.ParseID(f.Value("to")); err != nil || to == 0 {
			f.Fail("to", v.L.T("web.form.choose", web.Args{"Label": v.L.T("desk.transfer.to")}))
		}
	}
	if !f.Valid() {
		p.Errors, p.Summary = form.Errors{"to": f.Error("to")}, f.Summary()
		return web.Render(w, r, http.StatusUnprocessableEntity, caseView(v, p))
	}
	if err := s.Transfer(r.Context(), actor, p.Case, p.Key, token, to, f.Value("transfer-reason")); err != nil {
		return s.refused(w, r, actor, p, err)
	}
	web.SetFlash(w, r, web.Flash{Kind: "success", Key: flash, Args: map[string]string{"Number": p.Case.Number}})
	return web.SeeOther(w, r, casePath(p.Case, token))
}

// getFile sends a file of a case. It is always saved, never shown in the page: a hostile document must not run in ours.
func (s *Service) getFile(w http.ResponseWriter, r *http.Request) (err error) {
	actor, err := s.People.Principal(r)
	if err != nil {
		return err
	}
	id, err := store.ParseID(r.PathValue("id"))
	if err != nil {
		return web.NotFound("")
	}
	ref, content, err := s.Download(r.Context(), actor, normal(r.PathValue("number")), id)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, content.Close()) }()
	h := w.Header()
	h.Set("Content-Type", ref.Type)
	h.Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": ref.Name}))
	h.Set("Content-Length", strconv.FormatInt(ref.Size, 10))
	if _, err := io.Copy(w, content); err != nil {
		return fmt.Errorf("send file %s: %w", id, err)
	}
	return nil
}
