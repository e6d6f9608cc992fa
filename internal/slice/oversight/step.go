package oversight

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/a-h/templ"

	"openhall.org/openhall/internal/core/procedure"
	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/web"
	"openhall.org/openhall/internal/platform/web/caseview"
	"openhall.org/openhall/internal/platform/web/due"
	"openhall.org/openhall/internal/platform/web/form"
	"openhall.org/openhall/internal/platform/web/ui"
)

// matter is the case of a card or an order as a page shows it: how far it has come, what was said, and the step that is to be done.
type matter struct {
	Case       *casework.Case
	Status     string
	StatusKind ui.TagKind
	History    []ui.Step
	Waiting    string // who has the open step, and until when
	Due        *ui.DueProps
	Line       *ui.ExplainProps
	Act        *act // the step that the reader may do now; nil: none
}

// act is a step to be done, with what was typed when the form comes back.
type act struct {
	Href    string
	Title   string
	Token   int
	Seq     int64
	Key     string
	Form    *form.Schema
	Typed   url.Values
	Errors  form.Errors
	Summary []ui.FieldError
}

// Names of the hidden fields of a step.
const (
	fieldKey  = "act-key"
	fieldTask = "act-task"
	fieldSeq  = "act-seq"
)

// matter reads a case for a page at an address. What is sealed is shown to those whom the policy lets.
func (s *Service) matter(ctx context.Context, v *web.View, actor identity.Principal, c *casework.Case, address string) (*matter, error) {
	m := &matter{Case: c, Status: caseview.Status(v.L, c.Status), StatusKind: caseview.StatusKind(c.Status)}
	_, def, err := s.cases.Procedure(ctx, c.Procedure)
	if err != nil {
		return nil, fmt.Errorf("procedure of %s: %w", c.Number, err)
	}
	if m.History, err = s.history(ctx, v, actor, c, def); err != nil {
		return nil, err
	}
	tasks := c.Tasks()
	for i := range tasks {
		t := &tasks[i]
		m.Waiting = v.L.T("oversight.waiting", web.Args{"Step": caseview.Step(v.L, def, t.Element), "Role": caseview.Role(v.L, t.Role)})
		if t.Term != nil {
			badge, line := due.Badge(*t.Term, s.cases.Calendar(), v.Now), due.Statute(v.L, *t.Term, s.cases.Calendar(), v.Now)
			m.Due, m.Line = &badge, &line
		}
		may, err := s.mayDo(ctx, actor, c, t)
		if err != nil {
			return nil, err
		}
		if !may {
			continue
		}
		m.Act = &act{Href: address, Title: caseview.Step(v.L, def, t.Element), Token: t.Token, Seq: c.Seq, Key: newKey(), Typed: url.Values{}}
		if m.Act.Form, err = s.stepForm(def.Element(t.Element).Form); err != nil {
			return nil, err
		}
		break
	}
	return m, nil
}

// history tells what has happened in the case, the oldest first.
func (s *Service) history(ctx context.Context, v *web.View, actor identity.Principal, c *casework.Case, def *procedure.Definition) ([]ui.Step, error) {
	events, err := s.cases.Events(ctx, c.ID, 0, 200)
	if err != nil {
		return nil, fmt.Errorf("events of %s: %w", c.Number, err)
	}
	var sealed []casework.Private
	if s.mayReadSealed(actor, c) {
		if sealed, err = s.cases.Private(ctx, c.ID); err != nil {
			return nil, fmt.Errorf("private part of %s: %w", c.Number, err)
		}
	}
	steps := make([]ui.Step, 0, len(events))
	for i := range events {
		e := &events[i]
		env, err := e.Envelope()
		if err != nil {
			return nil, err
		}
		task, _ := env.Data["task"].(string)
		step := ui.Step{State: ui.StepDone, Time: v.L.Time(e.At), Machine: e.At.UTC().Format(time.RFC3339), By: s.who(v, &env.Actor)}
		switch e.Kind {
		case casework.Completed:
			step.Title = caseview.Step(v.L, def, task)
			if step.Content, err = s.said(v, def, task, env.Data, sealed, e.Seq); err != nil {
				return nil, err
			}
		case casework.StepOvertime:
			step.Title = v.L.T("oversight.event.step-overtime", web.Args{"Step": caseview.Step(v.L, def, task)})
		default:
			step.Title = v.L.T("oversight.event." + strings.ReplaceAll(e.Kind, ".", "-"))
		}
		steps = append(steps, step)
	}
	return steps, nil
}

