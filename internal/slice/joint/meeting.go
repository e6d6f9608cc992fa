package joint

import (
	"crypto/rand"
	"encoding/json"
	"errors"
	"net/http"
	"strconv"

	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/web"
	"openhall.org/openhall/internal/platform/web/form"
	"openhall.org/openhall/internal/platform/web/ui"
)

func meetingPath(number string) string { return "/desk/joint/meeting/" + number }

// meetingPage is a joint survey, review or acceptance whose attendance is to be entered.
type meetingPage struct {
	opened
	token   int
	meeting Meeting
	place   string
	parts   []*Entry // of the stage
	typed   *form.Form
	key     string
}

func attendField(ordinal int) string { return "attend-" + strconv.Itoa(ordinal) }

func (s *Service) meetingPage(r *http.Request) (meetingPage, error) {
	o, err := s.byPost(r)
	if err != nil {
		return meetingPage{}, err
	}
	if o.Case.Kind != WholeKind {
		return meetingPage{}, web.NotFound("joint.no-case")
	}
	if !s.mayHold(o.Who, o.Case) {
		return meetingPage{}, &identity.Denied{Action: casework.ActionComplete, Reason: identity.DeniedOther}
	}
	p := meetingPage{opened: o, typed: form.Of(nil), key: rand.Text()}
	for _, t := range o.Case.Tasks() {
		if t.Element == stepHold {
			p.token = t.Token
		}
	}
	if p.token == 0 {
		return p, web.Conflict("joint.meeting.gone", nil)
	}
	for _, m := range o.whole.Meetings {
		if m.HeldAt.IsZero() {
			p.meeting = m
		}
	}
	for i := range o.whole.Parts {
		if e := &o.whole.Parts[i]; e.Stage == p.meeting.Stage {
			p.parts = append(p.parts, e)
		}
	}
	parts, err := s.Cases.Private(r.Context(), o.Case.ID)
	for _, x := range parts {
		var text string
		if json.Unmarshal(x.Fields["place"], &text) == nil && text != "" {
			p.place = text
		}
	}
	return p, err
}

func (s *Service) getMeeting(w http.ResponseWriter, r *http.Request) error {
	p, err := s.meetingPage(r)
	if err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, meetingView(web.ViewOf(r), s, p))
}

// postMeeting records who came and the minutes. Whoever did not come falls into default where the part says so.
func (s *Service) postMeeting(w http.ResponseWriter, r *http.Request) error {
	p, err := s.meetingPage(r)
	if err != nil {
		return err
	}
	f, err := form.Parse(r)
	if err != nil {
		return err
	}
	v := web.ViewOf(r)
	p.typed = f
	if f.Value("key") != "" {
		p.key = f.Value("key")
	}
	options := attendOptions(v.L)
	attended, absent := []string{}, []string{}
	for _, e := range p.parts {
		label := v.L.Text(s.bodyName(e.Body)) + " " + v.L.Text(e.Title)
		switch f.Choice(v.L, attendField(e.Ordinal), label, options) {
		case "yes":
			attended = append(attended, strconv.Itoa(e.Ordinal))
		case "no":
			absent = append(absent, strconv.Itoa(e.Ordinal))
		}
	}
	const maxMinutes = 2000
	minutes := f.Limited(v.L, "minutes", v.L.T("joint.meeting.minutes"), maxMinutes)
	if !f.Valid() {
		return web.Render(w, r, http.StatusUnprocessableEntity, meetingView(v, s, p))
	}
	data, err := json.Marshal(map[string]any{"attended": attended, "absent": absent, "minutes": minutes})
	if err != nil {
		return err
	}
	err = s.command(r.Context(), &p.opened, "hold/"+p.key, casework.Complete{Token: p.token, Data: data})
	var refusal *casework.Refusal
	if errors.As(err, &refusal) && refusal.Code == casework.RefusedForm {
		f.Fail("", web.RefusalText(v.L, refusal))
		return web.Render(w, r, http.StatusUnprocessableEntity, meetingView(v, s, p))
	}
	if err != nil {
		return err
	}
	web.SetFlash(w, r, web.Flash{Kind: "success", Key: "joint.meeting.done"})
	return web.SeeOther(w, r, p.base)
}

func attendOptions(l *web.Localizer) []ui.Option {
	return []ui.Option{{Value: "yes", Text: l.T("joint.meeting.came")}, {Value: "no", Text: l.T("joint.meeting.absent")}}
}
