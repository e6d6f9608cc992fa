package approval

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"time"

	"github.com/a-h/templ"

	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/core/lang"
	"openhall.org/openhall/internal/core/term"
	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/web"
	"openhall.org/openhall/internal/platform/web/due"
	"openhall.org/openhall/internal/platform/web/ui"
)

// matterPage is a matter as its applicant sees it.
type matterPage struct {
	door      door
	body      lang.Text
	lines     []line
	chart     templ.Component
	steps     []ui.Step
	documents []ui.Row
	events    [][]ui.Cell
	withdraw  bool
	related   []Related
}

// line is one clock that runs, or ran, with its arithmetic.
type line struct {
	title   string
	due     ui.DueProps
	promise ui.ExplainProps
	statute ui.ExplainProps // empty when it says the same as the promise
	pauses  []string
}

// clockDecide is the clock from acceptance to the decision.
const clockDecide = "decide"

func (s *Service) getMatter(open doorFunc) web.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) error {
		d, err := open(r)
		if other := (errElsewhere{}); errors.As(err, &other) {
			return web.SeeOther(w, r, other.path)
		}
		if err != nil {
			return err
		}
		v := web.ViewOf(r)
		main, err := s.matters.part(r.Context(), matterKey(v, d), func() (templ.Component, error) {
			p, err := s.matter(r.Context(), v, d)
			return matterMain(v, p), err
		})
		if err != nil {
			return err
		}
		var acts []ui.Step
		if s.Assistance != nil {
			if acts, err = s.Assistance.Acts(r.Context(), v.L, d.c); err != nil {
				return err
			}
		}
		return web.Render(w, r, http.StatusOK, matterView(v, d, main, acts))
	}
}

func (s *Service) matter(ctx context.Context, v *web.View, d door) (matterPage, error) {
	p := matterPage{door: d, body: s.Names.Body(d.c.Body), withdraw: d.c.Open() && d.awaits(withdrawal)}
	p.lines = s.linesOf(v, d)
	var err error
	if s.Related != nil && d.full {
		if p.related, err = s.Related(ctx, d.c); err != nil {
			return p, err
		}
	}
	if p.chart, err = s.chart(ctx, v.L, d); err != nil {
		return p, err
	}
	p.steps = s.steps(v.L, s.Calendar(), d)
	numbers, err := s.signed(ctx, d.c)
	if err != nil {
		return p, err
	}
	p.documents = documentRows(v.L, d, numbers)
	events, err := s.Cases.Events(ctx, d.c.ID, 0, 200)
	if err != nil {
		return p, err
	}
	for _, e := range events {
		p.events = append(p.events, []ui.Cell{
			{Text: strconv.FormatInt(e.Seq, 10)}, {Text: v.L.T("approval.event." + e.Kind)}, {Text: v.L.Time(e.At)},
			{Content: ui.Proof(d.base + "/proof/" + strconv.FormatInt(e.Seq, 10) + ".json")},
		})
	}
	return p, nil
}

// linesOf explains the clocks of a case.
func (s *Service) linesOf(v *web.View, d door) []line {
	var list []line
	for _, k := range d.c.Clocks() {
		list = append(list, lineOf(v, s.Calendar(), v.L.T("approval.clock.decide"), s.Cases.Explained(d.c, k.Term)))
	}
	return append(list, s.answerLines(v, d)...)
}

// answerLines explains until when an application that was not accepted yet has to be answered (行政许可法 32), and the like: the open
// steps for which the law sets a term of their own.
func (s *Service) answerLines(v *web.View, d door) []line {
	var list []line
	for _, task := range d.c.Tasks() {
		if task.Term == nil || task.Role == applicantRole || task.Term.Statutory.Rule == "" || task.Term.Statutory.Rule == decideRule {
			continue
		}
		t := s.Cases.Explained(d.c, *task.Term)
		list = append(list, lineOf(v, s.Calendar(), v.L.Text(t.Statutory.Title), t))
	}
	return list
}

func lineOf(v *web.View, cal *calendar.Calendar, title string, t term.Term) line {
	l := v.L
	x := line{title: title, due: due.Badge(t, cal, v.Now), promise: due.Promise(l, t, cal, v.Now)}
	if due.HasPromise(t, cal, v.Now) {
		x.statute = due.Statute(l, t, cal, v.Now)
	}
	for _, pause := range t.Pauses {
		args := web.Args{"From": l.Time(pause.From), "Until": l.Time(pause.Until), "Ground": l.Text(pause.Title), "Article": l.Text(pause.Article)}
		key := "approval.pause.over"
		if pause.Until.IsZero() {
			key = "approval.pause.open"
		}
		x.pauses = append(x.pauses, l.T(key, args))
	}
	return x
}

