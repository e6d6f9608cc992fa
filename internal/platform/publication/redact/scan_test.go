package redact_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"strings"
	"testing"

	"github.com/signintech/gopdf"

	"openhall.org/openhall/internal/platform/document"
	"openhall.org/openhall/internal/platform/publication/extract"
	"openhall.org/openhall/internal/platform/publication/guard"
	"openhall.org/openhall/internal/platform/publication/redact"
)

// scanned is a page with a picture of 200 × 100 pixels under an invisible text, as programs write that read scans.
func scanned(t testing.TB, filter string, picture []byte, extra string) []byte {
	t.Helper()
	var b bytes.Buffer
	content := "q 200 0 0 100 0 0 cm /I Do Q BT 3 Tr /F 20 Tf 10 40 Td (Tel 13800000001) Tj ET"
	b.WriteString("%PDF-1.4\n1 0 obj\n<</Type/Catalog/Pages 2 0 R>>\nendobj\n2 0 obj\n<</Type/Pages/Kids[3 0 R]/Count 1>>\nendobj\n" +
		"3 0 obj\n<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 100]/Resources<</Font<</F 5 0 R>>/XObject<</I 6 0 R>>>>/Contents 4 0 R>>\nendobj\n")
	fmt.Fprintf(&b, "4 0 obj\n<</Length %d>>\nstream\n%s\nendstream\nendobj\n", len(content), content)
	b.WriteString("5 0 obj\n<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding>>\nendobj\n")
	fmt.Fprintf(&b, "6 0 obj\n<</Type/XObject/Subtype/Image/Width 200/Height 100/BitsPerComponent 8/Filter/%s%s/Length %d>>\nstream\n", filter, extra, len(picture))
	b.Write(picture)
	b.WriteString("\nendstream\nendobj\ntrailer\n<</Root 1 0 R>>\n")
	return b.Bytes()
}

// In a scan the withheld text is blackened in the pixels; a picture that we do not unpack is refused and never just covered.
func TestScan(t *testing.T) {
	white := image.NewGray(image.Rect(0, 0, 200, 100))
	for i := range white.Pix {
		white.Pix[i] = 255
	}
	var j bytes.Buffer
	if err := jpeg.Encode(&j, white, nil); err != nil {
		t.Fatal(err)
	}
	content := scanned(t, "DCTDecode", j.Bytes(), "/ColorSpace/DeviceGray")
	out, _ := public(t, extract.PDF, content, "")
	all := everything(t, out)
	const size = 200 * 100 * 3
	i := strings.Index(all, strings.Repeat("\xff", 600))
	if i < 0 {
		t.Fatal("the picture is gone")
	}
	pixels := all[i : i+size]
	at := func(x, y int) color.Gray { return color.Gray{pixels[3*(200*y+x)]} }
	// Tel and a blank take about 39 points of Helvetica at 20, by the widths of a font without any: 10 each; the digits begin at 50.
	if at(100, 55).Y != 0 || at(100, 20).Y != 255 || at(15, 55).Y != 255 {
		t.Errorf("pixels: on the number %d, above it %d, before it %d", at(100, 55).Y, at(100, 20).Y, at(15, 55).Y)
	}
	doc := read(t, extract.PDF, content)
	_, _, err := redact.File(context.Background(), extract.PDF, scanned(t, "JPXDecode", []byte("xx"), ""), extract.DefaultLimits(), redact.Masks(guard.Scan(doc.Text)))
	if !errors.Is(err, redact.ErrPicture) || !errors.Is(err, redact.ErrLeft) {
		t.Errorf("a picture that is not unpacked: %v", err)
	}
	// The head of the picture itself says 65,535 × 65,535, whatever the file around it says.
	huge := bytes.Clone(j.Bytes())
	i = bytes.Index(huge, []byte{0xFF, 0xC0})
	copy(huge[i+5:], "\xff\xff\xff\xff")
	_, _, err = redact.File(context.Background(), extract.PDF, scanned(t, "DCTDecode", huge, "/ColorSpace/DeviceGray"), extract.DefaultLimits(), redact.Masks(guard.Scan(doc.Text)))
	if !errors.Is(err, redact.ErrPicture) {
		t.Errorf("a picture larger than memory: %v", err)
	}
}

// Letters of the hall itself, printed by gopdf.
func TestPrintedHere(t *testing.T) {
	font, err := document.SerifFont(true)
	if err != nil {
		t.Fatal(err)
	}
	p := &gopdf.GoPdf{}
	p.Start(gopdf.Config{PageSize: *gopdf.PageSizeA4})
	if err := p.AddTTFFontData("serif", font); err != nil {
		t.Fatal(err)
	}
	p.AddPage()
	if err := p.SetFont("serif", "", 14); err != nil {
		t.Fatal(err)
	}
	for i, line := range []string{"当事人：张三丰，身份证号11010519491231002X。", "本机关决定罚款一千元。", "张"} {
		p.SetXY(60, float64(80+30*i))
		if err := p.Text(line); err != nil {
			t.Fatal(err)
		}
	}
	content, err := p.GetBytesPdfReturnErr()
	if err != nil {
		t.Fatal(err)
	}
	out, _ := public(t, extract.PDF, content, "行政执法案卷", "本机关决定罚款一千元")
	text := read(t, extract.PDF, out).Text
	if strings.Contains(text, "三丰") || strings.Contains(text, "1949") || strings.Contains(text, "千元") {
		t.Errorf("it can still be read: %q", text)
	}
	if !strings.Contains(text, "当事人：张") || !strings.Contains(text, "不予公开：行政执法案卷") {
		t.Errorf("it holds %q", text)
	}
	if _, _, err := redact.File(context.Background(), extract.PDF, content, extract.DefaultLimits(), []redact.Passage{{From: 0, To: 9, Ground: "\U0001F512"}}); !errors.Is(err, redact.ErrLabel) {
		t.Errorf("a ground that no font has: %v", err)
	}
}
