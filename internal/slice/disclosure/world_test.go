package disclosure_test

import (
	"bytes"
	"fmt"
	"html"
	"log/slog"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/core/lang"
	"openhall.org/openhall/internal/core/statute"
	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/file"
	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/ledger"
	"openhall.org/openhall/internal/platform/publication"
	"openhall.org/openhall/internal/platform/registry"
	"openhall.org/openhall/internal/platform/store"
	"openhall.org/openhall/internal/platform/store/seal"
	"openhall.org/openhall/internal/platform/store/storetest"
	"openhall.org/openhall/internal/platform/web"
	"openhall.org/openhall/internal/platform/web/i18n"
	"openhall.org/openhall/internal/slice/disclosure"
	"openhall.org/openhall/policies"
	"openhall.org/openhall/procedures"
	"openhall.org/openhall/rules"
)

const hefei = "340100000000"

// world is a water bureau with those who publish for it, and the pages at which they do.
type world struct {
	t       testing.TB
	records *publication.Service
	cases   *casework.Runtime
	site    http.Handler
	now     time.Time
	actor   identity.Principal
	keys    int
}

var (
	clerk    = staff(20, "water-disclosure", "disclosure")
	reviewer = staff(21, "water-reviewer", "reviewer")
	head     = staff(22, "water-head", "head")
)

func staff(id store.ID, post string, roles ...string) identity.Principal {
	return identity.Principal{Account: id, Kind: identity.Staff, Name: "账户" + id.String(), Post: identity.Post{ID: post, Body: "water", Division: hefei, Roles: roles}}
}

func text(s string) lang.Text { return lang.Text{Hans: s, Hant: s, En: s} }

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// schemas are the tables that the room needs.
func schemas() []store.Migrations {
	return append(publication.Schemas(), registry.Schema(), identity.Schema(), casework.Schema(), file.Schema(), ledger.Schema(), disclosure.Schema())
}

func onEachEngine(t *testing.T, test func(t *testing.T, w *world)) {
	t.Helper()
	storetest.Each(t, schemas(), func(t *testing.T, db *store.DB) { test(t, newWorld(t, db)) })
}

// nodes counts the worlds of this run: two on one database number what they make as two nodes do.
var nodes atomic.Int64

func newWorld(t testing.TB, db *store.DB) *world {
	t.Helper()
	return newWorldIn(t, db, t.TempDir())
}

// newWorldIn is a world that keeps its files and the key of the log in a folder, which another one on its database may share.
func newWorldIn(t testing.TB, db *store.DB, folder string) *world {
	t.Helper()
	w := &world{t: t, actor: clerk, now: calendar.Day(2026, 3, 2).Start().Add(10 * time.Hour)}
	cal, err := calendar.Load(rules.Files, "calendar")
	must(t, err)
	law, err := statute.Load(rules.Files, "cn", "cn-ah")
	must(t, err)
	keys, err := seal.New([]byte(strings.Repeat("k", 32)))
	must(t, err)
	ids, err := store.NewIDs(int(nodes.Add(1)%500), w.time)
	must(t, err)
	reg := places(t, db)
	policy, err := identity.LoadPolicies(policies.Files, func() identity.Places { return reg.Now() })
	must(t, err)
	forms, err := casework.LoadForms(procedures.Files, "forms", nil)
	must(t, err)
	files, err := file.New(file.Options{DB: db, Blobs: file.Dir(folder), Keys: keys, IDs: ids, Now: w.time})
	must(t, err)
	day := func() *calendar.Calendar { return cal }
	w.records, err = publication.New(t.Context(), publication.Deps{DB: db, IDs: ids, Now: w.time, Registry: reg, Policy: policy, Files: files, Calendar: day, Rules: law})
	must(t, err)
	w.cases, err = casework.New(casework.Options{DB: db, Keys: keys, IDs: ids, Now: w.time, Calendar: day, Rules: law, Policy: policy, Kinds: w.records.Kinds(), Forms: forms})
	must(t, err)
	t.Cleanup(w.cases.Close)
	for _, k := range w.records.Kinds() {
		xml, err := procedures.Files.ReadFile(k.Name + ".bpmn")
		must(t, err)
		_, err = w.cases.PublishProcedure(t.Context(), k.Name, xml)
		must(t, err)
	}
	quiet := slog.New(slog.DiscardHandler)
	key, err := ledger.LoadKey(filepath.Join(folder, "log.key"), "test.openhall.org/log")
	must(t, err)
	book, err := ledger.New(t.Context(), ledger.Options{DB: db, Key: key, Now: w.time, Log: quiet, Holder: "test"})
	must(t, err)
	w.records.Attach(w.cases, book)
	room, err := disclosure.New(disclosure.Deps{Records: w.records, Cases: w.cases, Files: files, Index: w.records.Search, Registry: reg, People: w, Policy: policy, DB: db,
		IDs: ids, Keys: keys, Now: w.time, Log: quiet, Top: hefei, BaseURL: "https://hall.example", Site: func() lang.Text { return text("政务公开") }})
	must(t, err)
	words, err := i18n.Load(web.Messages(), disclosure.Messages())
	must(t, err)
	t.Cleanup(func() {
		if missing := words.Missing(); len(missing) > 0 {
			t.Errorf("messages asked for in vain: %v", missing)
		}
	})
	shell, err := web.New(web.Config{Site: web.Site{Name: text("政务公开"), SignIn: "/sign-in"}, Catalogue: words, Clock: w.time, Log: quiet, Guard: doorkeeper{w, policy}, Explain: web.ExplainRefusal})
	must(t, err)
	room.Mount(shell)
	w.site, err = shell.Handler()
	must(t, err)
	return w
}

