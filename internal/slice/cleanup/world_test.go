package cleanup_test

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
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
	"openhall.org/openhall/internal/platform/registry"
	"openhall.org/openhall/internal/platform/store"
	"openhall.org/openhall/internal/platform/store/seal"
	"openhall.org/openhall/internal/platform/store/storetest"
	"openhall.org/openhall/internal/platform/web"
	"openhall.org/openhall/internal/platform/web/i18n"
	"openhall.org/openhall/internal/slice/cleanup"
	"openhall.org/openhall/internal/slice/cleanup/register"
	"openhall.org/openhall/policies"
	"openhall.org/openhall/procedures"
	"openhall.org/openhall/rules"
)

const (
	anhui = "340000000000"
	hefei = "340100000000"
	other = "340300000000"
	feixi = "340123000000"
)

// world is a province with a reform office and two departments, two cities, a county, and a catalogue of its own.
type world struct {
	*cleanup.Service
	t      testing.TB
	db     *store.DB
	cases  *casework.Runtime
	reg    *registry.Registry
	site   http.Handler
	words  *i18n.Catalogue
	policy *identity.Policies

	mu        sync.Mutex
	now       time.Time
	actor     identity.Principal
	items     map[string][]string // bodies by item
	gone      map[string]bool
	settled   int
	owed      map[string]cleanup.Duty
	published []cleanup.Publication
	keys      int
}

var (
	visitor    = identity.Principal{Kind: identity.Visitor}
	drafter    = staff(11, "reform-drafter", "reform", anhui, "reviewer")
	reviewer   = staff(12, "reform-reviewer", "reform", anhui, "reviewer")
	head       = staff(13, "reform-head", "reform", anhui, "head")
	healthy    = staff(21, "health-reviewer", "health", anhui, "reviewer")
	cityHead   = staff(31, "city-head", "city-health", hefei, "reviewer", "head")
	countyHead = staff(41, "county-head", "county-health", feixi, "reviewer", "head")
	overseer   = staff(51, "supervisor", "supervision", anhui, "supervisor")
)

func staff(id store.ID, post, body, division string, roles ...string) identity.Principal {
	return identity.Principal{Account: id, Kind: identity.Staff, Name: "账户" + id.String(), Post: identity.Post{ID: post, Body: body, Division: division, Roles: roles}}
}

func text(s string) lang.Text { return lang.Text{Hans: s, Hant: s, En: s} }

var schemas = []store.Migrations{registry.Schema(), casework.Schema(), file.Schema(), cleanup.Schema()}

func onEachEngine(t *testing.T, test func(t *testing.T, w *world)) {
	t.Helper()
	storetest.Each(t, schemas, func(t *testing.T, db *store.DB) { test(t, newWorld(t, db)) })
}

