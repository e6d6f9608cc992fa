package report

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/web"
	"openhall.org/openhall/internal/platform/web/form"
	"openhall.org/openhall/internal/platform/web/ui"
	"openhall.org/openhall/internal/slice/report/sheet"
)

// Names of hidden fields.
const (
	fieldKey     = "key"
	fieldVersion = "version"
)

// newKey is a key under which a form does what it does once.
func newKey() string { return rand.Text() }

// deskPage is what a body owes, and the reports that it has.
type deskPage struct {
	Begin   []owedLine // not begun yet
	Reports []Line
	Key     string
	Summary []ui.FieldError
}

// owedLine is a report that can be begun.
type owedLine struct {
	Owner Owner
	Year  int
	Term  Term
	Late  bool
}

func (s *Service) deskPage(ctx context.Context, actor identity.Principal) (*deskPage, error) {
	p := &deskPage{Key: newKey()}
	reports, err := s.OfOffice(ctx, actor.Post.Body)
	if err != nil {
		return nil, fmt.Errorf("reports of %s: %w", actor.Post.Body, err)
	}
	there := map[string]bool{}
	for i := range reports {
		r := &reports[i]
		there[workHref(r.Owner, r.Year)] = true
		term, err := s.Term(r.Owner, r.Year)
		if err != nil {
			return nil, err
		}
		p.Reports = append(p.Reports, Line{Owner: r.Owner, Term: term, Report: r, Late: r.Late(s.Now())})
	}
	const offered = 3 // years back; older ones are there for what was on paper
	for year := s.today().Year(); year > s.today().Year()-1-offered; year-- {
		for _, o := range s.OwnedBy(actor.Post.Body) {
			if there[workHref(o, year)] {
				continue
			}
			term, err := s.Term(o, year)
			if err != nil {
				return nil, err
			}
			p.Begin = append(p.Begin, owedLine{o, year, term, s.today() > term.Due})
		}
	}
	return p, nil
}

func (s *Service) getDesk(w http.ResponseWriter, r *http.Request) error {
	actor, err := s.People.Principal(r)
	if err != nil {
		return err
	}
	if err := s.allow(actor, actor.Post.Body); err != nil {
		return err
	}
	p, err := s.deskPage(r.Context(), actor)
	if err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, deskView(web.ViewOf(r), s, p))
}

func (s *Service) postBegin(w http.ResponseWriter, r *http.Request) error {
	actor, err := s.People.Principal(r)
	if err != nil {
		return err
	}
	f, err := form.Parse(r)
	if err != nil {
		return err
	}
	owner, err := s.Owner(f.Value("owner"))
	if err != nil {
		return web.NotFound("")
	}
	year, _ := strconv.Atoi(f.Value("year")) // what is no number is no year
	_, err = s.Begin(r.Context(), actor, owner, year, f.Value(fieldKey))
	var refusal *casework.Refusal
	if errors.As(err, &refusal) && refusal.Code == casework.RefusedForm {
		v := web.ViewOf(r)
		p, err := s.deskPage(r.Context(), actor)
		if err != nil {
			return err
		}
		for _, e := range web.FieldSummary(v.L, refusal) {
			p.Summary = append(p.Summary, ui.FieldError{Text: e.Text})
		}
		return web.Render(w, r, http.StatusUnprocessableEntity, deskView(v, s, p))
	}
	if err != nil {
		return err
	}
	return web.SeeOther(w, r, workHref(owner, year))
}

// workPage is a report for those who work on it.
type workPage struct {
	*Work
	Title    string
	Case     *casework.Case
	State    string
	Kind     ui.TagKind
	Remark   string // with which it was last returned
	MayEdit  bool
	MayDo    bool // the head's step
	Key      string
	Sections []workSection
	Summary  []ui.FieldError
	Decision url.Values
	Errors   map[string]string // of the head's step and of the correction
	Correct  string            // reason of a correction, as it was typed
}

// workSection is a section with its words and its tables.
type workSection struct {
	*sheet.Section

	Text   Text
	Typed  string // what the reader has typed and was not saved
	Theirs *Text  // what somebody else saved meanwhile
	Error  string
	Grids  []*grid
}

