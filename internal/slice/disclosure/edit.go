package disclosure

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"mime/multipart"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/core/identifier"
	"openhall.org/openhall/internal/platform/file"
	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/publication"
	"openhall.org/openhall/internal/platform/store"
	"openhall.org/openhall/internal/platform/web"
	"openhall.org/openhall/internal/platform/web/form"
	"openhall.org/openhall/internal/platform/web/ui"
)

// editView is the form in which a record is written.
type editView struct {
	form       *form.Form
	key        string            // names this form of a new record, so that it makes one draft however often it is sent
	work       *publication.Work // nil: a new record
	body       string
	files      []publication.Attachment
	categories []ui.Option
	found      []findingView
	marked     []markedField
	unread     []string // what no program can read in the attachments
	returned   bool     // it came back from review: handing in goes on with the same case
}

// formFields are the fields of a content that are one text each, by their names in the form and in refusals.
func formFields(c *publication.Content) map[string]*string {
	return map[string]*string{
		"title": &c.Title, "category": &c.Category, "documentNumber": &c.DocumentNumber, "summary": &c.Summary, "text": &c.Text, "theme": &c.Theme, "genre": &c.Genre,
		"audience": &c.Audience, "lifeCycle": &c.LifeCycle, "language": &c.Language, "source": &c.Source, "format": &c.Format,
	}
}

// dayField is a day of a content, by its name in the form and in refusals.
type dayField struct {
	name string
	day  *calendar.Date
}

// dayFields are the days of a content, in the order of the form.
func dayFields(c *publication.Content) []dayField {
	return []dayField{{"made", &c.Made}, {"effective", &c.Effective}, {"repealed", &c.Repealed}}
}

// typedOf fills a form with what a draft says.
func typedOf(d *publication.Draft) *form.Form {
	v := map[string][]string{}
	for name, text := range formFields(&d.Content) {
		v[name] = []string{*text}
	}
	for _, x := range dayFields(&d.Content) {
		if *x.day != 0 {
			v[x.name] = []string{x.day.String()}
		}
	}
	v["keywords"] = []string{strings.Join(d.Keywords, "；")}
	for _, l := range d.Links {
		name := string(l.Kind)
		if l.Index != "" {
			v[name] = []string{strings.TrimSpace(strings.Join(append(v[name], l.Index), "\n"))}
		}
	}
	var questions []string
	for _, q := range d.Questions {
		questions = append(questions, q.Question+"\n"+emptyLines.ReplaceAllString(q.Answer, "\n")) // an empty line begins the next question
	}
	v["questions"] = []string{strings.Join(questions, "\n\n")}
	if i := shownVideo(d.Media); i >= 0 {
		v["video"], v["caption"] = []string{d.Media[i].Href}, []string{d.Media[i].Caption}
	}
	for _, a := range d.Attachments {
		v["file"] = append(v["file"], a.File.String())
		if i := slices.IndexFunc(d.Media, func(m publication.Media) bool { return m.File == a.File }); i >= 0 {
			v["caption-"+a.File.String()] = []string{d.Media[i].Caption}
		}
	}
	return form.Of(v)
}

// emptyLines are those between the paragraphs of a text.
var emptyLines = regexp.MustCompile(`(\s*\n){2,}`)

// shownVideo is the place of the video that the form shows: the first. -1: there is none.
func shownVideo(media []publication.Media) int {
	return slices.IndexFunc(media, func(m publication.Media) bool { return m.Kind == "video" && m.Href != "" })
}

