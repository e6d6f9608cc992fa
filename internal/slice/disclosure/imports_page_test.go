package disclosure_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"golang.org/x/text/encoding/traditionalchinese"
)

// What is wrong with a file that an office tries is said before anything is made of it; what was tried in vain is not imported either.
func TestOddFiles(t *testing.T) {
	onEachEngine(t, func(t *testing.T, w *world) {
		big5, err := traditionalchinese.Big5.NewEncoder().String("信息名稱,信息分類,正文\n甲通知,statutory.5.guide,甲\n")
		must(t, err)
		const columns = "信息名称,信息分类,生成日期,正文,附件,解读\n"
		for name, x := range map[string]struct{ file, content, wants string }{
			"nothing below the names": {"表.csv", columns, "文件里没有信息：列名下面每一行是一条"},
			"another encoding":        {"表.csv", big5, "文件的文字编码不能识别。请另存为 UTF-8"},
			"a byte too many":         {"表.csv", columns + "甲\xff,statutory.5.guide,,甲\n", "文件的文字编码不能识别"},
			"a pdf":                   {"表.csv", "%PDF-1.4\n%%EOF", "文件的内容和名称不符"},
			"an old table":            {"表.csv", "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "文件的内容和名称不符"},
			"no such day":             {"表.csv", columns + "甲,statutory.5.guide,2013-02-30,甲\n", "第 2 行，C 列“生成日期”，“2013-02-30”：日历上没有这一天"},
			"files":                   {"表.csv", columns + "甲,statutory.5.guide,,甲,名单.txt\n", "E 列“附件”，“名单.txt”：这里不收附件。请清空这一格，导入后在草稿里上传附件。"},
			"a link to nothing":       {"表.csv", columns + "甲,statutory.5.guide,,甲,,11340000MB9000023Q/201304-00009\n", "第 2 行，解读，“11340000MB9000023Q/201304-00009”：没有这个索引号的信息"},
			"a long text":             {"表.csv", columns + "甲,statutory.5.guide,," + strings.Repeat("甲", 500_001) + "\n", "最多 500000 个字，现有 500001 个字"},
			"too many rows":           {"表.csv", columns + strings.Repeat("甲,statutory.5.guide,,甲\n", 501), "一次最多导入 500 行"},
			"no category":             {"通知.txt", "关于放假的通知\n\n各科室：\n明天放假。\n", "第 1 行，信息分类：必须填写"},
		} {
			t.Run(name, func(t *testing.T) {
				for _, do := range []string{"try", "import"} {
					w.upload("/desk/imports", "file", url.Values{"do": {do}}, [2]string{x.file, x.content}).want(http.StatusUnprocessableEntity, x.wants)
				}
			})
		}
		// A document in plain text names no category: the form does.
		form := url.Values{"do": {"import"}, "category": {"statutory.5.guide"}}
		w.upload("/desk/imports", "file", form, [2]string{"通知.txt", "关于放假的通知\n\n各科室：\n明天放假。\n"}).want(http.StatusSeeOther)
		works, err := w.records.Works(t.Context(), clerk, "water", 0, 50)
		must(t, err)
		if len(works) != 1 || works[0].Category != "statutory.5.guide" || works[0].Title != "关于放假的通知" {
			t.Errorf("%d drafts: %+v", len(works), works)
		}
	})
}
