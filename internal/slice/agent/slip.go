package agent

import (
	"context"
	"fmt"
	"net/http"
	"strconv"

	"openhall.org/openhall/internal/core/identifier"
	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/document"
	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/store"
	"openhall.org/openhall/internal/platform/web"
	"openhall.org/openhall/internal/platform/web/ui"
)

// slipPage is what an agent hands the villager after applying for them.
type slipPage struct {
	Handed
	Case    *casework.Case
	Code    string
	Track   string // address behind the QR code
	Given   Consent
	Missing bool // the consent was erased
}

func (s *Service) slip(r *http.Request) (identity.Principal, *slipPage, error) {
	who, h, c, err := s.handedByNumber(r)
	if err != nil {
		return who, nil, err
	}
	p := &slipPage{Handed: h, Case: c, Code: s.cases.Code(c)}
	p.Track = s.BaseURL + "/track/" + c.Number + "/" + p.Code
	p.Given, err = s.standing(r.Context(), who, &h)
	if isNotFound(err) {
		p.Missing, err = true, nil
	}
	if err != nil {
		return who, p, err
	}
	// The paper opens the case to whoever holds it: an agent whose consent is over has no more use for it.
	if err := s.mayAct(r.Context(), who, &p.Given); err != nil {
		return who, p, err
	}
	return who, p, nil
}

func (s *Service) getSlip(w http.ResponseWriter, r *http.Request) error {
	_, p, err := s.slip(r)
	if err != nil {
		return explained(err)
	}
	return web.Render(w, r, http.StatusOK, slipView(large(r), s, p))
}

// explained shows a refusal as a page of its own.
func explained(err error) error {
	if _, ok := isForm(err); ok {
		return web.ExplainRefusal(err)
	}
	return err
}

// paperType is the type of papers for villagers, in points: they are read by people who see badly.
const paperType = 18

func large18(text string) document.Block { return document.Block{Text: text, Size: paperType} }

func (s *Service) getSlipPDF(w http.ResponseWriter, r *http.Request) error {
	who, p, err := s.slip(r)
	if err != nil {
		return explained(err)
	}
	l := web.ViewOf(r).L
	paper := &document.Paper{Title: l.T("agent.slip.title"), Subtitle: l.Text(p.Case.Title), Foot: l.T("agent.slip.foot"), Blocks: []document.Block{
		large18(l.T("agent.slip.for", web.Args{"Name": p.Given.Agreed.Name, "ID": identifier.MaskID(p.Given.Agreed.IDNumber)})),
		large18(l.T("agent.slip.number", web.Args{"Number": p.Number})), large18(l.T("agent.slip.code", web.Args{"Code": p.Code})),
		large18(l.T("agent.slip.at", web.Args{"Time": l.Time(p.OpenedAt), "Body": l.Text(s.Names.Body(p.Case.Body))})),
		large18(l.T("agent.slip.by", web.Args{"Agent": who.Name, "Village": l.Text(s.Names.Division(p.Village))})),
		large18(l.T("agent.slip.how")), {QR: p.Track}, large18(l.T("agent.slip.free")),
	}}
	return s.print(w, r, who, paper, "slip-"+p.Number, Deed{Consent: p.Consent, Case: p.ID})
}

// print sends a paper, and takes down that it was printed.
func (s *Service) print(w http.ResponseWriter, r *http.Request, who identity.Principal, paper *document.Paper, name string, d Deed) error {
	pdf, err := s.Printer.Paper(paper)
	if err != nil {
		return fmt.Errorf("print %s: %w", name, err)
	}
	d.Agent, d.Post, d.Kind, d.At = who.Account, who.Post.ID, DeedPrinted, s.Now()
	err = s.DB.Write(r.Context(), func(ctx context.Context, tx *store.Tx) error {
		s.did(tx, &d)
		return s.note(ctx, tx, who, "agent.printed", max(d.Case, d.Consent), nil)
	})
	if err != nil {
		return err
	}
	h := w.Header()
	h.Set("Content-Type", document.MediaType)
	h.Set("Content-Disposition", `inline; filename="`+name+`.pdf"`)
	h.Set("Content-Length", strconv.Itoa(len(pdf)))
	if _, err := w.Write(pdf); err != nil {
		return fmt.Errorf("send %s: %w", name, err)
	}
	return nil
}

