package joint_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/core/lang"
	"openhall.org/openhall/internal/core/statute"
	"openhall.org/openhall/internal/core/term"
	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/document"
	"openhall.org/openhall/internal/platform/file"
	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/registry"
	"openhall.org/openhall/internal/platform/store"
	"openhall.org/openhall/internal/platform/store/seal"
	"openhall.org/openhall/internal/platform/store/storetest"
	"openhall.org/openhall/internal/platform/web"
	"openhall.org/openhall/internal/platform/web/form"
	"openhall.org/openhall/internal/platform/web/i18n"
	"openhall.org/openhall/internal/slice/joint"
	"openhall.org/openhall/letters"
	"openhall.org/openhall/policies"
	"openhall.org/openhall/procedures"
	"openhall.org/openhall/rules"
)

const hefei = "340100000000"

// departments are the bodies of the test's division beside the lead body, by kind.
var departments = []string{"market-regulation", "public-security", "tax", "human-resources", "housing-fund", "bank", "natural-resources", "ecology", "water",
	"culture", "emergency", "transport", "housing"}

// world is a division with a lead window and departments, each with a reviewer and a head.
type world struct {
	*joint.Service
	t     testing.TB
	db    *store.DB
	cases *casework.Runtime
	files *file.Files
	reg   *registry.Registry
	docs  *document.Service
	cal   *calendar.Calendar
	site  http.Handler
	items map[string]joint.Item

	mu    sync.Mutex
	now   time.Time
	actor identity.Principal
	keys  int
}

var (
	visitor   = identity.Principal{Kind: identity.Visitor}
	applicant = identity.Principal{Account: 1, Kind: identity.Enterprise, Name: "合肥青禾食品有限公司"}
	stranger  = identity.Principal{Account: 2, Kind: identity.Person, Name: "路人"}
	clerk     = staff(11, "lead-window", "lead", "window")
	leadHead  = staff(12, "lead-head", "lead", "head")
	manager   = staff(13, "lead-manager", "lead", "manager")
	overseer  = staff(14, "supervisor", "supervision", "supervisor")
)

func staff(id store.ID, post, body string, roles ...string) identity.Principal {
	return identity.Principal{Account: id, Kind: identity.Staff, Name: "账户" + id.String(), Post: identity.Post{ID: post, Body: body, Division: hefei, Roles: roles}}
}

// of returns who holds a role in a department.
func of(department, role string) identity.Principal {
	for i, d := range departments {
		if d == department {
			n := store.ID(100 + 2*i)
			if role == "head" {
				n++
			}
			return staff(n, d+"-"+role, d, role)
		}
	}
	return visitor
}

func text(s string) lang.Text { return lang.Text{Hans: s, Hant: s, En: s} }

