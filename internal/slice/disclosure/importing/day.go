package importing

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"openhall.org/openhall/internal/core/calendar"
)

// dayForms are how people write days: 2013-04-10, 2013/4/10, 2013.4.10, 2013年4月10日, with a time of day that is left out.
var dayForms = regexp.MustCompile(`^(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?(?:[ T]\d{1,2}:\d{2}.*)?$`)

// Serial numbers by which spreadsheets store days count from the end of 1899; these are 1904-01-01 and 9999-12-31.
const (
	firstSerial = 1_462
	lastSerial  = 2_958_465
)

// parseDay reads a day in any of the forms, or as the number by which a spreadsheet stores it.
func parseDay(s string) (calendar.Date, error) {
	if m := dayForms.FindStringSubmatch(s); m != nil {
		return calendar.Parse(fmt.Sprintf("%s-%s-%s", m[1], zeros(m[2]), zeros(m[3])))
	}
	whole, _, _ := strings.Cut(s, ".")
	n, err := strconv.Atoi(whole)
	switch {
	case err != nil:
		return 0, calendar.ErrForm
	case len(whole) == len("20130410"):
		return calendar.Parse(whole[:4] + "-" + whole[4:6] + "-" + whole[6:])
	case n >= firstSerial && n <= lastSerial:
		return calendar.Day(1899, 12, 30+n), nil
	}
	return 0, calendar.ErrForm
}

// zeros gives a number two digits.
func zeros(s string) string {
	if len(s) == 1 {
		return "0" + s
	}
	return s
}
