package oidc

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"openhall.org/openhall/internal/platform/identity"
)

// ErrRefused says that an answer does not prove who somebody is. What is wrong with it is wrapped and is for the log.
var ErrRefused = errors.New("the provider's answer is refused")

// ErrCancelled says that whoever was asked did not want to sign in.
var ErrCancelled = errors.New("the sign-in at the provider was cancelled")

// Provider is an identity provider. It is safe for concurrent use.
type Provider struct {
	Config
	base   string
	secret string
	client *http.Client
	now    func() time.Time

	mu    sync.Mutex
	known *discovered
}

// discovered is what a provider says of itself.
type discovered struct {
	*oidc.Provider
	logout string
}

// signatures are how an ID token may be signed: with a key of which only the provider has the private half.
var signatures = []string{oidc.RS256, oidc.RS384, oidc.RS512, oidc.PS256, oidc.PS384, oidc.PS512, oidc.ES256, oidc.ES384, oidc.ES512, oidc.EdDSA}

// New returns a provider. base is the address of the hall; client asks the provider, and needs a time-out.
func New(c Config, base string, client *http.Client, now func() time.Time) (*Provider, error) {
	if err := c.complete(); err != nil {
		return nil, err
	}
	secret, err := c.secret()
	if err != nil {
		return nil, err
	}
	return &Provider{Config: c, base: strings.TrimSuffix(base, "/"), secret: secret, client: client, now: now}, nil
}

// All returns the providers of a configuration.
func All(list []Config, base string, client *http.Client, now func() time.Time) ([]*Provider, error) {
	var all []*Provider
	for _, c := range list {
		p, err := New(c, base, client, now)
		if err != nil {
			return nil, err
		}
		if slices.ContainsFunc(all, func(q *Provider) bool { return q.Name == p.Name || q.Issuer == p.Issuer }) {
			return nil, fmt.Errorf("oidc %s: another provider has this name or issuer", p.Name)
		}
		all = append(all, p)
	}
	return all, nil
}

// Callback is the address to which the provider sends the browser back. Each provider has its own, so that the answer of one is never
// taken for that of another.
func (p *Provider) Callback() string { return p.base + "/signin/oidc/" + p.Name + "/callback" }

// discover asks the provider once what it can do; when that fails, the next sign-in asks again.
func (p *Provider) discover(ctx context.Context) (*discovered, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.known != nil {
		return p.known, nil
	}
	// Its keys are fetched later under this context, so it must outlive the request.
	found, err := oidc.NewProvider(oidc.ClientContext(context.WithoutCancel(ctx), p.client), p.Issuer)
	if err != nil {
		return nil, fmt.Errorf("ask provider %s what it can do: %w", p.Name, err)
	}
	var more struct {
		Logout string `json:"end_session_endpoint"`
	}
	if err := found.Claims(&more); err != nil {
		return nil, fmt.Errorf("provider %s: %w", p.Name, err)
	}
	p.known = &discovered{found, more.Logout}
	return p.known, nil
}

func (p *Provider) oauth(d *discovered) *oauth2.Config {
	return &oauth2.Config{
		ClientID: p.ClientID, ClientSecret: p.secret, Endpoint: d.Endpoint(), RedirectURL: p.Callback(), Scopes: append([]string{oidc.ScopeOpenID}, p.Scopes...),
	}
}

// going is what the session keeps while the browser is away.
type going struct {
	Provider string `json:"provider"`
	State    string `json:"state"`
	Nonce    string `json:"nonce"`
	Verifier string `json:"verifier"`
}

// Begin returns the address to which the browser is to go, and what its session has to keep until it comes back.
func (p *Provider) Begin(ctx context.Context) (address, kept string, err error) {
	d, err := p.discover(ctx)
	if err != nil {
		return "", "", err
	}
	g := going{Provider: p.Name, State: rand.Text(), Nonce: rand.Text(), Verifier: oauth2.GenerateVerifier()}
	text, err := json.Marshal(g)
	if err != nil {
		return "", "", fmt.Errorf("oidc %s: %w", p.Name, err)
	}
	return p.oauth(d).AuthCodeURL(g.State, oidc.Nonce(g.Nonce), oauth2.S256ChallengeOption(g.Verifier)), string(text), nil
}

