package document

import (
	"context"
	"crypto/subtle"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"regexp"
	"strings"
	"time"

	"openhall.org/openhall/internal/platform/store"
)

//go:embed migrations/*.sql
var migrations embed.FS

// Schema returns the tables of the documents.
func Schema() store.Migrations {
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		files = migrations // unreachable: the folder is embedded above
	}
	return store.Migrations{Module: "document", Files: files}
}

// Record is what the hall keeps of a letter. Nothing in it is personal.
type Record struct {
	ID         store.ID
	Case       store.ID
	CaseNumber string
	Seq        int64
	Event      store.ID
	Type       string // kind of case
	Kind       string // of letter
	Number     string // 发文字号
	Body       string
	Division   string
	At         time.Time
	Holder     string // whom it is addressed to, as the public may read it
	Trouble    string // why it could not be printed
	IssuedAt   time.Time
	File       store.ID
	Digest     string
	RevokedAt  time.Time
	Reason     string
	ReplacedBy store.ID
	ErasedAt   time.Time // when the PDF was erased with the private parts of the case
}

// Ready reports whether the PDF is there.
func (r *Record) Ready() bool { return !r.IssuedAt.IsZero() }

// Holds reports whether the letter was neither revoked nor replaced.
func (r *Record) Holds() bool { return r.RevokedAt.IsZero() && r.ReplacedBy == 0 }

const columns = `id, case_id, case_number, seq, event_id, type, kind, number, body, division, at, holder, trouble, issued_at, file_id, digest,
	revoked_at, reason, replaced_by, erased_at`

func scan(row store.Row) (r Record, err error) {
	var at, issued, revoked, erased int64
	err = row.Scan(&r.ID, &r.Case, &r.CaseNumber, &r.Seq, &r.Event, &r.Type, &r.Kind, &r.Number, &r.Body, &r.Division, &at, &r.Holder,
		&r.Trouble, &issued, &r.File, &r.Digest, &revoked, &r.Reason, &r.ReplacedBy, &erased)
	r.At, r.IssuedAt, r.RevokedAt, r.ErasedAt = store.Instant(at), store.Instant(issued), store.Instant(revoked), store.Instant(erased)
	return r, err
}

// Of returns the letters of a case, oldest first.
func (s *Service) Of(ctx context.Context, c store.ID) ([]Record, error) {
	return store.All(ctx, s.o.DB.Read(), scan, `SELECT `+columns+` FROM document_letter WHERE case_id = $1 ORDER BY seq, id`, int64(c))
}

// Find returns the letter of a kind that an event issued, or [store.ErrNotFound].
func (s *Service) Find(ctx context.Context, c store.ID, seq int64, kind string) (Record, error) {
	return store.One(ctx, s.o.DB.Read(), scan,
		`SELECT `+columns+` FROM document_letter WHERE case_id = $1 AND seq = $2 AND kind = $3`, int64(c), seq, kind)
}

// Get returns a letter, or [store.ErrNotFound].
func (s *Service) Get(ctx context.Context, id store.ID) (Record, error) {
	return store.One(ctx, s.o.DB.Read(), scan, `SELECT `+columns+` FROM document_letter WHERE id = $1`, int64(id))
}

// Code returns the verification code (核验码) of a letter. It is derived, never stored.
func (s *Service) Code(id store.ID) string { return s.o.Keys.Code("document", id.String(), codeLength) }

const codeLength = 10 // signs of 5 bits

// ByCode returns the letter with the number to whoever holds its verification code, or [store.ErrNotFound].
func (s *Service) ByCode(ctx context.Context, number, code string) (Record, error) {
	list, err := s.Numbered(ctx, number)
	if err != nil {
		return Record{}, err
	}
	for _, r := range list {
		if s.codeIs(r.ID, code) {
			return r, nil
		}
	}
	return Record{}, store.ErrNotFound
}

// Numbered returns the letters with a number: one, unless two bodies have the same 机关代字.
func (s *Service) Numbered(ctx context.Context, number string) ([]Record, error) {
	list, err := store.All(ctx, s.o.DB.Read(), scan, `SELECT `+columns+` FROM document_letter WHERE number = $1 ORDER BY id LIMIT 10`, NormalNumber(number))
	if err != nil {
		return nil, fmt.Errorf("letter by its number: %w", err)
	}
	return list, nil
}

// ByID is [Service.ByCode] for whoever comes by the QR.
func (s *Service) ByID(ctx context.Context, id store.ID, code string) (Record, error) {
	if !s.codeIs(id, code) {
		return Record{}, store.ErrNotFound
	}
	return s.Get(ctx, id)
}

// NormalNumber writes a document number as it was typed in the form in which it is kept: people type all kinds of brackets.
func NormalNumber(typed string) string {
	typed = strings.ReplaceAll(strings.Join(strings.Fields(typed), ""), "號", "号")
	return yearForm.ReplaceAllString(typed, "〔$1〕")
}

