package feel_test

import (
	"encoding/json"
	"math"
	"strings"
	"testing"
	"time"

	"openhall.org/openhall/internal/core/feel"
)

func TestFromJSON(t *testing.T) {
	v, err := feel.FromJSON([]byte(`{"z": 12345678901234567.89, "a": [1.50, "x", null, true, {}], "z2": {"b": 1, "b": 2}}`))
	if err != nil {
		t.Fatal(err)
	}
	var keys []string
	for k := range as[*feel.Context](t, v).All() {
		keys = append(keys, k)
	}
	if got := strings.Join(keys, " "); got != "z a z2" {
		t.Errorf("keys in the order %s", got)
	}
	b, err := json.Marshal(feel.ToJSON(v))
	if err != nil {
		t.Fatal(err)
	}
	if got, want := string(b), `{"a":[1.5,"x",null,true,{}],"z":12345678901234567.89,"z2":{"b":2}}`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	for _, bad := range []string{``, `{`, `[1,`, `1 2`, `{"a": }`, `1e9999`, `nope`, strings.Repeat("[", 300) + strings.Repeat("]", 300)} {
		if v, err := feel.FromJSON([]byte(bad)); err == nil {
			t.Errorf("%.20q is read as %v, want an error", bad, v)
		}
	}
}

func TestFromGo(t *testing.T) {
	type district string
	at := time.Date(2026, 1, 31, 10, 0, 0, 0, time.FixedZone("", 8*3600))
	s := feel.FromGo(map[string]any{
		"i": 3, "u": uint8(4), "f": 0.1, "f32": float32(0.5), "n": json.Number("1.10"), "s": "x", "d": district("y"), "b": true, "nil": nil, "t": at, "dur": 90 * time.Minute,
		"m": map[string]int{"b": 1, "a": 2}, "l": []string{"p", "q"}, "v": feel.Int(7), "nan": math.NaN(), "fn": func() {}, "keys": map[int]int{1: 1}, "inner": []any{map[string]any{"k": 1}},
	})
	for src, want := range map[string]string{
		`i + u`: "7", `f * 3`: "0.3", `f32`: "0.5", `n`: "1.1", `s + d`: `"xy"`, `b`: "true", `nil = null`: "true", `t = @"2026-01-31T10:00:00+08:00"`: "true", `dur`: `"PT1H30M"`,
		`m`: `{"a":2,"b":1}`, `get entries(m).key`: `["a","b"]`, `l[2]`: `"q"`, `v`: "7", `nan`: "null", `fn`: "null", `keys`: "null", `inner[1].k`: "1", `absent`: "null",
	} {
		e, err := feel.Parse(src)
		if err != nil {
			t.Errorf("%s: %v", src, err)
			continue
		}
		if v, err := e.Eval(s); err != nil || asJSON(t, v) != want {
			t.Errorf("%s: got %s %v, want %s", src, asJSON(t, v), err, want)
		}
	}
	// Vars takes Go values for values too, so that a plain int is not silently null.
	e, err := feel.Parse(`n > 1`)
	if err != nil {
		t.Fatal(err)
	}
	if v, err := e.Eval(feel.Vars{"n": 2}); err != nil || !feel.Truth(v) {
		t.Errorf("got %v %v", v, err)
	}
	deep := any(nil)
	for range 300 {
		deep = []any{deep}
	}
	if _, err := feel.FromAny(deep); err == nil {
		t.Error("a value of 300 levels is taken, want an error")
	}
}

// TestClock: now() and today() are what the scope says, and of its kind.
func TestClock(t *testing.T) {
	at := time.Date(2026, 1, 31, 10, 0, 0, 0, time.FixedZone("", 8*3600))
	vars := feel.Vars{"now": at, "today": feel.DateOf(at)}
	for src, want := range map[string]string{`now()`: `"2026-01-31T10:00:00+08:00"`, `today() + @"P1M"`: `"2026-02-28"`, `today`: `"2026-01-31"`, `now(1)`: "null"} {
		e, err := feel.Parse(src)
		if err != nil {
			t.Fatal(err)
		}
		if v, err := e.Eval(vars); err != nil || asJSON(t, v) != want {
			t.Errorf("%s: got %s %v, want %s", src, asJSON(t, v), err, want)
		}
		if v, err := e.Eval(feel.Vars{"today": 5, "now": "x"}); src != "today" && (err != nil || v != nil) {
			t.Errorf("%s of what is no time: got %v %v, want null", src, v, err)
		}
	}
}

