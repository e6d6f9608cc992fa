package request

import (
	"fmt"
	"slices"

	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/core/lang"
	"openhall.org/openhall/internal/core/term"
	"openhall.org/openhall/internal/platform/casework"
)

// consulted are the steps in which somebody outside is asked whose silence counts, with the rule of their term: it runs from receipt.
var consulted = map[string]string{"third-party": "request.third-party", "joint": "request.joint-maker"}

// silence is the consultation that ended last without an answer, unless its like was answered after it.
func silence(c *casework.Case) (last casework.Done, silent bool) {
	seen := map[string]bool{}
	for _, d := range slices.Backward(c.Done()) {
		if consulted[d.Element] == "" || seen[d.Element] {
			continue
		}
		if seen[d.Element] = true; d.Cut && !silent {
			last, silent = d, true
		}
	}
	return last, silent
}

// checkSilence holds that whoever was asked and said nothing has had the whole term to answer. The clock of the case runs from the day on which
// the letter was sent; by the Regulations on Open Government Information (政府信息公开条例) of 2019, arts. 32 and 34, the 15 working days run from
// its receipt.
func (s *Service) checkSilence(c *casework.Case, served string, today calendar.Date) []casework.FieldError {
	const path = "/servedOn"
	asked, silent := silence(c)
	switch {
	case !silent && served == "":
		return nil
	case !silent:
		return []casework.FieldError{{Path: path, Code: "invalid", Text: nobodySilent}}
	case served == "":
		return []casework.FieldError{{Path: path, Code: "required", Text: needServed}}
	}
	if found := within(path, served, calendar.Of(asked.OpenedAt), today); found != nil {
		return found
	}
	day, err := calendar.Parse(served)
	if err != nil {
		return []casework.FieldError{{Path: path, Code: "date"}}
	}
	rule, ok := s.Rules.Parameter(consulted[asked.Element])
	if !ok {
		return nil
	}
	n, err := term.FromRule(rule, s.lawDay(c))
	if err != nil {
		return nil // the law of that day knows no such term
	}
	t, err := term.New(day.Start(), n, term.Length{})
	if err != nil {
		return []casework.FieldError{{Path: path, Code: "date"}}
	}
	last := t.Compute(s.Calendar(), day.Start()).StatuteDay
	if today > last {
		return nil
	}
	until := calendar.Long(last)
	return []casework.FieldError{{Path: path, Code: "invalid", Text: lang.Text{
		Hans: fmt.Sprintf("对方提出意见的期限到%s为止（%s），期满以后才能按没有提出意见处理。请在那以后拟定答复", until.Hans, n.Article.Hans),
		Hant: fmt.Sprintf("對方提出意見的期限到%s為止（%s），期滿以後才能按沒有提出意見處理。請在那以後擬定答覆", until.Hant, n.Article.Hant),
		En:   fmt.Sprintf("They can answer until the end of %s (%s); only then is silence an answer. Draft the reply after that day", until.En, n.Article.En),
	}}}
}

var (
	needServed = lang.Text{Hans: "征求意见没有得到答复。请填写对方收到征求意见书的日期：期限从收到之日起算（条例第三十二条、第三十四条）", Hant: "徵求意見沒有得到答覆。請填寫對方收到徵求意見書的日期：期限從收到之日起算（條例第三十二條、第三十四條）",
		En: "Whoever was asked for an opinion gave none. Enter the day on which the letter reached them: their time runs from then (arts. 32, 34)"}
	nobodySilent = lang.Text{Hans: "没有征求过意见，或者对方已经提出意见，不用填写这个日期，请清空", Hant: "沒有徵求過意見，或者對方已經提出意見，不用填寫這個日期，請清空",
		En: "Nobody was asked for an opinion, or all have answered: leave this day empty"}
)
