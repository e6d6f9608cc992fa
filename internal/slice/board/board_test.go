package board_test

import (
	"bufio"
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/store"
	"openhall.org/openhall/internal/platform/store/storetest"
	"openhall.org/openhall/internal/platform/supervision"
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

func (w *world) overview(scope board.Scope, days int) board.Overview {
	w.t.Helper()
	today := calendar.Of(w.now)
	scope.Kind = "licence"
	o, err := w.Overview(w.t.Context(), scope, today-calendar.Date(days-1), today)
	if err != nil {
		w.t.Fatal(err)
	}
	return o
}

func (w *world) scope(division, body string) board.Scope {
	places := w.Registry.Now()
	return board.Scope{Division: places.Division(division), Body: places.Body(body)}
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
			if got := w.overview(w.scope(row.place, row.body), 1).Figures; got != row.want {
				t.Errorf("%s %s on the first day: %+v; want %+v", row.place, row.body, got, row.want)
			}
		}
		// On the 17th both promises have passed; the examiner's ten working days only in the case that was accepted at once.
		w.at("2026-03-17", 9)
		w.follow()
		want := board.Figures{Open: 2, Yellow: 2, Cards: 3, YellowCards: 2, Overtime: 1}
		if got := w.overview(w.scope(hefei, "city-water"), 1).Figures; got != want {
			t.Errorf("the bureau on the 17th: %+v; want %+v", got, want)
		}
		if got := w.overview(w.scope(hefei, "city-water"), 30).Figures; got.Received != 2 || got.Open != 2 {
			t.Errorf("the bureau in 30 days: %+v; want two received", got)
		}
		w.at("2026-03-31", 9)
		w.follow()
		o := w.overview(w.scope(anhui, ""), 1)
		if o.Red != 3 || o.RedCards != 3 || len(o.Divisions) != 1 || o.Divisions[0].Key != hefei || o.Divisions[0].Red != 3 || len(o.Bodies) != 0 {
			t.Errorf("the province on the 31st: %+v; want three past the statute, all in the city", o)
		}
		if len(o.Urgent) == 0 || o.Urgent[0].Lamp != casework.Red {
			t.Errorf("most urgent: %+v; want the case past the statute first", o.Urgent)
		}
		if len(o.Days) != 30 || o.Days[0].Received != 4 || o.Days[0].From != calendar.Day(2026, 3, 2) {
			t.Errorf("the days: %+v; want 30, the first with four received", o.Days)
		}
		if o = w.overview(w.scope(anhui, ""), 365); len(o.Days) != 12 || o.Days[11].Received != 4 || o.Days[11].To != calendar.Day(2026, 3, 31) {
			t.Errorf("the months: %+v; want 12, the last with four received", o.Days)
		}
		if o.Fresh.Waiting != 0 || o.Fresh.Counted == 0 || o.Fresh.Newest.After(w.now) {
			t.Errorf("the numbers reach %+v; want all events", o.Fresh)
		}
		w.apply("city-water")
		if _, err := w.ledger.Sequence(t.Context()); err != nil {
			t.Fatal(err)
		}
		if o = w.overview(w.scope(anhui, ""), 1); o.Fresh.Waiting != 1 {
			t.Errorf("%d events wait to be counted; want one", o.Fresh.Waiting)
		}
	})
}

func TestWindows(t *testing.T) {
	onEachEngine(t, func(t *testing.T, w *world) {
		rec := late(w)
		// The clerk sits at window A01 and has accepted one case of the water bureau.
		o := w.overview(w.scope(hefei, ""), 1)
		if len(o.Centres) != 1 || o.Centres[0].Key != "city-centre" || o.Centres[0].Open != 1 || o.Centres[0].Received != 1 {
			t.Errorf("centres of the city: %+v; want one with one case", o.Centres)
		}
		w.get(city, "/board/"+hefei+"?centre=city-centre", http.StatusOK, "合肥市政务服务中心 · 监察看板", "A01 综合窗口", "合肥市水务局")
		w.get(city, "/board/"+hefei+"?window=window-a", http.StatusOK, "A01 综合窗口 · 监察看板", "合肥市水务局")
		w.get(city, "/board/"+hefei+"/cases?window=window-a&show=open", http.StatusOK, rec.Number)
		w.get(head, "/board/"+hefei+"?body=city-water", http.StatusOK, "A01 综合窗口")
		w.get(head, "/board/"+hefei+"/cases?body=city-water&window=window-a", http.StatusOK, rec.Number)
		w.get(head, "/board/"+hefei+"?window=window-a", http.StatusForbidden) // of a centre that another body runs
		w.get(city, "/board/"+hefei+"?window=nowhere", http.StatusNotFound)
		w.get(city, "/board/"+hefei+"?centre=city-centre&window=nowhere", http.StatusNotFound)
		w.get(county, "/board/"+feixi+"?window=window-a", http.StatusNotFound) // it is the city's
		w.get(city, "/board/"+hefei+"/cards?window=window-a", http.StatusNotFound)
	})
}

