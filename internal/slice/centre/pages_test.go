package centre_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"openhall.org/openhall/internal/platform/registry"
	"openhall.org/openhall/internal/platform/store"
	"openhall.org/openhall/internal/platform/store/storetest"
	"openhall.org/openhall/internal/slice/centre"
)

func onSQLite(t *testing.T) *world {
	t.Helper()
	return newWorld(t, storetest.New(t, store.SQLite, registry.Schema(), centre.Schema()))
}

// A visitor books without an account, checks in at the machine, is called, served, and finds the way to rate; mistakes are named and
// nothing typed is lost.
func TestAVisit(t *testing.T) {
	w := onSQLite(t)
	w.send(visitor, "GET", "/centres", nil, 200, "市中心", "正在服务")
	w.send(visitor, "GET", "/centres/hall", nil, 200, "政务路 1 号", "09:00-12:00 13:00-17:00", "综合窗口")
	w.send(visitor, "GET", "/centres/none", nil, 404)
	w.send(visitor, "GET", "/centres/hall/book", nil, 200, "水务")
	w.send(visitor, "GET", "/centres/hall/book?line=water&day=2026-11-28", nil, 200, "09:00–09:30")
	book := url.Values{"line": {"water"}, "day": {"2026-11-25"}, "slot": {"09:00"}, "name": {"程小满"}, "phone": {"12345"}}
	w.send(visitor, "POST", "/centres/hall/book", book, 422, "手机号码应为 11 位数字", `value="程小满"`, `value="12345"`)
	book.Set("phone", "13800138001")
	book.Del("slot")
	w.send(visitor, "POST", "/centres/hall/book", book, 422, "请从选项中选择“时段”", `value="13800138001"`)
	book.Set("slot", "09:00")
	rec := w.send(visitor, "POST", "/centres/hall/book", book, 303)
	page := rec.Header().Get("Location")
	w.send(visitor, "GET", page, nil, 200, "已预约", "程*", "138****8001", "!13800138001", "!程小满")
	own := strings.TrimPrefix(page, "/appointments/")
	w.send(visitor, "POST", "/appointments", url.Values{"code": {strings.ToLower(own[:5] + "-" + own[5:])}}, 303)
	w.send(visitor, "POST", "/appointments", url.Values{"code": {"ZZZZZZZZZZ"}}, 422, "没有找到这个代码", "ZZZZZZZZZZ")
	w.send(visitor, "POST", "/centres/hall/kiosk", url.Values{"act": {"code"}, "code": {"1"}}, 422, "没有找到这个代码")
	w.send(visitor, "POST", "/centres/hall/kiosk", url.Values{"line": {"none"}}, 422, "没有这个业务队列")
	rec = w.send(visitor, "POST", "/centres/hall/kiosk", url.Values{"act": {"code"}, "code": {own}}, 303)
	slip := rec.Header().Get("Location")
	w.send(visitor, "GET", slip, nil, 200, "A001", "oh-qr", "预约号")
	w.send(visitor, "GET", "/centres/hall/screen", nil, 200, "现在没有叫号", `http-equiv="refresh"`)
	w.send(clerk, "GET", "/desk/counter", nil, 303)
	w.send(clerk, "GET", "/desk/counter/w1", nil, 200, "A001", "预约号")
	w.send(clerk, "GET", "/desk/counter/w2", nil, 403)
	w.send(visitor, "POST", "/desk/counter/w1", url.Values{"act": {"next"}}, 401)
	w.send(clerk, "POST", "/desk/counter/w1", url.Values{"act": {"next"}}, 303)
	w.send(clerk, "GET", "/desk/counter/w1", nil, 200, "程*", "!程小满") // a name is needed when they are there
	w.send(visitor, "GET", "/centres/hall/screen", nil, 200, "A001", "A01", "程*", "请 A001 号到 A01 综合窗口 办理", "!程小满")
	now, err := w.AtWindow(t.Context(), "w1")
	if err != nil {
		t.Fatal(err)
	}
	act := func(what string, status int, words ...string) {
		t.Helper()
		w.send(clerk, "POST", "/desk/counter/w1", url.Values{"act": {what}, "ticket": {now.ID.String()}}, status, words...)
	}
	act("recall", 303)
	act("begin", 303)
	act("skip", 409, "这个号已经不在本窗口")
	act("dance", 409)
	w.send(clerk, "GET", "/desk/counter/w1", nil, 200, "程小满")
	act("end", 303)
	w.send(visitor, "GET", strings.TrimSuffix(slip, "/slip"), nil, 200, "已办理", "/rate/")
	w.send(clerk, "POST", "/desk/counter/w1", url.Values{"act": {"next"}}, 409, "没有人等候")
	w.send(citizen, "GET", "/me/appointments", nil, 200)
}

