package importing

import (
	"errors"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/core/identifier"
	"openhall.org/openhall/internal/core/lang"
)

// Limits of fields, in characters. They are those of the pages on which records are written.
const (
	maxTitle   = 200
	maxShort   = 100
	maxSummary = 1_000
	maxText    = 500_000
	maxList    = 50
)

// cell is a value of a row and where it stands.
type cell struct {
	value  string
	column string
}

// row is what stands in one row, by the key of the column.
type row struct {
	number int
	cells  map[string]cell
	lists  map[string][]string // values that came as lists already
	// cleaned is how many readings were taken out before the fields were found.
	cleaned int
	guessed bool // the fields were found by a guess, so that what somebody says goes before it
}

// checker turns rows into records. It remembers index numbers, so that one that comes twice is found.
type checker struct {
	options Options
	columns map[string]Column
	seen    map[string]int
}

func newChecker(o Options) *checker {
	c := &checker{options: o, columns: map[string]Column{}, seen: map[string]int{}}
	for _, col := range Columns() {
		c.columns[col.Key] = col
	}
	return c
}

// examination is one row under way.
type examination struct {
	*checker
	row  row
	item Item
}

func (c *checker) check(r row) Item {
	if r.guessed {
		for key, value := range c.options.Defaults {
			if value != "" {
				r.cells[key] = cell{value: value}
			}
		}
	}
	x := &examination{checker: c, row: r, item: Item{Row: r.number}}
	x.item.Record.Cleaned = r.cleaned
	rec := &x.item.Record
	rec.Title = x.line(colTitle, maxTitle)
	rec.Summary = x.prose(colSummary, maxSummary)
	rec.Text = x.prose(colText, maxText)
	rec.Theme, rec.Audience = x.line(colTheme, maxShort), x.line(colAudience, maxShort)
	rec.Genre, rec.Lifecycle = x.line(colGenre, maxShort), x.line(colLifecycle, maxShort)
	rec.Number, rec.Source = x.line(colNumber, maxShort), x.line(colSource, maxShort)
	rec.Keywords, rec.Attachments = x.list(colKeywords), x.list(colAttachments)
	uscc := x.body(rec)
	x.category(rec)
	x.language(rec)
	x.days(rec)
	x.index(rec, uscc)
	x.links(rec)
	x.content(rec)
	return x.item
}

// wrong notes a problem of a column.
func (x *examination) wrong(key string, rule, remedy lang.Text) {
	at := x.row.cells[key]
	x.item.Problems = append(x.item.Problems, Problem{
		Row: x.row.number, Column: at.column, Field: x.columns[key], Value: shown(at.value), Rule: rule, Remedy: remedy,
	})
}

// value returns what stands in a column, or its default.
func (x *examination) value(key string) string {
	if v := strings.TrimSpace(x.row.cells[key].value); v != "" {
		if failed(v) {
			x.wrong(key, text("表格里的公式没有算出结果", "表格裡的公式沒有算出結果", "the formula of this cell has no result"),
				text("请在电子表格里改正公式，或者直接填写内容", "請在試算表裡改正公式，或者直接填寫內容", "Mend the formula in the spreadsheet, or write what it should say"))
			return ""
		}
		return unquoted(v)
	}
	v := x.options.Defaults[key]
	if v == "" && x.columns[key].Required {
		x.wrong(key, text("必须填写", "必須填寫", "it must be filled in"), text("请补填这一格", "請補填這一格", "Fill the cell in"))
	}
	return v
}

// failed reports whether a spreadsheet keeps an error as the result of a cell's formula. Nobody writes these for the public.
func failed(v string) bool {
	return slices.Contains([]string{"#NULL!", "#DIV/0!", "#VALUE!", "#REF!", "#NAME?", "#NUM!", "#N/A", "#SPILL!", "#CALC!"}, v)
}

// unquoted takes off the apostrophe by which exports keep spreadsheets from taking a text for a formula.
func unquoted(v string) string {
	if len(v) > 1 && v[0] == '\'' && strings.ContainsRune("=+-@", rune(v[1])) {
		return v[1:]
	}
	return v
}

// prose returns a text of several lines, cleaned.
func (x *examination) prose(key string, most int) string {
	v, n := Clean(x.value(key))
	x.item.Record.Cleaned += n
	v = strings.ReplaceAll(v, "\r\n", "\n")
	if !utf8.ValidString(v) {
		x.wrong(key, text("里面有不能识别的字符", "裡面有不能識別的字元", "it holds characters that cannot be read"),
			text("请把文件另存为 UTF-8 编码", "請把檔案另存為 UTF-8 編碼", "Save the file as UTF-8"))
		return ""
	}
	if n := utf8.RuneCountInString(v); n > most {
		x.wrong(key, text("最多 "+strconv.Itoa(most)+" 个字，现有 "+strconv.Itoa(n)+" 个字", "最多 "+strconv.Itoa(most)+" 個字，現有 "+strconv.Itoa(n)+" 個字",
			"it may have "+strconv.Itoa(most)+" characters and has "+strconv.Itoa(n)), text("请缩短，或者放入附件", "請縮短，或者放入附件", "Shorten it, or attach it as a file"))
	}
	return v
}

