package calendar

import (
	"time"

	"openhall.org/openhall/internal/core/lang"
)

// The names of the holidays of the regulation.
var (
	newYear    = lang.Text{Hans: "元旦", Hant: "元旦", En: "New Year's Day"}
	spring     = lang.Text{Hans: "春节", Hant: "春節", En: "Spring Festival"}
	qingming   = lang.Text{Hans: "清明节", Hant: "清明節", En: "Qingming Festival"}
	labour     = lang.Text{Hans: "劳动节", Hant: "勞動節", En: "Labour Day"}
	dragonBoat = lang.Text{Hans: "端午节", Hant: "端午節", En: "Dragon Boat Festival"}
	midAutumn  = lang.Text{Hans: "中秋节", Hant: "中秋節", En: "Mid-Autumn Festival"}
	national   = lang.Text{Hans: "国庆节", Hant: "國慶節", En: "National Day"}
)

// statutoryHolidays returns the days off for all citizens that the regulation on public holidays (全国年节及纪念日放假办法,
// art. 2) itself fixes for a year, in the version then in force:
//
//	from 1949-12-23: New Year 1 day, Spring Festival 3, Labour Day 1, National Day 2
//	from 1999-09-18 (国务院令第270号): Labour Day and National Day 3 each
//	from 2008-01-01 (国务院令第513号): Spring Festival from the eve; Labour Day 1; 清明, 端午 and 中秋 1 each
//	from 2014-01-01 (国务院令第644号): Spring Festival from its first day again
//	from 2025-01-01 (国务院令第795号): Spring Festival 4 from the eve, Labour Day 2
func statutoryHolidays(year int) map[Date]lang.Text {
	days := map[Date]lang.Text{}
	off := func(first Date, n int, name lang.Text) {
		for i := range n {
			days[first.Add(i)] = name
		}
	}
	lunar := lunarFestivals[year-firstYear]
	on := func(monthAndDay int) Date { return Day(year, time.Month(monthAndDay/100), monthAndDay%100) }

	off(on(101), 1, newYear)
	switch {
	case year >= 2025:
		off(on(lunar.spring)-1, 4, spring)
	case year >= 2014 || year < 2008:
		off(on(lunar.spring), 3, spring)
	default:
		off(on(lunar.spring)-1, 3, spring)
	}
	switch {
	case year >= 2025:
		off(on(501), 2, labour)
	case year >= 2000 && year < 2008:
		off(on(501), 3, labour)
	default:
		off(on(501), 1, labour)
	}
	if year >= 2008 {
		off(on(lunar.qingming), 1, qingming)
		off(on(lunar.dragonBoat), 1, dragonBoat)
		off(on(lunar.midAutumn), 1, midAutumn)
	}
	if year >= 1999 {
		off(on(1001), 3, national)
	} else {
		off(on(1001), 2, national)
	}
	return days
}
