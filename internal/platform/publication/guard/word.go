package guard

import (
	"strings"
	"unicode/utf8"
)

// class is what a word in a text says about what comes after it.
type class int

// The classes of words.
const (
	sayNothing     class = iota
	sayID                // 身份证号
	sayPhone             // 手机, 联系电话
	sayHomePhone         // 家庭电话
	sayOfficePhone       // 咨询电话, 热线, 传真
	sayAccount           // 卡号, 账号, 一卡通
	sayBodyAccount       // 保证金账户, 财政专户: accounts of bodies, which are public
	sayPaper             // 护照号, 通行证号
	sayNumber            // 编号, 文号, 订单号: numbers of things
	sayName              // 姓名
	sayRole              // 申请人, 户主: private roles, often followed by a name
	sayContact           // 联系人: somebody's, or an office's
	sayPublic            // 经办人, 法定代表人: people named in their office
	sayHome              // 家庭住址, 现住: a home follows
	sayPlace             // 地址: a home where a person is meant, an office otherwise
	sayOffice            // 局, 中心, 有限公司: a body is spoken of
	sayMail              // 邮箱
	sayOfficeMail        // 反馈邮箱, 征求意见
	sayPlate             // 车牌号
	sayDuty              // 职务, 职称: what is told of people in their office
	classes
)

