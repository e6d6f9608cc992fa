package approval_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
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
	"openhall.org/openhall/internal/platform/document"
	"openhall.org/openhall/internal/platform/file"
	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/store"
	"openhall.org/openhall/internal/platform/store/seal"
	"openhall.org/openhall/internal/platform/store/storetest"
	"openhall.org/openhall/internal/platform/web"
	"openhall.org/openhall/internal/slice/approval"
	"openhall.org/openhall/letters"
	"openhall.org/openhall/policies"
	"openhall.org/openhall/procedures"
	"openhall.org/openhall/rules"
)

const (
	hefei = "340100000000"
	// code is an implementation code: a credit code, level 4, and the basic code of water abstraction.
	code = "1134000000298627134000119001000"
	// wang and li are ID card numbers; the first is the example of GB 11643 with its check digit X.
	wang = "11010519491231002X"
	li   = "34052419800101001X"
)

// hall is a site with one item, "water abstraction", on the procedure for licences.
type hall struct {
	*approval.Service
	t     testing.TB
	db    *store.DB
	cases *casework.Runtime
	site  http.Handler

	mu       sync.Mutex
	now      time.Time
	actor    identity.Principal
	item     *approval.Item
	profiles map[store.ID]approval.Profile
	files    *file.Files
	waiting  bool // the log has not sequenced yet
	keys     int
}

var (
	citizen  = identity.Principal{Account: 100, Kind: identity.Person, Name: "王小明"}
	stranger = identity.Principal{Account: 101, Kind: identity.Person, Name: "李四"}
	visitor  = identity.Principal{Kind: identity.Visitor}
	clerk    = staff(11, "window")
	reviewer = staff(12, "reviewer")
	head     = staff(13, "head")
)

func staff(id store.ID, role string) identity.Principal {
	return identity.Principal{Account: id, Kind: identity.Staff, Name: "工作人员",
		Post: identity.Post{ID: "water-" + role, Body: "water", Division: hefei, Roles: []string{role}}}
}

func text(s string) lang.Text { return lang.Text{Hans: s, Hant: s, En: s} }

func waterItem() *approval.Item {
	days := func(n int) term.Length {
		return term.Length{N: n, Unit: statute.WorkingDay, Rule: "licence.decide", Article: text("《取水许可和水资源费征收管理条例》第19条")}
	}
	return &approval.Item{
		Code: code, Key: "water", Version: 1, Type: "01", Title: lang.Text{Hans: "取水许可", Hant: "取水許可", En: "Water abstraction permit"},
		Division: hefei, Body: "water", BodyName: text("合肥市水务局"), Procedure: "general-licence", Statutory: days(20), Promised: days(10),
		Form: json.RawMessage(`{"type":"object","additionalProperties":false,"required":["place","start","contact"],"properties":{
			"place":{"type":"string","title":"取水地点","x-title":{"zh-Hant":"取水地點","en":"Place"},"maxLength":20},
			"start":{"type":"string","format":"date","title":"取水起始日期","x-title":{"zh-Hant":"取水起始日期","en":"From"}},
			"contact":{"type":"string","format":"id-card","title":"联系人号码","x-title":{"zh-Hant":"聯繫人號碼","en":"Contact's number"}}}}`),
		Materials: []approval.Material{
			{Key: "application", Name: text("取水许可申请书"), Need: approval.Necessary, ByForm: true},
			{Key: "statement", Name: text("第三者说明"), Need: approval.Necessary},
			{Key: "filing", Name: text("备案材料"), Need: approval.Conditional, When: text("属于备案项目")},
		},
		Conditions: []lang.Text{text("不在禁采区")}, Fee: text("不收费"), Serves: []identity.Kind{identity.Person}, Online: true, Guide: "/hall/items/" + code,
	}
}

