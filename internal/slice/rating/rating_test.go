package rating_test

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"openhall.org/openhall/demo"
	"openhall.org/openhall/internal/core/statute"
	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/store"
	"openhall.org/openhall/internal/slice/rating"
)

// An answer to a request for information is rated with reasons that speak of answers; none of them is a reason of services, and whoever
// follows the rating up reads them in words.
func TestAnswerHasReasonsOfItsOwn(t *testing.T) {
	onEachEngine(t, func(t *testing.T, w *world) {
		c := w.endedOf("request")
		page := "/track/" + c.Number + "/" + w.cases.Code(c) + "/rate"
		w.fetch(visitor, page+"?grade=2", nil).want(http.StatusOK, "答复的不是我申请的内容", "不予公开的理由不清楚", "!材料样本", "!窗口人员")
		w.fetch(visitor, page, url.Values{"grade": {"2"}, "reasons": {"unclear-refusal", "no-samples"}}).want(http.StatusSeeOther)
		w.settle()
		list, err := w.BadRatings(t.Context(), rating.Filter{Body: "water"})
		if err != nil || len(list) != 1 || strings.Join(list[0].Reasons, " ") != "unclear-refusal" {
			t.Fatalf("bad ratings %+v, %v", list, err)
		}
		w.fetch(visitor, "/hall/ratings", nil).want(http.StatusOK, "不予公开的理由不清楚")
		codes := map[string]bool{}
		for grade := rating.Worst; grade <= rating.Best; grade++ {
			for _, kind := range []string{"", "request"} {
				for _, e := range w.Reasons(kind, grade) {
					if codes[e.Code] {
						t.Errorf("the code %s names two reasons", e.Code)
					}
					codes[e.Code] = true
				}
			}
		}
		said, err := demo.LoadOpinions()
		if err != nil || len(said.Answers) == 0 {
			t.Fatalf("%d answers are rated in the demo, %v", len(said.Answers), err)
		}
		for kind, opinions := range map[string][]demo.Opinion{"matter": said.Ratings, "request": said.Answers} {
			for _, o := range opinions {
				for _, code := range o.Reasons {
					if !slices.ContainsFunc(w.Reasons(kind, o.Grade), func(e statute.Entry) bool { return e.Code == code }) {
						t.Errorf("the demo gives the reason %s with grade %d of a %s", code, o.Grade, kind)
					}
				}
			}
		}
	})
}

