package request_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/core/lang"
	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/store"
	"openhall.org/openhall/internal/slice/request"
	"openhall.org/openhall/procedures"
)

// The rules that a form alone can't check, each with its article.
func TestChecks(t *testing.T) {
	w := onSQLite(t)
	start := func() store.ID {
		id := w.ask(asker, sent(request.Window))
		w.step(id, "check", examine)
		return id
	}
	id := start()
	if at := w.refused(id, "examine", `{"outcome":"fee","scale":"per-item","count":10,"fee":0}`); at != "/count" {
		t.Errorf("10 items are free: refused at %s", at)
	}
	if at := w.refused(id, "examine", `{"outcome":"fee","scale":"per-page","count":101,"fee":100}`); at != "/fee" {
		t.Errorf("a wrong amount: refused at %s", at)
	}
	w.step(id, "examine", draft)
	for reply, want := range map[string]string{
		`{"reply":"published","subject":"甲"}`:                           "/where",
		`{"reply":"partial","subject":"甲","reasons":"乙"}`:               "/files",
		`{"reply":"unavailable.unclear","subject":"甲","reasons":"乙"}`:   "/reply", // 30: nobody asked for a correction
		`{"reply":"unprocessed.excessive","subject":"甲","reasons":"乙"}`: "/reply", // 35: nobody asked for reasons
		`{"reply":"refused.third-party","subject":"甲","reasons":"乙"}`:   "/reply", // 32: nobody asked the third party
		`{"reply":"refused.forbidden","subject":"甲","reasons":"乙"}`:     "/law",
		`{"reply":"published","subject":"电话13800000001","where":"网站"}`:  "/subject",
	} {
		if at := w.refused(id, "draft", reply); at != want {
			t.Errorf("%s is refused at %s, want %s", reply, at, want)
		}
	}
	// 33: extended once.
	id = start()
	w.step(id, "examine", `{"outcome":"extend","reasons":"档案多"}`)
	w.step(id, "approve-extension", `{"outcome":"yes","reasons":"档案多"}`)
	if at := w.refused(id, "examine", `{"outcome":"extend","reasons":"还要"}`); at != "/outcome" {
		t.Errorf("a second extension is refused at %s", at)
	}
	// 32: published against a reasoned objection only for the public interest.
	id = start()
	w.step(id, "examine", `{"outcome":"third-party","party":"某公司","question":"是否同意"}`)
	w.on(4)
	w.step(id, "third-party", `{"thirdParty":"objects","objection":"商业秘密","answeredOn":"`+calendar.Of(w.now).String()+`"}`)
	w.step(id, "examine", draft)
	if at := w.refused(id, "draft", `{"reply":"published","subject":"甲","where":"网站"}`); at != "/publicInterest" {
		t.Errorf("published against an objection: refused at %s", at)
	}
	w.step(id, "draft", `{"reply":"published","subject":"甲","where":"网站","publicInterest":"关系饮水安全"}`)
	w.step(id, "decide", issue)
	if e := w.entry(id); e.Days != 0 {
		t.Errorf("%d days used while the third party was asked, want 0 (art. 33)", e.Days)
	}
	// The third party is told what is disclosed and why, and learns nothing of who asks; who asks learns nothing of it.
	c := w.get(id)
	told := slices.IndexFunc(c.Documents(), func(d casework.Document) bool { return d.Kind == "request-third-party-told" })
	if told < 0 {
		t.Fatalf("the third party is not told: %v", c.Documents())
	}
	letter := fmt.Sprintf("letters/%d/request-third-party-told", c.Documents()[told].Seq)
	w.actor = officer
	code, page, _ := w.page(http.MethodGet, "/open/office/"+c.Number+"/"+letter, nil)
	if code != http.StatusOK || !strings.Contains(page, "某公司") || !strings.Contains(page, "关系饮水安全") || !strings.Contains(page, "第32条") || strings.Contains(page, "王小明") {
		t.Errorf("%d: the letter to the third party reads %s", code, page)
	}
	w.actor = visitor
	if code, _, _ := w.page(http.MethodGet, "/open/requests/"+c.Number+"/"+w.cases.Code(c)+"/"+letter, nil); code != http.StatusNotFound {
		t.Errorf("who asks is answered %d for the letter to the third party", code)
	}
}