func open(t testing.TB, db *store.DB) *hall {
	t.Helper()
	h := &hall{t: t, db: db, actor: citizen, item: waterItem(), profiles: map[store.ID]approval.Profile{
		citizen.Account: {Kind: identity.Person, Name: "王小明", IDNumber: wang, Phone: "13805510001"},
		// An account that has proved nothing yet types name and number itself.
		stranger.Account: {Kind: identity.Person},
	}}
	h.at("2026-03-02", 10)
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
	policy, err := identity.LoadPolicies(policies.Files, func() identity.Places { return h })
	must(err)
	forms, err := casework.LoadForms(procedures.Files, "forms", approval.StepFormats(h.time))
	must(err)
	h.files, err = file.New(file.Options{DB: db, Blobs: file.Dir(t.TempDir()), Keys: keys, IDs: ids, Now: h.time})
	must(err)
	signers, err := document.LoadSigners(t.TempDir(), "hall.example/documents")
	must(err)
	templates, err := document.Load(letters.Files)
	must(err)
	documents, err := document.New(t.Context(), document.Options{
		DB: db, Files: h.files, Keys: keys, IDs: ids, Now: h.time, Log: slog.New(slog.DiscardHandler), Templates: templates, Signers: signers,
		Holder: "test", BaseURL: "https://hall.example",
	})
	must(err)
	documents.Attach(h.prove)
	h.Service, err = approval.New(approval.Deps{
		Documents: documents, Letters: templates, Agency: func(string) string { return "合水" },
		DB: db, Items: h, Files: h.files, People: h, Names: h, Rules: law, Calendar: func() *calendar.Calendar { return cal }, Now: h.time,
		Log: slog.New(slog.DiscardHandler), BaseURL: "https://hall.example",
	})
	must(err)
	h.cases, err = casework.New(casework.Options{
		DB: db, Keys: keys, IDs: ids, Now: h.time, Calendar: func() *calendar.Calendar { return cal }, Rules: law, Policy: policy,
		Kinds: []casework.Kind{h.Kind()}, Forms: forms,
	})
	must(err)
	t.Cleanup(h.cases.Close)
	h.Attach(h.cases, h)
	h.Print(words(t))
	xml, err := procedures.Files.ReadFile("general-licence.bpmn")
	must(err)
	_, err = h.cases.PublishProcedure(t.Context(), "general-licence", xml)
	must(err)
	said := words(t)
	t.Cleanup(func() {
		if missing := said.Missing(); len(missing) > 0 {
			t.Errorf("messages asked for in vain: %v", missing)
		}
	})
	shell, err := web.New(web.Config{
		Site: web.Site{Name: text("政务大厅"), SignIn: "/signin"}, Catalogue: said, Clock: h.time, Log: slog.New(slog.DiscardHandler),
		Guard: guard{h, policy}, Explain: web.ExplainRefusal,
	})
	must(err)
	h.Mount(shell)
	h.site, err = shell.Handler()
	must(err)
	return h
}

// each runs a test on both engines.
func each(t *testing.T, test func(t *testing.T, h *hall)) {
	t.Helper()
	storetest.Each(t, []store.Migrations{casework.Schema(), file.Schema(), document.Schema(), approval.Schema()},
		func(t *testing.T, db *store.DB) { test(t, open(t, db)) })
}

func onSQLite(t testing.TB) *hall {
	t.Helper()
	return open(t, storetest.New(t, store.SQLite, casework.Schema(), file.Schema(), document.Schema(), approval.Schema()))
}

type guard struct {
	h      *hall
	policy *identity.Policies
}

func (g guard) Allow(_ *http.Request, route web.Route) error {
	if g.h.actor.Kind == identity.Visitor {
		return web.Unauthorized()
	}
	return g.policy.AllowRoute(g.h.actor, route.Action)
}

func (h *hall) time() time.Time {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.now
}

