package approval

import (
	"context"
	"encoding/json"
	"errors"

	"openhall.org/openhall/internal/app"
	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/ledger"
	"openhall.org/openhall/internal/platform/store"
	"openhall.org/openhall/internal/platform/web/i18n"
)

// Module returns what the slice brings.
func (s *Service) Module() app.Module {
	return app.Module{
		Name: "approval", Schema: Schema(), Kinds: []casework.Kind{s.Kind()}, Locales: []i18n.Source{Messages()},
		Open: func(_ context.Context, n *app.Node) error {
			s.Attach(n.Cases, LogProofs{n.Ledger})
			s.Print(n.Catalogue)
			return nil
		},
		Mount: func(n *app.Node) error {
			s.Mount(n.Shell)
			return nil
		},
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
