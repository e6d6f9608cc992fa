package intermediary

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"openhall.org/openhall/internal/core/lang"
	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/file"
	"openhall.org/openhall/internal/platform/store"
	"openhall.org/openhall/internal/platform/web"
	"openhall.org/openhall/internal/platform/web/form"
	"openhall.org/openhall/internal/platform/web/ui"
)

// Bounds of forms, in bytes, and of the files that one brings.
const (
	maxBody   = 128 << 10
	maxUpload = 64 << 20
	maxFiles  = 10
)

// Mount adds the pages to the shell.
func (s *Rooms) Mount(shell *web.Shell) {
	public := func(pattern, name string, h web.HandlerFunc) {
		shell.Handle("GET "+pattern, web.Route{Name: "intermediary." + name, Public: true}, h)
	}
	public(homeHref, "list", s.getHome)
	public(homeHref+"/services/{key}", "service", s.getService)
	public(agenciesHref, "agencies", s.getRegister)
	public(agenciesHref+"/{number}", "agency", s.getAgency)
	public(sharesHref, "shares", s.getShares)
	public(sharesHref+"/{body}", "body", s.getBodyShares)
	public(sanctionsHref, "sanctions", s.getSanctions)
	public(drawsHref, "draws", s.getDraws)
	public(drawsHref+"/{number}", "draw", s.getDraw)
	public(drawsHref+"/{number}/proof.json", "proof", s.getProof)
	public(openingsHref, "openings", s.getOpenings)
	public(openingsHref+"/{number}", "opening", s.getOpening)

	may := func(pattern, name, action string, h web.HandlerFunc) {
		shell.Handle(pattern, web.Route{Name: "intermediary." + name, Action: action, Private: true, MaxBody: maxBody}, h)
	}
	uploads := func(pattern, name, action string, h web.HandlerFunc) {
		shell.Handle(pattern, web.Route{Name: "intermediary." + name, Action: action, Private: true, MaxBody: maxUpload}, h)
	}
	may("GET "+placeHref, "place", ActionOrder, s.getPlace)
	may("POST "+placeHref, "do-place", ActionOrder, s.postPlace)
	may("GET "+mineHref, "mine", ActionOrder, s.getMine)
	may("GET "+homeHref+"/orders/{number}", "order", ActionOrder, s.getOrder)
	may("GET "+homeHref+"/orders/{number}/files/{id}", "file", ActionOrder, s.getFile)
	may("POST "+homeHref+"/orders/{number}/start", "start", ActionOrder, s.postStart)
	may("POST "+homeHref+"/orders/{number}/answer", "answer", ActionAgency, s.postAnswer)
	uploads("POST "+homeHref+"/orders/{number}/deliver", "deliver", ActionAgency, s.postDeliver)
	may("POST "+homeHref+"/orders/{number}/grade", "grade", ActionOrder, s.postGrade)
	may("POST "+homeHref+"/orders/{number}/cancel", "cancel", ActionOrder, s.postCancel)
	may("GET "+homeHref+"/bids/{number}", "call", ActionAgency, s.getCall)
	may("POST "+homeHref+"/bids/{number}", "bid", ActionAgency, s.postBid)
	may("GET "+applyHref, "apply", ActionAgency, s.getApply)
	may("POST "+applyHref, "do-apply", ActionAgency, s.postApply)
	may("GET "+ownHref, "own", ActionAgency, s.getOwn)
	uploads("POST "+ownHref+"/mend", "mend", ActionAgency, s.postMend)
	may("POST "+ownHref+"/relations", "declare", ActionAgency, s.postRelation)
	may("GET "+amendHref, "amend", ActionAgency, s.getAmend)
	may("POST "+amendHref, "do-amend", ActionAgency, s.postAmend)
	may("GET "+ownLiftHref, "plead", ActionAgency, s.getPlead(ownLiftHref))
	may("POST "+ownLiftHref, "do-plead", ActionAgency, s.postPlead(ownLiftHref))
	may("GET "+ownHref+"/sanctions/{number}", "hearing", ActionAgency, s.getHearing)
	may("POST "+ownHref+"/sanctions/{number}", "state", ActionAgency, s.postHearing)

	may("GET "+deskHref, "desk", ActionOrder, s.getDesk)
	may("GET "+deskHref+"/services/{key}", "desk-service", ActionRegister, s.getDeskService)
	may("POST "+deskHref+"/services/{key}", "put-service", ActionRegister, s.postDeskService)
	may("GET "+deskHref+"/admissions/{number}", "admission", ActionRegister, s.getAdmission)
	may("POST "+deskHref+"/admissions/{number}", "examine", ActionRegister, s.postAdmission)
	may("GET "+deskHref+"/agencies/{number}/sanction", "propose", ActionSanction, s.getPropose)
	may("POST "+deskHref+"/agencies/{number}/sanction", "do-propose", ActionSanction, s.postPropose)
	may("GET "+deskLiftHref, "desk-plead", ActionSanction, s.getPlead(deskLiftHref))
	may("POST "+deskLiftHref, "do-desk-plead", ActionSanction, s.postPlead(deskLiftHref))
	may("GET "+deskHref+"/lifts/{number}", "lift", ActionOrder, s.getLift)
	may("POST "+deskHref+"/lifts/{number}", "do-lift", ActionRegister, s.postLift)
	may("GET "+deskHref+"/sanctions/{number}", "sanction", ActionOrder, s.getSanction)
	may("POST "+deskHref+"/sanctions/{number}", "decide", ActionRegister, s.postSanction)
}

