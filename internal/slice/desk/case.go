package desk

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/text/width"

	"openhall.org/openhall/internal/core/identifier"
	"openhall.org/openhall/internal/platform/casework"
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
	MayRevoke     bool
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
		Clocks: caseview.Clocks(v.L, s.Cases, o.Case, v.Now), Facts: s.facts(v, o), Checklist: checklist(v, o), Key: newKey(),
		MayRevoke: s.mayRevoke(actor, o.Case),
	}
	if o.Dossier != nil {
		if o.Dossier.Applicant.Name != "" { // what the platform or an authority opens has no applicant
			p.Applicant = applicantRows(v.L, &o.Dossier.Applicant)
		}
		if o.Matter.Form != nil || o.Matter.Page == nil {
			p.FormRows = formRows(v.L, o.Matter.Form, o.Dossier.Form)
		}
		p.Files = fileViews(v, o)
	}
	who, err := s.whoDid(r, v, o.Case)
	if err != nil {
		return nil, err
	}
	if p.Chart, err = caseview.Chart(v.L, o.Def, o.Case, who); err != nil {
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
		err = s.describeTask(r.Context(), v, p, actor)
	}
	return p, err
}

func (s *Service) doneBy(v *web.View, d *casework.Done) string {
	if d.Cut || d.Post == "" {
		return v.L.T("desk.actor.system")
	}
	return s.postTitle(v.L, d.Post)
}

func (s *Service) facts(v *web.View, o *Opened) []ui.Row {
	c, channel := o.Case, v.L.Text(o.Matter.Channel)
	if channel == "" {
		channel = caseview.Channel(v.L, o.Case.Channel)
	}
	rows := []ui.Row{
		{Key: v.L.T("desk.case.number"), Value: c.Number},
		{Key: v.L.T("desk.case.body"), Value: s.bodyName(v.L, c.Body)},
		{Key: v.L.T("desk.case.received"), Value: v.L.Time(c.CreatedAt)},
		{Key: v.L.T("desk.case.channel"), Value: channel},
	}
	if _, err := identifier.ParseItemCode(c.Subject); s.Authority == nil || err != nil { // windows are authorised for items: a request for information is about none
		return rows
	}
	for _, w := range s.Authority.Windows(c.Body, c.Subject) {
		key := "desk.authority.none"
		switch {
		case w.Decides:
			key = "desk.authority.decide"
		case w.Accepts:
			key = "desk.authority.accept"
		}
		rows = append(rows, ui.Row{Key: v.L.T("desk.authority"), Value: v.L.T(key, web.Args{"Window": w.Window, "Basis": w.Basis})})
	}
	return rows
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

func (s *Service) describeTask(ctx context.Context, v *web.View, p *casePage, actor identity.Principal) error {
	t := p.Task
	p.StepTitle = caseview.Step(v.L, p.Def, t.Element)
	if t.Term != nil {
		cal := s.Cases.Calendar()
		badge, line := due.Badge(*t.Term, cal, v.Now), due.Statute(v.L, *t.Term, cal, v.Now)
		p.StepDue, p.StepLine = &badge, &line
	}
	if p.Matter.Start != nil && p.Form != nil && p.Dossier != nil && p.MayDo {
		start, err := p.Matter.Start(ctx, t.Element)
		if err != nil {
			return err
		}
		if start != nil {
			p.Typed = p.Form.Values(start)
		}
	}
	for i := range p.Outcomes {
		p.Effects = append(p.Effects, effectView{v.L.Text(p.Outcomes[i].Title), s.effectLines(v.L, p.Def, &p.Outcomes[i])})
	}
	if t.Holder == 0 {
		return nil
	}
	p.HeldByMe = t.Holder == actor.Account
	p.HeldBy = v.L.T("desk.held.colleague")
	for _, c := range p.Colleagues {
		if c.Account == t.Holder {
			p.HeldBy = colleagueName(v, c)
		}
	}
	return nil
}

// whoDid names colleagues on the chart of a case: whoever works on it may know who did what. Those who have left are named by their role.
func (s *Service) whoDid(r *http.Request, v *web.View, c *casework.Case) (caseview.Who, error) {
	names, asked := map[store.ID]string{}, map[string]bool{}
	ask := func(role string) error {
		if role == "" || asked[role] {
			return nil
		}
		asked[role] = true
		list, err := s.People.Colleagues(r.Context(), c.Body, role)
		if err != nil {
			return fmt.Errorf("colleagues of %s: %w", c.Body, err)
		}
		for i := range list {
			names[list[i].Account] = list[i].Name
		}
		return nil
	}
	for _, d := range c.Done() {
		if d.By != 0 && d.Post != "" {
			if err := ask(d.Role); err != nil {
				return nil, err
			}
		}
	}
	for _, t := range c.Tasks() {
		if t.Holder != 0 {
			if err := ask(t.Role); err != nil {
				return nil, err
			}
		}
	}
	return func(account store.ID, _ string) string { return names[account] }, nil
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
