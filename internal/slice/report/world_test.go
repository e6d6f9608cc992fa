package report_test

import (
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/core/lang"
	"openhall.org/openhall/internal/core/statute"
	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/document"
	"openhall.org/openhall/internal/platform/file"
	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/publication"
	"openhall.org/openhall/internal/platform/registry"
	"openhall.org/openhall/internal/platform/store"
	"openhall.org/openhall/internal/platform/store/seal"
	"openhall.org/openhall/internal/platform/store/storetest"
	"openhall.org/openhall/internal/platform/web"
	"openhall.org/openhall/internal/platform/web/i18n"
	"openhall.org/openhall/internal/slice/report"
	"openhall.org/openhall/internal/slice/report/sheet"
	"openhall.org/openhall/policies"
	"openhall.org/openhall/procedures"
	"openhall.org/openhall/rules"
)

const (
	anhui    = "340000000000"
	hefei    = "340100000000"
	feidong  = "340122000000"
	township = "340122100000"
)

// world is a province, a city with two bureaux and a data bureau that reports for its government, a county with a bureau, and a township.
type world struct {
	*report.Service
	t         testing.TB
	db        *store.DB
	cases     *casework.Runtime
	reg       *registry.Registry
	site      http.Handler
	words     *i18n.Catalogue
	policy    *identity.Policies
	published []report.Publication
	owed      map[string]*publication.Duty

	mu      sync.Mutex
	now     time.Time
	actor   identity.Principal
	cal     *calendar.Calendar
	figures map[string]sheet.Figures // by body, and by division for what no body has
	keys    int
}

var (
	visitor     = identity.Principal{Kind: identity.Visitor}
	clerk       = staff(12, "water-reviewer", "water", hefei, "reviewer")
	head        = staff(14, "water-head", "water", hefei, "head")
	chief       = staff(15, "water-both", "water", hefei, "reviewer", "head")
	dataClerk   = staff(21, "data-reviewer", "data", hefei, "reviewer")
	dataHead    = staff(22, "data-head", "data", hefei, "head")
	other       = staff(31, "housing-reviewer", "housing", hefei, "reviewer")
	overseer    = staff(41, "supervisor", "supervision", anhui, "supervisor")
	countyHead  = staff(51, "county-head", "county-water", feidong, "reviewer", "head")
	countyChief = staff(52, "county-chief", "county-water", feidong, "head")
)

func staff(id store.ID, post, body, division string, roles ...string) identity.Principal {
	return identity.Principal{Account: id, Kind: identity.Staff, Name: "账户" + id.String(), Post: identity.Post{ID: post, Body: body, Division: division, Roles: roles}}
}

func text(s string) lang.Text { return lang.Text{Hans: s, Hant: s, En: s} }

var schemas = []store.Migrations{registry.Schema(), casework.Schema(), file.Schema(), report.Schema()}

func onEachEngine(t *testing.T, test func(t *testing.T, w *world)) {
	t.Helper()
	storetest.Each(t, schemas, func(t *testing.T, db *store.DB) { test(t, newWorld(t, db)) })
}

func onSQLite(t testing.TB) *world {
	t.Helper()
	return newWorld(t, storetest.New(t, store.SQLite, schemas...))
}

