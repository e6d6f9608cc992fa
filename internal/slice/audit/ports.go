package audit

import (
	"context"
	"net/http"

	"openhall.org/openhall/internal/core/merkle"
	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/store"
)

// People tells who asks, and names them. *identity.Service does.
type People interface {
	Principal(r *http.Request) (identity.Principal, error)
	Account(ctx context.Context, id store.ID) (identity.Account, error)
	AccountByLogin(ctx context.Context, login string) (identity.Account, error)
}

// Log proves places and signs manifests. *ledger.Ledger is one.
type Log interface {
	Receipt(ctx context.Context, event store.ID) (merkle.Receipt, error)
	Checkpoint(ctx context.Context) ([]byte, error)
	Proof(ctx context.Context, size, index int64) ([]merkle.Hash, error)
	SignManifest(m merkle.Manifest) ([]byte, error)
}