func onSQLite(t testing.TB) *world {
	t.Helper()
	return newWorld(t, storetest.New(t, store.SQLite, schemas...))
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func newWorld(t testing.TB, db *store.DB) *world {
	t.Helper()
	w := &world{t: t, db: db, actor: visitor, gone: map[string]bool{}, owed: map[string]cleanup.Duty{}}
	w.items = map[string][]string{"clinic": {"health"}, "nurse": {"health", "city-health"}, "hygiene": {"city-health"}, "spa": {"health"}}
	w.at("2026-03-02", 10) // a Monday
	cal, err := calendar.Load(rules.Files, "calendar")
	must(t, err)
	law, err := statute.Load(rules.Files, "cn", "cn-ah")
	must(t, err)
	keys, err := seal.New([]byte(strings.Repeat("k", 32)))
	must(t, err)
	ids, err := store.NewIDs(1, w.time)
	must(t, err)
	w.reg = places(t, db)
	w.policy, err = identity.LoadPolicies(policies.Files, func() identity.Places { return w.reg.Now() })
	must(t, err)
	forms, err := casework.LoadForms(procedures.Files, "forms", map[string]casework.Format{"id-card": nothing, "uscc": nothing, "phone": nothing, "date": nothing})
	must(t, err)
	w.Service, err = cleanup.New(cleanup.Deps{
		DB: db, IDs: ids, Registry: w.reg, Rules: law, People: w, Names: w, Catalogue: w, Duties: w, Now: w.time, Log: slog.New(slog.DiscardHandler), Publisher: w,
	})
	must(t, err)
	w.cases, err = casework.New(casework.Options{
		DB: db, Keys: keys, IDs: ids, Now: w.time, Calendar: func() *calendar.Calendar { return cal }, Rules: law, Policy: w.policy,
		Kinds: append(w.Kinds(), casework.Kind{Name: "matter", Begin: w.beginMatter}), Forms: forms,
	})
	must(t, err)
	t.Cleanup(w.cases.Close)
	for _, name := range []string{cleanup.RoundKind, cleanup.HandoverKind, cleanup.AttemptKind, "publication-duty"} {
		xml, err := procedures.Files.ReadFile(name + ".bpmn")
		must(t, err)
		_, err = w.cases.PublishProcedure(t.Context(), name, xml)
		must(t, err)
	}
	w.words, err = i18n.Load(web.Messages(), cleanup.Messages())
	must(t, err)
	w.Attach(w.cases)
	must(t, w.Load(t.Context()))
	t.Cleanup(func() {
		if missing := w.words.Missing(); len(missing) > 0 {
			t.Errorf("messages asked for in vain: %v", missing)
		}
	})
	shell, err := web.New(web.Config{
		Site: web.Site{Name: text("政务大厅"), SignIn: "/sign-in"}, Catalogue: w.words, Clock: w.time, Log: slog.New(slog.DiscardHandler),
		Guard: guard{w}, Explain: web.ExplainRefusal,
	})
	must(t, err)
	w.Mount(shell)
	w.site, err = shell.Handler()
	must(t, err)
	return w
}

func nothing(string) error { return nil }

type guard struct{ w *world }

func (g guard) Allow(_ *http.Request, route web.Route) error {
	return g.w.policy.AllowRoute(g.w.actor, route.Action)
}

func places(t testing.TB, db *store.DB) *registry.Registry {
	t.Helper()
	reg, err := registry.Open(t.Context(), db)
	must(t, err)
	must(t, reg.Edit(t.Context(), func(e *registry.Edit) error {
		err := e.PutDivisions([]registry.Division{
			{Code: anhui, Level: registry.Province, Name: text("安徽省")}, {Code: hefei, Level: registry.City, Name: text("合肥市")},
			{Code: feixi, Level: registry.County, Name: text("肥西县")}, {Code: other, Level: registry.City, Name: text("蚌埠市")},
		})
		if err != nil {
			return err
		}
		centre := registry.Centre{Key: "centre", Division: anhui, Body: "reform", Name: text("中心"), Address: text("路"), Hours: text("九点")}
		bodies := []registry.Body{
			{Key: "reform", Division: anhui, Kind: "data", Level: "provincial", Name: text("省数据局")},
			{Key: "health", Division: anhui, Kind: "health", Level: "provincial", Name: text("省卫生健康委")},
			{Key: "supervision", Division: anhui, Kind: "supervision", Level: "provincial", Name: text("省监察厅")},
			{Key: "city-health", Division: hefei, Kind: "health", Level: "municipal", Name: text("合肥市卫生健康委")},
			{Key: "city-water", Division: hefei, Kind: "water", Level: "municipal", Name: text("合肥市水务局")},
			{Key: "other-health", Division: other, Kind: "health", Level: "municipal", Name: text("蚌埠市卫生健康委")},
			{Key: "old-health", Division: hefei, Kind: "health", Level: "municipal", Name: text("旧局"), Ended: "2020-01-01"},
			{Key: "bare-health", Division: hefei, Kind: "health", Level: "municipal", Name: text("没有代码的局")},
			{Key: "county-health", Division: feixi, Kind: "health", Level: "county", Name: text("肥西县卫生健康委")},
		}
		for i := range bodies {
			b := bodies[i]
			if b.Key != "bare-health" {
				b.Consult, b.Complaint, b.Centre, b.USCC = "1", "2", "centre", usccs[i]
			}
			if b.Key == "reform" {
				b.Centre = ""
			}
			if err := e.PutBody(b); err != nil {
				return err
			}
			if b.Key == "reform" {
				if err := e.PutCentre(centre); err != nil {
					return err
				}
			}
		}
		for _, p := range []identity.Principal{drafter, reviewer, head, healthy, cityHead, countyHead, overseer} {
			if err := e.PutPost(registry.Post{Key: p.Post.ID, Body: p.Post.Body, Roles: p.Post.Roles, Title: text(p.Post.ID)}); err != nil {
				return err
			}
			if err := e.Appoint(p.Account, p.Post.ID, time.UnixMicro(1), time.Time{}); err != nil {
				return err
			}
		}
		return nil
	}))
	return reg
}

// usccs are invented credit codes whose check characters are right: those of the demo.
var usccs = []string{"11340000MB9000015X", "11340000MB9000023Q", "11340000MB9000031K", "11340000MB900004XB", "11340000MB9000058B", "11340000MB90000666", "11340000MB90000741", "11340000MB9000082U", "11340000MB9000090N"}

func (w *world) time() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.now
}

