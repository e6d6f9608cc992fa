package guard

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"openhall.org/openhall/internal/core/identifier"
)

func isHan(r rune) bool {
	return r >= 0x4E00 && r <= 0x9FFF || r >= 0x3400 && r <= 0x4DBF || r > 0xFFFF && unicode.Is(unicode.Han, r)
}

func isNameDot(r rune) bool { return strings.ContainsRune("·•・‧．", r) }

// maxName is how many characters of a name are read.
const maxName = 24

// candidate is a stretch of Han characters in which a name may begin.
type candidate struct {
	runes []rune
	to    []int // the offset behind each
	dots  bool
	next  class // of the word that ended it; sayNothing where none did
}

// readName reads Han characters, and dots between them, from an offset on. A blank between the two characters of a name, as it is set
// in forms (张　三), counts as none.
func readName(text string, at int, c *candidate) {
	c.runes, c.to, c.dots, c.next = c.runes[:0], c.to[:0], false, sayNothing
	for at < len(text) && len(c.runes) < maxName {
		r, size := utf8.DecodeRuneInString(text[at:])
		if w, ok := words.at(text, at, r); ok {
			c.next = w.is
			return
		}
		switch {
		case isHan(r):
		case isNameDot(r) && len(c.runes) > 0 && isHan(after(text, at+size)):
			c.dots = true
		case invisible(r) && len(c.runes) > 0:
			at += size
			continue
		case blank(r) && len(c.runes) == 1:
			n, width := twoApart(text, at)
			if n == 0 {
				return
			}
			at += width
			r, size = n, utf8.RuneLen(n)
		default:
			return
		}
		at += size
		c.runes = append(c.runes, r)
		c.to = append(c.to, at)
	}
}

// twoApart returns the single Han character behind blanks, after which the name is over.
func twoApart(text string, at int) (r rune, width int) {
	for n := 0; n < 4 && at < len(text); n++ {
		r, size := utf8.DecodeRuneInString(text[at:])
		if blank(r) {
			at += size
			width += size
			continue
		}
		if isHan(r) && !isHan(after(text, at+size)) {
			return r, width
		}
		return 0, 0
	}
	return 0, 0
}

// namesAfter looks for names behind a word: one, or several with 、 between.
func (s *scanner) namesAfter(at int, is class) {
	if s.seen[sayPublic] == at || s.nearPublic(at) || listAhead(s.text, at) {
		return
	}
	var c candidate
	start := skipRemark(s.text, at)
	from := skipDelimiters(s.text, start)
	announced := from > start && strings.ContainsAny(s.text[start:from], ":：\t|")
	for n := 0; n < 50; n++ {
		readName(s.text, from, &c)
		k := 0
		if strict := n > 0 || !announced; strict {
			k = c.name(s.text, true)
		} else {
			k = c.name(s.text, false)
		}
		if k == 0 {
			if n == 0 {
				s.otherName(from, announced, &c)
			}
			return
		}
		f := Finding{Kind: PersonName, From: from, To: c.to[k-1], Confidence: Likely, Why: ByWord}
		f.Mask = identifier.MaskName(string(c.runes[:k]))
		if s.publicPerson(&c, k, f.To) {
			return
		}
		if is == sayContact && s.officeContact(f.To) || is != sayContact && !announced && c.unsure(k) {
			f.Confidence, f.Why = Possible, OtherMeaning
		}
		s.add(f)
		r, size := utf8.DecodeRuneInString(s.text[f.To:])
		if r != '、' && r != '/' {
			return
		}
		from = f.To + size
	}
}

// listAhead reports whether the word goes on as 名单: 取水户名单 is a list of users, not 户名 with a person called 单 behind it.
func listAhead(text string, at int) bool {
	return strings.HasSuffix(text[:at], "名") && (strings.HasPrefix(text[at:], "单") || strings.HasPrefix(text[at:], "單"))
}

// nameBefore looks for a name that stands by itself directly before a number of a person's: 夏荷，3417….
func (s *scanner) nameBefore(at int) {
	end := at
	for n := 0; n < 4 && end > s.line; n++ {
		r, size := utf8.DecodeLastRuneInString(s.text[:end])
		if isHan(r) || narrow(r) != 0 {
			break
		}
		end -= size
	}
	from, n := end, 0
	for from > s.line && n < 5 {
		r, size := utf8.DecodeLastRuneInString(s.text[:from])
		if !isHan(r) {
			break
		}
		from -= size
		n++
	}
	if end == at || n < 2 || n > 4 {
		return
	}
	r, _ := utf8.DecodeRuneInString(s.text[from:])
	var c candidate
	readName(s.text[:end], from, &c)
	if _, word := words.at(s.text, from, r); word || len(c.runes) != n || c.name(s.text[:end], true) != n || s.publicPerson(&c, n, end) {
		return
	}
	s.add(Finding{Kind: PersonName, From: from, To: end, Mask: identifier.MaskName(string(c.runes)), Confidence: Likely, Why: ByForm})
}

