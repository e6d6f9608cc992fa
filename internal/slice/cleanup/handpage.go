package cleanup

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/web"
	"openhall.org/openhall/internal/platform/web/form"
	"openhall.org/openhall/internal/platform/web/ui"
)

// lastRemark is the last remark with which something was returned, among the sealed fields of a case.
func lastRemark(private []casework.Private) (remark string) {
	for _, p := range private {
		if raw := p.Fields["remark"]; len(raw) > 0 {
			if err := json.Unmarshal(raw, &remark); err != nil {
				remark = ""
			}
		}
	}
	return remark
}

// handoverPage is a hand-over for those who give and those who receive.
type handoverPage struct {
	Handover
	Line    Line
	Round   Round
	Cases   []*casework.Case // that are open and lie at the former body still
	Step    string           // that this reader may do, or none
	Remark  string
	Key     string
	Values  url.Values
	Errors  map[string]string
	Summary []ui.FieldError
}

// given opens a hand-over for somebody of one of its two bodies.
func (s *Service) given(r *http.Request) (Handover, identity.Principal, error) {
	actor, err := s.People.Principal(r)
	if err != nil {
		return Handover{}, actor, err
	}
	h, err := s.Handover(r.Context(), strings.ToUpper(r.PathValue("number")))
	if isNotFound(err) {
		return h, actor, web.NotFound("")
	}
	if err == nil {
		if err = s.allow(actor, h.Giver); err != nil {
			err = s.allow(actor, h.Receiver)
		}
	}
	return h, actor, err
}

// shownCases bounds the open cases on the page of a hand-over.
const shownCases = 100

func (s *Service) handoverPage(r *http.Request, h Handover, actor identity.Principal) (*handoverPage, error) {
	ctx := r.Context()
	p := &handoverPage{Handover: h, Key: newKey(), Values: url.Values{}, Errors: map[string]string{}}
	line, round, err := s.line(ctx, h.Line)
	if err != nil {
		return nil, err
	}
	p.Line = line
	if p.Round, err = s.byID(ctx, round); err != nil {
		return nil, err
	}
	if here, ok := s.place(line.Item, h.Giver); ok && h.Cases {
		if p.Cases, err = s.cases.OpenOn(ctx, here.Body, here.Subject, 0, shownCases); err != nil {
			return nil, err
		}
	}
	c, err := s.cases.Get(ctx, h.ID)
	if err != nil {
		return nil, fmt.Errorf("case of hand-over %s: %w", h.Number, err)
	}
	for _, t := range c.Tasks() {
		on := identity.Resource{Type: "case", ID: c.Number, Division: c.Division, Body: c.Body, Role: t.Role}
		if s.cases.Policy.Allow(actor, casework.ActionComplete, on) == nil {
			p.Step = t.Element
		}
	}
	if h.State == HandoverOpen {
		private, err := s.cases.Private(ctx, h.ID)
		if err != nil {
			return nil, fmt.Errorf("remarks on hand-over %s: %w", h.Number, err)
		}
		if done := c.Done(); len(done) > 0 && done[len(done)-1].Element == stepTake {
			p.Remark = lastRemark(private)
		}
	}
	return p, nil
}

func (s *Service) getHandover(w http.ResponseWriter, r *http.Request) error {
	h, actor, err := s.given(r)
	if err != nil {
		return err
	}
	p, err := s.handoverPage(r, h, actor)
	if err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, handoverView(web.ViewOf(r), s, p))
}

// points reads which things of the list are ticked.
func points(f *form.Form) (list []int) {
	for _, text := range f.All("points") {
		if n, err := strconv.Atoi(text); err == nil {
			list = append(list, n)
		}
	}
	return list
}

func (s *Service) postHandOver(w http.ResponseWriter, r *http.Request) error {
	return s.give(w, r, func(actor identity.Principal, h Handover, f *form.Form) error {
		_, err := s.HandOver(r.Context(), actor, h.Number, points(f), f.Value("note"), f.Value(fieldKey))
		return err
	})
}

func (s *Service) postTakeOver(w http.ResponseWriter, r *http.Request) error {
	return s.give(w, r, func(actor identity.Principal, h Handover, f *form.Form) error {
		l := web.ViewOf(r).L
		in := Taking{Outcome: f.Value("outcome"), Points: points(f), Remark: f.Value("remark")}
		if text := f.Value("trained"); text != "" {
			n, err := strconv.Atoi(text)
			if err != nil || n < 1 {
				f.Fail("trained", l.T("cleanup.bad-number", web.Args{"Label": l.T("cleanup.take.trained")}))
			}
			in.Trained = n
		}
		for name, into := range map[string]*calendar.Date{"training": &in.Training, "seal": &in.Seal} {
			text := f.Value(name)
			if text == "" {
				continue
			}
			d, err := calendar.Parse(text)
			if err != nil {
				f.Fail(name, l.T("cleanup.bad-date", web.Args{"Label": l.T("cleanup.take." + name)}))
			}
			*into = d
		}
		if !f.Valid() {
			return nil
		}
		_, err := s.TakeOver(r.Context(), actor, h.Number, in, f.Value(fieldKey))
		return err
	})
}

// give does a step of a hand-over. What is wrong is shown with everything typed.
func (s *Service) give(w http.ResponseWriter, r *http.Request, do func(identity.Principal, Handover, *form.Form) error) error {
	h, actor, err := s.given(r)
	if err != nil {
		return err
	}
	f, err := form.Parse(r)
	if err != nil {
		return web.BadRequest("", err)
	}
	err = do(actor, h, f)
	refusal, wrong := isForm(err)
	if err != nil && !wrong {
		return err
	}
	if wrong || !f.Valid() {
		v := web.ViewOf(r)
		p, err := s.handoverPage(r, h, actor)
		if err != nil {
			return err
		}
		p.Values = f.Values()
		if wrong {
			p.Errors, p.Summary = web.FieldTexts(v.L, refusal), web.FieldSummary(v.L, refusal)
		} else {
			p.Summary = f.Summary()
			for _, e := range p.Summary {
				p.Errors[e.Field] = e.Text
			}
		}
		return web.Render(w, r, http.StatusUnprocessableEntity, handoverView(v, s, p))
	}
	web.SetFlash(w, r, web.Flash{Kind: "success", Key: "cleanup.flash.given"})
	return web.SeeOther(w, r, handoverHref(h.Number))
}
