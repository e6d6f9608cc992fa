package desk

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/text/width"

	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/file"
	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/store"
	"openhall.org/openhall/internal/platform/web"
	"openhall.org/openhall/internal/platform/web/caseview"
	"openhall.org/openhall/internal/platform/web/due"
	"openhall.org/openhall/internal/platform/web/flowchart"
	"openhall.org/openhall/internal/platform/web/form"
	"openhall.org/openhall/internal/platform/web/ui"
)

// casePage is what the page of a case shows.
type casePage struct {
	*Opened
	Title, Status string
	StatusKind    ui.TagKind
	Facts         []ui.Row
	Clocks        []caseview.Clock
	Applicant     []ui.Row
	FormRows      []ui.Row
	Files         []fileView
	Checklist     []checkLine
	Chart         flowchart.Chart
	HistorySteps  []ui.Step

	StepTitle string
	StepDue   *ui.DueProps
	StepLine  *ui.ExplainProps
	Effects   []effectView
	HeldBy    string // a colleague's name or post; empty: nobody holds the task
	HeldByMe  bool
	DoneBy    string // who did the task that was asked for, and when
	NextHref  string // of the next task of the queue; empty when there is none

	// What the reader typed and what is wrong with it, when the form comes back.
	Key     string
	Typed   url.Values
	Errors  form.Errors
	Kept    []casework.FileRef
	Summary []ui.FieldError
	News    string // says that the case has moved while the reader was typing
}

type fileView struct {
	Href, Name, Type, Size, Material string
}

type checkLine struct {
	Name, Note string
	Necessary  bool
	Count      int
}

type effectView struct {
	Title string
	Lines []string
}

// normal takes what people add to a number when they copy it: spaces, full-width signs, small letters.
func normal(number string) string {
	return strings.ToUpper(strings.Join(strings.Fields(width.Narrow.String(number)), ""))
}

func (s *Service) getCase(w http.ResponseWriter, r *http.Request) error {
	actor, err := s.People.Principal(r)
	if err != nil {
		return err
	}
	token, _ := strconv.Atoi(r.URL.Query().Get("task")) // anything else means: choose for me
	p, err := s.casePage(r, actor, token)
	if err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, caseView(web.ViewOf(r), p))
}

// casePage opens the case of a request.
func (s *Service) casePage(r *http.Request, actor identity.Principal, token int) (*casePage, error) {
	v := web.ViewOf(r)
	o, err := s.Open(r.Context(), actor, normal(r.PathValue("number")), token)
	if err != nil {
		return nil, err
	}
	p := &casePage{
		Opened: o, Title: v.L.Text(o.Case.Title), Status: caseview.Status(v.L, o.Case.Status), StatusKind: caseview.StatusKind(o.Case.Status),
		Clocks: caseview.Clocks(v.L, s.Cases, o.Case, v.Now), Facts: s.facts(v, o.Case), Checklist: checklist(v, o), Key: newKey(),
	}
	if o.Dossier != nil {
		p.Applicant = applicantRows(v.L, &o.Dossier.Applicant)
		p.FormRows = formRows(v.L, o.Matter.Form, o.Dossier.Form)
		p.Files = fileViews(v, o)
	}
	if p.Chart, err = caseview.Chart(v.L, o.Def, o.Case); err != nil {
		return nil, err
	}
	if p.HistorySteps, err = s.historySteps(v.L, o); err != nil {
		return nil, err
	}
	if o.Done != nil {
		p.DoneBy = v.L.T("desk.done-by", web.Args{"Step": caseview.Step(v.L, o.Def, o.Done.Element), "Post": s.doneBy(v, o.Done), "At": o.Done.At})
		p.NextHref, err = s.nextHref(r, actor, o.Done.Role)
		return p, err
	}
	if o.Task != nil {
		s.describeTask(v, p, actor)
	}
	return p, nil
}

func (s *Service) doneBy(v *web.View, d *casework.Done) string {
	if d.Cut || d.Post == "" {
		return v.L.T("desk.actor.system")
	}
	return s.postTitle(v.L, d.Post)
}

func (s *Service) facts(v *web.View, c *casework.Case) []ui.Row {
	return []ui.Row{
		{Key: v.L.T("desk.case.number"), Value: c.Number},
		{Key: v.L.T("desk.case.body"), Value: s.bodyName(v.L, c.Body)},
		{Key: v.L.T("desk.case.received"), Value: v.L.Time(c.CreatedAt)},
		{Key: v.L.T("desk.case.channel"), Value: caseview.Channel(v.L, c.Channel)},
	}
}

func fileViews(v *web.View, o *Opened) []fileView {
	files := filesOf(o.Dossier)
	views := make([]fileView, len(files))
	for i, f := range files {
		views[i] = fileView{Name: f.Name, Type: typeWord(f.Type), Size: sizeWords(f.Size),
			Href: "/desk/case/" + url.PathEscape(o.Case.Number) + "/file/" + f.ID.String()}
		if j := slices.IndexFunc(o.Matter.Materials, func(m Material) bool { return m.Key == f.Material }); j >= 0 {
			views[i].Material = v.L.Text(o.Matter.Materials[j].Name)
		}
	}
	return views
}

// checklist holds the materials that were asked for against the files that came.
func checklist(v *web.View, o *Opened) []checkLine {
	lines := make([]checkLine, len(o.Matter.Materials))
	for i, m := range o.Matter.Materials {
		lines[i] = checkLine{Name: v.L.Text(m.Name), Note: v.L.Text(m.Note), Necessary: m.Necessary}
		if o.Dossier == nil {
			continue
		}
		for _, f := range filesOf(o.Dossier) {
			if f.Material == m.Key {
				lines[i].Count++
			}
		}
	}
	return lines
}

func (s *Service) describeTask(v *web.View, p *casePage, actor identity.Principal) {
	t := p.Task
	p.StepTitle = caseview.Step(v.L, p.Def, t.Element)
	if t.Term != nil {
		cal := s.Cases.Calendar()
		badge, line := due.Badge(*t.Term, cal, v.Now), due.Statute(v.L, *t.Term, cal, v.Now)
		p.StepDue, p.StepLine = &badge, &line
	}
	for i := range p.Outcomes {
		p.Effects = append(p.Effects, effectView{v.L.Text(p.Outcomes[i].Title), s.effectLines(v.L, p.Def, &p.Outcomes[i])})
	}
	if t.Holder == 0 {
		return
	}
	p.HeldByMe = t.Holder == actor.Account
	p.HeldBy = v.L.T("desk.held.colleague")
	for _, c := range p.Colleagues {
		if c.Account == t.Holder {
			p.HeldBy = colleagueName(v, c)
		}
	}
}

func colleagueName(v *web.View, c Colleague) string {
	return v.L.T("desk.colleague", web.Args{"Name": c.Name, "Post": c.Title})
}

// nextHref is the address of the task to do next in a role, or "".
func (s *Service) nextHref(r *http.Request, actor identity.Principal, role string) (string, error) {
	next, err := s.Next(r.Context(), actor, role)
	if err != nil || next == nil {
		return "", err
	}
	return casePath(next.Case, next.Task.Token), nil
}

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
	case casework.RefusedForm, casework.RefusedFlow, casework.RefusedTerm, casework.RefusedFile, casework.RefusedSamePerson:
		p.Errors, p.Summary = web.FieldTexts(v.L, refusal), web.FieldSummary(v.L, refusal)
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
