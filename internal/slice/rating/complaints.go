package rating

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"openhall.org/openhall/internal/core/lang"
	"openhall.org/openhall/internal/core/procedure"
	"openhall.org/openhall/internal/core/statute"
	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/store"
	"openhall.org/openhall/internal/platform/web"
	"openhall.org/openhall/internal/platform/web/caseview"
	"openhall.org/openhall/internal/platform/web/door"
	"openhall.org/openhall/internal/platform/web/due"
	"openhall.org/openhall/internal/platform/web/form"
	"openhall.org/openhall/internal/platform/web/ui"
)

// opened is a complaint and how somebody came to it.
type opened struct {
	door.Door
	base string
	def  *procedure.Definition
}

func complaintPath(number, code string) string { return "/complaints/" + number + "/" + code }

func (s *Service) complaintByCode(r *http.Request) (opened, error) {
	d, err := s.keeper.ByCode(r)
	if err != nil {
		return opened{}, err
	}
	return s.openComplaint(r, d, complaintPath(d.Case.Number, d.Code))
}

func (s *Service) complaintByOwner(r *http.Request) (opened, error) {
	d, err := s.keeper.ByOwner(r)
	if err != nil {
		return opened{}, err
	}
	return s.openComplaint(r, d, "/me/complaints/"+d.Case.Number)
}

func (s *Service) openComplaint(r *http.Request, d door.Door, base string) (opened, error) {
	if d.Case.Kind != ComplaintKind || !d.Proven && (d.Case.Party == 0 || d.Case.Party != d.Who.Party().ID) {
		return opened{}, web.NotFound("web.door.not-found")
	}
	o := opened{Door: d, base: base}
	var err error
	_, o.def, err = s.Cases.Procedure(r.Context(), d.Case.Procedure)
	return o, err
}

// Number reports whether a number has the form of a complaint or a follow-up; it stands in for the other rooms' check.
func (s *Service) Number(number string) bool {
	const digits = 6 + 8 + 4 // county, day, number of the day
	rest, ok := strings.CutPrefix(number, complaintSeries)
	if !ok {
		rest, ok = strings.CutPrefix(number, followupSeries)
	}
	return ok && len(rest) == digits && strings.Trim(rest, "0123456789") == ""
}

// Page returns the address of a complaint for the holder of its code, or "".
func (s *Service) Page(c *casework.Case, code string) string {
	if c.Kind != ComplaintKind {
		return ""
	}
	return complaintPath(c.Number, code)
}

// complaintPage is a complaint as its complainant sees it.
type complaintPage struct {
	opened
	body    string
	clocks  []caseview.Clock
	step    *ui.ExplainProps // until when it has to be accepted
	stepDue ui.DueProps
	answers []answer
	filed   []ui.Row
	files   []string
	steps   []ui.Step
	judge   *casework.Task
	judgeBy time.Time
}

// answer is what was said to the complainant.
type answer struct {
	title, at string
	parts     []ui.Row
}

func (s *Service) getComplaint(open opener) web.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) error {
		o, err := open(r)
		if err != nil {
			return err
		}
		v := web.ViewOf(r)
		p := complaintPage{opened: o, clocks: caseview.Clocks(v.L, s.Cases, o.Case, v.Now)}
		about, _ := o.Case.Variables()[varAbout].(string)
		p.body = s.placeWords(v.L, Place{Body: about})
		cal := s.Cases.Calendar()
		for _, t := range o.Case.Tasks() {
			if t.Term != nil && t.Term.Statutory.Rule == "complaint.accept" {
				own := s.Cases.Explained(o.Case, *t.Term)
				line := due.Statute(v.L, own, cal, v.Now)
				p.step, p.stepDue = &line, due.Badge(own, cal, v.Now)
			}
		}
		p.judge, p.judgeBy = o.judgement()
		private, err := s.Cases.Private(r.Context(), o.Case.ID)
		if err != nil {
			return err
		}
		if p.answers, err = s.answers(r.Context(), v.L, o, private); err != nil {
			return err
		}
		p.steps = s.steps(v.L, o)
		if o.Full {
			if err := s.fillFiled(v.L, &p, private); err != nil {
				return err
			}
		}
		return web.Render(w, r, http.StatusOK, complaintView(v, s, p))
	}
}

// judgement returns the step in which the complainant says whether the answer will do, and until when.
func (o *opened) judgement() (*casework.Task, time.Time) {
	for _, t := range o.Case.Tasks() {
		if t.Role != "applicant" {
			continue
		}
		for _, timer := range o.Case.Progress().Timers {
			if timer.Token == t.Token {
				return &t, timer.Due
			}
		}
		return &t, time.Time{}
	}
	return nil, time.Time{}
}

// told are the fields of steps that are meant for the complainant, in the order in which they are shown.
var told = [...]string{"reasons", "where", "answer"}

