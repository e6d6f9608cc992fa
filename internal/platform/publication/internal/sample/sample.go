// Package sample makes documents for tests: office files with personal data in every place where it hides, and broken ones.
package sample

import (
	"fmt"
	"strings"

	"openhall.org/openhall/internal/platform/publication/internal/archive"
)

// Secret is what stands in a place that readers of a document do not see. n tells the places apart.
func Secret(n int) string { return fmt.Sprintf("139555000%02d", n) }

// Archive packs files; names and contents alternate.
func Archive(files ...string) []byte {
	var entries []archive.Entry
	for i := 0; i+1 < len(files); i += 2 {
		entries = append(entries, archive.Entry{Name: files[i], Data: []byte(files[i+1])})
	}
	b, err := archive.Write(entries)
	if err != nil {
		return nil // the test that reads it says so
	}
	return b
}

const (
	head   = `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>` + "\n"
	wordNS = ` xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"` +
		` xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"`
	sheetNS = ` xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"`
	relNS   = ` xmlns="http://schemas.openxmlformats.org/package/2006/relationships"`
	relType = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/"
)

func rels(list ...string) string {
	var b strings.Builder
	b.WriteString(head + "<Relationships" + relNS + ">")
	for i := 0; i+1 < len(list); i += 2 {
		fmt.Fprintf(&b, `<Relationship Id="rId%d" Type="%s%s" Target="%s"/>`, i/2+1, relType, list[i], list[i+1])
	}
	return b.String() + "</Relationships>"
}

// DOCX is a document whose text is 申请人：张三丰，电话13800000001 (in pieces) and a table, with the secrets 1 to 12 in other places.
func DOCX() []byte {
	p := func(s string) string {
		return "<w:p><w:r><w:t>" + s + "</w:t></w:r></w:p>"
	}
	body := `<w:p><w:r><w:t xml:space="preserve">申请人：张三</w:t></w:r><w:r><w:rPr><w:b/></w:rPr><w:t>丰，电话138</w:t></w:r><w:proofErr w:type="spellStart"/><w:r><w:t>0000</w:t></w:r><w:r><w:t>0001 &amp; 其他</w:t></w:r></w:p>` +
		`<w:p><w:ins w:id="1" w:author="` + Secret(1) + `"><w:r><w:t>新加的一句。</w:t></w:r></w:ins><w:del w:id="2" w:author="李四"><w:r><w:delText>删去的` + Secret(2) + `</w:delText></w:r></w:del>` +
		`<w:r><w:rPr><w:vanish/></w:rPr><w:t>隐藏的` + Secret(3) + `</w:t></w:r><w:commentRangeStart w:id="0"/><w:r><w:t>末句</w:t></w:r><w:commentRangeEnd w:id="0"/><w:r><w:commentReference w:id="0"/></w:r></w:p>` +
		`<w:tbl><w:tr><w:tc>` + p("姓名") + `</w:tc><w:tc>` + p("身份证号") + `</w:tc></w:tr><w:tr><w:tc>` + p("李四光") + `</w:tc><w:tc>` + p("34010319850612123X") + `</w:tc></w:tr>` +
		`<w:tr><w:trPr><w:del w:id="3" w:author="x"/></w:trPr><w:tc>` + p("删去的行"+Secret(4)) + `</w:tc></w:tr></w:tbl>` +
		`<mc:AlternateContent><mc:Choice Requires="wps">` + p("文本框13800000001") + `</mc:Choice><mc:Fallback>` + p("旧文本框"+Secret(5)) + `</mc:Fallback></mc:AlternateContent>` +
		`<w:p><w:r><w:object><w:t>` + Secret(6) + `</w:t></w:object></w:r></w:p><w:sectPr><w:headerReference w:type="default" r:id="rId1"/></w:sectPr>`
	return Archive(
		"[Content_Types].xml", head+`<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>`+
			`<Default Extension="xml" ContentType="application/xml"/><Override PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/>`+
			`<Override PartName="/word/comments.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.comments+xml"/></Types>`,
		"_rels/.rels", rels("officeDocument", "word/document.xml", "metadata/core-properties", "docProps/core.xml"),
		"word/document.xml", head+"<w:document"+wordNS+"><w:body>"+body+"</w:body></w:document>",
		"word/_rels/document.xml.rels", rels("header", "header1.xml", "comments", "comments.xml", "package", "embeddings/inner.xlsx"),
		"word/header1.xml", head+"<w:hdr"+wordNS+">"+p("页眉：联系人：王五，手机13900000002")+"</w:hdr>",
		"word/comments.xml", head+"<w:comments"+wordNS+`><w:comment w:id="0" w:author="审核员赵六">`+p("批注"+Secret(7))+"</w:comment></w:comments>",
		"word/settings.xml", head+"<w:settings"+wordNS+`><w:docVars><w:docVar w:name="a" w:val="变量`+Secret(8)+`"/></w:docVars></w:settings>`,
		"docProps/core.xml", head+`<cp:coreProperties xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties" xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:creator>张三丰`+Secret(9)+`</dc:creator></cp:coreProperties>`,
		"customXml/item1.xml", "<x>"+Secret(10)+"</x>",
		"word/embeddings/inner.xlsx", string(XLSX()),
		"word/people.xml", head+`<w15:people xmlns:w15="http://schemas.microsoft.com/office/word/2012/wordml"><w15:person w15:author="`+Secret(11)+`"/></w15:people>`,
		"docProps/thumbnail.jpeg", "\xff\xd8\xff\xe0"+Secret(12),
	)
}