// rows counts what a table holds.
func (w *world) rows(table string) int64 {
	w.t.Helper()
	n, err := store.One(w.t.Context(), w.db.Read(), func(r store.Row) (n int64, err error) { return n, r.Scan(&n) }, `SELECT COUNT(*) FROM `+table)
	must(w.t, err)
	return n
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func newWorld(t testing.TB, db *store.DB) *world {
	t.Helper()
	w := &world{t: t, db: db, actor: visitor, figures: map[string]sheet.Figures{}, owed: map[string]*publication.Duty{}}
	w.at("2026-01-12", 10) // a Monday
	cal, err := calendar.Load(rules.Files, "calendar")
	must(t, err)
	w.cal = cal
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
	layouts, err := sheet.Load(rules.Files, "report", law)
	must(t, err)
	w.Service, err = report.New(report.Deps{
		DB: db, IDs: ids, Registry: w.reg, Rules: law, Layouts: layouts, People: w, Names: w, Printer: w, Now: w.time, Log: slog.New(slog.DiscardHandler),
		Counts: []report.Figures{w}, Duties: w, Publisher: w, BaseURL: "https://hall.example.org",
	})
	must(t, err)
	w.cases, err = casework.New(casework.Options{
		DB: db, Keys: keys, IDs: ids, Now: w.time, Calendar: func() *calendar.Calendar { return cal }, Rules: law, Policy: w.policy,
		Kinds: []casework.Kind{w.Kind()}, Forms: forms,
	})
	must(t, err)
	t.Cleanup(w.cases.Close)
	xml, err := procedures.Files.ReadFile("annual-report.bpmn")
	must(t, err)
	_, err = w.cases.PublishProcedure(t.Context(), report.KindName, xml)
	must(t, err)
	w.words, err = i18n.Load(web.Messages(), report.Messages())
	must(t, err)
	w.Attach(w.cases, w.words)
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
			{Code: feidong, Level: registry.County, Name: text("肥东县")}, {Code: township, Level: registry.Township, Name: text("撮镇镇")},
		})
		if err != nil {
			return err
		}
		for _, b := range []registry.Body{
			{Key: "supervision", Division: anhui, Kind: "supervision", Level: "provincial", Name: text("安徽省监察厅")},
			{Key: "water", Division: hefei, Kind: "water", Level: "municipal", Name: text("合肥市水务局")},
			{Key: "housing", Division: hefei, Kind: "housing", Level: "municipal", Name: text("合肥市住房保障和房产管理局")},
			{Key: "data", Division: hefei, Kind: "data", Level: "municipal", Name: text("合肥市数据资源管理局")},
			{Key: "gone", Division: hefei, Kind: "gone", Level: "municipal", Name: text("合肥市旧局"), Ended: "2024-06-01"},
			{Key: "county-water", Division: feidong, Kind: "water", Level: "county", Name: text("肥东县水务局")},
			{Key: "town", Division: township, Kind: "township-government", Level: "township", Name: text("撮镇镇人民政府")},
		} {
			if err := e.PutBody(b); err != nil {
				return err
			}
		}
		for _, p := range []identity.Principal{clerk, head, chief, dataClerk, dataHead, other, overseer, countyHead, countyChief} {
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

// Principal implements report.People.
func (w *world) Principal(*http.Request) (identity.Principal, error) { return w.actor, nil }

// Body implements report.Names.
func (w *world) Body(key string) lang.Text {
	if b := w.reg.Now().Body(key); b != nil {
		return b.Name
	}
	return text(key)
}

// Division implements report.Names.
func (w *world) Division(code string) lang.Text { return w.reg.Now().Division(code).Name }

// Post implements report.Names.
func (w *world) Post(key string) lang.Text { return text(key) }

// Paper implements report.Printer.
func (w *world) Paper(p *document.Paper) ([]byte, error) {
	return []byte("%PDF-1.7 " + p.Title + " " + strconv.Itoa(len(p.Blocks))), nil
}

// Missing implements report.Printer.
func (w *world) Missing(s string) (rune, bool, error) {
	for _, r := range s {
		if r > 0xFFFF {
			return r, true, nil
		}
	}
	return 0, false, nil
}

// Publish implements report.Publisher.
func (w *world) Publish(_ context.Context, p report.Publication) (string, store.ID, error) {
	w.published = append(w.published, p)
	return "/open/records/" + p.ID, store.ID(len(w.published)), nil
}

// Since implements report.Duties.
func (w *world) Since(context.Context) (calendar.Date, error) { return calendar.Parse("2026-01-01") }

// Owe implements report.Duties.
func (w *world) Owe(_ context.Context, _ *store.Tx, d publication.Duty) error {
	if _, ok := w.owed[d.Key]; !ok {
		w.owed[d.Key] = &d
	}
	return nil
}

// Meet implements report.Duties.
func (w *world) Meet(_ context.Context, _ *store.Tx, key string, record store.ID, at time.Time) error {
	d := w.owed[key]
	switch {
	case d == nil:
	case d.State != publication.Met:
		d.State, d.Record, d.SettledAt = publication.Met, record, at
	case d.Record == 0:
		d.Record = record
	}
	return nil
}

// Figures implements report.Figures: what the test says of the bodies of the scope.
func (w *world) Figures(_ context.Context, of report.Scope, from, _ calendar.Date) (sheet.Figures, error) {
	out := sheet.Figures{}
	for name, figures := range w.figures {
		body := w.reg.Now().Body(strings.TrimSuffix(name, "@"+strconv.Itoa(from.Year())))
		switch {
		case body == nil || !strings.HasSuffix(name, "@"+strconv.Itoa(from.Year())):
		case of.Body == body.Key, of.Body == "" && of.Division == body.Division, of.Body == "" && of.Below && w.reg.Now().Contains(of.Division, body.Division):
			out.Add(figures)
		}
	}
	return out, nil
}

// whole are figures for every cell of a layout, all 0 but those given.
func (w *world) whole(year int, given sheet.Figures) sheet.Figures {
	out := sheet.Figures{}
	for _, t := range w.Layouts.Of(year).Tables() {
		for _, r := range t.Rows.Leaves() {
			for _, c := range t.Columns.Leaves() {
				if !r.Total() && !c.Total() {
					out[strings.NewReplacer("{row}", r.Code, "{column}", c.Code).Replace(t.Figure)] = 0
				}
			}
		}
	}
	out.Add(given)
	return out
}

func (w *world) calendar() *calendar.Calendar { return w.cal }

// events0 is the first event of a case.
func events0(t *testing.T, w *world, id store.ID) *casework.Event {
	t.Helper()
	list, err := w.cases.Events(t.Context(), id, 0, 1)
	must(t, err)
	return &list[0]
}

func (w *world) key() string {
	w.keys++
	return "key-" + strconv.Itoa(w.keys)
}

// begin opens a report and returns it.
func (w *world) begin(by identity.Principal, o report.Owner, year int) report.Report {
	w.t.Helper()
	_, err := w.Begin(w.t.Context(), by, o, year, w.key())
	must(w.t, err)
	return w.get(o, year)
}

func (w *world) get(o report.Owner, year int) report.Report {
	w.t.Helper()
	r, err := w.Get(w.t.Context(), o, year)
	must(w.t, err)
	return r
}

// write fills in the words that a report must have.
func (w *world) write(by identity.Principal, r report.Report) {
	w.t.Helper()
	for _, x := range w.Layouts.Of(r.Year).Sections {
		if x.Narrative == sheet.Required {
			_, err := w.Save(w.t.Context(), by, r.ID, x.Code, "本年度"+x.Title.Hans+"如下。\n\n- 第一项\n- 第二项", 0)
			must(w.t, err)
		}
	}
}

// publish brings a report of a body to its end.
func (w *world) publish(by, approver identity.Principal, o report.Owner, year int) report.Report {
	w.t.Helper()
	r := w.begin(by, o, year)
	w.write(by, r)
	_, err := w.Hand(w.t.Context(), by, r.ID, w.key())
	must(w.t, err)
	_, err = w.Decide(w.t.Context(), approver, r.ID, report.Approve, "", w.key())
	must(w.t, err)
	return w.get(o, year)
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
