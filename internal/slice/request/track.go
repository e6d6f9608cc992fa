package request

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"time"

	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/core/procedure"
	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/document"
	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/web"
	"openhall.org/openhall/internal/platform/web/caseview"
	"openhall.org/openhall/internal/platform/web/door"
	"openhall.org/openhall/internal/platform/web/ui"
)

// opened is a request and how somebody came to it.
type opened struct {
	door.Door
	base  string
	def   *procedure.Definition
	post  bool // by an official
	entry Entry
}

func trackPath(number, code string) string { return "/open/requests/" + number + "/" + code }
func officePath(number string) string      { return "/open/office/" + number }

// opener opens a request by one of its doors.
type opener func(r *http.Request) (opened, error)

// byCode opens a request to whoever holds its query code: the applicant, since the case knows no other.
func (s *Service) byCode(r *http.Request) (opened, error) {
	d, err := s.keeper.ByCode(r)
	if err != nil {
		return opened{}, err
	}
	if d.Case.Kind != KindName {
		return opened{}, web.NotFound("web.door.not-found")
	}
	return s.open(r.Context(), opened{Door: d, base: trackPath(d.Case.Number, d.Code)})
}

// byPost opens a request to an official.
func (s *Service) byPost(r *http.Request) (opened, error) {
	d, err := s.keeper.ByPost(r)
	if err != nil {
		return opened{}, err
	}
	if d.Case.Kind != KindName {
		return opened{}, web.NotFound("web.door.not-found")
	}
	return s.open(r.Context(), opened{Door: d, base: officePath(d.Case.Number), post: true})
}

func (s *Service) open(ctx context.Context, o opened) (opened, error) {
	var err error
	if _, o.def, err = s.Cases.Procedure(ctx, o.Case.Procedure); err != nil {
		return o, err
	}
	o.entry, err = s.Entry(ctx, o.Case.ID)
	return o, err
}

// Number reports whether a number has the form of a request; it stands in for the other rooms' check.
func (s *Service) Number(number string) bool {
	const digits = 6 + 8 + 4 // county, day, number of the day
	rest, ok := strings.CutPrefix(number, requestSeries)
	return ok && len(rest) == digits && strings.Trim(rest, "0123456789") == ""
}

// Page returns the address of a request for the holder of its code, or "".
func (s *Service) Page(c *casework.Case, code string) string {
	if c.Kind != KindName {
		return ""
	}
	return trackPath(c.Number, code)
}

// trackPage is a request as its applicant sees it.
type trackPage struct {
	opened
	body     string
	facts    []ui.Row
	clocks   []caseview.Clock
	steps    []ui.Step
	letters  []ui.Row
	files    []casework.FileRef // that the reply provides
	todo     *casework.Task
	todoBy   time.Time
	withdraw bool
	pay      time.Time // until when the fee is due; zero: none is
	payWords string
	payRows  []ui.Row
}

func (s *Service) getTrack(w http.ResponseWriter, r *http.Request) error {
	o, err := s.byCode(r)
	if err != nil {
		return err
	}
	v := web.ViewOf(r)
	p, err := s.trackPage(r.Context(), v, o)
	if err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, trackView(v, s, p))
}

func (s *Service) trackPage(ctx context.Context, v *web.View, o opened) (trackPage, error) {
	p := trackPage{opened: o, body: v.L.Text(s.bodyName(o.Case.Body)), clocks: caseview.Clocks(v.L, s.Cases, o.Case, v.Now)}
	m, err := s.material(ctx, o.Case, o.Case.Seq)
	if err != nil {
		return p, err
	}
	p.facts = s.entryRows(v.L, o.entry)
	if m.sent.Description != "" {
		p.facts = append(p.facts, sentRows(v.L, m.sent)...)
	}
	p.steps = s.stepsOf(v.L, o)
	if p.letters, err = s.letterRows(ctx, v.L, o); err != nil {
		return p, err
	}
	if o.entry.Closed != 0 && discloses(o.entry.Outcome) {
		p.files = m.files
	}
	for _, t := range o.Case.Tasks() {
		due := dueOf(o.Case, t.Token)
		switch {
		case t.Role == "applicant":
			p.todo, p.todoBy = &t, due
		case t.Element == "payment":
			s.payable(v.L, &p, due)
		}
	}
	p.withdraw = o.Case.Open() && o.awaits("withdraw")
	return p, nil
}

// payable tells what is to be paid, until when and where.
func (s *Service) payable(l *web.Localizer, p *trackPage, due time.Time) {
	vars, key := p.Case.Variables(), "request.todo.payment"
	amount := int64(whole(vars, "fee"))
	if isOld(p.Case) {
		amount, key = int64(whole(vars, "cost")), "request.todo.cost"
	}
	p.pay, p.payWords = due, l.T(key, web.Args{"Day": dayWords(l, due), "Amount": l.Money(amount)})
	p.payRows = []ui.Row{{Key: l.T("request.pay.amount"), Value: l.Money(amount)}, {Key: l.T("request.pay.day"), Value: dayWords(l, due)},
		{Key: l.T("request.pay.quote"), Value: p.Case.Number}}
	where := document.Facts{}
	s.officeFacts(l, p.Case.Body, where)
	for _, x := range []struct{ key, value string }{{"where", p.body + " " + where["office-address"]}, {"phone", where["office-phone"]}} {
		if x.value != "" {
			p.payRows = append(p.payRows, ui.Row{Key: l.T("request.pay." + x.key), Value: x.value})
		}
	}
}

