package oversight_test

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
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
	"openhall.org/openhall/internal/slice/oversight"
	"openhall.org/openhall/policies"
	"openhall.org/openhall/procedures"
	"openhall.org/openhall/rules"
)

const (
	anhui = "340000000000"
	hefei = "340100000000"
	feixi = "340123000000"
	wuhu  = "340200000000"
)

// world is a province with two cities and a county. Hefei has a water bureau, and supervision as the province and the county have.
type world struct {
	*oversight.Service
	t           testing.TB
	db          *store.DB
	cases       *casework.Runtime
	ledger      *ledger.Ledger
	supervision *supervision.Supervision
	site        http.Handler

	now   time.Time
	actor identity.Principal
	keys  int
}

var (
	citizen  = identity.Principal{Account: 1, Kind: identity.Person}
	province = staff(10, "ah.supervisor", "ah-supervision", anhui, "supervisor")
	city     = staff(11, "hf.supervisor", "hf-supervision", hefei, "supervisor")
	manager  = staff(12, "hf.manager", "hf-data", hefei, "manager")
	head     = staff(13, "hf-water.head", "hf-water", hefei, "head")
	clerk    = staff(14, "hf-water.window", "hf-water", hefei, "window")
	reviewer = staff(15, "hf-water.reviewer", "hf-water", hefei, "reviewer")
	county   = staff(16, "fx.supervisor", "fx-supervision", feixi, "supervisor")
	other    = staff(17, "wh.supervisor", "wh-supervision", wuhu, "supervisor")
	outsider = staff(18, "hf-health.head", "hf-health", hefei, "head")
	// inside is a supervisor of the city who has examined cases of the bureau before: another post of the same account.
	inside = staff(15, "hf.supervisor", "hf-supervision", hefei, "supervisor")
)

func staff(id store.ID, post, body, division, role string) identity.Principal {
	return identity.Principal{Account: id, Kind: identity.Staff, Post: identity.Post{ID: post, Body: body, Division: division, Roles: []string{role}}}
}

func text(s string) lang.Text { return lang.Text{Hans: s, Hant: s, En: s} }

func (w *world) time() time.Time { return w.now }

func newWorld(t testing.TB, db *store.DB) *world {
	t.Helper()
	w := &world{t: t, db: db}
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
	w.Service, err = oversight.New(oversight.Deps{DB: db, Registry: reg, People: w, Names: names{reg}, Now: w.time})
	must(err)
	w.cases, err = casework.New(casework.Options{
		DB: db, Keys: keys, IDs: ids, Now: w.time, Calendar: func() *calendar.Calendar { return cal }, Rules: law, Policy: policy,
		Kinds: []casework.Kind{{Name: "licence", Title: text("许可"), Begin: begin}, w.CardCases(), w.OrderCases()}, Forms: forms,
	})
	must(err)
	t.Cleanup(w.cases.Close)
	for _, key := range []string{"general-licence", oversight.CardKind, oversight.OrderKind} {
		xml, err := procedures.Files.ReadFile(key + ".bpmn")
		must(err)
		_, err = w.cases.PublishProcedure(t.Context(), key, xml)
		must(err)
	}
	key, err := ledger.LoadKey(filepath.Join(t.TempDir(), "log.key"), "test.openhall.org/log")
	must(err)
	w.ledger, err = ledger.New(t.Context(), ledger.Options{DB: db, Key: key, Now: w.time, Log: slog.New(slog.DiscardHandler), Holder: "test"})
	must(err)
	watched, err := supervision.Rules()
	must(err)
	w.supervision, err = supervision.New(db, watched, func() *calendar.Calendar { return cal })
	must(err)
	w.Attach(w.cases, w.supervision, oversight.LogProofs{Log: w.ledger})
	words, err := i18n.Load(web.Messages(), oversight.Messages())
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
			{Code: hefei, Level: registry.City, Name: text("合肥市")}, {Code: feixi, Level: registry.County, Name: text("肥西县")},
			{Code: wuhu, Level: registry.City, Name: text("芜湖市")}})
		for _, b := range []registry.Body{
			{Key: "ah-supervision", Kind: "supervision", Division: anhui, Name: text("安徽省监察室")},
			{Key: "hf-supervision", Kind: "supervision", Division: hefei, Name: text("合肥市监察室")},
			{Key: "fx-supervision", Kind: "supervision", Division: feixi, Name: text("肥西县监察室")},
			{Key: "wh-supervision", Kind: "supervision", Division: wuhu, Name: text("芜湖市监察室")},
			{Key: "hf-data", Kind: "data", Division: hefei, Name: text("合肥市数据资源局")},
			{Key: "hf-water", Kind: "water", Division: hefei, Name: text("合肥市水务局")},
			{Key: "hf-health", Kind: "health", Division: hefei, Name: text("合肥市卫健委")},
		} {
			err = errors.Join(err, e.PutBody(b))
		}
		for _, p := range []identity.Principal{province, city, manager, head, clerk, reviewer, county, other, outsider} {
			err = errors.Join(err, e.PutPost(registry.Post{Key: p.Post.ID, Body: p.Post.Body, Roles: p.Post.Roles, Title: text(p.Post.ID)}))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return reg
}

