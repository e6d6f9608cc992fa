package identity

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"openhall.org/openhall/internal/platform/store"
	"openhall.org/openhall/internal/platform/store/journal"
)

// FactorKind is what a second factor is.
type FactorKind string

// The kinds of second factors.
const (
	TOTP    FactorKind = "totp"    // an authenticator program that shows six digits (动态口令, RFC 6238)
	Passkey FactorKind = "passkey" // a key that the device keeps and unlocks (通行密钥, WebAuthn): it proves both factors at once
)

// Factor (第二因素) is something that somebody has beside the password.
type Factor struct {
	ID        store.ID
	Kind      FactorKind
	Name      string // by which its owner knows it
	CreatedAt time.Time
	UsedAt    time.Time // zero: never

	content factorContent
	step    int64
}

// factorContent is the sealed part.
type factorContent struct {
	Name       string          `json:"name"`
	Secret     []byte          `json:"secret,omitempty"`     // of a TOTP
	Credential json.RawMessage `json:"credential,omitempty"` // of a passkey
}

const (
	maxFactors    = 10
	maxFactorName = 50 // characters
)

func factorPlace(id store.ID) string { return "identity_factor/" + id.String() }

const factorColumns = `id, kind, content, step, created_at, used_at`

func (s *Service) scanFactor(r store.Row) (f Factor, err error) {
	var sealed []byte
	var created, used int64
	if err := r.Scan(&f.ID, &f.Kind, &sealed, &f.step, &created, &used); err != nil {
		return f, err
	}
	f.CreatedAt, f.UsedAt = store.Instant(created), store.Instant(used)
	plain, err := s.Keys.Open(factorPlace(f.ID), sealed)
	if err == nil {
		err = json.Unmarshal(plain, &f.content)
	}
	if err != nil {
		return f, fmt.Errorf("factor %s: %w", f.ID, err)
	}
	f.Name = f.content.Name
	return f, nil
}

func (s *Service) sealFactor(id store.ID, c factorContent) ([]byte, error) {
	plain, err := json.Marshal(c) //nolint:gosec // G117: it is sealed in the next step
	if err != nil {
		return nil, fmt.Errorf("factor %s: %w", id, err)
	}
	return s.Keys.Seal(factorPlace(id), plain), nil
}

// Factors returns the second factors of an account, the oldest first.
func (s *Service) Factors(ctx context.Context, account store.ID) ([]Factor, error) {
	return store.All(ctx, s.DB.Read(), s.scanFactor, `SELECT `+factorColumns+` FROM identity_factor WHERE account = $1 ORDER BY id`, int64(account))
}

func (s *Service) countFactors(ctx context.Context, account store.ID) (int, error) {
	n, err := store.Scalar[int](s.DB.Read().QueryRow(ctx, `SELECT count(*) FROM identity_factor WHERE account = $1`, int64(account)))
	if err != nil {
		return 0, fmt.Errorf("factors: %w", err)
	}
	return n, nil
}

// TOTPOffer is a secret to be taken into an authenticator program.
type TOTPOffer struct {
	Secret string // as it is typed
	URI    string // as a QR code holds it
}

// OfferTOTP returns a secret for whoever is signed in. It is the same until it is confirmed or the session ends.
func (s *Service) OfferTOTP(r *http.Request) (TOTPOffer, error) {
	a, err := s.self(r)
	if err != nil {
		return TOTPOffer{}, err
	}
	secret := s.sessions.GetString(r.Context(), keyOffer)
	if secret == "" {
		secret = newTOTPSecret()
		s.sessions.Put(r.Context(), keyOffer, secret)
	}
	return TOTPOffer{Secret: secret, URI: totpURI(s.SiteName, a.Login, secret)}, nil
}

// ConfirmTOTP adds the program that was offered the secret, if it gives the right code. With the first factor come recovery codes, which
// are shown once.
func (s *Service) ConfirmTOTP(r *http.Request, name, code string) (recovery []string, err error) {
	a, err := s.self(r)
	if err != nil {
		return nil, err
	}
	ctx := r.Context()
	offered := s.sessions.GetString(ctx, keyOffer)
	if offered == "" {
		return nil, refuse(RefusedOffer)
	}
	f := &form{}
	name = checkFactorName(f, name)
	if typedCode(code) == "" {
		f.wrong("code", FieldRequired)
	}
	if err := f.check(); err != nil {
		return nil, err
	}
	if _, err := s.countAttempt(ctx, []slate{s.factorSlate(a.ID)}); err != nil {
		return nil, err
	}
	secret, err := secretEncoding.DecodeString(offered)
	if err != nil {
		return nil, fmt.Errorf("offered secret: %w", err)
	}
	step, ok := matchTOTP(secret, typedCode(code), s.Now(), 0)
	if !ok {
		return nil, refuse(RefusedCode)
	}
	recovery, err = s.addFactor(r, a, newFactor{kind: TOTP, content: factorContent{Name: name, Secret: secret}, step: step})
	if err == nil {
		s.sessions.Remove(ctx, keyOffer)
	}
	return recovery, err
}

