package verify

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"time"

	"openhall.org/openhall/internal/platform/document"
	"openhall.org/openhall/internal/platform/store"
	"openhall.org/openhall/internal/platform/web"
	"openhall.org/openhall/internal/platform/web/door"
	"openhall.org/openhall/internal/platform/web/form"
	"openhall.org/openhall/internal/platform/web/ui"
)

// page is what the page shows above its forms.
type page struct {
	form    *form.Form
	verdict *document.Verdict
	record  *document.Record
	next    *document.Record // the letter that replaces it
	rows    []ui.Row
	baseURL string
}

func (s *Service) getStart(w http.ResponseWriter, r *http.Request) error {
	return web.RenderTagged(w, r, view(web.ViewOf(r), page{form: form.Of(nil), baseURL: s.BaseURL}))
}

// postFile checks a file. It is read, answered and forgotten.
func (s *Service) postFile(w http.ResponseWriter, r *http.Request) error {
	v := web.ViewOf(r)
	p := page{baseURL: s.BaseURL}
	if !s.files.Allow(r) {
		return &web.Error{Status: http.StatusTooManyRequests, Key: "verify.fault.too-many"}
	}
	s.files.Count(r)
	var err error
	if p.form, err = form.Parse(r); err != nil {
		return web.BadRequest("", err)
	}
	file, err := chosen(r)
	if err != nil {
		return err
	}
	switch {
	case len(file) == 0:
		p.form.Fail("file", v.L.T("verify.fault.empty"))
	case len(file) > maxFile:
		p.form.Fail("file", v.L.T("verify.fault.large"))
	}
	if !p.form.Valid() {
		return web.Render(w, r, http.StatusUnprocessableEntity, view(v, p))
	}
	verdict, err := s.Check(r.Context(), file)
	if err != nil {
		return err
	}
	p.verdict = &verdict
	if verdict.Outcome == document.Genuine {
		if err := s.known(r, &p, verdict.Statement); err != nil {
			return err
		}
	}
	return web.Render(w, r, http.StatusOK, view(v, p))
}

// chosen reads the file that was sent.
func chosen(r *http.Request) ([]byte, error) {
	if r.MultipartForm == nil {
		return nil, nil
	}
	f, _, err := r.FormFile("file")
	if errors.Is(err, http.ErrMissingFile) {
		return nil, nil
	}
	if err != nil {
		return nil, web.BadRequest("", err)
	}
	data, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	return data, errors.Join(err, f.Close())
}

// known adds what the hall knows of a genuine document: a signature says what was so when it was given, the hall what is so today.
func (s *Service) known(r *http.Request, p *page, st *document.Statement) error {
	l := web.ViewOf(r).L
	list, err := s.Documents.Numbered(r.Context(), st.Number)
	if err != nil {
		return err
	}
	for i := range list {
		if list[i].CaseNumber == st.Case && list[i].Kind == st.Kind {
			return s.explain(r, p, list[i])
		}
	}
	// Signed by our key and not in our books: say so, and what the document says of itself.
	at, err := time.Parse(time.RFC3339Nano, st.At)
	if err != nil {
		return err
	}
	p.rows = []ui.Row{
		{Key: l.T("verify.title-of"), Value: st.Title}, {Key: l.T("verify.number"), Value: st.Number}, {Key: l.T("verify.body"), Value: st.Issuer},
		{Key: l.T("verify.day"), Value: l.DateOf(at)},
	}
	p.proof(l)
	return nil
}

