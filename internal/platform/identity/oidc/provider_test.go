package oidc_test

import (
	"errors"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/identity/oidc"
	"openhall.org/openhall/internal/platform/identity/oidc/oidctest"
)

var noon = time.Date(2026, 11, 23, 4, 0, 0, 0, time.UTC)

func clock() time.Time { return noon }

func setUp(t testing.TB, change func(c *oidc.Config)) (*oidctest.Provider, *oidc.Provider) {
	t.Helper()
	there := oidctest.New(t, "hall", "a-shared-secret-of-some-length", clock)
	file := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(file, []byte("a-shared-secret-of-some-length\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	c := oidc.Config{Name: "gov", Issuer: there.URL, ClientID: "hall", SecretFile: file, Create: true, Claims: oidc.Claims{Number: "id_number"}}
	c.SecondFactor.ACR, c.SecondFactor.AMR = []string{"level3"}, []string{"mfa"}
	change(&c)
	here, err := oidc.New(c, "https://hall.example.org/", &http.Client{Timeout: 5 * time.Second}, clock)
	if err != nil {
		t.Fatal(err)
	}
	return there, here
}

func nothing(*oidc.Config) {}

func begin(t testing.TB, p *oidc.Provider) (address, kept string) {
	t.Helper()
	address, kept, err := p.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return address, kept
}

func TestSignIn(t *testing.T) {
	there, here := setUp(t, nothing)
	there.Claims = map[string]any{"name": "王小明", "id_number": "11010519491231002x", "phone_number": "13800000001", "amr": []string{"pwd", "mfa"}}
	address, kept := begin(t, here)
	if !strings.HasPrefix(address, there.URL+"/authorize?") || !strings.Contains(address, url.QueryEscape("https://hall.example.org/signin/oidc/gov/callback")) || strings.Contains(address, "secret") {
		t.Errorf("sent to %s", address)
	}
	said, err := here.Finish(t.Context(), kept, there.Authorize(address))
	if err != nil {
		t.Fatal(err)
	}
	if said.Source != "gov" || said.Issuer != there.URL || said.Subject != "subject-1" || said.Name != "王小明" || said.Number != "11010519491231002X" ||
		said.Phone != "13800000001" || !said.Factor || !said.Create || !slices.Equal(said.Kinds, []identity.Kind{identity.Person}) {
		t.Errorf("%+v", said)
	}
	for acr, want := range map[string]bool{"level3": true, "level2": false, "": false} {
		there.Claims = map[string]any{"acr": acr}
		address, kept = begin(t, here)
		if said, err := here.Finish(t.Context(), kept, there.Authorize(address)); err != nil || said.Factor != want {
			t.Errorf("acr %q: %t, %v", acr, said.Factor, err)
		}
	}
	if out := here.Logout("/"); !strings.HasPrefix(out, there.URL+"/logout?") || !strings.Contains(out, "client_id=hall") {
		t.Errorf("sign out at %q", out)
	}
}

// What is hostile, or only wrong, proves nothing.
func TestHostileAnswers(t *testing.T) {
	for name, c := range map[string]struct {
		lie    func(p *oidctest.Provider)
		answer func(q url.Values)
	}{
		"a nonce of another sign-in": {lie: func(p *oidctest.Provider) { p.Claims = map[string]any{"nonce": "another"} }},
		"no nonce":                   {lie: func(p *oidctest.Provider) { p.Claims = map[string]any{"nonce": ""} }},
		"for another party":          {lie: func(p *oidctest.Provider) { p.Claims = map[string]any{"aud": "another"} }},
		"for several, not for us": {lie: func(p *oidctest.Provider) {
			p.Claims = map[string]any{"aud": []string{"hall", "another"}, "azp": "another"}
		}},
		"for several, of nobody":   {lie: func(p *oidctest.Provider) { p.Claims = map[string]any{"aud": []string{"hall", "another"}} }},
		"another issuer":           {lie: func(p *oidctest.Provider) { p.Claims = map[string]any{"iss": "https://evil.example"} }},
		"expired":                  {lie: func(p *oidctest.Provider) { p.Claims = map[string]any{"exp": noon.Add(-time.Second).Unix()} }},
		"not yet valid":            {lie: func(p *oidctest.Provider) { p.Claims = map[string]any{"nbf": noon.Add(time.Hour).Unix()} }},
		"no subject":               {lie: func(p *oidctest.Provider) { p.Claims = map[string]any{"sub": ""} }},
		"no signature":             {lie: func(p *oidctest.Provider) { p.Algorithm = "none" }},
		"signed with our secret":   {lie: func(p *oidctest.Provider) { p.Algorithm = "HS256" }},
		"signed with another key":  {lie: func(p *oidctest.Provider) { p.WrongKey = true }},
		"state of another browser": {answer: func(q url.Values) { q.Set("state", "another") }},
		"no state":                 {answer: func(q url.Values) { q.Del("state") }},
		"no code":                  {answer: func(q url.Values) { q.Del("code") }},
		"another code":             {answer: func(q url.Values) { q.Set("code", "another") }},
		"mixed up (RFC 9207)":      {answer: func(q url.Values) { q.Set("iss", "https://evil.example") }},
		"an error":                 {answer: func(q url.Values) { q.Set("error", "server_error") }},
	} {
		t.Run(name, func(t *testing.T) {
			there, here := setUp(t, nothing)
			if c.lie != nil {
				c.lie(there)
			}
			address, kept := begin(t, here)
			q := there.Authorize(address)
			if c.answer != nil {
				c.answer(q)
			}
			if said, err := here.Finish(t.Context(), kept, q); !errors.Is(err, oidc.ErrRefused) {
				t.Errorf("taken: %+v, %v", said, err)
			}
		})
	}
}

func TestAnswersAreTakenOnce(t *testing.T) {
	there, here := setUp(t, nothing)
	address, kept := begin(t, here)
	q := there.Authorize(address)
	q.Set("iss", there.URL)
	if _, err := here.Finish(t.Context(), kept, q); err != nil {
		t.Fatal(err)
	}
	// The code is spent at the provider, and the caller has taken kept out of the session.
	if _, err := here.Finish(t.Context(), kept, q); !errors.Is(err, oidc.ErrRefused) {
		t.Errorf("a code twice: %v", err)
	}
	if _, err := here.Finish(t.Context(), "", q); !errors.Is(err, oidc.ErrRefused) {
		t.Errorf("nothing kept: %v", err)
	}
	// The code of one browser with what another keeps: PKCE.
	first, _ := begin(t, here)
	_, second := begin(t, here)
	q = there.Authorize(first)
	q.Set("state", stateOf(t, second))
	if _, err := here.Finish(t.Context(), second, q); !errors.Is(err, oidc.ErrRefused) {
		t.Errorf("a stolen code: %v", err)
	}
	// What was begun at one provider does not end at another.
	_, other := setUp(t, func(c *oidc.Config) { c.Name = "other" })
	address, kept = begin(t, here)
	if _, err := other.Finish(t.Context(), kept, there.Authorize(address)); !errors.Is(err, oidc.ErrRefused) {
		t.Errorf("mixed up: %v", err)
	}
	_, kept = begin(t, here)
	if _, err := here.Finish(t.Context(), kept, url.Values{"state": {stateOf(t, kept)}, "error": {"access_denied"}}); !errors.Is(err, oidc.ErrCancelled) {
		t.Errorf("cancelled: %v", err)
	}
}

func stateOf(t testing.TB, kept string) string {
	t.Helper()
	_, rest, _ := strings.Cut(kept, `"state":"`)
	state, _, ok := strings.Cut(rest, `"`)
	if !ok {
		t.Fatal(kept)
	}
	return state
}

// A provider that is away when the hall starts is asked again.
func TestProviderAway(t *testing.T) {
	there, here := setUp(t, nothing)
	there.Close()
	if _, _, err := here.Begin(t.Context()); err == nil {
		t.Error("a provider that is away was asked")
	}
}

func TestConfigIsChecked(t *testing.T) {
	good := oidc.Config{Name: "gov", Issuer: "https://sso.example", ClientID: "hall"}
	for says, change := range map[string]func(c *oidc.Config){
		"a name has":           func(c *oidc.Config) { c.Name = "Gov Portal" },
		"want https":           func(c *oidc.Config) { c.Issuer = "http://sso.example" },
		"client-id":            func(c *oidc.Config) { c.ClientID = "" },
		"kind \"machine\"":     func(c *oidc.Config) { c.Kinds = []string{"machine"} },
		"claims.number":        func(c *oidc.Config) { c.Create = true },
		"no such file":         func(c *oidc.Config) { c.SecretFile = filepath.Join(t.TempDir(), "none") },
		"another provider has": nil,
	} {
		c := good
		list := []oidc.Config{c}
		if change != nil {
			change(&c)
			list = []oidc.Config{c}
		} else {
			list = append(list, c)
		}
		if _, err := oidc.All(list, "https://hall.example.org", http.DefaultClient, clock); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %v", says, err)
		}
	}
}

// Whatever comes back, a browser that was not sent there gets nothing, and nothing breaks.
func FuzzFinish(f *testing.F) {
	_, here := setUp(f, nothing)
	f.Add(`{"provider":"gov","state":"a"}`, "state=b&code=c")
	f.Add("", "error=access_denied")
	f.Add(`{"provider":"gov"`, "%zz")
	f.Fuzz(func(t *testing.T, kept, query string) {
		q, err := url.ParseQuery(query)
		if err != nil {
			return
		}
		q.Set("state", q.Get("state")+"-never")
		if strings.Contains(kept, "-never") {
			return
		}
		if _, err := here.Finish(t.Context(), kept, q); !errors.Is(err, oidc.ErrRefused) {
			t.Fatalf("%v", err)
		}
	})
}
