package rating

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"openhall.org/openhall/internal/core/identifier"
	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/web"
	"openhall.org/openhall/internal/platform/web/door"
	"openhall.org/openhall/internal/platform/web/form"
	"openhall.org/openhall/internal/platform/web/ui"
)

// target is what is rated by one page.
type target struct {
	base  string // address of the page
	back  string // where it leads back to; empty: nowhere
	title string
	kind  string // of the case; empty: a visit
	given int    // the grade, when it was rated already
	entry *Entry // its follow-up, when it was rated badly
	give  func(ctx context.Context, g Given, key string) error
}

// targetFunc finds what a request wants to rate.
type targetFunc func(r *http.Request) (target, error)

// ratePage is the form of a rating. Grade is 0 until one was chosen.
type ratePage struct {
	target
	grade   int
	reasons []ui.Option
	typed   *form.Form
	key     string // of the command: kept when the form is shown again
}

func codeBase(d door.Door) string { return "/track/" + d.Case.Number + "/" + d.Code }
func ownBase(d door.Door) string  { return "/me/case/" + d.Case.Number }

// caseTarget rates a case, by one of its doors.
func (s *Service) caseTarget(open func(*door.Keeper, *http.Request) (door.Door, error), base func(door.Door) string) targetFunc {
	return func(r *http.Request) (target, error) {
		d, err := open(s.keeper, r)
		if err != nil {
			return target{}, err
		}
		c := d.Case
		switch {
		case c.Kind == FollowupKind || c.Kind == ComplaintKind:
			return target{}, web.NotFound("rating.rate.no-grievance")
		case d.Who.Kind == identity.Staff:
			return target{}, web.Forbidden("rating.rate.staff")
		case c.Open():
			return target{}, web.Conflict("rating.rate.early", nil)
		}
		t := target{base: base(d) + "/rate", back: base(d), title: web.ViewOf(r).L.Text(c.Title), kind: c.Kind, given: c.Rating}
		if c.Rating != 0 && c.Rating <= Bad {
			if e, ok, err := s.FollowupOf(r.Context(), c.ID); err != nil {
				return t, err
			} else if ok {
				t.entry = &e
			}
		}
		t.give = func(ctx context.Context, g Given, key string) error {
			if err := s.check(c.Kind, g); err != nil {
				return err
			}
			_, err := s.Cases.Do(ctx, casework.Command{Key: c.Number + "/" + key, Actor: d.Who, Case: c.ID, Proven: d.Proven,
				Act: casework.Rate{Grade: g.Grade, Reasons: g.Reasons, Comment: g.Comment, Contact: g.Contact}})
			var refusal *casework.Refusal
			if errors.As(err, &refusal) && refusal.Code == casework.RefusedRated {
				return ErrRated
			}
			return err
		}
		return t, nil
	}
}

// visitTarget rates a visit to a window, by the code on the ticket. Wrong codes are counted.
func (s *Service) visitTarget(r *http.Request) (target, error) {
	if !s.keeper.Lookups.Allow(r) {
		return target{}, door.TooMany()
	}
	who, err := s.People.Principal(r)
	if err != nil {
		return target{}, err
	}
	code := visitCode(r.PathValue("code"))
	v, rated, err := s.Visit(r.Context(), code)
	if errors.Is(err, ErrNoVisit) {
		s.keeper.Lookups.Count(r)
		return target{}, web.NotFound("rating.visit.not-found")
	}
	if err != nil {
		return target{}, err
	}
	if who.Kind == identity.Staff {
		return target{}, web.Forbidden("rating.rate.staff")
	}
	l := web.ViewOf(r).L
	t := target{base: "/rate/" + url.PathEscape(code), title: s.placeWords(l, Place{Body: v.Body, Item: v.Item, Window: v.Window})}
	if rated {
		t.given = -1 // which, stays with whoever gave it: the ticket may lie about
	}
	t.give = func(ctx context.Context, g Given, _ string) error { return s.RateVisit(ctx, who, code, g) }
	return t, nil
}

// placeWords names a place in a line: window, item, body.
func (s *Service) placeWords(l *web.Localizer, p Place) string {
	var words []string
	places := s.Registry.Now()
	if w := places.Window(p.Window); w != nil {
		words = append(words, strings.TrimSpace(w.Number+" "+l.Text(w.Name)))
	}
	if t := s.Items.Title(p.Item); p.Item != "" && !t.IsZero() {
		words = append(words, l.Text(t))
	}
	if b := places.Body(p.Body); b != nil && len(words) < 2 {
		words = append(words, l.Text(b.Name))
	}
	return strings.Join(words, " · ")
}

func (s *Service) gradeWord(l *web.Localizer, grade int) string {
	for _, e := range s.entries("rating.grades") {
		if e.Code == strconv.Itoa(grade) {
			return l.Text(e.Title)
		}
	}
	return strconv.Itoa(grade)
}

