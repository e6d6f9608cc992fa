package province

import (
	"bytes"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"testing"
	"time"

	"pgregory.net/rapid"

	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/rules"
)

// What the staff did lies within office hours, what happened today has happened, and the acts of a matter stay in their order.
func TestInstant(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		day := calendar.Day(2026, 11, 23).Add(rapid.IntRange(0, 40).Draw(t, "day"))
		now := day.Start().Add(time.Duration(rapid.Int64Range(1, int64(4*24*time.Hour)).Draw(t, "now")))
		i, turn := rapid.IntRange(0, 200).Draw(t, "matter"), rapid.IntRange(0, 7).Draw(t, "turn")
		at := instant(day, i, turn, now)
		if calendar.Of(at) != day || at.After(now) {
			t.Fatalf("%s: not on %s, or after %s", at, day, now)
		}
		local := at.In(calendar.Zone)
		if calendar.Of(now) > day && (local.Hour() < 9 || local.Hour() >= 17) {
			t.Fatalf("%s lies outside office hours", local)
		}
		if next := instant(day, i, turn+1, now); next.Before(at) {
			t.Fatalf("%s comes before %s", next, at)
		}
	})
}

func TestFill(t *testing.T) {
	cal, err := calendar.Load(rules.Files, "calendar")
	if err != nil {
		t.Fatal(err)
	}
	pl := &played{p: &player{cal: cal}, applicant: casework.Applicant{Name: "丁一鸣", IDNumber: "11010519491231002X", Phone: "13800000101"}}
	day := calendar.Day(2026, 9, 30) // the last working day before the holiday of 1 to 7 October (国办发明电〔2025〕7号)
	for _, c := range []struct{ text, want string }{
		{"no token", "no token"},
		{"@name", "丁一鸣"},
		{"@number", "11010519491231002X"},
		{"@phone", "13800000101"},
		{"@0", "2026-09-30"},
		{"@+1", "2026-10-08"},
		{"@-3", "2026-09-24"},                               // the 25th to the 27th are the Mid-Autumn holiday
		{"@id 110105 1949-12-31 002", "11010519491231002X"}, // the example of GB 11643
	} {
		got, err := pl.fill(map[string]any{"field": c.text, "n": 3}, day)
		if err != nil || fmt.Sprint(got) != fmt.Sprint(map[string]any{"field": c.want, "n": 3}) {
			t.Errorf("%s: %v, %v; want %s", c.text, got, err, c.want)
		}
	}
	for _, text := range []string{"@", "@nothing", "@id 110105 1949-12-31"} {
		if _, err := pl.fill(map[string]any{"field": text}, day); !errors.Is(err, errToken) {
			t.Errorf("%s: error %v; want %v", text, err, errToken)
		}
	}
	for _, text := range []string{"@id 110105 1949-02-30 002", "@id 110105 1949-12-31 x", "@uscc 34 MA9Y0101"} {
		if got, err := pl.fill(text, day); err == nil {
			t.Errorf("%s: %v; want an error", text, got)
		}
	}
}

// A reader finds every object of a PDF by its place in the table at the end.
func TestPaper(t *testing.T) {
	pdf := paper("身份证明")
	// 演 U+6F14, 示 U+793A, 材 U+6750, 料 U+6599; 身份证明 U+8EAB U+4EFD U+8BC1 U+660E
	for _, want := range []string{"<6F14793A67506599>", "<8EAB4EFD8BC1660E>"} {
		if !bytes.Contains(pdf, []byte(want)) {
			t.Errorf("the page does not show %s", want)
		}
	}
	entries := regexp.MustCompile(`(\d{10}) 00000 n `).FindAllSubmatch(pdf, -1)
	for i, e := range entries {
		at, err := strconv.Atoi(string(e[1]))
		if err != nil || !bytes.HasPrefix(pdf[at:], fmt.Appendf(nil, "%d 0 obj\n", i+1)) {
			t.Errorf("object %d is not at %s", i+1, e[1])
		}
	}
	start := regexp.MustCompile(`startxref\n(\d+)\n`).FindSubmatch(pdf)
	if len(entries) != 7 || start == nil {
		t.Fatalf("%d objects, start %q; want 7 and a start", len(entries), start)
	}
	if at, err := strconv.Atoi(string(start[1])); err != nil || !bytes.HasPrefix(pdf[at:], []byte("xref\n0 8\n")) {
		t.Errorf("the table is not at %s", start[1])
	}
}
