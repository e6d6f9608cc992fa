package account

import (
	"net/http"
	"time"

	"openhall.org/openhall/internal/app"
	"openhall.org/openhall/internal/platform/identity/oidc"
	"openhall.org/openhall/internal/platform/web/i18n"
)

// providerTimeout is how long an identity provider may take to answer one request.
const providerTimeout = 10 * time.Second

// Module brings the pages of accounts into the program.
func Module() app.Module {
	return app.Module{
		Name: "account", Locales: []i18n.Source{Messages()},
		Mount: func(n *app.Node) error {
			providers, err := oidc.All(n.Config.OIDC, n.Config.BaseURL, &http.Client{Timeout: providerTimeout, CheckRedirect: stay}, n.Now)
			if err != nil {
				return err
			}
			s, err := New(Deps{Identity: n.Identity, Policies: n.Policies, Registry: n.Registry, Now: n.Now, Tasks: n.Cases, Providers: providers})
			if err == nil {
				s.Mount(n.Shell)
			}
			return err
		},
	}
}

// stay follows no redirect: a provider is where the configuration says.
func stay(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