func begin(context.Context, casework.Submit, calendar.Date) (casework.Beginning, error) {
	days := func(n int) term.Length { return term.Length{N: n, Unit: statute.WorkingDay, Rule: "licence.decide"} }
	return casework.Beginning{Title: text("取水许可"), Division: hefei, Body: "hf-water", Procedure: "general-licence",
		Series: "11340000000000000A01101000100001", Terms: map[string]casework.Terms{"licence.decide": {Statutory: days(20), Promised: days(10)}},
		Public: map[string]any{"fees": []int64{}, "feesVary": false}}, nil
}

type names struct{ reg *registry.Registry }

func (n names) Body(key string) lang.Text {
	if b := n.reg.Now().Body(key); b != nil {
		return b.Name
	}
	return text(key)
}

func (n names) Division(code string) lang.Text { return text(code) }
func (n names) Post(key string) lang.Text      { return text(key) }

type guard struct {
	w      *world
	policy *identity.Policies
}

func (g guard) Allow(_ *http.Request, route web.Route) error {
	return g.policy.AllowRoute(g.w.actor, route.Action)
}

func (w *world) Principal(*http.Request) (identity.Principal, error) { return w.actor, nil }

func (w *world) at(day string, hour int) {
	w.t.Helper()
	d, err := calendar.Parse(day)
	if err != nil {
		w.t.Fatal(err)
	}
	w.now = d.Start().Add(time.Duration(hour) * time.Hour)
}

func (w *world) try(p identity.Principal, id store.ID, act casework.Act) (casework.Receipt, error) {
	w.keys++
	return w.cases.Do(w.t.Context(), casework.Command{Key: strconv.Itoa(w.keys), Actor: p, Case: id, Act: act})
}

func (w *world) do(p identity.Principal, id store.ID, act casework.Act) casework.Receipt {
	w.t.Helper()
	rec, err := w.try(p, id, act)
	if err != nil {
		w.t.Fatal(err)
	}
	return rec
}

// apply opens a case of the water bureau that is accepted on the same day.
func (w *world) apply() casework.Receipt {
	w.t.Helper()
	rec := w.do(citizen, 0, casework.Submit{Kind: "licence", Subject: "water", Channel: casework.Online,
		Applicant: casework.Applicant{Party: citizen.Account, Kind: identity.Person, Name: "王小明", IDNumber: "11010519491231002X"}, Form: json.RawMessage(`{}`)})
	w.step(clerk, rec.Case, `{"outcome":"accept"}`)
	return rec
}

func (w *world) get1(id store.ID) *casework.Case {
	w.t.Helper()
	c, err := w.cases.Get(w.t.Context(), id)
	if err != nil {
		w.t.Fatal(err)
	}
	return c
}

func (w *world) step(p identity.Principal, id store.ID, data string) {
	w.t.Helper()
	w.do(p, id, casework.Complete{Token: w.get1(id).Tasks()[0].Token, Data: json.RawMessage(data)})
}

