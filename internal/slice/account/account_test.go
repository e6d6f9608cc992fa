package account_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"openhall.org/openhall/internal/core/lang"
	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/identity/oidc"
	"openhall.org/openhall/internal/platform/identity/oidc/oidctest"
	"openhall.org/openhall/internal/platform/registry"
	"openhall.org/openhall/internal/platform/store"
	"openhall.org/openhall/internal/platform/store/seal"
	"openhall.org/openhall/internal/platform/store/storetest"
	"openhall.org/openhall/internal/platform/web"
	"openhall.org/openhall/internal/platform/web/i18n"
	"openhall.org/openhall/internal/slice/account"
	"openhall.org/openhall/policies"
)

const (
	hefei    = "340100000000"
	password = "riverside-lantern-82"
	// Both are published examples of GB 11643; nobody bears them.
	wang = "11010519491231002X"
	li   = "34052419800101001X"
)

// hall is a site with the pages of accounts and a clock that stands until it is moved.
type hall struct {
	t      *testing.T
	people *identity.Service
	reg    *registry.Registry
	server *httptest.Server
	log    bytes.Buffer
	mu     sync.Mutex
	now    time.Time
	there  *oidctest.Provider
	held   []casework.HeldTask
}

// Held implements account.Tasks.
func (h *hall) Held(_ context.Context, account store.ID, _ int) (tasks []casework.HeldTask, all int, err error) {
	for _, t := range h.held {
		if t.Task.Holder == account {
			tasks = append(tasks, t)
		}
	}
	return tasks, len(tasks), nil
}

// require makes the hall ask a second factor of staff.
func (h *hall) require() { h.people.SecondFactor = identity.FactorRequired }

func (h *hall) clock() time.Time {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.now
}

func (h *hall) wait(d time.Duration) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.now = h.now.Add(d)
}

type guard struct {
	people *identity.Service
	rules  *identity.Policies
}

func (g guard) Allow(r *http.Request, route web.Route) error {
	who, err := g.people.Principal(r)
	if err != nil {
		return err
	}
	if err := g.rules.AllowRoute(who, route.Action); err != nil {
		return err
	}
	if route.Fresh {
		return g.people.Fresh(r)
	}
	return nil
}

func (g guard) UserOf(r *http.Request) (*web.UserView, error) {
	who, err := g.people.Principal(r)
	if err != nil || who.Kind == identity.Visitor {
		return nil, err
	}
	return &web.UserView{Name: who.Name, Kind: string(who.Kind), For: who.For.Name}, nil
}

func text(s string) lang.Text { return lang.Text{Hans: s, Hant: s, En: s} }

// towns puts a body with four posts into the registry.
func towns(e *registry.Edit) error {
	post := func(key, role string) error {
		return e.PutPost(registry.Post{Key: key, Body: "hefei-water", Roles: []string{role}, Title: text(key)})
	}
	return errors.Join(
		e.PutDivisions([]registry.Division{{Code: "340000000000", Level: registry.Province, Name: text("安徽省")}, {Code: hefei, Level: registry.City, Name: text("合肥市")}}),
		e.PutBody(registry.Body{Key: "hefei-water", Division: hefei, Name: lang.Text{Hans: "合肥市水务局", Hant: "合肥市水務局", En: "Hefei Water Bureau"}}),
		post("water.reviewer", "reviewer"), post("water.supervisor", "supervisor"),
		post("sys", "system-admin"), post("sec", "security-admin"), post("aud", "audit-admin"),
	)
}

func open(t *testing.T, db *store.DB) *hall {
	t.Helper()
	// 12:00 in Beijing on Monday 23 November 2026.
	h := &hall{t: t, now: time.Date(2026, 11, 23, 4, 0, 0, 0, time.UTC)}
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	keys, err := seal.New(bytes.Repeat([]byte{7}, 32))
	must(err)
	ids, err := store.NewIDs(1, h.clock)
	must(err)
	h.reg, err = registry.Open(t.Context(), db)
	must(err)
	must(h.reg.Edit(t.Context(), towns))
	rules, err := identity.LoadPolicies(policies.Files, func() identity.Places { return h.reg.Now() })
	must(err)
	h.people, err = identity.New(identity.Options{DB: db, Keys: keys, IDs: ids, Now: h.clock, Registry: h.reg, Policies: rules, BaseURL: "https://hall.example.org",
		Cost: identity.Cost{Memory: 64, Time: 1, Threads: 1}, Failed: func(_ http.ResponseWriter, _ *http.Request, err error) { t.Error(err) }})
	must(err)
	words, err := i18n.Load(web.Messages(), i18n.Source{Module: "identity", FS: identity.Locales}, account.Messages())
	must(err)
	h.there = oidctest.New(t, "hall", "", h.clock)
	gov, err := oidc.New(oidc.Config{Name: "gov", Title: "省统一认证", Issuer: h.there.URL, ClientID: "hall", Create: true, Claims: oidc.Claims{Number: "id_number"}},
		"https://hall.example.org", &http.Client{Timeout: 5 * time.Second}, h.clock)
	must(err)
	s, err := account.New(account.Deps{Identity: h.people, Policies: rules, Registry: h.reg, Now: h.clock, Tasks: h, Providers: []*oidc.Provider{gov}})
	must(err)
	g := guard{h.people, rules}
	shell, err := web.New(web.Config{Catalogue: words, Clock: h.clock, Log: slog.New(slog.NewTextHandler(&h.log, nil)), Users: g, Guard: g, Explain: web.ExplainRefusal,
		Site: web.Site{Name: text("Hall"), SignIn: "/signin", SignOut: "/signout", Account: "/account", Factors: "/account/factors", Confirm: "/account/confirm"}})
	must(err)
	s.Mount(shell)
	for _, path := range []string{"/{$}", "/me", "/desk", "/board"} {
		shell.Handle("GET "+path, web.Route{Name: "t" + path, Public: true}, func(w http.ResponseWriter, _ *http.Request) error {
			_, err := io.WriteString(w, "elsewhere")
			return err
		})
	}
	pages, err := shell.Handler()
	must(err)
	h.server = httptest.NewServer(h.people.Sessions(pages))
	t.Cleanup(h.server.Close)
	t.Cleanup(func() {
		if missing := words.Missing(); len(missing) > 0 {
			t.Errorf("messages asked for in vain: %v", missing)
		}
		for _, secret := range []string{password, wang, li, "13800000001", "王小明", "?next="} {
			if strings.Contains(h.log.String(), secret) {
				t.Errorf("the log holds %q", secret)
			}
		}
	})
	return h
}

