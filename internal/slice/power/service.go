package power

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/core/lang"
	"openhall.org/openhall/internal/core/statute"
	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/registry"
	"openhall.org/openhall/internal/platform/store"
	"openhall.org/openhall/internal/platform/store/journal"
	"openhall.org/openhall/internal/platform/web/form"
)

// ActionEdit is what a principal must be allowed in order to change the catalogue.
const ActionEdit = "item.edit"

// ErrNotFound says that there is no such item, implementation or version.
var ErrNotFound = errors.New("not in the catalogue")

// LintError refuses an item in which the linter finds errors.
type LintError struct{ Findings []Finding }

func (e *LintError) Error() string {
	texts := make([]string, 0, len(e.Findings))
	for _, f := range e.Findings {
		if f.Severity == Error {
			texts = append(texts, f.Field+": "+f.Message.En)
		}
	}
	return "the item can't be published: " + strings.Join(texts, "; ")
}

// MovedError refuses a change that was made from a version which is no longer the newest.
type MovedError struct {
	Key             string
	Newest, Offered int // the newest version; the version that was offered as its successor
}

func (e *MovedError) Error() string {
	return fmt.Sprintf("item %s stands at version %d: version %d can't follow it; take the newest version and repeat the change", e.Key, e.Newest, e.Offered)
}

// CodeTakenError refuses an item whose basic code another item has.
type CodeTakenError struct{ Key, Code string }

func (e *CodeTakenError) Error() string {
	return fmt.Sprintf("item %s: the basic code %s is another item's, or one body stands twice: correct it", e.Key, e.Code)
}

// Deps is what the service needs.
type Deps struct {
	DB         *store.DB
	Registry   *registry.Registry
	Policies   Policies
	Procedures Procedures // [Service.Module] takes those of the node
	// Charts tells by which procedure new cases of an item run in a body, when that is not the one that the item names. Nil: it always is.
	Charts   func(body, item, otherwise string) string
	Versions Versions        // nil: versions of a chart are listed and not compared
	Windows  func() Windows  // nil: nobody keeps book of it; asked at each guide, because rooms are made one after the other
	Register func() Register // nil: nobody keeps one, and every item that was published may be exercised
	Calendar func() *calendar.Calendar
	Rules    *statute.Rules
	Now      func() time.Time
	Journal  journal.Recorder // takes down what was published
	Printer  Printer          // prints the catalogue of a body; nil: nobody does
}

// Service is the door to the catalogue. It is safe for concurrent use.
type Service struct {
	deps  Deps
	shelf atomic.Pointer[shelf]
	mu    sync.Mutex // one load at a time, so that an older shelf never replaces a newer one
	pages pageCache
}

// New returns a service whose catalogue is empty until it is loaded.
func New(d Deps) *Service {
	if d.Journal == nil {
		d.Journal = journal.Nowhere{}
	}
	s := &Service{deps: d}
	s.shelf.Store(&shelf{})
	return s
}

// Refresh reads the catalogue again if somebody, perhaps on another node, has changed it, or a new day has begun on which other
// versions may be in force. It reports whether it did.
func (s *Service) Refresh(ctx context.Context) (bool, error) {
	stamp, err := readStamp(ctx, s.deps.DB.Read())
	if err != nil {
		return false, fmt.Errorf("catalogue: %w", err)
	}
	if now := s.shelf.Load(); now.stamp == stamp && now.day == s.today() && now.listed == s.listed() {
		return false, nil
	}
	return true, s.Load(ctx)
}

func (s *Service) today() calendar.Date { return calendar.Of(s.deps.Now()) }

// listed is the stamp of the register.
func (s *Service) listed() int64 {
	if reg := s.register(); reg != nil {
		return reg.Stamp()
	}
	return 0
}

// Load reads the catalogue.
func (s *Service) Load(ctx context.Context) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for {
		today, listed := s.today(), s.listed()
		c, err := readContents(ctx, s.deps.DB.Read(), today)
		if err != nil {
			return fmt.Errorf("catalogue: %w", err)
		}
		// Several queries see one state only if nothing was changed between them.
		stamp, err := readStamp(ctx, s.deps.DB.Read())
		if err != nil {
			return fmt.Errorf("catalogue: %w", err)
		}
		if stamp != c.stamp {
			continue
		}
		next, err := newShelf(c, today, s.register())
		if err != nil {
			return fmt.Errorf("catalogue: %w", err)
		}
		next.listed = listed
		s.shelf.Store(next)
		return nil
	}
}

// Lint checks an item as it would be published today, with the bodies, forms and procedures of this node.
func (s *Service) Lint(ctx context.Context, it *Item) []Finding {
	shelf, reg := s.shelf.Load(), s.deps.Registry.Now()
	return Lint(it, s.today(), Surroundings{
		Office: func(key string) (Office, bool) { return officeOf(reg, key) },
		Form:   func(key string) error { return askable(shelf.refs.Forms[key]) },
		Procedure: func(key string) bool {
			_, _, err := s.deps.Procedures.Procedure(ctx, key)
			return err == nil
		},
	})
}

