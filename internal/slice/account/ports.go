package account

import (
	"context"

	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/store"
)

// Tasks knows which open tasks are in somebody's name: the case runtime.
type Tasks interface {
	Held(ctx context.Context, account store.ID, limit int) (tasks []casework.HeldTask, all int, err error)
}
