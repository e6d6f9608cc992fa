package rating_test

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"strconv"
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
	"openhall.org/openhall/internal/platform/registry"
	"openhall.org/openhall/internal/platform/store"
	"openhall.org/openhall/internal/platform/store/seal"
	"openhall.org/openhall/internal/platform/store/storetest"
	"openhall.org/openhall/internal/platform/web"
	"openhall.org/openhall/internal/platform/web/i18n"
	"openhall.org/openhall/internal/slice/rating"
	"openhall.org/openhall/policies"
	"openhall.org/openhall/procedures"
	"openhall.org/openhall/rules"
)

const (
	hefei = "340100000000"
	item  = "11340100MB9000218P3000119001000"
)

// world is a hall of Hefei: a water bureau, the centre that takes complaints, and supervision.
type world struct {
	*rating.Service
	t     testing.TB
	db    *store.DB
	cases *casework.Runtime
	log   *ledger.Ledger
	reg   *registry.Registry
	site  http.Handler
	words *i18n.Catalogue

	mu     sync.Mutex
	now    time.Time
	actor  identity.Principal
	visits map[string]rating.Visit
	keys   int
}

var (
	visitor  = identity.Principal{Kind: identity.Visitor}
	citizen  = identity.Principal{Account: 1, Kind: identity.Person, Name: "王小明"}
	reviewer = staff(12, "water-reviewer", "water", "reviewer")
	second   = staff(13, "water-second", "water", "reviewer")
	head     = staff(14, "water-head", "water", "head")
	clerk    = staff(21, "centre-window", "centre", "window")
	officer  = staff(22, "centre-manager", "centre", "manager", "complaints")
	overseer = staff(31, "supervisor", "supervision", "supervisor")
)

func staff(id store.ID, post, body string, roles ...string) identity.Principal {
	return identity.Principal{Account: id, Kind: identity.Staff, Name: "账户" + id.String(),
		Post: identity.Post{ID: post, Body: body, Division: hefei, Roles: roles}}
}

func text(s string) lang.Text { return lang.Text{Hans: s, Hant: s, En: s} }

var schemas = []store.Migrations{registry.Schema(), casework.Schema(), file.Schema(), ledger.Schema(), rating.Schema()}

func onEachEngine(t *testing.T, test func(t *testing.T, w *world)) {
	t.Helper()
	storetest.Each(t, schemas, func(t *testing.T, db *store.DB) { test(t, newWorld(t, db)) })
}

func onSQLite(t testing.TB) *world {
	t.Helper()
	return newWorld(t, storetest.New(t, store.SQLite, schemas...))
}

func newWorld(t testing.TB, db *store.DB) *world {
	t.Helper()
	w := &world{t: t, db: db, actor: visitor, visits: map[string]rating.Visit{}}
	w.at("2026-03-02", 10) // a Monday; no holiday until 清明, 4 April
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	cal, err := calendar.Load(rules.Files, "calendar")
	must(err)
	law, err := statute.Load(rules.Files, "cn", "cn-ah")
	must(err)
	keys, err := seal.New([]byte(strings.Repeat("k", 32)))
	must(err)
	ids, err := store.NewIDs(1, w.time)
	must(err)
	w.reg = places(t, db)
	policy, err := identity.LoadPolicies(policies.Files, func() identity.Places { return w.reg.Now() })
	must(err)
	forms, err := casework.LoadForms(procedures.Files, "forms", rating.StepFormats())
	must(err)
	files, err := file.New(file.Options{DB: db, Blobs: file.Dir(t.TempDir()), Keys: keys, IDs: ids, Now: w.time})
	must(err)
	w.Service, err = rating.New(rating.Deps{DB: db, Keys: keys, IDs: ids, Files: files, Registry: w.reg, People: w, Items: w, Visits: w, Rules: law,
		Now: w.time, Log: slog.New(slog.DiscardHandler), BaseURL: "https://hall.example.org"})
	must(err)
	w.cases, err = casework.New(casework.Options{
		DB: db, Keys: keys, IDs: ids, Now: w.time, Calendar: func() *calendar.Calendar { return cal }, Rules: law, Policy: policy,
		Kinds: append(w.Kinds(), casework.Kind{Name: "matter", Title: text("办件"), Begin: beginMatter}, casework.Kind{Name: "request", Title: text("信息公开申请"), Begin: beginMatter}), Forms: forms,
	})
	must(err)
	t.Cleanup(w.cases.Close)
	for _, key := range []string{"rating-followup", "complaint", "on-the-spot"} {
		xml, err := procedures.Files.ReadFile(key + ".bpmn")
		must(err)
		_, err = w.cases.PublishProcedure(t.Context(), key, xml)
		must(err)
	}
	key, err := ledger.LoadKey(filepath.Join(t.TempDir(), "log.key"), "hall.example.org/log")
	must(err)
	w.log, err = ledger.New(t.Context(), ledger.Options{DB: db, Key: key, Now: w.time, Log: slog.New(slog.DiscardHandler), Holder: "test"})
	must(err)
	must(w.Attach(w.cases, w.log))
	w.words, err = i18n.Load(web.Messages(), rating.Messages())
	must(err)
	t.Cleanup(func() {
		if missing := w.words.Missing(); len(missing) > 0 {
			t.Errorf("messages asked for in vain: %v", missing)
		}
	})
	shell, err := web.New(web.Config{
		Site: web.Site{Name: text("政务大厅"), SignIn: "/sign-in"}, Catalogue: w.words, Clock: w.time, Log: slog.New(slog.DiscardHandler),
		Guard: guard{w, policy}, Explain: web.ExplainRefusal,
	})
	must(err)
	w.Mount(shell)
	w.site, err = shell.Handler()
	must(err)
	return w
}