func officeOf(reg *registry.Snapshot, key string) (Office, bool) {
	b := reg.Body(key)
	if b == nil {
		return Office{}, false
	}
	o := Office{Level: Level(b.Level), Consult: b.Consult, Complaint: b.Complaint}
	if c := reg.Centre(b.Centre); c != nil {
		o.Place, o.Hours = c.Address, c.Hours
	}
	return o, true
}

// askable says whether the platform can ask a form. What its formats accept is the business of who asks.
func askable(schema []byte) error {
	if len(schema) == 0 {
		return ErrNoForm
	}
	anything := func(string) *lang.Text { return nil }
	_, err := form.Compile(schema, form.Formats{"id-card": anything, "uscc": anything})
	return err
}

// Publish (发布) makes the item the next version of its key; its Version must be the successor of the newest. It returns what was
// published. Errors: what Policies answers, a *LintError (a promised term above the statutory one is one of them), an *UnlistedError, a
// *MovedError, a *CodeTakenError.
func (s *Service) Publish(ctx context.Context, actor identity.Principal, it Item) (Item, error) {
	if err := s.deps.Policies.Allow(actor, ActionEdit, identity.Resource{Type: "item", ID: it.Key}); err != nil {
		return it, err
	}
	if it.Status == Draft {
		it.Status = Published
	}
	if findings := s.Lint(ctx, &it); !Publishable(findings) {
		return it, &LintError{Findings: findings}
	}
	if err := s.admit(ctx, actor, &it); err != nil {
		return it, err
	}
	err := s.deps.DB.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		if err := touch(ctx, tx); err != nil {
			return err
		}
		last, err := newest(ctx, tx, it.Key)
		if err != nil {
			return err
		}
		if it.Version != last.Item.Version+1 {
			return &MovedError{Key: it.Key, Newest: last.Item.Version, Offered: it.Version}
		}
		if err := s.insert(ctx, tx, it, actor.Account); err != nil {
			return err
		}
		return s.deps.Journal.Record(ctx, tx, publishedAct(actor, it))
	})
	if err != nil {
		return it, fmt.Errorf("publish item %s: %w", it.Key, err)
	}
	return it, s.Load(context.WithoutCancel(ctx))
}

// publishedAct is the entry of the journal for a published version.
func publishedAct(actor identity.Principal, it Item) journal.Act {
	a := journal.Act{Kind: journal.ItemPublished, By: actor.Actor(), On: journal.On("item", it.Key), Public: true, Data: map[string]any{
		"version": it.Version, "status": string(it.Status),
	}}
	if it.Cancelled != nil {
		a.Data["cancelled"] = it.Cancelled.On.String()
	}
	return a
}

func (s *Service) insert(ctx context.Context, tx *store.Tx, it Item, by store.ID) error {
	codes, err := codesOf(&it, s.deps.Registry.Now())
	if err != nil {
		return err
	}
	digest, err := digestOf(it)
	if err != nil {
		return err
	}
	return insertVersion(ctx, tx, Version{Item: it, PublishedAt: s.deps.Now(), PublishedBy: by, digest: digest}, codes)
}

// Promise (承诺) publishes the item with another promised term. version is the one that the change was made from. A promise above
// the statutory term is a *LintError.
func (s *Service) Promise(ctx context.Context, actor identity.Principal, key string, version int, promise Promise) (Item, error) {
	it, err := s.next(ctx, key, version)
	if err != nil {
		return it, err
	}
	it.Promised = promise
	return s.Publish(ctx, actor, it)
}

// Cancel (取消) publishes that the item ceases on a day, why, and on which basis. version is the one that the change was made from.
func (s *Service) Cancel(ctx context.Context, actor identity.Principal, key string, version int, c Cancellation) (Item, error) {
	it, err := s.next(ctx, key, version)
	if err != nil {
		return it, err
	}
	it.Cancelled = &c
	if c.On <= s.today() {
		it.Status = Withdrawn
	}
	return s.Publish(ctx, actor, it)
}

// next returns the newest version of an item, numbered as the successor of the given one.
func (s *Service) next(ctx context.Context, key string, version int) (Item, error) {
	last, err := newest(ctx, s.deps.DB.Read(), key)
	switch {
	case err != nil:
		return Item{}, fmt.Errorf("item %s: %w", key, err)
	case last.Item.Key == "":
		return Item{}, fmt.Errorf("item %s: %w", key, ErrNotFound)
	case last.Item.Version != version:
		return Item{}, &MovedError{Key: key, Newest: last.Item.Version, Offered: version + 1}
	}
	it := last.Item
	it.Version++
	return it, nil
}
