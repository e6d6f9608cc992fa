package main

import (
	"context"
	"errors"
	"strconv"

	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/core/lang"
	"openhall.org/openhall/internal/core/statute"
	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/store"
	"openhall.org/openhall/internal/platform/web"
	"openhall.org/openhall/internal/platform/web/ui"
	"openhall.org/openhall/internal/slice/agent"
	"openhall.org/openhall/internal/slice/approval"
	"openhall.org/openhall/internal/slice/power"
)

func newAgent(w *wiring) (*agent.Service, error) {
	b := w.base
	return agent.New(agent.Deps{
		DB: b.DB, Keys: b.Keys, IDs: b.IDs, Files: b.Files, Registry: b.Registry, Rules: b.Rules, Journal: b.Journal, People: holders{people{b}},
		Names: names{b.Registry}, Items: agentItems{w}, Printer: b.Letters, Now: b.Now, Log: b.Log, Applicant: approval.CheckApplicant, BaseURL: b.Config.BaseURL,
	})
}

// IDNumber implements agent.People.
func (h holders) IDNumber(ctx context.Context, party store.ID) (string, error) {
	p, err := h.people.Profile(ctx, party)
	return p.IDNumber, err
}

// ByNumber implements agent.People.
func (h holders) ByNumber(ctx context.Context, number string) (store.ID, error) {
	a, err := h.people.base.Identity.AccountByNumber(ctx, number)
	var none *identity.Refusal
	if errors.Is(err, store.ErrNotFound) || errors.As(err, &none) && none.Code == identity.RefusedNoAccount {
		return 0, nil
	}
	return a.ID, err
}

// agentItems shows the room of agents the catalogue of items, and takes what they hand in.
type agentItems struct{ w *wiring }

// Item implements agent.Items.
func (c agentItems) Item(code string) (*agent.Item, error) {
	it, err := c.w.approval.Start(code)
	if err != nil {
		return nil, err
	}
	form, err := c.w.approval.Form(it)
	if err != nil {
		return nil, err
	}
	out := &agent.Item{
		Code: it.Code, Key: it.Key, Version: it.Version, Name: it.Title, Summary: it.Summary, Body: it.Body, ByAgent: it.ByAgent, Raw: it.Form, Form: form,
	}
	n := it.Statutory
	if it.Promised.N > 0 {
		n = it.Promised
	}
	out.Term = lengthWords(n.N, n.Unit)
	for _, m := range it.Materials {
		note := m.When
		if note.IsZero() {
			note = m.Accept
		}
		out.Materials = append(out.Materials, agent.Material{Key: m.Key, Name: m.Name, Note: note, Necessary: m.Need == approval.Necessary, ByForm: m.ByForm})
	}
	return out, nil
}

// lengthWords says how long something takes.
func lengthWords(n int, unit statute.Unit) lang.Text {
	number := strconv.Itoa(n)
	switch unit {
	case statute.WorkingDay:
		return lang.Text{Hans: number + " 个工作日", Hant: number + " 個工作日", En: number + " working days"}
	case statute.CalendarDay:
		return lang.Text{Hans: number + " 日", Hant: number + " 日", En: number + " days"}
	default:
		return lang.Text{}
	}
}

// Code implements agent.Items.
func (c agentItems) Code(key, body string) (string, bool) {
	today := calendar.Of(c.w.base.Now())
	for _, im := range c.w.power.Implementations(key) {
		if im.Body == body && im.ActiveOn(today) {
			return im.Code, true
		}
	}
	return "", false
}

// Submit implements agent.Items.
func (c agentItems) Submit(ctx context.Context, actor identity.Principal, a agent.Application, key string) (casework.Receipt, error) {
	return c.w.approval.Submit(ctx, actor, approval.Application{Code: a.Code, Channel: casework.Agent, Applicant: a.Applicant, Form: a.Form, Files: a.Files}, key)
}

// Asked implements agent.Items.
func (c agentItems) Asked(ctx context.Context, of *casework.Case) ([]agent.Asked, bool, error) {
	list, withdrawable, err := c.w.approval.Asked(ctx, of)
	asked := make([]agent.Asked, len(list))
	for i := range list {
		asked[i] = agent.Asked(list[i])
	}
	return asked, withdrawable, err
}

// transferProcedure is the procedure of items that the township reviews and the county decides.
const transferProcedure = "township-transfer"

// upperBody is the body of the county that decides what a township has reviewed: that of the item's department. Empty: there is none, or the
// item runs by another procedure.
func upperBody(w *wiring, im *power.Implementation) string {
	if im.Item.Procedure != transferProcedure {
		return ""
	}
	places := w.base.Registry.Now()
	b := places.Body(im.Body)
	if b == nil {
		return ""
	}
	for _, d := range places.Path(b.Division) {
		for _, up := range places.Bodies(d.Code) {
			if up.Kind == im.Item.Department && up.Level == "county" {
				return up.Key
			}
		}
	}
	return ""
}

// assistance tells the applications of agents to the room of agents.
type assistance struct{ w *wiring }

// Happened implements approval.Assistance.
func (a assistance) Happened(ctx context.Context, tx *store.Tx, c *casework.Case, h casework.Happened) error {
	return a.w.agent.Happened(ctx, tx, c, h)
}

// Acts implements approval.Assistance.
func (a assistance) Acts(ctx context.Context, l *web.Localizer, c *casework.Case) ([]ui.Step, error) {
	return a.w.agent.Acts(ctx, l, c)
}
