package document

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"openhall.org/openhall/internal/core/lang"
)

var rewrite = flag.Bool("update", false, "write the golden files of the layout anew; look at the letters before you commit them")

// dump writes where everything stands, in mm.
func dump(pages []page) string {
	var b strings.Builder
	for n, p := range pages {
		fmt.Fprintf(&b, "page %d\n", n+1)
		for i := range p.items {
			x := &p.items[i]
			switch x.kind {
			case "text":
				fmt.Fprintf(&b, "%6.1f %6.1f  %4.1f pt %s #%02x%02x%02x  %s\n", x.x, x.y, x.style.size, x.style.faces[0], x.style.colour[0], x.style.colour[1], x.style.colour[2], x.text)
			case "rule":
				fmt.Fprintf(&b, "%6.1f %6.1f  rule to %.1f, %.2f mm\n", x.x, x.y, x.x2, x.style.size)
			default:
				fmt.Fprintf(&b, "%6.1f %6.1f  %s of %.1f\n", x.x, x.y, x.kind, x.x2)
			}
		}
	}
	return b.String()
}

// The golden files were looked at as pictures, and hold positions and texts, nothing of the fonts.
func TestLayout(t *testing.T) {
	set := typesetting(t)
	for _, kind := range templates(t).Kinds() {
		for _, tag := range lang.All {
			if tag != lang.Hans && kind != "decision-refusal" {
				continue
			}
			pages, err := layout(set, whole(t, kind, tag))
			if err != nil {
				t.Fatalf("%s in %s: %v", kind, tag, err)
			}
			got, file := dump(pages), filepath.Join("testdata", "layout", kind+"."+string(tag)+".txt")
			if *rewrite {
				if err := os.WriteFile(file, []byte(got), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(file)
			if err != nil || string(want) != got {
				t.Errorf("%s in %s is laid out otherwise than %s says (go test -update writes it anew): %v\n%s", kind, tag, file, err, got)
			}
		}
	}
}

// The measures are those of GB/T 9704-2012: everything stands in the text block but heads, page numbers and red rules; lines of the
// body are 225/22 mm apart, and begin at the left edge or two characters in.
func TestLayoutKeepsTheMeasures(t *testing.T) {
	set := typesetting(t)
	for _, kind := range templates(t).Kinds() {
		for _, tag := range lang.All {
			pages, err := layout(set, whole(t, kind, tag))
			if err != nil {
				t.Fatal(err)
			}
			for n, p := range pages {
				last, texts := 0.0, 0
				for i := range p.items {
					x := &p.items[i]
					if x.kind != "text" {
						continue
					}
					w, err := set.measure(&x.style, x.text)
					if err != nil {
						t.Fatal(err)
					}
					if x.x < left-0.01 || x.x+w > right+0.5 {
						t.Errorf("%s in %s, page %d: %q stands from %.1f to %.1f", kind, tag, n+1, x.text, x.x, x.x+w)
					}
					if x.style.size != size3 || x.style.faces[0] != serif {
						continue
					}
					if in := x.x - left; math.Abs(in) < 0.01 || math.Abs(in-2*cell) < 0.01 {
						texts++
						if d := x.y - last; last > 0 && math.Abs(math.Mod(d+0.01, pitch)) > 0.05 {
							t.Errorf("%s in %s, page %d: %q is %.2f mm below the line before", kind, tag, n+1, x.text, d)
						}
						last = x.y
					}
					if x.y > bottom {
						t.Errorf("%s in %s, page %d: %q stands at %.1f, below the text block", kind, tag, n+1, x.text, x.y)
					}
				}
				if texts == 0 {
					t.Errorf("%s in %s: page %d has no text (此页无正文)", kind, tag, n+1)
				}
			}
		}
	}
}

// However long the words of an official are, none is lost, and signs stand where they may.
func TestLongLetters(t *testing.T) {
	set := typesetting(t)
	words := strings.Repeat("申请人提交的《取水许可申请书》（编号：SQ-2026-0001）载明的取水地点与“一张图”不一致，须更正；", 40)
	for cut := 1; cut < utf8.RuneCountInString(words); cut += 97 {
		f := facts(lang.Hans)
		f["reasons"] = string([]rune(words)[:cut])
		l := templates(t).Fill("decision-refusal", lang.Hans, f)
		l.Code = "x"
		pages, err := layout(set, l)
		if err != nil {
			t.Fatal(err)
		}
		var all strings.Builder
		for _, p := range pages {
			for i := range p.items {
				x := &p.items[i]
				if x.kind != "text" || x.style.size != size3 || x.style.colour != black {
					continue
				}
				all.WriteString(x.text)
				first, _ := utf8.DecodeRuneInString(x.text)
				final, _ := utf8.DecodeLastRuneInString(x.text)
				if strings.ContainsRune("，。；）》”：", first) || (strings.ContainsRune("（《“", final) && !strings.HasSuffix(f["reasons"], x.text)) {
					t.Errorf("a line begins or ends with a sign that must not: %q", x.text)
				}
			}
		}
		if !strings.Contains(all.String(), strings.TrimSpace(f["reasons"])) {
			t.Errorf("of %d characters some were lost", cut)
		}
	}
}

// A character that no font has is found before anything is printed, wherever it stands; one that the first font lacks is taken from another.
func TestRareCharacters(t *testing.T) {
	set := typesetting(t)
	for _, r := range "𠮷㐂𬱟䶮龘镕堃喆赟㛃" { // characters of names of living people
		name, w, err := set.find(plainFaces, r)
		if err != nil || w != 1 {
			t.Errorf("%c: %s, %v, %v", r, name, w, err)
		}
	}
	if name, _, err := set.find(boldFaces, '𠮷'); err != nil || name != rareHan {
		t.Errorf("𠮷 is in %s, %v", name, err)
	}
	if name, _, err := set.find(boldFaces, '㐂'); err != nil || name != serif {
		t.Errorf("㐂 is in %s, %v", name, err)
	}
	for _, place := range []string{"applicant", "issuer", "number", "reasons", "date", "item"} {
		f := facts(lang.Hans)
		f[place] += "\U0002F00F" // no font has it
		var missing *MissingGlyph
		if _, err := set.print(templates(t).Fill("decision-refusal", lang.Hans, f)); !errors.As(err, &missing) || missing.Char != 0x2F00F {
			t.Errorf("in %s: %v", place, err)
		} else if strings.ContainsRune(err.Error(), 0x2F00F) {
			t.Errorf("the error holds a part of a name: %v", err)
		}
	}
}

// The text of a PDF can be copied: its glyphs lead to characters, beyond U+FFFF in UTF-16 once the file is updated.
func TestTextCanBeCopied(t *testing.T) {
	pdf, err := typesetting(t).print(whole(t, "acceptance-slip", lang.Hans))
	if err != nil {
		t.Fatal(err)
	}
	mended := unicodeMaps(pdf)
	if len(mended) != 1 || !strings.Contains(mended[0].text, "<D842DFB7>") { // 𠮷 in UTF-16
		t.Fatalf("mended maps: %+v", mended)
	}
	if m := regexp.MustCompile(`<[0-9A-F]{4}><[0-9A-F]{4}><53D7>`); !m.Match(pdf) { // 受
		t.Error("no glyph leads to 受")
	}
	if fonts := bytes.Count(pdf, []byte("/Subtype /Type0")); fonts != 3 {
		t.Errorf("%d fonts, want the serif, its bold and the rare one", fonts)
	}
}

func BenchmarkPrint(b *testing.B) {
	set := typesetting(b)
	l := whole(b, "decision-refusal", lang.Hans)
	pages := 0
	for b.Loop() {
		p, err := layout(set, l)
		if err != nil {
			b.Fatal(err)
		}
		pages += len(p)
		if _, err := set.print(l); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(pages)/b.Elapsed().Seconds(), "pages/s")
}