// A bad rating becomes one case, however often the slice is asked to open it; who was rated answers but does not close it; the closure is
// public, and so is the comment once it was looked through.
func TestBadRatingIsFollowedUp(t *testing.T) {
	onEachEngine(t, func(t *testing.T, w *world) {
		c := w.ended()
		page := "/track/" + c.Number + "/" + w.cases.Code(c) + "/rate"
		w.fetch(clerk, page, nil).want(http.StatusForbidden, "工作人员不能评价")
		w.fetch(visitor, page, nil).want(http.StatusOK, "非常满意", "非常不满意")
		w.fetch(visitor, page+"?next=details", nil).want(http.StatusUnprocessableEntity, "请从选项中选择")
		w.fetch(visitor, page+"?grade=2", nil).want(http.StatusOK, "服务态度生硬", "!服务热情", "回访电话")
		w.fetch(visitor, page+"?grade=5", nil).want(http.StatusOK, "服务热情", "!服务态度生硬", "!回访电话")
		w.fetch(visitor, page, url.Values{"grade": {"2"}, "contact": {"123"}, "comment": {"态度不好"}}).
			want(http.StatusUnprocessableEntity, "回访电话", "态度不好")
		w.fetch(visitor, page, url.Values{"grade": {"2"}, "reasons": {"stiff", "warm"}, "contact": {"13800000009"}, "comment": {"态度不好"}}).want(http.StatusSeeOther)
		w.fetch(visitor, page, url.Values{"grade": {"5"}}).want(http.StatusConflict, "只能评价一次")
		w.settle()
		list, err := w.BadRatings(t.Context(), rating.Filter{Body: "water"})
		if err != nil || len(list) != 1 || list[0].Case == 0 || list[0].Grade != 2 || strings.Join(list[0].Reasons, " ") != "stiff" {
			t.Fatalf("bad ratings %+v, %v", list, err)
		}
		if n, err := w.Open(t.Context()); n != 0 || err != nil {
			t.Errorf("opened %d again, %v", n, err)
		}
		id := list[0].Case
		if k := w.get(id).Clock("close"); k == nil || k.Term.Statutory.N != 5 { // 国办发〔2019〕51号 as practised: five working days
			t.Errorf("clock %+v", k)
		}
		w.step(id, reviewer, "contact", `{"outcome":"reached","account":"当日电话联系"}`)
		w.step(id, head, "correct", `{"outcome":"corrected","answer":"已致歉"}`)
		if err := w.try(id, head, "revisit", `{"outcome":"satisfied","closure":"已致歉","publishComment":"yes"}`); err == nil {
			t.Error("the body closes its own bad rating")
		}
		err = w.try(id, officer, "revisit", `{"outcome":"satisfied","closure":"已致歉，电话 13800000009","publishComment":"yes"}`)
		var refusal *casework.Refusal
		if !errors.As(err, &refusal) || refusal.Fields[0].Path != "/closure" || !strings.Contains(refusal.Fields[0].Text.Hans, "13800000009") {
			t.Errorf("a telephone number is published: %v", err)
		}
		w.step(id, officer, "revisit", `{"outcome":"satisfied","closure":"已致歉，评价人满意","publishComment":"yes"}`)
		w.fetch(visitor, "/hall/ratings", nil).want(http.StatusOK, "已致歉，评价人满意", "态度不好", "服务态度生硬", "（按期）", "!王小明", "!13800000009")
		w.fetch(visitor, page, nil).want(http.StatusOK, "已致歉，评价人满意")
		w.settle()
		w.same(t)
	})
}