var schemas = []store.Migrations{registry.Schema(), casework.Schema(), file.Schema(), document.Schema(), joint.Schema()}

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
	w := &world{t: t, db: db, actor: visitor, items: map[string]joint.Item{}}
	w.at("2026-03-02", 10) // a Monday; no holiday until 清明, 4 April
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	var err error
	w.cal, err = calendar.Load(rules.Files, "calendar")
	must(err)
	law, err := statute.Load(rules.Files, "cn", "cn-ah")
	must(err)
	ring, err := seal.New([]byte(strings.Repeat("k", 32)))
	must(err)
	ids, err := store.NewIDs(1, w.time)
	must(err)
	w.reg = places(t, db)
	policy, err := identity.LoadPolicies(policies.Files, func() identity.Places { return w.reg.Now() })
	must(err)
	forms, err := casework.LoadForms(procedures.Files, "forms", stepFormats())
	must(err)
	quiet := slog.New(slog.DiscardHandler)
	w.files, err = file.New(file.Options{DB: db, Blobs: file.Dir(t.TempDir()), Keys: ring, IDs: ids, Now: w.time})
	must(err)
	templates, err := document.Load(letters.Files)
	must(err)
	signers, err := document.LoadSigners(t.TempDir(), "hall.example/documents")
	must(err)
	w.docs, err = document.New(t.Context(), document.Options{DB: db, Files: w.files, Keys: ring, IDs: ids, Now: w.time, Log: quiet, Templates: templates,
		Signers: signers, Holder: "test", BaseURL: "https://hall.example"})
	must(err)
	w.Service, err = joint.New(joint.Deps{DB: db, IDs: ids, Files: w.files, Registry: w.reg, People: w, Items: w, Policies: policy, Rules: law,
		Calendar: func() *calendar.Calendar { return w.cal }, Now: w.time, Log: quiet, Documents: w.docs, Agency: func(string) string { return "合" },
		Applicant: func(a casework.Applicant, _ time.Time) []casework.FieldError {
			if a.Name == "" {
				return []casework.FieldError{{Path: "/applicant/name", Code: "required"}}
			}
			return nil
		}, Formats: stepFormats(), Pages: pageFormats(), BaseURL: "https://hall.example"})
	must(err)
	w.cases, err = casework.New(casework.Options{DB: db, Keys: ring, IDs: ids, Now: w.time, Calendar: func() *calendar.Calendar { return w.cal }, Rules: law,
		Policy: policy, Kinds: w.Kinds(), Forms: forms})
	must(err)
	t.Cleanup(w.cases.Close)
	for _, key := range []string{joint.WholeKind, joint.PartKind, joint.CheckKind} {
		xml, err := procedures.Files.ReadFile(key + ".bpmn")
		must(err)
		_, err = w.cases.PublishProcedure(t.Context(), key, xml)
		must(err)
	}
	words, err := i18n.Load(web.Messages(), joint.Messages())
	must(err)
	t.Cleanup(func() {
		if missing := words.Missing(); len(missing) > 0 {
			t.Errorf("messages asked for in vain: %v", missing)
		}
	})
	must(w.Attach(t.Context(), w.cases, words))
	shell, err := web.New(web.Config{Site: web.Site{Name: text("政务大厅"), SignIn: "/sign-in"}, Catalogue: words, Clock: w.time, Log: quiet,
		Guard: guard{w, policy}, Explain: web.ExplainRefusal})
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

func stepFormats() map[string]casework.Format {
	ok := func(string) error { return nil }
	return map[string]casework.Format{"id-card": ok, "uscc": ok, "phone": ok, "date": ok, "money": ok}
}

func pageFormats() form.Formats {
	ok := func(string) *lang.Text { return nil }
	return form.Formats{"id-card": ok, "uscc": ok}
}

