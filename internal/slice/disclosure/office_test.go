package disclosure_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"

	"openhall.org/openhall/internal/platform/publication"
	"openhall.org/openhall/internal/platform/store"
	"openhall.org/openhall/internal/platform/store/storetest"
)

const personal = "11010519491231002X" // the example of GB 11643

func newRecord(body string) url.Values {
	return url.Values{"title": {"关于东门水库取水口的通知"}, "category": {"statutory.5.guide"}, "text": {body}}
}

// drafted types a record in and returns the page of its draft.
func (w *world) drafted(body string) string {
	w.t.Helper()
	return w.post("/desk/records/new", newRecord(body)).leads()
}

// work is a draft as it stands.
func (w *world) work(path string) *publication.Work {
	w.t.Helper()
	id, err := store.ParseID(path[strings.LastIndex(path, "/")+1:])
	must(w.t, err)
	work, err := w.records.Work(w.t.Context(), clerk, id)
	must(w.t, err)
	return work
}

// A form that is sent twice makes one draft; a different one makes another.
func TestDraftSentTwice(t *testing.T) {
	onEachEngine(t, func(t *testing.T, w *world) {
		first := w.drafted("正文")
		if again := w.drafted("正文\r\n"); again != first {
			t.Errorf("sent again it made %s beside %s", again, first)
		}
		if other := w.drafted("另一篇"); other == first {
			t.Error("another text led to the first draft")
		}
		page := w.get("/desk/records/new").typed()
		form := newRecord("正文")
		form.Set("key", page.Get("key"))
		third := w.post("/desk/records/new", form).leads()
		if page.Get("key") == "" || third == first {
			t.Error("a form of its own led to the draft of another one")
		}
		edited := w.get(third).typed()
		edited.Set("text", "改过的正文")
		w.post(third, edited).want(http.StatusSeeOther)
		if again := w.post("/desk/records/new", form).leads(); again != third || w.work(third).Text != "改过的正文" {
			t.Errorf("the form of %s, which was edited, led to %s when it was sent again", third, again)
		}
		form.Set("title", "")
		if kept := w.post("/desk/records/new", form).want(http.StatusUnprocessableEntity).typed().Get("key"); kept != form.Get("key") {
			t.Errorf("a form that was refused came back as %q", kept)
		}
	})
}

// What reaches two nodes at the same moment makes one draft: a form, and each row of a table.
func TestDraftSentToTwoNodes(t *testing.T) {
	storetest.Each(t, schemas(), func(t *testing.T, db *store.DB) {
		folder := t.TempDir()
		nodes := []*world{newWorldIn(t, db, folder), newWorldIn(t, db, folder)}
		const rounds = 8
		table := "信息名称,信息分类,正文\n甲通知,statutory.5.guide,甲\n乙通知,statutory.5.guide,乙\n乙通知,statutory.5.guide,乙\n"
		for round := range rounds {
			leads := make([]string, 4)
			at := func(i int, send func(w *world) answer) func() {
				return func() { leads[i] = send(nodes[i%2]).to }
			}
			form := func(w *world) answer { return w.post("/desk/records/new", newRecord(fmt.Sprint("正文", round))) }
			var all sync.WaitGroup
			for i := range leads {
				all.Go(at(i, form))
			}
			all.Wait()
			if leads[0] == "" || leads[0] != leads[1] || leads[0] != leads[2] || leads[0] != leads[3] {
				t.Errorf("one form led to %v", leads)
			}
		}
		var all sync.WaitGroup
		for i := range 4 {
			all.Go(func() {
				nodes[i%2].upload("/desk/imports", "file", url.Values{"do": {"import"}}, [2]string{"表.csv", table})
			})
		}
		all.Wait()
		works, err := nodes[0].records.Works(t.Context(), clerk, "water", 0, 50)
		must(t, err)
		if len(works) != rounds+3 {
			t.Errorf("%d drafts of %d forms and three rows", len(works), rounds)
		}
	})
}