// yearForm is the year of a number in any brackets, and the 第 that the standard leaves out.
var yearForm = regexp.MustCompile(`[\[［(（【﹝〔]([0-9]{4})[\]］)）】﹞〕]第?`)

// Revoke says that a letter holds no more, and why, in the transaction in which that was decided. Other letters of the matter stand.
func (s *Service) Revoke(tx *store.Tx, id store.ID, at time.Time, reason string) {
	tx.QueueOne(`UPDATE document_letter SET revoked_at = $2, reason = $3 WHERE id = $1 AND revoked_at = 0`, int64(id), store.Micros(at), reason)
}

// RevokeOf is [Service.Revoke] for the letter of a kind that an event issued; a letter that never was one changes nothing.
func (s *Service) RevokeOf(tx *store.Tx, c store.ID, seq int64, kind string, at time.Time, reason string) {
	tx.Queue(`UPDATE document_letter SET revoked_at = $4, reason = $5 WHERE case_id = $1 AND seq = $2 AND kind = $3 AND revoked_at = 0`,
		int64(c), seq, kind, store.Micros(at), reason)
}

// register notes the keys that sign today, and ends those that did.
func (s *Service) register(ctx context.Context) error {
	now := store.Micros(s.o.Now())
	err := s.o.DB.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		current := map[string]bool{}
		for _, x := range s.o.Signers {
			current[x.Public.ID()] = true
			tx.Queue(`INSERT INTO document_key (id, public, from_at, until_at) VALUES ($1, $2, $3, 0) ON CONFLICT (id) DO UPDATE SET until_at = 0`,
				x.Public.ID(), x.Public.String(), now)
		}
		open, err := store.All(ctx, tx, store.Scalar[string], `SELECT id FROM document_key WHERE until_at = 0`)
		if err != nil {
			return err
		}
		for _, id := range open {
			if !current[id] {
				tx.Queue(`UPDATE document_key SET until_at = $2 WHERE id = $1`, id, now)
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("keys of documents: %w", err)
	}
	return nil
}

// Keys returns every key that ever signed documents of this hall, with its time: documents of old keys stay valid.
func (s *Service) Keys(ctx context.Context) ([]Known, error) {
	list, err := store.All(ctx, s.o.DB.Read(), func(row store.Row) (k Known, err error) {
		var public string
		var from, until int64
		if err = row.Scan(&public, &from, &until); err != nil {
			return k, err
		}
		k.From, k.Until = store.Instant(from), store.Instant(until)
		k.PublicKey, err = ParsePublicKey(public)
		return k, err
	}, `SELECT public, from_at, until_at FROM document_key ORDER BY from_at, id`)
	if err != nil {
		return nil, fmt.Errorf("keys of documents: %w", err)
	}
	return list, nil
}

// keep notes that a letter was printed. It answers [store.ErrMoved] when it had been printed before: what was issued first counts.
func (s *Service) keep(ctx context.Context, r Record, bind func(ctx context.Context, tx *store.Tx) error) error {
	return s.o.DB.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		tx.QueueOne(`UPDATE document_letter SET issued_at = $2, file_id = $3, digest = $4, holder = $5, trouble = '' WHERE id = $1 AND issued_at = 0 AND erased_at = 0`,
			int64(r.ID), store.Micros(r.IssuedAt), int64(r.File), r.Digest, r.Holder)
		return bind(ctx, tx)
	})
}

// postpone lets a letter that can't be printed wait.
func (s *Service) postpone(ctx context.Context, id store.ID, until time.Time, trouble string) error {
	return s.o.DB.Write(ctx, func(_ context.Context, tx *store.Tx) error {
		tx.Queue(`UPDATE document_letter SET try_at = $2, trouble = $3 WHERE id = $1 AND issued_at = 0`, int64(id), store.Micros(until), trouble)
		return nil
	})
}

// due returns letters that are to be printed now, oldest first.
func (s *Service) due(ctx context.Context, limit int) ([]Record, error) {
	return store.All(ctx, s.o.DB.Read(), scan, `SELECT `+columns+` FROM document_letter WHERE issued_at = 0 AND erased_at = 0 AND try_at <= $1
		ORDER BY try_at, id LIMIT $2`, store.Micros(s.o.Now()), limit)
}

// Pending counts the letters that wait to be printed, up to 10,000, for metrics.
func (s *Service) Pending(ctx context.Context) (int, error) {
	return store.Scalar[int](s.o.DB.Read().QueryRow(ctx,
		`SELECT count(*) FROM (SELECT 1 FROM document_letter WHERE issued_at = 0 AND erased_at = 0 LIMIT 10000) AS t`))
}

func isMoved(err error) bool { return errors.Is(err, store.ErrMoved) }

// codeIs compares a code as it was typed with that of a letter.
func (s *Service) codeIs(id store.ID, typed string) bool {
	typed = strings.ToUpper(strings.Join(strings.Fields(typed), ""))
	return subtle.ConstantTimeCompare([]byte(s.Code(id)), []byte(typed)) == 1
}