func (w *world) at(day string, hour int) {
	d, err := calendar.Parse(day)
	must(w.t, err)
	w.mu.Lock()
	defer w.mu.Unlock()
	w.now = d.Start().Add(time.Duration(hour) * time.Hour)
}

// Principal implements cleanup.People.
func (w *world) Principal(*http.Request) (identity.Principal, error) { return w.actor, nil }

// Body implements cleanup.Names.
func (w *world) Body(key string) lang.Text {
	if b := w.reg.Now().Body(key); b != nil {
		return b.Name
	}
	return text(key)
}

// Division implements cleanup.Names.
func (w *world) Division(code string) lang.Text { return w.reg.Now().Division(code).Name }

// Post implements cleanup.Names.
func (w *world) Post(key string) lang.Text { return text(key) }

// Item implements cleanup.Catalogue.
func (w *world) Item(key string) (cleanup.Item, bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	bodies, ok := w.items[key]
	return cleanup.Item{Key: key, Name: text("事项" + key), Kind: "health", Bodies: slices.Clone(bodies), Active: !w.gone[key]}, ok
}

// Items implements cleanup.Catalogue.
func (w *world) Items() (list []cleanup.Item) {
	for _, key := range slices.Sorted(maps.Keys(w.items)) {
		it, _ := w.Item(key)
		list = append(list, it)
	}
	return list
}

// Code implements cleanup.Catalogue.
func (w *world) Code(item, body string) string {
	if _, ok := w.Item(item); !ok {
		return ""
	}
	return item + "@" + body
}

// Settle implements cleanup.Catalogue.
func (w *world) Settle(_ context.Context, l register.Line, _ string) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.settled++
	by := slices.DeleteFunc(slices.Clone(w.items[l.Item]), func(b string) bool { return b == l.From })
	if l.Fate == register.Delegated {
		for _, to := range l.To {
			if !slices.Contains(by, to) {
				by = append(by, to)
			}
		}
	}
	if len(by) == 0 {
		w.gone[l.Item] = true
		return nil
	}
	w.items[l.Item] = by
	return nil
}

// Owe implements cleanup.Duties.
func (w *world) Owe(_ context.Context, _ *store.Tx, d cleanup.Duty) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.owed[d.Key] = d
	return nil
}

// Publish implements cleanup.Publisher.
func (w *world) Publish(_ context.Context, p cleanup.Publication) (string, error) {
	w.published = append(w.published, p)
	return "/open/r/" + p.ID, nil
}

// beginMatter opens a case about an item of a body, as its subject names them.
func (w *world) beginMatter(_ context.Context, s casework.Submit, _ calendar.Date) (casework.Beginning, error) {
	item, body, _ := strings.Cut(s.Subject, "@")
	if st := w.Standing(item, body, calendar.Of(w.time())); !st.Kept {
		return casework.Beginning{}, fmt.Errorf("%s cannot be applied for at %s: %+v", item, body, st.Gone)
	}
	b := w.reg.Now().Body(body)
	return casework.Beginning{Title: text(item), Division: b.Division, Body: body, Procedure: "publication-duty", Series: "BJ" + b.Division}, nil
}