// dictionary holds the words of each class, in both scripts, between spaces.
var dictionary = [classes]string{
	sayID: "身份证 身份证号 身份证号码 公民身份号码 公民身份证号码 身份号码 身份证件号码 身份证件号 证件号码 证件号 居民身份证 身份證 身份證號 身份證號碼 公民身份號碼 證件號碼 證件號 " +
		"残疾人证 残疾证号 残疾人证号 学籍号 學籍號 驾驶证号 驾驶证号码",
	sayPhone:     "手机 手机号 手机号码 电话 联系电话 联系方式 移动电话 本人电话 电话号码 致电 手機 手機號 手機號碼 電話 聯繫電話 聯絡電話 聯繫方式 電話號碼 微信号 微信同号 通讯方式",
	sayHomePhone: "家庭电话 家庭联系电话 住宅电话 宅电 家中电话 家里电话 家庭座机 家中座机 住宅座机 家庭電話 住宅電話 家中電話 宅電 家庭固定电话",
	sayOfficePhone: "咨询电话 监督电话 举报电话 投诉电话 服务电话 值班电话 办公电话 受理电话 热线 服务热线 热线电话 传真 总机 客服 客服电话 办公室电话 投诉举报电话 监督举报电话 " +
		"报名电话 预约电话 单位电话 单位联系电话 业务电话 报警电话 急救电话 救援电话 抢修电话 咨询服务电话 信访电话 查询电话 招生电话 座机 诉求电话 " +
		"諮詢電話 監督電話 舉報電話 投訴電話 服務電話 值班電話 辦公電話 受理電話 熱線 傳真 總機",
	sayAccount: "银行卡 银行卡号 卡号 账号 帐号 账户 帐户 存折 存折号 一卡通 一卡通账号 一折通 社保卡账号 惠农卡 银行账号 银行帐号 银行账户 开户账号 收款账号 收款账户 工资卡 储蓄卡 借记卡 信用卡 " +
		"銀行卡 卡號 帳號 帳戶 存摺 銀行帳號 銀行賬號 賬號",
	sayBodyAccount: "对公账户 对公账号 财政专户 保证金账户 保证金账号 保证金 基本账户 专用账户 单位账户 单位账号 公款账户 罚没账户 代收机构 罚款 非税收入 收款单位 国库 预算单位 开户单位 汇款单位 基本存款账户 募捐账户 捐赠账户 捐款账户 工会账户 " +
		"公司账户 公司账号 企业账户 专户 對公帳戶 保證金帳戶 收款單位",
	sayPaper: "护照 护照号 护照号码 护照编号 通行证 通行证号 通行证号码 港澳居民来往内地通行证 港澳通行证 台胞证 台胞证号 台湾居民来往大陆通行证 军官证 军官证号 士兵证 士兵证号 警官证 警官证号 社保卡号 社会保障号码 " +
		"社会保障卡号 医保卡号 医疗证号 医保编号 居住证号 户口簿编号 出生医学证明编号 出生证号 结婚证号 结婚证字号 离婚证号 离婚证字号 退伍证号 优待证号 优抚证号 就业创业证号 低保证号 驾驶证档案编号 " +
		"护照號 護照 護照號 護照號碼 通行證 通行證號 軍官證號 社保卡號 健康卡号 住院号 病历号 病案号 考生号 准考证号 学号",
	sayNumber: "编号 文号 单号 订单 订单号 订单编号 运单号 快递单号 流水号 索引号 案号 发票 发票号 发票号码 批号 备案号 合同号 合同编号 项目代码 项目编号 宗地 宗地号 宗地编号 地块编号 代码 条码 许可证号 许可证编号 " +
		"税号 信用代码 统一社会信用代码 社会信用代码 组织机构代码 登记号 注册号 受理号 受理编号 办件编号 查询码 货号 型号 产品编号 设备编号 出厂编号 车架号 发动机号 序列号 字号 交易号 交易流水 参考号 凭证号 票据号 登记编号 " +
		"采购编号 招标编号 标段编号 标识码 证书编号 证书号 专利号 申请号 刊号 书号 条形码 追溯码 监管码 图斑号 图斑编号 文件号 档号 档案号 案卷号 户号 电表号 水表号 邮编 邮政编码 版本号 物料编码 编码 " +
		"金额 合计 总计 面积 预算 决算 投资 产值 收入 支出 產值 金額 合計 編號 單號 訂單 代碼 索引號",
	sayName: "姓名 名字 户主姓名 学生姓名 患者姓名 申请人姓名 家长姓名 本人姓名 成员姓名 配偶姓名 子女姓名 户名 持卡人 开户名 收款人姓名 收款户名 考生姓名 幼儿姓名 儿童姓名 职工姓名 劳动者姓名 投诉人姓名 联系人姓名 戶主姓名 學生姓名 申請人姓名 戶名",
	sayRole: "申请执行人 被申请执行人 申请人 申請人 户主 戶主 当事人 當事人 被处罚人 受处罚人 违法行为人 投诉人 投訴人 举报人 舉報人 信访人 信訪人 来信人 来访人 被征收人 被拆迁人 权利人 产权人 房主 业主 承租人 出租人 受益人 收款人 领款人 领取人 持证人 " +
		"患者 病人 死者 伤者 受害人 被害人 遇难者 失踪人员 监护人 監護人 配偶 父亲 母亲 父親 母親 丈夫 妻子 儿子 女儿 长子 次子 长女 次女 子女 家长 學生 学生 考生 村民 居民 住户 农户 农民 贫困户 低保户 低保对象 低保人员 五保对象 特困人员 " +
		"救助对象 优抚对象 保障对象 补助对象 残疾人 委托人 受委托人 被委托人 上诉人 原告 第三人 复议申请人 劳动者 职工 员工 驾驶人 驾驶员 车主 乘客 借款人 担保人 继承人 被继承人 遗嘱人 收养人 被收养人 服刑人员 社区矫正对象 " +
		"嫌疑人 犯罪嫌疑人 失信被执行人 被执行人 感染者 密切接触者 确诊病例 提问人 留言人 咨询人 来电人 市民 网民 报名人 投保人 被保险人 欠费人 买受人 购房人 转让人 受让人 承包人 承包方代表 经营户 种植户 养殖户 寄件人 收件人 收货人 " +
		"家庭成员 共同居住人 供养人 赡养人 抚养人 逝者 户籍人 拟救助对象 患兒 患儿 新生儿 幼儿 儿童",
	sayContact: "联系人 聯繫人 聯絡人 紧急联系人",
	sayPublic: "法定代表人 法人代表 法人 负责人 单位负责人 主要负责人 法定代表人姓名 负责人姓名 法人姓名 经办人 经办人姓名 承办人 审批人 签发人 记录人 主持人 执法人员 执法人员姓名 检查人员 审核人 责任人 河长 林长 网格员 领导姓名 " +
		"专家姓名 评审专家 评标专家 新闻发言人 发言人 作者 译者 编辑 摄影 记者 主编 责任编辑 项目经理 项目负责人 监理工程师 律师 公证员 仲裁员 审判长 审判员 书记员 首席代表 代表 委员 提案人 领衔代表 " +
		"法定代表人签字 負責人 經辦人 法定代表人（负责人）",
	sayHome: "家庭住址 家庭地址 住址 现住址 现住 现居住 现居住地 居住地 居住地址 户籍地址 户籍所在地 户籍地 户口所在地 户籍住址 身份证地址 身份证住址 常住地址 经常居住地 家住 居住在 居住于 暂住 暂住地 租住 租住于 原住址 收货地址 收件地址 住所地 寄送地址 送达地址 " +
		"家庭住所 住宅地址 通讯住址 家庭住處 現住 現住址 居住地址 戶籍地址 戶籍所在地 收貨地址 住 出生地 籍贯",
	sayPlace:      "地址 通讯地址 通信地址 联系地址 住所 邮寄地址 通訊地址 聯絡地址 坐落 房屋坐落",
	sayOffice:     "有限公司 公司 集团 局 厅 委员会 办公室 中心 政府 大厅 窗口 科室 单位 机关 学校 医院 法院 检察院 派出所 营业场所 经营场所 经营地址 注册地址 办公地址 单位地址 企业 合作社 公司地址 企业地址 生产地址 社区服务中心 有限責任公司 中心小学 居委会 村委会 事务所 大队 支队 工厂 厂 经营部 商店 超市 门市部 药店 饭店 酒店",
	sayMail:       "邮箱 电子邮箱 电子邮件 邮件 電子郵箱 郵箱 電郵 邮件地址",
	sayOfficeMail: "反馈邮箱 意见 征求意见 投稿 投稿邮箱 举报邮箱 监督邮箱 投诉邮箱 咨询邮箱 单位邮箱 办公邮箱 公共邮箱 官方邮箱 报名邮箱 招聘邮箱 简历 发送至 发至 邮件至 信箱 局长信箱 公务邮箱 受理邮箱 接收邮箱 指定邮箱 意見 徵求意見",
	sayPlate:      "车牌 车牌号 车牌号码 号牌 号牌号码 车号 牌照 牌照号 車牌 車牌號 号牌号",
	sayDuty:       "职务 职称 职级 分工 工作单位及职务 警号 执法证号 任职 职位 單位職務 職務 職稱 执业证号 拟任职务 现任职务",
}

