package identity

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"time"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"

	"openhall.org/openhall/internal/platform/store"
)

// relyingParty is the site as passkeys know it: they are bound to its host, so that no other site can ask for them.
type relyingParty struct {
	*webauthn.WebAuthn
	host string
}

// newRelyingParty returns nil where there can be no passkeys: on a host that is an address. A loopback address is reached as localhost too,
// which browsers trust, so that the demo has passkeys.
func newRelyingParty(base, name string) (*relyingParty, error) {
	u, err := url.Parse(base)
	if err != nil || u.Host == "" {
		return nil, nil //nolint:nilnil,nilerr // no site, no passkeys
	}
	host := u.Hostname()
	if ip := net.ParseIP(host); ip != nil {
		if !ip.IsLoopback() {
			return nil, nil //nolint:nilnil // browsers refuse addresses
		}
		host, u.Host = "localhost", net.JoinHostPort("localhost", u.Port())
	}
	w, err := webauthn.New(&webauthn.Config{RPID: host, RPDisplayName: name, RPOrigins: []string{u.Scheme + "://" + u.Host}})
	if err != nil {
		return nil, fmt.Errorf("identity: passkeys: %w", err)
	}
	return &relyingParty{w, host}, nil
}

// PasskeyHost is the host to which passkeys are bound; empty: there are none.
func (s *Service) PasskeyHost() string {
	if s.passkeys == nil {
		return ""
	}
	return s.passkeys.host
}

// holder is an account as WebAuthn sees it. Its handle is a keyed hash, so that it says nothing to those who read the device.
type holder struct {
	account     Account
	handle      []byte
	credentials []webauthn.Credential
	factors     []Factor
}

// WebAuthnID implements webauthn.User.
func (h *holder) WebAuthnID() []byte { return h.handle }

// WebAuthnName implements webauthn.User.
func (h *holder) WebAuthnName() string { return h.account.Login }

// WebAuthnDisplayName implements webauthn.User.
func (h *holder) WebAuthnDisplayName() string { return h.account.Name }

// WebAuthnCredentials implements webauthn.User.
func (h *holder) WebAuthnCredentials() []webauthn.Credential { return h.credentials }

func (s *Service) holder(ctx context.Context, a Account) (*holder, error) {
	h := &holder{account: a, handle: s.Keys.Index("passkey-holder", a.ID.String())}
	all, err := s.Factors(ctx, a.ID)
	if err != nil {
		return nil, err
	}
	for _, f := range all {
		if f.Kind != Passkey {
			continue
		}
		var c webauthn.Credential
		if err := json.Unmarshal(f.content.Credential, &c); err != nil {
			return nil, fmt.Errorf("passkey %s: %w", f.ID, err)
		}
		h.factors, h.credentials = append(h.factors, f), append(h.credentials, c)
	}
	return h, nil
}

func (s *Service) credentialIndex(id []byte) []byte { return s.Keys.Index("passkey", string(id)) }

// ceremony is what is kept between the question to a passkey and its answer.
type ceremony struct {
	Purpose string                `json:"purpose"` // add, prove
	Until   int64                 `json:"until"`
	Data    *webauthn.SessionData `json:"data"`
}

const (
	ceremonyAdd   = "add"
	ceremonyProve = "prove"
	ceremonyFor   = 5 * time.Minute
)

func (s *Service) keepCeremony(r *http.Request, purpose string, data *webauthn.SessionData) error {
	text, err := json.Marshal(ceremony{purpose, store.Micros(s.Now().Add(ceremonyFor)), data})
	if err != nil {
		return fmt.Errorf("passkey: %w", err)
	}
	ctx := r.Context()
	if s.sessions.GetInt64(ctx, keyAccount) == 0 {
		s.sessions.SetDeadline(ctx, s.Now().Add(halfway))
	}
	s.sessions.Put(ctx, keyPasskey, string(text))
	return nil
}