// What was drafted, asked for and wanted stands in the form of the step that follows.
func TestStarts(t *testing.T) {
	w := onSQLite(t)
	id := w.ask(asker, sent(request.Window))
	start := func(element string) map[string]any {
		t.Helper()
		start, err := w.Start(t.Context(), w.get(id), element)
		if err != nil {
			t.Fatal(err)
		}
		return start
	}
	w.step(id, "check", examine)
	w.step(id, "examine", `{"outcome":"extend","reasons":"档案多"}`)
	if got := start("approve-extension"); got["reasons"] != "档案多" || len(got) != 1 {
		t.Errorf("the head begins with %v", got)
	}
	for _, task := range w.get(id).Tasks() { // who hands the step over gives a reason, which is another one
		if _, err := w.cases.Do(t.Context(), casework.Command{Key: w.key(), Case: id, Actor: head, Act: casework.Assign{
			Token: task.Token, To: head.Account, ToPost: head.Post, Reason: "出差",
		}}); err != nil {
			t.Fatal(err)
		}
	}
	if got := start("approve-extension"); got["reasons"] != "档案多" {
		t.Errorf("after the step was handed over the head begins with %v", got)
	}
	w.step(id, "approve-extension", `{"outcome":"yes","reasons":"档案多"}`)
	w.step(id, "examine", draft)
	if got := start("draft"); len(got) != 0 {
		t.Errorf("the first draft begins with %v", got)
	}
	w.step(id, "draft", `{"reply":"published","subject":"甲","where":"网站"}`)
	w.step(id, "decide", `{"outcome":"return","opinion":"写明网址"}`)
	w.step(id, "examine", draft)
	if got := start("draft"); got["reply"] != "published" || got["subject"] != "甲" || got["where"] != "网站" {
		t.Errorf("the draft that came back begins with %v", got)
	}
	w.step(id, "draft", `{"reply":"published","subject":"甲","where":"www.example.cn"}`)
	w.step(id, "decide", issue)
	if got := start("hand-over"); got["manner"] != sent(request.Window).Wanted {
		t.Errorf("delivery begins with %v", got)
	}
}

// A day that can be only one is named; a correction says as much as a request has to.
func TestMessages(t *testing.T) {
	w := onSQLite(t)
	id := w.ask(asker, sent(request.Web))
	var r *casework.Refusal
	if err := w.try(id, "confirm", `{"receivedOn":"2031-01-02","manner":"phone"}`); !errors.As(err, &r) {
		t.Fatal(err)
	}
	if got := r.Fields[0].Text; strings.Contains(got.Hans, "之间") || strings.Contains(got.En, "between") {
		t.Errorf("%s %s", got.Hans, got.En)
	}
	id = w.ask(asker, sent(request.Window))
	w.step(id, "check", `{"outcome":"correct","missing":"写明文号","days":8}`)
	for _, short := range []string{"短", "      ", " 短　短 "} {
		if err := w.try(id, "supplement", `{"description":"`+short+`"}`); !errors.As(err, &r) {
			t.Errorf("the correction %q is taken: %v", short, err)
		}
	}
	w.step(id, "supplement", `{"description":"合水〔2025〕3号文件"}`)
}

// The notice fixes its own term; nobody answers it: given up (条例 30).
func TestUncorrected(t *testing.T) {
	w := onSQLite(t)
	id := w.ask(asker, sent(request.Window))
	w.step(id, "check", `{"outcome":"correct","missing":"写明文号","days":8}`)
	w.on(8)
	if e := w.entry(id); !e.Open() {
		t.Fatal("given up before the term of the notice was over")
	}
	w.on(1)
	e := w.entry(id)
	if e.Outcome != request.Uncorrected || w.get(id).Status != "lapsed" {
		t.Errorf("%s, %s", e.Outcome, w.get(id).Status)
	}
	if e.Days != 0 {
		t.Errorf("%d days of the office are counted while it waited for the correction", e.Days)
	}
	if body := w.letter(id, "request-lapsed"); !strings.Contains(body, "补正") || strings.Contains(body, "缴纳") {
		t.Errorf("the notice does not say what was not done in time:\n%s", body)
	}
}

