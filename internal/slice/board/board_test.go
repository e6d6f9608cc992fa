package board_test

import (
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/registry"
	"openhall.org/openhall/internal/slice/board"
)

// late fills the world by hand. On Monday 2026-03-02 the city's water bureau takes in two cases and accepts one, whose promise of ten
// working days ends on the 16th and whose statutory twenty end on the 30th; the county takes in one; the health commission takes in
// one that is withdrawn the same day. The other case of the bureau and that of the county are accepted by silence on the 10th, and
// run from the day of receipt all the same (行政许可法 32).
func late(w *world) casework.Receipt {
	w.t.Helper()
	accepted := w.apply("city-water")
	w.step(clerk, accepted.Case, `{"outcome":"accept"}`)
	w.apply("city-water")
	w.apply("county-water")
	gone := w.apply("city-health")
	w.do(citizen, gone.Case, casework.Send{Message: "withdraw"})
	w.follow()
	return accepted
}

func (w *world) overview(division, body string, days int) board.Overview {
	w.t.Helper()
	places := w.Registry.Now()
	today := calendar.Of(w.now)
	o, err := w.Overview(w.t.Context(), board.Scope{Division: places.Division(division), Body: places.Body(body)}, today-calendar.Date(days-1), today)
	if err != nil {
		w.t.Fatal(err)
	}
	return o
}

func TestNumbersOfEachPlace(t *testing.T) {
	onEachEngine(t, func(t *testing.T, w *world) {
		late(w)
		for _, row := range []struct {
			place, body string
			want        board.Figures
		}{
			{anhui, "", board.Figures{Open: 3, Received: 4, Ended: 1}},
			{hefei, "", board.Figures{Open: 3, Received: 4, Ended: 1}},
			{feixi, "", board.Figures{Open: 1, Received: 1}},
			{hefei, "city-water", board.Figures{Open: 2, Received: 2}},
			{hefei, "city-health", board.Figures{Received: 1, Ended: 1}},
		} {
			if got := w.overview(row.place, row.body, 1).Figures; got != row.want {
				t.Errorf("%s %s on the first day: %+v; want %+v", row.place, row.body, got, row.want)
			}
		}
		// On the 17th both promises have passed; the examiner's ten working days only in the case that was accepted at once.
		w.at("2026-03-17", 9)
		w.follow()
		if got, want := w.overview(hefei, "city-water", 1).Figures, (board.Figures{Open: 2, Yellow: 2, Overtime: 1}); got != want {
			t.Errorf("the bureau on the 17th: %+v; want %+v", got, want)
		}
		if got := w.overview(hefei, "city-water", 30).Figures; got.Received != 2 || got.Open != 2 {
			t.Errorf("the bureau in 30 days: %+v; want two received", got)
		}
		w.at("2026-03-31", 9)
		w.follow()
		o := w.overview(anhui, "", 1)
		if o.Red != 3 || len(o.Divisions) != 1 || o.Divisions[0].Key != hefei || o.Divisions[0].Red != 3 || len(o.Bodies) != 0 {
			t.Errorf("the province on the 31st: %+v; want three red cards, all in the city", o)
		}
		if len(o.Urgent) == 0 || o.Urgent[0].Lamp != casework.Red {
			t.Errorf("most urgent: %+v; want the case past the statute first", o.Urgent)
		}
		if o.Waiting != 0 || o.Events == 0 {
			t.Errorf("the numbers reach event %d, %d wait; want all", o.Events, o.Waiting)
		}
		w.apply("city-water")
		if _, err := w.ledger.Sequence(t.Context()); err != nil {
			t.Fatal(err)
		}
		if o = w.overview(anhui, "", 1); o.Waiting != 1 {
			t.Errorf("%d events wait to be counted; want one", o.Waiting)
		}
	})
}

// Each number opens a list with as many lines as the number says.
func TestEveryNumberOpensItsList(t *testing.T) {
	onEachEngine(t, func(t *testing.T, w *world) {
		late(w)
		w.at("2026-03-31", 9)
		w.follow()
		link := regexp.MustCompile(`href="(/board/[^"]*/(?:cases|cards)\?[^"]*)">(?s:.*?)(\d+)</`)
		seen := 0
		for _, path := range []string{"/board/" + anhui + "?period=month", "/board/" + hefei + "?period=today", "/board/" + hefei + "?period=month", "/board/" + hefei + "?period=year&body=city-water"} {
			for _, m := range link.FindAllStringSubmatch(w.get(province, path, http.StatusOK), -1) {
				want, err := strconv.Atoi(m[2])
				if err != nil {
					t.Fatal(err)
				}
				list := w.get(province, strings.ReplaceAll(m[1], "&amp;", "&"), http.StatusOK)
				if got := strings.Count(list, `<th scope="row"`); got != want {
					t.Errorf("%s says %d and lists %d", m[1], want, got)
				}
				seen++
			}
		}
		if seen < 40 {
			t.Errorf("saw %d numbers; want those of 4 boards", seen)
		}
	})
}

