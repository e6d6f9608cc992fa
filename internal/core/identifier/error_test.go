package identifier

import (
	"errors"
	"strings"
	"testing"
	"unicode/utf8"

	"openhall.org/openhall/internal/core/lang"
)

// Each row is a slip that people make, and what they have to be told about it.
func TestFaults(t *testing.T) {
	for _, c := range []struct {
		kind     Kind
		value    string
		code     Code
		position int
		says     string // in the Chinese text
	}{
		{KindUSCC, "", CodeEmpty, 0, "没有填写"},
		{KindUSCC, "11341702486344515h", CodeLowerCase, 18, "第 18 位“h”是小写字母，请改为“H”"},
		{KindUSCC, "1134170248634451５H", CodeFullWidth, 17, "第 17 位“５”是全角字符，请改为半角“5”"},
		{KindUSCC, "1134 1702486344515H", CodeSpace, 5, "第 5 位是空格"},
		{KindUSCC, "11341702486344515H\u200b", CodeSpace, 19, "第 19 位是空格或不可见字符"},
		{KindUSCC, "11341702486344515", CodeLength, 0, "应为 18 位，现为 17 位"},
		{KindUSCC, "11341702486344515HH", CodeLength, 0, "现为 19 位"},
		{KindUSCC, "1134I702486344515H", CodeCharacter, 5, "此处应为数字，可能是“1”"},
		{KindUSCC, "11341702O86344515H", CodeCharacter, 9, "不用 I、O、S、V、Z），可能是“0”"},
		{KindUSCC, "11341702o86344515H", CodeLowerCase, 9, "请改为“0”"},
		{KindUSCC, "1134170248634451#H", CodeCharacter, 17, "第 17 位“#”不对"},
		{KindUSCC, "11341702486344551H", CodeCheck, 18, "至少有一位填错或两位颠倒"},
		{KindIDCard, "11010519491231002x", CodeLowerCase, 18, "请改为“X”"},
		{KindIDCard, "110105491231002", CodeLength, 0, "一代身份证号"},
		{KindIDCard, "1101051949123100", CodeLength, 0, "现为 16 位"},
		{KindIDCard, "1101051949123100XX", CodeCharacter, 17, "此处应为数字"},
		{KindIDCard, "00010519491231002X", CodeArea, 1, "“00”不是任何省"},
		{KindIDCard, "11010519491331002X", CodeDate, 7, "“19491331”不是日历上的日期"},
		{KindIDCard, "11010519490229002X", CodeDate, 7, "19490229"},
		{KindIDCard, "11010520991231002X", CodeFuture, 7, "还没有到"},
		{KindIDCard, "11010518491231002X", CodeDate, 7, "超过 150 年"},
		{KindIDCard, "110105194912310021", CodeCheck, 18, "按其余各位应为“X”"},
		{KindOrgCode, "00311092-7", CodeCheck, 10, "应为“6”"},
		{KindOrgCode, "003110927", CodeCheck, 9, "应为“6”"},
		{KindOrgCode, "0031109-26", CodeCharacter, 8, "数字或大写字母"},
		{KindArea, "34170", CodeLength, 0, "应为 2, 4, 6, 9, 12 位，现为 5 位"},
		{KindArea, "991702", CodeArea, 1, "“99”"},
		{KindArea, "340002", CodeArea, 3, "缺了上级区划的代码"},
		{KindArea, "341702000201", CodeArea, 7, "缺了上级"},
		{KindArea, "3417O2", CodeCharacter, 5, "可能是“0”"},
		{KindBasic, "001123045000", CodeValue, 3, "“11”不是事项类型"},
		{KindBasic, "990123045000", CodeArea, 1, "“99”"},
		{KindItem, "11341702486344515H7000123045000", CodeValue, 19, "不是行使层级"},
		{KindItem, "11341702486344551H4000123045000", CodeCheck, 18, "是校验码"},
		{KindItem, "11341702486344515H4001223045000", CodeValue, 22, "“12”"},
		{KindCase, "11341702486344515H4000123045000202302290001", CodeDate, 32, "20230229"},
		{KindCase, "11341702486344515H400012304500020230228001", CodeLength, 0, "应为 43 位，现为 42 位"},
		{KindIndex, "11341702486344515H/202113-00013", CodeDate, 24, "月份"},
		{KindIndex, "11341702486344515H-202110-00013", CodeCharacter, 19, "此处应为“/”"},
		{KindIndex, "003110927/201510-00216", CodeCheck, 9, "应为“6”"},
		{KindIndex, "003110926/201510-0216", CodeLength, 0, "31 / 22"},
		{KindTrade, strings.Replace(tradeSample, "-2018", "－2018", 1), CodeFullWidth, 22, "请改为半角“-”"},
		{KindTrade, strings.Replace(tradeSample, "-000001", "-000002", 1), CodeCheck, 38, "是校验码"},
		{KindPhone, "+8613800138000", CodeCharacter, 1, "国际区号"},
		{KindPhone, "138 0013 8000", CodeSpace, 4, "请删去"},
		{KindPhone, "1380013800", CodeLength, 0, "应为 11 位"},
		{KindPhone, "62602114", CodeLength, 0, "应为 11 位，现为 8 位"},
		{KindPhone, "23800138000", CodeValue, 1, "13 至 19"},
		{KindPhone, "0551-6260211a", CodeCharacter, 13, "应为数字"},
		{KindPhone, "callmelater", CodeCharacter, 1, "应为数字"},
		{KindPhone, "0551", CodeLength, 0, "应为 11 位，现为 4 位"},
		{KindPhone, "0", CodeLength, 0, "现为 1 位"},
		{KindBankCard, "6200000000000006", CodeCheck, 16, "应为“5”"},
		{KindBankCard, "620000000000000", CodeLength, 0, "16–19"},
		{KindBankCard, "6200 0000 0000 0005", CodeSpace, 5, "空格"},
		{KindPlate, "皖O12345", "", 0, ""}, // O as the second letter was the police's, and is still on the road
		{KindPlate, "皖A1234O", CodeCharacter, 7, "可能是“0”"},
		{KindPlate, "AA12345", CodeCharacter, 1, "省、自治区、直辖市的简称"},
		{KindPlate, "皖A1234", CodeLength, 0, "7–8"},
		{KindPlate, "皖a12345", CodeLowerCase, 2, "请改为“A”"},
		{"tax", "1", CodeUnknownKind, 0, "没有“tax”这种编码"},
	} {
		_, err := Check(c.kind, c.value, today)
		if c.code == "" {
			if err != nil {
				t.Errorf("%s %s: %v", c.kind, c.value, err)
			}
			continue
		}
		var fault *Error
		if !errors.As(err, &fault) {
			t.Errorf("%s %q: %v, want %s", c.kind, c.value, err, c.code)
			continue
		}
		if fault.Kind != c.kind || fault.Code != c.code || fault.Position != c.position || !strings.Contains(fault.Text.Hans, c.says) {
			t.Errorf("%s %q: %s at %d: %s; want %s at %d that says %s", c.kind, c.value, fault.Code, fault.Position, fault.Text.Hans, c.code, c.position, c.says)
		}
		if !fault.Text.Complete() || fault.Error() != fault.Text.En {
			t.Errorf("%s %q: a language is missing: %+v", c.kind, c.value, fault.Text)
		}
		if fault.Position > 0 {
			if runes := []rune(c.value); fault.Char != runes[fault.Position-1] {
				t.Errorf("%s %q: names %q, but character %d is %q", c.kind, c.value, fault.Char, fault.Position, runes[fault.Position-1])
			}
		}
	}
}