// self is the account of whoever is signed in.
func (s *Service) self(r *http.Request) (Account, error) {
	who, err := s.Principal(r)
	if err != nil {
		return Account{}, err
	}
	if who.Kind == Visitor || who.Kind == Machine {
		return Account{}, &Denied{Reason: DeniedSignIn}
	}
	return s.Account(r.Context(), who.Account)
}

func checkFactorName(f *form, name string) string {
	name = strings.TrimSpace(name)
	switch {
	case name == "":
		f.wrong("name", FieldRequired)
	case utf8.RuneCountInString(name) > maxFactorName:
		f.wrong("name", FieldLong)
	}
	return name
}

type newFactor struct {
	kind    FactorKind
	handle  []byte
	content factorContent
	step    int64
}

// addFactor keeps a factor whose holder has just shown it.
func (s *Service) addFactor(r *http.Request, a Account, n newFactor) (recovery []string, err error) {
	ctx, now, id := r.Context(), s.Now(), s.IDs.New()
	sealed, err := s.sealFactor(id, n.content)
	if err != nil {
		return nil, err
	}
	err = s.DB.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		recovery = nil
		// Two browsers of one account wait for each other here.
		if err := tx.Exec(ctx, `UPDATE identity_account SET disabled = disabled WHERE id = $1`, int64(a.ID)); err != nil {
			return err
		}
		there, err := store.Scalar[int](tx.QueryRow(ctx, `SELECT count(*) FROM identity_factor WHERE account = $1`, int64(a.ID)))
		if err != nil {
			return err
		}
		if there >= maxFactors {
			return refuse(RefusedManyFactors)
		}
		if there == 0 {
			recovery = s.putRecovery(tx, a.ID)
		}
		tx.Queue(`DELETE FROM identity_attempt WHERE login = $1`, s.factorSlate(a.ID).index)
		if err := s.noteOwn(ctx, tx, a, journal.FactorAdded, map[string]any{"kind": string(n.kind)}); err != nil {
			return err
		}
		return tx.Exec(ctx, `INSERT INTO identity_factor (id, account, kind, handle, content, step, created_at, used_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $7)`,
			int64(id), int64(a.ID), string(n.kind), n.handle, sealed, n.step, store.Micros(now))
	})
	if store.IsDuplicate(err) { // the passkey is there already
		return nil, refuse(RefusedPasskey)
	}
	if err != nil {
		return nil, err
	}
	s.tell(ctx, a.ID, NoticeFactorAdded)
	return recovery, s.shown(r)
}

// shown notes in the session of somebody signed in that they have just shown a second factor.
func (s *Service) shown(r *http.Request) error {
	ctx, now := r.Context(), store.Micros(s.Now())
	s.sessions.Put(ctx, keyFactor, now)
	s.sessions.Put(ctx, keyProof, now)
	return s.renew(ctx)
}

// ProveCode takes a code of an authenticator program, or a recovery code. It completes a sign-in, or is a fresh proof of who one is.
func (s *Service) ProveCode(r *http.Request, code string) (Account, error) {
	ctx := r.Context()
	a, pending, err := s.proving(r)
	if err != nil {
		return a, err
	}
	code = typedCode(code)
	slates := append([]slate{s.factorSlate(a.ID)}, s.addressSlates(s.addressOf(r))...)
	locked, err := s.countAttempt(ctx, slates)
	if err != nil {
		return a, err
	}
	ok, err := s.spend(ctx, a.ID, code)
	if err != nil {
		return a, err
	}
	if !ok {
		if locked {
			s.tell(ctx, a.ID, NoticeLocked)
		}
		return a, s.noteRefusedOf(ctx, a, &Refusal{Code: RefusedCode})
	}
	err = s.DB.Write(ctx, func(_ context.Context, tx *store.Tx) error {
		forgive(tx, slates[0], slates[1:])
		return nil
	})
	if err != nil {
		return a, err
	}
	return a, s.proven(r, a, pending)
}

