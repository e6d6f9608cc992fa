package api

import (
	"encoding/json"
	"net/http"
	"time"

	"openhall.org/openhall/internal/core/lang"
)

// Problem is an error as clients see it (RFC 9457).
type Problem struct {
	Type   string         `json:"type" format:"uri" doc:"Names the kind of problem: urn:openhall:problem: and the code." example:"urn:openhall:problem:form"`
	Title  string         `json:"title" doc:"What kind of problem it is, in the language asked for."`
	Status int            `json:"status" doc:"The HTTP status."`
	Detail string         `json:"detail" doc:"What happened, by which rule, and what to do, in the language asked for."`
	Code   string         `json:"code" doc:"Stable; for programs." example:"form"`
	Errors []FieldProblem `json:"errors,omitempty" nullable:"false" doc:"Everything that is wrong with the request, at once."`

	retryAfter time.Duration
	tag        lang.Tag
}

// FieldProblem says what is wrong with one part of a request: Pointer names a place in the body, Parameter one of the path, the
// query or the headers.
type FieldProblem struct {
	Pointer   string `json:"pointer,omitempty" doc:"JSON pointer into the body (RFC 6901). A missing material is /files/ and its key." example:"/applicant/idNumber"`
	Parameter string `json:"parameter,omitempty" doc:"Name of the parameter of path, query or header." example:"limit"`
	Code      string `json:"code" doc:"Stable; for programs." example:"required"`
	Detail    string `json:"detail" doc:"The rule and the remedy, in the language asked for."`
}

// Error tells the code, for logs.
func (p *Problem) Error() string { return "problem " + p.Code }

// GetStatus is the HTTP status.
func (p *Problem) GetStatus() int { return p.Status }

// ContentType is that of a problem instead of ordinary JSON.
func (p *Problem) ContentType(string) string { return problemType }

const problemType = "application/problem+json"

// GetHeaders are the headers that belong to the problem.
func (p *Problem) GetHeaders() http.Header {
	h := http.Header{"Content-Language": {string(p.tag)}, "Vary": {"Accept-Language"}}
	if p.retryAfter > 0 {
		h.Set("Retry-After", seconds(p.retryAfter))
	}
	if p.Status == http.StatusUnauthorized {
		h.Set("WWW-Authenticate", `Bearer realm="openhall"`)
	}
	return h
}

// write sends a problem outside of an operation.
func (p *Problem) write(w http.ResponseWriter) {
	h := w.Header()
	for name, values := range p.GetHeaders() {
		h[name] = values
	}
	h.Set("Content-Type", problemType)
	w.WriteHeader(p.Status)
	_ = json.NewEncoder(w).Encode(p) // the client has gone
}

// Error is an error that an operation answers. Its words are those of the message api.problem.CODE, or of Key.
type Error struct {
	Status     int
	Code       string
	Key        string // message key; empty: api.problem.CODE
	Args       map[string]any
	Text       lang.Text // words that speak for themselves; they go before Key
	Fields     []Field
	RetryAfter time.Duration // 0: none
	Err        error         // the cause, for the log
}

// Field is one part of a request that is wrong. Its words are Text, or those of the message api.field.CODE.
type Field struct {
	Pointer   string // into the body
	Parameter string // of path, query or header
	Code      string
	Text      lang.Text
}

// Error tells the code and the cause.
func (e *Error) Error() string {
	if e.Err != nil {
		return "api: " + e.Code + ": " + e.Err.Error()
	}
	return "api: " + e.Code
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// Invalid says that fields of a request are wrong (422).
func Invalid(fields ...Field) *Error {
	return &Error{Status: http.StatusUnprocessableEntity, Code: "invalid", Fields: fields}
}

// NotFound says that there is no such thing (404).
func NotFound() *Error { return &Error{Status: http.StatusNotFound, Code: "not-found"} }

// problem puts an error into words.
func (a *API) problem(tag lang.Tag, e *Error) *Problem {
	key := e.Key
	if key == "" {
		key = "api.problem." + e.Code
	}
	p := &Problem{
		Type: "urn:openhall:problem:" + e.Code, Status: e.Status, Code: e.Code, retryAfter: e.RetryAfter, tag: tag,
		Title: a.say(tag, statusKey(e.Status), nil), Detail: e.Text.In(tag),
	}
	if e.Text.IsZero() {
		p.Detail = a.say(tag, key, e.Args)
	}
	for _, f := range e.Fields {
		p.Errors = append(p.Errors, FieldProblem{Pointer: f.Pointer, Parameter: f.Parameter, Code: f.Code, Detail: a.fieldText(tag, f)})
	}
	return p
}

func (a *API) fieldText(tag lang.Tag, f Field) string {
	if !f.Text.IsZero() {
		return f.Text.In(tag)
	}
	for _, prefix := range []string{"api.field.", "web.refusal.field."} {
		if text := a.Words(tag, prefix+f.Code, nil); text != "" {
			return text
		}
	}
	return a.say(tag, "api.field.invalid", nil)
}

// say returns the words of a key, or general ones for a key that has none.
func (a *API) say(tag lang.Tag, key string, args map[string]any) string {
	if text := a.Words(tag, key, args); text != "" {
		return text
	}
	return a.Words(tag, "api.problem.other", nil)
}

func statusKey(status int) string {
	switch {
	case status == http.StatusUnauthorized:
		return "api.title.unauthorized"
	case status == http.StatusForbidden:
		return "api.title.forbidden"
	case status == http.StatusNotFound, status == http.StatusGone:
		return "api.title.not-found"
	case status == http.StatusConflict:
		return "api.title.conflict"
	case status == http.StatusUnprocessableEntity:
		return "api.title.invalid"
	case status == http.StatusTooManyRequests:
		return "api.title.too-many"
	case status >= http.StatusInternalServerError:
		return "api.title.failure"
	}
	return "api.title.request"
}
