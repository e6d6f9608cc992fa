package publication

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"sync/atomic"
	"time"

	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/core/lang"
	"openhall.org/openhall/internal/core/merkle"
	"openhall.org/openhall/internal/core/statute"
	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/file"
	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/publication/search"
	"openhall.org/openhall/internal/platform/registry"
	"openhall.org/openhall/internal/platform/store"
	"openhall.org/openhall/internal/platform/store/journal"
	"openhall.org/openhall/rules"
)

// Actions, as policies name them; reviewing and approving are tasks of a case.
const (
	ActionDraft    = "publication.draft"    // write, edit and hand in records of a body; note what it owes
	ActionRead     = "publication.read"     // see what is not public yet
	ActionWithdraw = "publication.withdraw" // take a record back
	ActionCategory = "publication.category" // manage the classification
	ActionImport   = "publication.import"   // bring in what was published elsewhere
)

// Policy decides who may do what. Package identity stands behind it.
type Policy interface {
	Allow(p identity.Principal, action string, on identity.Resource) error
}

// Files keeps attachments. Package file stands behind it.
type Files interface {
	Stat(ctx context.Context, id store.ID) (file.File, error)
	Get(ctx context.Context, id store.ID) (file.File, io.ReadCloser, error)
	Put(ctx context.Context, owner store.ID, name string, r io.Reader, limits file.Limits) (file.File, error)
}

// Proofs prove that an event stands in the log. Package ledger stands behind it.
type Proofs interface {
	Receipt(ctx context.Context, event store.ID) (merkle.Receipt, error)
	// Places are the places of events in the log; one that has none yet is left out.
	Places(ctx context.Context, events ...store.ID) (map[store.ID]int64, error)
}

// Deps are what publication works with. All are required but Journal.
type Deps struct {
	DB       *store.DB
	IDs      *store.IDs
	Now      func() time.Time
	Registry *registry.Registry
	Policy   Policy
	Files    Files
	Calendar func() *calendar.Calendar
	Rules    *statute.Rules
	Journal  journal.Recorder // of changes to the classification; nil: nowhere
}

// Service is the only door. It is safe for concurrent use once Attach has been called.
type Service struct {
	Deps
	// Search finds what is public by its words. What is published and withdrawn here stands in it in the same transaction.
	Search *search.Index
	cases  *casework.Runtime
	proofs Proofs
	tree   atomic.Pointer[tree] // the classification as last read
	load   sync.Mutex           // one load of it at a time
	part   int                  // records that one event publishes
	ahead  *indexAhead

	standards *Standards   // what bodies owe at regular times
	arisen    atomic.Int64 // day on which it was last noted what they owe
}

// New returns the service. The tables must be there; cases run once Attach has told it the runtime.
func New(ctx context.Context, d Deps) (*Service, error) {
	if d.DB == nil || d.IDs == nil || d.Now == nil || d.Registry == nil || d.Policy == nil || d.Files == nil || d.Calendar == nil || d.Rules == nil {
		return nil, errors.New("publication: a dependency is missing")
	}
	if d.Journal == nil {
		d.Journal = journal.Nowhere{}
	}
	standards, err := LoadStandards(rules.Files, d.Rules)
	if err != nil {
		return nil, err
	}
	s := &Service{Deps: d, part: partSize, ahead: newIndexAhead(), standards: standards}
	s.Search = search.New(search.Options{DB: d.DB, IDs: d.IDs, Now: d.Now, Texts: s.texts})
	if err := s.seed(ctx); err != nil {
		return nil, err
	}
	return s, s.reload(ctx)
}

// Attach tells the service the runtime that carries out its cases, and the log.
func (s *Service) Attach(cases *casework.Runtime, proofs Proofs) { s.cases, s.proofs = cases, proofs }

// today is the day in Shanghai.
func (s *Service) today() calendar.Date { return calendar.Of(s.Now()) }

func (s *Service) instant() time.Time { return s.Now().UTC().Truncate(time.Microsecond) }

// allow asks the policy about something of a body.
func (s *Service) allow(actor identity.Principal, action, body string) error {
	b := s.Registry.Now().Body(body)
	if b == nil {
		return invalid("/body", "unknown", lang.Text{Hans: "没有这个机关，请从列表中选择", Hant: "沒有這個機關，請從列表中選擇", En: "There is no such body; choose one of the list"})
	}
	return s.Policy.Allow(actor, action, identity.Resource{Type: "publication", ID: body, Division: b.Division, Body: body})
}

// invalid is the refusal of one field.
func invalid(path, code string, text lang.Text) *casework.Refusal {
	return &casework.Refusal{Code: casework.RefusedForm, Fields: []casework.FieldError{{Path: path, Code: code, Text: text}}}
}

// Refused codes beside those of casework.
const (
	RefusedState    = "publication-state"    // the record or version is not where it would have to be
	RefusedPersonal = "publication-personal" // the guard found personal data that is neither masked nor overridden
	RefusedNumber   = "publication-number"   // the body has no code of which an index number could be made, or its serials are used up
)

func refuse(code string, text lang.Text) *casework.Refusal {
	return &casework.Refusal{Code: code, Text: text}
}

func isNotFound(err error) bool { return errors.Is(err, store.ErrNotFound) }

// length of division codes that name a city, and a county.
const (
	cityDigits   = 4
	countyDigits = 6
)

func head(s string, n int) string { return s[:min(n, len(s))] }

// bodyOf returns a body, or an error that says that it is gone.
func (s *Service) bodyOf(key string) (*registry.Body, error) {
	b := s.Registry.Now().Body(key)
	if b == nil {
		return nil, fmt.Errorf("publication: there is no body %q", key)
	}
	return b, nil
}
