package account

import (
	"embed"
	"net/http"

	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/web"
	"openhall.org/openhall/internal/platform/web/i18n"
)

//go:embed locales/*.yaml
var locales embed.FS

// Messages are the words of the pages of accounts.
func Messages() i18n.Source { return i18n.Source{Module: "account", FS: locales} }

// actionOwn is the action of keeping one's own account.
const actionOwn = "account.own"

// actionFactor is the action of adding one's own second factor.
const actionFactor = "account.factor"

// Mount adds the pages to the shell.
func (s *Service) Mount(shell *web.Shell) {
	public := func(pattern, name string, h web.HandlerFunc) {
		shell.Handle(pattern, web.Route{Name: "account." + name, Public: true, Private: true}, h)
	}
	public("GET /signin", "sign-in", s.getSignIn)
	public("POST /signin", "do-sign-in", s.postSignIn)
	public("GET /signin/code", "second-step", s.getSecond)
	public("POST /signin/code", "do-second-step", s.postSecond)
	public("POST /signin/passkey/ask", "ask-passkey", s.postAskPasskey)
	public("POST /signin/passkey", "sign-in-passkey", s.postSignInPasskey)
	public("GET /signin/oidc/{provider}", "sign-in-provider", s.getProvider)
	public("GET /signin/oidc/{provider}/callback", "provider-callback", s.getCallback)
	public("POST /signout", "sign-out", s.postSignOut)
	public("GET /register", "register", s.getRegister)
	public("POST /register", "do-register", s.postRegister)

	may := func(action string) func(pattern, name string, h page) {
		return func(pattern, name string, h page) {
			shell.Handle(pattern, web.Route{Name: "account." + name, Action: action}, s.as(h))
		}
	}
	// An unlocked screen must not suffice for what changes who can sign in, here and below.
	fresh := func(action string) func(pattern, name string, h page) {
		return func(pattern, name string, h page) {
			shell.Handle(pattern, web.Route{Name: "account." + name, Action: action, Fresh: true}, s.as(h))
		}
	}
	factor, freshFactor := may(actionFactor), fresh(actionFactor)
	factor("GET /account/factors", "factors", s.getFactors)
	factor("GET /account/confirm", "confirm", s.getConfirm)
	factor("POST /account/confirm", "do-confirm", s.postConfirm)
	freshFactor("GET /account/factors/totp", "totp", s.getTOTP)
	freshFactor("POST /account/factors/totp", "add-totp", s.postTOTP)
	freshFactor("POST /account/factors/passkey/ask", "offer-passkey", s.postOfferPasskey)
	freshFactor("POST /account/factors/passkey", "add-passkey", s.postPasskey)
	freshFactor("POST /account/factors/{id}/remove", "remove-factor", s.postRemoveFactor)
	freshFactor("POST /account/factors/recovery", "recovery", s.postRecovery)

	own, freshOwn := may(actionOwn), fresh(actionOwn)
	own("GET /account", "profile", s.getProfile)
	own("GET /account/sessions", "sessions", s.getSessions)
	own("POST /account/sessions/end", "end-sessions", s.postEndSessions)
	own("POST /account/sessions/{ref}/end", "end-session", s.postEndSession)
	own("GET /account/links", "links", s.getLinks)
	freshOwn("POST /account/links", "link", s.postLink)
	freshOwn("POST /account/links/end", "unlink", s.postUnlink)
	freshFactor("GET /account/password", "password", s.getPassword)
	freshFactor("POST /account/password", "change-password", s.postPassword)
	own("POST /account/acting", "act-for", s.postActing)
	own("POST /account/post", "choose-post", s.postPost)
	own("GET /account/organisation", "organisation", s.getOrganisation)
	own("POST /account/organisation", "register-organisation", s.postOrganisation)
	own("GET /account/mandates", "mandates", s.getMandates)
	own("POST /account/mandates", "grant", s.postGrant)
	own("POST /account/mandates/{id}/revoke", "revoke", s.postRevoke)
	own("GET /admin", "admin", s.getAdmin)

	tokens := may(identity.ActionTokens)
	tokens("GET /admin/tokens", "tokens", s.getTokens)
	freshTokens := fresh(identity.ActionTokens)
	freshTokens("POST /admin/tokens", "make-token", s.postToken)
	freshTokens("POST /admin/tokens/{id}/revoke", "revoke-token", s.postRevokeToken)

	accounts := may(identity.ActionAccounts)
	accounts("GET /admin/accounts", "accounts", s.getAccounts)
	accounts("POST /admin/accounts", "find-account", s.postFindAccount)
	accounts("GET /admin/accounts/new", "new-staff", s.getNewStaff)
	accounts("GET /admin/accounts/{id}", "account", s.getAccount)
	freshAccounts := fresh(identity.ActionAccounts)
	freshAccounts("POST /admin/accounts/new", "add-staff", s.postNewStaff)
	freshAccounts("POST /admin/accounts/{id}/disabled", "disable", s.postDisabled)
	freshAccounts("POST /admin/accounts/{id}/password", "reset-password", s.postReset)
	freshAccounts("POST /admin/accounts/{id}/factors", "reset-factors", s.postResetFactors)
	freshAccounts("POST /admin/accounts/{id}/sessions", "end-sessions-of", s.postEndSessionsOf)
	freshAccounts("POST /admin/accounts/{id}/unlock", "unlock", s.postUnlock)

	people := may(identity.ActionRegistry)
	people("GET /admin/people", "people", s.getPeople)
	people("GET /admin/people/{body}", "posts", s.getPosts)
	people("POST /admin/people/{body}", "appoint", s.postAppoint)
	people("GET /admin/people/{body}/{post}/{account}/{from}", "appointment", s.getAppointment)
	people("POST /admin/people/{body}/{post}/{account}/{from}", "end-appointment", s.postEnd)
}

// page serves somebody who is known.
type page func(who identity.Principal, w http.ResponseWriter, r *http.Request) error

func (s *Service) as(h page) web.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) error {
		who, err := s.Identity.Principal(r)
		if err != nil {
			return err
		}
		return h(who, w, r)
	}
}
