package centre

import (
	"context"
	"net/http"

	"openhall.org/openhall/internal/core/lang"
	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/store"
)

// People knows who sends a request and who holds a post. Package identity stands behind it.
type People interface {
	Principal(r *http.Request) (identity.Principal, error)
	// NameOf returns the name of the holder of an account, or "" when it is not known.
	NameOf(ctx context.Context, account store.ID) string
}

// Items knows the catalogue of items. The slice power stands behind it.
type Items interface {
	// ItemsOf returns what a body exercises, in the order of the codes.
	ItemsOf(body string) []ItemInfo
	// ItemInfo returns an item by its code; ok is false when there is none.
	ItemInfo(code string) (it ItemInfo, ok bool)
}

// ItemInfo is an item as one body exercises it.
type ItemInfo struct {
	Code      string // 实施编码
	Name      lang.Text
	Body      string // key
	OnTheSpot bool   // 即办件: decided at the window while the applicant waits
	Active    bool   // somebody can apply for it today
}

// Policies decides who may do what. Package identity stands behind it.
type Policies interface {
	Allow(pr identity.Principal, action string, on identity.Resource) error
}
