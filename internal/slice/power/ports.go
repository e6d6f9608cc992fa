package power

import (
	"context"
	"net/http"

	"openhall.org/openhall/internal/core/procedure"
	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/identity"
)

// Policies decides who may change the catalogue. Package identity stands behind it.
type Policies interface {
	// Allow returns nil, or why the principal may not do the action on the resource.
	Allow(pr identity.Principal, action string, on identity.Resource) error
}

// Callers tells who sends a request. Package identity stands behind it.
type Callers interface {
	Principal(r *http.Request) (identity.Principal, error)
}

// Procedures are the published charts. Package casework stands behind it.
type Procedures interface {
	// Procedure returns a version by key@version, or by the key alone the newest, with its reference.
	Procedure(ctx context.Context, ref string) (string, *procedure.Definition, error)
	// ProcedureVersions lists the versions of a chart, newest first.
	ProcedureVersions(ctx context.Context, key string) ([]casework.ProcedureVersion, error)
}
