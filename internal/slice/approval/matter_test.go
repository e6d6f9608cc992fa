package approval_test

import (
	"bytes"
	"errors"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/file"
	"openhall.org/openhall/internal/platform/store"
	"openhall.org/openhall/internal/slice/approval"
)

var keyField = regexp.MustCompile(`name="key" value="([^"]+)"`)

// key returns the key of the form on a page.
func (h *hall) key(path string) string {
	h.t.Helper()
	m := keyField.FindStringSubmatch(h.get(path).body)
	if m == nil {
		h.t.Fatalf("%s has no form", path)
	}
	return m[1]
}

// A case with a correction, a hearing and an extension, followed by number and query code, to its decision and rating.
func TestAMatterIsFollowedToItsEnd(t *testing.T) {
	each(t, func(t *testing.T, h *hall) {
		c := h.apply()
		track := "/track/" + c.Number + "/" + h.cases.Code(c)
		if to := h.as(visitor).to(h.post("/track", "number", " "+strings.ToLower(c.Number), "code", strings.ToLower(h.cases.Code(c)))); to != track {
			t.Fatalf("the look-up leads to %s; want %s", to, track)
		}
		h.says(h.get(track), http.StatusOK, "取水许可", "已收件", "收到申请", "收件审查", "收件回执", "2026年3月9日", "剩余 5 个工作日", "撤回申请", "提交申请")

		h.at("2026-03-03", 9)
		h.step(clerk, c.Number, `{"outcome":"correct","missing":"缺少水资源论证报告书\n缺少公章"}`)
		h.says(h.get(track), http.StatusOK, "待补正", "需要您补正材料", "补正材料一次性告知书", "告知补正", "water-window", "用时 1 个工作日")
		task := track + "/task/" + strconv.Itoa(h.byNumber(c.Number).Tasks()[0].Token)
		h.says(h.get(task), http.StatusOK, "缺少水资源论证报告书", "缺少公章", "请在")
		h.says(h.upload(task, "files", "论证.pdf", []byte("plain words"), "key", h.key(task), "note", "已补齐"), http.StatusUnprocessableEntity, "没有上传", "已补齐")
		if to := h.to(h.upload(task, "files", "论证.pdf", pdf, "key", h.key(task), "note", "已补齐")); to != track {
			t.Errorf("after the step one is at %s", to)
		}
		h.says(h.get(task), http.StatusConflict, "这个环节已经办完")

		h.step(clerk, c.Number, `{"outcome":"accept"}`)
		// Accepted on Tuesday 2026-03-03: ten working days end on the 17th, twenty on the 31st.
		h.says(h.get(track), http.StatusOK, "已受理", "受理通知书", "2026年3月17日", "2026年3月31日", "剩余 10 个工作日", "承诺最迟在这一天", "法律规定最迟在这一天")
		h.step(reviewer, c.Number, `{"outcome":"hearing","days":20,"opinion":"涉及他人重大利益，应当听证"}`)
		h.says(h.get(track), http.StatusOK, "特别程序中", "暂停计时", "起暂停计时：", "特别程序告知书")
		h.at("2026-03-10", 9)
		h.step(reviewer, c.Number, `{"held":"2026-03-09","record":"听证笔录已由当事人签字"}`)
		h.step(reviewer, c.Number, `{"outcome":"extend","opinion":"需要征求流域机构的意见"}`)
		h.step(head, c.Number, `{"outcome":"yes","reasons":"需要征求流域机构的意见"}`)
		h.step(reviewer, c.Number, `{"outcome":"refuse","opinion":"取水总量超过控制指标"}`)
		if plainText := plain(h.get(track).body); strings.Contains(plainText, "取水总量超过控制指标") {
			t.Error("an internal opinion is on the page of the applicant")
		}
		h.step(head, c.Number, `{"outcome":"refuse","reasons":"取水总量超过控制指标，依照条例第二十条不予批准"}`)
		h.says(h.get(track), http.StatusOK, "已决定", "不予行政许可决定书", "延长办理期限通知书")
		if strings.Contains(h.get(track).body, track+"/withdraw") {
			t.Error("a decided matter can still be withdrawn")
		}
		h.says(h.get(track+"/withdraw"), http.StatusConflict, "不能再撤回")
		h.step(clerk, c.Number, `{"manner":"pick-up","delivered":"2026-03-10","receiver":"王小明","fee":1050}`)
		h.letters(t, track)
		h.charged(t)

		h.says(h.get(track), http.StatusOK, "请评价这次服务", track+"/rate") // the page itself belongs to another slice
		h.says(h.get("/hall/decisions"), http.StatusOK, "没有符合条件的决定")  // a refusal is not published
	})
}