// apply opens a case.
func (w *world) apply(item, body string) (store.ID, error) {
	rec, err := w.cases.Do(w.t.Context(), casework.Command{Key: w.key(), Actor: identity.Platform, Act: casework.Submit{
		Kind: "matter", Subject: item + "@" + body, Channel: casework.Online, Form: json.RawMessage("{}"),
	}})
	return rec.Case, err
}

func (w *world) key() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.keys++
	return "key-" + strconv.Itoa(w.keys)
}

// begin opens a round and returns its number.
func (w *world) begin(title string) string {
	w.t.Helper()
	rec, err := w.Begin(w.t.Context(), drafter, title, "皖政〔2026〕1号", w.key())
	must(w.t, err)
	return rec.Number
}

// publish brings a drafted round to its end.
func (w *world) publish(number string) {
	w.t.Helper()
	_, err := w.Hand(w.t.Context(), drafter, number, w.key())
	must(w.t, err)
	_, err = w.Decide(w.t.Context(), reviewer, number, cleanup.Pass, "", w.key())
	must(w.t, err)
	_, err = w.Decide(w.t.Context(), head, number, cleanup.Approve, "", w.key())
	must(w.t, err)
}

// found opens the register.
func (w *world) found() {
	w.t.Helper()
	w.publish(w.begin("建账"))
}

// put writes a line.
func (w *world) put(number string, l register.Line) {
	w.t.Helper()
	must(w.t, w.Put(w.t.Context(), drafter, number, 0, 0, l))
}

// work lets everything follow that is due.
func (w *world) work() {
	w.t.Helper()
	for {
		more, err := w.Work(w.t.Context())
		must(w.t, err)
		if !more {
			return
		}
	}
}

func on(day string) calendar.Date {
	d, err := calendar.Parse(day)
	if err != nil {
		return 0
	}
	return d
}

// delegated is a sound line that gives an item to the city.
func delegated(item string) register.Line {
	return register.Line{Item: item, From: "health", Fate: register.Delegated, On: on("2026-04-01"), To: []string{"city-health"}, Cases: register.Move, Basis: "皖政〔2026〕1号",
		Reason: "方便申请人", Checklist: []string{"档案", "印章", "培训"}, Follow: []register.Follow{{Body: "health", What: "检查", Due: on("2026-09-30")}}}
}

// cancelled is a sound line that cancels an item.
func cancelled(item, from string) register.Line {
	return register.Line{Item: item, From: from, Fate: register.Cancelled, On: on("2026-04-01"), Cases: register.Finish, Basis: "皖政〔2026〕1号", Reason: "没有法律依据",
		Follow: []register.Follow{{Body: from, What: "抽查", Due: on("2026-12-31")}}}
}

// ask sends a request as somebody.
func (w *world) ask(as identity.Principal, method, path string, form url.Values) *httptest.ResponseRecorder {
	w.t.Helper()
	w.actor = as
	r := httptest.NewRequestWithContext(w.t.Context(), method, "https://hall.example.org"+path, strings.NewReader(form.Encode()))
	if method == http.MethodPost {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Sec-Fetch-Site", "same-origin")
	}
	rec := httptest.NewRecorder()
	w.site.ServeHTTP(rec, r)
	return rec
}

// says asks for a page and looks for words in it.
func (w *world) says(as identity.Principal, method, path string, form url.Values, status int, words ...string) string {
	w.t.Helper()
	rec := w.ask(as, method, path, form)
	if rec.Code != status {
		w.t.Fatalf("%s %s: %d, want %d: %.400s", method, path, rec.Code, status, rec.Body.String())
	}
	for _, word := range words {
		if !strings.Contains(rec.Body.String(), word) {
			w.t.Errorf("%s %s does not say %q", method, path, word)
		}
	}
	return rec.Body.String()
}
