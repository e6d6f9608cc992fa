package centre_test

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/core/lang"
	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/registry"
	"openhall.org/openhall/internal/platform/store"
	"openhall.org/openhall/internal/platform/store/seal"
	"openhall.org/openhall/internal/platform/store/storetest"
	"openhall.org/openhall/internal/platform/web"
	"openhall.org/openhall/internal/platform/web/i18n"
	"openhall.org/openhall/internal/slice/centre"
	"openhall.org/openhall/policies"
	"openhall.org/openhall/rules"
)

const hefei = "340100000000"

// world is a city with one centre of two windows, at which a water bureau and a health commission are.
type world struct {
	*centre.Service
	t      testing.TB
	db     *store.DB
	policy *identity.Policies
	site   http.Handler
	words  *i18n.Catalogue

	mu    sync.Mutex
	now   time.Time
	actor identity.Principal
}

func staff(id store.ID, post, body, role string) identity.Principal {
	return identity.Principal{Account: id, Kind: identity.Staff, Post: identity.Post{ID: post, Body: body, Division: hefei, Roles: []string{role}}}
}

var (
	visitor  = identity.Principal{Kind: identity.Visitor}
	citizen  = identity.Principal{Account: 5, Kind: identity.Person}
	manager  = staff(10, "data.manager", "data", "manager")
	clerk    = staff(11, "data.clerk", "data", "window")
	clerk2   = staff(12, "data.clerk2", "data", "window")
	head     = staff(13, "water.head", "water", "head")
	reviewer = staff(14, "water.reviewer", "water", "reviewer")
	doctor   = staff(15, "health.head", "health", "head")
)

func text(s string) lang.Text { return lang.Text{Hans: s, Hant: s, En: s} }

