package account_test

import (
	"bytes"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"openhall.org/openhall/internal/core/lang"
	"openhall.org/openhall/internal/platform/identity"
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
}

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
	return g.rules.AllowRoute(who, route.Action)
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
	h.people, err = identity.New(identity.Options{DB: db, Keys: keys, IDs: ids, Now: h.clock, Registry: h.reg, Policies: rules,
		Cost: identity.Cost{Memory: 64, Time: 1, Threads: 1}, Failed: func(_ http.ResponseWriter, _ *http.Request, err error) { t.Error(err) }})
	must(err)
	words, err := i18n.Load(web.Messages(), i18n.Source{Module: "identity", FS: identity.Locales}, account.Messages())
	must(err)
	s, err := account.New(account.Deps{Identity: h.people, Policies: rules, Registry: h.reg, Now: h.clock})
	must(err)
	g := guard{h.people, rules}
	shell, err := web.New(web.Config{Catalogue: words, Clock: h.clock, Log: slog.New(slog.NewTextHandler(&h.log, nil)), Users: g, Guard: g, Explain: web.ExplainRefusal,
		Site: web.Site{Name: text("Hall"), SignIn: "/signin", SignOut: "/signout", Account: "/account"}})
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

func TestSignIn(t *testing.T) {
	each(t, func(t *testing.T, h *hall) {
		h.person("wang", "王小明", wang)
		h.staff("xuws", "water.reviewer")
		h.staff("sec", "sec")
		for _, c := range []struct{ login, next, to string }{
			{"wang", "", "/me"}, {"wang", "/hall/items/1?lang=en", "/hall/items/1?lang=en"},
			{"wang", "https://evil.example/", "/me"}, {"wang", "//evil.example/", "/me"}, {"wang", `/\evil.example`, "/me"}, {"wang", "/signin", "/me"},
			{"xuws", "", "/desk"}, {"sec", "", "/admin"},
		} {
			h.browser().post("/signin", "login", c.login, "password", password, "next", c.next).leads(t, c.to)
		}
		b := h.browser()
		b.get("/signin?next=%2Fdesk").want(t, http.StatusOK, `name="next" value="/desk"`, `autocomplete="current-password"`)
		b.get("/account").leads(t, "/signin?next=%2Faccount")
		b.signIn("wang").get("/signin?next=%2Faccount").leads(t, "/account")
		page := b.get("/account").want(t, http.StatusOK, "王小明", "110105********002X", "138****0001")
		if page.headers.Get("Cache-Control") != "no-store" || strings.Contains(page.page, wang) {
			t.Error("the page of an account may be cached, or shows the whole number")
		}
		b.post("/signout").leads(t, "/")
		b.get("/account").leads(t, "/signin?next=%2Faccount")
	})
}

// What is wrong is told without saying whether there is such an account; what was typed stays, but for the password.
func TestSignInRefused(t *testing.T) {
	each(t, func(t *testing.T, h *hall) {
		closed := h.staff("closed")
		h.person("wang", "王小明", wang)
		if err := h.people.SetDisabled(t.Context(), identity.Platform, closed.ID, true); err != nil {
			t.Fatal(err)
		}
		b := h.browser()
		b.post("/signin", "login", "wang").want(t, http.StatusUnprocessableEntity, "Fill in “Password”", "Error: ")
		var first string
		for _, c := range [][2]string{{"wang", "another-one-11"}, {"nobody", password}, {"closed", password}} {
			a := b.post("/signin", "login", c[0], "password", c[1], "next", "/hall").want(t, http.StatusUnprocessableEntity, "user name or the password", `value="/hall"`, `value="`+c[0]+`"`)
			if strings.Contains(a.page, c[1]) {
				t.Error("a password was sent back")
			}
			same := strings.ReplaceAll(a.page, `value="`+c[0]+`"`, "")
			if first == "" {
				first = same
			} else if same != first {
				t.Errorf("the page for %s tells it from others", c[0])
			}
		}
		for range 3 {
			b.post("/signin", "login", "wang", "password", "another-one-11")
		}
		// The fourth failure costs one second.
		a := b.post("/signin", "login", "wang", "password", password).want(t, http.StatusTooManyRequests, "1 second to go")
		if a.headers.Get("Retry-After") != "1" {
			t.Errorf("Retry-After: %q", a.headers.Get("Retry-After"))
		}
		h.wait(time.Second)
		b.signIn("wang")
	})
}

