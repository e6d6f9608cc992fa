package arch_test

import (
	"bytes"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// leftForms are the forms of words that traditional texts leave, each with the one they keep (docs/decisions/0102).
var leftForms = map[string]string{
	"身分": "身份", "聯絡": "聯繫", "公布": "公佈", "發布": "發佈", "賬": "帳", "資訊": "信息", "個人資料": "個人信息", "資料庫": "數據庫", "網路": "網絡",
	"線上": "在線", "登錄": "登入", "打印": "列印", "佔": "占", "平臺": "平台", "工作臺": "工作台", "臺帳": "台帳",
}

// readForms are files that hold both forms of a word because people write both, and the program has to read them.
var readForms = []string{
	"internal/core/identifier/", "internal/core/lang/", "internal/platform/publication/guard/", "internal/platform/publication/search/",
	"internal/slice/disclosure/importing/column.go", "internal/arch/words_test.go",
}

// telling are the commonest characters of our texts that simplified Chinese writes otherwise.
const telling = "個們這請為與時間開關門說話經過還沒後從發國務應該據條對會書機構單證辦員無號將聯繫賬資訊網線錄臺佔"

var (
	traditional = regexp.MustCompile(`zh-Hant"?\s*[:=]\s*("(?:[^"\\]|\\.)*"|[^",}\n]+)|Hant:\s*("(?:[^"\\]|\\.)*"|` + "`[^`]*`)")
	block       = regexp.MustCompile(`(?m)^( *)zh-Hant: [>|]-?\n((?:\s*\n|  .*\n?)+)`)
	literal     = regexp.MustCompile(`"(?:[^"\\\n]|\\.)*"`)
)

// traditionalTexts finds the texts in traditional characters of a source file: what is marked as such, and each quoted text with
// a telling character, for helpers take the three languages side by side.
func traditionalTexts(content []byte) (texts []string) {
	for _, m := range traditional.FindAllSubmatch(content, -1) {
		texts = append(texts, string(m[1])+string(m[2]))
	}
	for _, m := range block.FindAllSubmatch(content, -1) {
		for _, line := range strings.Split(string(m[2]), "\n") {
			if strings.HasPrefix(line, string(m[1])+" ") {
				texts = append(texts, line)
			} else if strings.TrimSpace(line) != "" {
				break // the block ends
			}
		}
	}
	for _, m := range literal.FindAll(content, -1) {
		if text := string(m); strings.ContainsAny(text, telling) {
			texts = append(texts, text)
		}
	}
	return texts
}

func TestTraditionalTextsKeepOneForm(t *testing.T) {
	seen := 0
	walk(t, func(path string, content []byte) {
		if slices.ContainsFunc(readForms, func(f string) bool { return strings.HasPrefix(path, f) }) || !bytes.Contains(content, []byte("Hant")) {
			return
		}
		for _, text := range traditionalTexts(content) {
			seen++
			for left, kept := range leftForms {
				if strings.Contains(text, left) {
					t.Errorf("%s: %q: write %s, not %s (docs/decisions/0102)", path, text, kept, left)
				}
			}
		}
	}, ".go", ".templ", ".yaml", ".json", ".bpmn")
	if seen < 5000 {
		t.Errorf("saw %d traditional texts: the source is read wrongly", seen)
	}
}

func TestTraditionalTextsAreSeen(t *testing.T) {
	source := "a: {zh-Hans: 身份, zh-Hant: 甲, en: x}\nb:\n  zh-Hant: >-\n    乙\n    丙\n  en: x\n" +
		`c = lang.Text{Hans: "公布", Hant: "丁"}` + "\n" + `{"zh-Hant": "戊"}` + "\n" + `<title zh-Hant="己"/>` + "\n" + `say("联系", "聯繫", "Call")` + "\n"
	got := traditionalTexts([]byte(source))
	for _, want := range []string{"甲", "    乙", "    丙", `"丁"`, `"戊"`, `"己"`, `"聯繫"`} {
		if !slices.Contains(got, want) {
			t.Errorf("did not see %q in %q", want, got)
		}
	}
	if slices.Contains(got, `"公布"`) || slices.Contains(got, `"联系"`) {
		t.Errorf("takes simplified texts for traditional ones: %q", got)
	}
}
