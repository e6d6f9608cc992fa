package approval

import (
	"openhall.org/openhall/internal/core/statute"
	"openhall.org/openhall/internal/core/term"
	"openhall.org/openhall/internal/platform/web"
)

// lengthText writes a length of time, such as 20 working days.
func lengthText(l *web.Localizer, n term.Length) string {
	key := "approval.length.calendar-day"
	switch n.Unit {
	case statute.WorkingDay:
		key = "approval.length.working-day"
	case statute.Hour:
		key = "approval.length.hour"
	case statute.Minute:
		key = "approval.length.minute"
	case statute.Month:
		key = "approval.length.month"
	case statute.Year:
		key = "approval.length.year"
	}
	return l.T(key, web.Args{"Count": n.N})
}
