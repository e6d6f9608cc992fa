package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// foundingDocument is the text of the founding document where FOUNDING_DOCUMENT names its file; elsewhere a text with the same artefacts of
// conversion.
func foundingDocument(t *testing.T) string {
	t.Helper()
	if name := os.Getenv("FOUNDING_DOCUMENT"); name != "" {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		return string(data)
	}
	return "各市、縣人民政府,省政府各部門、各直屬機構:\n\n  《2013年全省政務公開政務服務工作要點》已經省政府同意,現印發(fā)給你們,請結合實際,認真貫徹落實。\n\n" +
		"  安徽省人民政府辦公廳\n\n  2013年4月10日\n\n2013年全省政務公開政務服務工作要點\n\n  一、以制約監(jiān)督權力運行為核心,規(guī)范創(chuàng)新,完善村(居)公開。\n"
}

// Records come in from a table with row-exact problems, once however often the file is imported; and so does an official document in plain
// text, cleaned of what its conversion left behind.
func TestImportRecords(t *testing.T) {
	t.Parallel()
	data, tables := t.TempDir(), t.TempDir()
	write := func(name, content string) string {
		path := filepath.Join(tables, name)
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	write("divisions.csv", "code,level,name_hans,name_hant,name_en\n340000000000,1,安徽省,安徽省,Anhui\n")
	write("bodies.csv", "key,division,kind,level,name_hans,name_hant,uscc\nanhui-office,340000000000,data,provincial,安徽省人民政府办公厅,安徽省人民政府辦公廳,11340000MB9000015X\n")
	if out, err := run(t, "setup", "--data", data, "--from", tables, "--admin", "system=li.wei,李伟", "--admin", "security=zhang.min,张敏", "--admin", "audit=chen.jie,陈洁"); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	table := write("old.csv", "索引号,信息名称,发布机构,信息分类,发布日期,正文\n"+
		"11340000MB9000015X/201304-00001,关于公开的通知,安徽省人民政府办公厅,其他文件,2013-04-10,各市：請公開。\n"+
		"11340000MB9000015X/201304-00002,,安徽省人民政府办公厅,其他文件,2013-04-31,正文。\n")
	document := write("founding.txt", foundingDocument(t))
	withFile := "索引号,信息名称,发布机构,信息分类,发布日期,正文,附件\n11340000MB9000015X/201304-00007,带附件的通知,安徽省人民政府办公厅,其他文件,2013-04-10,见附件。,名单.txt\n"
	write("名单.txt", "名单第一版")
	changed := func() { write("名单.txt", "名单第二版，有修改") }
	for _, step := range []struct {
		args   []string
		wants  []string
		fails  bool
		before func()
	}{
		{[]string{table, "--dry-run"}, []string{"row 3, column B (Title): it must be filled in", `row 3, column E (Published), "2013-04-31": there is no such day`, "1 new", "1 left out", "nothing was changed"}, true, nil},
		{[]string{table, "--language", "zh-Hans"}, []string{"第 3 行，B 列“信息名称”：必须填写", "1 new"}, true, nil},
		{[]string{table}, []string{"0 new", "1 there already"}, true, nil},
		{[]string{document, "--category", "statutory.1.other"}, []string{"1 new", "1 cleaned"}, false, nil},
		{[]string{document, "--category", "statutory.1.other"}, []string{"0 new"}, false, nil},
		{[]string{document, "--category", "nothing"}, []string{"the classification has no such category"}, true, nil},
		{[]string{write("a.csv", "colour\n")}, nil, true, nil},
		{[]string{write("none.csv", "\ufeff信息名称,正文\r\n,\r\n")}, []string{"0 rows", "the file holds no records"}, true, nil},
		{[]string{write("file-1.csv", withFile)}, []string{"1 new"}, false, nil},
		{[]string{write("file-2.csv", withFile+"\n")}, []string{"0 new", "1 there already"}, false, nil},
		{[]string{write("file-3.csv", withFile+"\n\n"), "--update"}, []string{"0 new", "0 new versions", "1 there already"}, false, nil},
		{[]string{write("file-4.csv", withFile+"\n\n\n"), "--update"}, []string{"0 new", "1 new versions"}, false, changed},
		{[]string{write("file-5.csv", strings.NewReplacer("名单.txt", "程序.exe", "-00007", "-00008").Replace(withFile))}, []string{"row 2", "程序.exe", "0 new", "1 left out"}, true, func() { write("程序.exe", "MZ\x90\x00") }},
	} {
		if step.before != nil {
			step.before()
		}
		out, err := run(t, append(append([]string{"import", "records"}, step.args...), "--data", data)...)
		if (err != nil) != step.fails {
			t.Errorf("%v: %v: %s", step.args, err, out)
		}
		if err != nil {
			out += err.Error() // which main prints
		}
		for _, want := range step.wants {
			if !strings.Contains(out, want) {
				t.Errorf("%v does not say %q: %s", step.args, want, out)
			}
		}
	}

	// A dry run says what a real run says, file by file, and keeps nothing.
	rows := "索引号,信息名称,发布机构,信息分类,发布日期,正文,附件\n"
	for i, name := range []string{"程序.exe", "大.txt", "文件夹.txt", "空.txt", "电话.txt", "照片.png", "名单.txt;名单.txt", "没有.txt"} {
		rows += fmt.Sprintf("11340000MB9000015X/201304-%05d,附件%d,安徽省人民政府办公厅,其他文件,2013-04-10,见附件。,%s\n", 11+i, i, name)
	}
	write("大.txt", strings.Repeat("大", 7<<20))
	write("空.txt", "")
	write("电话.txt", "申请人王小明，电话 13900139000。")
	write("照片.png", "\x89PNG\r\n\x1a\n")
	if err := os.Mkdir(filepath.Join(tables, "文件夹.txt"), 0o700); err != nil {
		t.Fatal(err)
	}
	odd := write("odd.csv", rows)
	foretold, err := run(t, "import", "records", odd, "--dry-run", "--language", "zh-Hans", "--data", data)
	if !errors.Is(err, errRows) {
		t.Fatalf("%v: %s", err, foretold)
	}
	for _, want := range []string{
		"第 2 行，附件，“程序.exe”：这是", "第 3 行，附件，“大.txt”：文件超过 20 MB。", "第 4 行，附件，“文件夹.txt”：附件打不开。", "第 5 行，附件，“空.txt”：文件是空的。", "第 9 行",
		"第 6 行：附件“电话.txt”以遮盖了个人信息的副本公开：手机号码 1 处", "第 7 行：附件“照片.png”里有程序读不出的内容", "3 new", "5 left out", "1 masked", "1 files hold",
	} {
		if !strings.Contains(foretold, want) {
			t.Errorf("a dry run does not say %q: %s", want, foretold)
		}
	}
	done, err := run(t, "import", "records", odd, "--language", "zh-Hans", "--data", data)
	if !errors.Is(err, errRows) || done+"nothing was changed\n" != foretold {
		t.Errorf("%v; a dry run said\n%sand a real one\n%s", err, foretold, done)
	}
}