// takeCeremony returns the question that is being answered; each is answered once.
func (s *Service) takeCeremony(r *http.Request, purpose string) (webauthn.SessionData, error) {
	var c ceremony
	text := s.sessions.PopString(r.Context(), keyPasskey)
	if text == "" || json.Unmarshal([]byte(text), &c) != nil || c.Purpose != purpose || c.Data == nil || !s.Now().Before(store.Instant(c.Until)) {
		return webauthn.SessionData{}, refuse(RefusedOffer)
	}
	return *c.Data, nil
}

// OfferPasskey returns, as JSON, what a browser is to be asked for a new passkey of whoever is signed in.
func (s *Service) OfferPasskey(r *http.Request) ([]byte, error) {
	if s.passkeys == nil {
		return nil, refuse(RefusedPasskey)
	}
	a, err := s.self(r)
	if err != nil {
		return nil, err
	}
	h, err := s.holder(r.Context(), a)
	if err != nil {
		return nil, err
	}
	options, data, err := s.passkeys.BeginRegistration(h,
		webauthn.WithAuthenticatorSelection(protocol.AuthenticatorSelection{
			ResidentKey: protocol.ResidentKeyRequirementRequired, RequireResidentKey: protocol.ResidentKeyRequired(),
			UserVerification: protocol.VerificationRequired,
		}),
		webauthn.WithConveyancePreference(protocol.PreferNoAttestation), // which product somebody uses is nobody's business
		webauthn.WithExclusions(webauthn.Credentials(h.credentials).CredentialDescriptors()))
	if err != nil {
		return nil, fmt.Errorf("passkey: %w", err)
	}
	if err := s.keepCeremony(r, ceremonyAdd, data); err != nil {
		return nil, err
	}
	return json.Marshal(options)
}

// AddPasskey adds the passkey that a browser has made. With the first factor come recovery codes, which are shown once.
func (s *Service) AddPasskey(r *http.Request, name string, answer []byte) (recovery []string, err error) {
	a, err := s.self(r)
	if err != nil {
		return nil, err
	}
	f := &form{}
	name = checkFactorName(f, name)
	if err := f.check(); err != nil {
		return nil, err
	}
	data, err := s.takeCeremony(r, ceremonyAdd)
	if err != nil {
		return nil, err
	}
	h, err := s.holder(r.Context(), a)
	if err != nil {
		return nil, err
	}
	parsed, err := protocol.ParseCredentialCreationResponseBytes(answer)
	if err != nil {
		return nil, errors.Join(refuse(RefusedPasskey), err)
	}
	made, err := s.passkeys.CreateCredential(h, data, parsed)
	if err != nil {
		return nil, errors.Join(refuse(RefusedPasskey), err)
	}
	text, err := json.Marshal(made)
	if err != nil {
		return nil, fmt.Errorf("passkey: %w", err)
	}
	return s.addFactor(r, a, newFactor{kind: Passkey, handle: s.credentialIndex(made.ID), content: factorContent{Name: name, Credential: text}})
}

// AskPasskey returns, as JSON, what a browser is to be asked for a proof: of the account whose second factor is awaited or that is
// signed in, else of any account that has a passkey on the device.
func (s *Service) AskPasskey(r *http.Request) ([]byte, error) {
	if s.passkeys == nil {
		return nil, refuse(RefusedPasskey)
	}
	verified := webauthn.WithUserVerification(protocol.VerificationRequired)
	a, _, err := s.proving(r)
	var none *Refusal
	var options *protocol.CredentialAssertion
	var data *webauthn.SessionData
	switch {
	case errors.As(err, &none):
		options, data, err = s.passkeys.BeginDiscoverableLogin(verified)
	case err == nil:
		var h *holder
		if h, err = s.holder(r.Context(), a); err != nil {
			return nil, err
		}
		if len(h.credentials) == 0 {
			return nil, refuse(RefusedPasskey)
		}
		options, data, err = s.passkeys.BeginLogin(h, verified)
	}
	if err != nil {
		return nil, fmt.Errorf("passkey: %w", err)
	}
	if err := s.keepCeremony(r, ceremonyProve, data); err != nil {
		return nil, err
	}
	return json.Marshal(options)
}

