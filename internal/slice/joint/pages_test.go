package joint_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/slice/joint"
)

// get asks for a page as somebody, in a language.
func (w *world) get(who identity.Principal, path, language string) (int, string) {
	w.t.Helper()
	w.actor = who
	r := httptest.NewRequest(http.MethodGet, path, nil)
	r.Header.Set("Accept-Language", language)
	rec := httptest.NewRecorder()
	w.site.ServeHTTP(rec, r)
	return rec.Code, rec.Body.String()
}

// post sends a form as somebody, and answers the status, where it leads, and the page.
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

var versionOf = regexp.MustCompile(`name="version" value="(\d+)"`)

// TestPages: an applicant finds the matter, applies on its pages and follows it; the lead window records a survey; everybody sees the lanes.
func TestPages(t *testing.T) {
	w := onSQLite(t)
	guide := "/hall/joint/matter/enterprise-establishment/" + hefei
	w.see(visitor, "/hall/joint", "企业设立联合审批", guide)
	w.see(visitor, guide, "税务登记", "45", "《市场主体登记管理条例》第三条", "告知承诺")
	if code, _ := w.get(visitor, "/hall/joint/matter/nothing/"+hefei, "zh-CN"); code != http.StatusNotFound {
		t.Errorf("a matter that is not there: %d", code)
	}
	code, draft, _ := w.post(applicant, guide, url.Values{"part": {"bank"}})
	if code != http.StatusSeeOther || !strings.HasPrefix(draft, "/hall/joint/draft/") {
		t.Fatalf("begin: %d %s", code, draft)
	}
	w.see(applicant, draft, "填写联合申请表")
	_, page := w.get(applicant, draft+"/answers", "zh-CN")
	version := versionOf.FindStringSubmatch(page)
	if version == nil {
		t.Fatal("the form has no version")
	}
	if code, _, page = w.post(applicant, draft+"/answers", url.Values{"version": version[1:], "name": {"合肥晨光科技有限公司"}, "act": {"done"}}); code != http.StatusUnprocessableEntity ||
		!strings.Contains(page, "合肥晨光科技有限公司") {
		t.Errorf("what was typed is lost with an error: %d", code)
	}
	answers := url.Values{"version": version[1:], "act": {"done"}, "name": {"合肥晨光科技有限公司"}, "alternative": {"合肥晨曦科技有限公司"}, "kind": {"llc"}, "telephone": {"13800000001"},
		"capital": {"1000000"}, "address": {"虚构路1号"}, "scope": {"软件开发"}, "representative": {"陈晓禾"}, "representativeId": {"340104199003159026"}, "shareholders": {"陈晓禾"},
		"seals": {"company"}, "taxpayer": {"small"}, "staff": {"3"}, "payday": {"15"}, "fundRate": {"8"}, "bankBranch": {"虚构支行"}}
	if code, to, page := w.post(applicant, draft+"/answers", answers); code != http.StatusSeeOther {
		t.Fatalf("answers: %d %s %s", code, to, regexp.MustCompile(`(?s)govuk-error-summary.*?</ul>`).FindString(page))
	}
	w.see(applicant, draft+"/files", "住所使用证明", "可见部门")
	if code, _, page := w.post(applicant, draft+"/files", url.Values{"act": {"done"}}); code != http.StatusUnprocessableEntity || !strings.Contains(page, "缺少主要材料") {
		t.Errorf("without main materials: %d", code)
	}
	w.see(applicant, draft+"/check", "提交联合申请")
	if code, _ := w.get(stranger, draft, "zh-CN"); code != http.StatusNotFound {
		t.Errorf("a stranger opens the draft: %d", code)
	}

	id := w.accepted(enterprise())
	x := w.whole(id)
	c, err := w.cases.Get(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	w.see(visitor, "/hall/joint/progress", x.Number)
	w.see(visitor, "/hall/joint/progress/"+x.Number, "合肥市tax", "尚未开始", "时限 1 个工作日")
	if _, body := w.get(visitor, "/hall/joint/progress/"+x.Number, "zh-CN"); strings.Contains(body, "青禾") {
		t.Error("the public page names the applicant")
	}
	mine := "/me/joint/" + x.Number
	w.see(applicant, mine, "撤回申请", "受理通知书")
	w.see(applicant, "/me/joint", x.Number)
	w.see(applicant, mine+"/withdraw", "确认撤回")
	w.see(visitor, "/hall/joint/case/"+x.Number+"/"+w.cases.Code(c), "各部门进度")
	letters, err := w.docs.Of(t.Context(), id)
	if err != nil || len(letters) != 1 {
		t.Fatalf("letters: %v, %v", letters, err)
	}
	w.see(applicant, mine+"/letters/"+"2"+"/joint-acceptance", "统一受理", "合肥市bank")
	w.see(clerk, "/desk/joint/case/"+x.Number, "申请延长办理期限")
	w.see(of("market-regulation", "reviewer"), "/desk/joint/case/"+w.part(id, "name").Number, "整个事项")
	if code, _ := w.get(stranger, mine, "zh-CN"); code == http.StatusOK {
		t.Error("a stranger opens the matter")
	}
	if code, _ := w.get(of("bank", "reviewer"), "/desk/joint/case/"+x.Number, "zh-CN"); code == http.StatusOK {
		t.Error("a department opens the whole")
	}
	w.days(3)
	e := w.part(id, "name")
	all, err := w.docs.Of(t.Context(), e.Case)
	if err != nil || len(all) != 1 || all[0].Kind != "joint-default" {
		t.Fatalf("letters of the part: %v, %v", all, err)
	}
	w.see(of("market-regulation", "head"), "/desk/joint/case/"+e.Number+"/letters/"+seqOf(all[0].Seq)+"/joint-default", "默认通知书", "视为同意", "1 个工作日")
	if code, _ := w.get(applicant, "/me/joint/"+e.Number+"/letters/"+seqOf(all[0].Seq)+"/joint-default", "zh-CN"); code != http.StatusNotFound {
		t.Errorf("the applicant reads a letter between offices: %d", code)
	}
	w.see(visitor, "/hall/joint/progress/"+x.Number, "默认同意（超时）")
	about, mineIs, err := w.About(t.Context(), c)
	if err != nil || !mineIs || about.Form == nil || len(about.Materials) != 5 {
		t.Errorf("what the desk shows: %+v, %v", about, err)
	}
}

func seqOf(n int64) string { return string(rune('0' + n)) }

// TestMeetingPage: attendance is asked for each department of the stage, and what is missing is named.
func TestMeetingPage(t *testing.T) {
	w := onSQLite(t)
	a := joint.Application{Matter: "construction-completion", Division: hefei, Channel: casework.Online, Applicant: enterprise().Applicant, Sent: joint.Sent{Parts: []string{},
		Answers: []byte(`{"client":"合肥青禾","uscc":"91340104MA9Y00012N","project":"一号厂房","site":"虚构路","permit":"340100001","completed":"2026-02-01","floorArea":1,
			"contractor":"虚构建设","contact":"陈","telephone":"13800000001"}`)}}
	for _, m := range []string{"as-built", "fire-test", "completion-report"} {
		a.Files = append(a.Files, w.upload(m))
	}
	id := w.accepted(a)
	number := w.whole(id).Number
	w.do(id, clerk, "summon", map[string]any{"date": "2026-03-04", "hour": "9:30", "place": "项目现场"})
	path := "/desk/joint/meeting/" + number
	w.see(clerk, path, "联合验收", "项目现场", "《消防法》第十三条")
	if code, _ := w.get(of("water", "head"), path, "zh-CN"); code == http.StatusOK {
		t.Error("a department records who came")
	}
	if code, _, page := w.post(clerk, path, url.Values{"attend-1": {"yes"}}); code != http.StatusUnprocessableEntity || !strings.Contains(page, "attend-2") {
		t.Errorf("attendance is missing: %d", code)
	}
	code, to, _ := w.post(clerk, path, url.Values{"attend-1": {"yes"}, "attend-2": {"no"}, "attend-3": {"no"}, "attend-4": {"yes"}, "minutes": {"验收合格"}})
	if code != http.StatusSeeOther || to != "/desk/joint/case/"+number {
		t.Fatalf("attendance: %d %s", code, to)
	}
	w.settle()
	// Fire: a law forbids the default on absence; soil: taken to agree.
	if got := states(w.whole(id)); got != "planning-check:open fire-acceptance:open soil-acceptance:deemed roads:open record:waiting" {
		t.Errorf("%s", got)
	}
	if code, _ := w.get(clerk, path, "zh-CN"); code != http.StatusConflict {
		t.Errorf("a meeting that was recorded: %d", code)
	}
}

// TestBuilder: the manager of the centre makes a joint matter of items; what is wrong is named, and what was typed stays.
func TestBuilder(t *testing.T) {
	w := onSQLite(t)
	w.putItem("food", "market-regulation", `{"type":"object","properties":{"site":{"type":"string","title":"地点","x-title":{"zh-Hant":"地點","en":"Site"}}}}`)
	w.putItem("fire", "emergency", `{"type":"object","properties":{"site":{"type":"string","title":"地点","x-title":{"zh-Hant":"地點","en":"Site"}}}}`)
	w.see(manager, "/desk/joint/matters", "组建联合事项")
	if code, _ := w.get(clerk, "/desk/joint/matters", "zh-CN"); code == http.StatusOK {
		t.Error("a clerk builds joint matters")
	}
	values := url.Values{"key": {"Restaurant"}, "title-hans": {"开餐馆"}, "title-hant": {"開餐館"}, "title-en": {"Open a restaurant"}, "serves": {"organisation"}, "promised": {"60"},
		"item-0": {"food"}, "stage-0": {"1"}, "refusal-0": {"all"}, "act": {"publish"}}
	code, _, page := w.post(manager, "/desk/joint/matters", values)
	if code != http.StatusUnprocessableEntity || !strings.Contains(page, "Open a restaurant") || !strings.Contains(page, "至少两个") || !strings.Contains(page, "45") {
		t.Errorf("faults: %d", code)
	}
	values.Set("key", "restaurant")
	values.Set("promised", "10")
	values.Set("item-1", "fire")
	values.Set("stage-1", "2")
	values.Set("meeting-2", "survey")
	values.Set("law-1", "《消防法》第十五条")
	if code, to, _ := w.post(manager, "/desk/joint/matters", values); code != http.StatusSeeOther || to != "/desk/joint/matters" {
		t.Fatalf("publish: %d %s", code, to)
	}
	w.see(visitor, "/hall/joint/matter/restaurant/"+hefei, "开餐馆", "《消防法》第十五条", "联合踏勘")
	values.Set("act", "retire")
	if code, _, _ := w.post(manager, "/desk/joint/matters", values); code != http.StatusSeeOther {
		t.Fatalf("retire: %d", code)
	}
	if code, _ := w.get(visitor, "/hall/joint/matter/restaurant/"+hefei, "zh-CN"); code != http.StatusNotFound {
		t.Errorf("a matter that is no longer offered: %d", code)
	}
}
