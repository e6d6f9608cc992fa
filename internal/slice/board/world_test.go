package board_test

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/core/lang"
	"openhall.org/openhall/internal/core/statute"
	"openhall.org/openhall/internal/core/term"
	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/ledger"
	"openhall.org/openhall/internal/platform/registry"
	"openhall.org/openhall/internal/platform/store"
	"openhall.org/openhall/internal/platform/store/seal"
	"openhall.org/openhall/internal/platform/store/storetest"
	"openhall.org/openhall/internal/platform/supervision"
	"openhall.org/openhall/internal/platform/web"
	"openhall.org/openhall/internal/platform/web/i18n"
	"openhall.org/openhall/internal/slice/board"
	"openhall.org/openhall/policies"
	"openhall.org/openhall/procedures"
	"openhall.org/openhall/rules"
)

const (
	anhui = "340000000000"
	hefei = "340100000000"
	feixi = "340123000000"
)

// world is a province, a city and a county. The city has a water bureau and a health commission, the county a water bureau.
type world struct {
	*board.Service
	t           testing.TB
	cases       *casework.Runtime
	ledger      *ledger.Ledger
	supervision *supervision.Supervision
	site        http.Handler

	draining chan struct{}

	now   time.Time
	actor identity.Principal
	gone  atomic.Bool // the session of whoever watches has ended
	keys  int
}

var (
	citizen  = identity.Principal{Account: 1, Kind: identity.Person}
	province = staff(10, "province-supervisor", "province-supervision", anhui, "supervisor")
	city     = staff(11, "city-supervisor", "city-water", hefei, "supervisor")
	manager  = staff(12, "city-manager", "city-water", hefei, "manager")
	head     = staff(13, "city-head", "city-water", hefei, "head")
	clerk    = staff(14, "city-window", "city-water", hefei, "window")
	reviewer = staff(15, "city-reviewer", "city-water", hefei, "reviewer")
	county   = staff(16, "county-supervisor", "county-water", feixi, "supervisor")
)

func staff(id store.ID, post, body, division, role string) identity.Principal {
	return identity.Principal{Account: id, Kind: identity.Staff, Post: identity.Post{ID: post, Body: body, Division: division, Roles: []string{role}}}
}

func text(s string) lang.Text { return lang.Text{Hans: s, Hant: s, En: s} }

func (w *world) time() time.Time { return w.now }

func newWorld(t testing.TB, db *store.DB) *world {
	t.Helper()
	w := &world{t: t}
	w.at("2026-03-02", 10)
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
	ids, err := store.NewIDs(1, time.Now)
	must(err)
	reg := places(t, db)
	policy, err := identity.LoadPolicies(policies.Files, func() identity.Places { return reg.Now() })
	must(err)
	forms, err := casework.LoadForms(procedures.Files, "forms", nil)
	must(err)
	w.cases, err = casework.New(casework.Options{
		DB: db, Keys: keys, IDs: ids, Now: w.time, Calendar: func() *calendar.Calendar { return cal }, Rules: law, Policy: policy,
		Kinds: []casework.Kind{{Name: "licence", Title: text("许可"), Begin: begin}}, Forms: forms,
	})
	must(err)
	t.Cleanup(w.cases.Close)
	xml, err := procedures.Files.ReadFile("general-licence.bpmn")
	must(err)
	_, err = w.cases.PublishProcedure(t.Context(), "general-licence", xml)
	must(err)
	key, err := ledger.LoadKey(filepath.Join(t.TempDir(), "log.key"), "test.openhall.org/log")
	must(err)
	w.ledger, err = ledger.New(t.Context(), ledger.Options{DB: db, Key: key, Now: w.time, Log: slog.New(slog.DiscardHandler), Holder: "test"})
	must(err)
	watched, err := supervision.Rules()
	must(err)
	w.supervision, err = supervision.New(db, watched, func() *calendar.Calendar { return cal })
	must(err)
	w.draining = make(chan struct{})
	w.Service, err = board.New(board.Deps{Cases: w.cases, Supervision: w.supervision, Registry: reg, People: w, Kind: "licence", Draining: w.draining})
	must(err)
	words, err := i18n.Load(web.Messages(), board.Messages())
	must(err)
	t.Cleanup(func() {
		if missing := words.Missing(); len(missing) > 0 {
			t.Errorf("messages asked for in vain: %v", missing)
		}
	})
	shell, err := web.New(web.Config{Site: web.Site{Name: text("政务大厅"), SignIn: "/sign-in"}, Catalogue: words, Clock: w.time,
		Log: slog.New(slog.DiscardHandler), Guard: guard{w, policy}, Explain: web.ExplainRefusal})
	must(err)
	w.Mount(shell)
	w.site, err = shell.Handler()
	must(err)
	return w
}

