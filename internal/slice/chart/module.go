package chart

import (
	"context"
	"embed"
	"time"

	"openhall.org/openhall/internal/app"
	"openhall.org/openhall/internal/platform/store"
	"openhall.org/openhall/internal/platform/web/i18n"
)

//go:embed locales/*.yaml
var locales embed.FS

// Messages are the words of the pages.
func Messages() i18n.Source { return i18n.Source{Module: "chart", FS: locales} }

// followPause is how long the follower waits when nothing came into force, and how old what another node has put into force may be here.
const followPause = 3 * time.Second

// Module returns what the slice brings. holder names this process for the lease under which one node puts charts into force.
func (s *Service) Module(holder string) app.Module {
	return app.Module{
		Name: "chart", Schema: Schema(), Locales: []i18n.Source{Messages()},
		Open: func(ctx context.Context, n *app.Node) error {
			s.Attach(n.Cases, n.Catalogue)
			return s.Load(ctx)
		},
		Mount: func(n *app.Node) error {
			s.Mount(n.Shell)
			return nil
		},
		Later: s.Demo,
		Jobs: []app.Job{
			{Name: "charts into force", Run: func(ctx context.Context) {
				l := store.Lease{DB: s.DB, Name: "chart.follow", Holder: holder, For: 20 * time.Second, Now: s.Now}
				l.Poll(ctx, followPause, s.Follow, func(err error) { s.Log.ErrorContext(ctx, "put charts into force", "error", err) })
			}},
			{Name: "charts in use", Run: s.reload},
		},
	}
}

// reload keeps in step with what other nodes put into force.
func (s *Service) reload(ctx context.Context) {
	tick := time.NewTicker(followPause)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			if err := s.Load(ctx); err != nil && ctx.Err() == nil {
				s.Log.ErrorContext(ctx, "read the charts in use", "error", err)
			}
		}
	}
}
