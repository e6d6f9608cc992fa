package api

import (
	"encoding/json"
	"mime"
	"net/http"
	"reflect"
	"strconv"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/file"
	"openhall.org/openhall/internal/platform/store"
)

// Upload is a file that was taken.
type Upload struct {
	ID     store.ID `json:"id"`
	Digest string   `json:"digest" doc:"SHA-256 of the content, hexadecimal."`
	Size   int64    `json:"size" doc:"Bytes."`
	Type   string   `json:"type" doc:"Media type found in the content."`
}

// addFiles adds the upload of files. It reads its body as it comes, so that many uploads at once don't fill the memory; huma would
// hold each as a whole.
func (a *API) addFiles() {
	op := a.describe(Operation{
		ID: "upload-file", Method: http.MethodPost, Path: "/files", Tag: tagCases, Summary: "Upload a file for an application or a step",
		Description: "The body is the content, up to 20 MB. What it is, is told by the content. A file that no command names within a week is deleted.",
		Actions:     []string{casework.ActionSubmit, casework.ActionAttach, casework.ActionComplete}, Status: http.StatusCreated,
		Errors: []int{http.StatusUnprocessableEntity, http.StatusInternalServerError},
	})
	op.Parameters = []*huma.Param{{
		Name: "Content-Disposition", In: "header", Required: true, Schema: &huma.Schema{Type: huma.TypeString},
		Description: "The name of the file; it is personal, so it does not stand in the address.",
		Example:     "attachment; filename*=UTF-8''%E7%94%B3%E8%AF%B7%E8%A1%A8.pdf",
	}}
	op.RequestBody = &huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{
		"application/octet-stream": {Schema: &huma.Schema{Type: huma.TypeString, Format: "binary"}},
	}}
	schemas := a.huma.OpenAPI().Components.Schemas
	problem := map[string]*huma.MediaType{problemType: {Schema: schemas.Schema(reflect.TypeFor[Problem](), true, "Problem")}}
	op.Responses = map[string]*huma.Response{"201": {Description: "Created", Content: map[string]*huma.MediaType{
		"application/json": {Schema: schemas.Schema(reflect.TypeFor[Upload](), true, "Upload")},
	}}}
	for _, status := range op.Errors {
		op.Responses[strconv.Itoa(status)] = &huma.Response{Description: http.StatusText(status), Content: problem}
	}
	a.huma.OpenAPI().AddOperation(&op)
	a.huma.Adapter().Handle(&op, op.Middlewares.Handler(func(c huma.Context) {
		r, w := humago.Unwrap(c)
		r = r.WithContext(c.Context())
		up, err := a.upload(r)
		if err != nil {
			a.fail(w, r, err)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusCreated)
		_ = json.NewEncoder(w).Encode(up) // the client has gone
	}))
}

func (a *API) upload(r *http.Request) (Upload, error) {
	_, params, err := mime.ParseMediaType(r.Header.Get("Content-Disposition"))
	if err != nil || params["filename"] == "" {
		return Upload{}, Invalid(Field{Parameter: "Content-Disposition", Code: "file-name"})
	}
	f, err := a.Files.Put(r.Context(), Caller(r.Context()).Account, params["filename"], r.Body, file.Limits{})
	if err != nil {
		return Upload{}, err
	}
	return Upload{ID: f.ID, Digest: f.Digest, Size: f.Size, Type: f.Type}, nil
}
