package web_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/a-h/templ"

	"openhall.org/openhall/internal/core/lang"
	"openhall.org/openhall/internal/platform/web"
	"openhall.org/openhall/internal/platform/web/i18n"
)

// noon is the instant of every request in these tests.
var noon = time.Date(2026, 11, 23, 4, 0, 0, 0, time.UTC)

// signedIn is a Users that knows one person, or a visitor when nil.
type signedIn struct{ user *web.UserView }

func (s signedIn) UserOf(*http.Request) (*web.UserView, error) { return s.user, nil }

// only is a Guard that allows one action.
type only string

func (o only) Allow(_ *http.Request, route web.Route) error {
	if route.Action == string(o) {
		return nil
	}
	return web.Forbidden("")
}

func catalogue(t testing.TB) *i18n.Catalogue {
	t.Helper()
	c, err := i18n.Load(web.Messages())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if missing := c.Missing(); len(missing) > 0 {
			t.Errorf("messages asked for in vain: %v", missing)
		}
	})
	return c
}

// text is a page that says one thing.
func text(s string) web.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) error {
		page := templ.ComponentFunc(func(_ context.Context, w io.Writer) error {
			_, err := io.WriteString(w, s)
			return err
		})
		frame := web.Layout(web.ViewOf(r), web.Page{Title: "T"})
		return web.Render(w, r, http.StatusOK, templ.ComponentFunc(func(ctx context.Context, w io.Writer) error {
			return frame.Render(templ.WithChildren(ctx, page), w)
		}))
	}
}

type options struct {
	config func(*web.Config)
	log    io.Writer
}

// newSite serves a few routes of every kind.
func newSite(t testing.TB, o options) http.Handler {
	t.Helper()
	if o.log == nil {
		o.log = io.Discard
	}
	config := web.Config{Catalogue: catalogue(t), Clock: func() time.Time { return noon }, Log: slog.New(slog.NewJSONHandler(o.log, nil)),
		Site: web.Site{Name: lang.Text{Hans: "政务大厅", Hant: "政務大廳", En: "Open Hall"}, SignIn: "/sign-in", SignOut: "/sign-out"}}
	if o.config != nil {
		o.config(&config)
	}
	shell, err := web.New(config)
	if err != nil {
		t.Fatal(err)
	}
	shell.Handle("GET /{$}", web.Route{Name: "t.home", Public: true}, text("home"))
	shell.Handle("GET /mine", web.Route{Name: "t.mine", Action: "mine.read"}, text("mine"))
	shell.Handle("POST /mine/send", web.Route{Name: "t.send", Action: "mine.read", MaxBody: 8 << 20}, func(http.ResponseWriter, *http.Request) error { return nil })
	shell.Handle("POST /change", web.Route{Name: "t.change", Public: true, MaxBody: 10}, func(w http.ResponseWriter, r *http.Request) error {
		if err := r.ParseForm(); err != nil {
			return web.BadRequest("", err) // as many pages do
		}
		web.SetFlash(w, r, web.Flash{Kind: "success", Key: "web.owner", Args: map[string]string{"Name": "42"}})
		return web.SeeOther(w, r, "/")
	})
	shell.Handle("GET /panic", web.Route{Name: "t.panic", Public: true}, func(http.ResponseWriter, *http.Request) error { panic("boom 340101") })
	shell.Handle("GET /error", web.Route{Name: "t.error", Public: true}, func(http.ResponseWriter, *http.Request) error {
		return errors.New("secret cause")
	})
	shell.Handle("GET /slow", web.Route{Name: "t.slow", Public: true}, func(_ http.ResponseWriter, r *http.Request) error {
		if err := r.Context().Err(); err != nil {
			return fmt.Errorf("read: %w", err)
		}
		return errors.New("secret cause")
	})
	shell.Handle("GET /tagged", web.Route{Name: "t.tagged", Public: true}, func(w http.ResponseWriter, r *http.Request) error {
		return web.RenderTagged(w, r, templ.Raw("<p>same</p>"))
	})
	h, err := shell.Handler()
	if err != nil {
		t.Fatal(err)
	}
	return h
}

