package desk_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"openhall.org/openhall/internal/core/procedure"
	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/identity"
)

func path(c *casework.Case) string { return "/desk/case/" + c.Number }

// form is what the page of a case sends for its task.
func (w *world) form(c *casework.Case, fields ...string) url.Values {
	w.t.Helper()
	values := url.Values{"command-key": {w.key()}, "command-task": {strconv.Itoa(c.Tasks()[0].Token)}, "command-seq": {strconv.FormatInt(c.Seq, 10)}}
	for i := 0; i+1 < len(fields); i += 2 {
		values.Set(fields[i], fields[i+1])
	}
	return values
}

func TestQueueIsMergedOverBodiesAndPaged(t *testing.T) {
	onEachEngine(t, func(t *testing.T, w *world) {
		var want []string
		for i := range 45 {
			w.at("2026-03-02", 8)
			if i >= 30 {
				w.at("2026-03-03", 8) // a day later: behind the others
			}
			want = append(want, w.apply().Number)
		}
		var got []string
		after := ""
		for page := range 3 {
			q, err := w.Queue(t.Context(), clerk, "window", after)
			if err != nil {
				t.Fatal(err)
			}
			for _, it := range q.Items {
				got = append(got, it.Case.Number)
			}
			if after = q.Next; after == "" {
				if page != 1 {
					t.Errorf("%d pages; want two of 40 and 5", page+1)
				}
				break
			}
		}
		if fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("queue %v\nwant  %v", got, want)
		}
		counts, err := w.QueueLengths(t.Context(), clerk)
		if err != nil || counts["window"] != 45 || counts["applicant"] != 0 {
			t.Errorf("counts %v, %v", counts, err)
		}
		if q, err := w.Queue(t.Context(), physician, "reviewer", ""); err != nil || len(q.Items) != 0 {
			t.Errorf("another body sees %d tasks, %v", len(q.Items), err)
		}
		if q, err := w.Queue(t.Context(), clerk, "window", "no.such.cursor!"); err != nil || len(q.Items) != 40 {
			t.Errorf("a broken cursor: %d tasks, %v; want the first page", len(q.Items), err)
		}
	})
}

func TestTransferAndTakingBack(t *testing.T) {
	onEachEngine(t, func(t *testing.T, w *world) {
		free, c := w.accepted(), w.accepted()
		token := strconv.Itoa(c.Tasks()[0].Token)
		w.post(reviewer, path(c)+"/transfer", w.form(c, "to", "")).want(http.StatusUnprocessableEntity, "请从选项中选择“转给”")
		w.post(reviewer, path(c)+"/transfer", w.form(c, "to", "13", "transfer-reason", "休假")).leads(path(c) + "?task=" + token)

		q, err := w.Queue(t.Context(), second, "reviewer", "")
		if err != nil || len(q.Mine) != 1 || q.Mine[0].Case.Number != c.Number || len(q.Items) != 1 || q.Items[0].Case.Number != free.Number {
			t.Fatalf("queue of the colleague %+v, %v; want the transferred case first", q, err)
		}
		next, err := w.Next(t.Context(), second, "reviewer")
		if err != nil || next.Case.Number != c.Number {
			t.Errorf("next %v, %v; want the transferred case", next, err)
		}
		if next, err = w.Next(t.Context(), reviewer, "reviewer"); err != nil || next.Case.Number != free.Number {
			t.Errorf("next of the other %v, %v; want the free case", next, err)
		}
		w.get(reviewer, path(c)).want(http.StatusOK, "这一步已转给账户13（岗位）办理", "收回")
		c = w.load(c.Number)
		w.post(reviewer, path(c), w.form(c, "outcome", "approve", "opinion", "符合条件，建议准予")).want(http.StatusForbidden, "另一位同志")
		w.post(physician, path(c)+"/transfer", w.form(c, "to", "13")).want(http.StatusForbidden)
		w.post(reviewer, path(c)+"/transfer", w.form(c, "to", "31")).want(http.StatusUnprocessableEntity, "同一机关")
		w.post(reviewer, path(c)+"/transfer", w.form(c, "transfer", "back")).leads(path(c) + "?task=" + token)
		if task := w.load(c.Number).Tasks()[0]; task.Holder != 0 {
			t.Errorf("the task is still held by %s", task.Holder)
		}
		w.get(head, path(c)).want(http.StatusOK, "转办：审查 → 合肥市水务局 · water-reviewer", "收回转办：审查", "休假")
	})
}