// line returns a text of one line, cleaned.
func (x *examination) line(key string, most int) string {
	return strings.Join(strings.Fields(x.prose(key, most)), " ")
}

// list returns the values of a column that holds several, each once.
func (x *examination) list(key string) []string {
	all := x.row.lists[key]
	if all == nil {
		separators := ";；|\n"
		if key == colKeywords {
			separators += ",，、"
		}
		all = strings.FieldsFunc(x.value(key), func(r rune) bool { return strings.ContainsRune(separators, r) })
	}
	var out []string
	known := map[string]bool{}
	for _, v := range all {
		v, _ = Clean(strings.TrimSpace(v))
		if v != "" && !known[v] {
			out, known[v] = append(out, v), true
		}
	}
	if len(out) > maxList {
		x.wrong(key, text("最多 "+strconv.Itoa(maxList)+" 项", "最多 "+strconv.Itoa(maxList)+" 項", "it may hold "+strconv.Itoa(maxList)+" values"),
			text("请减少", "請減少", "Take some out"))
	}
	return out
}

// body finds whose record it is and returns the body's credit code.
func (x *examination) body(rec *Record) (uscc string) {
	rec.Body = x.value(colBody)
	if rec.Body == "" || x.options.Known.Body == nil {
		return ""
	}
	key, uscc, ok := x.options.Known.Body(rec.Body)
	if !ok {
		x.wrong(colBody, text("没有登记这个机关", "沒有登記這個機關", "no such body is registered"),
			text("请写机关的全称、统一社会信用代码或者平台里的代号", "請寫機關的全稱、統一社會信用代碼或者平台裡的代號", "Write the body's full name, its credit code, or its key"))
		return ""
	}
	rec.Body = key
	return uscc
}

func (x *examination) category(rec *Record) {
	rec.Category = x.value(colCategory)
	if rec.Category == "" || x.options.Known.Category == nil {
		return
	}
	key, ok := x.options.Known.Category(rec.Category)
	if !ok {
		x.wrong(colCategory, text("分类目录里没有这一类", "分類目錄裡沒有這一類", "the classification has no such category"),
			text("请使用分类目录里的名称或者代号", "請使用分類目錄裡的名稱或者代號", "Use a name or key of the classification"))
		return
	}
	rec.Category = key
}

func (x *examination) language(rec *Record) {
	v := x.value(colLanguage)
	switch lang.Fold(strings.TrimSuffix(v, "文")) {
	case "", "中", "简体中", "zh", "zh-cn", "zh-hans", "汉语", "中文简体":
		rec.Language = lang.Hans
	case "繁体中", "zh-hant", "zh-tw", "zh-hk", "中文繁体":
		rec.Language = lang.Hant
	case "英", "en", "english", "英语":
		rec.Language = lang.En
	default:
		x.wrong(colLanguage, text("语种只有中文、繁体中文和英文", "語種只有中文、繁體中文和英文", "the languages are zh-Hans, zh-Hant and en"),
			text("请写其中一种，中文可以留空", "請寫其中一種，中文可以留空", "Write one of them; leave it empty for Chinese"))
	}
}

// days reads the four days and checks their order.
func (x *examination) days(rec *Record) {
	rec.Made, rec.Published = x.day(colMade), x.day(colPublished)
	rec.InForce, rec.Repealed = x.day(colInForce), x.day(colRepealed)
	before := func(key string, day, not *calendar.Date, than string) {
		if day != nil && not != nil && *day < *not {
			n := x.columns[than].Name
			x.wrong(key, text("不能早于“"+n.Hans+"”（"+not.String()+"）", "不能早於「"+n.Hant+"」（"+not.String()+"）", "it can't be before “"+n.En+"” ("+not.String()+")"),
				text("请核对两个日期", "請核對兩個日期", "Check both days"))
		}
	}
	before(colPublished, rec.Published, rec.Made, colMade)
	before(colRepealed, rec.Repealed, rec.Made, colMade)
	before(colRepealed, rec.Repealed, rec.InForce, colInForce)
	for _, f := range []struct {
		key string
		day *calendar.Date
	}{{colMade, rec.Made}, {colPublished, rec.Published}} {
		if f.day != nil && x.options.Today != 0 && *f.day > x.options.Today {
			x.wrong(f.key, text("不能晚于今天", "不能晚於今天", "it can't lie in the future"), text("请核对日期", "請核對日期", "Check the day"))
		}
	}
}

