package joint

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"openhall.org/openhall/internal/core/procedure"
	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/document"
	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/store"
	"openhall.org/openhall/internal/platform/web"
	"openhall.org/openhall/internal/platform/web/caseview"
	"openhall.org/openhall/internal/platform/web/door"
	"openhall.org/openhall/internal/platform/web/form"
	"openhall.org/openhall/internal/platform/web/ui"
)

func codePath(number, code string) string { return "/hall/joint/case/" + number + "/" + code }
func minePath(number string) string       { return "/me/joint/" + number }
func postPath(number string) string       { return "/desk/joint/case/" + number }

// opened is a case of the slice and how somebody came to it.
type opened struct {
	door.Door
	base  string
	def   *procedure.Definition
	whole *Whole
	post  bool // by an official
}

type opener func(r *http.Request) (opened, error)

func (s *Service) byCode(r *http.Request) (opened, error) {
	d, err := s.keeper.ByCode(r)
	if err != nil {
		return opened{}, err
	}
	return s.open(r.Context(), opened{Door: d, base: codePath(d.Case.Number, d.Code)})
}

func (s *Service) byOwner(r *http.Request) (opened, error) {
	d, err := s.keeper.ByOwner(r)
	if err != nil {
		return opened{}, err
	}
	return s.open(r.Context(), opened{Door: d, base: minePath(d.Case.Number)})
}

func (s *Service) byPost(r *http.Request) (opened, error) {
	d, err := s.keeper.ByPost(r)
	if err != nil {
		return opened{}, err
	}
	return s.open(r.Context(), opened{Door: d, base: postPath(d.Case.Number), post: true})
}

func (s *Service) open(ctx context.Context, o opened) (opened, error) {
	var err error
	switch o.Case.Kind {
	case WholeKind:
		o.whole, err = s.Whole(ctx, o.Case.ID)
	case PartKind, CheckKind:
		o.whole, err = s.wholeOf(ctx, o.Case)
	default:
		return o, web.NotFound("web.door.not-found")
	}
	if err != nil {
		return o, err
	}
	_, o.def, err = s.Cases.Procedure(ctx, o.Case.Procedure)
	return o, err
}

// wholeOf finds the application to which the case of a department belongs.
func (s *Service) wholeOf(ctx context.Context, c *casework.Case) (*Whole, error) {
	if c.Kind == PartKind {
		e, err := s.EntryOf(ctx, c.ID)
		if err != nil {
			return nil, err
		}
		return s.Whole(ctx, e.Whole)
	}
	first, err := s.Cases.Event(ctx, c.ID, 1)
	if err != nil {
		return nil, err
	}
	env, err := first.Envelope()
	if err != nil {
		return nil, err
	}
	number, _ := env.Data["part"].(string)
	e, err := store.One(ctx, s.DB.Read(), s.scanEntry, `SELECT `+partColumns+` FROM joint_part WHERE number = $1 AND number <> ''`, number)
	if err != nil {
		return nil, fmt.Errorf("part of check %s: %w", c.Number, err)
	}
	return s.Whole(ctx, e.Whole)
}

// Number reports whether a number has the form of a joint matter.
func (s *Service) Number(number string) bool {
	const digits = 12 + 8 + 4 // division, day, number of the day
	for _, series := range []string{seriesWhole, seriesPart, seriesCheck} {
		if rest, ok := strings.CutPrefix(number, series); ok && len(rest) == digits && strings.Trim(rest, "0123456789") == "" {
			return true
		}
	}
	return false
}

// Page returns the address of a case of the slice for the holder of its code, or "".
func (s *Service) Page(c *casework.Case, code string) string {
	if c.Kind != WholeKind && c.Kind != PartKind && c.Kind != CheckKind {
		return ""
	}
	return codePath(c.Number, code)
}

// awaits reports whether the procedure, where the case stands, waits for a message.
func (o *opened) awaits(message string) bool {
	hears := func(e *procedure.Element) bool { return e.Trigger == procedure.MessageTrigger && e.Ref == message }
	for _, t := range o.Case.Progress().Tokens {
		if e := o.def.Element(t.Element); e != nil && (hears(e) || slices.ContainsFunc(e.Boundary, hears)) {
			return true
		}
	}
	return false
}

// matterPage is a case of the slice as somebody sees it.
type matterPage struct {
	opened
	chart    chart
	rows     []ui.Row
	clocks   []caseview.Clock
	letters  []ui.Row
	todo     []ui.Link // steps of the applicant
	withdraw bool
	meeting  string // where attendance is entered; empty: not by the reader
	extend   bool   // more time can be asked for
}