func TestRegister(t *testing.T) {
	each(t, func(t *testing.T, h *hall) {
		b := h.browser()
		b.get("/register").want(t, http.StatusOK, `href="/privacy"`)
		fields := func(change ...string) []string {
			typed := map[string]string{"name": "王小明", "number": wang, "phone": "13800000001", "login": "wang", "password": password, "again": password}
			for i := 0; i+1 < len(change); i += 2 {
				typed[change[i]] = change[i+1]
			}
			var pairs []string
			for k, v := range typed {
				pairs = append(pairs, k, v)
			}
			return pairs
		}
		for _, c := range []struct {
			name  string
			pairs []string
			want  string
		}{
			{"a wrong check digit", fields("number", "110105194912310021"), "Number: "},
			{"a small letter", fields("number", "11010519491231002x"), "small letter"},
			{"no name", fields("name", ""), "Name: Fill this in"},
			{"a short password", fields("password", "short", "again", "short"), "at least 10 characters"},
			{"two passwords", fields("again", "riverside-lantern-83"), "The two passwords differ"},
			{"a guessed password", fields("password", "wangwangwang1949", "again", "wangwangwang1949", "login", "wangwangwang1949"), "Too easy to guess"},
			{"no telephone", fields("phone", "12"), "Telephone: "},
		} {
			a := b.post("/register", c.pairs...)
			if a.status != http.StatusUnprocessableEntity || !strings.Contains(a.page, c.want) || strings.Contains(a.page, password) {
				t.Errorf("%s: %d, the page does not have %q or sends the password back: %s", c.name, a.status, c.want, a.page)
			}
		}
		b.post("/register", fields()...).leads(t, "/account")
		b.get("/account").want(t, http.StatusOK, "You are registered and signed in")
		h.browser().post("/register", fields("login", "other")...).want(t, http.StatusUnprocessableEntity, "Number: This is already registered")
	})
}

func TestChangePassword(t *testing.T) {
	each(t, func(t *testing.T, h *hall) {
		h.person("wang", "王小明", wang)
		b, other := h.browser().signIn("wang"), h.browser().signIn("wang")
		const fresh = "harbour-window-17"
		b.post("/account/password", "old", "another-one-11", "password", fresh, "again", fresh).want(t, http.StatusUnprocessableEntity, "not your present password")
		b.post("/account/password", "old", password, "password", "short", "again", "short").want(t, http.StatusUnprocessableEntity, "Password: A password has")
		b.post("/account/password", "old", "", "password", fresh, "again", fresh).want(t, http.StatusUnprocessableEntity, "Fill in “Present password”")
		b.post("/account/password", "old", password, "password", fresh, "again", fresh).leads(t, "/account")
		b.get("/account").want(t, http.StatusOK, "The password was changed")
		other.get("/account").leads(t, "/signin?next=%2Faccount")
	})
}

// TestOrganisation: a representative registers an organisation, acts for it, gives and takes back a mandate for it.
func TestOrganisation(t *testing.T) {
	each(t, func(t *testing.T, h *hall) {
		h.person("wang", "王小明", wang)
		h.person("lisi", "李四", li)
		b := h.browser().signIn("wang")
		fields := []string{"name", "清河食品有限公司", "phone", "13800000001", "login", "qinghe", "password", "harbour-window-17", "again", "harbour-window-17", "number"}
		b.post("/account/organisation", append(fields, "91340100MA2MT0000I")...).want(t, http.StatusUnprocessableEntity, "清河食品有限公司")
		// The example of GB 32100-2015.
		b.post("/account/organisation", append(fields, "91350100M000100Y43")...).leads(t, "/account")
		b.get("/account").want(t, http.StatusOK, "You are acting for 清河食品有限公司")
		b.get("/account/organisation").want(t, http.StatusForbidden, "by a person in their own name")

		b.post("/account/mandates", "login", "lisi", "name", "李五").want(t, http.StatusUnprocessableEntity, "No person has this user name", `value="李五"`)
		b.post("/account/mandates", "login", "lisi", "name", "李四", "until-year", "2026", "until-month", "11", "until-day", "22").want(t, http.StatusUnprocessableEntity, "must not lie in the past")
		b.post("/account/mandates", "login", "lisi", "name", "李四", "until-year", "2026", "until-month", "11", "until-day", "23").leads(t, "/account/mandates")
		page := b.get("/account/mandates").want(t, http.StatusOK, "李四", "24 November 2026, 00:00")

		agent := h.browser().signIn("lisi")
		party := between(t, agent.get("/account").page, `name="party" value="`, `"`, "清河食品有限公司")
		agent.post("/account/acting", "party", party).leads(t, "/account")
		agent.get("/account").want(t, http.StatusOK, "You are acting for 清河食品有限公司")
		agent.post("/account/mandates", "login", "wang", "name", "王小明").want(t, http.StatusForbidden, "cannot pass a mandate on")

		mandate := between(t, page.page, "/account/mandates/", "/revoke", "李四")
		b.post("/account/mandates/"+mandate+"/revoke").leads(t, "/account/mandates")
		if strings.Contains(agent.get("/account").page, "清河食品有限公司") {
			t.Error("the agent still acts after the mandate was taken back")
		}
		agent.post("/account/acting", "party", party).want(t, http.StatusForbidden, "no mandate")
		agent.post("/account/acting", "party", "x").want(t, http.StatusBadRequest)
		b.post("/account/acting", "party", "0").leads(t, "/account")
		if strings.Contains(b.get("/account").page, "You are acting for") {
			t.Error("the representative still acts for the organisation")
		}
	})
}

