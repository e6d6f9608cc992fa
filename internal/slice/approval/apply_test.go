package approval_test

import (
	"bytes"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"

	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/core/lang"
	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/slice/approval"
)

func TestFromStartToReceipt(t *testing.T) {
	each(t, func(t *testing.T, h *hall) {
		h.as(visitor).says(h.get("/hall/apply/"+code), http.StatusOK, "取水许可", "合肥市水务局", "10 个工作日", "20 个工作日", "第三者说明", "不在禁采区", "登录后开始填写",
			"2026年3月16日") // accepted on Monday 2026-03-02, ten working days end on Monday the 16th
		if to := h.to(h.get("/hall/apply/begin/" + code)); !strings.HasPrefix(to, "/signin?next=%2Fhall%2Fapply%2Fbegin") {
			t.Errorf("a visitor is led to %s; want the sign-in page and back", to)
		}
		h.as(citizen)
		draft := h.draft()
		h.says(h.get(draft), http.StatusOK, "申请人信息", "申请内容", "申请材料", "待填写", "尚不能开始")
		h.says(h.get(draft+"/applicant"), http.StatusOK, "王小明", wang, `value="13805510001"`)
		h.says(h.get("/hall/apply/"+code), http.StatusOK, "您有还没有提交的草稿")
		h.fill(draft)
		h.says(h.get(draft+"/check"), http.StatusOK, "王小明", "巢湖", "2026年5月1日", "说明.pdf", "提交申请")
		h.says(h.post(draft+"/check"), http.StatusUnprocessableEntity, "请勾选声明后再提交")
		done := h.to(h.post(draft+"/check", "declare", "true"))
		c := h.byNumber(done[strings.LastIndex(done, "/")+1:])
		if c.Number != code+"20260302"+"0001" || c.Party != citizen.Account || c.Channel != casework.Online || c.Status != "received" {
			t.Errorf("case %+v", c)
		}
		// Five working days from Monday 2026-03-02 end on Monday the 9th (行政许可法 32).
		h.says(h.get(done), http.StatusOK, c.Number, h.cases.Code(c), "2026年3月9日", "10 个工作日")
		if again := h.to(h.post(draft+"/check", "declare", "true")); again != done {
			t.Errorf("sent twice: %s; want the same receipt %s", again, done)
		}
		if to := h.to(h.get(draft + "/form")); to != done {
			t.Errorf("a sent draft leads to %s; want the receipt", to)
		}
		h.says(h.get("/me"), http.StatusOK, "取水许可", c.Number, "已收件")
		if strings.Contains(h.get("/me").body, draft) {
			t.Error("a sent draft is still listed")
		}
	})
}

// Two presses of the button at once give one case.
func TestDoubleSubmission(t *testing.T) {
	each(t, func(t *testing.T, h *hall) {
		draft := h.draft()
		h.fill(draft)
		var wg sync.WaitGroup
		led := make([]string, 8)
		for i := range led {
			wg.Go(func() { led[i] = h.post(draft+"/check", "declare", "true").header.Get("Location") })
		}
		wg.Wait()
		for _, to := range led {
			if to != led[0] || to == "" {
				t.Errorf("led to %q and %q; want one receipt", led[0], to)
			}
		}
		list, err := h.cases.List(t.Context(), casework.Filter{})
		if err != nil || len(list) != 1 {
			t.Errorf("%d cases, %v; want one", len(list), err)
		}
	})
}

func TestWrongAnswersAreKeptAndExplained(t *testing.T) {
	h := onSQLite(t)
	draft := h.draft()
	form := draft + "/form"
	h.says(h.post(form, "version", h.version(form), "place", "这个取水地点的名称写得太长太长太长太长太长太长", "start-year", "2026", "start-month", "2", "start-day", "30",
		"contact", "11010519491231002", "act", "done"), http.StatusUnprocessableEntity,
		"填写的内容有问题", "最多 20 个字", "请填写日历上有的日期", `value="30"`, "这个取水地点的名称写得太长", "应为 18 位", `value="11010519491231002"`)
	h.says(h.post(form, "version", h.version(form), "place", "巢湖", "start-year", "2026", "start-month", "3", "start-day", "30",
		"contact", "1101051949123100Y1", "act", "done"), http.StatusUnprocessableEntity, "第 17 位")
	// Saved for later nothing is checked, and everything is there again.
	if to := h.to(h.post(form, "version", h.version(form), "place", "巢湖", "start-year", "2026", "start-month", "2", "start-day", "30", "act", "later")); to != "/me" {
		t.Errorf("saved for later leads to %s", to)
	}
	h.says(h.get(form), http.StatusOK, `value="30"`, `value="巢湖"`)
	h.says(h.get(draft), http.StatusOK, "待填写")
}

