package form_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"

	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/core/lang"
	"openhall.org/openhall/internal/platform/web"
	"openhall.org/openhall/internal/platform/web/form"
	"openhall.org/openhall/internal/platform/web/i18n"
	"openhall.org/openhall/internal/platform/web/ui"
)

func localizer(t testing.TB, tag lang.Tag) *i18n.Localizer {
	t.Helper()
	c, err := i18n.Load(web.Messages())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if missing := c.Missing(); len(missing) > 0 {
			t.Errorf("messages asked for in vain: %v", missing)
		}
	})
	return c.Localizer(tag)
}

func TestFormFields(t *testing.T) {
	l := localizer(t, lang.Hans)
	f := form.Of(url.Values{"name": {"  王小明 "}, "empty": {"  "}, "long": {"一二三四五"}, "d-year": {"２０２６"}, "d-month": {"3"}, "d-day": {"9"},
		"x-year": {"2026"}, "x-month": {"2"}, "x-day": {"30"}, "y-month": {"2"}, "k": {"b"}, "bad": {"z"}})
	options := []ui.Option{{Value: "a"}, {Value: "b"}, {Value: "c", Disabled: true}}
	if got := f.Required(l, "name", "姓名"); got != "王小明" {
		t.Errorf("name: %q", got)
	}
	f.Required(l, "empty", "事由")
	f.Limited(l, "long", "备注", 4)
	if got := f.Date(l, "d", "日期"); got != calendar.Day(2026, 3, 9) {
		t.Errorf("date: %v", got)
	}
	f.Date(l, "x", "生日")
	f.Date(l, "y", "开工")
	f.Date(l, "z", "竣工")
	if got := f.Choice(l, "k", "种类", options); got != "b" {
		t.Errorf("choice: %q", got)
	}
	f.Choice(l, "bad", "方式", options)
	f.Fail("empty", "second message")
	f.Fail("", "整体")
	want := []ui.FieldError{
		{Field: "empty", Text: "请填写“事由”"},
		{Field: "long", Text: "“备注”最多 4 个字，现有 5 个字，请删减"},
		{Field: "x", Text: "“生日”不是有效的日期，请填写日历上有的年、月、日"},
		{Field: "y", Text: "“开工”不是有效的日期，请填写日历上有的年、月、日"},
		{Field: "z", Text: "请填写“竣工”"},
		{Field: "bad", Text: "请从选项中选择“方式”"},
		{Field: "", Text: "整体"},
	}
	if got := f.Summary(); !slices.Equal(got, want) {
		t.Errorf("got  %v\nwant %v", got, want)
	}
	if f.Valid() || !form.Of(nil).Valid() {
		t.Error("Valid is wrong")
	}
	if got := f.DateParts("x"); got != (ui.DateParts{Year: "2026", Month: "2", Day: "30"}) {
		t.Errorf("what was typed is lost: %v", got)
	}
}

func TestParse(t *testing.T) {
	var body bytes.Buffer
	m := multipart.NewWriter(&body)
	if err := errors.Join(m.WriteField("a", "一"), m.Close()); err != nil {
		t.Fatal(err)
	}
	for _, row := range []struct{ name, kind, body string }{
		{"urlencoded", "application/x-www-form-urlencoded", "a=%E4%B8%80"},
		{"multipart", m.FormDataContentType(), body.String()},
	} {
		r := httptest.NewRequest(http.MethodPost, "/?a=query", strings.NewReader(row.body))
		r.Header.Set("Content-Type", row.kind)
		f, err := form.Parse(r)
		if err != nil || f.Value("a") != "一" || len(f.All("a")) != 1 {
			t.Errorf("%s: %v, %v", row.name, f, err)
		}
	}
	for _, kind := range []string{"multipart/form-data", "a/b; c"} {
		r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader("x"))
		r.Header.Set("Content-Type", kind)
		if _, err := form.Parse(r); err == nil {
			t.Errorf("%s: accepted", kind)
		}
	}
	r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader("a=0123456789"))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Body = http.MaxBytesReader(httptest.NewRecorder(), r.Body, 5)
	var tooLarge *http.MaxBytesError
	if _, err := form.Parse(r); !errors.As(err, &tooLarge) {
		t.Errorf("too large: %v", err)
	}
}

