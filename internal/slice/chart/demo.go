package chart

import (
	"context"

	"openhall.org/openhall/internal/app"
)

// Demo draws charts.
func (s *Service) Demo(_ context.Context, _ *app.Node) error { return nil }
