package power

import (
	"bytes"
	"fmt"
	"log/slog"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"openhall.org/openhall/internal/core/lang"
	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/store"
	"openhall.org/openhall/internal/platform/store/storetest"
	"openhall.org/openhall/internal/platform/web"
	"openhall.org/openhall/internal/platform/web/i18n"
	"openhall.org/openhall/procedures"
)

// caller is who sends the requests of a test; the guard of routes is as strict as the service's.
type caller struct{ who identity.Principal }

func (c caller) Principal(*http.Request) (identity.Principal, error) { return c.who, nil }

func (c caller) Allow(_ *http.Request, route web.Route) error {
	if (onlyAdmins{}).Allow(c.who, route.Action, identity.Resource{}) != nil {
		return web.Forbidden("")
	}
	return nil
}

// site serves the pages over the demo's catalogue. Words that are asked for in vain fail the test.
func site(t testing.TB, s *Service, who identity.Principal) http.Handler {
	t.Helper()
	words, err := i18n.Load(web.Messages(), Messages())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if missing := words.Missing(); len(missing) > 0 {
			t.Errorf("messages asked for in vain: %v", missing)
		}
	})
	shell, err := web.New(web.Config{Catalogue: words, Clock: func() time.Time { return noon }, Log: slog.New(slog.DiscardHandler),
		Guard: caller{who}, Site: web.Site{Name: lang.Text{Hans: "政务大厅", Hant: "政務大廳", En: "Open Hall"}}})
	if err != nil {
		t.Fatal(err)
	}
	s.Mount(shell, caller{who})
	h, err := shell.Handler()
	if err != nil {
		t.Fatal(err)
	}
	return h
}

// get asks for a page and checks that its HTML is sound.
func get(t testing.TB, h http.Handler, path string) (status int, page string) {
	t.Helper()
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
	if strings.HasPrefix(w.Header().Get("Content-Type"), "text/html") && w.Code != http.StatusSeeOther {
		soundHTML(t, path, w.Body.String())
	}
	return w.Code, w.Body.String()
}

// soundHTML checks what browsers don't complain of: ids once, references met, one h1, labels for controls, no inline style.
func soundHTML(t testing.TB, name, page string) {
	t.Helper()
	root, err := html.Parse(strings.NewReader(page))
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	ids, count, labels := map[string]int{}, map[string]int{}, map[string]bool{}
	var refs, controls []string
	var walk func(*html.Node)
	walk = func(n *html.Node) {
		count[n.Data]++
		attrs := map[string]string{}
		for _, a := range n.Attr {
			attrs[a.Key] = a.Val
			if a.Key == "style" || strings.HasPrefix(a.Key, "on") {
				t.Errorf("%s: inline %s on <%s>", name, a.Key, n.Data)
			}
		}
		ids[attrs["id"]]++
		for _, key := range []string{"aria-describedby", "aria-labelledby", "for"} {
			refs = append(refs, strings.Fields(attrs[key])...)
		}
		if href, ok := strings.CutPrefix(attrs["href"], "#"); ok && href != "" {
			refs = append(refs, href)
		}
		labels[attrs["for"]] = true
		if n.Data == "select" || n.Data == "textarea" || n.Data == "input" && attrs["type"] != "hidden" {
			controls = append(controls, attrs["id"])
		}
		for c := range n.ChildNodes() {
			walk(c)
		}
	}
	walk(root)
	if count["h1"] != 1 {
		t.Errorf("%s: %d headings of the first order", name, count["h1"])
	}
	for id, n := range ids {
		if id != "" && n > 1 {
			t.Errorf("%s: id %s stands %d times", name, id, n)
		}
	}
	for _, id := range refs {
		if ids[id] == 0 {
			t.Errorf("%s: nothing has the id %s", name, id)
		}
	}
	for _, id := range controls {
		if !labels[id] {
			t.Errorf("%s: control %q has no label", name, id)
		}
	}
}

var han = regexp.MustCompile(`\p{Han}+`)