func (s *Service) getMatter(open opener) web.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) error {
		o, err := open(r)
		if err != nil {
			return err
		}
		v := web.ViewOf(r)
		web.Private(w)
		p := matterPage{opened: o, clocks: caseview.Clocks(v.L, s.Cases, o.Case, v.Now), rows: s.publicRows(v.L, o.whole)}
		whole := o.Case
		if o.Case.Kind != WholeKind {
			if whole, err = s.Cases.Get(r.Context(), o.whole.Case); err != nil {
				return err
			}
			p.rows = append([]ui.Row{{Key: v.L.T("joint.row.this"), Value: v.L.Text(o.Case.Title) + " " + o.Case.Number}}, p.rows...)
		} else if o.Code != "" {
			p.rows = append(p.rows, ui.Row{Key: v.L.T("joint.row.code"), Value: o.Code})
		}
		p.chart = s.chart(v.L, o.whole, whole, v.Now)
		if p.letters, err = s.letterRows(r.Context(), v.L, &o); err != nil {
			return err
		}
		for _, t := range o.Case.Tasks() {
			if t.Role == "applicant" && !o.post {
				p.todo = append(p.todo, ui.Link{Href: o.base + "/task/" + strconv.Itoa(t.Token), Text: caseview.Step(v.L, o.def, t.Element)})
			}
			if t.Element == stepHold && o.post && s.mayHold(o.Who, o.Case) {
				p.meeting = meetingPath(o.Case.Number)
			}
		}
		p.withdraw = !o.post && o.Case.Kind == WholeKind && o.Case.Open() && o.awaits("withdraw")
		p.extend = o.post && o.Case.Kind == WholeKind && o.Case.Open() && o.awaits("extend") && s.mayHold(o.Who, o.Case)
		return web.Render(w, r, http.StatusOK, matterView(v, p))
	}
}

// mayHold reports whether the reader does the steps of the lead window.
func (s *Service) mayHold(who identity.Principal, c *casework.Case) bool {
	return s.Policies.Allow(who, casework.ActionComplete, identity.Resource{Type: "case", ID: c.Number, Division: c.Division, Body: c.Body, Owner: c.Party, Role: "window", Item: c.Subject}) == nil
}

func letterPath(base string, seq int64, kind string) string {
	return base + "/letters/" + strconv.FormatInt(seq, 10) + "/" + kind
}

// shows reports whether the reader may see a letter: those between offices are not for the applicant.
func (o *opened) shows(kind string) bool { return o.post || !slices.Contains(toDepartments, kind) }

func (s *Service) letterRows(ctx context.Context, l *web.Localizer, o *opened) ([]ui.Row, error) {
	list, err := s.Documents.Of(ctx, o.Case.ID)
	if err != nil {
		return nil, err
	}
	var rows []ui.Row
	for i := range list {
		x := &list[i]
		if !o.shows(x.Kind) {
			continue
		}
		title := caseview.Document(l, x.Kind)
		value := x.Number + l.T("web.form.and") + l.Time(x.At)
		if !x.RevokedAt.IsZero() {
			value += l.T("joint.letter.revoked", web.Args{"Day": l.DateOf(x.RevokedAt)})
		}
		rows = append(rows, ui.Row{Key: title, Value: value, ActionFor: title,
			Action: ui.Link{Href: letterPath(o.base, x.Seq, x.Kind), Text: l.T("joint.letter.open")}})
	}
	return rows, nil
}

// letterPage is an official letter as a page.
type letterPage struct {
	frame web.Letter
	text  *document.Letter
	code  string
	check string
	over  string // why it holds no more; empty: it holds
}

// letterOf finds the letter of the path.
func (s *Service) letterOf(r *http.Request, o *opened) (document.Record, error) {
	seq, err := strconv.ParseInt(r.PathValue("seq"), 10, 64)
	kind := r.PathValue("kind")
	if err != nil || !o.shows(kind) {
		return document.Record{}, web.NotFound("joint.letter.none")
	}
	if o.post && !o.Full {
		return document.Record{}, &identity.Denied{Action: casework.ActionPrivate, Reason: identity.DeniedOther}
	}
	rec, err := s.Documents.Find(r.Context(), o.Case.ID, seq, kind)
	if errors.Is(err, store.ErrNotFound) {
		return rec, web.NotFound("joint.letter.none")
	}
	return rec, err
}