// proving returns the account of which a second factor is to be shown, and whether it is to complete a sign-in.
func (s *Service) proving(r *http.Request) (a Account, pending bool, err error) {
	if a, err = s.Pending(r); err == nil {
		return a, true, nil
	}
	a, err = s.self(r)
	var denied *Denied
	if errors.As(err, &denied) {
		err = refuse(RefusedOffer)
	}
	return a, false, err
}

// proven goes on with a sign-in, or with a session, once the second factor was shown.
func (s *Service) proven(r *http.Request, a Account, pending bool) error {
	if !pending {
		return s.shown(r)
	}
	return s.begin(r, a, proof{factor: true, source: s.sessions.GetString(r.Context(), keySource)})
}

// spend reports whether a code is one of the account's, and uses it up.
func (s *Service) spend(ctx context.Context, account store.ID, code string) (bool, error) {
	if len(code) != totpDigits || strings.Trim(code, "0123456789") != "" {
		return s.spendRecovery(ctx, account, code)
	}
	factors, err := s.Factors(ctx, account)
	if err != nil {
		return false, err
	}
	now := s.Now()
	for _, f := range factors {
		if f.Kind != TOTP {
			continue
		}
		step, ok := matchTOTP(f.content.Secret, code, now, f.step)
		if !ok {
			continue
		}
		var n int64
		err := s.DB.Write(ctx, func(ctx context.Context, tx *store.Tx) (err error) {
			// Of two who show one code at once, one is late.
			n, err = tx.ExecCount(ctx, `UPDATE identity_factor SET step = $2, used_at = $3 WHERE id = $1 AND step < $2`, int64(f.ID), step, store.Micros(now))
			return err
		})
		return n == 1, err
	}
	return false, nil
}

// RemoveFactor takes one of one's own factors away. The last one takes the recovery codes with it, and stays with somebody who needs one.
func (s *Service) RemoveFactor(r *http.Request, id store.ID) error {
	a, err := s.self(r)
	if err != nil {
		return err
	}
	ctx := r.Context()
	err = s.DB.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		if err := tx.Exec(ctx, `UPDATE identity_account SET disabled = disabled WHERE id = $1`, int64(a.ID)); err != nil {
			return err
		}
		ids, err := store.All(ctx, tx, store.Scalar[int64], `SELECT id FROM identity_factor WHERE account = $1`, int64(a.ID))
		if err != nil {
			return err
		}
		if !slices.Contains(ids, int64(id)) {
			return refuse(RefusedOffer)
		}
		if len(ids) == 1 {
			if a.Kind == Staff && s.SecondFactor == FactorRequired {
				return refuse(RefusedLastFactor)
			}
			tx.Queue(`DELETE FROM identity_recovery WHERE account = $1`, int64(a.ID))
		}
		tx.Queue(`DELETE FROM identity_factor WHERE id = $1 AND account = $2`, int64(id), int64(a.ID))
		return s.noteOwn(ctx, tx, a, journal.FactorRemoved, nil)
	})
	if err == nil {
		s.tell(ctx, a.ID, NoticeFactorRemoved)
	}
	return err
}

// ResetFactors takes all second factors and recovery codes of somebody away who has lost them, and ends their sessions. The security
// administrator may, but not to themselves.
func (s *Service) ResetFactors(ctx context.Context, by Principal, id store.ID) error {
	if err := s.allow(by, ActionAccounts); err != nil {
		return err
	}
	if by.Account == id {
		return refuse(RefusedSelf)
	}
	err := s.DB.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		n, err := tx.ExecCount(ctx, `UPDATE identity_account SET version = version + 1 WHERE id = $1`, int64(id))
		if err == nil && n == 0 {
			return refuse(RefusedNoAccount)
		}
		tx.Queue(`DELETE FROM identity_factor WHERE account = $1`, int64(id))
		tx.Queue(`DELETE FROM identity_recovery WHERE account = $1`, int64(id))
		tx.Queue(`DELETE FROM identity_attempt WHERE login = $1`, s.factorSlate(id).index)
		if err != nil {
			return err
		}
		tx.Queue(endSessions, int64(id))
		return s.note(ctx, tx, trail(by, journal.FactorsReset, id))
	})
	if err == nil {
		s.tell(ctx, id, NoticeFactorsReset)
	}
	return err
}
