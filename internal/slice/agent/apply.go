package agent

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"openhall.org/openhall/internal/core/lang"
	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/identity"
)

// Handing is what an agent hands in for a villager.
type Handing struct {
	Draft   string // its identity: handed in again, it is the same case
	Item    string // code
	Version int    // of the item as it was filled in; 0: as it stands
	Form    json.RawMessage
	Files   []casework.FileRef
	Again   bool // the villager has an open application for the same item, and wants another
}

// HandIn (代办申请) hands an application in for the villager of a consent. A draft that became a case before gives that case again.
func (s *Service) HandIn(ctx context.Context, who identity.Principal, c *Consent, a Handing) (Handed, error) {
	if h, ok, err := s.taken(ctx, who.Account, a.Draft); err != nil || ok {
		return h, err
	}
	if err := s.mayAct(ctx, who, c); err != nil {
		return Handed{}, err
	}
	it, err := s.item(who.Post, c, a.Item, a.Version)
	if err != nil {
		return Handed{}, err
	}
	if !a.Again {
		if err := s.openAlready(ctx, it.Code, c.Agreed.IDNumber); err != nil {
			return Handed{}, err
		}
	}
	party, err := s.People.ByNumber(ctx, c.Agreed.IDNumber)
	if err != nil {
		return Handed{}, err
	}
	_, err = s.Items.Submit(ctx, who, Application{Code: it.Code, Form: a.Form, Files: a.Files, Applicant: casework.Applicant{
		Party: party, Kind: identity.Person, Name: c.Agreed.Name, IDNumber: c.Agreed.IDNumber, Phone: s.reached(c, a.Form), Address: c.Agreed.Address,
		Agent: who.Name, Consent: c.ID, Draft: a.Draft,
	}}, "agent/draft/"+a.Draft)
	h, ok, lookErr := s.taken(ctx, who.Account, a.Draft)
	switch {
	case lookErr != nil:
		return h, errors.Join(err, lookErr)
	case ok: // just now, or by the same draft that came in at the same time with files of its own
		return h, nil
	case err == nil:
		return h, fmt.Errorf("draft of agent %s: handed in, but not in the book", who.Account)
	default:
		return h, err
	}
}

// reached is the telephone at which the villager is reached: their own, that of the form, or else that of the township centre, which tells them.
func (s *Service) reached(c *Consent, form json.RawMessage) string {
	if c.Agreed.Phone != "" {
		return c.Agreed.Phone
	}
	var typed struct{ Telephone, Phone string }
	if err := json.Unmarshal(form, &typed); err == nil {
		if phone := cmp.Or(typed.Telephone, typed.Phone); phone != "" {
			return phone
		}
	}
	for _, centre := range s.Registry.Now().CentresRunBy(c.Body) {
		if centre.Telephone != "" {
			return centre.Telephone
		}
	}
	return ""
}

// item returns an item that can be handed in under a consent in the version in which it was filled in.
func (s *Service) item(post identity.Post, c *Consent, code string, version int) (*Item, error) {
	it, err := s.Items.Item(strings.ToUpper(code))
	var refusal *casework.Refusal
	if errors.As(err, &refusal) {
		gone := *refusal
		gone.Args = map[string]any{"Why": WhyGone}
		if gone.Text.IsZero() {
			gone.Text = itemGone
		}
		return nil, &gone
	}
	if err != nil {
		return nil, err
	}
	if f, in := s.fieldOf(it.Key); in {
		if offered := s.offered(post, c.Village, it.Key); offered != nil && offered.Code == it.Code {
			if err := s.outside(c, f.Key); err != nil {
				return nil, err
			}
			if version != 0 && version != it.Version {
				return nil, &casework.Refusal{Code: casework.RefusedSubject, Text: itemMoved, Args: map[string]any{"Why": WhyChanged}}
			}
			return it, nil
		}
	}
	return nil, &casework.Refusal{Code: casework.RefusedSubject, Text: notOffered, Args: map[string]any{"Why": WhyGone}}
}

// openAlready refuses a second application for an item while the first runs.
func (s *Service) openAlready(ctx context.Context, code, idNumber string) error {
	list, err := s.cases.List(ctx, casework.Filter{Subject: code, Holder: s.cases.HolderIndex(idNumber), OpenOnly: true, Limit: 1})
	if err != nil || len(list) == 0 {
		return err
	}
	number := list[0].Number
	return &casework.Refusal{Code: casework.RefusedSubject, Args: map[string]any{"Why": WhyOpen, "Number": number}, Text: lang.Text{
		Hans: "这位村民的同一事项正在办理（" + number + "）。确实要再申请一件的，请勾选“再申请一件”",
		Hant: "這位村民的同一事項正在辦理（" + number + "）。確實要再申請一件的，請勾選「再申請一件」",
		En:   "This villager has an open application for the same item (" + number + "). Tick “another one” if they want another",
	}}
}