// refused tries the open step of a case and wants the code of a refusal, or "denied" by the policy.
func (w *world) refused(p identity.Principal, id store.ID, data, code string) {
	w.t.Helper()
	err := w.Complete(w.t.Context(), p, w.get1(id), 0, "refused", casework.Complete{Token: w.get1(id).Tasks()[0].Token, Data: json.RawMessage(data)})
	var refusal *casework.Refusal
	var denied *identity.Denied
	switch {
	case errors.As(err, &denied) && code == "denied":
	case errors.As(err, &refusal) && refusal.Code == code:
	default:
		w.t.Errorf("%s at %s: %v; want %s", p.Post.ID, w.get1(id).Number, err, code)
	}
}

// follow lets time pass, the log reach supervision, and cards become cases, until nothing moves any more.
func (w *world) follow() {
	w.t.Helper()
	for more := true; more; {
		more = w.wake() > 0
		w.log()
		opened, err := w.OpenCases(w.t.Context())
		if err != nil {
			w.t.Fatal(err)
		}
		more = more || opened > 0
	}
}

func (w *world) wake() int {
	w.t.Helper()
	n, err := w.cases.Wake(w.t.Context())
	if err != nil {
		w.t.Fatal(err)
	}
	return n
}

func (w *world) log() {
	w.t.Helper()
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

// card returns the only card of a rule.
func (w *world) card(rule string) supervision.Card { return w.cardOf(rule, 0) }

// cardOf returns the only card of a rule about a case.
func (w *world) cardOf(rule string, about store.ID) supervision.Card {
	w.t.Helper()
	list, err := w.supervision.Cards(w.t.Context(), supervision.CardFilter{Rule: "supervision." + rule, Case: about})
	if err != nil || len(list) != 1 {
		w.t.Fatalf("cards of %s: %+v, %v; want one", rule, list, err)
	}
	return list[0]
}

// get returns the page at a path, which must have the status and say all of the words; those that begin with ! must not stand there.
func (w *world) get(p identity.Principal, path string, status int, words ...string) string {
	w.t.Helper()
	return w.request(p, httptest.NewRequestWithContext(w.t.Context(), http.MethodGet, path, nil), status, words...)
}

// send sends a form to a path. It takes over the hidden fields of the page there.
func (w *world) send(p identity.Principal, path string, form url.Values, status int, words ...string) string {
	w.t.Helper()
	for _, m := range regexp.MustCompile(`name="(act-[a-z]+)" value="([^"]*)"`).FindAllStringSubmatch(w.get(p, path, http.StatusOK), -1) {
		if !form.Has(m[1]) {
			form.Set(m[1], m[2])
		}
	}
	r := httptest.NewRequestWithContext(w.t.Context(), http.MethodPost, path, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return w.request(p, r, status, words...)
}

func (w *world) request(p identity.Principal, r *http.Request, status int, words ...string) string {
	w.t.Helper()
	w.actor = p
	rec := httptest.NewRecorder()
	w.site.ServeHTTP(rec, r)
	body := rec.Body.String()
	if rec.Code != status {
		w.t.Fatalf("%s %s as %s: status %d, want %d\n%s", r.Method, r.URL, p.Post.ID, rec.Code, status, body)
	}
	for _, word := range words {
		if not, unwanted := strings.CutPrefix(word, "!"); unwanted {
			if strings.Contains(body, not) {
				w.t.Errorf("%s as %s says %q", r.URL, p.Post.ID, not)
			}
		} else if !strings.Contains(body, word) {
			w.t.Errorf("%s as %s does not say %q", r.URL, p.Post.ID, word)
		}
	}
	if strings.Contains(body, "⟦") {
		w.t.Errorf("%s lacks words", r.URL)
	}
	if location := rec.Header().Get("Location"); location != "" {
		return location
	}
	return body
}

func onEachEngine(t *testing.T, test func(t *testing.T, w *world)) {
	t.Helper()
	sets := []store.Migrations{store.Schema(), registry.Schema(), casework.Schema(), ledger.Schema(), supervision.Schema(), oversight.Schema()}
	storetest.Each(t, sets, func(t *testing.T, db *store.DB) { test(t, newWorld(t, db)) })
}