// The forms of the examination hold the checklists of the law of their day, point by point.
func TestChecklistsOfTheForms(t *testing.T) {
	w := onSQLite(t)
	for _, row := range []struct {
		form  string
		day   calendar.Date
		lists []string // 711号 14–17; 492号 8, 14
	}{
		{"request-examine", calendar.Day(2026, 3, 2), []string{"general", "secret", "safety", "third-party", "internal", "process", "enforcement"}},
		{"request-examine-2008", calendar.Day(2013, 6, 3), []string{"general", "secret", "safety", "third-party"}},
	} {
		raw, err := procedures.Files.ReadFile("forms/" + row.form + ".json")
		if err != nil {
			t.Fatal(err)
		}
		type choices struct {
			OneOf []struct{ Const, Title string }
		}
		var schema struct {
			Properties map[string]struct {
				Type  string
				Items choices
			}
		}
		if err := json.Unmarshal(raw, &schema); err != nil {
			t.Fatal(err)
		}
		var codes, further []string
		for _, c := range w.Checklists(row.day) {
			codes = append(codes, c.Code)
			if !c.Always {
				further = append(further, c.Code)
			}
			var want, got []string
			for _, p := range c.Points {
				want = append(want, p.Code+" "+p.Title.Hans)
			}
			for _, o := range schema.Properties[c.Code].Items.OneOf {
				got = append(got, o.Const+" "+o.Title)
			}
			if !slices.Equal(got, want) || c.Article == "" {
				t.Errorf("%s, %s (%s): the form has %q, the rules %q", row.form, c.Code, c.Article, got, want)
			}
		}
		var concerns []string
		for _, o := range schema.Properties["concerns"].Items.OneOf {
			concerns = append(concerns, o.Const)
		}
		if !slices.Equal(codes, row.lists) || !slices.Equal(concerns, further) {
			t.Errorf("%s: lists %v, to choose from %v", row.form, codes, concerns)
		}
	}
}

// Nothing is drafted before each list that matters was gone through; a ground needs its list; the office sees who ticked what.
func TestChecklists(t *testing.T) {
	onEachEngine(t, func(t *testing.T, w *world) {
		id := w.ask(asker, sent(request.Window))
		w.step(id, "check", examine)
		for data, want := range map[string]string{
			`{"outcome":"draft"}`: "/general",
			`{"outcome":"draft",` + strings.Replace(always, `"unsure"`, `"marked"`, 1) + `}`:      "", // not a list: twice the same
			`{"outcome":"draft",` + strings.Replace(always, `,"unsure"`, ``, 1) + `}`:             "/secret",
			`{"outcome":"draft","concerns":["internal"],` + always + `}`:                          "/internal",
			`{"outcome":"draft","concerns":["internal"],"internal":["personnel"],` + always + `}`: "/internal",
		} {
			if at := w.refused(id, "examine", data); want != "" && at != want {
				t.Errorf("%s is refused at %s, want %s", data, at, want)
			}
		}
		w.step(id, "examine", draft)
		if at := w.refused(id, "draft", `{"reply":"refused.internal","subject":"甲","reasons":"乙"}`); at != "/reply" {
			t.Errorf("withheld on a ground that was not gone through: refused at %s", at)
		}
		w.step(id, "draft", `{"reply":"published","subject":"甲","where":"网站"}`)
		w.step(id, "decide", `{"outcome":"return","opinion":"涉及内部流程"}`)
		w.step(id, "examine", `{"outcome":"draft","concerns":["internal"],"internal":["personnel","logistics","workflow"],`+always+`}`)
		w.step(id, "draft", `{"reply":"refused.internal","subject":"甲","reasons":"乙"}`)
		w.actor = officer
		_, body, _ := w.page(http.MethodGet, "/open/office/"+w.get(id).Number, nil)
		for _, want := range []string{"审查清单", "已核对是否属于后勤管理", "第16条", officer.Post.ID, "经办张 于"} {
			if !strings.Contains(body, want) {
				t.Errorf("the office does not see %q", want)
			}
		}
		if strings.Count(body, "审查清单</h2>") != 2 {
			t.Errorf("%d examinations are shown, want two", strings.Count(body, "审查清单</h2>"))
		}
		w.actor = overseer
		if _, body, _ := w.page(http.MethodGet, "/open/office/"+w.get(id).Number, nil); strings.Contains(body, "已核对是否属于后勤管理") {
			t.Error("supervision reads what the office ticked")
		}
	})
}

