package intermediary

import (
	"context"
	"net/http"

	"openhall.org/openhall/internal/core/lang"
	"openhall.org/openhall/internal/core/merkle"
	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/store"
)

// People knows who asks. Package identity stands behind it.
type People interface {
	Principal(r *http.Request) (identity.Principal, error)
	// Party returns what a party has proved about itself. It is personal.
	Party(ctx context.Context, party store.ID) (casework.Applicant, error)
}

// Names turns keys of the registry into words.
type Names interface {
	Body(key string) lang.Text
	Division(code string) lang.Text
	Post(key string) lang.Text
}

// Matter is a case that may ask for intermediary services.
type Matter struct {
	Item      string // key in the power catalogue
	Materials map[string]lang.Text
}

// Matters knows which item a case is about. The slices approval and power stand behind it.
type Matters interface {
	// Matter answers for cases of approvals; ok is false for all others.
	Matter(c *casework.Case) (m Matter, ok bool)
	// Item names an item of the catalogue; ok is false when there is none.
	Item(key string) (name lang.Text, ok bool)
	// Guide is the address of the page about an item.
	Guide(item string) string
}

// Log is the public log. Package ledger stands behind it.
type Log interface {
	Places(ctx context.Context, events ...store.ID) (map[store.ID]int64, error)
	Proof(ctx context.Context, size, index int64) ([]merkle.Hash, error)
	Receipt(ctx context.Context, event store.ID) (merkle.Receipt, error)
	Consistency(ctx context.Context, old int64) (signed []byte, proof []merkle.Hash, err error)
	PublicKey(ctx context.Context) (string, error)
}
