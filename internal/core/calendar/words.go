package calendar

import (
	"fmt"
	"strings"

	"openhall.org/openhall/internal/core/lang"
)

// Weekday names the day of the week: 星期三, Wednesday.
func Weekday(d Date) lang.Text {
	w := d.Weekday()
	name := "星期" + string([]rune("日一二三四五六")[w])
	return lang.Text{Hans: name, Hant: name, En: w.String()}
}

// Long writes the day out: 2025年10月8日, 8 October 2025.
func Long(d Date) lang.Text {
	year, month, day := d.civil().Date()
	chinese := fmt.Sprintf("%d年%d月%d日", year, month, day)
	return lang.Text{Hans: chinese, Hant: chinese, En: fmt.Sprintf("%d %s %d", day, month, year)}
}

// NoticeTitle names the notice that arranges a year, with its document number when it is known.
func NoticeTitle(year int, number string) lang.Text {
	if number == "" {
		return lang.Text{
			Hans: fmt.Sprintf("国务院办公厅%d年节假日安排通知", year),
			Hant: fmt.Sprintf("國務院辦公廳%d年節假日安排通知", year),
			En:   fmt.Sprintf("State Council notice for %d", year),
		}
	}
	return lang.Text{Hans: number, Hant: traditionalNumber(number), En: "State Council notice " + number}
}

// traditionalNumber writes a document number with traditional characters. Numbers are built of few characters, so that a list
// of those that differ is enough.
func traditionalNumber(number string) string {
	return numberCharacters.Replace(number)
}

var numberCharacters = strings.NewReplacer("国", "國", "办", "辦", "发", "發", "明电", "明電", "号", "號")
