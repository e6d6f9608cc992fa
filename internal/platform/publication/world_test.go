package publication_test

import (
	"fmt"
	"io"
	"log/slog"
	"path/filepath"
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
	"openhall.org/openhall/internal/platform/publication"
	"openhall.org/openhall/internal/platform/registry"
	"openhall.org/openhall/internal/platform/store"
	"openhall.org/openhall/internal/platform/store/seal"
	"openhall.org/openhall/internal/platform/store/storetest"
	"openhall.org/openhall/policies"
	"openhall.org/openhall/procedures"
	"openhall.org/openhall/rules"
)

const (
	anhui = "340000000000"
	hefei = "340100000000"
	feixi = "340123000000"
)

// world is a province with a city and a county, with a water bureau and a health commission in the city, another bureau in the county.
type world struct {
	*publication.Service
	t      testing.TB
	db     *store.DB
	cases  *casework.Runtime
	ledger *ledger.Ledger
	files  *file.Files
	cal    *calendar.Calendar

	mu   sync.Mutex
	now  time.Time
	keys int
}

var (
	clerk    = staff(20, "hf-water.disclosure", "hf-water", hefei, "disclosure")
	reviewer = staff(21, "hf-water.reviewer", "hf-water", hefei, "reviewer")
	boss     = staff(22, "hf-water.head", "hf-water", hefei, "head")
	outsider = staff(23, "hf-health.head", "hf-health", hefei, "head", "reviewer", "disclosure")
	admin    = staff(24, "ah.system", "ah-data", anhui, "system-admin")
	citizen  = identity.Principal{Account: 1, Kind: identity.Person}
)

func staff(id store.ID, post, body, division string, roles ...string) identity.Principal {
	return identity.Principal{Account: id, Kind: identity.Staff, Post: identity.Post{ID: post, Body: body, Division: division, Roles: roles}}
}

func (w *world) time() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.now
}

// at sets the clock to a day and hour in Shanghai.
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

func (w *world) key() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.keys++
	return fmt.Sprint("key-", w.keys)
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// schemas are the tables that publication needs.
func schemas() []store.Migrations {
	return append(publication.Schemas(), registry.Schema(), identity.Schema(), casework.Schema(), file.Schema(), ledger.Schema())
}

type option func(*publication.Deps)

func each(t *testing.T, test func(t *testing.T, w *world)) {
	t.Helper()
	storetest.Each(t, schemas(), func(t *testing.T, db *store.DB) { test(t, newWorld(t, db)) })
}

func newWorld(t testing.TB, db *store.DB, options ...option) *world {
	t.Helper()
	w := &world{t: t, db: db}
	w.at("2026-03-02", 10)
	var err error
	w.cal, err = calendar.Load(rules.Files, "calendar")
	must(t, err)
	law, err := statute.Load(rules.Files, "cn", "cn-ah")
	must(t, err)
	keys, err := seal.New([]byte(strings.Repeat("k", 32)))
	must(t, err)
	ids, err := store.NewIDs(1, time.Now)
	must(t, err)
	reg := places(t, db)
	policy, err := identity.LoadPolicies(policies.Files, func() identity.Places { return reg.Now() })
	must(t, err)
	forms, err := casework.LoadForms(procedures.Files, "forms", nil)
	must(t, err)
	w.files, err = file.New(file.Options{DB: db, Blobs: file.Dir(t.TempDir()), Keys: keys, IDs: ids, Now: w.time})
	must(t, err)
	d := publication.Deps{DB: db, IDs: ids, Now: w.time, Registry: reg, Policy: policy, Files: w.files,
		Calendar: func() *calendar.Calendar { return w.cal }, Rules: law}
	for _, o := range options {
		o(&d)
	}
	w.Service, err = publication.New(t.Context(), d)
	must(t, err)
	w.cases, err = casework.New(casework.Options{
		DB: db, Keys: keys, IDs: ids, Now: w.time, Calendar: d.Calendar, Rules: law, Policy: policy, Kinds: w.Kinds(), Forms: forms,
	})
	must(t, err)
	t.Cleanup(w.cases.Close)
	for _, k := range w.Kinds() {
		xml, err := procedures.Files.ReadFile(k.Name + ".bpmn")
		must(t, err)
		_, err = w.cases.PublishProcedure(t.Context(), k.Name, xml)
		must(t, err)
	}
	key, err := ledger.LoadKey(filepath.Join(t.TempDir(), "log.key"), "test.openhall.org/log")
	must(t, err)
	w.ledger, err = ledger.New(t.Context(), ledger.Options{DB: db, Key: key, Now: w.time, Log: slog.New(slog.DiscardHandler), Holder: "test"})
	must(t, err)
	w.Attach(w.cases, w.ledger)
	return w
}

