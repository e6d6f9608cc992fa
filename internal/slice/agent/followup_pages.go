package agent

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"time"

	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/web"
	"openhall.org/openhall/internal/platform/web/form"
	"openhall.org/openhall/internal/platform/web/ui"
)

func caseHref(number string) string { return "/agent/cases/" + number }

func supplyHref(number string, token int) string {
	return caseHref(number) + "/supply/" + strconv.Itoa(token)
}

func recallHref(number string) string { return caseHref(number) + "/withdraw" }

// casePage is an application as the agent follows it.
type casePage struct {
	caseRow
	Steps  []ui.Step
	Asked  []Asked
	Recall bool   // the villager can still withdraw it
	Stop   string // why nothing can be done for them; empty: something can
}

// getCase shows an agent how an application stands, and what the authority asks of the villager.
func (s *Service) getCase(w http.ResponseWriter, r *http.Request) error {
	who, h, c, err := s.handedByNumber(r)
	if err != nil {
		return err
	}
	v := large(r)
	rows, err := s.caseRows(r.Context(), []Handed{h})
	if err != nil {
		return err
	}
	if len(rows) == 0 {
		return web.NotFound("agent.no-case")
	}
	p := &casePage{caseRow: rows[0]}
	if p.Steps, err = s.Acts(r.Context(), v.L, c); err != nil {
		return err
	}
	if p.Asked, p.Recall, err = s.Items.Asked(r.Context(), c); err != nil {
		return fmt.Errorf("what is asked in %s: %w", c.Number, err)
	}
	err = s.mayFollow(r.Context(), who, &h)
	if refusal, ok := isForm(err); ok {
		p.Stop = web.RefusalText(v.L, refusal)
	} else if err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, caseView(v, s, p))
}

// followPage is a form by which an agent does something for a villager after they had applied.
type followPage struct {
	typed
	Number string
	Title  string
	Name   string // of the villager
	Item   string
	Asked  *Asked // of a correction
	Kept   []casework.FileRef
}

// following opens such a form; what keeps the agent from it is shown as a page of its own.
func (s *Service) following(r *http.Request) (identity.Principal, *followPage, Handed, *casework.Case, error) {
	who, h, c, err := s.handedByNumber(r)
	if err != nil {
		return who, nil, h, c, err
	}
	if err := s.mayFollow(r.Context(), who, &h); err != nil {
		return who, nil, h, c, explained(err)
	}
	given, err := s.Consent(r.Context(), h.Consent)
	if err != nil {
		return who, nil, h, c, err
	}
	return who, &followPage{typed: blank(), Number: c.Number, Name: given.Agreed.Name, Item: web.ViewOf(r).L.Text(c.Title)}, h, c, nil
}

// supplying opens the form of a correction. done reports that this agent has sent it already.
func (s *Service) supplying(r *http.Request) (who identity.Principal, p *followPage, h Handed, done bool, err error) {
	who, p, h, c, err := s.following(r)
	if err != nil {
		return who, p, h, false, err
	}
	token, err := strconv.Atoi(r.PathValue("token"))
	if err != nil {
		return who, p, h, false, web.NotFound("agent.no-case")
	}
	asked, _, err := s.Items.Asked(r.Context(), c)
	if err != nil {
		return who, p, h, false, fmt.Errorf("what is asked in %s: %w", c.Number, err)
	}
	i := slices.IndexFunc(asked, func(a Asked) bool { return a.Token == token })
	if i < 0 {
		if didStep(c, token, who.Account) {
			return who, p, h, true, nil
		}
		return who, p, h, false, web.Conflict("agent.supply.gone", nil)
	}
	p.Asked, p.Title = &asked[i], web.ViewOf(r).L.Text(asked[i].Title)
	return who, p, h, false, nil
}

func (s *Service) getSupply(w http.ResponseWriter, r *http.Request) error {
	_, p, h, done, err := s.supplying(r)
	if err != nil {
		return err
	}
	if done {
		return web.SeeOther(w, r, caseHref(h.Number))
	}
	return web.Render(w, r, http.StatusOK, supplyView(large(r), p))
}

