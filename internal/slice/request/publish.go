package request

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"openhall.org/openhall/internal/core/lang"
	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/publication/guard"
	"openhall.org/openhall/internal/platform/store"
	"openhall.org/openhall/internal/platform/web"
	"openhall.org/openhall/internal/platform/web/form"
	"openhall.org/openhall/internal/platform/web/ui"
)

// postPublish hands an answered request to the publication procedure, masked.
func (s *Service) postPublish(w http.ResponseWriter, r *http.Request) error {
	o, err := s.works(r)
	if err != nil {
		return err
	}
	if s.Publisher == nil || o.entry.Open() || !discloses(o.entry.Outcome) || o.entry.Record != "" {
		return web.Conflict("request.publish.none", nil)
	}
	if _, err := s.publish(r.Context(), o.Who, o.Case, o.entry); err != nil {
		return err
	}
	web.SetFlash(w, r, web.Flash{Kind: "success", Key: "request.publish.done"})
	return web.SeeOther(w, r, o.base)
}

// publish hands an answered request to the publication procedure and returns the key of the record.
func (s *Service) publish(ctx context.Context, who identity.Principal, c *casework.Case, e Entry) (string, error) {
	m, err := s.material(ctx, c, c.Seq)
	if err != nil {
		return "", err
	}
	basis := lang.Text{}
	if out, ok := s.Outcome(e.Outcome, e.Arrived); ok {
		basis = out.Basis.CiteText()
	}
	draft := m.draft.Fields
	text := strings.TrimSpace(plain(draft["reasons"]) + "\n" + plain(draft["where"]))
	record, err := s.Publisher.Publish(ctx, who, Answered{
		Number: c.Number, Body: e.Body, Division: e.Division, Subject: e.Subject,
		Outcome: s.OutcomeTitle(e.Outcome, e.Arrived), Basis: basis, Answer: guard.Clean(text), Files: m.files,
	})
	if err != nil {
		return "", err
	}
	err = s.DB.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		return tx.Exec(ctx, `UPDATE request_case SET record = $2 WHERE case_id = $1`, int64(c.ID), record)
	})
	if err != nil {
		return "", fmt.Errorf("note the publication of %s: %w", c.Number, err)
	}
	return record, nil
}

// recordPage is the address of what was published from a request; "" when there is nothing to be read.
func (s *Service) recordPage(ctx context.Context, e Entry) (string, error) {
	if s.Publisher == nil || e.Record == "" {
		return "", nil
	}
	return s.Publisher.Page(ctx, e.Record)
}

// grounds are why a passage is taken out, by the codes of the refusals (条例 14–16).
var grounds = []string{"refused.secret", "refused.forbidden", "refused.safety", "refused.third-party", "refused.internal", "refused.process", "refused.enforcement"}

// groundsOf are the grounds of the regulations of a request. The text of 2007 knows no internal affairs, process information or enforcement
// files; its articles are 8, 14 and 23.
func groundsOf(l *web.Localizer, c *casework.Case) []ui.Option {
	if isOld(c) {
		return words(l, "request.ground.2008.", []string{"secret", "safety", "third-party"})
	}
	return words(l, "request.ground.", grounds)
}

// redactPage is where a document is divided into what is disclosed and what is not (区分处理).
type redactPage struct {
	opened
	typed *form.Form
}

func (s *Service) redactPage(r *http.Request, f *form.Form) (redactPage, error) {
	o, err := s.works(r)
	if err != nil {
		return redactPage{}, err
	}
	if s.Redactor == nil || !o.Case.Open() {
		return redactPage{}, web.Conflict("request.redact.none", nil)
	}
	return redactPage{opened: o, typed: f}, nil
}

func (s *Service) getRedact(w http.ResponseWriter, r *http.Request) error {
	p, err := s.redactPage(r, form.Of(url.Values{}))
	if err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, redactView(web.ViewOf(r), s, p))
}

// postRedact takes the passages out of a document and hands the rest back, to be attached to the reply.
func (s *Service) postRedact(w http.ResponseWriter, r *http.Request) error {
	f, err := form.Parse(r)
	if err != nil {
		return err
	}
	p, err := s.redactPage(r, f)
	if err != nil {
		return err
	}
	v := web.ViewOf(r)
	passages := lines(f.Limited(v.L, "passages", v.L.T("request.redact.passages"), 4000))
	choices := groundsOf(v.L, p.Case)
	f.Choice(v.L, "ground", v.L.T("request.redact.ground"), choices)
	var header *multipart.FileHeader
	if r.MultipartForm != nil {
		if list := r.MultipartForm.File["document"]; len(list) > 0 && list[0].Size > 0 {
			header = list[0]
		}
	}
	if header == nil {
		f.Fail("document", v.L.T("request.redact.choose"))
	}
	if !f.Valid() {
		return web.Render(w, r, http.StatusUnprocessableEntity, redactView(v, s, p))
	}
	ground := choices[slices.IndexFunc(choices, func(o ui.Option) bool { return o.Value == f.Value("ground") })].Text
	out, err := s.redacted(r.Context(), header, passages, ground)
	var missing *NotThere
	var wrong interface{ Message() lang.Text }
	switch {
	case errors.As(err, &missing):
		f.Fail("passages", v.L.T("request.redact.missing", web.Args{"Text": missing.Passage}))
	case errors.Is(err, ErrNoRedaction):
		f.Fail("document", v.L.T("request.redact.type"))
	case errors.Is(err, ErrLeft):
		f.Fail("passages", v.L.T("request.redact.left"))
	case errors.As(err, &wrong):
		f.Fail("document", v.L.Text(wrong.Message()))
	case err != nil:
		return err
	}
	if !f.Valid() {
		return web.Render(w, r, http.StatusUnprocessableEntity, redactView(v, s, p))
	}
	w.Header().Set("Content-Type", "application/octet-stream")
	w.Header().Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": header.Filename}))
	_, err = io.Copy(w, bytes.NewReader(out))
	return err
}

func (s *Service) redacted(ctx context.Context, h *multipart.FileHeader, passages []string, ground string) ([]byte, error) {
	upload, err := h.Open()
	if err != nil {
		return nil, fmt.Errorf("read an upload: %w", err)
	}
	content, err := io.ReadAll(upload) // the route limits it
	if err = errors.Join(err, upload.Close()); err != nil {
		return nil, fmt.Errorf("read an upload: %w", err)
	}
	return s.Redactor.Redact(ctx, h.Filename, content, passages, ground)
}
