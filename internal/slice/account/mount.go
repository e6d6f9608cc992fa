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

// Mount adds the pages to the shell.
func (s *Service) Mount(shell *web.Shell) {
	public := func(pattern, name string, h web.HandlerFunc) {
		shell.Handle(pattern, web.Route{Name: "account." + name, Public: true, Private: true}, h)
	}
	public("GET /signin", "sign-in", s.getSignIn)
	public("POST /signin", "do-sign-in", s.postSignIn)
	public("POST /signout", "sign-out", s.postSignOut)
	public("GET /register", "register", s.getRegister)
	public("POST /register", "do-register", s.postRegister)

	may := func(action string) func(pattern, name string, h page) {
		return func(pattern, name string, h page) {
			shell.Handle(pattern, web.Route{Name: "account." + name, Action: action}, s.as(h))
		}
	}
	own := may(actionOwn)
	own("GET /account", "profile", s.getProfile)
	own("GET /account/password", "password", s.getPassword)
	own("POST /account/password", "change-password", s.postPassword)
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
	tokens("POST /admin/tokens", "make-token", s.postToken)
	tokens("POST /admin/tokens/{id}/revoke", "revoke-token", s.postRevokeToken)

	accounts := may(identity.ActionAccounts)
	accounts("GET /admin/accounts", "accounts", s.getAccounts)
	accounts("POST /admin/accounts", "find-account", s.postFindAccount)
	accounts("GET /admin/accounts/new", "new-staff", s.getNewStaff)
	accounts("POST /admin/accounts/new", "add-staff", s.postNewStaff)
	accounts("GET /admin/accounts/{id}", "account", s.getAccount)
	accounts("POST /admin/accounts/{id}/disabled", "disable", s.postDisabled)
	accounts("POST /admin/accounts/{id}/password", "reset-password", s.postReset)

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