func TestTheCaseOfASupervisor(t *testing.T) {
	onEachEngine(t, func(t *testing.T, w *world) {
		rec := late(w)
		w.at("2026-03-31", 9)
		w.follow()
		path := "/board/" + hefei + "/case/" + rec.Number
		w.get(city, path, http.StatusOK, rec.Number, "合肥市水务局", "已受理", "超过法定时限 1 个工作日",
			"2026年3月16日", "2026年3月30日", "怎样算出来的", // the arithmetic of both lines (X02)
			"超过承诺期限（黄牌）", "超过法定期限（红牌）", "环节超时", "已转为超时卡片", "环节时限：审查", // the cards, the first overtaken
			"收件审查", "city-window", "审查", "办理中", "21 个工作日", // who had it for how long
			"<svg", "!王小明", "!11010519491231002X")
		w.get(city, path+"?lang=en", http.StatusOK, "1 working day past the legal limit", "In progress")
		w.get(city, path+"?lang=zh-Hant", http.StatusOK, "超過法定時限 1 個工作日")
		// A case of the county stands on the city's board, and one of the city not on the county's.
		w.get(county, "/board/"+feixi+"/case/"+rec.Number, http.StatusNotFound)
		w.get(city, "/board/"+hefei+"/case/unknown", http.StatusNotFound)
	})
}

func TestWhoMayLookWhere(t *testing.T) {
	onEachEngine(t, func(t *testing.T, w *world) {
		rec := late(w)
		for _, row := range []struct {
			who    identity.Principal
			path   string
			status int
			says   string
		}{
			{province, "/board", http.StatusOK, "安徽省 · 监察看板"},
			{province, "/board/" + feixi, http.StatusOK, "肥西县 · 监察看板"},
			{city, "/board", http.StatusOK, "合肥市 · 监察看板"},
			{manager, "/board", http.StatusOK, "合肥市 · 监察看板"},
			{city, "/board/" + anhui, http.StatusForbidden, ""},
			{county, "/board/" + hefei, http.StatusForbidden, ""},
			{head, "/board", http.StatusOK, "合肥市水务局 · 监察看板"},
			{head, "/board/" + hefei + "?body=city-water", http.StatusOK, "合肥市水务局 · 监察看板"},
			{head, "/board/" + hefei, http.StatusForbidden, ""},
			{head, "/board/" + hefei + "?body=city-health", http.StatusForbidden, ""},
			{head, "/board/" + hefei + "/cases?show=open", http.StatusForbidden, ""},
			{head, "/board/" + hefei + "/cases?body=city-water&show=open", http.StatusOK, rec.Number},
			{head, "/board/" + hefei + "/case/" + rec.Number + "?body=city-water", http.StatusOK, rec.Number},
			{clerk, "/board", http.StatusForbidden, ""},
			{citizen, "/board", http.StatusForbidden, ""},
			{province, "/board/999999999999", http.StatusNotFound, ""},
			{province, "/board/" + hefei + "?body=county-water", http.StatusNotFound, ""},
			{province, "/board/" + hefei + "?body=nobody", http.StatusNotFound, ""},
		} {
			w.get(row.who, row.path, row.status, row.says)
		}
	})
}

func TestListsArePaged(t *testing.T) {
	onEachEngine(t, func(t *testing.T, w *world) {
		for range 53 {
			w.apply("city-water")
		}
		scope := board.Scope{Division: w.Registry.Now().Division(hefei), Body: (*registry.Body)(nil)}
		first, next, err := w.List(t.Context(), scope, board.ShowReceived, w.now.Add(-time.Hour), 0)
		if err != nil || len(first) != 50 || next != first[49].ID {
			t.Fatalf("first page: %d cases, cursor %s, %v", len(first), next, err)
		}
		rest, next, err := w.List(t.Context(), scope, board.ShowReceived, w.now.Add(-time.Hour), next)
		if err != nil || len(rest) != 3 || next != 0 {
			t.Errorf("second page: %d cases, cursor %s, %v; want three and no more", len(rest), next, err)
		}
		if none, _, err := w.List(t.Context(), scope, board.ShowReceived, w.now.Add(time.Hour), 0); err != nil || len(none) != 0 {
			t.Errorf("%d cases received from an hour ahead on, %v", len(none), err)
		}
		w.get(city, "/board/"+hefei+"/cases?show=open&before=nonsense", http.StatusOK, "before="+first[49].ID.String())
	})
}