// dueOf is when the timer of a task fires.
func dueOf(c *casework.Case, token int) time.Time {
	for _, timer := range c.Progress().Timers {
		if timer.Token == token {
			return timer.Due
		}
	}
	return time.Time{}
}

// awaits reports whether the procedure waits for a message.
func (o *opened) awaits(message string) bool {
	hears := func(e *procedure.Element) bool { return e.Trigger == procedure.MessageTrigger && e.Ref == message }
	for _, t := range o.Case.Progress().Tokens {
		if e := o.def.Element(t.Element); e != nil && (hears(e) || slices.ContainsFunc(e.Boundary, hears)) {
			return true
		}
	}
	return false
}

// entryRows tell of a request what the public may know.
func (s *Service) entryRows(l *web.Localizer, e Entry) []ui.Row {
	rows := []ui.Row{{Key: l.T("request.entry.number"), Value: e.Number}, {Key: l.T("request.entry.body"), Value: l.Text(s.bodyName(e.Body))}}
	add := func(key, value string) {
		if value != "" {
			rows = append(rows, ui.Row{Key: l.T("request.entry." + key), Value: value})
		}
	}
	add("channel", l.T("request.channel."+string(e.Channel)))
	add("arrived", l.Date(e.Arrived))
	if e.Receipt != 0 {
		add("receipt", l.Date(e.Receipt))
	}
	rows = append(rows, ui.Row{Key: l.T("request.entry.status"), Content: ui.Tag(caseview.StatusKind(e.Status), caseview.Status(l, e.Status))})
	if e.Open() {
		return rows
	}
	add("outcome", l.Text(s.OutcomeTitle(e.Outcome, e.Arrived)))
	if o, ok := s.Outcome(e.Outcome, e.Arrived); ok {
		add("basis", o.Basis.Cite(l.Tag()))
	}
	add("closed", l.Date(e.Closed))
	add("days", l.T("request.entry.days.count", web.Args{"Count": e.Days}))
	return rows
}

// stepsOf tells who did what and when. People are not named.
func (s *Service) stepsOf(l *web.Localizer, o opened) []ui.Step {
	c := o.Case
	machine := func(t time.Time) string { return t.UTC().Format(time.RFC3339) }
	list := []ui.Step{{State: ui.StepDone, Title: l.T("request.step.sent"), Time: l.Time(c.CreatedAt), Machine: machine(c.CreatedAt)}}
	if arrived := o.entry.Arrived; arrived != calendar.Of(c.CreatedAt) { // a letter that was entered later
		list[0].Title = l.T("request.step.entered")
		list = slices.Insert(list, 0, ui.Step{State: ui.StepDone, Title: l.T("request.step.arrived"), Time: l.Date(arrived), Machine: arrived.String()})
	}
	for _, d := range c.Done() {
		step := ui.Step{State: ui.StepDone, Title: caseview.Step(l, o.def, d.Element), Time: l.Time(d.At), Machine: machine(d.At)}
		switch {
		case d.Cut:
			step.StateText = l.T("request.step.passed")
		case d.Post != "":
			step.By = s.postWords(l, d.Post)
		default:
			step.By = caseview.Role(l, "applicant")
		}
		list = append(list, step)
	}
	for _, t := range c.Tasks() {
		step := ui.Step{State: ui.StepActive, Title: caseview.Step(l, o.def, t.Element), StateText: l.T("request.step.open"), By: caseview.Role(l, t.Role)}
		if t.Role == "applicant" {
			step.State = ui.StepWaiting
		}
		list = append(list, step)
	}
	if !c.Open() {
		list = append(list, ui.Step{State: ui.StepDone, Title: l.T("request.step.ended"), StateText: caseview.Status(l, c.Status), Time: l.Time(c.EndedAt), Machine: machine(c.EndedAt)})
	}
	return list
}

func (s *Service) postWords(l *web.Localizer, key string) string {
	places := s.Registry.Now()
	p := places.Post(key)
	if p == nil {
		return key
	}
	return l.Text(s.bodyName(p.Body)) + l.T("web.form.of") + l.Text(p.Title)
}

// getOwn lists the requests of whoever is signed in.
func (s *Service) getOwn(w http.ResponseWriter, r *http.Request) error {
	who, err := s.public(r)
	if err != nil {
		return err
	}
	list, err := s.OfAccount(r.Context(), who.Party().ID)
	if err != nil {
		return err
	}
	v := web.ViewOf(r)
	rows := make([][]ui.Cell, 0, len(list))
	for _, e := range list {
		rows = append(rows, []ui.Cell{{Text: v.L.Text(s.bodyName(e.Body)), Href: trackPath(e.Number, s.Cases.Code(&casework.Case{Number: e.Number}))},
			{Text: e.Number}, {Text: v.L.Date(e.Arrived)}, {Content: ui.Tag(caseview.StatusKind(e.Status), caseview.Status(v.L, e.Status))}})
	}
	return web.Render(w, r, http.StatusOK, ownView(v, rows))
}

// mayAsker reports whether an official may know who asks.
func (s *Service) mayAsker(who identity.Principal, e Entry) error {
	return s.Policies.Allow(who, ActionAsker, identity.Resource{Type: "case", ID: e.Number, Division: e.Division, Body: e.Body, Role: KindName})
}

// dayWords is the last day before an instant, in words.
func dayWords(l *web.Localizer, at time.Time) string {
	return l.Date(calendar.Of(at.Add(-time.Microsecond)))
}
