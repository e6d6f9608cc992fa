package desk

import (
	"errors"
	"net/http"
	"net/url"
	"strconv"

	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/web"
	"openhall.org/openhall/internal/platform/web/form"
)

// revokePage is what the page shows on which a letter is revoked.
type revokePage struct {
	c      *casework.Case
	letter Letter
	key    string
	form   *form.Form
}

func revokePath(c *casework.Case, l Letter) string {
	return casePath(c, 0) + "/letter/" + strconv.FormatInt(l.Seq, 10) + "/" + url.PathEscape(l.Kind) + "/revoke"
}

// mayRevoke reports whether the actor may revoke letters of a case. The command asks again.
func (s *Service) mayRevoke(actor identity.Principal, c *casework.Case) bool {
	return s.MayDo(actor, c, casework.ActionRevoke, &casework.Task{})
}

// revokePage finds the letter of the address, for whoever may revoke it.
func (s *Service) revokePage(r *http.Request) (identity.Principal, revokePage, error) {
	actor, err := s.People.Principal(r)
	if err != nil {
		return actor, revokePage{}, err
	}
	c, err := s.find(r.Context(), actor, normal(r.PathValue("number")))
	if err != nil {
		return actor, revokePage{}, err
	}
	if !s.mayRevoke(actor, c) {
		return actor, revokePage{}, &identity.Denied{Action: casework.ActionRevoke, Reason: identity.DeniedRole}
	}
	m, err := s.Matters.Matter(r.Context(), c)
	if err != nil {
		return actor, revokePage{}, err
	}
	seq, _ := strconv.ParseInt(r.PathValue("seq"), 10, 64) // 0 is no event: there is no such letter
	for _, l := range m.Letters {
		if l.Seq != seq || l.Kind != r.PathValue("kind") {
			continue
		}
		if !l.RevokedAt.IsZero() {
			return actor, revokePage{}, &casework.Refusal{Code: casework.RefusedRevoked}
		}
		if !l.Revocable { // the receipt of the application says what happened, and nothing that could be taken back
			break
		}
		return actor, revokePage{c: c, letter: l, key: newKey(), form: form.Of(nil)}, nil
	}
	return actor, revokePage{}, &casework.Refusal{Code: casework.RefusedNoDocument}
}

func (s *Service) getRevoke(w http.ResponseWriter, r *http.Request) error {
	_, p, err := s.revokePage(r)
	if err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, revokeView(web.ViewOf(r), p))
}

// postRevoke revokes the letter. What is wrong with the reason is told beside it.
func (s *Service) postRevoke(w http.ResponseWriter, r *http.Request) error {
	actor, p, err := s.revokePage(r)
	if err != nil {
		return err
	}
	if p.form, err = form.Parse(r); err != nil {
		return err
	}
	if key := p.form.Value(fieldKey); key != "" {
		p.key = key
	}
	_, err = s.Cases.Do(r.Context(), casework.Command{Key: p.key, Actor: actor, Case: p.c.ID, Act: casework.Revoke{
		Document: p.letter.Kind, Of: p.letter.Seq, Reason: p.form.Value("reason"),
	}})
	var refusal *casework.Refusal
	if errors.As(err, &refusal) && refusal.Code == casework.RefusedForm && len(refusal.Fields) == 1 {
		v := web.ViewOf(r)
		what := map[string]string{"minLength": "short", "maxLength": "long", "personal": "personal"}[refusal.Fields[0].Code]
		p.form.Fail("reason", v.L.T("desk.revoke.wrong."+what))
		return web.Render(w, r, http.StatusUnprocessableEntity, revokeView(v, p))
	}
	if err != nil {
		return err
	}
	web.SetFlash(w, r, web.Flash{Kind: "success", Key: "desk.revoke.done", Args: map[string]string{"Number": p.c.Number}})
	return web.SeeOther(w, r, casePath(p.c, 0))
}
