package power

import (
	"context"
	"net/http"

	"github.com/a-h/templ"

	"openhall.org/openhall/internal/core/lang"
	"openhall.org/openhall/internal/core/procedure"
	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/web"
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

// Windows knows what bodies have authorised their windows in service centres to do. The slice centre stands behind it.
type Windows interface {
	// Windows lists where an item of a body is taken in, and with what authority.
	Windows(body, code string) []WindowAuthority
	// Stamp changes whenever an answer may.
	Stamp() int64
}

// WindowAuthority is what a body has authorised a window to do with an item (窗口授权).
type WindowAuthority struct {
	Window           lang.Text
	Centre           string // key
	Accepts, Decides bool
	Basis            string
}

// Versions shows what became of a chart from one version to another. The room in which charts are drawn stands behind it.
type Versions interface {
	// Base returns what a published version was drawn from, as key@version; empty when it is unknown.
	Base(ctx context.Context, ref string) (string, error)
	// Difference is the main part of a page about two versions.
	Difference(v *web.View, was, is *procedure.Definition) templ.Component
}

// Procedures are the published charts. Package casework stands behind it.
type Procedures interface {
	// Procedure returns a version by key@version, or by the key alone the newest, with its reference.
	Procedure(ctx context.Context, ref string) (string, *procedure.Definition, error)
	// ProcedureFile returns the file of key@version to the byte as it was published.
	ProcedureFile(ctx context.Context, ref string) ([]byte, error)
	// ProcedureVersions lists the versions of a chart, newest first.
	ProcedureVersions(ctx context.Context, key string) ([]casework.ProcedureVersion, error)
}
