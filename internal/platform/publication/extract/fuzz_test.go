package extract_test

import (
	"bytes"
	"compress/zlib"
	"context"
	"errors"
	"testing"
	"unicode/utf8"

	"openhall.org/openhall/internal/platform/publication/extract"
	"openhall.org/openhall/internal/platform/publication/internal/sample"
)

func deflate(t testing.TB, to *bytes.Buffer, data []byte) {
	t.Helper()
	z := zlib.NewWriter(to)
	if _, err := z.Write(data); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
}

// fuzz asks of every reader that it never panics, that what it reads is text, and that what it refuses it refuses with an error of its own.
func fuzz(f *testing.F, typ extract.Type, seeds ...[]byte) {
	for _, s := range seeds {
		f.Add(s)
	}
	limits := extract.Limits{Size: 1 << 20, Unpacked: 4 << 20, Parts: 1000, Depth: 100, Text: 1 << 20, Pieces: 1 << 16}
	f.Fuzz(func(t *testing.T, content []byte) {
		doc, err := extract.Text(context.Background(), typ, content, limits)
		var e *extract.Error
		if err != nil {
			if !errors.As(err, &e) {
				t.Fatalf("not an error of extract: %v", err)
			}
			return
		}
		if !utf8.ValidString(doc.Text) {
			t.Fatal("not text")
		}
	})
}

func FuzzPDF(f *testing.F) {
	plain := []byte("%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj 2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n" +
		"3 0 obj<</Type/Page/Parent 2 0 R/Resources<</Font<</F 5 0 R>>>>/Contents 4 0 R/Annots[6 0 R]>>endobj\n4 0 obj<</Length 38>>stream\nBT /F 12 Tf 9 9 Td (13800000001) Tj ET\nendstream endobj\n" +
		"5 0 obj<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding<</Differences[48/zero/one 65/uni4E2D]>>>>endobj 6 0 obj<</Subtype/Text/Rect[0 0 9 9]/Contents<FEFF4E2D>>>endobj\ntrailer<</Root 1 0 R>>")
	fuzz(f, extract.PDF, plain, file(f, "libreoffice.pdf"))
}
func FuzzDOCX(f *testing.F) { fuzz(f, extract.DOCX, sample.DOCX()) }
func FuzzXLSX(f *testing.F) { fuzz(f, extract.XLSX, sample.XLSX()) }
func FuzzHTML(f *testing.F) {
	fuzz(f, extract.HTML, []byte(`<p title="x">a<!-- b --><script>c</script><td>d`), []byte("\xcf\xe3"))
}
func FuzzTXT(f *testing.F) {
	fuzz(f, extract.TXT, []byte("a"), []byte("\xff\xfea\x00"), []byte("\xcf\xe3\x80"))
}

// Office files are archives, which a fuzzer seldom keeps whole: here it changes the XML inside.
func FuzzWordXML(f *testing.F) {
	f.Add([]byte(`<w:document><w:p><w:r><w:t>a&#x4e2d;</w:t></w:r><w:del w:author="x"><w:delText>b</w:delText></w:del></w:p><![CDATA[c]]><!-- d --></w:document>`))
	f.Fuzz(func(t *testing.T, xml []byte) {
		content := sample.Archive("word/document.xml", string(xml))
		_, err := extract.Text(context.Background(), extract.DOCX, content, extract.DefaultLimits())
		var e *extract.Error
		if err != nil && !errors.As(err, &e) {
			t.Fatal(err)
		}
	})
}
