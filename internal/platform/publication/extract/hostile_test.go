package extract_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
	"testing"

	"openhall.org/openhall/internal/platform/publication/extract"
	"openhall.org/openhall/internal/platform/publication/internal/sample"
)

// onePage is a PDF file of one page with a content stream, whose dictionary holds more, and other objects.
func onePage(content []byte, more, resources, others string) []byte {
	var b bytes.Buffer
	b.WriteString("%PDF-1.4\n1 0 obj\n<</Type/Catalog/Pages 2 0 R>>\nendobj\n2 0 obj\n<</Type/Pages/Kids[3 0 R]/Count 1>>\nendobj\n")
	fmt.Fprintf(&b, "3 0 obj\n<</Type/Page/Parent 2 0 R/Contents 4 0 R/Resources<<%s>>>>\nendobj\n4 0 obj\n<<%s/Length %d>>\nstream\n", resources, more, len(content))
	b.Write(content)
	b.WriteString("\nendstream\nendobj\n" + others + "trailer\n<</Root 1 0 R>>\n")
	return b.Bytes()
}

func packed(t testing.TB, content string) []byte {
	t.Helper()
	var z bytes.Buffer
	deflate(t, &z, []byte(content))
	return z.Bytes()
}

const font = "/Font<</F<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>>>"

// Small files that say of themselves what would take gigabytes, or hours, are refused for what they say.
func TestSmallFilesThatGrow(t *testing.T) {
	limits := extract.DefaultLimits()
	limits.Unpacked, limits.Pieces = 8<<20, 100_000
	words := strings.Repeat("<w:r><w:t>a</w:t></w:r>", 100_001)
	cells := strings.Repeat(`<c r="A1" t="str"><v>中</v></c>`, 100_001)
	marks := strings.Repeat(`<w:tab w:val="中"/>`, 100_001)
	book := `<workbook><sheets><sheet name="a" r:id="rId1"/></sheets></workbook>`
	rels := `<Relationships><Relationship Id="rId1" Target="worksheets/sheet1.xml"/></Relationships>`
	for name, row := range map[string]struct {
		typ     extract.Type
		content []byte
		err     error
		part    string
	}{
		"rows of a picture wider than memory": {extract.PDF, onePage(packed(t, "BT ET"), "/Filter/FlateDecode/DecodeParms<</Predictor 12/Colors 1048575/BitsPerComponent 1048575/Columns 1048575>>", "", ""), extract.ErrBroken, "page 1"},
		"a row of 64 GiB":                     {extract.PDF, onePage(packed(t, "BT ET"), "/Filter/FlateDecode/DecodeParms<</Predictor 12/Colors 1048575/BitsPerComponent 8/Columns 65536>>", "", ""), extract.ErrBroken, "page 1"},
		"a page of a million characters":      {extract.PDF, onePage(packed(t, "BT /F 9 Tf ("+strings.Repeat("a", 1<<20)+") Tj ET"), "/Filter/FlateDecode", font, ""), extract.ErrLimit, "page 1"},
		"a form that is drawn for ever": {
			extract.PDF, onePage([]byte(strings.Repeat("/X Do ", 1_000)), "", "/XObject<</X 5 0 R>>",
				"5 0 obj\n<</Subtype/Form/Length 65536>>\nstream\n"+strings.Repeat("q Q ", 1<<14)+"\nendstream\nendobj\n"), extract.ErrLimit, "page 1",
		},
		"runs of one letter":         {extract.DOCX, sample.Archive("word/document.xml", "<w:document><w:p>"+words+"</w:p></w:document>"), extract.ErrLimit, "word/document.xml"},
		"attributes that say little": {extract.DOCX, sample.Archive("word/document.xml", "<w:document><w:p>"+marks+"</w:p></w:document>"), extract.ErrLimit, "word/document.xml"},
		"cells of one letter": {
			extract.XLSX, sample.Archive("xl/workbook.xml", book, "xl/_rels/workbook.xml.rels", rels, "xl/worksheets/sheet1.xml", "<worksheet><sheetData><row>"+cells+"</row></sheetData></worksheet>"),
			extract.ErrLimit, "xl/worksheets/sheet1.xml",
		},
		"comments of a page of the web": {extract.HTML, []byte(strings.Repeat("<!--a-->", 100_001)), extract.ErrLimit, ""},
	} {
		_, err := extract.Text(context.Background(), row.typ, row.content, limits)
		var e *extract.Error
		if !errors.Is(err, row.err) || !errors.As(err, &e) || e.Part != row.part {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// A font that stands in the resources itself is read once, however often the page names it: read each time, this page would take hours.
func TestAFontIsReadOnce(t *testing.T) {
	const names = 20_000
	mapping := "5 0 obj\n<</Length 1048576>>\nstream\n" + strings.Repeat("% nothing but a comment, which costs time to pass over 12345678\n", 1<<14) + "\nendstream\nendobj\n"
	content := "BT " + strings.Repeat("/F 9 Tf ", names) + "(once) Tj ET"
	doc := read(t, extract.PDF, onePage([]byte(content), "", "/Font<</F<</Type/Font/Subtype/Type1/ToUnicode 5 0 R>>>>", mapping))
	if !strings.Contains(doc.Text, "once") {
		t.Errorf("it is read as %q", doc.Text)
	}
}

// A table of objects may say that an object is the minus first of a stream.
func TestPlacesBeforeTheFirst(t *testing.T) {
	var b bytes.Buffer
	b.WriteString("%PDF-1.5\n")
	inner := []string{"<</Type/Catalog/Pages 11 0 R>>", "<</Type/Pages/Kids[12 0 R]/Count 1>>", "<</Type/Page/Parent 11 0 R/Contents 4 0 R/Resources<<" + font + ">>>>"}
	head, all := "", ""
	for i, o := range inner {
		head += fmt.Sprintf("%d %d ", 10+i, len(all))
		all += o + " "
	}
	objects := b.Len()
	fmt.Fprintf(&b, "1 0 obj\n<</Type/ObjStm/N 3/First %d/Length %d>>\nstream\n%s%s\nendstream\nendobj\n", len(head), len(head)+len(all), head, all)
	page := b.Len()
	const content = "BT /F 9 Tf (found) Tj ET"
	fmt.Fprintf(&b, "4 0 obj\n<</Length %d>>\nstream\n%s\nendstream\nendobj\n", len(content), content)
	var table []byte
	put := func(kind byte, a int, index int64) {
		table = append(table, kind)
		table = binary.BigEndian.AppendUint64(table, uint64(a))
		table = binary.BigEndian.AppendUint64(table, uint64(index))
	}
	put(1, objects, 0)
	put(1, page, 0)
	for range inner {
		put(2, 1, -1)
	}
	at := b.Len()
	fmt.Fprintf(&b, "5 0 obj\n<</Type/XRef/Size 13/W[1 8 8]/Index[1 1 4 1 10 3]/Root 10 0 R/Length %d>>\nstream\n", len(table))
	b.Write(table)
	fmt.Fprintf(&b, "\nendstream\nendobj\nstartxref\n%d\n%%%%EOF\n", at)
	if doc := read(t, extract.PDF, b.Bytes()); !strings.Contains(doc.Text, "found") {
		t.Errorf("it is read as %q", doc.Text)
	}
}
