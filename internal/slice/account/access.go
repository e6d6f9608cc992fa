package account

import (
	"net/http"
	"time"

	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/web"
)

// accountState is how an account can be entered at the moment.
type accountState struct {
	factors  []identity.Factor
	sessions []identity.Session
	locked   time.Time // until when; zero: not
}

func (s *Service) stateOf(who identity.Principal, r *http.Request, a identity.Account) (now accountState, err error) {
	ctx := r.Context()
	if now.factors, err = s.Identity.Factors(ctx, a.ID); err == nil {
		now.sessions, err = s.Identity.SessionsOf(ctx, who, a.ID)
	}
	if err == nil {
		now.locked, err = s.Identity.LockedUntil(ctx, who, a.ID)
	}
	return now, err
}

func (s *Service) showAccount(who identity.Principal, w http.ResponseWriter, r *http.Request, a identity.Account, secret string) error {
	now, err := s.stateOf(who, r, a)
	if err != nil {
		return err
	}
	v := web.ViewOf(r)
	p := s.accountView(v.L, a, now, secret)
	if a.Kind == identity.Staff && !a.Disabled {
		if p.left, err = s.leaving(r.Context(), v.L, a.ID, nil); err != nil {
			return err
		}
	}
	return web.Render(w, r, http.StatusOK, accountPage(v, p))
}

// factorNames lists the kinds of factors that an account has; what their owner calls them is nobody else's business.
func factorNames(l *web.Localizer, all []identity.Factor) string {
	if len(all) == 0 {
		return l.T("account.factor.none")
	}
	text := ""
	for i, f := range all {
		if i > 0 {
			text += l.T("account.device.comma")
		}
		text += l.T("account.factor." + string(f.Kind))
	}
	return text
}

// postResetFactors takes the second factors of somebody away who has lost them.
func (s *Service) postResetFactors(who identity.Principal, w http.ResponseWriter, r *http.Request) error {
	a, err := s.account(who, r)
	if err != nil {
		return err
	}
	if err := s.Identity.ResetFactors(r.Context(), who, a.ID); err != nil {
		return unprocessable(err)
	}
	return done(w, r, accountPath(a.ID), "account.staff.factors-done")
}

// postEndSessionsOf signs somebody out everywhere.
func (s *Service) postEndSessionsOf(who identity.Principal, w http.ResponseWriter, r *http.Request) error {
	a, err := s.account(who, r)
	if err != nil {
		return err
	}
	if err := s.Identity.EndSessionsOf(r.Context(), who, a.ID); err != nil {
		return err
	}
	return done(w, r, accountPath(a.ID), "account.staff.sessions-done")
}

// postUnlock lets somebody try again who is locked by wrong passwords or codes.
func (s *Service) postUnlock(who identity.Principal, w http.ResponseWriter, r *http.Request) error {
	a, err := s.account(who, r)
	if err != nil {
		return err
	}
	if err := s.Identity.Unlock(r.Context(), who, a.ID); err != nil {
		return err
	}
	return done(w, r, accountPath(a.ID), "account.staff.unlocked")
}