// draftOf reads a draft from a form. What cannot be read is said in the form.
func draftOf(l *web.Localizer, f *form.Form, d *publication.Draft) {
	for name, text := range formFields(&d.Content) {
		*text = f.Value(name)
	}
	f.Required(l, "title", l.T("disclosure.field.title"))
	f.Required(l, "category", l.T("disclosure.field.category"))
	for _, x := range dayFields(&d.Content) {
		*x.day = 0
		if f.Value(x.name) != "" {
			*x.day = f.Date(l, x.name, l.T("disclosure.field."+x.name))
		}
	}
	split := func(name, signs string) []string {
		return strings.FieldsFunc(f.Value(name), func(r rune) bool { return strings.ContainsRune(signs, r) })
	}
	d.Keywords = split("keywords", ";；,，、\n")
	d.Links = linksOf(l, f, split, d.Links)
	d.Questions = nil
	for part := range strings.SplitSeq(strings.ReplaceAll(f.Value("questions"), "\r\n", "\n"), "\n\n") {
		question, answer, _ := strings.Cut(strings.TrimSpace(part), "\n")
		switch {
		case question == "":
		case strings.TrimSpace(answer) == "":
			f.Fail("questions", l.T("disclosure.edit.no-answer", web.Args{"Question": beginning(question)}))
		default:
			d.Questions = append(d.Questions, publication.Question{Question: question, Answer: strings.TrimSpace(answer)})
		}
	}
	mediaOf(l, f, d)
}

// linksOf reads the index numbers of each relation. A link to a record that has none yet is kept as it is.
func linksOf(l *web.Localizer, f *form.Form, split func(name, signs string) []string, was []publication.Link) []publication.Link {
	var links []publication.Link
	for _, kind := range publication.Relations() {
		for _, index := range split(string(kind), ";；,，、\n \t") {
			index = strings.ToUpper(strings.TrimSpace(index))
			_, err := identifier.ParseIndexNumber(index)
			if fault := (*identifier.Error)(nil); errors.As(err, &fault) {
				f.Fail(string(kind), l.T("disclosure.edit.wrong", web.Args{"Label": l.T("disclosure.link.to-" + string(kind)), "Text": l.Text(fault.Text)}))
				continue
			}
			links = append(links, publication.Link{Kind: kind, Index: index})
		}
	}
	for _, link := range was {
		if link.Index == "" && link.Record != 0 {
			links = append(links, link)
		}
	}
	return links
}

// mediaOf reads the video, and which pictures are shown in the text: those with a caption. What the form doesn't show stays: charts, sounds,
// further videos, such as an import brings them.
func mediaOf(l *web.Localizer, f *form.Form, d *publication.Draft) {
	video := shownVideo(d.Media)
	var others []publication.Media
	for i, m := range d.Media {
		attached := m.File == 0 || slices.ContainsFunc(d.Attachments, func(a publication.Attachment) bool { return a.File == m.File })
		if i != video && m.Kind != "picture" && attached {
			others = append(others, m)
		}
	}
	defer func() { d.Media = append(d.Media, others...) }()
	d.Media = nil
	for _, a := range d.Attachments {
		if caption := f.Value("caption-" + a.File.String()); caption != "" {
			d.Media = append(d.Media, publication.Media{Kind: "picture", Caption: caption, File: a.File})
		}
	}
	href := f.Value("video")
	switch {
	case href == "":
	case !strings.HasPrefix(href, "https://"):
		f.Fail("video", l.T("disclosure.edit.video-address"))
	case f.Value("caption") == "":
		f.Fail("caption", l.T("disclosure.edit.video-caption"))
	default:
		d.Media = append(d.Media, publication.Media{Kind: "video", Href: href, Caption: f.Value("caption")})
	}
}