// The head revokes a letter, with a reason that anybody may read; others are not offered it and cannot.
func TestALetterIsRevoked(t *testing.T) {
	onEachEngine(t, func(t *testing.T, w *world) {
		c := w.accepted()
		letter := c.Documents()[0]
		at := path(c) + "/letter/" + strconv.FormatInt(letter.Seq, 10) + "/" + letter.Kind + "/revoke"
		w.get(head, path(c)).want(http.StatusOK, `href="`+at+`"`)
		for _, other := range []identity.Principal{reviewer, clerk, physician, citizen} {
			if page := w.get(other, path(c)); strings.Contains(page.Body.String(), at) {
				t.Errorf("%s is offered to revoke", other.Post.ID)
			}
			w.get(other, at).want(http.StatusForbidden)
			w.post(other, at, url.Values{"reason": {"依据行政许可法第六十九条撤销"}}).want(http.StatusForbidden)
		}
		w.get(head, path(c)+"/letter/99/"+letter.Kind+"/revoke").want(http.StatusNotFound, "没有这份文书")
		for reason, says := range map[string]string{
			"": "请至少写 10 个字", "错了": "请至少写 10 个字", strings.Repeat("依", 501): "不要超过 500 字",
			"申请人 11010519491231002X 提供了虚假材料": "请删去",
		} {
			w.post(head, at, url.Values{"reason": {reason}}).want(http.StatusUnprocessableEntity, says, reason)
		}
		form := url.Values{"reason": {"受理时材料系伪造，依据行政许可法第六十九条撤销"}, "command-key": {"once"}}
		w.post(head, at, form).leads(path(c))
		w.get(head, path(c)).want(http.StatusOK, "已于 2026年3月2日 撤销", "撤销文书：文书 "+letter.Kind, "受理时材料系伪造")
		w.post(head, at, form).want(http.StatusConflict, "已经撤销")
		events, err := w.cases.Events(t.Context(), c.ID, c.Seq, 0)
		if err != nil || len(events) != 1 || events[0].Kind != casework.DocumentRevoked || strings.Contains(string(events[0].Content), "伪造") {
			t.Errorf("events %+v, %v; want one, whose reason is sealed", events, err)
		}
	})
}

func TestTheNextCaseOpensOnSubmit(t *testing.T) {
	w := onSQLite(t)
	first, last := w.accepted(), w.accepted()
	page := w.get(reviewer, "/desk").want(http.StatusOK, "审查待办", "取水许可", first.Number, last.Number, "剩余 10 个工作日")
	if strings.Index(page.Body.String(), first.Number) > strings.Index(page.Body.String(), last.Number) {
		t.Error("the case that came first does not stand first")
	}
	w.post(reviewer, path(first), w.form(first, "outcome", "approve", "opinion", "符合条件，建议准予")).
		leads(path(last) + "?task=" + strconv.Itoa(last.Tasks()[0].Token))
	w.post(reviewer, path(last), w.form(last, "outcome", "approve", "opinion", "符合条件，建议准予")).leads("/desk?role=reviewer")
	if c := w.load(first.Number); c.Tasks()[0].Element != "decide" {
		t.Errorf("after the examination: %+v", c.Tasks())
	}
	w.get(head, path(first)).want(http.StatusOK, "作出决定", "审查意见及理由", "符合条件，建议准予", "合肥市水务局 · water-reviewer")
}

func TestCasePageShowsDossierClocksAndEffects(t *testing.T) {
	w := onSQLite(t)
	c := w.accepted()
	w.get(reviewer, path(c)).want(http.StatusOK,
		c.Number, "王小明", "11010519491231002X", "取水地点", "巢湖", "5000", // the dossier
		"取水方案", "必要，未上传", // the checklist
		"承诺时限", "2026年3月16日", "法定时限", "2026年3月30日", "《行政许可法》", // the clocks (X02)
		"组织听证", "办理时限暂停计算", "下一环节：听证", "出具特别程序告知书", // what an outcome leads to
		"提交申请", "收件审查", "受理通知书", // the history
		"<svg", "，2026年3月2日，当天办完", // what stands beside a step of the chart is joined as Chinese is
		`name="outcome"`, `accesskey="s"`)
	w.get(reviewer, path(c)+"?lang=en").want(http.StatusOK, "Water abstraction permit", "The clock will stand still", "Next step: Hearing")
	w.get(reviewer, path(c)+"?lang=zh-Hant").want(http.StatusOK, "取水許可", "辦理時限暫停計算")
	if got := w.get(reviewer, path(c)).Header().Get("Cache-Control"); got != "no-store" {
		t.Errorf("Cache-Control %q: a dossier may be kept by a cache", got)
	}
	// Supervisors have a queue of their own, and the dossier is not for them.
	w.get(overseer, "/desk").want(http.StatusOK, "!"+c.Number)
	w.get(overseer, path(c)).want(http.StatusOK, c.Number, "!王小明", "!11010519491231002X")
	// Another body sees nothing of it.
	w.get(physician, path(c)).want(http.StatusForbidden, "!王小明")
	w.get(reviewer, "/desk/case/no-such-number").want(http.StatusNotFound)
}

