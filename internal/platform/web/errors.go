package web

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
)

// Error is an error with a page: a status, and the key of the message that tells the reader what happened and what to do.
type Error struct {
	// Status is the HTTP status, 400 to 599.
	Status int
	// Key is a message key of the explanation; empty means the general text for the status.
	Key  string
	Args Args
	// Err is the cause. It goes to the log, never to the page.
	Err error
}

// Error tells status, key and cause.
func (e *Error) Error() string {
	text := fmt.Sprintf("%d %s", e.Status, http.StatusText(e.Status))
	if e.Key != "" {
		text += " (" + e.Key + ")"
	}
	if e.Err != nil {
		text += ": " + e.Err.Error()
	}
	return text
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// BadRequest (400) says that the request cannot be understood; key explains it.
func BadRequest(key string, cause error) *Error {
	return &Error{Status: http.StatusBadRequest, Key: key, Err: cause}
}

// Unauthorized (401) asks the reader to sign in; the page leads there and back.
func Unauthorized() *Error { return &Error{Status: http.StatusUnauthorized} }

// Forbidden (403) says that the person signed in may not do this; key explains who may.
func Forbidden(key string) *Error { return &Error{Status: http.StatusForbidden, Key: key} }

// NotFound (404) says that there is no such thing; key names the kind of thing, or is empty.
func NotFound(key string) *Error { return &Error{Status: http.StatusNotFound, Key: key} }

// Conflict (409) says that the thing has changed meanwhile, for instance that another person has done the task.
func Conflict(key string, args Args) *Error {
	return &Error{Status: http.StatusConflict, Key: key, Args: args}
}

// Gone (410) says that the thing was withdrawn; key gives the reason.
func Gone(key string, args Args) *Error {
	return &Error{Status: http.StatusGone, Key: key, Args: args}
}

// Unprocessable (422) says that the request is understood and cannot be done; key explains the rule and the remedy.
func Unprocessable(key string, args Args) *Error {
	return &Error{Status: http.StatusUnprocessableEntity, Key: key, Args: args}
}

// byteWords writes a limit as people do.
func byteWords(n int64) string {
	if n >= 1<<20 {
		return fmt.Sprintf("%d MB", n>>20)
	}
	if n >= 1<<10 {
		return fmt.Sprintf("%d KB", n>>10)
	}
	return fmt.Sprintf("%d B", n)
}

// asError finds the page for an error: its own, that of Config.Explain, or one for what the standard library reports.
func (s *Shell) asError(err error) *Error {
	var tooLarge *http.MaxBytesError
	if errors.As(err, &tooLarge) { // whatever a page made of it: what was sent did not fit
		return &Error{Status: http.StatusRequestEntityTooLarge, Key: "web.error.413.limit", Args: Args{"Limit": byteWords(tooLarge.Limit)}, Err: err}
	}
	var own *Error
	if errors.As(err, &own) {
		return own
	}
	if s.config.Explain != nil {
		if e := s.config.Explain(err); e != nil {
			return e
		}
	}
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return &Error{Status: http.StatusNotFound, Err: err}
	case errors.Is(err, context.DeadlineExceeded):
		return &Error{Status: http.StatusServiceUnavailable, Err: err}
	default:
		return &Error{Status: http.StatusInternalServerError, Err: err}
	}
}