func (s *Service) workPage(r *http.Request, work *Work, actor identity.Principal) (*workPage, error) {
	v := web.ViewOf(r)
	c, err := s.cases.Get(r.Context(), work.ID)
	if err != nil {
		return nil, fmt.Errorf("case of report %s: %w", work.Number, err)
	}
	line := Line{Owner: work.Owner, Term: Term{Due: work.Due}, Report: &work.Report, Late: work.Late(s.Now())}
	p := &workPage{Work: work, Title: v.L.Text(s.title(work.Owner, work.Year)), Case: c, Key: newKey(), Decision: url.Values{}, Errors: map[string]string{}}
	p.Kind, p.State = stateTag(v.L, &line, calendar.Of(v.Now))
	p.MayEdit = work.State == Compiling
	if t := task(c, stepApprove); t != nil {
		on := identity.Resource{Type: "case", ID: c.Number, Division: c.Division, Body: c.Body, Role: t.Role}
		compiled := slices.ContainsFunc(c.Done(), func(d casework.Done) bool { return d.Element == stepCompile && d.By == actor.Account })
		p.MayDo = s.cases.Policy.Allow(actor, casework.ActionComplete, on) == nil && !compiled
	}
	if p.Remark, err = s.remark(r.Context(), work.ID); err != nil {
		return nil, err
	}
	for i := range work.Layout.Sections {
		x := workSection{Section: &work.Layout.Sections[i], Text: work.Texts[work.Layout.Sections[i].Code]}
		x.Typed = x.Text.Content
		for _, t := range x.Tables {
			x.Grids = append(x.Grids, gridOf(v.L, work.Sheet, x.Section, t))
		}
		p.Sections = append(p.Sections, x)
	}
	return p, nil
}

func (s *Service) getWork(w http.ResponseWriter, r *http.Request) error {
	work, actor, err := s.working(r)
	if err != nil {
		return err
	}
	p, err := s.workPage(r, work, actor)
	if err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, workView(web.ViewOf(r), s, p))
}

func (s *Service) getPreview(w http.ResponseWriter, r *http.Request) error {
	work, _, err := s.working(r)
	if err != nil {
		return err
	}
	v := web.ViewOf(r)
	p, err := s.reportPage(r, v, work)
	if err != nil {
		return err
	}
	p.Preview = true
	return web.Render(w, r, http.StatusOK, reportView(v, s, p))
}

func (s *Service) getPreviewPDF(w http.ResponseWriter, r *http.Request) error {
	work, _, err := s.working(r)
	if err != nil {
		return err
	}
	return s.sendPDF(w, r, work)
}

// postText keeps the words of a section. A part of a page asks for no more than to be told that they are kept.
func (s *Service) postText(w http.ResponseWriter, r *http.Request) error {
	work, actor, err := s.working(r)
	if err != nil {
		return err
	}
	f, err := form.Parse(r)
	if err != nil {
		return err
	}
	v, section := web.ViewOf(r), r.PathValue("section")
	typed := f.Values().Get(textField(section))
	version, _ := strconv.ParseInt(f.Value(fieldVersion), 10, 64) // 0: nothing was there
	t, err := s.Save(r.Context(), actor, work.ID, section, typed, version)
	if err == nil && web.IsPart(r) {
		return web.Render(w, r, http.StatusOK, savedNote(v, section, t))
	}
	if err == nil {
		web.SetFlash(w, r, web.Flash{Kind: "success", Key: "report.flash.saved"})
		return web.SeeOther(w, r, workHref(work.Owner, work.Year)+"#section-"+url.PathEscape(section))
	}
	var moved *MovedError
	var refusal *casework.Refusal
	if !errors.As(err, &moved) && (!errors.As(err, &refusal) || refusal.Code != casework.RefusedForm) {
		return err
	}
	p, perr := s.workPage(r, work, actor)
	if perr != nil {
		return perr
	}
	status := http.StatusUnprocessableEntity
	for i := range p.Sections {
		x := &p.Sections[i]
		if x.Code != section {
			continue
		}
		x.Typed = typed
		if moved != nil {
			status = http.StatusConflict
			x.Text, x.Theirs = moved.Theirs, &moved.Theirs
			x.Error = v.L.T("report.moved")
		} else {
			x.Error = web.FieldSummary(v.L, refusal)[0].Text
		}
		p.Summary = append(p.Summary, ui.FieldError{Field: textField(section), Text: x.Error})
	}
	return web.Render(w, r, status, workView(v, s, p))
}

