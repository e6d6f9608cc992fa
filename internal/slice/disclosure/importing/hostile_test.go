package importing_test

import (
	"archive/zip"
	"bytes"
	"errors"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"
	"golang.org/x/text/encoding/simplifiedchinese"

	"openhall.org/openhall/internal/core/lang"
	"openhall.org/openhall/internal/slice/disclosure/importing"
)

// A table with names of columns alone is read to its end at once, in every form.
func TestNoRows(t *testing.T) {
	for name, data := range map[string][]byte{
		"a.csv": []byte("信息名称,正文"), "b.csv": []byte("\ufefftitle,text\r\n\r\n,\r\n"), "c.xlsx": xlsx(t, [][]any{{"title", "text"}, {}, {"", ""}}), "d.jsonl": []byte("\n \n"),
	} {
		if _, items := read(t, name, data, options()); len(items) != 0 {
			t.Errorf("%s: %+v", name, items)
		}
	}
}

// book writes a workbook part by part, as spreadsheet programs keep the results of formulas.
func book(t *testing.T, rows string) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for name, content := range map[string]string{
		"[Content_Types].xml": `<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>` +
			`<Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/>` +
			`<Override PartName="/xl/worksheets/sheet1.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/></Types>`,
		"_rels/.rels": `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" ` +
			`Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>`,
		"xl/workbook.xml": `<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships">` +
			`<sheets><sheet name="Sheet1" sheetId="1" r:id="r1"/></sheets></workbook>`,
		"xl/_rels/workbook.xml.rels": `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" ` +
			`Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/></Relationships>`,
		"xl/worksheets/sheet1.xml": `<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>` + rows + `</sheetData></worksheet>`,
	} {
		w, err := z.Create(name)
		if err == nil {
			_, err = w.Write([]byte(content))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// A formula counts as what it came to when the file was saved, and is never taken for words; one that came to an error is named. What begins
// like a formula in a CSV file is text.
func TestFormulas(t *testing.T) {
	cell := func(at, f, kind, v string) string {
		return `<c r="` + at + `" t="` + kind + `"><f>` + f + `</f><v>` + v + `</v></c>`
	}
	words := func(at, v string) string {
		return `<c r="` + at + `" t="inlineStr"><is><t>` + v + `</t></is></c>`
	}
	rows := `<row r="1">` + words("A1", "title") + words("B1", "body") + words("C1", "category") + words("D1", "made") + words("E1", "text") + `</row>` +
		`<row r="2">` + cell("A2", `CONCATENATE("关于","取水")`, "str", "关于取水") + words("B2", "dongzhi-water") + words("C2", "policy.normative") + cell("D2", "44000+482", "n", "44482") + words("E2", "t") + `</row>` +
		`<row r="3">` + cell("A3", "VLOOKUP(1,Z1:Z2,1)", "e", "#N/A") + words("B3", "dongzhi-water") + words("C3", "policy.normative") + words("D3", "2021-10-13") + words("E3", "t") + `</row>` +
		`<row r="4">` + words("A4", "好的") + words("B4", "dongzhi-water") + words("C4", "policy.normative") + cell("D4", "Z1", "e", "#REF!") + words("E4", "t") + `</row>`
	_, items := read(t, "f.xlsx", book(t, rows), options())
	if len(items) != 3 || items[0].Record.Title != "关于取水" || items[0].Record.Made == nil || items[0].Record.Made.String() != "2021-10-13" || len(items[0].Problems) != 0 {
		t.Fatalf("%+v", items)
	}
	for i, want := range map[int]string{
		1: `row 3, column A (Title), "#N/A": the formula of this cell has no result`, 2: `row 4, column D (Made), "#REF!": the formula of this cell has no result`,
	} {
		if p := items[i].Problems; len(p) != 1 || !strings.HasPrefix(p[0].In(lang.En), want) {
			t.Errorf("row %d: %+v, want %s", items[i].Row, p, want)
		}
	}
	_, items = read(t, "f.csv", []byte("title,body,category,text\n\"=HYPERLINK(\"\"http://x\"\")\",dongzhi-water,policy.normative,'=1+1\n"), options())
	if len(items) != 1 || len(items[0].Problems) != 0 || items[0].Record.Title != `=HYPERLINK("http://x")` || items[0].Record.Text != "=1+1" {
		t.Errorf("%+v", items)
	}
}

// What is too long is named with its row, its column and both lengths, and the rows around it come in; a line that no memory should hold ends the file.
func TestHugeCells(t *testing.T) {
	long := strings.Repeat("长", 500_001)
	row := func(title, text string) string { return title + ",dongzhi-water,policy.normative," + text + "\n" }
	_, items := read(t, "h.csv", []byte("title,body,category,text\n"+row("a", "t")+row("b", long)+row(strings.Repeat("标", 201), "t")+row("d", long[3:])), options())
	if len(items) != 4 || len(items[0].Problems) != 0 || len(items[3].Problems) != 0 {
		t.Fatalf("%d items", len(items))
	}
	for i, want := range map[int]string{1: "row 3, column D (Text), ", 2: "row 4, column A (Title), "} {
		p := items[i].Problems
		if len(p) != 1 || !strings.HasPrefix(p[0].In(lang.En), want) || len(p[0].Value) > 1_000 || !strings.Contains(p[0].In(lang.En), map[int]string{1: "500001", 2: "201"}[i]) {
			t.Errorf("row %d: %.300q, want %s", items[i].Row, p[0].In(lang.En), want)
		}
	}
	f, err := importing.Open("h.jsonl", strings.NewReader(`{"title":"a"}`+"\n"+`{"title":"`+strings.Repeat("x", 17<<20)+`"}`), options())
	if err != nil {
		t.Fatal(err)
	}
	_, err = f.Next()
	if err == nil {
		_, err = f.Next()
	}
	var refused *importing.FileError
	if !errors.As(err, &refused) || !strings.Contains(err.Error(), "line 2 is too long") {
		t.Errorf("a line of 17 MB: %v", err)
	}
	sheet := excelize.NewFile() // cells of a workbook end at 32,767 characters: what a program wrote beyond is cut there by all of them
	if err := sheet.SetSheetRow("Sheet1", "A1", &[]string{"title", "body", "category", "text"}); err != nil {
		t.Fatal(err)
	}
	if err := sheet.SetSheetRow("Sheet1", "A2", &[]string{"a", "dongzhi-water", "policy.normative", strings.Repeat("满", 32_767)}); err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := errors.Join(sheet.Write(&b), sheet.Close()); err != nil {
		t.Fatal(err)
	}
	if _, items := read(t, "h.xlsx", b.Bytes(), options()); len(items) != 1 || len(items[0].Problems) != 0 || len(items[0].Record.Text) != 3*32_767 {
		t.Errorf("a full cell: %+v", items[0].Problems)
	}
}

// Files as older sites write them: GBK with carriage returns, quoted lines, a mark of order and rows of nothing but commas.
func TestOldSites(t *testing.T) {
	csv := "信息名称,发布机构,信息分类,正文\r\n\"关于\r\n防汛的通知\",东至县水利局,规范性文件,\"第一段，\r\n第二段：“①”\"\r\n,,,\r\n又一条,东至县水利局,规范性文件,正文\r\n"
	gbk, err := simplifiedchinese.GBK.NewEncoder().String(csv)
	if err != nil {
		t.Fatal(err)
	}
	for name, data := range map[string]string{"GBK": gbk, "UTF-8": "\ufeff" + csv} {
		_, items := read(t, "o.csv", []byte(data), options())
		if len(items) != 2 || len(items[0].Problems)+len(items[1].Problems) != 0 || items[0].Record.Title != "关于 防汛的通知" || items[0].Record.Text != "第一段，\n第二段：“①”" || items[1].Row != 4 {
			t.Errorf("%s: %+v", name, items)
		}
	}
}
