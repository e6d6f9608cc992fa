package extract

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"path"
	"strings"

	"openhall.org/openhall/internal/core/lang"
)

// Type is the format of a document.
type Type string

// The formats that are read.
const (
	PDF  Type = "pdf"
	DOCX Type = "docx"
	XLSX Type = "xlsx"
	HTML Type = "html"
	TXT  Type = "txt"
)

// Limits bound what a document may cost.
type Limits struct {
	Size     int // of the file, in bytes
	Unpacked int // of all its parts together
	Parts    int // files in an archive, objects in a PDF
	Depth    int // of documents in documents, of elements in elements
	Text     int // of the text, in bytes
	Pieces   int // of the text that stand apart: cells, runs, attributes, in a PDF characters. Each takes 100 to 200 bytes while it is read
}

// DefaultLimits are generous for what offices publish and small for a server. A book of 1,000 pages passes, and a table of a million cells.
func DefaultLimits() Limits {
	return Limits{Size: 64 << 20, Unpacked: 256 << 20, Parts: 200_000, Depth: 200, Text: 64 << 20, Pieces: 4 << 20}
}

// What is wrong with a document; an [Error] wraps one of them.
var (
	ErrType      = errors.New("not a document of a kind that is read")
	ErrLimit     = errors.New("larger than a document may be")
	ErrBroken    = errors.New("broken")
	ErrEncrypted = errors.New("locked by a password")
)

// Error says what is wrong with a document and in which part of it.
type Error struct {
	Type Type
	Part string // page 3, word/document.xml; empty when the whole is meant
	Err  error
}

