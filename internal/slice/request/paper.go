package request

import (
	"bytes"
	"fmt"
	"strings"
	"unicode/utf16"
)

// charsPerLine is how many characters of 14 points stand on a line of A4.
const charsPerLine = 30

// demoPDF makes a PDF of one page with a few lines: what invented replies provide. The font is one that every reader of PDF knows for
// Chinese, so it is not embedded.
func demoPDF(text string) []byte {
	var page strings.Builder
	page.WriteString("BT /F 14 Tf 20 TL 72 760 Td\n")
	for _, line := range lines(text) {
		for r := []rune(line); len(r) > 0; r = r[min(charsPerLine, len(r)):] {
			page.WriteByte('<')
			for _, u := range utf16.Encode(r[:min(charsPerLine, len(r))]) {
				fmt.Fprintf(&page, "%04X", u)
			}
			page.WriteString("> Tj T*\n")
		}
	}
	page.WriteString("ET")
	parts := []string{
		"<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Kids[3 0 R]/Count 1>>",
		"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<</Font<</F 5 0 R>>>>>>",
		fmt.Sprintf("<</Length %d>>stream\n%s\nendstream", page.Len(), page.String()),
		"<</Type/Font/Subtype/Type0/BaseFont/STSong-Light/Encoding/UniGB-UCS2-H/DescendantFonts[6 0 R]>>",
		"<</Type/Font/Subtype/CIDFontType0/BaseFont/STSong-Light/CIDSystemInfo<</Registry(Adobe)/Ordering(GB1)/Supplement 2>>/FontDescriptor 7 0 R>>",
		"<</Type/FontDescriptor/FontName/STSong-Light/Flags 6/FontBBox[0 -120 1000 880]/ItalicAngle 0/Ascent 880/Descent -120/CapHeight 880/StemV 80>>",
	}
	var b bytes.Buffer
	b.WriteString("%PDF-1.4\n")
	at := make([]int, len(parts))
	for i, p := range parts {
		at[i] = b.Len()
		fmt.Fprintf(&b, "%d 0 obj%s\nendobj\n", i+1, p)
	}
	start := b.Len()
	fmt.Fprintf(&b, "xref\n0 %d\n0000000000 65535 f \n", len(parts)+1)
	for _, n := range at {
		fmt.Fprintf(&b, "%010d 00000 n \n", n)
	}
	fmt.Fprintf(&b, "trailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n", len(parts)+1, start)
	return b.Bytes()
}
