package lang

import (
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"
)

// The expected characters are those of 通用规范汉字表 (2013), appendix 1.
func TestFold(t *testing.T) {
	for _, row := range []struct{ in, want string }{
		{"", ""},
		{"abc 123", "abc 123"},
		{"ABC", "abc"},
		{"ＡＢｃ１２３！　x", "abc123! x"},
		{"企業設立登記", "企业设立登记"},
		{"企业设立登记", "企业设立登记"},
		{"農村村民宅基地審批", "农村村民宅基地审批"},
		{"理髮與發展", "理发与发展"},
		{"臺灣、裡面、徵收", "台湾、里面、征收"},
		{"食品經營許可 Food LICENCE", "食品经营许可 food licence"},
		{"ÀÉ", "àé"},
		{"\xff發", "\xff发"},
		{"𫒡", "𫒡"},
	} {
		if got := Fold(row.in); got != row.want {
			t.Errorf("Fold(%q) = %q, want %q", row.in, got, row.want)
		}
	}
}

// Folding twice changes nothing more; what is valid UTF-8 stays so, with the same number of characters.
func TestFoldIsStable(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.String().Draw(t, "s")
		once := Fold(s)
		if twice := Fold(once); twice != once {
			t.Fatalf("Fold(%q) = %q, folded again %q", s, once, twice)
		}
		if !utf8.ValidString(once) || utf8.RuneCountInString(once) != utf8.RuneCountInString(s) {
			t.Fatalf("Fold(%q) = %q: damaged", s, once)
		}
	})
}

// No character of the table leads to another one that folds again.
func TestFoldTableHasNoChains(t *testing.T) {
	n := 0
	for r := rune(0); r <= utf8.MaxRune; r++ {
		to := folded.fold(r)
		if again := folded.fold(to); again != to {
			t.Errorf("%c folds to %c, which folds to %c", r, to, again)
		}
		if to != r {
			n++
		}
	}
	if n < 3200 {
		t.Errorf("%d characters fold: the table was not read", n)
	}
}

func FuzzFold(f *testing.F) {
	for _, seed := range []string{"發", "\xe9", "Ａ\xffz", "𰻞"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if got := Fold(Fold(s)); got != Fold(s) {
			t.Errorf("Fold(%q) is not stable", s)
		}
	})
}

func BenchmarkFold(b *testing.B) {
	s := strings.Repeat("農村村民宅基地審批，由鄉鎮人民政府審核批准。", 50)
	b.SetBytes(int64(len(s)))
	for b.Loop() {
		Fold(s)
	}
}

func FuzzThree(f *testing.F) {
	for _, s := range []string{"公开a", "é", "\xe5\x85", "\xe5\x85a", "𠀀", "\xed\xa0\x80", "", "ａ１"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		for i := range len(s) {
			want, long := utf8.DecodeRuneInString(s[i:])
			if got, size := Three(s, i); size == 0 && '\u3000' <= want && want <= '\u9fff' || size != 0 && (got != want || size != long) {
				t.Errorf("%q at %d: %q, %d bytes; want %q, %d", s, i, got, size, want, long)
			}
		}
	})
}
