package api

import (
	"context"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"reflect"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"
	"golang.org/x/text/language"

	"openhall.org/openhall/internal/core/lang"
	"openhall.org/openhall/internal/core/merkle"
	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/file"
	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/registry"
	"openhall.org/openhall/internal/platform/store"
	"openhall.org/openhall/internal/platform/supervision"
)

// Prefix is where the operations stand.
const Prefix = "/api/v1"

// Locales holds the words of this package in the folder locales, for the message catalogue.
//
//go:embed locales/*.yaml
var Locales embed.FS

// Callers knows who sends a request. Package identity stands behind it.
type Callers interface {
	Principal(r *http.Request) (identity.Principal, error)
}

// Receipts prove that events stand in the log. Package ledger stands behind it.
type Receipts interface {
	Receipt(ctx context.Context, event store.ID) (merkle.Receipt, error)
}

// Cards are what supervision has found. Package supervision stands behind it.
type Cards interface {
	Card(ctx context.Context, id store.ID) (supervision.Card, error)
	Cards(ctx context.Context, f supervision.CardFilter) ([]supervision.Card, error)
	Rule(id string) (supervision.Rule, bool)
}

// Words gives the message of a key in a language, or "" when there is none. Package web/i18n stands behind it.
type Words func(tag lang.Tag, key string, args map[string]any) string

// Options are what the API works with. All of the first group are required.
type Options struct {
	Callers  Callers
	Policies casework.Policy
	Registry *registry.Registry
	Items    Items
	Cases    *casework.Runtime
	Files    *file.Files
	Receipts Receipts
	Cards    Cards
	Words    Words
	Now      func() time.Time
	Log      *slog.Logger

	// Version is that of the program, for the description.
	Version string
	// TLS says that clients reach the API through https: HSTS is sent.
	TLS bool
	// PerSecond is how many requests a token may send on average, Burst how many at once. Zero is 20 and 100.
	PerSecond, Burst int
	// Cancelled is told that a program applied for an item that is exercised no more; may be nil.
	Cancelled func(ctx context.Context, who identity.Principal, item string) error
	// Observe is told of every answer, for metrics; may be nil. route is the pattern, empty for paths that do not exist.
	Observe func(ctx context.Context, route, method string, status int, took time.Duration)
}

// API serves the operations. Add those of the slices with [Register], then take Handler.
type API struct {
	Options
	mux     *http.ServeMux
	huma    huma.API
	limits  *limiter
	matcher language.Matcher
}

// New returns the API with the operations of the platform.
func New(o Options) (*API, error) {
	if o.Callers == nil || o.Policies == nil || o.Registry == nil || o.Items == nil || o.Cases == nil || o.Files == nil ||
		o.Receipts == nil || o.Cards == nil || o.Words == nil || o.Now == nil || o.Log == nil {
		return nil, errors.New("api: an option is missing")
	}
	if o.PerSecond <= 0 {
		o.PerSecond = 20
	}
	if o.Burst <= 0 {
		o.Burst = 100
	}
	if o.Observe == nil {
		o.Observe = func(context.Context, string, string, int, time.Duration) {}
	}
	a := &API{Options: o, mux: http.NewServeMux(), limits: newLimiter(o.PerSecond, o.Burst), matcher: newMatcher()}
	schemas := huma.NewMapRegistry("#/components/schemas/", huma.DefaultSchemaNamer)
	schemas.RegisterTypeAlias(reflect.TypeFor[huma.ErrorModel](), reflect.TypeFor[Problem]())
	a.huma = humago.NewWithPrefix(a.mux, Prefix, huma.Config{
		OpenAPI: &huma.OpenAPI{
			OpenAPI: "3.1.0",
			Info: &huma.Info{
				Title:       "openhall",
				Version:     o.Version,
				Description: description,
			},
			Servers: []*huma.Server{{URL: Prefix}},
			Components: &huma.Components{
				Schemas: schemas,
				SecuritySchemes: map[string]*huma.SecurityScheme{bearer: {
					Type: "http", Scheme: "bearer",
					Description: "A token ohm_… that the security administrator of the node made for your system.",
				}},
			},
		},
		Formats:                      map[string]huma.Format{"application/json": huma.DefaultJSONFormat, "json": huma.DefaultJSONFormat},
		DefaultFormat:                "application/json",
		RejectUnknownQueryParameters: true,
		Transformers:                 []huma.Transformer{a.translate},
	})
	a.addItems()
	a.addPlaces()
	a.addCases()
	a.addActs()
	a.addFiles()
	a.addEvents()
	a.addCards()
	return a, nil
}

const bearer = "token"

const description = `What a province's government does in the open, for programs.

Errors are problem+json (RFC 9457) in the language of Accept-Language (zh-Hans, zh-Hant, en), with a stable code. ` +
	`Commands need an Idempotency-Key of your choice: sent again with the same key, a command is not carried out again and the ` +
	`answer is the same. Lists go on with the cursor of the page before. Reads carry an ETag. Identifiers are strings, times are UTC.`

// Handler serves everything under [Prefix]. Operations are not to be added afterwards.
func (a *API) Handler() (http.Handler, error) {
	document := a.huma.OpenAPI()
	asJSON, err := json.Marshal(document)
	if err != nil {
		return nil, fmt.Errorf("api: the description: %w", err)
	}
	asYAML, err := document.YAML()
	if err != nil {
		return nil, fmt.Errorf("api: the description: %w", err)
	}
	serve := func(content []byte, mediaType string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", mediaType)
			w.Header().Set("Cache-Control", publicCaching)
			_, _ = w.Write(content) // the client has gone
		}
	}
	a.mux.Handle("GET "+Prefix+"/openapi.json", serve(asJSON, "application/openapi+json"))
	a.mux.Handle("GET "+Prefix+"/openapi.yaml", serve(asYAML, "application/openapi+yaml"))
	return http.HandlerFunc(a.serve), nil
}
