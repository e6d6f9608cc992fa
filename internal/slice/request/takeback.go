package request

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"

	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/web"
	"openhall.org/openhall/internal/platform/web/form"
	"openhall.org/openhall/internal/platform/web/ui"
)

// takeBackPage is where a dispute is taken back that was recorded by mistake.
type takeBackPage struct {
	opened
	dispute Dispute
	rows    []ui.Row
	typed   *form.Form
	key     string
}

// mayRecord reports whether an official may record disputes about a reply (ActionSubmit) or take them back (ActionTakeBack).
func (s *Service) mayRecord(who identity.Principal, e Entry, action string) error {
	on := s.resource(e)
	on.Role = DisputeKind
	return s.Policies.Allow(who, action, on)
}

func (s *Service) takeBackPage(r *http.Request, f *form.Form) (takeBackPage, error) {
	o, err := s.works(r)
	if err != nil {
		return takeBackPage{}, err
	}
	if err := s.mayRecord(o.Who, o.entry, casework.ActionTakeBack); err != nil {
		return takeBackPage{}, err
	}
	list, err := s.Disputes(r.Context(), o.Case.ID)
	if err != nil {
		return takeBackPage{}, err
	}
	i := slices.IndexFunc(list, func(d Dispute) bool { return d.Number == r.PathValue("dispute") })
	if i < 0 {
		return takeBackPage{}, web.NotFound("request.takeback.none")
	}
	l := web.ViewOf(r).L
	return takeBackPage{opened: o, dispute: list[i], typed: f, key: cmp.Or(f.Value("key"), rand.Text()), rows: []ui.Row{
		{Key: l.T("request.entry.number"), Value: list[i].Number}, {Key: l.T("request.dispute." + list[i].Kind), Value: disputeWords(l, list[i])},
	}}, nil
}

func (s *Service) getTakeBack(w http.ResponseWriter, r *http.Request) error {
	p, err := s.takeBackPage(r, form.Of(url.Values{}))
	if err != nil {
		return err
	}
	if p.dispute.TakenBack != 0 {
		return web.Conflict("request.takeback.gone", nil)
	}
	return web.Render(w, r, http.StatusOK, takeBackView(web.ViewOf(r), p))
}

// postTakeBack takes the dispute back. What is wrong with the reason is told beside it.
func (s *Service) postTakeBack(w http.ResponseWriter, r *http.Request) error {
	f, err := form.Parse(r)
	if err != nil {
		return err
	}
	p, err := s.takeBackPage(r, f)
	if err != nil {
		return err
	}
	err = s.TakeBack(r.Context(), p.Who, p.dispute, f.Value("reason"), "take-back/"+p.key)
	var refusal *casework.Refusal
	switch {
	case err == nil:
		web.SetFlash(w, r, web.Flash{Kind: "success", Key: "request.takeback.done", Args: map[string]string{"Number": p.dispute.Number}})
		return web.SeeOther(w, r, p.base)
	case errors.As(err, &refusal) && refusal.Code == casework.RefusedForm && len(refusal.Fields) == 1:
		v, wrong := web.ViewOf(r), refusal.Fields[0]
		text := v.L.Text(wrong.Text)
		if text == "" {
			text = v.L.T("request.takeback.wrong." + map[string]string{"minLength": "short", "maxLength": "long", "personal": "personal"}[wrong.Code])
		}
		f.Fail("reason", text)
		return web.Render(w, r, http.StatusUnprocessableEntity, takeBackView(v, p))
	case errors.As(err, &refusal) && refusal.Code == casework.RefusedEnded:
		return web.Conflict("request.takeback.gone", nil)
	}
	return err
}

// whyTakenBack is why a dispute was taken back, as it stands in its own case; empty when it was erased.
func (s *Service) whyTakenBack(ctx context.Context, d Dispute) (string, error) {
	parts, err := s.Cases.Private(ctx, d.Case)
	if err != nil {
		return "", fmt.Errorf("why %s was taken back: %w", d.Number, err)
	}
	for _, p := range slices.Backward(parts) {
		var why string
		if raw, ok := p.Fields["reason"]; ok && json.Unmarshal(raw, &why) == nil {
			return why, nil
		}
	}
	return "", nil
}
