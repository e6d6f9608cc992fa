// Package oidctest is an identity provider for tests: it serves discovery, keys and tokens over HTTP on the loopback and signs with RS256,
// and can be told to lie. It is written from OpenID Connect Core 1.0, RFC 6749 and RFC 7636.
package oidctest

import (
	"crypto"
	"crypto/hmac"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"maps"
	"math/big"
	"net/http"
	"net/http/httptest"
	"net/url"
	"sync"
	"testing"
	"time"
)

// Provider is the provider. Set what it says before a sign-in.
type Provider struct {
	*httptest.Server
	ClientID, Secret string
	Now              func() time.Time
	Claims           map[string]any // beside those of the protocol; they go before those too
	Algorithm        string         // RS256, HS256 or none
	WrongKey         bool           // sign with a key that is not published

	t    testing.TB
	key  *rsa.PrivateKey
	mu   sync.Mutex
	open map[string]url.Values // what was asked, by code
}

// New starts a provider.
func New(t testing.TB, clientID, secret string, now func() time.Time) *Provider {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	p := &Provider{ClientID: clientID, Secret: secret, Now: now, Algorithm: "RS256", t: t, key: key, open: map[string]url.Values{}}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /.well-known/openid-configuration", p.discovery)
	mux.HandleFunc("GET /keys", p.keys)
	mux.HandleFunc("POST /token", p.token)
	p.Server = httptest.NewServer(mux)
	t.Cleanup(p.Close)
	return p
}

func (p *Provider) write(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	if err := json.NewEncoder(w).Encode(v); err != nil {
		p.t.Error(err)
	}
}

func (p *Provider) discovery(w http.ResponseWriter, _ *http.Request) {
	p.write(w, http.StatusOK, map[string]any{
		"issuer": p.URL, "authorization_endpoint": p.URL + "/authorize", "token_endpoint": p.URL + "/token", "jwks_uri": p.URL + "/keys",
		"end_session_endpoint": p.URL + "/logout", "response_types_supported": []string{"code"}, "subject_types_supported": []string{"public"},
		"id_token_signing_alg_values_supported": []string{"RS256", "HS256", "none"},
	})
}

var b64 = base64.RawURLEncoding

func (p *Provider) keys(w http.ResponseWriter, _ *http.Request) {
	p.write(w, http.StatusOK, map[string]any{"keys": []any{map[string]any{
		"kty": "RSA", "alg": "RS256", "use": "sig", "kid": "one", "n": b64.EncodeToString(p.key.N.Bytes()), "e": b64.EncodeToString(big.NewInt(int64(p.key.E)).Bytes()),
	}}})
}

// Authorize is what the browser does at the address to which it was sent: it signs in, and is sent back with this answer.
func (p *Provider) Authorize(address string) url.Values {
	p.t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		p.t.Fatal(err)
	}
	q := u.Query()
	if q.Get("response_type") != "code" || q.Get("client_id") != p.ClientID || q.Get("code_challenge_method") != "S256" || q.Get("nonce") == "" || q.Get("state") == "" {
		p.t.Fatalf("asked with %v", q)
	}
	code := rand.Text()
	p.mu.Lock()
	defer p.mu.Unlock()
	p.open[code] = q
	return url.Values{"code": {code}, "state": {q.Get("state")}}
}

func (p *Provider) token(w http.ResponseWriter, r *http.Request) {
	id, secret, ok := r.BasicAuth()
	if !ok {
		id, secret = r.FormValue("client_id"), r.FormValue("client_secret")
	}
	p.mu.Lock()
	asked, known := p.open[r.FormValue("code")]
	delete(p.open, r.FormValue("code")) // each code once
	p.mu.Unlock()
	sum := sha256.Sum256([]byte(r.FormValue("code_verifier")))
	if !known || id != p.ClientID || secret != p.Secret || b64.EncodeToString(sum[:]) != asked.Get("code_challenge") || r.FormValue("redirect_uri") != asked.Get("redirect_uri") {
		p.write(w, http.StatusBadRequest, map[string]string{"error": "invalid_grant"})
		return
	}
	claims := map[string]any{
		"iss": p.URL, "sub": "subject-1", "aud": p.ClientID, "nonce": asked.Get("nonce"), "iat": p.Now().Unix(), "exp": p.Now().Add(5 * time.Minute).Unix(),
	}
	maps.Copy(claims, p.Claims)
	p.write(w, http.StatusOK, map[string]any{"access_token": rand.Text(), "token_type": "Bearer", "expires_in": 300, "id_token": p.sign(claims)})
}

func (p *Provider) sign(claims map[string]any) string {
	header, err := json.Marshal(map[string]string{"alg": p.Algorithm, "kid": "one", "typ": "JWT"})
	if err != nil {
		p.t.Error(err)
	}
	body, err := json.Marshal(claims)
	if err != nil {
		p.t.Error(err)
	}
	text := b64.EncodeToString(header) + "." + b64.EncodeToString(body)
	sum := sha256.Sum256([]byte(text))
	switch p.Algorithm {
	case "none":
		return text + "."
	case "HS256":
		m := hmac.New(sha256.New, []byte(p.Secret))
		m.Write([]byte(text))
		return text + "." + b64.EncodeToString(m.Sum(nil))
	}
	key := p.key
	if p.WrongKey {
		if key, err = rsa.GenerateKey(rand.Reader, 2048); err != nil {
			p.t.Error(err)
		}
	}
	signature, err := rsa.SignPKCS1v15(rand.Reader, key, crypto.SHA256, sum[:])
	if err != nil {
		p.t.Error(err)
	}
	return text + "." + b64.EncodeToString(signature)
}