func TestMessageInThreeLanguages(t *testing.T) {
	_, err := ParseUSCC("11341702486344515h")
	var fault *Error
	if !errors.As(err, &fault) {
		t.Fatal(err)
	}
	want := lang.Text{
		Hans: "统一社会信用代码第 18 位“h”是小写字母，请改为“H”",
		Hant: "統一社會信用代碼第 18 位「h」是小寫字母，請改為「H」",
		En:   "unified social credit code: character 18, 'h', is a small letter: write 'H'",
	}
	if fault.Text != want {
		t.Errorf("%+v, want %+v", fault.Text, want)
	}
}

func TestEveryKindHasName(t *testing.T) {
	for _, kind := range Kinds() {
		if !kind.Name().Complete() {
			t.Errorf("%s has no name in three languages", kind)
		}
		if _, err := Check(kind, "", today); err == nil {
			t.Errorf("%s accepts nothing at all", kind)
		}
	}
	for code := range provinces {
		if name, ok := ProvinceName(code); !ok || !name.Complete() {
			t.Errorf("province %s: %+v", code, name)
		}
	}
	if len(provinces) != 34 || utf8.RuneCountInString(platePrefixes) != 31 {
		t.Errorf("%d provinces, %d plate prefixes; there are 34 and 31", len(provinces), utf8.RuneCountInString(platePrefixes))
	}
}

func FuzzCheck(f *testing.F) {
	for _, s := range []string{
		"11341702486344515H", "11010519491231002X", "D2143569-X", "341702", "000123045W00", "11341702486344515H4000123045W00",
		"11341702486344515H4000123045W00202402290017", "003110926/201510-00216", tradeSample, "0551-62602114", "6200000000000005", "皖A12345", "皖",
		"０", "\xff\xfe", "0551-", "1/",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, value string) {
		for _, kind := range Kinds() {
			_, err := Check(kind, value, today)
			var fault *Error
			if err != nil && !errors.As(err, &fault) {
				t.Fatalf("%s %q: untyped error %v", kind, value, err)
			}
			if fault == nil {
				continue
			}
			if !fault.Text.Complete() || fault.Position < 0 || fault.Position > utf8.RuneCountInString(value) {
				t.Errorf("%s %q: %+v", kind, value, fault)
			}
		}
		for _, hide := range []func(string) string{MaskID, MaskPhone, MaskBankCard, MaskName, MaskAddress} {
			if hidden := hide(value); utf8.RuneCountInString(hidden) > 2*utf8.RuneCountInString(value)+3 {
				t.Errorf("%q is masked as %q", value, hidden)
			}
		}
	})
}
