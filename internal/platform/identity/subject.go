package identity

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"openhall.org/openhall/internal/core/identifier"
	"openhall.org/openhall/internal/platform/store"
)

// Assertion is what an identity provider (身份认证平台) says of somebody who has signed in there. Whoever calls has verified that it comes
// from the provider, for this hall, for this browser, and just now.
type Assertion struct {
	Source  string // name of the provider in the configuration
	Issuer  string // of whom the subject is one
	Subject string // whom the issuer means, the same at each sign-in
	Factor  bool   // a second factor was shown there

	Name, Number, Phone string // empty: not said

	Kinds  []Kind // whose accounts the provider may open
	Create bool   // the first sign-in makes the account of a person whose identity number it asserts
}

// Link is what a provider said of somebody whose account here is not known yet. It is offered to whoever is signed in, or signs in next,
// in the same browser; they have to say that it is theirs, because somebody else may have led the browser there.
type Link struct {
	Source  string `json:"source"`
	Issuer  string `json:"issuer"`
	Subject string `json:"subject"`
	Name    string `json:"name,omitempty"`
	Kinds   []Kind `json:"kinds"`
}

func (s *Service) subjectIndex(issuer, subject string) []byte {
	return s.Keys.Index("subject", issuer+"\x00"+subject)
}

// SignInAsserted begins a session for the account that is linked with what a provider asserts. Without a link it makes the account of
// a person whose number is asserted and new, where that is allowed. If an account bears the number already, or nothing is known, it
// answers a [*Refusal] with the code provider, and offers the link to whoever is signed in or signs in next in this browser: [Service.LinkOffered].
// Like [Service.SignIn] it answers a refusal with the code factor when the second factor of the account is still to be shown.
func (s *Service) SignInAsserted(r *http.Request, said Assertion) (Account, error) {
	ctx := r.Context()
	id, err := store.Scalar[int64](s.DB.Read().QueryRow(ctx, `SELECT account FROM identity_subject WHERE issuer = $1 AND subject = $2`,
		said.Issuer, s.subjectIndex(said.Issuer, said.Subject)))
	switch {
	case errors.Is(err, store.ErrNotFound):
		return s.firstTime(r, said)
	case err != nil:
		return Account{}, fmt.Errorf("subject: %w", err)
	}
	a, err := s.Account(ctx, store.ID(id))
	if err != nil {
		return a, err
	}
	if a.Disabled || !slices.Contains(said.Kinds, a.Kind) {
		return a, refuse(RefusedWrong)
	}
	return a, s.enter(r, a, proof{factor: said.Factor, source: said.Source})
}

func (s *Service) firstTime(r *http.Request, said Assertion) (Account, error) {
	ctx := r.Context()
	who, err := s.Principal(r)
	if err != nil {
		return Account{}, err
	}
	if who.Kind == Visitor && said.Create && said.Number != "" && slices.Contains(said.Kinds, Person) {
		_, err := s.AccountByNumber(ctx, said.Number)
		var none *Refusal
		if errors.As(err, &none) {
			a, err := s.createAsserted(ctx, said)
			if err != nil {
				return a, err
			}
			return a, s.begin(r, a, proof{factor: said.Factor, source: said.Source})
		}
		if err != nil {
			return Account{}, err
		}
	}
	text, err := json.Marshal(Link{Source: said.Source, Issuer: said.Issuer, Subject: said.Subject, Name: said.Name, Kinds: said.Kinds})
	if err != nil {
		return Account{}, fmt.Errorf("link: %w", err)
	}
	if who.Kind == Visitor {
		s.sessions.SetDeadline(ctx, s.Now().Add(halfway))
	}
	s.sessions.Put(ctx, keyLink, string(text))
	return Account{}, refuse(RefusedProvider)
}

// createAsserted makes the account of a person. It has no password: the provider opens it, until its owner sets one.
func (s *Service) createAsserted(ctx context.Context, said Assertion) (Account, error) {
	now := s.Now()
	a := Account{ID: s.IDs.New(), Kind: Person, Name: strings.TrimSpace(said.Name), Number: strings.TrimSpace(said.Number), Phone: strings.TrimSpace(said.Phone), CreatedAt: now, PasswordChanged: now}
	a.Login = said.Source + "-" + a.ID.String()
	f := &form{}
	if a.Name == "" {
		f.wrong("name", FieldRequired)
	}
	_, err := identifier.ParseIDCard(a.Number, now.In(beijing))
	f.identifier("number", a.Number, err)
	if a.Phone != "" {
		_, err = identifier.ParsePhone(a.Phone)
		f.identifier("phone", a.Phone, err)
	}
	if err := f.check(); err != nil {
		return a, errors.Join(refuse(RefusedProvider), err)
	}
	err = s.DB.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		if err := s.insert(ctx, tx, &a, ""); err != nil {
			return err
		}
		s.putSubject(tx, a.ID, said.Issuer, said.Subject)
		return nil
	})
	if err != nil {
		return a, err
	}
	return s.Account(ctx, a.ID)
}

func (s *Service) putSubject(tx *store.Tx, account store.ID, issuer, subject string) {
	tx.Queue(`INSERT INTO identity_subject (issuer, subject, account, created_at) VALUES ($1, $2, $3, $4)`,
		issuer, s.subjectIndex(issuer, subject), int64(account), store.Micros(s.Now()))
}

// LinkOffered returns the link that waits for a word of whoever is signed in.
func (s *Service) LinkOffered(r *http.Request) (l Link, ok bool) {
	text := s.sessions.GetString(r.Context(), keyLink)
	return l, text != "" && json.Unmarshal([]byte(text), &l) == nil
}

// DeclineLink forgets the link that is offered.
func (s *Service) DeclineLink(r *http.Request) { s.sessions.Remove(r.Context(), keyLink) }

// AcceptLink links the account of whoever is signed in with what the provider said.
func (s *Service) AcceptLink(r *http.Request) error {
	a, err := s.self(r)
	if err != nil {
		return err
	}
	l, ok := s.LinkOffered(r)
	if !ok {
		return refuse(RefusedOffer)
	}
	s.DeclineLink(r)
	if !slices.Contains(l.Kinds, a.Kind) {
		return refuse(RefusedProvider)
	}
	err = s.DB.Write(r.Context(), func(_ context.Context, tx *store.Tx) error {
		s.putSubject(tx, a.ID, l.Issuer, l.Subject)
		return nil
	})
	if store.IsDuplicate(err) {
		return refuse(RefusedLinked)
	}
	if err == nil {
		s.tell(r.Context(), a.ID, NoticeLinked)
	}
	return err
}

// Links returns the issuers that open an account.
func (s *Service) Links(ctx context.Context, account store.ID) ([]string, error) {
	return store.All(ctx, s.DB.Read(), store.Scalar[string], `SELECT DISTINCT issuer FROM identity_subject WHERE account = $1 ORDER BY issuer`, int64(account))
}

// Unlink ends the link of one's own account with an issuer.
func (s *Service) Unlink(r *http.Request, issuer string) error {
	a, err := s.self(r)
	if err != nil {
		return err
	}
	if a.password == "" {
		return refuse(RefusedLastFactor) // without a password it is the only way in
	}
	return s.DB.Write(r.Context(), func(ctx context.Context, tx *store.Tx) error {
		return tx.Exec(ctx, `DELETE FROM identity_subject WHERE account = $1 AND issuer = $2`, int64(a.ID), issuer)
	})
}
