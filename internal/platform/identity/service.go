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
	"openhall.org/openhall/internal/platform/store/journal"
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

	// Journal takes down what is done to accounts and tokens, and who signs in to administer; nil takes nothing down.
	Journal journal.Recorder
	// TLS says that people reach the site by https: the cookie is Secure and carries the prefix __Host-.
	TLS bool
	// Cost of a password; zero is DefaultCost.
	Cost Cost
	// SecondFactor is FactorRequired when staff do nothing without one; everybody else may have one. Zero is FactorOffered.
	SecondFactor string
	// LockAfter so many wrong passwords or codes in a day an account is locked for LockFor. Zero is 10, and half an hour.
	LockAfter int
	LockFor   time.Duration
	// StaffSessions is how many sessions a member of staff can have at once; the oldest ends when there is another. Zero: any number.
	StaffSessions int
	// Fresh is how long a proof of who one is opens what asks for a fresh one. Zero is ten minutes.
	FreshFor time.Duration
	// BaseURL is the address by which people reach the site: passkeys are bound to its host. Empty: there are no passkeys.
	BaseURL string
	// SiteName is what authenticator programs call the site. Empty: openhall.
	SiteName string
	// Address tells from where a request comes, to slow down who guesses at many accounts; nil: nobody knows.
	Address func(r *http.Request) string
	// Tell hands on what the owner of an account has to know; nil: nobody listens. It may take as long as one small transaction.
	Tell func(ctx context.Context, n Notice)

	// Failed is called when a session cannot be read or kept; nil answers 500 without words.
	Failed func(w http.ResponseWriter, r *http.Request, err error)
}

// Service keeps accounts and tells who acts. It is safe for concurrent use.
type Service struct {
	Options
	hashes   *hasher
	sessions *scs.SessionManager
	passkeys *relyingParty
	common   commonList
}

// New returns the service.
func New(o Options) (*Service, error) {
	if o.DB == nil || o.Keys == nil || o.IDs == nil || o.Now == nil || o.Registry == nil || o.Policies == nil {
		return nil, errors.New("identity: an option is missing")
	}
	if o.Journal == nil {
		o.Journal = journal.Nowhere{}
	}
	if o.Cost == (Cost{}) {
		o.Cost = DefaultCost
	}
	if !o.Cost.sound() {
		return nil, fmt.Errorf("identity: a password can't cost %+v: want one pass and thread at least, 1 GiB at most", o.Cost)
	}
	if err := o.defaults(); err != nil {
		return nil, err
	}
	if o.Failed == nil {
		o.Failed = func(w http.ResponseWriter, _ *http.Request, _ error) { w.WriteHeader(http.StatusInternalServerError) }
	}
	s := &Service{Options: o, hashes: newHasher(o.Cost)}
	s.sessions = s.newSessions()
	var err error
	if s.common, err = openCommon(); err != nil {
		return nil, err
	}
	s.passkeys, err = newRelyingParty(o.BaseURL, o.SiteName)
	return s, err
}

// Whether a second factor is asked of staff.
const (
	FactorRequired = "required" // staff do nothing before they have added one
	FactorOffered  = "offered"  // whoever wants one adds it
)

func (o *Options) defaults() error {
	switch o.SecondFactor {
	case "":
		o.SecondFactor = FactorOffered
	case FactorRequired, FactorOffered:
	default:
		return fmt.Errorf("identity: second factor %q; want %s or %s", o.SecondFactor, FactorRequired, FactorOffered)
	}
	if o.LockAfter == 0 {
		o.LockAfter = 10
	}
	if o.LockFor == 0 {
		o.LockFor = 30 * time.Minute
	}
	if o.FreshFor == 0 {
		o.FreshFor = 10 * time.Minute
	}
	if o.SiteName == "" {
		o.SiteName = "openhall"
	}
	if o.LockAfter <= freeAttempts || o.LockFor < 0 || o.StaffSessions < 0 || o.FreshFor < 0 {
		return fmt.Errorf("identity: lock after %d, for %s, staff sessions %d, fresh for %s: want a lock after more than %d attempts, and nothing below zero",
			o.LockAfter, o.LockFor, o.StaffSessions, o.FreshFor, freeAttempts)
	}
	return nil
}

// Sweep deletes sessions and failed attempts that are over. Call it now and then.
func (s *Service) Sweep(ctx context.Context) error {
	now := s.Now()
	err := s.DB.Write(ctx, func(_ context.Context, tx *store.Tx) error {
		tx.Queue(`DELETE FROM identity_session WHERE until_at <= $1`, store.Micros(now))
		tx.Queue(`DELETE FROM identity_attempt WHERE last_at <= $1`, store.Micros(now.Add(-forgetAttempts)))
		tx.Queue(`DELETE FROM identity_device WHERE seen_at <= $1`, store.Micros(now.Add(-forgetDevices)))
		return nil
	})
	if err != nil {
		return fmt.Errorf("identity: sweep: %w", err)
	}
	return nil
}
