package cleanup

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/core/lang"
	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/web"
	"openhall.org/openhall/internal/platform/web/form"
	"openhall.org/openhall/internal/platform/web/ui"
)

const fieldKey = "key"

// newKey is a key under which a form does what it does once.
func newKey() string { return rand.Text() }

// isForm reports whether an error says what is wrong with a form.
func isForm(err error) (*casework.Refusal, bool) {
	var refusal *casework.Refusal
	return refusal, errors.As(err, &refusal) && refusal.Code == casework.RefusedForm
}

// deskPage is what a body has to do with rounds.
type deskPage struct {
	Office    bool
	Founded   bool
	Rounds    []Round
	Handovers []handoverRow
	Key       string
	Values    url.Values
	Errors    map[string]string
	Summary   []ui.FieldError
}

// handoverRow is a hand-over with the name of its item.
type handoverRow struct {
	Handover
	Name lang.Text
}

func (s *Service) deskPage(ctx context.Context, actor identity.Principal) (*deskPage, error) {
	body := actor.Post.Body
	p := &deskPage{Office: s.Office(body), Founded: s.Founded(), Key: newKey(), Values: url.Values{}, Errors: map[string]string{}}
	var err error
	if p.Office {
		if p.Rounds, err = s.OfOffice(ctx, body); err != nil {
			return nil, err
		}
	}
	list, err := s.Handovers(ctx, body)
	if err != nil {
		return nil, err
	}
	names := map[int64]lang.Text{}
	for _, l := range s.Register().All() {
		names[l.ID] = l.Name
	}
	for _, h := range list {
		p.Handovers = append(p.Handovers, handoverRow{h, names[h.Line]})
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
		return web.BadRequest("", err)
	}
	rec, err := s.Begin(r.Context(), actor, f.Value("title"), f.Value("basis"), f.Value(fieldKey))
	if refusal, is := isForm(err); is {
		v := web.ViewOf(r)
		p, err := s.deskPage(r.Context(), actor)
		if err != nil {
			return err
		}
		p.Values, p.Errors, p.Summary = f.Values(), web.FieldTexts(v.L, refusal), web.FieldSummary(v.L, refusal)
		return web.Render(w, r, http.StatusUnprocessableEntity, deskView(v, s, p))
	}
	if err != nil {
		return err
	}
	return web.SeeOther(w, r, workHref(rec.Number))
}

// workPage is a round for those who prepare it.
type workPage struct {
	Round
	Lines   []Line
	Wrong   map[int64]string // what is wrong with a line as of today
	MayEdit bool
	Step    string // that this reader may do: review, approve, or none
	Remark  string // with which it was last returned
	Key     string
	Values  url.Values
	Errors  map[string]string
	Summary []ui.FieldError
}

func (s *Service) workPage(r *http.Request, round Round, actor identity.Principal) (*workPage, error) {
	v, ctx := web.ViewOf(r), r.Context()
	p := &workPage{Round: round, Wrong: map[int64]string{}, Key: newKey(), Values: url.Values{}, Errors: map[string]string{}, MayEdit: round.State == Drafting}
	var err error
	if p.Lines, err = s.Lines(ctx, round.ID); err != nil {
		return nil, err
	}
	if p.MayEdit && !round.Founding {
		for i := range p.Lines {
			found, err := s.check(ctx, round, &p.Lines[i].Line)
			if err != nil {
				return nil, err
			}
			if len(found) > 0 {
				p.Wrong[p.Lines[i].ID] = web.FieldSummary(v.L, &casework.Refusal{Code: casework.RefusedForm, Fields: found})[0].Text
			}
		}
	}
	c, err := s.cases.Get(ctx, round.ID)
	if err != nil {
		return nil, fmt.Errorf("case of round %s: %w", round.Number, err)
	}
	for _, t := range c.Tasks() {
		on := identity.Resource{Type: "case", ID: c.Number, Division: c.Division, Body: c.Body, Role: t.Role}
		did := slices.ContainsFunc(c.Done(), func(d casework.Done) bool { return d.By == actor.Account && !d.Cut })
		if t.Element != stepDraft && !did && s.cases.Policy.Allow(actor, casework.ActionComplete, on) == nil {
			p.Step = t.Element
		}
	}
	p.Remark, err = s.remark(ctx, round)
	return p, err
}

