package chart_test

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"sync"
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
	"openhall.org/openhall/internal/slice/chart"
	"openhall.org/openhall/policies"
	"openhall.org/openhall/procedures"
	"openhall.org/openhall/rules"
)

const hefei = "340100000000"

var (
	drawer   = staff(20, "water.disclosure", "water", "disclosure")
	reviewer = staff(21, "water.reviewer", "water", "reviewer")
	head     = staff(22, "water.head", "water", "head")
	outsider = staff(23, "health.head", "health", "head", "reviewer", "disclosure")
)

func staff(id store.ID, post, body string, roles ...string) identity.Principal {
	return identity.Principal{Account: id, Kind: identity.Staff, Post: identity.Post{ID: post, Body: body, Division: hefei, Roles: roles}}
}

func text(s string) lang.Text { return lang.Text{Hans: s, Hant: s, En: s} }

// world is a city with a water bureau that draws charts.
type world struct {
	*chart.Service
	t       testing.TB
	cases   *casework.Runtime
	records *publication.Service
	site    http.Handler
	policy  *identity.Policies
	reg     *registry.Registry

	mu    sync.Mutex
	now   time.Time
	keys  int
	actor identity.Principal
}

func (w *world) time() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.now
}

func (w *world) key() string {
	w.keys++
	return fmt.Sprint("key-", w.keys)
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func schemas() []store.Migrations {
	return append(publication.Schemas(), registry.Schema(), casework.Schema(), file.Schema(), ledger.Schema(), chart.Schema())
}

// Principal implements chart.People.
func (w *world) Principal(*http.Request) (identity.Principal, error) { return w.actor, nil }

// Body implements chart.Names.
func (w *world) Body(key string) lang.Text { return text(key) }

// Person implements chart.Names.
func (w *world) Person(_ context.Context, account store.ID) string {
	return "职员" + account.String()
}

// OfBody implements chart.Powers.
func (w *world) OfBody(body string) []chart.Power {
	if body != "water" {
		return nil
	}
	return []chart.Power{{Key: "water-intake", Code: "CODE-1", Name: text("取水许可"), Procedure: "general-licence"}}
}

// kinds knows the letters of a licence and no service.
type kinds struct{}

func (kinds) Service(string) bool { return false }

func (kinds) Letter(kind string) bool {
	return slices.Contains([]string{
		"acceptance-slip", "correction-notice", "decision-grant", "decision-refusal", "deemed-acceptance-notice", "delivery-receipt",
		"extension-notice", "pause-notice", "rejection-slip",
	}, kind)
}

func nothing(string) error { return nil }

func each(t *testing.T, test func(t *testing.T, w *world)) {
	t.Helper()
	storetest.Each(t, schemas(), func(t *testing.T, db *store.DB) { test(t, newWorld(t, db)) })
}

func onSQLite(t testing.TB) *world {
	t.Helper()
	return newWorld(t, storetest.New(t, store.SQLite, schemas()...))
}

func newWorld(t testing.TB, db *store.DB) *world {
	t.Helper()
	day, err := calendar.Parse("2026-03-02")
	must(t, err)
	w := &world{t: t, now: day.Start().Add(10 * time.Hour)}
	cal, err := calendar.Load(rules.Files, "calendar")
	must(t, err)
	law, err := statute.Load(rules.Files, "cn", "cn-ah")
	must(t, err)
	keys, err := seal.New([]byte(strings.Repeat("k", 32)))
	must(t, err)
	ids, err := store.NewIDs(1, w.time)
	must(t, err)
	w.reg, err = registry.Open(t.Context(), db)
	must(t, err)
	must(t, w.reg.Edit(t.Context(), func(e *registry.Edit) error {
		if err := e.PutDivisions([]registry.Division{{Code: "340000000000", Level: registry.Province, Name: text("安徽省")}, {Code: hefei, Level: registry.City, Name: text("合肥市")}}); err != nil {
			return err
		}
		for _, key := range []string{"water", "health"} {
			if err := e.PutBody(registry.Body{Key: key, Division: hefei, Kind: key, Level: "municipal", Name: text(key), USCC: "11340100MB1234567J"}); err != nil {
				return err
			}
		}
		return nil
	}))
	w.policy, err = identity.LoadPolicies(policies.Files, func() identity.Places { return w.reg.Now() })
	must(t, err)
	formats := map[string]casework.Format{"id-card": nothing, "uscc": nothing, "phone": nothing, "date": nothing, "email": nothing, "money": nothing}
	forms, err := casework.LoadForms(procedures.Files, "forms", formats)
	must(t, err)
	files, err := file.New(file.Options{DB: db, Blobs: file.Dir(t.TempDir()), Keys: keys, IDs: ids, Now: w.time})
	must(t, err)
	calendars := func() *calendar.Calendar { return cal }
	w.records, err = publication.New(t.Context(), publication.Deps{DB: db, IDs: ids, Now: w.time, Registry: w.reg, Policy: w.policy, Files: files, Calendar: calendars, Rules: law})
	must(t, err)
	w.cases, err = casework.New(casework.Options{
		DB: db, Keys: keys, IDs: ids, Now: w.time, Calendar: calendars, Rules: law, Policy: w.policy, Kinds: w.records.Kinds(), Forms: forms,
	})
	must(t, err)
	t.Cleanup(w.cases.Close)
	for _, name := range []string{"publication", "publication-withdrawal", "general-licence"} {
		xml, err := procedures.Files.ReadFile(name + ".bpmn")
		must(t, err)
		_, err = w.cases.PublishProcedure(t.Context(), name, xml)
		must(t, err)
	}
	key, err := ledger.LoadKey(filepath.Join(t.TempDir(), "log.key"), "test.openhall.org/log")
	must(t, err)
	log, err := ledger.New(t.Context(), ledger.Options{DB: db, Key: key, Now: w.time, Log: slog.New(slog.DiscardHandler), Holder: "test"})
	must(t, err)
	w.records.Attach(w.cases, log)
	w.Service, err = chart.New(chart.Deps{
		DB: db, IDs: ids, Registry: w.reg, Rules: law, People: w, Names: w, Powers: w, Kinds: kinds{}, Records: w.records, Formats: formats,
		Letters: []string{"acceptance-slip"}, Now: w.time, Log: slog.New(slog.DiscardHandler), BaseURL: "https://hall.example.org",
	})
	must(t, err)
	words, err := i18n.Load(web.Messages(), chart.Messages())
	must(t, err)
	w.Attach(w.cases, words)
	t.Cleanup(func() {
		if missing := words.Missing(); len(missing) > 0 {
			t.Errorf("messages asked for in vain: %v", missing)
		}
	})
	shell, err := web.New(web.Config{
		Site: web.Site{Name: text("政务大厅"), SignIn: "/sign-in"}, Catalogue: words, Clock: w.time, Log: slog.New(slog.DiscardHandler),
		Guard: guard{w}, Explain: web.ExplainRefusal,
	})
	must(t, err)
	w.Mount(shell)
	w.site, err = shell.Handler()
	must(t, err)
	return w
}

type guard struct{ w *world }

func (g guard) Allow(_ *http.Request, route web.Route) error {
	return g.w.policy.AllowRoute(g.w.actor, route.Action)
}

// ask sends a request as somebody.
func (w *world) ask(as identity.Principal, method, path string, form url.Values) *httptest.ResponseRecorder {
	w.t.Helper()
	w.actor = as
	r := httptest.NewRequestWithContext(w.t.Context(), method, "https://hall.example.org"+path, io.NopCloser(strings.NewReader(form.Encode())))
	if method == http.MethodPost {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Sec-Fetch-Site", "same-origin")
	}
	rec := httptest.NewRecorder()
	w.site.ServeHTTP(rec, r)
	return rec
}
