package request

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/core/lang"
	"openhall.org/openhall/internal/platform/casework"
)

// entered is what officials enter in the steps, as far as it is held against the case.
type entered struct {
	Outcome        string `json:"outcome"`
	ReceivedOn     string `json:"receivedOn"`
	ServedOn       string `json:"servedOn"`
	PaidOn         string `json:"paidOn"`
	Description    string `json:"description"`
	Delivered      string `json:"delivered"`
	AnsweredOn     string `json:"answeredOn"`
	Scale          string `json:"scale"`
	Count          int64  `json:"count"`
	Fee            int64  `json:"fee"`
	Reply          string `json:"reply"`
	Where          string `json:"where"`
	PublicInterest string `json:"publicInterest"`
	Agency         string `json:"agency"`
	Cost           int64  `json:"cost"`
}

// check refuses what the form of a step alone can't tell to be wrong.
func (s *Service) check(c *casework.Case, t casework.Task, act casework.Complete, at time.Time) error {
	var in entered
	if len(act.Data) > 0 {
		if err := json.Unmarshal(act.Data, &in); err != nil {
			return &casework.Refusal{Code: casework.RefusedForm, Fields: []casework.FieldError{{Code: "json"}}}
		}
	}
	var found []casework.FieldError
	switch t.Element {
	case "confirm":
		arrived, _ := calendar.Parse(word(c.Variables(), varArrived))
		found = within("/receivedOn", in.ReceivedOn, arrived, calendar.Of(at))
	case "examine":
		if found = s.checkExamine(c, in); in.Outcome == "draft" {
			found = append(found, s.checkLists(s.lawDay(c), act.Data)...)
			found = append(found, s.checkSilence(c, in.ServedOn, calendar.Of(at))...)
		}
	case "supplement":
		if utf8.RuneCountInString(strings.TrimSpace(in.Description)) < minDescription {
			found = append(found, casework.FieldError{Path: "/description", Code: "minLength", Text: tooShort})
		}
	case "third-party", "agencies", "joint":
		found = within("/answeredOn", in.AnsweredOn, calendar.Of(t.OpenedAt), calendar.Of(at))
	case "payment":
		found = within("/paidOn", in.PaidOn, calendar.Of(t.OpenedAt), calendar.Of(at))
	case "draft":
		found = s.checkDraft(c, in, len(act.Files))
	case "hand-over":
		found = within("/delivered", in.Delivered, calendar.Of(t.OpenedAt), calendar.Of(at))
	}
	if len(found) > 0 {
		return &casework.Refusal{Code: casework.RefusedForm, Fields: found}
	}
	return nil
}

// within checks that a day lies between two, both included.
func within(path, text string, first, last calendar.Date) []casework.FieldError {
	day, err := calendar.Parse(text)
	if err != nil {
		return []casework.FieldError{{Path: path, Code: "date"}}
	}
	if day >= first && day <= last {
		return nil
	}
	a, b := calendar.Long(first), calendar.Long(last)
	if first == last {
		return []casework.FieldError{{Path: path, Code: "date", Text: lang.Text{
			Hans: fmt.Sprintf("日期只能是%s，请改正", a.Hans), Hant: fmt.Sprintf("日期只能是%s，請改正", a.Hant), En: fmt.Sprintf("It can only be %s; enter that day", a.En),
		}}}
	}
	return []casework.FieldError{{Path: path, Code: "date", Text: lang.Text{
		Hans: fmt.Sprintf("日期应当在%s和%s之间（含当日），请核对", a.Hans, b.Hans), Hant: fmt.Sprintf("日期應當在%s和%s之間（含當日），請核對", a.Hant, b.Hant),
		En: fmt.Sprintf("The day must lie between %s and %s, both included; check it", a.En, b.En),
	}}}
}

