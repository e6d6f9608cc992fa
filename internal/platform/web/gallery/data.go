package gallery

import (
	"openhall.org/openhall/internal/core/lang"
	"openhall.org/openhall/internal/platform/web/flowchart"
	"openhall.org/openhall/internal/platform/web/form"
	"openhall.org/openhall/internal/platform/web/ui"
)

// sayer picks the words of the reader's language.
type sayer = func(hans, hant, en string) string

// sampleSchema is a small form as a service item brings it.
func sampleSchema() (*form.Schema, error) {
	return form.Compile([]byte(`{"type":"object","required":["trade","type","opening","promise"],"properties":{
		"trade":{"type":"string","title":"字号名称","x-title":{"zh-Hant":"字號名稱","en":"Trade name"},"minLength":2,"maxLength":40},
		"type":{"type":"string","title":"主体类型","x-title":{"zh-Hant":"主體類型","en":"Kind of business"},"oneOf":[
			{"const":"new","title":"企业","x-title":{"zh-Hant":"企業","en":"Enterprise"}},
			{"const":"self","title":"个体工商户","x-title":{"zh-Hant":"個體工商戶","en":"Self-employed"}}]},
		"capital":{"type":"integer","format":"money","title":"注册资本","x-title":{"zh-Hant":"註冊資本","en":"Registered capital"}},
		"opening":{"type":"string","format":"date","title":"计划开业日期","x-title":{"zh-Hant":"計劃開業日期","en":"Planned opening day"}},
		"promise":{"type":"boolean","const":true,"title":"我承诺以上内容真实","x-title":{"zh-Hant":"我承諾以上內容真實","en":"What I have entered is true"}}}}`),
		form.Formats{"id-card": func(string) *lang.Text { return nil }})
}

func steps(say sayer) []ui.Step {
	return []ui.Step{
		{State: ui.StepDone, Title: say("收件", "收件", "Received"), Time: say("2026年11月16日 09:12", "2026年11月16日 09:12", "16 November 2026, 09:12"), Machine: "2026-11-16T09:12:00+08:00",
			By: say("综合窗口 3 号", "綜合窗口 3 號", "Window 3"), StateText: say("已完成", "已完成", "Done"), Content: ui.Proof("/log/proof/41")},
		{State: ui.StepActive, Title: say("审查", "審查", "Review"), By: say("市场监督管理局许可科", "市場監督管理局許可科", "Licensing section"), StateText: say("正在办理", "正在辦理", "In progress")},
		{State: ui.StepWaiting, Title: say("现场核查", "現場核查", "Inspection"), Text: say("等待整改材料，期间暂停计时。", "等待整改材料，期間暫停計時。", "Waiting for corrected documents; the clock stands still."), StateText: say("等待中", "等待中", "Waiting")},
		{State: ui.StepIdle, Title: say("决定", "決定", "Decision"), StateText: say("未开始", "未開始", "Not begun")},
	}
}

func explained(say sayer) ui.ExplainProps {
	return ui.ExplainProps{
		Due: say("2026年10月12日", "2026年10月12日", "12 October 2026"),
		Steps: []ui.ExplainStep{
			{Kind: "start", Date: "2026-09-28", Text: say("受理当日不计算在内。", "受理當日不計算在內。", "The day of acceptance is not counted."), Article: say("民法典第二百零一条", "民法典第二百零一條", "Civil Code, art. 201"), Count: "0"},
			{Kind: "count", Date: "2026-09-29 – 2026-09-30", Text: say("计入 2 个工作日。", "計入 2 個工作日。", "2 working days are counted."), Count: "2"},
			{Kind: "skip", Date: "2026-10-01 – 2026-10-07", Text: say("国庆节放假，不计算。", "國慶節放假，不計算。", "National Day holiday, not counted.")},
			{Kind: "due", Date: "2026-10-12", Text: say("第 5 个工作日，24 时到期。", "第 5 個工作日，24 時到期。", "The fifth working day; the term ends at midnight."), Article: say("行政许可法第四十二条", "行政許可法第四十二條", "Licensing Law, art. 42"), Count: "5"},
		},
		Note: say("该年的放假安排尚未公布，日期为暂定。", "該年的放假安排尚未公佈，日期為暫定。", "The holidays of that year are not yet announced; the date is provisional."),
	}
}

