package power

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"openhall.org/openhall/demo"
	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/core/lang"
	"openhall.org/openhall/internal/core/procedure"
	"openhall.org/openhall/internal/core/statute"
	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/registry"
	"openhall.org/openhall/internal/platform/store"
	"openhall.org/openhall/internal/platform/store/storetest"
	"openhall.org/openhall/procedures"
	"openhall.org/openhall/rules"
)

// noon is the instant at which the tests act: Monday, 23 November 2026, 12:00 in Asia/Shanghai.
var noon = time.Date(2026, 11, 23, 4, 0, 0, 0, time.UTC)

// editor may change the catalogue, reader may not.
var (
	editor = identity.Principal{Account: 7, Kind: identity.Staff, Post: identity.Post{Roles: []string{registry.SystemAdmin}}}
	reader = identity.Principal{Account: 8, Kind: identity.Person}
)

var errDenied = errors.New("denied")

// onlyAdmins allows item.edit to system administrators and nothing to anybody else.
type onlyAdmins struct{}

func (onlyAdmins) Allow(pr identity.Principal, action string, _ identity.Resource) error {
	if action == ActionEdit && pr.Post.Has(registry.SystemAdmin) {
		return nil
	}
	return errDenied
}

// charts are the procedures that ship, each in one version.
type charts map[string]*procedure.Definition

func (c charts) Procedure(_ context.Context, ref string) (string, *procedure.Definition, error) {
	key, version, found := strings.Cut(ref, "@")
	if d := c[key]; d != nil && (!found || version == "1") {
		return casework.Reference(key, 1), d, nil
	}
	return "", nil, store.ErrNotFound
}

func (c charts) ProcedureFile(_ context.Context, ref string) ([]byte, error) {
	key, _, err := casework.SplitReference(ref)
	if err != nil {
		return nil, err
	}
	return procedures.Files.ReadFile(key + ".bpmn")
}

func (c charts) ProcedureVersions(_ context.Context, key string) ([]casework.ProcedureVersion, error) {
	return []casework.ProcedureVersion{{Key: key, Version: 1, Digest: strings.Repeat("ab", 32), PublishedAt: noon}}, nil
}

func loadCharts(t testing.TB) charts {
	t.Helper()
	c := charts{}
	for _, key := range []string{"general-licence", "on-the-spot", "service", "registration", "benefit", "township-transfer"} {
		xml, err := procedures.Files.ReadFile(key + ".bpmn")
		if err != nil {
			t.Fatal(err)
		}
		if c[key], err = procedure.Parse(xml); err != nil {
			t.Fatal(err)
		}
	}
	return c
}

