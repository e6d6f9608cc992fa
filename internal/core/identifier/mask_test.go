package identifier

import "testing"

// The rules are those of design/law § 8; names and addresses are invented.
func TestMask(t *testing.T) {
	for _, c := range []struct {
		mask     func(string) string
		in, want string
	}{
		{MaskID, "11010519491231002X", "110105********002X"},
		{MaskID, "110105491231002", "110105*****1002"},
		{MaskID, "1101051949", "**********"}, // too short: nothing is kept
		{MaskID, "", ""},
		{MaskPhone, "13800138000", "138****8000"},
		{MaskPhone, "0551-62602114", "055******2114"},
		{MaskPhone, "62602114", "********"},
		{MaskBankCard, "6200000000000005", "************0005"},
		{MaskBankCard, "1234567", "*******"},

		{MaskName, "张三", "张*"},
		{MaskName, "张三丰", "张*"},
		{MaskName, "欧阳修", "欧阳*"},
		{MaskName, "诸葛孔明", "诸葛*"},
		{MaskName, "歐陽靖", "歐陽*"},
		{MaskName, "欧阳", "欧*"}, // two characters: surname and given name
		{MaskName, "上官婉儿", "上官*"},
		{MaskName, "买买提·艾力", "买*·艾*"},
		{MaskName, "阿依古丽•库尔班", "阿*·库*"},
		{MaskName, "John Smith", "J* S*"},
		{MaskName, "𠮷田", "𠮷*"},
		{MaskName, " 李四 ", "李*"},
		{MaskName, "", ""},
		{MaskName, "·", "·*"},

		{MaskAddress, "安徽省池州市贵池区棠溪镇石门高村12号", "安徽省池州市贵池区棠溪镇***"},
		{MaskAddress, "安徽省池州市贵池区梅村镇霄坑村12号", "安徽省池州市贵池区***"}, // 村 may begin the address below: in doubt hide
		{MaskAddress, "安徽省合肥市包河区芜湖路街道太湖路8号3栋501室", "安徽省合肥市包河区***"},
		{MaskAddress, "安徽省合肥市庐阳区逍遥津街道阜南路1号", "安徽省合肥市庐阳区逍遥津街道***"},
		{MaskAddress, "北京市海淀区学院路30号", "北京市海淀区***"},
		{MaskAddress, "江苏省镇江市京口区正东路", "江苏省镇江市京口区***"},
		{MaskAddress, "河南省新乡市红旗区洪门镇西街村", "河南省新乡市红旗区洪门镇***"},
		{MaskAddress, "江西省景德镇市珠山区新村街道", "江西省景德镇市珠山区***"},
		{MaskAddress, "新疆维吾尔自治区伊犁哈萨克自治州伊宁县喀什镇团结路5号", "新疆维吾尔自治区伊犁哈萨克自治州伊宁县喀什镇***"},
		{MaskAddress, "內蒙古自治區錫林郭勒盟錫林浩特市寶力根蘇木", "內蒙古自治區錫林郭勒盟錫林浩特市寶力根蘇木"},
		{MaskAddress, "广东省东莞市虎门镇连升路", "广东省东莞市虎门镇***"},
		{MaskAddress, "安徽省霍邱县城关镇市场街1号", "安徽省霍邱县城关镇***"},
		{MaskAddress, "幸福小区3栋", "***"},
		{MaskAddress, "安徽省合肥市学府小镇5栋", "安徽省合肥市***"},
		{MaskAddress, "山西省太原市小店区黄陵街道", "山西省太原市小店区黄陵街道"},
		{MaskAddress, "12 Main Street", "***"},
		{MaskAddress, "", ""},
	} {
		if got := c.mask(c.in); got != c.want {
			t.Errorf("%q is masked as %q, want %q", c.in, got, c.want)
		}
	}
}
