package request

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
	"openhall.org/openhall/internal/core/lang"
	"openhall.org/openhall/internal/core/term"
	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/file"
	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/registry"
	"openhall.org/openhall/internal/platform/store"
	"openhall.org/openhall/internal/platform/web"
	"openhall.org/openhall/internal/platform/web/form"
	"openhall.org/openhall/internal/platform/web/ui"
)

// part is one of the pages on which a request is asked together. What was typed travels with the form: nothing of a visitor is kept
// before they send it.
type part string

const (
	partWhat  part = "what"
	partWho   part = "who"
	partHow   part = "how"
	partCheck part = "check"
)

var parts = []part{partWhat, partWho, partHow, partCheck}

// fieldsOf are the fields of the parts.
var fieldsOf = map[part][]string{
	partWhat: {"description", "channel", "received", "late"},
	partWho:  {"kind", "name", "idNumber", "files", "contact", "phone", "agent"},
	partHow:  {"wanted", "medium", "email", "address", "language"},
}

func partOf(field string) part {
	for p, names := range fieldsOf {
		if slices.Contains(names, field) {
			return p
		}
	}
	return partCheck
}

// asking is a request as it is being typed.
type asking struct {
	body   *registry.Body
	part   part
	typed  *form.Form
	key    string
	kept   []casework.FileRef
	hits   []Hit
	reply  term.Length // the term of the reply
	old    bool        // by the regulations of 2007: the letter arrived before 2019-05-15
	late   bool        // it arrived so long ago that it is asked why it is entered only now
	office bool        // entered by the disclosure office
	signed bool        // by somebody whose name and number their account has proved
	proved string      // that number
	name   string
	proof  bool // whether proof of identity is asked for
	path   string
}

// maxBodies bounds the list of bodies to choose from.
const maxBodies = 60

type bodyChoice struct{ name, place, href string }

// choosing is a choice among bodies.
type choosing struct {
	words string // of names of bodies or of their places
	area  string // only bodies of this division and those below it, by its code; empty: all
	place string // its name
	about string // what is to be asked for, as far as it is known
	list  []bodyChoice
	more  bool // there are more than the list holds
	// without names a body that was wanted and answers no requests.
	without string
}

// keep are the fields that a search among the bodies carries with it.
func (c choosing) keep() map[string]string {
	kept := map[string]string{}
	for name, value := range map[string]string{"area": c.area, "about": c.about} {
		if value != "" {
			kept[name] = value
		}
	}
	return kept
}

// everywhere is the address of the same choice among the bodies of all divisions.
func (c choosing) everywhere(path string) string {
	q := url.Values{}
	for name, value := range map[string]string{"q": c.words, "about": c.about} {
		if value != "" {
			q.Set(name, value)
		}
	}
	if len(q) == 0 {
		return path
	}
	return path + "?" + q.Encode()
}

// choose lists the bodies that can be asked, by words of their names and places and by a division, as an address says. Under is where each
// of them leads.
func (s *Service) choose(v *web.View, q url.Values, under string) (c choosing) {
	places := s.Registry.Now()
	c = choosing{words: strings.TrimSpace(q.Get("q")), about: strings.TrimSpace(q.Get("about"))}
	if len([]rune(c.about)) > maxDescription {
		c.about = ""
	}
	area := q.Get("area")
	if b := places.Body(q.Get("body")); b != nil {
		area, c.without = b.Division, v.L.Text(b.Name)
	}
	if a, err := identifier.ParseArea(area); err == nil {
		if d := places.Division(a.Code); d != nil {
			c.area, c.place = d.Code, v.L.Text(d.Name)
		}
	}
	about := ""
	if c.about != "" {
		about = "?" + url.Values{"about": {c.about}}.Encode()
	}
	words := strings.Fields(lang.Fold(c.words))
	for _, d := range places.Divisions() {
		if c.area != "" && !places.Contains(c.area, d.Code) {
			continue
		}
		for _, b := range s.Bodies(d.Code) {
			all := lang.Fold(strings.Join([]string{b.Name.Hans, b.Name.En, d.Name.Hans, d.Name.En}, " "))
			if slices.ContainsFunc(words, func(word string) bool { return !strings.Contains(all, word) }) {
				continue
			}
			if c.more = len(c.list) == maxBodies; c.more {
				return c
			}
			c.list = append(c.list, bodyChoice{v.L.Text(b.Name), v.L.Text(d.Name), under + url.PathEscape(b.Key) + about})
		}
	}
	return c
}