// ProvePasskey takes a passkey's proof. It signs in (alone, because the device has verified its user), completes a sign-in, or is a
// fresh proof of who one is.
func (s *Service) ProvePasskey(r *http.Request, answer []byte) (Account, error) {
	if s.passkeys == nil {
		return Account{}, refuse(RefusedPasskey)
	}
	data, err := s.takeCeremony(r, ceremonyProve)
	if err != nil {
		return Account{}, err
	}
	ctx := r.Context()
	slates := s.addressSlates(s.addressOf(r))
	if len(slates) > 0 {
		if _, err := s.countAttempt(ctx, slates); err != nil {
			return Account{}, err
		}
	}
	parsed, err := protocol.ParseCredentialRequestResponseBytes(answer)
	if err != nil {
		return Account{}, errors.Join(refuse(RefusedPasskey), err)
	}
	h, pending, err := s.whose(r, parsed.RawID)
	if err != nil {
		return Account{}, err
	}
	var used *webauthn.Credential
	if data.UserID == nil {
		used, err = s.passkeys.ValidateDiscoverableLogin(func(_, handle []byte) (webauthn.User, error) {
			return h, nil
		}, data, parsed)
	} else {
		used, err = s.passkeys.ValidateLogin(h, data, parsed)
	}
	if err != nil {
		return h.account, errors.Join(refuse(RefusedPasskey), err)
	}
	if used.Authenticator.CloneWarning { // its counter went back: there are two of it
		return h.account, refuse(RefusedPasskey)
	}
	if err := s.usePasskey(ctx, h, used, slates); err != nil {
		return h.account, err
	}
	if !pending && data.UserID != nil {
		return h.account, s.shown(r)
	}
	return h.account, s.begin(r, h.account, proof{factor: true, source: s.sessions.GetString(ctx, keySource)})
}

// whose finds the account of a credential, which must be the one that is signing in or signed in, if any.
func (s *Service) whose(r *http.Request, credential []byte) (h *holder, pending bool, err error) {
	ctx := r.Context()
	id, err := store.Scalar[int64](s.DB.Read().QueryRow(ctx, `SELECT account FROM identity_factor WHERE handle = $1`, s.credentialIndex(credential)))
	if errors.Is(err, store.ErrNotFound) {
		return nil, false, refuse(RefusedPasskey)
	}
	if err != nil {
		return nil, false, fmt.Errorf("passkey: %w", err)
	}
	a, pending, err := s.proving(r)
	var none *Refusal
	if errors.As(err, &none) {
		a, err = s.Account(ctx, store.ID(id))
	}
	if err != nil {
		return nil, false, err
	}
	if int64(a.ID) != id || a.Disabled {
		return nil, false, refuse(RefusedPasskey)
	}
	h, err = s.holder(ctx, a)
	return h, pending, err
}

// usePasskey keeps the counter of a passkey, and the flags that may change.
func (s *Service) usePasskey(ctx context.Context, h *holder, used *webauthn.Credential, slates []slate) error {
	for i, c := range h.credentials {
		if string(c.ID) != string(used.ID) {
			continue
		}
		f := h.factors[i]
		text, err := json.Marshal(used)
		if err != nil {
			return fmt.Errorf("passkey: %w", err)
		}
		sealed, err := s.sealFactor(f.ID, factorContent{Name: f.Name, Credential: text})
		if err != nil {
			return err
		}
		return s.DB.Write(ctx, func(_ context.Context, tx *store.Tx) error {
			tx.Queue(`UPDATE identity_factor SET content = $2, used_at = $3 WHERE id = $1`, int64(f.ID), sealed, store.Micros(s.Now()))
			forgive(tx, s.factorSlate(h.account.ID), slates)
			return nil
		})
	}
	return refuse(RefusedPasskey)
}