// said shows what was entered in a step: the public part, and the sealed one to those who may read it.
func (s *Service) said(v *web.View, def *procedure.Definition, task string, public map[string]any, sealed []casework.Private, seq int64) (templ.Component, error) {
	el := def.Element(task)
	if el == nil || el.Form == "" {
		return nil, nil
	}
	asked, err := s.stepForm(el.Form)
	if err != nil {
		return nil, err
	}
	doc := maps.Clone(public)
	if i := slices.IndexFunc(sealed, func(p casework.Private) bool { return p.Seq == seq }); i >= 0 {
		for name, raw := range sealed[i].Fields {
			var value any
			if json.Unmarshal(raw, &value) == nil {
				doc[name] = value
			}
		}
	}
	rows := slices.DeleteFunc(asked.Rows(v.L, doc, nil), func(r ui.Row) bool { return r.Value == "" && r.Content == nil })
	if len(rows) == 0 {
		return nil, nil
	}
	return ui.SummaryList(rows), nil
}

// who names whoever acted.
func (s *Service) who(v *web.View, a *casework.Actor) string {
	if a.Post == "" {
		return v.L.T("oversight.platform")
	}
	return v.L.T("oversight.actor", web.Args{"Body": s.Names.Body(a.Body), "Post": s.Names.Post(a.Post)})
}

// post does the step that a form was sent for. It returns the form again when the reader can mend what is wrong with it; retry tells
// with which status. When both are empty the step is done.
func (s *Service) post(r *http.Request, actor identity.Principal, m *matter) (retry int, err error) {
	f, err := form.Parse(r)
	if err != nil {
		return 0, err
	}
	token, _ := strconv.Atoi(f.Value(fieldTask)) // 0 is no task: the step is not open
	if m.Act == nil || m.Act.Token != token {
		return 0, s.notOpen(actor, m.Case, token)
	}
	v := web.ViewOf(r)
	a := m.Act
	if key := f.Value(fieldKey); key != "" {
		a.Key = key
	}
	a.Typed = f.Values()
	doc := a.Form.Decode(f.Values())
	a.Errors = a.Form.Check(v.L, doc)
	if a.Summary = a.Form.Summary(a.Errors); len(a.Summary) > 0 {
		return http.StatusUnprocessableEntity, nil
	}
	data, err := json.Marshal(doc)
	if err != nil {
		return 0, fmt.Errorf("data of a step: %w", err)
	}
	seq, _ := strconv.ParseInt(f.Value(fieldSeq), 10, 64) // 0 asks for no comparison
	err = s.Complete(r.Context(), actor, m.Case, seq, a.Key, casework.Complete{Token: token, Data: data})
	var refusal *casework.Refusal
	if !errors.As(err, &refusal) {
		return 0, err
	}
	switch refusal.Code {
	case casework.RefusedForm, casework.RefusedFlow, casework.RefusedInvolved, casework.RefusedSamePerson:
		a.Errors, a.Summary = web.FieldTexts(v.L, refusal), web.FieldSummary(v.L, refusal)
		return http.StatusUnprocessableEntity, nil
	case casework.RefusedStale:
		a.Summary, a.Seq = web.FieldSummary(v.L, refusal), m.Case.Seq
		return http.StatusConflict, nil
	default:
		return 0, err
	}
}

// notOpen says why a step that was sent in cannot be done: it was done already, or is not the sender's.
func (s *Service) notOpen(actor identity.Principal, c *casework.Case, token int) error {
	for _, t := range c.Tasks() {
		if t.Token != token {
			continue
		}
		if err := s.may(c, t, actor); err != nil {
			return err
		}
		on := identity.Resource{Type: "case", ID: c.Number, Division: c.Division, Body: c.Body, Role: t.Role}
		if err := s.cases.Policy.Allow(actor, casework.ActionComplete, on); err != nil {
			return err
		}
		return &casework.Refusal{Code: casework.RefusedSamePerson}
	}
	return web.Conflict("web.refusal.stale", nil)
}