// Whatever button is pressed, what was typed is saved with it.
func TestNothingTypedIsLost(t *testing.T) {
	onEachEngine(t, func(t *testing.T, w *world) {
		path := w.drafted("身份证号" + personal + "，手机13812345678。")
		f := w.get(path).want(http.StatusOK, "不处理不能提交").typed()
		f.Set("summary", "改过的概述")
		w.post(path+"/mask", f).want(http.StatusSeeOther)
		if got := w.work(path); got.Summary != "改过的概述" || strings.Contains(got.Text, personal) {
			t.Errorf("after masking: %q %q", got.Summary, got.Text)
		}
		f = w.get(path).typed()
		f.Set("text", "正文改过了。")
		kase := w.post(path+"/submit", f).leads()
		w.get(kase).want(http.StatusOK, "正文改过了。", "改过的概述", "这一步由其他人办理")
		if again := w.post(path+"/submit", f).leads(); again != kase {
			t.Errorf("sent twice it leads to %s, not %s", again, kase)
		}
		f.Set("text", "又改了一次，但是晚了。")
		w.post(path, f).want(http.StatusConflict, "已经提交审查", "又改了一次，但是晚了。")
		if got := w.work(path).Text; got != "正文改过了。" {
			t.Errorf("what was handed in reads %q now", got)
		}
	})
}

// Several findings stay with one press, each with its reason; what is wrong is said beside the one that it is about, and the note stays typed.
func TestFindingsStay(t *testing.T) {
	onEachEngine(t, func(t *testing.T, w *world) {
		path := w.drafted("身份证号" + personal + "，手机13812345678。")
		page := w.get(path)
		f := page.typed()
		var marks []string
		for _, found := range f["found"] {
			_, mark, _ := strings.Cut(found, "/")
			marks = append(marks, mark)
		}
		if len(marks) != 2 {
			t.Fatalf("found %v", f["found"])
		}
		f.Set("note-"+marks[0], "本机关工作人员")
		f.Set("stay", marks[0])
		w.post(path+"/override", f).want(http.StatusUnprocessableEntity, "请从选项中选择“保留的理由”", "本机关工作人员")
		for _, mark := range marks {
			f.Set("reason-"+mark, "duty")
			f.Set("note-"+mark, "本机关工作人员")
		}
		f.Set("title", "改过的标题")
		w.post(path+"/override", f).want(http.StatusSeeOther)
		if got := w.work(path); len(got.Overrides) != 2 || got.Title != "改过的标题" {
			t.Errorf("%d stay, title %q", len(got.Overrides), got.Title)
		}
		w.post(path+"/submit", w.get(path).typed()).want(http.StatusSeeOther)
	})
}

// What the form does not show of a record is still there when it was edited.
func TestEditKeepsTheRest(t *testing.T) {
	onEachEngine(t, func(t *testing.T, w *world) {
		c := publication.Content{Title: "解读", Category: "statutory.1.interpretation", Text: "正文", Format: "图文", Language: "ug",
			Questions: []publication.Question{{Question: "几天办好？", Answer: "十天。\n\n补正的时间不算。"}},
			Media: []publication.Media{{Kind: "video", Href: "https://example.com/1", Caption: "一"}, {Kind: "video", Href: "https://example.com/2", Caption: "二"},
				{Kind: "chart", Href: "https://example.com/3", Caption: "三"}}}
		id, err := w.records.Draft(t.Context(), clerk, publication.Draft{Body: "water", Content: c})
		must(t, err)
		path := "/desk/records/" + id.String()
		f := w.get(path).typed()
		f.Set("summary", "概述")
		w.post(path, f).want(http.StatusSeeOther)
		got := w.work(path)
		if got.Summary != "概述" || got.Format != "图文" || got.Language != "ug" || len(got.Media) != 3 || len(got.Questions) != 1 || !strings.Contains(got.Questions[0].Answer, "补正的时间不算") {
			t.Errorf("%+v", got.Content)
		}
	})
}

