package request

import (
	"slices"
	"strings"

	"openhall.org/openhall/internal/core/calendar"
)

// subjectOf is what was asked for, as the office writes it for the public.
func (x *script) subjectOf() string {
	return strings.TrimSuffix(strings.TrimPrefix(x.sent.Description, "申请公开"), "。")
}

// tick goes through the checklists of a day: those of every request, and that of the ground on which the information is withheld.
func (s *Service) tick(data map[string]any, day calendar.Date, way string) {
	var concerns []string
	for _, c := range s.Checklists(day) {
		if !c.Always && way != "refused."+c.Code {
			continue
		}
		if !c.Always {
			concerns = append(concerns, c.Code)
		}
		points := make([]string, len(c.Points))
		for i, p := range c.Points {
			points[i] = p.Code
		}
		data[c.Code] = points
	}
	if len(concerns) > 0 {
		data[varConcerns] = concerns
	}
}

// scripted are the ways that requests of the demo go: each outcome of the closed list, and states in between.
func (p *player) scripted(r *dice, x *script, way string, old bool) {
	pace := 1 + r.IntN(3)
	day := 0
	add := func(after int, step string, data map[string]any, files ...string) {
		day += after
		x.acts = append(x.acts, act{day: day, step: step, data: data, files: files})
	}
	party := p.data.Parties[r.IntN(len(p.data.Parties))]
	start := func(outcome map[string]any) {
		if old {
			return
		}
		if x.channel.Confirmed() {
			add(0, "confirm", map[string]any{"receivedOn": "@today", "manner": "phone"})
		}
		add(pace, "check", outcome)
	}
	fit := map[string]any{"outcome": "examine"}
	reply := func(code string) {
		reasons := p.data.Reasons[code]
		data := map[string]any{"reply": code, "subject": x.subjectOf()}
		if len(reasons) > 0 {
			data["reasons"] = reasons[r.IntN(len(reasons))]
		}
		var files []string
		switch code {
		case "published":
			if r.IntN(4) == 0 {
				data["where"] = "已经主动公开，请在本机关网站“法定主动公开内容”中查看。"
			} else {
				files = []string{x.subjectOf()}
			}
		case "partial":
			files = []string{x.subjectOf() + "（部分公开）"}
		case "unavailable.not-held", "unavailable":
			if other := p.other(r, x.body); other != "" {
				data["agency"] = other
			} else {
				data["outside"] = party + "（地址、电话见其网站）"
			}
		case "refused.forbidden":
			data["law"] = "《中华人民共和国统计法》第九条"
		}
		if old {
			data["cost"] = 0
		}
		if way == "cost" || way == "cost-unpaid" {
			data["cost"] = 1250 // 检索 5 元，复制 30 页 7.50 元
		}
		add(pace, "draft", data, files...)
		add(1, "decide", map[string]any{"outcome": "issue"})
		if way == "cost-unpaid" {
			return
		}
		if way == "cost" {
			add(4, "payment", map[string]any{"outcome": "paid", "paidOn": "@today", "receipt": "皖财票0000213"})
		}
		manner := map[string]string{"online": "online", "email": "email", "post": "post", "pick-up": "pick-up", "inspect": "inspect"}[x.sent.Wanted]
		handed := map[string]any{"manner": manner, "delivered": "@today"}
		if manner == "post" {
			handed["tracking"] = "EX0000000CN"
		}
		add(1, "hand-over", handed)
	}
	examine := func(outcome string, more map[string]any) {
		data := map[string]any{"outcome": outcome}
		if outcome == "draft" {
			p.s.tick(data, x.day, way)
		}
		for k, v := range more {
			data[k] = v
		}
		add(pace, "examine", data)
	}
	asks := map[string]any{"party": party, "question": "是否同意公开“" + x.subjectOf() + "”，不同意的请说明理由。"}
	switch way {
	case "withdrawn":
		start(fit)
		x.acts = append(x.acts, act{day: day + pace, message: "withdraw"})
	case Uncorrected:
		start(map[string]any{"outcome": "correct", "missing": "请写明文件的名称、文号或者年份。", "days": 10})
	case Unpaid:
		start(fit)
		examine("fee", map[string]any{"scale": PerPage, "count": 120, "fee": 110_000})
	case "paid":
		start(fit)
		examine("fee", map[string]any{"scale": PerPage, "count": 120, "fee": 110_000})
		add(5, "payment", map[string]any{"paidOn": "@today", "receipt": "皖财票0000387"})
		examine("draft", nil)
		reply("published")
	case "cost", "cost-unpaid": // by the regulations of 2007
		examine("draft", nil)
		reply("published")
	case "unavailable.unclear":
		start(map[string]any{"outcome": "correct", "missing": "请写明文件的名称、文号或者年份。", "days": 10})
		add(4, "supplement", map[string]any{"description": x.sent.Description + "所有有关的材料。"})
		examine("draft", nil)
		reply(way)
	case "unprocessed.excessive":
		start(map[string]any{"outcome": "reasons", "reasons": "您本月提出了三十余件内容相近的申请，请说明理由。"})
		add(4, "explain", map[string]any{"explanation": "想多了解一些。"})
		add(2, "weigh", map[string]any{"outcome": "unreasonable", "reasons": "没有说明与生产、生活、科研有关的需要。"})
		reply(way)
	case "delayed":
		start(map[string]any{"outcome": "reasons", "reasons": "您申请的数量较大，请说明用途。"})
		add(3, "explain", map[string]any{"explanation": "用于博士论文研究，需要十年的数据。"})
		add(2, "weigh", map[string]any{"outcome": "reasonable", "days": 40, "reasons": "理由合理，但需要查阅十年的档案。"})
		examine("draft", nil)
		reply("published")
	case "refused.third-party":
		start(fit)
		examine("third-party", asks)
		add(6, "third-party", map[string]any{"thirdParty": "objects", "objection": "涉及本公司的成本和报价。", "answeredOn": "@today"})
		examine("draft", nil)
		reply(way)
	case "joint", "agencies":
		start(fit)
		examine(way, asks)
		var served map[string]any
		if way == "joint" && r.IntN(3) == 0 {
			day += 14 // silent: agrees
			served = map[string]any{"servedOn": "@asked"}
		} else if way == "joint" {
			add(5, "joint", map[string]any{"joint": "agrees", "answeredOn": "@today"})
		} else {
			add(5, "agencies", map[string]any{"opinion": "同意公开。", "answeredOn": "@today"})
		}
		pace = max(pace, 2)
		examine("draft", served)
		reply("published")
	case "extended":
		start(fit)
		examine("extend", map[string]any{"reasons": "需要查阅的档案较多。"})
		add(1, "approve-extension", map[string]any{"outcome": "yes", "reasons": "档案在外地库房，调取需要时间。"})
		day += 12
		examine("draft", nil)
		reply("published")
	case "late":
		start(fit)
		day += 21
		examine("draft", nil)
		reply("published")
	default:
		start(fit)
		examine("draft", nil)
		reply(way)
	}
	if way == "published" && r.IntN(40) == 0 { // what was given is not what was asked for: no reconsideration has to come before (行政复议法 23)
		x.dispute = append(x.dispute, disputeAct{day: 30, concluded: 60, kind: Suit, result: []string{"upheld", "corrected", "other", ""}[r.IntN(4)]})
	}
	if slices.Contains([]string{"refused", "unavailable"}, top(way)) && r.IntN(6) == 0 {
		x.dispute = append(x.dispute, disputeAct{day: 15, concluded: 40, kind: Review, result: []string{"upheld", "upheld", "corrected", "other"}[r.IntN(4)]})
		if r.IntN(3) == 0 {
			x.dispute = append(x.dispute, disputeAct{day: 70, concluded: 90, kind: SuitAfterReview, result: []string{"upheld", "corrected", "other"}[r.IntN(3)]})
		}
	}
}
