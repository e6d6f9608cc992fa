package notify

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"fmt"
	"math/big"
	"strings"
	"time"

	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/platform/job"
	"openhall.org/openhall/internal/platform/notify/smtp"
	"openhall.org/openhall/internal/platform/store"
)

// Contact is how somebody can be reached by a channel.
type Contact struct {
	Address    string // confirmed; empty: none
	VerifiedAt time.Time
	Pending    string    // address that waits for its code; empty: none
	Problem    string    // why the server refused for good; empty: it works
	ProblemAt  time.Time // zero: it works

	code                  string
	codeUntil, codeAt     time.Time
	tries, count, codeDay int64
}

// Refusal says why something about a contact is not done. Nothing was changed. Pages find its words under notify.CODE.
type Refusal struct {
	Code  string
	Until time.Time // of wait: when another code can be asked for
	Left  int       // of wrong-code: how many tries are left
}

// The codes of refusals.
const (
	RefusedAddress     = "address"     // no address to which mail can be sent
	RefusedUnavailable = "unavailable" // this hall sends no mails
	RefusedWait        = "wait"        // a code was sent a moment ago
	RefusedTooMany     = "too-many"    // no more codes today
	RefusedNoCode      = "no-code"     // none waits, or it is no longer good
	RefusedWrongCode   = "wrong-code"  // another code was sent
)

// Error tells the code.
func (r *Refusal) Error() string { return "notify: refused: " + r.Code }

const (
	codeGood  = 30 * time.Minute
	codePause = time.Minute
	codeTries = 5
	codesADay = 5 // for an account, and for an address whoever asks: nobody's mailbox is filled by others
)

// place binds a sealed value to its row.
func place(account store.ID, c Channel, column string) string {
	return "notify_contact/" + account.String() + "/" + string(c) + "/" + column
}

// pending is the sealed part of a confirmation.
type pending struct {
	Address string `json:"address"`
	Code    string `json:"code"`
}

// contact reads how somebody can be reached; the zero Contact when nothing is known.
func (s *Service) contact(ctx context.Context, account store.ID, c Channel) (Contact, error) {
	return s.contactIn(ctx, s.o.DB.Read(), account, c)
}

func (s *Service) contactIn(ctx context.Context, q store.Querier, account store.ID, c Channel) (Contact, error) {
	var k Contact
	var address, code, problem []byte
	var verified, until, at, problemAt int64
	err := q.QueryRow(ctx, `SELECT address, verified_at, code, code_until, code_tries, code_count, code_day, code_at, problem, problem_at
		FROM notify_contact WHERE account = $1 AND channel = $2`, int64(account), string(c)).
		Scan(&address, &verified, &code, &until, &k.tries, &k.count, &k.codeDay, &at, &problem, &problemAt)
	if errors.Is(err, store.ErrNotFound) {
		return k, nil
	}
	if err != nil {
		return k, fmt.Errorf("contact: %w", err)
	}
	k.VerifiedAt, k.codeUntil, k.codeAt, k.ProblemAt = store.Instant(verified), store.Instant(until), store.Instant(at), store.Instant(problemAt)
	for _, f := range []struct {
		column string
		sealed []byte
		read   func(plain []byte) error
	}{
		{"address", address, func(p []byte) error { k.Address = string(p); return nil }},
		{"problem", problem, func(p []byte) error { k.Problem = string(p); return nil }},
		{"code", code, func(p []byte) error {
			var w pending
			err := json.Unmarshal(p, &w)
			if k.codeUntil.After(s.o.Now()) {
				k.Pending, k.code = w.Address, w.Code
			}
			return err
		}},
	} {
		if f.sealed == nil {
			continue
		}
		plain, err := s.o.Keys.Open(place(account, c, f.column), f.sealed)
		if err == nil {
			err = f.read(plain)
		}
		if err != nil {
			return k, fmt.Errorf("contact, %s: %w", f.column, err)
		}
	}
	return k, nil
}

