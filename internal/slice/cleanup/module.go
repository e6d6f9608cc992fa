package cleanup

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

// Messages are the words of the slice.
func Messages() i18n.Source { return i18n.Source{Module: "cleanup", FS: locales} }

const (
	workPause    = time.Second // how long the worker waits when nothing was due
	refreshEvery = 2 * time.Second
)

// Module returns what the slice brings. holder names the node in leases.
func (s *Service) Module(holder string) app.Module {
	return app.Module{
		Name: "cleanup", Schema: Schema(), Kinds: s.Kinds(), Locales: []i18n.Source{Messages()},
		Open: func(ctx context.Context, n *app.Node) error {
			s.Attach(n.Cases)
			return s.Load(ctx)
		},
		Mount: func(n *app.Node) error {
			s.Mount(n.Shell)
			return nil
		},
		Later: s.Demo,
		Jobs: []app.Job{
			{Name: "cleanup.refresh", Run: s.keepFresh},
			{Name: "cleanup.work", Run: func(ctx context.Context) {
				l := store.Lease{DB: s.DB, Name: "cleanup.work", Holder: holder, For: 30 * time.Second, Now: s.Now}
				l.Poll(ctx, workPause, s.Work, func(err error) { s.Log.ErrorContext(ctx, "let rounds of clean-up take effect", "error", err) })
			}},
		},
	}
}

// keepFresh reads the register again whenever it was changed, until ctx ends.
func (s *Service) keepFresh(ctx context.Context) {
	tick := time.NewTicker(refreshEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			if err := s.Refresh(ctx); err != nil && ctx.Err() == nil {
				s.Log.ErrorContext(ctx, "the clean-up register could not be read again; the old one still holds", "error", err)
			}
		}
	}
}