// XLSX is a workbook with a table of two people, one of them by a number as telephone, and the secrets 21 to 30 in other places.
func XLSX() []byte {
	s := func(ref string, n int) string { return fmt.Sprintf(`<c r="%s" t="s"><v>%d</v></c>`, ref, n) }
	sheet := `<cols><col min="6" max="6" hidden="1"/></cols><sheetData>` +
		`<row r="1">` + s("A1", 0) + s("B1", 1) + s("C1", 2) + `</row>` +
		`<row r="2">` + s("A2", 3) + `<c r="B2" s="1"><v>1.3800000001E10</v></c>` + s("C2", 4) + `<c r="F2" t="inlineStr"><is><t>隐藏列` + Secret(21) + `</t></is></c></row>` +
		`<row r="3" hidden="1">` + s("A3", 7) + `</row>` +
		`<row r="4"><c r="A4" t="str"><f>VLOOKUP("` + Secret(23) + `",A1:B2,1)</f><v>共2人</v></c></row></sheetData>` +
		`<headerFooter><oddHeader>&amp;L制表人：王五，13900000002</oddHeader></headerFooter><legacyDrawing r:id="rId1"/>`
	return Archive(
		"[Content_Types].xml", head+`<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/></Types>`,
		"_rels/.rels", rels("officeDocument", "xl/workbook.xml"),
		"xl/workbook.xml", head+"<workbook"+sheetNS+`><bookViews><workbookView activeTab="1"/></bookViews><sheets><sheet name="名单" sheetId="1" r:id="rId1"/><sheet name="底稿`+Secret(24)+`" sheetId="2" state="hidden" r:id="rId2"/></sheets>`+
			`<definedNames><definedName name="x">"`+Secret(25)+`"</definedName></definedNames></workbook>`,
		"xl/_rels/workbook.xml.rels", rels("worksheet", "worksheets/sheet1.xml", "worksheet", "worksheets/sheet2.xml", "sharedStrings", "sharedStrings.xml", "externalLink", "externalLinks/externalLink1.xml"),
		"xl/worksheets/sheet1.xml", head+"<worksheet"+sheetNS+">"+sheet+"</worksheet>",
		"xl/worksheets/_rels/sheet1.xml.rels", rels("vmlDrawing", "../drawings/vmlDrawing1.vml", "comments", "../comments1.xml"),
		"xl/worksheets/sheet2.xml", head+"<worksheet"+sheetNS+`><sheetData><row r="1">`+s("A1", 5)+`</row></sheetData></worksheet>`,
		"xl/sharedStrings.xml", head+`<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><si><t>姓名</t></si><si><t>联系电话</t></si><si><t>身份证号</t></si><si><r><t>李四</t></r><r><t>光</t></r></si>`+
			`<si><t>34010319850612123X</t></si><si><t>只在底稿里`+Secret(26)+`</t></si><si><t>没有单元格用`+Secret(27)+`</t></si><si><t>隐藏行`+Secret(22)+`</t></si></sst>`,
		"xl/comments1.xml", head+`<comments xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><authors><author>赵六</author></authors><commentList><comment ref="A1"><text><t>批注`+Secret(28)+`</t></text></comment></commentList></comments>`,
		"xl/externalLinks/externalLink1.xml", head+`<externalLink xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><v>`+Secret(29)+`</v></externalLink>`,
		"xl/pivotCache/pivotCacheDefinition1.xml", head+`<pivotCacheDefinition><s v="`+Secret(30)+`"/></pivotCacheDefinition>`,
		"xl/drawings/vmlDrawing1.vml", "<xml/>",
	)
}
