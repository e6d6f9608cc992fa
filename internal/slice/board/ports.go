package board

import (
	"context"
	"net/http"

	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/core/lang"
	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/publication"
	"openhall.org/openhall/internal/platform/store"
	"openhall.org/openhall/internal/platform/supervision"
)

// People knows who asks. Package identity stands behind it.
type People interface {
	Principal(r *http.Request) (identity.Principal, error)
	// Again finds out anew who asks, for a request that lasts: a session may have ended since it began.
	Again(r *http.Request) (identity.Principal, error)
}

// Counters are the figures. Package supervision stands behind it.
type Counters interface {
	Counts(ctx context.Context, sc supervision.Scope, by supervision.By, from, to calendar.Date) ([]supervision.Count, error)
	Rows(ctx context.Context, sc supervision.Scope, by supervision.By, from, to calendar.Date) ([]supervision.Row, error)
	Title(ctx context.Context, item string) (lang.Text, error)
	Freshness(ctx context.Context) (supervision.Freshness, error)
}

// Lists are the cases and cards behind the figures. Package supervision stands behind it.
type Lists interface {
	Cases(ctx context.Context, f supervision.CaseFilter) ([]supervision.Listed, error)
	Paused(ctx context.Context, f supervision.CaseFilter, today calendar.Date) ([]supervision.Listed, error)
	Record(ctx context.Context, id store.ID) (*supervision.Record, error)
	Cards(ctx context.Context, f supervision.CardFilter) ([]supervision.Card, error)
	Due(ctx context.Context, f supervision.DueFilter) ([]supervision.DueCase, error)
}

// Supervision counts and watches.
type Supervision interface {
	Counters
	Lists
	Rule(id string) (supervision.Rule, bool)
}

// Duties are what bodies owe to the public (公开义务). Package publication stands behind it.
type Duties interface {
	DutyCounts(ctx context.Context, division string, below bool, body string) ([]publication.DutyCount, error)
}

// idOf reads the cursor of a list; 0 is its beginning.
func idOf(text string) store.ID {
	id, err := store.ParseID(text)
	if err != nil {
		return 0
	}
	return id
}
