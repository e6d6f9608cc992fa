package identity

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"openhall.org/openhall/internal/platform/store"
	"openhall.org/openhall/internal/platform/store/journal"
)

// Account is somebody who can act: a person, an enterprise, or a member of staff.
type Account struct {
	ID              store.ID
	Kind            Kind // Person, Enterprise or Staff
	Login           string
	Name            string
	Number          string // ID card number or USCC; empty for staff
	Phone           string
	Disabled        bool
	CreatedAt       time.Time
	PasswordChanged time.Time // zero: the password was given by somebody else

	version  int64
	password string
}

// profile is the sealed part of an account.
type profile struct {
	Login  string `json:"login"`
	Name   string `json:"name"`
	Number string `json:"number,omitempty"`
	Phone  string `json:"phone,omitempty"`
}

const accountColumns = `id, kind, profile, password, version, disabled, created_at, password_changed_at`

func place(id store.ID) string { return "identity_account/" + id.String() }

func (s *Service) scanAccount(r store.Row) (a Account, err error) {
	var sealed []byte
	var created, changed int64
	if err := r.Scan(&a.ID, &a.Kind, &sealed, &a.password, &a.version, &a.Disabled, &created, &changed); err != nil {
		return a, err
	}
	a.CreatedAt, a.PasswordChanged = store.Instant(created), store.Instant(changed)
	plain, err := s.Keys.Open(place(a.ID), sealed)
	if err != nil {
		return a, fmt.Errorf("account %s: %w", a.ID, err)
	}
	var p profile
	if err := json.Unmarshal(plain, &p); err != nil {
		return a, fmt.Errorf("account %s: profile: %w", a.ID, err)
	}
	a.Login, a.Name, a.Number, a.Phone = p.Login, p.Name, p.Number, p.Phone
	return a, nil
}

// Account returns the account with the ID, or a [*Refusal] with the code no-account.
func (s *Service) Account(ctx context.Context, id store.ID) (Account, error) {
	return s.account(ctx, s.DB.Read(), `id = $1`, int64(id))
}

// AccountByLogin returns the account with the login name, or a [*Refusal] with the code no-account.
func (s *Service) AccountByLogin(ctx context.Context, login string) (Account, error) {
	return s.account(ctx, s.DB.Read(), `login = $1`, s.loginIndex(login))
}

// AccountByNumber returns the account with the ID card number or USCC, or a [*Refusal] with the code no-account.
func (s *Service) AccountByNumber(ctx context.Context, number string) (Account, error) {
	return s.account(ctx, s.DB.Read(), `number = $1`, s.numberIndex(number))
}

func (s *Service) account(ctx context.Context, q store.Querier, where string, arg any) (Account, error) {
	a, err := store.One(ctx, q, s.scanAccount, `SELECT `+accountColumns+` FROM identity_account WHERE `+where, arg)
	if errors.Is(err, store.ErrNotFound) {
		return a, refuse(RefusedNoAccount)
	}
	return a, err
}

func (s *Service) loginIndex(login string) []byte { return s.Keys.Index("login", normal(login)) }

func (s *Service) numberIndex(number string) []byte {
	return s.Keys.Index("number", strings.ToUpper(strings.TrimSpace(number)))
}

// normal is the form in which logins are compared.
func normal(login string) string { return strings.ToLower(strings.TrimSpace(login)) }

// insert adds an account. Its login or number may have been taken meanwhile: then the form is refused.
func (s *Service) insert(ctx context.Context, tx *store.Tx, a *Account, password string) error {
	f := &form{}
	if err := f.unique(ctx, tx, "login", s.loginIndex(a.Login)); err != nil {
		return err
	}
	var number []byte
	if a.Number != "" {
		number = s.numberIndex(a.Number)
		if err := f.unique(ctx, tx, "number", number); err != nil {
			return err
		}
	}
	if err := f.check(); err != nil {
		return err
	}
	sealed, err := s.sealProfile(a)
	if err != nil {
		return err
	}
	err = tx.Exec(ctx, `INSERT INTO identity_account
		(id, kind, login, number, profile, password, version, disabled, created_at, password_changed_at)
		VALUES ($1, $2, $3, $4, $5, $6, 1, false, $7, $8)`,
		int64(a.ID), string(a.Kind), s.loginIndex(a.Login), number, sealed, password, store.Micros(a.CreatedAt),
		store.Micros(a.PasswordChanged))
	if store.IsDuplicate(err) { // by somebody who was a moment faster
		f.wrong("login", FieldTaken)
		return f.check()
	}
	return err
}

