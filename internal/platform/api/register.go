package api

import (
	"context"
	"net/http"
	"slices"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"openhall.org/openhall/internal/core/lang"
	"openhall.org/openhall/internal/platform/identity"
)

// Operation describes one operation.
type Operation struct {
	ID          string // such as get-item
	Method      string
	Path        string // below Prefix, such as /items/{code}
	Summary     string // one line
	Description string
	Tag         string // the group under which the description lists it
	// Actions are those of which the token must open one; the operation itself asks the policy about what it touches. Without any
	// the operation is for everybody.
	Actions []string
	Status  int   // of success; 0: 200
	Errors  []int // statuses of its own, besides those of every operation
}

// Caching of answers: what everybody may read changes slowly, what a token opens is kept by nobody.
const (
	publicCaching  = "public, max-age=60"
	privateCaching = "no-store"
)

// describe makes the OpenAPI form of an operation.
func (a *API) describe(op Operation) huma.Operation {
	statuses := append([]int{http.StatusUnauthorized, http.StatusTooManyRequests, http.StatusServiceUnavailable}, op.Errors...)
	if op.Method == http.MethodPost {
		statuses = append(statuses, http.StatusBadRequest, http.StatusRequestEntityTooLarge, http.StatusUnsupportedMediaType)
	}
	d := huma.Operation{
		OperationID: op.ID, Method: op.Method, Path: op.Path, Summary: op.Summary, Description: op.Description,
		Tags: []string{op.Tag}, DefaultStatus: op.Status, Security: []map[string][]string{{}, {bearer: {}}},
		Middlewares: huma.Middlewares{a.admit(op)},
	}
	if len(op.Actions) > 0 {
		statuses = append(statuses, http.StatusForbidden)
		d.Security = []map[string][]string{{bearer: {}}}
	}
	slices.Sort(statuses)
	d.Errors = slices.Compact(statuses)
	return d
}

// Register adds an operation. I and O are structs in the form of package huma. What do answers as an error becomes a [Problem]:
// an [*Error], refusals and denials of the platform, [store.ErrNotFound]; anything else is logged and told as a failure.
func Register[I, O any](a *API, op Operation, do func(context.Context, *I) (*O, error)) {
	huma.Register(a.huma, a.describe(op), func(ctx context.Context, in *I) (*O, error) {
		out, err := do(ctx, in)
		if err != nil {
			return nil, a.explain(ctx, err)
		}
		return out, nil
	})
}

// admit lets nobody in whose token opens none of the operation's actions, before anything of the request is read.
func (a *API) admit(op Operation) func(huma.Context, func(huma.Context)) {
	return func(c huma.Context, next func(huma.Context)) {
		if len(op.Actions) == 0 {
			c.SetHeader("Cache-Control", publicCaching)
			next(c)
			return
		}
		c.SetHeader("Cache-Control", privateCaching)
		if err := a.allowAny(Caller(c.Context()), op.Actions); err != nil {
			r, w := humago.Unwrap(c)
			a.fail(w, r, err)
			return
		}
		next(c)
	}
}

// allowAny asks about whatever the caller's token is bound to.
func (a *API) allowAny(who identity.Principal, actions []string) (err error) {
	for _, action := range actions {
		if err = a.Policies.Allow(who, action, bound(who, "", "")); err == nil {
			return nil
		}
	}
	return err
}

// asker is what is known of a request before its operation begins.
type asker struct {
	who identity.Principal
	tag lang.Tag
}

type askerKey struct{}

func askerOf(ctx context.Context) asker {
	if k, ok := ctx.Value(askerKey{}).(asker); ok {
		return k
	}
	return asker{who: identity.Principal{Kind: identity.Visitor}, tag: lang.Hans}
}

// Caller returns who sends the request: a machine, or a visitor.
func Caller(ctx context.Context) identity.Principal { return askerOf(ctx).who }

// Language returns the language in which the caller wants to read errors.
func Language(ctx context.Context) lang.Tag { return askerOf(ctx).tag }
