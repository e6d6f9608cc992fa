package importing_test

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/unicode"

	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/core/lang"
	"openhall.org/openhall/internal/slice/disclosure/importing"
)

// usccWater is a body's code with its check character, from the demo; its characters 9 to 17 are the organisation code.
const usccWater = "11341702486344515H"

func known() importing.Known {
	return importing.Known{
		Body: func(text string) (string, string, bool) {
			if text == "东至县水利局" || text == "dongzhi-water" || text == "安徽省人民政府辦公廳" {
				return "dongzhi-water", usccWater, true
			}
			return "", "", false
		},
		Category: func(text string) (string, bool) {
			return "policy.normative", text == "规范性文件" || text == "policy.normative"
		},
		Attachment: func(name string) bool { return name == "a.pdf" },
	}
}

func options() importing.Options {
	return importing.Options{Known: known(), Today: calendar.Day(2026, 11, 28)}
}

func read(t *testing.T, name string, data []byte, o importing.Options) (*importing.File, []importing.Item) {
	t.Helper()
	f, err := importing.Open(name, bytes.NewReader(data), o)
	if err != nil {
		t.Fatalf("open %s: %v", name, err)
	}
	var items []importing.Item
	for {
		item, err := f.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		items = append(items, item)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	return f, items
}

const whole = "索引号,信息名称,发布机构,信息分类,文号,生成日期,发布日期,生效日期,关键词,正文,解读\n" +
	usccWater + "/202110-00013,关于加强取水管理的通知,东至县水利局,规范性文件,东水〔2021〕13号,2021年10月8日,2021-10-11,2021/11/1,取水；节水,\"各乡镇：\n现印發(fā)给你们。\",\n" +
	",政策解读,dongzhi-water,policy.normative,,20211012,44482,,,解读的文字," + usccWater + "/202110-00013\n"

func day(y int, m time.Month, d int) *calendar.Date {
	x := calendar.Day(y, m, d)
	return &x
}

func want() []importing.Record {
	return []importing.Record{
		{
			Index: usccWater + "/202110-00013", Title: "关于加强取水管理的通知", Body: "dongzhi-water", Category: "policy.normative", Number: "东水〔2021〕13号",
			Made: day(2021, 10, 8), Published: day(2021, 10, 11), InForce: day(2021, 11, 1), Keywords: []string{"取水", "节水"}, Language: lang.Hans,
			Text: "各乡镇：\n现印發给你们。", Cleaned: 1,
		},
		{
			Title: "政策解读", Body: "dongzhi-water", Category: "policy.normative", Made: day(2021, 10, 12), Published: day(2021, 10, 13), Language: lang.Hans,
			Text: "解读的文字", Links: []importing.Link{{Kind: importing.Interprets, To: usccWater + "/202110-00013"}},
		},
	}
}

func xlsx(t *testing.T, csv [][]any) []byte {
	t.Helper()
	book := excelize.NewFile()
	for i, row := range csv {
		for j, v := range row {
			name, err := excelize.CoordinatesToCellName(j+1, i+1)
			if err != nil {
				t.Fatal(err)
			}
			if err := book.SetCellValue("Sheet1", name, v); err != nil {
				t.Fatal(err)
			}
		}
	}
	var b bytes.Buffer
	if err := book.Write(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// The same two records in every form and encoding. 44482 is 2021-10-13 as spreadsheets count (checked with LibreOffice).
func TestEveryForm(t *testing.T) {
	encode := func(e interface{ Bytes([]byte) ([]byte, error) }) []byte {
		out, err := e.Bytes([]byte(whole))
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	json := `{"index":"` + usccWater + `/202110-00013","title":"关于加强取水管理的通知","body":"东至县水利局","category":"规范性文件","number":"东水〔2021〕13号","made":"2021-10-08","published":"2021.10.11","in_force":"2021-11-01","keywords":["取水","节水"],"text":"各乡镇：\n现印發(fā)给你们。"}` +
		"\n\n" + `{"信息名称":"政策解读","body":"dongzhi-water","category":"policy.normative","made":20211012,"published":"2021-10-13","text":"解读的文字","interprets":"` + usccWater + `/202110-00013","source":null,"keywords":[null]}`
	sheet := [][]any{
		{"索引號 *", "信息名稱", "发布机构", "信息分类", "文号", "生成日期", "发布日期", "生效日期", "关键词", "正文", "解读"},
		{usccWater + "/202110-00013", "关于加强取水管理的通知", "东至县水利局", "规范性文件", "东水〔2021〕13号", "2021年10月8日", "2021-10-11", 44501, "取水；节水", "各乡镇：\n现印發(fā)给你们。"},
		{},
		{"", "政策解读", "dongzhi-water", "policy.normative", nil, 20211012, 44482, nil, nil, "解读的文字", usccWater + "/202110-00013"},
	}
	for _, tt := range []struct {
		name, encoding string
		data           []byte
	}{
		{"a.csv", "UTF-8", []byte(whole)},
		{"b.csv", "UTF-8", []byte("\ufeff" + whole)},
		{"c.csv", "UTF-8", []byte(strings.ReplaceAll(whole, "\n", "\r\n"))},
		{"d.csv", "GB18030", encode(simplifiedchinese.GB18030.NewEncoder())},
		{"e.csv", "UTF-16", encode(unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewEncoder())},
		{"f.tsv", "UTF-8", []byte(strings.ReplaceAll(whole, ",", "\t"))},
		{"g.jsonl", "UTF-8", []byte(json)},
		{"h.xlsx", "", xlsx(t, sheet)},
	} {
		f, items := read(t, tt.name, tt.data, options())
		if f.Encoding != tt.encoding {
			t.Errorf("%s: encoding %q, want %q", tt.name, f.Encoding, tt.encoding)
		}
		var got []importing.Record
		for _, item := range items {
			got = append(got, item.Record)
			for _, p := range item.Problems {
				t.Errorf("%s: %s", tt.name, p.In(lang.En))
			}
		}
		if !reflect.DeepEqual(got, want()) {
			t.Errorf("%s:\ngot  %+v\nwant %+v", tt.name, got, want())
		}
	}
}

// Each broken row is named by row, column, rule and remedy, in each language; the others are read.
func TestProblemsAreExact(t *testing.T) {
	data := "index,title,body,category,made,published,repealed,text,interprets,attachments\n" + // row 1
		usccWater + "/202113-00001,a,dongzhi-water,policy.normative,,,,t,,\n" + // 2: month 13
		",,dongzhi-water,policy.normative,,,,t,,\n" + // 3: no title
		",c,nobody,policy.normative,,,,t,,\n" + // 4: no such body
		"\n" + // 5: blank
		",\"d\nd\",dongzhi-water,none,2021-02-30,yesterday,,t,,\n" + // 6 (7 lines down): category, two days
		",e,dongzhi-water,policy.normative,2021-10-08,2021-10-07,2021-10-01,t,,\n" + // 7: order
		usccWater + "/202110-00001,f,dongzhi-water,policy.normative,,,,t," + usccWater + "/202110-00001,\n" + // 8: itself
		usccWater + "/202110-00001,g,dongzhi-water,policy.normative,,,,,,b.pdf\n" + // 9: twice; no such file
		"123456785/201510-00216,h,dongzhi-water,policy.normative,,,,t,,\n" + // 10: another body's
		",i,dongzhi-water,policy.normative,2027-01-01,,,t,,,surplus\n" + // 11: a cell too many
		",j,dongzhi-water,policy.normative,2027-01-01,,,t,,\n" + // 12: in the future
		",k,dongzhi-water,policy.normative,,,,,,\n" + // 13: nothing to read
		",l,dongzhi-water,policy.normative,,,,t,,a.pdf\n" // 14: good
	_, items := read(t, "p.csv", []byte(data), options())
	var got []string
	for _, item := range items {
		for _, p := range item.Problems {
			got = append(got, p.In(lang.En))
			if p.Rule.Hans == "" || p.Rule.Hant == "" || p.Rule.En == "" || !p.Remedy.Complete() {
				t.Errorf("a language is missing: %+v", p)
			}
		}
	}
	wanted := []string{
		"row 2, column A (Index number), ", "row 3, column B (Title): it must be filled in. Fill the cell in.",
		`row 4, column C (Body), "nobody": no such body is registered`,
		`row 6, column D (Category), "none": `, `row 6, column E (Made), "2021-02-30": there is no such day`, `row 6, column F (Published), "yesterday": it is no day. Write it as 2013-04-10.`,
		"row 7, column F (Published), \"2021-10-07\": it can't be before", "row 7, column G (Repealed on), ",
		"row 8, column I (Interprets), ", "row 9, column A (Index number), \"" + usccWater + "/202110-00001\": row 8 has this index number already",
		`row 9, column J (Attachments), "b.pdf": the file "b.pdf" was not found`,
		"row 10, column A (Index number), ", `row 11, column K, "surplus": this column has no name`,
		`row 12, column E (Made), "2027-01-01": it can't lie in the future`, "row 13, column H (Text): text and attachments can't both be empty",
	}
	if len(got) != len(wanted) {
		t.Fatalf("%d problems, want %d:\n%s", len(got), len(wanted), strings.Join(got, "\n"))
	}
	for i := range got {
		if !strings.HasPrefix(got[i], wanted[i]) {
			t.Errorf("problem %d is %q, want %q…", i, got[i], wanted[i])
		}
	}
	if last := items[len(items)-1]; len(last.Problems) > 0 || last.Row != 14 || last.Record.Title != "l" {
		t.Errorf("the last row was not read: %+v", last)
	}
	hans := items[1].Problems[0].In(lang.Hans)
	if hans != "第 3 行，B 列“信息名称”：必须填写。请补填这一格。" {
		t.Errorf("in Chinese: %s", hans)
	}
}

func TestFilesThatAreRefused(t *testing.T) {
	for _, tt := range []struct{ name, data, want string }{
		{"a.csv", "", "the file is empty"},
		{"a.doc", "x", "this kind of file is not known"},
		{"a.xlsx", "x", "this is no XLSX file"},
		{"a.xlsx", "PK\x03\x04broken", "can't be opened"},
		{"a.csv", "PK\x03\x04", "not what its name says"},
		{"a.csv", "index,colour\n", `column B, "colour": this column is not known`},
		{"a.csv", "title,信息名称\n", "column A is the same"},
		{"a.csv", " , \n", "no names of columns"},
	} {
		_, err := importing.Open(tt.name, strings.NewReader(tt.data), options())
		if _, ok := importing.ProblemOf(err); !ok || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s %q: %v, want %q", tt.name, tt.data, err, tt.want)
		}
	}
	book := excelize.NewFile()
	err := book.SetSheetRow("Sheet1", "A1", &[]string{"title"})
	for i := range 100 {
		err = errors.Join(err, book.SetCellStr("Sheet1", "A"+strconv.Itoa(i+2), strings.Repeat("a", 30_000)+strconv.Itoa(i)))
	}
	var packed bytes.Buffer // 3 MB in some KB
	if err = errors.Join(err, book.Write(&packed), book.Close()); err != nil {
		t.Fatal(err)
	}
	small := options()
	for _, small.Unpacked = range []int64{0, 1 << 20} {
		f, err := importing.Open("a.xlsx", bytes.NewReader(packed.Bytes()), small)
		if (err == nil) != (small.Unpacked == 0) {
			t.Errorf("a table of 3 MB where %d bytes may be: %v", small.Unpacked, err)
		}
		if err == nil {
			_ = f.Close()
		}
	}
	for _, tt := range []struct{ name, data, want string }{
		{"a.csv", "title\n\"a\"b\nc\n", "quotation marks"},
		{"a.jsonl", "[]", "no JSON object"},
		{"a.jsonl", "{} {}", "no JSON object"},
		{"a.jsonl", `{"colour":1}`, "this member is not known"},
		{"a.jsonl", `{"title":"a","信息名称":"b"}`, "stands twice"},
		{"a.jsonl", `{"title":{}}`, "must be a text"},
		{"a.jsonl", `{"title":["a"]}`, "must be a text"},
		{"a.jsonl", `{"title":{"a":"<b>&"}}`, `<b>&`},
		{"a.jsonl", `{"keywords":["a",1e400]}`, `,1e400]`},
	} {
		_, items := read(t, tt.name, []byte(tt.data), options())
		if len(items) == 0 || len(items[0].Problems) == 0 || !strings.Contains(items[0].Problems[0].In(lang.En), tt.want) {
			t.Errorf("%s %q: %+v, want %q", tt.name, tt.data, items, tt.want)
		}
	}
}

// founding is where the founding document may lie; without it the test makes a text with the same artefacts.
func founding(t *testing.T) string {
	t.Helper()
	if name := os.Getenv("FOUNDING_DOCUMENT"); name != "" {
		data, err := os.ReadFile(filepath.Clean(name))
		if err != nil {
			t.Fatal(err)
		}
		return string(data)
	}
	return "各市、縣人民政府,省政府各部門、各直屬機構:\n\n　　《2013年全省政務公開政務服務工作要點》已經省政府同意,現印發(fā)給你們,請結合實際,認真貫徹落實。\n\n" +
		"  安徽省人民政府辦公廳\n\n  2013年4月10日\n\n2013年全省政務公開政務服務工作要點\n\n  一、強化監(jiān)督,規(guī)范創(chuàng)新,推動鄉(xiāng)鎮(zhèn)(街道)和村(居)公開。\n"
}

func TestFoundingDocument(t *testing.T) {
	o := options()
	o.Defaults = map[string]string{"category": "规范性文件"}
	_, items := read(t, "founding.txt", []byte(founding(t)), o)
	if len(items) != 1 || len(items[0].Problems) > 0 {
		t.Fatalf("%+v", items)
	}
	r := items[0].Record
	if r.Title != "2013年全省政務公開政務服務工作要點" || r.Body != "dongzhi-water" || r.Made == nil || r.Made.String() != "2013-04-10" {
		t.Errorf("title %q, body %q, made %v", r.Title, r.Body, r.Made)
	}
	if strings.ContainsAny(r.Text, "āáǎàēéěèīíǐìōóǒòūúǔù") || !strings.Contains(r.Text, "現印發給你們") || !strings.Contains(r.Text, "村(居)") {
		t.Errorf("the text was not cleaned, or too much of it: %q", r.Text)
	}
}

func TestDocumentWithNumber(t *testing.T) {
	_, items := read(t, "n.txt", []byte("关于做好防汛工作的通知\n皖政办〔2021〕13号\n各市人民政府：\n　　请认真贯彻。\n"),
		importing.Options{Defaults: map[string]string{"body": "b", "category": "c"}})
	if r := items[0].Record; r.Title != "关于做好防汛工作的通知" || r.Number != "皖政办〔2021〕13号" || r.Body != "b" || r.Category != "c" {
		t.Errorf("%+v", r)
	}
}

func FuzzOpen(f *testing.F) {
	f.Add("a.csv", []byte(whole))
	f.Add("a.jsonl", []byte(`{"title":"a"}`))
	f.Add("a.txt", []byte("标题\n2013年4月10日"))
	f.Add("a.csv", []byte("title\n\xb2\xe2\xca\xd4\n"))
	f.Add("a.xlsx", []byte("PK\x03\x04"))
	f.Fuzz(func(t *testing.T, name string, data []byte) {
		if len(data) > 1<<16 {
			return
		}
		file, err := importing.Open(name, bytes.NewReader(data), options())
		if err != nil {
			return
		}
		defer file.Close()
		last := 0
		for {
			item, err := file.Next()
			if err != nil {
				return
			}
			if item.Row <= last && len(item.Problems) == 0 {
				t.Fatalf("row %d comes after row %d", item.Row, last)
			}
			last = max(last, item.Row)
			for _, p := range item.Problems {
				if p.In(lang.Hans) == "" {
					t.Fatal("a problem without words")
				}
			}
		}
	})
}
