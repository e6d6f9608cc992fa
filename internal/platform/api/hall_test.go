package api_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"go.yaml.in/yaml/v3"

	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/core/lang"
	"openhall.org/openhall/internal/core/merkle"
	"openhall.org/openhall/internal/core/statute"
	"openhall.org/openhall/internal/core/term"
	"openhall.org/openhall/internal/platform/api"
	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/file"
	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/ledger"
	"openhall.org/openhall/internal/platform/registry"
	"openhall.org/openhall/internal/platform/store"
	"openhall.org/openhall/internal/platform/store/seal"
	"openhall.org/openhall/internal/platform/store/storetest"
	"openhall.org/openhall/internal/platform/supervision"
	"openhall.org/openhall/policies"
	"openhall.org/openhall/rules"
)

// The places of the tests: Hefei (3401) with the county Changfeng (340121) in Anhui, and Bengbu (3403) beside it.
const anhui, hefei, changfeng, bengbu = "340000000000", "340100000000", "340121000000", "340300000000"

// Codes of items: water intake of the bodies of Hefei and of Bengbu, and one that was cancelled.
const (
	waterHefei  = "11340100002985163R4000119001000"
	waterBengbu = "11340300003042225N4000119001000"
	cancelled   = "11340100002985163R4000119002000"
)

// hall is the API over a SQLite database, with real accounts, policies, cases and log.
type hall struct {
	t        testing.TB
	handler  http.Handler
	api      *api.API
	identity *identity.Service
	cases    *casework.Runtime
	ledger   *ledger.Ledger
	key      ledger.Key
	cards    *cards
	log      *bytes.Buffer
	observed []string

	mu  sync.Mutex
	now time.Time
}

func (h *hall) clock() time.Time {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.now
}

func (h *hall) pass(d time.Duration) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.now = h.now.Add(d)
}

var stepForms = fstest.MapFS{
	"receive.json": {Data: []byte(`{"type":"object","properties":{"outcome":{"enum":["accept"],"x-public":true,"x-variable":true}},"required":["outcome"],"additionalProperties":false}`)},
	"examine.json": {Data: []byte(`{"type":"object","properties":{
		"outcome":{"enum":["approve","hearing"],"x-public":true,"x-variable":true},"opinion":{"type":"string","minLength":4}},
		"required":["outcome","opinion"],"additionalProperties":false}`)},
	"decide.json": {Data: []byte(`{"type":"object","properties":{"outcome":{"enum":["grant","refuse"],"x-public":true,"x-variable":true}},"required":["outcome"],"additionalProperties":false}`)},
}

// open starts a hall. change may alter the options of its API.
func open(t testing.TB, change ...func(*api.Options)) *hall {
	t.Helper()
	h := &hall{t: t, cards: &cards{}, log: &bytes.Buffer{}, now: time.Date(2026, 3, 2, 2, 0, 0, 0, time.UTC)}
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	ctx := t.Context()
	db := storetest.New(t, store.SQLite, store.Schema(), registry.Schema(), identity.Schema(), casework.Schema(), file.Schema(), ledger.Schema())
	keys, err := seal.New([]byte(strings.Repeat("k", 32)))
	must(err)
	ids, err := store.NewIDs(1, h.clock)
	must(err)
	reg, err := registry.Open(ctx, db)
	must(err)
	must(reg.Edit(ctx, places))
	policy, err := identity.LoadPolicies(policies.Files, func() identity.Places { return reg.Now() })
	must(err)
	h.identity, err = identity.New(identity.Options{DB: db, Keys: keys, IDs: ids, Now: h.clock, Registry: reg, Policies: policy})
	must(err)
	files, err := file.New(file.Options{DB: db, Blobs: file.Dir(t.TempDir()), Keys: keys, IDs: ids, Now: h.clock})
	must(err)
	cal, err := calendar.Load(rules.Files, "calendar")
	must(err)
	law, err := statute.Load(rules.Files, "cn", "cn-ah")
	must(err)
	forms, err := casework.LoadForms(stepForms, ".", nil)
	must(err)
	h.cases, err = casework.New(casework.Options{
		DB: db, Keys: keys, IDs: ids, Now: h.clock, Calendar: func() *calendar.Calendar { return cal }, Rules: law, Policy: policy, Forms: forms,
		Kinds: []casework.Kind{{Name: "licence", Title: lang.Text{Hans: "许可"}, Begin: begin}},
	})
	must(err)
	t.Cleanup(h.cases.Close)
	xml, err := os.ReadFile("../casework/testdata/licence.bpmn")
	must(err)
	_, err = h.cases.PublishProcedure(ctx, "licence", xml)
	must(err)
	secret, _, err := merkle.GenerateKey(rand.Reader, "test.openhall.org/log")
	must(err)
	h.key, err = ledger.NewKey(secret)
	must(err)
	h.ledger, err = ledger.New(ctx, ledger.Options{DB: db, Key: h.key, Now: h.clock, Log: slog.New(slog.DiscardHandler), Holder: "test"})
	must(err)
	o := api.Options{
		Callers: h.identity, Policies: policy, Registry: reg, Items: items{}, Cases: h.cases, Files: files, Receipts: h.ledger, Cards: h.cards,
		Words: words(t), Now: h.clock, Log: slog.New(slog.NewTextHandler(h.log, nil)), Version: "test",
		Observe: func(_ context.Context, route, method string, status int, _ time.Duration) {
			h.mu.Lock()
			defer h.mu.Unlock()
			h.observed = append(h.observed, fmt.Sprint(route, " ", method, " ", status))
		},
	}
	for _, c := range change {
		c(&o)
	}
	h.api, err = api.New(o)
	must(err)
	return h
}

