package identity_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"slices"
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
	"openhall.org/openhall/policies"
)

// cheap keeps the tests quick; TestDefaultCost looks at the real one.
var cheap = identity.Cost{Memory: 64, Time: 1, Threads: 1}

// hall is a service on an empty database with a clock that stands until it is moved.
type hall struct {
	*identity.Service
	t   *testing.T
	db  *store.DB
	mu  sync.Mutex
	now time.Time
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

func open(t *testing.T, db *store.DB, tls bool) *hall {
	t.Helper()
	h := &hall{t: t, db: db, now: time.Now().UTC().Truncate(time.Second)}
	keys, err := seal.New(bytes.Repeat([]byte{7}, 32))
	if err != nil {
		t.Fatal(err)
	}
	ids, err := store.NewIDs(1, h.clock)
	if err != nil {
		t.Fatal(err)
	}
	reg, err := registry.Open(t.Context(), db)
	if err != nil {
		t.Fatal(err)
	}
	name := func(s string) lang.Text { return lang.Text{Hans: s} }
	err = reg.Edit(t.Context(), func(e *registry.Edit) error {
		return errors.Join(
			e.PutDivisions([]registry.Division{{Code: anhui, Level: registry.Province, Name: name("安徽省")}, {Code: hefei, Level: registry.City, Name: name("合肥市")}}),
			e.PutBody(registry.Body{Key: "hefei-housing", Division: hefei, Name: name("住房局")}),
			e.PutPost(registry.Post{Key: "housing.head", Body: "hefei-housing", Roles: []string{"head"}, Title: name("负责人")}),
			e.PutPost(registry.Post{Key: "housing.reviewer", Body: "hefei-housing", Roles: []string{"reviewer"}, Title: name("审核")}),
		)
	})
	if err != nil {
		t.Fatal(err)
	}
	rules, err := identity.LoadPolicies(policies.Files, func() identity.Places { return reg.Now() })
	if err != nil {
		t.Fatal(err)
	}
	h.Service, err = identity.New(identity.Options{
		DB: db, Keys: keys, IDs: ids, Now: h.clock, Registry: reg, Policies: rules, TLS: tls, Cost: cheap,
		Failed: func(w http.ResponseWriter, _ *http.Request, err error) { t.Error(err) },
	})
	if err != nil {
		t.Fatal(err)
	}
	return h
}

func each(t *testing.T, test func(t *testing.T, h *hall)) {
	t.Helper()
	storetest.Each(t, []store.Migrations{registry.Schema(), identity.Schema()}, func(t *testing.T, db *store.DB) { test(t, open(t, db, false)) })
}

const password = "riverside-lantern-82"

// The numbers are the examples of GB 11643-1999 and of other published texts; nobody bears them.
func person() identity.Registration {
	return identity.Registration{Kind: identity.Person, Login: "Wang.Xiaoming", Password: password, Name: "王小明", Number: "11010519491231002X", Phone: "13800000001"}
}

func (h *hall) register(r identity.Registration) identity.Account {
	h.t.Helper()
	a, err := h.Register(h.t.Context(), r)
	if err != nil {
		h.t.Fatal(err)
	}
	return a
}

func (h *hall) staff(login string) identity.Account {
	h.t.Helper()
	a, err := h.CreateStaff(h.t.Context(), identity.Platform, identity.NewStaff{Login: login, Password: password, Name: "徐望舒"})
	if err != nil {
		h.t.Fatal(err)
	}
	return a
}

func (h *hall) appoint(account store.ID, posts ...string) {
	h.t.Helper()
	err := h.Registry.Edit(h.t.Context(), func(e *registry.Edit) error {
		for _, post := range posts {
			if err := e.Appoint(account, post, h.clock(), time.Time{}); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		h.t.Fatal(err)
	}
}

// refused asserts that err is a refusal with the code and exactly these fields.
func refused(t *testing.T, err error, code string, fields ...string) {
	t.Helper()
	var r *identity.Refusal
	if !errors.As(err, &r) || r.Code != code {
		t.Errorf("got %v, want the refusal %s", err, code)
		return
	}
	var got []string
	for _, f := range r.Fields {
		got = append(got, f.Field+":"+f.Code)
	}
	if !slices.Equal(got, fields) {
		t.Errorf("fields %v, want %v", got, fields)
	}
}

// site is the hall with a browser: sign-in and whoami over HTTP.
type site struct {
	*hall
	server  *httptest.Server
	browser *http.Client
	sent    []*http.Cookie // by the last answer
}

func newSite(h *hall) *site {
	mux := http.NewServeMux()
	answer := func(w http.ResponseWriter, err error) {
		var r *identity.Refusal
		switch {
		case errors.As(err, &r):
			http.Error(w, r.Code, http.StatusForbidden)
		case err != nil:
			http.Error(w, err.Error(), http.StatusInternalServerError)
		}
	}
	mux.HandleFunc("/in", func(w http.ResponseWriter, r *http.Request) {
		_, err := h.SignIn(r, r.FormValue("login"), r.FormValue("password"))
		answer(w, err)
	})
	mux.HandleFunc("/out", func(w http.ResponseWriter, r *http.Request) { answer(w, h.SignOut(r)) })
	mux.HandleFunc("/post", func(w http.ResponseWriter, r *http.Request) { answer(w, h.ChoosePost(r, r.FormValue("key"))) })
	mux.HandleFunc("/for", func(w http.ResponseWriter, r *http.Request) {
		id, err := store.ParseID(r.FormValue("id"))
		if r.FormValue("id") == "0" {
			id, err = 0, nil
		}
		answer(w, errors.Join(err, h.ActFor(r, id)))
	})
	mux.HandleFunc("/who", func(w http.ResponseWriter, r *http.Request) {
		who, err := h.Principal(r)
		if err != nil {
			answer(w, err)
			return
		}
		again, err := h.Principal(r)
		if err != nil || again.Account != who.Account {
			http.Error(w, "two answers in one request", http.StatusInternalServerError)
			return
		}
		_, _ = io.WriteString(w, string(who.Kind)+" "+who.Name+" "+who.Post.ID+" "+who.Party().Name)
	})
	return &site{hall: h, server: newServer(h.t, h.Sessions(mux)), browser: newBrowser(h.t)}
}

func newServer(t *testing.T, handler http.Handler) *httptest.Server {
	s := httptest.NewServer(handler)
	t.Cleanup(s.Close)
	return s
}

func newBrowser(t *testing.T) *http.Client {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &http.Client{Jar: jar}
}

func (s *site) get(path string, form ...string) (int, string) {
	s.t.Helper()
	q := url.Values{}
	for i := 0; i+1 < len(form); i += 2 {
		q.Set(form[i], form[i+1])
	}
	res, err := s.browser.Get(s.server.URL + path + "?" + q.Encode())
	if err != nil {
		s.t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	s.sent = res.Cookies()
	return res.StatusCode, strings.TrimSpace(string(body))
}

func (s *site) is(when, want string) {
	s.t.Helper()
	if _, got := s.get("/who"); got != want {
		s.t.Errorf("%s: who acts: %q, want %q", when, got, want)
	}
}

func (s *site) signIn(login string) {
	s.t.Helper()
	if code, body := s.get("/in", "login", login, "password", password); code != http.StatusOK {
		s.t.Fatalf("sign in as %s: %d %s", login, code, body)
	}
}

func (s *site) cookie() string {
	u, err := url.Parse(s.server.URL)
	if err != nil {
		s.t.Fatal(err)
	}
	for _, c := range s.browser.Jar.Cookies(u) {
		return c.Value
	}
	return ""
}

func TestRegister(t *testing.T) {
	each(t, func(t *testing.T, h *hall) {
		a := h.register(person())
		if a.Kind != identity.Person || a.Login != "Wang.Xiaoming" || a.Name != "王小明" || a.Number != "11010519491231002X" || a.Phone != "13800000001" || a.Disabled || !a.CreatedAt.Equal(h.clock()) {
			t.Errorf("account %+v", a)
		}
		for what, find := range map[string]func() (identity.Account, error){
			"login":  func() (identity.Account, error) { return h.AccountByLogin(t.Context(), " wang.xiaoming ") },
			"number": func() (identity.Account, error) { return h.AccountByNumber(t.Context(), "11010519491231002x") },
		} {
			if b, err := find(); err != nil || b.ID != a.ID {
				t.Errorf("by %s: %v, %v", what, b.ID, err)
			}
		}
		_, err := h.Account(t.Context(), 12345)
		refused(t, err, identity.RefusedNoAccount)

		firm := identity.Registration{Kind: identity.Enterprise, Login: "firm", Password: password, Name: "安徽示例有限公司", Number: "91350100M000100Y43", Phone: "0551-62601000", Representative: a.ID}
		b := h.register(firm)
		parties, err := h.Parties(t.Context(), a.ID)
		if err != nil || len(parties) != 1 || parties[0] != (identity.Party{ID: b.ID, Kind: identity.Enterprise, Name: "安徽示例有限公司"}) {
			t.Errorf("parties %+v, %v", parties, err)
		}
	})
}

func TestRegisterRefuses(t *testing.T) {
	each(t, func(t *testing.T, h *hall) {
		for name, c := range map[string]struct {
			change func(r *identity.Registration)
			fields []string
		}{
			"empty":            {func(r *identity.Registration) { *r = identity.Registration{Kind: identity.Person} }, []string{"login:required", "name:required", "password:required", "number:required", "phone:required"}},
			"kind":             {func(r *identity.Registration) { r.Kind = identity.Staff }, []string{"kind:kind"}},
			"login too short":  {func(r *identity.Registration) { r.Login = "ab" }, []string{"login:login"}},
			"login with blank": {func(r *identity.Registration) { r.Login = "wang ming" }, []string{"login:login"}},
			"check digit":      {func(r *identity.Registration) { r.Number = "110105194912310021" }, []string{"number:number"}},
			"not yet born":     {func(r *identity.Registration) { r.Number = "110105299912310022" }, []string{"number:number"}},
			"phone":            {func(r *identity.Registration) { r.Phone = "12" }, []string{"phone:number"}},
			"short password":   {func(r *identity.Registration) { r.Password = "a1b2c3d4e" }, []string{"password:short"}},
			"long password":    {func(r *identity.Registration) { r.Password = strings.Repeat("ab1x9", 26) }, []string{"password:long"}},
			"sequence":         {func(r *identity.Registration) { r.Password = "1234567890" }, []string{"password:guessed"}},
			"repetition":       {func(r *identity.Registration) { r.Password = "aaaa1111aaaa" }, []string{"password:guessed"}},
			"own login":        {func(r *identity.Registration) { r.Password = "wang.xiaoming!" }, []string{"password:guessed"}},
			"own number":       {func(r *identity.Registration) { r.Password = "x11010519491231002x" }, []string{"password:guessed"}},
			"part of a number": {func(r *identity.Registration) { r.Password = "1949123100" }, []string{"password:guessed"}},
			"no representative": {func(r *identity.Registration) {
				r.Kind, r.Number = identity.Enterprise, "91350100M000100Y43"
			}, []string{"representative:unknown"}},
		} {
			r := person()
			c.change(&r)
			_, err := h.Register(t.Context(), r)
			t.Run(name, func(t *testing.T) { refused(t, err, identity.RefusedForm, c.fields...) })
		}
		// The parser of the number says in words what is wrong.
		other := person()
		other.Number = "110105194912310021"
		_, err := h.Register(t.Context(), other)
		var wrong *identity.Refusal
		if !errors.As(err, &wrong) || !wrong.Fields[0].Text.Complete() {
			t.Errorf("no words: %+v", wrong)
		}

		h.register(person())
		_, err = h.Register(t.Context(), person())
		refused(t, err, identity.RefusedForm, "login:taken", "number:taken")
		other = person()
		other.Login = "another"
		_, err = h.Register(t.Context(), other)
		refused(t, err, identity.RefusedForm, "number:taken")
	})
}

func TestTwoRegisterTheSameNumberAtOnce(t *testing.T) {
	each(t, func(t *testing.T, h *hall) {
		var made, taken int
		var mu sync.Mutex
		var all sync.WaitGroup
		for range 8 {
			all.Go(func() {
				_, err := h.Register(context.Background(), person())
				var r *identity.Refusal
				mu.Lock()
				defer mu.Unlock()
				switch {
				case err == nil:
					made++
				case errors.As(err, &r) && r.Code == identity.RefusedForm:
					taken++
				default:
					t.Error(err)
				}
			})
		}
		all.Wait()
		if made != 1 || taken != 7 {
			t.Errorf("made %d, refused %d; want 1 and 7", made, taken)
		}
	})
}

func TestSessionEnds(t *testing.T) {
	for name, end := range map[string]func(h *hall, s *site, a identity.Account) error{
		"disabled": func(h *hall, _ *site, a identity.Account) error {
			return h.SetDisabled(h.t.Context(), identity.Platform, a.ID, true)
		},
		"reset password": func(h *hall, _ *site, a identity.Account) error {
			return h.SetPassword(h.t.Context(), identity.Platform, a.ID, "another-lantern-91")
		},
		"new password": func(h *hall, _ *site, a identity.Account) error {
			return h.ChangePassword(h.t.Context(), a.ID, password, "another-lantern-91")
		},
		"signed out": func(_ *hall, s *site, _ identity.Account) error { s.get("/out"); return nil },
		"12 hours":   func(h *hall, _ *site, _ identity.Account) error { h.wait(12*time.Hour + time.Second); return nil },
	} {
		t.Run(name, func(t *testing.T) {
			each(t, func(t *testing.T, h *hall) {
				a := h.register(person())
				s := newSite(h)
				s.is("before", "visitor")
				s.signIn("wang.xiaoming")
				s.is("signed in", "person 王小明  王小明")
				stolen := s.cookie()
				if err := end(h, s, a); err != nil {
					t.Fatal(err)
				}
				s.is("after", "visitor")
				s.browser = newBrowser(t)
				u, _ := url.Parse(s.server.URL)
				s.browser.Jar.SetCookies(u, []*http.Cookie{{Name: "openhall", Value: stolen}})
				s.is("with a copy of the cookie", "visitor")
			})
		})
	}
}

func TestStaffSessionEndsWhenIdle(t *testing.T) {
	each(t, func(t *testing.T, h *hall) {
		h.staff("reviewer.xu")
		h.register(person())
		staff, public := newSite(h), newSite(h)
		staff.signIn("reviewer.xu")
		public.signIn("wang.xiaoming")
		for range 3 { // busy: an hour and more in all
			h.wait(29 * time.Minute)
			staff.is("busy", "staff 徐望舒")
		}
		h.wait(31 * time.Minute)
		staff.is("idle", "visitor")
		public.is("idle", "person 王小明  王小明")
	})
}

func TestSessionFixation(t *testing.T) {
	each(t, func(t *testing.T, h *hall) {
		h.register(person())
		s := newSite(h)
		u, err := url.Parse(s.server.URL)
		if err != nil {
			t.Fatal(err)
		}
		planted := strings.Repeat("A", 43)
		s.browser.Jar.SetCookies(u, []*http.Cookie{{Name: "openhall", Value: planted, Path: "/"}})
		s.signIn("wang.xiaoming")
		first := s.cookie()
		if first == planted {
			t.Fatal("the planted token was taken")
		}
		s.signIn("wang.xiaoming") // once more in the same browser
		if s.cookie() == first {
			t.Error("the token was not renewed at sign-in")
		}
		attacker := newBrowser(t)
		for _, token := range []string{planted, first} {
			attacker.Jar.SetCookies(u, []*http.Cookie{{Name: "openhall", Value: token, Path: "/"}})
			s.browser = attacker
			s.is("an old token", "visitor")
		}
	})
}

func TestSignOutIsNotUndoneByARequestUnderWay(t *testing.T) {
	each(t, func(t *testing.T, h *hall) {
		h.register(person())
		var s *site
		mux := http.NewServeMux()
		mux.HandleFunc("/slow", func(w http.ResponseWriter, r *http.Request) {
			if who, err := h.Principal(r); err != nil || who.Kind != identity.Person {
				t.Errorf("slow request: %v, %v", who, err)
			}
			s.get("/out")
			w.WriteHeader(http.StatusOK) // the session is written now: it noted that it was used
		})
		s = newSite(h)
		slow := newServer(t, h.Sessions(mux))
		s.signIn("wang.xiaoming")
		token := s.cookie()
		h.wait(2 * time.Minute)
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, slow.URL+"/slow", http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		req.AddCookie(&http.Cookie{Name: "openhall", Value: token})
		res, err := newBrowser(t).Do(req)
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
		u, _ := url.Parse(s.server.URL)
		s.browser.Jar.SetCookies(u, []*http.Cookie{{Name: "openhall", Value: token, Path: "/"}})
		s.is("after signing out", "visitor")
	})
}

func TestCookie(t *testing.T) {
	for _, tls := range []bool{false, true} {
		h := open(t, storetest.New(t, store.SQLite, registry.Schema(), identity.Schema()), tls)
		h.register(person())
		s := newSite(h)
		s.get("/who")
		if len(s.sent) != 0 {
			t.Errorf("tls %t: a visitor gets cookies: %v", tls, s.sent)
		}
		s.signIn("wang.xiaoming")
		if len(s.sent) != 1 {
			t.Fatalf("cookies %v", s.sent)
		}
		c := s.sent[0]
		name := map[bool]string{false: "openhall", true: "__Host-openhall"}[tls]
		if c.Name != name || c.Secure != tls || !c.HttpOnly || c.SameSite != http.SameSiteLaxMode || c.Path != "/" || c.Domain != "" || c.MaxAge != 0 || len(c.Value) != 43 {
			t.Errorf("tls %t: cookie %+v", tls, c)
		}
	}
}

func TestPosts(t *testing.T) {
	each(t, func(t *testing.T, h *hall) {
		a := h.staff("xu.wangshu")
		s := newSite(h)
		s.signIn("xu.wangshu")
		s.is("in no post", "staff 徐望舒")
		h.appoint(a.ID, "housing.reviewer", "housing.head")
		s.is("the first of two", "staff 徐望舒 housing.head")
		if code, _ := s.get("/post", "key", "housing.reviewer"); code != http.StatusOK {
			t.Errorf("choose: %d", code)
		}
		s.is("chosen", "staff 徐望舒 housing.reviewer")
		for _, key := range []string{"", "hefei-health.head"} {
			if code, body := s.get("/post", "key", key); code != http.StatusForbidden || body != identity.RefusedNoPost {
				t.Errorf("post %q: %d %s", key, code, body)
			}
		}
		err := h.Registry.Edit(t.Context(), func(e *registry.Edit) error {
			return e.Appoint(a.ID, "housing.reviewer", h.clock(), h.clock().Add(time.Minute))
		})
		if err != nil {
			t.Fatal(err)
		}
		h.wait(time.Minute)
		s.is("the post chosen has ended", "staff 徐望舒 housing.head")
	})
}

func TestMandates(t *testing.T) {
	each(t, func(t *testing.T, h *hall) {
		wang := h.register(person())
		r := person()
		r.Login, r.Number, r.Name = "li.lei", "440524188001010014", "李雷"
		li := h.register(r)
		s := newSite(h)
		s.signIn("li.lei")
		by := identity.Principal{Account: wang.ID, Kind: identity.Person}

		if code, body := s.get("/for", "id", wang.ID.String()); code != http.StatusForbidden || body != identity.RefusedNoMandate {
			t.Errorf("without a mandate: %d %s", code, body)
		}
		m, err := h.Grant(t.Context(), by, li.ID, h.clock(), h.clock().Add(time.Hour))
		if err != nil {
			t.Fatal(err)
		}
		if code, body := s.get("/for", "id", wang.ID.String()); code != http.StatusOK {
			t.Errorf("with a mandate: %d %s", code, body)
		}
		s.is("acting for Wang", "person 李雷  王小明")
		s.get("/for", "id", "0")
		s.is("for oneself", "person 李雷  李雷")
		s.get("/for", "id", wang.ID.String())
		h.wait(time.Hour)
		s.is("the mandate has ended", "person 李雷  李雷")
		refused(t, h.Revoke(t.Context(), by, m.ID), identity.RefusedNoMandate) // it is over

		if m, err = h.Grant(t.Context(), by, li.ID, h.clock(), time.Time{}); err != nil {
			t.Fatal(err)
		}
		s.get("/for", "id", wang.ID.String())
		s.is("acting for Wang again", "person 李雷  王小明")
		stranger := identity.Principal{Account: 99, Kind: identity.Person}
		refused(t, h.Revoke(t.Context(), stranger, m.ID), identity.RefusedNoMandate)
		if err := h.Revoke(t.Context(), by, m.ID); err != nil {
			t.Error(err)
		}
		s.is("revoked", "person 李雷  李雷")
		if all, err := h.MandatesFrom(t.Context(), wang.ID); err != nil || len(all) != 2 || all[0].ID != m.ID {
			t.Errorf("mandates from Wang: %+v, %v", all, err)
		}

		now := h.clock()
		_, err = h.Grant(t.Context(), by, wang.ID, now, time.Time{})
		refused(t, err, identity.RefusedMandateRange)
		_, err = h.Grant(t.Context(), by, li.ID, now, now)
		refused(t, err, identity.RefusedMandateRange)
		_, err = h.Grant(t.Context(), identity.Principal{Account: 5, Kind: identity.Staff}, li.ID, now, time.Time{})
		refused(t, err, identity.RefusedMandateRange)
		_, err = h.Grant(t.Context(), by, 4711, now, time.Time{})
		refused(t, err, identity.RefusedNoAccount)
	})
}

func TestPersonalDataIsSealed(t *testing.T) {
	dsn := storetest.URL(t, store.SQLite)
	db, err := store.Open(t.Context(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	if err := db.Migrate(t.Context(), store.Schema(), registry.Schema(), identity.Schema()); err != nil {
		t.Fatal(err)
	}
	h := open(t, db, false)
	h.register(person())
	s := newSite(h)
	s.signIn("wang.xiaoming")
	token := s.cookie()
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	folder := filepath.Dir(strings.TrimPrefix(dsn, "sqlite:"))
	var all []byte
	entries, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		b, err := os.ReadFile(filepath.Join(folder, e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, b...)
	}
	if !bytes.Contains(all, []byte("hefei-housing")) {
		t.Fatal("the files hold nothing at all: the test looks at the wrong ones")
	}
	for what, secret := range map[string]string{
		"name": "王小明", "login": "wang.xiaoming", "login as typed": "Wang.Xiaoming", "number": "11010519491231002X", "phone": "13800000001",
		"password": password, "session token": token,
	} {
		if bytes.Contains(all, []byte(secret)) {
			t.Errorf("the %s stands in the database file", what)
		}
	}
}

func TestSweep(t *testing.T) {
	each(t, func(t *testing.T, h *hall) {
		h.register(person())
		s := newSite(h)
		s.signIn("wang.xiaoming")
		count := func() int64 {
			n, err := store.Scalar[int64](h.db.Read().QueryRow(t.Context(), `SELECT count(*) FROM identity_session`))
			if err != nil {
				t.Fatal(err)
			}
			return n
		}
		if err := h.Sweep(t.Context()); err != nil || count() != 1 {
			t.Errorf("swept a live session: %v", err)
		}
		h.wait(13 * time.Hour)
		if err := h.Sweep(t.Context()); err != nil || count() != 0 {
			t.Errorf("kept a session that is over: %v", err)
		}
	})
}