func TestThePauseIsShownWhileItLasts(t *testing.T) {
	w := onSQLite(t)
	c := w.step(reviewer, w.accepted(), `{"outcome":"hearing","opinion":"涉及他人重大利益","days":20}`)
	w.at("2026-03-05", 9)
	w.get(reviewer, path(c)).want(http.StatusOK, "暂停计时", "起暂停计算：", "听证", "提交后", "办理时限恢复计算", "下一环节：审查")
}

func TestErrorsKeepWhatWasTyped(t *testing.T) {
	w := onSQLite(t)
	c := w.accepted()
	w.post(reviewer, path(c), w.form(c, "outcome", "", "opinion", "写好的意见")).want(http.StatusUnprocessableEntity,
		"填写的内容有问题", "请从选项中选择“结果”", "写好的意见", "错误：取水许可")
	w.post(reviewer, path(c), w.form(c, "outcome", "approve")).want(http.StatusUnprocessableEntity, "请填写“审查意见及理由”", `value="approve" checked`)
	if got := w.load(c.Number); got.Seq != c.Seq {
		t.Errorf("a form with errors moved the case from event %d to %d", c.Seq, got.Seq)
	}
	// A file is taken once: the form that comes back names it and sends it again by itself.
	page := w.upload(reviewer, path(c), w.form(c, "outcome", "approve"), "command-files", "报告.pdf", "%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n").
		want(http.StatusUnprocessableEntity, "不必再选的文件", "报告.pdf")
	_, rest, _ := strings.Cut(page.Body.String(), `name="command-kept" value="`)
	id, _, _ := strings.Cut(rest, `"`)
	w.post(second, path(c), w.form(c, "outcome", "approve", "opinion", "冒用别人的文件", "command-kept", id)).want(http.StatusUnprocessableEntity, "没有找到要提交的文件")
	w.post(reviewer, path(c), w.form(c, "outcome", "approve", "opinion", "符合条件，建议准予", "command-kept", id)).leads("/desk?role=reviewer")
	w.get(head, path(c)).want(http.StatusOK, "报告.pdf", "/file/"+id)
	w.get(physician, path(c)+"/file/"+id).want(http.StatusForbidden)
	w.get(head, path(c)+"/file/12345").want(http.StatusNotFound)
	file := w.get(head, path(c)+"/file/"+id).want(http.StatusOK, "%PDF-1.7")
	if got := file.Header().Get("Content-Disposition"); !strings.HasPrefix(got, "attachment") {
		t.Errorf("Content-Disposition %q: the browser may run the file in our page", got)
	}
	w.upload(head, path(c), w.form(w.load(c.Number), "outcome", "grant"), "command-files", "程序.exe", "MZ\x90\x00").
		want(http.StatusUnprocessableEntity, "“程序.exe”没有收下")
}

// A step that comes back begins with what its slice knows of it, for those who may do it.
func TestStepsStart(t *testing.T) {
	w := onSQLite(t)
	c := w.accepted()
	w.starts = map[string]map[string]any{w.load(c.Number).Tasks()[0].Element: {"outcome": "approve", "opinion": "上次写的意见"}}
	w.get(reviewer, path(c)).want(http.StatusOK, "上次写的意见", `value="approve" checked`)
	if page := w.get(overseer, path(c)); strings.Contains(page.Body.String(), "上次写的意见") {
		t.Error("a supervisor reads what was drafted")
	}
}

