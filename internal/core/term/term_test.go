package term_test

import (
	"encoding/json"
	"errors"
	"os"
	"reflect"
	"strings"
	"testing"
	"time"

	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/core/lang"
	"openhall.org/openhall/internal/core/statute"
	"openhall.org/openhall/internal/core/term"
)

func load(t testing.TB) *calendar.Calendar {
	t.Helper()
	cal, err := calendar.Load(os.DirFS("../../../rules"), "calendar")
	if err != nil {
		t.Fatal(err)
	}
	return cal
}

// at reads an instant in Asia/Shanghai: 2025-09-26 09:30, or a day, for its beginning of business at 09:00.
func at(t testing.TB, text string) time.Time {
	t.Helper()
	if !strings.Contains(text, " ") {
		text += " 09:00"
	}
	instant, err := time.ParseInLocation("2006-01-02 15:04", text, calendar.Zone)
	if err != nil {
		t.Fatal(err)
	}
	return instant
}

func day(t testing.TB, text string) calendar.Date {
	t.Helper()
	d, err := calendar.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func wd(n int) term.Length      { return term.Length{N: n, Unit: statute.WorkingDay} }
func cd(n int) term.Length      { return term.Length{N: n, Unit: statute.CalendarDay} }
func months(n int) term.Length  { return term.Length{N: n, Unit: statute.Month} }
func years(n int) term.Length   { return term.Length{N: n, Unit: statute.Year} }
func hours(n int) term.Length   { return term.Length{N: n, Unit: statute.Hour} }
func minutes(n int) term.Length { return term.Length{N: n, Unit: statute.Minute} }
func ext(ls ...term.Length) (es []term.Extension) {
	for _, l := range ls {
		es = append(es, term.Extension{By: l})
	}
	return es
}

// Lines worked out by hand on the printed calendars of 2013 and 2024 to 2027.
func TestLines(t *testing.T) {
	cal := load(t)
	days := func(first, last string) term.Pause { return term.PauseDays(day(t, first), day(t, last)) }
	during := func(from, until string) term.Pause { return term.Pause{From: at(t, from), Until: at(t, until)} }
	tests := []struct {
		name   string
		start  string
		length term.Length
		pauses []term.Pause
		exts   []term.Extension
		due    string // last day, or instant
	}{
		// 行政许可法 42: 20 WD. Friday 26 September: 28–30 (3), 9–11 October (6), 13–17 (11), 20–24 (16), 27–30 (20).
		{"over National Day 2025", "2025-09-26", wd(20), nil, nil, "2025-10-30"},
		{"late in the evening", "2025-09-26 23:59", wd(20), nil, nil, "2025-10-30"},
		// 7 April (1), 8–12 (6), 15–19 (11), 22–26 (16), 27, 28 (18), 2, 3 May (20).
		{"2013: two holidays, three weekend days worked", "2013-04-03", wd(20), nil, nil, "2013-05-03"},
		{"five paused working days", "2025-09-26", wd(20), []term.Pause{days("2025-10-13", "2025-10-17")}, nil, "2025-11-06"},
		{"a pause in the holiday", "2025-09-26", wd(20), []term.Pause{days("2025-10-01", "2025-10-08")}, nil, "2025-10-30"},
		{"paused and resumed on one day", "2025-09-26", wd(20), []term.Pause{during("2025-10-13 09:00", "2025-10-13 17:00")}, nil, "2025-10-30"},
		{"paused on Monday, resumed on Wednesday", "2025-09-26", wd(20), []term.Pause{during("2025-10-13 09:00", "2025-10-15 16:00")}, nil, "2025-11-03"},
		{"overlapping pauses count once", "2025-09-26", wd(20), []term.Pause{days("2025-10-14", "2025-10-17"), days("2025-10-13", "2025-10-15")}, nil, "2025-11-06"},
		{"a pause within a pause", "2025-09-26", wd(20), []term.Pause{days("2025-10-13", "2025-10-17"), days("2025-10-14", "2025-10-14")}, nil, "2025-11-06"},
		{"a pause on the last day", "2025-09-26", wd(20), []term.Pause{days("2025-10-30", "2025-10-31")}, nil, "2025-11-03"},
		{"a pause after the last day", "2025-09-26", wd(20), []term.Pause{days("2025-10-31", "2025-12-31")}, nil, "2025-10-30"},
		{"a pause before the start", "2025-09-26", wd(20), []term.Pause{days("2025-09-01", "2025-09-26")}, nil, "2025-10-30"},
		{"a pause over the start", "2025-09-26", wd(20), []term.Pause{days("2025-09-22", "2025-09-29")}, nil, "2025-11-03"},
		{"a second pause reached by the first", "2025-09-26", wd(20), []term.Pause{days("2025-10-13", "2025-10-17"), days("2025-11-03", "2025-11-04")}, nil, "2025-11-10"},
		// 行政许可法 42: extended by 10 WD: 31 October (1), 3–7 November (6), 10–13 (10).
		{"extended", "2025-09-26", wd(20), nil, ext(wd(10)), "2025-11-13"},
		{"extended twice", "2025-09-26", wd(20), nil, ext(wd(4), wd(6)), "2025-11-13"},
		// 22–25 December (4), 28–31 (8), 4–8 January (13), 11–15 (18), 18, 19 (20).
		{"into a year without a notice", "2026-12-21", wd(20), nil, nil, "2027-01-19"},

		// 民法典 201, 203.
		{"calendar days", "2025-10-09", cd(15), nil, nil, "2025-10-24"},
		{"ends within a holiday", "2025-09-24", cd(10), nil, nil, "2025-10-09"},
		{"ends on a Saturday that is worked", "2025-10-01", cd(10), nil, nil, "2025-10-11"},
		{"ends on a Sunday", "2025-11-01", cd(15), nil, nil, "2025-11-17"},                                                 // the 16th is a Sunday
		{"paused over a weekend", "2025-10-09", cd(15), []term.Pause{days("2025-10-18", "2025-10-19")}, nil, "2025-10-27"}, // the 26th, a Sunday
		{"paused when the last day had moved", "2025-09-24", cd(10), []term.Pause{days("2025-10-09", "2025-10-10")}, nil, "2025-10-11"},

		// 民法典 202.
		{"a month", "2025-03-03", months(1), nil, nil, "2025-04-03"},
		{"to a shorter month", "2025-01-31", months(1), nil, nil, "2025-02-28"},
		{"to the end of February, a Saturday that is worked", "2025-11-30", months(3), nil, nil, "2026-02-28"},
		{"to National Day", "2025-09-01", months(1), nil, nil, "2025-10-09"},
		{"a month with five paused days", "2025-03-03", months(1), []term.Pause{days("2025-03-10", "2025-03-14")}, nil, "2025-04-08"},
		{"a year from a leap day", "2024-02-29", years(1), nil, nil, "2025-02-28"},
		{"three months and one more are four", "2024-11-30", months(3), nil, ext(months(1)), "2025-03-31"}, // 30 March is a Sunday
		{"three months and thirty days", "2025-03-03", months(3), nil, ext(cd(30)), "2025-07-03"},
		{"three months and ten working days", "2025-03-03", months(3), nil, ext(wd(10)), "2025-06-17"},

		{"hours", "2025-10-10 15:00", hours(24), nil, nil, "2025-10-11 15:00"},
		{"hours with a pause", "2025-10-10 15:00", hours(24), []term.Pause{during("2025-10-10 16:00", "2025-10-10 18:30")}, nil, "2025-10-11 17:30"},
		{"hours paused over the start", "2025-10-10 15:00", hours(1), []term.Pause{during("2025-10-10 14:00", "2025-10-10 15:10")}, nil, "2025-10-10 16:10"},
		{"hours paused from the end", "2025-10-10 15:00", hours(1), []term.Pause{during("2025-10-10 16:00", "2025-10-10 17:00")}, nil, "2025-10-10 16:00"},
		{"minutes", "2025-10-10 23:50", minutes(20), nil, nil, "2025-10-11 00:10"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := term.Term{Start: at(t, tt.start), Statutory: tt.length, Pauses: tt.pauses, Extensions: tt.exts}
			lines := c.Compute(cal, c.Start)
			var want time.Time
			if strings.Contains(tt.due, " ") {
				want = at(t, tt.due)
			} else {
				want = day(t, tt.due).End()
			}
			if !lines.Statute.Equal(want) || !lines.Promise.Equal(want) {
				t.Errorf("statute %s, promise %s; want %s", lines.Statute, lines.Promise, want)
			}
			if wantProvisional := strings.HasPrefix(tt.due, "2027"); lines.Provisional != wantProvisional {
				t.Errorf("provisional %v", lines.Provisional)
			}
		})
	}
}

