package request_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/core/lang"
	"openhall.org/openhall/internal/core/statute"
	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/document"
	"openhall.org/openhall/internal/platform/file"
	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/publication/guard"
	"openhall.org/openhall/internal/platform/registry"
	"openhall.org/openhall/internal/platform/store"
	"openhall.org/openhall/internal/platform/store/seal"
	"openhall.org/openhall/internal/platform/store/storetest"
	"openhall.org/openhall/internal/platform/web"
	"openhall.org/openhall/internal/platform/web/i18n"
	"openhall.org/openhall/internal/slice/request"
	"openhall.org/openhall/letters"
	"openhall.org/openhall/policies"
	"openhall.org/openhall/procedures"
	"openhall.org/openhall/rules"
)

const hefei = "340100000000"

// world is a hall of Hefei with a water bureau that has a disclosure office, and supervision.
type world struct {
	*request.Service
	t     testing.TB
	db    *store.DB
	cases *casework.Runtime
	files *file.Files
	docs  *document.Service
	cal   *calendar.Calendar
	site  http.Handler
	now   time.Time
	actor identity.Principal
	keys  int
}

var (
	visitor  = identity.Principal{Kind: identity.Visitor}
	officer  = staff(12, "water-officer", "water", "reviewer")
	head     = staff(14, "water-head", "water", "head")
	overseer = staff(31, "supervisor", "supervision", "supervisor")
)

func staff(id store.ID, post, body string, roles ...string) identity.Principal {
	return identity.Principal{Account: id, Kind: identity.Staff, Name: "账户" + id.String(),
		Post: identity.Post{ID: post, Body: body, Division: hefei, Roles: roles}}
}

func text(s string) lang.Text { return lang.Text{Hans: s, Hant: s, En: s} }

var schemas = []store.Migrations{registry.Schema(), casework.Schema(), file.Schema(), document.Schema(), request.Schema()}

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
	w := &world{t: t, db: db, actor: visitor}
	w.at("2026-03-02", 9) // a Monday; no holiday until 清明, 4 April
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
	reg := places(t, db)
	policy, err := identity.LoadPolicies(policies.Files, func() identity.Places { return reg.Now() })
	must(err)
	forms, err := casework.LoadForms(procedures.Files, "forms", map[string]casework.Format{"public-text": publicText})
	must(err)
	w.files, err = file.New(file.Options{DB: db, Blobs: file.Dir(t.TempDir()), Keys: ring, IDs: ids, Now: w.time})
	must(err)
	templates, err := document.Load(letters.Files)
	must(err)
	signers, err := document.LoadSigners(t.TempDir(), "hall.example/documents")
	must(err)
	quiet := slog.New(slog.DiscardHandler)
	w.docs, err = document.New(t.Context(), document.Options{DB: db, Files: w.files, Keys: ring, IDs: ids, Now: w.time, Log: quiet, Templates: templates,
		Signers: signers, Holder: "test", BaseURL: "https://hall.example"})
	must(err)
	w.Service, err = request.New(request.Deps{DB: db, Keys: ring, Files: w.files, Registry: reg, People: w, Policies: policy, Rules: law,
		Calendar: func() *calendar.Calendar { return w.cal }, Now: w.time, Log: quiet, Documents: w.docs, Agency: func(string) string { return "合水" },
		BaseURL: "https://hall.example"})
	must(err)
	w.cases, err = casework.New(casework.Options{DB: db, Keys: ring, IDs: ids, Now: w.time, Calendar: func() *calendar.Calendar { return w.cal }, Rules: law,
		Policy: policy, Kinds: w.Kinds(), Forms: forms})
	must(err)
	t.Cleanup(w.cases.Close)
	for _, key := range []string{"request", "request-2008", "request-dispute", "request-catalogue"} {
		xml, err := procedures.Files.ReadFile(key + ".bpmn")
		must(err)
		_, err = w.cases.PublishProcedure(t.Context(), key, xml)
		must(err)
	}
	words, err := i18n.Load(web.Messages(), request.Messages())
	must(err)
	t.Cleanup(func() {
		if missing := words.Missing(); len(missing) > 0 {
			t.Errorf("messages asked for in vain: %v", missing)
		}
	})
	w.Attach(w.cases, words)
	shell, err := web.New(web.Config{Site: web.Site{Name: text("政务公开"), SignIn: "/sign-in"}, Catalogue: words, Clock: w.time, Log: quiet,
		Guard: doorkeeper{w, policy}, Explain: web.ExplainRefusal})
	must(err)
	w.Mount(shell)
	w.site, err = shell.Handler()
	must(err)
	return w
}

// publicText refuses personal data in texts for the public.
func publicText(text string) error {
	if len(guard.Scan(text)) > 0 {
		return errors.New("holds personal data")
	}
	return nil
}

type doorkeeper struct {
	w      *world
	policy *identity.Policies
}

func (g doorkeeper) Allow(_ *http.Request, route web.Route) error {
	return g.policy.AllowRoute(g.w.actor, route.Action)
}

func places(t testing.TB, db *store.DB) *registry.Registry {
	t.Helper()
	reg, err := registry.Open(t.Context(), db)
	if err == nil {
		err = reg.Edit(t.Context(), func(e *registry.Edit) error {
			err := e.PutDivisions([]registry.Division{{Code: "340000000000", Level: registry.Province, Name: text("安徽省")}, {Code: hefei, Level: registry.City, Name: text("合肥市")}})
			for key, name := range map[string]string{"water": "合肥市水务局", "supervision": "合肥市监察局"} {
				b := registry.Body{Key: key, Division: hefei, Kind: key, Level: "municipal", Name: text(name), Address: text("合肥市文博路2号"), Consult: "0551-5550021"}
				if key == "supervision" {
					b.Address, b.Consult = text("合肥市望湖街1号"), "0551-5550099"
				}
				err = errors.Join(err, e.PutBody(b))
			}
			for _, p := range []identity.Principal{officer, head, overseer} {
				err = errors.Join(err, e.PutPost(registry.Post{Key: p.Post.ID, Body: p.Post.Body, Roles: p.Post.Roles, Title: text(p.Post.ID)}),
					e.Appoint(p.Account, p.Post.ID, time.UnixMicro(1), time.Time{}))
			}
			return err
		})
	}
	if err != nil {
		t.Fatal(err)
	}
	return reg
}