// TestMarshal: values may stand in structs that are written as JSON.
func TestMarshal(t *testing.T) {
	e, err := feel.Parse(`[1.50, @"2026-01-31", @"10:00:00Z", @"2026-01-31T10:00:00", @"P1D", @"P1Y", [1..5)]`)
	if err != nil {
		t.Fatal(err)
	}
	v, err := e.Eval(nil)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := asJSON(t, v), `[1.5,"2026-01-31","10:00:00Z","2026-01-31T10:00:00","P1D","P1Y","[1..5)"]`; got != want {
		t.Errorf("ToJSON gives %s, want %s", got, want)
	}
	b, err := json.Marshal(as[feel.List](t, v)[:6])
	if err != nil {
		t.Fatal(err)
	}
	if got, want := string(b), `[1.5,"2026-01-31","10:00:00Z","2026-01-31T10:00:00","P1D","P1Y"]`; got != want {
		t.Errorf("Marshal gives %s, want %s", got, want)
	}
	e, err = feel.Parse(`[abs, function(a) a]`)
	if err != nil {
		t.Fatal(err)
	}
	if v, err := e.Eval(nil); err != nil || asJSON(t, v) != `[null,null]` {
		t.Errorf("functions are written %s %v", asJSON(t, v), err)
	}
}

// TestRangesOfCallers: an interval that a caller makes may lack an end.
func TestRangesOfCallers(t *testing.T) {
	for _, c := range []struct {
		r       feel.Range
		text    string
		in, out int64
	}{
		{feel.Range{Start: feel.Int(5), StartIncluded: true}, ">= 5", 5, 4},
		{feel.Range{Start: feel.Int(5)}, "> 5", 6, 5},
		{feel.Range{End: feel.Int(5), EndIncluded: true}, "<= 5", 5, 6},
		{feel.Range{End: feel.Int(5)}, "< 5", 4, 5},
	} {
		e, err := feel.Parse(`[a in r, b in r, string(r)]`)
		if err != nil {
			t.Fatal(err)
		}
		v, err := e.Eval(feel.Vars{"r": c.r, "a": c.in, "b": c.out})
		if want := `[true,false,"` + c.text + `"]`; err != nil || strings.NewReplacer(`\u003c`, "<", `\u003e`, ">").Replace(asJSON(t, v)) != want {
			t.Errorf("got %s %v, want %s", asJSON(t, v), err, want)
		}
	}
}

// TestParts: what other packages take out of dates and times.
func TestParts(t *testing.T) {
	at, ok := feel.ParseDateTime("2026-01-31T10:20:30.5")
	if !ok {
		t.Fatal("not read")
	}
	d, clock := at.Date(), at.Time()
	if d.Year() != 2026 || d.Month() != 1 || d.Day() != 31 || d.Weekday() != 6 || clock.Hour() != 10 || clock.Minute() != 20 || clock.Second() != 30 {
		t.Errorf("got %s %s", d, clock)
	}
	shanghai := time.FixedZone("", 8*3600)
	if got, want := at.In(shanghai), time.Date(2026, 1, 31, 10, 20, 30, 500_000_000, shanghai); !got.Equal(want) {
		t.Errorf("got %s, want %s", got, want)
	}
	if _, ok := feel.NewDate(2026, 2, 29); ok {
		t.Error("29 February 2026 is taken for a day")
	}
	if _, ok := feel.NewTime(24, 0, 0, 0); ok {
		t.Error("24 o'clock is taken for a time")
	}
}

func TestNumbersAndDurations(t *testing.T) {
	var none feel.Number
	if none.String() != "0" || none.Sign() != 0 || none.Cmp(feel.Int(0)) != 0 {
		t.Errorf("the zero Number is %s", none)
	}
	for s, want := range map[string]int64{"5": 5, "5.00": 5, "-7e3": -7000, "9223372036854775807": math.MaxInt64} {
		n, err := feel.ParseNumber(s)
		if err != nil {
			t.Fatal(err)
		}
		if got, ok := n.Int64(); !ok || got != want {
			t.Errorf("%s: got %d %v", s, got, ok)
		}
	}
	for _, s := range []string{"5.5", "1e30", "9223372036854775808"} {
		n, err := feel.ParseNumber(s)
		if err != nil {
			t.Fatal(err)
		}
		if got, ok := n.Int64(); ok {
			t.Errorf("%s is taken for %d", s, got)
		}
	}
	for _, s := range []string{"", "x", "NaN", "Infinity", "1e7000", strings.Repeat("1", 70_000)} {
		if n, err := feel.ParseNumber(s); err == nil {
			t.Errorf("%.20q is read as %s", s, n)
		}
	}
	for _, d := range []time.Duration{0, time.Nanosecond, -time.Nanosecond, 36*time.Hour + time.Millisecond, -90 * time.Minute} {
		if got, ok := feel.DurationOf(d).Std(); !ok || got != d {
			t.Errorf("%s: got %s %v", d, got, ok)
		}
	}
	v, ok := feel.ParseDuration("P200000D")
	if !ok {
		t.Fatal("P200000D is not read")
	}
	if d, ok := as[feel.Duration](t, v).Std(); ok {
		t.Errorf("548 years are taken for %s", d)
	}
}