// getChoose offers the bodies that can be asked. Whoever comes from the page of one of them is led on to its form.
func (s *Service) getChoose(w http.ResponseWriter, r *http.Request) error {
	v, q := web.ViewOf(r), r.URL.Query()
	if b := s.Registry.Now().Body(q.Get("body")); s.office(b) {
		to := "/open/apply/" + url.PathEscape(b.Key)
		if about := q.Get("about"); about != "" {
			to += "?" + url.Values{"about": {about}}.Encode()
		}
		return web.SeeOther(w, r, to)
	}
	return web.Render(w, r, http.StatusOK, chooseView(v, s, s.choose(v, q, "/open/apply/")))
}

// public is who asks over the web: everybody but staff in their post.
func (s *Service) public(r *http.Request) (identity.Principal, error) {
	who, err := s.People.Principal(r)
	if err == nil && who.Kind == identity.Staff {
		return who, web.Forbidden("request.apply.staff")
	}
	return who, err
}

func (s *Service) getApply(w http.ResponseWriter, r *http.Request) error {
	who, err := s.public(r)
	if err != nil {
		return err
	}
	b := s.Registry.Now().Body(r.PathValue("body"))
	if !s.office(b) {
		return web.NotFound("request.apply.no-office")
	}
	p, err := s.asking(r.Context(), who, b, form.Of(url.Values{"description": {r.URL.Query().Get("about")}}))
	if err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, applyView(web.ViewOf(r), s, p))
}

// asking prepares the pages of a request.
func (s *Service) asking(ctx context.Context, who identity.Principal, b *registry.Body, f *form.Form) (asking, error) {
	p := asking{body: b, part: partWhat, typed: f, key: f.Value("key"), path: "/open/apply/" + url.PathEscape(b.Key)}
	if p.key == "" {
		p.key = rand.Text()
	}
	if at := part(f.Value("part")); slices.Contains(parts, at) {
		p.part = at
	}
	day := s.typedDay(f)
	if rule, ok := s.Rules.Parameter(ruleReply); ok {
		if n, err := term.FromRule(rule, day); err == nil {
			p.reply = n
		}
	}
	if v, ok := s.rule(ruleIdentity, day); ok {
		p.proof = v.Amount != 0
	}
	p.old, p.late = s.oldDay(day), day < s.today()-backlog
	party := who.Party()
	if party.ID == 0 {
		return p, nil
	}
	name, phone, number, err := s.People.Contact(ctx, party.ID)
	if err != nil {
		return p, err
	}
	p.signed, p.name, p.proved = number != "", name, number
	values := f.Values()
	if _, typed := values["phone"]; !typed {
		values.Set("phone", phone)
	}
	if p.signed {
		values.Set("name", name)
		values.Set("idNumber", number)
		if party.Kind == identity.Person {
			values.Set("kind", Person)
		}
	}
	return p, nil
}

// textKey names the words that say who may ask: by the text of 2007 for special needs of one's own (art. 13).
func (s *Service) textKey() string {
	if s.oldDay(s.today()) {
		return "request.text.2008"
	}
	return "request.text"
}

// typedDay is the day of arrival as it was typed, today while there is none.
func (s *Service) typedDay(f *form.Form) calendar.Date {
	parts := f.DateParts("received")
	if parts.Year+parts.Month+parts.Day == "" || Channel(f.Value("channel")).inPerson() {
		return s.today()
	}
	quiet := form.Of(f.Values()) // what is wrong with it is told when the page is judged
	if day := quiet.Date(s.words.Localizer(lang.Hans), "received", ""); day != 0 && day <= s.today() && s.ruled(day) {
		return day
	}
	return s.today()
}

// oldDay reports whether requests of a day go by the regulations of 2007.
func (s *Service) oldDay(day calendar.Date) bool {
	law, ok := s.rule(ruleProcedure, day)
	return ok && len(law.Entries) > 0 && law.Entries[0].Code == procedure2008
}

// postApply takes one page of a request.
func (s *Service) postApply(w http.ResponseWriter, r *http.Request) error {
	who, err := s.public(r)
	if err != nil {
		return err
	}
	b := s.Registry.Now().Body(r.PathValue("body"))
	if !s.office(b) {
		return web.NotFound("request.apply.no-office")
	}
	f, err := form.Parse(r)
	if err != nil {
		return err
	}
	p, err := s.asking(r.Context(), who, b, f)
	if err != nil {
		return err
	}
	f.Values().Set("channel", string(Web))
	if !s.posts.Allow(r) { // the page comes again with what was typed; files that it brings are not taken
		r.MultipartForm = nil
		if p.kept, err = s.uploads(r, who, &p); err != nil {
			return err
		}
		v := web.ViewOf(r)
		f.Fail("", v.L.T("request.apply.too-many"))
		return web.Render(w, r, http.StatusTooManyRequests, applyView(v, s, p))
	}
	s.posts.Count(r)
	return s.goOn(w, r, who, &p)
}