// between returns what stands between two texts, at their last place up to the last mark.
func between(t *testing.T, page, from, to, mark string) string {
	t.Helper()
	before := page[:strings.LastIndex(page, mark)+len(mark)]
	if at := strings.LastIndex(before, from); at >= 0 {
		if found, _, ok := strings.Cut(page[at+len(from):], to); ok {
			return found
		}
	}
	t.Fatalf("nothing between %q and %q near %q", from, to, mark)
	return ""
}

func TestChoosePost(t *testing.T) {
	each(t, func(t *testing.T, h *hall) {
		h.staff("xuws", "water.reviewer", "water.supervisor")
		b := h.browser().signIn("xuws")
		b.get("/account").want(t, http.StatusOK, "Hefei Water Bureau water.reviewer", "Supervisor")
		b.post("/account/post", "post", "water.supervisor").leads(t, "/board")
		b.post("/account/post", "post", "sec").want(t, http.StatusForbidden, "do not hold this post")
		b.get("/account/mandates").want(t, http.StatusForbidden, "Accounts of staff")
		h.staff("idle")
		h.browser().signIn("idle").get("/account").want(t, http.StatusOK, "You hold no post")
	})
}

// TestDoors: what each kind of account may open, by hand from policies/administration.cedar.
func TestDoors(t *testing.T) {
	each(t, func(t *testing.T, h *hall) {
		h.person("wang", "王小明", wang)
		for _, login := range []string{"sys", "sec", "aud"} {
			h.staff(login, login)
		}
		h.staff("xuws", "water.reviewer")
		doors := []string{"/admin", "/admin/accounts", "/admin/accounts/new", "/admin/tokens", "/admin/people", "/admin/people/hefei-water"}
		for login, may := range map[string]string{"wang": "000000", "xuws": "000000", "sys": "100011", "sec": "111100", "aud": "100000"} {
			b := h.browser().signIn(login)
			for i, path := range doors {
				want := http.StatusForbidden
				if may[i] == '1' {
					want = http.StatusOK
				}
				if a := b.get(path); a.status != want {
					t.Errorf("%s at %s: %d, want %d", login, path, a.status, want)
				}
			}
		}
		h.browser().signIn("sys").get("/admin").want(t, http.StatusOK, `href="/admin/people"`, `href="/admin/items"`)
	})
}

func TestStaff(t *testing.T) {
	each(t, func(t *testing.T, h *hall) {
		self := h.staff("sec", "sec")
		b := h.browser().signIn("sec")
		b.post("/admin/accounts/new", "login", "s", "name", "").want(t, http.StatusUnprocessableEntity, "Name: Fill this in", "User name: ")
		page := b.post("/admin/accounts/new", "login", "new.clerk", "name", "赵一").want(t, http.StatusOK, "This is shown once")
		first := between(t, page.page, `id="secret">`, "<", `id="secret">`)
		clerk := h.browser()
		clerk.post("/signin", "login", "new.clerk", "password", first).leads(t, "/account")

		b.post("/admin/accounts", "login", "nobody").want(t, http.StatusUnprocessableEntity, "no such account", `value="nobody"`)
		found := b.post("/admin/accounts", "login", "NEW.clerk")
		if !strings.HasPrefix(found.to, "/admin/accounts/") {
			t.Fatalf("found leads to %q", found.to)
		}
		again := b.get(found.to).want(t, http.StatusOK, "赵一", "Open")
		if strings.Contains(again.page, first) {
			t.Error("the first password is shown again")
		}
		b.post(found.to+"/disabled", "disabled", "true").leads(t, found.to)
		clerk.get("/account").leads(t, "/signin?next=%2Faccount")
		b.post(found.to+"/disabled", "disabled", "false").leads(t, found.to)
		second := between(t, b.post(found.to+"/password").want(t, http.StatusOK).page, `id="secret">`, "<", `id="secret">`)
		clerk.post("/signin", "login", "new.clerk", "password", first).want(t, http.StatusUnprocessableEntity)
		clerk.post("/signin", "login", "new.clerk", "password", second).leads(t, "/account")

		for _, act := range []string{"/disabled", "/password"} {
			b.post("/admin/accounts/"+self.ID.String()+act, "disabled", "true").want(t, http.StatusUnprocessableEntity, "your own account")
		}
		b.get("/admin/accounts/99").want(t, http.StatusNotFound)
		b.get("/admin/accounts/x").want(t, http.StatusNotFound)
	})
}

