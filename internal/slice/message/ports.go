package message

import (
	"net/http"

	"openhall.org/openhall/internal/platform/identity"
)

// People tells who asks.
type People interface {
	Principal(r *http.Request) (identity.Principal, error)
}