func (s *Service) getLetter(open opener) web.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) error {
		o, err := open(r)
		if err != nil {
			return err
		}
		rec, err := s.letterOf(r, &o)
		if err != nil {
			return err
		}
		v := web.ViewOf(r)
		m, err := s.paper(r.Context(), o.Case, rec.Seq, o.Full)
		if err != nil {
			return err
		}
		f := s.facts(v.L, &m, rec.Kind)
		f["number"] = rec.Number
		p := letterPage{check: s.Documents.VerifyURL(rec.ID), code: s.Documents.Code(rec.ID)}
		if p.text = s.Documents.Templates().Fill(rec.Kind, v.L.Tag(), f); p.text == nil {
			return web.NotFound("joint.letter.none")
		}
		p.frame = web.Letter{Issuer: p.text.Issuer, Title: p.text.Title, Number: p.text.Number, To: f["applicant"], Date: p.text.Date, Back: o.base}
		if !rec.RevokedAt.IsZero() {
			p.over = v.L.T("joint.letter.over", web.Args{"Day": v.L.DateOf(rec.RevokedAt), "Reason": rec.Reason})
		}
		if o.Full {
			p.frame.File = letterPath(o.base, rec.Seq, rec.Kind) + "/pdf"
		}
		return web.Render(w, r, http.StatusOK, letterView(v, p))
	}
}

// getPDF hands out the signed PDF of a letter, which names the applicant.
func (s *Service) getPDF(open opener) web.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) error {
		o, err := open(r)
		if err != nil {
			return err
		}
		if !o.Full {
			return &identity.Denied{Action: casework.ActionPrivate, Reason: identity.DeniedOther}
		}
		rec, err := s.letterOf(r, &o)
		if err == nil {
			rec, err = s.Documents.Ensure(r.Context(), rec)
		}
		if errors.Is(err, document.ErrPending) {
			w.Header().Set("Retry-After", "2")
			return &web.Error{Status: http.StatusServiceUnavailable, Key: "joint.letter.pending"}
		}
		if err != nil {
			return err
		}
		content, err := s.Documents.Open(r.Context(), rec)
		if err != nil {
			return err
		}
		w.Header().Set("Content-Type", document.MediaType)
		w.Header().Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": rec.Number + ".pdf"}))
		_, err = io.Copy(w, content)
		return errors.Join(err, content.Close())
	}
}

// taskPage is a step that is the applicant's.
type taskPage struct {
	opened
	task  casework.Task
	form  *form.Schema
	title string
	ask   string // what the window wrote
	key   string
	page
	materials []ui.Option
}

func (s *Service) taskPage(r *http.Request, open opener) (taskPage, error) {
	o, err := open(r)
	if err != nil {
		return taskPage{}, err
	}
	v := web.ViewOf(r)
	for _, t := range o.Case.Tasks() {
		e := o.def.Element(t.Element)
		if t.Role != "applicant" || strconv.Itoa(t.Token) != r.PathValue("token") || e == nil {
			continue
		}
		p := taskPage{opened: o, task: t, title: caseview.Step(v.L, o.def, t.Element), key: rand.Text(), page: page{typed: form.Of(nil)}}
		raw, ok := s.Cases.Forms.Form(e.Form)
		if !ok {
			return p, fmt.Errorf("joint: there is no form %q", e.Form)
		}
		if p.form, err = form.Compile(raw.Source, s.Pages); err != nil {
			return p, err
		}
		parts, err := s.Cases.Private(r.Context(), o.Case.ID)
		if err != nil {
			return p, err
		}
		for _, x := range parts {
			var text string
			if json.Unmarshal(x.Fields["missing"], &text) == nil && text != "" {
				p.ask = text
			}
		}
		p.materials, err = s.materialOptions(r.Context(), v.L, &o)
		return p, err
	}
	return taskPage{}, web.Conflict("joint.task.gone", nil)
}

// materialOptions are the materials of the matter: what a file that is handed in later can be.
func (s *Service) materialOptions(ctx context.Context, l *web.Localizer, o *opened) ([]ui.Option, error) {
	d, err := s.Cases.Dossier(ctx, o.Case.ID)
	if err != nil {
		return nil, err
	}
	var sent Sent
	if err := json.Unmarshal(d.Form, &sent); err != nil {
		return nil, fmt.Errorf("form of %s: %w", o.Case.Number, err)
	}
	if sent.Parts == nil {
		sent.Parts = []string{}
	}
	plan, err := s.plan(o.whole.Matter, o.whole.Version, o.whole.Division, sent.Parts, s.today())
	if err != nil {
		return nil, err
	}
	var list []ui.Option
	for i := range plan.Materials {
		list = append(list, ui.Option{Value: plan.Materials[i].Key, Text: l.Text(plan.Materials[i].Name)})
	}
	return list, nil
}