// charged asks for what was charged with the last step: ¥10.50 on 10 March 2026 by a body of Hefei (政府信息公开条例 20 第八项).
func (h *hall) charged(t *testing.T) {
	t.Helper()
	for _, row := range []struct {
		of       approval.Charges
		from, to calendar.Date
		want     int64
	}{
		{approval.Charges{}, calendar.Day(2026, 1, 1), calendar.Day(2026, 12, 31), 1050},
		{approval.Charges{Body: "water"}, calendar.Day(2026, 3, 10), calendar.Day(2026, 3, 10), 1050},
		{approval.Charges{Division: "340000000000"}, calendar.Day(2026, 1, 1), calendar.Day(2026, 3, 10), 1050},
		{approval.Charges{Division: "340100000000"}, calendar.Day(2026, 1, 1), calendar.Day(2026, 12, 31), 1050},
		{approval.Charges{Division: "340200000000"}, calendar.Day(2026, 1, 1), calendar.Day(2026, 12, 31), 0},
		{approval.Charges{Body: "housing"}, calendar.Day(2026, 1, 1), calendar.Day(2026, 12, 31), 0},
		{approval.Charges{}, calendar.Day(2026, 3, 11), calendar.Day(2026, 12, 31), 0},
		{approval.Charges{}, calendar.Day(2025, 1, 1), calendar.Day(2026, 3, 9), 0},
	} {
		if got, err := h.Charged(t.Context(), row.of, row.from, row.to); err != nil || got != row.want {
			t.Errorf("charged %+v from %v to %v: %d fen, %v; want %d", row.of, row.from, row.to, got, err, row.want)
		}
	}
}

// letters reads every document of the refused matter.
func (h *hall) letters(t *testing.T, base string) {
	t.Helper()
	number := strings.Split(base, "/")[2]
	want := map[string][]string{
		"receipt-slip":      {"收件回执", "王*", "110105********002X", "第三者说明", "2026年3月9日", "5 个工作日", "查询码", "合肥市水务局"},
		"correction-notice": {"一次告知", "缺少水资源论证报告书", "缺少公章"}, "acceptance-slip": {"受理", "20 个工作日", "10 个工作日"},
		"pause-notice": {"不计入", "听证", "《行政许可法》", "20 日"}, "extension-notice": {"需要征求流域机构的意见", "10 个工作日", "负责人批准", "第42条"},
		// 行政复议法 20: 60 days; 行政诉讼法 46: six months.
		"decision-refusal": {"取水总量超过控制指标，依照条例第二十条不予批准", "60 日", "6 个月", "行政复议", "行政诉讼"},
		"delivery-receipt": {"当面领取", "2026年3月10日"},
	}
	for _, doc := range approval.Documents(h.byNumber(number)) {
		path := base + "/documents" + strings.TrimPrefix(doc.Href, "/documents/"+number)
		h.says(h.get(path), http.StatusOK, want[doc.Kind]...)
		if strings.Contains(h.get(path).body, wang) || strings.Contains(h.get(path).body, "王小明") {
			t.Errorf("%s shows name or number in full to the holder of a query code", doc.Kind)
		}
		delete(want, doc.Kind)
	}
	for kind := range want {
		t.Errorf("the document %s was not issued", kind)
	}
	h.says(h.get(base+"/documents/1/decision-grant"), http.StatusNotFound, "没有这份文书")
	h.says(h.get(base+"/documents/x/receipt-slip"), http.StatusNotFound)
	h.as(citizen)
	h.says(h.get("/me/case/"+number+"/documents/1/receipt-slip"), http.StatusOK, "王小明", wang)
	h.as(visitor)
}

