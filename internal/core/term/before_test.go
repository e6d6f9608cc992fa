package term_test

import (
	"errors"
	"testing"

	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/core/statute"
	"openhall.org/openhall/internal/core/term"
	"openhall.org/openhall/rules"
)

// Worked out by hand with the notices of 2025 (国办发明电〔2024〕12号) and 2026 (国办发明电〔2025〕7号).
func TestBefore(t *testing.T) {
	cal, err := calendar.Load(rules.Files, "calendar")
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name, event string
		length      term.Length
		want        string
		provisional bool
	}{
		// 14, 13, Saturday 11 (worked), 10, 9 October; 1–8 October National Day; 30, 29 September.
		{"hearing after National Day", "2025-10-15", term.Length{N: 7, Unit: statute.WorkingDay}, "2025-09-29", false},
		// 21 days in March; 28 (worked), 27–24 February; 15–23 February Spring Festival; 14 (worked), 13, 12, 11 February.
		{"renewal over Spring Festival", "2026-03-31", term.Length{N: 30, Unit: statute.WorkingDay}, "2026-02-11", false},
		{"calendar days end on a Sunday", "2025-09-28", term.Length{N: 7, Unit: statute.CalendarDay}, "2025-09-21", false},
		{"a month before the end of March", "2025-03-31", term.Length{N: 1, Unit: statute.Month}, "2025-02-28", false},
		{"a year before a leap day", "2024-02-29", term.Length{N: 1, Unit: statute.Year}, "2023-02-28", false},
		{"a year without a notice", "2090-06-14", term.Length{N: 1, Unit: statute.WorkingDay}, "2090-06-13", true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			event, err := calendar.Parse(tt.event)
			if err != nil {
				t.Fatal(err)
			}
			got, err := term.Before(cal, event, tt.length)
			if err != nil {
				t.Fatal(err)
			}
			if got.Day.String() != tt.want || got.Provisional != tt.provisional {
				t.Errorf("got %s, provisional %t", got.Day, got.Provisional)
			}
			if last := got.Steps[len(got.Steps)-1]; last.Kind != term.StepDue || last.From != got.Day {
				t.Errorf("last step %+v", last)
			}
			counted := 0
			for _, s := range got.Steps {
				if s.Counted {
					counted += s.Days
				}
				if !s.Text.Complete() {
					t.Errorf("step without a translation: %+v", s)
				}
			}
			if counted != tt.length.N {
				t.Errorf("steps count %d", counted)
			}
		})
	}
}

func TestBeforeRefuses(t *testing.T) {
	cal, err := calendar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range []term.Length{{}, {N: -1, Unit: statute.WorkingDay}, {N: 3, Unit: statute.Hour}, {N: 3, Unit: statute.Fen}} {
		var e *term.Error
		if _, err := term.Before(cal, 0, l); !errors.As(err, &e) || e.Code != term.BadLength {
			t.Errorf("%+v: %v", l, err)
		}
	}
}
