package guard

import "strings"

// surnames in use of one character, by frequency where it is known, simplified and traditional.
const surnames = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾萧肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆汪范金石廖贾夏韦付傅方白邹孟熊秦邱江尹薛闫阎段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤" +
	"常温康施文牛樊葛邢安齐易乔伍庞颜倪庄聂章鲁岳翟殷詹申欧耿关兰焦俞左柳甘祝包宁尚符舒阮柯纪梅童凌毕单季裴霍涂成苗谷盛曲翁冉骆蓝路游辛靳管柴蒙鲍华喻祁蒲房滕屈饶解牟艾尤穆农司卓古吉缪简车项连芦麦褚娄窦戚岑景党宫费卜冷晏席卫" +
	"米柏宗瞿桂全佟应臧闵苟邬边卞姬师仇栾隋商刁沙荣巫寇桑郎甄丛仲虞敖巩明佘池查麻苑迟邝官封谈匡鞠惠荆乐冀郁胥南班储原栗燕楚鄢劳谌奚皮粟冼蔺楼盘满闻位厉伊仝区郜海阚花权强帅屠豆朴盖练廉禹井祖漆巴丰支卿国狄平计索宣晋相初门云容敬来扈" +
	"晁芮普阙浦戈伏鹿薄邸雍辜羊阿乌母裘亓修邰赫杭那宿鲜印逯隆茹诺战慕危玉银亢嵇公哈湛宾戎勾茅利於呼揭干尉冶斯元束檀衣阴昝智植衡富尧闭由" +
	"張劉陳楊黃趙吳孫馬羅鄭謝許韓馮鄧蕭蔣葉蘇魏呂盧鐘鍾譚陸範賈韋鄒閻龍陶賀顧龔萬錢嚴湯齊喬龐顏莊聶魯殷關蘭紀畢單塗駱藍饒繆簡車項連蘆麥婁竇黨費衛瞿應閔鄔邊師榮叢鞏遲鄺談樂儲勞諶樓滿聞厲區闞權帥鐵計雲來門鮮戰烏"

// compounds are surnames of two characters.
const compounds = " 欧阳 歐陽 司马 司馬 上官 诸葛 諸葛 司徒 东方 東方 独孤 獨孤 南宫 南宮 夏侯 皇甫 尉迟 尉遲 公孙 公孫 慕容 长孙 長孫 宇文 轩辕 軒轅 令狐 钟离 鍾離 闾丘 閭丘 鲜于 鮮于 申屠 太史 端木 濮阳 濮陽 澹台 澹臺 公冶 " +
	"宗政 淳于 单于 單于 赫连 赫連 万俟 萬俟 闻人 聞人 呼延 拓跋 西门 西門 第五 颛孙 巫马 公西 漆雕 乐正 壤驷 公良 夹谷 宰父 谷梁 段干 百里 东郭 梁丘 左丘 亓官 仲孙 完颜 耶律 纳兰 那拉 司空 欧陽 "

// surnameSet has a bit for each character that is a surname.
var surnameSet = func() (set [1024]uint64) {
	for _, r := range surnames {
		set[r>>6&1023] |= 1 << (r & 63)
	}
	return set
}()

func surname(r rune) bool { return r <= 0xffff && surnameSet[r>>6]&(1<<(r&63)) != 0 }

func compound(a, b rune) bool { return strings.Contains(compounds, " "+string([]rune{a, b})+" ") }
