package term

import (
	"fmt"
	"strconv"
	"time"

	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/core/lang"
	"openhall.org/openhall/internal/core/statute"
)

// law is where the rules of counting stand that held when a term began.
type law struct{ start, month, end lang.Text }

// countingLaw returns the general law of terms on a day: 民法典 201–203 since 2021-01-01, 民法总则 201–203 since 2017-10-01,
// before that 民法通则 154, which had the same rules but none of its own for months.
func countingLaw(d calendar.Date) law {
	title := lang.Text{Hans: "民法典", Hant: "民法典", En: "Civil Code"}
	switch {
	case d < calendar.Day(2017, time.October, 1):
		general := article(lang.Text{Hans: "民法通则", Hant: "民法通則", En: "General Principles of the Civil Law"}, 154)
		return law{general, general, general}
	case d < calendar.Day(2021, time.January, 1):
		title = lang.Text{Hans: "民法总则", Hant: "民法總則", En: "General Provisions of the Civil Law"}
	}
	return law{article(title, 201), article(title, 202), article(title, 203)}
}

func article(law lang.Text, n int) lang.Text {
	return lang.Text{
		Hans: fmt.Sprintf("《%s》第%d条", law.Hans, n),
		Hant: fmt.Sprintf("《%s》第%d條", law.Hant, n),
		En:   fmt.Sprintf("%s, art. %d", law.En, n),
	}
}

var provisionalText = lang.Text{
	Hans: "所涉年份的放假安排通知尚未收录，暂按周末和法定节日推算，日期可能调整。",
	Hant: "所涉年份的放假安排通知尚未收錄，暫按週末和法定節日推算，日期可能調整。",
	En:   "The holiday notice for a year concerned isn't known: reckoned from weekends and statutory holidays, the date may change.",
}

// amount writes a number with its unit: 20个工作日, 20 working days.
func amount(n int, unit statute.Unit) lang.Text {
	var hans, hant, en string
	switch unit {
	case statute.WorkingDay:
		hans, hant, en = "个工作日", "個工作日", "working day"
	case statute.Month:
		hans, hant, en = "个月", "個月", "month"
	case statute.Year:
		hans, hant, en = "年", "年", "year"
	case statute.Hour:
		hans, hant, en = "小时", "小時", "hour"
	case statute.Minute:
		hans, hant, en = "分钟", "分鐘", "minute"
	default:
		hans, hant, en = "日", "日", "calendar day"
	}
	if n != 1 {
		en += "s"
	}
	number := strconv.Itoa(n)
	return lang.Text{Hans: number + hans, Hant: number + hant, En: number + " " + en}
}

// span writes one day or a run of days.
func span(from, to calendar.Date) lang.Text {
	first, last := calendar.Long(from), calendar.Long(to)
	if from == to {
		return first
	}
	return lang.Text{Hans: first.Hans + "至" + last.Hans, Hant: first.Hant + "至" + last.Hant, En: first.En + " to " + last.En}
}

// withWeekday writes a day with its day of the week.
func withWeekday(d calendar.Date) lang.Text {
	long, weekday := calendar.Long(d), calendar.Weekday(d)
	return lang.Text{
		Hans: long.Hans + "（" + weekday.Hans + "）",
		Hant: long.Hant + "（" + weekday.Hant + "）",
		En:   weekday.En + ", " + long.En,
	}
}

// clockTime writes an instant with its day in Asia/Shanghai.
func clockTime(at time.Time) lang.Text {
	local := at.In(calendar.Zone)
	long, clock := calendar.Long(calendar.Of(at)), local.Format("15:04")
	return lang.Text{Hans: long.Hans + clock, Hant: long.Hant + clock, En: clock + " on " + long.En}
}

func startText(d calendar.Date, base Length) lang.Text {
	day, length := withWeekday(d), lengthText(base)
	return lang.Text{
		Hans: day.Hans + "为开始当日，不计入；自次日起计" + length.Hans + "。",
		Hant: day.Hant + "為開始當日，不計入；自次日起計" + length.Hant + "。",
		En:   "The day of the start, " + day.En + ", isn't counted; from the next day runs a term of " + length.En + ".",
	}
}

func clockStartText(at time.Time, base Length) lang.Text {
	start, length := clockTime(at), lengthText(base)
	return lang.Text{
		Hans: "自" + start.Hans + "起计" + length.Hans + "。",
		Hant: "自" + start.Hant + "起計" + length.Hant + "。",
		En:   "From " + start.En + " runs a term of " + length.En + ".",
	}
}

// lengthText writes a length with the article that gives it.
func lengthText(l Length) lang.Text {
	text := amount(l.N, l.Unit)
	if l.Article.IsZero() {
		return text
	}
	return lang.Text{
		Hans: text.Hans + "（" + l.Article.In(lang.Hans) + "）",
		Hant: text.Hant + "（" + l.Article.In(lang.Hant) + "）",
		En:   text.En + " (" + l.Article.In(lang.En) + ")",
	}
}

