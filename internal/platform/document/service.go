package document

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"runtime/debug"
	"strconv"
	"sync"
	"time"

	"openhall.org/openhall/internal/core/lang"
	"openhall.org/openhall/internal/core/merkle"
	"openhall.org/openhall/internal/platform/file"
	"openhall.org/openhall/internal/platform/store"
	"openhall.org/openhall/internal/platform/store/seal"
)

// Compose gives the facts of a letter in one language, and whom it is addressed to as the public may read it.
type Compose func(ctx context.Context, r Record, tag lang.Tag) (f Facts, holder string, err error)

// Prove gives the proof that an event stands in the log; ok is false while it waits for its place. Package ledger stands behind it.
type Prove func(ctx context.Context, event store.ID) (r merkle.Receipt, ok bool, err error)

// Options are what the documents work with. All are required but BaseURL.
type Options struct {
	DB        *store.DB
	Files     *file.Files
	Keys      *seal.Ring
	IDs       *store.IDs
	Now       func() time.Time
	Log       *slog.Logger
	Templates *Templates
	Signers   []Signer
	Holder    string // the node, for leases
	BaseURL   string // of the site, for codes
}

// Service issues documents. It is safe for concurrent use.
type Service struct {
	o        Options
	fonts    fonts
	prove    Prove
	composer map[string]Compose // by kind of case

	mu   sync.Mutex // held while a document is printed: one at a time, for the sake of memory
	used time.Time  // when the last one was
}

// New returns the service, and notes the keys that sign from now on.
func New(ctx context.Context, o Options) (*Service, error) {
	if o.DB == nil || o.Files == nil || o.Keys == nil || o.IDs == nil || o.Now == nil || o.Log == nil || o.Templates == nil || len(o.Signers) == 0 {
		return nil, errors.New("document: an option is missing")
	}
	s := &Service{o: o, composer: map[string]Compose{}}
	return s, s.register(ctx)
}

// Attach gives the service the log. It is called once, before anything is printed.
func (s *Service) Attach(p Prove) { s.prove = p }

// Register gives the composer of a kind of case. It is called before Run.
func (s *Service) Register(kind string, c Compose) { s.composer[kind] = c }

// Templates returns the templates.
func (s *Service) Templates() *Templates { return s.o.Templates }

// ErrPending says that a letter can't be printed yet because its event has no place in the log. Ask again in a second.
var ErrPending = errors.New("the letter waits for the place of its event in the log; ask again in a second")

// MediaType is what documents are.
const MediaType = "application/pdf"

const (
	pause   = 500 * time.Millisecond
	leased  = 30 * time.Second
	maxTurn = 8
	again   = time.Hour        // until a letter that could not be printed is tried again
	idle    = 20 * time.Second // after which the fonts are let go
)

// Run prints letters as soon as their events have a place in the log, until ctx ends. One node at a time does so. What it was doing
// when it was killed is found again: a letter without a file is due.
func (s *Service) Run(ctx context.Context) {
	lease := store.Lease{DB: s.o.DB, Name: "document", Holder: s.o.Holder, For: leased, Now: s.o.Now}
	lease.Poll(ctx, pause, s.Turn, func(err error) { s.o.Log.ErrorContext(ctx, "print documents", "err", err) })
}

// Turn prints some of the letters that are due and reports whether there were any.
func (s *Service) Turn(ctx context.Context) (bool, error) {
	list, err := s.due(ctx, maxTurn)
	if err != nil {
		return false, err
	}
	printed := 0
	for _, r := range list {
		began := s.o.Now()
		_, err := s.Ensure(ctx, r)
		if ctx.Err() != nil {
			return printed > 0, nil //nolint:nilerr // whatever it was that ended: the letter is due at the next start
		}
		switch {
		case err == nil:
			printed++
			giveWay(ctx, s.o.Now().Sub(began))
		case errors.Is(err, ErrPending), errors.Is(err, ErrErased): // erased since it was found due: nothing is to be printed
		default:
			s.o.Log.ErrorContext(ctx, "print a document", "document", r.ID, "err", err)
			if err := s.postpone(ctx, r.ID, s.o.Now().Add(again), err.Error()); err != nil {
				return false, err
			}
		}
	}
	if printed == 0 {
		s.rest()
	}
	return printed > 0, nil
}

// giveWay rests as long as the last letter took, so that printing never takes more than half of a processor from those who wait for
// a page. Whoever asks for a letter that is not printed yet does not wait for its turn: see [Service.Ensure].
func giveWay(ctx context.Context, took time.Duration) {
	if took <= 0 {
		return
	}
	select {
	case <-ctx.Done():
	case <-time.After(min(took, pause)):
	}
}

// rest lets the fonts go when they were not wanted for a while.
func (s *Service) rest() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.used.IsZero() && s.o.Now().Sub(s.used) > idle {
		s.fonts.release()
		s.used = time.Time{}
		debug.FreeOSMemory() // what printing took is not wanted for a while
	}
}

