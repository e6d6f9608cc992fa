package request

import (
	"context"
	"time"

	"openhall.org/openhall/internal/app"
	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/store"
	"openhall.org/openhall/internal/platform/web/form"
	"openhall.org/openhall/internal/platform/web/i18n"
)

// erasePause is how long the eraser waits when there was nothing to erase.
const erasePause = 10 * time.Minute

// Kinds returns the kinds of cases that the slice brings.
func (s *Service) Kinds() []casework.Kind {
	return []casework.Kind{s.kind(), s.disputeKind(), s.catalogueKind()}
}

// Form returns how the desk shows what a case of the slice says, or nil.
func (s *Service) Form(kind string) *form.Schema {
	if kind == KindName {
		return s.form
	}
	return nil
}

// Module returns what the slice brings. holder names this process for the lease under which one node erases askers.
func (s *Service) Module(holder string) app.Module {
	return app.Module{
		Name: "request", Schema: Schema(), Sealed: sealedColumns(), Kinds: s.Kinds(), Locales: []i18n.Source{Messages()},
		Open: func(_ context.Context, n *app.Node) error {
			s.Attach(n.Cases, n.Catalogue)
			return nil
		},
		Mount: func(n *app.Node) error {
			s.Mount(n.Shell)
			return nil
		},
		Jobs: []app.Job{
			{Name: "erase askers", Run: func(ctx context.Context) { s.runEraser(ctx, holder) }},
			{Name: "publish what can be asked for and was replied to", Run: func(ctx context.Context) { s.runBulletins(ctx, holder) }},
		},
		Erase: s.EraseCase,
		Later: func(ctx context.Context, n *app.Node) error { return s.Demo(ctx, n) },
		Fill:  func(ctx context.Context, n *app.Node) error { return s.Fill(ctx, n) },
		Holds: s.holds,
	}
}

func (s *Service) runEraser(ctx context.Context, holder string) {
	l := store.Lease{DB: s.DB, Name: "request.erase", Holder: holder, For: time.Minute, Now: s.Now}
	l.Poll(ctx, erasePause, func(ctx context.Context) (bool, error) {
		n, err := s.Erase(ctx)
		return n > 0, err
	}, func(err error) { s.Log.ErrorContext(ctx, "erase who asked", "error", err) })
}
