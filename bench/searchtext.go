package main

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"golang.org/x/text/encoding/simplifiedchinese"

	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/platform/publication/search"
	"openhall.org/openhall/internal/platform/store"
)

// officialWords stand in official texts everywhere; the first of them in every record.
var officialWords = strings.Fields(`
	人民政府 信息公开 有关规定 根据 工作 单位 部门 管理 进行 以及 应当 按照 通知 意见 办法 实施 组织 领导 负责 落实 加强 推进 建设 发展 服务 项目
	企业 社会 经济 安全 监督 检查 资金 财政 预算 决算 审批 许可 登记 备案 申请 材料 受理 办理 期限 工作日 行政 机关 法律 法规 条例 规章 制度
	标准 要求 措施 方案 计划 规划 目标 任务 责任 考核 评价 公示 公告 公布 征求 建议 答复 政策 解读 改革 创新 试点 示范 优化 营商环境 政务服务
	养老保险 医疗保险 失业保险 工伤保险 社会保障 最低生活保障 住房公积金 保障性住房 义务教育 高等学校 职业教育 卫生健康 公立医院 疾病预防控制 食品安全
	药品监管 市场监督管理 知识产权 环境保护 大气污染防治 水污染防治 土壤修复 生态保护 自然资源 国土空间规划 土地征收 农村宅基地 高标准农田 乡村振兴
	脱贫攻坚 农业农村 粮食生产 畜牧兽医 水利工程 防汛抗旱 交通运输 公路养护 城市更新 城乡建设 棚户区改造 建筑工程 招标投标 政府采购 国有资产
	民营企业 中小企业 招商引资 科技创新 高新技术企业 数字经济 电子商务 文化旅游 体育健身 公共图书馆 广播电视 民族宗教 退役军人 应急管理 消防救援
	安全生产 道路交通 公安机关 户籍管理 司法行政 法律援助 人民调解 行政复议 行政处罚 行政强制 审计整改 统计调查 价格监测 节能减排 碳达峰 新能源汽车
	人力资源 就业创业 技能培训 劳动关系 工资支付 残疾人 妇女儿童 未成年人保护 老年人 托育服务 养老机构 慈善事业 殡葬管理 社区治理 基层组织
	安徽省 合肥市 芜湖市 蚌埠市 淮南市 马鞍山市 淮北市 铜陵市 安庆市 黄山市 滁州市 阜阳市 宿州市 六安市 亳州市 池州市 宣城市`)

var particles = strings.Fields("的 的 的 的 和 和 在 是 了 对 为 与 由 及 等 并 或 不 有 将 其 各 本 中 上 向 从")

// everywhere stands in every record.
var everywhere = []string{"本机关依据《中华人民共和国政府信息公开条例》公开本信息", "有关单位和人民政府应当按照有关规定负责落实", "特此通知"}

// corpus makes records of about 1,000 characters. The same number always gives the same record.
type corpus struct {
	words  []string
	cumul  []float64 // of Zipf's law over the words
	topics [][]int
}

const (
	corpusWords  = 40000
	corpusTopics = 600
	topicWords   = 120
)

func newCorpus() *corpus {
	r := rand.New(rand.NewPCG(20, 13)) //nolint:gosec // text that is the same in every run
	var common []rune                  // the 3,755 usual characters, which GB 2312 orders by sound
	for high := byte(0xB0); high <= 0xD7; high++ {
		for low := byte(0xA1); low <= 0xFE; low++ {
			if s, err := simplifiedchinese.GBK.NewDecoder().Bytes([]byte{high, low}); err == nil {
				if c := []rune(string(s)); len(c) == 1 && c[0] >= 0x4E00 && c[0] <= 0x9FFF {
					common = append(common, c[0])
				}
			}
		}
	}
	r.Shuffle(len(common), func(i, j int) { common[i], common[j] = common[j], common[i] })
	character := func() rune { // the usual ones much more often
		return common[int(float64(len(common))*math.Pow(r.Float64(), 2.8))]
	}
	c := &corpus{words: slices.Clone(officialWords)}
	for len(c.words) < corpusWords {
		n := []int{1, 2, 2, 2, 2, 2, 2, 3, 3, 4}[r.IntN(10)]
		w := make([]rune, n)
		for i := range w {
			w[i] = character()
		}
		c.words = append(c.words, string(w))
	}
	sum := 0.0
	for i := range c.words {
		sum += 1 / math.Pow(float64(i)+12, 1.02)
		c.cumul = append(c.cumul, sum)
	}
	for range corpusTopics {
		topic := make([]int, topicWords)
		for i := range topic {
			topic[i] = int(math.Exp(r.Float64() * math.Log(corpusWords)))
			topic[i] = min(topic[i], corpusWords-1)
		}
		c.topics = append(c.topics, topic)
	}
	return c
}

