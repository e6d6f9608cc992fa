package request

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/web"
	"openhall.org/openhall/internal/platform/web/caseview"
	"openhall.org/openhall/internal/platform/web/form"
)

func (s *Service) getReceipt(w http.ResponseWriter, r *http.Request) error {
	o, err := s.byCode(r)
	if err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, receiptView(web.ViewOf(r), o, s.BaseURL+o.base))
}

// taskPage is a step that is the applicant's.
type taskPage struct {
	opened
	task  casework.Task
	by    time.Time
	form  *form.Schema
	ask   string // what the office wrote
	title string
	typed url.Values
	wrong form.Errors
	key   string
}

func (s *Service) taskPage(r *http.Request) (taskPage, error) {
	o, err := s.byCode(r)
	if err != nil {
		return taskPage{}, err
	}
	for _, t := range o.Case.Tasks() {
		e := o.def.Element(t.Element)
		if t.Role != "applicant" || strconv.Itoa(t.Token) != r.PathValue("token") || e == nil || s.steps[e.Form] == nil {
			continue
		}
		p := taskPage{opened: o, task: t, by: dueOf(o.Case, t.Token), form: s.steps[e.Form], key: rand.Text(), title: caseview.Step(web.ViewOf(r).L, o.def, t.Element)}
		parts, err := s.Cases.Private(r.Context(), o.Case.ID)
		if err != nil {
			return p, err
		}
		for _, part := range parts {
			for _, name := range []string{"missing", "reasons"} {
				if text := plain(part.Fields[name]); text != "" {
					p.ask = text
				}
			}
			if t.Element == "supplement" {
				if raw, ok := part.Fields["form"]; ok {
					var sent Sent
					if err := json.Unmarshal(raw, &sent); err != nil {
						return p, fmt.Errorf("form of %s: %w", o.Case.Number, err)
					}
					p.typed = url.Values{"description": {sent.Description}}
				}
			}
		}
		return p, nil
	}
	return taskPage{}, web.Conflict("request.task.gone", nil)
}

func (s *Service) getTask(w http.ResponseWriter, r *http.Request) error {
	p, err := s.taskPage(r)
	if err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, taskView(web.ViewOf(r), p))
}

func (s *Service) postTask(w http.ResponseWriter, r *http.Request) error {
	p, err := s.taskPage(r)
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
	doc := p.form.Decode(f.Values())
	if p.typed, p.wrong = f.Values(), p.form.Check(v.L, doc); len(p.wrong) > 0 {
		return web.Render(w, r, http.StatusUnprocessableEntity, taskView(v, p))
	}
	data, err := json.Marshal(doc)
	if err != nil {
		return err
	}
	if err := s.command(r.Context(), p.opened, p.key, casework.Complete{Token: p.task.Token, Data: data}); err != nil {
		return err
	}
	web.SetFlash(w, r, web.Flash{Kind: "success", Key: "request.task.done"})
	return web.SeeOther(w, r, p.base)
}

// command does something to the request as whoever holds its code.
func (s *Service) command(ctx context.Context, o opened, key string, act casework.Act) error {
	_, err := s.Cases.Do(ctx, casework.Command{Key: o.Case.Number + "/" + key, Actor: o.Who, Case: o.Case.ID, Proven: o.Proven, Act: act})
	return err
}

func (s *Service) getWithdraw(w http.ResponseWriter, r *http.Request) error {
	o, err := s.byCode(r)
	if err != nil {
		return err
	}
	if !o.Case.Open() || !o.awaits("withdraw") {
		return web.Conflict("request.withdraw.gone", nil)
	}
	return web.Render(w, r, http.StatusOK, withdrawView(web.ViewOf(r), o, rand.Text()))
}

func (s *Service) postWithdraw(w http.ResponseWriter, r *http.Request) error {
	o, err := s.byCode(r)
	if err != nil {
		return err
	}
	f, err := form.Parse(r)
	if err != nil {
		return err
	}
	if err := s.command(r.Context(), o, "withdraw/"+f.Value("key"), casework.Send{Message: "withdraw"}); err != nil {
		return err
	}
	web.SetFlash(w, r, web.Flash{Kind: "success", Key: "request.withdraw.done"})
	return web.SeeOther(w, r, o.base)
}