// dayText writes a step about counted or skipped days.
func dayText(step Step, name lang.Text, unit statute.Unit) lang.Text {
	days := span(step.From, step.To)
	switch step.Kind {
	case StepWeekend:
		return lang.Text{Hans: days.Hans + "为周末，不计入。", Hant: days.Hant + "為週末，不計入。", En: days.En + ": weekend, not counted."}
	case StepHoliday:
		return lang.Text{
			Hans: days.Hans + "为" + name.Hans + "放假，不计入。",
			Hant: days.Hant + "為" + name.Hant + "放假，不計入。",
			En:   days.En + ": " + name.En + ", not counted.",
		}
	}
	worked := lang.Text{}
	if step.Kind == StepMakeup {
		worked = lang.Text{
			Hans: "因" + name.Hans + "调休上班，", Hant: "因" + name.Hant + "調休上班，", En: "worked in exchange for " + name.En + ", ",
		}
	}
	count, total := amount(step.Days, unit), amount(step.N, unit)
	return lang.Text{
		Hans: days.Hans + worked.Hans + "计" + count.Hans + "，累计" + total.Hans + "。",
		Hant: days.Hant + worked.Hant + "計" + count.Hant + "，累計" + total.Hant + "。",
		En:   days.En + ": " + worked.En + count.En + " counted, " + strconv.Itoa(step.N) + " in all.",
	}
}

// pauseTitle names the ground of a pause.
func pauseTitle(p Pause) lang.Text {
	if p.Title.IsZero() {
		return lang.Text{Hans: "依法中止", Hant: "依法中止", En: "by law"}
	}
	return p.Title
}

// pauseText writes a step about days taken out by a pause.
func pauseText(step Step, p Pause, unit statute.Unit) lang.Text {
	days, count, title := span(step.From, step.To), amount(step.Days, unit), pauseTitle(p)
	return lang.Text{
		Hans: days.Hans + "停止计算（" + title.In(lang.Hans) + "），扣除" + count.Hans + "。",
		Hant: days.Hant + "停止計算（" + title.In(lang.Hant) + "），扣除" + count.Hant + "。",
		En:   days.En + ": the clock stands still (" + title.In(lang.En) + "), " + count.En + " taken out.",
	}
}

func clockPauseText(from, until time.Time) lang.Text {
	first, last := clockTime(from), clockTime(until)
	return lang.Text{
		Hans: first.Hans + "至" + last.Hans + "停止计算，扣除。",
		Hant: first.Hant + "至" + last.Hant + "停止計算，扣除。",
		En:   "From " + first.En + " to " + last.En + " the clock stands still; taken out.",
	}
}

func extensionText(ext Extension) lang.Text {
	length := amount(ext.By.N, ext.By.Unit)
	text := lang.Text{Hans: "经批准延长" + length.Hans, Hant: "經批准延長" + length.Hant, En: "Extended by " + length.En}
	if ext.Reason != "" {
		text.Hans += "，理由：" + ext.Reason
		text.Hant += "，理由：" + ext.Reason
		text.En += " because: " + ext.Reason
	}
	return lang.Text{Hans: text.Hans + "。", Hant: text.Hant + "。", En: text.En + "."}
}

func matchingText(n int, unit statute.Unit, matching calendar.Date) lang.Text {
	length, day := amount(n, unit), withWeekday(matching)
	return lang.Text{
		Hans: length.Hans + "后的对应日（没有对应日的，为月末）为" + day.Hans + "。",
		Hant: length.Hant + "後的對應日（沒有對應日的，為月末）為" + day.Hant + "。",
		En:   "After " + length.En + " the matching day, or the end of a month that has none, is " + day.En + ".",
	}
}

func clockText(n int, unit statute.Unit, until time.Time) lang.Text {
	length, end := amount(n, unit), clockTime(until)
	return lang.Text{
		Hans: "计" + length.Hans + "，至" + end.Hans + "。",
		Hant: "計" + length.Hant + "，至" + end.Hant + "。",
		En:   length.En + " counted, until " + end.En + ".",
	}
}

// movedText says why the last day can't be the last. That its year is provisional has a step of its own.
func movedText(last calendar.Info, due calendar.Date) lang.Text {
	last.Provisional = false
	from, to := calendar.Long(last.Date), withWeekday(due)
	return lang.Text{
		Hans: "最后一日" + from.Hans + "为" + last.Why(lang.Hans) + "，顺延至" + to.Hans + "。",
		Hant: "最後一日" + from.Hant + "為" + last.Why(lang.Hant) + "，順延至" + to.Hant + "。",
		En:   "The last day, " + from.En + ", is " + last.Why(lang.En) + ": it moves to " + to.En + ".",
	}
}

func movedByPauseText(last, due calendar.Date, p Pause) lang.Text {
	from, to, title := calendar.Long(last), withWeekday(due), pauseTitle(p)
	return lang.Text{
		Hans: "最后一日" + from.Hans + "停止计算（" + title.In(lang.Hans) + "），顺延至" + to.Hans + "。",
		Hant: "最後一日" + from.Hant + "停止計算（" + title.In(lang.Hant) + "），順延至" + to.Hant + "。",
		En:   "On the last day, " + from.En + ", the clock stands still (" + title.In(lang.En) + "): it moves to " + to.En + ".",
	}
}

func dueText(d calendar.Date) lang.Text {
	day := withWeekday(d)
	return lang.Text{Hans: day.Hans + "24时届满。", Hant: day.Hant + "24時屆滿。", En: "Ends on " + day.En + " at 24:00."}
}

func clockDueText(at time.Time) lang.Text {
	end := clockTime(at)
	return lang.Text{Hans: end.Hans + "届满。", Hant: end.Hant + "屆滿。", En: "Ends at " + end.En + "."}
}
