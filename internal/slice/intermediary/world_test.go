package intermediary_test

import (
	"context"
	"crypto/rand"
	"encoding/json"
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
	"openhall.org/openhall/internal/platform/store/journal"
	"openhall.org/openhall/internal/platform/store/seal"
	"openhall.org/openhall/internal/platform/store/storetest"
	"openhall.org/openhall/internal/platform/web"
	"openhall.org/openhall/internal/platform/web/i18n"
	"openhall.org/openhall/internal/slice/intermediary"
	"openhall.org/openhall/policies"
	"openhall.org/openhall/procedures"
	"openhall.org/openhall/rules"
)

const hefei = "340100000000"

// world is a city with an office that keeps the register, two bodies that decide, a supervisor, an applicant and agencies.
type world struct {
	*intermediary.Rooms
	t      testing.TB
	db     *store.DB
	cases  *casework.Runtime
	ledger *ledger.Ledger
	files  *file.Files
	reg    *registry.Registry
	site   http.Handler
	words  *i18n.Catalogue
	policy *identity.Policies
	key    ledger.Key

	mu    sync.Mutex
	now   time.Time
	actor identity.Principal
	keys  int
	acts  []journal.Act
}

var (
	visitor   = identity.Principal{Kind: identity.Visitor}
	applicant = identity.Principal{Account: 100, Kind: identity.Enterprise, Name: "合肥青禾食品有限公司"}
	stranger  = identity.Principal{Account: 101, Kind: identity.Person, Name: "路人"}
	registrar = staff(11, "data-reviewer", "data", "reviewer")
	chief     = staff(12, "data-head", "data", "head")
	clerk     = staff(21, "water-reviewer", "water", "reviewer")
	second    = staff(22, "water-second", "water", "reviewer")
	overseer  = staff(51, "supervisor", "supervision", "supervisor")
)

func staff(id store.ID, post, body string, roles ...string) identity.Principal {
	return identity.Principal{Account: id, Kind: identity.Staff, Name: "账户" + id.String(), Post: identity.Post{ID: post, Body: body, Division: hefei, Roles: roles}}
}

// agent is the account of the n-th agency.
func agent(n int) identity.Principal {
	return identity.Principal{Account: store.ID(200 + n), Kind: identity.Enterprise, Name: "机构" + strconv.Itoa(n)}
}

// codes are invented credit codes whose check characters are right: those of the demo.
var codes = []string{"11340000MB9000015X", "11340000MB9000023Q", "11340000MB9000031K", "11340000MB900004XB", "11340000MB9000058B", "11340000MB90000666", "11340000MB90000741", "11340000MB9000082U"}

const applicantCode = "11340000MB9000090N"

func text(s string) lang.Text { return lang.Text{Hans: s, Hant: s, En: s} }