func (c *corpus) word(r *rand.Rand, topic []int) string {
	if r.IntN(5) < 2 {
		return c.words[topic[int(float64(len(topic))*r.Float64()*r.Float64())]]
	}
	i, _ := slices.BinarySearch(c.cumul, r.Float64()*c.cumul[len(c.cumul)-1])
	return c.words[min(i, len(c.words)-1)]
}

// The first and the last day on which records were published, and what they can be filtered by.
const (
	corpusDays   = 15 * 365
	corpusBodies = 2000
)

var corpusFirst = calendar.Day(2011, time.January, 1)

// docs makes records out of so many.
func (c *corpus) docs(from, to, of int) []search.Doc {
	out := make([]search.Doc, 0, to-from)
	for i := from; i < to; i++ {
		out = append(out, c.doc(i, of))
	}
	return out
}

// doc makes a record out of so many. Numbers grow with the day of publication, but for every tenth, which was brought in later.
func (c *corpus) doc(n, of int) search.Doc {
	r := rand.New(rand.NewPCG(uint64(n), 4)) //nolint:gosec // text that is the same in every run
	topic := c.topics[int(float64(len(c.topics))*r.Float64()*r.Float64())]
	day := corpusFirst.Add(int(int64(n) * corpusDays / int64(of)))
	if n%10 == 0 {
		day = corpusFirst.Add(r.IntN(corpusDays))
	}
	body := int(corpusBodies * r.Float64() * r.Float64())
	division := fmt.Sprintf("34%02d%02d000000", 1+body%17, body/17%9)
	year := day.Year()
	d := search.Doc{
		ID: store.ID(n + 1), Published: day, Division: division, Body: fmt.Sprintf("b-%04d", body), Year: year,
		Category: []string{fmt.Sprintf("c%d", body%5), fmt.Sprintf("c%d.%d", body%5, r.IntN(8))}, Language: "zh-Hans",
		Number: fmt.Sprintf("%s〔%d〕%d号", c.words[2000+body], year, 1+r.IntN(200)),
		Index:  fmt.Sprintf("1134%014d/%d%02d-%05d", body, year, 1+r.IntN(12), r.IntN(100000)),
		From:   day,
	}
	if r.IntN(6) == 0 {
		d.Until = day.Add(365 + r.IntN(2000))
	}
	var b strings.Builder
	b.WriteString("关于")
	for range 3 + r.IntN(4) {
		b.WriteString(c.word(r, topic))
	}
	b.WriteString("的通知")
	d.Title = b.String()
	d.Keywords = []string{c.word(r, topic), c.word(r, topic)}
	b.Reset()
	length := 500 + r.IntN(400) + r.IntN(400) // about 1,000 characters with all else
	b.Grow(length * 3)
	b.WriteString(everywhere[0])
	b.WriteString("。")
	for used := 0; used < length; {
		for range 4 + r.IntN(10) {
			var w string
			switch r.IntN(12) {
			case 0, 1, 2:
				w = particles[r.IntN(len(particles))]
			case 3:
				if r.IntN(3) > 0 {
					continue
				}
				w = fmt.Sprintf("%d%s", 1+r.IntN(300), []string{"万元", "年", "个", "项", "平方米", "%"}[r.IntN(6)])
			default:
				w = c.word(r, topic)
			}
			b.WriteString(w)
			used += len(w) / 3
		}
		b.WriteString([]string{"，", "，", "，", "。", "；", "。\n"}[r.IntN(6)])
		used++
	}
	b.WriteString(everywhere[1])
	b.WriteString("。")
	b.WriteString(everywhere[2])
	d.Text = b.String()
	return d
}
