package approval

import (
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"github.com/a-h/templ"

	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/web"
	"openhall.org/openhall/internal/platform/web/form"
	"openhall.org/openhall/internal/platform/web/ui"
)

// newKey returns a key for one form, so that sending it twice does one thing.
func newKey() string {
	var b [12]byte
	_, _ = rand.Read(b[:]) // crypto/rand.Read never returns an error
	return hex.EncodeToString(b[:])
}

// actPage is a form by which an applicant does something to a matter.
type actPage struct {
	door  door
	typed *form.Form
	key   string // of the command: kept when the form is shown again

	task   casework.Task // of the page of a step
	title  string
	notice string // what the notice asks for
	due    time.Time
	schema *form.Schema
	wrong  form.Errors
}

func (s *Service) actPage(d door, f *form.Form) actPage {
	key := f.Value("key")
	if key == "" {
		key = newKey()
	}
	return actPage{door: d, typed: f, key: key}
}

// problems joins what is wrong with the fields of a schema and with those of the page itself.
func (p *actPage) problems() []ui.FieldError {
	var list []ui.FieldError
	if p.schema != nil {
		list = p.schema.Summary(p.wrong)
	}
	return append(list, p.typed.Summary()...)
}

// read reads the form of a request to a matter.
func (s *Service) read(open doorFunc, r *http.Request) (actPage, error) {
	d, err := open(r)
	if err != nil {
		return actPage{}, err
	}
	f, err := form.Parse(r)
	if err != nil {
		return actPage{}, err
	}
	return s.actPage(d, f), nil
}

// done leads back to the matter with a notice.
func done(w http.ResponseWriter, r *http.Request, d door, notice string) error {
	web.SetFlash(w, r, web.Flash{Kind: "success", Key: notice})
	return web.SeeOther(w, r, d.base)
}

// fillTask completes the page of a step that is the applicant's.
func (s *Service) fillTask(r *http.Request, v *web.View, p *actPage) error {
	token, err := strconv.Atoi(r.PathValue("token"))
	if err != nil {
		return web.NotFound("")
	}
	i := slices.IndexFunc(p.door.myTasks(), func(t casework.Task) bool { return t.Token == token })
	if i < 0 {
		return web.Conflict("approval.task.gone", nil)
	}
	p.task = p.door.myTasks()[i]
	p.title = s.title(v.L, p.door, p.task.Element)
	if p.schema, err = s.forms.task(p.door.def.Element(p.task.Element).Form, s.Cases.Forms); err != nil {
		return err
	}
	p.due = p.door.c.Until(token)
	p.notice, err = s.lastWords(r.Context(), p.door, "missing")
	return err
}

func (s *Service) getTask(open doorFunc) web.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) error {
		d, err := open(r)
		if err != nil {
			return err
		}
		v := web.ViewOf(r)
		p := s.actPage(d, form.Of(nil))
		if err := s.fillTask(r, v, &p); err != nil {
			return err
		}
		return web.Render(w, r, http.StatusOK, taskView(v, p))
	}
}

func (s *Service) postTask(open doorFunc) web.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) error {
		p, err := s.read(open, r)
		if err != nil {
			return err
		}
		v := web.ViewOf(r)
		if err := s.fillTask(r, v, &p); err != nil {
			return err
		}
		doc := map[string]any{}
		if p.schema != nil {
			doc = p.schema.Decode(p.typed.Values())
			p.wrong = p.schema.Check(v.L, doc)
		}
		if len(p.wrong) > 0 {
			return web.Render(w, r, http.StatusUnprocessableEntity, taskView(v, p))
		}
		files, err := s.uploaded(r, v, &p)
		if err != nil {
			return err
		}
		if !p.typed.Valid() {
			return web.Render(w, r, http.StatusUnprocessableEntity, taskView(v, p))
		}
		data, err := json.Marshal(doc)
		if err != nil {
			return err
		}
		if err := s.command(r.Context(), p.door, p.key, casework.Complete{Token: p.task.Token, Data: data, Files: files}); err != nil {
			return err
		}
		return done(w, r, p.door, "approval.task.sent")
	}
}

// filesField is the upload field of the pages of a matter.
const filesField = "files"

// uploaded keeps what was uploaded with a form on a matter.
func (s *Service) uploaded(r *http.Request, v *web.View, p *actPage) ([]casework.FileRef, error) {
	var refs []casework.FileRef
	for i, u := range uploadsOf(r, filesField, p.task.Element) {
		if i >= maxFiles {
			p.typed.Fail(filesField, v.L.Text(tooManyFiles))
			break
		}
		f, err := s.put(r.Context(), p.door.who.Account, u)
		if err := failFile(v, p.typed, filesField, u.name, err); err != nil {
			return nil, err
		}
		if err == nil {
			refs = append(refs, reference(f, u.material))
		}
	}
	return refs, nil
}