// Every page in every language: it is there, says its language, is sound, and the English one has no Chinese but quotations and
// the names of the languages.
func TestPages(t *testing.T) {
	s := openDemo(t, storetest.New(t, store.SQLite, schemas...))
	h := site(t, s, editor)
	code := codeOf(t, s, "company-registration", "hefei-market-regulation")
	for _, path := range []string{
		"/hall", "/hall/find", "/hall/find?q=登记&area=340123", "/hall/find?q=zzz", "/hall/find?topic=food&who=organisation", "/hall/items/" + code,
		"/hall/items/company-registration", "/power", "/power/bodies/hefei-market-regulation", "/power/bodies/hefei-supervision",
		"/power/items/company-registration/versions", "/power/items/company-registration/diff?from=1&to=1", "/power/procedures/general-licence@1",
		"/admin/items", "/admin/items/new", "/admin/items/company-registration",
	} {
		for _, tag := range lang.All {
			sep := "?"
			if strings.Contains(path, "?") {
				sep = "&"
			}
			status, page := get(t, h, path+sep+"lang="+string(tag))
			if strings.Contains(path, "hefei-supervision") && status == http.StatusNotFound {
				continue
			}
			if status != http.StatusOK || !strings.Contains(page, `lang="`+string(tag)+`"`) {
				t.Errorf("%s in %s: status %d", path, tag, status)
			}
			if tag == lang.En {
				onlyEnglish(t, path, page)
			}
		}
	}
}

