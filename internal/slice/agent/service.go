package agent

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"go.yaml.in/yaml/v3"

	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/core/lang"
	"openhall.org/openhall/internal/core/statute"
	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/file"
	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/registry"
	"openhall.org/openhall/internal/platform/store"
	"openhall.org/openhall/internal/platform/store/journal"
	"openhall.org/openhall/internal/platform/store/seal"
	"openhall.org/openhall/internal/platform/web/door"
	"openhall.org/openhall/rules"
)

// Deps are what the slice works with. All are required but BaseURL.
type Deps struct {
	DB       *store.DB
	Keys     *seal.Ring
	IDs      *store.IDs
	Files    *file.Files
	Registry *registry.Registry
	Rules    *statute.Rules
	Journal  journal.Recorder
	People   People
	Names    Names
	Items    Items
	Printer  Printer
	Now      func() time.Time
	Log      *slog.Logger
	// Applicant says what is wrong with the details of an applicant; the paths are those of casework.Applicant under /applicant.
	Applicant func(a casework.Applicant, now time.Time) []casework.FieldError
	BaseURL   string // address of the site without a slash at the end, for QR codes
}

// Field (领域) is one of the ten in which townships and villages serve.
type Field struct {
	Key   string    `yaml:"key"`
	Title lang.Text `yaml:"title"`
	Items []string  `yaml:"items"` // keys
}

// Service does what agents do for villagers. It is safe for concurrent use once Attach has been called.
type Service struct {
	Deps
	cases  *casework.Runtime
	keeper *door.Keeper
	fields []Field
}

// New returns the service.
func New(d Deps) (*Service, error) {
	if d.DB == nil || d.Keys == nil || d.IDs == nil || d.Files == nil || d.Registry == nil || d.Rules == nil || d.Journal == nil || d.People == nil ||
		d.Names == nil || d.Items == nil || d.Printer == nil || d.Now == nil || d.Log == nil || d.Applicant == nil {
		return nil, errors.New("agent: a dependency is missing")
	}
	s := &Service{Deps: d}
	raw, err := rules.Files.ReadFile("agent/fields.yaml")
	if err == nil {
		err = yaml.Unmarshal(raw, &s.fields)
	}
	if err != nil {
		return nil, fmt.Errorf("the ten fields: %w", err)
	}
	return s, nil
}

// Attach tells the service the runtime that carries out its cases. It is called once, before any page is served.
func (s *Service) Attach(cases *casework.Runtime) {
	s.cases = cases
	s.keeper = door.New(cases, s.People, s.Now)
}

// Fields are the ten fields, in their order.
func (s *Service) Fields() []Field { return s.fields }

func (s *Service) today() calendar.Date { return calendar.Of(s.Now()) }

// Offer is an item in a field, as it is offered in a village.
type Offer struct {
	Field string
	*Item
}

// Offers lists what an agent can hand in from a village today: the items of the ten fields that the township exercises, or else its county.
func (s *Service) Offers(post identity.Post, village string) []Offer {
	var list []Offer
	for i := range s.fields {
		f := &s.fields[i]
		for _, key := range f.Items {
			if it := s.offered(post, village, key); it != nil {
				list = append(list, Offer{f.Key, it})
			}
		}
	}
	return list
}

// offered finds the nearest body that exercises an item and is at the agent's window.
func (s *Service) offered(post identity.Post, village, key string) *Item {
	places := s.Registry.Now()
	path := slices.Clone(places.Path(village))
	slices.SortFunc(path, func(a, b *registry.Division) int { return int(b.Level) - int(a.Level) }) // the village first
	for _, d := range path {
		for _, b := range places.Bodies(d.Code) {
			if b.Key != post.Body && !places.Serves(post.ID, b.Key) {
				continue
			}
			code, ok := s.Items.Code(key, b.Key)
			if !ok {
				continue
			}
			if it, err := s.Items.Item(code); err == nil && it.ByAgent {
				return it
			}
		}
	}
	return nil
}

// fieldOf returns the field of an item by its key.
func (s *Service) fieldOf(key string) (Field, bool) {
	for i := range s.fields {
		if slices.Contains(s.fields[i].Items, key) {
			return s.fields[i], true
		}
	}
	return Field{}, false
}