func places(t testing.TB, db *store.DB) *registry.Registry {
	t.Helper()
	reg, err := registry.Open(t.Context(), db)
	if err != nil {
		t.Fatal(err)
	}
	err = reg.Edit(t.Context(), func(e *registry.Edit) error {
		err := e.PutDivisions([]registry.Division{{Code: anhui, Level: registry.Province, Name: text("安徽省")},
			{Code: hefei, Level: registry.City, Name: text("合肥市")}, {Code: feixi, Level: registry.County, Name: text("肥西县")}})
		for _, b := range []registry.Body{{Key: "province-supervision", Division: anhui, Name: text("安徽省监察室")},
			{Key: "city-water", Division: hefei, Name: text("合肥市水务局")}, {Key: "city-health", Division: hefei, Name: text("合肥市卫健委")},
			{Key: "county-water", Division: feixi, Name: text("肥西县水务局")}} {
			err = errors.Join(err, e.PutBody(b))
		}
		err = errors.Join(err, e.PutCentre(registry.Centre{Key: "city-centre", Division: hefei, Body: "city-health", Name: text("合肥市政务服务中心"),
			Windows: []registry.Window{{Key: "window-a", Number: "A01", Name: text("综合窗口"), Bodies: []string{"city-water"}}}}))
		for _, p := range []identity.Principal{province, city, manager, head, clerk, reviewer, county} {
			post := registry.Post{Key: p.Post.ID, Body: p.Post.Body, Roles: p.Post.Roles, Title: text(p.Post.ID)}
			if p.Account == clerk.Account {
				post.Windows = []string{"window-a"}
			}
			err = errors.Join(err, e.PutPost(post))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return reg
}

// begin takes the body as the subject.
func begin(_ context.Context, s casework.Submit, _ calendar.Date) (casework.Beginning, error) {
	days := func(n int) term.Length { return term.Length{N: n, Unit: statute.WorkingDay, Rule: "licence.decide"} }
	division := hefei
	if s.Subject == "county-water" {
		division = feixi
	}
	return casework.Beginning{Title: text("取水许可"), Division: division, Body: s.Subject, Procedure: "general-licence",
		Series: "11340000000000000A01101000100001", Terms: map[string]casework.Terms{"licence.decide": {Statutory: days(20), Promised: days(10)}}}, nil
}

type guard struct {
	w      *world
	policy *identity.Policies
}

func (g guard) Allow(_ *http.Request, route web.Route) error {
	return g.policy.AllowRoute(g.w.actor, route.Action)
}

func (w *world) Principal(*http.Request) (identity.Principal, error) { return w.actor, nil }

func (w *world) Again(*http.Request) (identity.Principal, error) {
	if w.gone.Load() {
		return identity.Principal{Kind: identity.Visitor}, nil
	}
	return w.actor, nil
}

func (w *world) at(day string, hour int) {
	w.t.Helper()
	d, err := calendar.Parse(day)
	if err != nil {
		w.t.Fatal(err)
	}
	w.now = d.Start().Add(time.Duration(hour) * time.Hour)
}

func (w *world) do(p identity.Principal, id store.ID, act casework.Act) casework.Receipt {
	w.t.Helper()
	w.keys++
	rec, err := w.cases.Do(w.t.Context(), casework.Command{Key: strconv.Itoa(w.keys), Actor: p, Case: id, Act: act})
	if err != nil {
		w.t.Fatal(err)
	}
	return rec
}

func (w *world) apply(body string) casework.Receipt {
	w.t.Helper()
	return w.do(citizen, 0, casework.Submit{Kind: "licence", Subject: body, Channel: casework.Online,
		Applicant: casework.Applicant{Party: citizen.Account, Kind: identity.Person, Name: "王小明", IDNumber: "11010519491231002X"}, Form: json.RawMessage(`{}`)})
}

func (w *world) step(p identity.Principal, id store.ID, data string) {
	w.t.Helper()
	c, err := w.cases.Get(w.t.Context(), id)
	if err != nil || len(c.Tasks()) != 1 {
		w.t.Fatalf("case %s: %+v, %v", id, c, err)
	}
	w.do(p, id, casework.Complete{Token: c.Tasks()[0].Token, Data: json.RawMessage(data)})
}

// follow lets time pass and the log reach supervision.
func (w *world) follow() {
	w.t.Helper()
	for more := true; more; {
		n, err := w.cases.Wake(w.t.Context())
		if err != nil {
			w.t.Fatal(err)
		}
		more = n > 0
	}
	for more := true; more; {
		placed, err := w.ledger.Sequence(w.t.Context())
		if err != nil {
			w.t.Fatal(err)
		}
		seen, err := w.ledger.Catch(w.t.Context(), supervision.Consumer, w.supervision.Handle)
		if err != nil {
			w.t.Fatal(err)
		}
		counted, err := w.ledger.Catch(w.t.Context(), supervision.CountConsumer, w.supervision.Count)
		if err != nil {
			w.t.Fatal(err)
		}
		more = placed+seen+counted > 0
	}
}

// get returns the page at a path, which must have the status and say all of the words; those that begin with ! must not stand there.
func (w *world) get(p identity.Principal, path string, status int, words ...string) string {
	w.t.Helper()
	w.actor = p
	rec := httptest.NewRecorder()
	w.site.ServeHTTP(rec, httptest.NewRequestWithContext(w.t.Context(), http.MethodGet, path, nil))
	body := rec.Body.String()
	if rec.Code != status {
		w.t.Fatalf("%s: status %d, want %d\n%s", path, rec.Code, status, body)
	}
	for _, word := range words {
		if not, unwanted := strings.CutPrefix(word, "!"); unwanted {
			if strings.Contains(body, not) {
				w.t.Errorf("%s says %q", path, not)
			}
		} else if !strings.Contains(body, word) {
			w.t.Errorf("%s does not say %q", path, word)
		}
	}
	if strings.Contains(body, "⟦") {
		w.t.Errorf("%s lacks words", path)
	}
	return body
}

var schemas = []store.Migrations{registry.Schema(), casework.Schema(), ledger.Schema(), supervision.Schema()}

func onEachEngine(t *testing.T, test func(t *testing.T, w *world)) {
	t.Helper()
	storetest.Each(t, schemas, func(t *testing.T, db *store.DB) { test(t, newWorld(t, db)) })
}
