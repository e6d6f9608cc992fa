package calendar_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"openhall.org/openhall/internal/core/calendar"
)

// Each file of testdata/refused is a notice with one fault; its first line says what the message must contain.
func TestRefusedNotices(t *testing.T) {
	files, err := filepath.Glob("testdata/refused/*.yaml")
	if err != nil || len(files) < 15 {
		t.Fatalf("%d fixtures, %v", len(files), err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".yaml"), func(t *testing.T) {
			data, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			first, _, _ := strings.Cut(string(data), "\n")
			want := strings.TrimPrefix(first, "# ")
			if _, err := calendar.ParseNotice(data); err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("error %v; want %q in it", err, want)
			}
		})
	}
}

const notice2025 = `
year: 2025
source: https://www.gov.cn/
holidays:
  - name: {zh-Hans: 元旦, zh-Hant: 元旦, en: New Year's Day}
    days: [2025-01-01]
`

func TestLoadRefuses(t *testing.T) {
	reachingBack := strings.NewReplacer("year: 2025", "year: 2026", "2025-01-01]", "2025-12-31]").Replace(notice2025)
	overlapping := strings.NewReplacer("2025-01-01]", "2025-12-31]").Replace(notice2025)
	for name, tt := range map[string]struct {
		files map[string]string
		want  string
	}{
		"nothing":           {nil, "no notice in calendar"},
		"a stray file":      {map[string]string{"draft.yaml": notice2025}, "named by its year"},
		"the wrong name":    {map[string]string{"2024.yaml": notice2025}, "holds the notice of 2025"},
		"a bad notice":      {map[string]string{"2025.yaml": "year: 2025\nyear: 2026\n"}, "2025.yaml: notice"},
		"a contested day":   {map[string]string{"2025.yaml": overlapping, "2026.yaml": reachingBack}, "2025-12-31 is arranged by the notice of 2025 already"},
		"an absent folder":  {map[string]string{"../elsewhere/2025.yaml": notice2025}, "calendar"},
		"an empty document": {map[string]string{"2025.yaml": ""}, "the file is empty"},
	} {
		fsys := fstest.MapFS{"calendar/README.md": {Data: []byte("read by people")}}
		if name == "an absent folder" {
			fsys = fstest.MapFS{}
		}
		for file, text := range tt.files {
			fsys["calendar/"+file] = &fstest.MapFile{Data: []byte(text)}
		}
		if _, err := calendar.Load(fsys, "calendar"); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: error %v; want %q in it", name, err, tt.want)
		}
	}
}

func TestNewRefusesTwoNoticesOfOneYear(t *testing.T) {
	n, err := calendar.ParseNotice([]byte(notice2025))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := calendar.New([]calendar.Notice{n, n}); err == nil || !strings.Contains(err.Error(), "two notices for 2025") {
		t.Errorf("error %v", err)
	}
	n.Year = 3000
	if _, err := calendar.New([]calendar.Notice{n}); err == nil {
		t.Error("a notice for the year 3000 was accepted")
	}
}

// An administrator may import any file: it is read or refused, never half read.
func FuzzParseNotice(f *testing.F) {
	f.Add([]byte(notice2025))
	f.Add([]byte("year: 2025\nholidays: [{days: [2025-01-01..9999-12-31]}]"))
	f.Add([]byte("&a [*a]"))
	f.Fuzz(func(t *testing.T, data []byte) {
		n, err := calendar.ParseNotice(data)
		if err != nil {
			return
		}
		if _, err := calendar.New([]calendar.Notice{n}); err != nil {
			t.Errorf("accepted by ParseNotice, refused by New: %v", err)
		}
	})
}
