package redact_test

import (
	"archive/zip"
	"bytes"
	"compress/zlib"
	"context"
	"encoding/hex"
	"errors"
	"io"
	"os"
	"regexp"
	"strings"
	"testing"

	"golang.org/x/text/encoding/simplifiedchinese"

	"openhall.org/openhall/internal/platform/publication/extract"
	"openhall.org/openhall/internal/platform/publication/guard"
	"openhall.org/openhall/internal/platform/publication/internal/pdf"
	"openhall.org/openhall/internal/platform/publication/internal/sample"
	"openhall.org/openhall/internal/platform/publication/redact"
)

func read(t testing.TB, typ extract.Type, content []byte) *extract.Document {
	t.Helper()
	doc, err := extract.Text(context.Background(), typ, content, extract.DefaultLimits())
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

// public redacts what the guard finds, and the given passages with a ground.
func public(t testing.TB, typ extract.Type, content []byte, ground string, withheld ...string) ([]byte, redact.Report) {
	t.Helper()
	doc := read(t, typ, content)
	passages := redact.Masks(guard.Scan(doc.Text))
	for _, w := range withheld {
		i := strings.Index(doc.Text, w)
		if i < 0 {
			t.Fatalf("%q does not stand in %q", w, doc.Text)
		}
		passages = append(passages, redact.Passage{From: i, To: i + len(w), Ground: ground})
	}
	out, report, err := redact.File(context.Background(), typ, content, extract.DefaultLimits(), passages)
	if err != nil {
		t.Fatal(err)
	}
	return out, report
}

// everything returns all bytes of a document, unpacked.
func everything(t testing.TB, content []byte) string {
	t.Helper()
	var b strings.Builder
	b.Write(content)
	if z, err := zip.NewReader(bytes.NewReader(content), int64(len(content))); err == nil {
		for _, f := range z.File {
			r, err := f.Open()
			if err != nil {
				t.Fatal(err)
			}
			data, err := io.ReadAll(r)
			if err != nil {
				t.Fatal(err)
			}
			b.WriteString(f.Name + "\n")
			b.Write(data)
		}
	}
	for _, m := range regexp.MustCompile(`(?s)stream\r?\n(.*?)endstream`).FindAllSubmatch(content, -1) {
		if r, err := zlib.NewReader(bytes.NewReader(m[1])); err == nil {
			data, _ := io.ReadAll(r)
			b.Write(data)
		}
	}
	return b.String()
}

var secrets = []string{"张三丰", "李四光", "13800000001", "34010319850612123X", "13900000002"}

func TestOffice(t *testing.T) {
	for typ, row := range map[extract.Type]struct {
		content []byte
		from    int
		to      int
		want    []string
	}{
		extract.DOCX: {sample.DOCX(), 1, 12, []string{"申请人：张*，电话138****0001 & 其他", "新加的一句。", "末句", "李*", "340103********123X", "联系人：王*，手机139****0002"}},
		extract.XLSX: {sample.XLSX(), 21, 30, []string{"李*\t138****0001\t340103********123X", "共2人", "制表人：王*，139****0002"}},
	} {
		out, report := public(t, typ, row.content, "")
		all := everything(t, out)
		for n := row.from; n <= row.to; n++ {
			if strings.Contains(all, sample.Secret(n)) {
				t.Errorf("%s: secret %d is still there", typ, n)
			}
		}
		for _, s := range secrets {
			if strings.Contains(all, s) {
				t.Errorf("%s: %s is still there", typ, s)
			}
		}
		text := read(t, typ, out).Text
		for _, want := range row.want {
			if !strings.Contains(text, want) {
				t.Errorf("%s: %q is not in %q", typ, want, text)
			}
		}
		if len(report.Dropped) == 0 || report.Passages == 0 {
			t.Errorf("%s: report %+v", typ, report)
		}
		if found := guard.Scan(text); len(found) > 0 {
			t.Errorf("%s: %+v is left in %q", typ, found, text)
		}
		for _, name := range []string{"docProps", "comments", "customXml", "externalLink", "pivotCache", "people.xml", "sheet2", "vmlDrawing"} {
			if strings.Contains(all, name) {
				t.Errorf("%s: %s is still spoken of", typ, name)
			}
		}
	}
}

// What a person marks is taken out, wherever it is repeated by programs, and the ground stands in its place.
func TestPartialDisclosure(t *testing.T) {
	const ground = "第三方合法权益"
	for typ, content := range map[extract.Type][]byte{
		extract.TXT:  []byte("甲方报价为一百万元。乙方没有报价。"),
		extract.HTML: []byte(`<p title="甲方报价为一百万元">甲方<b>报价为</b>一百万元。乙方没有报价。</p><script>"甲方报价为一百万元"</script>`),
		extract.DOCX: sample.Archive("word/document.xml", `<w:document><w:p><w:r><w:t>甲方报</w:t></w:r><w:r><w:t>价为一百万元。乙方没有报价。</w:t></w:r></w:p></w:document>`),
	} {
		out, _ := public(t, typ, content, ground, "报价为一百万元")
		text := read(t, typ, out).Text
		if !strings.Contains(text, "甲方［不予公开：第三方合法权益］。乙方没有报价。") {
			t.Errorf("%s: %q", typ, text)
		}
		if strings.Contains(everything(t, out), "一百万元") {
			t.Errorf("%s: it is still there", typ)
		}
	}
}

func TestPlainKeepsItsEncoding(t *testing.T) {
	content, err := simplifiedchinese.GB18030.NewEncoder().Bytes([]byte("姓名：张三丰，电话13800000001"))
	if err != nil {
		t.Fatal(err)
	}
	out, _ := public(t, extract.TXT, content, "")
	want, err := simplifiedchinese.GB18030.NewEncoder().Bytes([]byte("姓名：张*，电话138****0001"))
	if err != nil || !bytes.Equal(out, want) {
		t.Errorf("%q, want %q (%v)", out, want, err)
	}
}

func TestHTML(t *testing.T) {
	out, report := public(t, extract.HTML, []byte(`<!DOCTYPE html><html><head><meta charset="gbk"><meta name="author" content="13900000009"><title>x</title></head>`+
		`<body onload="f()"><!-- 13900000008 --><p class="a" data-x="13900000007" title="张三丰电话13800000001">申请人：张三丰，电话&nbsp;138 0000&#32;0001</p>`+
		`<a href="javascript:alert(1)">b</a><a href="mailto:zhangsan@163.com">写信</a><script>var p="13900000006"</script></body></html>`), "")
	s := string(out)
	for _, gone := range []string{"张三丰", "13800000001", "0000 0001", "139000000", "<script", "onload", "data-x", "javascript:", "author", "gbk", "zhangsan@163.com"} {
		if strings.Contains(s, gone) {
			t.Errorf("%s is still in %s", gone, s)
		}
	}
	for _, want := range []string{`<meta charset="utf-8">`, `<p class="a" title="`, "申请人：张*，电话", "138****0001</p>", "mailto:z***@163.com"} {
		if !strings.Contains(s, want) {
			t.Errorf("%s is not in %s", want, s)
		}
	}
	if len(report.Dropped) < 3 {
		t.Errorf("report %+v", report)
	}
}

// codes returns the bytes by which a PDF draws a text, once for each place in which it does.
func codes(t testing.TB, content []byte, text string) [][]byte {
	t.Helper()
	limits := extract.PDFLimits(extract.DefaultLimits())
	f, err := pdf.Open(context.Background(), content, limits)
	if err != nil {
		t.Fatal(err)
	}
	var list [][]byte
	for n := range f.Pages() {
		p, err := f.Read(context.Background(), n)
		if err != nil {
			t.Fatal(err)
		}
		a := p.Arrange()
		s := guard.Unify(a.Text)
		for from := 0; ; {
			i := strings.Index(s[from:], text)
			if i < 0 {
				break
			}
			from += i
			var code []byte
			for g := range p.Glyphs {
				if a.From[g] >= from && a.To[g] <= from+len(text) && a.From[g] < a.To[g] {
					code = append(code, p.Glyphs[g].Code()...)
				}
			}
			list = append(list, code)
			from += len(text)
		}
	}
	return list
}

// A masked PDF does not hold the text underneath: neither when all its text is read, nor in any stream, in whatever way it was written.
func TestPDF(t *testing.T) {
	for _, name := range []string{"chromium.pdf", "libreoffice.pdf"} {
		content, err := os.ReadFile("../extract/testdata/" + name)
		if err != nil {
			t.Fatal(err)
		}
		out, report := public(t, extract.PDF, content, "第三方合法权益", "本机关地址：池州市贵池区百牙中路8号")
		doc := read(t, extract.PDF, out)
		all := everything(t, out)
		for _, secret := range []string{"三丰", "四光", "19491231", "8000000", "hang.san", "百牙中路8号", "6222021", "关于张三的处罚决定"} {
			if strings.Contains(strings.Join(strings.Fields(doc.Text), ""), secret) {
				t.Errorf("%s: %s can still be read", name, secret)
			}
			for _, code := range codes(t, content, secret) {
				if h := hex.EncodeToString(code); len(code) > 3 && (strings.Contains(all, string(code)) || strings.Contains(strings.ToLower(all), h)) {
					t.Errorf("%s: %s is still drawn as %s", name, secret, h)
				}
			}
			utf16 := string(pdf.TextString(secret)[2:])
			if strings.Contains(all, secret) || len(secret) > 6 && strings.Contains(all, utf16) || strings.Contains(strings.ToLower(all), hex.EncodeToString([]byte(utf16))) && len(utf16) > 4 {
				t.Errorf("%s: %s still stands in the file", name, secret)
			}
		}
		for _, want := range []string{"当事人：张", "110105", "002X", "138", "0001", "z", "@163.com", "姓名", "不予公开：第三方合法权益", "咨询电话0566-2028012"} {
			if !strings.Contains(doc.Text, want) {
				t.Errorf("%s: %s is not in %q", name, want, doc.Text)
			}
		}
		for _, p := range doc.Parts {
			if p.Place != extract.Page {
				t.Errorf("%s: %s holds %q", name, p.Place, doc.Text[p.From:p.To])
			}
		}
		if len(report.Dropped) == 0 {
			t.Errorf("%s: nothing was dropped", name)
		}
		again, _, err := redact.File(context.Background(), extract.PDF, out, extract.DefaultLimits(), nil)
		if err != nil || read(t, extract.PDF, again).Text != doc.Text {
			t.Errorf("%s: the copy is not copied as it is: %v", name, err)
		}
	}
}

func TestWrongPassages(t *testing.T) {
	for _, p := range []redact.Passage{{From: -1, To: 2}, {From: 2, To: 2}, {From: 0, To: 99}} {
		if _, _, err := redact.File(context.Background(), extract.TXT, []byte("甲乙丙"), extract.DefaultLimits(), []redact.Passage{p}); !errors.Is(err, redact.ErrPassage) {
			t.Errorf("%+v: %v", p, err)
		}
	}
	out, _, err := redact.File(context.Background(), extract.TXT, []byte("一二三四五"), extract.DefaultLimits(), []redact.Passage{
		{From: 0, To: 9, Mask: "*"}, {From: 6, To: 12, Ground: "内部事务信息"},
	})
	if err != nil || string(out) != "［不予公开：内部事务信息］五" {
		t.Errorf("passages that overlap give %q, %v", out, err)
	}
}

// FuzzRedact: a copy is handed out without the secret, or not at all.
func FuzzRedact(f *testing.F) {
	f.Add([]byte("申请人：张三丰13800000001"), 3, 9)
	f.Add([]byte("<p title='甲乙丙丁'>甲乙丙丁<!-- x --></p>"), 0, 12)
	f.Fuzz(func(t *testing.T, content []byte, from, size int) {
		for _, typ := range []extract.Type{extract.TXT, extract.HTML} {
			doc, err := extract.Text(context.Background(), typ, content, extract.DefaultLimits())
			if err != nil || from < 0 || size <= 0 || from+size > len(doc.Text) || from+size < 0 {
				continue
			}
			_, _, err = redact.File(context.Background(), typ, content, extract.DefaultLimits(), []redact.Passage{{From: from, To: from + size, Ground: "x"}})
			if err != nil && !errors.Is(err, redact.ErrLeft) && !strings.HasPrefix(err.Error(), "redact ") {
				t.Fatal(err)
			}
		}
	})
}

// FuzzPDF: whatever the file, its copy is made or refused.
func FuzzPDF(f *testing.F) {
	for _, name := range []string{"libreoffice.pdf", "aes128.pdf"} {
		content, err := os.ReadFile("../extract/testdata/" + name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(content)
	}
	f.Add(scanned(f, "DCTDecode", []byte("\xff\xd8"), "/ColorSpace/DeviceGray"))
	limits := extract.Limits{Size: 1 << 20, Unpacked: 8 << 20, Parts: 1000, Depth: 100, Text: 1 << 20, Pieces: 1 << 16}
	f.Fuzz(func(t *testing.T, content []byte) {
		doc, err := extract.Text(context.Background(), extract.PDF, content, limits)
		if err != nil {
			return
		}
		_, _, err = redact.File(context.Background(), extract.PDF, content, limits, redact.Masks(guard.Scan(doc.Text)))
		if errors.Is(err, redact.ErrPassage) {
			t.Fatal(err)
		}
	})
}