func (s *Service) getTask(open opener) web.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) error {
		p, err := s.taskPage(r, open)
		if err != nil {
			return err
		}
		return web.Render(w, r, http.StatusOK, taskView(web.ViewOf(r), p))
	}
}

func (s *Service) postTask(open opener) web.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) error {
		p, err := s.taskPage(r, open)
		if err != nil {
			return err
		}
		f, err := form.Parse(r)
		if err != nil {
			return err
		}
		v := web.ViewOf(r)
		if f.Value("key") != "" {
			p.key = f.Value("key")
		}
		doc := p.form.Decode(f.Values())
		p.typed, p.wrong = f, p.form.Check(v.L, doc)
		var refs []casework.FileRef
		if len(p.wrong) == 0 {
			for _, m := range p.materials {
				more, err := s.uploads(r, v, p.Who.Account, f, fileField(m.Value), m.Value, maxFiles-len(refs))
				if err != nil {
					return err
				}
				refs = append(refs, more...)
			}
		}
		if len(p.wrong) > 0 || !f.Valid() {
			return web.Render(w, r, http.StatusUnprocessableEntity, taskView(v, p))
		}
		data, err := json.Marshal(doc)
		if err != nil {
			return err
		}
		if err := s.command(r.Context(), &p.opened, p.key, casework.Complete{Token: p.task.Token, Data: data, Files: refs}); err != nil {
			return err
		}
		web.SetFlash(w, r, web.Flash{Kind: "success", Key: "joint.task.done"})
		return web.SeeOther(w, r, p.base)
	}
}

// command does something to the case as whoever stands at the door.
func (s *Service) command(ctx context.Context, o *opened, key string, act casework.Act) error {
	_, err := s.Cases.Do(ctx, casework.Command{Key: o.Case.Number + "/" + key, Actor: o.Who, Case: o.Case.ID, Proven: o.Proven, Act: act})
	return err
}

func (s *Service) getWithdraw(open opener) web.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) error {
		o, err := open(r)
		if err != nil {
			return err
		}
		if !o.Case.Open() || !o.awaits("withdraw") {
			return web.Conflict("joint.withdraw.gone", nil)
		}
		return web.Render(w, r, http.StatusOK, withdrawView(web.ViewOf(r), o, rand.Text()))
	}
}

func (s *Service) postWithdraw(open opener) web.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) error {
		o, err := open(r)
		if err != nil {
			return err
		}
		f, err := form.Parse(r)
		if err != nil {
			return err
		}
		if err := s.command(r.Context(), &o, "withdraw/"+f.Value("key"), casework.Send{Message: "withdraw"}); err != nil {
			return err
		}
		web.SetFlash(w, r, web.Flash{Kind: "success", Key: "joint.withdraw.done"})
		return web.SeeOther(w, r, o.base)
	}
}

// postExtend asks the head for more time (行政许可法 42).
func (s *Service) postExtend(w http.ResponseWriter, r *http.Request) error {
	o, err := s.byPost(r)
	if err != nil {
		return err
	}
	f, err := form.Parse(r)
	if err != nil {
		return err
	}
	if err := s.command(r.Context(), &o, "extend/"+f.Value("key"), casework.Send{Message: "extend"}); err != nil {
		return err
	}
	web.SetFlash(w, r, web.Flash{Kind: "success", Key: "joint.extend.done"})
	return web.SeeOther(w, r, o.base)
}

// getMine lists the joint matters of a party.
func (s *Service) getMine(w http.ResponseWriter, r *http.Request) error {
	who, err := s.applicant(r)
	if err != nil {
		return err
	}
	list, err := s.Cases.List(r.Context(), casework.Filter{Kind: WholeKind, Party: who.Party().ID})
	if err != nil {
		return err
	}
	v := web.ViewOf(r)
	rows := make([][]ui.Cell, 0, len(list))
	for _, c := range list {
		rows = append(rows, []ui.Cell{{Text: v.L.Text(c.Title)}, {Text: c.Number, Href: minePath(c.Number)}, {Text: v.L.DateOf(c.CreatedAt)},
			{Content: ui.Tag(caseview.StatusKind(c.Status), caseview.Status(v.L, c.Status))}})
	}
	return web.Render(w, r, http.StatusOK, mineView(v, rows))
}
