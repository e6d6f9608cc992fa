package notify_test

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/mail"
	"strings"
	"sync"
	"testing"
	"time"

	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/core/lang"
	"openhall.org/openhall/internal/core/merkle"
	"openhall.org/openhall/internal/core/statute"
	"openhall.org/openhall/internal/core/term"
	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/job"
	"openhall.org/openhall/internal/platform/notify"
	"openhall.org/openhall/internal/platform/registry"
	"openhall.org/openhall/internal/platform/store"
	"openhall.org/openhall/internal/platform/store/seal"
	"openhall.org/openhall/internal/platform/store/storetest"
	"openhall.org/openhall/rules"
)

var schemas = []store.Migrations{casework.Schema(), registry.Schema(), job.Schema(), notify.Schema()}

// The accounts of the tests.
const (
	wang     store.ID = 1 // applicant
	reviewer store.ID = 2
	second   store.ID = 3 // another reviewer
	city     store.ID = 4 // supervises the city
	province store.ID = 5 // supervises the province
)

// hostile is a name that tries to get into headers.
const hostile = "王小明\r\nBcc: li@example.com"

// world is notify over a real database, with a clock that is moved by hand.
type world struct {
	*notify.Service
	t     *testing.T
	db    *store.DB
	jobs  *job.Queue
	keys  *seal.Ring
	ids   *store.IDs
	reg   *registry.Registry
	cases notify.Cases
	next  int64

	mu  sync.Mutex
	now time.Time
}

func (w *world) clock() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.now
}

func (w *world) pass(d time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.now = w.now.Add(d)
}

// Account implements notify.Accounts.
func (w *world) Account(_ context.Context, id store.ID) (identity.Account, error) {
	return identity.Account{ID: id, Kind: identity.Person, Name: hostile, Phone: "13800000000"}, nil
}

// Now implements notify.Places.
func (w *world) Now() *registry.Snapshot { return w.reg.Now() }

// known are cases by their identifier.
type known map[store.ID]*casework.Case

// Get implements notify.Cases.
func (k known) Get(_ context.Context, id store.ID) (*casework.Case, error) {
	if c := k[id]; c != nil {
		return c, nil
	}
	return nil, store.ErrNotFound
}

// newWorld begins on Monday 2026-03-02 at 10 o'clock in Asia/Shanghai.
func newWorld(t *testing.T, db *store.DB, with func(*notify.Options)) *world {
	t.Helper()
	w := &world{t: t, db: db, now: time.Date(2026, 3, 2, 2, 0, 0, 0, time.UTC)}
	var err error
	w.keys, err = seal.New([]byte(strings.Repeat("k", 32)))
	must(t, err)
	w.ids, err = store.NewIDs(1, w.clock)
	must(t, err)
	w.jobs, err = job.New(job.Options{DB: db, IDs: w.ids, Now: w.clock, Holder: "test", Log: slog.New(slog.DiscardHandler)})
	must(t, err)
	w.reg, err = registry.Open(t.Context(), db)
	must(t, err)
	must(t, w.reg.Edit(t.Context(), fillRegistry))
	book, err := notify.Shipped()
	must(t, err)
	o := notify.Options{
		DB: db, Keys: w.keys, IDs: w.ids, Now: w.clock, Log: slog.New(slog.DiscardHandler), Jobs: w.jobs, Accounts: w, Places: w, Book: book,
		Cases: known{7: {ID: 7, Party: wang, Title: lang.Text{Hans: "最低生活保障", Hant: "最低生活保障", En: "Minimum living allowance"}, Body: "water"}},
		Site:  func() lang.Text { return lang.Text{Hans: "安徽政务", Hant: "安徽政務", En: "Anhui Open Hall"} }, BaseURL: "https://hall.example.gov.cn",
		From: mail.Address{Name: "安徽政务", Address: "no-reply@hall.example.gov.cn"},
	}
	if with != nil {
		with(&o)
	}
	w.cases = o.Cases
	w.Service, err = notify.New(o)
	must(t, err)
	return w
}

