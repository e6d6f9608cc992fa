package identity

import (
	"context"
	"errors"
	"strings"
	"time"
	"unicode/utf8"

	"openhall.org/openhall/internal/core/identifier"
	"openhall.org/openhall/internal/platform/store"
	"openhall.org/openhall/internal/platform/store/journal"
)

// Registration is what somebody of the public fills in to get an account.
type Registration struct {
	Kind     Kind // Person or Enterprise
	Login    string
	Password string
	Name     string
	Number   string // 公民身份号码 or 统一社会信用代码
	Phone    string
	// Representative (法定代表人) is the account of the person who acts for an enterprise from the beginning; required for one.
	Representative store.ID
}

// beijing is the time zone of the law: an identity number is valid by the day there.
var beijing = time.FixedZone("UTC+8", 8*60*60)

// Register makes an account for a person or an enterprise. The error is a [*Refusal] that names every field which is wrong. That the
// number belongs to whoever typed it is not proved by it: that takes a service of the police or the market regulation authority.
func (s *Service) Register(ctx context.Context, r Registration) (Account, error) {
	now := s.Now()
	a := Account{
		ID: s.IDs.New(), Kind: r.Kind, Login: strings.TrimSpace(r.Login), Name: strings.TrimSpace(r.Name),
		Number: strings.TrimSpace(r.Number), Phone: strings.TrimSpace(r.Phone), CreatedAt: now, PasswordChanged: now,
	}
	f := &form{}
	if r.Kind == Staff {
		f.wrong("kind", FieldKind)
	}
	s.checkAccount(f, a, r.Password)
	if r.Kind == Enterprise {
		if err := s.checkRepresentative(ctx, f, r.Representative); err != nil {
			return Account{}, err
		}
	}
	if err := f.check(); err != nil {
		return Account{}, err
	}
	hash, err := s.hashes.hash(ctx, r.Password)
	if err != nil {
		return Account{}, err
	}
	err = s.DB.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		if err := s.insert(ctx, tx, &a, hash); err != nil || a.Kind != Enterprise {
			return err
		}
		return s.insertMandate(ctx, tx, Mandate{
			ID: s.IDs.New(), Party: a.ID, Agent: r.Representative, Ground: Representative, From: now, GrantedBy: a.ID,
		})
	})
	if err != nil {
		return Account{}, err
	}
	return s.Account(ctx, a.ID)
}

func (s *Service) checkRepresentative(ctx context.Context, f *form, id store.ID) error {
	a, err := s.Account(ctx, id)
	var refusal *Refusal
	if errors.As(err, &refusal) || err == nil && (a.Kind != Person || a.Disabled) {
		f.wrong("representative", FieldUnknown)
		return nil
	}
	return err
}

// NewStaff is a member of staff to be added. Which posts they hold, the registry says.
type NewStaff struct {
	Login    string
	Password string // the first one, to be changed by its owner
	Name     string
	Phone    string // may be empty
}

// CreateStaff adds a member of staff. The security administrator may; the password that they give opens nothing until its owner has
// chosen another.
func (s *Service) CreateStaff(ctx context.Context, by Principal, n NewStaff) (Account, error) {
	if err := s.allow(by, ActionAccounts); err != nil {
		return Account{}, err
	}
	now := s.Now()
	a := Account{
		ID: s.IDs.New(), Kind: Staff, Login: strings.TrimSpace(n.Login), Name: strings.TrimSpace(n.Name),
		Phone: strings.TrimSpace(n.Phone), CreatedAt: now,
	}
	if by.Kind == System {
		a.PasswordChanged = now
	}
	f := &form{}
	s.checkAccount(f, a, n.Password)
	if err := f.check(); err != nil {
		return Account{}, err
	}
	hash, err := s.hashes.hash(ctx, n.Password)
	if err != nil {
		return Account{}, err
	}
	err = s.DB.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		if err := s.insert(ctx, tx, &a, hash); err != nil {
			return err
		}
		return s.note(ctx, tx, trail(by, journal.AccountMade, a.ID))
	})
	if err != nil {
		return Account{}, err
	}
	return s.Account(ctx, a.ID)
}

const (
	minLogin, maxLogin = 3, 64 // characters
	maxName            = 100   // characters: names of minorities and of enterprises are long
)

// checkAccount notes what is wrong with an account of any kind that is to be made.
func (s *Service) checkAccount(f *form, a Account, password string) {
	switch n := len(a.Login); {
	case n == 0:
		f.wrong("login", FieldRequired)
	case n < minLogin, n > maxLogin, strings.Trim(normal(a.Login), "abcdefghijklmnopqrstuvwxyz0123456789.-_@") != "":
		f.wrong("login", FieldLogin)
	}
	switch {
	case a.Name == "":
		f.wrong("name", FieldRequired)
	case utf8.RuneCountInString(a.Name) > maxName:
		f.wrong("name", FieldLong)
	}
	s.checkPassword(f, "password", password, a)
	switch a.Kind {
	case Person:
		_, err := identifier.ParseIDCard(a.Number, a.CreatedAt.In(beijing))
		f.identifier("number", a.Number, err)
	case Enterprise:
		_, err := identifier.ParseUSCC(a.Number)
		f.identifier("number", a.Number, err)
	case Staff:
		if a.Phone == "" {
			return
		}
	default:
		f.wrong("kind", FieldKind)
	}
	_, err := identifier.ParsePhone(a.Phone)
	f.identifier("phone", a.Phone, err)
}

// identifier notes what the parser of a number found wrong, in its own words.
func (f *form) identifier(field, value string, err error) {
	if value == "" {
		f.wrong(field, FieldRequired)
		return
	}
	if err == nil {
		return
	}
	e := FieldError{Field: field, Code: FieldNumber}
	var wrong *identifier.Error
	if errors.As(err, &wrong) {
		e.Text = wrong.Text
	}
	f.fields = append(f.fields, e)
}
