package api

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/file"
	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/ledger"
	"openhall.org/openhall/internal/platform/store"
)

// fail answers a request with a problem outside of an operation.
func (a *API) fail(w http.ResponseWriter, r *http.Request, err error) {
	a.explain(r.Context(), err).write(w)
}

// explain puts any error into a problem. What nobody expected is logged and told without its cause.
func (a *API) explain(ctx context.Context, err error) *Problem {
	var done *Problem
	if errors.As(err, &done) {
		return done
	}
	e := asError(err)
	gaveUp := gone(ctx) && errors.Is(err, context.Canceled)
	if e.Status >= http.StatusInternalServerError && !gaveUp {
		a.Log.LogAttrs(ctx, slog.LevelError, "api", slog.String("error", err.Error()))
	}
	return a.problem(Language(ctx), e)
}

// asError finds out what an error of the platform means for a client.
func asError(err error) *Error {
	var (
		own      *Error
		refusal  *casework.Refusal
		denied   *identity.Denied
		account  *identity.Refusal
		upload   *file.Refusal
		tooLarge *http.MaxBytesError
	)
	switch {
	case errors.As(err, &own):
		return own
	case errors.As(err, &refusal):
		return ofRefusal(refusal)
	case errors.As(err, &denied):
		if denied.Reason == identity.DeniedSignIn {
			return &Error{Status: http.StatusUnauthorized, Code: "no-token"}
		}
		return &Error{Status: http.StatusForbidden, Code: "not-allowed", Key: denied.Key()}
	case errors.As(err, &account):
		if account.Code == identity.RefusedToken {
			return &Error{Status: http.StatusUnauthorized, Code: "token", Key: account.Key()}
		}
		return &Error{Status: http.StatusUnprocessableEntity, Code: account.Code, Key: account.Key()}
	case errors.As(err, &upload):
		return &Error{Status: http.StatusUnprocessableEntity, Code: upload.Code, Text: upload.Text}
	case errors.As(err, &tooLarge):
		return &Error{Status: http.StatusRequestEntityTooLarge, Code: "too-large"}
	case errors.Is(err, ledger.ErrPending):
		return &Error{Status: http.StatusNotFound, Code: "receipt-pending", RetryAfter: time.Second}
	case errors.Is(err, store.ErrNotFound):
		return NotFound()
	case errors.Is(err, store.ErrClosed), errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled):
		return &Error{Status: http.StatusServiceUnavailable, Code: "unavailable", RetryAfter: 5 * time.Second, Err: err}
	}
	return &Error{Status: http.StatusInternalServerError, Code: "failure", Err: err}
}

// refusalStatus is the status of refusals that are not 422: what was asked is understood, and a rule stands against it.
var refusalStatus = map[string]int{
	casework.RefusedPolicy:     http.StatusForbidden,
	casework.RefusedTaskHeld:   http.StatusForbidden,
	casework.RefusedSamePerson: http.StatusForbidden,
	casework.RefusedNoCase:     http.StatusNotFound,
	casework.RefusedEnded:      http.StatusConflict,
	casework.RefusedStale:      http.StatusConflict,
	casework.RefusedTaskDone:   http.StatusConflict,
	casework.RefusedMessage:    http.StatusConflict,
	casework.RefusedReplay:     http.StatusConflict,
	casework.RefusedCancelled:  http.StatusGone,
	casework.RefusedSeries:     http.StatusServiceUnavailable,
	casework.RefusedProcedure:  http.StatusServiceUnavailable,
}

// ofRefusal shows why a command was refused. Pages use the same words.
func ofRefusal(r *casework.Refusal) *Error {
	e := &Error{Status: http.StatusUnprocessableEntity, Code: r.Code, Key: "web.refusal." + r.Code, Args: r.Args, Text: r.Text}
	if status, ok := refusalStatus[r.Code]; ok {
		e.Status = status
	}
	for _, f := range r.Fields {
		e.Fields = append(e.Fields, Field{Pointer: f.Path, Code: f.Code, Text: f.Text})
	}
	return e
}

// under moves the fields that lie in a form to where the form lies in the body; those of the application itself stay.
func under(place string, err error) error {
	var r *casework.Refusal
	if !errors.As(err, &r) {
		return err
	}
	moved := *r
	moved.Fields = nil
	for _, f := range r.Fields {
		if r.Code == casework.RefusedForm && !strings.HasPrefix(f.Path, "/channel") {
			f.Path = place + f.Path
		}
		moved.Fields = append(moved.Fields, f)
	}
	return &moved
}
