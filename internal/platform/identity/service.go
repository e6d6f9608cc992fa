package identity

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"time"

	"github.com/alexedwards/scs/v2"

	"openhall.org/openhall/internal/platform/registry"
	"openhall.org/openhall/internal/platform/store"
	"openhall.org/openhall/internal/platform/store/seal"
)

//go:embed migrations/*.sql
var migrations embed.FS

// Locales holds the words of this package in the folder locales, for the message catalogue.
//
//go:embed locales/*.yaml
var Locales embed.FS

// Schema returns the tables of accounts, sessions, mandates and tokens.
func Schema() store.Migrations {
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		files = migrations // unreachable: the folder is embedded above
	}
	return store.Migrations{Module: "identity", Files: files}
}

// Options are what the service works with. All of the first group are required.
type Options struct {
	DB       *store.DB
	Keys     *seal.Ring
	IDs      *store.IDs
	Now      func() time.Time
	Registry *registry.Registry
	Policies *Policies

	// TLS says that people reach the site by https: the cookie is Secure and carries the prefix __Host-.
	TLS bool
	// Cost of a password; zero is DefaultCost.
	Cost Cost
	// Failed is called when a session cannot be read or kept; nil answers 500 without words.
	Failed func(w http.ResponseWriter, r *http.Request, err error)
}

// Service keeps accounts and tells who acts. It is safe for concurrent use.
type Service struct {
	Options
	hashes   *hasher
	sessions *scs.SessionManager
}

// New returns the service.
func New(o Options) (*Service, error) {
	if o.DB == nil || o.Keys == nil || o.IDs == nil || o.Now == nil || o.Registry == nil || o.Policies == nil {
		return nil, errors.New("identity: an option is missing")
	}
	if o.Cost == (Cost{}) {
		o.Cost = DefaultCost
	}
	if !o.Cost.sound() {
		return nil, fmt.Errorf("identity: a password can't cost %+v: want one pass and thread at least, 1 GiB at most", o.Cost)
	}
	if o.Failed == nil {
		o.Failed = func(w http.ResponseWriter, _ *http.Request, _ error) { w.WriteHeader(http.StatusInternalServerError) }
	}
	s := &Service{Options: o, hashes: newHasher(o.Cost)}
	s.sessions = s.newSessions()
	return s, nil
}

// Sweep deletes sessions and failed attempts that are over. Call it now and then.
func (s *Service) Sweep(ctx context.Context) error {
	now := s.Now()
	err := s.DB.Write(ctx, func(_ context.Context, tx *store.Tx) error {
		tx.Queue(`DELETE FROM identity_session WHERE until_at <= $1`, store.Micros(now))
		tx.Queue(`DELETE FROM identity_attempt WHERE last_at <= $1`, store.Micros(now.Add(-forgetAttempts)))
		return nil
	})
	if err != nil {
		return fmt.Errorf("identity: sweep: %w", err)
	}
	return nil
}
