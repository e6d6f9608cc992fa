package agent

import (
	"net/http"
	"slices"
	"strings"

	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/store"
	"openhall.org/openhall/internal/platform/web"
	"openhall.org/openhall/internal/platform/web/form"
	"openhall.org/openhall/internal/platform/web/ui"
)

// takePage is the form of a consent.
type takePage struct {
	typed
	Villages []ui.Option
	Until    calendar.Date // the longest
	Fields   []ui.Option
	Renews   store.ID // consent that the new one takes the place of; 0: none
}

func (s *Service) takePage(r *http.Request, l *web.Localizer, who identity.Principal) (*takePage, error) {
	p := &takePage{typed: blank(), Until: s.Longest(s.today())}
	for i := range s.fields {
		p.Fields = append(p.Fields, ui.Option{Value: s.fields[i].Key, Text: l.Text(s.fields[i].Title)})
	}
	mine, err := s.Villages(r.Context(), who.Account, who.Post.Body, s.today())
	if err != nil {
		return nil, err
	}
	for _, code := range mine {
		p.Villages = append(p.Villages, ui.Option{Value: code, Text: l.Text(s.Names.Division(code))})
	}
	return p, nil
}

func (s *Service) getTake(w http.ResponseWriter, r *http.Request) error {
	who, err := s.principal(r)
	if err != nil {
		return err
	}
	v := large(r)
	p, err := s.takePage(r, v.L, who)
	if err != nil {
		return err
	}
	p.Values.Set("until", p.Until.String())
	for _, o := range p.Fields {
		p.Values.Add("fields", o.Value)
	}
	if field := r.URL.Query().Get("field"); slices.ContainsFunc(p.Fields, func(o ui.Option) bool { return o.Value == field }) { // of the item that they have come for
		p.Values.Set("fields", field)
	}
	if err := s.renewal(r, who, p, r.URL.Query().Get("renews")); err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, takeView(v, p))
}

// renewal fills in what is known of a villager whose consent is to be taken anew, for other fields or longer. The number is not among it: the
// card is looked at each time.
func (s *Service) renewal(r *http.Request, who identity.Principal, p *takePage, text string) error {
	if text == "" {
		return nil
	}
	id, err := store.ParseID(text)
	if err != nil {
		return web.NotFound("agent.no-consent")
	}
	c, err := s.Consent(r.Context(), id)
	if isNotFound(err) || err == nil && c.Agent != who.Account {
		return web.NotFound("agent.no-consent")
	}
	if err != nil {
		return err
	}
	p.Renews = id
	if p.Values.Get("name") != "" {
		return nil // the form was sent already
	}
	for name, value := range map[string]string{"name": c.Agreed.Name, "phone": c.Agreed.Phone, "address": c.Agreed.Address, "village": c.Village} {
		p.Values.Set(name, value)
	}
	return nil
}

func (s *Service) postTake(w http.ResponseWriter, r *http.Request) error {
	who, err := s.principal(r)
	if err != nil {
		return err
	}
	f, err := form.Parse(r)
	if err != nil {
		return err
	}
	v := large(r)
	p, err := s.takePage(r, v.L, who)
	if err != nil {
		return err
	}
	p.Key, p.Values = f.Value(fieldKey), f.Values()
	a := Agreed{
		Villager: Villager{Name: f.Value("name"), IDNumber: f.Value("id"), Phone: f.Value("phone"), Relation: f.Value("relation"), Address: f.Value("address")},
		How:      How(f.Value("how")), Witness: f.Value("witness"), Village: f.Value("village"), Fields: f.All("fields"),
	}
	if err := s.renewal(r, who, p, f.Value("renews")); err != nil {
		return err
	}
	if len(a.Fields) == 0 {
		f.Fail("fields", v.L.Text(noField))
	}
	if len(p.Villages) == 1 {
		a.Village = p.Villages[0].Value
	}
	a.Until = f.Date(v.L, "until", v.L.T("agent.consent.until"))
	if f.Value("read") != "true" {
		f.Fail("read", v.L.T("agent.consent.read-missing"))
	}
	var refusal *casework.Refusal
	found := &casework.Refusal{Code: casework.RefusedForm, Fields: s.checkAgreedTyped(a)}
	if f.Valid() && len(found.Fields) == 0 {
		c, err := s.takeAnew(r, who, a, p)
		if err == nil {
			web.SetFlash(w, r, web.Flash{Kind: "success", Key: "agent.flash.consented"})
			return web.SeeOther(w, r, villagerHref(c.ID))
		}
		var ok bool
		if refusal, ok = isForm(err); !ok {
			return err
		}
		p.wrong(v.L, refusal)
	} else {
		if len(found.Fields) > 0 {
			p.wrong(v.L, found)
		}
		p.failed(f)
	}
	return web.Render(w, r, http.StatusUnprocessableEntity, takeView(v, p))
}

// takeAnew takes a consent. The one whose place it takes ends first; sent again after a cut in between, the form goes on where it stopped.
func (s *Service) takeAnew(r *http.Request, who identity.Principal, a Agreed, p *takePage) (Consent, error) {
	if p.Renews != 0 {
		before, err := s.Consent(r.Context(), p.Renews)
		if err != nil {
			return before, err
		}
		if !strings.EqualFold(strings.TrimSpace(a.IDNumber), before.Agreed.IDNumber) {
			return before, refuse("/id", "renews", otherVillager)
		}
		if err := s.LayDown(r.Context(), who, &before, renewed, before.Number+"/renewed/"+p.Key); err != nil {
			return before, err
		}
	}
	return s.Take(r.Context(), who, a, p.Key)
}

// renewed is why a consent ended whose place another took.
const renewed = "由新的委托代替"

// checkAgreedTyped checks what was typed on the page, but for the last day, which the page reads by itself.
func (s *Service) checkAgreedTyped(a Agreed) []casework.FieldError {
	now := s.Now()
	a.IDNumber, a.At = strings.ToUpper(strings.TrimSpace(a.IDNumber)), now
	untyped := a.Until == 0
	var fields []casework.FieldError
	for _, e := range s.checkAgreed(&a, now) {
		if !untyped || e.Path != "/until" {
			fields = append(fields, e)
		}
	}
	return fields
}
