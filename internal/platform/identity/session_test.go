package identity_test

import (
	"errors"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/registry"
	"openhall.org/openhall/internal/platform/store"
	"openhall.org/openhall/internal/platform/store/storetest"
)

// site is the hall with a browser: sign-in and whoami over HTTP.
type site struct {
	*hall
	server  *httptest.Server
	browser *http.Client
	sent    []*http.Cookie // by the last answer

	acting func(r *http.Request) error
	acted  error
}

// act does something in a request of the browser.
func (s *site) act(f func(r *http.Request) error) error {
	s.t.Helper()
	s.acting = f
	if code, body := s.get("/act"); code != http.StatusOK {
		s.t.Fatalf("act: %d %s", code, body)
	}
	return s.acted
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
	mux.HandleFunc("/out", func(w http.ResponseWriter, r *http.Request) {
		_, err := h.SignOut(r)
		answer(w, err)
	})
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
	s := &site{hall: h, browser: newBrowser(h.t)}
	mux.HandleFunc("/act", func(_ http.ResponseWriter, r *http.Request) { s.acted = s.acting(r) })
	s.server = newServer(h.t, h.Sessions(mux))
	return s
}

func newServer(t testing.TB, handler http.Handler) *httptest.Server {
	s := httptest.NewServer(handler)
	t.Cleanup(s.Close)
	return s
}

func newBrowser(t testing.TB) *http.Client {
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

// The owner is told of a kind of device that was not used before, once, and not of the first.
func TestNewDevices(t *testing.T) {
	each(t, func(t *testing.T, h *hall) {
		h.staff("xu.wangshu")
		s := newSite(h)
		on := func(agent string, want int) {
			t.Helper()
			s.browser.Transport = agentOf(agent)
			s.signIn("xu.wangshu")
			got := 0
			for _, kind := range h.told {
				if kind == identity.NoticeDevice {
					got++
				}
			}
			if got != want {
				t.Errorf("after %s: told %v; want %d times of a device", agent, h.told, want)
			}
		}
		const firefox, phone = "Mozilla/5.0 (X11; Linux x86_64) Firefox/128.0", "Mozilla/5.0 (iPhone) Mobile Safari/604.1"
		on(firefox, 0)
		on(firefox, 0)
		on(phone, 1)
		on(phone, 1)
		on(strings.Replace(firefox, "128", "140", 1), 1) // an update is no other device
		h.wait(179 * 24 * time.Hour)
		on(firefox, 1)
		h.wait(2 * 24 * time.Hour)
		if err := h.Sweep(t.Context()); err != nil { // the phone is forgotten: it was not used for half a year
			t.Fatal(err)
		}
		on(firefox, 1)
		on(phone, 2)
	})
}

// agentOf names a browser in every request.
type agentOf string

// RoundTrip implements [http.RoundTripper].
func (a agentOf) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	r.Header.Set("User-Agent", string(a))
	return http.DefaultTransport.RoundTrip(r)
}
