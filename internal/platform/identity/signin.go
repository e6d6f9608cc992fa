package identity

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"openhall.org/openhall/internal/platform/store"
)

// halfway is how long somebody has to show the second factor, or to come back from an identity provider.
const halfway = 10 * time.Minute

func (s *Service) addressOf(r *http.Request) string {
	if s.Address == nil {
		return ""
	}
	return s.Address(r)
}

// SignIn begins a session for whoever gives the right password. If the account has a second factor, the error is a [*Refusal] with
// the code factor, and the session begins with [Service.ProveCode] or [Service.ProvePasskey]. The token of the session is renewed, so
// that one planted before is worth nothing (session fixation).
func (s *Service) SignIn(r *http.Request, login, password string) (Account, error) {
	a, err := s.verify(r.Context(), login, password, s.addressOf(r))
	if err != nil {
		return Account{}, s.noteRefused(r.Context(), login, err)
	}
	return a, s.enter(r, a, proof{})
}

// proof is what is known of somebody who signs in.
type proof struct {
	factor bool   // the second factor was shown too
	source string // the identity provider that they came from
}

// enter begins the session of an account, or asks for its second factor.
func (s *Service) enter(r *http.Request, a Account, p proof) error {
	ctx := r.Context()
	if !p.factor {
		n, err := s.countFactors(ctx, a.ID)
		if err != nil {
			return err
		}
		if n > 0 {
			return errors.Join(s.pend(ctx, a, p), refuse(RefusedFactor))
		}
	}
	return s.begin(r, a, p)
}

// blank empties the session and gives it a new token; what an identity provider said stays.
func (s *Service) blank(ctx context.Context, until time.Time) error {
	link := s.sessions.GetString(ctx, keyLink)
	if err := s.sessions.RenewToken(ctx); err != nil {
		return fmt.Errorf("session: %w", err)
	}
	if err := s.sessions.Clear(ctx); err != nil {
		return fmt.Errorf("session: %w", err)
	}
	s.sessions.SetDeadline(ctx, until)
	if link != "" {
		s.sessions.Put(ctx, keyLink, link)
	}
	forget(ctx)
	return nil
}

// pend notes whose second factor is awaited. The session opens nothing yet.
func (s *Service) pend(ctx context.Context, a Account, p proof) error {
	if err := s.blank(ctx, s.Now().Add(halfway)); err != nil {
		return err
	}
	s.sessions.Put(ctx, keyPending, int64(a.ID))
	s.sessions.Put(ctx, keyVersion, a.version)
	if p.source != "" {
		s.sessions.Put(ctx, keySource, p.source)
	}
	return nil
}

func (s *Service) begin(r *http.Request, a Account, p proof) error {
	ctx, now := r.Context(), s.Now()
	if err := s.blank(ctx, now.Add(lifetime)); err != nil {
		return err
	}
	if a.Kind == Staff && s.StaffSessions > 0 {
		if err := s.makeRoom(ctx, a); err != nil {
			return err
		}
	}
	s.sessions.Put(ctx, keyAccount, int64(a.ID))
	s.sessions.Put(ctx, keyVersion, a.version)
	for _, key := range []string{keySeen, keyBegun, keyProof} {
		s.sessions.Put(ctx, key, store.Micros(now))
	}
	device := deviceOf(r.UserAgent())
	s.sessions.Put(ctx, keyDevice, device)
	if p.factor {
		s.sessions.Put(ctx, keyFactor, store.Micros(now))
	}
	if p.source != "" {
		s.sessions.Put(ctx, keySource, p.source)
	}
	if err := s.noteDevice(ctx, a.ID, device); err != nil {
		return err
	}
	return s.noteSignIn(ctx, a)
}

// Pending returns the account whose second factor is awaited, or a [*Refusal] with the code offer.
func (s *Service) Pending(r *http.Request) (Account, error) {
	ctx := r.Context()
	id := store.ID(s.sessions.GetInt64(ctx, keyPending))
	if id == 0 {
		return Account{}, refuse(RefusedOffer)
	}
	a, err := s.Account(ctx, id)
	if err != nil {
		return Account{}, err
	}
	if a.Disabled || a.version != s.sessions.GetInt64(ctx, keyVersion) {
		return Account{}, refuse(RefusedOffer)
	}
	return a, nil
}

// SignOut ends the session, and returns the identity provider that it came from, if any.
func (s *Service) SignOut(r *http.Request) (source string, err error) {
	source = s.sessions.GetString(r.Context(), keySource)
	forget(r.Context())
	if err := s.sessions.Destroy(r.Context()); err != nil {
		return "", fmt.Errorf("session: %w", err)
	}
	return source, nil
}

// Fresh answers nil when whoever acts has proven who they are a short while ago, or a [*Denied] with the reason stale. Acts that an
// unlocked screen must not suffice for ask it.
func (s *Service) Fresh(r *http.Request) error {
	who, err := s.Principal(r)
	if err != nil {
		return err
	}
	if who.Kind == Visitor {
		return &Denied{Reason: DeniedSignIn}
	}
	if s.Now().Sub(store.Instant(s.sessions.GetInt64(r.Context(), keyProof))) > s.FreshFor {
		return &Denied{Reason: DeniedStale}
	}
	return nil
}

// ProvePassword is a fresh proof of who one is, for an account that has no second factor.
func (s *Service) ProvePassword(r *http.Request, password string) error {
	who, err := s.Principal(r)
	if err != nil {
		return err
	}
	ctx := r.Context()
	a, err := s.Account(ctx, who.Account)
	if err != nil {
		return err
	}
	if n, err := s.countFactors(ctx, a.ID); err != nil || n > 0 {
		return errors.Join(err, refuse(RefusedFactor))
	}
	if _, err := s.verify(ctx, a.Login, password, s.addressOf(r)); err != nil {
		return err
	}
	s.sessions.Put(ctx, keyProof, store.Micros(s.Now()))
	return s.renew(ctx)
}

// ChangeOwnPassword changes the password of whoever is signed in. All other sessions of the account end; this one goes on with another
// token.
func (s *Service) ChangeOwnPassword(r *http.Request, old, password string) error {
	who, err := s.Principal(r)
	if err != nil {
		return err
	}
	ctx := r.Context()
	if err := s.changePassword(ctx, who.Account, old, password, s.addressOf(r)); err != nil {
		return err
	}
	a, err := s.Account(ctx, who.Account)
	if err != nil {
		return err
	}
	s.sessions.Put(ctx, keyVersion, a.version)
	s.sessions.Put(ctx, keyProof, store.Micros(s.Now()))
	return s.renew(ctx)
}

// Keep puts a text into the session for a later request of the same browser, also of a visitor, for ten minutes; [Service.Take] takes
// it out again.
func (s *Service) Keep(r *http.Request, name, text string) {
	ctx := r.Context()
	if s.sessions.GetInt64(ctx, keyAccount) == 0 {
		s.sessions.SetDeadline(ctx, s.Now().Add(halfway))
	}
	s.sessions.Put(ctx, keyKept+name, text)
}

// Take returns what was kept under a name, or "", and forgets it.
func (s *Service) Take(r *http.Request, name string) string {
	return s.sessions.PopString(r.Context(), keyKept+name)
}