// What is not accepted says why, and by which remedies (行政许可法 32, 38).
func TestNotAccepted(t *testing.T) {
	h := onSQLite(t)
	c := h.apply()
	h.step(clerk, c.Number, `{"outcome":"reject","reasons":"依法不属于本机关职权范围，请向省水利厅申请"}`)
	d := h.byNumber(c.Number).Documents()
	if len(d) != 1 || d[0].Kind != "rejection-slip" {
		t.Fatalf("documents %+v; want the rejection slip", d)
	}
	h.says(h.get("/me/case/"+c.Number+"/documents/2/rejection-slip"), http.StatusOK, "不予受理决定书", "请向省水利厅申请", "60 日", "6 个月")
}

// Without a notice within five working days the application is accepted from the day it was received (行政许可法 32).
func TestDeemedAcceptance(t *testing.T) {
	h := onSQLite(t)
	c := h.apply() // Monday 2026-03-02; the five working days end on Monday the 9th
	h.at("2026-03-10", 1)
	if _, err := h.cases.Wake(t.Context()); err != nil {
		t.Fatal(err)
	}
	p := h.get("/me/case/" + c.Number)
	h.says(p, http.StatusOK, "已受理", "视为受理告知书", "未办完即结束", "系统按时自动办理")
	d := h.byNumber(c.Number).Documents()
	last := d[len(d)-1]
	h.says(h.get("/me/case/"+c.Number+"/documents/"+strconv.FormatInt(last.Seq, 10)+"/"+last.Kind), http.StatusOK, "自收到申请材料之日起即为受理", "20 个工作日")
}

func TestGrantedLicencesArePublic(t *testing.T) {
	each(t, func(t *testing.T, h *hall) {
		c := h.apply()
		h.step(clerk, c.Number, `{"outcome":"accept"}`)
		h.step(reviewer, c.Number, `{"outcome":"approve","opinion":"符合条件、标准，建议准予"}`)
		h.step(head, c.Number, `{"outcome":"grant","validUntil":"2031-03-01"}`)
		h.as(visitor)
		p := h.get("/hall/decisions?division=" + hefei)
		h.says(p, http.StatusOK, "取水许可", "王*", c.Number, "2026年3月2日", "只显示：合肥市")
		if strings.Contains(p.body, "王小明") {
			t.Error("the register names a person")
		}
		h.says(h.get("/hall/decisions?body=water&item="+code), http.StatusOK, c.Number)
		h.says(h.get("/hall/decisions?division=340200000000"), http.StatusOK, "没有符合条件的决定")
		h.says(h.get("/hall/decisions?before=0.1"), http.StatusOK, "没有符合条件的决定")
		h.says(h.get("/hall/decisions?division=%25&before=x"), http.StatusOK, c.Number)
		d := h.byNumber(c.Number).Documents()
		last := d[len(d)-1]
		h.as(citizen).says(h.get("/me/case/"+c.Number+"/documents/"+strconv.FormatInt(last.Seq, 10)+"/"+last.Kind), http.StatusOK, "准予行政许可决定书", "2031年3月1日", "王小明")
	})
}

func TestRegisterPages(t *testing.T) {
	h := onSQLite(t)
	for range 25 {
		c := h.apply()
		h.step(clerk, c.Number, `{"outcome":"accept"}`)
		h.step(reviewer, c.Number, `{"outcome":"approve","opinion":"符合条件、标准，建议准予"}`)
		h.step(head, c.Number, `{"outcome":"grant"}`)
	}
	seen := map[string]bool{}
	f := approval.DecisionFilter{Limit: 10}
	for {
		list, err := h.Decisions(t.Context(), f)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range list {
			if seen[d.Number] {
				t.Errorf("%s twice", d.Number)
			}
			seen[d.Number] = true
		}
		if len(list) < 10 {
			break
		}
		f.Before = &approval.Cursor{DecidedAt: list[9].DecidedAt.UnixMicro(), Case: list[9].Case}
	}
	if len(seen) != 25 {
		t.Errorf("%d decisions; want 25", len(seen))
	}
	if p := h.get("/hall/decisions"); !strings.Contains(p.body, "before=") {
		t.Error("the register has no next page")
	}
}

