package oversight

import (
	"context"
	"net/http"

	"openhall.org/openhall/internal/core/lang"
	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/store"
	"openhall.org/openhall/internal/platform/supervision"
)

// People knows who asks. Package identity stands behind it.
type People interface {
	Principal(r *http.Request) (identity.Principal, error)
}

// Names turns keys of the registry into words.
type Names interface {
	Body(key string) lang.Text
	Division(code string) lang.Text
	Post(key string) lang.Text
}

// Supervision finds and keeps cards. Package supervision stands behind it.
type Supervision interface {
	Card(ctx context.Context, id store.ID) (supervision.Card, error)
	Cards(ctx context.Context, f supervision.CardFilter) ([]supervision.Card, error)
	Asked(ctx context.Context, after store.ID, limit int) ([]supervision.Card, error)
	Rule(id string) (supervision.Rule, bool)
	Rules() []supervision.Rule
}

// Proofs prove that an event stands in the log. Package ledger stands behind it.
type Proofs interface {
	// Receipt returns what openhall verify receipt reads; ok is false while the event waits for its place.
	Receipt(ctx context.Context, event store.ID) (receipt []byte, ok bool, err error)
}
