package power

import (
	"context"
	"io/fs"
	"log/slog"
	"time"

	"openhall.org/openhall/internal/app"
	"openhall.org/openhall/internal/platform/web/i18n"
)

// refreshEvery is how soon this node shows what another one has published.
const refreshEvery = 3 * time.Second

// Module returns what the slice brings. demo holds the files of a catalogue as [Load] reads them, for the demo province.
func (s *Service) Module(log *slog.Logger, demo fs.FS) app.Module {
	return app.Module{
		Name:    "power",
		Schema:  Schema(),
		Locales: []i18n.Source{Messages()},
		Open: func(ctx context.Context, n *app.Node) error {
			s.deps.Procedures = n.Cases
			return s.Load(ctx)
		},
		Mount: func(n *app.Node) error {
			s.Mount(n.Shell, n.Identity)
			return nil
		},
		Jobs: []app.Job{{Name: "power.refresh", Run: func(ctx context.Context) { s.keepFresh(ctx, log) }}},
		Demo: func(ctx context.Context, _ *app.Node) error {
			c, err := Load(demo)
			if err != nil {
				return err
			}
			_, err = s.Import(ctx, c)
			return err
		},
	}
}

// keepFresh reads the catalogue again whenever it was changed, until ctx ends.
func (s *Service) keepFresh(ctx context.Context, log *slog.Logger) {
	tick := time.NewTicker(refreshEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			moved, err := s.Refresh(ctx)
			if err != nil && ctx.Err() == nil {
				log.Error("the catalogue of items could not be read again; the old one is still shown", "error", err)
			}
			if moved {
				if err := s.report(ctx); err != nil && ctx.Err() == nil {
					log.Error("items that are in no round of clean-up could not be reported", "error", err)
				}
			}
		}
	}
}