func day(t testing.TB, text string) calendar.Date {
	t.Helper()
	d, err := calendar.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// at sets the clock.
func (w *world) at(date, clock string) {
	w.t.Helper()
	m, err := centre.ParseMinute(clock)
	if err != nil {
		w.t.Fatal(err)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.now = m.On(day(w.t, date))
}

func (w *world) time() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.now
}

// items is a catalogue of four items.
type items struct{}

var catalogue = []centre.ItemInfo{
	{Code: "WATER1", Name: text("取水许可"), Body: "water", Active: true}, {Code: "WATER2", Name: text("排水许可"), Body: "water", Active: true},
	{Code: "WATER3", Name: text("用水证明"), Body: "water", Active: true, OnTheSpot: true}, {Code: "HEALTH1", Name: text("卫生许可"), Body: "health", Active: true},
}

func (items) ItemsOf(body string) (out []centre.ItemInfo) {
	for _, it := range catalogue {
		if it.Body == body {
			out = append(out, it)
		}
	}
	return out
}

func (items) ItemInfo(code string) (centre.ItemInfo, bool) {
	for _, it := range catalogue {
		if it.Code == code {
			return it, true
		}
	}
	return centre.ItemInfo{}, false
}

func (w *world) Principal(*http.Request) (identity.Principal, error) { return w.actor, nil }
func (w *world) NameOf(context.Context, store.ID) string             { return "王小明" }

// plan is open 9 to 12 and 13 to 17; the line water has slots of half an hour with two places, health one of an hour with one.
func plan() centre.Plan {
	return centre.Plan{
		Sessions: []centre.Session{{From: 9 * 60, To: 12 * 60}, {From: 13 * 60, To: 17 * 60}},
		Lines: []centre.Line{
			{Key: "water", Letter: "A", Name: text("水务"), Windows: []string{"w1"}, Minutes: 10, Slot: 30, Capacity: 2},
			{Key: "health", Letter: "B", Name: text("卫生"), Windows: []string{"w1", "w2"}, Minutes: 20, Slot: 60, Capacity: 1},
		},
		Rules: centre.Rules{AheadDays: 7, CancelUntil: 60, Early: 30, Late: 15, Appointed: 60, Priority: 20, Return: 30, NoShows: 2, NoShowDays: 30, BlockDays: 15, EraseDays: 60},
	}
}

func newWorld(t testing.TB, db *store.DB) *world {
	t.Helper()
	w := &world{t: t, db: db, actor: visitor}
	w.at("2026-11-25", "09:00") // a Wednesday
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	cal, err := calendar.Load(rules.Files, "calendar")
	must(err)
	keys, err := seal.New([]byte(strings.Repeat("k", 32)))
	must(err)
	ids, err := store.NewIDs(1, time.Now)
	must(err)
	reg := places(t, db)
	w.policy, err = identity.LoadPolicies(policies.Files, func() identity.Places { return reg.Now() })
	must(err)
	w.Service, err = centre.New(centre.Deps{
		DB: db, Keys: keys, IDs: ids, Now: w.time, Calendar: func() *calendar.Calendar { return cal }, Registry: reg, Policies: w.policy, People: w,
		Items: items{}, Log: slog.New(slog.DiscardHandler), Holder: "test", BaseURL: "https://hall.example",
	})
	must(err)
	w.policy.AskAuthority(w.Service)
	must(w.Load(t.Context()))
	must(w.SetPlan(t.Context(), manager, "hall", day(t, "2026-11-25"), plan()))
	w.words, err = i18n.Load(web.Messages(), i18n.Source{Module: "identity", FS: identity.Locales}, centre.Messages())
	must(err)
	t.Cleanup(func() {
		if missing := w.words.Missing(); len(missing) > 0 {
			t.Errorf("messages asked for in vain: %v", missing)
		}
	})
	shell, err := web.New(web.Config{Site: web.Site{Name: text("政务大厅"), SignIn: "/signin"}, Catalogue: w.words, Clock: w.time,
		Log: slog.New(slog.DiscardHandler), Guard: guard{w}, Explain: web.ExplainRefusal})
	must(err)
	w.Mount(shell, make(chan struct{}))
	w.site, err = shell.Handler()
	must(err)
	return w
}

type guard struct{ w *world }

func (g guard) Allow(_ *http.Request, route web.Route) error {
	return g.w.policy.AllowRoute(g.w.actor, route.Action)
}

func places(t testing.TB, db *store.DB) *registry.Registry {
	t.Helper()
	reg, err := registry.Open(t.Context(), db)
	if err != nil {
		t.Fatal(err)
	}
	err = reg.Edit(t.Context(), func(e *registry.Edit) error {
		err := e.PutDivisions([]registry.Division{{Code: hefei, Level: registry.City, Name: text("合肥市")}})
		for _, b := range []registry.Body{{Key: "data", Name: text("数据局")}, {Key: "water", Name: text("水务局"), Centre: "hall"}, {Key: "health", Name: text("卫健委"), Centre: "hall"}} {
			b.Division = hefei
			err = errors.Join(err, e.PutBody(b))
		}
		err = errors.Join(err, e.PutCentre(registry.Centre{Key: "hall", Division: hefei, Body: "data", Name: text("市中心"), Address: text("政务路 1 号"), Hours: text("工作日"),
			Windows: []registry.Window{{Key: "w1", Number: "A01", Name: text("综合窗口"), Bodies: []string{"water", "health"}}, {Key: "w2", Number: "A02", Name: text("卫生窗口"), Bodies: []string{"health"}}}}))
		for _, p := range []identity.Principal{manager, clerk, clerk2, head, reviewer, doctor} {
			post := registry.Post{Key: p.Post.ID, Body: p.Post.Body, Roles: p.Post.Roles, Title: text(p.Post.ID)}
			switch p.Post.ID {
			case "data.clerk":
				post.Windows = []string{"w1"}
			case "data.clerk2":
				post.Windows = []string{"w2"}
			}
			err = errors.Join(err, e.PutPost(post))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	err = reg.Edit(t.Context(), func(e *registry.Edit) error {
		return e.Appoint(clerk.Account, "data.clerk", day(t, "2026-01-01").Start(), time.Time{})
	})
	if err != nil {
		t.Fatal(err)
	}
	return reg
}

func onEachEngine(t *testing.T, test func(t *testing.T, w *world)) {
	t.Helper()
	storetest.Each(t, []store.Migrations{registry.Schema(), centre.Schema()}, func(t *testing.T, db *store.DB) { test(t, newWorld(t, db)) })
}

// record adds a change that counts from a day on.
func (w *world) record(who identity.Principal, kind centre.Kind, window, body, about, from string, held bool) {
	w.t.Helper()
	err := w.Record(w.t.Context(), who, centre.Record{Window: window, Kind: kind, Body: body, Subject: about, Day: day(w.t, from), Held: held, Basis: "水办〔2026〕1 号"})
	if err != nil {
		w.t.Fatalf("%s of %s at %s: %v", kind, about, window, err)
	}
}

// code is the code of a refusal, or "" for none.
func code(t testing.TB, err error) string {
	t.Helper()
	var r *centre.Refusal
	if err == nil {
		return ""
	}
	if !errors.As(err, &r) {
		t.Fatalf("no refusal: %v", err)
	}
	return r.Code
}

// reserve books for a telephone number that ends with n.
func (w *world) reserve(line, date, slot string, n string) (*centre.Appointment, error) {
	w.t.Helper()
	m, err := centre.ParseMinute(slot)
	if err != nil {
		w.t.Fatal(err)
	}
	return w.Reserve(context.Background(), centre.Booking{Centre: "hall", Line: line, Day: day(w.t, date), Slot: m,
		Person: centre.Person{Name: "程小满", Phone: "1380013" + n}})
}

// send sends a request, and checks the answer's status and words; words that begin with ! must not be there.
func (w *world) send(who identity.Principal, method, path string, form url.Values, status int, words ...string) *httptest.ResponseRecorder {
	w.t.Helper()
	w.actor = who
	rec := httptest.NewRecorder()
	r := httptest.NewRequestWithContext(w.t.Context(), method, path, strings.NewReader(form.Encode()))
	r.Header.Set("Accept-Language", "zh-Hans")
	if method == http.MethodPost {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	w.site.ServeHTTP(rec, r)
	body := rec.Body.String()
	if rec.Code != status {
		w.t.Fatalf("%s %s: status %d, want %d\n%s", method, path, rec.Code, status, body)
	}
	for _, word := range words {
		if not, unwanted := strings.CutPrefix(word, "!"); unwanted == strings.Contains(body, strings.TrimPrefix(word, "!")) {
			w.t.Errorf("%s %s: %q (unwanted: %t %s)", method, path, word, unwanted, not)
		}
	}
	if strings.Contains(body, "⟦") {
		w.t.Errorf("%s lacks words", path)
	}
	return rec
}