func TestPromise(t *testing.T) {
	cal := load(t)
	c := term.Term{Start: at(t, "2025-09-26"), Statutory: wd(20), Promised: wd(5)}
	lines := c.Compute(cal, c.Start)
	want := term.Lines{
		Promise: at(t, "2025-10-11 00:00"), PromiseDay: day(t, "2025-10-10"), // 28–30 September, 9, 10 October
		Statute: at(t, "2025-10-31 00:00"), StatuteDay: day(t, "2025-10-30"),
		Warn: at(t, "2025-10-09 00:00"),
	}
	if lines != want {
		t.Errorf("lines %+v; want %+v", lines, want)
	}
	c.Pauses = []term.Pause{term.PauseDays(day(t, "2025-10-09"), day(t, "2025-10-10"))}
	c.Extensions = ext(wd(10))
	lines = c.Compute(cal, c.Start)
	// 5 + 10 with two taken out: 28–30 September (3), 11 October (4), 13–17 (9), 20–24 (14), 27 (15); the other ten later.
	if lines.PromiseDay != day(t, "2025-10-27") || lines.StatuteDay != day(t, "2025-11-17") {
		t.Errorf("promise %s, statute %s", lines.PromiseDay, lines.StatuteDay)
	}
	c = term.Term{Start: at(t, "2025-09-26"), Statutory: wd(5), Promised: cd(30)}
	if lines := c.Compute(cal, c.Start); lines.Promise != lines.Statute {
		t.Errorf("a promise past the statute stands: %+v", lines)
	}
	c = term.Term{Start: at(t, "2025-10-09 10:00"), Statutory: wd(1)}
	if lines := c.Compute(cal, c.Start); !lines.Warn.Equal(c.Start) {
		t.Errorf("warned at %s, before the start", lines.Warn)
	}
}