type guard struct {
	w      *world
	policy *identity.Policies
}

func (g guard) Allow(_ *http.Request, route web.Route) error {
	return g.policy.AllowRoute(g.w.actor, route.Action)
}

func places(t testing.TB, db *store.DB) *registry.Registry {
	t.Helper()
	reg, err := registry.Open(t.Context(), db)
	if err != nil {
		t.Fatal(err)
	}
	err = reg.Edit(t.Context(), func(e *registry.Edit) error {
		err := e.PutDivisions([]registry.Division{{Code: "340000000000", Level: registry.Province, Name: text("安徽省")}, {Code: hefei, Level: registry.City, Name: text("合肥市")}})
		for key, name := range map[string]string{"centre": "合肥市数据资源管理局", "supervision": "合肥市监察局"} {
			err = errors.Join(err, e.PutBody(registry.Body{Key: key, Division: hefei, Kind: key, Level: "municipal", Name: text(name)}))
		}
		err = errors.Join(err, e.PutBody(registry.Body{Key: "water", Division: hefei, Kind: "water", Level: "municipal", Name: text("合肥市水务局"), Centre: "hall"}))
		err = errors.Join(err, e.PutCentre(registry.Centre{Key: "hall", Division: hefei, Body: "centre", Name: text("合肥市政务服务中心"),
			Windows: []registry.Window{{Key: "w1", Number: "A1", Name: text("综合窗口"), Bodies: []string{"water"}}}}))
		for _, p := range []identity.Principal{reviewer, second, head, clerk, officer, overseer} {
			windows := []string(nil)
			if p.Post.Has("window") {
				windows = []string{"w1"}
			}
			err = errors.Join(err, e.PutPost(registry.Post{Key: p.Post.ID, Body: p.Post.Body, Roles: p.Post.Roles, Windows: windows, Title: text(p.Post.ID)}),
				e.Appoint(p.Account, p.Post.ID, time.UnixMicro(1), time.Time{}))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return reg
}

// beginMatter is a matter decided on the spot at the window.
func beginMatter(_ context.Context, s casework.Submit, _ calendar.Date) (casework.Beginning, error) {
	return casework.Beginning{Title: text("取水许可"), Division: hefei, Body: "water", Procedure: "on-the-spot", Series: s.Subject}, nil
}

func (w *world) time() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.now
}

func (w *world) at(day string, hour int) {
	w.t.Helper()
	d, err := calendar.Parse(day)
	if err != nil {
		w.t.Fatal(err)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.now = d.Start().Add(time.Duration(hour) * time.Hour)
}

// The world is also who stands behind the ports.

func (w *world) Principal(*http.Request) (identity.Principal, error) { return w.actor, nil }

func (w *world) Contact(context.Context, store.ID) (name, phone, idNumber string, err error) {
	return "王小明", "13800000001", "11010519491231002X", nil
}

func (w *world) Title(code string) lang.Text {
	if code == item {
		return text("取水许可")
	}
	return lang.Text{}
}

func (w *world) OfBody(body string) []rating.Item {
	if body != "water" {
		return nil
	}
	return []rating.Item{{Code: item, Title: text("取水许可")}}
}

// Visit implements rating.Visits.
func (w *world) Visit(_ context.Context, code string) (rating.Visit, bool, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	v, ok := w.visits[code]
	return v, ok, nil
}

func (w *world) ticket(code string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.visits[code] = rating.Visit{Centre: "hall", Window: "w1", Body: "water", Item: item, Division: hefei, Clerk: clerk.Account}
}

// What happens in this world.

func (w *world) key() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.keys++
	return "key-" + strconv.Itoa(w.keys)
}

func (w *world) do(cmd casework.Command) (casework.Receipt, error) {
	if cmd.Key == "" {
		cmd.Key = w.key()
	}
	return w.cases.Do(w.t.Context(), cmd)
}

func (w *world) must(cmd casework.Command) casework.Receipt {
	w.t.Helper()
	rec, err := w.do(cmd)
	if err != nil {
		w.t.Fatal(err)
	}
	return rec
}

// ended is a matter that the clerk has refused.
func (w *world) ended() *casework.Case { return w.endedOf("matter") }

func (w *world) endedOf(kind string) *casework.Case {
	w.t.Helper()
	rec := w.must(casework.Command{Actor: citizen, Act: casework.Submit{Kind: kind, Subject: item, Channel: casework.Online,
		Applicant: casework.Applicant{Party: citizen.Account, Kind: identity.Person, Name: "王小明", IDNumber: "11010519491231002X", Phone: "13800000001"}}})
	w.step(rec.Case, clerk, "handle", `{"outcome":"refuse","reasons":"不符合规划"}`)
	c := w.get(rec.Case)
	for _, t := range c.Tasks() {
		w.must(casework.Command{Actor: clerk, Case: c.ID, Act: casework.Complete{Token: t.Token, Data: json.RawMessage(`{"manner":"pick-up","delivered":"2026-03-02","receiver":"王小明"}`)}})
	}
	if c = w.get(c.ID); c.Open() {
		w.t.Fatalf("the matter is open: %+v", c.Tasks())
	}
	return c
}

func (w *world) get(id store.ID) *casework.Case {
	w.t.Helper()
	c, err := w.cases.Get(w.t.Context(), id)
	if err != nil {
		w.t.Fatal(err)
	}
	return c
}

func (w *world) try(id store.ID, p identity.Principal, element, data string) error {
	w.t.Helper()
	for _, t := range w.get(id).Tasks() {
		if t.Element == element {
			_, err := w.do(casework.Command{Actor: p, Case: id, Proven: p.Kind == identity.Visitor, Act: casework.Complete{Token: t.Token, Data: json.RawMessage(data)}})
			return err
		}
	}
	w.t.Fatalf("the step %s is not open but %+v", element, w.get(id).Tasks())
	return nil
}

func (w *world) step(id store.ID, p identity.Principal, element, data string) {
	w.t.Helper()
	if err := w.try(id, p, element, data); err != nil {
		w.t.Fatalf("%s: %v", element, err)
	}
}

// settle lets the slice read the log and open what is due, until nothing moves.
func (w *world) settle() {
	w.t.Helper()
	for {
		placed, err := w.log.Sequence(w.t.Context())
		if err != nil {
			w.t.Fatal(err)
		}
		read := 0
		for {
			n, err := w.log.Catch(w.t.Context(), rating.Consumer, w.Count)
			if err != nil {
				w.t.Fatal(err)
			}
			if read += n; n == 0 {
				break
			}
		}
		opened, err := w.Open(w.t.Context())
		if err != nil {
			w.t.Fatal(err)
		}
		if placed+read+opened == 0 {
			return
		}
	}
}

// pass moves the clock and lets what fell due happen.
func (w *world) pass(day string) {
	w.t.Helper()
	w.at(day, 10)
	for {
		n, err := w.cases.Wake(w.t.Context())
		if err != nil {
			w.t.Fatal(err)
		}
		if n == 0 {
			return
		}
	}
}

type reply struct {
	*httptest.ResponseRecorder
	t testing.TB
}

func (w *world) fetch(p identity.Principal, path string, values url.Values) reply {
	w.t.Helper()
	w.actor = p
	r := httptest.NewRequestWithContext(w.t.Context(), http.MethodGet, path, nil)
	if values != nil {
		r = httptest.NewRequestWithContext(w.t.Context(), http.MethodPost, path, strings.NewReader(values.Encode()))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	rec := httptest.NewRecorder()
	w.site.ServeHTTP(rec, r)
	return reply{rec, w.t}
}

// want checks the status and that the page says all of the words; those that begin with ! must not stand there.
func (a reply) want(status int, words ...string) reply {
	a.t.Helper()
	body := a.Body.String()
	if a.Code != status {
		a.t.Fatalf("status %d, want %d\n%s", a.Code, status, body)
	}
	for _, word := range words {
		if not, unwanted := strings.CutPrefix(word, "!"); unwanted {
			if strings.Contains(body, not) {
				a.t.Errorf("the page says %q", not)
			}
		} else if !strings.Contains(body, word) {
			a.t.Errorf("the page does not say %q", word)
		}
	}
	if strings.Contains(body, "⟦") {
		a.t.Error("the page lacks words")
	}
	return a
}
