package agent_test

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
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
	"openhall.org/openhall/internal/platform/registry"
	"openhall.org/openhall/internal/platform/store"
	"openhall.org/openhall/internal/platform/store/journal"
	"openhall.org/openhall/internal/platform/store/seal"
	"openhall.org/openhall/internal/platform/store/storetest"
	"openhall.org/openhall/internal/platform/web"
	"openhall.org/openhall/internal/platform/web/form"
	"openhall.org/openhall/internal/platform/web/i18n"
	"openhall.org/openhall/internal/slice/agent"
	"openhall.org/openhall/policies"
	"openhall.org/openhall/procedures"
	"openhall.org/openhall/rules"
)

const (
	anhui    = "340000000000"
	bengbu   = "340300000000"
	huaiyuan = "340321000000"
	liucheng = "340321100000"
	suji     = "340321100200"
	caohe    = "340321100201"
	baoji    = "340321101000"
)

// The number printed in GB 11643 as an example, and two that were worked out from it by hand.
const (
	wangID = "11010519491231002X"
	liID   = "440524188001010014"
)

// world is a township with two villages, two agents and a county above, and a catalogue of two items.
type world struct {
	*agent.Service
	t      testing.TB
	db     *store.DB
	cases  *casework.Runtime
	reg    *registry.Registry
	site   http.Handler
	files  *file.Files
	policy *identity.Policies

	mu      sync.Mutex
	now     time.Time
	actor   identity.Principal
	numbers map[store.ID]string // identity numbers of accounts
	acts    []journal.Act
	version int
	gone    bool
}

func staff(id store.ID, post, body, division string, roles ...string) identity.Principal {
	return identity.Principal{Account: id, Kind: identity.Staff, Name: "账户" + id.String(), Post: identity.Post{ID: post, Body: body, Division: division, Roles: roles}}
}

var (
	visitor  = identity.Principal{Kind: identity.Visitor}
	zhao     = staff(11, "agent-1", "town", liucheng, "agent")
	qian     = staff(12, "agent-2", "town", liucheng, "agent")
	clerk    = staff(13, "clerk", "town", liucheng, "window")
	reviewer = staff(14, "reviewer", "town", liucheng, "reviewer")
	chief    = staff(15, "chief", "town", liucheng, "manager")
	county   = staff(16, "county", "civil", huaiyuan, "reviewer")
	head     = staff(17, "head", "town", liucheng, "head")
	elder    = identity.Principal{Account: 31, Kind: identity.Person, Name: "王奶奶"}
)

func text(s string) lang.Text { return lang.Text{Hans: s, Hant: s, En: s} }

var schemas = []store.Migrations{registry.Schema(), casework.Schema(), file.Schema(), agent.Schema()}

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

func nothing(string) error { return nil }

func newWorld(t testing.TB, db *store.DB) *world {
	t.Helper()
	w := &world{t: t, db: db, actor: visitor, numbers: map[store.ID]string{31: wangID}, version: 1}
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
	forms, err := casework.LoadForms(procedures.Files, "forms", map[string]casework.Format{
		"id-card": nothing, "uscc": nothing, "phone": nothing, "date": nothing, "money": nothing,
	})
	must(t, err)
	w.files, err = file.New(file.Options{DB: db, IDs: ids, Now: w.time, Blobs: file.Dir(t.TempDir()), Keys: keys})
	must(t, err)
	w.Service, err = agent.New(agent.Deps{
		DB: db, Keys: keys, IDs: ids, Files: w.files, Registry: w.reg, Rules: law, Journal: w, People: w, Names: w, Items: w, Printer: w, Now: w.time,
		Log: slog.New(slog.DiscardHandler), Applicant: func(casework.Applicant, time.Time) []casework.FieldError { return nil }, BaseURL: "https://hall.example",
	})
	must(t, err)
	w.cases, err = casework.New(casework.Options{
		DB: db, Keys: keys, IDs: ids, Now: w.time, Calendar: func() *calendar.Calendar { return cal }, Rules: law, Policy: w.policy,
		Kinds: append(w.Kinds(), casework.Kind{Name: "approval", Begin: w.begin, Changed: w.changed, Handler: upward}), Forms: forms,
	})
	must(t, err)
	t.Cleanup(w.cases.Close)
	for _, name := range []string{agent.ConsentKind, "township-transfer"} {
		xml, err := procedures.Files.ReadFile(name + ".bpmn")
		must(t, err)
		_, err = w.cases.PublishProcedure(t.Context(), name, xml)
		must(t, err)
	}
	words, err := i18n.Load(web.Messages(), agent.Messages())
	must(t, err)
	w.Attach(w.cases)
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
	must(t, w.Assign(t.Context(), chief, zhao.Account, suji, day(t, "2026-03-02")))
	return w
}

