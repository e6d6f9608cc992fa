package disclosure

import (
	"context"
	"fmt"
	"time"

	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/publication"
	"openhall.org/openhall/internal/platform/store"
)

// heldBack is how many days before the demo began its bodies are held to what they owe each quarter: one quarter has ended since.
const heldBack = 100

// owing are documents of the demo that nobody has interpreted yet: two of these days, and one whose term is over.
var owing = []struct {
	body, title, number, text string
	ago                       int // days
}{
	{"hefei-transport", "合肥市城市公共汽电车线路调整办法", "合交〔%d〕76号",
		"# 第一条 适用范围\n\n市区公共汽电车线路的新增、调整和停止运营，适用本办法。\n\n# 第二条 征求意见\n\n调整线路前，在沿线站点和本机关网站公告十五日，听取乘客意见。\n\n# 第三条 公布\n\n调整方案确定后，至少提前七日公布起讫站点、首末班时间和换乘办法。", 12},
	{"hefei-education", "合肥市中小学课后服务经费管理细则", "合教〔%d〕41号",
		"# 一、收费标准\n\n课后服务按课时收费，每课时不超过三元，家庭经济困难的学生免收。\n\n# 二、支出范围\n\n经费用于教师补助、材料和场地，不得用于其他支出。\n\n# 三、公示\n\n学校每学期公示收支明细，接受家长查询。", 1},
	{"huaiyuan-agriculture", "怀远县高标准农田管护办法", "怀农〔%d〕19号",
		"# 第一条 管护主体\n\n建成的高标准农田由所在村集体管护，跨村的由乡镇确定。\n\n# 第二条 管护经费\n\n每亩每年不低于十元，由县级财政和村集体共同承担。\n\n# 第三条 检查\n\n每年汛前、秋后各检查一次，问题清单公开。", 0},
}

// demoDuties lets bodies of the demo owe something: the interpretation of new documents, and the safety of drinking water of the last
// quarter, which most water bureaux have published.
func (s *Service) demoDuties(ctx context.Context) error {
	done, err := s.marked(ctx, "demo/duties")
	if err != nil || done {
		return err
	}
	began, err := s.demoUntil(ctx)
	if err != nil {
		return err
	}
	if err := s.Records.HoldFrom(ctx, began-heldBack); err != nil {
		return err
	}
	places := s.Registry.Now()
	var list []publication.Incoming
	for _, x := range owing {
		if places.Body(x.body) == nil {
			continue
		}
		day := began - calendar.Date(x.ago)
		list = append(list, publication.Incoming{Body: x.body, Published: day, Content: publication.Content{
			Category: "statutory.1.normative", Genre: "办法", Title: x.title, DocumentNumber: fmt.Sprintf(x.number, day.Year()), Text: x.text, Made: day, Effective: day,
		}})
	}
	list = append(list, s.demoWater(began)...)
	if len(list) == 0 {
		return s.mark(ctx, "demo/duties")
	}
	out, err := s.Records.Import(ctx, identity.Platform, publication.Batch{Key: "demo/duties", Body: s.answering(), Records: list})
	if err != nil {
		return fmt.Errorf("duties of the demo: %w", err)
	}
	if len(out.Errors) > 0 {
		return fmt.Errorf("duties of the demo: line %d: %+v", out.Errors[0].Line, out.Errors[0].Fields)
	}
	for _, x := range owing {
		if err := s.demoOwe(ctx, x.body, x.title, began-calendar.Date(x.ago)); err != nil {
			return err
		}
	}
	if _, err := s.Records.Arise(ctx); err != nil {
		return err
	}
	return s.mark(ctx, "demo/duties")
}

// demoOwe notes that a document has to be interpreted, as it would have been when it was published.
func (s *Service) demoOwe(ctx context.Context, body, title string, day calendar.Date) error {
	entries, err := s.Records.List(ctx, publication.Filter{Body: body, Category: "statutory.1.normative", Limit: 50})
	if err != nil {
		return fmt.Errorf("duties of the demo: %w", err)
	}
	for i := range entries {
		if e := &entries[i]; e.Title == title {
			return s.DB.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
				return s.Records.Owe(ctx, tx, publication.Duty{
					Key: publication.InterpretationOf(e.ID), Kind: publication.DutyInterpretation, Body: body, About: e.ID, From: day.Start().Add(10 * time.Hour),
					Rule: publication.RuleInterpretation, Title: publication.TitleOf(title),
				})
			})
		}
	}
	return nil
}

// demoWater is the safety of drinking water of the last quarter, as most of those who owe it have published it.
func (s *Service) demoWater(today calendar.Date) (list []publication.Incoming) {
	first := calendar.Day(today.Year(), time.Month((int(today.Month())-1)/3*3+1), 1)
	before := first.AddMonths(-3)
	quarter := string([]rune("一二三四")[(int(before.Month())-1)/3])
	places := s.Registry.Now()
	const late = 2 // so many of them have not yet
	for _, d := range places.Divisions() {
		for _, b := range places.Bodies(d.Code) {
			if b.Kind != "water" || b.Level != "municipal" && b.Level != "county" || b.USCC == "" {
				continue
			}
			n := len(list)
			day := first + calendar.Date(3+2*n)
			if day > today {
				continue
			}
			list = append(list, publication.Incoming{Body: b.Key, Published: day, Content: publication.Content{
				Category: "statutory.13.environment", Genre: "公告", Made: day,
				Title: fmt.Sprintf("%s%d年第%s季度饮用水安全状况", d.Name.Hans, before.Year(), quarter),
				Text: fmt.Sprintf("%s监测集中式饮用水水源%d处、供水单位%d家、用户水龙头%d处，水质合格率%d.%d%%。不合格的%d处已经整改并复检合格。\n\n监测指标和分点结果见附表，咨询电话：12345。",
					d.Name.Hans, 3+n, 2+n*2, 40+n*13, 98+n%2, 3+n*2%7, 1+n%3),
			}})
		}
	}
	return list[:max(0, len(list)-late)]
}