// Text and web pages are attached like other files; what is in them is looked through; what cannot be read is named.
func TestAttachments(t *testing.T) {
	onEachEngine(t, func(t *testing.T, w *world) {
		f := newRecord("见附件")
		path := w.upload("/desk/records/new", "upload", f, [2]string{"说明.txt", "联系人手机13912345678\n"}, [2]string{"页面.html", "<p>身份证号" + personal + "</p>"},
			[2]string{"扫描件.pdf", "%PDF-1.4\n%%EOF\n"}).leads()
		w.get(path).want(http.StatusOK, "13912345678", personal, "在附件“说明.txt”里", "“扫描件.pdf”：整个文件没有读出")
		again := w.upload("/desk/records/new", "upload", f, [2]string{"说明.txt", "联系人手机13912345678\n"}, [2]string{"页面.html", "<p>身份证号" + personal + "</p>"},
			[2]string{"扫描件.pdf", "%PDF-1.4\n%%EOF\n"}).leads()
		if again != path {
			t.Error("with the same files sent again it made another draft")
		}
		w.upload("/desk/records/new", "upload", f, [2]string{"空.txt", ""}, [2]string{"假.pdf", "正文"}).want(http.StatusUnprocessableEntity, "空.txt", "假.pdf", "文件是空的")
	})
}

// Whoever has to mend a record reads why, the head reads what the reviewer found, and the case of a public record leads to it.
func TestCaseTellsWhy(t *testing.T) {
	onEachEngine(t, func(t *testing.T, w *world) {
		path := w.drafted("正文一")
		kase := w.post(path+"/submit", w.get(path).typed()).leads()
		id, err := store.ParseID(kase[strings.LastIndex(kase, "/")+1:])
		must(t, err)
		review := publication.Clear()
		review.Outcome, review.Process, review.Opinion = publication.Return, publication.Yes, "第二段是讨论记录，请删去。"
		_, err = w.records.Review(t.Context(), reviewer, id, w.key(), review)
		must(t, err)
		w.get(kase).want(http.StatusOK, "第二段是讨论记录，请删去。", "岗位water-reviewer", "退回修改", "过程性信息")
		w.get(path).want(http.StatusOK, "查看退回的理由")
		w.get("/desk/records").want(http.StatusOK, "退回修改")
		w.post(path+"/submit", w.get(path).typed()).want(http.StatusSeeOther)
		_, err = w.records.Review(t.Context(), reviewer, id, w.key(), publication.Clear())
		must(t, err)
		w.actor = head
		w.get(kase).want(http.StatusOK, "可以公开", "第二段是讨论记录，请删去。")
		_, err = w.records.Approve(t.Context(), head, id, w.key(), publication.Approval{Outcome: publication.Publish})
		must(t, err)
		w.get(kase).want(http.StatusOK, "已公开", "查看公开的信息")

		// A new version: its reviewer sees what changed.
		w.actor = clerk
		rec := w.public(path)
		f := w.get(w.post("/desk/versions/"+rec.Index, nil).leads()).typed()
		f.Set("text", "正文二")
		next := w.post(path+"/submit", f).leads()
		w.actor = reviewer
		w.get(next).want(http.StatusOK, "与公开的第 1 版相比", "<del", "<ins")
	})
}

func (w *world) public(path string) *publication.Record {
	w.t.Helper()
	id, err := store.ParseID(path[strings.LastIndex(path, "/")+1:])
	must(w.t, err)
	r, err := w.records.Get(w.t.Context(), id)
	must(w.t, err)
	return r
}