func TestWithdraw(t *testing.T) {
	each(t, func(t *testing.T, h *hall) {
		c := h.apply()
		path := "/me/case/" + c.Number + "/withdraw"
		key := h.key(path)
		h.says(h.post(path, "key", key), http.StatusUnprocessableEntity, "请填写“撤回的原因”")
		h.says(h.post(path, "key", key, "reason", strings.Repeat("长", 501)), http.StatusUnprocessableEntity, "最多 500 个字", "长长长")
		h.to(h.post(path, "key", key, "reason", "不再需要"))
		h.to(h.post(path, "key", key, "reason", "不再需要")) // pressed twice
		if c = h.byNumber(c.Number); c.Open() || c.Result != "withdrawn" || c.Seq != 2 {
			t.Errorf("status %s after %d events; want withdrawn after two", c.Status, c.Seq)
		}
		h.says(h.post(path, "key", "another", "reason", "不再需要"), http.StatusConflict)
		h.says(h.get("/me"), http.StatusOK, "已经办结", "已撤回")
	})
}

func TestAttachAndApplication(t *testing.T) {
	h := onSQLite(t)
	c := h.apply()
	own := "/me/case/" + c.Number
	h.says(h.upload(own+"/files", "", "", nil, "key", "k1"), http.StatusUnprocessableEntity, "请选择要上传的文件")
	h.to(h.upload(own+"/files", "files", "补充.pdf", pdf, "key", "k2"))
	p := h.get(own + "/application")
	h.says(p, http.StatusOK, "王小明", wang, "巢湖", "说明.pdf", "补充.pdf")
	_, rest, _ := strings.Cut(p.body, own+"/file/")
	id, _, _ := strings.Cut(rest, `"`)
	link := own + "/file/" + id
	got := h.get(link)
	if got.status != http.StatusOK || got.body != string(pdf) || !strings.Contains(got.header.Get("Content-Disposition"), "attachment") ||
		got.header.Get("Content-Type") != "application/pdf" || got.header.Get("Cache-Control") != "no-store" {
		t.Errorf("file: %d %v", got.status, got.header)
	}
	h.says(h.get(own+"/file/1"), http.StatusNotFound)
	track := "/track/" + c.Number + "/" + h.cases.Code(c)
	h.as(visitor).says(h.get(track+"/application"), http.StatusForbidden, "请用申请人的账户登录")
	h.says(h.get(track+"/file/"+id), http.StatusForbidden)
}

