package oversight

import (
	"context"
	"embed"
	"encoding/json"
	"errors"

	"openhall.org/openhall/internal/app"
	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/ledger"
	"openhall.org/openhall/internal/platform/store"
	"openhall.org/openhall/internal/platform/web/i18n"
)

//go:embed locales/*.yaml
var locales embed.FS

// Messages are the words of the slice.
func Messages() i18n.Source { return i18n.Source{Module: "oversight", FS: locales} }

// Module returns what the slice brings. holder names the node in leases; report is told what goes wrong in the background.
func (s *Service) Module(holder string, report func(error)) app.Module {
	return app.Module{
		Name: "oversight", Schema: Schema(), Kinds: []casework.Kind{s.CardCases(), s.OrderCases()}, Locales: []i18n.Source{Messages()},
		Open: func(_ context.Context, n *app.Node) error {
			s.Attach(n.Cases, n.Supervision, LogProofs{n.Ledger})
			return nil
		},
		Mount: func(n *app.Node) error {
			s.Mount(n.Shell)
			return nil
		},
		Later: s.Demo,
		Jobs:  []app.Job{{Name: "oversight.cards", Run: func(ctx context.Context) { s.Run(ctx, holder, report) }}},
	}
}

// LogProofs are the proofs of the log.
type LogProofs struct{ Log *ledger.Ledger }

// Receipt returns the receipt of an event as openhall verify receipt reads it.
func (p LogProofs) Receipt(ctx context.Context, event store.ID) (receipt []byte, ok bool, err error) {
	r, err := p.Log.Receipt(ctx, event)
	if errors.Is(err, ledger.ErrPending) {
		return nil, false, nil
	}
	if err != nil {
		return nil, false, err
	}
	receipt, err = json.Marshal(r)
	return receipt, err == nil, err
}
