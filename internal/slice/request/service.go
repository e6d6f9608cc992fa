package request

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"time"

	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/core/statute"
	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/document"
	"openhall.org/openhall/internal/platform/file"
	"openhall.org/openhall/internal/platform/registry"
	"openhall.org/openhall/internal/platform/store"
	"openhall.org/openhall/internal/platform/store/seal"
	"openhall.org/openhall/internal/platform/web"
	"openhall.org/openhall/internal/platform/web/door"
	"openhall.org/openhall/internal/platform/web/form"
	"openhall.org/openhall/procedures"
)

// Deps is what the service works with. All are required but what stands from BaseURL on.
type Deps struct {
	DB       *store.DB
	Keys     *seal.Ring
	Files    *file.Files
	Registry *registry.Registry
	People   People
	Policies Policy
	Rules    *statute.Rules
	Calendar func() *calendar.Calendar
	Now      func() time.Time
	Log      *slog.Logger

	Documents *document.Service
	Agency    func(string) string // 机关代字 of a body

	BaseURL   string // address of the site without a slash at the end, for QR codes
	Known     Known
	Publisher Publisher
	Redactor  Redactor
	Duties    Duties
}

// Service takes requests for information and shows what became of them. It is safe for concurrent use.
type Service struct {
	Deps
	Cases  *casework.Runtime // set by Attach
	words  *web.Catalogue
	keeper *door.Keeper
	posts  *door.Limiter // requests that anybody may send
	form   *form.Schema  // what a request says, as the desk shows it
	steps  map[string]*form.Schema
}

// postsPerMinute is how many pages of a request one address may send.
const postsPerMinute = 30

//go:embed migrations/*.sql
var migrations embed.FS

// Schema returns the tables of the slice.
func Schema() store.Migrations {
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		files = migrations // unreachable: the folder is embedded above
	}
	return store.Migrations{Module: "request", Files: files}
}

// New returns the service.
func New(d Deps) (*Service, error) {
	if d.DB == nil || d.Keys == nil || d.Files == nil || d.Registry == nil || d.People == nil || d.Policies == nil || d.Rules == nil ||
		d.Calendar == nil || d.Now == nil || d.Log == nil || d.Documents == nil || d.Agency == nil {
		return nil, errors.New("request: a dependency is missing")
	}
	s := &Service{Deps: d, posts: door.NewLimiter(postsPerMinute, d.Now), steps: map[string]*form.Schema{}}
	var err error
	if s.form, err = form.Compile(sentForm, nil); err != nil {
		return nil, fmt.Errorf("request: %w", err)
	}
	for _, key := range []string{"request-supplement", "request-explain"} {
		raw, err := fs.ReadFile(procedures.Files, "forms/"+key+".json")
		if err != nil {
			return nil, fmt.Errorf("request: %w", err)
		}
		if s.steps[key], err = form.Compile(raw, nil); err != nil {
			return nil, fmt.Errorf("request: form %s: %w", key, err)
		}
	}
	return s, nil
}

// Attach gives the service the runtime to which it gave its kinds, and the words of its letters. It is called once, before any page is
// served.
func (s *Service) Attach(cases *casework.Runtime, words *web.Catalogue) {
	s.Cases, s.words = cases, words
	s.keeper = door.New(cases, proofless{s.People}, s.Now)
	s.Documents.Register(KindName, s.compose)
}

// proofless tells the keeper of the doors who asks. No identity number opens a request: the case holds none.
type proofless struct{ People }

// IDNumber implements door.People.
func (proofless) IDNumber(context.Context, store.ID) (string, error) { return "", nil }

// today is the day in Asia/Shanghai.
func (s *Service) today() calendar.Date { return calendar.Of(s.Now()) }

// rule returns what a rule says on a day; ok is false when none is in force.
func (s *Service) rule(id string, day calendar.Date) (statute.Value, bool) {
	v, err := s.Rules.At(id, day)
	return v, err == nil
}

// Bodies returns the bodies that can be asked: those with a disclosure office, that is somebody who examines and somebody who decides.
func (s *Service) Bodies(division string) []*registry.Body {
	places := s.Registry.Now()
	var list []*registry.Body
	for _, b := range places.Bodies(division) {
		if s.office(b) {
			list = append(list, b)
		}
	}
	return list
}

// office reports whether the body answers requests.
func (s *Service) office(b *registry.Body) bool {
	if b == nil || registry.Over(b.Ended, s.Now()) {
		return false
	}
	examines, decides := false, false
	for _, p := range s.Registry.Now().Posts(b.Key) {
		examines, decides = examines || p.Has("reviewer"), decides || p.Has("head")
	}
	return examines && decides
}