// A file that somebody else has uploaded, or nobody, is refused, and nothing else of the command happens.
func TestFilesOfOthers(t *testing.T) {
	each(t, func(t *testing.T, h *hall) {
		c := h.apply()
		f, err := h.files.Put(t.Context(), stranger.Account, "fremd.pdf", bytes.NewReader(pdf), file.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		for i, id := range []store.ID{f.ID, 4711} {
			_, err := h.cases.Do(t.Context(), casework.Command{Key: "steal-" + strconv.Itoa(i), Actor: h.actor, Case: c.ID,
				Act: casework.Attach{Files: []casework.FileRef{{ID: id, Name: "x.pdf", Digest: f.Digest, Size: f.Size, Type: f.Type}}}})
			var refused *casework.Refusal
			if !errors.As(err, &refused) || refused.Code != casework.RefusedFile {
				t.Errorf("file %d: %v", id, err)
			}
		}
		if now := h.byNumber(c.Number); now.Seq != c.Seq {
			t.Errorf("a refused command left an event: %d, was %d", now.Seq, c.Seq)
		}
		h.to(h.upload("/me/case/"+c.Number+"/files", "files", "补充.pdf", pdf, "key", "mine")) // and the case goes on
	})
}

func TestWhoReadsAMatter(t *testing.T) {
	each(t, func(t *testing.T, h *hall) {
		c := h.apply()
		own := "/me/case/" + c.Number
		h.says(h.get(own), http.StatusOK, h.cases.Code(c))
		h.as(stranger).says(h.get(own), http.StatusForbidden)
		h.says(h.get("/hall/apply/done/"+c.Number), http.StatusForbidden)
		h.as(visitor)
		if to := h.to(h.get(own)); !strings.HasPrefix(to, "/signin") {
			t.Errorf("a visitor is led to %s", to)
		}
		h.as(clerk).says(h.get("/documents/"+c.Number+"/1/receipt-slip"), http.StatusOK, "王小明", "/desk/case/"+c.Number)
		h.as(stranger).says(h.get("/documents/"+c.Number+"/1/receipt-slip"), http.StatusForbidden)

		// Handed in at the window under the stranger's number: found once they have proved it.
		rec, err := h.Submit(t.Context(), clerk, approval.Application{Code: code, Channel: casework.Window,
			Applicant: casework.Applicant{Kind: "person", Name: "李四", IDNumber: li, Phone: "13805510002"},
			Form:      []byte(`{"place":"巢湖","start":"2026-05-01","contact":"` + li + `"}`)}, "window")
		if err != nil {
			t.Fatal(err)
		}
		h.as(stranger).says(h.get("/me"), http.StatusOK, "还没有办件")
		h.says(h.get("/me/case/"+rec.Number), http.StatusForbidden)
		h.profiles[stranger.Account] = approval.Profile{Kind: "person", Name: "李四", IDNumber: li}
		h.says(h.get("/me"), http.StatusOK, rec.Number)
		h.says(h.get("/me/case/"+rec.Number), http.StatusOK, "窗口申请")
		h.says(h.get(own), http.StatusForbidden)
	})
}

func TestQueryCodesCannotBeTried(t *testing.T) {
	h := onSQLite(t)
	c := h.apply()
	h.as(visitor)
	h.says(h.post("/track", "number", "123", "code", ""), http.StatusUnprocessableEntity, "办件编号", "请填写“查询码”", `value="123"`)
	h.says(h.post("/track", "number", c.Number, "code", "22222222"), http.StatusNotFound, "没有找到", c.Number)
	h.says(h.get("/track/"+c.Number), http.StatusOK, c.Number)
	for range 25 {
		h.get("/track/" + c.Number + "/22222222")
	}
	h.says(h.get("/track/"+c.Number+"/"+h.cases.Code(c)), http.StatusTooManyRequests, "错误次数太多")
	h.says(h.post("/track", "number", c.Number, "code", h.cases.Code(c)), http.StatusTooManyRequests)
	h.at("2026-03-02", 11)
	h.says(h.get("/track/"+c.Number+"/"+h.cases.Code(c)), http.StatusOK)
}

func TestProof(t *testing.T) {
	h := onSQLite(t)
	c := h.apply()
	path := "/track/" + c.Number + "/" + h.cases.Code(c) + "/proof/"
	e, err := h.cases.Event(t.Context(), c.ID, 1)
	if err != nil {
		t.Fatal(err)
	}
	if p := h.get(path + "1.json"); p.status != http.StatusOK || p.body != `{"event":"`+e.ID.String()+`"}` {
		t.Errorf("%d %s", p.status, p.body)
	}
	h.says(h.get(path+"9.json"), http.StatusNotFound)
	h.says(h.get(path+"1"), http.StatusNotFound)
	h.waiting = true
	h.says(h.get(path+"1.json"), http.StatusServiceUnavailable, "正在写入公开日志")
}

// BenchmarkTrack is a tracking page from request to answer: reading, policy, rendering.
func BenchmarkTrack(b *testing.B) {
	h := onSQLite(b)
	c := h.apply()
	h.step(clerk, c.Number, `{"outcome":"accept"}`)
	path := "/track/" + c.Number + "/" + h.cases.Code(c)
	h.as(visitor)
	b.ReportAllocs()
	for b.Loop() {
		if p := h.get(path); p.status != http.StatusOK {
			b.Fatal(p.status)
		}
	}
}
