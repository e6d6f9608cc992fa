package importing

import (
	"slices"
	"strings"

	"openhall.org/openhall/internal/core/lang"
)

// Column is a field of the catalogue as a column of a table or a member of a JSON object.
type Column struct {
	Key      string
	Name     lang.Text
	Also     []string // other headings by which it is known
	Required bool
	List     bool // holds several values
}

// Keys of the columns.
const (
	colIndex       = "index"
	colTitle       = "title"
	colBody        = "body"
	colCategory    = "category"
	colTheme       = "theme"
	colAudience    = "audience"
	colGenre       = "genre"
	colLifecycle   = "lifecycle"
	colNumber      = "number"
	colMade        = "made"
	colPublished   = "published"
	colInForce     = "in_force"
	colRepealed    = "repealed"
	colKeywords    = "keywords"
	colLanguage    = "language"
	colSource      = "source"
	colSummary     = "summary"
	colText        = "text"
	colAttachments = "attachments"
)

// Columns lists what a file may hold, in the order in which exports write it: the catalogue fields of 2015 (law.md § 1), the text, and
// the links to other records by their index numbers.
func Columns() []Column {
	return []Column{
		{Key: colIndex, Name: lang.Text{Hans: "索引号", Hant: "索引號", En: "Index number"}},
		{Key: colTitle, Name: lang.Text{Hans: "信息名称", Hant: "信息名稱", En: "Title"}, Also: []string{"标题", "名称", "name"}, Required: true},
		{Key: colBody, Name: lang.Text{Hans: "发布机构", Hant: "發佈機構", En: "Body"}, Also: []string{"发文机关", "机构", "issuer"}, Required: true},
		{Key: colCategory, Name: lang.Text{Hans: "信息分类", Hant: "信息分類", En: "Category"}, Also: []string{"資訊分類", "分类", "信息類別", "categories"}, Required: true},
		{Key: colTheme, Name: lang.Text{Hans: "主题分类", Hant: "主題分類", En: "Theme"}},
		{Key: colAudience, Name: lang.Text{Hans: "服务对象分类", Hant: "服務對象分類", En: "Audience"}, Also: []string{"服务对象"}},
		{Key: colGenre, Name: lang.Text{Hans: "体裁分类", Hant: "體裁分類", En: "Genre"}, Also: []string{"体裁"}},
		{Key: colLifecycle, Name: lang.Text{Hans: "生命周期分类", Hant: "生命週期分類", En: "Life cycle"}, Also: []string{"生命周期"}},
		{Key: colNumber, Name: lang.Text{Hans: "文号", Hant: "文號", En: "Document number"}, Also: []string{"发文字号", "document_number"}},
		{Key: colMade, Name: lang.Text{Hans: "生成日期", Hant: "生成日期", En: "Made"}, Also: []string{"成文日期"}},
		{Key: colPublished, Name: lang.Text{Hans: "发布日期", Hant: "發佈日期", En: "Published"}},
		{Key: colInForce, Name: lang.Text{Hans: "生效日期", Hant: "生效日期", En: "In force from"}, Also: []string{"施行日期"}},
		{Key: colRepealed, Name: lang.Text{Hans: "废止日期", Hant: "廢止日期", En: "Repealed on"}, Also: []string{"失效日期"}},
		{Key: colKeywords, Name: lang.Text{Hans: "关键词", Hant: "關鍵詞", En: "Keywords"}, Also: []string{"主题词"}, List: true},
		{Key: colLanguage, Name: lang.Text{Hans: "语种", Hant: "語種", En: "Language"}, Also: []string{"信息格式/语种"}},
		{Key: colSource, Name: lang.Text{Hans: "信息来源", Hant: "信息來源", En: "Source"}, Also: []string{"資訊來源", "来源"}},
		{Key: colSummary, Name: lang.Text{Hans: "内容概述", Hant: "內容概述", En: "Summary"}, Also: []string{"摘要"}},
		{Key: colText, Name: lang.Text{Hans: "正文", Hant: "正文", En: "Text"}, Also: []string{"内容", "content"}},
		{Key: colAttachments, Name: lang.Text{Hans: "附件", Hant: "附件", En: "Attachments"}, List: true},
		{Key: string(Interprets), Name: lang.Text{Hans: "解读", Hant: "解讀", En: "Interprets"}, List: true},
		{Key: string(Amends), Name: lang.Text{Hans: "修改", Hant: "修改", En: "Amends"}, List: true},
		{Key: string(Repeals), Name: lang.Text{Hans: "废止", Hant: "廢止", En: "Repeals"}, List: true},
		{Key: string(Answers), Name: lang.Text{Hans: "答复", Hant: "答覆", En: "Answers"}, List: true},
		{Key: string(Implements), Name: lang.Text{Hans: "落实", Hant: "落實", En: "Implements"}, List: true},
	}
}

// ColumnOf is the column of a field of a record as refusals name it (documentNumber), or zero.
func ColumnOf(field string) Column {
	key := map[string]string{"documentNumber": colNumber, "lifeCycle": colLifecycle, "effective": colInForce}[field]
	if key == "" {
		key = field
	}
	all := Columns()
	if i := slices.IndexFunc(all, func(c Column) bool { return c.Key == key }); i >= 0 {
		return all[i]
	}
	return Column{}
}

// LinkKind says how a record refers to another one.
type LinkKind string

// The kinds of links.
const (
	Interprets LinkKind = "interprets" // 解读
	Amends     LinkKind = "amends"     // 修改
	Repeals    LinkKind = "repeals"    // 废止
	Answers    LinkKind = "answers"    // 答复
	Implements LinkKind = "implements" // 落实
)

func linkKinds() []LinkKind { return []LinkKind{Interprets, Amends, Repeals, Answers, Implements} }

// headings finds columns by what a file calls them.
type headings map[string]Column

func newHeadings() headings {
	h := headings{}
	for _, c := range Columns() {
		for _, name := range slices.Concat([]string{c.Key, c.Name.Hans, c.Name.Hant, c.Name.En}, c.Also) {
			h[plainHeading(name)] = c
		}
	}
	return h
}

// find returns the column that a heading means.
func (h headings) find(heading string) (Column, bool) {
	c, ok := h[plainHeading(heading)]
	return c, ok
}

// plainHeading lets headings be written in either script, in capitals, with blanks or a star for what is required.
func plainHeading(s string) string {
	s = lang.Fold(s)
	return strings.Map(func(r rune) rune {
		switch r {
		case ' ', '\t', '\n', '\r', '_', '-', '*', '\ufeff', '\u00a0', ':':
			return -1
		}
		return r
	}, s)
}

// letter names the place of a column as spreadsheets do: A, B, … Z, AA.
func letter(i int) string {
	name := ""
	for i++; i > 0; i = (i - 1) / 26 {
		name = string(rune('A'+(i-1)%26)) + name
	}
	return name
}