func TestTokens(t *testing.T) {
	each(t, func(t *testing.T, h *hall) {
		h.staff("sec", "sec")
		b := h.browser().signIn("sec")
		b.get("/admin/tokens").want(t, http.StatusOK, "There are no tokens", "case.submit")
		until := []string{"until-year", "2027", "until-month", "11", "until-day", "23"}
		good := append([]string{"name", "water system", "scopes", "case.read", "division", "340100", "body", "hefei-water"}, until...)
		for _, c := range []struct {
			name  string
			pairs []string
			want  string
		}{
			{"nothing", nil, "Fill in “System that uses it”"},
			{"no scope", append([]string{"name", "x"}, until...), "Choose an answer for “What it opens”"},
			{"another scope", append([]string{"name", "x", "scopes", "account.manage"}, until...), "What it opens: Not found"},
			{"no such division", append([]string{"name", "x", "scopes", "case.read", "division", "hefei"}, until...), "Only this division: Not found"},
			{"no such body", append([]string{"name", "x", "scopes", "case.read", "body", "hefei"}, until...), "Only this body: Not found"},
			{"no day", []string{"name", "x", "scopes", "case.read", "until-year", "2027", "until-month", "2", "until-day", "30"}, "is not a date"},
			{"too long", []string{"name", "x", "scopes", "case.read", "until-year", "2036", "until-month", "1", "until-day", "1"}, "Last day: Too long"},
		} {
			a := b.post("/admin/tokens", c.pairs...)
			if a.status != http.StatusUnprocessableEntity || !strings.Contains(a.page, c.want) {
				t.Errorf("%s: %d, the page does not have %q", c.name, a.status, c.want)
			}
		}
		page := b.post("/admin/tokens", good...).want(t, http.StatusOK, "The token of “water system”", "Hefei Water Bureau", "24 November 2027, 00:00")
		secret := between(t, page.page, `id="secret">`, "<", `id="secret">`)
		bearer := httptest.NewRequest(http.MethodGet, "/", nil)
		bearer.Header.Set("Authorization", "Bearer "+secret)
		who, err := h.people.Principal(bearer)
		if err != nil || who.Kind != identity.Machine || who.Post.Body != "hefei-water" || who.Post.Division != hefei {
			t.Fatalf("the token gives %+v, %v", who, err)
		}
		list := b.get("/admin/tokens").want(t, http.StatusOK, "water system")
		if strings.Contains(list.page, secret) {
			t.Error("the secret is shown again")
		}
		path := "/admin/tokens/" + who.Account.String() + "/revoke"
		b.post(path).leads(t, "/admin/tokens")
		if _, err := h.people.Principal(bearer); err == nil {
			t.Error("the token still opens the door")
		}
		b.post(path).want(t, http.StatusConflict, "revoked already")
	})
}