func TestApplicantTypesTheirOwnNumber(t *testing.T) {
	h := onSQLite(t).as(stranger)
	path := h.draft() + "/applicant"
	h.says(h.post(path, "version", h.version(path), "name", "李四", "idNumber", "34052419800101001A", "phone", "123", "act", "done"),
		http.StatusUnprocessableEntity, "第 18 位", `value="34052419800101001A"`, "电话")
	h.says(h.post(path, "version", h.version(path), "act", "done"), http.StatusUnprocessableEntity, "请填写“姓名”", "请填写“公民身份号码”")
	h.to(h.post(path, "version", h.version(path), "name", "李四", "idNumber", li, "phone", "0551-62601234", "act", "done"))
}

// What an account has proved stays, whatever a form sends.
func TestNobodyAppliesUnderAForeignNumber(t *testing.T) {
	h := onSQLite(t)
	draft := h.draft()
	h.to(h.post(draft+"/applicant", "version", h.version(draft+"/applicant"), "name", "李四", "idNumber", li, "phone", "13805510001", "act", "done"))
	if body := h.get(draft + "/applicant").body; strings.Contains(body, li) || !strings.Contains(body, wang) {
		t.Error("the number of the account was replaced by a typed one")
	}
}

func TestStaleDraft(t *testing.T) {
	h := onSQLite(t)
	form := h.draft() + "/form"
	old := h.version(form)
	answers := []string{"start-year", "2026", "start-month", "5", "start-day", "1", "contact", li, "act", "done"}
	h.to(h.post(form, append([]string{"version", old, "place", "巢湖"}, answers...)...))
	p := h.post(form, append([]string{"version", old, "place", "太湖"}, answers...)...)
	h.says(p, http.StatusConflict, "这份草稿在别的窗口里改过了", `value="太湖"`)
	h.says(h.get(form), http.StatusOK, `value="巢湖"`)
	fresh := versionField.FindStringSubmatch(p.body)[1]
	h.to(h.post(form, append([]string{"version", fresh, "place", "太湖"}, answers...)...))
	h.says(h.get(form), http.StatusOK, `value="太湖"`)
}

func TestFiles(t *testing.T) {
	h := onSQLite(t)
	draft := h.draft()
	files := draft + "/files"
	h.says(h.upload(files, "", "", nil, "act", "done"), http.StatusUnprocessableEntity, "缺少必要材料“第三者说明”")
	h.says(h.upload(files, "file-statement", "说明.pdf", []byte("MZ\x90\x00 this is a program"), "act", "upload"), http.StatusUnprocessableEntity, "没有上传", "可以上传")
	h.says(h.upload(files, "file-statement", "说明.docx", pdf, "act", "upload"), http.StatusUnprocessableEntity, "PDF")
	large := append(bytes.Clone(pdf), make([]byte, 20<<20)...)
	h.says(h.upload(files, "file-statement", "说明.pdf", large, "act", "upload"), http.StatusUnprocessableEntity, "超过 20 MB")
	h.says(h.upload(files, "file-statement", "说明.pdf", append(large, make([]byte, 25<<20)...), "act", "upload"), http.StatusRequestEntityTooLarge, "合计超过 40 MB")
	h.to(h.upload(files, "file-statement", "说明.pdf", pdf, "act", "upload"))
	p := h.get(files)
	h.says(p, http.StatusOK, "说明.pdf")
	_, rest, _ := strings.Cut(p.body, `name="remove" value="`)
	id, _, _ := strings.Cut(rest, `"`)
	h.to(h.upload(files, "", "", nil, "remove", id))
	if body := h.get(files).body; strings.Contains(body, `name="remove"`) || !strings.Contains(body, "或者使用以前上传过的文件") {
		t.Error("the removed file is still there, or is not offered as an earlier one")
	}
	h.to(h.upload(files, "", "", nil, "reuse-statement", id, "act", "done"))
	h.says(h.get(draft), http.StatusOK, "已完成")
	// Another account cannot take the file, even when it knows the number.
	h.as(stranger)
	theirs := h.draft() + "/files"
	h.says(h.upload(theirs, "", "", nil, "reuse-statement", id, "act", "done"), http.StatusUnprocessableEntity, "缺少必要材料")
	h.says(h.get(draft), http.StatusNotFound, "没有这份草稿")
}

func TestItemCancelledMeanwhile(t *testing.T) {
	h := onSQLite(t)
	draft := h.draft()
	h.fill(draft)
	gone := *h.item
	gone.Version, gone.Cancelled = 2, &approval.Cancellation{On: calendar.Day(2026, 3, 2), Reason: text("国务院决定取消")}
	h.item = &gone
	h.says(h.post(draft+"/check", "declare", "true"), http.StatusUnprocessableEntity, "已自2026年3月2日起取消", "国务院决定取消", "巢湖")
	p := h.get("/hall/apply/" + code)
	h.says(p, http.StatusOK, "已自2026年3月2日起取消")
	if strings.Contains(p.body, "开始填写") {
		t.Error("a cancelled item still has a button")
	}
	h.says(h.post("/hall/apply/"+code), http.StatusGone, "国务院决定取消")
	h.says(h.get("/hall/apply/nothing"), http.StatusNotFound)
}

