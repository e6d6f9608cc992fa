package app

import (
	"context"
	"errors"

	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/store"
)

// holds is [casework.Holds] by the registry and the accounts as they are now: whoever was handed a task had a post with its role in
// the body; without one, or without an open account, they keep it no longer.
func (b *Base) holds(ctx context.Context, account store.ID, body, role string) (string, error) {
	a, err := b.Identity.Account(ctx, account)
	var refusal *identity.Refusal
	if errors.As(err, &refusal) || err == nil && a.Disabled {
		return casework.WhyAccountClosed, nil // closed, or not there at all
	}
	if err != nil {
		return "", err
	}
	for _, p := range b.Registry.Now().PostsOf(account, b.Now()) {
		if p.Body == body && p.Has(role) {
			return "", nil
		}
	}
	return casework.WhyPostEnded, nil
}