// steps tells who did what, when, and how long it took, and what is open now.
func (s *Service) steps(l *web.Localizer, cal *calendar.Calendar, d door) []ui.Step {
	steps := []ui.Step{{State: ui.StepDone, Title: l.T("approval.step.received"), Time: l.Time(d.c.CreatedAt), Machine: machine(d.c.CreatedAt),
		By: l.T("approval.channel." + string(d.c.Channel))}}
	for _, done := range d.c.Done() {
		step := ui.Step{State: ui.StepDone, Title: s.title(l, d, done.Element), Time: l.Time(done.At), Machine: machine(done.At),
			By: s.by(l, d, done), Text: took(l, cal, done)}
		if done.Cut {
			step.StateText = l.T("approval.step.cut")
		} else if key := "approval.outcome." + done.Outcome; done.Outcome != "" && l.Has(key) {
			step.StateText = l.T(key)
		}
		steps = append(steps, step)
	}
	for _, t := range d.c.Tasks() {
		state := ui.StepActive
		if t.Role == applicantRole {
			state = ui.StepWaiting
		}
		steps = append(steps, ui.Step{State: state, Title: s.title(l, d, t.Element), StateText: l.T("approval.step.open"),
			By: l.T("approval.step.since", web.Args{"Time": l.Time(t.OpenedAt), "Who": s.role(l, d, t.Role)})})
	}
	if !d.c.EndedAt.IsZero() {
		steps = append(steps, ui.Step{State: ui.StepDone, Title: l.T("approval.step.ended"), StateText: statusText(l, d.c.Status),
			Time: l.Time(d.c.EndedAt), Machine: machine(d.c.EndedAt)})
	}
	return steps
}

func machine(t time.Time) string { return t.UTC().Format(time.RFC3339) }

func (s *Service) title(l *web.Localizer, d door, element string) string {
	e := d.def.Element(element)
	if e == nil {
		return element
	}
	if title := l.Text(e.Title); title != "" {
		return title
	}
	return e.Name
}

// by names the post that did a step; people are not named.
func (s *Service) by(l *web.Localizer, d door, done casework.Done) string {
	if done.Post != "" {
		return l.Text(s.Names.Body(d.c.Body)) + l.T("web.form.of") + l.Text(s.Names.Post(done.Post))
	}
	if done.Role == applicantRole && !done.Cut {
		return l.T("approval.role.applicant")
	}
	return l.T("approval.role.system")
}

func (s *Service) role(l *web.Localizer, d door, role string) string {
	if role == applicantRole {
		return l.T("approval.role.applicant")
	}
	if key := "approval.role." + role; l.Has(key) {
		return l.Text(s.Names.Body(d.c.Body)) + l.T("web.form.of") + l.T(key)
	}
	return l.Text(s.Names.Body(d.c.Body))
}

// took says how long a step took, in working days; a step done on the day it was opened took none.
func took(l *web.Localizer, cal *calendar.Calendar, done casework.Done) string {
	days := cal.Count(calendar.Of(done.OpenedAt), calendar.Of(done.At))
	if days <= 0 {
		return l.T("approval.step.same-day")
	}
	return l.T("approval.step.took", web.Args{"Count": days})
}

// statusText is the status of a case in words.
func statusText(l *web.Localizer, status string) string {
	if key := "approval.status." + status; l.Has(key) {
		return l.T(key)
	}
	return status
}

// statusKind is the colour of a status.
func statusKind(status string) ui.TagKind {
	switch status {
	case "granted":
		return ui.TagGood
	case "refused", "not-accepted", "lapsed":
		return ui.TagBad
	case "supplement":
		return ui.TagWarn
	case "withdrawn":
		return ui.TagNeutral
	case "accepted", "decided", "notice":
		return ui.TagActive
	default:
		return ui.TagInfo
	}
}

// documentRows lists what was issued in a case, the receipt first, each with its signed original.
func documentRows(l *web.Localizer, d door, numbers map[string]string) []ui.Row {
	row := func(kind string, seq int64, at, revoked time.Time) ui.Row {
		title := l.T(documentTitle(d.c, kind))
		x := ui.Row{Key: title, Value: l.Time(at), ActionFor: title,
			Action: ui.Link{Href: documentPath(d, seq, kind), Text: l.T("approval.document.open")}}
		if number := numbers[officePath(d.c, kind, seq)]; number != "" {
			x.Content = signedLetter(l, title, number, l.Time(at), documentPath(d, seq, kind)+"/pdf")
		}
		if !revoked.IsZero() {
			x.Value, x.Content = l.T("approval.document.revoked", web.Args{"Date": l.DateOf(revoked)}), nil
		}
		return x
	}
	rows := []ui.Row{row(receiptSlip, 1, d.c.CreatedAt, time.Time{})}
	for _, doc := range d.c.Documents() {
		if l.Has("approval.document." + doc.Kind) {
			rows = append(rows, row(doc.Kind, doc.Seq, doc.At, doc.RevokedAt))
		}
	}
	return rows
}

func documentPath(d door, seq int64, kind string) string {
	return d.base + "/documents/" + strconv.FormatInt(seq, 10) + "/" + kind
}
