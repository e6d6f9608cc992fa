package publication_test

import (
	"context"
	"strings"
	"testing"
	"testing/fstest"

	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/core/statute"
	"openhall.org/openhall/internal/platform/publication"
	"openhall.org/openhall/internal/platform/registry"
	"openhall.org/openhall/internal/platform/store"
	"openhall.org/openhall/rules"
)

// TestStandards: a water bureau owes the safety of drinking water each quarter (水污染防治法 72) within twenty working days of its end (条例 26).
// A record of the right kind meets it, whether it was there before the duty was noted or comes later.
func TestStandards(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		w.at("2026-01-05", 10)
		early := note("2025年第四季度饮用水安全状况")
		early.Category = "statutory.13.environment"
		before := w.public(early)
		must(t, w.HoldFrom(ctx, day("2026-01-01")))
		must(t, w.HoldFrom(ctx, day("2020-01-01"))) // only once
		for i, want := range []bool{true, false} {
			if n, err := w.Arise(ctx); err != nil || (n > 0) != want {
				t.Fatalf("time %d: noted %d, %v", i+1, n, err)
			}
		}
		d := w.duty("standard/drinking-water/hf-water/2025-Q4")
		// The quarter ends on Wednesday 31 December. 4 (a worked Sunday), 5–9 | 12–16 | 19–23 | 26–29 January: the twentieth working day.
		if d.State != publication.Met || d.Record != before.ID || d.Late || d.Due.String() != "2026-01-29" || d.Title.Hans != "2025年第四季度饮用水安全状况" {
			t.Errorf("of the city: %+v", d)
		}
		if !strings.Contains(d.Basis.Hans, "《水污染防治法》第72条") || !strings.Contains(d.Basis.Hans, "《政府信息公开条例》第26条") || !strings.Contains(d.Basis.En, "art. 72") {
			t.Errorf("it stands in %+v", d.Basis)
		}
		if d = w.duty("standard/drinking-water/fx-water/2025-Q4"); d.State != publication.Owed {
			t.Errorf("of the county: %+v", d)
		}
		// A day of the year: the figures of enforcement by 31 January.
		if d = w.duty("standard/enforcement-figures/hf-water/2025"); d.Due.String() != "2026-01-31" || d.Length.N != 0 || d.Basis.Hans == "" {
			t.Errorf("of enforcement: %+v", d)
		}
		// What fell due before bodies are held to it is not owed; nor by bodies of other kinds.
		for _, key := range []string{"standard/drinking-water/hf-water/2025-Q3", "standard/drinking-water/hf-health/2025-Q4"} {
			if _, err := w.Duty(ctx, key); err == nil {
				t.Errorf("%s is owed", key)
			}
		}
		wrong := note("2026年第一季度饮用水安全状况")
		wrong.Category = "statutory.1.other"
		w.at("2026-04-03", 10)
		_, err := w.Arise(ctx)
		must(t, err)
		w.public(wrong)
		if d = w.duty("standard/drinking-water/hf-water/2026-Q1"); d.State != publication.Owed {
			t.Errorf("met under another category: %+v", d)
		}
		other := note("2026年一季度饮用水安全状况公告")
		other.Category = "statutory.13.environment"
		w.at("2026-05-20", 10)
		r := w.public(other)
		if d = w.duty(d.Key); d.State != publication.Met || d.Record != r.ID || !d.Late {
			t.Errorf("met late: %+v", d)
		}
		must(t, w.Registry.Edit(ctx, func(e *registry.Edit) error {
			b := *w.Registry.Now().Body("fx-water")
			b.Ended = "2026-05-01"
			return e.PutBody(b)
		}))
		w.at("2026-05-21", 10)
		_, err = w.Arise(ctx)
		must(t, err)
		if d = w.duty("standard/drinking-water/fx-water/2025-Q4"); d.State != publication.Dropped {
			t.Errorf("of a body that ended: %+v", d)
		}
	})
}

// TestPeriods: the names of times, and the days on which what is owed for them is due, worked out by hand.
func TestPeriods(t *testing.T) {
	for _, tt := range []struct{ every, day, key, han, en, first, last string }{
		{"month", "2026-02-14", "2026-02", "2026年2月", "February 2026", "2026-02-01", "2026-02-28"},
		{"quarter", "2024-02-29", "2024-Q1", "2024年第一季度", "quarter 1 of 2024", "2024-01-01", "2024-03-31"},
		{"quarter", "2025-12-31", "2025-Q4", "2025年第四季度", "quarter 4 of 2025", "2025-10-01", "2025-12-31"},
		{"half-year", "2025-07-01", "2025-H2", "2025年下半年", "second half of 2025", "2025-07-01", "2025-12-31"},
		{"year", "2025-06-30", "2025", "2025年度", "2025", "2025-01-01", "2025-12-31"},
	} {
		if key, name, first, last := publication.PeriodOf(tt.every, day(tt.day)); key != tt.key || name.Hans != tt.han || name.En != tt.en || first.String() != tt.first || last.String() != tt.last {
			t.Errorf("%s of %s: %s, %+v, %s to %s", tt.every, tt.day, key, name, first, last)
		}
	}
}

