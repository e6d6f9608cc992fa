package request

import (
	"context"
	"errors"
	"io"
	"mime"
	"net/http"
	"slices"
	"strconv"
	"time"

	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/document"
	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/store"
	"openhall.org/openhall/internal/platform/web"
	"openhall.org/openhall/internal/platform/web/ui"
)

// letterRows lists the letters of a request, for its applicant without those that went to others.
func (s *Service) letterRows(ctx context.Context, l *web.Localizer, o opened) ([]ui.Row, error) {
	numbers := map[string]string{}
	list, err := s.Documents.Of(ctx, o.Case.ID)
	if err != nil {
		return nil, err
	}
	for _, r := range list {
		numbers[r.Kind+"/"+strconv.FormatInt(r.Seq, 10)] = r.Number
	}
	var rows []ui.Row
	add := func(kind string, seq int64, at time.Time) {
		if !o.post && slices.Contains(toOthers, kind) {
			return
		}
		title := l.T("request.letter." + kind)
		value := l.Time(at)
		if n := numbers[kind+"/"+strconv.FormatInt(seq, 10)]; n != "" {
			value = n + l.T("web.form.and") + value
		}
		rows = append(rows, ui.Row{Key: title, Value: value, ActionFor: title, Action: ui.Link{Href: letterPath(o.base, seq, kind), Text: l.T("request.letter.open")}})
	}
	add(receiptSlip, 1, o.Case.CreatedAt)
	for _, d := range o.Case.Documents() {
		add(d.Kind, d.Seq, d.At)
	}
	return rows, nil
}

func letterPath(base string, seq int64, kind string) string {
	return base + "/letters/" + strconv.FormatInt(seq, 10) + "/" + kind
}

// letterPage is an official letter as a page.
type letterPage struct {
	frame web.Letter
	text  *document.Letter
	code  string // 核验码; empty when the letter has none
	check string // address by which everybody can verify it
}

func (o *opened) letter(r *http.Request) (seq int64, kind string, err error) {
	seq, err = strconv.ParseInt(r.PathValue("seq"), 10, 64)
	kind = r.PathValue("kind")
	if err != nil || !issued(o.Case, kind, seq) || !o.post && slices.Contains(toOthers, kind) {
		return 0, "", web.NotFound("request.letter.none")
	}
	return seq, kind, nil
}

// getLetter shows a letter, in the reader's language.
func (s *Service) getLetter(open opener) web.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) error {
		o, err := open(r)
		if err != nil {
			return err
		}
		seq, kind, err := o.letter(r)
		if err != nil {
			return err
		}
		if o.post && !o.Full {
			return &identity.Denied{Action: casework.ActionPrivate, Reason: identity.DeniedOther}
		}
		v := web.ViewOf(r)
		m, err := s.material(r.Context(), o.Case, seq)
		if err == nil {
			err = s.named(r.Context(), &m, false)
		}
		if err != nil {
			return err
		}
		f := s.facts(v.L, m, kind)
		p := letterPage{}
		file := ""
		f["number"] = o.Case.Number + "-" + strconv.FormatInt(seq, 10)
		rec, err := s.Documents.Find(r.Context(), o.Case.ID, seq, kind)
		switch {
		case err == nil:
			f["number"], p.check, p.code = rec.Number, s.Documents.VerifyURL(rec.ID), s.Documents.Code(rec.ID)
			if !o.post || s.mayAsker(o.Who, o.entry) == nil {
				file = letterPath(o.base, seq, kind) + "/pdf"
			}
		case !errors.Is(err, store.ErrNotFound):
			return err
		}
		if p.text = s.Documents.Templates().Fill(kind, v.L.Tag(), f); p.text == nil {
			return web.NotFound("request.letter.none")
		}
		p.frame = web.Letter{Issuer: p.text.Issuer, Title: p.text.Title, Number: p.text.Number, To: f["applicant"], Date: p.text.Date, Back: o.base, File: file}
		if kind == receiptSlip && o.Code != "" {
			p.frame.Code, p.frame.CodeLabel = s.BaseURL+trackPath(o.Case.Number, o.Code), v.L.T("request.letter.qr")
		}
		return web.Render(w, r, http.StatusOK, letterView(v, p))
	}
}