// at sets the clock to a day and hour in Shanghai.
func (h *hall) at(day string, hour int) {
	h.t.Helper()
	d, err := calendar.Parse(day)
	if err != nil {
		h.t.Fatal(err)
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.now = d.Start().Add(time.Duration(hour) * time.Hour)
}

// The hall stands behind the ports of the slice.

func (h *hall) Item(c string) (*approval.Item, bool) {
	return h.item, h.item != nil && c == h.item.Code
}
func (h *hall) Principal(*http.Request) (identity.Principal, error) { return h.actor, nil }
func (h *hall) Body(string) lang.Text                               { return text("合肥市水务局") }
func (h *hall) Division(string) lang.Text                           { return text("合肥市") }
func (h *hall) Post(key string) lang.Text                           { return text(key) }
func (h *hall) Contains(ancestor, c string) bool                    { return ancestor == "" || ancestor == c }
func (h *hall) Serves(post, body string) bool                       { return post == "water-window" && body == "water" }
func (h *hall) Profile(_ context.Context, party store.ID) (approval.Profile, error) {
	return h.profiles[party], nil
}

func (h *hall) Receipt(_ context.Context, event store.ID) ([]byte, bool, error) {
	return []byte(`{"event":"` + event.String() + `"}`), !h.waiting, nil
}

// page is an answer.
type page struct {
	status int
	body   string
	header http.Header
}

func (h *hall) send(r *http.Request) page {
	h.t.Helper()
	w := httptest.NewRecorder()
	h.site.ServeHTTP(w, r)
	return page{w.Code, w.Body.String(), w.Header()}
}

func (h *hall) get(path string) page {
	h.t.Helper()
	return h.send(httptest.NewRequestWithContext(h.t.Context(), http.MethodGet, path, nil))
}

// post sends a form given as name, value, name, value.
func (h *hall) post(path string, pairs ...string) page {
	h.t.Helper()
	values := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		values.Add(pairs[i], pairs[i+1])
	}
	r := httptest.NewRequestWithContext(h.t.Context(), http.MethodPost, path, strings.NewReader(values.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return h.send(r)
}

// upload sends one file in a field, and other values.
func (h *hall) upload(path, field, name string, content []byte, pairs ...string) page {
	h.t.Helper()
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	for i := 0; i+1 < len(pairs); i += 2 {
		if err := w.WriteField(pairs[i], pairs[i+1]); err != nil {
			h.t.Fatal(err)
		}
	}
	if name != "" {
		part, err := w.CreateFormFile(field, name)
		if err == nil {
			_, err = part.Write(content)
		}
		if err != nil {
			h.t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		h.t.Fatal(err)
	}
	r := httptest.NewRequestWithContext(h.t.Context(), http.MethodPost, path, io.NopCloser(&body))
	r.Header.Set("Content-Type", w.FormDataContentType())
	return h.send(r)
}

// to returns where a page leads, and fails unless it does.
func (h *hall) to(p page) string {
	h.t.Helper()
	if p.status != http.StatusSeeOther {
		h.t.Fatalf("status %d; want 303\n%s", p.status, plain(p.body))
	}
	return p.header.Get("Location")
}

// says fails unless the page has the status and every one of the texts.
func (h *hall) says(p page, status int, texts ...string) {
	h.t.Helper()
	if p.status != status {
		h.t.Fatalf("status %d; want %d\n%s", p.status, status, plain(p.body))
	}
	for _, want := range texts {
		if !strings.Contains(p.body, want) && !strings.Contains(plain(p.body), want) {
			h.t.Errorf("the page lacks %q\n%s", want, plain(p.body))
		}
	}
	if n := strings.Count(p.body, "<h1"); status == http.StatusOK && n != 1 && strings.Contains(p.body, "<html") {
		h.t.Errorf("the page has %d headings h1", n)
	}
}

var tags = regexp.MustCompile(`<(style|script|svg)[\s\S]*?</(style|script|svg)>|<[^>]*>`)
var gaps = regexp.MustCompile(`\s+`)

// plain is the text of a page without its markup.
func plain(html string) string { return gaps.ReplaceAllString(tags.ReplaceAllString(html, " "), " ") }

var pdf = []byte("%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n")

// draft begins an application and returns its address.
func (h *hall) draft() string {
	h.t.Helper()
	return h.to(h.post("/hall/apply/" + code))
}

var versionField = regexp.MustCompile(`name="version" value="(\d+)"`)

func (h *hall) version(path string) string {
	h.t.Helper()
	m := versionField.FindStringSubmatch(h.get(path).body)
	if m == nil {
		h.t.Fatalf("%s has no version", path)
	}
	return m[1]
}

// fill fills in a draft so that it can be sent.
func (h *hall) fill(draft string) {
	h.t.Helper()
	h.to(h.post(draft+"/applicant", "version", h.version(draft+"/applicant"), "phone", "13805510001", "act", "done"))
	h.to(h.post(draft+"/form", "version", h.version(draft+"/form"), "place", "巢湖", "start-year", "2026", "start-month", "5", "start-day", "1",
		"contact", li, "act", "done"))
	h.to(h.upload(draft+"/files", "file-statement", "说明.pdf", pdf, "act", "done"))
}

// apply sends an application and returns its case.
func (h *hall) apply() *casework.Case {
	h.t.Helper()
	draft := h.draft()
	h.fill(draft)
	done := h.to(h.post(draft+"/check", "declare", "true"))
	return h.byNumber(done[strings.LastIndex(done, "/")+1:])
}

func (h *hall) byNumber(number string) *casework.Case {
	h.t.Helper()
	c, err := h.cases.ByNumber(h.t.Context(), number)
	if err != nil {
		h.t.Fatalf("case %s: %v", number, err)
	}
	return c
}

// step does the only open task in the name of an official, or of the applicant.
func (h *hall) step(who identity.Principal, number, data string) {
	h.t.Helper()
	c := h.byNumber(number)
	if len(c.Tasks()) != 1 {
		h.t.Fatalf("open tasks %+v; want one", c.Tasks())
	}
	h.keys++
	_, err := h.cases.Do(h.t.Context(), casework.Command{Key: "step-" + strconv.Itoa(h.keys), Actor: who, Case: c.ID,
		Act: casework.Complete{Token: c.Tasks()[0].Token, Data: json.RawMessage(data)}})
	if err != nil {
		h.t.Fatalf("%s: %v", c.Tasks()[0].Element, err)
	}
}

// as lets another person send the requests.
func (h *hall) as(who identity.Principal) *hall {
	h.actor = who
	return h
}
