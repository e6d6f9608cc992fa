package joint

import (
	"context"

	"openhall.org/openhall/internal/app"
	"openhall.org/openhall/internal/platform/web/i18n"
)

// Module returns what the slice brings. holder names the node in leases; report is told what goes wrong in the background.
func (s *Service) Module(holder string, report func(error)) app.Module {
	return app.Module{
		Name: "joint", Schema: Schema(), Kinds: s.Kinds(), Locales: []i18n.Source{Messages()},
		Open: func(ctx context.Context, n *app.Node) error { return s.Attach(ctx, n.Cases, n.Catalogue) },
		Mount: func(n *app.Node) error {
			s.Mount(n.Shell)
			return nil
		},
		Later: s.Demo,
		Jobs:  []app.Job{{Name: "joint.link", Run: func(ctx context.Context) { s.Run(ctx, holder, report) }}},
	}
}
