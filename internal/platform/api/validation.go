package api

import (
	"errors"
	"net/http"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"
)

// translate turns what huma found wrong with a request into a [Problem]. Values of the request are left out: they may be personal.
func (a *API) translate(c huma.Context, _ string, v any) (any, error) {
	found, ok := v.(*huma.ErrorModel)
	if !ok {
		return v, nil
	}
	e := &Error{Status: found.Status, Code: statusCode(found.Status)}
	for _, d := range found.Errors {
		if d == nil {
			continue
		}
		e.Fields = append(e.Fields, fieldOf(d))
	}
	p := a.problem(Language(c.Context()), e)
	for name, values := range p.GetHeaders() {
		for _, value := range values {
			c.SetHeader(name, value)
		}
	}
	return p, nil
}

func statusCode(status int) string {
	switch status {
	case http.StatusBadRequest:
		return "json"
	case http.StatusRequestTimeout:
		return "timeout"
	case http.StatusRequestEntityTooLarge:
		return "too-large"
	case http.StatusUnsupportedMediaType:
		return "media-type"
	case http.StatusUnprocessableEntity:
		return "invalid"
	}
	return "failure"
}

// findings gives the code of what huma says in words. The first match counts.
var findings = []struct{ begins, code string }{
	{"expected required property", "required"},
	{"required ", "required"},
	{"unexpected property", "unknown"},
	{"unknown query parameter", "unknown"},
	{"expected value to be one of", "enum"},
	{"expected length >= 1", "required"},
	{"expected length", "length"},
	{"expected array length", "items"},
	{"expected number to be a multiple", "range"},
	{"expected number ", "range"},
	{"expected string to match", "format"},
	{"expected string to be", "format"},
	{"expected object with", "items"},
	{"expected ", "type"},
}

func codeOf(message string) string {
	for _, f := range findings {
		if strings.HasPrefix(message, f.begins) {
			return f.code
		}
	}
	return "invalid"
}

// fieldOf reads where and what. huma writes body.files[3].id, query.limit, header.Idempotency-Key; of a missing property it names
// the object that lacks it, and the property in the message.
func fieldOf(d *huma.ErrorDetail) Field {
	f := Field{Code: codeOf(d.Message)}
	place, rest, _ := strings.Cut(d.Location, ".")
	if place != "body" && !strings.HasPrefix(place, "body[") {
		f.Parameter = rest
		return f
	}
	f.Pointer = pointer(strings.TrimPrefix(strings.TrimPrefix(d.Location, "body"), "."))
	if name, ok := strings.CutPrefix(d.Message, "expected required property "); ok {
		name, _ = strings.CutSuffix(name, " to be present")
		f.Pointer += "/" + name
	}
	return f
}

// pointer turns files[3].id into /files/3/id.
func pointer(path string) string {
	var b strings.Builder
	for step := range strings.SplitSeq(path, ".") {
		name, rest, indexed := strings.Cut(step, "[")
		if name != "" {
			b.WriteString("/" + name)
		}
		for indexed {
			var index string
			index, rest, _ = strings.Cut(rest, "]")
			b.WriteString("/" + index)
			_, rest, indexed = strings.Cut(rest, "[")
		}
	}
	return b.String()
}

// Page is how a list is asked for.
type Page struct {
	Cursor string `query:"cursor" maxLength:"200" doc:"next of the page before; left out for the first page."`
	Limit  int    `query:"limit" minimum:"1" maximum:"100" default:"50" doc:"How many entries at most."`
}

var errCursor = errors.New("no cursor")

// after reads a cursor that is a number: an identifier, a place.
func (p Page) after() (int64, error) {
	if p.Cursor == "" {
		return 0, nil
	}
	n, err := strconv.ParseInt(p.Cursor, 10, 64)
	if err != nil || n < 0 {
		return 0, &Error{Status: http.StatusUnprocessableEntity, Code: "invalid", Err: errCursor,
			Fields: []Field{{Parameter: "cursor", Code: "cursor"}}}
	}
	return n, nil
}

// cut shortens a list that was asked for with one entry more than a page holds, and returns the cursor of the next page, if any.
func cut[T any](p Page, list []T, cursor func(T) string) (page []T, next string) {
	if len(list) <= p.Limit {
		return list, ""
	}
	list = list[:p.Limit]
	return list, cursor(list[p.Limit-1])
}
