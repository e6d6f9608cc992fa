package agent

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
func Messages() i18n.Source { return i18n.Source{Module: "agent", FS: locales} }

// lateEvery is how often late visits are looked for, and leaseFor how long a node keeps doing it.
const (
	lateEvery = time.Minute
	leaseFor  = 5 * time.Minute
)

// Module returns what the slice brings. holder names the node in leases.
func (s *Service) Module(holder string) app.Module {
	return app.Module{
		Name: "agent", Schema: Schema(), Sealed: sealedColumns(), Kinds: s.Kinds(), Locales: []i18n.Source{Messages()},
		Open: func(_ context.Context, n *app.Node) error {
			s.Attach(n.Cases)
			return nil
		},
		Mount: func(n *app.Node) error {
			s.Mount(n.Shell)
			return nil
		},
		Jobs: []app.Job{{Name: "agent.visits", Run: func(ctx context.Context) {
			l := store.Lease{DB: s.DB, Name: "agent.visits", Holder: holder, For: leaseFor, Now: s.Now}
			l.Poll(ctx, lateEvery, s.NoticeLate, func(err error) { s.Log.ErrorContext(ctx, "notice late home visits", "error", err) })
		}}, {Name: "agent.corrections", Run: func(ctx context.Context) {
			l := store.Lease{DB: s.DB, Name: "agent.corrections", Holder: holder, For: leaseFor, Now: s.Now}
			l.Poll(ctx, lateEvery, s.CatchUp, func(err error) { s.Log.ErrorContext(ctx, "catch up with what is asked of villagers", "error", err) })
		}}},
		Erase: s.erase,
		Later: s.Demo,
	}
}

// erase empties what is kept of a consent beside its case.
func (s *Service) erase(_ context.Context, tx *store.Tx, id store.ID) (files int, err error) {
	tx.Queue(`UPDATE agent_consent SET sealed = NULL WHERE id = $1`, int64(id))
	return 0, nil
}
