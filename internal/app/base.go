package app

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"time"

	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/core/statute"
	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/document"
	"openhall.org/openhall/internal/platform/file"
	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/job"
	"openhall.org/openhall/internal/platform/law"
	"openhall.org/openhall/internal/platform/ledger"
	"openhall.org/openhall/internal/platform/publication"
	"openhall.org/openhall/internal/platform/registry"
	"openhall.org/openhall/internal/platform/store"
	"openhall.org/openhall/internal/platform/store/seal"
	"openhall.org/openhall/internal/platform/supervision"
	"openhall.org/openhall/internal/platform/web"
	"openhall.org/openhall/letters"
	"openhall.org/openhall/policies"
	"openhall.org/openhall/rules"
)

// Base is what stands before any module: the database with the tables of the platform, the keys, the law, who is who.
type Base struct {
	Config   Config
	Program  string // version of the program, as it tells the other nodes
	DB       *store.DB
	Keys     *seal.Ring
	IDs      *store.IDs
	Now      func() time.Time
	Law      *law.Law // the calendar and the rules in force, with what administrators published
	Calendar func() *calendar.Calendar
	Rules    *statute.Rules
	Watched  []supervision.Rule // what electronic supervision looks for
	Journal  *casework.Journal  // of administrative acts
	Registry *registry.Registry
	Policies *identity.Policies
	Identity *identity.Service
	Files    *file.Files
	Jobs     *job.Queue // background work; slices register their kinds in Open
	LogKey   ledger.Key // signs the log
	Letters  *document.Service
	// Publication is where anything becomes public.
	Publication *publication.Service
	Holder      string // names this node in leases
	Log         *slog.Logger
	// Tell hands on what the owner of an account has to know; set before the first request. Nil: nobody listens.
	Tell    func(ctx context.Context, n identity.Notice)
	Tracing *Tracing // whom the program tells what it does; nil: nobody
}

// OpenBase opens the database, brings its tables up to date, and reads keys and rules. now is the clock of the whole program.
func OpenBase(ctx context.Context, c Config, now func() time.Time, log *slog.Logger) (b *Base, err error) {
	b = &Base{Config: c, Now: now, Log: log}
	defer func() {
		if err != nil {
			err = errors.Join(err, b.Close())
			b = nil
		}
	}()
	if b.LogKey, err = ledger.LoadKey(filepath.Join(c.Data, "keys", "log.key"), c.Origin); err != nil {
		return b, err
	}
	b.Holder = fmt.Sprintf("node-%d", c.Node) // the same after a restart, so that it takes its leases up again at once
	if b.DB, err = store.Open(ctx, c.Database); err != nil {
		return b, err
	}
	err = b.DB.Migrate(ctx, append(publication.Schemas(), store.Schema(), law.Schema(), registry.Schema(), identity.Schema(), casework.Schema(), file.Schema(),
		job.Schema(), ledger.Schema(), supervision.Schema(), document.Schema())...)
	if err != nil {
		return b, err
	}
	number := c.Node
	if c.Command {
		if number, err = b.DB.CommandNumber(ctx); err != nil {
			return b, err
		}
	}
	if b.IDs, err = store.NewIDs(number, now); err != nil {
		return b, err
	}
	if err = b.unseal(ctx, filepath.Join(c.Data, "keys", "seal.key")); err != nil {
		return b, err
	}
	if b.Jobs, err = job.New(job.Options{DB: b.DB, IDs: b.IDs, Now: now, Holder: b.Holder, Log: log}); err != nil {
		return b, err
	}
	b.Journal = casework.NewJournal(b.DB, b.Keys, b.IDs, now, c.Node)
	if err = b.law(ctx, rules.Files, c.Jurisdiction); err != nil {
		return b, err
	}
	if b.Registry, err = registry.Open(ctx, b.DB); err != nil {
		return b, err
	}
	b.Registry.Keep(b.Journal)
	if err = b.people(filepath.Join(c.Data, "files")); err != nil {
		return b, err
	}
	if err = b.publication(ctx); err != nil {
		return b, err
	}
	return b, b.letters(ctx, filepath.Join(c.Data, "keys"))
}

