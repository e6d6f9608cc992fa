package guard_test

import (
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"

	"openhall.org/openhall/internal/platform/publication/guard"
	"openhall.org/openhall/internal/platform/publication/guard/labelled"
)

// The masks are those of design/law § 8. The ID number is the example of GB 11643; 62 begins the cards of UnionPay, and 4000000000000002
// satisfies Luhn's formula: 8 + 2 = 10.
func TestClean(t *testing.T) {
	for _, row := range []struct{ text, masked string }{
		{"窗口的小李很耐心，谢谢！", "窗口的小李很耐心，谢谢！"},
		{"我的身份证号是11010519491231002X，请查", "我的身份证号是110105********002X，请查"},
		{"身份证110105194912310021", "身份证110105********0021"}, // the check digit is wrong, the person is the same
		{"１１０１０５１９４９１２３１００２Ｘ", "110105********002X"},
		{"电话 138 0000 0001。", "电话 138****0001。"},
		{"+86-13800000001", "+86 138****0001"},
		{"家庭电话0551-5550100", "家庭电话055****0100"},
		{"座机0551-5550100", "座机0551-5550100"}, // an office's, as far as one can tell
		{"卡号 6222 0210 0000 0000 008 转账", "卡号 ***************0008 转账"},
		{"4000000000000002", "************0002"},
		{"4000000000000003", "4000000000000003"},
		{"2026-03-02 到 2026-03-10，等了 12 天，材料费 1500 元", "2026-03-02 到 2026-03-10，等了 12 天，材料费 1500 元"},
		{"国办发〔2019〕51号，12345 热线", "国办发〔2019〕51号，12345 热线"},
		{"13800000001和11010519491231002X", "138****0001和110105********002X"},
		{"11010519491231002X13800000001", "110105********002X138****0001"},
		{"申请人：欧阳文山，住安徽省池州市贵池区棠溪镇石门高村12号", "申请人：欧阳*，住安徽省池州市贵池区棠溪镇***"},
		{"姓名：买买提·艾力", "姓名：买*·艾*"},
		{"市长张三主持会议，副市长李四出席", "市长张三主持会议，副市长李四出席"},
		{"法定代表人：王五", "法定代表人：王五"},
		{"邮箱zhang.san@163.com，或 ahfzb@ah.gov.cn", "邮箱z***@163.com，或 ahfzb@ah.gov.cn"},
		{"皖A·12345、苏AD12345", "皖A***45、苏A****45"},
		{"护照号：E12345678", "护照号：*****5678"},
		// The number of a case is public, whatever its last digit; that of a person is not, whatever stands before it.
		{"登记号YK340100202603020019，已答复", "登记号YK340100202603020019，已答复"},
		{"申请（YK340100202603020019）身份证110105194912310021", "申请（YK340100202603020019）身份证110105********0021"},
		{"身份证号码YK340100202603020019", "身份证号码YK340100********0019"},
		{"ID11010519491231002X、NO11010519491231002X、XYZ11010519491231002X", "ID110105********002X、NO110105********002X、XYZ110105********002X"},
		{"⾝份证号1101051949123100 2X", "⾝份证号110105********002X"}, // U+2F9D, as browsers print it
		{"身份证号：1101051949\n1231002X。", "身份证号：110105********002X。"},
		{"一三八〇〇〇〇〇〇〇一", "138****0001"},
	} {
		if got := guard.Clean(row.text); got != row.masked {
			t.Errorf("%s:\n got %s\nwant %s", row.text, got, row.masked)
		}
		if again := guard.Clean(row.masked); again != row.masked {
			t.Errorf("%s is masked again: %s", row.masked, again)
		}
	}
}

// A number is found however it is written.
func TestHiddenNumbers(t *testing.T) {
	const id = "34010319850612123X"
	rapid.Check(t, func(t *rapid.T) {
		var b strings.Builder
		for i, r := range id {
			if i > 0 {
				b.WriteString(rapid.SampledFrom([]string{"", "", "", "", "\u200b", "\u200d", "\ufeff", "\u00ad", " ", "\u3000", "-"}).Draw(t, "gap"))
			}
			if rapid.Bool().Draw(t, "wide") {
				r += '！' - '!'
			}
			b.WriteRune(r)
		}
		text := "经查，" + b.String() + "。"
		found := guard.Scan(text)
		if len(found) != 1 || found[0].Kind != guard.IDCard || found[0].Confidence != guard.Certain || text[found[0].From:found[0].To] != b.String() {
			t.Fatalf("%q: %+v", text, found)
		}
	})
}

