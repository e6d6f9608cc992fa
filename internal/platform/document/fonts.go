package document

import (
	"bytes"
	"embed"
	"fmt"
	"io"
	"sync"

	"github.com/andybalholm/brotli"
	"github.com/signintech/gopdf"
)

//go:embed fonts/*.br
var fontFiles embed.FS

// The fonts of letters, see fonts/README.md. A character is taken from the first one of its list that has it.
const (
	serif     = "serif"      // Noto Serif SC, all its Han characters
	serifBold = "serif-bold" // its bold, common characters only
	rareHan   = "rare"       // characters of names that it lacks, from LXGW WenKai
)

var (
	plainFaces = []string{serif, rareHan}
	boldFaces  = []string{serifBold, serif, rareHan}
)

// MissingGlyph says that no font has a character of a letter. It is found before anything is issued: a letter never has a blank.
type MissingGlyph struct{ Char rune }

// Error names the character by its number only: it stands in somebody's name.
func (e *MissingGlyph) Error() string {
	return fmt.Sprintf("no font of the letters has U+%04X", e.Char)
}

// typeset is the fonts, unpacked and parsed: some 25 MB.
type typeset struct {
	faces map[string]*face
}

type face struct {
	font   *gopdf.SubsetFontObj
	widths map[rune]float64 // in em; -1: not there
}

// SerifFont returns the font of letters as TTF, for other documents that are printed: all characters, or bold and the common ones only, which
// is unpacked three times as fast.
func SerifFont(bold bool) ([]byte, error) {
	if bold {
		return unpack(serifBold)
	}
	return unpack(serif)
}

// unpack returns the TTF of a font.
func unpack(name string) ([]byte, error) {
	packed, err := fontFiles.ReadFile("fonts/" + name + ".ttf.br")
	if err != nil {
		return nil, fmt.Errorf("font %s: %w", name, err)
	}
	data, err := io.ReadAll(brotli.NewReader(bytes.NewReader(packed)))
	if err != nil {
		return nil, fmt.Errorf("font %s: %w", name, err)
	}
	return bytes.Clone(data), nil // of its own length: ReadAll leaves room behind it
}

// fonts unpacks the fonts when they are wanted, and lets them go.
type fonts struct {
	mu  sync.Mutex
	set *typeset
}

func (f *fonts) get() (*typeset, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.set != nil {
		return f.set, nil
	}
	t := &typeset{faces: map[string]*face{}}
	for _, name := range boldFaces {
		data, err := unpack(name)
		if err != nil {
			return nil, err
		}
		x := &face{font: &gopdf.SubsetFontObj{}, widths: map[rune]float64{}}
		if err := x.font.SetTTFData(data); err != nil {
			return nil, fmt.Errorf("font %s: %w", name, err)
		}
		t.faces[name] = x
	}
	f.set = t
	return t, nil
}

// release lets the fonts go until they are wanted again.
func (f *fonts) release() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.set = nil
}

// width returns the width of a character in em, or a negative number when the font does not have it.
func (x *face) width(r rune) float64 {
	if w, ok := x.widths[r]; ok {
		return w
	}
	w := -1.0
	// gopdf answers 0, the sign for what is not there, for some characters that it does not find.
	if glyph, err := x.font.CharCodeToGlyphIndex(r); err == nil && glyph != 0 {
		w = float64(x.font.GlyphIndexToPdfWidth(glyph)) / 1000
	}
	x.widths[r] = w
	return w
}

// find returns the first of the fonts that has the character, and its width in em.
func (t *typeset) find(names []string, r rune) (name string, width float64, err error) {
	for _, name := range names {
		if w := t.faces[name].width(r); w >= 0 {
			return name, w, nil
		}
	}
	return "", 0, &MissingGlyph{r}
}