// Finish takes the answer with which the browser came back. kept is what its session held, which must have been taken out of it.
func (p *Provider) Finish(ctx context.Context, kept string, answer url.Values) (identity.Assertion, error) {
	var g going
	if kept == "" || json.Unmarshal([]byte(kept), &g) != nil || g.Provider != p.Name {
		return identity.Assertion{}, fmt.Errorf("%w: nobody of this browser was sent to %s", ErrRefused, p.Name)
	}
	if subtle.ConstantTimeCompare([]byte(g.State), []byte(answer.Get("state"))) != 1 {
		return identity.Assertion{}, fmt.Errorf("%w: state", ErrRefused)
	}
	if iss := answer.Get("iss"); iss != "" && iss != p.Issuer {
		return identity.Assertion{}, fmt.Errorf("%w: it comes from another issuer", ErrRefused)
	}
	if code := answer.Get("error"); code != "" {
		if code == "access_denied" {
			return identity.Assertion{}, ErrCancelled
		}
		return identity.Assertion{}, fmt.Errorf("%w: error of the provider", ErrRefused)
	}
	d, err := p.discover(ctx)
	if err != nil {
		return identity.Assertion{}, err
	}
	ctx = oidc.ClientContext(ctx, p.client)
	token, err := p.oauth(d).Exchange(ctx, answer.Get("code"), oauth2.VerifierOption(g.Verifier))
	if err != nil {
		return identity.Assertion{}, fmt.Errorf("%w: exchange: %w", ErrRefused, withoutBody(err))
	}
	raw, _ := token.Extra("id_token").(string)
	id, err := d.VerifierContext(ctx, &oidc.Config{ClientID: p.ClientID, Now: p.now, SupportedSigningAlgs: signatures}).Verify(ctx, raw)
	if err != nil {
		return identity.Assertion{}, fmt.Errorf("%w: %w", ErrRefused, err)
	}
	if subtle.ConstantTimeCompare([]byte(id.Nonce), []byte(g.Nonce)) != 1 {
		return identity.Assertion{}, fmt.Errorf("%w: nonce", ErrRefused)
	}
	return p.assertion(id)
}

// withoutBody leaves out what the provider wrote, which may hold anything.
func withoutBody(err error) error {
	var e *oauth2.RetrieveError
	if errors.As(err, &e) {
		return fmt.Errorf("the provider answers %d %s", e.Response.StatusCode, e.ErrorCode)
	}
	return err
}

// assertion reads the claims.
func (p *Provider) assertion(id *oidc.IDToken) (identity.Assertion, error) {
	var claims map[string]any
	if err := id.Claims(&claims); err != nil {
		return identity.Assertion{}, fmt.Errorf("%w: claims: %w", ErrRefused, err)
	}
	if azp, ok := claims["azp"].(string); ok && azp != p.ClientID || len(id.Audience) > 1 && !ok {
		return identity.Assertion{}, fmt.Errorf("%w: the token is for another party", ErrRefused)
	}
	said := identity.Assertion{
		Source: p.Name, Issuer: id.Issuer, Subject: id.Subject, Create: p.Create, Name: text(claims, p.Claims.Name), Phone: text(claims, p.Claims.Phone),
		Factor: slices.Contains(p.SecondFactor.ACR, text(claims, "acr")),
	}
	if p.Claims.Number != "" {
		said.Number = strings.ToUpper(text(claims, p.Claims.Number))
	}
	if said.Subject == "" {
		return said, fmt.Errorf("%w: no subject", ErrRefused)
	}
	methods, _ := claims["amr"].([]any)
	for _, m := range methods {
		if name, ok := m.(string); ok && slices.Contains(p.SecondFactor.AMR, name) {
			said.Factor = true
		}
	}
	for _, k := range p.Kinds {
		said.Kinds = append(said.Kinds, identity.Kind(k))
	}
	return said, nil
}

func text(claims map[string]any, name string) string {
	s, _ := claims[name].(string)
	return strings.TrimSpace(s)
}

// Logout is the address at which one signs out of the provider as well and comes back to back; empty: it offers none.
func (p *Provider) Logout(back string) string {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.known == nil || p.known.logout == "" {
		return ""
	}
	u, err := url.Parse(p.known.logout)
	if err != nil || u.Scheme != "https" && !loopback(u.Hostname()) {
		return ""
	}
	q := u.Query()
	q.Set("client_id", p.ClientID)
	q.Set("post_logout_redirect_uri", p.base+back)
	u.RawQuery = q.Encode()
	return u.String()
}