// word gives a title in three languages.
func word(hans, hant, en string) string {
	return `"title":"` + hans + `","x-title":{"zh-Hant":"` + hant + `","en":"` + en + `"}`
}

// schema asks for one field of each kind.
func schema(t testing.TB) *form.Schema {
	t.Helper()
	raw := `{"type":"object","required":["name","idCard","kind","start","consent","address"],"properties":{
	"name":{"type":"string",` + word("姓名", "姓名", "Name") + `,"maxLength":5,"minLength":2,"x-personal":true},
	"idCard":{"type":"string",` + word("身份证号", "身份證號", "ID number") + `,"format":"id-card","x-personal":true},
	"phone":{"type":"string",` + word("电话", "電話", "Phone") + `,"format":"phone"},
	"email":{"type":"string",` + word("邮箱", "郵箱", "Email") + `,"format":"email"},
	"plate":{"type":"string",` + word("车牌", "車牌", "Plate") + `,"pattern":"^皖[A-Z]","x-pattern":{"zh-Hans":"以皖开头","zh-Hant":"以皖開頭","en":"It begins with 皖"}},
	"kind":{"type":"string",` + word("类型", "類型", "Kind") + `,"oneOf":[{"const":"new",` + word("新办", "新辦", "New") + `},{"const":"again",` + word("延续", "延續", "Renewal") + `}]},
	"start":{"type":"string",` + word("开业日期", "開業日期", "Opening day") + `,"format":"date"},
	"staff":{"type":"integer",` + word("人数", "人數", "Staff") + `,"minimum":1,"maximum":1000,"x-suffix":{"zh-Hans":"人","zh-Hant":"人","en":"people"}},
	"area":{"type":"number",` + word("面积", "面積", "Area") + `,"exclusiveMinimum":0},
	"capital":{"type":"integer",` + word("资本", "資本", "Capital") + `,"format":"money","minimum":100},
	"scope":{"type":"array",` + word("范围", "範圍", "Scope") + `,"items":{"type":"string","enum":["热食","冷食","生食"]},"minItems":2},
	"note":{"type":"string",` + word("说明", "說明", "Note") + `,"maxLength":200},
	"address":{"type":"object",` + word("地址", "地址", "Address") + `,"required":["street"],"properties":{
		"street":{"type":"string",` + word("街道", "街道", "Street") + `},"room":{"type":"string",` + word("房号", "房號", "Room") + `}}},
	"agent":{"type":"object",` + word("代办人", "代辦人", "Agent") + `,"x-personal":true,"required":["name"],"properties":{
		"name":{"type":"string",` + word("姓名", "姓名", "Name") + `},"paid":{"type":"boolean",` + word("收费", "收費", "Paid") + `}}},
	"consent":{"type":"boolean",` + word("同意", "同意", "I agree") + `,"const":true}}}`
	s, err := form.Compile([]byte(raw), form.Formats{"id-card": func(v string) *lang.Text {
		if len(v) == 18 {
			return nil
		}
		return &lang.Text{Hans: "应为 18 位", Hant: "應為 18 位", En: "It has 18 characters"}
	}})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// right is a form filled in without a mistake.
func right() url.Values {
	return url.Values{"name": {" 王小明 "}, "idCard": {"３４０１０２１９９００１０１１２３X"}, "kind": {"new"}, "start-year": {"2026"}, "start-month": {"3"},
		"start-day": {"9"}, "staff": {"1,000"}, "area": {"12.50"}, "capital": {"¥ 1,500.5"}, "scope": {"热食", "冷食"}, "note": {"一\r\n二"},
		"address.street": {"长江路"}, "consent": {"true"}, "csrf": {"ignored"}}
}

func TestDecode(t *testing.T) {
	doc := schema(t).Decode(right())
	got, err := json.Marshal(doc)
	if err != nil {
		t.Fatal(err)
	}
	want := `{"address":{"street":"长江路"},"area":12.50,"capital":150050,"consent":true,"idCard":"34010219900101123X","kind":"new",` +
		`"name":"王小明","note":"一\n二","scope":["热食","冷食"],"staff":1000,"start":"2026-03-09"}`
	if string(got) != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if errs := schema(t).Check(localizer(t, lang.Hans), doc); errs != nil {
		t.Errorf("right answers are refused: %v", errs)
	}
}

func TestValuesRoundTrip(t *testing.T) {
	s := schema(t)
	first := s.Decode(right())
	raw, err := json.Marshal(first)
	if err != nil {
		t.Fatal(err)
	}
	var stored map[string]any // as the database gives it back: numbers are float64
	if err := json.Unmarshal(raw, &stored); err != nil {
		t.Fatal(err)
	}
	again, err := json.Marshal(s.Decode(s.Values(stored)))
	if err != nil {
		t.Fatal(err)
	}
	if want := strings.Replace(string(raw), "12.50", "12.5", 1); string(again) != want {
		t.Errorf("got  %s\nwant %s", again, want)
	}
}

func TestNamed(t *testing.T) {
	s, l := schema(t), localizer(t, lang.Hant)
	for _, row := range [][3]string{{"name", "已經有人用了", "「姓名」：已經有人用了"}, {"name", "姓名已經有人用了", "姓名已經有人用了"}, {"files", "請上傳檔案", "請上傳檔案"}} {
		if got := s.Named(l, row[0], row[1]); got != row[2] {
			t.Errorf("%s: %q, want %q", row[0], got, row[2])
		}
	}
}

func TestCheck(t *testing.T) {
	s := schema(t)
	for _, row := range []struct {
		name, field, value string
		tag                lang.Tag
		want               string
	}{
		{"required", "name", "", lang.Hans, "请填写“姓名”"},
		{"required", "name", "", lang.Hant, "請填寫「姓名」"},
		{"required", "name", "", lang.En, "Fill in “Name”"},
		{"too short", "name", "王", lang.Hans, "“姓名”至少 2 个字，现有 1 个字，请补充"},
		{"too long", "name", "一二三四五六", lang.Hans, "“姓名”最多 5 个字，现有 6 个字，请删减"},
		{"plugged format", "idCard", "123", lang.Hans, "“身份证号”格式不对：应为 18 位"},
		{"plugged format", "idCard", "123", lang.En, "“ID number” is not in the right form. It has 18 characters"},
		{"phone", "phone", "12345", lang.Hans, "“电话”格式不对：请填写 11 位手机号码，或者带区号的固定电话，例如 0551-62601234"},
		{"email", "email", "a@", lang.En, "“Email” is not in the right form. Give a whole email address, for instance name@example.com"},
		{"pattern", "plate", "京A", lang.Hant, "「車牌」格式不對：以皖開頭"},
		{"choice", "kind", "other", lang.Hans, "请从选项中选择“类型”"},
		{"no choice", "kind", "", lang.Hans, "请从选项中选择“类型”"},
		{"no date", "start-day", "32", lang.En, "“Opening day” is not in the right form. Give a date that the calendar has, for instance 2026-03-09"},
		{"no integer", "staff", "十", lang.Hans, "“人数”应为整数，例如 12"},
		{"no integer", "staff", "1.5", lang.Hans, "“人数”应为整数，例如 12"},
		{"below", "staff", "0", lang.Hans, "“人数”不能小于 1"},
		{"above", "staff", "1001", lang.Hans, "“人数”不能大于 1000"},
		{"no number", "area", "1e400", lang.Hans, "“面积”应为数字，例如 12.5"},
		{"not above", "area", "0", lang.Hans, "“面积”应当大于 0"},
		{"three decimals", "capital", "1.005", lang.Hans, "“资本”应为以元为单位的金额，最多两位小数，例如 1500.00"},
		{"below, in yuan", "capital", "0.99", lang.Hans, "“资本”不能小于 1.00元"},
		{"too few", "scope", "热食", lang.Hans, "“范围”至少选择 2 项"},
		{"not among the items", "scope", "火锅", lang.Hans, "请从选项中选择“范围”"},
		{"not ticked", "consent", "", lang.Hans, "请勾选“同意”后继续"},
	} {
		t.Run(row.name+" "+string(row.tag), func(t *testing.T) {
			values := right()
			values.Set(row.field, row.value)
			if row.name == "not among the items" {
				values.Add(row.field, "热食")
			}
			name := strings.TrimSuffix(row.field, "-day")
			errs := s.Check(localizer(t, row.tag), s.Decode(values))
			if len(errs) != 1 || errs[name] != row.want {
				t.Errorf("got  %v\nwant %s", errs, row.want)
			}
		})
	}
}

func TestGroups(t *testing.T) {
	s, l := schema(t), localizer(t, lang.Hans)
	values := right()
	values.Del("address.street")
	values.Set("agent.paid", "true")
	errs := s.Check(l, s.Decode(values))
	want := []ui.FieldError{{Field: "address.street", Text: "请填写“街道”"}, {Field: "agent.name", Text: "请填写“姓名”"}}
	if got := s.Summary(errs); !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if errs := s.Check(l, map[string]any{"address": "text"}); errs["address"] == "" {
		t.Errorf("a text in place of a group: %v", errs)
	}
	if got, want := s.Personal(), []string{"agent.name", "agent.paid", "idCard", "name"}; !slices.Equal(got, want) {
		t.Errorf("personal: %v, want %v", got, want)
	}
}

// Points with commas of their own are told apart by more than a comma.
func TestPointsOfSentencesArePartedBySemicolons(t *testing.T) {
	s, err := form.Compile([]byte(`{"type":"object","properties":{"points":{"type":"array",`+word("清单", "清單", "Points")+`,"items":{"type":"string","oneOf":[
		{"const":"a",`+word("已检索，没有公开", "已檢索，沒有公開", "Searched, not published")+`},{"const":"b",`+word("已核对", "已核對", "Checked")+`}]}}}}`), nil)
	if err != nil {
		t.Fatal(err)
	}
	for tag, want := range map[lang.Tag]string{lang.Hans: "已检索，没有公开；已核对", lang.En: "Searched, not published; Checked"} {
		rows := s.Rows(localizer(t, tag), s.Decode(url.Values{"points": {"a", "b"}}), func(string) string { return "" })
		if len(rows) != 1 || rows[0].Value != want {
			t.Errorf("%s: %+v, want %s", tag, rows, want)
		}
	}
}

func TestRows(t *testing.T) {
	s, l := schema(t), localizer(t, lang.En)
	got := map[string]string{}
	for _, row := range s.Rows(l, s.Decode(right()), func(name string) string { return "/change#" + name }) {
		got[row.Key] = row.Value
		if row.Action.Href == "" || row.ActionFor != row.Key && !strings.HasSuffix(row.Key, row.ActionFor) {
			t.Errorf("%s: %+v", row.Key, row)
		}
	}
	for key, want := range map[string]string{"Kind": "New", "Opening day": "9 March 2026", "Staff": "1000 people", "Capital": "CNY 1,500.50",
		"Scope": "热食, 冷食", "I agree": "Yes", "Address: Street": "长江路", "Agent: Name": "", "Phone": ""} {
		if got[key] != want {
			t.Errorf("%s: %q, want %q", key, got[key], want)
		}
	}
}

func TestCompileRefuses(t *testing.T) {
	title := word("一", "一", "One")
	for _, row := range []struct{ name, raw, want string }{
		{"no JSON", `{`, "form schema"},
		{"no object", `{"type":"string"}`, "must be of type object"},
		{"no properties", `{"type":"object"}`, "have properties"},
		{"a missing title", `{"type":"object","properties":{"a":{"type":"string","title":"一"}}}`, "property a: title and x-title"},
		{"half a hint", `{"type":"object","properties":{"a":{"type":"string","description":"提示",` + title + `}}}`, "x-hint"},
		{"a pattern without words", `{"type":"object","properties":{"a":{"type":"string","pattern":"x",` + title + `}}}`, "x-pattern"},
		{"an unknown format", `{"type":"object","properties":{"a":{"type":"string","format":"moon",` + title + `}}}`, `unknown format "moon"`},
		{"a type that is no question", `{"type":"object","properties":{"a":{"type":"null",` + title + `}}}`, `type "null"`},
		{"an array of texts", `{"type":"object","properties":{"a":{"type":"array","items":{"type":"string"},` + title + `}}}`, "must be choices"},
		{"a choice without words", `{"type":"object","properties":{"a":{"type":"string","oneOf":[{"const":"x"}],` + title + `}}}`, "const, title and x-title"},
		{"two levels", `{"type":"object","properties":{"a":{"type":"object",` + title + `,"properties":{"b":{"type":"object",` + title + `}}}}}`, "one level"},
		{"a foreign reference", `{"type":"object","properties":{"a":{"type":"string",` + title + `,"$ref":"http://x/y"}}}`, "not allowed"},
		{"a bad pattern", `{"type":"object","properties":{"a":{"type":"string","pattern":"(","x-pattern":{"zh-Hans":"一","zh-Hant":"一","en":"a"},` + title + `}}}`, "form schema"},
		{"a double property", `{"type":"object","properties":{"a":{"type":"string",` + title + `},"a":{"type":"string",` + title + `}}}`, "defined twice"},
	} {
		t.Run(row.name, func(t *testing.T) {
			_, err := form.Compile([]byte(row.raw), nil)
			if !errors.Is(err, form.ErrSchema) || !strings.Contains(err.Error(), row.want) {
				t.Errorf("got %v, want %q", err, row.want)
			}
		})
	}
}

// TestNothingTypedIsLost draws a form from wrong answers and looks for each of them.
func TestNothingTypedIsLost(t *testing.T) {
	s, l := schema(t), localizer(t, lang.Hans)
	typed := url.Values{"name": {"<王>"}, "idCard": {"bad"}, "phone": {"12"}, "email": {"a@"}, "plate": {"京"}, "kind": {"again"}, "start-year": {"二〇二六"},
		"start-month": {"13"}, "start-day": {"99"}, "staff": {"很多"}, "area": {"大"}, "capital": {"1.2.3"}, "scope": {"冷食"}, "note": {"备注文字"},
		"address.room": {"三〇一"}, "agent.paid": {"true"}}
	var page bytes.Buffer
	if err := form.Fields(s, typed, s.Check(l, s.Decode(typed))).Render(i18n.NewContext(t.Context(), l), &page); err != nil {
		t.Fatal(err)
	}
	html := page.String()
	for _, want := range []string{`value="&lt;王&gt;"`, `value="bad"`, `value="12"`, `value="a@"`, `value="京"`, `value="again" checked`, `value="二〇二六"`,
		`value="13"`, `value="99"`, `value="很多"`, `value="大"`, `value="1.2.3"`, `value="冷食" checked`, `>备注文字</textarea>`, `value="三〇一"`,
		`name="agent.paid"`, `id="address-street-error"`, `aria-describedby="idCard-error"`, `（选填）`} {
		if !strings.Contains(html, want) {
			t.Errorf("the form lacks %s", want)
		}
	}
}

func FuzzDecodeAndCheck(f *testing.F) {
	f.Add("name=x&staff=1e9&capital=-1.5&start-year=0&area=.5")
	f.Add("staff=99999999999999999999&area=-0&capital=%EF%BC%91&scope=a&scope=b")
	s := schema(f)
	l := localizer(f, lang.En)
	f.Fuzz(func(t *testing.T, query string) {
		values, err := url.ParseQuery(query)
		if err != nil {
			return
		}
		doc := s.Decode(values)
		if _, err := json.Marshal(doc); err != nil {
			t.Fatalf("no JSON: %v", err)
		}
		if errs := s.Check(l, doc); len(errs) != len(s.Summary(errs)) {
			t.Fatalf("an error is not in the summary: %v", errs)
		}
	})
}

// A question that is asked only when another was answered so counts for nothing otherwise, through a chain of them too; what it would depend on
// must be there.
func TestAskedOnlyWhen(t *testing.T) {
	words := `"title": "甲", "x-title": {"zh-Hant": "甲", "en": "A"}`
	choice := func(values ...string) string {
		var list []string
		for _, v := range values {
			list = append(list, `{"const": "`+v+`", `+words+`}`)
		}
		return `"oneOf": [` + strings.Join(list, ",") + `]`
	}
	s, err := form.Compile([]byte(`{"type": "object", "properties": {
		"next": {"type": "string", `+words+`, `+choice("draft", "fee")+`},
		"about": {"type": "array", `+words+`, "x-when": {"next": ["draft"]}, "items": {"type": "string", `+choice("party", "process")+`}},
		"party": {"type": "string", `+words+`, "x-suggest": "bodies", "x-when": {"about": ["party"]}},
		"fee": {"type": "integer", `+words+`, "x-when": {"next": ["fee"]}}}}`), nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range []struct{ typed, want string }{
		{"next=draft&about=party&about=process&party=x&fee=5", `{"about":["party","process"],"next":"draft","party":"x"}`},
		{"next=draft&about=process&party=x", `{"about":["process"],"next":"draft"}`},
		{"next=fee&about=party&party=x&fee=5", `{"fee":5,"next":"fee"}`},
		{"about=party&party=x&fee=5", `{}`},
	} {
		values, err := url.ParseQuery(row.typed)
		if err != nil {
			t.Fatal(err)
		}
		got, err := json.Marshal(s.Decode(values))
		if err != nil || string(got) != row.want {
			t.Errorf("%s: %s, want %s", row.typed, got, row.want)
		}
	}
	if _, err := form.Compile([]byte(`{"type": "object", "properties": {"a": {"type": "string", `+words+`, "x-when": {"b": ["c"]}}}}`), nil); err == nil {
		t.Error("a question that depends on one that is not there")
	}
}

// What nobody types and nobody sees is left out of what is sent; everything else stays: lines, tabs, emoji joined of several signs, rare characters.
func TestReadable(t *testing.T) {
	for sent, want := range map[string]string{
		"甲\x00乙\x07\x7f\u0085丙": "甲乙丙", "13800\u202a138000\u202c": "13800138000", "\ufeff标题\ufffe": "标题", "坏\xff字": "坏字",
		"一\r\n二\t三": "一\r\n二\t三", "👩\u200d👧𠮷": "👩\u200d👧𠮷",
	} {
		r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(url.Values{"x": {sent}}.Encode()))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		f, err := form.Parse(r)
		if err != nil || f.Value("x") != want {
			t.Errorf("%q: %q, %v; want %q", sent, f.Value("x"), err, want)
		}
	}
	const file = "\ufeff<a/>\x00"
	r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(url.Values{"file": {file}, "x": {file}}.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	f, err := form.Parse(r, "file")
	if err != nil || f.Values().Get("file") != file || f.Value("x") != "<a/>" {
		t.Errorf("the text of a file: %q, %q, %v", f.Values().Get("file"), f.Value("x"), err)
	}
}

// TestCommas: a comma separates thousands. Where it does not, the number is refused instead of read as another.
func TestCommas(t *testing.T) {
	for text, want := range map[string]string{
		"1,000": "100000", "1,234,567.5": "123456750", "-1,000": "-100000", "￥1，000": "100000", "12,5": "", "1,00": "", "1000,000": "", ",100": "", "1,": "", "1,000,": "",
	} {
		values := right()
		values.Set("capital", text)
		got, read := schema(t).Decode(values)["capital"].(json.Number)
		if fen, is := schema(t).Decode(values)["capital"].(int64); is {
			got, read = json.Number(strconv.FormatInt(fen, 10)), true
		}
		if read != (want != "") || string(got) != want {
			t.Errorf("%s is read as %q (%T), want %q", text, got, schema(t).Decode(values)["capital"], want)
		}
	}
}
