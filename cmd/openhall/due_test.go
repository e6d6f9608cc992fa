package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
)

// runDue executes openhall due with the given arguments, written in one line.
func runDue(t *testing.T, line string) (string, error) {
	t.Helper()
	var out bytes.Buffer
	cmd := newDueCommand()
	cmd.SilenceUsage, cmd.SilenceErrors = true, true
	cmd.SetArgs(strings.Fields(line))
	cmd.SetOut(&out)
	cmd.SetErr(&out)
	err := cmd.ExecuteContext(t.Context())
	return out.String(), err
}

// Worked out by hand with the State Council's notices of the years.
func TestDue(t *testing.T) {
	for _, tt := range []struct {
		name, args, due, statutory string
		provisional                bool
	}{
		// 2013: Qingming 4–6 April, Sunday 7 April worked. 2, 3 | 7 | 8–12 | 15–19 | 22, 23.
		{"request of 2013: 15 WD over Qingming", "--rule request.reply --start 2013-04-01", "2013-04-23", "2013-04-23", false},
		// From 23 April: 24–26 | 27, 28 worked | 29 April–1 May off | 2, 3 | 6–10 | 13–15.
		{"extended by 15 WD over Labour Day", "--rule request.reply --start 2013-04-01 --extend", "2013-05-15", "2013-05-15", false},
		// 3 CD from Wednesday 3 April 2013 end on Saturday 6 April, Qingming: on to the worked Sunday.
		{"calendar days end on a holiday", "--rule penalty.hearing.request --start 2013-04-03", "2013-04-07", "2013-04-07", false},
		// The last day of 492号: 15–17 | 20–24 | 27–31 May | 3, 4 June.
		{"the day before 711号", "--rule request.reply --start 2019-05-14", "2019-06-04", "2019-06-04", false},
		// 16, 17 | 20–24 | 27–31 May | 3–6 June | 7–9 June Dragon Boat | 10–13.
		{"the first day of 711号", "--rule request.reply --start 2019-05-15", "2019-06-13", "2019-06-13", false},
		// 13–17 | 20–24 | 27–31 May | 3–6 | 10 June.
		{"an old request under the new rule", "--rule request.reply --start 2019-05-10 --on 2019-05-15", "2019-06-10", "2019-06-10", false},
		// 2024: 8, 9 February | 10–17 Spring Festival | Sunday 18 worked | 19, 20.
		{"correction over Spring Festival 2024", "--rule licence.accept.correction --start 2024-02-07", "2024-02-20", "2024-02-20", false},
		// 5 August + 60 days = 4 October 2024, in National Day (1–7).
		{"60 CD end in National Day 2024", "--rule review.apply --start 2024-08-05", "2024-10-08", "2024-10-08", false},
		// 2025: 23–26 | Sunday 28 worked | 29, 30 September | 1–8 October off | 9, 10 | Saturday 11 worked | 13–17 | 20–24.
		{"licence over National Day 2025", "--rule licence.decide --start 2025-09-22", "2025-10-24", "2025-10-24", false},
		{"five working days paused", "--rule licence.decide --start 2025-09-22 --pause 2025-10-13..2025-10-17", "2025-10-31", "2025-10-31", false},
		{"a pause over days off alone", "--rule licence.decide --start 2025-09-22 --pause 2025-10-01..2025-10-08", "2025-10-24", "2025-10-24", false},
		{"pauses that overlap", "--rule licence.decide --start 2025-09-22 --pause 2025-10-13..2025-10-15 --pause 2025-10-14..2025-10-17", "2025-10-31", "2025-10-31", false},
		{"extended", "--rule licence.decide --start 2025-09-22 --extend", "2025-11-07", "2025-11-07", false},
		{"paused and extended", "--rule licence.decide --start 2025-09-22 --extend --pause 2025-10-13..2025-10-17", "2025-11-14", "2025-11-14", false},
		// The tenth is Saturday 11 October, worked.
		{"promised in 10", "--rule licence.decide --start 2025-09-22 --promise 10", "2025-10-11", "2025-10-24", false},
		// 2026: 11–13 | Saturday 14 worked | 15–23 February off | 24–27 | Saturday 28 worked | 2 March.
		{"delivery over Spring Festival 2026", "--rule licence.deliver --start 2026-02-10", "2026-03-02", "2026-03-02", false},
		// Six months after 31 August: the end of February (民法典 202), a worked Saturday.
		{"months end with the month", "--rule suit.direct --start 2025-08-31", "2026-02-28", "2026-02-28", false},
		// 14, 13 | Saturday 11 worked | 10, 9 October | 8–1 October off | 30, 29 September.
		{"counted back from a hearing", "--rule licence.hearing.notice --start 2025-10-15", "2025-09-29", "2025-09-29", false},
		{"Anhui's own rule", "--rule licence.joint.default.notice --start 2025-09-30", "2025-10-09", "2025-10-09", false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			out, err := runDue(t, tt.args+" --json")
			if err != nil {
				t.Fatal(err)
			}
			var got struct {
				Due, Statutory string
				Steps          []map[string]any
				Provisional    bool
			}
			if err := json.Unmarshal([]byte(out), &got); err != nil {
				t.Fatal(err)
			}
			if got.Due != tt.due || got.Statutory != tt.statutory || got.Provisional != tt.provisional || len(got.Steps) < 2 {
				t.Errorf("got %s", out)
			}
		})
	}
}