// One term through its whole life. 5 WD were promised from Friday 26 September 2025: until 10 October; 20 are the law: 30 October.
func TestStateAndRemaining(t *testing.T) {
	cal := load(t)
	base := term.Term{Start: at(t, "2025-09-26"), Statutory: wd(20), Promised: wd(5)}
	paused := base
	paused.Pauses = []term.Pause{{From: at(t, "2025-09-30")}}
	lateThenPaused := base
	lateThenPaused.Pauses = []term.Pause{{From: at(t, "2025-11-03")}}
	stopped := func(when string) term.Term {
		c := base
		c.Stopped = at(t, when)
		return c
	}
	for _, tt := range []struct {
		name  string
		term  term.Term
		now   string
		state term.State
		left  int
	}{
		{"at the start", base, "2025-09-26", term.Running, 5},
		{"on the first day", base, "2025-09-28", term.Running, 4},
		{"in the holiday", base, "2025-10-05", term.Running, 2},
		{"before the warning", base, "2025-10-08 23:59", term.Running, 2},
		{"one working day before", base, "2025-10-09 00:00", term.Warned, 1},
		{"on the last day", base, "2025-10-10 23:59", term.Warned, 0},
		{"the instant after", base, "2025-10-11 00:00", term.PromiseMissed, -1},
		{"on the last statutory day", base, "2025-10-30 23:59", term.PromiseMissed, -15}, // 11 (1), 13–17 (6), 20–24 (11), 27–30 (15)
		{"past it", base, "2025-10-31 00:00", term.StatuteMissed, -16},
		{"paused", paused, "2025-10-13", term.Paused, 2}, // as on 30 September when it was paused: that day's turn, then two more
		{"paused for months", paused, "2026-05-20", term.Paused, 2},
		{"missed, then paused", lateThenPaused, "2025-12-01", term.StatuteMissed, -37},
		{"stopped in time", stopped("2025-10-10 23:59"), "2026-01-01", term.Met, 0},
		{"stopped past the promise", stopped("2025-10-11 00:00"), "2026-01-01", term.MetStatute, -1},
		{"stopped past the statute", stopped("2025-10-31 00:00"), "2026-01-01", term.StoppedLate, -16},
	} {
		if got := tt.term.State(cal, at(t, tt.now)); got != tt.state {
			t.Errorf("%s: %s; want %s", tt.name, got, tt.state)
		}
		if n, unit := tt.term.Remaining(cal, at(t, tt.now)); n != tt.left || unit != statute.WorkingDay {
			t.Errorf("%s: %d %s left; want %d", tt.name, n, unit, tt.left)
		}
	}
}