var link = regexp.MustCompile(`href="(/board/\d+/(?:cases|cards)[^"]*)"[^>]*>(?:\s*<span class="oh-stat__label">[^<]*</span>)?\s*(?:<span[^>]*data-live="[^"]*">)?(\d+)<`)

// Every number opens the list that it counts.
func TestEveryNumberHasItsList(t *testing.T) {
	onEachEngine(t, func(t *testing.T, w *world) {
		late(w)
		w.at("2026-03-17", 9)
		w.follow()
		w.apply("city-health")
		w.follow()
		seen, more := 0, 0
		lists := map[string]int{}
		for _, path := range []string{"/board/" + anhui + "?period=month", "/board/" + hefei + "?period=today", "/board/" + hefei + "?period=month",
			"/board/" + hefei + "?period=year&body=city-water", "/board/" + hefei + "?centre=city-centre&period=month", "/board/" + hefei + "?window=window-a&period=month",
			"/board/" + hefei + "?body=city-water&window=window-a&period=month", "/board/" + anhui + "?item=city-water&period=year",
			"/board/" + hefei + "/time?period=month", "/board/" + hefei + "/ratings?period=month", "/board/" + hefei + "?from=2026-03-02&to=2026-03-02"} {
			for _, m := range link.FindAllStringSubmatch(w.get(province, path, http.StatusOK), -1) {
				want, err := strconv.Atoi(m[2])
				if err != nil {
					t.Fatal(err)
				}
				address := strings.ReplaceAll(m[1], "&amp;", "&")
				got, known := lists[address]
				if !known {
					got = strings.Count(w.get(province, address, http.StatusOK), `<th scope="row"`)
					lists[address] = got
				}
				if got != want {
					t.Errorf("%s: %s says %d and lists %d", path, m[1], want, got)
				}
				if seen++; want > 0 {
					more++
				}
			}
		}
		if seen < 400 || more < 100 {
			t.Errorf("saw %d numbers, %d of them above zero; want those of eleven pages", seen, more)
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
		w.follow()
		f := supervision.CaseFilter{Scope: supervision.Scope{Division: hefei, Kind: "licence"}, Show: supervision.ShowReceived}
		first, next, err := w.List(t.Context(), f)
		if err != nil || len(first) != 50 || next == nil || *next != first[49].At {
			t.Fatalf("first page: %d cases, cursor %v, %v", len(first), next, err)
		}
		f.After = next
		rest, next, err := w.List(t.Context(), f)
		if err != nil || len(rest) != 3 || next != nil {
			t.Errorf("second page: %d cases, cursor %v, %v; want three and no more", len(rest), next, err)
		}
		page := w.get(city, "/board/"+hefei+"/cases?show=open&after=nonsense", http.StatusOK, "after=")
		after := regexp.MustCompile(`href="([^"]*after=[^"]*)" rel="next"`).FindStringSubmatch(page)
		if rest := w.get(city, strings.ReplaceAll(after[1], "&amp;", "&"), http.StatusOK); strings.Count(rest, `<th scope="row"`) != 3 {
			t.Error("the link to the next page does not lead to the last three")
		}
		table := w.get(city, "/board/"+hefei+"/cases.csv?show=open", http.StatusOK, "办件编号", "取水许可", "合肥市水务局", "!王小明", "!11010519491231002X")
		if lines := strings.Count(table, "\n"); lines != 54 || !strings.HasPrefix(table, "\ufeff") {
			t.Errorf("the download has %d lines; want 53 and a heading", lines)
		}
	})
}

func TestListsAreNarrowed(t *testing.T) {
	onEachEngine(t, func(t *testing.T, w *world) {
		rec := late(w)
		w.at("2026-03-17", 9)
		w.follow()
		for query, want := range map[string]int{
			"show=open": 3, "show=open&lamp=yellow": 3, "show=open&lamp=green": 0, "show=open&status=accepted": 3, "show=open&status=supplement": 0,
			"show=received&from=2026-03-02&to=2026-03-02": 4, "show=received&from=2026-03-03&to=2026-03-17": 0, "show=ended&period=month": 1,
			"show=open&item=city-water": 2, "show=open&window=window-a": 1, "show=open&item=city-water&window=window-a": 1,
			"show=nonsense&lamp=x&status=y&grade=9": 3, "kind=complaint": 0,
		} {
			if got := strings.Count(w.get(city, "/board/"+hefei+"/cases?"+query, http.StatusOK), `<th scope="row"`); got != want {
				t.Errorf("%s lists %d; want %d", query, got, want)
			}
		}
		w.get(city, "/board/"+hefei+"/cases?from=soon&to=2026-03-17&lang=en", http.StatusUnprocessableEntity, "The first day must be a date", `value="soon"`)
		w.get(city, "/board/"+hefei+"/cases?from=2026-03-17&to=2026-03-02", http.StatusUnprocessableEntity, "截止日期不能早于起始日期", `value="2026-03-02"`)
		w.get(city, "/board/"+hefei+"/case/"+rec.Number, http.StatusOK, "总用时", "11 个工作日", "A01 综合窗口") // the working days after the 2nd to the 17th
	})
}

// What is watched changes by itself; it ends with the session, with the node, and when whoever watches goes; and leaves nothing behind.
func TestLive(t *testing.T) {
	w := newWorld(t, storetest.New(t, store.SQLite, schemas...))
	late(w)
	w.actor = city
	server := httptest.NewServer(w.site)
	defer server.Close()
	before := goroutines()
	watch := func(ctx context.Context, query string) (*http.Response, *bufio.Scanner) {
		t.Helper()
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, server.URL+"/board/"+hefei+"/live"+query, nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Accept-Encoding", "gzip")
		res, err := server.Client().Do(req)
		if err != nil {
			t.Fatal(err)
		}
		return res, bufio.NewScanner(res.Body)
	}
	next := func(in *bufio.Scanner, prefix string) string {
		t.Helper()
		for in.Scan() {
			if rest, ok := strings.CutPrefix(in.Text(), prefix); ok {
				return rest
			}
		}
		return ""
	}
	res, in := watch(t.Context(), "?period=month&lang=en")
	if res.StatusCode != http.StatusOK || !strings.HasPrefix(res.Header.Get("Content-Type"), "text/event-stream") || res.Header.Get("Content-Encoding") != "" ||
		res.Header.Get("Cache-Control") != "no-store" {
		t.Fatalf("status %d, %v", res.StatusCode, res.Header)
	}
	var figures map[string]string
	if err := json.Unmarshal([]byte(next(in, "data: ")), &figures); err != nil || figures["total.open"] != "3" || figures["bodies.city-water.open"] != "2" {
		t.Fatalf("at first: %v, %v; want all figures", figures, err)
	}
	w.apply("city-water")
	w.follow()
	figures = nil
	if err := json.Unmarshal([]byte(next(in, "data: ")), &figures); err != nil || figures["total.open"] != "4" || figures["total.red"] != "" {
		t.Fatalf("then: %v, %v; want those that have changed", figures, err)
	}
	w.gone.Store(true)
	if why := next(in, "event: "); why != "finished" {
		t.Errorf("the stream of a session that has ended ends with %q", why)
	}
	if in.Scan() && in.Text() != "data: {}" {
		t.Errorf("it goes on: %s", in.Text())
	}
	res.Body.Close()
	w.gone.Store(false)

	w.actor = county
	if res, _ := watch(t.Context(), ""); res.StatusCode != http.StatusForbidden {
		t.Errorf("a stranger watches: status %d", res.StatusCode)
	} else {
		res.Body.Close()
	}
	w.actor = city
	ctx, leave := context.WithCancel(t.Context())
	res, in = watch(ctx, "")
	next(in, "data: ")
	leave()
	res.Body.Close()
	res, in = watch(t.Context(), "")
	next(in, "data: ")
	close(w.draining)
	for in.Scan() { // until the node lets go
	}
	res.Body.Close()
	server.Client().CloseIdleConnections()
	for try := 0; goroutines() > before; try++ {
		if try == 100 {
			t.Fatalf("%d goroutines, %d before anybody watched", goroutines(), before)
		}
		time.Sleep(50 * time.Millisecond)
	}
}

// goroutines counts those of the board.
func goroutines() int {
	stacks := make([]byte, 1<<20)
	return strings.Count(string(stacks[:runtime.Stack(stacks, true)]), "slice/board.(*")
}
