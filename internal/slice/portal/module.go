package portal

import (
	"openhall.org/openhall/internal/app"
	"openhall.org/openhall/internal/platform/web/i18n"
)

// Module brings the portal into the program. Connect says what it works with, once the node stands.
func Module(connect func(*app.Node) Deps) app.Module {
	return app.Module{
		Name: "portal", Locales: []i18n.Source{Messages()},
		Mount: func(n *app.Node) error {
			s, err := New(connect(n))
			if err == nil {
				s.Mount(n.Shell)
			}
			return err
		},
	}
}
