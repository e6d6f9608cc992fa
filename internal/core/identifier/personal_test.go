package identifier_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"openhall.org/openhall/internal/core/identifier"
)

// The ID number is the example of GB 11643; 62 begins the cards of UnionPay, and 4000000000000002 satisfies Luhn's formula: 8 + 2 = 10.
func TestFindPersonal(t *testing.T) {
	for _, row := range []struct{ text, kinds, masked string }{
		{"窗口的小李很耐心，谢谢！", "", "窗口的小李很耐心，谢谢！"},
		{"我的身份证号是11010519491231002X，请查", "id-card", "我的身份证号是110105********002X，请查"},
		{"110105194912310021", "id-card", "110105********0021"}, // the check digit is wrong, the person is the same
		{"１１０１０５１９４９１２３１００２Ｘ", "id-card", "110105********002X"},
		{"电话 138 0000 0001。", "phone", "电话 138****0001。"},
		{"+86-13800000001", "phone", "+861******0001"},
		{"座机0551-5550100", "phone", "座机055****0100"},
		{"卡号 6222 0210 0000 0000 008 转账", "bank-card", "卡号 ***************0008 转账"},
		{"4000000000000002", "bank-card", "************0002"},
		{"4000000000000003", "", "4000000000000003"},
		{"2026-03-02 到 2026-03-10，等了 12 天，材料费 1500 元", "", "2026-03-02 到 2026-03-10，等了 12 天，材料费 1500 元"},
		{"国办发〔2019〕51号，12345 热线", "", "国办发〔2019〕51号，12345 热线"},
		{"13800000001和11010519491231002X", "phone id-card", "138****0001和110105********002X"},
	} {
		var kinds []string
		for _, f := range identifier.FindPersonal(row.text) {
			kinds = append(kinds, string(f.Kind))
		}
		if got := strings.Join(kinds, " "); got != row.kinds {
			t.Errorf("%s: found %q, want %q", row.text, got, row.kinds)
		}
		if got := identifier.MaskPersonal(row.text); got != row.masked {
			t.Errorf("%s:\n got %s\nwant %s", row.text, got, row.masked)
		}
	}
}

// FuzzFindPersonal: what was masked holds nothing more to be found, and nothing else is lost.
func FuzzFindPersonal(f *testing.F) {
	for _, s := range []string{"", "13800000001", "11010519491231002X", "6222 0210 0000 0000 008", "１３８００００００01", "0551-5550100", "a1b2"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if !utf8.ValidString(s) {
			return
		}
		at := 0
		for _, found := range identifier.FindPersonal(s) {
			if found.From < at || s[found.From:found.From+len(found.Text)] != found.Text || found.Text == "" {
				t.Fatalf("%q: %+v", s, found)
			}
			at = found.From + len(found.Text)
		}
		identifier.MaskPersonal(s)
	})
}
