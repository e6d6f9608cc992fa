package oversight

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/store"
	"openhall.org/openhall/internal/platform/web"
	"openhall.org/openhall/internal/platform/web/form"
	"openhall.org/openhall/internal/platform/web/ui"
)

// orderPage is one order with its answers.
type orderPage struct {
	*matter
	Title string
	Late  bool
	Facts []ui.Row
}

func (s *Service) openOrder(r *http.Request) (*orderPage, identity.Principal, error) {
	actor, err := s.People.Principal(r)
	if err != nil {
		return nil, actor, err
	}
	number := strings.ToUpper(r.PathValue("number"))
	c, err := s.cases.ByNumber(r.Context(), number)
	if err != nil || c.Kind != OrderKind {
		return nil, actor, fmt.Errorf("order %s: %w", number, errors.Join(store.ErrNotFound, err))
	}
	if err := s.allow(actor, identity.ActionOversee, c.Division, c.Body); err != nil {
		return nil, actor, err
	}
	v := web.ViewOf(r)
	p := &orderPage{Title: c.Title.Hans, Late: c.Open() && !c.StatuteDue.IsZero() && !v.Now.Before(c.StatuteDue)}
	if p.matter, err = s.matter(r.Context(), v, actor, c, orderHref(c.Number)); err != nil {
		return nil, actor, err
	}
	p.Facts, err = s.orderFacts(r.Context(), v, actor, c)
	return p, actor, err
}

func (s *Service) orderFacts(ctx context.Context, v *web.View, actor identity.Principal, c *casework.Case) ([]ui.Row, error) {
	issuer, _ := c.Variables()["body"].(string)
	rows := []ui.Row{
		{Key: v.L.T("oversight.order.number"), Value: c.Number},
		{Key: v.L.T("oversight.order.from"), Value: v.L.Text(s.Names.Body(issuer))},
		{Key: v.L.T("oversight.order.to"), Value: v.L.Text(s.Names.Body(c.Body))},
		{Key: v.L.T("oversight.order.issued"), Value: v.L.Time(c.CreatedAt)},
	}
	if !s.mayReadSealed(actor, c) {
		return rows, nil
	}
	dossier, err := s.cases.Dossier(ctx, c.ID)
	if err != nil {
		return nil, fmt.Errorf("order %s: %w", c.Number, err)
	}
	var o Order
	if err := json.Unmarshal(dossier.Form, &o); err != nil {
		return nil, fmt.Errorf("order %s: %w", c.Number, err)
	}
	switch o.About {
	case AboutCase:
		at := "/desk/case/" + url.PathEscape(o.Ref)
		if supervises(actor) {
			at = "/board/" + c.Division + "/case/" + url.PathEscape(o.Ref)
		}
		rows = append(rows, ui.Row{Key: v.L.T("oversight.about.case"), Content: numberLink(o.Ref, at)})
	case AboutCard:
		rows = append(rows, ui.Row{Key: v.L.T("oversight.about.card"), Content: numberLink(o.Ref, "/oversight/cards/"+url.PathEscape(o.Ref))})
	case AboutMatter:
	}
	return append(rows, ui.Row{Key: v.L.T("oversight.order.text"), Value: o.Text}), nil
}

func (s *Service) getOrder(w http.ResponseWriter, r *http.Request) error {
	p, _, err := s.openOrder(r)
	if err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, orderView(web.ViewOf(r), p))
}

func (s *Service) postOrder(w http.ResponseWriter, r *http.Request) error {
	p, actor, err := s.openOrder(r)
	if err != nil {
		return err
	}
	retry, err := s.post(r, actor, p.matter)
	if err != nil {
		return err
	}
	if retry != 0 {
		return web.Render(w, r, retry, orderView(web.ViewOf(r), p))
	}
	web.SetFlash(w, r, web.Flash{Kind: "success", Key: "oversight.flash.done", Args: map[string]string{"Number": p.Case.Number}})
	return web.SeeOther(w, r, orderHref(p.Case.Number))
}