func TestATaskThatAnotherHasDone(t *testing.T) {
	w := onSQLite(t)
	c, other := w.accepted(), w.accepted()
	late := w.form(c, "outcome", "refuse", "opinion", "来晚一步")
	w.step(second, c, `{"outcome":"approve","opinion":"符合条件，建议准予"}`)
	w.post(reviewer, path(c), late).want(http.StatusConflict,
		"这一步已经办完", "“审查”已于 2026年3月2日 10:00 由合肥市水务局 · water-reviewer办完", "办理下一件", other.Number)
	w.get(reviewer, path(c)+"?task="+late.Get("command-task")).want(http.StatusOK, "这一步已经办完")
}

func TestAFormFromBeforeTheCaseMovedOn(t *testing.T) {
	w := onSQLite(t)
	c := w.accepted()
	old := w.form(c, "outcome", "approve", "opinion", "写好的意见")
	w.do(clerk, c.ID, casework.Attach{Files: []casework.FileRef{{ID: 1, Name: "补充.pdf", Digest: strings.Repeat("0", 64)}}})
	page := w.post(reviewer, path(c), old).want(http.StatusConflict, "办件有了新的进展", "写好的意见", "补充文件", `name="command-seq" value="3"`)
	if strings.Contains(page.Body.String(), `name="command-seq" value="2"`) {
		t.Error("the form would be refused again and again")
	}
	old.Set("command-seq", "3")
	w.post(reviewer, path(c), old).leads("/desk?role=reviewer")
	// The same form sent twice does the step once.
	w.post(reviewer, path(c), old).want(http.StatusConflict, "这一步已经办完")
}

func TestExaminerCannotDecide(t *testing.T) {
	w := onSQLite(t)
	both := staff(12, "water-reviewer", "water", "reviewer")
	both.Post.Roles = []string{"reviewer", "head"}
	c := w.step(both, w.accepted(), `{"outcome":"approve","opinion":"符合条件，建议准予"}`)
	w.post(both, path(c), w.form(c, "outcome", "grant")).want(http.StatusUnprocessableEntity, "必须由另一个人办理", `value="grant" checked`)
	w.post(head, path(c), w.form(c, "outcome", "refuse")).want(http.StatusUnprocessableEntity, "请填写“理由和依据”")
	w.post(head, path(c), w.form(c, "outcome", "grant")).leads("/desk?role=head")
	if got := w.load(c.Number); got.Status != "decided" {
		t.Errorf("status %s after the decision", got.Status)
	}
}

func TestSearchByNumber(t *testing.T) {
	w := onSQLite(t)
	c := w.accepted()
	for _, typed := range []string{c.Number, " " + strings.ToLower(c.Number) + " ", c.Number[:20] + " " + c.Number[20:]} {
		w.get(reviewer, "/desk/search?number="+url.QueryEscape(typed)).leads(path(c))
	}
	w.get(reviewer, "/desk/search?number=123").want(http.StatusNotFound, "没有这个编号的办件", `value="123"`)
	w.get(reviewer, "/desk/search?number=").want(http.StatusUnprocessableEntity, "请输入办件编号")
	w.get(physician, "/desk/search?number="+c.Number).want(http.StatusForbidden, "不属于本单位")
}