func (h *hall) serve() {
	h.t.Helper()
	var err error
	if h.handler, err = h.api.Handler(); err != nil {
		h.t.Fatal(err)
	}
}

func places(e *registry.Edit) error {
	text := func(hans string) lang.Text { return lang.Text{Hans: hans, Hant: hans, En: hans} }
	if err := e.PutDivisions([]registry.Division{
		{Code: anhui, Level: registry.Province, Name: text("安徽省")}, {Code: hefei, Level: registry.City, Name: text("合肥市")},
		{Code: changfeng, Level: registry.County, Name: lang.Text{Hans: "长丰县", Hant: "長豐縣", En: "Changfeng County"}}, {Code: bengbu, Level: registry.City, Name: text("蚌埠市")},
	}); err != nil {
		return err
	}
	for _, b := range []registry.Body{
		{Key: "hefei-water", Division: hefei, Kind: "water", Level: "municipal", Name: text("合肥市水务局"), USCC: "11340100002985163R"},
		{Key: "bengbu-water", Division: bengbu, Kind: "water", Level: "municipal", Name: text("蚌埠市水利局"), USCC: "11340300003042225N"},
	} {
		if err := e.PutBody(b); err != nil {
			return err
		}
	}
	return nil
}

// items is a catalogue of three.
type items struct{}

var catalogue = map[string]api.Item{
	waterHefei:  {Code: waterHefei, Key: "water-intake", Version: 1, Name: lang.Text{Hans: "取水许可"}, Division: hefei, Body: "hefei-water", Kind: "licence", Open: true, Elements: json.RawMessage(`{"charged":false}`)},
	waterBengbu: {Code: waterBengbu, Key: "water-intake", Version: 1, Name: lang.Text{Hans: "取水许可"}, Division: bengbu, Body: "bengbu-water", Kind: "licence", Open: true},
	cancelled:   {Code: cancelled, Key: "old", Version: 2, Name: lang.Text{Hans: "旧事项"}, Division: hefei, Body: "hefei-water", Kind: "licence"},
}

func (items) Item(code string) (api.Item, bool) { it, ok := catalogue[code]; return it, ok }

func (items) Items(q api.ItemQuery) (found []api.Item) {
	for _, code := range slices.Sorted(maps.Keys(catalogue)) {
		it := catalogue[code]
		if it.Open && code > q.After && strings.Contains(it.Name.Hans, q.Words) && (q.Body == "" || q.Body == it.Body) &&
			strings.HasPrefix(it.Division, casework.Subtree(q.Division)) && len(found) < q.Limit {
			found = append(found, it)
		}
	}
	return found
}

func begin(_ context.Context, s casework.Submit, _ calendar.Date) (casework.Beginning, error) {
	if s.Subject == cancelled {
		return casework.Beginning{}, &casework.Refusal{Code: casework.RefusedCancelled}
	}
	if !bytes.Contains(s.Form, []byte("place")) {
		return casework.Beginning{}, &casework.Refusal{Code: casework.RefusedForm, Fields: []casework.FieldError{{Path: "/place", Code: "required"}}}
	}
	if s.Applicant.IDNumber == "bad" {
		return casework.Beginning{}, &casework.Refusal{Code: casework.RefusedIdentity, Fields: []casework.FieldError{{Path: "/applicant/idNumber", Code: "id-card",
			Text: lang.Text{Hans: "身份证号不对", En: "No ID number"}}}}
	}
	it := catalogue[s.Subject]
	days := func(n int) term.Length { return term.Length{N: n, Unit: statute.WorkingDay, Rule: "licence.decide"} }
	return casework.Beginning{
		Title: it.Name, Division: it.Division, Body: it.Body, Procedure: "licence", Series: s.Subject,
		Terms: map[string]casework.Terms{"licence.decide": {Statutory: days(20), Promised: days(10)}},
	}, nil
}

// cards is a supervision with the cards that a test gives it.
type cards struct{ list []supervision.Card }

func (c *cards) Card(_ context.Context, id store.ID) (supervision.Card, error) {
	for _, card := range c.list {
		if card.ID == id {
			return card, nil
		}
	}
	return supervision.Card{}, store.ErrNotFound
}

func (c *cards) Cards(_ context.Context, f supervision.CardFilter) (found []supervision.Card, err error) {
	for _, card := range c.list {
		if (f.Before == 0 || card.ID < f.Before) && strings.HasPrefix(card.Division, casework.Subtree(f.Division)) &&
			(f.Body == "" || f.Body == card.Body) && (f.Colour == "" || f.Colour == card.Colour) && (f.State == "" || f.State == card.State) &&
			(f.Rule == "" || f.Rule == card.Rule) && (f.Conclusion == "" || f.Conclusion == card.Conclusion) && len(found) < f.Limit {
			found = append(found, card)
		}
	}
	return found, nil
}

