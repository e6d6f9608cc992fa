package file

import (
	"archive/zip"
	"bytes"
	"net/http"
	"path"
	"slices"
	"strings"

	"openhall.org/openhall/internal/core/lang"
)

// Type is a kind of file that can be uploaded.
type Type struct {
	Media      string
	Extensions []string // the first is the usual one
	Title      lang.Text
	begins     string // magic bytes
	contains   string // for archives: an entry that makes it this type
}

const zipMagic = "PK\x03\x04"

// Types returns the types that are taken: what offices work with and what can be shown without running anything.
func Types() []Type {
	return []Type{
		{Media: "application/pdf", Extensions: []string{".pdf"}, begins: "%PDF-", Title: lang.Text{Hans: "PDF", Hant: "PDF", En: "PDF"}},
		{Media: "image/jpeg", Extensions: []string{".jpg", ".jpeg"}, begins: "\xff\xd8\xff", Title: lang.Text{Hans: "JPEG 图片", Hant: "JPEG 圖片", En: "JPEG picture"}},
		{Media: "image/png", Extensions: []string{".png"}, begins: "\x89PNG\r\n\x1a\n", Title: lang.Text{Hans: "PNG 图片", Hant: "PNG 圖片", En: "PNG picture"}},
		{
			Media:      "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
			Extensions: []string{".docx"}, begins: zipMagic, contains: "word/document.xml",
			Title: lang.Text{Hans: "Word 文档（.docx）", Hant: "Word 文件（.docx）", En: "Word document (.docx)"},
		},
		{
			Media:      "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
			Extensions: []string{".xlsx"}, begins: zipMagic, contains: "xl/workbook.xml",
			Title: lang.Text{Hans: "Excel 表格（.xlsx）", Hant: "Excel 表格（.xlsx）", En: "Excel workbook (.xlsx)"},
		},
		// 版式文档 GB/T 33190-2016: the package has OFD.xml at its top.
		{Media: "application/ofd", Extensions: []string{".ofd"}, begins: zipMagic, contains: "OFD.xml", Title: lang.Text{Hans: "OFD 版式文档", Hant: "OFD 版式文件", En: "OFD document"}},
	}
}

const (
	maxEntries  = 10_000
	maxUnfolded = 500 << 20 // bytes
)

// detect tells what the content is and refuses what is not among the types, or is not safe to hand on.
func detect(name string, content []byte, allowed []Type) (Type, *Refusal) {
	archive := openArchive(content)
	i := slices.IndexFunc(Types(), func(t Type) bool {
		return bytes.HasPrefix(content, []byte(t.begins)) && (t.contains == "" || archive.has(t.contains))
	})
	if i < 0 {
		if text, ok := detectText(name, content, allowed); ok {
			return text, nil
		}
		return Type{}, refuseType(describe(content), allowed)
	}
	found := Types()[i]
	switch {
	case !slices.ContainsFunc(allowed, func(t Type) bool { return t.Media == found.Media }):
		return Type{}, refuseType(found.Title, allowed)
	case archive.macros:
		return Type{}, refusal(RefusedMacros)
	case archive.unfolds:
		return Type{}, refusal(RefusedArchive)
	case !slices.Contains(found.Extensions, strings.ToLower(path.Ext(name))):
		return Type{}, refuseExtension(found, path.Ext(name))
	}
	return found, nil
}

// The types of text have no bytes to begin with; where they are taken, the name tells between them.
const (
	mediaHTML  = "text/html"
	mediaPlain = "text/plain"
)

// TextTypes returns the types of text, which are taken only where a place of upload names them. What is taken so must never be shown by a
// browser as a page of the site: hand it out as a download.
func TextTypes() []Type {
	return []Type{
		{Media: mediaHTML, Extensions: []string{".html", ".htm"}, Title: lang.Text{Hans: "网页（.html）", Hant: "網頁（.html）", En: "Web page (.html)"}},
		{Media: mediaPlain, Extensions: []string{".txt", ".csv", ".md"}, Title: lang.Text{Hans: "文本（.txt、.csv）", Hant: "文字（.txt、.csv）", En: "Text (.txt, .csv)"}},
	}
}

// detectText takes what holds no bytes but those of text, under a name that says which kind of text it is.
func detectText(name string, content []byte, allowed []Type) (Type, bool) {
	if bytes.IndexByte(content, 0) >= 0 || !strings.HasPrefix(http.DetectContentType(content), "text/") {
		return Type{}, false
	}
	for _, t := range TextTypes() {
		named := slices.Contains(t.Extensions, strings.ToLower(path.Ext(name)))
		if named && slices.ContainsFunc(allowed, func(a Type) bool { return a.Media == t.Media }) {
			return t, true
		}
	}
	return Type{}, false
}

// archive is what the table of contents of a ZIP archive says. The zero value is that of no archive.
type archive struct {
	names   map[string]bool
	macros  bool
	unfolds bool // beyond measure
}

func (a archive) has(name string) bool { return a.names[name] }

func openArchive(content []byte) (a archive) {
	if !bytes.HasPrefix(content, []byte(zipMagic)) {
		return a
	}
	z, err := zip.NewReader(bytes.NewReader(content), int64(len(content)))
	if err != nil {
		return a
	}
	a.names = map[string]bool{}
	var total uint64
	for i, f := range z.File {
		a.names[f.Name] = true
		a.macros = a.macros || strings.EqualFold(path.Base(f.Name), "vbaProject.bin")
		// Each size is looked at alone first: the sum of two could run over.
		if total += min(f.UncompressedSize64, maxUnfolded+1); total > maxUnfolded || i >= maxEntries {
			a.unfolds = true
			break
		}
	}
	return a
}

// describe names what is not taken, as well as its first bytes tell.
func describe(content []byte) lang.Text {
	if bytes.HasPrefix(content, []byte("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")) {
		return lang.Text{Hans: "旧版 Office 文件（.doc、.xls，请另存为 .docx、.xlsx）", Hant: "舊版 Office 檔案（.doc、.xls，請另存為 .docx、.xlsx）", En: "old Office file (.doc, .xls; save it as .docx or .xlsx)"}
	}
	media, _, _ := strings.Cut(http.DetectContentType(content), ";")
	if media == "application/octet-stream" {
		return lang.Text{Hans: "未知格式", Hant: "未知格式", En: "unknown format"}
	}
	return lang.Text{Hans: media, Hant: media, En: media}
}
