package casework

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"time"

	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"
	"go.opentelemetry.io/otel/trace/noop"

	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/core/lang"
	"openhall.org/openhall/internal/core/procedure"
	"openhall.org/openhall/internal/core/statute"
	"openhall.org/openhall/internal/platform/file"
	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/store"
	"openhall.org/openhall/internal/platform/store/journal"
	"openhall.org/openhall/internal/platform/store/seal"
)

// Policy decides who may do what. Package identity stands behind it.
type Policy interface {
	// Allow answers nil or an *identity.Denied. It is asked once for each command.
	Allow(p identity.Principal, action string, on identity.Resource) error
}

// Kind is a kind of case, registered by a slice.
type Kind struct {
	Name  string
	Title lang.Text
	// Begin looks up what is applied for and checks the application against it: form, materials, whether it can be applied for on
	// that day. It answers a *Refusal when not. It runs before the transaction.
	Begin func(ctx context.Context, s Submit, today calendar.Date) (Beginning, error)
	// Changed lets the slice keep tables of its own in step with the case, in the same transaction. It may refuse what only the
	// transaction can tell, such as that consent was just taken back: the error is a *Refusal. May be nil.
	Changed func(ctx context.Context, tx *store.Tx, c *Case, h Happened) error
	// Policy is what policies are told, in the place of a role, when a case of the kind is submitted, read, rated or given files, so
	// that a rule can be about this kind alone. May be empty.
	Policy string
	// Handler names the body whose posts do the tasks of a role, when that is not the body which has the case now: the case moves to
	// it (移送) as such a task opens. Empty: it stays. It is pure: what it needs is in the case. May be nil.
	Handler func(c *Case, role string) string
	// Party names the party whose task a role's is, when that is not the one whose matter the case is: an agency that was ordered in it.
	// 0: the party of the case. It is pure: what it needs is in the case. May be nil.
	Party func(c *Case, role string) store.ID
	// May refuses a task to somebody whom the policy lets do it, because of what the case is about: whose conduct it is, who issued it.
	// The error is a *Refusal. It is pure: what it needs is in the case. May be nil.
	May func(c *Case, t Task, by identity.Principal) error
	// Check refuses what somebody entered in a task where its form alone can't tell that it is wrong: because of the day of the matter,
	// or of what was entered before. The error is a *Refusal. It is pure: what it needs is in the case. May be nil.
	Check func(c *Case, t Task, entered Complete, at time.Time) error
	// Receipt is the instant from which a clock runs that starts with the receipt (from="receipt"), when that is not the instant at
	// which the case was opened: a letter that arrived before it was entered, a day agreed with the applicant. Zero: as opened. Pure;
	// may be nil.
	Receipt func(c *Case) time.Time
	// Day is the day whose law governs a case, when that is not the day on which it was opened: a letter that arrived before the law changed
	// and is entered afterwards. 0: as opened. Pure; may be nil.
	Day func(c *Case) calendar.Date
	// TakenBack is the status of a case that was recorded by mistake and is taken back; empty: cases of the kind cannot be.
	TakenBack string
	// Length is how many units of its time a rule gives in one case, where the law leaves that to the authority and a step has fixed
	// it, such as a reasonable term for a correction; 0: as the rule says. It is given the variables of the procedure. Pure; may be nil.
	Length func(v procedure.Variables, rule string) int
	// Services answer the service tasks of the kind's procedures, by topic. They are pure: what they need is in the case.
	Services map[string]func(c *Case) (procedure.Variables, error)
}

// Beginning is how a new case of a kind begins.
type Beginning struct {
	Title     lang.Text
	Division  string
	Body      string
	Procedure string // key; the newest published version is taken
	Series    string // what the number begins with; the day and four digits follow
	Terms     map[string]Terms
	Variables map[string]any // what conditions of the procedure look at; never personal
	Public    map[string]any // what the log shows of the application beside its subject; never personal
	// Barred are accounts that must do no task of the case, whatever their post: those whose conduct it is about (回避).
	Barred []store.ID
}

// Happened is what a command did to a case.
type Happened struct {
	Event   Event
	Kind    string
	Actor   identity.Principal
	Data    map[string]any             // the public part
	Private map[string]json.RawMessage // the sealed part
	Effects []procedure.Effect
}

// Options are what the runtime works with. All are required but Forms, Personal and Observe.
type Options struct {
	DB       *store.DB
	Keys     *seal.Ring
	IDs      *store.IDs
	Now      func() time.Time
	Calendar func() *calendar.Calendar // the calendar in force; it changes when a notice is imported
	Rules    *statute.Rules
	Policy   Policy
	Kinds    []Kind
	Forms    *Forms // of the steps of procedures
	// Journal takes down which procedures were published; nil takes nothing down.
	Journal journal.Recorder
	// Personal reports whether a text for the public holds personal data; nil: nobody looks.
	Personal func(text string) bool
	// Observe is told of every command and what came of it, for metrics.
	Observe func(action string, err error)
	// Tracer makes a span of every command; nil: none.
	Tracer trace.Tracer
}