// goOn takes what was typed on a part and shows the next one, or sends the request.
func (s *Service) goOn(w http.ResponseWriter, r *http.Request, who identity.Principal, p *asking) error {
	var err error
	if p.kept, err = s.uploads(r, who, p); err != nil {
		return err
	}
	v := web.ViewOf(r)
	act := p.typed.Value("act")
	if to, edits := strings.CutPrefix(act, "edit-"); edits && slices.Contains(parts, part(to)) {
		p.part = part(to)
		return web.Render(w, r, http.StatusOK, applyView(v, s, *p))
	}
	a, sent := s.read(v, who, p)
	s.judge(v, p, a, sent, p.part == partCheck)
	if !p.typed.Valid() {
		if p.part == partCheck {
			p.part = s.firstWrong(p)
		}
		return web.Render(w, r, http.StatusUnprocessableEntity, applyView(v, s, *p))
	}
	if p.part != partCheck {
		p.part = parts[slices.Index(parts, p.part)+1]
		if act == "check" { // after a change on the last page
			p.part = partCheck
		}
		if p.part == partWho && s.Known != nil {
			if p.hits, err = s.Known.Known(r.Context(), p.body.Key, sent.Description); err != nil {
				return fmt.Errorf("look for what is public: %w", err)
			}
		}
		return web.Render(w, r, http.StatusOK, applyView(v, s, *p))
	}
	if p.typed.Value("declare") != "true" {
		p.typed.Fail("declare", v.L.T("request.declare.missing"))
		return web.Render(w, r, http.StatusUnprocessableEntity, applyView(v, s, *p))
	}
	rec, err := s.Ask(r.Context(), who, p.body.Key, a, sent, p.signed, "ask/"+p.key)
	var refusal *casework.Refusal
	if errors.As(err, &refusal) && (refusal.Code == casework.RefusedForm || refusal.Code == casework.RefusedFile) {
		s.explain(v, p, refusal, true)
		p.part = s.firstWrong(p)
		return web.Render(w, r, http.StatusUnprocessableEntity, applyView(v, s, *p))
	}
	if err != nil {
		return err
	}
	if p.office {
		web.SetFlash(w, r, web.Flash{Kind: "success", Key: "request.office.entered", Args: map[string]string{"Number": rec.Number}})
		return web.SeeOther(w, r, officePath(rec.Number))
	}
	return web.SeeOther(w, r, trackPath(rec.Number, s.Cases.Code(&casework.Case{Number: rec.Number}))+"/receipt")
}

// read takes the request from what was typed.
func (s *Service) read(v *web.View, who identity.Principal, p *asking) (Asker, Sent) {
	f := p.typed
	joined := func(text string) string { return strings.Join(strings.Fields(text), "") }
	language, known := lang.Parse(f.Value("language"))
	if !known {
		if language = v.L.Tag(); p.office { // the page is in the language of whoever enters the request
			language = lang.Hans
		}
		f.Values().Set("language", string(language))
	}
	a := Asker{
		Kind: f.Value("kind"), Name: f.Value("name"), IDNumber: joined(f.Value("idNumber")), Contact: f.Value("contact"), Phone: joined(f.Value("phone")),
		Email: f.Value("email"), Address: f.Value("address"), Agent: f.Value("agent"), Account: who.Party().ID, Files: p.kept,
		Language: language,
	}
	if p.office {
		a.Account = 0
	}
	sent := Sent{Channel: Channel(f.Value("channel")), Description: f.Value("description"), Wanted: f.Value("wanted"), Medium: f.Value("medium")}
	if parts := f.DateParts("received"); parts.Year+parts.Month+parts.Day != "" && sent.Channel != Web && !sent.Channel.inPerson() {
		if day := f.Date(v.L, "received", v.L.T("request.field.received")); day != 0 {
			sent.Received = day.String()
			if day < s.today()-backlog {
				sent.Late = f.Value("late")
			}
		}
	}
	return a, sent
}

// judge says what is wrong with the part that was typed, or with all of it.
func (s *Service) judge(v *web.View, p *asking, a Asker, sent Sent, all bool) {
	today := calendar.Of(s.Now())
	arrived, fields := s.checkSent(sent, today)
	fields = append(fields, s.checkAsker(a, sent, arrived, p.signed || p.office)...)
	if len(fields) > 0 {
		s.explain(v, p, &casework.Refusal{Code: casework.RefusedForm, Fields: fields}, all)
	}
}