// The manager changes stationing and the plan, the head gives authority: first a dry run, then the change.
func TestManaging(t *testing.T) {
	w := onSQLite(t)
	for _, path := range []string{"/desk/centre", "/desk/centre/hall", "/desk/centre/hall/change", "/desk/centre/hall/plan", "/desk/centre/hall/appointments"} {
		w.send(manager, "GET", path, nil, 200)
		w.send(clerk, "GET", path, nil, 403)
	}
	change := url.Values{"kind": {"body"}, "window": {"w1"}, "body": {"water"}, "held": {"yes"}, "day-year": {"2026"}, "day-month": {"11"}, "day-day": {"25"}, "act": {"check"}}
	w.send(manager, "POST", "/desk/centre/hall/change", change, 422, "书面依据")
	change.Set("basis", "水办〔2026〕1 号")
	w.send(manager, "POST", "/desk/centre/hall/change", change, 200, "尚未保存", "水办〔2026〕1 号", "3 个事项")
	if w.Book().Version() != 1 {
		t.Error("the dry run changed the book")
	}
	change.Set("act", "do")
	w.send(manager, "POST", "/desk/centre/hall/change", change, 303)
	w.send(manager, "GET", "/desk/centre/hall", nil, 200, "水办〔2026〕1 号", "水务局")
	give := url.Values{"kind": {"accept"}, "window": {"w1"}, "subject": {"*"}, "held": {"yes"}, "basis": {"水办〔2026〕2 号"}, "day-year": {"2026"}, "day-month": {"11"}, "day-day": {"25"}, "act": {"do"}}
	w.send(head, "POST", "/desk/authority/change", give, 303)
	w.send(head, "GET", "/desk/authority", nil, 200, "已授权", "水办〔2026〕2 号")
	give.Set("day-year", "2020")
	w.send(head, "POST", "/desk/authority/change", give, 422, "不能早于今天")
	if !w.Authorised("data.clerk", "window", "water", "WATER1", "accept") {
		t.Error("the authority does not hold")
	}
	// Fewer places than are booked: the dry run names who loses one.
	for _, phone := range []string{"8001", "8002"} {
		if _, err := w.reserve("water", "2026-11-27", "09:00", phone); err != nil {
			t.Fatal(err)
		}
	}
	plan := url.Values{"hours": {"9:00-12:00"}, "days": {"2026-11-28 9:00-11:00"}, "day-year": {"2026"}, "day-month": {"11"}, "day-day": {"26"}, "act": {"check"},
		"line.water.letter": {"A"}, "line.water.name": {"水务"}, "line.water.minutes": {"10"}, "line.water.slot": {"30"}, "line.water.capacity": {"1"}, "line.water.windows": {"w1"},
		"ahead-days": {"7"}, "cancel-until": {"60"}, "early": {"30"}, "late": {"15"}, "appointed": {"60"}, "priority": {"20"}, "return": {"30"}, "no-shows": {"2"}, "no-show-days": {"30"}, "block-days": {"15"}, "erase-days": {"60"}}
	w.send(manager, "POST", "/desk/centre/hall/plan", plan, 200, "有 1 个预约在新的安排中没有位置", "138****8002")
	plan.Set("erase-days", "10")
	w.send(manager, "POST", "/desk/centre/hall/plan", plan, 422, "保存天数不能少于 45 天")
	plan.Set("erase-days", "60")
	plan.Set("hours", "早上")
	w.send(manager, "POST", "/desk/centre/hall/plan", plan, 422, "开放时间的格式不对", "早上")
	plan.Set("hours", "9:00-12:00")
	plan.Set("act", "do")
	w.send(manager, "POST", "/desk/centre/hall/plan", plan, 303)
	if _, err := w.reserve("water", "2026-11-28", "09:00", "8005"); err != nil {
		t.Errorf("the weekend service: %v", err)
	}
}