// answers collects what was said to the complainant, the latest first.
func (s *Service) answers(ctx context.Context, l *web.Localizer, o opened, private []casework.Private) ([]answer, error) {
	events, err := s.Cases.Events(ctx, o.Case.ID, 0, maxEvents)
	if err != nil {
		return nil, err
	}
	var list []answer
	for i := range events {
		env, err := events[i].Envelope()
		if err != nil {
			return nil, err
		}
		at := slices.IndexFunc(private, func(p casework.Private) bool { return p.Seq == events[i].Seq })
		if env.Kind != casework.Completed || env.Actor.Post == "" || at < 0 {
			continue
		}
		task, _ := env.Data["task"].(string)
		outcome, _ := env.Data["outcome"].(string)
		x := answer{title: caseview.Step(l, o.def, task), at: l.Time(events[i].At)}
		for _, name := range told {
			if text := plain(private[at].Fields[name]); text != "" {
				x.parts = append(x.parts, ui.Row{Key: l.T("rating.answer." + name), Value: text})
			}
		}
		if len(x.parts) == 0 {
			continue
		}
		if key := "rating.verdict." + task + "." + outcome; l.Has(key) {
			x.parts = append([]ui.Row{{Key: l.T("rating.entry.verdict"), Value: l.T(key)}}, x.parts...)
		}
		list = append([]answer{x}, list...)
	}
	return list, nil
}

// maxEvents bounds the events read for one page. A complaint has some ten.
const maxEvents = 200

// fillFiled shows what was filed, to those who may see it.
func (s *Service) fillFiled(l *web.Localizer, p *complaintPage, private []casework.Private) error {
	for _, part := range private {
		if raw, ok := part.Fields["form"]; ok {
			doc := map[string]any{}
			if err := json.Unmarshal(raw, &doc); err != nil {
				return err
			}
			p.filed = s.form.Rows(l, doc, nil)
		}
		if raw, ok := part.Fields["files"]; ok {
			var refs []casework.FileRef
			if err := json.Unmarshal(raw, &refs); err != nil {
				return err
			}
			for _, ref := range refs {
				p.files = append(p.files, ref.Name)
			}
		}
	}
	return nil
}

// steps tells who did what and when. People are not named.
func (s *Service) steps(l *web.Localizer, o opened) []ui.Step {
	c := o.Case
	list := []ui.Step{{State: ui.StepDone, Title: l.T("rating.step.filed"), Time: l.Time(c.CreatedAt), Machine: machine(c.CreatedAt)}}
	for _, d := range c.Done() {
		step := ui.Step{State: ui.StepDone, Title: caseview.Step(l, o.def, d.Element), Time: l.Time(d.At), Machine: machine(d.At)}
		switch {
		case d.Cut:
			step.StateText = l.T("rating.step.passed")
		case d.Post != "":
			step.By = s.postWords(l, d.Post)
		default:
			step.By = l.T("rating.step.you")
		}
		list = append(list, step)
	}
	for _, t := range c.Tasks() {
		step := ui.Step{State: ui.StepActive, Title: caseview.Step(l, o.def, t.Element), StateText: l.T("rating.step.open"), By: caseview.Role(l, t.Role)}
		if t.Role == "applicant" {
			step.State, step.By = ui.StepWaiting, l.T("rating.step.you")
		}
		list = append(list, step)
	}
	if !c.Open() {
		list = append(list, ui.Step{State: ui.StepDone, Title: l.T("rating.step.ended"), StateText: caseview.Status(l, c.Status), Time: l.Time(c.EndedAt), Machine: machine(c.EndedAt)})
	}
	return list
}

func machine(t time.Time) string { return t.UTC().Format(time.RFC3339) }

func (s *Service) postWords(l *web.Localizer, key string) string {
	places := s.Registry.Now()
	p := places.Post(key)
	if p == nil {
		return key
	}
	words := l.Text(p.Title)
	if b := places.Body(p.Body); b != nil {
		words = l.Text(b.Name) + l.T("web.form.of") + words
	}
	return words
}

// answerPage is the form in which the complainant says whether the answer will do.
type answerPage struct {
	opened
	task  casework.Task
	by    time.Time
	typed url.Values
	wrong form.Errors
	key   string
}

func (s *Service) answerPage(open opener, r *http.Request) (answerPage, error) {
	o, err := open(r)
	if err != nil {
		return answerPage{}, err
	}
	t, by := o.judgement()
	if t == nil {
		return answerPage{}, web.Conflict("rating.judge.gone", nil)
	}
	return answerPage{opened: o, task: *t, by: by, key: rand.Text()}, nil
}

func (s *Service) getAnswer(open opener) web.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) error {
		p, err := s.answerPage(open, r)
		if err != nil {
			return err
		}
		return web.Render(w, r, http.StatusOK, answerView(web.ViewOf(r), s, p))
	}
}