// explain fills in what the hall knows of a letter.
func (s *Service) explain(r *http.Request, p *page, rec document.Record) error {
	l := web.ViewOf(r).L
	p.record = &rec
	title := rec.Kind
	if t := s.Documents.Templates().Kind(rec.Kind); t != nil {
		title = l.Text(t.Title(nil))
	}
	if p.verdict != nil {
		title = p.verdict.Statement.Title
	}
	p.rows = []ui.Row{
		{Key: l.T("verify.title-of"), Value: title}, {Key: l.T("verify.number"), Value: rec.Number},
		{Key: l.T("verify.body"), Value: l.Text(s.Body(rec.Body))}, {Key: l.T("verify.day"), Value: l.DateOf(rec.At)},
	}
	if rec.Holder != "" {
		p.rows = append(p.rows, ui.Row{Key: l.T("verify.to"), Value: rec.Holder})
	}
	if rec.ReplacedBy != 0 {
		next, err := s.Documents.Get(r.Context(), rec.ReplacedBy)
		if err != nil {
			return err
		}
		p.next = &next
	}
	p.rows = append(p.rows, ui.Row{Key: l.T("verify.state"), Content: state(l, p)})
	if p.verdict != nil {
		p.proof(l)
	} else if rec.Ready() {
		p.rows = append(p.rows, ui.Row{Key: l.T("verify.digest"), Content: code(rec.Digest)})
	}
	return nil
}

// proof adds who signed, and where the event stands in the log.
func (p *page) proof(l *web.Localizer) {
	var signers []string
	for i := range p.verdict.Signers {
		k := &p.verdict.Signers[i]
		signers = append(signers, k.Name+" ("+k.Algorithm()+" "+k.ID()+")")
	}
	st := p.verdict.Statement
	p.rows = append(p.rows, ui.Row{Key: l.T("verify.signers"), Value: strings.Join(signers, l.T("web.form.and"))})
	if at, err := time.Parse(time.RFC3339Nano, st.SignedAt); err == nil {
		p.rows = append(p.rows, ui.Row{Key: l.T("verify.signed-at"), Value: l.Time(at)})
	}
	if p.verdict.Proof == document.Proven {
		p.rows = append(p.rows, ui.Row{Key: l.T("verify.log"), Value: l.T("verify.log-text", web.Args{"Index": l.Number(st.Proof.Index), "Origin": p.verdict.Origin})})
	}
}

// postNumber finds a letter by what stands on the paper, and leads to its page.
func (s *Service) postNumber(w http.ResponseWriter, r *http.Request) error {
	v := web.ViewOf(r)
	p := page{baseURL: s.BaseURL}
	var err error
	if p.form, err = form.Parse(r); err != nil {
		return web.BadRequest("", err)
	}
	if !s.lookups.Allow(r) {
		return door.TooMany()
	}
	number, code := p.form.Value("number"), p.form.Value("code")
	if number == "" {
		p.form.Fail("number", v.L.T("verify.fault.number"))
	}
	if code == "" {
		p.form.Fail("code", v.L.T("verify.fault.code"))
	}
	if p.form.Valid() {
		rec, err := s.Documents.ByCode(r.Context(), number, code)
		if err == nil {
			http.Redirect(w, r, "/verify/"+rec.ID.String()+"/"+s.Documents.Code(rec.ID), http.StatusSeeOther)
			return nil
		}
		if !errors.Is(err, store.ErrNotFound) {
			return err
		}
		s.lookups.Count(r)
		p.form.Fail("number", v.L.T("verify.fault.not-found"))
	}
	return web.Render(w, r, http.StatusUnprocessableEntity, view(v, p))
}

// getLetter says what the hall knows of the letter to whoever holds its code.
func (s *Service) getLetter(w http.ResponseWriter, r *http.Request) error {
	if !s.lookups.Allow(r) {
		return door.TooMany()
	}
	id, err := store.ParseID(r.PathValue("id"))
	if err != nil {
		return web.NotFound("verify.fault.not-found")
	}
	rec, err := s.Documents.ByID(r.Context(), id, r.PathValue("code"))
	if errors.Is(err, store.ErrNotFound) {
		s.lookups.Count(r)
		return web.NotFound("verify.fault.not-found")
	}
	if err != nil {
		return err
	}
	p := page{form: form.Of(nil), baseURL: s.BaseURL}
	if err := s.explain(r, &p, rec); err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, view(web.ViewOf(r), p))
}

// getKeys hands out the public keys.
func (s *Service) getKeys(w http.ResponseWriter, r *http.Request) error {
	keys, err := s.Documents.Keys(r.Context())
	if err != nil {
		return err
	}
	log, err := s.Log.PublicKey(r.Context())
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	_, err = w.Write(document.WriteKeys(keys, log))
	return err
}