type doorkeeper struct {
	w      *world
	policy *identity.Policies
}

func (g doorkeeper) Allow(_ *http.Request, route web.Route) error {
	return g.policy.AllowRoute(g.w.actor, route.Action)
}

func places(t testing.TB, db *store.DB) *registry.Registry {
	t.Helper()
	reg, err := registry.Open(t.Context(), db)
	must(t, err)
	must(t, reg.Edit(t.Context(), func(e *registry.Edit) error {
		if err := e.PutDivisions([]registry.Division{{Code: "340000000000", Level: registry.Province, Name: text("安徽省")}, {Code: hefei, Level: registry.City, Name: text("合肥市")}}); err != nil {
			return err
		}
		if err := e.PutBody(registry.Body{Key: "water", Division: hefei, Kind: "water", Level: "municipal", Name: text("合肥市水务局"), USCC: "11340000MB9000023Q"}); err != nil {
			return err
		}
		for _, p := range []identity.Principal{clerk, reviewer, head} {
			if err := e.PutPost(registry.Post{Key: p.Post.ID, Body: p.Post.Body, Roles: p.Post.Roles, Title: text("岗位" + p.Post.ID)}); err != nil {
				return err
			}
		}
		return nil
	}))
	return reg
}

func (w *world) time() time.Time { return w.now }

func (w *world) Principal(*http.Request) (identity.Principal, error) { return w.actor, nil }

func (w *world) key() string {
	w.keys++
	return fmt.Sprint("key-", w.keys)
}

// answer is what a page answered.
type answer struct {
	t    testing.TB
	code int
	body string // without the marks of HTML
	page string
	to   string // where it leads
}

func (w *world) do(r *http.Request) answer {
	w.t.Helper()
	r.Header.Set("Accept-Language", "zh-Hans")
	rec := httptest.NewRecorder()
	w.site.ServeHTTP(rec, r)
	page := rec.Body.String()
	return answer{w.t, rec.Code, html.UnescapeString(marks.ReplaceAllString(page, "")), page, rec.Header().Get("Location")}
}

var marks = regexp.MustCompile(`<[^>]*>`)

func (w *world) get(path string) answer {
	w.t.Helper()
	return w.do(httptest.NewRequest(http.MethodGet, path, nil))
}

func (w *world) post(path string, form url.Values) answer {
	w.t.Helper()
	r := httptest.NewRequest(http.MethodPost, path, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return w.do(r)
}

// upload sends a form with files, which are given as name and content.
func (w *world) upload(path, field string, form url.Values, files ...[2]string) answer {
	w.t.Helper()
	var b bytes.Buffer
	m := multipart.NewWriter(&b)
	for name, values := range form {
		for _, v := range values {
			must(w.t, m.WriteField(name, v))
		}
	}
	for _, f := range files {
		part, err := m.CreateFormFile(field, f[0])
		must(w.t, err)
		_, err = part.Write([]byte(f[1]))
		must(w.t, err)
	}
	must(w.t, m.Close())
	r := httptest.NewRequest(http.MethodPost, path, &b)
	r.Header.Set("Content-Type", m.FormDataContentType())
	return w.do(r)
}

func (a answer) want(code int, says ...string) answer {
	a.t.Helper()
	if a.code != code {
		a.t.Fatalf("answered %d, want %d: %s", a.code, code, strings.Join(strings.Fields(a.body), " "))
	}
	for _, s := range says {
		if !strings.Contains(a.body, s) && !strings.Contains(html.UnescapeString(a.page), s) {
			a.t.Errorf("does not say %q: %s", s, strings.Join(strings.Fields(a.body), " "))
		}
	}
	return a
}

// leads returns the path to which an answer leads, without its fragment.
func (a answer) leads() string {
	a.t.Helper()
	a.want(http.StatusSeeOther)
	path, _, _ := strings.Cut(a.to, "#")
	return path
}

// typed reads the form with this id out of a page, as a browser would send it without a change.
func (a answer) typed() url.Values {
	v := url.Values{}
	_, page, _ := strings.Cut(a.page, `<form id="record"`)
	page, _, _ = strings.Cut(page, "</form>")
	for _, tag := range regexp.MustCompile(`<input[^>]*>`).FindAllString(page, -1) {
		name, value, kind := attribute(tag, "name"), attribute(tag, "value"), attribute(tag, "type")
		if name != "" && kind != "checkbox" && kind != "file" {
			v.Add(name, value)
		}
	}
	for _, m := range regexp.MustCompile(`(?s)<textarea[^>]*name="([^"]+)"[^>]*>(.*?)</textarea>`).FindAllStringSubmatch(page, -1) {
		v.Set(m[1], html.UnescapeString(strings.TrimPrefix(m[2], "\n")))
	}
	for _, m := range regexp.MustCompile(`(?s)<select[^>]*name="([^"]+)"[^>]*>(.*?)</select>`).FindAllStringSubmatch(page, -1) {
		for _, o := range regexp.MustCompile(`<option[^>]* selected[^>]*>`).FindAllString(m[2], -1) {
			v.Set(m[1], attribute(o, "value"))
		}
	}
	return v
}

func attribute(tag, name string) string {
	m := regexp.MustCompile(` ` + name + `="([^"]*)"`).FindStringSubmatch(tag)
	if m == nil {
		return ""
	}
	return html.UnescapeString(m[1])
}