type guard struct{ w *world }

func (g guard) Allow(_ *http.Request, route web.Route) error {
	if g.w.actor.Kind == identity.Visitor {
		return web.Unauthorized()
	}
	return g.w.policy.AllowRoute(g.w.actor, route.Action)
}

func places(t testing.TB, db *store.DB) *registry.Registry {
	t.Helper()
	reg, err := registry.Open(t.Context(), db)
	must(t, err)
	must(t, reg.Edit(t.Context(), func(e *registry.Edit) error {
		err := e.PutDivisions([]registry.Division{
			{Code: anhui, Level: registry.Province, Name: text("安徽省")}, {Code: bengbu, Level: registry.City, Name: text("蚌埠市")},
			{Code: huaiyuan, Level: registry.County, Name: text("怀远县")}, {Code: liucheng, Level: registry.Township, Name: text("榴城镇")},
			{Code: baoji, Level: registry.Township, Name: text("包集镇")}, {Code: suji, Level: registry.Village, Name: text("苏集村")},
			{Code: caohe, Level: registry.Village, Name: text("曹河村")},
		})
		if err != nil {
			return err
		}
		for _, b := range []registry.Body{
			{Key: "civil", Division: huaiyuan, Kind: "civil-affairs", Level: "county", Name: text("怀远县民政局")},
			{Key: "town", Division: liucheng, Kind: "township", Level: "township", Name: text("榴城镇人民政府")},
		} {
			if err := e.PutBody(b); err != nil {
				return err
			}
		}
		if err := e.PutCentre(registry.Centre{Key: "centre", Division: liucheng, Body: "town", Name: text("为民服务中心"), Address: text("路"), Hours: text("九点"),
			Windows: []registry.Window{{Key: "point", Number: "D01", Name: text("代办"), Bodies: []string{"town", "civil"}}}}); err != nil {
			return err
		}
		for _, p := range []identity.Principal{zhao, qian, clerk, reviewer, chief, county, head} {
			post := registry.Post{Key: p.Post.ID, Body: p.Post.Body, Roles: p.Post.Roles, Title: text(p.Post.ID)}
			if p.Post.Has("agent") || p.Post.Has("window") {
				post.Windows = []string{"point"}
			}
			if err := e.PutPost(post); err != nil {
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

func day(t testing.TB, text string) calendar.Date {
	t.Helper()
	d, err := calendar.Parse(text)
	must(t, err)
	return d
}

func (w *world) time() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.now
}

func (w *world) at(date string, hour int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.now = day(w.t, date).Start().Add(time.Duration(hour) * time.Hour)
}

// wake lets fall due what is due.
func (w *world) wake() {
	w.t.Helper()
	for {
		n, err := w.cases.Wake(w.t.Context())
		must(w.t, err)
		if n == 0 {
			return
		}
	}
}

// Principal implements agent.People.
func (w *world) Principal(*http.Request) (identity.Principal, error) { return w.actor, nil }

// NameOf implements agent.People.
func (w *world) NameOf(_ context.Context, account store.ID) string {
	return "账户" + account.String()
}

// IDNumber implements agent.People.
func (w *world) IDNumber(_ context.Context, party store.ID) (string, error) {
	return w.numbers[party], nil
}

// ByNumber implements agent.People.
func (w *world) ByNumber(_ context.Context, number string) (store.ID, error) {
	for id, n := range w.numbers {
		if n == number {
			return id, nil
		}
	}
	return 0, nil
}

// Body implements agent.Names.
func (w *world) Body(key string) lang.Text { return w.reg.Now().Body(key).Name }

// Division implements agent.Names.
func (w *world) Division(code string) lang.Text { return w.reg.Now().Division(code).Name }

// Post implements agent.Names.
func (w *world) Post(key string) lang.Text { return text(key) }

// Paper implements agent.Printer: the text of the paper.
func (w *world) Paper(p *document.Paper) ([]byte, error) {
	var b strings.Builder
	b.WriteString(p.Title + "\n" + p.Subtitle + "\n")
	for _, x := range p.Blocks {
		b.WriteString(x.Text + x.QR + "\n")
	}
	return []byte(b.String()), nil
}

// Record implements journal.Recorder.
func (w *world) Record(_ context.Context, _ *store.Tx, a journal.Act) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.acts = append(w.acts, a)
	return nil
}

var schema = json.RawMessage(`{"type":"object","additionalProperties":false,"required":["name","group"],"properties":{
	"name":{"type":"string","title":"姓名","x-title":{"zh-Hant":"姓名","en":"Name"},"minLength":1,"maxLength":50},
	"group":{"type":"string","title":"类别","x-title":{"zh-Hant":"類別","en":"Group"},"oneOf":[{"const":"old","title":"老年人","x-title":{"zh-Hant":"老年人","en":"Old"}}]},
	"family":{"type":"object","title":"家庭","x-title":{"zh-Hant":"家庭","en":"Family"},"required":["members"],"properties":{
		"members":{"type":"integer","title":"人数","x-title":{"zh-Hant":"人數","en":"Members"}}}}}}`)

// Item implements agent.Items: one item that the township sends up, one that is in none of the ten fields.
func (w *world) Item(code string) (*agent.Item, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.gone || code != "DESTITUTE" && code != "QUARRY" {
		return nil, &casework.Refusal{Code: casework.RefusedCancelled, Text: text("已取消")}
	}
	f, err := form.Compile(schema, nil)
	it := &agent.Item{Code: code, Key: "destitute-support", Version: w.version, Name: text("特困人员认定"), Body: "town", Term: text("20 个工作日"), ByAgent: true, Raw: schema, Form: f,
		Materials: []agent.Material{{Key: "form", Name: text("申请表"), ByForm: true}, {Key: "photo", Name: text("照片"), Necessary: true}}}
	if code == "QUARRY" {
		it.Key = "quarry"
	}
	return it, err
}

// Code implements agent.Items.
func (w *world) Code(key, body string) (string, bool) {
	return "DESTITUTE", key == "destitute-support" && body == "town"
}

// Submit implements agent.Items as the slice approval does.
func (w *world) Submit(ctx context.Context, actor identity.Principal, a agent.Application, key string) (casework.Receipt, error) {
	return w.cases.Do(ctx, casework.Command{Key: key, Actor: actor, Act: casework.Submit{
		Kind: "approval", Subject: a.Code, Channel: casework.Agent, Applicant: a.Applicant, Form: a.Form, Files: a.Files,
	}})
}

// Asked implements agent.Items as the slice approval does.
func (w *world) Asked(ctx context.Context, c *casework.Case) (asked []agent.Asked, withdrawable bool, err error) {
	for _, t := range c.Tasks() {
		if t.Role == "applicant" {
			f, err := form.Compile(json.RawMessage(`{"type":"object","additionalProperties":false,"properties":{"note":{"type":"string","title":"补正说明","x-title":{"zh-Hant":"補正說明","en":"About it"},"minLength":1,"maxLength":2000}}}`), nil)
			if err != nil {
				return nil, false, err
			}
			asked = append(asked, agent.Asked{Token: t.Token, Title: text("补正材料"), Notice: "请补交户口簿", Due: c.Until(t.Token), Form: f})
		}
	}
	return asked, c.Open() && c.Status != "decided", nil
}

func (w *world) begin(_ context.Context, s casework.Submit, _ calendar.Date) (casework.Beginning, error) {
	f, err := casework.NewForm("x", schema, nil)
	if err == nil {
		err = f.Validate(s.Form)
	}
	if err != nil {
		return casework.Beginning{}, err
	}
	has := false
	for _, ref := range s.Files {
		has = has || ref.Material == "photo"
	}
	if !has {
		return casework.Beginning{}, &casework.Refusal{Code: casework.RefusedMaterial, Fields: []casework.FieldError{{Path: "/files/photo", Code: "required", Text: text("缺少照片")}}}
	}
	return casework.Beginning{Title: text("特困人员认定"), Division: liucheng, Body: "town", Procedure: "township-transfer", Series: "AP",
		Variables: map[string]any{"upper": "civil", "home": "town"}, Public: map[string]any{"item": "destitute-support"}}, nil
}

func (w *world) changed(ctx context.Context, tx *store.Tx, c *casework.Case, h casework.Happened) error {
	return w.Happened(ctx, tx, c, h)
}

// upward sends up as the slice approval does.
func upward(c *casework.Case, role string) string {
	switch {
	case role == "window":
		return "town"
	case c.Status == "forwarded" && (role == "reviewer" || role == "head"):
		return "civil"
	}
	return ""
}

// step does the open task of an element.
func (w *world) step(who identity.Principal, c *casework.Case, element, data string) {
	w.t.Helper()
	now, err := w.cases.Get(w.t.Context(), c.ID)
	must(w.t, err)
	for _, t := range now.Tasks() {
		if t.Element == element {
			_, err := w.cases.Do(w.t.Context(), casework.Command{Key: element + now.Number, Actor: who, Case: c.ID, Act: casework.Complete{Token: t.Token, Data: json.RawMessage(data)}})
			must(w.t, err)
			return
		}
	}
	w.t.Fatalf("%s waits for %v, not for %s", now.Number, now.Tasks(), element)
}