func get(h http.Handler, path string, headers ...string) *httptest.ResponseRecorder {
	return send(h, http.MethodGet, path, "", headers...)
}

func send(h http.Handler, method, path, body string, headers ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func TestLanguageIsChosenByQueryThenCookieThenBrowser(t *testing.T) {
	h := newSite(t, options{})
	for _, row := range []struct{ name, path, cookie, accept, want string }{
		{"nothing said", "/", "", "", "zh-Hans"},
		{"browser of the mainland", "/", "", "zh-CN,zh;q=0.9", "zh-Hans"},
		{"browser of Hong Kong", "/", "", "zh-HK,zh;q=0.9,en;q=0.8", "zh-Hant"},
		{"browser of Taiwan", "/", "", "zh-TW", "zh-Hant"},
		{"British browser", "/", "", "en-GB,en;q=0.9", "en"},
		{"a language we do not have", "/", "", "fr-FR", "zh-Hans"},
		{"French first, English second", "/", "", "fr-FR,en;q=0.5", "en"},
		{"malformed header", "/", "", ";;;", "zh-Hans"},
		{"cookie before browser", "/", "lang=zh-Hant", "en", "zh-Hant"},
		{"query before cookie", "/?lang=en", "lang=zh-Hant", "zh-CN", "en"},
		{"unknown query falls to the cookie", "/?lang=xx", "lang=en", "", "en"},
	} {
		t.Run(row.name, func(t *testing.T) {
			w := get(h, row.path, "Cookie", row.cookie, "Accept-Language", row.accept)
			if want := `<html lang="` + row.want + `"`; !strings.Contains(w.Body.String(), want) {
				t.Errorf("no %s in %.200s", want, w.Body)
			}
		})
	}
	w := get(h, "/?lang=en&q=a%26b")
	if c := w.Header().Get("Set-Cookie"); !strings.HasPrefix(c, "lang=en;") || !strings.Contains(c, "HttpOnly") {
		t.Errorf("the choice is not remembered: %q", c)
	}
	if want := `href="/?lang=zh-Hant&amp;q=a%26b"`; !strings.Contains(w.Body.String(), want) {
		t.Errorf("the language switch does not keep the page: no %s", want)
	}
}

func TestEveryAnswerIsSecured(t *testing.T) {
	h := newSite(t, options{config: func(c *web.Config) { c.TLS = true }})
	for _, path := range []string{"/", "/mine", "/nothing", "/panic", "/error", "/assets/x.css", "/change"} {
		header := get(h, path).Header()
		for name, want := range map[string]string{
			"X-Content-Type-Options": "nosniff", "Referrer-Policy": "same-origin", "Cross-Origin-Opener-Policy": "same-origin",
			"X-Frame-Options": "DENY", "Strict-Transport-Security": "max-age=63072000; includeSubDomains",
		} {
			if got := header.Get(name); got != want {
				t.Errorf("%s: %s is %q, want %q", path, name, got, want)
			}
		}
		policy := header.Get("Content-Security-Policy")
		for _, part := range []string{"default-src 'none'", "script-src 'self'", "style-src 'self'", "frame-ancestors 'none'", "base-uri 'none'"} {
			if !strings.Contains(policy, part) {
				t.Errorf("%s: the policy lacks %q", path, part)
			}
		}
		if strings.Contains(policy, "unsafe") || strings.Contains(policy, "*") {
			t.Errorf("%s: the policy is loose: %s", path, policy)
		}
	}
	if got := newSite(t, options{}); get(got, "/").Header().Get("Strict-Transport-Security") != "" {
		t.Error("HSTS without TLS would lock readers out")
	}
}

func TestPagesCarryNoInlineScriptOrStyle(t *testing.T) {
	h := newSite(t, options{})
	for _, path := range []string{"/", "/nothing", "/error"} {
		body := get(h, path).Body.String()
		for _, bad := range []string{"<style", "style=", "onclick=", "javascript:", "<script>"} {
			if strings.Contains(body, bad) {
				t.Errorf("%s contains %s", path, bad)
			}
		}
	}
}

func TestForeignOriginsCannotChangeAnything(t *testing.T) {
	h := newSite(t, options{})
	for _, row := range []struct {
		name    string
		headers []string
		want    int
	}{
		{"our own page", []string{"Sec-Fetch-Site", "same-origin"}, http.StatusSeeOther},
		{"a program", nil, http.StatusSeeOther},
		{"foreign page", []string{"Sec-Fetch-Site", "cross-site"}, http.StatusForbidden},
		{"sister site", []string{"Sec-Fetch-Site", "same-site"}, http.StatusForbidden},
		{"old browser, foreign origin", []string{"Origin", "https://evil.example"}, http.StatusForbidden},
	} {
		t.Run(row.name, func(t *testing.T) {
			headers := append([]string{"Content-Type", "application/x-www-form-urlencoded"}, row.headers...)
			if w := send(h, http.MethodPost, "/change", "a=1", headers...); w.Code != row.want {
				t.Errorf("status %d, want %d", w.Code, row.want)
			}
		})
	}
}

func TestErrorsBecomePages(t *testing.T) {
	h := newSite(t, options{config: func(c *web.Config) { c.Guard = only("other") }})
	for _, row := range []struct {
		method, path, body string
		status             int
		words              string
	}{
		{"GET", "/nothing", "", 404, "找不到页面"},
		{"DELETE", "/mine", "", 405, "不支持这个操作"},
		{"GET", "/mine", "", 403, "您没有权限"},
		{"POST", "/change", "a=0123456789012", 413, "一次最多提交"},
		{"GET", "/nothing?q=" + strings.Repeat("boom", 9<<10), "", 414, "网址超过了 32 KB"},
		{"GET", "/" + strings.Repeat("boom", 9<<10), "", 414, "网址太长"},
		{"GET", "/error", "", 500, "系统出错了"},
		{"GET", "/panic", "", 500, "系统出错了"},
	} {
		w := send(h, row.method, row.path, row.body, "Content-Type", "application/x-www-form-urlencoded")
		body := w.Body.String()
		if w.Code != row.status || !strings.Contains(body, row.words) {
			t.Errorf("%s %s: status %d, want %d with %q", row.method, row.path, w.Code, row.status, row.words)
		}
		if strings.Contains(body, "secret") || strings.Contains(body, "boom") {
			t.Errorf("%s shows the cause to the reader", row.path)
		}
		if !strings.Contains(body, `<a class="govuk-link" href="/">`) {
			t.Errorf("%s is a dead end", row.path)
		}
		if got := w.Header().Get("Cache-Control"); got != "no-store" {
			t.Errorf("%s: an error page may be cached: %q", row.path, got)
		}
	}
	w := get(h, "/nothing", "Accept", "application/json")
	if got := w.Header().Get("Content-Type"); !strings.HasPrefix(got, "application/problem+json") || !strings.Contains(w.Body.String(), `"status":404`) {
		t.Errorf("a program gets %s %s", got, w.Body)
	}
	if got := send(h, "DELETE", "/mine", "").Header().Get("Allow"); got != "GET, HEAD" {
		t.Errorf("Allow is %q", got)
	}
}

func TestUnauthorizedLeadsToSignIn(t *testing.T) {
	h := newSite(t, options{config: func(c *web.Config) { c.Guard = refuseAll{} }})
	w := get(h, "/mine")
	if w.Code != http.StatusSeeOther || w.Header().Get("Location") != "/sign-in?next=%2Fmine" {
		t.Errorf("status %d to %q", w.Code, w.Header().Get("Location"))
	}
}

// A form that comes when the session has ended is held by the page that says so; one with a secret in it is not.
func TestFormOutlivesItsSession(t *testing.T) {
	h := newSite(t, options{config: func(c *web.Config) { c.Guard = refuseAll{} }})
	coding := []string{"Content-Type", "application/x-www-form-urlencoded"}
	w := send(h, http.MethodPost, "/mine/send?x=1", "title=%E5%BE%88%E9%95%BF%22%3C&again-title=2", coding...)
	body := w.Body.String()
	if w.Code != http.StatusUnauthorized || !strings.Contains(body, `action="/mine/send?x=1"`) || !strings.Contains(body, `name="title" value="很长&#34;&lt;"`) || !strings.Contains(body, `href="/sign-in"`) {
		t.Errorf("status %d\n%s", w.Code, body)
	}
	if body := send(h, http.MethodPost, "/mine/send", "title=a&password=topsecret", coding...).Body.String(); strings.Contains(body, "topsecret") || strings.Contains(body, `action="/mine/send"`) {
		t.Errorf("a secret came back:\n%s", body)
	}
	if s := send(h, http.MethodPost, "/mine/send", "title="+strings.Repeat("a", 3<<20), coding...); strings.Contains(s.Body.String(), "aaaa") {
		t.Error("a page holds what is too large")
	}
}

type refuseAll struct{}

func (refuseAll) Allow(*http.Request, web.Route) error { return web.Unauthorized() }

func TestPrivatePagesAreNotCached(t *testing.T) {
	h := newSite(t, options{config: func(c *web.Config) {
		c.Guard = only("mine.read")
		c.Users = signedIn{&web.UserView{Name: "王小明", Kind: "person"}}
	}})
	w := get(h, "/mine")
	if w.Code != http.StatusOK || w.Header().Get("Cache-Control") != "no-store" {
		t.Errorf("status %d, Cache-Control %q", w.Code, w.Header().Get("Cache-Control"))
	}
	if !strings.Contains(w.Body.String(), "王小明") || !strings.Contains(w.Body.String(), `action="/sign-out"`) {
		t.Error("the header does not show who is signed in and how to sign out")
	}
}

func TestFlashIsShownOnce(t *testing.T) {
	h := newSite(t, options{})
	cookie := send(h, "POST", "/change", "a=1", "Content-Type", "application/x-www-form-urlencoded").Result().Cookies()[0]
	w := get(h, "/", "Cookie", cookie.Name+"="+cookie.Value)
	if !strings.Contains(w.Body.String(), "主办单位：42") {
		t.Error("the notice is not shown")
	}
	if c := w.Result().Cookies(); len(c) != 1 || c[0].MaxAge >= 0 {
		t.Errorf("the notice is not cleared: %v", c)
	}
	for _, forged := range []string{"!!!", "eyJrZXkiOiJub3BlIn0", "e30"} {
		if w := get(h, "/", "Cookie", "flash="+forged); w.Code != http.StatusOK || strings.Contains(w.Body.String(), "govuk-notification-banner") {
			t.Errorf("forged notice %q is shown", forged)
		}
	}
}

func TestLogHoldsNothingPersonal(t *testing.T) {
	var log bytes.Buffer
	h := newSite(t, options{log: &log})
	get(h, "/?id=340102199001011234", "Cookie", "session=secret")
	get(h, "/error?phone=13800000000")
	get(h, "/track/AH2026-000123/QUERYCODE/.") // nothing has this address, but who sent it has the code
	get(h, "/AH2026000123QUERYCODEQUERYCODE")
	for _, bad := range []string{"340102", "secret\"", "13800000000", "192.0.2.1", "QUERYCODE", "000123"} {
		if strings.Contains(log.String(), bad) {
			t.Errorf("the log contains %s: %s", bad, log.String())
		}
	}
	for _, want := range []string{`"route":"t.home"`, `"path":"/track/…"`, `"status":200`, `"error":"secret cause"`, `"status":500`} {
		if !strings.Contains(log.String(), want) {
			t.Errorf("the log lacks %s", want)
		}
	}
}

func TestTaggedPagesAnswer304(t *testing.T) {
	h := newSite(t, options{})
	tag := get(h, "/tagged").Header().Get("ETag")
	if w := get(h, "/tagged", "If-None-Match", tag); tag == "" || w.Code != http.StatusNotModified || w.Body.Len() != 0 {
		t.Errorf("tag %q: status %d, %d bytes", tag, w.Code, w.Body.Len())
	}
	if w := get(h, "/tagged", "If-None-Match", `W/"other"`); w.Code != http.StatusOK {
		t.Errorf("another tag: status %d", w.Code)
	}
}

func TestPagesAreCompressed(t *testing.T) {
	h := newSite(t, options{})
	w := get(h, "/", "Accept-Encoding", "gzip")
	if w.Header().Get("Content-Encoding") != "gzip" || !bytes.HasPrefix(w.Body.Bytes(), []byte{0x1f, 0x8b}) {
		t.Errorf("encoding %q", w.Header().Get("Content-Encoding"))
	}
	if w.Header().Get("Content-Length") != "" {
		t.Error("Content-Length of the page before compression is sent")
	}
}

func TestRoutesAreChecked(t *testing.T) {
	newShell := func() *web.Shell {
		s, err := web.New(web.Config{Catalogue: catalogue(t), Clock: func() time.Time { return noon }, Log: slog.New(slog.DiscardHandler)})
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	for _, row := range []struct {
		name, want string
		add        func(*web.Shell)
	}{
		{"neither public nor action", "set either Public or Action", func(s *web.Shell) { s.Handle("GET /a", web.Route{Name: "a"}, text("")) }},
		{"both", "set either Public or Action", func(s *web.Shell) { s.Handle("GET /a", web.Route{Name: "a", Public: true, Action: "x"}, text("")) }},
		{"no name", "give it a Name", func(s *web.Shell) { s.Handle("GET /a", web.Route{Public: true}, text("")) }},
		{"double name", "another route is named a", func(s *web.Shell) {
			s.Handle("GET /a", web.Route{Name: "a", Public: true}, text(""))
			s.Handle("GET /b", web.Route{Name: "a", Public: true}, text(""))
		}},
		{"bad pattern", `route "GET a"`, func(s *web.Shell) { s.Handle("GET a", web.Route{Name: "a", Public: true}, text("")) }},
		{"double", `route "GET /a"`, func(s *web.Shell) {
			s.Handle("GET /a", web.Route{Name: "a", Public: true}, text(""))
			s.Handle("GET /a", web.Route{Name: "b", Public: true}, text(""))
		}},
	} {
		t.Run(row.name, func(t *testing.T) {
			s := newShell()
			row.add(s)
			if _, err := s.Handler(); err == nil || !strings.Contains(err.Error(), row.want) {
				t.Errorf("got %v, want %q", err, row.want)
			}
		})
	}
	s := newShell()
	s.Handle("GET /b", web.Route{Name: "b", Action: "x"}, text(""))
	s.Handle("GET /a", web.Route{Name: "a", Public: true}, text(""))
	routes := s.Routes()
	if len(routes) != 2 || routes[0].Name != "a" || routes[1].Pattern != "GET /b" || !routes[1].Private {
		t.Errorf("routes: %+v", routes)
	}
}

func TestLocalPath(t *testing.T) {
	for next, want := range map[string]string{"/mine": "/mine", "/a?b=c#d": "/a?b=c#d", "": "/home", "mine": "/home", "//evil.example": "/home",
		"https://evil.example/": "/home", "/\\evil.example": "/home", "\\\\evil.example": "/home", "javascript:alert(1)": "/home", "/a\r\nb": "/home"} {
		if got := web.LocalPath(next, "/home"); got != want {
			t.Errorf("%q gives %q, want %q", next, got, want)
		}
	}
}

// TestAddressesOfThePageStayOnTheSite asks for paths that a browser would read as another host, and with signs that need escaping.
func TestAddressesOfThePageStayOnTheSite(t *testing.T) {
	h := newSite(t, options{})
	for _, path := range []string{"/%2F%2Fevil.example", "/%5Cevil.example", "/a%3Fb%22c"} {
		body := get(h, path).Body.String()
		for _, bad := range []string{`href="//`, `href="/\`, `href="/a?b`} {
			if strings.Contains(body, bad) {
				t.Errorf("%s: the page contains %s", path, bad)
			}
		}
	}
}

func TestRefusedReadersSeeThatTheyAreSignedIn(t *testing.T) {
	h := newSite(t, options{config: func(c *web.Config) {
		c.Guard = only("other")
		c.Users = signedIn{&web.UserView{Name: "王小明", Kind: "person"}}
	}})
	for _, path := range []string{"/mine", "/nothing"} {
		if body := get(h, path).Body.String(); !strings.Contains(body, "王小明") {
			t.Errorf("%s: the header shows a visitor", path)
		}
	}
}

// unknown is a Users whose database is down.
type unknown struct{}

func (unknown) UserOf(*http.Request) (*web.UserView, error) {
	return nil, errors.New("database is down")
}

func TestFailingPortsGiveAPage(t *testing.T) {
	var seen []string
	h := newSite(t, options{config: func(c *web.Config) {
		c.Users = unknown{}
		c.Observe = func(_ context.Context, route, method string, status int, _ time.Duration) {
			seen = append(seen, route+" "+method+" "+http.StatusText(status))
		}
	}})
	for _, path := range []string{"/", "/nothing"} {
		w := get(h, path)
		if strings.Contains(w.Body.String(), "database") || !strings.Contains(w.Body.String(), "<html") {
			t.Errorf("%s: %d %s", path, w.Code, w.Body)
		}
	}
	if want := []string{"t.home GET Internal Server Error", " GET Not Found"}; !slices.Equal(seen, want) {
		t.Errorf("observed %q, want %q", seen, want)
	}
}

// Who doesn't wait for the answer makes no alarm; a failure before somebody who waits does, and so does another failure before somebody who left.
func TestWhoGivesUpIsNoFailure(t *testing.T) {
	gone, leave := context.WithCancel(t.Context())
	leave()
	for _, row := range []struct {
		path string
		ctx  context.Context
		want string
	}{
		{"/slow", gone, `"level":"INFO","msg":"request","route":"t.slow","status":499`},
		{"/slow", t.Context(), `"level":"ERROR","msg":"request","route":"t.slow","status":500`},
		{"/error", gone, `"level":"ERROR","msg":"request","route":"t.error","status":500`},
	} {
		var log bytes.Buffer
		observed := 0
		h := newSite(t, options{log: &log, config: func(c *web.Config) {
			c.Observe = func(_ context.Context, _, _ string, status int, _ time.Duration) { observed = status }
		}})
		h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, row.path, nil).WithContext(row.ctx))
		var line struct {
			Level, Msg, Route string
			Status            int
		}
		if err := json.Unmarshal(log.Bytes(), &line); err != nil {
			t.Fatalf("%v: %s", err, &log)
		}
		got := fmt.Sprintf(`"level":%q,"msg":%q,"route":%q,"status":%d`, line.Level, line.Msg, line.Route, line.Status)
		if got != row.want || observed != line.Status {
			t.Errorf("%s: %s, observed %d; want %s", row.path, got, observed, row.want)
		}
	}
}

