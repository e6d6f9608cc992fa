package statute

// Unit says what the amount of a value counts. A unit is always written in the rule set: no bare number has a default unit.
type Unit string

// The units of time. 行政许可法 82 counts its terms in working days; other laws count calendar days unless they write 工作日.
const (
	WorkingDay  Unit = "working-day"  // 工作日
	CalendarDay Unit = "calendar-day" // 日
	Month       Unit = "month"        // 月, to the matching day (民法典 202)
	Year        Unit = "year"         // 年
	Hour        Unit = "hour"         // 小时
	Minute      Unit = "minute"       // 分钟
)

// The units of everything that is not time.
const (
	Fen       Unit = "fen"         // 分, a hundredth of a yuan
	Count     Unit = "count"       // a number of things or persons
	Percent   Unit = "percent"     // 百分比
	Flag      Unit = "flag"        // 1: the rule applies, 0: it does not
	EveryYear Unit = "yearly-date" // a day of every year, such as 31 March
	List      Unit = "list"        // a closed list of entries
	Ground    Unit = "ground"      // a ground on which a clock stands still
)

// IsTime reports whether u measures a stretch of time.
func (u Unit) IsTime() bool {
	switch u {
	case WorkingDay, CalendarDay, Month, Year, Hour, Minute:
		return true
	}
	return false
}

func (u Unit) known() bool {
	switch u {
	case Fen, Count, Percent, Flag, EveryYear, List, Ground:
		return true
	}
	return u.IsTime()
}