// textField names the field of a section's words: each on the page has a name of its own for what is said about it.
func textField(section string) string { return "text-" + section }

func (s *Service) postHand(w http.ResponseWriter, r *http.Request) error {
	work, actor, err := s.working(r)
	if err != nil {
		return err
	}
	f, err := form.Parse(r)
	if err != nil {
		return err
	}
	_, err = s.Hand(r.Context(), actor, work.ID, f.Value(fieldKey))
	var refusal *casework.Refusal
	if errors.As(err, &refusal) && refusal.Code == casework.RefusedForm {
		v := web.ViewOf(r)
		p, err := s.workPage(r, work, actor)
		if err != nil {
			return err
		}
		for _, e := range web.FieldSummary(v.L, refusal) {
			p.Summary = append(p.Summary, ui.FieldError{Field: e.Field, Text: e.Text})
		}
		return web.Render(w, r, http.StatusUnprocessableEntity, workView(v, s, p))
	}
	if err != nil {
		return err
	}
	web.SetFlash(w, r, web.Flash{Kind: "success", Key: "report.flash.handed"})
	return web.SeeOther(w, r, workHref(work.Owner, work.Year))
}

// postCorrect opens a new version of a published report.
func (s *Service) postCorrect(w http.ResponseWriter, r *http.Request) error {
	work, actor, err := s.working(r)
	if err != nil {
		return err
	}
	f, err := form.Parse(r)
	if err != nil {
		return err
	}
	_, err = s.Correct(r.Context(), actor, work.Owner, work.Year, f.Value("reason"), f.Value(fieldKey))
	var refusal *casework.Refusal
	if errors.As(err, &refusal) && refusal.Code == casework.RefusedForm {
		v := web.ViewOf(r)
		p, err := s.workPage(r, work, actor)
		if err != nil {
			return err
		}
		p.Correct, p.Errors, p.Summary = f.Value("reason"), web.FieldTexts(v.L, refusal), web.FieldSummary(v.L, refusal)
		return web.Render(w, r, http.StatusUnprocessableEntity, workView(v, s, p))
	}
	if err != nil {
		return err
	}
	web.SetFlash(w, r, web.Flash{Kind: "success", Key: "report.flash.correct"})
	return web.SeeOther(w, r, workHref(work.Owner, work.Year))
}

func (s *Service) postDecide(w http.ResponseWriter, r *http.Request) error {
	work, actor, err := s.working(r)
	if err != nil {
		return err
	}
	f, err := form.Parse(r)
	if err != nil {
		return err
	}
	v := web.ViewOf(r)
	again := func(texts map[string]string, summary []ui.FieldError) error {
		p, err := s.workPage(r, work, actor)
		if err != nil {
			return err
		}
		p.Decision, p.Errors, p.Summary = f.Values(), texts, summary
		return web.Render(w, r, http.StatusUnprocessableEntity, workView(v, s, p))
	}
	outcome := f.Choice(v.L, "outcome", v.L.T("report.decide.outcome"), []ui.Option{{Value: Approve}, {Value: Return}})
	if outcome == Return {
		f.Required(v.L, "remark", v.L.T("report.decide.remark"))
	}
	if !f.Valid() {
		return again(map[string]string{"outcome": f.Error("outcome"), "remark": f.Error("remark")}, f.Summary())
	}
	_, err = s.Decide(r.Context(), actor, work.ID, outcome, f.Value("remark"), f.Value(fieldKey))
	var refusal *casework.Refusal
	if errors.As(err, &refusal) && refusal.Code == casework.RefusedForm {
		return again(web.FieldTexts(v.L, refusal), web.FieldSummary(v.L, refusal))
	}
	if err != nil {
		return err
	}
	web.SetFlash(w, r, web.Flash{Kind: "success", Key: "report.flash." + outcome})
	return web.SeeOther(w, r, workHref(work.Owner, work.Year))
}
