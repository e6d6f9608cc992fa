package calendar_test

import (
	"os"
	"testing"
	"time"

	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/core/lang"
)

// load reads the notices as the program ships them.
func load(t testing.TB) *calendar.Calendar {
	t.Helper()
	cal, err := calendar.Load(os.DirFS("../../../rules"), "calendar")
	if err != nil {
		t.Fatal(err)
	}
	return cal
}

func day(t testing.TB, text string) calendar.Date {
	t.Helper()
	d, err := calendar.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// Days as they stand in the wording of the notices, read there and not in our data.
func TestDaysOfTheNotices(t *testing.T) {
	cal := load(t)
	tests := []struct {
		date    string
		working bool
		kind    calendar.Kind
		why     string
	}{
		// 2013: 清明节4月4日至6日放假调休，4月7日（星期日）上班; 9月29日、10月12日上班; 2月9日至15日放假, 2月16日、17日上班.
		{"2013-04-07", true, calendar.KindMakeup, "清明节调休上班（国办发明电〔2012〕33号）"},
		{"2013-10-12", true, calendar.KindMakeup, "国庆节调休上班（国办发明电〔2012〕33号）"},
		{"2013-04-04", false, calendar.KindHoliday, "清明节（国办发明电〔2012〕33号）"},
		{"2013-02-08", true, calendar.KindWorkday, "工作日（星期五）"},
		{"2013-02-09", false, calendar.KindHoliday, "春节（国办发明电〔2012〕33号）"},
		{"2013-02-15", false, calendar.KindHoliday, "春节（国办发明电〔2012〕33号）"},
		{"2013-02-16", true, calendar.KindMakeup, "春节调休上班（国办发明电〔2012〕33号）"},
		{"2013-02-17", true, calendar.KindMakeup, "春节调休上班（国办发明电〔2012〕33号）"},
		{"2013-02-23", false, calendar.KindWeekend, "休息日（星期六）"},
		// 2025: 10月1日至8日放假，9月28日、10月11日上班.
		{"2025-09-28", true, calendar.KindMakeup, "国庆节、中秋节调休上班（国办发明电〔2024〕12号）"},
		{"2025-10-01", false, calendar.KindHoliday, "国庆节、中秋节（国办发明电〔2024〕12号）"},
		{"2025-10-08", false, calendar.KindHoliday, "国庆节、中秋节（国办发明电〔2024〕12号）"},
		{"2025-10-09", true, calendar.KindWorkday, "工作日（星期四）"},
		{"2025-10-11", true, calendar.KindMakeup, "国庆节、中秋节调休上班（国办发明电〔2024〕12号）"},
		{"2025-10-12", false, calendar.KindWeekend, "休息日（星期日）"},
		// 2020: 春节 first to 30 January, then extended to 2 February; the Saturday that was to be worked fell away.
		{"2020-01-19", true, calendar.KindMakeup, "春节调休上班（国办发明电〔2020〕1号）"},
		{"2020-01-31", false, calendar.KindHoliday, "春节（国办发明电〔2020〕1号）"},
		{"2020-02-01", false, calendar.KindHoliday, "春节（国办发明电〔2020〕1号）"},
		{"2020-02-02", false, calendar.KindHoliday, "春节（国办发明电〔2020〕1号）"},
		{"2020-02-03", true, calendar.KindWorkday, "工作日（星期一）"},
		// 2019: 劳动节 first one day, then 1 to 4 May (国办发明电〔2019〕3号); 元旦 from 30 December 2018.
		{"2019-05-03", false, calendar.KindHoliday, "劳动节（国办发明电〔2019〕3号）"},
		{"2019-05-05", true, calendar.KindMakeup, "劳动节调休上班（国办发明电〔2019〕3号）"},
		{"2018-12-29", true, calendar.KindMakeup, "元旦调休上班（国办发明电〔2018〕15号）"},
		{"2018-12-31", false, calendar.KindHoliday, "元旦（国办发明电〔2018〕15号）"},
		// 2015: 9月3日至5日调休放假，9月6日上班.
		{"2015-09-04", false, calendar.KindHoliday, "抗战胜利70周年纪念日（国发明电〔2015〕1号）"},
		{"2015-09-06", true, calendar.KindMakeup, "抗战胜利70周年纪念日调休上班（国发明电〔2015〕1号）"},
		// 2006: 2005年12月31日（星期六）上班.
		{"2005-12-31", true, calendar.KindMakeup, "元旦调休上班（国办发明电〔2005〕35号）"},
		// 2004: 1月17日、18日上班; the number isn't known.
		{"2004-01-17", true, calendar.KindMakeup, "春节调休上班（国务院办公厅2004年节假日安排通知）"},
		{"2026-02-28", true, calendar.KindMakeup, "春节调休上班（国办发明电〔2025〕7号）"},
	}
	for _, tt := range tests {
		info := cal.Explain(day(t, tt.date))
		if info.Working != tt.working || cal.Working(info.Date) != tt.working || info.Kind != tt.kind {
			t.Errorf("%s: working %v, %v, kind %s; want %v, %s", tt.date, info.Working, cal.Working(info.Date), info.Kind, tt.working, tt.kind)
		}
		if got := info.Why(lang.Hans); got != tt.why {
			t.Errorf("%s: why %s; want %s", tt.date, got, tt.why)
		}
		if info.Provisional {
			t.Errorf("%s: provisional", tt.date)
		}
	}
}

// Days off and weekend days worked of each notice, counted by others from the notices on gov.cn (2008's without its two days of
// December 2007; 2004 to 2007 counted by hand from the wording).
func TestDaysPerNotice(t *testing.T) {
	want := map[int][2]int{
		2004: {22, 6}, 2005: {24, 6}, 2006: {24, 7}, 2007: {24, 8},
		2008: {27 + 2, 5 + 1}, 2009: {27, 6}, 2010: {29, 8}, 2011: {29, 5}, 2012: {27, 7}, 2013: {29, 12}, 2014: {22, 5},
		2015: {26, 5}, 2016: {24, 6}, 2017: {24, 5}, 2018: {23, 6}, 2019: {24, 7}, 2020: {30, 6}, 2021: {31, 7}, 2022: {31, 7},
		2023: {27, 7}, 2024: {28, 8}, 2025: {28, 5}, 2026: {33, 6},
	}
	cal := load(t)
	got := map[int][2]int{}
	for d := calendar.Day(2003, time.January, 1); d <= calendar.Day(2027, time.December, 31); d++ {
		info := cal.Explain(d)
		n := got[info.NoticeYear]
		switch info.Kind {
		case calendar.KindHoliday:
			n[0]++
		case calendar.KindMakeup:
			n[1]++
		}
		got[info.NoticeYear] = n
	}
	for year, n := range want {
		if got[year] != n {
			t.Errorf("notice for %d: %d days off, %d worked; want %v", year, got[year][0], got[year][1], n)
		}
	}
}

func TestAddAndCount(t *testing.T) {
	cal := load(t)
	tests := []struct {
		from string
		n    int
		to   string
	}{
		{"2025-09-26", 1, "2025-09-28"}, // Friday; the Sunday is worked
		// 28, 29, 30 September: 3; 9, 10, 11 October: 6; 13 to 17: 11; 20 to 24: 16; 27, 28, 29, 30: 20
		{"2025-09-26", 20, "2025-10-30"},
		{"2025-10-01", 1, "2025-10-09"},  // from within the holiday
		{"2025-10-09", -1, "2025-09-30"}, // back over it
		{"2025-10-05", -1, "2025-09-30"},
		{"2025-10-11", -3, "2025-09-30"}, // 10, 9 October, 30 September
		{"2013-04-03", 1, "2013-04-07"},  // 清明 2013: Thursday to Saturday off, the Sunday worked
		{"2013-10-11", 1, "2013-10-12"},  // a Saturday that is worked
		{"2025-10-04", 0, "2025-10-04"},
		// 2020: 262 weekdays; off on 19 of them (1 + 6 + 1 + 3 + 2 + 6); 6 weekend days worked
		{"2019-12-31", 262 - 19 + 6, "2020-12-31"},
	}
	for _, tt := range tests {
		if got := cal.Add(day(t, tt.from), tt.n).String(); got != tt.to {
			t.Errorf("Add(%s, %d) = %s; want %s", tt.from, tt.n, got, tt.to)
		}
		if got := cal.Count(day(t, tt.from), day(t, tt.to)); tt.n > 0 && got != tt.n {
			t.Errorf("Count(%s, %s) = %d; want %d", tt.from, tt.to, got, tt.n)
		}
	}
}

func TestNext(t *testing.T) {
	cal := load(t)
	for from, want := range map[string]string{
		"2025-10-01": "2025-10-09", "2025-10-09": "2025-10-09", "2025-09-27": "2025-09-28", "2026-02-14": "2026-02-14",
		"2026-02-15": "2026-02-24",
	} {
		if got := cal.Next(day(t, from)).String(); got != want {
			t.Errorf("Next(%s) = %s; want %s", from, got, want)
		}
	}
}

// Without a notice: the days of 全国年节及纪念日放假办法 in the version of the year. Festivals by the Hong Kong Observatory's
// conversion tables: 春节 2027-02-06, 2030-02-03; 清明 2028-04-04; 端午 2027-06-09; 中秋 1996-09-27, 2027-09-15.
func TestProvisionalYears(t *testing.T) {
	cal := load(t)
	const suffix = "；当年放假安排通知尚未收录，暂按周末和法定节日推算"
	for _, tt := range []struct {
		date    string
		working bool
		why     string
	}{
		{"2027-01-01", false, "元旦"},
		{"2027-02-05", false, "春节"}, // the eve, since 2025
		{"2027-02-08", false, "春节"}, // the fourth day, a Monday
		{"2027-02-09", true, "工作日（星期二）"},
		{"2027-06-09", false, "端午节"},
		{"2027-09-15", false, "中秋节"},
		{"2027-10-04", true, "工作日（星期一）"},
		{"2028-04-04", false, "清明节"},
		{"2028-05-02", false, "劳动节"},
		{"2030-02-05", false, "春节"},
		{"2027-01-02", false, "休息日（星期六）"},
		{"2003-05-02", false, "劳动节"},      // three days, 2000 to 2007
		{"1998-05-04", true, "工作日（星期一）"},  // one day before
		{"1996-09-27", true, "工作日（星期五）"},  // 中秋 is a holiday since 2008 only
		{"1998-10-02", false, "国庆节"},      // two days before 1999
		{"1980-01-01", true, "工作日（星期二）"},  // outside the table: weekdays only
		{"2101-01-01", false, "休息日（星期六）"}, // the table ends in 2100
		{"2150-10-01", true, "工作日（星期四）"},  // likewise
		{"2100-10-01", false, "国庆节"},      // the last year
		{"1990-01-27", false, "春节"},       // the first
	} {
		info := cal.Explain(day(t, tt.date))
		if info.Working != tt.working || !info.Provisional || info.Why(lang.Hans) != tt.why+suffix {
			t.Errorf("%s: working %v, provisional %v, %s; want %v, %s", tt.date, info.Working, info.Provisional, info.Why(lang.Hans), tt.working, tt.why)
		}
	}
	for _, tt := range []struct {
		from, to string
		want     bool
	}{
		{"2004-01-01", "2026-12-31", false},
		{"2003-12-31", "2004-01-05", true},
		{"2026-12-31", "2027-01-01", true},
		{"2010-05-05", "2010-05-05", false},
		{"1950-01-01", "1950-02-01", true},
		{"2200-01-01", "2300-02-01", true},
		{"2027-01-01", "2026-12-01", false}, // empty
	} {
		if got := cal.ProvisionalRange(day(t, tt.from), day(t, tt.to)); got != tt.want {
			t.Errorf("ProvisionalRange(%s, %s) = %v", tt.from, tt.to, got)
		}
	}
}

func TestWhyInThreeLanguages(t *testing.T) {
	cal := load(t)
	for _, tt := range []struct {
		date string
		tag  lang.Tag
		want string
	}{
		{"2025-09-28", lang.Hant, "國慶節、中秋節調休上班（國辦發明電〔2024〕12號）"},
		{"2025-09-28", lang.En, "working Sunday in exchange for National Day and Mid-Autumn Festival (State Council notice 国办发明电〔2024〕12号)"},
		{"2004-05-03", lang.En, "Labour Day (State Council notice for 2004)"},
		{"2025-10-12", lang.En, "weekend (Sunday)"},
		{"2027-10-01", lang.En, "National Day; the notice of this year isn't known, provisional"},
		{"2027-10-01", lang.Hant, "國慶節；當年放假安排通知尚未收錄，暫按週末和法定節日推算"},
		{"2025-10-13", lang.En, "working day (Monday)"},
	} {
		if got := cal.Explain(day(t, tt.date)).Why(tt.tag); got != tt.want {
			t.Errorf("%s: %s; want %s", tt.date, got, tt.want)
		}
	}
}