func TestReceivingAtTheCounter(t *testing.T) {
	w := onSQLite(t)
	w.get(clerk, "/desk").want(http.StatusOK, "窗口收件")
	w.get(clerk, "/desk/receive?q=取水").want(http.StatusOK, "取水许可", "合肥市水务局", series)
	w.get(clerk, "/desk/receive?q=结婚").want(http.StatusOK, "没有找到可以收件的事项")
	w.get(clerk, "/desk/receive/"+series).want(http.StatusOK, "申请人类型", "取水地点", "取水方案")
	w.get(clerk, "/desk/receive/HEALTH").want(http.StatusForbidden, "不由本窗口收件")
	w.get(clerk, "/desk/receive/UNKNOWN").want(http.StatusNotFound)
	w.get(citizen, "/desk/receive/"+series).want(http.StatusForbidden)

	values := url.Values{"command-key": {"one"}, "applicant.name": {"李大山"}, "applicant.idNumber": {"wrong"}, "place": {"巢湖"}}
	w.post(clerk, "/desk/receive/"+series, values).want(http.StatusUnprocessableEntity,
		"请从选项中选择“申请人类型”", "请填写“联系电话”", "李大山", "巢湖")
	values.Set("applicant.kind", "person")
	values.Set("applicant.phone", "13800000000")
	values.Set("place", strings.Repeat("远", 21))
	w.post(clerk, "/desk/receive/"+series, values).want(http.StatusUnprocessableEntity, "“取水地点”最多 20 个字，现有 21 个字")
	values.Set("place", "巢湖")
	page := w.upload(clerk, "/desk/receive/"+series, values, "files.plan", "方案.png", "\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x06\x00\x00\x00\x1f\x15\xc4\x89").
		want(http.StatusUnprocessableEntity, "第 18 位应为 X", "方案.png", "李大山")
	_, rest, _ := strings.Cut(page.Body.String(), `name="kept.plan" value="`)
	id, _, _ := strings.Cut(rest, `"`)
	values.Set("kept.plan", id)
	values.Set("applicant.idNumber", "１１０１０５１９４９１２３１００２x") // full-width digits, as Chinese keyboards give them
	number := series + "202603020001"
	w.post(clerk, "/desk/receive/"+series, values).leads("/desk/received/" + number)
	w.post(clerk, "/desk/receive/"+series, values).leads("/desk/received/" + number) // pressed twice: taken in once

	c := w.load(number)
	if c.Channel != casework.Window || c.Party != 0 {
		t.Errorf("channel %s, party %s", c.Channel, c.Party)
	}
	w.get(clerk, "/desk/received/"+number).want(http.StatusOK, number, w.cases.Code(c), "/documents/"+number+"/1/receipt", "打印收件回执")
	w.get(overseer, "/desk/received/"+number).want(http.StatusForbidden)
	dossier, err := w.cases.Dossier(t.Context(), c.ID)
	if err != nil || dossier.Applicant.IDNumber != "11010519491231002X" || len(dossier.Files) != 1 || dossier.Files[0].Material != "plan" {
		t.Errorf("dossier %+v, %v", dossier, err)
	}
	w.get(clerk, path(c)).want(http.StatusOK, "李大山", "已交 1 份", "窗口")
}

func TestTheWindowActsForTheApplicant(t *testing.T) {
	w := onSQLite(t)
	c := w.step(clerk, w.apply(), `{"outcome":"correct","missing":"请补交取水方案"}`)
	w.get(clerk, "/desk?role=applicant").want(http.StatusOK, "等待申请人", c.Number, "补正材料", "待补正")
	w.get(reviewer, path(c)).want(http.StatusOK, "没有需要您办理的环节")
	w.post(clerk, path(c), w.form(c, "note", "当面补交")).leads("/desk?role=applicant")
}

// The preview is what the engine does, and it does nothing to the case.
func TestPreviewAgreesWithWhatHappens(t *testing.T) {
	onEachEngine(t, func(t *testing.T, w *world) {
		for _, outcome := range []string{"approve", "refuse", "hearing", "inspection", "expert", "extend"} {
			c := w.accepted()
			before, err := json.Marshal(c.Progress())
			if err != nil {
				t.Fatal(err)
			}
			o, err := w.Open(t.Context(), reviewer, c.Number, 0)
			if err != nil {
				t.Fatal(err)
			}
			if after, err := json.Marshal(o.Case.Progress()); err != nil || string(after) != string(before) {
				t.Fatalf("looking at the outcomes changed the case: %s, %v", after, err)
			}
			opened := ""
			for _, one := range o.Outcomes {
				for _, f := range one.Effects {
					if one.Value == outcome && f.Kind == procedure.OpenTask {
						opened = f.Element
					}
				}
			}
			got := w.step(reviewer, c, `{"outcome":"`+outcome+`","opinion":"符合条件，建议准予","days":20}`)
			if len(got.Tasks()) != 1 || got.Tasks()[0].Element != opened {
				t.Errorf("%s: the page says %q is next, and %+v is", outcome, opened, got.Tasks())
			}
		}
	})
}

func TestVisitorsSignInFirst(t *testing.T) {
	w := onSQLite(t)
	nobody := identity.Principal{Kind: identity.Visitor}
	for _, address := range []string{"/desk", "/desk/receive", "/desk/case/1"} {
		r := w.get(nobody, address)
		if r.Code != http.StatusSeeOther || !strings.HasPrefix(r.Header().Get("Location"), "/sign-in") {
			t.Errorf("%s: %d to %q; want the sign-in page", address, r.Code, r.Header().Get("Location"))
		}
	}
	w.post(nobody, "/desk/case/1", nil).want(http.StatusUnauthorized)
}
