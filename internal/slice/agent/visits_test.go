package agent_test

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/store"
	"openhall.org/openhall/internal/slice/agent"
)

// TestVisitsOfTheHead: the head of the township centre plans, moves and closes; the agent sees it, and what is late is noticed once.
func TestVisitsOfTheHead(t *testing.T) {
	onEachEngine(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		x := agent.Visit{Village: suji, Agent: zhao.Account, Reason: "disabled", Due: day(t, "2026-03-04"), Visited: agent.Visited{Name: "孙爷爷", Address: "苏集村 9 号"}}
		must(t, w.Plan(ctx, chief, &x))
		if list, err := w.Visits(ctx, zhao.Account, agent.VisitPlanned); err != nil || len(list) != 1 {
			t.Fatalf("the agent sees %v, %v", list, err)
		}
		found, err := w.NoticeLate(ctx)
		must(t, err)
		if found {
			t.Error("noticed before its day was over")
		}
		w.at("2026-03-05", 8)
		for n, want := range []bool{true, false} {
			if found, err = w.NoticeLate(ctx); err != nil || found != want {
				t.Errorf("round %d: %t, %v", n, found, err)
			}
		}
		figures, err := w.Figures(ctx, "town", day(t, "2026-03-05"))
		must(t, err)
		i := slices.IndexFunc(figures, func(f agent.Figures) bool { return f.Agent == zhao.Account })
		if figures[i].Missed != 1 || figures[i].LateVisits != 1 {
			t.Errorf("figures: %+v", figures[i])
		}
		if last := w.acts[len(w.acts)-1]; last.Kind != "agent.visit-late" || last.Data["due"] != "2026-03-04" {
			t.Errorf("the log has %+v", last)
		}

		got, err := w.Visit(ctx, x.ID)
		must(t, err)
		for name, row := range map[string]struct {
			err  error
			want string
		}{
			"not the past":       {w.Move(ctx, chief, &got, zhao.Account, day(t, "2026-03-04"), "改"), "/due range"},
			"no reason":          {w.Move(ctx, chief, &got, zhao.Account, day(t, "2026-03-06"), " "), "/reason required"},
			"not of the village": {w.Move(ctx, chief, &got, qian.Account, day(t, "2026-03-06"), "改派"), "/agent other-village"},
		} {
			if why(row.err) != row.want {
				t.Errorf("%s: %v", name, row.err)
			}
		}
		must(t, w.Assign(ctx, chief, qian.Account, suji, day(t, "2026-03-05")))
		if err := w.Move(ctx, zhao, &got, qian.Account, day(t, "2026-03-06"), "我不去"); err == nil {
			t.Error("an agent gave a visit to another")
		}
		stale := got
		must(t, w.Move(ctx, chief, &got, qian.Account, day(t, "2026-03-06"), "赵去县里培训"))
		if err := w.Move(ctx, chief, &stale, zhao.Account, day(t, "2026-03-07"), "旧页面"); why(err) != "/due moved" {
			t.Errorf("from an old page: %v", err)
		}
		got, err = w.Visit(ctx, x.ID)
		must(t, err)
		if got.Agent != qian.Account || got.Due != day(t, "2026-03-06") || !got.LateAt.IsZero() || len(got.Visited.Moves) != 1 || got.Visited.Moves[0].Agent != zhao.Account {
			t.Errorf("moved: %+v", got)
		}
		if err := w.Finish(ctx, chief, &got, agent.VisitDone, "我没有去"); err == nil {
			t.Error("the head recorded a visit that others make")
		}
		must(t, w.Finish(ctx, chief, &got, agent.VisitDropped, "已由子女接走"))
		if err := w.Move(ctx, chief, &got, zhao.Account, day(t, "2026-03-09"), "又要去"); why(err) != "/due moved" {
			t.Errorf("after it was closed: %v", err)
		}
		w.at("2026-03-20", 8)
		if found, err = w.NoticeLate(ctx); err != nil || found {
			t.Errorf("a closed visit is late: %t, %v", found, err)
		}
	})
}

// placeOf is the first assignment of the township.
func placeOf(w *world) store.ID {
	w.t.Helper()
	list, err := w.Places(w.t.Context(), "town")
	must(w.t, err)
	return list[0].ID
}

