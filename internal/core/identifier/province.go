package identifier

import "openhall.org/openhall/internal/core/lang"

// ProvinceName returns the name of a province-level division by the first two digits of its area code (GB/T 2260), and whether
// there is one.
func ProvinceName(code string) (lang.Text, bool) {
	t, ok := provinces[code]
	return t, ok
}

var provinces = map[string]lang.Text{
	"11": {Hans: "北京市", Hant: "北京市", En: "Beijing"},
	"12": {Hans: "天津市", Hant: "天津市", En: "Tianjin"},
	"13": {Hans: "河北省", Hant: "河北省", En: "Hebei"},
	"14": {Hans: "山西省", Hant: "山西省", En: "Shanxi"},
	"15": {Hans: "内蒙古自治区", Hant: "內蒙古自治區", En: "Inner Mongolia"},
	"21": {Hans: "辽宁省", Hant: "遼寧省", En: "Liaoning"},
	"22": {Hans: "吉林省", Hant: "吉林省", En: "Jilin"},
	"23": {Hans: "黑龙江省", Hant: "黑龍江省", En: "Heilongjiang"},
	"31": {Hans: "上海市", Hant: "上海市", En: "Shanghai"},
	"32": {Hans: "江苏省", Hant: "江蘇省", En: "Jiangsu"},
	"33": {Hans: "浙江省", Hant: "浙江省", En: "Zhejiang"},
	"34": {Hans: "安徽省", Hant: "安徽省", En: "Anhui"},
	"35": {Hans: "福建省", Hant: "福建省", En: "Fujian"},
	"36": {Hans: "江西省", Hant: "江西省", En: "Jiangxi"},
	"37": {Hans: "山东省", Hant: "山東省", En: "Shandong"},
	"41": {Hans: "河南省", Hant: "河南省", En: "Henan"},
	"42": {Hans: "湖北省", Hant: "湖北省", En: "Hubei"},
	"43": {Hans: "湖南省", Hant: "湖南省", En: "Hunan"},
	"44": {Hans: "广东省", Hant: "廣東省", En: "Guangdong"},
	"45": {Hans: "广西壮族自治区", Hant: "廣西壯族自治區", En: "Guangxi"},
	"46": {Hans: "海南省", Hant: "海南省", En: "Hainan"},
	"50": {Hans: "重庆市", Hant: "重慶市", En: "Chongqing"},
	"51": {Hans: "四川省", Hant: "四川省", En: "Sichuan"},
	"52": {Hans: "贵州省", Hant: "貴州省", En: "Guizhou"},
	"53": {Hans: "云南省", Hant: "雲南省", En: "Yunnan"},
	"54": {Hans: "西藏自治区", Hant: "西藏自治區", En: "Tibet"},
	"61": {Hans: "陕西省", Hant: "陝西省", En: "Shaanxi"},
	"62": {Hans: "甘肃省", Hant: "甘肅省", En: "Gansu"},
	"63": {Hans: "青海省", Hant: "青海省", En: "Qinghai"},
	"64": {Hans: "宁夏回族自治区", Hant: "寧夏回族自治區", En: "Ningxia"},
	"65": {Hans: "新疆维吾尔自治区", Hant: "新疆維吾爾自治區", En: "Xinjiang"},
	"71": {Hans: "台湾省", Hant: "臺灣省", En: "Taiwan"},
	"81": {Hans: "香港特别行政区", Hant: "香港特別行政區", En: "Hong Kong"},
	"82": {Hans: "澳门特别行政区", Hant: "澳門特別行政區", En: "Macao"},
}

// platePrefixes are the one-character names of the provinces on number plates (GA 36), in the order of GB/T 2260.
const platePrefixes = "京津冀晋蒙辽吉黑沪苏浙皖闽赣鲁豫鄂湘粤桂琼渝川贵云藏陕甘青宁新"

// checkProvince checks that the two digits of s from offset are those of a province.
func checkProvince(kind Kind, s string, offset int) *Error {
	code := s[offset : offset+2]
	if _, ok := provinces[code]; ok {
		return nil
	}
	return faultAt(kind, CodeArea, offset+1, rune(s[offset]), lang.Text{
		Hans: "起的两位“" + code + "”不是任何省、自治区、直辖市的代码，请核对",
		Hant: "起的兩位「" + code + "」不是任何省、自治區、直轄市的代碼，請核對",
		En:   "begins the province code " + code + ", which no province has: compare with the certificate",
	})
}
