package desk_test

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"mime/multipart"
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
	"openhall.org/openhall/internal/core/term"
	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/file"
	"openhall.org/openhall/internal/platform/identity"
	finder "openhall.org/openhall/internal/platform/publication/guard"
	"openhall.org/openhall/internal/platform/registry"
	"openhall.org/openhall/internal/platform/store"
	"openhall.org/openhall/internal/platform/store/seal"
	"openhall.org/openhall/internal/platform/store/storetest"
	"openhall.org/openhall/internal/platform/web"
	"openhall.org/openhall/internal/platform/web/form"
	"openhall.org/openhall/internal/platform/web/i18n"
	"openhall.org/openhall/internal/slice/desk"
	"openhall.org/openhall/policies"
	"openhall.org/openhall/procedures"
	"openhall.org/openhall/rules"
)

const (
	hefei  = "340100000000"
	series = "11340000000000000A01101000100001"
)

// world is a hall with two bodies of Hefei, a service centre whose window serves both, and the general licence procedure.
type world struct {
	*desk.Service
	t     testing.TB
	cases *casework.Runtime
	site  http.Handler
	words *i18n.Catalogue

	mu    sync.Mutex
	now   time.Time
	actor identity.Principal
	keys  int

	starts map[string]map[string]any
}

// The people of this world. Accounts 11 to 15 hold posts of the water bureau, 21 of the centre, 31 of the health commission.
var (
	citizen   = identity.Principal{Account: 1, Kind: identity.Person, Name: "王小明"}
	reviewer  = staff(12, "water-reviewer", "water", "reviewer")
	second    = staff(13, "water-reviewer", "water", "reviewer")
	head      = staff(14, "water-head", "water", "head")
	overseer  = staff(15, "water-supervisor", "water", "supervisor")
	clerk     = staff(21, "centre-window", "centre", "window")
	physician = staff(31, "health-reviewer", "health", "reviewer")
)

func staff(id store.ID, post, body, role string) identity.Principal {
	return identity.Principal{Account: id, Kind: identity.Staff, Name: "账户" + id.String(),
		Post: identity.Post{ID: post, Body: body, Division: hefei, Roles: []string{role}}}
}

func text(s string) lang.Text { return lang.Text{Hans: s, Hant: s, En: s} }

