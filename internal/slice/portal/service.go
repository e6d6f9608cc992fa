package portal

import (
	"errors"
	"fmt"
	"log/slog"
	"time"

	"openhall.org/openhall/internal/platform/registry"
	"openhall.org/openhall/internal/platform/web/assets"
)

// Deps is what the portal works with. All are required.
type Deps struct {
	Registry *registry.Registry
	Services Services
	Tallies  Tallies
	Proof    Log
	Now      func() time.Time
	Log      *slog.Logger
	Top      string // 12-digit code of the division at the top of the node
	BaseURL  string // address of the site without a slash at the end, for the sitemap and for commands that people copy
}

// Service shows the portal. It is safe for concurrent use.
type Service struct {
	Deps
	figures figureCache
	icon    string // address of the site's sign
}

// New returns the portal.
func New(d Deps) (*Service, error) {
	if d.Registry == nil || d.Services == nil || d.Tallies == nil || d.Proof == nil || d.Now == nil || d.Log == nil {
		return nil, errors.New("portal: a dependency is missing")
	}
	files, err := assets.Load()
	if err != nil {
		return nil, fmt.Errorf("portal: %w", err)
	}
	return &Service{Deps: d, icon: files.Href("icon.svg")}, nil
}