// unique notes that another account has the value already.
func (f *form) unique(ctx context.Context, tx *store.Tx, field string, index []byte) error {
	n, err := store.Scalar[int64](tx.QueryRow(ctx, `SELECT count(*) FROM identity_account WHERE `+field+` = $1`, index))
	if err == nil && n > 0 {
		f.wrong(field, FieldTaken)
	}
	return err
}

func (s *Service) sealProfile(a *Account) ([]byte, error) {
	plain, err := json.Marshal(profile{Login: a.Login, Name: a.Name, Number: a.Number, Phone: a.Phone})
	if err != nil {
		return nil, fmt.Errorf("profile: %w", err)
	}
	return s.Keys.Seal(place(a.ID), plain), nil
}

// allow asks the policy about an action of administration.
func (s *Service) allow(by Principal, action string) error {
	return s.Policies.Allow(by, action, Resource{Type: "account"})
}

// SetDisabled closes an account (停用) or opens it again. Its sessions end at once.
func (s *Service) SetDisabled(ctx context.Context, by Principal, id store.ID, disabled bool) error {
	if err := s.allow(by, ActionAccounts); err != nil {
		return err
	}
	act := trail(by, journal.AccountOpened, id)
	if disabled {
		act.Kind = journal.AccountClosed
	}
	return s.change(ctx, act, id, `UPDATE identity_account SET disabled = $2, version = version + 1 WHERE id = $1`, int64(id), disabled)
}

// SetPassword gives an account a new password, for somebody who has forgotten theirs. Its sessions end at once.
func (s *Service) SetPassword(ctx context.Context, by Principal, id store.ID, password string) error {
	if err := s.allow(by, ActionAccounts); err != nil {
		return err
	}
	a, err := s.Account(ctx, id)
	if err != nil {
		return err
	}
	at := s.Now()
	if by.Kind == Staff {
		at = time.Time{} // given: its owner chooses another
	}
	return s.setPassword(ctx, trail(by, journal.PasswordReset, id), a, password, at)
}

// ChangePassword changes one's own password. All sessions of the account end, so the caller has to sign in again.
func (s *Service) ChangePassword(ctx context.Context, id store.ID, old, password string) error {
	return s.changePassword(ctx, id, old, password, "")
}

func (s *Service) changePassword(ctx context.Context, id store.ID, old, password, address string) error {
	a, err := s.Account(ctx, id)
	if err != nil {
		return err
	}
	if _, err := s.verify(ctx, a.Login, old, address); err != nil {
		return err
	}
	return s.setPassword(ctx, trail(Principal{Account: id, Kind: a.Kind}, journal.PasswordChanged, id), a, password, s.Now())
}

// setPassword keeps a password. at is when its owner chose it; zero when somebody else did.
func (s *Service) setPassword(ctx context.Context, act journal.Act, a Account, password string, at time.Time) error {
	f := &form{}
	s.checkPassword(f, "password", password, a)
	if err := f.check(); err != nil {
		return err
	}
	hash, err := s.hashes.hash(ctx, password)
	if err != nil {
		return err
	}
	err = s.change(ctx, act, a.ID, `UPDATE identity_account SET password = $2, version = version + 1, password_changed_at = $3 WHERE id = $1`,
		int64(a.ID), hash, store.Micros(at))
	if err == nil {
		s.tell(ctx, a.ID, NoticePassword)
	}
	return err
}

// change runs an update of one account, ends its sessions, and takes it down.
func (s *Service) change(ctx context.Context, act journal.Act, id store.ID, query string, args ...any) error {
	return s.DB.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		n, err := tx.ExecCount(ctx, query, args...)
		if err == nil && n == 0 {
			return refuse(RefusedNoAccount)
		}
		if err != nil {
			return err
		}
		tx.Queue(endSessions, int64(id))
		return s.note(ctx, tx, act)
	})
}
