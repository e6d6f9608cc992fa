package report

import (
	"context"
	"embed"
	"time"

	"openhall.org/openhall/internal/app"
	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/store"
	"openhall.org/openhall/internal/platform/web/i18n"
)

//go:embed locales/*.yaml
var locales embed.FS

// Messages are the words of the slice.
func Messages() i18n.Source { return i18n.Source{Module: "report", FS: locales} }

// followPause is how long the follower waits when there was nothing to put into the catalogue.
const followPause = 5 * time.Second

// Module returns what the slice brings. holder names the node in leases.
func (s *Service) Module(holder string) app.Module {
	return app.Module{
		Name: "report", Schema: Schema(), Kinds: []casework.Kind{s.Kind()}, Locales: []i18n.Source{Messages()},
		Open: func(_ context.Context, n *app.Node) error {
			s.Attach(n.Cases, n.Catalogue)
			return nil
		},
		Mount: func(n *app.Node) error {
			s.Mount(n.Shell)
			return nil
		},
		Later: s.Demo, Fill: s.Fill, Holds: s.holds,
		Jobs: []app.Job{{Name: "report.catalogue", Run: func(ctx context.Context) {
			l := store.Lease{DB: s.DB, Name: "report.catalogue", Holder: holder, For: 30 * time.Second, Now: s.Now}
			l.Poll(ctx, followPause, s.follow, func(err error) { s.Log.ErrorContext(ctx, "put reports into the catalogue", "error", err) })
		}}, {Name: "report.owing", Run: func(ctx context.Context) {
			s.oweEvery(ctx, &store.Lease{DB: s.DB, Name: "report.owing", Holder: holder, For: 30 * time.Second, Now: s.Now})
		}}},
	}
}
