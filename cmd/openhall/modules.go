package main

import (
	"context"
	"log/slog"

	"openhall.org/openhall/internal/app"
)

// assemble opens the base and puts all modules on it. This is the list of modules: adding a feature is one folder and one line.
func assemble(ctx context.Context, c app.Config, log *slog.Logger) (*app.Node, error) {
	b, err := app.OpenBase(ctx, c, clock, log)
	if err != nil {
		return nil, err
	}
	n, err := app.NewNode(ctx, b, nil, nil)
	return n, err
}

func frame(*app.Node) app.Frame { return app.Frame{} }
