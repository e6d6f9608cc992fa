package door

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"time"

	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/registry"
	"openhall.org/openhall/internal/platform/store"
	"openhall.org/openhall/internal/platform/web"
)

// People knows who asks. Package identity stands behind it.
type People interface {
	// Principal returns who sends the request; a visitor is no error.
	Principal(r *http.Request) (identity.Principal, error)
	// IDNumber returns the identity number that a party has proved, or "".
	IDNumber(ctx context.Context, party store.ID) (string, error)
}

// Keeper opens matters. It is safe for concurrent use.
type Keeper struct {
	// Lookups counts wrong codes by address.
	Lookups *Limiter

	cases  *casework.Runtime
	people People
}

// New returns the keeper of the doors.
func New(cases *casework.Runtime, people People, now func() time.Time) *Keeper {
	return &Keeper{Lookups: NewLimiter(LookupsPerMinute, now), cases: cases, people: people}
}

// Door is how somebody came to a matter, and what they may see of it.
type Door struct {
	Case   *casework.Case
	Who    identity.Principal
	Code   string // query code; empty: not for them
	Proven bool   // the query code was shown, or the matter stands under their identity number
	Full   bool   // they may see names and what was handed in
}

// Words of the doors.
const (
	notFound = "web.door.not-found"
	tooMany  = "web.door.too-many"
)

// TooMany answers an address that has tried too many codes.
func TooMany() error { return &web.Error{Status: http.StatusTooManyRequests, Key: tooMany} }

// ByCode opens a matter to whoever holds its query code. Wrong codes are counted.
func (k *Keeper) ByCode(r *http.Request) (Door, error) {
	c, err := k.Track(r, r.PathValue("number"), r.PathValue("code"))
	if err != nil {
		return Door{}, err
	}
	who, err := k.people.Principal(r)
	if err != nil {
		return Door{}, err
	}
	return k.open(Door{Case: c, Who: who, Proven: true})
}

// Track returns the case with the number to whoever holds its query code, wherever they typed the two.
func (k *Keeper) Track(r *http.Request, number, code string) (*casework.Case, error) {
	if !k.Lookups.Allow(r) {
		return nil, TooMany()
	}
	c, err := k.cases.Track(r.Context(), number, code)
	if errors.Is(err, store.ErrNotFound) {
		k.Lookups.Count(r)
		return nil, web.NotFound(notFound)
	}
	return c, err
}

// ByOwner opens a matter to its owner, or to whoever has proved the identity number under which it was handed in.
func (k *Keeper) ByOwner(r *http.Request) (Door, error) {
	who, err := k.people.Principal(r)
	if err != nil {
		return Door{}, err
	}
	c, err := k.cases.ByNumber(r.Context(), strings.ToUpper(r.PathValue("number")))
	if errors.Is(err, store.ErrNotFound) {
		return Door{}, web.NotFound(notFound)
	}
	if err != nil {
		return Door{}, err
	}
	d := Door{Case: c, Who: who}
	if party := who.Party().ID; party == 0 || party != c.Party {
		if d.Proven, err = k.holds(r.Context(), who, c); err != nil {
			return d, err
		}
		if !d.Proven {
			reason := identity.DeniedOther
			if who.Kind == identity.Visitor {
				reason = identity.DeniedSignIn
			}
			return Door{}, &identity.Denied{Action: casework.ActionRead, Reason: reason}
		}
	}
	return k.open(d)
}

// ByPost opens a matter to an official, as far as their post lets them read it. The query code is not for them: whoever holds it acts for
// the applicant. Only the window that takes in for the body sees it, since it prints the slip on which it stands.
func (k *Keeper) ByPost(r *http.Request) (Door, error) {
	who, err := k.people.Principal(r)
	if err != nil {
		return Door{}, err
	}
	c, err := k.cases.ByNumber(r.Context(), strings.ToUpper(r.PathValue("number")))
	if errors.Is(err, store.ErrNotFound) {
		return Door{}, web.NotFound(notFound)
	}
	if err != nil {
		return Door{}, err
	}
	d, err := k.open(Door{Case: c, Who: who})
	if !d.Full || !who.Post.Has(registry.Clerk) {
		d.Code = ""
	}
	return d, err
}

// holds reports whether the case was handed in under the identity number that the party has proved.
func (k *Keeper) holds(ctx context.Context, who identity.Principal, c *casework.Case) (bool, error) {
	party := who.Party()
	if party.ID == 0 {
		return false, nil
	}
	number, err := k.people.IDNumber(ctx, party.ID)
	if err != nil || number == "" {
		return false, err
	}
	list, err := k.cases.List(ctx, casework.Filter{Kind: c.Kind, Subject: c.Subject, Holder: k.cases.HolderIndex(number), Before: c.ID + 1, Limit: 1})
	if err != nil {
		return false, err
	}
	return len(list) == 1 && list[0].ID == c.ID, nil
}

// open asks the policy, once for the matter and once for what is private in it.
func (k *Keeper) open(d Door) (Door, error) {
	if err := k.cases.MayRead(d.Who, d.Case, d.Proven, false); err != nil {
		return d, err
	}
	d.Full = k.cases.MayRead(d.Who, d.Case, d.Proven, true) == nil
	d.Code = k.cases.Code(d.Case)
	return d, nil
}