// Ensure prints a letter unless it is printed, and returns what is kept of it. It answers [ErrPending], or a *MissingGlyph.
func (s *Service) Ensure(ctx context.Context, r Record) (Record, error) {
	if !r.ErasedAt.IsZero() {
		return r, ErrErased
	}
	if r.Ready() {
		return r, nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	r, err := s.Get(ctx, r.ID) // another one may have printed it meanwhile
	if err == nil && !r.ErasedAt.IsZero() {
		err = ErrErased
	}
	if err != nil || r.Ready() {
		return r, err
	}
	pdf, err := s.make(ctx, &r)
	if err != nil {
		return r, err
	}
	f, err := s.o.Files.Put(ctx, 0, fileName(r), bytes.NewReader(pdf), file.Limits{})
	if err != nil {
		return r, fmt.Errorf("keep document %s: %w", r.ID, err)
	}
	r.File, r.Digest, r.IssuedAt = f.ID, f.Digest, s.instant()
	err = s.keep(ctx, r, func(ctx context.Context, tx *store.Tx) error {
		return file.Bind(ctx, tx, 0, file.Holder{Kind: holderKind, ID: r.ID}, f.ID)
	})
	if isMoved(err) {
		return s.Get(ctx, r.ID) // another node was first; what we have made is swept away
	}
	if err != nil {
		return r, fmt.Errorf("keep document %s: %w", r.ID, err)
	}
	return r, nil
}

// holderKind is what the file of a document is bound to.
const holderKind = "document"

func fileName(r Record) string {
	return r.Kind + "-" + r.CaseNumber + "-" + strconv.FormatInt(r.Seq, 10) + ".pdf"
}

func (s *Service) instant() time.Time { return s.o.Now().Round(0).UTC().Truncate(time.Microsecond) }

// make composes, prints and signs a letter.
func (s *Service) make(ctx context.Context, r *Record) ([]byte, error) {
	if s.prove == nil || s.composer[r.Type] == nil {
		return nil, fmt.Errorf("document %s: nobody composes letters of %q", r.ID, r.Type)
	}
	proof, ok, err := s.prove(ctx, r.Event)
	if err != nil {
		return nil, fmt.Errorf("document %s: %w", r.ID, err)
	}
	if !ok {
		return nil, ErrPending
	}
	l, err := s.letter(ctx, r, lang.Hans)
	if err != nil {
		return nil, err
	}
	st := &Statement{
		At: r.At.Format(time.RFC3339Nano), Body: r.Body, Case: r.CaseNumber, Issuer: l.Issuer, Kind: r.Kind, Lang: "zh-CN", Number: r.Number,
		Proof: proof, SignedAt: s.instant().Format(time.RFC3339Nano), Template: l.Version, Title: l.Title,
	}
	s.seal(l, r, st)
	t, err := s.fonts.get()
	if err != nil {
		return nil, err
	}
	s.used = s.o.Now()
	pdf, err := t.print(l)
	if err != nil {
		return nil, fmt.Errorf("document %s: %w", r.ID, err)
	}
	return sign(pdf, st, s.o.Signers)
}

// Letter composes a letter in a language, to be shown.
func (s *Service) letter(ctx context.Context, r *Record, tag lang.Tag) (*Letter, error) {
	f, holder, err := s.composer[r.Type](ctx, *r, tag)
	if err != nil {
		return nil, fmt.Errorf("compose document %s: %w", r.ID, err)
	}
	f["number"] = r.Number
	r.Holder = holder
	l := s.o.Templates.Fill(r.Kind, tag, f)
	if l == nil {
		return nil, fmt.Errorf("document %s: there is no template %s", r.ID, r.Kind)
	}
	return l, nil
}

// seal adds the code and the small print by which a letter proves itself.
func (s *Service) seal(l *Letter, r *Record, st *Statement) {
	l.Code = s.VerifyURL(r.ID)
	l.Scan = s.o.Templates.common.Scan.In(l.Tag)
	origin, _, _ := bytes.Cut([]byte(st.Proof.Checkpoint), []byte("\n"))
	f := Facts{
		"number": r.Number, "code": s.Code(r.ID), "origin": string(origin), "place": strconv.FormatInt(st.Proof.Index, 10), "leaf": st.Leaf(),
		"verify": s.o.BaseURL + "/verify",
	}
	for _, p := range s.o.Templates.common.Proof {
		l.Proof = append(l.Proof, f.into(p.In(l.Tag)))
	}
}

// VerifyURL is the address that the code of a letter opens.
func (s *Service) VerifyURL(id store.ID) string {
	return s.o.BaseURL + "/verify/" + id.String() + "/" + s.Code(id)
}

// Open returns the PDF of a letter that is printed. The caller closes it.
func (s *Service) Open(ctx context.Context, r Record) (io.ReadCloser, error) {
	if !r.ErasedAt.IsZero() {
		return nil, ErrErased
	}
	_, content, err := s.o.Files.Get(ctx, r.File)
	return content, err
}
