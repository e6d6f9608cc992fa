package statute

import (
	"slices"

	"openhall.org/openhall/internal/core/calendar"
)

// override lays the values of a lower jurisdiction over those of the parameter above, if they tighten it.
func (l *loader) override(file string, raw rawParameter, upper Parameter) {
	if !raw.Title.IsZero() || raw.Unit != "" || raw.Tighter != "" || raw.Direction != "" || raw.Extends != "" || len(raw.Pauses) > 0 ||
		raw.Times != 0 || !raw.Approver.IsZero() {
		l.refuse(file, raw.ID, "overrides", "an override has only an id and values; title, unit and relations come from the jurisdiction above")
	}
	if upper.Tighter == Fixed {
		l.refuse(file, raw.ID, "overrides", "the jurisdiction above fixes this rule (`tighter: fixed`); it cannot be changed here")
		return
	}
	lower := l.values(file, raw, upper.Unit)
	for _, v := range lower {
		for _, u := range upper.Values {
			if !overlaps(u, v) {
				continue
			}
			switch {
			case u.Unit != v.Unit:
				l.refuse(file, raw.ID, "unit", "%s counts in %s from %s, this value in %s; count in the same unit", u.Jurisdiction, u.Unit, u.From, v.Unit)
			case upper.Tighter == Less && v.measure() > u.measure(), upper.Tighter == More && v.measure() < u.measure():
				l.refuse(file, raw.ID, "amount", "loosening: %d from %s against %d in %s from %s; a lower jurisdiction may only set %s",
					v.measure(), v.From, u.measure(), u.Jurisdiction, u.From, upper.Tighter)
			}
		}
		if v.From < upper.Values[0].From {
			l.refuse(file, raw.ID, "from", "%s is before %s, when the rule above begins; there is nothing to tighten before it", v.From, upper.Values[0].From)
		}
	}
	upper.Values = overlay(upper.Values, lower)
	l.byID[raw.ID] = upper
}

// overlaps reports whether there is a day on which both values hold.
func overlaps(a, b Value) bool {
	return (b.Until == 0 || a.From < b.Until) && (a.Until == 0 || b.From < a.Until)
}

// measure is the number by which two values of a unit are compared: the amount, or the day of the year.
func (v Value) measure() int64 {
	if v.Unit == EveryYear {
		return int64(v.Yearly.Month)*100 + int64(v.Yearly.Day)
	}
	return v.Amount
}

// overlay returns the values of lower wherever it has one, and those of upper on all other days.
func overlay(upper, lower []Value) []Value {
	if len(lower) == 0 {
		return upper
	}
	begin, end := lower[0].From, lower[len(lower)-1].Until
	merged := slices.Clone(lower)
	for _, u := range upper {
		if u.From < begin {
			before := u
			before.Until = earlier(u.Until, begin)
			merged = append(merged, before)
		}
		if end != 0 && (u.Until == 0 || u.Until > end) {
			after := u
			after.From = max(u.From, end)
			merged = append(merged, after)
		}
	}
	slices.SortFunc(merged, func(a, b Value) int { return int(a.From) - int(b.From) })
	return merged
}

// earlier returns the earlier of two ends, of which zero is the latest.
func earlier(a, b calendar.Date) calendar.Date {
	if a == 0 || (b != 0 && b < a) {
		return b
	}
	return a
}
