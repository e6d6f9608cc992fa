package oversight

import (
	"context"
	_ "embed" // the form of an order
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/core/lang"
	"openhall.org/openhall/internal/core/statute"
	"openhall.org/openhall/internal/core/term"
	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/registry"
	"openhall.org/openhall/internal/platform/store"
	"openhall.org/openhall/internal/platform/web/form"
)

// OrderKind is the kind of case of a supervise order (督办), and the key of its procedure.
const OrderKind = "oversight-order"

// orderRule is the rule under which the term of the answer stands in an order.
const orderRule = "oversight.order"

// Limits of an order.
const (
	maxTitle = 80   // characters
	maxText  = 2000 // characters
	maxDays  = 60   // working days for the answer
)

// About says what an order is about.
type About string

// What an order can be about.
const (
	AboutCase   About = "case"   // a case, by its number
	AboutCard   About = "card"   // a card, by its id
	AboutMatter About = "matter" // something in words
)

// Order is what a supervisor orders.
type Order struct {
	To    string `json:"to"`    // key of the body that has to answer
	About About  `json:"about"` // what it is about
	Ref   string `json:"ref"`   // number of the case, id of the card; empty for a matter in words
	Title string `json:"title"` // shown in lists: no personal data
	Text  string `json:"text"`  // what is to be done; sealed
	Days  int    `json:"days"`  // working days for the answer

	Issuer Issuer `json:"issuer"`
}

// Issuer is whose order it is.
type Issuer struct {
	Account  store.ID `json:"account"`
	Body     string   `json:"body"`
	Division string   `json:"division"`
}

//go:embed forms/order.json
var orderForm []byte

// OrderForm returns the form of an order, for pages that show it as they show applications.
func OrderForm() (*form.Schema, error) { return form.Compile(orderForm, nil) }

// OrderCases returns the kind of cases of supervise orders.
func (s *Service) OrderCases() casework.Kind {
	return casework.Kind{
		Name: OrderKind, Policy: OrderKind, Title: lang.Text{Hans: "督办", Hant: "督辦", En: "Supervise order"},
		Begin: s.beginOrder, Changed: recordOrder, May: s.may,
	}
}

// Issue opens an order. What is wrong with it is a *casework.Refusal with the fields to, ref, title, text and days.
func (s *Service) Issue(ctx context.Context, actor identity.Principal, o Order, key string) (casework.Receipt, error) {
	return s.IssueWith(ctx, s.cases, actor, o, key)
}

// IssueWith opens an order with a runtime.
func (s *Service) IssueWith(ctx context.Context, cases *casework.Runtime, actor identity.Principal, o Order, key string) (casework.Receipt, error) {
	o.Issuer = Issuer{actor.Account, actor.Post.Body, actor.Post.Division}
	filled, err := json.Marshal(o)
	if err != nil {
		return casework.Receipt{}, fmt.Errorf("order: %w", err)
	}
	return cases.Do(ctx, casework.Command{Key: key, Actor: actor, Act: casework.Submit{
		Kind: OrderKind, Subject: string(o.About), Channel: casework.Office, Form: filled,
	}})
}

func (s *Service) beginOrder(ctx context.Context, sent casework.Submit, _ calendar.Date) (casework.Beginning, error) {
	var o Order
	if err := json.Unmarshal(sent.Form, &o); err != nil {
		return casework.Beginning{}, fmt.Errorf("order: %w", err)
	}
	to, fields, err := s.check(ctx, &o)
	if err != nil {
		return casework.Beginning{}, err
	}
	if len(fields) > 0 {
		return casework.Beginning{}, &casework.Refusal{Code: casework.RefusedForm, Fields: fields}
	}
	answerer := registry.Head
	if to.Kind == supervisionKind {
		answerer = registry.Supervisor
	}
	public := map[string]any{"about": string(o.About), "issuer": o.Issuer.Body, "days": o.Days}
	if o.Ref != "" {
		public["ref"] = o.Ref
	}
	return casework.Beginning{
		Title: lang.Text{Hans: o.Title}, Division: to.Division, Body: to.Key, Procedure: OrderKind, Series: "DB" + to.Division,
		Terms: map[string]casework.Terms{orderRule: {Statutory: term.Length{N: o.Days, Unit: statute.WorkingDay, Rule: orderRule,
			Title: lang.Text{Hans: "督办确定的期限", Hant: "督辦確定的期限", En: "Term set by the order"}}}},
		Variables: map[string]any{"answerer": answerer, "issuer": o.Issuer.Account.String(), "division": o.Issuer.Division, "body": o.Issuer.Body},
		Public:    public,
	}, nil
}

// supervisionKind is the kind of bodies that supervise.
const supervisionKind = "supervision"

