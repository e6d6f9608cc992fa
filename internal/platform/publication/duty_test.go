package publication_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/core/lang"
	"openhall.org/openhall/internal/core/statute"
	"openhall.org/openhall/internal/core/term"
	"openhall.org/openhall/internal/platform/publication"
	"openhall.org/openhall/internal/platform/store"
)

func (w *world) write(fn func(ctx context.Context, tx *store.Tx) error) {
	w.t.Helper()
	must(w.t, w.db.Write(w.t.Context(), fn))
}

func (w *world) duty(key string) publication.Duty {
	w.t.Helper()
	d, err := w.Duty(w.t.Context(), key)
	must(w.t, err)
	return d
}

// TestInterpretation: a normative document owes its interpretation within three working days, and the interpretation meets that.
func TestInterpretation(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		c := note("节约用水办法")
		c.Category = "statutory.1.normative"
		r := w.public(c)
		d := w.duty(publication.InterpretationOf(r.ID))
		// Published on Monday 2 March: the third working day after is Thursday.
		if d.Due.String() != "2026-03-05" || d.State != publication.Owed || d.Late || d.About != r.ID || d.Body != "hf-water" || d.Length.Article.IsZero() {
			t.Errorf("owed: %+v", d)
		}
		reading := note("《节约用水办法》解读")
		reading.Category, reading.Links = "statutory.1.interpretation", []publication.Link{{Kind: publication.Interprets, Record: r.ID}}
		w.at("2026-03-05", 23)
		i := w.public(reading)
		if d = w.duty(d.Key); d.State != publication.Met || d.Late || d.Record != i.ID {
			t.Errorf("met: %+v", d)
		}
		if n, err := w.NoticeLate(ctx); n != 0 || err != nil {
			t.Errorf("late: %d, %v", n, err)
		}
		links, err := w.Links(ctx, r.ID)
		if err != nil || len(links.From) != 1 || links.From[0].Kind != publication.Interprets || links.From[0].Entry.ID != i.ID {
			t.Errorf("links: %+v, %v", links, err)
		}
	})
}

// TestLate: a duty whose day has passed becomes a case, which says so in the log (rule supervision.duty-late makes a card of that), and ends
// when the duty is met.
func TestLate(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		owe := publication.Duty{Key: "decision/1", Kind: "decision", Body: "hf-water", Title: text("行政许可决定"),
			Length: term.Length{N: 7, Unit: statute.WorkingDay}, Category: "statutory.5.decision"}
		yearly := publication.Duty{Key: "annual/hf-water/2025", Kind: "annual-report", Body: "hf-water", Title: text("2025 年年报"), Due: day("2026-03-31"), Rule: "report.annual.departments"}
		for range 2 { // noted twice, owed once
			w.write(func(ctx context.Context, tx *store.Tx) error {
				return errors.Join(w.Owe(ctx, tx, owe), w.Owe(ctx, tx, yearly))
			})
		}
		if d := w.duty("decision/1"); d.Due.String() != "2026-03-11" {
			t.Errorf("seven working days after 2 March are %s, want 11 March", d.Due)
		}
		list, err := w.Duties(ctx, publication.DutyFilter{Division: anhui, Below: true})
		if err != nil || len(list) != 2 || list[0].Key != "decision/1" {
			t.Errorf("owed: %+v, %v", list, err)
		}
		w.at("2026-03-11", 23)
		if n, err := w.NoticeLate(ctx); n != 0 || err != nil {
			t.Errorf("late on the day itself: %d, %v", n, err)
		}
		w.at("2026-03-12", 0)
		if late, err := w.Duties(ctx, publication.DutyFilter{Body: "hf-water", Late: true}); err != nil || len(late) != 1 || !late[0].Late {
			t.Errorf("late: %+v, %v", late, err)
		}
		for _, want := range []int{1, 0} {
			if n, err := w.NoticeLate(ctx); n != want || err != nil {
				t.Errorf("noticed %d, %v; want %d", n, err, want)
			}
		}
		counts, err := w.DutyCounts(ctx, hefei, false, "")
		must(t, err)
		want := []publication.DutyCount{{Division: hefei, Body: "hf-water", Kind: "annual-report", Owed: 1}, {Division: hefei, Body: "hf-water", Kind: "decision", Owed: 1, Late: 1}}
		if fmt.Sprint(counts) != fmt.Sprint(want) {
			t.Errorf("counts %+v, want %+v", counts, want)
		}
		kase, err := w.cases.ByNumber(ctx, w.duty("decision/1").Case)
		must(t, err)
		events, err := w.cases.Events(ctx, kase.ID, 0, 1)
		must(t, err)
		if env, err := events[0].Envelope(); err != nil || env.Type != publication.DutyKind || env.Body != "hf-water" || env.Data["late"] != true || env.Data["due"] != "2026-03-11" {
			t.Errorf("the log says %+v, %v", env, err)
		}
		w.write(func(ctx context.Context, tx *store.Tx) error { return w.Meet(ctx, tx, "decision/1", 0, w.time()) })
		w.write(func(ctx context.Context, tx *store.Tx) error {
			return errors.Join(w.Meet(ctx, tx, "decision/1", 0, w.time()), w.Meet(ctx, tx, "nothing", 0, w.time()))
		})
		if n, err := w.NoticeLate(ctx); n != 1 || err != nil {
			t.Errorf("ended %d, %v", n, err)
		}
		if kase, err = w.cases.Get(ctx, kase.ID); err != nil || kase.Open() || kase.Result != "duty-settled" {
			t.Errorf("its case: %+v, %v", kase, err)
		}
		counts, err = w.DutyCounts(ctx, "", false, "hf-water")
		must(t, err)
		want[1] = publication.DutyCount{Division: hefei, Body: "hf-water", Kind: "decision", Met: 1, MetLate: 1}
		if fmt.Sprint(counts) != fmt.Sprint(want) {
			t.Errorf("counts %+v, want %+v", counts, want)
		}
		if settled, err := w.Duties(ctx, publication.DutyFilter{Body: "hf-water", Settled: true}); err != nil || len(settled) != 1 || !settled[0].Late {
			t.Errorf("settled: %+v, %v", settled, err)
		}
	})
}

