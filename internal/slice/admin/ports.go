package admin

import (
	"context"
	"net/http"

	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/store"
)

// People tells who asks, and names them. *identity.Service does.
type People interface {
	Principal(r *http.Request) (identity.Principal, error)
	Account(ctx context.Context, id store.ID) (identity.Account, error)
}