// chart is a small procedure with one node of each look.
func chart(say sayer) flowchart.Chart {
	const top, bottom = 60.0, 210.0
	return flowchart.Chart{
		ID: "sample", Title: say("食品经营许可流程", "食品經營許可流程", "Food business licence"),
		Description: say("从申请到发证的流程，现在正在审查。", "從申請到發證的流程，現在正在審查。", "From application to licence; now under review."),
		Lanes: []flowchart.Lane{
			{Name: say("综合窗口", "綜合窗口", "Window"), Box: flowchart.Box{X: 0, Y: 0, W: 980, H: 150}},
			{Name: say("许可科", "許可科", "Licensing"), Box: flowchart.Box{X: 0, Y: 150, W: 980, H: 150}},
		},
		Nodes: []flowchart.Node{
			{ID: "start", Kind: flowchart.StartEvent, Label: say("申请", "申請", "Apply"), Box: flowchart.Box{X: 60, Y: top, W: 36, H: 36}, State: flowchart.Done},
			{ID: "receive", Kind: flowchart.UserTask, Label: say("收件并审查材料是否齐全", "收件並審查材料是否齊全", "Receive and check the documents"), Box: flowchart.Box{X: 140, Y: top - 22, W: 120, H: 80}, State: flowchart.Done},
			{ID: "complete", Kind: flowchart.ExclusiveGateway, Label: say("材料齐全？", "材料齊全？", "Complete?"), Box: flowchart.Box{X: 310, Y: top - 7, W: 50, H: 50}, State: flowchart.Done},
			{ID: "correct", Kind: flowchart.CatchEvent, Trigger: flowchart.Message, Label: say("收到补正", "收到補正", "Correction received"), Box: flowchart.Box{X: 420, Y: top, W: 36, H: 36}},
			{ID: "review", Kind: flowchart.UserTask, Label: say("审查", "審查", "Review"), Box: flowchart.Box{X: 400, Y: bottom - 22, W: 120, H: 80}, State: flowchart.Active, Note: say("张审查员，剩余 3 个工作日", "張審查員，剩餘 3 個工作日", "Reviewer Zhang, 3 working days left")},
			{ID: "late", Kind: flowchart.BoundaryEvent, Trigger: flowchart.Timer, Label: say("临近期限", "臨近期限", "Due soon"), Box: flowchart.Box{X: 430, Y: bottom + 40, W: 36, H: 36}},
			{ID: "experts", Kind: flowchart.UserTask, Multi: "parallel", Label: say("专家评审", "專家評審", "Expert review"), Box: flowchart.Box{X: 570, Y: bottom - 22, W: 120, H: 80}, State: flowchart.Waiting},
			{ID: "rule", Kind: flowchart.BusinessRuleTask, Label: say("按裁量基准判定", "按裁量基準判定", "Apply the benchmark"), Box: flowchart.Box{X: 740, Y: bottom - 22, W: 120, H: 80}},
			{ID: "end", Kind: flowchart.EndEvent, Label: say("办结", "辦結", "Done"), Box: flowchart.Box{X: 910, Y: bottom, W: 36, H: 36}},
		},
		Edges: []flowchart.Edge{
			{From: "start", To: "receive", Points: []flowchart.Point{{X: 96, Y: 78}, {X: 140, Y: 78}}, Done: true},
			{From: "receive", To: "complete", Points: []flowchart.Point{{X: 260, Y: 78}, {X: 310, Y: 78}}, Done: true},
			{From: "complete", To: "correct", Label: say("否", "否", "no"), Points: []flowchart.Point{{X: 360, Y: 78}, {X: 420, Y: 78}}},
			{From: "complete", To: "review", Label: say("是", "是", "yes"), Points: []flowchart.Point{{X: 335, Y: 103}, {X: 335, Y: 228}, {X: 400, Y: 228}}, Done: true},
			{From: "correct", To: "review", Points: []flowchart.Point{{X: 456, Y: 78}, {X: 490, Y: 78}, {X: 490, Y: 188}}},
			{From: "review", To: "experts", Points: []flowchart.Point{{X: 520, Y: 228}, {X: 570, Y: 228}}},
			{From: "experts", To: "rule", Points: []flowchart.Point{{X: 690, Y: 228}, {X: 740, Y: 228}}},
			{From: "rule", To: "end", Points: []flowchart.Point{{X: 860, Y: 228}, {X: 910, Y: 228}}},
		},
	}
}