func text(s string) lang.Text { return lang.Text{Hans: s, Hant: s, En: s} }

func places(t testing.TB, db *store.DB) *registry.Registry {
	t.Helper()
	reg, err := registry.Open(t.Context(), db)
	must(t, err)
	must(t, reg.Edit(t.Context(), func(e *registry.Edit) error {
		err := e.PutDivisions([]registry.Division{
			{Code: anhui, Level: registry.Province, Name: text("安徽省")}, {Code: hefei, Level: registry.City, Name: text("合肥市")},
			{Code: feixi, Level: registry.County, Name: text("肥西县")},
		})
		if err != nil {
			return err
		}
		for _, b := range []registry.Body{
			{Key: "ah-data", Division: anhui, Kind: "data", Level: "provincial", Name: text("安徽省数据资源局"), USCC: "11340000MB9000015X"},
			{Key: "hf-water", Division: hefei, Kind: "water", Level: "municipal", Name: text("合肥市水务局"), USCC: "11340000MB9000023Q"},
			{Key: "hf-health", Division: hefei, Kind: "health", Level: "municipal", Name: text("合肥市卫生健康委"), USCC: "11340000MB9000031K"},
			{Key: "fx-water", Division: feixi, Kind: "water", Level: "county", Name: text("肥西县水务局"), USCC: "11340000MB900004XB"},
		} {
			if err := e.PutBody(b); err != nil {
				return err
			}
		}
		return nil
	}))
	return reg
}

// note is a short text that anybody may read.
func note(title string) publication.Content {
	return publication.Content{Title: title, Category: "statutory.1.other", Text: title + "的正文。\n\n第二段。"}
}

// draft makes a draft of the water bureau.
func (w *world) draft(c publication.Content) store.ID {
	w.t.Helper()
	id, err := w.Draft(w.t.Context(), clerk, publication.Draft{Body: "hf-water", Content: c})
	must(w.t, err)
	return id
}

// publish takes drafts through review and decision.
func (w *world) publish(ids ...store.ID) casework.Receipt {
	w.t.Helper()
	rec, err := w.Submit(w.t.Context(), clerk, w.key(), ids...)
	must(w.t, err)
	_, err = w.Review(w.t.Context(), reviewer, rec.Case, w.key(), publication.Clear())
	must(w.t, err)
	_, err = w.Approve(w.t.Context(), boss, rec.Case, w.key(), publication.Approval{Outcome: publication.Publish})
	must(w.t, err)
	return rec
}

// public drafts a record and publishes it.
func (w *world) public(c publication.Content) *publication.Record {
	w.t.Helper()
	id := w.draft(c)
	w.publish(id)
	return w.get(id)
}

func (w *world) get(id store.ID) *publication.Record {
	w.t.Helper()
	r, err := w.Get(w.t.Context(), id)
	must(w.t, err)
	return r
}

// upload keeps a file of the clerk's.
func (w *world) upload(name string, content string) publication.Attachment {
	w.t.Helper()
	f, err := w.files.Put(w.t.Context(), clerk.Account, name, strings.NewReader(content), publication.Uploads())
	must(w.t, err)
	return publication.Attachment{File: f.ID}
}

func readAll(t testing.TB, r io.ReadCloser) string {
	t.Helper()
	defer r.Close()
	b, err := io.ReadAll(r)
	must(t, err)
	return string(b)
}

// day reads a day. A wrong one is a mistake in a test, which then fails on the zero day.
func day(text string) calendar.Date {
	d, _ := calendar.Parse(text)
	return d
}