// nearPublic reports whether the word belongs to a longer phrase about people in their office: 法定代表人姓名.
func (s *scanner) nearPublic(at int) bool {
	return at-s.seen[sayPublic] <= 12 && s.seen[sayPublic] < at
}

// skipRemark passes over a short remark in brackets: 申请人（签名）：.
func skipRemark(text string, at int) int {
	r, size := utf8.DecodeRuneInString(text[at:])
	if r != '（' && r != '(' {
		return at
	}
	rest := text[at+size:]
	if i := strings.IndexAny(rest, "）)\n"); i >= 0 && i <= 36 && rest[i] != '\n' {
		_, size2 := utf8.DecodeRuneInString(rest[i:])
		return at + size + i + size2
	}
	return at
}

// otherName looks at what follows a word and is no Chinese name: a body, whose accounts are public, or a name in Latin letters.
func (s *scanner) otherName(from int, announced bool, c *candidate) {
	if c.next == sayOffice && len(c.to) > 0 {
		s.seen[sayBodyAccount] = c.to[len(c.to)-1]
		return
	}
	if n := len(c.runes); n > 2 && strings.ContainsRune(bodyEnds, c.runes[n-1]) {
		s.seen[sayBodyAccount] = c.to[n-1]
		return
	}
	if !announced || len(c.runes) > 0 {
		return
	}
	parts, end, i := 0, from, from
	for i < len(s.text) && parts < 4 { // John Smith
		n := i
		for n < len(s.text) && (s.text[n] >= 'a' && s.text[n] <= 'z' || n == i && s.text[n] >= 'A' && s.text[n] <= 'Z') {
			n++
		}
		if n-i < 2 || s.text[i] > 'Z' {
			break
		}
		parts++
		end = n
		if n == len(s.text) || s.text[n] != ' ' {
			break
		}
		i = n + 1
	}
	if parts >= 2 {
		s.add(Finding{Kind: PersonName, From: from, To: end, Mask: identifier.MaskName(s.text[from:end]), Confidence: Likely, Why: ByWord})
	}
}

// officeContact reports whether somebody to be contacted speaks for a body: a body or its telephone is named around, and no private role.
func (s *scanner) officeContact(at int) bool {
	if s.onLine(sayRole) || s.onLine(sayName) {
		return false
	}
	if s.onLine(sayOffice) || s.onLine(sayOfficePhone) || s.onLine(sayOfficeMail) {
		return true
	}
	rest := s.text[at:min(len(s.text), at+120)]
	if i := strings.IndexByte(rest, '\n'); i >= 0 && i < len(rest)-12 {
		if j := strings.IndexByte(rest[i+1:], '\n'); j >= 0 { // the telephone often stands on the next line
			rest = rest[:i+1+j]
		}
	}
	for i := 0; i+8 < len(rest); i++ {
		if rest[i] == '0' && (i == 0 || rest[i-1] < '0' || rest[i-1] > '9') && rest[i+1] > '0' && rest[i+1] <= '9' && rest[i+2] >= '0' && rest[i+2] <= '9' {
			return true
		}
	}
	return false
}

// publicPerson reports whether a title behind the name says that it is told of somebody in their office: 联系人：王主任, 张三（副局长）.
func (s *scanner) publicPerson(c *candidate, k, at int) bool {
	for i := 1; i < k; i++ {
		if title(string(c.runes[i:])) {
			return true
		}
	}
	rest := strings.TrimLeft(s.text[at:min(len(s.text), at+60)], " 　（(，,、\t")
	if rest, ok := strings.CutPrefix(rest, "职务"); ok {
		rest = strings.TrimLeft(rest, "：: 为")
		return rest != "" && !strings.HasPrefix(rest, "无")
	}
	return title(rest)
}

