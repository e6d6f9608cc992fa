package document

import (
	"bytes"
	"errors"
	"testing"

	"github.com/signintech/gopdf"
	"pgregory.net/rapid"
)

// A cut font has the characters that it was cut for, with the widths and outlines of the whole one, and no others.
func TestCutKeepsTheCharacters(t *testing.T) {
	set := typesetting(t)
	all := map[string][]rune{}
	for _, name := range boldFaces {
		for r := rune(0x20); r < 0x33FFF; r++ {
			if set.faces[name].width(r) >= 0 {
				all[name] = append(all[name], r)
			}
		}
		if len(all[name]) < 500 {
			t.Fatalf("%s has %d characters", name, len(all[name]))
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		name := rapid.SampledFrom(boldFaces).Draw(t, "font")
		runes := rapid.SliceOfN(rapid.SampledFrom(all[name]), 1, 80).Draw(t, "characters")
		whole := set.faces[name]
		data, err := whole.cut(runes)
		if err != nil {
			t.Fatal(err)
		}
		var small gopdf.SubsetFontObj
		if err := small.SetTTFData(data); err != nil {
			t.Fatal(err)
		}
		cut := &face{font: &small, widths: map[rune]float64{}}
		wanted := map[rune]bool{}
		for _, r := range runes {
			wanted[r] = true
			if got, want := cut.width(r), whole.width(r); got != want {
				t.Fatalf("%U is %v wide, want %v", r, got, want)
			}
			got, want := outlineOf(t, &small, r), outlineOf(t, whole.font, r)
			composed := len(want) > 2 && want[0]&0x80 != 0 // its components have other numbers
			if !bytes.Equal(got, want) && !composed || len(got) != len(want) {
				t.Fatalf("%U is drawn differently", r)
			}
		}
		if other := rapid.SampledFrom(all[name]).Draw(t, "other"); !wanted[other] && cut.width(other) >= 0 {
			t.Fatalf("%U is in the font", other)
		}
	})
}

func outlineOf(t *rapid.T, font *gopdf.SubsetFontObj, r rune) []byte {
	glyph, err := font.CharCodeToGlyphIndex(r)
	if err != nil {
		t.Fatal(err)
	}
	p := font.GetTTFParser()
	at := p.GetTables()["glyf"].Offset
	return bytes.TrimRight(p.FontData()[at+p.LocaTable[glyph]:at+p.LocaTable[glyph+1]], "\x00")
}

func TestCutRefusesWhatIsNotThere(t *testing.T) {
	var missing *MissingGlyph
	if _, err := typesetting(t).faces[serifBold].cut([]rune{'受', '𠮷'}); !errors.As(err, &missing) || missing.Char != '𠮷' {
		t.Errorf("cut for a character that the font does not have: %v", err)
	}
}