func fillRegistry(e *registry.Edit) error {
	if err := e.PutDivisions([]registry.Division{
		{Code: "340000000000", Level: registry.Province, Name: lang.Text{Hans: "安徽省"}},
		{Code: "340100000000", Level: registry.City, Name: lang.Text{Hans: "合肥市"}},
		{Code: "340121000000", Level: registry.County, Name: lang.Text{Hans: "长丰县"}},
		{Code: "340300000000", Level: registry.City, Name: lang.Text{Hans: "蚌埠市"}},
	}); err != nil {
		return err
	}
	for _, b := range []registry.Body{
		{Key: "water", Division: "340121000000", Kind: "water", Name: lang.Text{Hans: "长丰县水务局"}},
		{Key: "city-data", Division: "340100000000", Kind: "data", Name: lang.Text{Hans: "合肥市数据资源管理局"}},
		{Key: "province-data", Division: "340000000000", Kind: "data", Name: lang.Text{Hans: "安徽省数据资源管理局"}},
	} {
		if err := e.PutBody(b); err != nil {
			return err
		}
	}
	since := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	for _, p := range []struct {
		key, body, role string
		holders         []store.ID
	}{
		{"water.reviewer", "water", registry.Reviewer, []store.ID{reviewer, second}},
		{"city.supervisor", "city-data", registry.Supervisor, []store.ID{city}},
		{"province.supervisor", "province-data", registry.Supervisor, []store.ID{province}},
	} {
		if err := e.PutPost(registry.Post{Key: p.key, Body: p.body, Roles: []string{p.role}, Title: lang.Text{Hans: p.key}}); err != nil {
			return err
		}
		for _, h := range p.holders {
			if err := e.Appoint(h, p.key, since, time.Time{}); err != nil {
				return err
			}
		}
	}
	return nil
}

type data = map[string]any

// event makes an event of case 7 that happens now.
func (w *world) event(kind string, d data) casework.Event {
	w.t.Helper()
	w.next++
	content, err := merkle.Canonical(casework.Envelope{
		Actor: casework.Actor{Kind: identity.Person}, At: w.clock().Format(time.RFC3339), Body: "water", Case: "1134W202603020001", Data: d,
		Division: "340121000000", Kind: kind, Seq: w.next, Subject: "1134W", Type: "approval", V: 1,
	})
	must(w.t, err)
	return casework.Event{ID: store.ID(1000 + w.next), Case: 7, Seq: w.next, At: w.clock(), Kind: kind, Leaf: w.next, Content: content}
}

// happens hands events to notify, as the ledger does.
func (w *world) happens(events ...casework.Event) {
	w.t.Helper()
	must(w.t, w.db.Write(w.t.Context(), func(ctx context.Context, tx *store.Tx) error { return w.Handle(ctx, tx, events) }))
}

// work does the jobs that are due.
func (w *world) work() int {
	w.t.Helper()
	n, err := w.jobs.Drain(w.t.Context())
	must(w.t, err)
	return n
}

// told returns what an account finds in the hall, oldest first, in Chinese.
func (w *world) told(account store.ID) string {
	w.t.Helper()
	list, err := w.List(w.t.Context(), notify.Box{Account: account}, lang.Hans, notify.ListFilter{})
	must(w.t, err)
	var out []string
	for i := range list {
		out = append([]string{list[i].Notice + ": " + list[i].Text + " " + list[i].Link}, out...)
	}
	return strings.Join(out, "\n")
}

