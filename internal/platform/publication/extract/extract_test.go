package extract_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"strings"
	"testing"
	"time"

	"golang.org/x/text/encoding/simplifiedchinese"

	"openhall.org/openhall/internal/platform/publication/extract"
	"openhall.org/openhall/internal/platform/publication/internal/sample"
)

func read(t testing.TB, typ extract.Type, content []byte) *extract.Document {
	t.Helper()
	doc, err := extract.Text(context.Background(), typ, content, extract.DefaultLimits())
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range doc.Segments {
		if s.From < 0 || s.To > len(doc.Text) || s.From > s.To {
			t.Fatalf("segment %+v of %d bytes", s, len(doc.Text))
		}
	}
	at := 0
	for _, p := range doc.Parts {
		if p.From < at || p.To > len(doc.Text) || p.From >= p.To {
			t.Fatalf("part %+v of %d bytes", p, len(doc.Text))
		}
		at = p.To
	}
	return doc
}

func file(t testing.TB, name string) []byte {
	t.Helper()
	b, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// Files of the producers that offices use: the same page printed by Chromium and by LibreOffice, which draw Chinese with fonts cut to what is
// used and ToUnicode maps.
func TestProducers(t *testing.T) {
	for name, typ := range map[string]extract.Type{"chromium.pdf": extract.PDF, "libreoffice.pdf": extract.PDF, "libreoffice.docx": extract.DOCX} {
		content := file(t, name)
		if got := extract.TypeOf(name, content); got != typ {
			t.Errorf("%s is taken for %q", name, got)
		}
		doc := read(t, typ, content)
		squeezed := strings.Join(strings.Fields(doc.Text), "")
		for _, want := range []string{
			"当事人：张三丰，男，公民身份号码：11010519491231002X，住址：安徽省池州市贵池区棠溪镇石门高村12号。", "联系电话：13800000001，电子邮箱：zhang.san@163.com", "34010319850612123X", "李四光", "关于张三的处罚决定",
		} {
			if !strings.Contains(squeezed, want) {
				t.Errorf("%s: %q was not read in %q", name, want, squeezed)
			}
		}
		if strings.Contains(doc.Main(), "关于张三的处罚决定") {
			t.Errorf("%s: the title of the file counts as text of a page", name)
		}
		if len(doc.Unread) > 0 {
			t.Errorf("%s: %+v is said to be unread", name, doc.Unread)
		}
	}
}

func TestEncodings(t *testing.T) {
	const text = "申请人：张三，电话13800000001\r\n"
	gb, err := simplifiedchinese.GB18030.NewEncoder().String(text)
	if err != nil {
		t.Fatal(err)
	}
	for name, content := range map[string]string{
		"UTF-8": text, "UTF-8 with a mark": "\ufeff" + text, "GB18030": gb, "UTF-16": "\xff\xfe" + utf16LE(text),
	} {
		if doc := read(t, extract.TXT, []byte(content)); strings.TrimSuffix(doc.Text, "\n") != text && doc.Text != text {
			t.Errorf("%s is read as %q", name, doc.Text)
		}
	}
	page, err := simplifiedchinese.GBK.NewEncoder().String(`<html><head><meta charset="gbk"></head><body><p>姓名：张三</p></body></html>`)
	if err != nil {
		t.Fatal(err)
	}
	if doc := read(t, extract.HTML, []byte(page)); !strings.Contains(doc.Text, "姓名：张三") {
		t.Errorf("a page in GBK is read as %q", doc.Text)
	}
}

func utf16LE(s string) string {
	var b strings.Builder
	for _, r := range s {
		b.WriteByte(byte(r))
		b.WriteByte(byte(r >> 8))
	}
	return b.String()
}

// Personal data is found wherever it hides.
func TestHiddenPlaces(t *testing.T) {
	for name, row := range map[string]struct {
		typ      extract.Type
		content  []byte
		from, to int
		main     string
	}{
		"docx": {extract.DOCX, sample.DOCX(), 1, 11, "申请人：张三丰，电话13800000001 & 其他"},
		"xlsx": {extract.XLSX, sample.XLSX(), 21, 30, "李四光\t13800000001\t34010319850612123X"},
	} {
		if got := extract.TypeOf("x."+name, row.content); got != row.typ {
			t.Errorf("%s is taken for %q", name, got)
		}
		doc := read(t, row.typ, row.content)
		if !strings.Contains(doc.Main(), row.main) {
			t.Errorf("%s: the text is %q", name, doc.Main())
		}
		for n := row.from; n <= row.to; n++ {
			if i := strings.Index(doc.Text, sample.Secret(n)); i < 0 {
				t.Errorf("%s: secret %d was not read", name, n)
			} else if p := doc.PartAt(i).Place; p == "" {
				t.Errorf("%s: secret %d stands nowhere", name, n)
			}
		}
	}
	if doc := read(t, extract.DOCX, sample.DOCX()); !strings.Contains(doc.Text, sample.Secret(26)) {
		t.Error("the workbook in the document was not read")
	} else if p := doc.PartAt(strings.Index(doc.Text, sample.Secret(26))); p.Place != extract.Attachment || p.Name == "" {
		t.Errorf("the workbook in the document stands in %+v", p)
	}
	doc := read(t, extract.HTML, []byte(`<p title="电话13900000003">张三<!-- 13900000004 --><script>var a="13900000005"</script><img src=a.png alt="身份证照片"></p>`))
	for _, want := range []string{"13900000003", "13900000004", "13900000005"} {
		if !strings.Contains(doc.Text, want) || strings.Contains(doc.Main(), want) {
			t.Errorf("html: %s in %q, main text %q", want, doc.Text, doc.Main())
		}
	}
	if len(doc.Unread) != 1 || doc.Unread[0].What != extract.Picture {
		t.Errorf("html: unread %+v", doc.Unread)
	}
}

func TestRefused(t *testing.T) {
	small := extract.DefaultLimits()
	small.Unpacked = 1 << 20
	deep := "<w:document><w:body>" + strings.Repeat("<w:p>", 1000) + "</w:body></w:document>"
	for name, row := range map[string]struct {
		typ     extract.Type
		content []byte
		err     error
		part    string
	}{
		"bomb":               {extract.DOCX, sample.Archive("word/document.xml", strings.Repeat(" ", 2<<20)), extract.ErrLimit, "word/document.xml"},
		"deep":               {extract.DOCX, sample.Archive("word/document.xml", deep), extract.ErrLimit, "word/document.xml"},
		"no archive":         {extract.DOCX, []byte("PK\x03\x04xxxx"), extract.ErrBroken, ""},
		"something else":     {extract.XLSX, sample.Archive("a.txt", "x"), extract.ErrBroken, ""},
		"sheet without file": {extract.XLSX, sample.Archive("xl/workbook.xml", `<workbook><sheets><sheet name="a" r:id="rId9"/></sheets></workbook>`), extract.ErrBroken, "xl/workbook.xml"},
		"old format":         {"", []byte("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"), extract.ErrType, ""},
		"password":           {"", append([]byte("\xd0\xcf\x11\xe0"), []byte("E\x00n\x00c\x00r\x00y\x00p\x00t\x00e\x00d\x00P\x00a\x00c\x00k\x00a\x00g\x00e\x00")...), extract.ErrEncrypted, ""},
		"no pdf":             {extract.PDF, []byte("%PDF-1.7\nhello"), extract.ErrBroken, ""},
		"pdf bomb":           {extract.PDF, pdfBomb(t), extract.ErrLimit, "page 1"},
	} {
		_, err := extract.Text(context.Background(), row.typ, row.content, small)
		var e *extract.Error
		if !errors.Is(err, row.err) || !errors.As(err, &e) || e.Part != row.part {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if m := e.Message(); m.Hans == "" || m.Hant == "" || m.En == "" || !strings.Contains(m.Hans, e.Part) {
			t.Errorf("%s: message %+v", name, m)
		}
	}
	ctx, cancel := context.WithDeadline(context.Background(), time.Unix(0, 0))
	defer cancel()
	if _, err := extract.Text(ctx, extract.HTML, []byte(strings.Repeat("<p>x</p>", 1000)), extract.DefaultLimits()); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("out of time: %v", err)
	}
}

// pdfBomb is a page whose content unpacks to far more than it is.
func pdfBomb(t testing.TB) []byte {
	t.Helper()
	var z bytes.Buffer
	deflate(t, &z, bytes.Repeat([]byte("q "), 4<<20))
	var b bytes.Buffer
	b.WriteString("%PDF-1.4\n1 0 obj\n<</Type/Catalog/Pages 2 0 R>>\nendobj\n2 0 obj\n<</Type/Pages/Kids[3 0 R]/Count 1>>\nendobj\n3 0 obj\n<</Type/Page/Parent 2 0 R/Contents 4 0 R>>\nendobj\n4 0 obj\n<</Filter/FlateDecode>>\nstream\n")
	b.Write(z.Bytes())
	b.WriteString("\nendstream\nendobj\n")
	return b.Bytes()
}

// Files that everybody may read but not change are read; those that ask for a password are refused.
func TestLocked(t *testing.T) {
	for _, name := range []string{"rc4.pdf", "aes128.pdf", "aes256.pdf"} {
		doc := read(t, extract.PDF, file(t, name))
		if !strings.Contains(doc.Text, "11010519491231002X") || !strings.Contains(doc.Text, "关于张三的处罚决定") {
			t.Errorf("%s is read as %q", name, doc.Text)
		}
	}
	if _, err := extract.Text(context.Background(), extract.PDF, file(t, "password.pdf"), extract.DefaultLimits()); !errors.Is(err, extract.ErrEncrypted) {
		t.Errorf("a file with a password: %v", err)
	}
}

func TestLibreOfficeWorkbook(t *testing.T) {
	content := file(t, "libreoffice.xlsx")
	if typ := extract.TypeOf("a.xlsx", content); typ != extract.XLSX {
		t.Fatalf("taken for %q", typ)
	}
	if doc := read(t, extract.XLSX, content); !strings.Contains(doc.Text, "李四光\t13800000001\t34010319850612123X\t850") {
		t.Errorf("read as %q", doc.Text)
	}
}