// Error returns the English text.
func (e *Error) Error() string {
	if e.Part == "" {
		return fmt.Sprintf("read %s: %v", e.Type, e.Err)
	}
	return fmt.Sprintf("read %s: %s: %v", e.Type, e.Part, e.Err)
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// Message says what is wrong, and how to mend it, for whoever handed the document in.
func (e *Error) Message() lang.Text {
	part := lang.Text{}
	if e.Part != "" {
		part = lang.Text{Hans: "（" + e.Part + "）", Hant: "（" + e.Part + "）", En: " (" + e.Part + ")"}
	}
	switch {
	case errors.Is(e.Err, ErrEncrypted):
		return lang.Text{Hans: "文件设有密码，无法审查。请取消密码后重新上传", Hant: "文件設有密碼，無法審查。請取消密碼後重新上傳",
			En: "The document is locked by a password and cannot be reviewed. Remove the password and upload it again"}
	case errors.Is(e.Err, ErrLimit):
		return lang.Text{Hans: "文件过大或展开后过大" + part.Hans + "。请拆分后分别上传", Hant: "文件過大或展開後過大" + part.Hant + "。請拆分後分別上傳",
			En: "The document is too large, or becomes so when it is unpacked" + part.En + ". Split it and upload the pieces"}
	case errors.Is(e.Err, ErrType):
		return lang.Text{Hans: "文件不是 pdf、docx、xlsx、html、txt 中的一种。请另存为其中一种格式", Hant: "文件不是 pdf、docx、xlsx、html、txt 中的一種。請另存為其中一種格式",
			En: "The document is none of pdf, docx, xlsx, html, txt. Save it in one of these formats"}
	default:
		return lang.Text{Hans: "文件已损坏" + part.Hans + "。请用原软件打开并重新保存", Hant: "文件已損壞" + part.Hant + "。請用原軟體開啟並重新儲存",
			En: "The document is broken" + part.En + ". Open it in the program that made it and save it again"}
	}
}

// Place is where in a document a part of its text stands.
type Place string

// The places.
const (
	Body       Place = "body"       // what is seen
	Page       Place = "page"       // of a PDF, by number
	Sheet      Place = "sheet"      // of a workbook, by name
	Hidden     Place = "hidden"     // sheets that are hidden
	Header     Place = "header"     // 页眉页脚
	Footnote   Place = "note"       // 脚注尾注
	Comment    Place = "comment"    // 批注
	Deleted    Place = "deleted"    // 修订中删除的文字
	Property   Place = "property"   // 文档属性: author, title, last printed by
	Formula    Place = "formula"    // 公式
	Annotation Place = "annotation" // of a PDF: notes, form fields, links
	Bookmark   Place = "bookmark"
	Attachment Place = "attachment" // documents in the document
	Markup     Place = "markup"     // attributes, scripts, comments of HTML, caches: what programs read
)

// Name returns the place in words.
func (p Place) Name() lang.Text {
	switch p {
	case Body:
		return lang.Text{Hans: "正文", Hant: "正文", En: "text"}
	case Page:
		return lang.Text{Hans: "页", Hant: "頁", En: "page"}
	case Sheet:
		return lang.Text{Hans: "工作表", Hant: "工作表", En: "sheet"}
	case Hidden:
		return lang.Text{Hans: "隐藏的工作表", Hant: "隱藏的工作表", En: "hidden sheet"}
	case Header:
		return lang.Text{Hans: "页眉页脚", Hant: "頁首頁尾", En: "header or footer"}
	case Footnote:
		return lang.Text{Hans: "脚注尾注", Hant: "註腳章節附註", En: "note"}
	case Comment:
		return lang.Text{Hans: "批注", Hant: "註解", En: "comment"}
	case Deleted:
		return lang.Text{Hans: "修订中删除的文字", Hant: "修訂中刪除的文字", En: "tracked deletion"}
	case Property:
		return lang.Text{Hans: "文档属性", Hant: "文件屬性", En: "property of the file"}
	case Formula:
		return lang.Text{Hans: "公式", Hant: "公式", En: "formula"}
	case Annotation:
		return lang.Text{Hans: "注释和表单", Hant: "註解和表單", En: "annotation or form field"}
	case Bookmark:
		return lang.Text{Hans: "书签", Hant: "書籤", En: "bookmark"}
	case Attachment:
		return lang.Text{Hans: "内嵌附件", Hant: "內嵌附件", En: "attachment inside"}
	case Markup:
		return lang.Text{Hans: "不显示的标记", Hant: "不顯示的標記", En: "markup that is not shown"}
	default:
		return lang.Text{Hans: string(p)}
	}
}

// Part is a stretch of the text and where it stands in the document.
type Part struct {
	Place    Place
	Name     string // of the sheet, of the file in the archive
	Number   int    // of the page or sheet, from 1; 0 where there is none
	From, To int    // in Document.Text
}

// Unread is something in a document that holds what cannot be read.
type Unread struct {
	Part string
	What Nature
}

// Nature says what an unread thing is.
type Nature string

// The natures.
const (
	Picture  Nature = "picture"  // perhaps a scan
	Object   Nature = "object"   // a document of another program, a macro
	NoLetter Nature = "no-chars" // text in a font that does not tell its characters
)

// Name returns the nature in words.
func (n Nature) Name() lang.Text {
	switch n {
	case Picture:
		return lang.Text{Hans: "图片（文字未识别，须人工查看）", Hant: "圖片（文字未辨識，須人工查看）", En: "picture: its text was not read, somebody has to look"}
	case Object:
		return lang.Text{Hans: "嵌入对象（未读取，须人工查看）", Hant: "內嵌物件（未讀取，須人工查看）", En: "embedded object: not read, somebody has to look"}
	case NoLetter:
		return lang.Text{Hans: "文字无法还原（字体未给出对应字符，须人工查看）", Hant: "文字無法還原（字型未給出對應字元，須人工查看）", En: "text in a font that does not tell its characters: somebody has to look"}
	default:
		return lang.Text{Hans: string(n)}
	}
}

// Document is what was read.
type Document struct {
	Type   Type
	Text   string
	Parts  []Part // in the order of the text, without gaps but for line breaks
	Unread []Unread
	// Segments say where in the file the text stands, for package redact. PDF and plain text have none.
	Segments []Segment
}

// Form says how a segment is written in its file.
type Form int

// The forms.
const (
	CharData  Form = iota // between tags
	AttrValue             // between quotation marks
	NumberXML             // a cell of a workbook that holds a number, tags and all
)

// Segment is a stretch of the text that stands in one place of a file of the archive.
type Segment struct {
	From, To       int    // in Document.Text
	File           string // in the archive; empty where the document is one file
	RawFrom, RawTo int    // in that file
	Form           Form
}

// PartAt returns the part that an offset of the text lies in.
func (d *Document) PartAt(offset int) Part {
	for _, p := range d.Parts {
		if offset >= p.From && offset < p.To {
			return p
		}
	}
	return Part{}
}

// Main returns the text that readers see, for the search index.
func (d *Document) Main() string {
	var b strings.Builder
	for _, p := range d.Parts {
		switch p.Place {
		case Body, Page, Sheet, Header, Footnote:
			b.WriteString(d.Text[p.From:p.To])
			b.WriteByte('\n')
		default:
		}
	}
	return b.String()
}

// TypeOf tells the format by the first bytes, and between those that have none by the name; empty when it is none that is read.
func TypeOf(name string, content []byte) Type {
	ext := strings.ToLower(path.Ext(name))
	head := content[:min(len(content), 1024)]
	switch {
	case bytes.Contains(head, []byte("%PDF-")):
		return PDF
	case bytes.HasPrefix(head, []byte("PK\x03\x04")):
		switch {
		case hasEntry(content, "word/"):
			return DOCX
		case hasEntry(content, "xl/"):
			return XLSX
		}
		return ""
	case bytes.HasPrefix(head, []byte("\xd0\xcf\x11\xe0")): // doc and xls of before 2007, and docx with a password
		return ""
	case ext == ".html" || ext == ".htm" || looksHTML(head):
		return HTML
	case bytes.IndexByte(head, 0) >= 0 && !bytes.HasPrefix(head, []byte("\xff\xfe")) && !bytes.HasPrefix(head, []byte("\xfe\xff")):
		return ""
	case ext == ".txt" || ext == ".csv" || ext == ".md" || ext == "":
		return TXT
	}
	return ""
}

func looksHTML(head []byte) bool {
	lower := bytes.ToLower(bytes.TrimLeft(head, "\ufeff \t\r\n"))
	return bytes.HasPrefix(lower, []byte("<!doctype html")) || bytes.HasPrefix(lower, []byte("<html"))
}

// Text reads a document of the given type.
func Text(ctx context.Context, typ Type, content []byte, limits Limits) (*Document, error) {
	if len(content) > limits.Size {
		return nil, &Error{Type: typ, Err: fmt.Errorf("%w: %d bytes, at most %d", ErrLimit, len(content), limits.Size)}
	}
	w := &writer{ctx: ctx, typ: typ, limits: limits, left: limits.Unpacked}
	var err error
	switch typ {
	case TXT:
		err = w.plain(content)
	case HTML:
		err = w.html(content)
	case DOCX, XLSX:
		err = w.office(content)
	case PDF:
		err = w.pdf(content)
	default:
		err = ErrType
		if bytes.HasPrefix(content, []byte("\xd0\xcf\x11\xe0")) && bytes.Contains(content, utf16("EncryptedPackage")) {
			err = ErrEncrypted // a docx or xlsx with a password
		}
	}
	if err != nil {
		var e *Error
		if errors.As(err, &e) {
			return nil, err
		}
		return nil, &Error{Type: typ, Part: w.part, Err: err}
	}
	w.end()
	return &Document{Type: typ, Text: w.b.String(), Parts: w.parts, Unread: w.unread, Segments: w.segments}, nil
}

func utf16(s string) []byte {
	b := make([]byte, 0, 2*len(s))
	for i := range len(s) {
		b = append(b, s[i], 0)
	}
	return b
}