// Runtime carries commands out. It is safe for concurrent use.
type Runtime struct {
	Options
	kinds      map[string]Kind
	procedures *procedures
	cache      *cache
	group      *store.Group[ask, Receipt]
	quiet      sync.Mutex // held while nothing is to be woken by itself
}

// ask is a command on its way into a batch.
type ask struct {
	cmd    Command
	id     store.ID // of the case; new for Submit
	begin  Beginning
	def    *procedure.Definition // of a new case
	ref    string                // key@version of it
	key    []byte
	digest []byte
	ahead  *step // decided before its turn
}

// fresh reports whether the command opens a case.
func (a *ask) fresh() bool {
	_, is := a.cmd.Act.(Submit)
	return is
}

// maxFiles bounds the files of one command: each stands in the public event with its digest.
const maxFiles = 200

// filesOf returns the files that a command brings.
func filesOf(act Act) []FileRef {
	switch act := act.(type) {
	case Submit:
		return act.Files
	case Complete:
		return act.Files
	case Attach:
		return act.Files
	default:
		return nil
	}
}

// New starts the runtime.
func New(o Options) (*Runtime, error) {
	if o.DB == nil || o.Keys == nil || o.IDs == nil || o.Now == nil || o.Calendar == nil || o.Rules == nil || o.Policy == nil {
		return nil, errors.New("casework: an option is missing")
	}
	if o.Journal == nil {
		o.Journal = journal.Nowhere{}
	}
	if o.Forms == nil {
		o.Forms = &Forms{}
	}
	if o.Tracer == nil {
		o.Tracer = noop.Tracer{}
	}
	r := &Runtime{Options: o, kinds: map[string]Kind{}, procedures: newProcedures(o.DB), cache: newCache()}
	for _, k := range o.Kinds {
		if _, twice := r.kinds[k.Name]; twice || k.Name == "" || k.Begin == nil {
			return nil, fmt.Errorf("casework: kind %q is there twice, or lacks its name or Begin", k.Name)
		}
		r.kinds[k.Name] = k
	}
	r.group = store.NewGroup(o.DB, r.run)
	return r, nil
}

// Close carries out the commands under way and refuses later ones.
func (r *Runtime) Close() { r.group.Close() }

// Do carries a command out and returns its receipt once it is on disk. The error is a *Refusal when a rule stands against it;
// nothing was changed then. Any other error leaves open whether it happened: send the same command again, with the same key.
func (r *Runtime) Do(ctx context.Context, cmd Command) (Receipt, error) {
	ctx, span := r.Tracer.Start(ctx, "command "+cmd.Act.action())
	rec, err := r.take(ctx, cmd)
	if err != nil && !isRefusal(err) {
		span.SetStatus(codes.Error, "")
	}
	span.End()
	if r.Observe != nil {
		r.Observe(cmd.Act.action(), err)
	}
	return rec, err
}

func (r *Runtime) take(ctx context.Context, cmd Command) (Receipt, error) {
	if cmd.Key == "" || len(cmd.Key) > 200 {
		return Receipt{}, refuse(RefusedKey)
	}
	if len(filesOf(cmd.Act)) > maxFiles {
		return Receipt{}, refuse(RefusedTooLarge, "Files", maxFiles)
	}
	a := ask{cmd: cmd, id: cmd.Case, key: commandKey(cmd), digest: commandDigest(cmd)}
	submit, fresh := cmd.Act.(Submit)
	if fresh {
		a.id = r.IDs.New()
	}
	rec, err := r.group.Do(ctx, uint64(a.id), func() (ask, error) {
		if fresh {
			if err := r.prepare(ctx, &a, submit); err != nil {
				return a, err
			}
		}
		return a, r.ahead(ctx, &a)
	})
	if err != nil && fresh && (store.IsDuplicate(err) || isRefusal(err)) {
		// The same submission came in twice at once, through two writers, and the other was first. Or it was carried out before, and
		// what it applied for was cancelled since: whoever sends it again still gets the receipt.
		if was, ok, rerr := r.replay(ctx, a); ok || rerr != nil {
			return was, rerr
		}
	}
	if errors.Is(err, errFiles) {
		return Receipt{}, refuse(RefusedFile)
	}
	var o *objection
	if errors.As(err, &o) {
		return Receipt{}, o.refusal
	}
	return rec, err
}

// errFiles says that a command names files that are not there or are another's. It is a failure of the transaction, so that what the slice
// has written is rolled back, and a refusal to whoever asked.
var errFiles = errors.New("a file named is not there, or belongs to another account")

// objection is the refusal of a slice in the transaction: a failure of it, like errFiles, and a refusal to whoever asked.
type objection struct{ refusal *Refusal }

