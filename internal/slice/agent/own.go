package agent

import (
	"errors"
	"fmt"
	"net/http"
	"time"

	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/store"
	"openhall.org/openhall/internal/platform/web"
	"openhall.org/openhall/internal/platform/web/door"
	"openhall.org/openhall/internal/platform/web/form"
	"openhall.org/openhall/internal/platform/web/ui"
)

func machine(t time.Time) string { return t.UTC().Format(time.RFC3339) }

// ownPage is a consent as its villager sees it.
type ownPage struct {
	Consent
	Agents string // who acts
	Steps  []ui.Step
	Cases  []caseRow
	Key    string
	Action string // where the form that takes it back is sent to
	InNow  bool
}

func (s *Service) ownPage(r *http.Request, l *web.Localizer, c Consent, action string) (*ownPage, error) {
	p := &ownPage{Consent: c, Agents: s.People.NameOf(r.Context(), c.Agent), Key: newKey(), Action: action, InNow: c.InForce(s.Now())}
	deeds, err := s.deeds(r.Context(), byConsent, c.ID)
	if err != nil {
		return nil, err
	}
	p.Steps = s.steps(r.Context(), l, deeds)
	list, err := s.handed(r.Context(), byConsent, c.ID, casesShown)
	if err != nil {
		return nil, err
	}
	p.Cases, err = s.caseRows(r.Context(), list)
	return p, err
}

// byPaper opens a consent to whoever holds its paper.
func (s *Service) byPaper(r *http.Request) (door.Door, Consent, error) {
	d, err := s.keeper.ByCode(r)
	if err != nil {
		return d, Consent{}, err
	}
	if d.Case.Kind != ConsentKind {
		return d, Consent{}, web.NotFound("web.door.not-found")
	}
	c, err := s.Consent(r.Context(), d.Case.ID)
	return d, c, err
}

func (s *Service) getByCode(w http.ResponseWriter, r *http.Request) error {
	d, c, err := s.byPaper(r)
	if err != nil {
		return err
	}
	v := large(r)
	p, err := s.ownPage(r, v.L, c, consentHref(c.Number, d.Code))
	if err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, consentView(v, s, p, d.Full))
}

func (s *Service) postByCode(w http.ResponseWriter, r *http.Request) error {
	d, c, err := s.byPaper(r)
	if err != nil {
		return err
	}
	return s.withdrawn(w, r, d.Who, c, true, consentHref(c.Number, d.Code))
}

func (s *Service) withdrawn(w http.ResponseWriter, r *http.Request, who identity.Principal, c Consent, proven bool, next string) error {
	f, err := form.Parse(r)
	if err != nil {
		return err
	}
	if err := s.Withdraw(r.Context(), who, c.ID, proven, c.Number+"/"+f.Value(fieldKey)); err != nil {
		var refusal *casework.Refusal
		if !errors.As(err, &refusal) || refusal.Code != casework.RefusedMessage { // it has ended otherwise meanwhile
			return err
		}
	}
	web.SetFlash(w, r, web.Flash{Kind: "success", Key: "agent.flash.withdrawn"})
	return web.SeeOther(w, r, next)
}

// villagerNumber returns the identity number that whoever asks has proved.
func (s *Service) villagerNumber(r *http.Request) (identity.Principal, string, error) {
	who, err := s.principal(r)
	if err != nil {
		return who, "", err
	}
	party := who.Party()
	if err := s.cases.Policy.Allow(who, ActionOwn, identity.Resource{Type: "agent", Owner: party.ID}); err != nil {
		return who, "", err
	}
	number, err := s.People.IDNumber(r.Context(), party.ID)
	if err != nil {
		return who, "", fmt.Errorf("number of a villager: %w", err)
	}
	return who, number, nil
}

func (s *Service) getMine(w http.ResponseWriter, r *http.Request) error {
	_, number, err := s.villagerNumber(r)
	if err != nil {
		return err
	}
	v := web.ViewOf(r)
	var pages []*ownPage
	if number != "" {
		list, err := s.consentsOf(r.Context(), s.cases.HolderIndex(number))
		if err != nil {
			return err
		}
		for i := range list {
			p, err := s.ownPage(r, v.L, list[i], "/me/agents/"+list[i].ID.String()+"/end")
			if err != nil {
				return err
			}
			pages = append(pages, p)
		}
	}
	return web.Render(w, r, http.StatusOK, mineView(v, s, pages))
}

func (s *Service) postMine(w http.ResponseWriter, r *http.Request) error {
	who, number, err := s.villagerNumber(r)
	if err != nil {
		return err
	}
	id, err := store.ParseID(r.PathValue("consent"))
	if err != nil {
		return web.NotFound("agent.no-consent")
	}
	c, err := s.Consent(r.Context(), id)
	if isNotFound(err) || err == nil && (number == "" || c.Agreed.IDNumber != number) {
		return web.NotFound("agent.no-consent")
	}
	if err != nil {
		return err
	}
	return s.withdrawn(w, r, who, c, true, "/me/agents")
}