// check looks through an order. Paths are those of its form.
func (s *Service) check(ctx context.Context, o *Order) (*registry.Body, []casework.FieldError, error) {
	var fields []casework.FieldError
	fail := func(path, code string, text lang.Text) {
		fields = append(fields, casework.FieldError{Path: "/" + path, Code: code, Text: text})
	}
	o.Ref, o.Title, o.Text = strings.ToUpper(strings.TrimSpace(o.Ref)), strings.TrimSpace(o.Title), strings.TrimSpace(o.Text)
	places := s.Registry.Now()
	to := places.Body(o.To)
	switch {
	case o.To == "":
		fail("to", "required", lang.Text{})
	case to == nil || !places.Contains(o.Issuer.Division, to.Division):
		fail("to", "enum", lang.Text{Hans: "只能督办本地区及下级地区的机关，请从列表中选择", Hant: "只能督辦本地區及下級地區的機關，請從列表中選擇",
			En: "Only bodies of your division and below can be ordered; choose one of the list"})
	case to.Key == o.Issuer.Body:
		fail("to", "enum", lang.Text{Hans: "不能督办自己，请选择其他机关", Hant: "不能督辦自己，請選擇其他機關", En: "An order cannot go to oneself; choose another body"})
	}
	for _, f := range []struct {
		name, value string
		limit       int
	}{{"title", o.Title, maxTitle}, {"text", o.Text, maxText}} {
		switch n := utf8.RuneCountInString(f.value); {
		case n == 0:
			fail(f.name, "required", lang.Text{})
		case n > f.limit:
			fail(f.name, "maxLength", lang.Text{})
		}
	}
	if o.Days < 1 || o.Days > maxDays {
		fail("days", "range", lang.Text{Hans: fmt.Sprintf("请填写 1 至 %d 的工作日数", maxDays), Hant: fmt.Sprintf("請填寫 1 至 %d 的工作日數", maxDays),
			En: fmt.Sprintf("Write a number of working days from 1 to %d", maxDays)})
	}
	err := s.checkRef(ctx, o, fail)
	return to, fields, err
}

// checkRef looks whether there is what the order is about, within the division of who issues it.
func (s *Service) checkRef(ctx context.Context, o *Order, fail func(path, code string, text lang.Text)) error {
	division := ""
	switch o.About {
	case AboutMatter:
		o.Ref = ""
		return nil
	case AboutCase:
		c, err := s.cases.ByNumber(ctx, o.Ref)
		if err != nil && !isNotFound(err) {
			return fmt.Errorf("case of an order: %w", err)
		}
		if err == nil {
			division = c.Division
		}
	case AboutCard:
		if id, err := store.ParseID(o.Ref); err == nil {
			card, err := s.cards.Card(ctx, id)
			if err != nil && !isNotFound(err) {
				return fmt.Errorf("card of an order: %w", err)
			}
			division = card.Division
		}
	default:
		fail("about", "enum", lang.Text{})
		return nil
	}
	if division == "" || !s.Registry.Now().Contains(o.Issuer.Division, division) {
		fail("ref", "unknown", lang.Text{Hans: "本地区没有这个编号的办件或者卡片，请核对", Hant: "本地區沒有這個編號的辦件或者卡片，請核對",
			En: "There is no case or card of that number in your division; look at it again"})
	}
	return nil
}

// mayOrder: supervision below answers for itself and not for the one who issued the order; the answer is accepted at the level that
// issued it, or above.
func (s *Service) mayOrder(c *casework.Case, t casework.Task, by identity.Principal) error {
	vars := c.Variables()
	if t.Element == "look-at" {
		division, _ := vars["division"].(string)
		if !s.Registry.Now().Contains(by.Post.Division, division) {
			return &casework.Refusal{Code: casework.RefusedPolicy, Text: onlyAbove}
		}
		return nil
	}
	if by.Post.Body != c.Body || vars["issuer"] == by.Account.String() {
		return &casework.Refusal{Code: casework.RefusedPolicy, Text: onlyBelow}
	}
	return nil
}

var (
	onlyAbove = lang.Text{Hans: "答复由发出督办的监察机关或者其上级审核", Hant: "答覆由發出督辦的監察機關或者其上級審核",
		En: "The answer is looked at by the supervisors who issued the order, or those above them"}
	onlyBelow = lang.Text{Hans: "由被督办的监察机关答复，发出督办的人不能代为答复", Hant: "由被督辦的監察機關答覆，發出督辦的人不能代為答覆",
		En: "The supervisors to whom the order went answer it; who issued it cannot answer in their place"}
)

// Addressees lists the bodies that somebody of a division can order: those of the division itself but for the own, and supervision of
// the divisions directly below.
func (s *Service) Addressees(actor identity.Principal) []*registry.Body {
	places := s.Registry.Now()
	var list []*registry.Body
	for _, b := range places.Bodies(actor.Post.Division) {
		if b.Key != actor.Post.Body {
			list = append(list, b)
		}
	}
	slices.SortStableFunc(list, func(a, b *registry.Body) int { return strings.Compare(a.Name.Hans, b.Name.Hans) })
	return append(list, s.below(actor.Post.Division)...)
}

// below lists supervision of the nearest divisions under one that have it.
func (s *Service) below(division string) []*registry.Body {
	places := s.Registry.Now()
	var list []*registry.Body
	for _, d := range places.Children(division) {
		found := false
		for _, b := range places.Bodies(d.Code) {
			if b.Kind == supervisionKind {
				list, found = append(list, b), true
			}
		}
		if !found && d.Level < registry.County {
			list = append(list, s.below(d.Code)...)
		}
	}
	return list
}