// A reply that another body has to be asked names it with its address and telephone from the registry, or as the official wrote it.
func TestTransfer(t *testing.T) {
	w := onSQLite(t)
	for data, want := range map[string][]string{
		`"agency":"合肥市监察局"`: {"合肥市监察局", "合肥市望湖街1号", "0551-5550099"}, `"outside":"某省水利厅，某市某路1号，010-00000000"`: {"某省水利厅，某市某路1号"},
	} {
		id := w.ask(asker, sent(request.Window))
		w.step(id, "check", examine)
		w.step(id, "examine", draft)
		for wrong, path := range map[string]string{`"agency":"没有这个局"`: "/agency", `"agency":"合肥市水务局"`: "/agency"} {
			if at := w.refused(id, "draft", `{"reply":"unavailable.not-held","subject":"甲","reasons":"不掌握",`+wrong+`}`); at != path {
				t.Errorf("%s: refused at %s", wrong, at)
			}
		}
		w.step(id, "draft", `{"reply":"unavailable.not-held","subject":"甲","reasons":"不掌握",`+data+`}`)
		w.step(id, "decide", issue)
		c := w.get(id)
		w.actor = visitor
		_, body, _ := w.page(http.MethodGet, "/open/requests/"+c.Number+"/"+w.cases.Code(c)+"/letters/"+seqOf(c, "request-unavailable")+"/request-unavailable", nil)
		for _, text := range want {
			if !strings.Contains(body, text) {
				t.Errorf("the letter does not say %s", text)
			}
		}
		if list := w.Suggested(c); len(list) != 1 || list[0].Hans != "合肥市监察局" {
			t.Errorf("offered are %v", list)
		}
	}
}

// Whoever is asked for an opinion is told how long they have and, where the letter reaches them on its own day, until when: a third party and
// joint makers by law (32, 34), other agencies by the procedure, whose silence agrees to nothing (33).
func TestLettersToOthersNameTheDay(t *testing.T) {
	w := onSQLite(t)
	for _, row := range []struct{ outcome, kind, article, silent string }{
		{"third-party", "request-third-party", "第32条", "决定是否公开"},
		{"joint", "request-consultation", "第34条", "视为同意公开"},
		{"agencies", "request-consultation", "第33条", "由本机关依法决定是否公开"},
	} {
		w.at("2026-03-02", 9)
		id := w.ask(asker, sent(request.Window))
		w.step(id, "check", examine)
		w.step(id, "examine", `{"outcome":"`+row.outcome+`","party":"合肥市城乡建设局","question":"是否同意"}`)
		c := w.get(id)
		path := "/open/office/" + c.Number + "/letters/" + seqOf(c, row.kind) + "/" + row.kind
		w.on(16) // read when the step is over, it says the same
		w.actor = officer
		// 15 working days after Monday 2 March end with the 23rd.
		for tag, want := range map[lang.Tag][]string{
			lang.Hans: {"起15个工作日内", "最迟于2026年3月23日提出", row.article, row.silent},
			lang.Hant: {"起15個工作日內", "最遲於2026年3月23日提出"},
			lang.En:   {"15 working days", "no later than 23 March 2026", `<p class="govuk-body" lang="zh-Hans">是否同意</p>`},
		} {
			code, page, _ := w.page(http.MethodGet, path+"?lang="+string(tag), nil)
			for _, words := range want {
				if code != http.StatusOK || !strings.Contains(page, words) {
					t.Errorf("%s in %s: %d, lacks %q: %s", row.outcome, tag, code, words, page)
				}
			}
			if agrees := strings.Contains(page, "视为同意"); tag == lang.Hans && agrees != (row.outcome == "joint") {
				t.Errorf("%s: silence agrees: %t", row.outcome, agrees)
			}
		}
	}
}
