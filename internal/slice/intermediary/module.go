package intermediary

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
func Messages() i18n.Source { return i18n.Source{Module: "intermediary", FS: locales} }

// workPause is how long the worker waits when nothing was due.
const workPause = time.Second

// Module returns what the slice brings. holder names the node in leases.
func (s *Rooms) Module(holder string) app.Module {
	return app.Module{
		Name: "intermediary", Schema: Schema(), Sealed: Sealed(), Kinds: s.Kinds(), Locales: []i18n.Source{Messages()},
		Open: func(_ context.Context, n *app.Node) error {
			s.Attach(n.Cases, n.Ledger)
			return nil
		},
		Mount: func(n *app.Node) error {
			s.Mount(n.Shell)
			return nil
		},
		Later: s.Demo,
		Jobs: []app.Job{{Name: "intermediary.work", Run: func(ctx context.Context) {
			l := store.Lease{DB: s.DB, Name: "intermediary.work", Holder: holder, For: 30 * time.Second, Now: s.Now}
			l.Poll(ctx, workPause, s.Work, func(err error) { s.Log.ErrorContext(ctx, "carry orders of intermediary services on", "error", err) })
		}}},
	}
}