// fail shows a refusal beside the fields that it is about; the draft, where there is one, tells the links by their number. Any other error is returned.
func fail(l *web.Localizer, f *form.Form, d *publication.Draft, err error) error {
	fields, refused := refusedFields(err)
	if refused == nil {
		return err
	}
	if len(fields) == 0 {
		if refused.Text.IsZero() {
			return err
		}
		f.Fail("", l.Text(refused.Text))
	}
	for _, x := range fields {
		path := strings.Split(strings.TrimPrefix(x.Path, "/"), "/")
		name := path[0]
		if name == "records" && len(path) > 2 {
			name = path[2]
		}
		if limit := publication.Limit(x.Path); limit > 0 && x.Code == "maxLength" {
			f.Fail(name, l.T("web.form.max-length", web.Args{"Label": l.T("disclosure.field." + strings.ToLower(name)), "Max": limit, "Got": utf8.RuneCountInString(f.Value(name))}))
			continue
		}
		text := l.Text(x.Text)
		switch name {
		case "links":
			name = string(publication.Interprets)
			if at, err := strconv.Atoi(path[len(path)-1]); err == nil && d != nil && at < len(d.Links) {
				name = string(d.Links[at].Kind)
				text = l.T("disclosure.edit.wrong", web.Args{"Label": l.T("disclosure.link.to-" + name), "Text": d.Links[at].Index + " " + text})
			}
		case "attachments":
			name = "upload"
		case "media":
			name = "caption"
		}
		if text == "" {
			text = l.T("disclosure.edit.fault", web.Args{"Label": l.T("disclosure.field." + strings.ToLower(name))})
		}
		f.Fail(name, text)
	}
	return nil
}

// keyField names a form of a new record.
const keyField = "key"

func (s *Service) getNew(who identity.Principal, w http.ResponseWriter, r *http.Request) error {
	v := web.ViewOf(r)
	q := r.URL.Query()
	begin := map[string][]string{}
	for _, name := range []string{"interprets", "category", "title"} { // what a duty or a link begins it with
		if value := q.Get(name); value != "" {
			begin[name] = []string{value}
		}
	}
	if q.Get("interprets") != "" && q.Get("category") == "" {
		begin["category"] = []string{"statutory.1.interpretation"}
	}
	f := form.Of(begin)
	return web.Render(w, r, http.StatusOK, editPage(v, s.editView(v, who, f, nil, nil)))
}

func (s *Service) editView(v *web.View, who identity.Principal, f *form.Form, work *publication.Work, files []publication.Attachment) editView {
	body := who.Post.Body
	if work != nil {
		body = work.Body
	}
	return editView{form: f, key: cmp.Or(f.Value(keyField), rand.Text()), work: work, body: v.L.Text(s.bodyName(body)), files: files, categories: s.categoryTree(v.L, body), returned: work != nil && work.Case != 0}
}

// categoryTree lists all categories that a body can use, each with the ones above it.
func (s *Service) categoryTree(l *web.Localizer, body string) []ui.Option {
	options := []ui.Option{{Text: l.T("disclosure.edit.choose")}}
	var walk func(parent, indent string)
	walk = func(parent, indent string) {
		for _, c := range s.Records.Categories(parent, "", body) {
			ended := c.Ended != 0 && c.Ended <= s.today()
			options = append(options, ui.Option{Value: c.Key, Text: indent + l.Text(c.Title), Disabled: ended})
			walk(c.Key, indent+"　")
		}
	}
	walk("", "")
	return options
}

func (s *Service) postNew(who identity.Principal, w http.ResponseWriter, r *http.Request) error {
	v := web.ViewOf(r)
	d := publication.Draft{Body: who.Post.Body}
	f, err := s.read(v, who, r, &d)
	if err != nil {
		return err
	}
	var id store.ID
	if f.Valid() {
		id, err = s.newDraft(r.Context(), who, d, f.Value(keyField))
		if err = fail(v.L, f, &d, err); err != nil {
			return err
		}
	}
	if !f.Valid() {
		return web.Render(w, r, http.StatusUnprocessableEntity, editPage(v, s.editView(v, who, f, nil, d.Attachments)))
	}
	web.SetFlash(w, r, web.Flash{Kind: "success", Key: "disclosure.edit.saved"})
	return web.SeeOther(w, r, draftPath(id))
}