func (s *Service) postAnswer(open opener) web.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) error {
		p, err := s.answerPage(open, r)
		if err != nil {
			return err
		}
		f, err := form.Parse(r)
		if err != nil {
			return err
		}
		if f.Value("key") != "" {
			p.key = f.Value("key")
		}
		v := web.ViewOf(r)
		doc := s.judge.Decode(f.Values())
		if p.typed, p.wrong = f.Values(), s.judge.Check(v.L, doc); len(p.wrong) > 0 {
			return web.Render(w, r, http.StatusUnprocessableEntity, answerView(v, s, p))
		}
		data, err := json.Marshal(doc)
		if err != nil {
			return err
		}
		_, err = s.Cases.Do(r.Context(), casework.Command{Key: p.Case.Number + "/" + p.key, Actor: p.Who, Case: p.Case.ID, Proven: p.Proven,
			Act: casework.Complete{Token: p.task.Token, Data: data}})
		if err != nil {
			return err
		}
		web.SetFlash(w, r, web.Flash{Kind: "success", Key: "rating.judge.done"})
		return web.SeeOther(w, r, p.base)
	}
}

func (s *Service) getReceipt(open opener) web.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) error {
		o, err := open(r)
		if err != nil {
			return err
		}
		return web.Render(w, r, http.StatusOK, receiptView(web.ViewOf(r), o, s.BaseURL+complaintPath(o.Case.Number, o.Code)))
	}
}

func (s *Service) getComplaints(w http.ResponseWriter, r *http.Request) error {
	return web.Render(w, r, http.StatusOK, complaintsView(web.ViewOf(r)))
}

// getOwn lists the complaints of whoever is signed in.
func (s *Service) getOwn(w http.ResponseWriter, r *http.Request) error {
	who, err := s.People.Principal(r)
	if err != nil {
		return err
	}
	party := who.Party()
	if party.ID == 0 {
		return web.Forbidden("rating.complaints.staff")
	}
	list, err := s.Cases.List(r.Context(), casework.Filter{Kind: ComplaintKind, Party: party.ID, Limit: 100})
	if err != nil {
		return err
	}
	v := web.ViewOf(r)
	rows := make([][]ui.Cell, 0, len(list))
	for _, c := range list {
		rows = append(rows, []ui.Cell{{Text: v.L.Text(c.Title), Href: "/me/complaints/" + c.Number}, {Text: c.Number}, {Text: v.L.DateOf(c.CreatedAt)},
			{Content: ui.Tag(caseview.StatusKind(c.Status), caseview.Status(v.L, c.Status))}})
	}
	return web.Render(w, r, http.StatusOK, ownView(v, rows))
}

// registerPage is the public register of complaints.
type registerPage struct {
	what lang.Text
	list []entryView
	next string
}

func (s *Service) getRegister(w http.ResponseWriter, r *http.Request) error {
	f, what := s.filterOf(r.URL.Query())
	list, err := s.Complaints(r.Context(), f)
	if err != nil {
		return err
	}
	v := web.ViewOf(r)
	p := registerPage{what: what}
	for _, c := range list {
		p.list = append(p.list, entryView{title: s.placeWords(v.L, Place{Body: c.Place.Body}), rows: s.complaintRows(v.L, c)})
	}
	if len(list) == perPage {
		last := list[perPage-1]
		link := figuresPage{path: "/complaints/register", filter: f}
		p.next = link.link("before", strconv.FormatInt(store.Micros(last.At), 10)+"."+last.Case.String())
	}
	return web.RenderTagged(w, r, registerView(v, p))
}

func matterWord(l *web.Localizer, list []statute.Entry, code string) string {
	for _, e := range list {
		if e.Code == code {
			return l.Text(e.Title)
		}
	}
	return code
}

// complaintRows tell of a complaint what the public may know.
func (s *Service) complaintRows(l *web.Localizer, c Complaint) []ui.Row {
	rows := []ui.Row{{Key: l.T("rating.entry.matter"), Value: matterWord(l, s.Matters(), c.Matter)}}
	add := func(key, value string) {
		if value != "" {
			rows = append(rows, ui.Row{Key: l.T("rating.entry." + key), Value: value})
		}
	}
	if t := s.Items.Title(c.Place.Item); c.Place.Item != "" {
		add("item", l.Text(t))
	}
	add("window", s.placeWords(l, Place{Window: c.Place.Window}))
	add("filed", l.DateOf(c.At))
	rows = append(rows, ui.Row{Key: l.T("rating.entry.status"), Content: ui.Tag(caseview.StatusKind(c.Status), caseview.Status(l, c.Status))})
	if c.Closed.IsZero() {
		if !c.Due.IsZero() {
			add("due", dueWords(l, c.Due.UnixMicro()))
		}
	} else {
		add("closed", l.DateOf(c.Closed)+l.T("rating.entry."+onTime(c.Late)))
	}
	if key := "rating.verdict." + c.Verdict; c.Verdict != "" && l.Has(key) {
		add("verdict", l.T(key))
	}
	add("summary", c.Summary)
	add("number", c.Number)
	return rows
}