func (w *world) time() time.Time { return w.now }

func (w *world) at(day string, hour int) {
	w.t.Helper()
	d, err := calendar.Parse(day)
	if err != nil {
		w.t.Fatal(err)
	}
	w.now = d.Start().Add(time.Duration(hour) * time.Hour)
}

// on lets working days pass.
func (w *world) on(days int) {
	w.t.Helper()
	target := w.cal.Add(calendar.Of(w.now), days).Start().Add(9 * time.Hour)
	for {
		next := calendar.Of(w.now).End()
		if next.After(target) {
			break
		}
		w.now = next
		w.wake()
	}
	w.now = target
	w.wake()
}

func (w *world) wake() {
	w.t.Helper()
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

func (w *world) Principal(*http.Request) (identity.Principal, error) { return w.actor, nil }

func (w *world) Contact(_ context.Context, account store.ID) (name, phone, idNumber string, err error) {
	if account == officer.Account {
		return "经办张", "", "", nil
	}
	return "王小明", "13800000001", number, nil
}

const number = "11010519491231002X"

func (w *world) key() string {
	w.keys++
	return fmt.Sprintf("key-%d", w.keys)
}

var asker = request.Asker{Kind: request.Person, Name: "王小明", IDNumber: number, Phone: "13800000001"}

func sent(c request.Channel) request.Sent {
	return request.Sent{Channel: c, Description: "申请公开2025年河道采砂许可的批准文件。", Wanted: "online"}
}

// ask sends a request and returns its case.
func (w *world) ask(a request.Asker, r request.Sent) store.ID {
	w.t.Helper()
	who := visitor
	if r.Channel != request.Web {
		who = officer
	}
	rec, err := w.Ask(w.t.Context(), who, "water", a, r, true, w.key())
	if err != nil {
		w.t.Fatal(err)
	}
	return rec.Case
}

func (w *world) get(id store.ID) *casework.Case {
	w.t.Helper()
	c, err := w.cases.Get(w.t.Context(), id)
	if err != nil {
		w.t.Fatal(err)
	}
	return c
}

func (w *world) entry(id store.ID) request.Entry {
	w.t.Helper()
	e, err := w.Entry(w.t.Context(), id)
	if err != nil {
		w.t.Fatal(err)
	}
	return e
}

// try does an open step.
func (w *world) try(id store.ID, element, data string, files ...string) error {
	w.t.Helper()
	c := w.get(id)
	for _, task := range c.Tasks() {
		if task.Element != element {
			continue
		}
		cmd := casework.Command{Key: w.key(), Case: id, Actor: visitor, Proven: true}
		switch task.Role {
		case "reviewer":
			cmd.Actor, cmd.Proven = officer, false
		case "head":
			cmd.Actor, cmd.Proven = head, false
		}
		act := casework.Complete{Token: task.Token, Data: []byte(data)}
		for _, name := range files {
			f, err := w.files.Put(w.t.Context(), cmd.Actor.Account, name, bytes.NewReader([]byte("%PDF-1.7\n"+name)), file.Limits{})
			if err != nil {
				w.t.Fatal(err)
			}
			act.Files = append(act.Files, casework.FileRef{ID: f.ID, Name: f.Name, Digest: f.Digest, Size: f.Size, Type: f.Type})
		}
		cmd.Act = act
		_, err := w.cases.Do(w.t.Context(), cmd)
		return err
	}
	return fmt.Errorf("the step %s of %s is not open: %v", element, c.Number, c.Tasks())
}

func (w *world) step(id store.ID, element, data string, files ...string) {
	w.t.Helper()
	if err := w.try(id, element, data, files...); err != nil {
		w.t.Fatalf("%s: %v", element, err)
	}
}

// refused is what a step was refused for: the first field and its code.
func (w *world) refused(id store.ID, element, data string, files ...string) string {
	w.t.Helper()
	var r *casework.Refusal
	if err := w.try(id, element, data, files...); !errors.As(err, &r) {
		w.t.Fatalf("%s %s: %v; want a refusal", element, data, err)
	}
	if len(r.Fields) == 0 {
		return r.Code
	}
	return r.Fields[0].Path
}

const (
	examine = `{"outcome":"examine"}`
	draft   = `{"outcome":"draft",` + always + `}`
	always  = `"general":["public","held","forbidden"],"secret":["marked","scope","origin","unsure"],"safety":["national","public","economic","stability"]`
	issue   = `{"outcome":"issue"}`
)

// replied brings a request that is being examined to its reply.
func (w *world) replied(id store.ID, reply string, files ...string) {
	w.t.Helper()
	w.step(id, "examine", draft)
	w.step(id, "draft", reply, files...)
	w.step(id, "decide", issue)
}

func (w *world) page(method, path string, form url.Values) (int, string, http.Header) {
	w.t.Helper()
	r := httptest.NewRequest(method, path, strings.NewReader(form.Encode()))
	if method == http.MethodPost {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	rec := httptest.NewRecorder()
	w.site.ServeHTTP(rec, r)
	return rec.Code, rec.Body.String(), rec.Header()
}