// TestCalendarChanges: when the notice of a year arrives, the days of open duties are counted again.
func TestCalendarChanges(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		w.at("2027-01-28", 10)
		w.write(func(ctx context.Context, tx *store.Tx) error {
			return w.Owe(ctx, tx, publication.Duty{Key: "k", Kind: "decision", Body: "hf-water", Title: text("决定"), Length: term.Length{N: 5, Unit: statute.WorkingDay}})
		})
		_, err := w.Recount(ctx)
		must(t, err)
		before := w.duty("k")
		if !before.Provisional {
			t.Errorf("2027 has no notice yet: %+v", before)
		}
		notice := calendar.Notice{Year: 2027, Source: "https://www.gov.cn/"}
		notice.Holidays = []calendar.Holiday{{Name: lang.Text{Hans: "测试假日", Hant: "測試假日", En: "Test holiday"}, Days: []calendar.Span{{From: day("2027-01-29"), To: day("2027-02-02")}}}}
		cal, err := calendar.New([]calendar.Notice{notice})
		must(t, err)
		w.cal = cal
		n, err := w.Recount(ctx)
		must(t, err)
		after := w.duty("k")
		if n != 1 || after.Due <= before.Due {
			t.Errorf("moved %d: from %s to %s", n, before.Due, after.Due)
		}
		if n, err := w.Recount(ctx); n != 0 || err != nil {
			t.Errorf("again: %d, %v", n, err)
		}
	})
}

// TestWithheldIsReviewedAgain: what was withheld is looked at again within its term, which publishing it meets (art. 18).
func TestWithheldIsReviewedAgain(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		id := w.draft(note("应急供水方案"))
		rec, err := w.Submit(ctx, clerk, w.key(), id)
		must(t, err)
		_, err = w.Review(ctx, reviewer, rec.Case, w.key(), publication.Clear())
		must(t, err)
		_, err = w.Approve(ctx, boss, rec.Case, w.key(), publication.Approval{Outcome: publication.Withhold, Opinion: "公共安全"})
		must(t, err)
		list, err := w.Duties(ctx, publication.DutyFilter{Body: "hf-water", Kind: publication.DutyReviewAgain})
		if err != nil || len(list) != 1 || list[0].Due.String() != "2027-03-02" || list[0].About != id {
			t.Fatalf("owed: %+v, %v", list, err)
		}
		_, err = w.Draft(ctx, clerk, publication.Draft{Record: id, Content: note("应急供水方案（公开版）")})
		must(t, err)
		w.publish(id)
		if got := w.get(id); got.Title != "应急供水方案（公开版）" {
			t.Errorf("published: %+v", got)
		}
		if d := w.duty(list[0].Key); d.State != publication.Met {
			t.Errorf("after it was published: %+v", d)
		}
	})
}
