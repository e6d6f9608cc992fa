package cleanup_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// A round by its pages: begun with mistakes that are told, a line written and mended, handed on, returned, approved; then read by everybody,
// and taken over.
func TestPages(t *testing.T) {
	w := onSQLite(t)
	w.says(visitor, "GET", "/cleanup", nil, http.StatusOK, "清理台账还没有建立", "还没有公布清理决定")
	w.says(drafter, "GET", "/desk/cleanup", nil, http.StatusOK, "第一个批次是建账批次")
	w.found()
	w.says(drafter, "POST", "/desk/cleanup", url.Values{"key": {"k1"}, "title": {""}, "basis": {"皖政〔2026〕1号"}}, http.StatusUnprocessableEntity, "皖政〔2026〕1号")
	begun := w.ask(drafter, "POST", "/desk/cleanup", url.Values{"key": {"k2"}, "title": {"第一批清理"}, "basis": {"皖政〔2026〕1号"}})
	base := begun.Header().Get("Location")
	if !strings.HasPrefix(base, "/desk/cleanup/rounds/QL") {
		t.Fatalf("begun: %d %s", begun.Code, base)
	}
	w.says(healthy, "GET", base, nil, http.StatusForbidden)
	w.says(drafter, "GET", base+"/choose?q=clinic", nil, http.StatusOK, "事项clinic", "省卫生健康委")
	line := base + "/lines/new?item=clinic&from=health"
	w.says(drafter, "GET", line, nil, http.StatusOK, "事项clinic", "合肥市卫生健康委", "审批专用章启用")
	form := url.Values{"item": {"clinic"}, "from": {"health"}, "fate": {"delegated"}, "on": {"四月一日"}, "basis": {"皖政〔2026〕1号"}, "reason": {"方便群众"}}
	w.says(drafter, "POST", line, form, http.StatusUnprocessableEntity, "请写成 2027-01-01 的样子", "方便群众")
	form.Set("on", "2026-03-01")
	w.says(drafter, "POST", line, form, http.StatusUnprocessableEntity, "不能早于今天", "请选择承接机关", "请选择在办件怎样处理", "请至少安排一次后续监管", "方便群众", `value="2026-03-01"`)
	for name, value := range map[string]string{"on": "2026-04-01", "to": "city-health", "cases": "move", "checklist": "档案\n\n 印章 \n", "follow-due-1": "2026-09-30", "follow-body-1": "health", "follow-what-1": "检查承接情况"} {
		form.Set(name, value)
	}
	w.says(drafter, "POST", line, form, http.StatusSeeOther)
	w.says(drafter, "POST", line, form, http.StatusUnprocessableEntity, "已经列入")
	page := w.says(drafter, "GET", base, nil, http.StatusOK, "事项clinic", "下放", "没有问题", "提交审核")
	_, edit, _ := strings.Cut(page, base+"/lines/")
	edit, _, _ = strings.Cut(edit, `"`)
	edit = base + "/lines/" + edit
	w.says(drafter, "GET", edit, nil, http.StatusOK, "检查承接情况", "档案\n印章", "从批次中删去")
	form.Set("version", "9")
	w.says(drafter, "POST", edit, form, http.StatusConflict, "已经被别人修改", "方便群众")
	form.Set("version", "1")
	form.Set("reason", "申请人就近办理")
	w.says(drafter, "POST", edit, form, http.StatusSeeOther)
	w.says(drafter, "POST", edit+"/drop", url.Values{"version": {"1"}}, http.StatusConflict)

	w.says(drafter, "POST", base+"/hand", url.Values{"key": {"k3"}}, http.StatusSeeOther)
	w.says(reviewer, "GET", base, nil, http.StatusOK, "审核这一批次")
	w.says(drafter, "GET", base, nil, http.StatusOK, "待审核")
	w.says(reviewer, "POST", base+"/decide", url.Values{"key": {"k4"}, "outcome": {"return"}}, http.StatusUnprocessableEntity)
	w.says(reviewer, "POST", base+"/decide", url.Values{"key": {"k5"}, "outcome": {"return"}, "remark": {"补充依据"}}, http.StatusSeeOther)
	w.says(drafter, "GET", base, nil, http.StatusOK, "退回意见", "补充依据")
	w.says(drafter, "POST", base+"/hand", url.Values{"key": {"k6"}}, http.StatusSeeOther)
	w.says(reviewer, "POST", base+"/decide", url.Values{"key": {"k7"}, "outcome": {"pass"}}, http.StatusSeeOther)
	public := "/cleanup/rounds/" + strings.TrimPrefix(base, "/desk/cleanup/rounds/")
	w.says(visitor, "GET", public, nil, http.StatusNotFound, "还没有公布")
	w.says(head, "POST", base+"/decide", url.Values{"key": {"k8"}, "outcome": {"approve"}}, http.StatusSeeOther)
	w.work()

	w.says(visitor, "GET", "/cleanup?q=clinic", nil, http.StatusOK, "第一批清理", "事项clinic", "下放")
	w.says(visitor, "GET", "/cleanup?q=没有的事项", nil, http.StatusOK, "清理决定中没有这样的事项")
	w.says(visitor, "GET", public, nil, http.StatusOK, "申请人就近办理", "正在交接", "检查承接情况", "清理前")
	csv := w.says(visitor, "GET", public+"/list.csv", nil, http.StatusOK, "事项clinic,clinic,省卫生健康委,下放,2026-04-01,合肥市卫生健康委")
	if !strings.HasPrefix(csv, "\uFEFF") {
		t.Error("the table does not say how it is written")
	}
	w.says(visitor, "GET", "/cleanup/items/clinic", nil, http.StatusOK, "申请人就近办理", "省卫生健康委", "/hall/items/clinic@health")
	w.says(visitor, "GET", "/cleanup/items/nothing", nil, http.StatusNotFound, "没有任何清理决定涉及")

	w.says(cityHead, "GET", "/desk/cleanup", nil, http.StatusOK, "正在交接", "事项clinic")
	given, err := w.Handovers(t.Context(), "city-health")
	must(t, err)
	hand := "/desk/cleanup/handovers/" + given[0].Number
	w.says(countyHead, "GET", hand, nil, http.StatusForbidden)
	w.says(healthy, "POST", hand+"/hand", url.Values{"key": {"k9"}, "points": {"1", "2"}, "note": {"都在这里"}}, http.StatusSeeOther)
	w.says(cityHead, "GET", hand, nil, http.StatusOK, "核对和承接", "档案", "没有在办件")
	take := url.Values{"key": {"k10"}, "points": {"1"}, "outcome": {"taken"}, "trained": {"三"}, "training": {"2026-03-20"}, "seal": {"2026-03-30"}}
	w.says(cityHead, "POST", hand+"/take", take, http.StatusUnprocessableEntity, "请填写人数", `value="2026-03-20"`)
	take.Set("trained", "3")
	w.says(cityHead, "POST", hand+"/take", take, http.StatusUnprocessableEntity, "清单还没有全部完成")
	take["points"] = []string{"1", "2"}
	w.says(cityHead, "POST", hand+"/take", take, http.StatusSeeOther)
	w.at("2026-04-01", 9)
	w.work()
	w.says(visitor, "GET", "/cleanup/items/clinic", nil, http.StatusOK, "/hall/items/clinic@city-health")
	w.says(cityHead, "GET", hand, nil, http.StatusOK, "承接")
}