// titles are those of officials.
var titles = vocabularyOf("局长 副局长 处长 副处长 科长 副科长 主任 副主任 书记 副书记 市长 副市长 县长 副县长 区长 副区长 镇长 副镇长 乡长 副乡长 省长 副省长 厅长 副厅长 部长 副部长 院长 副院长 校长 副校长 所长 副所长 " +
	"站长 副站长 队长 副队长 委员 主席 副主席 常委 巡视员 调研员 主任科员 科员 秘书长 副秘书长 检察长 庭长 法官 检察官 警官 民警 教授 研究员 工程师 局長 處長 科長 主任委员 書記 市長 縣長")

func title(s string) bool {
	r, _ := utf8.DecodeRuneInString(s)
	_, ok := titles.at(s, 0, r)
	return ok
}

// bodyEnds end the names of bodies.
const bodyEnds = "局厅部委会司厂店校院所站社行队组村镇乡县市区省处科室中心府团馆園园公"

// name returns how many characters of the candidate are a name; 0 for none. Strict asks for a surname that is in use, and for an end.
func (c *candidate) name(text string, strict bool) int {
	n := len(c.runes)
	if c.next == sayOffice || n < 2 || after(text, c.to[n-1]) == '*' && n <= 3 {
		return 0
	}
	if c.dots {
		return c.dotted()
	}
	if stopped(c.runes) || !strict && n > 3 && body(c.runes) {
		return 0
	}
	first := 1
	switch {
	case n > 2 && compound(c.runes[0], c.runes[1]):
		first = 2
	case !surname(c.runes[0]):
		if strict || n > 3 || body(c.runes) || !c.given(0, n) {
			return 0
		}
		return n
	case n == 4 && surname(c.runes[1]) && c.given(2, 4) && !follows(c.runes[2:]) && !follows(c.runes[3:]): // two surnames: 张李小婷
		return 4
	}
	for k := min(first+2, n); k > first; k-- {
		if c.given(first, k) && follows(c.runes[k:]) && (k < n || !strict || k == 2 || !body(c.runes)) {
			return k
		}
	}
	if k := min(first+2, n); !strict && c.given(first, k) {
		return k
	}
	return 0
}

// given reports whether the characters may stand in a given name.
func (c *candidate) given(from, to int) bool {
	for _, r := range c.runes[from:to] {
		if strings.ContainsRune(notGiven, r) {
			return false
		}
	}
	return true
}

// unsure reports whether the name runs on into other words, so that it may be none.
func (c *candidate) unsure(k int) bool { return len(c.runes) > k && !follows(c.runes[k:]) }

func body(runes []rune) bool { return strings.ContainsRune(bodyEnds, runes[len(runes)-1]) }

// dotted returns the length of a name in parts: 买买提·艾力.
func (c *candidate) dotted() int {
	last := 0
	for i, r := range c.runes {
		if isNameDot(r) {
			last = i
		}
	}
	n := min(len(c.runes), last+7)
	for k := last + 2; k < n; k++ {
		if follows(c.runes[k:]) {
			return k
		}
	}
	return n
}

// follow are words that come right after a name.
var follow = vocabularyOf("男 女 性别 性別 身份证 身份證 公民 电话 電話 联系 聯繫 手机 手機 住 系 因 于 与 和 及 在 的 为 是 向 对 等 之 年龄 年 岁 民族 汉族 回族 同志 先生 女士 户 家 家庭 出生 现 曾 已 经 将 被 " +
	"未 以 自 从 不服 申请 提出 诉 报称 反映 投诉 举报 称 认为 签名 签字 本人 等人 一 两 的 领取 持有 所有 名下 驾驶 到 来 向 认 应 须 可 并 且 或 我 他 她 该 此 享受 死亡 去世 受伤 诉称 要求 请求 账 卡 号 银行 地址 职务 单位 工作 政治 学历 籍贯 " +
	"位于 位 邮箱 成绩 委托 家属 酒后 醉酒 遗失 丢失 报名 参加 办理 购买 驾车 无证 需要 需 要求 想 表示 反馈 询问 咨询 建议 希望 质疑 患 所 父 母 之子 妻 夫妇 夫妻 全家 一家 及其 以及 同意 不同意 自愿 签收 缴 交 存 汇 支付 贷款 借 欠 卖 出租 租 建 拆 搬 迁 种 养 " +
	"携带 乘坐 因公 乘 赴 前往 前来 回复 补 参保 缴纳 退 入 离 就 还 又 也 不 没 作为 作 代 将其 经营 违 拒 起诉 诉至 遂 后 生前 随 当日 当场 于当 昨 今 再 多次 长期 目前 " +
	"毕业 就读 说 问 答 说明 通过 按 按照 依 依法 拟 获 得 收 受 属于 符合 違 违反 违 擅自 涉嫌 使用 未经 無 无 有 共 其 购 购买 把 由 让")

