package rating

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"errors"
	"fmt"
	"mime/multipart"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/core/identifier"
	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/file"
	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/registry"
	"openhall.org/openhall/internal/platform/store"
	"openhall.org/openhall/internal/platform/web"
	"openhall.org/openhall/internal/platform/web/form"
	"openhall.org/openhall/internal/platform/web/ui"
)

// filingPage is the form of a complaint.
type filingPage struct {
	body    *registry.Body
	windows []ui.Option
	items   []ui.Option
	matters []ui.Option
	typed   *form.Form
	key     string // of the command: kept when the form is shown again
	kept    []casework.FileRef
	signed  bool // the name is that of the account
	name    string
}

// bodyChoice is a body that can be complained of.
type bodyChoice struct{ name, place, href string }

const (
	maxBodies   = 50
	filesField  = "files"
	keptField   = "kept"
	keptSigns   = 16
	keptPurpose = "complaint-upload"
)

// getNew asks whom the complaint is about, then for the rest.
func (s *Service) getNew(w http.ResponseWriter, r *http.Request) error {
	who, err := s.complainant(r)
	if err != nil {
		return err
	}
	v, q := web.ViewOf(r), r.URL.Query()
	body := s.Registry.Now().Body(q.Get("body"))
	number := strings.ToUpper(q.Get("case"))
	if body == nil && number != "" {
		if c, err := s.Cases.ByNumber(r.Context(), number); err == nil && c.Kind != FollowupKind && c.Kind != ComplaintKind {
			body = s.Registry.Now().Body(c.Body)
			q.Set("item", c.Subject)
		} else if err != nil && !errors.Is(err, store.ErrNotFound) {
			return err
		}
	}
	if body == nil {
		words := strings.TrimSpace(q.Get("q"))
		return web.Render(w, r, http.StatusOK, whomView(v, words, s.bodies(v, words)))
	}
	p, err := s.filingPage(r.Context(), v, who, body, form.Of(url.Values{"item": {q.Get("item")}, "window": {q.Get("window")}, "case": {number}}))
	if err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, filingView(v, s, p))
}

// complainant is who files: everybody but staff in their post.
func (s *Service) complainant(r *http.Request) (identity.Principal, error) {
	who, err := s.People.Principal(r)
	if err == nil && who.Kind == identity.Staff {
		return who, web.Forbidden("rating.complaints.staff")
	}
	return who, err
}

// bodies lists what can be complained of, by words of the name; those of the reader's division when nothing is asked for.
func (s *Service) bodies(v *web.View, words string) []bodyChoice {
	places := s.Registry.Now()
	var list []bodyChoice
	words = strings.ToLower(words)
	for _, d := range places.Divisions() {
		if words == "" && v.Division.Code != "" && d.Code != v.Division.Code {
			continue
		}
		for _, b := range places.Bodies(d.Code) {
			all := strings.ToLower(b.Name.Hans + " " + b.Name.Hant + " " + b.Name.En)
			if words != "" && !strings.Contains(all, words) {
				continue
			}
			if list = append(list, bodyChoice{v.L.Text(b.Name), v.L.Text(d.Name), "/complaints/new?" + url.Values{"body": {b.Key}}.Encode()}); len(list) == maxBodies {
				return list
			}
		}
	}
	return list
}

func (s *Service) filingPage(ctx context.Context, v *web.View, who identity.Principal, body *registry.Body, f *form.Form) (filingPage, error) {
	p := filingPage{body: body, typed: f, key: f.Value("key")}
	if p.key == "" {
		p.key = rand.Text()
	}
	nobody := ui.Option{Text: v.L.T("rating.filing.none")}
	p.windows, p.items = []ui.Option{nobody}, []ui.Option{nobody}
	for _, w := range s.windowsOf(body.Key) {
		p.windows = append(p.windows, ui.Option{Value: w.Key, Text: strings.TrimSpace(w.Number + " " + v.L.Text(w.Name))})
	}
	for _, it := range s.Items.OfBody(body.Key) {
		p.items = append(p.items, ui.Option{Value: it.Code, Text: v.L.Text(it.Title)})
	}
	for _, e := range s.Matters() {
		p.matters = append(p.matters, ui.Option{Value: e.Code, Text: v.L.Text(e.Title)})
	}
	if who.Party().ID != 0 {
		name, phone, _, err := s.People.Contact(ctx, who.Party().ID)
		if err != nil {
			return p, err
		}
		p.signed, p.name = true, name
		if _, typed := f.Values()["phone"]; !typed && f.Values() != nil {
			f.Values().Set("phone", phone)
		}
	}
	return p, nil
}