// explain puts what is wrong beside the fields of the page.
func (s *Service) explain(v *web.View, p *asking, r *casework.Refusal, all bool) {
	if len(r.Fields) == 0 {
		p.typed.Fail("", web.RefusalText(v.L, r))
		return
	}
	for _, e := range r.Fields {
		name := strings.TrimPrefix(strings.TrimPrefix(e.Path, "/asker/"), "/")
		if !all && partOf(name) != p.part {
			continue
		}
		label := s.label(v.L, p, name)
		switch {
		case !e.Text.IsZero():
			p.typed.Fail(name, v.L.T("request.wrong", web.Args{"Label": label, "Text": v.L.Text(e.Text)}))
		case e.Code == "required" && (name == "kind" || name == "wanted" || name == "channel"):
			p.typed.Fail(name, v.L.T("web.form.choose", web.Args{"Label": label}))
		case e.Code == "required":
			p.typed.Fail(name, v.L.T("web.form.required", web.Args{"Label": label}))
		case e.Code == "maxLength":
			p.typed.Fail(name, v.L.T("web.form.max-length", web.Args{"Label": label, "Max": limitOf(name), "Got": len([]rune(p.typed.Value(name)))}))
		default:
			p.typed.Fail(name, v.L.T("web.form.other", web.Args{"Label": label}))
		}
	}
}

func limitOf(name string) int {
	switch name {
	case "description":
		return maxDescription
	case "late":
		return maxLate
	case "address", "email":
		return maxAddress
	default:
		return maxName
	}
}

// label names a field; numbers are called by what they are.
func (s *Service) label(l *web.Localizer, p *asking, name string) string {
	if name == "idNumber" {
		name = "id-number"
	}
	if name == "id-number" && p.typed.Value("kind") != Person && p.typed.Value("kind") != "" {
		name = "uscc"
	}
	return l.T("request.field." + name)
}

// firstWrong is the first part with something wrong.
func (s *Service) firstWrong(p *asking) part {
	for _, at := range parts {
		for _, name := range fieldsOf[at] {
			if p.typed.Error(name) != "" {
				return at
			}
		}
	}
	return partCheck
}

// maxFiles bounds the files of a request.
const maxFiles = 5

const (
	filesField = "files"
	keptField  = "kept"
)

// uploads takes the files of the form: those it brings, and those that it brought on an earlier page. Everybody without an account shares
// the owner 0, so those are named by a seal of this form.
func (s *Service) uploads(r *http.Request, who identity.Principal, p *asking) ([]casework.FileRef, error) {
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
			p.typed.Fail(filesField, v.L.T("request.files.too-many", web.Args{"Max": maxFiles}))
			break
		}
		f, err := s.put(r.Context(), who, h)
		var wrong *file.Refusal
		if errors.As(err, &wrong) {
			p.typed.Fail(filesField, v.L.T("request.files.refused", web.Args{"Name": h.Filename, "Text": wrong.Text}))
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

// keptSigns is the length of the seal of a kept file, in signs of 5 bits.
const keptSigns = 20

func (s *Service) keptSign(key, id string) string {
	return s.Keys.Code("request.kept", key+"/"+id, keptSigns)
}

func (s *Service) keptValue(key string, ref casework.FileRef) string {
	return ref.ID.String() + "." + s.keptSign(key, ref.ID.String())
}

func reference(f file.File) casework.FileRef {
	return casework.FileRef{ID: f.ID, Name: f.Name, Digest: f.Digest, Size: f.Size, Type: f.Type}
}

// options of the choices of a request.
func (s *Service) askerOptions(l *web.Localizer, p *asking) []ui.Option {
	var list []ui.Option
	for _, e := range s.Askers() {
		if p.signed && (e.Code == Person) != (p.typed.Value("kind") == Person) {
			continue
		}
		text := l.Text(e.Title)
		if e.Parent != "" {
			text = l.T("request.organisation") + l.T("web.form.of") + text
		}
		list = append(list, ui.Option{Value: e.Code, Text: text})
	}
	return list
}

// languages are those in which notices come, each in its own words.
var languages = []ui.Option{{Value: string(lang.Hans), Text: "简体中文"}, {Value: string(lang.Hant), Text: "繁體中文"}, {Value: string(lang.En), Text: "English"}}

func words(l *web.Localizer, under string, codes []string) []ui.Option {
	list := make([]ui.Option, len(codes))
	for i, c := range codes {
		list[i] = ui.Option{Value: c, Text: l.T(under + c)}
	}
	return list
}
