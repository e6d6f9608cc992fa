package verify

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"time"

	"openhall.org/openhall/internal/app"
	"openhall.org/openhall/internal/core/lang"
	"openhall.org/openhall/internal/core/merkle"
	"openhall.org/openhall/internal/platform/document"
	"openhall.org/openhall/internal/platform/web"
	"openhall.org/openhall/internal/platform/web/door"
	"openhall.org/openhall/internal/platform/web/i18n"
)

//go:embed locales/*.yaml
var locales embed.FS

// Messages are the words of the room.
func Messages() i18n.Source { return i18n.Source{Module: "verify", FS: locales} }

// Log is the public log of the node. Package ledger stands behind it.
type Log interface {
	// PublicKey returns the text of the key by which checkpoints are signed.
	PublicKey(ctx context.Context) (string, error)
}

// Deps is what the room works with. All are required.
type Deps struct {
	Documents *document.Service
	Log       Log
	Body      func(key string) lang.Text
	Now       func() time.Time
	BaseURL   string
}

// Service verifies letters. It is safe for concurrent use.
type Service struct {
	Deps
	lookups *door.Limiter
	files   *door.Limiter
}

// What an address may do in a minute: try wrong codes, have files checked. To check one, its update is made anew and compared.
const (
	lookupsPerMinute = 30
	filesPerMinute   = 30
)

// New returns the service.
func New(d Deps) (*Service, error) {
	if d.Documents == nil || d.Log == nil || d.Body == nil || d.Now == nil {
		return nil, errors.New("verify: a dependency is missing")
	}
	return &Service{d, door.NewLimiter(lookupsPerMinute, d.Now), door.NewLimiter(filesPerMinute, d.Now)}, nil
}

// Module brings the room into the program. Connect says what it works with, once the node stands.
func Module(connect func(*app.Node) Deps) app.Module {
	return app.Module{
		Name: "verify", Locales: []i18n.Source{Messages()},
		Mount: func(n *app.Node) error {
			s, err := New(connect(n))
			if err == nil {
				s.Mount(n.Shell)
			}
			return err
		},
	}
}

// maxFile is how large a file may be that is checked, in bytes. A letter of many pages has some hundred KB.
const maxFile = 5 << 20

// Mount adds the pages to the shell.
func (s *Service) Mount(shell *web.Shell) {
	public := func(name string) web.Route { return web.Route{Name: "verify." + name, Public: true, Private: true} }
	shell.Handle("GET /verify", web.Route{Name: "verify.start", Public: true}, s.getStart)
	upload := public("upload")
	upload.MaxBody = maxFile + 64<<10
	shell.Handle("POST /verify", upload, s.postFile)
	shell.Handle("POST /verify/number", public("number"), s.postNumber)
	shell.Handle("GET /verify/{id}/{code}", public("letter"), s.getLetter)
	shell.Handle("GET /verify/keys", web.Route{Name: "verify.keys", Public: true, Machine: true}, s.getKeys)
}

// Check verifies a file by every key that ever signed documents of this hall, and by its log.
func (s *Service) Check(ctx context.Context, file []byte) (document.Verdict, error) {
	keys, err := s.Documents.Keys(ctx)
	if err != nil {
		return document.Verdict{}, err
	}
	text, err := s.Log.PublicKey(ctx)
	if err != nil {
		return document.Verdict{}, fmt.Errorf("key of the log: %w", err)
	}
	log, err := merkle.NewVerifier(text)
	if err != nil {
		return document.Verdict{}, fmt.Errorf("key of the log: %w", err)
	}
	return document.Verify(file, keys, log), nil
}
