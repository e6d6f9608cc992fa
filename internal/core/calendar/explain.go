package calendar

import (
	"openhall.org/openhall/internal/core/lang"
)

// Kind says what sort of day a day is.
type Kind string

// The kinds of days.
const (
	KindWorkday Kind = "workday" // 工作日: Monday to Friday
	KindWeekend Kind = "weekend" // 休息日: Saturday, Sunday
	KindHoliday Kind = "holiday" // 放假: off by the notice or the regulation
	KindMakeup  Kind = "makeup"  // 调休上班: a weekend day worked in exchange
)

// Info is what is known of one day and why.
type Info struct {
	Date        Date
	Working     bool
	Kind        Kind
	Name        lang.Text // of the holiday, also for a day worked in exchange for it
	Notice      string    // number of the notice (发文字号), empty when it isn't known
	NoticeYear  int       // year that the notice arranges; 0 when no notice says anything of the day
	Provisional bool
}

// Explain says what sort of day d is and why.
func (c *Calendar) Explain(d Date) Info {
	info := Info{Date: d, Kind: KindWeekend, Working: c.Working(d), Provisional: c.Provisional(d)}
	if s, ok := c.special[d]; ok {
		info.Kind, info.Name, info.Notice, info.NoticeYear = s.kind, s.name, s.notice, s.year
	} else if info.Working {
		info.Kind = KindWorkday
	}
	return info
}

// Why says in one phrase why the day is a working day or not.
func (i Info) Why(tag lang.Tag) string {
	weekday := Weekday(i.Date).In(tag)
	var phrase string
	switch i.Kind {
	case KindHoliday:
		phrase = i.Name.In(tag) + i.cite(tag)
		if i.NoticeYear == 0 {
			phrase = i.Name.In(tag)
		}
	case KindMakeup:
		phrase = lang.Text{
			Hans: i.Name.Hans + "调休上班" + i.cite(tag),
			Hant: i.Name.Hant + "調休上班" + i.cite(tag),
			En:   "working " + weekday + " in exchange for " + i.Name.En + i.cite(tag),
		}.In(tag)
	case KindWeekend:
		phrase = lang.Text{Hans: "休息日（" + weekday + "）", Hant: "休息日（" + weekday + "）", En: "weekend (" + weekday + ")"}.In(tag)
	default:
		phrase = lang.Text{Hans: "工作日（" + weekday + "）", Hant: "工作日（" + weekday + "）", En: "working day (" + weekday + ")"}.In(tag)
	}
	if i.Provisional {
		phrase += provisional.In(tag)
	}
	return phrase
}

var provisional = lang.Text{
	Hans: "；当年放假安排通知尚未收录，暂按周末和法定节日推算",
	Hant: "；當年放假安排通知尚未收錄，暫按週末和法定節日推算",
	En:   "; the notice of this year isn't known, provisional",
}

// cite names the notice in brackets.
func (i Info) cite(tag lang.Tag) string {
	if i.NoticeYear == 0 {
		return ""
	}
	notice := NoticeTitle(i.NoticeYear, i.Notice).In(tag)
	if tag == lang.En {
		return " (" + notice + ")"
	}
	return "（" + notice + "）"
}
