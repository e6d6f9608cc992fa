package web

import (
	"errors"
	"net/http"
	"strings"

	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/store"
	"openhall.org/openhall/internal/platform/web/ui"
)

// refusalKey begins the message keys of refusals; the code follows.
const refusalKey = "web.refusal."

// refusalStatus is the HTTP status of the refusals that are not 422: what was asked is understood, and a rule stands against it.
var refusalStatus = map[string]int{
	casework.RefusedPolicy:     http.StatusForbidden,
	casework.RefusedTaskHeld:   http.StatusForbidden,
	casework.RefusedSamePerson: http.StatusForbidden,
	casework.RefusedInvolved:   http.StatusForbidden,
	casework.RefusedNoCase:     http.StatusNotFound,
	casework.RefusedSubject:    http.StatusNotFound,
	casework.RefusedEnded:      http.StatusConflict,
	casework.RefusedStale:      http.StatusConflict,
	casework.RefusedTaskDone:   http.StatusConflict,
	casework.RefusedMessage:    http.StatusConflict,
	casework.RefusedRated:      http.StatusConflict,
	casework.RefusedRevoked:    http.StatusConflict,
	casework.RefusedNoDocument: http.StatusNotFound,
	casework.RefusedReplay:     http.StatusConflict,
	casework.RefusedCancelled:  http.StatusGone,
	casework.RefusedKey:        http.StatusBadRequest,
	casework.RefusedSeries:     http.StatusServiceUnavailable,
	casework.RefusedProcedure:  http.StatusServiceUnavailable,
}

// ExplainRefusal gives the page for a command that was refused: what happened, by which rule, and what to do. It knows the errors of
// casework, what policies deny, and missing records of the store; for others it returns nil.
func ExplainRefusal(err error) *Error {
	var r *casework.Refusal
	var denied *identity.Denied
	switch {
	case errors.As(err, &denied) && denied.Reason == identity.DeniedSignIn:
		return Unauthorized()
	case errors.As(err, &denied):
		return &Error{Status: http.StatusForbidden, Key: refusalKey + "denied-" + denied.Reason, Err: err}
	case errors.As(err, &r):
		e := &Error{Status: http.StatusUnprocessableEntity, Key: refusalKey + r.Code, Args: r.Args, Err: err}
		if status, ok := refusalStatus[r.Code]; ok {
			e.Status = status
		}
		if !r.Text.IsZero() {
			e.Key, e.Args = refusalKey+"words", Args{"Text": r.Text}
		}
		return e
	case errors.Is(err, casework.ErrDraftMoved):
		return &Error{Status: http.StatusConflict, Key: refusalKey + "draft-moved", Err: err}
	case errors.Is(err, store.ErrNotFound):
		return &Error{Status: http.StatusNotFound, Err: err}
	}
	return nil
}

// RefusalText says in the language of l why a command was refused, by which rule, and what to do.
func RefusalText(l *Localizer, r *casework.Refusal) string {
	if !r.Text.IsZero() {
		return l.Text(r.Text)
	}
	if key := refusalKey + r.Code; l.Has(key) {
		return l.T(key, r.Args)
	}
	return l.T(refusalKey + "other")
}

// FieldTexts says for each field of a refused form what is wrong and how to mend it, by the name under which form.Schema asks for
// it: form "/place/street" is place.street. The name "" is the form as a whole. Forms that a page has checked itself never get
// here; this is for commands that a rule of the server refuses afterwards.
func FieldTexts(l *Localizer, r *casework.Refusal) map[string]string {
	texts := make(map[string]string, len(r.Fields))
	for _, f := range r.Fields {
		name := fieldName(f.Path)
		if _, already := texts[name]; !already {
			texts[name] = fieldText(l, f)
		}
	}
	return texts
}

// FieldSummary lists a refusal for ui.ErrorSummary: its fields, or its own words when it names none.
func FieldSummary(l *Localizer, r *casework.Refusal) []ui.FieldError {
	if len(r.Fields) == 0 {
		return []ui.FieldError{{Text: RefusalText(l, r)}}
	}
	list := make([]ui.FieldError, 0, len(r.Fields))
	for _, f := range r.Fields {
		list = append(list, ui.FieldError{Field: fieldName(f.Path), Text: fieldText(l, f)})
	}
	return list
}

var pointerEscapes = strings.NewReplacer("~1", "/", "~0", "~")

// fieldName turns a JSON pointer into the name of a field.
func fieldName(pointer string) string {
	steps := strings.Split(strings.TrimPrefix(pointer, "/"), "/")
	for i := range steps {
		steps[i] = pointerEscapes.Replace(steps[i])
	}
	return strings.Join(steps, ".")
}

func fieldText(l *Localizer, f casework.FieldError) string {
	if !f.Text.IsZero() {
		return l.Text(f.Text)
	}
	if key := "web.refusal.field." + strings.ToLower(f.Code); l.Has(key) {
		return l.T(key)
	}
	return l.T("web.refusal.field.other")
}
