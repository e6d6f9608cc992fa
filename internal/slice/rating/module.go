package rating

import (
	"context"
	"time"

	"openhall.org/openhall/internal/app"
	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/store"
	"openhall.org/openhall/internal/platform/web/i18n"
)

// openPause is how long the opener waits when there was nothing to open.
const openPause = time.Second

// Kinds returns the kinds of cases that the slice brings.
func (s *Service) Kinds() []casework.Kind {
	return []casework.Kind{s.followupKind(), s.complaintKind()}
}

// Module returns what the slice brings. holder names this process for the lease under which one node opens follow-ups.
func (s *Service) Module(holder string) app.Module {
	return app.Module{
		Name: "rating", Schema: Schema(), Sealed: sealedColumns(), Kinds: s.Kinds(), Locales: []i18n.Source{Messages()},
		Open: func(_ context.Context, n *app.Node) error { return s.Attach(n.Cases, n.Ledger) },
		Mount: func(n *app.Node) error {
			s.Mount(n.Shell)
			return nil
		},
		Jobs: []app.Job{
			{Name: "count ratings", Run: func(ctx context.Context) { s.log.Follow(ctx, Consumer, s.Count) }},
			{Name: "open follow-ups", Run: func(ctx context.Context) { s.runOpener(ctx, holder) }},
		},
		Later: func(ctx context.Context, n *app.Node) error { return s.Demo(ctx, n) },
	}
}

func (s *Service) runOpener(ctx context.Context, holder string) {
	l := store.Lease{DB: s.DB, Name: "rating.open", Holder: holder, For: 20 * time.Second, Now: s.Now}
	l.Poll(ctx, openPause, func(ctx context.Context) (bool, error) {
		n, err := s.Open(ctx)
		return n > 0, err
	}, func(err error) { s.Log.ErrorContext(ctx, "open follow-ups of bad ratings", "error", err) })
}
