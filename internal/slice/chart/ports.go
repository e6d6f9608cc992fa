package chart

import (
	"context"
	"net/http"

	"openhall.org/openhall/internal/core/lang"
	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/publication"
	"openhall.org/openhall/internal/platform/store"
)

// People knows who asks. Package identity stands behind it.
type People interface {
	Principal(r *http.Request) (identity.Principal, error)
}

// Names turns keys of the registry into words.
type Names interface {
	Body(key string) lang.Text
	// Person names who holds an account; empty when nobody is known.
	Person(ctx context.Context, account store.ID) string
}

// Powers knows the powers of a body. Slice power stands behind it.
type Powers interface {
	// OfBody lists the powers that a body exercises, with the procedure that the catalogue names for each.
	OfBody(body string) []Power
}

// Power is a power of a body.
type Power struct {
	Key       string
	Code      string // implementation code
	Name      lang.Text
	Procedure string
}

// Records are where a chart becomes public. Package publication stands behind it.
type Records interface {
	Draft(ctx context.Context, actor identity.Principal, d publication.Draft) (store.ID, error)
	Edit(ctx context.Context, actor identity.Principal, id store.ID, d publication.Draft) error
	Submit(ctx context.Context, actor identity.Principal, key string, ids ...store.ID) (casework.Receipt, error)
	Resubmit(ctx context.Context, actor identity.Principal, kase store.ID, key string) (casework.Receipt, error)
	Work(ctx context.Context, actor identity.Principal, id store.ID) (*publication.Work, error)
	Get(ctx context.Context, id store.ID) (*publication.Record, error)
}

// Kinds knows what a case of a power can do beyond its chart: which services and letters there are.
type Kinds interface {
	Service(topic string) bool
	Letter(kind string) bool
}