func each(t *testing.T, test func(t *testing.T, h *hall)) {
	t.Helper()
	storetest.Each(t, []store.Migrations{registry.Schema(), identity.Schema()}, func(t *testing.T, db *store.DB) { test(t, open(t, db)) })
}

// browser is somebody at a screen, in English.
type browser struct {
	h      *hall
	client *http.Client
}

func (h *hall) browser() *browser {
	h.t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		h.t.Fatal(err)
	}
	return &browser{h, &http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
}

// answer is a page: its status, where it leads, and its text.
type answer struct {
	status  int
	to      string
	page    string
	headers http.Header
}

func (b *browser) do(method, path string, fields url.Values) answer {
	b.h.t.Helper()
	r, err := http.NewRequestWithContext(b.h.t.Context(), method, b.h.server.URL+path, strings.NewReader(fields.Encode()))
	if err != nil {
		b.h.t.Fatal(err)
	}
	if fields != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	r.Header.Set("Accept-Language", "en")
	res, err := b.client.Do(r)
	if err != nil {
		b.h.t.Fatal(err)
	}
	defer res.Body.Close()
	page, err := io.ReadAll(res.Body)
	if err != nil {
		b.h.t.Fatal(err)
	}
	return answer{res.StatusCode, res.Header.Get("Location"), string(page), res.Header}
}

func (b *browser) get(path string) answer { return b.do(http.MethodGet, path, nil) }

// post sends pairs of fields and values.
func (b *browser) post(path string, pairs ...string) answer {
	fields := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		fields.Add(pairs[i], pairs[i+1])
	}
	return b.do(http.MethodPost, path, fields)
}

func (a answer) want(t *testing.T, status int, words ...string) answer {
	t.Helper()
	if a.status != status {
		t.Fatalf("status %d, want %d: %s", a.status, status, a.page)
	}
	for _, word := range words {
		if !strings.Contains(a.page, word) {
			t.Errorf("the page does not have %q", word)
		}
	}
	return a
}

func (a answer) leads(t *testing.T, to string) {
	t.Helper()
	if a.status != http.StatusSeeOther || a.to != to {
		t.Fatalf("%d to %q, want 303 to %q: %s", a.status, a.to, to, a.page)
	}
}

func (b *browser) signIn(login string) *browser {
	b.h.t.Helper()
	if a := b.post("/signin", "login", login, "password", password); a.status != http.StatusSeeOther {
		b.h.t.Fatalf("%s can't sign in: %d %s", login, a.status, a.page)
	}
	return b
}

func (h *hall) person(login, name, number string) identity.Account {
	h.t.Helper()
	a, err := h.people.Register(h.t.Context(), identity.Registration{Kind: identity.Person, Login: login, Password: password, Name: name, Number: number, Phone: "13800000001"})
	if err != nil {
		h.t.Fatal(err)
	}
	return a
}

// staff adds a member of staff who holds the posts from a year ago on.
func (h *hall) staff(login string, posts ...string) identity.Account {
	h.t.Helper()
	a, err := h.people.CreateStaff(h.t.Context(), identity.Platform, identity.NewStaff{Login: login, Password: password, Name: "徐望舒"})
	if err == nil {
		err = h.reg.Edit(h.t.Context(), func(e *registry.Edit) error {
			for _, post := range posts {
				if err := e.Appoint(a.ID, post, h.clock().AddDate(-1, 0, 0), time.Time{}); err != nil {
					return err
				}
			}
			return nil
		})
	}
	if err != nil {
		h.t.Fatal(err)
	}
	return a
}