// read takes what was typed and uploaded into a draft. What was uploaded is kept even when the rest is wrong.
func (s *Service) read(v *web.View, who identity.Principal, r *http.Request, d *publication.Draft) (*form.Form, error) {
	f, err := form.Parse(r)
	if err != nil {
		return nil, web.BadRequest("", err)
	}
	have := d.Attachments
	d.Attachments = nil
	for _, text := range f.All("file") {
		id, err := store.ParseID(text)
		if err != nil || slices.Contains(f.All("drop"), text) {
			continue
		}
		i := slices.IndexFunc(have, func(a publication.Attachment) bool { return a.File == id })
		if i >= 0 {
			d.Attachments = append(d.Attachments, have[i])
			continue
		}
		mine, err := s.Files.Stat(r.Context(), id)
		if err == nil && mine.Owner == who.Account {
			d.Attachments = append(d.Attachments, publication.Attachment{File: id, Name: mine.Name, Size: mine.Size, Type: mine.Type, Digest: mine.Digest})
		} else if err != nil && !errors.Is(err, store.ErrNotFound) {
			return nil, err
		}
	}
	var refusals []string
	if r.MultipartForm != nil {
		for _, h := range r.MultipartForm.File["upload"] {
			a, err := s.put(r.Context(), who.Account, h)
			var refused *file.Refusal
			if errors.As(err, &refused) {
				refusals = append(refusals, v.L.T("disclosure.edit.wrong", web.Args{"Label": h.Filename, "Text": v.L.Text(refused.Text)}))
				continue
			}
			if err != nil {
				return nil, err
			}
			d.Attachments = append(d.Attachments, a)
		}
	}
	if len(refusals) > 0 {
		f.Fail("upload", strings.Join(refusals, " "))
	}
	draftOf(v.L, f, d)
	return f, nil
}

func (s *Service) put(ctx context.Context, owner store.ID, h *multipart.FileHeader) (_ publication.Attachment, err error) {
	content, err := h.Open()
	if err != nil {
		return publication.Attachment{}, err
	}
	defer func() { err = errors.Join(err, content.Close()) }()
	f, err := s.Files.Put(ctx, owner, h.Filename, content, publication.Uploads())
	return publication.Attachment{File: f.ID, Name: f.Name, Size: f.Size, Type: f.Type, Digest: f.Digest}, err
}

func (s *Service) getEdit(who identity.Principal, w http.ResponseWriter, r *http.Request) error {
	work, err := s.work(who, r)
	if err != nil {
		return err
	}
	if work.State != publication.Drafted {
		return web.SeeOther(w, r, casePath(work.Case))
	}
	return s.showEdit(who, w, r, work, typedOf(&work.Draft), http.StatusOK)
}

func (s *Service) showEdit(who identity.Principal, w http.ResponseWriter, r *http.Request, work *publication.Work, f *form.Form, status int) error {
	v := web.ViewOf(r)
	p := s.editView(v, who, f, work, work.Attachments)
	found, err := s.Records.Check(r.Context(), work.Draft)
	if err != nil {
		return err
	}
	p.found, p.marked = findingsOf(&work.Draft, found), markedFields(&work.Draft, found)
	if p.unread, err = s.unreadOf(r.Context(), v.L, &work.Draft); err != nil {
		return err
	}
	return web.Render(w, r, status, editPage(v, p))
}

// seenField says as of when a draft stands in the form, so that what somebody else saved meanwhile is not overwritten unseen.
const seenField = "seen"

func seenOf(w *publication.Work) string { return number(int(w.At.UnixMicro())) }

