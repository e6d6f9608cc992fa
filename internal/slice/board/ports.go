package board

import (
	"context"
	"net/http"

	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/store"
	"openhall.org/openhall/internal/platform/supervision"
)

// People knows who asks. Package identity stands behind it.
type People interface {
	Principal(r *http.Request) (identity.Principal, error)
}

// Supervision counts and watches. Package supervision stands behind it.
type Supervision interface {
	Board(ctx context.Context, division string, from, to calendar.Date) (supervision.Board, error)
	Cards(ctx context.Context, f supervision.CardFilter) ([]supervision.Card, error)
	Due(ctx context.Context, f supervision.DueFilter) ([]supervision.DueCase, error)
	Rule(id string) (supervision.Rule, bool)
}

// Log tells how fresh the numbers are. Package ledger stands behind it.
type Log interface {
	// Next returns the place of the first event that a consumer has not seen, and Behind how many wait for it.
	Next(ctx context.Context, consumer string) (int64, error)
	Behind(ctx context.Context, consumer string) (int64, error)
}

// idOf reads the cursor of a list; 0 is its beginning.
func idOf(text string) store.ID {
	id, err := store.ParseID(text)
	if err != nil {
		return 0
	}
	return id
}