// TestTermFromTheDayMade: the twenty working days run from the day on which the information was made (条例 26), seven for decisions (国办发
// 〔2018〕118号), and of a new version from the day on which it was handed in unless it says when it was changed.
func TestTermFromTheDayMade(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		due := func(id string, made string, category string, want string) {
			t.Helper()
			c := note(id)
			c.Made, c.Category = day(made), category
			rec, err := w.Submit(t.Context(), clerk, w.key(), w.draft(c))
			must(t, err)
			kase, err := w.cases.Get(t.Context(), rec.Case)
			must(t, err)
			if got := kase.Clocks()[0].Term.Compute(w.cal, w.time()).StatuteDay; got.String() != want {
				t.Errorf("%s, made on %s: due on %s, want %s", category, made, got, want)
			}
		}
		w.at("2026-03-13", 10)
		// From Monday 2 March: 3–6 | 9–13 | 16–20 | 23–27 | 30 March.
		due("告知", "2026-03-02", "statutory.1.other", "2026-03-30")
		// From Friday 13 March: 16–20 | 23–27 | 30, 31 March, 1–3 | 7–10 | 13 April; Qingming is 4–6 April.
		due("今天形成", "2026-03-13", "statutory.1.other", "2026-04-13")
		// 7 working days from 10 March: 11–13 | 16–19.
		due("处罚决定", "2026-03-10", "statutory.6.penalty", "2026-03-19")
		c := note("供水价格")
		c.Made = day("2026-02-02")
		r := w.public(c)
		w.at("2026-03-20", 10)
		c.Text = "改了一处。"
		_, err := w.Draft(t.Context(), clerk, publication.Draft{Record: r.ID, Content: c})
		must(t, err)
		rec, err := w.Submit(t.Context(), clerk, w.key(), r.ID)
		must(t, err)
		kase, err := w.cases.Get(t.Context(), rec.Case)
		must(t, err)
		if got := calendar.Of(kase.Clocks()[0].Term.Start); got.String() != "2026-03-20" {
			t.Errorf("the term of a new version runs from %s", got)
		}
	})
}

// TestBrokenStandards: a file of standards that is wrong is refused, with every defect.
func TestBrokenStandards(t *testing.T) {
	law, err := statute.Load(rules.Files, "cn")
	must(t, err)
	load := func(text string) error {
		categories, err := rules.Files.ReadFile("publication/cn.yaml")
		must(t, err)
		_, err = publication.LoadStandards(fstest.MapFS{
			"publication/cn.yaml": {Data: categories}, "publication/standards.yaml": {Data: []byte(text)},
		}, law)
		return err
	}
	if _, err := publication.LoadStandards(rules.Files, law); err != nil {
		t.Fatal(err)
	}
	err = load(`
terms: [{category: nothing, rule: report.annual.departments}]
standards:
  - {key: "A b", title: {zh-Hans: 水, zh-Hant: 水, en: Water}, every: week, category: none, from: soon, rule: nothing, source: {law: nobody, article: ""}, confidence: sure}
  - {key: yearly, title: {zh-Hans: "{period}", zh-Hant: "{period}", en: "{period}"}, kinds: [water], words: [水], every: quarter, category: statutory.6, from: 2020-01-01, rule: enforcement.figures, source: {law: licence, article: "1"}, confidence: verified}
`)
	if err == nil {
		t.Fatal("taken")
	}
	for _, want := range []string{`category: "nothing"`, "no term of the law", "small letters", "title in en", "kinds and words", `"week"`, `"none"`, "from:", `"nothing" is neither`, `law "nobody"`, "confidence", "after each year"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%q is not said of it: %v", want, err)
		}
	}
	for _, text := range []string{"standards: {", "unknown: 1"} {
		if load(text) == nil {
			t.Errorf("%s: taken", text)
		}
	}
}

// TestMetLaterByARecord: what met a duty can name the record that came of it later, once.
func TestMetLaterByARecord(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		d := publication.Duty{Key: "annual-report/hf-water/2025", Kind: "annual-report", Body: "hf-water", Title: text("年报"), Due: day("2026-01-31"), Rule: "report.annual.departments"}
		w.write(func(ctx context.Context, tx *store.Tx) error { return w.Owe(ctx, tx, d) })
		if got := w.duty(d.Key); got.Basis.Hans != "《政府信息公开条例》第49条" {
			t.Errorf("it stands in %+v", got.Basis)
		}
		for _, record := range []store.ID{0, 7, 8} {
			w.write(func(ctx context.Context, tx *store.Tx) error { return w.Meet(ctx, tx, d.Key, record, w.time()) })
		}
		if got := w.duty(d.Key); got.State != publication.Met || got.Record != 7 {
			t.Errorf("met: %+v", got)
		}
	})
}
