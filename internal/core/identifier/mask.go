package identifier

import (
	"regexp"
	"strings"
	"unicode"
)

// MaskID keeps the first six and the last four characters of an identity number (area and last of the sequence). A value that
// is too short to hide anything between is hidden whole.
func MaskID(s string) string { return mask(s, 6, 4) }

// MaskPhone keeps the first three and the last four digits of a phone number.
func MaskPhone(s string) string { return mask(s, 3, 4) }

// MaskBankCard keeps the last four digits of a bank card number.
func MaskBankCard(s string) string { return mask(s, 0, 4) }

// mask hides all but the first head and the last tail characters, and everything if that would leave fewer than four hidden.
func mask(s string, head, tail int) string {
	runes := []rune(s)
	if len(runes) < head+tail+4 {
		return strings.Repeat("*", len(runes))
	}
	hidden := len(runes) - head - tail
	return string(runes[:head]) + strings.Repeat("*", hidden) + string(runes[len(runes)-tail:])
}

// MaskName keeps the surname and writes one * for the rest, however long: 张*, 欧阳*. Of names that are not made of surname and
// given name (买买提·艾力, John Smith) the first character of each part stays: 买*·艾*, J* S*.
func MaskName(s string) string {
	s = strings.TrimSpace(s)
	if parts := strings.FieldsFunc(s, isNameDot); len(parts) > 1 {
		return joinInitials(parts, "·")
	}
	runes := []rune(s)
	switch {
	case len(runes) == 0:
		return ""
	case !unicode.Is(unicode.Han, runes[0]):
		return joinInitials(strings.Fields(s), " ")
	case len(runes) > 2 && strings.Contains(compoundSurnames, " "+string(runes[:2])+" "):
		return string(runes[:2]) + "*"
	default:
		return string(runes[0]) + "*"
	}
}

// isNameDot reports the dots that are in use between the parts of ethnic and foreign names; GB 18030 has U+00B7.
func isNameDot(c rune) bool { return strings.ContainsRune("·•・‧．.", c) }

func joinInitials(parts []string, separator string) string {
	masked := make([]string, 0, len(parts))
	for _, part := range parts {
		first := []rune(strings.TrimSpace(part))
		if len(first) > 0 {
			masked = append(masked, string(first[0])+"*")
		}
	}
	return strings.Join(masked, separator)
}

// compoundSurnames are the surnames of two characters that are in use, simplified and traditional, each between spaces.
const compoundSurnames = " 欧阳 歐陽 司马 司馬 上官 诸葛 諸葛 司徒 东方 東方 独孤 獨孤 南宫 南宮 夏侯 皇甫 尉迟 尉遲 公孙 公孫 慕容 长孙 長孫 " +
	"宇文 轩辕 軒轅 令狐 钟离 鍾離 闾丘 閭丘 鲜于 鮮于 申屠 太史 端木 濮阳 濮陽 澹台 澹臺 公冶 宗政 淳于 单于 單于 公羊 赫连 赫連 万俟 萬俟 闻人 聞人 " +
	"百里 呼延 拓跋 西门 西門 南门 南門 第五 子车 子車 颛孙 顓孫 巫马 巫馬 公西 漆雕 乐正 樂正 壤驷 壤駟 公良 夹谷 夾谷 宰父 谷梁 穀梁 段干 东郭 東郭 " +
	"左丘 梁丘 左人 亓官 仲孙 仲孫 叔孙 叔孫 "

// A name in an address may begin with any character (镇江, 市中区). In any other place a word for a division, a road, an estate (小区)
// or a village ends it, so that none of these counts as part of a township; the few names that hold such a word are listed.
const (
	addressName = `(?:[新东西内宁萍桐金柏武東內寧]乡|[新東西內寧萍桐金柏武]鄉|景德镇|景德鎮|\p{Han})[^省市县縣区區镇鎮乡鄉街路道村小社号號巷弄组組\s\d]{0,12}?`
	province    = `(?:` + addressName + `(?:省|自治区|自治區|特别行政区|特別行政區))?`
	city        = `(?:` + addressName + `(?:市|自治州|地区|地區|盟))?`
	county      = `(?:` + addressName + `(?:自治县|自治縣|县|縣|自治旗|旗|林区|林區|特区|特區|区|區|市))?`
	township    = `(?:` + addressName + `(?:街道办事处|街道辦事處|街道|民族乡|民族鄉|镇|鎮|乡|鄉|苏木|蘇木))?`
)

// addressHead matches the divisions at the beginning of an address, each of which may be missing.
var addressHead = regexp.MustCompile(`^\s*` + province + city + county + township)

// MaskAddress keeps an address down to its township and writes *** for what lies below. Of an address that does not begin with
// the name of a division nothing stays.
func MaskAddress(s string) string {
	head := addressHead.FindString(s)
	if strings.TrimSpace(strings.TrimPrefix(s, head)) == "" {
		return strings.TrimSpace(head)
	}
	return strings.TrimSpace(head) + "***"
}