// postNew files the complaint.
func (s *Service) postNew(w http.ResponseWriter, r *http.Request) error {
	who, err := s.complainant(r)
	if err != nil {
		return err
	}
	if !s.posts.Allow(r) {
		return &web.Error{Status: http.StatusTooManyRequests, Key: "rating.filing.too-many"}
	}
	f, err := form.Parse(r)
	if err != nil {
		return err
	}
	v := web.ViewOf(r)
	body := s.Registry.Now().Body(f.Value("body"))
	if body == nil {
		return web.SeeOther(w, r, "/complaints/new")
	}
	p, err := s.filingPage(r.Context(), v, who, body, f)
	if err != nil {
		return err
	}
	filing, applicant := s.readFiling(v, who, &p)
	if p.kept, err = s.uploads(r, who, &p); err != nil {
		return err
	}
	if f.Valid() {
		rec, err := s.Complain(r.Context(), who, applicant, filing, p.kept, p.key)
		var refusal *casework.Refusal
		switch {
		case err == nil:
			s.posts.Count(r)
			return web.SeeOther(w, r, s.receiptPath(who, rec))
		case errors.As(err, &refusal) && refusal.Code == casework.RefusedForm:
			s.explain(v, f, refusal)
		default:
			return fmt.Errorf("file a complaint: %w", err)
		}
	}
	return web.Render(w, r, http.StatusUnprocessableEntity, filingView(v, s, p))
}

func (s *Service) receiptPath(who identity.Principal, rec casework.Receipt) string {
	if who.Party().ID != 0 {
		return "/me/complaints/" + rec.Number + "/receipt"
	}
	return complaintPath(rec.Number, s.Cases.Code(&casework.Case{Number: rec.Number})) + "/receipt"
}

// readFiling reads the form. What a person can mend is recorded beside its field; the rules are asked again when it is filed.
func (s *Service) readFiling(v *web.View, who identity.Principal, p *filingPage) (Filing, casework.Applicant) {
	f, l := p.typed, v.L
	filing := Filing{
		Body: p.body.Key, Matter: f.Choice(l, "matter", l.T("rating.filing.matter"), p.matters), Item: f.Value("item"), Window: f.Value("window"),
		Number: strings.ToUpper(strings.Join(strings.Fields(f.Value("case")), "")), Who: f.Value("who"),
		What: f.Limited(l, "what", l.T("rating.filing.what"), maxWhat), Wish: f.Limited(l, "wish", l.T("rating.filing.wish"), maxWish),
		Confidential: f.Value("confidential") != "",
	}
	if parts := f.DateParts("when"); parts.Year+parts.Month+parts.Day != "" {
		day := f.Date(l, "when", l.T("rating.filing.when"))
		if day > calendar.Of(s.Now()) {
			f.Fail("when", l.T("web.form.format", web.Args{"Label": l.T("rating.filing.when"), "Text": l.Text(laterDay)}))
		}
		if day != 0 {
			filing.When = day.String()
		}
	}
	if filing.Number != "" {
		if _, err := identifier.Check(identifier.KindCase, filing.Number, s.Now()); err != nil {
			f.Fail("case", l.T("web.form.format", web.Args{"Label": l.T("rating.filing.case"), "Text": l.Text(messageOf(err))}))
		}
	}
	a := casework.Applicant{Kind: identity.Person, Name: f.Value("name"), Phone: strings.ReplaceAll(f.Value("phone"), " ", "")}
	if party := who.Party(); party.ID != 0 {
		a.Party, a.Kind, a.Name = party.ID, party.Kind, p.name
	}
	if a.Phone != "" {
		if _, err := identifier.Check(identifier.KindPhone, a.Phone, s.Now()); err != nil {
			f.Fail("phone", l.T("web.form.format", web.Args{"Label": l.T("rating.filing.phone"), "Text": l.Text(messageOf(err))}))
		}
	}
	return filing, a
}