func TestRemainingInOtherUnits(t *testing.T) {
	cal := load(t)
	ahead := []term.Pause{term.PauseDays(day(t, "2025-10-20"), day(t, "2025-10-21"))}
	for _, tt := range []struct {
		name string
		term term.Term
		now  string
		left int
		unit statute.Unit
	}{
		{"calendar days", term.Term{Start: at(t, "2025-10-09"), Statutory: cd(15)}, "2025-10-20", 4, statute.CalendarDay},
		{"calendar days, a pause ahead", term.Term{Start: at(t, "2025-10-09"), Statutory: cd(15), Pauses: ahead}, "2025-10-17", 8, statute.CalendarDay}, // until Monday the 27th
		{"working days, a pause ahead", term.Term{Start: at(t, "2025-10-09"), Statutory: wd(10), Pauses: ahead}, "2025-10-17", 3, statute.WorkingDay},
		{"a month", term.Term{Start: at(t, "2025-03-03"), Statutory: months(1)}, "2025-03-31", 3, statute.CalendarDay},
		{"hours, rounded down", term.Term{Start: at(t, "2025-10-10 15:00"), Statutory: hours(24)}, "2025-10-10 15:30", 23, statute.Hour},
		{"hours over, rounded down", term.Term{Start: at(t, "2025-10-10 15:00"), Statutory: hours(24)}, "2025-10-11 15:30", -1, statute.Hour},
		{"a promise in hours", term.Term{Start: at(t, "2025-10-10 15:00"), Statutory: wd(1), Promised: hours(2)}, "2025-10-10 15:30", 1, statute.Hour},
	} {
		if n, unit := tt.term.Remaining(cal, at(t, tt.now)); n != tt.left || unit != tt.unit {
			t.Errorf("%s: %d %s; want %d %s", tt.name, n, unit, tt.left, tt.unit)
		}
	}
	c := term.Term{Start: at(t, "2025-09-26"), Statutory: wd(20), Promised: wd(5)}
	if n, _ := c.RemainingStatute(cal, at(t, "2025-09-30")); n != 17 {
		t.Errorf("%d left until the statute; want 17", n)
	}
}