func (s *Service) checkExamine(c *casework.Case, in entered) []casework.FieldError {
	fail := func(path string, text lang.Text) []casework.FieldError {
		return []casework.FieldError{{Path: path, Code: "invalid", Text: text}}
	}
	old := isOld(c)
	switch in.Outcome {
	case "agencies", "joint":
		if old {
			return fail("/outcome", notThen)
		}
	case "extend":
		if k := c.Clock(clockReply); k != nil && (len(k.Term.Extensions) > 0 || k.Rule == ruleDelay) {
			return fail("/outcome", extendedOnce)
		}
	case "fee":
		day := s.lawDay(c)
		want, ok := s.Fee(in.Scale, in.Count, day)
		switch {
		case old || !ok:
			return fail("/outcome", noFee)
		case did(c, "payment"):
			return fail("/outcome", paidOnce)
		case want == 0:
			return fail("/count", freeOf)
		case in.Fee != want:
			yuan := fmt.Sprintf("%d.%02d", want/100, want%100)
			return fail("/fee", lang.Text{
				Hans: "按这个标准和数量，应收 " + yuan + " 元。请改为这个金额，或者核对数量", Hant: "按這個標準和數量，應收 " + yuan + " 元。請改為這個金額，或者核對數量",
				En: "By this scale and quantity ¥" + yuan + " is due. Enter that amount, or check the quantity",
			})
		}
	}
	return nil
}

func (s *Service) checkDraft(c *casework.Case, in entered, files int) (found []casework.FieldError) {
	add := func(path string, text lang.Text) {
		found = append(found, casework.FieldError{Path: path, Code: "invalid", Text: text})
	}
	day := s.lawDay(c)
	o, ok := s.Outcome(in.Reply, day)
	if !ok || !o.Leaf || in.Reply == Uncorrected || in.Reply == Unpaid {
		add("/reply", notListed)
		return found
	}
	switch {
	case in.Reply == "partial" && files == 0:
		add("/files", needFile)
	case in.Reply == "published" && files == 0 && strings.TrimSpace(in.Where) == "":
		add("/where", needWay)
	case in.Reply == "unavailable.unclear" && !did(c, "supplement"):
		add("/reply", notCorrected)
	case !s.checkedFor(c, in.Reply, day):
		add("/reply", notChecked)
	case in.Reply == "unprocessed.excessive" && outcomeOf(c, "weigh") != "unreasonable":
		add("/reply", notAsked)
	}
	asked := slices.ContainsFunc(c.Done(), func(d casework.Done) bool { return d.Element == "third-party" })
	if in.Reply == "refused.third-party" && !asked {
		add("/reply", askThird)
	}
	// By the text of 2007 every refusal of the third party binds (art. 23), since 2019 one with good reasons (art. 32).
	said := word(c.Variables(), "thirdParty")
	objected := did(c, "third-party") && (said == "objects" || said == "unreasoned" && isOld(c))
	if discloses(in.Reply) && objected && strings.TrimSpace(in.PublicInterest) == "" {
		if add("/publicInterest", needInterest); isOld(c) {
			found[len(found)-1].Text = neededInterest
		}
	}
	if in.Cost > 0 && !discloses(in.Reply) {
		add("/cost", costOfNothing)
	}
	return append(found, s.checkAgency(c, in)...)
}

// isOld reports whether a request runs by the regulations of 2007.
func isOld(c *casework.Case) bool { return strings.HasPrefix(c.Procedure, procedure2008+"@") }

// procedure2008 is the key of the procedure by the regulations of 2007, in force from 2008-05-01.
const procedure2008 = "request-2008"

// did reports whether a step was done, and not cut off by something else.
func did(c *casework.Case, element string) bool {
	return slices.ContainsFunc(c.Done(), func(d casework.Done) bool { return d.Element == element && !d.Cut })
}

// outcomeOf is what a step decided when it was last done.
func outcomeOf(c *casework.Case, element string) string {
	for _, d := range slices.Backward(c.Done()) {
		if d.Element == element && !d.Cut {
			return d.Outcome
		}
	}
	return ""
}

