package term_test

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"openhall.org/openhall/internal/core/lang"
	"openhall.org/openhall/internal/core/term"
)

// The arithmetic as pages print it, read over by a person: testdata/explain/*.txt, one term each, in three languages.
// UPDATE_GOLDEN=1 writes the files anew.
func TestExplain(t *testing.T) {
	cal := load(t)
	licence := wd(20)
	licence.Article = lang.Text{Hans: "《行政许可法》第42条", Hant: "《行政許可法》第42條", En: "Administrative License Law, art. 42"}
	more := wd(10)
	more.Article = licence.Article
	hearing := term.PauseDays(day(t, "2025-10-11"), day(t, "2025-10-17"))
	hearing.Title = lang.Text{Hans: "听证", Hant: "聽證", En: "hearing"}
	hearing.Article = lang.Text{Hans: "《行政许可法》第45条", Hant: "《行政許可法》第45條", En: "Administrative License Law, art. 45"}
	short := term.Pause{From: at(t, "2025-10-10 16:00"), Until: at(t, "2025-10-10 18:30")}
	for name, c := range map[string]term.Term{
		"licence": {
			Start: at(t, "2025-09-26"), Statutory: licence, Pauses: []term.Pause{hearing},
			Extensions: []term.Extension{{By: more, Reason: "需要检测"}},
		},
		"calendar-days": {Start: at(t, "2025-09-24"), Statutory: cd(10), Extensions: ext(cd(2))},
		"months": {
			Start: at(t, "2025-08-30"), Statutory: months(1), Pauses: []term.Pause{term.PauseDays(day(t, "2025-09-08"), day(t, "2025-09-10"))},
			Extensions: ext(wd(2)),
		},
		"moved-into-pause": {Start: at(t, "2025-09-24"), Statutory: cd(10), Pauses: []term.Pause{term.PauseDays(day(t, "2025-10-09"), day(t, "2025-10-10"))}},
		"moved":            {Start: at(t, "2025-09-01"), Statutory: months(1)},
		"hours":            {Start: at(t, "2025-10-10 15:00"), Statutory: hours(24), Pauses: []term.Pause{short}},
		"provisional":      {Start: at(t, "2026-12-28"), Statutory: wd(5)},
		"2013":             {Start: at(t, "2013-04-03"), Statutory: wd(5)},
	} {
		t.Run(name, func(t *testing.T) {
			var b strings.Builder
			for _, tag := range lang.All {
				fmt.Fprintln(&b, "#", tag)
				for _, s := range c.Explain(cal, c.Start) {
					fmt.Fprintf(&b, "%-11s %s..%s counted=%-5v days=%d n=%d %s [%s]\n", s.Kind, s.From, s.To, s.Counted, s.Days, s.N, s.Text.In(tag), s.Article.In(tag))
				}
			}
			file := "testdata/explain/" + name + ".txt"
			if os.Getenv("UPDATE_GOLDEN") != "" {
				if err := os.WriteFile(file, []byte(b.String()), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if b.String() != string(want) {
				t.Errorf("got:\n%s\nwant:\n%s", b.String(), want)
			}
		})
	}
}

func TestExplainPromise(t *testing.T) {
	cal := load(t)
	c := term.Term{Start: at(t, "2025-09-26"), Statutory: wd(20), Promised: wd(5)}
	last := func(steps []term.Step) string { return steps[len(steps)-1].To.String() }
	if got := last(c.ExplainPromise(cal, c.Start)); got != "2025-10-10" {
		t.Errorf("the promise is explained to end on %s", got)
	}
	if got := last(c.Explain(cal, c.Start)); got != "2025-10-30" {
		t.Errorf("the statute is explained to end on %s", got)
	}
	c.Promised = term.Length{}
	if got := last(c.ExplainPromise(cal, c.Start)); got != "2025-10-30" {
		t.Errorf("without a promise the end is explained as %s", got)
	}
}