// SetMail sends a code to an address; [Service.ConfirmMail] with that code makes it the address of the account. Until then the one
// before stays in force.
func (s *Service) SetMail(ctx context.Context, account store.ID, address string) error {
	if !s.Available(Mail) {
		return &Refusal{Code: RefusedUnavailable}
	}
	address, err := smtp.CheckAddress(strings.TrimSpace(address))
	if err != nil {
		return &Refusal{Code: RefusedAddress}
	}
	n, err := rand.Int(rand.Reader, big.NewInt(1_000_000))
	if err != nil {
		return fmt.Errorf("code: %w", err)
	}
	plain, err := json.Marshal(pending{address, fmt.Sprintf("%06d", n)})
	if err != nil {
		return fmt.Errorf("code: %w", err)
	}
	now := s.o.Now()
	today := int64(calendar.Of(now))
	return s.o.DB.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		k, err := s.contactIn(ctx, tx, account, Mail)
		if err != nil {
			return err
		}
		if k.codeDay != today {
			k.count = 0
		}
		index := s.o.Keys.Index("notify-mail", strings.ToLower(address))
		others, err := store.Scalar[int64](tx.QueryRow(ctx,
			`SELECT coalesce(sum(code_count), 0) FROM notify_contact WHERE found_by = $1 AND code_day = $2 AND account <> $3`, index, today, int64(account)))
		if err != nil {
			return fmt.Errorf("codes of today: %w", err)
		}
		if next := k.codeAt.Add(codePause); !k.codeAt.IsZero() && next.After(now) {
			return &Refusal{Code: RefusedWait, Until: next}
		}
		if k.count >= codesADay || k.count+others >= codesADay {
			return &Refusal{Code: RefusedTooMany}
		}
		tx.Queue(`INSERT INTO notify_contact (account, channel, found_by, verified_at, code, code_until, code_tries, code_count, code_day, code_at, problem_at)
			VALUES ($1, 'mail', $2, 0, $3, $4, 0, $5, $6, $7, 0) ON CONFLICT (account, channel) DO UPDATE SET found_by = excluded.found_by,
			code = excluded.code, code_until = excluded.code_until, code_tries = 0, code_count = excluded.code_count, code_day = excluded.code_day,
			code_at = excluded.code_at`,
			int64(account), index, s.o.Keys.Seal(place(account, Mail, "code"), plain), store.Micros(now.Add(codeGood)), k.count+1, today, store.Micros(now))
		return s.o.Jobs.Enqueue(ctx, tx, jobCode, "", payload{account}, time.Time{})
	})
}

// sendCode does a job of a code: it sends the one that waits.
func (s *Service) sendCode(ctx context.Context, j job.Job) error {
	var p payload
	if err := j.Decode(&p); err != nil {
		return err
	}
	k, err := s.contact(ctx, p.ID, Mail)
	if err != nil || k.Pending == "" || !s.Available(Mail) {
		return err
	}
	readers, err := s.readers(ctx, s.o.DB.Read(), []store.ID{p.ID})
	if err != nil {
		return err
	}
	tag := readers[p.ID].language
	err = s.o.Mailer.Send(ctx, smtp.Mail{
		From: s.o.From, To: k.Pending, Subject: fill(s.o.Book.Code.Subject.In(tag), map[string]string{"site": oneLine(s.o.Site().In(tag))}),
		Text: fill(s.o.Book.Code.Mail.In(tag), map[string]string{"code": k.code}) + s.footer(tag), Language: string(tag), ID: j.ID.String() + ".code@" + s.host, Date: k.codeAt,
	})
	var answer *smtp.Error
	if errors.As(err, &answer) && answer.Refused() {
		return s.o.DB.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
			tx.Queue(`UPDATE notify_contact SET code = NULL, code_until = 0 WHERE account = $1 AND channel = 'mail'`, int64(p.ID))
			return s.rest(ctx, tx, p.ID, Mail, fmt.Sprintf("%s: %d %s", k.Pending, answer.Code, answer.Text))
		})
	}
	return err
}

// ConfirmMail makes the address that waits the one of the account, when the code is the one that was sent there.
func (s *Service) ConfirmMail(ctx context.Context, account store.ID, code string) error {
	var wrong *Refusal // kept with the count of tries
	err := s.o.DB.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		// Counted first, which locks the row: guesses that come side by side count one by one.
		n, err := tx.ExecCount(ctx, `UPDATE notify_contact SET code_tries = code_tries + 1
			WHERE account = $1 AND channel = 'mail' AND code IS NOT NULL AND code_tries < $2`, int64(account), codeTries)
		if err != nil {
			return fmt.Errorf("confirm: %w", err)
		}
		k, err := s.contactIn(ctx, tx, account, Mail)
		if err != nil {
			return err
		}
		if n == 0 || k.Pending == "" {
			return &Refusal{Code: RefusedNoCode}
		}
		if subtle.ConstantTimeCompare([]byte(k.code), []byte(strings.TrimSpace(code))) != 1 {
			wrong = &Refusal{Code: RefusedWrongCode, Left: int(codeTries - k.tries)}
			return nil
		}
		return tx.Exec(ctx, `UPDATE notify_contact SET address = $2, verified_at = $3, code = NULL, code_until = 0, problem = NULL, problem_at = 0
			WHERE account = $1 AND channel = 'mail'`, int64(account), s.o.Keys.Seal(place(account, Mail, "address"), []byte(k.Pending)), store.Micros(s.o.Now()))
	})
	if err == nil && wrong != nil {
		return wrong
	}
	return err
}

// RemoveMail erases the address of an account, and one that waits. How many codes were sent today is remembered.
func (s *Service) RemoveMail(ctx context.Context, account store.ID) error {
	return s.o.DB.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		return tx.Exec(ctx, `UPDATE notify_contact SET address = NULL, verified_at = 0, code = NULL, code_until = 0, problem = NULL, problem_at = 0
			WHERE account = $1 AND channel = 'mail'`, int64(account))
	})
}

// Resume uses a channel again that a server had refused.
func (s *Service) Resume(ctx context.Context, account store.ID, c Channel) error {
	return s.o.DB.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		return tx.Exec(ctx, `UPDATE notify_contact SET problem = NULL, problem_at = 0 WHERE account = $1 AND channel = $2`, int64(account), string(c))
	})
}
