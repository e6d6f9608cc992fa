package disclosure

import (
	"context"
	"net/http"

	"openhall.org/openhall/internal/core/lang"
	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/store"
)

// People tells who asks.
type People interface {
	Principal(r *http.Request) (identity.Principal, error)
}

// Matters knows the service items (政务服务事项). The slice power stands behind it.
type Matters interface {
	// Related lists items that have to do with words, those of a body first.
	Related(body, words string, most int) []Matter
}

// Matter is a service item as pages lead to it.
type Matter struct {
	Href string
	Name lang.Text
	Body lang.Text // that does it
}

// Alerts tells an account that something new answers a search it has saved. Package notify stands behind it.
type Alerts interface {
	Alert(ctx context.Context, account store.ID) error
}
