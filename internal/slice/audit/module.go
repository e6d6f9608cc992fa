package audit

import (
	"openhall.org/openhall/internal/app"
	"openhall.org/openhall/internal/platform/web/i18n"
)

// Module brings the pages of the audit administrator into the program.
func Module() app.Module {
	return app.Module{
		Name: "audit", Locales: []i18n.Source{Messages()},
		Mount: func(n *app.Node) error {
			s, err := New(Deps{Journal: n.Journal, Log: n.Ledger, Identity: n.Identity, Policies: n.Policies, Registry: n.Registry, Now: n.Now})
			if err == nil {
				s.Mount(n.Shell)
			}
			return err
		},
	}
}