func (s *Service) postSupply(w http.ResponseWriter, r *http.Request) error {
	f, err := form.Parse(r)
	if err != nil {
		return err
	}
	who, p, h, done, err := s.supplying(r)
	if err != nil {
		return err
	}
	if done {
		web.SetFlash(w, r, web.Flash{Kind: "success", Key: "agent.flash.supplied"})
		return web.SeeOther(w, r, caseHref(h.Number))
	}
	v := large(r)
	p.Key, p.Values = f.Value(fieldKey), f.Values()
	if p.Kept, err = s.taking(r, who, v, f, supplied); err != nil {
		return err
	}
	doc := map[string]any{}
	if p.Asked.Form != nil {
		doc = p.Asked.Form.Decode(f.Values())
		found := p.Asked.Form.Check(v.L, doc)
		for name, text := range found {
			p.Errors[name] = text
		}
		p.Summary = append(p.Summary, p.Asked.Form.Summary(found)...)
	}
	data, err := json.Marshal(doc)
	if err != nil {
		return fmt.Errorf("form of a correction: %w", err)
	}
	return s.followed(w, r, v, p, f, "agent.flash.supplied", supplyView, func(wish Wish) error {
		return s.Supply(r.Context(), who, &h, p.Asked.Token, wish, data, p.Kept, p.Key)
	})
}

func (s *Service) getRecall(w http.ResponseWriter, r *http.Request) error {
	_, p, _, c, err := s.following(r)
	if err == nil {
		err = s.recallable(r, c)
	}
	if err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, recallView(large(r), p))
}

// recallable refuses to withdraw what can't be withdrawn any more.
func (s *Service) recallable(r *http.Request, c *casework.Case) error {
	_, may, err := s.Items.Asked(r.Context(), c)
	if err == nil && !may {
		return web.Conflict("agent.recall.late", nil)
	}
	return err
}

func (s *Service) postRecall(w http.ResponseWriter, r *http.Request) error {
	f, err := form.Parse(r)
	if err != nil {
		return err
	}
	who, p, h, c, err := s.following(r)
	if err != nil {
		return err
	}
	if !c.Open() && c.Status == "withdrawn" { // sent twice, or meanwhile by the villager
		return web.SeeOther(w, r, caseHref(h.Number))
	}
	if err := s.recallable(r, c); err != nil {
		return err
	}
	p.Key, p.Values = f.Value(fieldKey), f.Values()
	return s.followed(w, r, large(r), p, f, "agent.flash.recalled", recallView, func(wish Wish) error {
		return s.Recall(r.Context(), who, &h, wish, f.Value("reason"), p.Key)
	})
}

// followed does what the form asks, and shows it again with everything that is wrong.
func (s *Service) followed(w http.ResponseWriter, r *http.Request, v *web.View, p *followPage, f *form.Form, flash string, view followView, do func(Wish) error) error {
	if f.Value("agreed") != "true" {
		f.Fail("agreed", v.L.T("agent.follow.agreed-missing"))
	}
	p.failed(f)
	wish := Wish{How: How(f.Value("how")), Witness: f.Value("witness")}
	if len(p.Summary) > 0 {
		if found := wish.check(); len(found) > 0 {
			p.wrong(v.L, &casework.Refusal{Code: casework.RefusedForm, Fields: found})
		}
		return web.Render(w, r, http.StatusUnprocessableEntity, view(v, p))
	}
	err := do(wish)
	if refusal, ok := isForm(err); ok {
		p.wrong(v.L, refusal)
		return web.Render(w, r, http.StatusUnprocessableEntity, view(v, p))
	}
	if err != nil {
		return err
	}
	web.SetFlash(w, r, web.Flash{Kind: "success", Key: flash})
	return web.SeeOther(w, r, caseHref(p.Number))
}

// dueWords is until when something is owed; empty: without a term.
func dueWords(v *web.View, due time.Time) string {
	if due.IsZero() {
		return ""
	}
	if last := due.Add(-time.Microsecond); calendar.Of(last) != calendar.Of(due) {
		return v.L.DateOf(last) // the end of a day is told as that day
	}
	return v.L.Time(due)
}
