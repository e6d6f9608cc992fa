package centre

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/registry"
	"openhall.org/openhall/internal/platform/store"
	"openhall.org/openhall/internal/platform/store/seal"
	"openhall.org/openhall/internal/platform/web/door"
)

// Actions, as policies name them.
const (
	ActionManage    = "centre.manage"    // stationing, opening hours, places, rules
	ActionAuthorise = "centre.authorise" // what the windows of a body may do
	ActionServe     = "centre.serve"     // call and serve those who wait
	ActionMeasure   = "centre.measure"   // what stands behind the measures of the in-place rules
)

// Deps is what the room works with. All are required.
type Deps struct {
	DB       *store.DB
	Keys     *seal.Ring
	IDs      *store.IDs
	Now      func() time.Time
	Calendar func() *calendar.Calendar
	Registry *registry.Registry
	Policies Policies
	People   People
	Items    Items
	Log      *slog.Logger
	Holder   string // names this node in leases
	BaseURL  string // for QR codes
}

// Service is the door to the room. It is safe for concurrent use.
type Service struct {
	Deps
	book     atomic.Pointer[Book]
	mu       sync.Mutex    // one load at a time, so that an older book never replaces a newer one
	failures *door.Limiter // of look-ups by code
	draws    *door.Limiter // of tickets and appointments from one address
	measures []Measure
}

// drawsPerMinute is how many tickets and appointments one address may draw: more than the machine at a door is pressed.
const drawsPerMinute = 60

// New returns the room with an empty book; [Service.Load] reads it.
func New(d Deps) (*Service, error) {
	if d.DB == nil || d.Keys == nil || d.IDs == nil || d.Now == nil || d.Calendar == nil || d.Registry == nil || d.Policies == nil ||
		d.People == nil || d.Items == nil || d.Log == nil {
		return nil, errors.New("centre: a dependency is missing")
	}
	list, err := loadMeasures()
	if err != nil {
		return nil, err
	}
	s := &Service{Deps: d, failures: door.NewLimiter(door.LookupsPerMinute, d.Now), draws: door.NewLimiter(drawsPerMinute, d.Now), measures: list}
	s.book.Store(newBook(0, nil, nil))
	return s, nil
}

//go:embed migrations/*.sql
var migrations embed.FS

// Schema returns the tables of the room.
func Schema() store.Migrations {
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		files = migrations // unreachable: the folder is embedded above
	}
	return store.Migrations{Module: "centre", Files: files}
}

// Book returns the records and plans as they stand. It never changes: take it once for each request.
func (s *Service) Book() *Book { return s.book.Load() }

// today is the day of the present instant.
func (s *Service) today() calendar.Date { return calendar.Of(s.Now()) }

// Load reads the book.
func (s *Service) Load(ctx context.Context) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for {
		version, err := readVersion(ctx, s.DB.Read())
		if err != nil {
			return err
		}
		records, err := readRecords(ctx, s.DB.Read())
		if err != nil {
			return err
		}
		plans, err := readPlans(ctx, s.DB.Read())
		if err != nil {
			return err
		}
		// Several queries see one state only if nothing was changed between them.
		if again, err := readVersion(ctx, s.DB.Read()); err != nil || again == version {
			if err == nil {
				s.book.Store(newBook(version, records, plans))
			}
			return err
		}
	}
}

// Refresh reads the book again if somebody, perhaps on another node, has changed it.
func (s *Service) Refresh(ctx context.Context) error {
	v, err := readVersion(ctx, s.DB.Read())
	if err != nil || v == s.Book().version {
		return err
	}
	return s.Load(ctx)
}

// write runs fn in a transaction that changes the book, and puts the new book in force on this node before it returns.
func (s *Service) write(ctx context.Context, fn func(ctx context.Context, tx *store.Tx) error) error {
	err := s.DB.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		// Counting the version first also makes changes wait for one another on PostgreSQL.
		if err := tx.Exec(ctx, `UPDATE centre_version SET version = version + 1 WHERE one = 1`); err != nil {
			return err
		}
		return fn(ctx, tx)
	})
	if err != nil {
		return fmt.Errorf("centre: %w", err)
	}
	return s.Load(context.WithoutCancel(ctx))
}

// allow asks whether the actor may do something about a centre.
func (s *Service) allow(actor identity.Principal, action string, c *registry.Centre) error {
	return s.Policies.Allow(actor, action, identity.Resource{Type: "centre", ID: c.Key, Division: c.Division, Body: c.Body})
}