// Error tells the refusal.
func (o *objection) Error() string { return "the slice objects: " + o.refusal.Error() }

// prepare does for a new case what needs no lock: find out what is applied for, and which procedure it runs.
func (r *Runtime) prepare(ctx context.Context, a *ask, s Submit) error {
	kind, ok := r.kinds[s.Kind]
	if !ok {
		return refuse(RefusedSubject, "Subject", s.Kind)
	}
	var err error
	if a.begin, err = kind.Begin(ctx, s, calendar.Of(r.Now())); err != nil {
		return err
	}
	a.ref, a.def, err = r.procedures.newest(ctx, a.begin.Procedure)
	return err
}

// ahead decides a command before its turn in a transaction, outside of any lock: callers do so side by side, and the one writer
// is left with what only it can do. The decision counts only if the case has not moved when the turn comes.
func (r *Runtime) ahead(ctx context.Context, a *ask) error {
	s := &step{r: r, a: a, now: r.instant(), cal: r.Calendar()}
	if !a.fresh() {
		base, err := r.known(ctx, a.id)
		if err != nil || base == nil || base.marked(a.key) != nil {
			return err
		}
		s.base = base
	}
	err := s.work(ctx)
	if err != nil && !isRefusal(err) {
		return err
	}
	if err == nil {
		a.ahead = s
	}
	return nil // a refusal is believed only when the turn comes: the case may have moved
}

func (r *Runtime) instant() time.Time { return r.Now().Round(0).UTC().Truncate(time.Microsecond) }

// run carries a batch out in one transaction. Commands are decided in order; what they changed is written at the end.
func (r *Runtime) run(ctx context.Context, tx *store.Tx, asks []ask) ([]store.Answer[Receipt], error) {
	b, err := r.load(ctx, tx, asks)
	if err != nil {
		return nil, err
	}
	answers := make([]store.Answer[Receipt], len(asks))
	for i := range asks {
		rec, err := b.carryOut(ctx, tx, &asks[i])
		if err != nil && !isRefusal(err) {
			return nil, err
		}
		answers[i] = store.Answer[Receipt]{Value: rec, Err: err}
	}
	b.save(tx)
	tx.OnCommit(func() { r.cache.keep(b.cases) })
	return answers, nil
}

// carryOut decides one command, or takes over what was decided ahead, and notes what it changes.
func (b *batch) carryOut(ctx context.Context, tx *store.Tx, a *ask) (Receipt, error) {
	if a.fresh() {
		if was, ok := b.submitted[string(a.key)]; ok {
			return was.answer(a)
		}
	}
	s := a.ahead
	if s == nil || !b.unmoved(s) {
		s = &step{r: b.r, a: a, now: b.now, cal: b.cal}
		if !a.fresh() {
			c, err := b.current(ctx, tx, a.id)
			if err != nil {
				return Receipt{}, err
			}
			if c != nil {
				if m := c.marked(a.key); m != nil {
					was, err := b.repeated(ctx, tx, c, m)
					if err != nil {
						return Receipt{}, err
					}
					return was.answer(a)
				}
			}
			s.base = c
		}
		if err := s.work(ctx); err != nil {
			return Receipt{}, err
		}
	}
	if s.base == nil {
		number, err := b.number(a.begin.Series)
		if err != nil {
			return Receipt{}, err
		}
		if s, err = s.numbered(number); err != nil {
			return Receipt{}, err
		}
	}
	if err := s.tell(ctx, tx); err != nil {
		return Receipt{}, err
	}
	b.keep(s)
	return s.receipt, nil
}

// tell gives the slice its turn.
func (s *step) tell(ctx context.Context, tx *store.Tx) error {
	changed := s.r.kinds[s.c.Kind].Changed
	if changed == nil {
		return nil
	}
	for i, p := range s.events {
		h := Happened{Event: s.sealed[i].Event, Kind: p.kind, Actor: s.a.cmd.Actor, Data: p.data, Private: p.private, Effects: p.effects}
		if err := changed(ctx, tx, s.c, h); err != nil {
			if errors.Is(err, file.ErrNotOwned) {
				return errFiles
			}
			if store.IsConflict(err) {
				return err // the transaction is run again
			}
			// Not a refusal: what the slice has written already must be rolled back. Whoever asked is told the refusal all the same.
			var refusal *Refusal
			if errors.As(err, &refusal) {
				return &objection{refusal}
			}
			return fmt.Errorf("slice of %s: %s", s.c.Kind, err.Error())
		}
	}
	return nil
}

// isRefusal reports whether an error is an answer to the one who asked, rather than a failure: nothing was changed.
func isRefusal(err error) bool {
	var refusal *Refusal
	var denied *identity.Denied
	return errors.As(err, &refusal) || errors.As(err, &denied)
}