// resource is something in a village of a township, as policies see it.
func (s *Service) resource(ctx context.Context, who identity.Principal, village string, c *Consent) (identity.Resource, error) {
	on := identity.Resource{Type: "agent", Division: village, Body: who.Post.Body}
	if c != nil {
		on.ID, on.Body = c.Number, c.Body
		on.Consented = c.Agent == who.Account && c.InForce(s.Now())
	}
	mine, err := s.Villages(ctx, who.Account, who.Post.Body, s.today())
	on.Assigned = slices.Contains(mine, village)
	return on, err
}

// mayAct answers nil when an agent may do something under a consent now. What keeps them from it is said in words: a *casework.Refusal.
func (s *Service) mayAct(ctx context.Context, who identity.Principal, c *Consent) error {
	on, err := s.resource(ctx, who, c.Village, c)
	if err != nil {
		return err
	}
	no := s.cases.Policy.Allow(who, ActionAct, on)
	switch {
	case no == nil:
		return nil
	case c.Agent != who.Account:
		return no
	case !on.Assigned:
		return &casework.Refusal{Code: casework.RefusedSubject, Text: notYourVillage, Args: map[string]any{"Why": WhyVillage}}
	case !on.Consented:
		return s.ended(c)
	}
	return no
}

// ended says why a consent lets nothing be done any more.
func (s *Service) ended(c *Consent) error {
	r := &casework.Refusal{Code: casework.RefusedSubject, Text: consentOver, Args: map[string]any{"Why": WhyEnded}}
	if c.EndedBy == ByVillager || c.EndedBy == ByAgent {
		r.Text, r.Args = consentWithdrawn, map[string]any{"Why": WhyWithdrawn}
	}
	return r
}

// Why something is refused, as the off-line app is told.
const (
	WhyWithdrawn = "consent-withdrawn"
	WhyEnded     = "consent-ended"
	WhyVillage   = "other-village"
	WhyGone      = "item-gone"
	WhyChanged   = "item-changed"
	WhyOpen      = "already-open"
	WhyField     = "other-field"
)

// whyOf returns which of them a refusal is, or "".
func whyOf(r *casework.Refusal) string {
	why, _ := r.Args["Why"].(string)
	return why
}

var (
	notYourVillage = lang.Text{Hans: "这个村现在不由您代办。请乡镇为民服务中心负责人分配村，或者请该村的代办员办理",
		Hant: "這個村現在不由您代辦。請鄉鎮為民服務中心負責人分配村，或者請該村的代辦員辦理",
		En:   "This village is not yours to act in at present. Ask the head of the township centre to assign it, or let its agent do it"}
	consentWithdrawn = lang.Text{Hans: "委托已经终止，不能再为这位村民办理。村民愿意的，请重新取得同意", Hant: "委託已經終止，不能再為這位村民辦理。村民願意的，請重新取得同意",
		En: "The consent was taken back, so nothing more can be done for this villager. If they wish, take consent anew"}
	consentOver = lang.Text{Hans: "委托已经期满，不能再为这位村民办理。请重新取得同意", Hant: "委託已經期滿，不能再為這位村民辦理。請重新取得同意",
		En: "The consent has run out, so nothing more can be done for this villager. Take consent anew"}
	noConsent = lang.Text{Hans: "没有这位村民的委托，不能代办。请先取得同意并登记", Hant: "沒有這位村民的委託，不能代辦。請先取得同意並登記",
		En: "This villager has not agreed that you act for them. Take their consent first"}
	notOffered = lang.Text{Hans: "这个事项不在本村代办的十类事项之内，请到县级政务服务中心办理", Hant: "這個事項不在本村代辦的十類事項之內，請到縣級政務服務中心辦理",
		En: "This item is not among those that are handed in from this village; apply for it at the service centre of the county"}
	itemGone  = lang.Text{Hans: "这个事项已经停办或者取消，不能再申请", Hant: "這個事項已經停辦或者取消，不能再申請", En: "This item is no longer offered"}
	itemMoved = lang.Text{Hans: "这个事项的表单或者材料已经更新，请更新后核对再提交", Hant: "這個事項的表單或者材料已經更新，請更新後核對再提交",
		En: "The form or the papers of this item have changed; get the new ones, check, and hand in again"}
)

// refuse is the refusal of one field.
func refuse(path, code string, text lang.Text) *casework.Refusal {
	return &casework.Refusal{Code: casework.RefusedForm, Fields: []casework.FieldError{{Path: path, Code: code, Text: text}}}
}

func isNotFound(err error) bool { return errors.Is(err, store.ErrNotFound) }
