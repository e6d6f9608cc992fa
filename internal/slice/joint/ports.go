package joint

import (
	"context"
	"encoding/json"
	"net/http"

	"openhall.org/openhall/internal/core/lang"
	"openhall.org/openhall/internal/core/term"
	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/store"
)

// People knows who asks. Package identity stands behind it.
type People interface {
	// Principal returns who sends the request; a visitor is no error.
	Principal(r *http.Request) (identity.Principal, error)
	// Party returns what a party has proved about itself: what need not be typed again.
	Party(ctx context.Context, party store.ID) (casework.Applicant, error)
}

// Catalogue knows the service items. The slice power stands behind it. It answers from memory.
type Catalogue interface {
	// Item returns an item by its key in the power catalogue, as a body of the division exercises it today. Ok is false when none does.
	Item(key, division string) (*Item, bool)
	// Items lists the items that bodies of the division exercise, for the builder.
	Items(division string) []Item
}

// Item is a service item of a body.
type Item struct {
	Key, Code, Body     string
	Title               lang.Text
	Form                json.RawMessage
	Materials           []ItemMaterial
	Statutory, Promised term.Length
	Guide               string
}

// ItemMaterial is a paper that an item asks for.
type ItemMaterial struct {
	Key    string
	Name   lang.Text
	Main   bool
	ByForm bool // the application form itself
}

// Policy decides who may do what. Package identity stands behind it.
type Policy interface {
	Allow(p identity.Principal, action string, on identity.Resource) error
}