var (
	notThen = lang.Text{Hans: "2019年5月15日以前的申请没有这个环节，请选择其他", Hant: "2019年5月15日以前的申請沒有這個環節，請選擇其他",
		En: "Requests from before 2019-05-15 have no such step; choose another"}
	extendedOnce = lang.Text{Hans: "答复期限只能延长一次，已经延长或者延迟过了（条例第三十三条；2019年5月15日以前第二十四条）", Hant: "答覆期限只能延長一次，已經延長或者延遲過了（條例第三十三條；2019年5月15日以前第二十四條）",
		En: "The time to reply can be extended once, and was already (art. 33; before 2019-05-15 art. 24)"}
	noFee = lang.Text{Hans: "这件申请的日期没有可以适用的信息处理费标准，不能收取", Hant: "這件申請的日期沒有可以適用的信息處理費標準，不能收取",
		En: "No scale of processing fees was in force on the day of this request; none can be charged"}
	paidOnce = lang.Text{Hans: "这件申请已经收过信息处理费，一件只能收一次", Hant: "這件申請已經收過信息處理費，一件只能收一次", En: "The fee of this request was paid already; it is charged once"}
	freeOf   = lang.Text{Hans: "这个数量不收费（国办函〔2020〕109号）。请核对数量，或者选择其他下一步", Hant: "這個數量不收費（國辦函〔2020〕109號）。請核對數量，或者選擇其他下一步",
		En: "This quantity is free of charge (国办函〔2020〕109号). Check it, or choose another step"}
	notListed = lang.Text{Hans: "不是申请之日的法规规定的答复，请从列表中选择", Hant: "不是申請之日的法規規定的答覆，請從列表中選擇",
		En: "Not a reply that the regulations of the day of the request know; choose one of the list"}
	needFile = lang.Text{Hans: "部分公开的，请上传经区分处理的文件（条例第三十七条；2019年5月15日以前第二十二条）；可以在办理页面遮盖", Hant: "部分公開的，請上傳經區分處理的文件（條例第三十七條；2019年5月15日以前第二十二條）；可以在辦理頁面遮蓋",
		En: "For a partial disclosure upload the document as it is disclosed (art. 37; before 2019-05-15 art. 22); it can be redacted on the page of the request"}
	needWay      = lang.Text{Hans: "请上传提供的文件，或者写明获取的方式和途径", Hant: "請上傳提供的文件，或者寫明獲取的方式和途徑", En: "Upload what is provided, or say where and how to get it"}
	notCorrected = lang.Text{Hans: "没有告知过补正，不能以内容不明确答复（条例第三十条）", Hant: "沒有告知過補正，不能以內容不明確答覆（條例第三十條）",
		En: "The applicant was not asked to correct the request, so it cannot be called unclear (art. 30)"}
	notAsked = lang.Text{Hans: "应当先请申请人说明理由，理由不合理的才不予处理（条例第三十五条）", Hant: "應當先請申請人說明理由，理由不合理的才不予處理（條例第三十五條）",
		En: "The applicant must be asked for the reasons first; only when they are not good is the request not processed (art. 35)"}
	notChecked = lang.Text{Hans: "审查时没有核对这一理由的清单。请选择其他答复；确实如此的，由负责人退回，重新审查并核对清单",
		Hant: "審查時沒有核對這一理由的清單。請選擇其他答覆；確實如此的，由負責人退回，重新審查並核對清單",
		En:   "The checklist of this ground was not gone through. Choose another reply, or have the head send it back to be examined with that list"}
	costOfNothing  = lang.Text{Hans: "只有提供信息的才收取成本费，请改为 0", Hant: "只有提供信息的才收取成本費，請改為 0", En: "Costs are charged only for what is provided; enter 0"}
	askThird       = lang.Text{Hans: "应当先书面征求第三方的意见（条例第三十二条；2019年5月15日以前第二十三条）", Hant: "應當先書面徵求第三方的意見（條例第三十二條；2019年5月15日以前第二十三條）", En: "The third party must be asked first, in writing (art. 32; before 2019-05-15 art. 23)"}
	neededInterest = lang.Text{Hans: "第三方不同意公开的，不得公开。认为不公开可能对公共利益造成重大影响而公开的，请写明理由（2007年公布的条例第二十三条）",
		Hant: "第三方不同意公開的，不得公開。認為不公開可能對公共利益造成重大影響而公開的，請寫明理由（2007年公佈的條例第二十三條）",
		En:   "The third party objects, and what it objects to is not disclosed. If withholding would do great harm to the public interest, give the reasons (art. 23 of the text of 2007)"}
	needInterest = lang.Text{Hans: "第三方有合理理由不同意公开。决定公开的，请写明公共利益的理由", Hant: "第三方有合理理由不同意公開。決定公開的，請寫明公共利益的理由",
		En: "The third party objects with reasons. To publish all the same, give the reasons of public interest"}
)
