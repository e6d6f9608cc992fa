package rating

import (
	"context"
	"net/http"

	"openhall.org/openhall/internal/core/lang"
	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/ledger"
	"openhall.org/openhall/internal/platform/store"
)

// People knows who asks. Package identity stands behind it.
type People interface {
	// Principal returns who sends the request; a visitor is no error.
	Principal(r *http.Request) (identity.Principal, error)
	// Contact returns the name and the telephone number of an account, and the identity number that it has proved.
	Contact(ctx context.Context, account store.ID) (name, phone, idNumber string, err error)
}

// Items knows the service items. The slice power stands behind it. It answers from memory.
type Items interface {
	// Title names the item with the implementation code, or answers nothing.
	Title(code string) lang.Text
	// OfBody lists what can be applied for with a body.
	OfBody(body string) []Item
}

// Item is a service item of a body.
type Item struct {
	Code  string
	Title lang.Text
}

// Visits knows the visits to windows. The slice centre stands behind it.
type Visits interface {
	// Visit returns the visit with the code on the queue ticket, once it was served. Ok is false when there is none, and while it waits.
	Visit(ctx context.Context, code string) (v Visit, ok bool, err error)
}

// Visit (窗口办事) is a visit to a window that was served.
type Visit struct {
	Centre   string // key
	Window   string // key
	Body     string // whose matter it was; empty: of none in particular
	Item     string // implementation code; empty: none in particular
	Division string // of the centre
	Clerk    store.ID
}

// Log is the public log. Package ledger stands behind it.
type Log interface {
	// Follow hands every event to a consumer until ctx ends.
	Follow(ctx context.Context, name string, handle ledger.Handle)
	// Next returns the place of the first event that a consumer has not seen.
	Next(ctx context.Context, name string) (int64, error)
	// Events returns events in the order of the log, from a place on.
	Events(ctx context.Context, from, limit int64) ([]casework.Event, error)
}