// remark is with what a round was returned, if it was.
func (s *Service) remark(ctx context.Context, round Round) (string, error) {
	if round.State != Drafting {
		return "", nil
	}
	private, err := s.cases.Private(ctx, round.ID)
	if err != nil {
		return "", fmt.Errorf("remarks on round %s: %w", round.Number, err)
	}
	return lastRemark(private), nil
}

func (s *Service) getWork(w http.ResponseWriter, r *http.Request) error {
	round, actor, err := s.working(r)
	if err != nil {
		return err
	}
	p, err := s.workPage(r, round, actor)
	if err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, workView(web.ViewOf(r), s, p))
}

func (s *Service) postHand(w http.ResponseWriter, r *http.Request) error {
	return s.act(w, r, "cleanup.flash.handed", func(actor identity.Principal, round Round, f *form.Form) error {
		_, err := s.Hand(r.Context(), actor, round.Number, f.Value(fieldKey))
		return err
	})
}

func (s *Service) postDecide(w http.ResponseWriter, r *http.Request) error {
	return s.act(w, r, "cleanup.flash.decided", func(actor identity.Principal, round Round, f *form.Form) error {
		_, err := s.Decide(r.Context(), actor, round.Number, f.Value("outcome"), f.Value("remark"), f.Value(fieldKey))
		return err
	})
}

// act does a step of a round. What is wrong is shown with everything typed.
func (s *Service) act(w http.ResponseWriter, r *http.Request, flash string, do func(identity.Principal, Round, *form.Form) error) error {
	round, actor, err := s.working(r)
	if err != nil {
		return err
	}
	f, err := form.Parse(r)
	if err != nil {
		return web.BadRequest("", err)
	}
	err = do(actor, round, f)
	if refusal, is := isForm(err); is {
		v := web.ViewOf(r)
		p, err := s.workPage(r, round, actor)
		if err != nil {
			return err
		}
		p.Values, p.Errors, p.Summary = f.Values(), web.FieldTexts(v.L, refusal), web.FieldSummary(v.L, refusal)
		return web.Render(w, r, http.StatusUnprocessableEntity, workView(v, s, p))
	}
	if err != nil {
		return err
	}
	web.SetFlash(w, r, web.Flash{Kind: "success", Key: flash})
	return web.SeeOther(w, r, workHref(round.Number))
}

// choosePage is which item a new line is about.
type choosePage struct {
	Round
	Query string
	Rows  []chosen
}

// chosen is an item of a body that a round may decide on.
type chosen struct {
	Item Item
	Body string
}

const maxChosen = 60

func (s *Service) getChoose(w http.ResponseWriter, r *http.Request) error {
	round, _, err := s.working(r)
	if err != nil {
		return err
	}
	p := &choosePage{Round: round, Query: strings.TrimSpace(r.URL.Query().Get("q"))}
	words, reg, today := strings.Fields(lang.Fold(p.Query)), s.Registry.Now(), s.today()
	for _, it := range s.Catalogue.Items() {
		for _, body := range it.Bodies {
			b := reg.Body(body)
			if b == nil || !reg.Contains(round.Division, b.Division) || !s.Register().Kept(it.Key, body, today) || len(p.Rows) == maxChosen {
				continue
			}
			text := lang.Fold(it.Name.Hans + "\n" + it.Name.En + "\n" + b.Name.Hans + "\n" + b.Name.En)
			if !slices.ContainsFunc(words, func(word string) bool { return !strings.Contains(text, word) }) {
				p.Rows = append(p.Rows, chosen{it, body})
			}
		}
	}
	return web.Render(w, r, http.StatusOK, chooseView(web.ViewOf(r), s, p))
}

// dateText is a day as forms write it; "" for none.
func dateText(d calendar.Date) string {
	if d == 0 {
		return ""
	}
	return d.String()
}
