// Package calendar knows the working days of mainland China: which day is one, which is not, and why.
//
// Statutory terms are mostly counted in working days (工作日), and working days can't be computed from the weekdays: each
// autumn the General Office of the State Council publishes a notice (国务院办公厅关于部分节假日安排的通知) that sets the
// holidays (放假) of the next year and the weekend days that are worked in exchange (调休上班). The notices are data, one YAML
// file a year, read by [Load] or [ParseNotice] and put together by [New]:
//
//	cal, err := calendar.Load(rules.Files, "calendar")
//	due := cal.Add(received, 20)      // the 20th working day after the day of receipt
//	why := cal.Explain(due).Why(lang.Hans)
//
// A [Date] is a civil day in Asia/Shanghai (UTC+8, no daylight saving since 1991). Start is its 00:00 and End its 24:00, the
// instant at which a term that ends on that day is over (民法典 203).
//
// # Days without a notice
//
// A year without a notice is answered from the weekends and the days of the regulation on public holidays
// (全国年节及纪念日放假办法) as in force in that year, lunar festivals included, and marked provisional: the days moved by the
// notice aren't known yet. So [Calendar.Provisional] is to be asked before a date due is shown as certain. Before 1990 and
// after 2100 only weekends are known, and every day is provisional.
//
// # Cost
//
// A calendar holds, for each day of 1990–2100, the number of working days up to it, and the list of working days: adding and
// counting are two look-ups, whatever the distance. A calendar is immutable and safe for concurrent use.
package calendar