// TestPagesOfTheHead: the forms by which visits are planned, moved and closed.
func TestPagesOfTheHead(t *testing.T) {
	w := onSQLite(t)
	const at = "/agent/township/visits"
	w.see(chief, at, "没有上门服务", "苏集村")
	bad := url.Values{"name": {"孙爷爷"}, "due-year": {"2026"}, "due-month": {"13"}, "due-day": {"1"}}
	code, _, page := w.post(chief, at, bad)
	for _, word := range []string{"请选择上门的村", "请选择上门的代办员", "请填写上门地址", "请选择上门的原因", `value="13"`, `value="孙爷爷"`} {
		if code != http.StatusUnprocessableEntity || !strings.Contains(page, word) {
			t.Errorf("half a visit: %d lacks %s", code, word)
		}
	}
	good := url.Values{"village": {suji}, "agent": {zhao.Account.String()}, "name": {"孙爷爷"}, "address": {"苏集村 9 号"}, "reason": {"far"}, "due": {"2026-03-04"}}
	good.Set("village", caohe) // not the agent's
	if code, _, page = w.post(chief, at, good); code != http.StatusUnprocessableEntity || !strings.Contains(page, "由这位代办员负责的村") {
		t.Errorf("a village that is not the agent's: %d", code)
	}
	good.Set("village", suji)
	if code, _, _ = w.post(chief, at, good); code != http.StatusSeeOther {
		t.Fatalf("planned: %d", code)
	}
	w.see(zhao, "/agent/visits", "孙爷爷")
	list, err := w.VisitsOf(t.Context(), "town", agent.VisitPlanned, 9)
	must(t, err)
	one := at + "/" + list[0].ID.String()
	w.see(chief, one, "改期或者改派", "取消这次上门")
	if code, _, page = w.post(chief, one+"/move", url.Values{"agent": {zhao.Account.String()}, "due": {"2026-03-04"}}); code != http.StatusUnprocessableEntity || !strings.Contains(page, "都没有变") || !strings.Contains(page, "为什么改期") {
		t.Errorf("an empty move: %d", code)
	}
	if code, _, page = w.post(chief, one+"/move", url.Values{"agent": {"7"}, "due": {"x"}}); code != http.StatusUnprocessableEntity || !strings.Contains(page, "现在负责这个村的代办员") {
		t.Errorf("a bad move: %d", code)
	}
	if code, _, _ = w.post(chief, one+"/move", url.Values{"agent": {zhao.Account.String()}, "due": {"2026-03-06"}, "reason": {"村民走亲戚"}}); code != http.StatusSeeOther {
		t.Errorf("moved: %d", code)
	}
	w.see(chief, one, "村民走亲戚", "原定")
	mine := "/agent/visits/" + list[0].ID.String()
	w.see(zhao, mine, "村民走亲戚")
	if code, _, page = w.post(zhao, mine+"/move", url.Values{"due": {"2026-03-07"}}); code != http.StatusUnprocessableEntity || !strings.Contains(page, "为什么改期") {
		t.Errorf("put off without a reason: %d", code)
	}
	if code, _, _ = w.post(zhao, mine+"/move", url.Values{"due": {"2026-03-07"}, "reason": {"下雨"}}); code != http.StatusSeeOther {
		t.Errorf("put off: %d", code)
	}
	if code, _, page = w.post(chief, one+"/close", url.Values{}); code != http.StatusUnprocessableEntity || !strings.Contains(page, "请填写结果") {
		t.Errorf("closed without a reason: %d", code)
	}
	must(t, w.Release(t.Context(), chief, placeOf(w), day(t, "2026-03-02")))
	w.at("2026-03-03", 9)
	w.see(chief, at, "请改派")
	if code, _, _ = w.post(chief, one+"/close", url.Values{"result": {"不需要了"}}); code != http.StatusSeeOther {
		t.Errorf("closed: %d", code)
	}
	w.see(chief, at, "不再需要")
	for _, path := range []string{at, one} {
		if code, _ := w.get(zhao, path, "zh-CN"); code != http.StatusForbidden {
			t.Errorf("%s is open to an agent: %d", path, code)
		}
	}
	if code, _ := w.get(chief, at+"/99", "zh-CN"); code != http.StatusNotFound {
		t.Errorf("a visit that is not there: %d", code)
	}
	var refusal *casework.Refusal
	if err := w.Finish(t.Context(), chief, &list[0], agent.VisitDropped, "又一次"); !errors.As(err, &refusal) {
		t.Errorf("closed twice: %v", err)
	}
}