// Ratings whose follow-ups can't be opened hold up no other, however many they are; they are tried again.
func TestOneThatCantBeOpenedLetsOthersPass(t *testing.T) {
	onEachEngine(t, func(t *testing.T, w *world) {
		err := w.DB.Write(t.Context(), func(_ context.Context, tx *store.Tx) error {
			for id := 1; id <= 60; id++ { // of visits that nobody knows
				tx.Queue(`INSERT INTO rating_bad (id, case_id, seq, division, body, item, win, grade, reasons, at, followup, number, status, due_at,
					closed_at, late, closure, comment, withheld) VALUES ($1, 0, 0, '340100000000', 'water', '', '', 1, '[]', 0, 0, '', '', 0, 0, 0, '', '', 0)`, id)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		for range 2 {
			if n, err := w.Open(t.Context()); n != 0 || err == nil {
				t.Fatalf("opened %d, %v", n, err)
			}
		}
		c := w.ended()
		w.fetch(visitor, "/track/"+c.Number+"/"+w.cases.Code(c)+"/rate", url.Values{"grade": {"1"}}).want(http.StatusSeeOther)
		w.settle()
		list, err := w.BadRatings(t.Context(), rating.Filter{Body: "water"})
		if err != nil || !slices.ContainsFunc(list, func(e rating.Entry) bool { return e.Case != 0 }) {
			t.Errorf("no follow-up among %d ratings, %v", len(list), err)
		}
		w.mu.Lock()
		w.now = w.now.Add(11 * time.Minute)
		w.mu.Unlock()
		if n, err := w.Open(t.Context()); n != 0 || err == nil {
			t.Errorf("not tried again: %d, %v", n, err)
		}
	})
}

func (w *world) same(t testing.TB) {
	t.Helper()
	if diff, err := w.Recount(t.Context()); err != nil || len(diff) > 0 {
		t.Errorf("counts differ: %+v, %v", diff, err)
	}
}

// A comment is published only when an official said so and nothing in it makes its writer known.
func TestCommentIsLookedThrough(t *testing.T) {
	for _, row := range []struct {
		comment, publish string
		public, withheld bool
	}{
		{"等了很久", "yes", true, false},
		{"等了很久", "no", false, true},
		{"请打 13800000001", "yes", false, true},
		{"身份证 11010519491231002X", "yes", false, true},
		{"我是王小明，等了很久", "yes", false, true},
		{"", "yes", false, false},
	} {
		w := onSQLite(t)
		c := w.ended()
		w.must(casework.Command{Actor: citizen, Case: c.ID, Act: casework.Rate{Grade: 1, Comment: row.comment}})
		w.settle()
		list, err := w.BadRatings(t.Context(), rating.Filter{})
		if err != nil || len(list) != 1 {
			t.Fatal(list, err)
		}
		w.step(list[0].Case, reviewer, "contact", `{"outcome":"unreached","account":"无人接听"}`)
		w.step(list[0].Case, head, "correct", `{"outcome":"explained","answer":"说明"}`)
		w.step(list[0].Case, officer, "revisit", `{"outcome":"unreached","closure":"联系不上","publishComment":"`+row.publish+`"}`)
		if list, err = w.BadRatings(t.Context(), rating.Filter{}); err != nil {
			t.Fatal(err)
		}
		if e := list[0]; (e.Comment == row.comment && row.comment != "") != row.public || e.Withheld != row.withheld {
			t.Errorf("%q, %s: published %q, withheld %v", row.comment, row.publish, e.Comment, e.Withheld)
		}
	}
}

// A visit is rated once, however many press the button at the same time.
func TestVisitIsRatedOnce(t *testing.T) {
	onEachEngine(t, func(t *testing.T, w *world) {
		w.ticket("QW3RT")
		w.fetch(visitor, "/rate/NONE", nil).want(http.StatusNotFound, "评价码不对")
		w.fetch(visitor, "/rate", url.Values{"code": {" qw3rt "}}).want(http.StatusSeeOther)
		w.fetch(visitor, "/rate", url.Values{"code": {""}}).want(http.StatusUnprocessableEntity, "评价码")
		w.fetch(clerk, "/rate/QW3RT", nil).want(http.StatusForbidden, "工作人员不能评价")
		w.fetch(visitor, "/rate/QW3RT?grade=1", nil).want(http.StatusOK, "综合窗口", "态度差")
		var wg sync.WaitGroup
		var mu sync.Mutex
		taken, again := 0, 0
		for range 16 {
			wg.Go(func() {
				err := w.RateVisit(t.Context(), visitor, "qw3rt", rating.Given{Grade: 1, Reasons: []string{"rude"}, Comment: "态度差"})
				mu.Lock()
				defer mu.Unlock()
				switch {
				case err == nil:
					taken++
				case errors.Is(err, rating.ErrRated):
					again++
				default:
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if taken != 1 || again != 15 {
			t.Fatalf("%d taken, %d told that it was rated", taken, again)
		}
		w.fetch(visitor, "/rate/QW3RT", nil).want(http.StatusOK, "已经评价过", "!态度差")
		w.settle()
		list, err := w.BadRatings(t.Context(), rating.Filter{Window: "w1"})
		if err != nil || len(list) != 1 || list[0].Case == 0 {
			t.Fatalf("bad ratings %+v, %v", list, err)
		}
		windows, err := w.Figures(t.Context(), rating.Filter{Body: "water"}, rating.ByWindow)
		if err != nil || len(windows) != 1 || windows[0].Key != "w1" || windows[0].Grades != [5]int64{1} || windows[0].Followed != 1 {
			t.Errorf("figures %+v, %v", windows, err)
		}
		w.same(t)
	})
}

// A case is rated once, however many try at the same time.
func TestCaseIsRatedOnce(t *testing.T) {
	onEachEngine(t, func(t *testing.T, w *world) {
		c := w.ended()
		var wg sync.WaitGroup
		var mu sync.Mutex
		taken := 0
		for i := range 12 {
			wg.Go(func() {
				_, err := w.do(casework.Command{Actor: visitor, Case: c.ID, Proven: true, Act: casework.Rate{Grade: 1 + i%5}})
				var refusal *casework.Refusal
				mu.Lock()
				defer mu.Unlock()
				if err == nil {
					taken++
				} else if !errors.As(err, &refusal) || refusal.Code != casework.RefusedRated {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if taken != 1 {
			t.Errorf("%d ratings taken", taken)
		}
		w.settle()
		w.same(t)
	})
}

// Officials don't rate, not with a code either; complaints and follow-ups are not rated; nobody opens a follow-up by hand.
func TestWhoMayNot(t *testing.T) {
	w := onSQLite(t)
	c := w.ended()
	for _, p := range []identity.Principal{clerk, reviewer, head, officer, overseer} {
		if _, err := w.do(casework.Command{Actor: p, Case: c.ID, Proven: true, Act: casework.Rate{Grade: 5}}); err == nil {
			t.Errorf("%s rates", p.Post.ID)
		}
		if _, err := w.Complain(t.Context(), p, casework.Applicant{}, rating.Filing{Body: "water", Matter: "delay", What: "慢", Wish: "快"}, nil, w.key()); err == nil {
			t.Errorf("%s complains", p.Post.ID)
		}
	}
	w.must(casework.Command{Actor: citizen, Case: c.ID, Act: casework.Rate{Grade: 1}})
	w.settle()
	for _, p := range []identity.Principal{visitor, citizen, clerk, officer} {
		_, err := w.do(casework.Command{Actor: p, Act: casework.Submit{Kind: rating.FollowupKind, Subject: "water", Channel: casework.Online,
			Applicant: casework.Applicant{Party: p.Account}, Form: []byte(`{"rating":1}`)}})
		if err == nil {
			t.Errorf("%s opens a follow-up", p.Kind)
		}
	}
}

// Counts equal an independent count of what was done, in any order of ratings, follow-ups and lines that pass.
func TestCountsAreThoseOfWhatHappened(t *testing.T) {
	w := onSQLite(t)
	day, tickets := 0, 0
	days := []string{"2026-03-02", "2026-03-03", "2026-03-09", "2026-03-16", "2026-03-24", "2026-03-31"}
	var want rating.Tally
	var open []store.ID
	rapid.Check(t, func(rt *rapid.T) {
		switch rapid.IntRange(0, 3).Draw(rt, "what") {
		case 0:
			grade := rapid.IntRange(1, 5).Draw(rt, "grade")
			c := w.ended()
			w.must(casework.Command{Actor: visitor, Case: c.ID, Proven: true, Act: casework.Rate{Grade: grade}})
			want.Grades[grade-1]++
		case 1:
			grade := rapid.IntRange(1, 5).Draw(rt, "grade")
			tickets++
			code := "T" + strings.Repeat("X", tickets)
			w.ticket(code)
			if err := w.RateVisit(t.Context(), visitor, code, rating.Given{Grade: grade}); err != nil {
				rt.Fatal(err)
			}
			want.Grades[grade-1]++
		case 2:
			if len(open) == 0 {
				return
			}
			id := open[0]
			open = open[1:]
			late := w.get(id).Lamp >= casework.Red
			w.step(id, reviewer, "contact", `{"outcome":"reached","account":"属实"}`)
			w.step(id, head, "correct", `{"outcome":"corrected","answer":"整改"}`)
			w.step(id, officer, "revisit", `{"outcome":"satisfied","closure":"已整改","publishComment":"no"}`)
			want.Closed++
			want.Settled++
			if late {
				want.Overdue++
			}
		case 3:
			if day+1 < len(days) && rapid.IntRange(0, 5).Draw(rt, "pass") == 0 {
				day++
				w.pass(days[day])
			}
		}
		w.settle()
		list, err := w.BadRatings(t.Context(), rating.Filter{Limit: 100})
		if err != nil {
			rt.Fatal(err)
		}
		want.Followed = want.Grades[0] + want.Grades[1]
		open = open[:0]
		for _, e := range list {
			if e.Closed.IsZero() {
				open = append(open, e.Case)
			}
		}
		figures, err := w.Figures(t.Context(), rating.Filter{}, rating.ByBody)
		if err != nil {
			rt.Fatal(err)
		}
		var got rating.Tally
		if len(figures) == 1 {
			got = figures[0].Tally
		}
		if got != want {
			rt.Fatalf("counted %+v, want %+v", got, want)
		}
		w.same(t)
	})
}
