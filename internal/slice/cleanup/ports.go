package cleanup

import (
	"context"
	"net/http"

	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/core/lang"
	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/store"
	"openhall.org/openhall/internal/slice/cleanup/register"
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

// Item is an item as the catalogue has it.
type Item struct {
	Key    string
	Name   lang.Text
	Kind   string   // kind of body that is competent
	Bodies []string // that exercise it
	Active bool     // it can be applied for, today or from a day to come
}

// Catalogue is the catalogue of powers and items. The slice power stands behind it.
type Catalogue interface {
	Item(key string) (Item, bool)
	// Items returns all items in the order of their keys.
	Items() []Item
	// Code is under what a body exercises an item (实施编码), "" when it never did.
	Code(item, body string) string
	// Settle brings an item in line with what was decided. Done before, it changes nothing.
	Settle(ctx context.Context, l register.Line, round string) error
}

// Duty is something that a body owes by a day.
type Duty struct {
	Key, Kind, Body string
	Title           lang.Text
	Due             calendar.Date // zero: by Rule
	Rule            string
}

// Duties takes down what bodies owe. Package publication stands behind it.
type Duties interface {
	// Owe notes a duty, in the transaction of what made it so. Noted before, nothing changes.
	Owe(ctx context.Context, tx *store.Tx, d Duty) error
}

// Publication is the public list of a round as it goes into the catalogue of records.
type Publication struct {
	ID, Body, Division, Title, Text, Href string
	Day                                   calendar.Date
	Duty                                  string // that it meets
}

// Publisher puts the public list of a round into the catalogue of records, once. Package publication stands behind it.
type Publisher interface {
	// Publish returns the address of the record; "" while it is not there yet.
	Publish(ctx context.Context, p Publication) (href string, err error)
}