func (x *examination) day(key string) *calendar.Date {
	v := x.value(key)
	if v == "" {
		return nil
	}
	d, err := parseDay(v)
	if err == nil {
		return &d
	}
	if errors.Is(err, calendar.ErrNoSuchDay) {
		x.wrong(key, text("日历上没有这一天", "日曆上沒有這一天", "there is no such day"), text("请核对日期", "請核對日期", "Check the day"))
	} else {
		x.wrong(key, text("不是日期", "不是日期", "it is no day"),
			text("请写成 2013-04-10 或者 2013年4月10日", "請寫成 2013-04-10 或者 2013年4月10日", "Write it as 2013-04-10"))
	}
	return nil
}

// index checks the index number, that it is the body's, and that it comes once.
func (x *examination) index(rec *Record, uscc string) {
	rec.Index = strings.ToUpper(x.value(colIndex))
	if rec.Index == "" {
		if x.options.NeedIndex {
			x.wrong(colIndex, text("必须填写", "必須填寫", "it must be filled in"), text("请补填这一格", "請補填這一格", "Fill the cell in"))
		}
		return
	}
	n, err := identifier.ParseIndexNumber(rec.Index)
	if fault := (*identifier.Error)(nil); errors.As(err, &fault) {
		x.wrong(colIndex, fault.Text, text("格式是机构代码/年月-五位序号，例如 11341702486344515H/202110-00013", "格式是機構代碼/年月-五位序號，例如 11341702486344515H/202110-00013",
			"It is the body's code, a slash, year and month, and five digits: 11341702486344515H/202110-00013"))
		return
	}
	const credit = 18 // characters; numbers of the older form begin with an organisation code, which is part of the credit code
	own := uscc == "" || n.Body == uscc || len(n.Body) < credit && len(uscc) == credit && uscc[8:17] == n.Body
	if !own {
		x.wrong(colIndex, text("索引号开头不是发布机构的代码（"+uscc+"）", "索引號開頭不是發佈機構的代碼（"+uscc+"）", "it doesn't begin with the code of its body ("+uscc+")"),
			text("请核对索引号和发布机构", "請核對索引號和發佈機構", "Check the number and the body"))
	}
	if first, ok := x.seen[rec.Index]; ok {
		at := strconv.Itoa(first)
		x.wrong(colIndex, text("第 "+at+" 行已经用了这个索引号", "第 "+at+" 列已經用了這個索引號", "row "+at+" has this index number already"),
			text("每条信息只有一个索引号，请核对或者删去重复的一行", "每條信息只有一個索引號，請核對或者刪去重複的一列", "Each record has a number of its own: correct it, or take out the repeated row"))
		return
	}
	x.seen[rec.Index] = x.row.number
}

func (x *examination) links(rec *Record) {
	for _, kind := range linkKinds() {
		for _, to := range x.list(string(kind)) {
			to = strings.ToUpper(to)
			_, err := identifier.ParseIndexNumber(to)
			if fault := (*identifier.Error)(nil); errors.As(err, &fault) {
				x.wrong(string(kind), fault.Text, text("请写另一条信息的索引号，多个用分号隔开", "請寫另一條信息的索引號，多個用分號隔開", "Write index numbers of other records, separated by semicolons"))
				continue
			}
			if to == rec.Index {
				x.wrong(string(kind), text("不能指向自己", "不能指向自己", "a record can't refer to itself"), text("请核对索引号", "請核對索引號", "Check the number"))
				continue
			}
			rec.Links = append(rec.Links, Link{kind, to})
		}
	}
}

// content asks for something to read: a text, or a file.
func (x *examination) content(rec *Record) {
	if x.options.NoFiles && len(rec.Attachments) > 0 {
		x.wrong(colAttachments, text("这里不收附件", "這裡不收附件", "no files are taken here"),
			text("请清空这一格，导入后在草稿里上传附件", "請清空這一格，匯入後在草稿裡上傳附件", "Empty the cell, and attach them to the draft afterwards"))
	}
	if known := x.options.Known.Attachment; known != nil {
		for _, name := range rec.Attachments {
			if !known(name) {
				x.wrong(colAttachments, text("没有找到附件“"+shown(name)+"”", "沒有找到附件「"+shown(name)+"」", "the file "+strconv.Quote(shown(name))+" was not found"),
					text("请把它放在同一个文件夹", "請把它放在同一個資料夾", "Put it into the folder of the table"))
			}
		}
	}
	if rec.Text == "" && len(rec.Attachments) == 0 {
		x.wrong(colText, text("正文和附件不能都是空的", "正文和附件不能都是空的", "text and attachments can't both be empty"),
			text("请填写正文，或者写出附件的文件名", "請填寫正文，或者寫出附件的檔名", "Fill in the text, or name a file"))
	}
}