func newWorld(t testing.TB, db *store.DB) *world {
	t.Helper()
	w := &world{t: t, actor: clerk}
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
	files, err := file.New(file.Options{DB: db, Blobs: file.Dir(t.TempDir()), Keys: keys, IDs: ids, Now: w.time})
	must(err)
	w.cases, err = casework.New(casework.Options{
		DB: db, Keys: keys, IDs: ids, Now: w.time, Calendar: func() *calendar.Calendar { return cal }, Rules: law, Policy: policy,
		Kinds: []casework.Kind{{Name: "licence", Title: text("许可"), Begin: begin}}, Forms: forms,
		Personal: func(s string) bool { return len(finder.Scan(s)) > 0 },
	})
	must(err)
	t.Cleanup(w.cases.Close)
	xml, err := procedures.Files.ReadFile("general-licence.bpmn")
	must(err)
	_, err = w.cases.PublishProcedure(t.Context(), "general-licence", xml)
	must(err)
	w.Service, err = desk.New(desk.Deps{Cases: w.cases, Registry: reg, Files: files, People: w, Matters: w, Counter: w})
	must(err)
	w.words, err = i18n.Load(web.Messages(), desk.Messages())
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

func places(t testing.TB, db *store.DB) *registry.Registry {
	t.Helper()
	reg, err := registry.Open(t.Context(), db)
	if err != nil {
		t.Fatal(err)
	}
	err = reg.Edit(t.Context(), func(e *registry.Edit) error {
		err := e.PutDivisions([]registry.Division{{Code: "340000000000", Level: registry.Province, Name: text("安徽省")}, {Code: hefei, Level: registry.City, Name: text("合肥市")}})
		for key, name := range map[string]string{"water": "合肥市水务局", "health": "合肥市卫生健康委员会", "centre": "合肥市政务服务中心"} {
			err = errors.Join(err, e.PutBody(registry.Body{Key: key, Division: hefei, Kind: key, Level: "municipal", Name: text(name)}))
		}
		err = errors.Join(err, e.PutCentre(registry.Centre{Key: "hall", Division: hefei, Body: "centre", Name: text("合肥市政务服务中心"),
			Windows: []registry.Window{{Key: "w1", Name: text("综合窗口"), Bodies: []string{"water"}}}}))
		for _, p := range []identity.Principal{reviewer, head, overseer, clerk, physician} {
			err = errors.Join(err, e.PutPost(registry.Post{Key: p.Post.ID, Body: p.Post.Body, Roles: p.Post.Roles, Title: text(p.Post.ID)}))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return reg
}

func begin(_ context.Context, s casework.Submit, _ calendar.Date) (casework.Beginning, error) {
	if s.Applicant.IDNumber == "WRONG" {
		return casework.Beginning{}, &casework.Refusal{Code: casework.RefusedIdentity, Fields: []casework.FieldError{
			{Path: "/applicant/idNumber", Code: "id-card", Text: lang.Text{Hans: "第 18 位应为 X"}}}}
	}
	days := func(n int) term.Length {
		return term.Length{N: n, Unit: statute.WorkingDay, Rule: "licence.decide", Article: text("《行政许可法》第四十二条")}
	}
	return casework.Beginning{
		Title: lang.Text{Hans: "取水许可", Hant: "取水許可", En: "Water abstraction permit"}, Division: hefei, Body: "water",
		Procedure: "general-licence", Series: series,
		Terms: map[string]casework.Terms{"licence.decide": {Statutory: days(20), Promised: days(10)}},
	}, nil
}

// guard asks the policies at the door of each route.
type guard struct {
	w      *world
	policy *identity.Policies
}

func (g guard) Allow(_ *http.Request, route web.Route) error {
	return g.policy.AllowRoute(g.w.actor, route.Action)
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

// The world is also who stands behind the ports of the desk.

func (w *world) Principal(*http.Request) (identity.Principal, error) { return w.actor, nil }

func (w *world) Colleagues(_ context.Context, body, role string) ([]desk.Colleague, error) {
	var list []desk.Colleague
	for _, p := range []identity.Principal{reviewer, second, head, clerk, physician} {
		if p.Post.Body == body && p.Post.Has(role) {
			list = append(list, desk.Colleague{Account: p.Account, Name: p.Name, Post: p.Post, Title: text("岗位")})
		}
	}
	return list, nil
}

var plan = desk.Material{Key: "plan", Name: text("取水方案"), Necessary: true, Note: text("加盖公章")}

func (w *world) Matter(_ context.Context, c *casework.Case) (desk.Matter, error) {
	letters := []desk.Letter{{Title: text("收件回执"), Href: "/documents/" + c.Number + "/1/receipt", At: c.CreatedAt}}
	for _, d := range c.Documents() {
		letters = append(letters, desk.Letter{Title: text("文书 " + d.Kind), Href: "/documents/x", Kind: d.Kind, Seq: d.Seq, At: d.At,
			RevokedAt: d.RevokedAt, Revocable: d.RevokedAt.IsZero()})
	}
	return desk.Matter{Form: application(w.t), Materials: []desk.Material{plan}, Guide: "/hall/" + c.Subject, Letters: letters, Start: func(_ context.Context, element string) (map[string]any, error) {
		return w.starts[element], nil
	}}, nil
}

func application(t testing.TB) *form.Schema {
	t.Helper()
	s, err := form.Compile([]byte(`{"type":"object","required":["place"],"additionalProperties":false,"properties":{
		"place":{"type":"string","title":"取水地点","x-title":{"zh-Hant":"取水地點","en":"Place"},"maxLength":20},
		"volume":{"type":"integer","title":"年取水量","x-title":{"zh-Hant":"年取水量","en":"Volume a year"},"minimum":1}}}`), nil)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func (w *world) item() desk.Item {
	return desk.Item{Code: series, Title: text("取水许可"), Body: "water", Serves: []identity.Kind{identity.Person, identity.Enterprise},
		Form: application(w.t), Materials: []desk.Material{plan}}
}

func (w *world) Items(_ context.Context, bodies []string, words string) ([]desk.Item, error) {
	if !slices.Contains(bodies, "water") || !strings.Contains(w.item().Title.Hans, words) {
		return nil, nil
	}
	return []desk.Item{w.item()}, nil
}

func (w *world) Item(_ context.Context, code string) (*desk.Item, error) {
	it := w.item()
	switch code {
	case series:
		return &it, nil
	case "HEALTH":
		it.Code, it.Body = code, "health"
		return &it, nil
	}
	return nil, &casework.Refusal{Code: casework.RefusedSubject}
}

func (w *world) Submit(ctx context.Context, actor identity.Principal, a desk.Application, key string) (casework.Receipt, error) {
	return w.cases.Do(ctx, casework.Command{Key: key, Actor: actor, Act: casework.Submit{Kind: "licence", Subject: a.Code,
		Channel: casework.Window, Applicant: a.Applicant, Form: a.Form, Files: a.Files}})
}

// What happens in this world.

func (w *world) key() string {
	w.keys++
	return "key-" + strconv.Itoa(w.keys)
}

func (w *world) do(p identity.Principal, id store.ID, act casework.Act) casework.Receipt {
	w.t.Helper()
	rec, err := w.cases.Do(w.t.Context(), casework.Command{Key: w.key(), Actor: p, Case: id, Act: act})
	if err != nil {
		w.t.Fatal(err)
	}
	return rec
}

func (w *world) apply() *casework.Case {
	w.t.Helper()
	rec := w.do(citizen, 0, casework.Submit{Kind: "licence", Subject: series, Channel: casework.Online,
		Applicant: casework.Applicant{Party: citizen.Account, Kind: identity.Person, Name: "王小明", IDNumber: "11010519491231002X", Phone: "13800000000"},
		Form:      json.RawMessage(`{"place":"巢湖","volume":5000}`)})
	return w.load(rec.Number)
}

func (w *world) load(number string) *casework.Case {
	w.t.Helper()
	c, err := w.cases.ByNumber(w.t.Context(), number)
	if err != nil {
		w.t.Fatal(err)
	}
	return c
}

// step does the only open task of a case.
func (w *world) step(p identity.Principal, c *casework.Case, data string) *casework.Case {
	w.t.Helper()
	tasks := w.load(c.Number).Tasks()
	if len(tasks) != 1 {
		w.t.Fatalf("open tasks %+v; want one", tasks)
	}
	w.do(p, c.ID, casework.Complete{Token: tasks[0].Token, Data: json.RawMessage(data)})
	return w.load(c.Number)
}

// accepted is a case at the reviewer's desk.
func (w *world) accepted() *casework.Case {
	w.t.Helper()
	return w.step(clerk, w.apply(), `{"outcome":"accept"}`)
}

// answer is what the site answered.
type answer struct {
	*httptest.ResponseRecorder
	t testing.TB
}

func (w *world) get(p identity.Principal, path string) answer {
	w.t.Helper()
	return w.send(p, httptest.NewRequestWithContext(w.t.Context(), http.MethodGet, path, nil))
}

func (w *world) post(p identity.Principal, path string, values url.Values) answer {
	w.t.Helper()
	r := httptest.NewRequestWithContext(w.t.Context(), http.MethodPost, path, strings.NewReader(values.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return w.send(p, r)
}

// upload posts a form with one file.
func (w *world) upload(p identity.Principal, path string, values url.Values, field, name, content string) answer {
	w.t.Helper()
	var body bytes.Buffer
	m := multipart.NewWriter(&body)
	var err error
	for key, list := range values {
		for _, v := range list {
			err = errors.Join(err, m.WriteField(key, v))
		}
	}
	part, failed := m.CreateFormFile(field, name)
	if err = errors.Join(err, failed); err != nil {
		w.t.Fatal(err)
	}
	_, err = io.WriteString(part, content)
	if err = errors.Join(err, m.Close()); err != nil {
		w.t.Fatal(err)
	}
	r := httptest.NewRequestWithContext(w.t.Context(), http.MethodPost, path, &body)
	r.Header.Set("Content-Type", m.FormDataContentType())
	return w.send(p, r)
}

func (w *world) send(p identity.Principal, r *http.Request) answer {
	w.actor = p
	rec := httptest.NewRecorder()
	w.site.ServeHTTP(rec, r)
	return answer{rec, w.t}
}

// want checks the status and that the page says all of the words; those that begin with ! must not stand there.
func (a answer) want(status int, words ...string) answer {
	a.t.Helper()
	body := a.Body.String()
	if a.Code != status {
		a.t.Fatalf("status %d, want %d\n%s", a.Code, status, cmp.Or(a.Header().Get("Location"), body))
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

// leads checks that the answer leads to a path.
func (a answer) leads(path string) {
	a.t.Helper()
	if got := a.Header().Get("Location"); a.Code != http.StatusSeeOther || got != path {
		a.t.Fatalf("status %d to %q, want 303 to %q\n%s", a.Code, got, path, a.Body)
	}
}

var schemas = []store.Migrations{registry.Schema(), casework.Schema(), file.Schema()}

func onEachEngine(t *testing.T, test func(t *testing.T, w *world)) {
	t.Helper()
	storetest.Each(t, schemas, func(t *testing.T, db *store.DB) { test(t, newWorld(t, db)) })
}

func onSQLite(t testing.TB) *world {
	t.Helper()
	return newWorld(t, storetest.New(t, store.SQLite, schemas...))
}