// show serves the empty form of an act.
func (s *Service) show(open doorFunc, may func(d door) error, view func(v *web.View, p actPage) templ.Component) web.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) error {
		d, err := open(r)
		if err == nil {
			err = may(d)
		}
		if err != nil {
			return err
		}
		return web.Render(w, r, http.StatusOK, view(web.ViewOf(r), s.actPage(d, form.Of(url.Values{}))))
	}
}

func mayWithdraw(d door) error {
	if !d.c.Open() || !d.awaits(withdrawal) {
		return web.Conflict("approval.withdraw.late", nil)
	}
	return nil
}

func mayAttach(d door) error {
	if !d.c.Open() {
		return web.Conflict("approval.attach.ended", nil)
	}
	return nil
}

const maxReason = 500 // characters

func (s *Service) postWithdraw(open doorFunc) web.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) error {
		p, err := s.read(open, r)
		if err != nil {
			return err
		}
		v := web.ViewOf(r)
		p.typed.Limited(v.L, "reason", v.L.T("approval.withdraw.reason"), maxReason)
		if !p.typed.Valid() {
			return web.Render(w, r, http.StatusUnprocessableEntity, withdrawView(v, p))
		}
		if err := s.command(r.Context(), p.door, p.key, casework.Send{Message: withdrawal, Reason: p.typed.Value("reason")}); err != nil {
			return err
		}
		return done(w, r, p.door, "approval.withdraw.done")
	}
}

func (s *Service) postAttach(open doorFunc) web.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) error {
		p, err := s.read(open, r)
		if err != nil {
			return err
		}
		v := web.ViewOf(r)
		if err := mayAttach(p.door); err != nil {
			return err
		}
		files, err := s.uploaded(r, v, &p)
		if err != nil {
			return err
		}
		if len(files) == 0 && p.typed.Valid() {
			p.typed.Fail(filesField, v.L.T("approval.attach.none"))
		}
		if !p.typed.Valid() {
			return web.Render(w, r, http.StatusUnprocessableEntity, attachView(v, p))
		}
		if err := s.command(r.Context(), p.door, p.key, casework.Attach{Files: files}); err != nil {
			return err
		}
		return done(w, r, p.door, "approval.attach.done")
	}
}

// getApplication shows what was handed in, to those who may see it.
func (s *Service) getApplication(open doorFunc) web.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) error {
		d, err := open(r)
		if err != nil {
			return err
		}
		if !d.full {
			return web.Forbidden("approval.application.owner")
		}
		v := web.ViewOf(r)
		dossier, err := s.Cases.Dossier(r.Context(), d.c.ID)
		if err != nil {
			return err
		}
		rows, err := s.answerRows(v.L, d.c.Subject, dossier.Form)
		if err != nil {
			return err
		}
		return web.Render(w, r, http.StatusOK, applicationView(v, d, applicantRows(v.L, dossier.Applicant, ""), rows, dossier.Files))
	}
}

// answerRows shows a form by the schema that its item has now; a case whose item is gone shows none.
func (s *Service) answerRows(l *web.Localizer, code string, raw json.RawMessage) ([]ui.Row, error) {
	it, ok := s.Items.Item(code)
	if !ok || len(raw) == 0 {
		return nil, nil
	}
	schema, err := s.Form(it)
	if err != nil {
		return nil, err
	}
	doc := map[string]any{}
	if err := json.Unmarshal(raw, &doc); err != nil {
		return nil, err
	}
	return schema.Rows(l, doc, nil), nil
}

// getFile hands out a file of a matter to those who may see it.
func (s *Service) getFile(open doorFunc) web.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) error {
		d, err := open(r)
		if err != nil {
			return err
		}
		if !d.full {
			return web.Forbidden("approval.application.owner")
		}
		dossier, err := s.Cases.Dossier(r.Context(), d.c.ID)
		if err != nil {
			return err
		}
		i := slices.IndexFunc(dossier.Files, func(f casework.FileRef) bool { return f.ID.String() == r.PathValue("file") })
		if i < 0 {
			return web.NotFound("")
		}
		return s.sendFile(w, r, dossier.Files[i])
	}
}

func (s *Service) sendFile(w http.ResponseWriter, r *http.Request, ref casework.FileRef) error {
	_, content, err := s.Files.Get(r.Context(), ref.ID)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", ref.Type)
	w.Header().Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": ref.Name}))
	_, err = io.Copy(w, content)
	return errors.Join(err, content.Close())
}