func TestActionsAndRefusals(t *testing.T) {
	cal := load(t)
	refused := func(err error, code term.Code) {
		t.Helper()
		var e *term.Error
		if !errors.As(err, &e) || e.Code != code || !e.Text().Complete() || !strings.Contains(err.Error(), string(code)) {
			t.Errorf("error %v; want %s", err, code)
		}
	}
	done := func(err error) {
		t.Helper()
		if err != nil {
			t.Error(err)
		}
	}
	for _, bad := range [][2]term.Length{
		{{}, {}}, {{N: -1, Unit: statute.WorkingDay}, {}}, {{N: 5, Unit: "fortnight"}, {}}, {{N: 5, Unit: statute.Fen}, {}},
		{{N: 1 << 30, Unit: statute.Year}, {}}, {wd(20), {N: -3, Unit: statute.WorkingDay}}, {wd(20), {N: 3}},
	} {
		_, err := term.New(at(t, "2025-09-26"), bad[0], bad[1])
		refused(err, term.BadLength)
	}

	c, err := term.New(at(t, "2025-09-26"), wd(20), wd(5))
	done(err)
	c.MaxExtensions = 1
	title := lang.Text{Hans: "听证", Hant: "聽證", En: "hearing"}
	refused(c.Resume(at(t, "2025-09-29")), term.NotPaused)
	refused(c.Pause(at(t, "2025-09-25"), "licence.pause.hearing", title, lang.Text{}), term.BeforeStart)
	done(c.Pause(at(t, "2025-10-13"), "licence.pause.hearing", title, lang.Text{}))
	refused(c.Pause(at(t, "2025-10-14"), "licence.pause.hearing", title, lang.Text{}), term.AlreadyPaused)
	refused(c.Resume(at(t, "2025-10-12")), term.BeforePause)
	refused(c.Stop(at(t, "2025-10-12")), term.BeforePause)
	done(c.Resume(at(t, "2025-10-20")))
	if got := c.Compute(cal, at(t, "2025-10-20")).StatuteDay; got != day(t, "2025-11-06") {
		t.Errorf("statutory line %s; want 2025-11-06", got)
	}

	refused(c.Extend(cal, term.Extension{By: wd(0), At: at(t, "2025-11-06")}), term.BadLength)
	refused(c.Extend(cal, term.Extension{By: wd(10), At: at(t, "2025-09-01")}), term.BeforeStart)
	refused(c.Extend(cal, term.Extension{By: wd(10), At: at(t, "2025-11-07 00:00")}), term.Overdue)
	done(c.Extend(cal, term.Extension{By: wd(10), At: at(t, "2025-11-06 23:59")}))
	refused(c.Extend(cal, term.Extension{By: wd(10), At: at(t, "2025-11-07")}), term.NoMoreExtensions)
	nothing := term.Term{Start: at(t, "2025-09-26"), MaxExtensions: 1}
	refused(nothing.Extend(cal, term.Extension{By: wd(10), At: at(t, "2025-09-26")}), term.BadLength)

	data, err := json.Marshal(c)
	done(err)
	var back term.Term
	done(json.Unmarshal(data, &back))
	if back.Compute(cal, c.Start) != c.Compute(cal, c.Start) {
		t.Errorf("another term was read back from %s", data)
	}

	done(c.Pause(at(t, "2025-11-10"), "licence.pause.hearing", title, lang.Text{}))
	refused(c.Stop(at(t, "2025-09-01")), term.BeforeStart)
	done(c.Stop(at(t, "2025-11-12")))
	if c.Paused() {
		t.Error("the pause outlived the term")
	}
	before := c
	refused(c.Stop(at(t, "2025-11-13")), term.AlreadyStopped)
	refused(c.Pause(at(t, "2025-11-13"), "licence.pause.hearing", title, lang.Text{}), term.AlreadyStopped)
	refused(c.Resume(at(t, "2025-11-13")), term.AlreadyStopped)
	refused(c.Extend(cal, term.Extension{By: wd(1), At: at(t, "2025-11-13")}), term.AlreadyStopped)
	if !reflect.DeepEqual(before, c) {
		t.Error("a refused change changed the term")
	}
}

func TestFromRule(t *testing.T) {
	rule := statute.Parameter{ID: "licence.decide", Title: lang.Text{Hans: "作出许可决定", Hant: "作出許可決定", En: "Decide"}, Values: []statute.Value{{
		From: day(t, "2004-07-01"), Unit: statute.WorkingDay, Amount: 20,
		Source: statute.Source{Law: lang.Text{Hans: "行政许可法", Hant: "行政許可法", En: "Administrative License Law"}, Article: "42"},
	}}}
	l, err := term.FromRule(rule, day(t, "2013-04-03"))
	if err != nil || l.N != 20 || l.Unit != statute.WorkingDay || l.Rule != rule.ID || l.Article.Hans != "《行政许可法》第42条" {
		t.Errorf("%+v, %v", l, err)
	}
	var notInForce *statute.NotInForceError
	if _, err := term.FromRule(rule, day(t, "2004-06-30")); !errors.As(err, &notInForce) {
		t.Errorf("a day before the law: %v", err)
	}
	rule.Values[0].Unit = statute.Fen
	if _, err := term.FromRule(rule, day(t, "2013-04-03")); err == nil || !strings.Contains(err.Error(), "licence.decide") {
		t.Errorf("a fee as a term: %v", err)
	}
}
