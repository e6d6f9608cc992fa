package admin

import (
	"context"
	"net/http"
	"time"

	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/store"
)

// Papers erases what a case left on paper and on disk: uploads and letters. The node does.
type Papers interface {
	// EraseCase erases in the transaction what it can; nothing stays readable.
	EraseCase(ctx context.Context, tx *store.Tx, c store.ID, at time.Time) (files int, err error)
	// Count tells how many uploads and letters a case has.
	Count(ctx context.Context, c store.ID) (uploads, letters int, err error)
	// Purge removes from the disk what was erased.
	Purge(ctx context.Context) (int, error)
}

// People tells who asks, and names them. *identity.Service does.
type People interface {
	Principal(r *http.Request) (identity.Principal, error)
	Account(ctx context.Context, id store.ID) (identity.Account, error)
}