// publication opens the one place where anything becomes public.
func (b *Base) publication(ctx context.Context) (err error) {
	b.Publication, err = publication.New(ctx, publication.Deps{
		DB: b.DB, IDs: b.IDs, Now: b.Now, Registry: b.Registry, Policy: b.Policies, Files: b.Files, Calendar: b.Calendar, Rules: b.Rules,
		Journal: b.Journal,
	})
	return err
}

// letters opens what issues official letters, with the keys that sign them.
func (b *Base) letters(ctx context.Context, keys string) error {
	templates, err := document.Load(letters.Files)
	if err != nil {
		return err
	}
	signers, err := document.LoadSigners(keys, documentsOf(b.Config.Origin))
	if err != nil {
		return err
	}
	b.Letters, err = document.New(ctx, document.Options{
		DB: b.DB, Files: b.Files, Keys: b.Keys, IDs: b.IDs, Now: b.Now, Log: b.Log, Templates: templates, Signers: signers, Holder: b.Holder,
		BaseURL: b.Config.BaseURL,
	})
	return err
}

// documentsOf names the signer of the documents of the node whose log has the origin.
func documentsOf(origin string) string { return strings.TrimSuffix(origin, "/log") + "/documents" }

// unseal reads the keys of the sealed columns. They are made on an empty database only: with new keys beside an old database nothing
// that was sealed could be read again.
func (b *Base) unseal(ctx context.Context, path string) error {
	_, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		accounts, cerr := store.Scalar[int](b.DB.Read().QueryRow(ctx, `SELECT count(*) FROM (SELECT 1 FROM identity_account LIMIT 1) AS any_account`))
		if cerr != nil {
			return cerr
		}
		if accounts > 0 {
			return fmt.Errorf("%s is missing, and the database holds what was sealed with it: put the file back from where keys are kept", path)
		}
	}
	b.Keys, err = seal.Load(path)
	return err
}

// law reads the calendar and the rules in force.
func (b *Base) law(ctx context.Context, files fs.FS, jurisdiction string) (err error) {
	b.Law, err = law.Open(ctx, law.Options{DB: b.DB, Files: files, Jurisdiction: jurisdiction, Journal: b.Journal, Now: b.Now})
	if err != nil {
		return err
	}
	b.Calendar, b.Rules = b.Law.Calendar, b.Law.Rules()
	b.Watched, err = supervision.Load(files, b.Rules, statute.Chain(jurisdiction)...)
	return err
}

// people opens what knows who may do what, and keeps their papers.
func (b *Base) people(files string) (err error) {
	b.Policies, err = identity.LoadPolicies(policies.Files, func() identity.Places { return b.Registry.Now() })
	if err != nil {
		return err
	}
	b.Identity, err = identity.New(identity.Options{
		DB: b.DB, Keys: b.Keys, IDs: b.IDs, Now: b.Now, Registry: b.Registry, Policies: b.Policies, Journal: b.Journal, TLS: b.Config.TLS(),
		SecondFactor: b.Config.SecondFactor, StaffSessions: b.Config.StaffSessions, LockAfter: b.Config.LockAfter, BaseURL: b.Config.BaseURL,
		Address: web.ClientOf, Tell: func(ctx context.Context, n identity.Notice) {
			if b.Tell != nil {
				b.Tell(ctx, n)
			}
		},
	})
	if err != nil {
		return err
	}
	o := file.Options{DB: b.DB, Blobs: file.Dir(files), Keys: b.Keys, IDs: b.IDs, Now: b.Now, Report: func(ctx context.Context, err error) {
		b.Log.WarnContext(ctx, "an upload could not be scanned and was refused", "err", err)
	}}
	if b.Config.Clamd != "" {
		if o.Scanner, err = file.Clamd(b.Config.Clamd); err != nil {
			return err
		}
	}
	b.Files, err = file.New(o)
	if err != nil {
		return fmt.Errorf("store of files: %w", err)
	}
	return nil
}

// lastTraces is how long the end of the program waits for the collector of traces.
const lastTraces = 3 * time.Second

// Close ends the connections to the database.
func (b *Base) Close() error {
	if b == nil || b.DB == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), lastTraces)
	defer cancel()
	return errors.Join(b.Tracing.Close(ctx), b.DB.Close())
}