const fieldKey = "key"

// newKey is a key under which a form does what it does once.
func newKey() string { return rand.Text() }

// typed is a form on a page: what was typed and what is wrong with it.
type typed struct {
	Key     string
	Values  url.Values
	Errors  map[string]string
	Summary []ui.FieldError
}

func untyped() typed { return typed{Key: newKey(), Values: url.Values{}, Errors: map[string]string{}} }

// wrong takes over what a refusal, or the form itself, says is wrong. It reports whether anything is.
func (t *typed) wrong(v *web.View, f *form.Form, err error) bool {
	var refusal *casework.Refusal
	switch {
	case errors.As(err, &refusal) && refusal.Code == casework.RefusedForm:
		t.Errors, t.Summary = web.FieldTexts(v.L, refusal), web.FieldSummary(v.L, refusal)
	case errors.As(err, &refusal):
		t.Summary = []ui.FieldError{{Text: web.RefusalText(v.L, refusal)}}
	case !f.Valid():
		t.Summary = f.Summary()
		for _, e := range t.Summary {
			t.Errors[e.Field] = e.Text
		}
	default:
		return false
	}
	t.Values = f.Values()
	return true
}

// parse reads a form.
func parse(r *http.Request) (*form.Form, error) {
	f, err := form.Parse(r)
	if err != nil {
		return nil, web.BadRequest("", err)
	}
	return f, nil
}

// number reads a number from an address.
func number(r *http.Request) string { return strings.ToUpper(r.PathValue("number")) }

// yuan reads an amount in yuan with at most two decimals, as fen. What is none is told by field.
func yuan(l *web.Localizer, f *form.Form, name string) int64 {
	text := form.Digits(f.Value(name))
	whole, cents, dot := strings.Cut(text, ".")
	n, err := strconv.ParseInt(whole, 10, 64)
	if dot && err == nil {
		var c int64
		if c, err = strconv.ParseInt((cents + "0")[:min(2, len(cents)+1)], 10, 64); len(cents) == 0 || len(cents) > 2 || c < 0 {
			err = strconv.ErrSyntax
		}
		n = n*100 + c
	} else {
		n *= 100
	}
	if err != nil || n < 0 || n > maxFen || len(whole) > 10 || strings.HasPrefix(whole, "+") {
		f.Fail(name, l.T("intermediary.bad-yuan"))
		return 0
	}
	return n
}

// maxFen bounds an amount.
const maxFen = 100_000_000_000

// integer reads a whole number. What is none is told by field.
func integer(l *web.Localizer, f *form.Form, name string) int {
	n, err := strconv.Atoi(strings.TrimSpace(f.Value(name)))
	if err != nil {
		f.Fail(name, l.T("intermediary.bad-number"))
	}
	return n
}

// yuanText is an amount as forms show it.
func yuanText(fen int64) string {
	if fen == 0 {
		return ""
	}
	return fmt.Sprintf("%d.%02d", fen/100, fen%100)
}

var tooMany = lang.Text{Hans: "文件太多，最多 10 个", Hant: "檔案太多，最多 10 個", En: "There are too many files; at most 10"}

// uploads keeps the files of a form.
func (s *Rooms) uploads(r *http.Request, v *web.View, owner store.ID, f *form.Form) ([]casework.FileRef, error) {
	if r.MultipartForm == nil {
		return nil, nil
	}
	var refs []casework.FileRef
	for _, h := range r.MultipartForm.File["files"] {
		if h.Filename == "" {
			continue
		}
		if len(refs) == maxFiles {
			f.Fail("files", v.L.Text(tooMany))
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
			f.Fail("files", v.L.T("intermediary.bad-file", web.Args{"Name": h.Filename, "Text": refused.Text}))
			continue
		}
		if err != nil {
			return refs, err
		}
		refs = append(refs, casework.FileRef{ID: kept.ID, Name: kept.Name, Digest: kept.Digest, Size: kept.Size, Type: kept.Type})
	}
	return refs, nil
}

// remarks are the sealed remarks of the latest step of a case that has one, by the name of the field.
func (s *Rooms) remark(ctx context.Context, id store.ID, field string) (string, error) {
	private, err := s.cases.Private(ctx, id)
	if err != nil {
		return "", fmt.Errorf("remarks of case %s: %w", id, err)
	}
	return lastText(private, field), nil
}