// What is printed says its address as a reader types it, without the choices of whoever printed it.
func TestAPageSaysOnPaperWhereItIs(t *testing.T) {
	const site = "https://hall.example"
	h := newSite(t, options{config: func(c *web.Config) { c.Site.BaseURL = site }})
	for _, row := range []struct{ path, want string }{
		{"/", site + "/　"},
		{"/?lang=zh-Hans&type=elder", site + "/　"},
		{"/?q=%E5%8F%96%E6%B0%B4+%E8%AE%B8%E5%8F%AF&year=2025&area=", site + "/?q=取水+许可&amp;year=2025　"},
		{"/?q=%22%26x%3D1%22&on=2026-01-02", site + "/?on=2026-01-02&amp;q=%22%26x%3D1%22　"},
		{"/?q=%FF%E2%80%AE%3Cb%3E", site + "/?q=%EF%BF%BD%E2%80%AE%3Cb%3E　"}, // no byte that is no letter comes through
	} {
		body := get(h, row.path).Body.String()
		if !strings.Contains(body, "oh-paper--end\">本页地址："+row.want) {
			_, end, _ := strings.Cut(body, "oh-paper")
			t.Errorf("%s: want %s, got %s", row.path, row.want, end)
		}
	}
	if body := get(newSite(t, options{}), "/").Body.String(); strings.Contains(body, "oh-paper") {
		t.Error("a site that does not know its address says one")
	}
}