// word is one of the dictionary.
type word struct {
	text string
	is   class
}

// vocabulary finds the words that begin with a character. Most characters of a text begin none: one bit says so.
type vocabulary struct {
	first [1024]uint64 // a bit for each character of the basic plane
	words map[rune][]word
}

func newVocabulary() *vocabulary {
	v := &vocabulary{words: map[rune][]word{}}
	for is, list := range dictionary {
		for _, w := range strings.Fields(list) {
			v.add(word{w, class(is)})
		}
	}
	return v
}

// vocabularyOf makes a vocabulary of words between spaces, without classes.
func vocabularyOf(list string) *vocabulary {
	v := &vocabulary{words: map[rune][]word{}}
	for _, w := range strings.Fields(list) {
		v.add(word{text: w})
	}
	return v
}

// add keeps the words of a character sorted, longest first.
func (v *vocabulary) add(w word) {
	r, _ := utf8.DecodeRuneInString(w.text)
	v.first[r>>6&1023] |= 1 << (r & 63)
	v.words[r] = append(v.words[r], w)
	list := v.words[r]
	for i := len(list) - 1; i > 0 && len(list[i].text) > len(list[i-1].text); i-- {
		list[i], list[i-1] = list[i-1], list[i]
	}
}

var words = newVocabulary()

// at returns the longest word at an offset of a text, whose character there is r.
func (v *vocabulary) at(text string, i int, r rune) (word, bool) {
	if r > 0xffff || v.first[r>>6]&(1<<(r&63)) == 0 {
		return word{}, false
	}
	rest := text[i:]
	for _, w := range v.words[r] {
		if len(rest) >= len(w.text) && rest[:len(w.text)] == w.text {
			return w, true
		}
	}
	return word{}, false
}