// A year without a notice makes the answer provisional; 2090 will have one by then.
func TestDueProvisional(t *testing.T) {
	out, err := runDue(t, "--rule licence.decide --start 2090-05-10 --json")
	if err != nil || !strings.Contains(out, `"provisional": true`) {
		t.Errorf("%v: %s", err, out)
	}
}

func TestDueJSONKeys(t *testing.T) {
	out, err := runDue(t, "--rule licence.decide --start 2025-09-22 --json")
	if err != nil {
		t.Fatal(err)
	}
	var got map[string]any
	if err := json.Unmarshal([]byte(out), &got); err != nil {
		t.Fatal(err)
	}
	keys := []string{}
	for k := range got {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	if want := []string{"due", "provisional", "statutory", "steps"}; !slices.Equal(keys, want) {
		t.Errorf("keys %v, want %v", keys, want)
	}
}

// The steps account for every day, as counted by hand in TestDue.
func TestDueSteps(t *testing.T) {
	out, err := runDue(t, "--rule licence.decide --start 2025-09-22 --json")
	if err != nil {
		t.Fatal(err)
	}
	var got struct {
		Steps []struct {
			Kind, From, To string
			Counted        bool
			N              int
		}
	}
	if err := json.Unmarshal([]byte(out), &got); err != nil {
		t.Fatal(err)
	}
	var lines []string
	for _, s := range got.Steps {
		lines = append(lines, fmt.Sprintf("%s %s %s %t %d", s.Kind, s.From, s.To, s.Counted, s.N))
	}
	want := []string{
		"start 2025-09-22 2025-09-22 false 0",
		"counted 2025-09-23 2025-09-26 true 4",
		"weekend 2025-09-27 2025-09-27 false 4",
		"makeup 2025-09-28 2025-09-28 true 5",
		"counted 2025-09-29 2025-09-30 true 7",
		"holiday 2025-10-01 2025-10-08 false 7",
		"counted 2025-10-09 2025-10-10 true 9",
		"makeup 2025-10-11 2025-10-11 true 10",
		"weekend 2025-10-12 2025-10-12 false 10",
		"counted 2025-10-13 2025-10-17 true 15",
		"weekend 2025-10-18 2025-10-19 false 15",
		"counted 2025-10-20 2025-10-24 true 20",
		"due 2025-10-24 2025-10-24 false 0",
	}
	if !slices.Equal(lines, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(lines, "\n"), strings.Join(want, "\n"))
	}
}

func TestDueInWords(t *testing.T) {
	out, err := runDue(t, "--rule licence.decide --start 2025-09-22 --promise 10 --lang en")
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"due 2025-10-11 (statutory 2025-10-24)\n", "National Day", "Saturday, 11 October 2025"} {
		if !strings.Contains(out, want) {
			t.Errorf("no %q in\n%s", want, out)
		}
	}
}

func TestDueRefuses(t *testing.T) {
	for _, tt := range []struct{ args, want string }{
		{"--rule licence.decide", "--rule and --start are both needed"},
		{"--start 2025-09-22", "--rule and --start are both needed"},
		{"--rule licence.decision --start 2025-09-22", `--rule: there is no rule "licence.decision"; of the same family are: licence.accept.correction`},
		{"--rule licence.decide --start 2025-02-30", `--start: date "2025-02-30": no such day`},
		{"--rule licence.decide --start 22.9.2025", "write a day of the calendar as YYYY-MM-DD"},
		{"--rule licence.decide --start 2004-06-30", "rule licence.decide is not in force on 2004-06-30: it holds from 2004-07-01"},
		{"--rule licence.decide --start 2025-09-22 --on 1999-01-01", "rule licence.decide is not in force on 1999-01-01"},
		{"--rule licence.decide --start 2025-09-22 --on soon", "--on: date"},
		{"--rule request.fee.per-item --start 2025-09-22", "choose a rule in a unit of time"},
		{"--rule request.outcomes --start 2025-09-22", "choose a rule in a unit of time"},
		{"--rule licence.deliver --start 2025-09-22 --extend", "--extend: rule licence.deliver has no extension in the law; leave --extend out"},
		{"--rule licence.decide --start 2025-09-22 --pause 2025-10-13", `--pause: "2025-10-13"; write two days with two dots between them`},
		{"--rule licence.decide --start 2025-09-22 --pause 2025-10-13..2025-10-32", `--pause: date "2025-10-32"`},
		{"--rule licence.decide --start 2025-09-22 --pause 2025-10-17..2025-10-13", "--pause: 2025-10-13 lies before 2025-10-17; write the earlier day first"},
		{"--rule licence.decide --start 2025-09-22 --promise 21", "--promise: 21 is outside 1 to 20; a promise is never longer than the term of licence.decide"},
		{"--rule licence.decide --start 2025-09-22 --promise -1", "--promise: -1 is outside 1 to 20"},
		{"--rule licence.hearing.notice --start 2025-10-15 --extend", "counts back from the day given by --start; leave --pause, --extend and --promise out"},
		{"--rule licence.decide --start 2025-09-22 --lang fr", `--lang: "fr" is no language of the platform`},
		{"--rule licence.joint.default.notice --start 2025-09-22 --jurisdiction cn", `there is no rule "licence.joint.default.notice"`},
		{"--rule licence.decide --start 2025-09-22 --jurisdiction cn-xx", "load rules of jurisdiction cn-xx"},
	} {
		if out, err := runDue(t, tt.args); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: %v, %s; want %s", tt.args, err, out, tt.want)
		}
	}
}
