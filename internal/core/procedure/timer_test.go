package procedure

import (
	"strings"
	"testing"
	"time"

	"openhall.org/openhall/internal/core/calendar"
)

// TestDurations adds ISO 8601 durations to instants; the results were worked out by hand. Months follow 民法典 art. 202: the matching
// day, else the last day of the month, in Shanghai.
func TestDurations(t *testing.T) {
	for _, c := range []struct{ duration, from, want string }{
		{"P5D", "2026-03-02T09:00:00+08:00", "2026-03-07T09:00:00+08:00"},
		{"P2W", "2026-03-02T09:00:00+08:00", "2026-03-16T09:00:00+08:00"},
		{"PT36H", "2026-03-02T09:00:00+08:00", "2026-03-03T21:00:00+08:00"},
		{"PT1H30M15.5S", "2026-03-02T09:00:00+08:00", "2026-03-02T10:30:15.5+08:00"},
		{"P1M", "2026-01-31T09:00:00+08:00", "2026-02-28T09:00:00+08:00"},
		{"P1M", "2024-01-31T09:00:00+08:00", "2024-02-29T09:00:00+08:00"},
		{"P1Y", "2024-02-29T09:00:00+08:00", "2025-02-28T09:00:00+08:00"},
		{"P1Y2M3DT4H", "2025-11-30T20:00:00+08:00", "2027-02-03T00:00:00+08:00"}, // 2027-01-30 20:00, then 3 days 4 hours
		{"P1M", "2026-01-30T20:00:00Z", "2026-02-28T04:00:00+08:00"},             // already the 31st in Shanghai
		{"PT0S", "2026-03-02T09:00:00+08:00", "2026-03-02T09:00:00+08:00"},
	} {
		d, err := parseISO(c.duration)
		if err != nil {
			t.Errorf("%s: %v", c.duration, err)
			continue
		}
		from, _ := time.Parse(time.RFC3339Nano, c.from)
		if got := d.after(from).In(calendar.Zone).Format(time.RFC3339Nano); got != c.want {
			t.Errorf("%s after %s: got %s, want %s", c.duration, c.from, got, c.want)
		}
	}
	for _, bad := range []string{"", "P", "PT", "P1", "1D", "P1H", "PT1D", "P1DT", "P1D2Y", "P-1D", "P1.5D", "PT1M2H", "P1DT1H1H", "P999999D", "PT1e3S", "P1D ", "p1d", "PTT1H", "P1W1M"} {
		if d, err := parseISO(bad); err == nil {
			t.Errorf("%q was read as %+v", bad, d)
		}
	}
}

func TestTimerSpecs(t *testing.T) {
	timer := func(inner string) *TimerSpec {
		d, err := Parse([]byte(strings.Replace(openProc, `id="d"`, `id="d" xmlns:o="`+Namespace+`"`, 1) +
			`<intermediateCatchEvent id="c"><timerEventDefinition>` + inner + `</timerEventDefinition></intermediateCatchEvent>` + shut))
		if err != nil {
			t.Fatal(err)
		}
		return d.Element("c").Timer
	}
	for _, bad := range []string{
		``, `<timeDuration/>`, `<timeDuration>tomorrow</timeDuration>`, `<timeDate>2026-02-30T00:00:00Z</timeDate>`, `<timeDate>P1D</timeDate>`,
		`<timeCycle>PT1H</timeCycle>`, `<timeCycle>R0/PT1H</timeCycle>`, `<timeCycle>R3/PT0S</timeCycle>`, `<timeCycle>R3/x/PT1H</timeCycle>`,
		`<timeCycle>0 0 9 * * MON</timeCycle>`, `<timeDuration o:unit="day">P1D</timeDuration>`, `<timeDuration o:unit="working-day">PT1H</timeDuration>`,
		`<timeDuration o:unit="working-day">P1M</timeDuration>`, `<timeDuration>${P1D +}</timeDuration>`,
	} {
		if spec := timer(bad); spec.Err == nil {
			t.Errorf("%s was read as %+v", bad, spec)
		}
	}
	for _, c := range []struct{ inner, due string }{
		{`<timeDate>2026-03-09</timeDate>`, "2026-03-09T00:00:00+08:00"},
		{`<timeDate>2026-03-09T01:00:00Z</timeDate>`, "2026-03-09T09:00:00+08:00"},
		{`<timeCycle>R/2026-03-10T08:00:00+08:00/P1D</timeCycle>`, "2026-03-10T08:00:00+08:00"},
		{`<timeCycle>R/2026-01-01T08:00:00+08:00/P1D</timeCycle>`, "2026-03-03T09:00:00+08:00"}, // begun before it was armed
		{`<timeDuration>${wait}</timeDuration>`, "2026-03-03T09:00:00+08:00"},
		{`<timeDuration>duration("P1D")</timeDuration>`, "2026-03-03T09:00:00+08:00"},
		{`<timeDuration>=duration("P1M")</timeDuration>`, "2026-04-02T09:00:00+08:00"},
		{`<timeDate>=date(day)</timeDate>`, "2026-03-20T00:00:00+08:00"},
		{`<timeDate>=date and time("2026-03-20T10:00:00+08:00")</timeDate>`, "2026-03-20T10:00:00+08:00"},
	} {
		vars := Variables{"wait": "P1D", "day": "2026-03-20"}
		spec := timer(c.inner)
		due, _, err := (&Engine{}).due(spec, epoch, &view{m: &machine{s: State{Scopes: []Scope{{ID: 1, Vars: vars}}}}, scope: 1})
		if err != nil || due.In(calendar.Zone).Format(time.RFC3339) != c.due {
			t.Errorf("%s: got %s %v, want %s", c.inner, due, err, c.due)
		}
	}
	for _, bad := range []string{`<timeDuration>${nobody}</timeDuration>`, `<timeDuration>=5</timeDuration>`, `<timeDuration>="soon"</timeDuration>`} {
		_, _, err := (&Engine{}).due(timer(bad), epoch, &view{m: &machine{s: State{Scopes: []Scope{{ID: 1}}}}, scope: 1})
		if err == nil {
			t.Errorf("%s has a due date", bad)
		}
	}
}

// TestCycleOfWorkingDays: a reminder every two working days, counted by the host.
func TestCycleOfWorkingDays(t *testing.T) {
	model := strings.Replace(string(draw(`
		start s
		user a
		boundary t on=a cycle=R2/P2D keep
		user r
		s -> a
		t -> r`)), "<bpmn:timeCycle>", `<bpmn:timeCycle openhall:unit="working-day">`, 1)
	d, err := Parse([]byte(model))
	if err != nil {
		t.Fatal(err)
	}
	var asked []time.Time
	e := &Engine{Due: func(spec TimerSpec, from time.Time) (time.Time, error) {
		if spec.Count != 2 || spec.Unit != WorkingDay {
			t.Errorf("asked for %+v", spec)
		}
		asked = append(asked, from)
		return from.AddDate(0, 0, 3), nil
	}}
	play(t, e, d, `
		start => a
		+P3D  => a, r
		+P2D  => a, r
		+P9D  => a, r, r`)
	if len(asked) != 2 || !asked[1].Equal(epoch.AddDate(0, 0, 3)) {
		t.Errorf("asked from %v: the second period begins when the first ends", asked)
	}
}

func FuzzDuration(f *testing.F) {
	for _, s := range []string{"P5D", "PT1H", "P1Y2M3W4DT5H6M7.8S", "PT", "P--1D"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		d, err := parseISO(s)
		if err == nil && d.after(epoch).Before(epoch) {
			t.Errorf("%q goes back in time: %+v", s, d)
		}
	})
}