func (c *cards) Rule(id string) (supervision.Rule, bool) {
	return supervision.Rule{ID: id, Title: lang.Text{Hans: "收取目录之外的费用", En: "A fee that is not in the schedule"}}, id == "supervision.unlisted-fee"
}

// words reads the messages of the API and of those whose errors it tells.
func words(t testing.TB) api.Words {
	t.Helper()
	all := map[string]lang.Text{}
	for _, name := range []string{"locales/api.yaml", "../web/locales/refusal.yaml", "../identity/locales/identity.yaml"} {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		var some map[string]lang.Text
		if err := yaml.Unmarshal(data, &some); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		maps.Copy(all, some)
	}
	return func(tag lang.Tag, key string, _ map[string]any) string { return all[key].In(tag) }
}

// token makes a token for a division, a body, or neither.
func (h *hall) token(division, body string, scopes ...string) string {
	h.t.Helper()
	admin := identity.Principal{Account: 9, Kind: identity.Staff, Post: identity.Post{ID: "sec", Body: "hefei-water", Division: anhui, Roles: []string{"security-admin"}}}
	_, secret, err := h.identity.CreateMachineToken(h.t.Context(), admin, identity.Token{
		Name: "市平台", Scopes: scopes, Division: division, Body: body, Until: h.clock().Add(24 * time.Hour),
	})
	if err != nil {
		h.t.Fatal(err)
	}
	return secret
}

// all opens every action that a token can open.
func (h *hall) all() string {
	return h.token("", "", "case.submit", "case.list", "case.read", "case.private", "case.message", "case.attach", "task.complete", "board.view")
}

// call is a request; headers are names and values in turn.
type call struct {
	method, path, token, body string
	headers                   []string
	gone                      bool // the client has left
}

// reply is an answer.
type reply struct {
	t      testing.TB
	status int
	header http.Header
	body   []byte
}

func (h *hall) do(c call) reply {
	h.t.Helper()
	if h.handler == nil {
		h.serve()
	}
	var body io.Reader = http.NoBody
	if c.body != "" {
		body = strings.NewReader(c.body)
	}
	ctx := h.t.Context()
	if c.gone {
		left, leave := context.WithCancel(ctx)
		leave()
		ctx = left
	}
	r := httptest.NewRequestWithContext(ctx, c.method, api.Prefix+c.path, body)
	if c.token != "" {
		r.Header.Set("Authorization", "Bearer "+c.token)
	}
	for i := 0; i+1 < len(c.headers); i += 2 {
		r.Header.Set(c.headers[i], c.headers[i+1])
	}
	w := httptest.NewRecorder()
	h.handler.ServeHTTP(w, r)
	return reply{h.t, w.Code, w.Header(), w.Body.Bytes()}
}

func (h *hall) get(path, token string) reply {
	return h.do(call{method: http.MethodGet, path: path, token: token})
}

func (h *hall) post(path, token, key, body string) reply {
	return h.do(call{method: http.MethodPost, path: path, token: token, body: body, headers: []string{"Idempotency-Key", key, "Content-Type", "application/json"}})
}

// want fails the test when the status is another.
func (r reply) want(status int) reply {
	r.t.Helper()
	if r.status != status {
		r.t.Fatalf("status %d, want %d: %s", r.status, status, r.body)
	}
	return r
}

// read decodes the body, which must have nothing that v has not.
func read[T any](r reply) (v T) {
	r.t.Helper()
	d := json.NewDecoder(bytes.NewReader(r.body))
	d.DisallowUnknownFields()
	if err := d.Decode(&v); err != nil {
		r.t.Fatalf("%v in %s", err, r.body)
	}
	return v
}

// problem checks that the answer is one, and returns it.
func (r reply) problem(status int, code string) api.Problem {
	r.t.Helper()
	r.want(status)
	if got := r.header.Get("Content-Type"); got != "application/problem+json" {
		r.t.Errorf("content type %q", got)
	}
	p := read[api.Problem](r)
	if p.Code != code || p.Status != status || p.Type != "urn:openhall:problem:"+code || p.Title == "" || p.Detail == "" {
		r.t.Errorf("problem %+v, want code %s", p, code)
	}
	return p
}

// application is a complete one; personal holds what must never be logged.
func application(item string) string {
	return `{"item":"` + item + `","applicant":{"kind":"person","name":"` + personal[0] + `","idNumber":"` + personal[1] + `","phone":"13800000000"},"form":{"place":"` + personal[2] + `"}}`
}

var personal = []string{"王小明", "11010519491231002X", "巢湖路七号"}

// apply opens a case.
func (h *hall) apply(token, key, item string) api.Receipt {
	h.t.Helper()
	return read[api.Receipt](h.post("/cases", token, key, application(item)).want(http.StatusCreated))
}
