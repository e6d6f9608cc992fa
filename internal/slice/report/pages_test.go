package report_test

import (
	"archive/zip"
	"bytes"
	"encoding/csv"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/slice/report/sheet"
)

// says asks for a page and looks for words in it.
func (w *world) says(as identity.Principal, method, path string, form url.Values, status int, words ...string) string {
	w.t.Helper()
	rec := w.ask(as, method, path, form)
	if rec.Code != status {
		w.t.Fatalf("%s %s: %d, want %d: %.400s", method, path, rec.Code, status, rec.Body.String())
	}
	for _, word := range words {
		if !strings.Contains(rec.Body.String(), word) {
			w.t.Errorf("%s %s does not say %q", method, path, word)
		}
	}
	return rec.Body.String()
}

// A report by its pages: begun, adjusted with mistakes that are told, written, handed on, approved, read as page, PDF and workbook.
func TestPages(t *testing.T) {
	w := onSQLite(t)
	w.figures["water@2025"] = w.whole(2025, sheet.Figures{"requests/received/person": 2, "requests/published/person": 2})
	delete(w.figures["water@2025"], "decisions/penalty")
	const base = "/desk/reports/water/2025"

	w.says(visitor, "GET", "/open/reports?division="+hefei, nil, http.StatusOK, "合肥市水务局", "未开始", "2026年1月31日", "合肥市人民政府")
	w.says(visitor, "GET", "/open/reports/water/2025", nil, http.StatusNotFound, "还没有公布")
	w.says(clerk, "GET", "/desk/reports", nil, http.StatusOK, "开始编制", "2025年　合肥市水务局")
	w.says(clerk, "POST", "/desk/reports", url.Values{"key": {"k1"}, "owner": {"water"}, "year": {"2025"}}, http.StatusSeeOther)
	w.says(clerk, "POST", "/desk/reports", url.Values{"key": {"k2"}, "owner": {"water"}, "year": {"2025"}}, http.StatusUnprocessableEntity, "已经开始编制")
	w.says(clerk, "GET", base, nil, http.StatusOK, "每个单元格都有数据", "待填", "存在的主要问题及改进情况")
	w.says(other, "GET", base, nil, http.StatusForbidden)

	at := base + "/cell/enforcement/penalty/decisions"
	w.says(clerk, "GET", at, nil, http.StatusOK, "系统没有统计")
	w.says(clerk, "POST", at, url.Values{"value": {"三"}, "reason": {""}}, http.StatusUnprocessableEntity, "请填写不小于 0 的整数", "请说明理由", `value="三"`)
	w.says(clerk, "POST", at, url.Values{"value": {"99999999999999"}, "reason": {"见台帐"}}, http.StatusUnprocessableEntity, "数字太大，最大为 9223372036854")
	w.says(clerk, "POST", at, url.Values{"value": {"3"}, "reason": {"行政处罚案件台账"}}, http.StatusSeeOther)
	w.says(clerk, "GET", at, nil, http.StatusOK, "调整为 3", "行政处罚案件台账")
	w.says(clerk, "GET", base+"/cell/enforcement/penalty/nothing", nil, http.StatusNotFound)
	w.says(clerk, "POST", base+"/hand", url.Values{"key": {"k3"}}, http.StatusUnprocessableEntity, "项核对没有通过")
	for _, section := range []string{"overview", "problems", "other"} {
		w.says(clerk, "POST", base+"/text/"+section, url.Values{"text-" + section: {"# 小标题\n正文<b>\n\n- 一项"}, "version": {"0"}}, http.StatusSeeOther)
	}
	w.says(clerk, "POST", base+"/text/overview", url.Values{"text-overview": {"另一稿"}, "version": {"0"}}, http.StatusConflict, "另一稿", "正文&lt;b&gt;")
	w.says(clerk, "GET", base+"/preview", nil, http.StatusOK, "这是预览", `<h3 class="govuk-heading-m" lang="zh-Hans">小标题</h3>`, `<p class="govuk-body" lang="zh-Hans">正文&lt;b&gt;</p>`)
	w.says(clerk, "POST", base+"/hand", url.Values{"key": {"k4"}}, http.StatusSeeOther)
	w.says(head, "POST", base+"/decide", url.Values{"key": {"k5"}, "outcome": {"return"}}, http.StatusUnprocessableEntity)
	w.says(head, "POST", base+"/decide", url.Values{"key": {"k6"}, "outcome": {"publish"}}, http.StatusSeeOther)

	for lang, words := range map[string][]string{"zh-Hans": {"行政处罚案件台账", "1. 属于国家秘密"}, "zh-Hant": {"1. 屬於國家秘密"}, "en": {"1. State secret", "Natural person"}} {
		w.says(visitor, "GET", "/open/reports/water/2025?lang="+lang, nil, http.StatusOK, words...)
	}
	if pdf := w.says(visitor, "GET", "/open/reports/water/2025/report.pdf", nil, http.StatusOK); !strings.HasPrefix(pdf, "%PDF-") {
		t.Errorf("the PDF begins with %.20q", pdf)
	}
	book := w.says(visitor, "GET", "/open/reports/water/2025/report.xlsx", nil, http.StatusOK)
	z, err := zip.NewReader(bytes.NewReader([]byte(book)), int64(len(book)))
	must(t, err)
	all := ""
	for _, f := range z.File {
		r, err := f.Open()
		must(t, err)
		content, err := io.ReadAll(r)
		must(t, err)
		all += string(content)
	}
	for _, word := range []string{"上年结转政府信息公开申请数量", "未经复议直接起诉", "小标题", "mergeCell"} {
		if !strings.Contains(all, word) {
			t.Errorf("the workbook lacks %q", word)
		}
	}
}

// The statistics of a bureau, a city with and without what lies below, a quarter; and the same as CSV.
func TestStatisticsPages(t *testing.T) {
	w := onSQLite(t)
	w.figures["water@2025"] = w.whole(2025, sheet.Figures{"requests/received/person": 2, "requests/published/person": 1, "requests/carried-forward/person": 1})
	w.figures["county-water@2025"] = w.whole(2025, sheet.Figures{"requests/received/person": 5, "requests/published/person": 5})
	w.says(visitor, "GET", "/open/statistics?division="+hefei+"&year=2025&quarter=2", nil, http.StatusOK, "2025年4月1日", "2025年6月30日", "第2季度")
	if page := w.says(visitor, "GET", "/open/statistics?body=water&year=2025", nil, http.StatusOK); strings.Count(page, ">二、主动公开政府信息情况<") != 1 {
		t.Error("a section with several tables is not named once")
	}
	w.says(visitor, "GET", "/open/statistics?division=999999999999", nil, http.StatusNotFound)
	w.says(visitor, "GET", "/open/statistics?body=nothing", nil, http.StatusNotFound)
	for query, want := range map[string]string{"division=" + hefei: "7", "division=" + hefei + "&below=no": "2", "body=county-water": "5"} {
		text := w.says(visitor, "GET", "/open/statistics/statistics.csv?year=2025&"+query, nil, http.StatusOK)
		rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(text, "\ufeff"))).ReadAll()
		must(t, err)
		for _, row := range rows {
			if row[0] == "requests/received/total" && row[4] != want {
				t.Errorf("%s counts %s requests, want %s", query, row[4], want)
			}
		}
		if len(rows) != 1+6+1+2+1+25*7+15+2 {
			t.Errorf("%s has %d lines", query, len(rows))
		}
	}
	w.says(visitor, "GET", "/open/statistics/statistics.xlsx?year=2025&division="+hefei, nil, http.StatusOK)
}