// confirm gives an account a confirmed address, past all mails.
func (w *world) confirm(account store.ID, address string) {
	w.t.Helper()
	sealed := w.keys.Seal("notify_contact/"+account.String()+"/mail/address", []byte(address))
	must(w.t, w.db.Write(w.t.Context(), func(ctx context.Context, tx *store.Tx) error {
		return tx.Exec(ctx, `INSERT INTO notify_contact (account, channel, address, verified_at, code_until, code_tries, code_count, code_day, code_at, problem_at)
			VALUES ($1, 'mail', $2, 1, 0, 0, 0, 0, 0, 0)`, int64(account), sealed)
	}))
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

const oneStep = `<?xml version="1.0" encoding="UTF-8"?>
<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:openhall="https://openhall.org/schema/procedure/1"
  id="test" targetNamespace="https://openhall.org/test">
  <process id="licence" isExecutable="true">
    <laneSet id="lanes"><lane id="l" name="审查" openhall:role="reviewer"><flowNodeRef>start</flowNodeRef><flowNodeRef>examine</flowNodeRef><flowNodeRef>end</flowNodeRef></lane></laneSet>
    <startEvent id="start"/>
    <sequenceFlow id="f1" sourceRef="start" targetRef="examine"/>
    <userTask id="examine" name="审查"><extensionElements>
      <openhall:assign to="reviewer"/>
      <openhall:status value="accepted" on="enter"/>
      <openhall:document kind="acceptance-slip" on="enter"/>
      <openhall:clock name="decide" action="start" on="enter" rule="licence.decide"/>
      <openhall:clock name="decide" action="stop" on="leave"/>
      <openhall:term length="5" unit="working-day" basis="test"/>
    </extensionElements></userTask>
    <sequenceFlow id="f2" sourceRef="examine" targetRef="end"/>
    <endEvent id="end"><extensionElements><openhall:status value="granted" on="enter"/></extensionElements></endEvent>
  </process>
</definitions>`

type anybody struct{}

func (anybody) Allow(identity.Principal, string, identity.Resource) error { return nil }

// newRuntime is the real case runtime, with one procedure of one step and lines of ten and twenty working days.
func newRuntime(t *testing.T, db *store.DB, now func() time.Time) *casework.Runtime {
	t.Helper()
	cal, err := calendar.Load(rules.Files, "calendar")
	must(t, err)
	law, err := statute.Load(rules.Files, "cn", "cn-ah")
	must(t, err)
	keys, err := seal.New([]byte(strings.Repeat("k", 32)))
	must(t, err)
	ids, err := store.NewIDs(2, time.Now)
	must(t, err)
	days := func(n int) term.Length {
		return term.Length{N: n, Unit: statute.WorkingDay, Rule: "licence.decide"}
	}
	begin := func(context.Context, casework.Submit, calendar.Date) (casework.Beginning, error) {
		return casework.Beginning{
			Title: lang.Text{Hans: "取水许可"}, Division: "340121000000", Body: "water", Procedure: "licence", Series: "11340000000000000A01101000100001",
			Terms: map[string]casework.Terms{"licence.decide": {Statutory: days(20), Promised: days(10)}},
		}, nil
	}
	r, err := casework.New(casework.Options{
		DB: db, Keys: keys, IDs: ids, Now: now, Calendar: func() *calendar.Calendar { return cal }, Rules: law, Policy: anybody{},
		Kinds: []casework.Kind{{Name: "approval", Title: lang.Text{Hans: "许可"}, Begin: begin}},
	})
	must(t, err)
	t.Cleanup(r.Close)
	_, err = r.PublishProcedure(t.Context(), "licence", []byte(oneStep))
	must(t, err)
	return r
}

// follow hands notify the events of a case after seq, and returns the last one.
func (w *world) follow(r *casework.Runtime, id store.ID, seq int64) int64 {
	w.t.Helper()
	events, err := r.Events(w.t.Context(), id, seq, 0)
	must(w.t, err)
	w.happens(events...)
	return seq + int64(len(events))
}

func submit(t *testing.T, r *casework.Runtime) store.ID {
	t.Helper()
	received, err := r.Do(t.Context(), casework.Command{Key: "1", Actor: identity.Principal{Account: wang, Kind: identity.Person}, Act: casework.Submit{
		Kind: "approval", Subject: "water-intake", Channel: casework.Online,
		Applicant: casework.Applicant{Party: wang, Kind: identity.Person, Name: hostile, IDNumber: "11010519491231002X"}, Form: json.RawMessage(`{}`),
	}})
	must(t, err)
	return received.Case
}

func each(t *testing.T, test func(t *testing.T, db *store.DB)) {
	t.Helper()
	storetest.Each(t, schemas, test)
}

// lite runs a test that is about servers and templates on one engine; the queries are those of the tests that run on both.
func lite(t *testing.T, test func(t *testing.T, db *store.DB)) {
	t.Helper()
	test(t, storetest.New(t, store.SQLite, schemas...))
}

func at(w *world, text string, hour int) {
	w.t.Helper()
	d, err := calendar.Parse(text)
	must(w.t, err)
	w.mu.Lock()
	defer w.mu.Unlock()
	w.now = d.Start().Add(time.Duration(hour) * time.Hour)
}
