package agent_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"openhall.org/openhall/internal/platform/file"
	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/slice/agent"
)

var fileLimits = file.Limits{}

// pdf is the smallest file that its first bytes call one.
const pdf = "%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"

func (w *world) get(who identity.Principal, path, language string) (int, string) {
	w.t.Helper()
	w.actor = who
	r := httptest.NewRequest(http.MethodGet, path, nil)
	r.Header.Set("Accept-Language", language)
	rec := httptest.NewRecorder()
	w.site.ServeHTTP(rec, r)
	return rec.Code, rec.Body.String()
}

func (w *world) post(who identity.Principal, path string, values url.Values) (int, string, string) {
	w.t.Helper()
	w.actor = who
	r := httptest.NewRequest(http.MethodPost, path, strings.NewReader(values.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	rec := httptest.NewRecorder()
	w.site.ServeHTTP(rec, r)
	return rec.Code, rec.Header().Get("Location"), rec.Body.String()
}

// see fails unless a page is there in three languages and holds the words in the first.
func (w *world) see(who identity.Principal, path string, words ...string) {
	w.t.Helper()
	for _, language := range []string{"zh-CN", "zh-TW", "en"} {
		code, body := w.get(who, path, language)
		if code != http.StatusOK {
			w.t.Errorf("%s in %s: %d", path, language, code)
			return
		}
		if language != "zh-CN" {
			continue
		}
		for _, word := range words {
			if !strings.Contains(body, word) {
				w.t.Errorf("%s lacks %q", path, word)
			}
		}
	}
}

func (w *world) code(c agent.Consent) string {
	w.t.Helper()
	kept, err := w.cases.Get(w.t.Context(), c.ID)
	must(w.t, err)
	return w.cases.Code(kept)
}

// handin sends a draft as the off-line app does.
func (w *world) handin(who identity.Principal, draft map[string]any, files map[string]string) (int, map[string]any) {
	w.t.Helper()
	w.actor = who
	raw, err := json.Marshal(draft)
	must(w.t, err)
	var body bytes.Buffer
	m := multipart.NewWriter(&body)
	must(w.t, m.WriteField("draft", string(raw)))
	for key, content := range files {
		p, err := m.CreateFormFile("file:"+key, key+".pdf")
		must(w.t, err)
		_, err = p.Write([]byte(content))
		must(w.t, err)
	}
	must(w.t, m.Close())
	r := httptest.NewRequest(http.MethodPost, "/agent/offline/handin", &body)
	r.Header.Set("Content-Type", m.FormDataContentType())
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	rec := httptest.NewRecorder()
	w.site.ServeHTTP(rec, r)
	got := map[string]any{}
	if err := json.Unmarshal(rec.Body.Bytes(), &got); err != nil {
		w.t.Fatalf("%d %s", rec.Code, rec.Body)
	}
	return rec.Code, got
}

// firstField is the field of the first error in an answer.
func firstField(got map[string]any) string {
	list, _ := got["errors"].([]any)
	if len(list) == 0 {
		return ""
	}
	one, _ := list[0].(map[string]any)
	field, _ := one["field"].(string)
	return field
}

// TestOffline: the contract with the app: the pack, and drafts handed in once, twice, too late and wrong.
func TestOffline(t *testing.T) {
	onEachEngine(t, func(t *testing.T, w *world) {
		c := w.take(wangID)
		w.actor = zhao
		code, body := w.get(zhao, "/agent/offline/pack", "en")
		var pack struct {
			Agent     struct{ ID, Name string }
			Villagers []struct{ Consent, Name, MaskedID, Until string }
			Items     []struct {
				ID, Field string
				Version   int
				UI        struct {
					Order  []string
					Fields map[string]struct {
						Type     string
						Required bool
						Options  []struct{ Value string }
					}
				}
				Materials []struct {
					Key      string
					Required bool
				}
			}
			Fields []struct{ Key string }
		}
		must(t, json.Unmarshal([]byte(body), &pack))
		if code != 200 || len(pack.Villagers) != 1 || pack.Villagers[0].MaskedID != "110105********002X" || len(pack.Fields) != 10 || len(pack.Items) != 1 {
			t.Fatalf("pack: %d %s", code, body)
		}
		it := pack.Items[0]
		if strings.Join(it.UI.Order, " ") != "name group family.members" || !it.UI.Fields["group"].Required || it.UI.Fields["group"].Options[0].Value != "old" ||
			it.Field != "assistance" || len(it.Materials) != 1 || !it.Materials[0].Required {
			t.Errorf("item: %+v", it)
		}
		if strings.Contains(body, wangID) {
			t.Error("the pack holds an identity number")
		}

		values := map[string]any{"name": "王奶奶", "group": "old", "family": map[string]any{"members": 1}}
		draft := map[string]any{"draft": draft1, "item": it.ID, "version": it.Version, "consent": pack.Villagers[0].Consent, "filled": "2026-03-02T01:00:00Z", "values": values}
		if code, got := w.handin(visitor, draft, nil); code != 401 || got["state"] != "signin" {
			t.Errorf("signed out: %d %v", code, got)
		}
		draft["agent"] = "1"
		if code, got := w.handin(zhao, draft, nil); code != 401 || got["state"] != "signin" {
			t.Errorf("written by another agent: %d %v", code, got)
		}
		draft["agent"] = pack.Agent.ID
		if code, got := w.handin(zhao, draft, nil); code != 422 || firstField(got) != "files.photo" {
			t.Errorf("no photo: %d %v", code, got)
		}
		if code, got := w.handin(zhao, draft, map[string]string{"photo": "MZ no such type"}); code != 415 || got["state"] != "bad" {
			t.Errorf("a program: %d %v", code, got)
		}
		photo := map[string]string{"photo": pdf}
		code, first := w.handin(zhao, draft, photo)
		if code != 200 || first["state"] != "taken" || first["slip"] != fmt.Sprint("/agent/slips/", first["number"]) {
			t.Fatalf("handed in: %d %v", code, first)
		}
		for range 3 { // the answer was lost
			if code, again := w.handin(zhao, draft, photo); code != 200 || again["number"] != first["number"] || again["code"] != first["code"] {
				t.Errorf("again: %d %v", code, again)
			}
		}
		draft["draft"] = strings.Replace(draft1, "1", "2", 1)
		if code, got := w.handin(zhao, draft, photo); code != 409 || got["reason"] != "already-open" || got["open"] != fmt.Sprint("/agent/cases/", first["number"]) {
			t.Errorf("open already: %d %v", code, got)
		}
		w.version = 2
		if code, got := w.handin(zhao, draft, photo); code != 409 || got["reason"] != "item-changed" {
			t.Errorf("changed: %d %v", code, got)
		}
		w.version = 1
		must(t, w.Withdraw(t.Context(), elder, c.ID, true, "w"))
		if code, got := w.handin(zhao, draft, photo); code != 409 || got["reason"] != "consent-withdrawn" || got["message"] == "" {
			t.Errorf("withdrawn: %d %v", code, got)
		}
		draft["draft"] = draft1
		if code, again := w.handin(zhao, draft, photo); code != 200 || again["number"] != first["number"] {
			t.Errorf("what was taken before the withdrawal: %d %v", code, again)
		}

		// Consent that was taken without a line: two drafts of the same villager.
		delete(draft, "consent")
		villager := map[string]any{"name": "李爷爷", "id": "440524188001010015", "how": "spoken", "at": "2026-03-01T01:00:00Z"}
		draft["villager"] = villager
		draft["draft"] = strings.Replace(draft1, "1", "3", 1)
		if code, got := w.handin(zhao, draft, photo); code != 422 || firstField(got) != "id" {
			t.Errorf("a wrong number: %d %v", code, got)
		}
		villager["id"] = liID
		one, got := w.handin(zhao, draft, photo)
		draft["draft"] = strings.Replace(draft1, "1", "4", 1)
		draft["again"] = true
		two, other := w.handin(zhao, draft, photo)
		if one != 200 || two != 200 || got["number"] == other["number"] {
			t.Errorf("off line: %d %v, %d %v", one, got, two, other)
		}
		list, err := w.InForce(t.Context(), zhao.Account, w.time())
		must(t, err)
		if len(list) != 1 || list[0].Agreed.Name != "李爷爷" || list[0].From.Format("2006-01-02") != "2026-03-01" {
			t.Errorf("consents: %+v", list)
		}
		draft["draft"] = "not a UUID"
		if code, got := w.handin(zhao, draft, photo); code != 422 || got["state"] != "bad" {
			t.Errorf("no UUID: %d %v", code, got)
		}
	})
}

// TestPages: every page in three languages, and what the forms refuse.
func TestPages(t *testing.T) {
	w := onSQLite(t)
	w.see(zhao, "/agent", "苏集村", "还没有村民委托您")
	w.see(zhao, "/agent/consents/new", "代办不收任何费用")
	bad := url.Values{"key": {"k"}, "name": {"王奶奶"}, "id": {"110105194912310021"}, "how": {"thumbprint"}, "until": {"2026-06-30"}, "read": {"true"}, "fields": {"assistance", "welfare"}}
	code, _, page := w.post(zhao, "/agent/consents/new", bad)
	if code != http.StatusUnprocessableEntity || !strings.Contains(page, `value="王奶奶"`) || !strings.Contains(page, "校验码") {
		t.Errorf("a wrong number: %d %s", code, page)
	}
	bad.Set("id", wangID)
	bad.Del("read")
	if code, _, page = w.post(zhao, "/agent/consents/new", bad); code != http.StatusUnprocessableEntity || !strings.Contains(page, "请先把委托内容读给村民听") {
		t.Errorf("not read: %d", code)
	}
	bad.Set("read", "true")
	code, next, page := w.post(zhao, "/agent/consents/new", bad)
	if code != http.StatusSeeOther {
		t.Fatalf("consent: %d %s", code, page)
	}
	w.see(zhao, next, "王奶奶", "社会救助", "特困人员认定")
	apply := next + "/apply/DESTITUTE"
	w.see(zhao, apply, "为王奶奶提交申请", `value="王奶奶"`)
	if code, _, page = w.post(zhao, apply, url.Values{"key": {"a"}, "name": {"王奶奶"}}); code != http.StatusUnprocessableEntity || !strings.Contains(page, "类别") {
		t.Errorf("an empty form: %d", code)
	}
	if code, _, page = w.post(zhao, apply, url.Values{"key": {"a"}, "name": {"王奶奶"}, "group": {"old"}, "family.members": {"1"}}); code != http.StatusUnprocessableEntity || !strings.Contains(page, "缺少照片") {
		t.Errorf("no photo: %d %s", code, page)
	}
	ref := w.photo(zhao)
	code, slip, page := w.post(zhao, apply, url.Values{"key": {"a"}, "name": {"王奶奶"}, "group": {"old"}, "family.members": {"1"}, "kept.photo": {ref.ID.String()}})
	if code != http.StatusSeeOther {
		t.Fatalf("apply: %d %s", code, page)
	}
	w.see(zhao, slip, "已经代为提交", "代办不收任何费用")
	w.see(zhao, slip+"/pdf", "王奶奶", "https://hall.example/track/AP")
	w.see(zhao, next+"/paper.pdf", "https://hall.example/agent/consent/WT340321")
	number := strings.TrimPrefix(slip, "/agent/slips/")
	w.see(zhao, "/agent/cases/"+number, "代您提交申请", "打印回执")
	w.see(zhao, "/agent", number, "王奶奶")
	for _, path := range []string{slip, next, "/agent/cases/" + number} {
		if code, _ := w.get(qian, path, "zh-CN"); code != http.StatusNotFound {
			t.Errorf("%s is open to another agent: %d", path, code)
		}
	}
	if code, _, page = w.post(zhao, apply, url.Values{"key": {"b"}, "name": {"王奶奶"}, "group": {"old"}, "family.members": {"1"}, "kept.photo": {ref.ID.String()}}); code != http.StatusUnprocessableEntity || !strings.Contains(page, "再申请一件") {
		t.Errorf("another one: %d", code)
	}

	w.see(zhao, "/agent/visits", "没有上门服务")
	visit := url.Values{"name": {"王奶奶"}, "id": {wangID}, "address": {"苏集村 3 号"}, "reason": {"elderly"}, "due": {"2026-03-03"}}
	if code, _, page = w.post(zhao, "/agent/visits", url.Values{"name": {"王奶奶"}}); code != http.StatusUnprocessableEntity || !strings.Contains(page, "请填写上门地址") {
		t.Errorf("half a visit: %d", code)
	}
	if code, _, _ = w.post(zhao, "/agent/visits", visit); code != http.StatusSeeOther {
		t.Errorf("a visit: %d", code)
	}
	planned, err := w.Visits(t.Context(), zhao.Account, agent.VisitPlanned)
	must(t, err)
	at := "/agent/visits/" + planned[0].ID.String()
	w.see(zhao, at, "苏集村 3 号")
	if code, _, page = w.post(zhao, at, url.Values{"state": {"done"}}); code != http.StatusUnprocessableEntity || !strings.Contains(page, "请填写结果") {
		t.Errorf("without a result: %d", code)
	}
	w.at("2026-03-09", 9)
	w.see(zhao, "/agent/visits", "已逾期")
	w.see(chief, "/agent/township", "曹河村", "逾期 1 次", "账户11")
	if code, _, _ = w.post(zhao, at, url.Values{"state": {"done"}, "result": {"填了表"}}); code != http.StatusSeeOther {
		t.Errorf("made: %d", code)
	}
	if code, _, page = w.post(chief, "/agent/township/places", url.Values{"agent": {"99"}, "village": {caohe}, "from": {"2026-03-01"}}); code != http.StatusUnprocessableEntity || !strings.Contains(page, "请选择本乡镇的代办员") {
		t.Errorf("assigning nobody: %d", code)
	}
	if code, _, _ = w.post(chief, "/agent/township/places", url.Values{"agent": {qian.Account.String()}, "village": {caohe}, "from": {"2026-03-10"}}); code != http.StatusSeeOther {
		t.Errorf("assigning: %d", code)
	}
	w.see(chief, "/agent/township", "曹河村：账户12")

	// The villager: by the paper and in their account.
	w.see(elder, "/me/agents", "王奶奶", "代您提交申请", "撤回委托")
	id := strings.TrimPrefix(next, "/agent/villagers/")
	if code, _, _ = w.post(elder, "/me/agents/"+id+"/end", url.Values{"key": {"e"}}); code != http.StatusSeeOther {
		t.Errorf("withdrawing: %d", code)
	}
	w.see(zhao, next, "委托已经终止，不能再为这位村民办理")
	if code, page := w.get(zhao, apply, "zh-CN"); code != http.StatusConflict || !strings.Contains(page, "委托已经终止") {
		t.Errorf("applying after the withdrawal: %d", code)
	}
	if code, _ := w.get(zhao, slip+"/pdf", "zh-CN"); code == http.StatusOK {
		t.Error("the slip opens after the withdrawal")
	}
	for _, path := range []string{"/agent", "/agent/visits", "/agent/consents/new"} {
		if code, _ := w.get(clerk, path, "zh-CN"); code != http.StatusForbidden {
			t.Errorf("%s is open to a clerk: %d", path, code)
		}
	}
}