// explain puts what the rules refused beside the fields of the page.
func (s *Service) explain(v *web.View, f *form.Form, r *casework.Refusal) {
	texts := web.FieldTexts(v.L, r)
	for _, e := range web.FieldSummary(v.L, r) {
		name := strings.TrimPrefix(e.Field, "applicant.")
		text := e.Text
		if t := texts[e.Field]; t != "" {
			text = t
		}
		if label := "rating.filing." + name; v.L.Has(label) {
			text = v.L.T("web.form.format", web.Args{"Label": v.L.T(label), "Text": text})
		}
		f.Fail(name, text)
	}
}

// uploads takes the files of the form: those it brings, and those that it brought before it came back with errors. Everybody without an
// account shares the owner 0, so what was kept before is named by a seal of this form, not by its number alone.
func (s *Service) uploads(r *http.Request, who identity.Principal, p *filingPage) ([]casework.FileRef, error) {
	var refs []casework.FileRef
	v := web.ViewOf(r)
	for _, text := range p.typed.All(keptField) {
		id, sign, _ := strings.Cut(text, ".")
		number, err := store.ParseID(id)
		if err != nil || subtle.ConstantTimeCompare([]byte(sign), []byte(s.keptSign(p.key, id))) != 1 {
			continue // not one of this form: nothing is lost
		}
		f, err := s.Files.Stat(r.Context(), number)
		if err != nil && !errors.Is(err, store.ErrNotFound) {
			return nil, fmt.Errorf("look up a file: %w", err)
		}
		if err == nil && f.Owner == who.Account {
			refs = append(refs, reference(f))
		}
	}
	if r.MultipartForm == nil {
		return refs, nil
	}
	headers := slices.DeleteFunc(slices.Clone(r.MultipartForm.File[filesField]), func(h *multipart.FileHeader) bool { return h.Size == 0 && h.Filename == "" })
	for _, h := range headers {
		if len(refs) >= maxFiles {
			p.typed.Fail(filesField, v.L.T("rating.filing.too-many-files", web.Args{"Max": maxFiles}))
			break
		}
		f, err := s.put(r.Context(), who, h)
		var wrong *file.Refusal
		if errors.As(err, &wrong) {
			p.typed.Fail(filesField, v.L.T("rating.filing.file-refused", web.Args{"Name": h.Filename, "Text": wrong.Text}))
			continue
		}
		if err != nil {
			return nil, err
		}
		refs = append(refs, reference(f))
	}
	return refs, nil
}

func (s *Service) put(ctx context.Context, who identity.Principal, h *multipart.FileHeader) (file.File, error) {
	content, err := h.Open()
	if err != nil {
		return file.File{}, fmt.Errorf("read an upload: %w", err)
	}
	f, err := s.Files.Put(ctx, who.Account, h.Filename, content, file.Limits{Stranger: who.Account == 0})
	return f, errors.Join(err, content.Close())
}

func (s *Service) keptSign(key, id string) string {
	return s.Keys.Code(keptPurpose, key+"/"+id, keptSigns)
}

func (s *Service) keptValue(key string, ref casework.FileRef) string {
	return ref.ID.String() + "." + s.keptSign(key, ref.ID.String())
}

func reference(f file.File) casework.FileRef {
	return casework.FileRef{ID: f.ID, Name: f.Name, Digest: f.Digest, Size: f.Size, Type: f.Type}
}