// getPDF hands out the signed PDF of a letter, which names the applicant.
func (s *Service) getPDF(open opener) web.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) error {
		o, err := open(r)
		if err != nil {
			return err
		}
		seq, kind, err := o.letter(r)
		if err != nil {
			return err
		}
		if o.post {
			if err := s.mayAsker(o.Who, o.entry); err != nil {
				return err
			}
		}
		rec, err := s.Documents.Find(r.Context(), o.Case.ID, seq, kind)
		if errors.Is(err, store.ErrNotFound) {
			return web.NotFound("request.letter.none")
		}
		if err == nil {
			rec, err = s.Documents.Ensure(r.Context(), rec)
		}
		if errors.Is(err, document.ErrPending) {
			w.Header().Set("Retry-After", "2")
			return &web.Error{Status: http.StatusServiceUnavailable, Key: "request.letter.pending"}
		}
		if err != nil {
			return err
		}
		content, err := s.Documents.Open(r.Context(), rec)
		if err != nil {
			return err
		}
		name := rec.Number + web.ViewOf(r).L.T("request.letter."+kind) + ".pdf"
		w.Header().Set("Content-Type", document.MediaType)
		w.Header().Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": name}))
		_, err = io.Copy(w, content)
		return errors.Join(err, content.Close())
	}
}

// getFile hands out a document that the reply provides.
func (s *Service) getFile(open opener) web.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) error {
		o, err := open(r)
		if err != nil {
			return err
		}
		m, err := s.material(r.Context(), o.Case, o.Case.Seq)
		if err != nil {
			return err
		}
		if o.entry.Open() || !discloses(o.entry.Outcome) {
			return web.NotFound("request.file.none")
		}
		return s.sendFile(w, r, m.files)
	}
}

// sendFile sends the file of the address if it is one of a list.
func (s *Service) sendFile(w http.ResponseWriter, r *http.Request, list []casework.FileRef) error {
	for _, ref := range list {
		if ref.ID.String() != r.PathValue("file") {
			continue
		}
		_, content, err := s.Files.Get(r.Context(), ref.ID)
		if err != nil {
			return err
		}
		w.Header().Set("Content-Type", ref.Type)
		w.Header().Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": ref.Name}))
		_, err = io.Copy(w, content)
		return errors.Join(err, content.Close())
	}
	return web.NotFound("request.file.none")
}

// Letter is a letter of a request, for the desk.
type Letter struct {
	Kind, Href, PDF string
	At              time.Time
}

// Letters returns the letters of a request, with the addresses of the disclosure office.
func (s *Service) Letters(ctx context.Context, c *casework.Case) ([]Letter, error) {
	records, err := s.Documents.Of(ctx, c.ID)
	if err != nil {
		return nil, err
	}
	list := make([]Letter, 0, len(records))
	for _, r := range records {
		href := letterPath(officePath(c.Number), r.Seq, r.Kind)
		list = append(list, Letter{Kind: r.Kind, Href: href, PDF: href + "/pdf", At: r.At})
	}
	return list, nil
}

// OfficePage returns the address at which the disclosure office sees a case of the slice.
func (s *Service) OfficePage(ctx context.Context, c *casework.Case) string {
	switch c.Kind {
	case KindName:
		return officePath(c.Number)
	case DisputeKind:
		number, err := store.Scalar[string](s.DB.Read().QueryRow(ctx, `SELECT r.number FROM request_dispute AS d JOIN request_case AS r ON r.case_id = d.request
			WHERE d.case_id = $1`, int64(c.ID)))
		if err != nil {
			return "/open/office"
		}
		return officePath(number)
	default:
		return "/open/office/catalogue"
	}
}