// The measures, counted by hand: three items of the water bureau, of which two are stationed at w1 and one of these at w2 as well.
func TestMeasures(t *testing.T) {
	w := onSQLite(t)
	for _, window := range []string{"w1", "w2"} {
		w.record(manager, centre.KindBody, window, "water", "", "2026-11-25", true)
	}
	w.record(manager, centre.KindItem, "w1", "water", "WATER1", "2026-11-25", true)
	w.record(manager, centre.KindItem, "w1", "water", "WATER2", "2026-11-25", true)
	w.record(manager, centre.KindItem, "w2", "water", "WATER2", "2026-11-25", true)
	w.record(manager, centre.KindStaff, "w1", "data", "data.clerk", "2026-11-25", true)
	w.record(head, centre.KindAccept, "w1", "water", centre.All, "2026-11-25", true)
	w.record(head, centre.KindDecide, "w1", "water", "WATER1", "2026-11-25", true)
	places := w.Registry.Now()
	got := w.MeasuresIn(places.Centre("hall"), places.Body("water"))
	for key, want := range map[string]struct {
		kept, all int
		grade     string
	}{
		"merged": {2, 3, "partly"}, "items": {2, 3, "partly"}, "staff": {1, 2, "partly"}, "accept": {2, 2, "place"}, "decide": {1, 2, "partly"},
	} {
		x := got.Share(key)
		if x == nil || x.Kept != want.kept || len(x.Facts) != want.all || x.Grade() != want.grade {
			t.Errorf("%s: %+v, want %+v", key, x, want)
		}
	}
	w.send(visitor, "GET", "/centres/measures", nil, 200, "市中心", "部分到位")
	w.send(manager, "GET", "/desk/measures", nil, 200, "66%（2/3）", "/desk/measures/hall/water/items")
	w.send(manager, "GET", "/desk/measures/hall/water/items", nil, 200, "用水证明", "否")
	w.send(head, "GET", "/desk/measures/hall/water/accept", nil, 200)
	w.send(head, "GET", "/desk/measures/hall/health/accept", nil, 404)
	w.send(clerk, "GET", "/desk/measures", nil, 403)
}

// The stream says that something has changed, and ends when the reader goes.
func TestStream(t *testing.T) {
	w := onSQLite(t)
	ctx, stop := context.WithTimeout(t.Context(), 1500*time.Millisecond)
	defer stop()
	w.draw("water", centre.Ordinary)
	rec := httptest.NewRecorder()
	w.site.ServeHTTP(rec, httptest.NewRequestWithContext(ctx, http.MethodGet, "/centres/hall/screen/events?since=0", nil))
	if got := rec.Body.String(); !strings.Contains(got, "id: 1\nevent: change\n") || rec.Header().Get("Content-Type") != "text/event-stream; charset=utf-8" {
		t.Errorf("%q %q", got, rec.Header().Get("Content-Type"))
	}
}

func FuzzParseSessions(f *testing.F) {
	for _, seed := range []string{"9:00-12:00 13:00-17:00", "9：00—12：00、13:00–17:00", "24:00-24:00", "9-12", "", "12:00-9:00", "9:00-12:00 11:00-13:00"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		list, err := centre.ParseSessions(text)
		if err != nil {
			return
		}
		last := centre.Minute(0)
		for _, s := range list {
			if s.From < last || s.To <= s.From || s.To > 24*60 {
				t.Errorf("%q: %v", text, list)
			}
			last = s.To
		}
	})
}

func FuzzParseSpecial(f *testing.F) {
	for _, seed := range []string{"2026-12-05 9:00-12:00", "2026-12-05", "2026-13-05", "x"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if special, err := centre.ParseSpecial(text); err == nil && special.Day == 0 && !strings.HasPrefix(text, "1970") {
			t.Errorf("%q: %+v", text, special)
		}
	})
}

func FuzzNormalCode(f *testing.F) {
	f.Add("https://hall.example/tickets/ab2cd-3ef4g/")
	f.Fuzz(func(t *testing.T, text string) {
		if once := centre.NormalCode(text); centre.NormalCode(once) != once {
			t.Errorf("%q: %q is not at rest", text, once)
		}
	})
}

func TestMeasuresAreData(t *testing.T) {
	for name, text := range map[string]string{
		"unknown measure": "- {key: x, rule: merged, place: 1, partly: 1, title: {zh-Hans: a, zh-Hant: a, en: a}, of: {zh-Hans: a, zh-Hant: a, en: a}}",
		"unknown rule":    "- {key: items, rule: x, place: 1, partly: 1, title: {zh-Hans: a, zh-Hant: a, en: a}, of: {zh-Hans: a, zh-Hant: a, en: a}}",
		"no words":        "- {key: items, rule: merged, place: 1, partly: 1}",
		"order":           "- {key: items, rule: merged, place: 1, partly: 2, title: {zh-Hans: a, zh-Hant: a, en: a}, of: {zh-Hans: a, zh-Hant: a, en: a}}",
		"unknown key":     "- {kee: items}",
	} {
		if _, err := centre.ParseMeasures([]byte(text)); err == nil {
			t.Errorf("%s is let through", name)
		}
	}
}