func TestAppointments(t *testing.T) {
	each(t, func(t *testing.T, h *hall) {
		h.staff("sys", "sys")
		clerk := h.staff("xuws")
		h.person("wang", "王小明", wang)
		b := h.browser().signIn("sys")
		b.get("/admin/people?q=water").want(t, http.StatusOK, `href="/admin/people/hefei-water"`)
		b.get("/admin/people?q=nothing").want(t, http.StatusOK, "There is no such body")
		b.get("/admin/people/nothing").want(t, http.StatusNotFound)

		const path = "/admin/people/hefei-water"
		from := []string{"from-year", "2026", "from-month", "11", "from-day", "23"}
		appoint := func(post, login string, more ...string) answer {
			return b.post(path, append(append([]string{"post", post, "login", login}, from...), more...)...)
		}
		appoint("water.head", "xuws").want(t, http.StatusUnprocessableEntity, "Choose an answer for “Post”", `value="xuws"`)
		appoint("water.reviewer", "wang").want(t, http.StatusUnprocessableEntity, "No open account of staff")
		appoint("water.reviewer", "sys").want(t, http.StatusUnprocessableEntity, "an administrator holds no other post")
		b.post(path, "post", "water.reviewer", "login", "xuws").want(t, http.StatusUnprocessableEntity, "Fill in “From”")
		b.post(path, "post", "water.reviewer", "login", "xuws", "from-year", "2026", "from-month", "12", "from-day", "1", "until-year", "2026", "until-month", "11", "until-day", "30").
			want(t, http.StatusUnprocessableEntity, "The end must lie after the beginning")
		appoint("water.reviewer", "xuws").leads(t, path)
		h.browser().post("/signin", "login", "xuws", "password", password).leads(t, "/desk")

		page := b.get(path).want(t, http.StatusOK, "徐望舒", "23 November 2026, 00:00")
		end := path + between(t, page.page, `href="`+path, `"`, "water.supervisor")
		b.get(end).want(t, http.StatusOK, "water.reviewer")
		b.post(end, "when", "day", "until-year", "2026", "until-month", "11", "until-day", "22").want(t, http.StatusUnprocessableEntity, "must not lie in the past")
		b.post(end, "when", "day", "until-year", "2026", "until-month", "11", "until-day", "24").leads(t, path)
		// The 24th ends at 16:00 UTC; now it is 04:00 on the 23rd.
		if got := h.reg.Now().Holders("water.reviewer", h.clock().Add(35*time.Hour)); len(got) != 1 || got[0] != clerk.ID {
			t.Errorf("an hour before the end the post is held by %v", got)
		}
		if got := h.reg.Now().Holders("water.reviewer", h.clock().Add(36*time.Hour)); len(got) != 0 {
			t.Errorf("at the end the post is held by %v", got)
		}
		b.post(end, "when", "now").leads(t, path)
		if got := h.reg.Now().Holders("water.reviewer", h.clock()); len(got) != 0 {
			t.Errorf("after the end the post is held by %v", got)
		}
		b.get(path+"/water.reviewer/"+clerk.ID.String()+"/1").want(t, http.StatusNotFound, "There is no such appointment")
	})
}

// Every page speaks three languages; what is missing is noted by the clean-up of the hall.
func TestLanguages(t *testing.T) {
	each(t, func(t *testing.T, h *hall) {
		h.person("wang", "王小明", wang)
		h.staff("sys", "sys")
		h.staff("sec", "sec")
		h.staff("aud", "aud")
		for login, paths := range map[string][]string{
			"": {"/signin", "/register"}, "wang": {"/account", "/account/password", "/account/organisation", "/account/mandates"},
			"sys": {"/account", "/admin", "/admin/people", "/admin/people/hefei-water"}, "sec": {"/admin", "/admin/accounts", "/admin/accounts/new", "/admin/tokens"}, "aud": {"/admin"},
		} {
			b := h.browser()
			if login != "" {
				b.signIn(login)
			}
			for _, path := range paths {
				for _, tag := range lang.All {
					b.get(path+"?lang="+string(tag)).want(t, http.StatusOK, `<html lang="`+string(tag)+`"`)
				}
			}
		}
	})
}

// TestMessagesAreUsed finds messages that no page of the module names.
func TestMessagesAreUsed(t *testing.T) {
	var source strings.Builder
	files, err := filepath.Glob("*")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range files {
		if ext := filepath.Ext(name); ext == ".templ" || ext == ".go" && !strings.HasSuffix(name, "_templ.go") && !strings.HasSuffix(name, "_test.go") {
			data, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			source.Write(data)
		}
	}
	keys := 0
	for _, name := range []string{"locales/account.yaml", "locales/admin.yaml"} {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.SplitSeq(string(data), "\n") {
			key, _, ok := strings.Cut(line, ": {")
			if !ok || strings.HasPrefix(key, "#") {
				continue
			}
			keys++
			composed := false
			for _, prefix := range []string{"account.field.", "account.scope.", "account.admin.", "account.mandate.ground-"} {
				composed = composed || strings.HasPrefix(key, prefix)
			}
			if !composed && !strings.Contains(source.String(), `"`+key+`"`) {
				t.Errorf("no page says %s", key)
			}
		}
	}
	if keys == 0 {
		t.Error("saw no messages")
	}
}
