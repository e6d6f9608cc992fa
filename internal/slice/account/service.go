package account

import (
	"errors"
	"time"

	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/identity/oidc"
	"openhall.org/openhall/internal/platform/registry"
)

// Deps is what the pages work with. All but Providers are required.
type Deps struct {
	Identity *identity.Service
	Policies *identity.Policies
	Registry *registry.Registry
	Now      func() time.Time
	Tasks    Tasks
	// Providers are the identity providers by which people can sign in; there may be none.
	Providers []*oidc.Provider
}

// Service shows the pages of accounts. It is safe for concurrent use.
type Service struct{ Deps }

// New returns the service.
func New(d Deps) (*Service, error) {
	if d.Identity == nil || d.Policies == nil || d.Registry == nil || d.Now == nil || d.Tasks == nil {
		return nil, errors.New("account: a dependency is missing")
	}
	return &Service{Deps: d}, nil
}