// The kind itself refuses, whoever sends the command: the desk and the API come this way too.
func TestKindRefuses(t *testing.T) {
	h := onSQLite(t)
	good := approval.Application{Code: code, Channel: casework.Window,
		Applicant: casework.Applicant{Kind: identity.Person, Name: "王小明", IDNumber: wang, Phone: "13805510001"},
		Form:      []byte(`{"place":"巢湖","start":"2026-05-01","contact":"` + li + `"}`)}
	for i, row := range []struct {
		name   string
		change func(a *approval.Application, it *approval.Item)
		code   string
		fields string
	}{
		{"no such item", func(a *approval.Application, _ *approval.Item) { a.Code = "nothing" }, casework.RefusedSubject, ""},
		{"cancelled", func(_ *approval.Application, it *approval.Item) {
			it.Cancelled = &approval.Cancellation{On: calendar.Day(2026, 3, 1), Reason: text("x")}
		}, casework.RefusedCancelled, ""},
		{"not yet", func(_ *approval.Application, it *approval.Item) { it.EffectiveOn = calendar.Day(2026, 3, 3) }, casework.RefusedSubject, ""},
		{"only at the window", func(a *approval.Application, it *approval.Item) { it.Online, a.Channel = false, casework.API }, casework.RefusedSubject, ""},
		{"no channel", func(a *approval.Application, _ *approval.Item) { a.Channel = "fax" }, casework.RefusedForm, "/channel:enum"},
		{"for organisations", func(_ *approval.Application, it *approval.Item) { it.Serves = []identity.Kind{identity.Enterprise} }, casework.RefusedIdentity, "/applicant/kind:enum"},
		{"the check digit of the card", func(a *approval.Application, _ *approval.Item) { a.Applicant.IDNumber = "110105194912310021" }, casework.RefusedIdentity, "/applicant/idNumber:id-card"},
		{"no name, no phone", func(a *approval.Application, _ *approval.Item) { a.Applicant.Name, a.Applicant.Phone = " ", "" }, casework.RefusedIdentity,
			"/applicant/name:required /applicant/phone:required"},
		{"the form", func(a *approval.Application, _ *approval.Item) {
			a.Form = []byte(`{"place":"巢湖","start":"2026-02-30","contact":"1"}`)
		}, casework.RefusedForm,
			"/contact:id-card /start:date"},
		{"no form", func(a *approval.Application, _ *approval.Item) { a.Form = nil }, casework.RefusedForm, "/contact:required /place:required /start:required"},
		{"materials online", func(a *approval.Application, _ *approval.Item) { a.Channel = casework.API }, casework.RefusedMaterial, "/files/statement:required"},
		{"a file that is not there", func(a *approval.Application, _ *approval.Item) {
			a.Files = []casework.FileRef{{ID: 12345, Digest: "00", Material: "statement"}}
		}, casework.RefusedFile, ""},
	} {
		t.Run(row.name, func(t *testing.T) {
			a, it := good, waterItem()
			row.change(&a, it)
			it.Version = i + 2
			h.item = it
			_, err := h.Submit(t.Context(), clerk, a, fmt.Sprint("kind-", i))
			r, ok := err.(*casework.Refusal) //nolint:errorlint // Do returns it unwrapped
			if !ok || r.Code != row.code {
				t.Fatalf("%v; want the refusal %s", err, row.code)
			}
			var fields []string
			for _, f := range r.Fields {
				fields = append(fields, f.Path+":"+f.Code)
			}
			if got := strings.Join(fields, " "); got != row.fields {
				t.Errorf("fields %q; want %q", got, row.fields)
			}
			if row.code == casework.RefusedSubject || row.code == casework.RefusedCancelled {
				if !r.Text.Complete() {
					t.Errorf("words %+v; want all three languages", r.Text)
				}
			}
		})
	}
	h.item = waterItem()
	if _, err := h.Submit(t.Context(), clerk, good, "good"); err != nil {
		t.Errorf("a good application at the window: %v", err)
	}
	if _, err := h.Submit(t.Context(), stranger, good, "foreign"); err == nil {
		t.Error("a stranger applied for somebody else")
	}
}

func TestStaffDoNotApplyOnline(t *testing.T) {
	h := onSQLite(t).as(clerk)
	h.says(h.post("/hall/apply/"+code), http.StatusForbidden, "只有个人或者单位账户")
}

func TestPagesSpeakThreeLanguages(t *testing.T) {
	h := onSQLite(t)
	for tag, want := range map[lang.Tag]string{lang.Hans: "办理机关", lang.Hant: "辦理機關", lang.En: "Authority"} {
		h.says(h.get("/hall/apply/"+code+"?lang="+string(tag)), http.StatusOK, want)
	}
}