func (s *Service) getConsentPaper(w http.ResponseWriter, r *http.Request) error {
	who, c, err := s.consent(r)
	if err != nil {
		return err
	}
	if err := s.mayAct(r.Context(), who, &c); err != nil {
		return explained(err)
	}
	kept, err := s.cases.Get(r.Context(), c.ID)
	if err != nil {
		return fmt.Errorf("consent %s: %w", c.Number, err)
	}
	l := web.ViewOf(r).L
	code := s.cases.Code(kept)
	blocks := []document.Block{
		large18(l.T("agent.slip.for", web.Args{"Name": c.Agreed.Name, "ID": identifier.MaskID(c.Agreed.IDNumber)})),
		large18(l.Text(c.Agreed.Text)),
		large18(l.T("agent.paper.fields", web.Args{"Fields": s.fieldWords(l, &c)})),
		large18(l.T("agent.paper.how", web.Args{"How": l.T("agent.how." + string(c.Agreed.How)), "Time": l.Time(c.From), "Until": l.Date(c.Until)})),
		large18(l.T("agent.slip.by", web.Args{"Agent": who.Name, "Village": l.Text(s.Names.Division(c.Village))})),
		large18(l.T("agent.slip.number", web.Args{"Number": c.Number})), large18(l.T("agent.slip.code", web.Args{"Code": code})),
		large18(l.T("agent.paper.end")), {QR: s.BaseURL + consentHref(c.Number, code)},
	}
	if c.Agreed.How != Spoken {
		blocks = append(blocks, large18(l.T("agent.paper.sign."+string(c.Agreed.How))))
	}
	paper := &document.Paper{Title: l.T("agent.paper.title"), Blocks: blocks, Foot: l.T("agent.slip.foot")}
	return s.print(w, r, who, paper, "consent-"+c.Number, Deed{Consent: c.ID})
}

// Acts implements approval.Assistance.
func (s *Service) Acts(ctx context.Context, l *web.Localizer, c *casework.Case) ([]ui.Step, error) {
	var steps []ui.Step
	if c.Channel == casework.Agent {
		deeds, err := s.deeds(ctx, byCase, c.ID)
		if err != nil {
			return nil, err
		}
		steps = s.steps(ctx, l, deeds)
	}
	if home, _ := c.Variables()["home"].(string); home != "" {
		t, ok, err := s.transfer(ctx, c.ID)
		if err != nil {
			return nil, err
		}
		if ok {
			steps = append(steps, s.transferSteps(l, &t)...)
		}
	}
	return steps, nil
}

// steps tells deeds as a course.
func (s *Service) steps(ctx context.Context, l *web.Localizer, deeds []Deed) []ui.Step {
	steps := make([]ui.Step, 0, len(deeds))
	for _, d := range deeds {
		step := ui.Step{State: ui.StepDone, Title: l.T("agent.deed." + d.Kind), Time: l.Time(d.At), Machine: machine(d.At), By: l.T("agent.you")}
		if d.Agent != 0 {
			step.By = l.T("agent.by", web.Args{"Name": s.People.NameOf(ctx, d.Agent), "Post": l.Text(s.Names.Post(d.Post))})
		}
		if d.How != "" {
			step.Text = l.T("agent.deed.how", web.Args{"How": l.T("agent.how." + string(d.How))})
		}
		steps = append(steps, step)
	}
	return steps
}

// transferSteps tells where a case is on its way up and back.
func (s *Service) transferSteps(l *web.Localizer, t *Transfer) []ui.Step {
	up := ui.Step{State: ui.StepDone, Title: l.T("agent.transfer.sent", web.Args{"Body": l.Text(s.Names.Body(t.Receiver))}), Time: l.Time(t.SentAt),
		Machine: machine(t.SentAt), By: l.Text(s.Names.Body(t.Sender))}
	if !t.BackAt.IsZero() {
		return []ui.Step{up, {State: ui.StepDone, Title: l.T("agent.transfer.back"), Time: l.Time(t.BackAt), Machine: machine(t.BackAt), By: l.Text(s.Names.Body(t.Receiver))}}
	}
	if !t.EndedAt.IsZero() {
		return []ui.Step{up}
	}
	wait := ui.Step{State: ui.StepActive, Title: l.T("agent.transfer.waiting"), By: l.Text(s.Names.Body(t.Receiver))}
	if !t.DueAt.IsZero() {
		wait.Text = l.T("agent.transfer.due", web.Args{"Time": l.Time(t.DueAt)})
		if t.Late(s.Now()) {
			wait.StateText = l.T("agent.late")
		}
	}
	return []ui.Step{up, wait}
}