var schemas = []store.Migrations{registry.Schema(), casework.Schema(), ledger.Schema(), file.Schema(), intermediary.Schema()}

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
	w := &world{t: t, db: db, actor: visitor}
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
	w.files, err = file.New(file.Options{DB: db, Blobs: file.Dir(t.TempDir()), Keys: keys, IDs: ids, Now: w.time})
	must(t, err)
	calendarNow := func() *calendar.Calendar { return cal }
	w.Rooms, err = intermediary.New(intermediary.Deps{
		DB: db, IDs: ids, Keys: keys, Files: w.files, Registry: w.reg, Rules: law, Calendar: calendarNow, People: w, Names: w, Matters: w, Now: w.time,
		Log: slog.New(slog.DiscardHandler), Random: rand.Reader, Journal: w,
	})
	must(t, err)
	w.cases, err = casework.New(casework.Options{
		DB: db, Keys: keys, IDs: ids, Now: w.time, Calendar: calendarNow, Rules: law, Policy: w.policy, Kinds: append(w.Kinds(), casework.Kind{Name: "matter", Begin: w.beginMatter}), Forms: forms,
		Personal: func(s string) bool { return strings.Contains(s, "13800000000") },
	})
	must(t, err)
	t.Cleanup(w.cases.Close)
	for _, name := range []string{intermediary.OrderKind, intermediary.AdmissionKind, intermediary.BidKind, intermediary.SanctionKind, intermediary.LiftKind, intermediary.AttemptKind, "publication-duty"} {
		xml, err := procedures.Files.ReadFile(name + ".bpmn")
		must(t, err)
		_, err = w.cases.PublishProcedure(t.Context(), name, xml)
		must(t, err)
	}
	w.key, err = ledger.LoadKey(filepath.Join(t.TempDir(), "key"), "test.example/log")
	must(t, err)
	w.ledger, err = ledger.New(t.Context(), ledger.Options{DB: db, Key: w.key, Now: w.time, Log: slog.New(slog.DiscardHandler), Holder: "test"})
	must(t, err)
	w.words, err = i18n.Load(web.Messages(), intermediary.Messages())
	must(t, err)
	w.Attach(w.cases, w.ledger)
	t.Cleanup(func() {
		if missing := w.words.Missing(); len(missing) > 0 {
			t.Errorf("messages asked for in vain: %v", missing)
		}
	})
	shell, err := web.New(web.Config{
		Site: web.Site{Name: text("政务大厅"), SignIn: "/sign-in"}, Catalogue: w.words, Clock: w.time, Log: slog.New(slog.DiscardHandler), Guard: guard{w}, Explain: web.ExplainRefusal,
	})
	must(t, err)
	w.Mount(shell)
	w.site, err = shell.Handler()
	must(t, err)
	for _, x := range []intermediary.Service{
		{Key: "assessment", Name: text("水资源论证报告书编制"), Items: []intermediary.Use{{Item: "water", Material: "assessment"}}, Basis: "取水许可和水资源费征收管理条例第11条", Days: 20, Fen: 3_000_000, Pricing: intermediary.Market},
		{Key: "survey", Name: text("取水口测量"), Items: []intermediary.Use{{Item: "water", Material: "survey"}}, Days: 10, Fen: 500_000, Pricing: intermediary.Market},
	} {
		must(t, w.PutService(t.Context(), registrar, x))
	}
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
		if err := e.PutDivisions([]registry.Division{{Code: hefei, Level: registry.City, Name: text("合肥市")}}); err != nil {
			return err
		}
		for _, b := range []registry.Body{
			{Key: "data", Division: hefei, Kind: "data", Level: "municipal", Name: text("合肥市数据局")}, {Key: "water", Division: hefei, Kind: "water", Level: "municipal", Name: text("合肥市水务局")},
			{Key: "supervision", Division: hefei, Kind: "supervision", Level: "municipal", Name: text("合肥市监察局")},
		} {
			if err := e.PutBody(b); err != nil {
				return err
			}
		}
		for _, p := range []identity.Principal{registrar, chief, clerk, second, overseer} {
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

// Record implements journal.Recorder.
func (w *world) Record(_ context.Context, _ *store.Tx, a journal.Act) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.acts = append(w.acts, a)
	return nil
}

// Principal implements intermediary.People.
func (w *world) Principal(*http.Request) (identity.Principal, error) { return w.actor, nil }

// Party implements intermediary.People.
func (w *world) Party(_ context.Context, party store.ID) (casework.Applicant, error) {
	a := casework.Applicant{Party: party, Kind: identity.Enterprise, Name: "机构" + strconv.Itoa(int(party)-200)}
	switch {
	case party == applicant.Account:
		a.Name, a.IDNumber = applicant.Name, applicantCode
	case party == stranger.Account:
		a.Kind, a.Name, a.IDNumber = identity.Person, stranger.Name, "340104199003159026"
	default:
		a.IDNumber = codes[int(party)-200]
	}
	return a, nil
}

// Body implements intermediary.Names.
func (w *world) Body(key string) lang.Text {
	if b := w.reg.Now().Body(key); b != nil {
		return b.Name
	}
	return text(key)
}

// Division implements intermediary.Names.
func (w *world) Division(code string) lang.Text { return text(code) }

// Post implements intermediary.Names.
func (w *world) Post(key string) lang.Text { return text(key) }

