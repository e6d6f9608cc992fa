package centre

import (
	"context"
	"embed"

	"openhall.org/openhall/internal/app"
	"openhall.org/openhall/internal/platform/web/i18n"
)

//go:embed locales/*.yaml
var locales embed.FS

// Messages are the words of the room.
func Messages() i18n.Source { return i18n.Source{Module: "centre", FS: locales} }

// Module returns what the room brings.
func (s *Service) Module() app.Module {
	return app.Module{
		Name: "centre", Schema: Schema(), Sealed: sealedColumns(), Locales: []i18n.Source{Messages()},
		Open: func(ctx context.Context, _ *app.Node) error { return s.Load(ctx) },
		Mount: func(n *app.Node) error {
			s.Mount(n.Shell, n.Draining)
			return nil
		},
		Jobs: []app.Job{{Name: "centre", Run: s.Run}},
		Demo: func(ctx context.Context, _ *app.Node) error { return s.demo(ctx) },
	}
}