// grades are the five grades, the best first.
func (s *Service) grades(l *web.Localizer) []ui.Option {
	var options []ui.Option
	for _, e := range s.entries("rating.grades") {
		options = append(options, ui.Option{Value: e.Code, Text: l.Text(e.Title)})
	}
	return options
}

func (s *Service) ratePage(l *web.Localizer, t target, f *form.Form) ratePage {
	p := ratePage{target: t, typed: f, key: f.Value("key")}
	if p.key == "" {
		p.key = rand.Text()
	}
	if n, err := strconv.Atoi(f.Value("grade")); err == nil && n >= Worst && n <= Best {
		p.grade = n
	}
	for _, e := range s.Reasons(t.kind, p.grade) {
		p.reasons = append(p.reasons, ui.Option{Value: e.Code, Text: l.Text(e.Title)})
	}
	return p
}

func (s *Service) getRate(find targetFunc) web.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) error {
		t, err := find(r)
		if err != nil {
			return err
		}
		v := web.ViewOf(r)
		if t.given != 0 {
			return web.Render(w, r, http.StatusOK, ratedView(v, s, t))
		}
		q := r.URL.Query()
		p := s.ratePage(v.L, t, form.Of(url.Values{"grade": {q.Get("grade")}}))
		status := http.StatusOK
		if p.grade == 0 && (q.Has("grade") || q.Has("next")) {
			p.typed.Fail("grade", v.L.T("web.form.choose", web.Args{"Label": v.L.T("rating.rate.question")}))
			status = http.StatusUnprocessableEntity
		}
		return web.Render(w, r, status, rateView(v, s, p))
	}
}

func (s *Service) postRate(find targetFunc) web.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) error {
		t, err := find(r)
		if err != nil {
			return err
		}
		f, err := form.Parse(r)
		if err != nil {
			return err
		}
		v := web.ViewOf(r)
		if t.given != 0 {
			return web.Conflict("rating.rate.again", nil)
		}
		p := s.ratePage(v.L, t, f)
		if p.grade == 0 {
			f.Fail("grade", v.L.T("web.form.choose", web.Args{"Label": v.L.T("rating.rate.question")}))
		}
		g := Given{Grade: p.grade, Comment: f.Value("comment"), Contact: strings.ReplaceAll(f.Value("contact"), " ", "")}
		for _, o := range p.reasons {
			if slices.Contains(f.All("reasons"), o.Value) {
				g.Reasons = append(g.Reasons, o.Value)
			}
		}
		if n := utf8.RuneCountInString(g.Comment); n > maxComment {
			f.Fail("comment", v.L.T("web.form.max-length", web.Args{"Label": v.L.T("rating.rate.comment"), "Max": maxComment, "Got": n}))
		}
		if g.Contact != "" {
			if _, err := identifier.Check(identifier.KindPhone, g.Contact, s.Now()); err != nil {
				f.Fail("contact", v.L.T("web.form.format", web.Args{"Label": v.L.T("rating.rate.contact"), "Text": v.L.Text(messageOf(err))}))
			}
		}
		if !f.Valid() {
			return web.Render(w, r, http.StatusUnprocessableEntity, rateView(v, s, p))
		}
		switch err := t.give(r.Context(), g, p.key); {
		case errors.Is(err, ErrRated):
			return web.Conflict("rating.rate.again", nil)
		case errors.Is(err, ErrStaff):
			return web.Forbidden("rating.rate.staff")
		case err != nil:
			return fmt.Errorf("rate: %w", err)
		}
		notice := "rating.rate.done"
		if g.Grade <= Bad {
			notice = "rating.rate.done-bad"
		}
		web.SetFlash(w, r, web.Flash{Kind: "success", Key: notice})
		return web.SeeOther(w, r, t.base)
	}
}

func (s *Service) getEnter(w http.ResponseWriter, r *http.Request) error {
	return web.Render(w, r, http.StatusOK, enterView(web.ViewOf(r), form.Of(nil)))
}

// postEnter leads to the rating of the visit whose code was typed.
func (s *Service) postEnter(w http.ResponseWriter, r *http.Request) error {
	f, err := form.Parse(r)
	if err != nil {
		return err
	}
	v := web.ViewOf(r)
	code := visitCode(f.Required(v.L, "code", v.L.T("rating.visit.code")))
	if f.Valid() {
		if !s.keeper.Lookups.Allow(r) {
			return door.TooMany()
		}
		_, _, err := s.Visit(r.Context(), code)
		if err == nil {
			return web.SeeOther(w, r, "/rate/"+url.PathEscape(code))
		}
		if !errors.Is(err, ErrNoVisit) {
			return err
		}
		s.keeper.Lookups.Count(r)
		f.Fail("code", v.L.T("rating.visit.not-found"))
	}
	return web.Render(w, r, http.StatusUnprocessableEntity, enterView(v, f))
}