// check asks what holds for every text: findings lie in it in order, begin and end at characters, and masking leaves nothing to be found.
func check(t interface{ Fatalf(string, ...any) }, text string) {
	at := 0
	found := guard.Scan(text)
	for _, f := range found {
		if f.From < at || f.To <= f.From || f.To > len(text) || f.Mask == text[f.From:f.To] || f.Confidence < guard.Possible || f.Confidence > guard.Certain {
			t.Fatalf("%q: %+v", text, f)
		}
		if utf8.ValidString(text) && !(utf8.ValidString(text[f.From:f.To]) && utf8.ValidString(f.Mask)) {
			t.Fatalf("%q: %+v cuts a character", text, f)
		}
		at = f.To
	}
	masked := guard.Clean(text)
	if again := guard.Scan(masked); len(again) > 0 {
		t.Fatalf("%q was masked as %q, where %+v is left", text, masked, again)
	}
}

// Texts put together from pieces that mean something reach more than random bytes do.
func TestMaskLeavesNothing(t *testing.T) {
	pieces := []string{
		"申请人", "姓名：", "户主", "联系人：", "当事人", "身份证号", "电话：", "卡号", "账号：", "住址：", "住", "护照号：", "车牌号", "邮箱", "家庭电话", "编号：", "订单号", "法定代表人",
		"张三", "李四光", "欧阳修", "买买提·艾力", "王", "于", "安徽省池州市", "贵池区", "棠溪镇", "石门村", "12号", "3栋501室", "小区", "局", "公司", "主任",
		"13800000001", "138", "0000", "0001", "11010519491231002X", "110105", "19491231", "002X", "6222021000000000008", "0551-62601234", "62601234", "E12345678", "皖A12345", "a.b@163.com",
		"@", "*", "****", "，", "。", "、", " ", "\n", "\t", "-", "：", "（", "）", "|", "1", "2", "X", "元", "男", "的", "+86", "\u200b", "一三八", "〇〇〇〇", "〇〇〇一",
	}
	rapid.Check(t, func(t *rapid.T) {
		check(t, strings.Join(rapid.SliceOfN(rapid.SampledFrom(pieces), 1, 14).Draw(t, "pieces"), ""))
	})
}

// What people write is masked at once.
func TestMaskOnce(t *testing.T) {
	for _, half := range labelled.Halves() {
		cases, err := labelled.Load(half)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range cases {
			masked := guard.Mask(c.Text, guard.Scan(c.Text))
			if again := guard.Scan(masked); len(again) > 0 {
				t.Errorf("%q was masked as %q, where %+v is left", c.Text, masked, again)
			}
		}
	}
}

func FuzzMask(f *testing.F) {
	for _, s := range []string{"", "13800000001", "11010519491231002X", "6222 0210 0000 0000 008", "１３８００００００01", "0551-5550100", "a1b2", "姓名\t电话\n张三\t13800000001", "住址：安徽省"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) { check(t, s) })
}

// A stream gives what the whole text gives, wherever its pieces end.
func TestRead(t *testing.T) {
	var b strings.Builder
	for i := range 12_000 {
		fmt.Fprintf(&b, "第%d号：申请人张三，身份证号11010519491231002X，来电反映小区停车难，请予答复。", i)
		if i%7 == 0 {
			b.WriteByte('\n')
		}
	}
	text := b.String()
	want := guard.Scan(text)
	var got []guard.Finding
	err := guard.Read(strings.NewReader(text), func(f guard.Finding) error {
		got = append(got, f)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(got) != len(want) {
		t.Fatalf("%d findings in the stream, %d in the text", len(got), len(want))
	}
	for i := range got {
		if got[i] != want[i] {
			t.Fatalf("finding %d is %+v in the stream, %+v in the text", i, got[i], want[i])
		}
	}
}

func TestPolicy(t *testing.T) {
	found := guard.Scan("申请人：张三，电话13800000001，身份证号11010519491231002X")
	v := guard.DefaultPolicy().Judge(found)
	if !v.Blocked() || len(v.Block) != 1 || len(v.Mask) != 2 || len(v.Note) != 0 {
		t.Errorf("the default policy blocks %d, masks %d, notes %d", len(v.Block), len(v.Mask), len(v.Note))
	}
	p := guard.Policy{Kinds: map[guard.Kind]guard.Action{guard.IDCard: guard.DoMask, guard.PersonName: guard.Note}}
	if v := p.Judge(found); v.Blocked() || len(v.Mask) != 2 || len(v.Note) != 1 {
		t.Errorf("a policy of one's own blocks %d, masks %d, notes %d", len(v.Block), len(v.Mask), len(v.Note))
	}
	for want, p := range map[string]guard.Policy{
		`there is no kind "horoscope"`:  {Kinds: map[guard.Kind]guard.Action{"horoscope": guard.DoMask}},
		`name: there is no action "xx"`: {Kinds: map[guard.Kind]guard.Action{guard.PersonName: "xx"}},
		"confidence 7":                  {Least: 7},
	} {
		if err := p.Check(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("the policy %+v: %v, want %s", p, err, want)
		}
	}
}