// Matter implements intermediary.Matters.
func (w *world) Matter(c *casework.Case) (intermediary.Matter, bool) {
	return intermediary.Matter{Item: c.Subject}, c.Kind == "matter"
}

// Item implements intermediary.Matters.
func (w *world) Item(key string) (lang.Text, bool) { return text("取水许可"), key == "water" }

// Guide implements intermediary.Matters.
func (w *world) Guide(item string) string { return "/hall/items/" + item }

func (w *world) beginMatter(context.Context, casework.Submit, calendar.Date) (casework.Beginning, error) {
	return casework.Beginning{Title: text("取水许可"), Division: hefei, Body: "water", Procedure: "publication-duty", Series: "BJ" + hefei}, nil
}

func (w *world) newKey() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.keys++
	return "key-" + strconv.Itoa(w.keys)
}

// matter opens a case of somebody.
func (w *world) matter(who identity.Principal) string {
	w.t.Helper()
	a, err := w.Party(w.t.Context(), who.Account)
	must(w.t, err)
	rec, err := w.cases.Do(w.t.Context(), casework.Command{Key: w.newKey(), Actor: who, Act: casework.Submit{
		Kind: "matter", Subject: "water", Channel: casework.Online, Applicant: a, Form: json.RawMessage("{}"),
	}})
	must(w.t, err)
	return rec.Number
}

// apply has an agency apply.
func (w *world) apply(n int, change func(a *intermediary.Application)) (string, error) {
	a := intermediary.Application{Body: "data", Profile: intermediary.Profile{Promise: "不合格免费重做", Offers: []intermediary.Offer{{Service: "assessment", Fen: int64(1_000_000 + 10_000*n), Days: 10 + n}}}}
	if change != nil {
		change(&a)
	}
	rec, err := w.Apply(w.t.Context(), agent(n), a, w.newKey())
	return rec.Number, err
}

// admit brings an agency into the register.
func (w *world) admit(n int, change func(a *intermediary.Application)) string {
	w.t.Helper()
	number, err := w.apply(n, change)
	must(w.t, err)
	_, err = w.Examine(w.t.Context(), registrar, number, intermediary.Admit, "", w.newKey())
	must(w.t, err)
	return number
}

// work lets everything follow that is due, the log too.
func (w *world) work() {
	w.t.Helper()
	for {
		n, err := w.ledger.Sequence(w.t.Context())
		must(w.t, err)
		more, err := w.Work(w.t.Context())
		must(w.t, err)
		if n == 0 && !more {
			return
		}
	}
}

// place orders.
func (w *world) place(a intermediary.Ask) string {
	w.t.Helper()
	rec, err := w.Place(w.t.Context(), applicant, a, w.newKey())
	must(w.t, err)
	return rec.Number
}

func (w *world) order(number string) intermediary.Order {
	w.t.Helper()
	o, err := w.Order(w.t.Context(), number)
	must(w.t, err)
	return o
}

// paper keeps a file of an account.
func (w *world) paper(owner store.ID) []casework.FileRef {
	w.t.Helper()
	f, err := w.files.Put(w.t.Context(), owner, "报告.pdf", strings.NewReader("%PDF-1.4\n1 0 obj\n<< >>\nendobj\ntrailer << >>\n%%EOF\n"), file.Limits{})
	must(w.t, err)
	return []casework.FileRef{{ID: f.ID, Name: f.Name, Digest: f.Digest, Size: f.Size, Type: f.Type}}
}

// agencyOf finds which agent an order went to.
func (w *world) agencyOf(o intermediary.Order) identity.Principal {
	w.t.Helper()
	for n := range codes {
		if a, err := w.OfParty(w.t.Context(), agent(n).Account); err == nil && a.ID == o.Agency {
			return agent(n)
		}
	}
	w.t.Fatalf("order %s went to nobody", o.Number)
	return identity.Principal{}
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
		w.t.Fatalf("%s %s: %d, want %d: %.600s", method, path, rec.Code, status, rec.Body.String())
	}
	for _, word := range words {
		if !strings.Contains(rec.Body.String(), word) {
			w.t.Errorf("%s %s does not say %q", method, path, word)
		}
	}
	return rec.Body.String()
}