func places(t testing.TB, db *store.DB) *registry.Registry {
	t.Helper()
	reg, err := registry.Open(t.Context(), db)
	if err != nil {
		t.Fatal(err)
	}
	err = reg.Edit(t.Context(), func(e *registry.Edit) error {
		err := e.PutDivisions([]registry.Division{{Code: "340000000000", Level: registry.Province, Name: text("安徽省")}, {Code: hefei, Level: registry.City, Name: text("合肥市")}})
		body := func(key, kind string) error {
			return e.PutBody(registry.Body{Key: key, Division: hefei, Kind: kind, Level: "municipal", Name: text("合肥市" + key)})
		}
		err = errors.Join(err, body("lead", "data"), body("supervision", "supervision"))
		people := []identity.Principal{clerk, leadHead, manager, overseer}
		for _, d := range departments {
			err = errors.Join(err, body(d, d))
			people = append(people, of(d, "reviewer"), of(d, "head"))
		}
		err = errors.Join(err, e.PutCentre(registry.Centre{Key: "hall", Division: hefei, Body: "lead", Name: text("政务服务中心"),
			Windows: []registry.Window{{Key: "w1", Number: "A1", Name: text("综合窗口"), Bodies: []string{"lead"}}}}))
		for _, p := range people {
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

func (w *world) time() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.now
}

func (w *world) set(t time.Time) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.now = t
}

// at moves the clock to an hour of a day in Asia/Shanghai.
func (w *world) at(day string, hour int) {
	d, err := calendar.Parse(day)
	if err != nil {
		w.t.Fatal(err)
	}
	w.set(d.Start().Add(time.Duration(hour) * time.Hour))
}

// Principal implements joint.People.
func (w *world) Principal(*http.Request) (identity.Principal, error) { return w.actor, nil }

// Party implements joint.People.
func (w *world) Party(_ context.Context, party store.ID) (casework.Applicant, error) {
	if party != applicant.Account {
		return casework.Applicant{Party: party, Kind: identity.Person, Name: "路人", IDNumber: "340104199003159026", Phone: "13800000009"}, nil
	}
	return casework.Applicant{Party: party, Kind: identity.Enterprise, Name: "合肥青禾食品有限公司", IDNumber: "91340104MA9Y00012N", Phone: "0551-5550888"}, nil
}

// Item implements joint.Catalogue.
func (w *world) Item(key, _ string) (*joint.Item, bool) {
	it, ok := w.items[key]
	return &it, ok
}

// Items implements joint.Catalogue.
func (w *world) Items(string) []joint.Item {
	var list []joint.Item
	for _, it := range w.items {
		list = append(list, it)
	}
	return list
}

// putItem adds an item of a department to the catalogue.
func (w *world) putItem(key, body, formText string) {
	w.items[key] = joint.Item{Key: key, Code: strings.Repeat("1", 30) + "X", Body: body, Title: text(key), Form: json.RawMessage(formText),
		Materials: []joint.ItemMaterial{{Key: "statement", Name: text(key + "报告"), Main: true}, {Key: "site-plan", Name: text("项目总平面图"), Main: true}},
		Statutory: term.Length{N: 20, Unit: statute.WorkingDay, Rule: "licence.decide", Title: text(key)}}
}

// enterprise is an application for the establishment of an enterprise, with the answers that its form wants.
func enterprise() joint.Application {
	return joint.Application{Matter: "enterprise-establishment", Division: hefei, Channel: casework.Online,
		Applicant: casework.Applicant{Party: 1, Kind: identity.Enterprise, Name: "合肥青禾食品有限公司", IDNumber: "91340104MA9Y00012N", Phone: "0551-5550888"},
		Sent: joint.Sent{Parts: []string{"bank"}, Answers: json.RawMessage(`{"name":"合肥晨光科技有限公司","alternative":"合肥晨曦科技有限公司","kind":"llc",
			"telephone":"13800000001","capital":100000000,"address":"虚构路1号","scope":"软件开发","representative":"陈晓禾","representativeId":"340104199003159026",
			"shareholders":"陈晓禾 100%","seals":["company"],"taxpayer":"small","staff":3,"payday":15,"fundRate":8,"bankBranch":"虚构支行"}`)}}
}

// key makes a key of its own for each command.
func (w *world) key() string {
	w.keys++
	return fmt.Sprintf("test/%d", w.keys)
}

// upload keeps a small file of the applicant for a material.
func (w *world) upload(material string) casework.FileRef {
	w.t.Helper()
	f, err := w.files.Put(w.t.Context(), applicant.Account, material+".pdf", strings.NewReader("%PDF-1.4\n% "+material+"\n%%EOF\n"), file.Limits{})
	if err != nil {
		w.t.Fatal(err)
	}
	return casework.FileRef{ID: f.ID, Name: f.Name, Digest: f.Digest, Size: f.Size, Type: f.Type, Material: material}
}

// apply hands in an application with all its main materials.
func (w *world) apply(a joint.Application) casework.Receipt {
	w.t.Helper()
	if a.Files == nil {
		for _, m := range []string{"identity", "articles", "premises", "appointment", "payroll"} {
			a.Files = append(a.Files, w.upload(m))
		}
	}
	rec, err := w.Apply(w.t.Context(), applicant, a, w.key())
	if err != nil {
		w.t.Fatalf("apply: %v", err)
	}
	return rec
}

// try does the step of a case and answers what the runtime says.
func (w *world) try(id store.ID, who identity.Principal, element string, data any) error {
	w.t.Helper()
	c, err := w.cases.Get(w.t.Context(), id)
	if err != nil {
		return err
	}
	for _, t := range c.Tasks() {
		if t.Element != element {
			continue
		}
		raw, err := json.Marshal(data)
		if err != nil {
			return err
		}
		_, err = w.cases.Do(w.t.Context(), casework.Command{Key: w.key(), Actor: who, Case: id, Act: casework.Complete{Token: t.Token, Data: raw}})
		return err
	}
	return fmt.Errorf("%s is not open in %s", element, c.Number)
}

func (w *world) do(id store.ID, who identity.Principal, element string, data any) {
	w.t.Helper()
	if err := w.try(id, who, element, data); err != nil {
		w.t.Fatalf("%s: %v", element, err)
	}
}

// settle carries out what cases mean for one another, until nothing is left.
func (w *world) settle() {
	w.t.Helper()
	for range 1000 {
		n, err := w.Settle(w.t.Context(), w.cases)
		if err != nil {
			w.t.Fatalf("settle: %v", err)
		}
		if n == 0 {
			return
		}
	}
	w.t.Fatal("the outbox never becomes empty")
}

// pass lets time pass until an instant: timers fire and lines are crossed when they are due.
func (w *world) pass(until time.Time) {
	w.t.Helper()
	for range 1000 {
		at, err := store.Scalar[int64](w.db.Read().QueryRow(w.t.Context(), `SELECT coalesce(min(wake_at), 0) FROM case_ WHERE wake_at > 0`))
		if err != nil {
			w.t.Fatal(err)
		}
		if at == 0 || store.Instant(at).After(until) {
			break
		}
		if next := store.Instant(at); next.After(w.time()) {
			w.set(next)
		}
		if _, err := w.cases.Wake(w.t.Context()); err != nil {
			w.t.Fatal(err)
		}
		w.settle()
	}
	if until.After(w.time()) {
		w.set(until)
	}
}

// days lets so many working days pass, until ten in the morning.
func (w *world) days(n int) {
	w.pass(w.cal.Add(calendar.Of(w.time()), n).Start().Add(10 * time.Hour))
}

func (w *world) whole(id store.ID) *joint.Whole {
	w.t.Helper()
	x, err := w.Whole(w.t.Context(), id)
	if err != nil {
		w.t.Fatal(err)
	}
	return x
}

// part returns a part of an application.
func (w *world) part(id store.ID, key string) joint.Entry {
	w.t.Helper()
	for _, e := range w.whole(id).Parts {
		if e.Key == key {
			return e
		}
	}
	w.t.Fatalf("there is no part %s", key)
	return joint.Entry{}
}

// accepted opens an application that the lead window has accepted, with its first stage begun.
func (w *world) accepted(a joint.Application) store.ID {
	w.t.Helper()
	rec := w.apply(a)
	w.do(rec.Case, clerk, "receive", map[string]any{"outcome": "accept"})
	w.settle()
	return rec.Case
}

// opine gives the opinion of a department: reviewed by one, signed by another.
func (w *world) opine(id store.ID, key, opinion string) {
	w.t.Helper()
	e := w.part(id, key)
	data := map[string]any{"opinion": opinion}
	if opinion == "disagree" {
		data["basis"], data["reasons"] = "《某法》第一条", "不符合条件"
	}
	w.do(e.Case, of(e.Body, "reviewer"), "review", data)
	w.do(e.Case, of(e.Body, "head"), "sign", map[string]any{"outcome": "issue"})
	w.settle()
}

// finish concludes, signs and delivers the result.
func (w *world) finish(id store.ID) {
	w.t.Helper()
	w.do(id, clerk, "conclude", map[string]any{"summary": "各部门已办理完毕"})
	w.do(id, leadHead, "decide", map[string]any{"outcome": "issue"})
	w.do(id, clerk, "deliver", map[string]any{"manner": "electronic", "delivered": calendar.Of(w.time()).String()})
	w.settle()
}
