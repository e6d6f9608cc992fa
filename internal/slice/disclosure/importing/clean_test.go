package importing_test

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"openhall.org/openhall/internal/slice/disclosure/importing"
)

func TestClean(t *testing.T) {
	tests := []struct {
		in, want string
		n        int
	}{
		{"現印發(fā)給你們", "現印發給你們", 1},
		{"監(jiān)督權力、創(chuàng)新驅動、醫(yī)療、環(huán)節(jié)", "監督權力、創新驅動、醫療、環節", 5},
		{"全角的監（jiān）督", "全角的監督", 1},
		{"鄉(xiāng)鎮(zhèn)(街道)", "鄉鎮(街道)", 2}, // what the author put in brackets stays
		{"村(居)、站(所)、縣(市、區)", "村(居)、站(所)、縣(市、區)", 0},
		{"距离(km)、选项(a)、公司(ltd)", "距离(km)、选项(a)、公司(ltd)", 0}, // no tone: it may be the author's
		{"法(fà", "法(fà", 0},
		{"(fā)在句首", "(fā)在句首", 0}, // nothing stands before it
		{"abc(fā)", "abc(fā)", 0}, // nor does a Han character
		{"文(āā)", "文(āā)", 0},     // two tones are no syllable
		{"文(bvá)", "文(bvá)", 0},   // nor is this
		{"\ufeff文\u200b件", "文件", 0},
		{"\ufeff文件", "文件", 0},
		{"文\u200b件", "文件", 0},
		{"文\u00ad件", "文件", 0},
		{"文\x00件", "文件", 0},
		{"", "", 0},
	}
	for _, tt := range tests {
		got, n := importing.Clean(tt.in)
		if got != tt.want || n != tt.n {
			t.Errorf("Clean(%q) = %q, %d; want %q, %d", tt.in, got, n, tt.want, tt.n)
		}
	}
}

// What is clean stays as it is, and cleaning twice changes nothing more.
func TestCleanIsStable(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		in := strings.Join(rapid.SliceOf(rapid.SampledFrom([]string{"發", "监", "(", ")", "（", "）", "fā", "jiān", "km", "。", " "})).Draw(t, "parts"), "")
		once, n := importing.Clean(in)
		twice, more := importing.Clean(once)
		if n == 0 && once != in {
			t.Fatalf("%q became %q without a reading", in, once)
		}
		if len(twice) > len(once) || more > 0 && len(twice) == len(once) {
			t.Fatalf("%q became %q", once, twice)
		}
	})
}

func FuzzClean(f *testing.F) {
	f.Add("印發(fā)給")
	f.Add("(((ā)")
	f.Fuzz(func(t *testing.T, in string) {
		if out, _ := importing.Clean(in); len(out) > len(in) {
			t.Errorf("%q grew to %q", in, out)
		}
	})
}