func follows(rest []rune) bool {
	if len(rest) == 0 {
		return true
	}
	_, ok := follow.at(string(rest[:min(len(rest), 4)]), 0, rest[0])
	return ok
}

// notGiven stand in no given name, or so rarely that a word is meant.
const notGiven = "等的了是在与及或被把不也都而且其该此这那哪谁何吗呢吧啊们个些么什怎将对从按以由让使给跟为者所够须应未曾已再很最更号员们项款条件册页次类级址码话箱材料费税额单据函" +
	"件划限责任务职系部局厅处科室县市区镇乡村组街男女位某請请须负況况並并"

// stops are words that begin with a character which is a surname too, and follow the words for roles.
var stops = vocabularyOf("信息 合计 小计 总计 共计 人口 备注 序号 手机 电话 单位 性别 年龄 合計 總計 详见 详情 见附 附件 如下 签字 签名 盖章 签章 保密 填写 略 无 不详 匿名 空缺 待定 未知 " +
	"应当 应该 应于 应在 应按 应提 应向 应对 应如 应予 方可 方能 方式 方面 有权 有效 单位 单独 任何 任意 任一 任职 全部 全体 " +
	"全家 家庭 时间 管理 安全 安置 计算 施工 施行 包括 包含 和其 于二 成立 成员 成功 高级 高中 常住 常年 解除 解决 关于 相关 " +
	"严格 严重 应急 许可 许多 游客 计划 查询 查阅 查看 查封 费用 支付 代表 代理 党员 车辆 车主 房屋 房产 居民 居住 居委 平均 " +
	"国籍 国家 强制 金额 谈话 明确 农户 农民 农村 通知 通过 通讯 连续 习惯 容易 步行 满足 满意 文化 广大 利益 利用 巩固 陈述 " +
	"申辩 申请 申报 甘肃 安徽 江苏 江西 湖南 湖北 河南 河北 云南 贵州 宁夏 黄山 曾经 曾用 经济 经办 经过 权利 权益 宣传 宣告 " +
	"宗地 宗教 水利 水电 钱款 钟头 班级 干部 别名 习俗 乐于 乐意 空白 幸福 常用 万元 余额 余款 余下 双方 双倍 项目 项下 古代 " +
	"古籍 左右 石油 温馨 易于 向我 向本 向有 向其 向原 平时 平等 平安 水费 花费 金融 党组 东路 殷切 符合 管辖 管护 别人 章程 " +
	"相应 相对 相邻 从业 从事 能够 强烈 终止 终身 时任 后续 和家 和其他 和代理 苗木 路段 路线 支持 支部 储蓄 鱼塘 养殖 司法 " +
	"司机 公示 公开 公司 公布 公民 公告 公安 东至 第三 第一 左边 温泉 干涉 干扰 游戏 游泳 景区 景点 景观 都是 都要 来信 来访 " +
	"来电 来自 来源 年满 年龄 年收 于是 丁字 冷静 危房 危险 危害 危重 海关 海外 海选 秋季 秋收 暑假 雷电 雷雨 富余 富裕 红利 " +
	"红线 阳光 巨额 原因 原件 原告 原始 原有 先行 先生 门诊 门牌 门面 尚未 尚需 商品 商业 商户 谢绝 谢谢 贺信 盛装 凌晨 霍乱 " +
	"管道 房贷 干预 应聘 应诉 应届 应试 宣誓 单身 单人 单号 单价 单亲 洪水 洪涝 包车 包村 包保 包装 诸如 程序 陆续 荣誉 荣获 " +
	"惠民 惠农 甄别 曲折 封存 封闭 封控 松材 牧民 牧业 山东 山西 山区 山林 全额 全程 全日 全省 全市 全县 全国 全年 仲裁 暴雨 " +
	"暴力 祖父 祖母 武装 武警 印章 印发 印鉴 宿舍 白天 怀孕 索赔 索取 籍贯 卓越 贡献 劳动 劳务 劳资 扶贫 扶养 寿命 充分 慕名 " +
	"慎重 弘扬 师生")

func stopped(runes []rune) bool {
	_, ok := stops.at(string(runes[:min(len(runes), 4)]), 0, runes[0])
	return ok
}