// newOrderPage is the form of a new order.
type newOrderPage struct {
	Key     string
	Typed   url.Values
	To      []ui.Option
	About   []ui.Option
	Errors  form.Errors
	Summary []ui.FieldError
}

// usualDays is the term that the form suggests, in working days.
const usualDays = "10"

func (s *Service) newOrderPage(v *web.View, actor identity.Principal, typed url.Values) *newOrderPage {
	p := &newOrderPage{Key: newKey(), Typed: typed, To: []ui.Option{{Text: v.L.T("web.form.please-choose")}}}
	for _, b := range s.Addressees(actor) {
		p.To = append(p.To, ui.Option{Value: b.Key, Text: v.L.Text(b.Name)})
	}
	for _, a := range []About{AboutCase, AboutCard, AboutMatter} {
		p.About = append(p.About, ui.Option{Value: string(a), Text: v.L.T("oversight.about." + string(a))})
	}
	return p
}

func (s *Service) getNewOrder(w http.ResponseWriter, r *http.Request) error {
	actor, err := s.People.Principal(r)
	if err != nil {
		return err
	}
	if err := s.allow(actor, identity.ActionOrder, actor.Post.Division, actor.Post.Body); err != nil {
		return err
	}
	q := r.URL.Query()
	typed := url.Values{"days": {usualDays}, "about": {string(AboutMatter)}}
	for _, name := range []string{"to", "about", "ref"} { // a page about a card or a case begins the order
		if q.Get(name) != "" {
			typed.Set(name, q.Get(name))
		}
	}
	v := web.ViewOf(r)
	return web.Render(w, r, http.StatusOK, newOrderView(v, s.newOrderPage(v, actor, typed)))
}

func (s *Service) postNewOrder(w http.ResponseWriter, r *http.Request) error {
	actor, err := s.People.Principal(r)
	if err != nil {
		return err
	}
	f, err := form.Parse(r)
	if err != nil {
		return err
	}
	days, _ := strconv.Atoi(f.Value("days")) // what is no number is out of range
	v := web.ViewOf(r)
	p := s.newOrderPage(v, actor, f.Values())
	if key := f.Value(fieldKey); key != "" {
		p.Key = key
	}
	receipt, err := s.Issue(r.Context(), actor, Order{
		To: f.Value("to"), About: About(f.Value("about")), Ref: f.Value("ref"), Title: f.Value("title"), Text: f.Value("text"), Days: days,
	}, p.Key)
	var refusal *casework.Refusal
	if errors.As(err, &refusal) && refusal.Code == casework.RefusedForm {
		p.say(v.L, refusal)
		return web.Render(w, r, http.StatusUnprocessableEntity, newOrderView(v, p))
	}
	if err != nil {
		return err
	}
	web.SetFlash(w, r, web.Flash{Kind: "success", Key: "oversight.flash.issued", Args: map[string]string{"Number": receipt.Number}})
	return web.SeeOther(w, r, orderHref(receipt.Number))
}

// say puts a refusal in words: each field by its label.
func (p *newOrderPage) say(l *web.Localizer, refusal *casework.Refusal) {
	p.Errors = form.Errors{}
	for _, f := range refusal.Fields {
		name := strings.TrimPrefix(f.Path, "/")
		label := l.T("oversight.order." + name)
		text := l.Text(f.Text)
		switch {
		case text != "":
		case f.Code == "required":
			text = l.T("oversight.fault.required", web.Args{"Label": label})
		case f.Code == "maxLength" && name == "title":
			text = l.T("oversight.fault.long", web.Args{"Label": label, "Limit": maxTitle})
		case f.Code == "maxLength":
			text = l.T("oversight.fault.long", web.Args{"Label": label, "Limit": maxText})
		default:
			text = l.T("oversight.fault.choose", web.Args{"Label": label})
		}
		p.Errors[name] = text
		p.Summary = append(p.Summary, ui.FieldError{Field: name, Text: text})
	}
}