// onlyEnglish finds Chinese outside elements that are marked as Chinese.
func onlyEnglish(t *testing.T, name, page string) {
	t.Helper()
	root, err := html.Parse(strings.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	var walk func(*html.Node)
	walk = func(n *html.Node) {
		for _, a := range n.Attr {
			if a.Key == "lang" && a.Val != "en" {
				return
			}
		}
		if n.Type == html.TextNode {
			for _, word := range han.FindAllString(n.Data, -1) {
				if word != "登记" { // what the test searches for
					t.Errorf("%s: Chinese in English: %s", name, word)
				}
			}
		}
		for c := range n.ChildNodes() {
			walk(c)
		}
	}
	walk(root)
}

// Every guide of the demo can be read, in each of its languages.
func TestEveryGuide(t *testing.T) {
	s := openDemo(t, storetest.New(t, store.SQLite, schemas...))
	h := site(t, s, reader)
	for _, it := range s.Items() {
		im := s.Implementations(it.Key)[0]
		for _, tag := range lang.All {
			if status, page := get(t, h, "/hall/items/"+im.Code+"?lang="+string(tag)); status != http.StatusOK || !strings.Contains(page, html.EscapeString(it.Name.In(tag))) {
				t.Errorf("%s in %s: status %d", it.Key, tag, status)
			} else if tag == lang.En {
				onlyEnglish(t, it.Key, page)
			}
		}
	}
}

// From Monday 2026-11-23: a promise of 1 working day ends on Tuesday the 24th, the statutory 3 working days (登记管理条例 19) on
// Thursday the 26th.
func TestGuideSaysWhatCounts(t *testing.T) {
	s := openDemo(t, storetest.New(t, store.SQLite, schemas...))
	h := site(t, s, reader)
	code := codeOf(t, s, "company-registration", "hefei-market-regulation")
	_, page := get(t, h, "/hall/items/"+code)
	for _, want := range []string{
		"企业设立登记", "合肥市市场监督管理局", "1 个工作日", "3 个工作日", "承诺 2026年11月24日 前办结", "最迟 2026年11月26日 办结",
		"《市场主体登记管理条例》第19条", "未经登记，不得以市场主体名义从事经营活动", "营业执照", "公司章程或者合伙协议", "特定情形下必要", "不收费", "不用到现场",
		`href="/hall/apply/` + code + `"`, "<svg", "合肥市政务服务中心", "60 日（自然日）", "6 个月", code, "/power/procedures/general-licence@1",
	} {
		if !strings.Contains(page, want) {
			t.Errorf("the guide does not say %q", want)
		}
	}
	// The second reader gets the cached page, and it is the same.
	if _, again := get(t, h, "/hall/items/"+code); again != page {
		t.Error("the cached page differs")
	}
}

func TestGuideOfWhatCannotBeAppliedFor(t *testing.T) {
	s := openDemo(t, storetest.New(t, store.SQLite, schemas...))
	h := site(t, s, reader)
	for key, want := range map[string][]string{
		"company-name-preapproval": {"已于 2021年3月1日 取消", "企业名称改为申请人自主申报"},
		"flexible-worker-pension":  {"自 2027年1月1日 起办理"},
	} {
		code := s.Implementations(key)[0].Code
		status, page := get(t, h, "/hall/items/"+code)
		if status != http.StatusOK || strings.Contains(page, "/hall/apply/") {
			t.Errorf("%s: status %d; it must not lead to an application", key, status)
		}
		for _, w := range want {
			if !strings.Contains(page, w) {
				t.Errorf("%s does not say %q", key, w)
			}
		}
	}
}

// What is not there has a page that says so, never a failure.
func TestNotFound(t *testing.T) {
	s := openDemo(t, storetest.New(t, store.SQLite, schemas...))
	h := site(t, s, editor)
	for path, want := range map[string]int{
		"/hall/items/none": 404, "/hall/items/" + strings.Repeat("0", 31): 404, "/power/bodies/none": 404, "/power/items/none/versions": 404,
		"/power/items/company-registration/diff?from=1&to=9": 404, "/power/items/company-registration/diff?from=x": 404,
		"/power/procedures/none": 404, "/power/procedures/general-licence@9": 404, "/power/procedures/general-licence@x": 404,
		"/power/procedures/none/diagram.bpmn": 404, "/admin/items/none": 404,
	} {
		if status, _ := get(t, h, path); status != want {
			t.Errorf("%s: status %d, want %d", path, status, want)
		}
	}
}

// The chart that is downloaded is the one that runs, byte for byte.
func TestDiagram(t *testing.T) {
	s := openDemo(t, storetest.New(t, store.SQLite, schemas...))
	status, xml := get(t, site(t, s, reader), "/power/procedures/general-licence/diagram.bpmn")
	file, err := procedures.Files.ReadFile("general-licence.bpmn")
	if err != nil || status != http.StatusOK || xml != string(file) || !strings.Contains(xml, "BPMNDiagram") {
		t.Errorf("status %d, %d bytes, %v", status, len(xml), err)
	}
}

// send posts a form as a browser does.
func send(t *testing.T, h http.Handler, path string, values url.Values) (status int, location, page string) {
	t.Helper()
	r := httptest.NewRequest(http.MethodPost, path, strings.NewReader(values.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	if w.Code != http.StatusSeeOther {
		soundHTML(t, path, w.Body.String())
	}
	return w.Code, w.Header().Get("Location"), w.Body.String()
}

func TestAdminIsForAdministrators(t *testing.T) {
	s := openDemo(t, storetest.New(t, store.SQLite, schemas...))
	h := site(t, s, reader)
	for _, path := range []string{"/admin/items", "/admin/items/new", "/admin/items/company-registration", "/admin/items/company-registration/next.json"} {
		if status, _ := get(t, h, path); status != http.StatusForbidden {
			t.Errorf("%s: status %d", path, status)
		}
	}
	for _, path := range []string{"/admin/items", "/admin/items/company-registration/promise", "/admin/items/company-registration/cancel"} {
		if status, _, _ := send(t, h, path, url.Values{"n": {"2"}, "version": {"1"}}); status != http.StatusForbidden {
			t.Errorf("%s: status %d", path, status)
		}
	}
}

func TestChangeOfPromise(t *testing.T) {
	s := openDemo(t, storetest.New(t, store.SQLite, schemas...))
	h := site(t, s, editor)
	const path = "/admin/items/company-registration/promise"
	for name, row := range map[string]struct {
		n, version string
		status     int
		says       string
	}{
		"above the statute": {"4", "1", 422, "承诺时限 4 超过法定时限 3"},
		"empty":             {"", "1", 422, "承诺时限"},
		"no number":         {"三", "1", 422, "应为 1 以上的整数"},
		"zero":              {"0", "1", 422, "应为 1 以上的整数"},
		"no version":        {"2", "", 400, ""},
		"an old version":    {"2", "7", 409, "现在是第 1 版"},
	} {
		status, _, page := send(t, h, path, url.Values{"n": {row.n}, "version": {row.version}, "note-en": {"typed before"}})
		if status != row.status || !strings.Contains(page, row.says) {
			t.Errorf("%s: status %d, want %d saying %q", name, status, row.status, row.says)
		}
		if status == 422 && (!strings.Contains(page, `value="typed before"`) || !strings.Contains(page, `value="`+row.n+`"`) || !strings.Contains(page, `href="#n"`)) {
			t.Errorf("%s: what was typed is lost, or the summary does not lead to the field", name)
		}
	}
	note := url.Values{"n": {"2"}, "version": {"1"}, "note-hans": {"材料齐全的"}, "note-hant": {"材料齊全的"}, "note-en": {"If complete"}}
	if status, location, _ := send(t, h, path, note); status != http.StatusSeeOther || location != "/admin/items/company-registration" {
		t.Errorf("a right change: status %d to %s", status, location)
	}
	if it, _ := s.Item("company-registration"); it.Promised.N != 2 || it.Promised.Note.En != "If complete" {
		t.Errorf("promised %+v", it.Promised)
	}
	if status, _, _ := send(t, h, path, note); status != http.StatusConflict {
		t.Errorf("sent twice: status %d", status)
	}
	if _, page := get(t, h, "/power/items/company-registration/diff?from=1&to=2"); !strings.Contains(page, "<del>1 个工作日</del>") || !strings.Contains(page, "<ins>2 个工作日</ins>") {
		t.Error("the comparison does not show the change")
	}
	code := codeOf(t, s, "company-registration", "hefei-market-regulation")
	if _, page := get(t, h, "/hall/items/"+code); !strings.Contains(page, "承诺 2026年11月25日 前办结") {
		t.Error("the guide still makes the old promise")
	}
}

func TestCancelPage(t *testing.T) {
	s := openDemo(t, storetest.New(t, store.SQLite, schemas...))
	h := site(t, s, editor)
	const path = "/admin/items/nurse-registration/cancel"
	values := url.Values{"version": {"1"}, "on-year": {"2026"}, "on-month": {"2"}, "on-day": {"30"}, "reason-hans": {"许可取消"}, "law": {"none"}}
	status, _, page := send(t, h, path, values)
	if status != 422 || !strings.Contains(page, `value="30"`) || !strings.Contains(page, "许可取消</textarea>") || !strings.Contains(page, `href="#law"`) || !strings.Contains(page, `href="#reason-en"`) {
		t.Errorf("wrong values: status %d", status)
	}
	values = url.Values{"version": {"1"}, "on-year": {"2026"}, "on-month": {"11"}, "on-day": {"23"}, "reason-hans": {"许可取消"}, "reason-hant": {"許可取消"},
		"reason-en": {"Abolished"}, "law": {"licence-2019"}, "article": {"21"}}
	if status, _, page := send(t, h, path, values); status != http.StatusSeeOther {
		t.Fatalf("right values: status %d: %s", status, page)
	}
	code := s.Implementations("nurse-registration")[0].Code
	if _, page := get(t, h, "/hall/items/"+code+"?lang=en"); !strings.Contains(page, "cancelled on 23 November 2026") || !strings.Contains(page, "Abolished") ||
		!strings.Contains(page, "Administrative License Law, art. 21") || strings.Contains(page, "/hall/apply/") {
		t.Error("the guide does not say why and since when")
	}
}

func TestUpload(t *testing.T) {
	s := openDemo(t, storetest.New(t, store.SQLite, schemas...))
	h := site(t, s, editor)
	_, next := get(t, h, "/admin/items/company-registration/next.json")
	if !strings.Contains(next, `"version": 2`) {
		t.Fatalf("the file for editing: %.200s", next)
	}
	changed := strings.Replace(next, `"en": "Registration of an enterprise"`, `"en": "Registering an enterprise"`, 1)
	for name, row := range map[string]struct{ content, says string }{
		"empty":          {"", "事项内容"},
		"no document":    {"{", "无法读取"},
		"unknown field":  {`{"key": "x", "colour": "red"}`, "colour"},
		"two items":      {"- key: a\n- key: b\n", "2 items"},
		"unknown law":    {"key: a\nbasis: [{law: none, article: '1'}]\n", "none"},
		"no elements":    {"key: a\n", "缺少必填要素"},
		"old version":    {strings.Replace(changed, `"version": 2`, `"version": 1`, 1), "现在是第 1 版"},
		"above the term": {strings.Replace(changed, `"promised": {`+"\n    \"n\": 1", `"promised": {`+"\n    \"n\": 9", 1), "承诺时限 9 超过法定时限 3"},
	} {
		status, _, page := send(t, h, "/admin/items", url.Values{"content": {row.content}, "act": {"publish"}})
		if status != 422 || !strings.Contains(page, row.says) || !strings.Contains(page, html.EscapeString(strings.TrimSpace(row.content))) {
			t.Errorf("%s: status %d; it must say %q and keep the text", name, status, row.says)
		}
	}
	if status, _, page := send(t, h, "/admin/items", url.Values{"content": {changed}, "act": {"check"}}); status != 200 || !strings.Contains(page, "没有妨碍发布的问题") {
		t.Errorf("check: status %d", status)
	}
	if it, _ := s.Item("company-registration"); it.Version != 1 {
		t.Error("a check has published the item")
	}
	var body bytes.Buffer
	m := multipart.NewWriter(&body)
	part, err := m.CreateFormFile("file", "item.json")
	if err == nil {
		_, err = fmt.Fprint(part, changed)
	}
	if err == nil {
		err = m.WriteField("act", "publish")
	}
	if err == nil {
		err = m.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequest(http.MethodPost, "/admin/items", &body)
	r.Header.Set("Content-Type", m.FormDataContentType())
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	if it, _ := s.Item("company-registration"); w.Code != http.StatusSeeOther || it.Version != 2 || it.Name.En != "Registering an enterprise" {
		t.Errorf("upload: status %d, version %d %s", w.Code, it.Version, it.Name.En)
	}
}

// FuzzParseItem reads anything as an item without failing.
func FuzzParseItem(f *testing.F) {
	for _, seed := range []string{"key: a", `{"key":"a"}`, "- key: a", "- ", "{", "a: &a [*a]", "key: [", `{"key":"a"}{}`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		if it, err := ParseItem(data, &Catalogue{}); err == nil && it.Key == "" {
			t.Errorf("an item without a key was read from %q", data)
		}
	})
}

// quiet takes an answer without keeping it.
type quiet struct{ header http.Header }

func (q quiet) Header() http.Header         { return q.header }
func (q quiet) Write(b []byte) (int, error) { return len(b), nil }
func (q quiet) WriteHeader(int)             {}

func BenchmarkGuide(b *testing.B) {
	s := openDemo(b, storetest.New(b, store.SQLite, schemas...))
	h := site(b, s, reader)
	path := "/hall/items/" + codeOf(b, s, "company-registration", "hefei-market-regulation")
	_, page := get(b, h, path)
	b.SetBytes(int64(len(page)))
	for b.Loop() {
		h.ServeHTTP(quiet{http.Header{}}, httptest.NewRequest(http.MethodGet, path, nil))
	}
}

func BenchmarkGuideUncached(b *testing.B) {
	s := openDemo(b, storetest.New(b, store.SQLite, schemas...))
	h := site(b, s, reader)
	path := "/hall/items/" + codeOf(b, s, "company-registration", "hefei-market-regulation")
	for b.Loop() {
		clear(s.pages.pages)
		h.ServeHTTP(quiet{http.Header{}}, httptest.NewRequest(http.MethodGet, path, nil))
	}
}

func BenchmarkFind(b *testing.B) {
	s := openDemo(b, storetest.New(b, store.SQLite, schemas...))
	for b.Loop() {
		s.Find(Query{Words: "企業登記", Area: feixi})
	}
}