// keep saves what the form of a draft says, and why findings stay, before anything else is done with the draft: whatever button was pressed,
// nothing that was typed is lost. It returns the draft as it then stands; done says that the request was answered, because something was
// wrong or because somebody else had handed the draft in.
func (s *Service) keep(who identity.Principal, w http.ResponseWriter, r *http.Request) (work *publication.Work, done bool, err error) {
	v := web.ViewOf(r)
	if work, err = s.work(who, r); err != nil {
		return nil, true, err
	}
	f, err := form.Parse(r)
	if err != nil {
		return nil, true, web.BadRequest("", err)
	}
	if _, whole := f.Values()["title"]; !whole { // a button alone
		if work.State != publication.Drafted {
			return nil, true, web.SeeOther(w, r, casePath(work.Case))
		}
		return work, false, nil
	}
	was := work.Draft
	if f, err = s.read(v, who, r, &work.Draft); err != nil {
		return nil, true, err
	}
	changed := essence(was.Content) != essence(work.Content)
	switch seen := f.Value(seenField); {
	case work.State != publication.Drafted && !changed: // sent twice
		return nil, true, web.SeeOther(w, r, casePath(work.Case))
	case work.State != publication.Drafted:
		f.Fail("", v.L.T("disclosure.edit.gone"))
		return nil, true, s.showEdit(who, w, r, work, f, http.StatusConflict)
	case changed && seen != "" && seen != seenOf(work): // pressed again, it counts
		f.Fail("", v.L.T("disclosure.edit.moved"))
		return nil, true, s.showEdit(who, w, r, work, f, http.StatusConflict)
	}
	if f.Valid() && changed {
		if err := fail(v.L, f, &work.Draft, s.Records.Edit(r.Context(), who, work.Record, work.Draft)); err != nil {
			return nil, true, err
		}
	}
	if f.Valid() {
		if err := s.stay(r.Context(), v.L, who, work.Record, f); err != nil {
			return nil, true, err
		}
		now, err := s.work(who, r)
		if err != nil {
			return nil, true, err
		}
		work = now
	}
	if !f.Valid() {
		return nil, true, s.showEdit(who, w, r, work, f, http.StatusUnprocessableEntity)
	}
	return work, false, nil
}

func (s *Service) postEdit(who identity.Principal, w http.ResponseWriter, r *http.Request) error {
	work, done, err := s.keep(who, w, r)
	if done {
		return err
	}
	web.SetFlash(w, r, web.Flash{Kind: "success", Key: "disclosure.edit.saved"})
	return web.SeeOther(w, r, draftPath(work.Record))
}

func (s *Service) postDiscard(who identity.Principal, w http.ResponseWriter, r *http.Request) error {
	work, err := s.work(who, r)
	if err != nil {
		return err
	}
	if err := s.Records.Discard(r.Context(), who, work.Record); err != nil {
		return err
	}
	web.SetFlash(w, r, web.Flash{Kind: "success", Key: "disclosure.edit.discarded"})
	return web.SeeOther(w, r, "/desk/records")
}

// postVersion begins a new version of a published record, with what the newest one says.
func (s *Service) postVersion(who identity.Principal, w http.ResponseWriter, r *http.Request) error {
	rec, done, err := s.record(w, r)
	if done {
		return err
	}
	if work, err := s.Records.Work(r.Context(), who, rec.ID); err == nil { // somebody has begun already
		return web.SeeOther(w, r, draftPath(work.Record))
	}
	if _, err := s.Records.Draft(r.Context(), who, publication.Draft{Record: rec.ID, Body: rec.Body, Content: rec.Content}); err != nil {
		return err
	}
	return web.SeeOther(w, r, draftPath(rec.ID))
}

// postSubmit saves a draft and hands it in, or hands it in again after it was returned.
func (s *Service) postSubmit(who identity.Principal, w http.ResponseWriter, r *http.Request) error {
	v := web.ViewOf(r)
	work, done, err := s.keep(who, w, r)
	if done {
		return err
	}
	key := "disclosure/submit/" + work.Record.String() + "/" + number(work.Number) + "/" + number(int(work.At.UnixMicro()))
	kase := work.Case
	if kase != 0 {
		c, cerr := s.Cases.Get(r.Context(), kase)
		if cerr != nil {
			return cerr
		}
		// What is returned may come again without a change: each time is another command.
		_, err = s.Records.Resubmit(r.Context(), who, kase, key+"/"+number(len(c.Done())))
	} else {
		receipt, serr := s.Records.Submit(r.Context(), who, key, work.Record)
		kase, err = receipt.Case, serr
	}
	f := typedOf(&work.Draft)
	if err := fail(v.L, f, &work.Draft, err); err != nil {
		return err
	}
	if !f.Valid() {
		return s.showEdit(who, w, r, work, f, http.StatusUnprocessableEntity)
	}
	web.SetFlash(w, r, web.Flash{Kind: "success", Key: "disclosure.edit.submitted"})
	return web.SeeOther(w, r, casePath(kase))
}