// A record whose taking back was refused can be asked for again; while one asking is open, others lead to it.
func TestWithdrawalAgain(t *testing.T) {
	onEachEngine(t, func(t *testing.T, w *world) {
		path := w.drafted("正文")
		kase := w.post(path+"/submit", w.get(path).typed()).leads()
		id, err := store.ParseID(kase[strings.LastIndex(kase, "/")+1:])
		must(t, err)
		_, err = w.records.Review(t.Context(), reviewer, id, w.key(), publication.Clear())
		must(t, err)
		_, err = w.records.Approve(t.Context(), head, id, w.key(), publication.Approval{Outcome: publication.Publish})
		must(t, err)
		back := "/desk/withdrawals/" + w.public(path).Index
		w.post(back, url.Values{"key": {"a"}}).want(http.StatusUnprocessableEntity)
		first := w.post(back, url.Values{"key": {"a"}, "reason": {"error"}, "note": {"图有误"}}).leads()
		if again := w.post(back, url.Values{"key": {"b"}, "reason": {"other"}, "note": {"另一个理由"}}).leads(); again != first {
			t.Errorf("a second asking led to %s", again)
		}
		if got := w.get(back).leads(); got != first {
			t.Errorf("the form leads to %s", got)
		}
		id, err = store.ParseID(first[strings.LastIndex(first, "/")+1:])
		must(t, err)
		stays := publication.Removal{Outcome: publication.Keep}
		if _, err = w.records.TakeDown(t.Context(), head, id, w.key(), stays); err == nil {
			t.Error("a withdrawal was refused without a reason")
		}
		stays.Opinion = "附图已经更正，记录本身无误"
		_, err = w.records.TakeDown(t.Context(), head, id, w.key(), stays)
		must(t, err)
		w.get(first).want(http.StatusOK, stays.Opinion)
		w.get(back).want(http.StatusOK)
		if second := w.post(back, url.Values{"key": {"c"}, "reason": {"error"}, "note": {"图有误"}}).leads(); second == first {
			t.Error("the second asking was taken for the first")
		}
	})
}

// A file of drafts that is sent again, whole or after it was brought in half, adds what is not there yet.
func TestImportSentAgain(t *testing.T) {
	onEachEngine(t, func(t *testing.T, w *world) {
		table := "信息名称,信息分类,正文\n甲通知,statutory.5.guide,甲\n乙通知,statutory.5.guide,乙\n"
		do := func(table string) {
			t.Helper()
			w.upload("/desk/imports", "file", url.Values{"do": {"import"}}, [2]string{"表.csv", table}).want(http.StatusSeeOther)
		}
		do("信息名称,信息分类,正文\n甲通知,statutory.5.guide,甲\n")
		do(table)
		do(table)
		works, err := w.records.Works(t.Context(), clerk, "water", 0, 50)
		must(t, err)
		if len(works) != 2 {
			t.Errorf("%d drafts of two rows", len(works))
		}
	})
}

// Addresses in what a record says are links on its page; the text that the log proves is as it was.
func TestAddressesAreLinks(t *testing.T) {
	onEachEngine(t, func(t *testing.T, w *world) {
		f := newRecord("登记簿：https://hall.example/open/requests?body=water&year=2026。\n\n- 另见https://other.example/a\n- https://a.example/水库")
		f.Set("summary", "目录以外的信息也可以申请：https://hall.example/open/apply/water")
		f.Set("questions", "在哪里看？\nhttps://other.example/b")
		path := w.post("/desk/records/new", f).leads()
		kase := w.post(path+"/submit", w.get(path).typed()).leads()
		id, err := store.ParseID(kase[strings.LastIndex(kase, "/")+1:])
		must(t, err)
		_, err = w.records.Review(t.Context(), reviewer, id, w.key(), publication.Clear())
		must(t, err)
		_, err = w.records.Approve(t.Context(), head, id, w.key(), publication.Approval{Outcome: publication.Publish})
		must(t, err)
		rec := w.public(path)
		if !strings.Contains(rec.Text, "year=2026。\n\n- 另见https://other.example/a") {
			t.Errorf("the text reads %q", rec.Text)
		}
		page := w.get("/open/r/" + rec.Index).want(http.StatusOK).page
		const out = ` rel="nofollow noopener noreferrer"`
		for _, want := range []string{
			`登记簿：<a class="govuk-link oh-break" href="https://hall.example/open/requests?body=water&amp;year=2026">https://hall.example/open/requests?body=water&amp;year=2026</a>。`,
			`<li>另见<a class="govuk-link oh-break" href="https://other.example/a"` + out + `>https://other.example/a</a></li>`, `<li>https://a.example/水库</li>`,
			`申请：<a class="govuk-link oh-break" href="https://hall.example/open/apply/water">https://hall.example/open/apply/water</a>`,
			`<dd><a class="govuk-link oh-break" href="https://other.example/b"` + out + `>https://other.example/b</a></dd>`,
		} {
			if !strings.Contains(page, want) {
				t.Errorf("the page does not hold %s", want)
			}
		}
	})
}
