package portal

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"openhall.org/openhall/internal/core/lang"
	"openhall.org/openhall/internal/core/merkle"
	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/web"
	"openhall.org/openhall/internal/platform/web/form"
	"openhall.org/openhall/internal/platform/web/ui"
)

// logView is what the page of the log shows.
type logView struct {
	checkpoint merkle.Checkpoint
	signed     string // the checkpoint as it is signed
	key        string
	baseURL    string
	form       *form.Form
	proven     *provenView
}

// provenView is what a receipt that was checked proves.
type provenView struct {
	merkle.Proven
	event casework.Envelope
	at    time.Time
	body  lang.Text
	text  string // the entry, set out for reading
	kept  bool   // the log of today still begins with the log of the receipt
}

func (s *Service) logView(ctx context.Context) (logView, error) {
	signed, err := s.Proof.Checkpoint(ctx)
	if err != nil {
		return logView{}, err
	}
	key, err := s.Proof.PublicKey(ctx)
	if err != nil {
		return logView{}, err
	}
	verifier, err := merkle.NewVerifier(key)
	if err != nil {
		return logView{}, fmt.Errorf("key of the log: %w", err)
	}
	c, err := merkle.OpenCheckpoint(signed, verifier)
	if err != nil {
		return logView{}, fmt.Errorf("checkpoint of the log: %w", err)
	}
	return logView{checkpoint: c, signed: string(signed), key: key, baseURL: s.BaseURL, form: form.Of(nil)}, nil
}

func (s *Service) getLog(w http.ResponseWriter, r *http.Request) error {
	p, err := s.logView(r.Context())
	if err != nil {
		return err
	}
	return web.RenderTagged(w, r, logPage(web.ViewOf(r), p))
}

// postVerify checks a receipt. It may reveal private fields, so the answer is kept by no cache, and nothing of it is written down.
func (s *Service) postVerify(w http.ResponseWriter, r *http.Request) error {
	v := web.ViewOf(r)
	p, err := s.logView(r.Context())
	if err != nil {
		return err
	}
	if p.form, err = form.Parse(r); err != nil {
		return web.BadRequest("", err)
	}
	text, err := receiptText(r, p.form)
	if err != nil {
		return err
	}
	if text == "" {
		p.form.Fail("receipt", v.L.T("portal.log.fault.empty"))
	} else if p.proven, err = s.prove(r.Context(), text, p.key); err != nil {
		fault := faultOf(err)
		if fault == "" {
			return err
		}
		p.form.Fail("receipt", v.L.T("portal.log.fault."+fault))
	}
	status := http.StatusOK
	if !p.form.Valid() {
		status = http.StatusUnprocessableEntity
	}
	return web.Render(w, r, status, logPage(v, p))
}

// receiptText is the receipt as it was pasted, or the file that was chosen.
func receiptText(r *http.Request, f *form.Form) (string, error) {
	if text := f.Value("receipt"); text != "" || r.MultipartForm == nil {
		return text, nil
	}
	file, _, err := r.FormFile("file")
	if errors.Is(err, http.ErrMissingFile) {
		return "", nil
	}
	if err != nil {
		return "", fmt.Errorf("receipt: %w", err)
	}
	data, err := io.ReadAll(file)
	if err = errors.Join(err, file.Close()); err != nil {
		return "", fmt.Errorf("receipt: %w", err)
	}
	return strings.TrimSpace(string(data)), nil
}

// prove checks a receipt by the key of this log, and that the log still contains what it contained when the receipt was given.
func (s *Service) prove(ctx context.Context, text, key string) (*provenView, error) {
	receipt, err := merkle.ParseReceipt([]byte(text))
	if err != nil {
		return nil, err
	}
	verifier, err := merkle.NewVerifier(key)
	if err != nil {
		return nil, fmt.Errorf("key of the log: %w", err)
	}
	proven, err := receipt.Verify(verifier)
	if err != nil {
		return nil, err
	}
	p := &provenView{Proven: proven}
	if err := json.Unmarshal(proven.Entry, &p.event); err != nil {
		return nil, fmt.Errorf("%w: %w", merkle.ErrEntryForm, err)
	}
	var out bytes.Buffer
	if err := json.Indent(&out, proven.Entry, "", "  "); err != nil {
		return nil, fmt.Errorf("%w: %w", merkle.ErrEntryForm, err)
	}
	p.text = out.String()
	if p.at, err = time.Parse(time.RFC3339Nano, p.event.At); err != nil {
		return nil, fmt.Errorf("%w: %w", merkle.ErrEntryForm, err)
	}
	if b := s.Registry.Now().Body(p.event.Body); b != nil {
		p.body = b.Name
	}
	p.kept, err = s.contains(ctx, proven.Checkpoint, verifier.Name(), key)
	return p, err
}

// contains reports whether the log of today begins with the log of an earlier checkpoint of its own.
func (s *Service) contains(ctx context.Context, old merkle.Checkpoint, origin, key string) (bool, error) {
	if old.Origin != origin {
		return false, nil
	}
	signed, proof, err := s.Proof.Consistency(ctx, old.Size)
	if err != nil {
		return false, fmt.Errorf("proof that the log contains the receipt's: %w", err)
	}
	verifier, err := merkle.NewVerifier(key)
	if err != nil {
		return false, fmt.Errorf("key of the log: %w", err)
	}
	now, err := merkle.OpenCheckpoint(signed, verifier)
	if err != nil {
		return false, fmt.Errorf("checkpoint of the log: %w", err)
	}
	return merkle.VerifyConsistency(proof, now.Size, now.Root, old.Size, old.Root) == nil, nil
}

// faultOf names what is wrong with a receipt, or "" when the error is none of a receipt.
func faultOf(err error) string {
	for _, f := range []struct {
		err  error
		name string
	}{
		{merkle.ErrReceipt, "receipt"}, {merkle.ErrWrongKey, "key"}, {merkle.ErrSignature, "signature"}, {merkle.ErrCheckpoint, "checkpoint"},
		{merkle.ErrEntryAltered, "entry"}, {merkle.ErrEntryForm, "form"}, {merkle.ErrProof, "proof"}, {merkle.ErrCommitment, "commitment"},
	} {
		if errors.Is(err, f.err) {
			return f.name
		}
	}
	return ""
}

// rows tell what a receipt proves.
func (p *provenView) rows(l *web.Localizer) []ui.Row {
	rows := []ui.Row{
		{Key: l.T("portal.log.case"), Value: p.event.Case},
		{Key: l.T("portal.log.step"), Value: l.T("portal.log.step-text", web.Args{"Number": p.event.Seq, "Kind": p.event.Kind})},
		{Key: l.T("portal.log.at"), Value: l.Time(p.at)},
		{Key: l.T("portal.log.place"), Value: l.T("portal.log.place-text", web.Args{"Index": l.Number(p.Index + 1), "Size": l.Number(p.Checkpoint.Size)})},
	}
	if !p.body.IsZero() {
		rows = append(rows, ui.Row{Key: l.T("portal.log.body"), Value: l.Text(p.body)})
	}
	for _, d := range p.Disclosed {
		rows = append(rows, ui.Row{Key: l.T("portal.log.disclosed", web.Args{"Field": d.Field}), Value: d.Value})
	}
	return rows
}