// seed puts the bodies and centres of the demo province into a registry, with those divisions in which they are and one without
// bodies, Feixi county (340123).
func seed(t testing.TB, db *store.DB) *registry.Registry {
	t.Helper()
	reg, err := registry.Open(t.Context(), db)
	if err != nil {
		t.Fatal(err)
	}
	data, err := demo.LoadRegistry()
	if err != nil {
		t.Fatal(err)
	}
	places := map[string]bool{"340000000000": true, "340100000000": true, "340123000000": true, "340300000000": true, "341800000000": true}
	for _, b := range data.Bodies {
		places[b.Division] = true
	}
	for _, c := range data.Centres {
		places[c.Division] = true
	}
	err = reg.Edit(t.Context(), func(e *registry.Edit) error {
		var divisions []registry.Division
		for d, err := range demo.Divisions() {
			if err != nil {
				return err
			}
			if places[d.Code] {
				divisions = append(divisions, registry.Division{Code: d.Code, Level: registry.Level(d.Level), Name: d.Name})
			}
		}
		if err := e.PutDivisions(divisions); err != nil {
			return err
		}
		for _, b := range data.Bodies {
			body := registry.Body{Key: b.Key, Division: b.Division, Kind: b.Kind, Level: b.Level, Name: b.Name, Agency: b.Agency, USCC: b.USCC,
				Centre: b.Centre, Consult: b.Consult, Complaint: b.Complaint}
			if err := e.PutBody(body); err != nil {
				return err
			}
		}
		for _, c := range data.Centres {
			centre := registry.Centre{Key: c.Key, Division: c.Division, Body: c.Body, Name: c.Name, Address: c.Address, Hours: c.Hours, Telephone: c.Telephone}
			for _, w := range c.Windows {
				centre.Windows = append(centre.Windows, registry.Window(w))
			}
			if err := e.PutCentre(centre); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return reg
}

// schemas are the tables that the tests need.
var schemas = []store.Migrations{registry.Schema(), Schema()}

// open returns a service on an empty catalogue.
func open(t testing.TB, db *store.DB) *Service {
	t.Helper()
	cal, err := calendar.Load(rules.Files, "calendar")
	if err != nil {
		t.Fatal(err)
	}
	law, err := statute.Load(rules.Files, "cn", "cn-ah")
	if err != nil {
		t.Fatal(err)
	}
	s := New(Deps{DB: db, Registry: seed(t, db), Policies: onlyAdmins{}, Procedures: loadCharts(t),
		Calendar: func() *calendar.Calendar { return cal }, Rules: law, Now: func() time.Time { return noon }})
	if err := s.Load(t.Context()); err != nil {
		t.Fatal(err)
	}
	return s
}

// openDemo returns a service with the catalogue of the demo province.
func openDemo(t testing.TB, db *store.DB) *Service {
	t.Helper()
	s := open(t, db)
	c, err := Load(demo.Files)
	if err != nil {
		t.Fatal(err)
	}
	if n, err := s.Import(t.Context(), c); err != nil || n != len(c.Items) {
		t.Fatalf("imported %d of %d items: %v", n, len(c.Items), err)
	}
	return s
}

// codeOf returns the code under which the body exercises the item.
func codeOf(t testing.TB, s *Service, item, body string) string {
	t.Helper()
	for _, im := range s.Implementations(item) {
		if im.Body == body {
			return im.Code
		}
	}
	t.Fatalf("%s does not exercise %s", body, item)
	return ""
}

func TestImportTwiceChangesNothing(t *testing.T) {
	storetest.Each(t, schemas, func(t *testing.T, db *store.DB) {
		s := openDemo(t, db)
		c, err := Load(demo.Files)
		if err != nil {
			t.Fatal(err)
		}
		if n, err := s.Import(t.Context(), c); n != 0 || err != nil {
			t.Errorf("second import: %d published, %v", n, err)
		}
		if len(s.Items()) != len(c.Items) || len(s.Topics()) != len(c.Topics) || len(s.LifeEvents()) != len(c.Events) {
			t.Errorf("%d items, %d topics, %d events", len(s.Items()), len(s.Topics()), len(s.LifeEvents()))
		}
		// An administrator's change stays when the same catalogue is imported again; a new content becomes the next version.
		if _, err := s.Promise(t.Context(), editor, "company-registration", 1, Promise{N: 2, Unit: statute.WorkingDay}); err != nil {
			t.Fatal(err)
		}
		it, _ := c.Item("company-registration")
		if n, err := s.Import(t.Context(), c); n != 0 || err != nil {
			t.Errorf("import after a change: %d published, %v", n, err)
		}
		it.Summary.En = "Register a company."
		if n, err := s.Import(t.Context(), c); n != 1 || err != nil {
			t.Errorf("import of a change: %d published, %v", n, err)
		}
		if now, _ := s.Item("company-registration"); now.Version != 3 || now.Promised.N != 1 || now.Summary.En != "Register a company." {
			t.Errorf("item after it: version %d, promised %d, %s", now.Version, now.Promised.N, now.Summary.En)
		}
	})
}

// Code = credit code of the body (18) + level (1) + basic code (12), written out by hand from demo/.
func TestImplementationCode(t *testing.T) {
	s := openDemo(t, storetest.New(t, store.SQLite, schemas...))
	reg := s.deps.Registry.Now()
	want := reg.Body("hefei-market-regulation").USCC + "3" + "000131001000"
	im, ok := s.Implementation(want)
	if !ok || im.Item.Key != "company-registration" || im.Body != "hefei-market-regulation" || im.Level != Municipal || !im.ActiveOn(today) {
		t.Fatalf("implementation %s: %+v", want, im)
	}
	if _, ok := s.Implementation(want[:30] + "9"); ok {
		t.Error("an unknown code has an implementation")
	}
	if form, ok := s.Form(im.Item.Form); !ok || !json.Valid(form) {
		t.Errorf("form %s: %q", im.Item.Form, form)
	}
	if list := s.OfBody("hefei-market-regulation"); !slices.ContainsFunc(list, func(x *Implementation) bool { return x.Code == want }) {
		t.Error("the body's catalogue lacks the item")
	}
}

// 优化营商环境条例 and the national standard: a promise may not exceed the statutory term. 3 working days by 登记管理条例 19.
func TestPromiseAboveTheStatuteIsRefused(t *testing.T) {
	storetest.Each(t, schemas, func(t *testing.T, db *store.DB) {
		s := openDemo(t, db)
		_, err := s.Promise(t.Context(), editor, "company-registration", 1, Promise{N: 4, Unit: statute.WorkingDay})
		var lint *LintError
		if !errors.As(err, &lint) || !slices.ContainsFunc(lint.Findings, func(f Finding) bool { return f.Rule == "term.promise.exceeds" }) {
			t.Fatalf("error %v", err)
		}
		if it, _ := s.Item("company-registration"); it.Version != 1 || it.Promised.N != 1 {
			t.Errorf("the refused change was made: %+v", it.Promised)
		}
		for _, unit := range []statute.Unit{statute.CalendarDay, statute.Month, "fortnight"} {
			if _, err := s.Promise(t.Context(), editor, "company-registration", 1, Promise{N: 1, Unit: unit}); !errors.As(err, &lint) {
				t.Errorf("unit %s: %v", unit, err)
			}
		}
		it, err := s.Promise(t.Context(), editor, "company-registration", 1, Promise{N: 3, Unit: statute.WorkingDay})
		if err != nil || it.Version != 2 {
			t.Errorf("a promise of the statutory length: %v", err)
		}
	})
}

func TestChangesAreGuarded(t *testing.T) {
	s := openDemo(t, storetest.New(t, store.SQLite, schemas...))
	promise := Promise{N: 2, Unit: statute.WorkingDay}
	if _, err := s.Promise(t.Context(), reader, "company-registration", 1, promise); !errors.Is(err, errDenied) {
		t.Errorf("a reader: %v", err)
	}
	if _, err := s.Promise(t.Context(), editor, "company-registration", 1, promise); err != nil {
		t.Fatal(err)
	}
	var moved *MovedError
	if _, err := s.Promise(t.Context(), editor, "company-registration", 1, promise); !errors.As(err, &moved) || moved.Newest != 2 || moved.Offered != 2 {
		t.Errorf("from an old version: %v", err)
	}
	if _, err := s.Promise(t.Context(), editor, "no-such-item", 1, promise); !errors.Is(err, ErrNotFound) {
		t.Errorf("unknown item: %v", err)
	}
	// Two items cannot have one code.
	it, _ := s.Item("company-registration")
	twin := *it
	twin.Key, twin.Version = "twin", 1
	var taken *CodeTakenError
	if _, err := s.Publish(t.Context(), editor, twin); !errors.As(err, &taken) || taken.Code != it.BasicCode {
		t.Errorf("a second item with the code: %v", err)
	}
	if _, ok := s.Item("twin"); ok {
		t.Error("the refused item is in the catalogue")
	}
}

func TestCancel(t *testing.T) {
	storetest.Each(t, schemas, func(t *testing.T, db *store.DB) {
		s := openDemo(t, db)
		law := s.shelf.Load().refs.Laws["licence-2019"]
		reason := lang.Text{Hans: "许可取消", Hant: "許可取消", En: "No longer needed"}
		end := Cancellation{On: calendar.Day(2026, 12, 1), Reason: reason, Basis: LegalBasis{Law: law.Title, Article: "21", Confidence: statute.Unverified}}
		it, err := s.Cancel(t.Context(), editor, "seed-licence", 1, end)
		if err != nil {
			t.Fatal(err)
		}
		if it.Status != Published || !it.ActiveOn(calendar.Day(2026, 11, 30)) || it.ActiveOn(calendar.Day(2026, 12, 1)) {
			t.Errorf("status %s: it can be applied for on the wrong days", it.Status)
		}
		var lint *LintError
		if _, err := s.Cancel(t.Context(), editor, "nurse-registration", 1, Cancellation{On: today}); !errors.As(err, &lint) {
			t.Errorf("a cancellation without a reason and a basis: %v", err)
		}
		if it, err = s.Cancel(t.Context(), editor, "nurse-registration", 1, Cancellation{On: today, Reason: reason, Basis: end.Basis}); err != nil || it.Status != Withdrawn {
			t.Errorf("cancelled from today: %s, %v", it.Status, err)
		}
	})
}

// A version that takes effect later leaves the one in force in its place until then.
func TestFutureVersion(t *testing.T) {
	db := storetest.New(t, store.SQLite, schemas...)
	s := openDemo(t, db)
	old, _ := s.Item("company-registration")
	it := *old
	it.Version, it.Effective = 2, calendar.Day(2027, 1, 1)
	it.Promised.N = 2
	it.By = it.By[:2]
	if _, err := s.Publish(t.Context(), editor, it); err != nil {
		t.Fatal(err)
	}
	if now, _ := s.Item("company-registration"); now.Version != 1 || len(s.Implementations("company-registration")) != 5 {
		t.Errorf("in force today: version %d by %d bodies", now.Version, len(s.Implementations("company-registration")))
	}
	s.deps.Now = func() time.Time { return calendar.Day(2027, 1, 1).Start() }
	if changed, err := s.Refresh(t.Context()); !changed || err != nil {
		t.Fatalf("on a new day: %v, %v", changed, err)
	}
	if now, _ := s.Item("company-registration"); now.Version != 2 || len(s.Implementations("company-registration")) != 2 {
		t.Errorf("in force in 2027: version %d by %d bodies", now.Version, len(s.Implementations("company-registration")))
	}
	gone, ok := s.Implementation(codeOfBody(t, s, "tongcheng-market-regulation", "4000131001000"))
	if !ok || gone.Exercised() || gone.ActiveOn(calendar.Day(2027, 1, 1)) {
		t.Errorf("the body that gave the item up: %+v", gone)
	}
	if versions, err := s.Versions(t.Context(), "company-registration"); err != nil || len(versions) != 2 || versions[0].Item.Version != 2 || versions[0].PublishedBy != editor.Account {
		t.Errorf("versions: %v, %v", versions, err)
	}
}

func codeOfBody(t testing.TB, s *Service, body, rest string) string {
	t.Helper()
	return s.deps.Registry.Now().Body(body).USCC + rest
}

// What one node publishes, another finds by Refresh.
func TestRefreshSeesOtherNodes(t *testing.T) {
	storetest.Each(t, schemas, func(t *testing.T, db *store.DB) {
		a := openDemo(t, db)
		b := New(a.deps)
		if err := b.Load(t.Context()); err != nil {
			t.Fatal(err)
		}
		if changed, err := b.Refresh(t.Context()); changed || err != nil {
			t.Errorf("nothing changed: %v, %v", changed, err)
		}
		if _, err := a.Promise(t.Context(), editor, "company-registration", 1, Promise{N: 2, Unit: statute.WorkingDay}); err != nil {
			t.Fatal(err)
		}
		if changed, err := b.Refresh(t.Context()); !changed || err != nil {
			t.Errorf("after a change: %v, %v", changed, err)
		}
		if it, _ := b.Item("company-registration"); it.Promised.N != 2 {
			t.Errorf("the other node still promises %d", it.Promised.N)
		}
	})
}

func TestDiff(t *testing.T) {
	c := loadDemo(t)
	before, _ := c.Item("company-registration")
	after := *before
	after.Promised.N = 2
	after.Materials = slices.Clone(before.Materials)
	after.Materials[0].Name.En = "The application"
	changes := Diff(before, &after, lang.En)
	if len(changes) != 2 || changes[0].Element != "promised" || changes[0].Before[0] != "1 working day" || changes[0].After[0] != "2 working days" || changes[1].Element != "materials" {
		t.Fatalf("changes %+v", changes)
	}
	// A reader of Chinese is shown the wording in the language that changed.
	changes = Diff(before, &after, lang.Hans)
	if len(changes) != 2 || !strings.Contains(strings.Join(changes[1].After, ""), "The application") {
		t.Errorf("changes in Chinese %+v", changes)
	}
	if changes := Diff(before, before, lang.En); len(changes) != 0 {
		t.Errorf("no change: %+v", changes)
	}
}
