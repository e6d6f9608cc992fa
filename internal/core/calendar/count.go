package calendar

import "time"

// index fills the two arrays that make adding and counting independent of the distance.
func (c *Calendar) index() {
	days := int(c.last-c.first) + 1
	c.rank = make([]int32, days)
	c.working = make([]Date, 0, days)
	for i := range c.rank {
		d := c.first.Add(i)
		if c.isWorking(d) {
			c.working = append(c.working, d)
		}
		c.rank[i] = int32(len(c.working))
	}
}

// isWorking decides from the notices and the weekday.
func (c *Calendar) isWorking(d Date) bool {
	if s, ok := c.special[d]; ok {
		return s.kind == KindMakeup
	}
	return isWeekday(d)
}

// Working reports whether d is a working day.
func (c *Calendar) Working(d Date) bool { return c.rankOf(d) > c.rankOf(d-1) }

// Add returns the n-th working day after d, or before d when n is negative; d itself isn't counted (民法典 201). Add(d, 0) is d,
// working day or not.
func (c *Calendar) Add(d Date, n int) Date {
	switch {
	case n > 0:
		return c.nth(c.rankOf(d) + n)
	case n < 0:
		return c.nth(c.rankOf(d-1) + n + 1)
	default:
		return d
	}
}

// Count returns the number of working days after from, up to and including to; negative when to lies before from.
func (c *Calendar) Count(from, to Date) int { return c.rankOf(to) - c.rankOf(from) }

// Next returns the first working day on or after d: where a term goes whose last day is a day off (民法典 203).
func (c *Calendar) Next(d Date) Date { return c.nth(c.rankOf(d-1) + 1) }

// rankOf returns the number of working days from the first day of the calendar to d, both included. Before the calendar begins
// it is zero or negative, so that differences stay right.
func (c *Calendar) rankOf(d Date) int {
	switch {
	case d < c.first:
		return weekdaysThrough(d) - weekdaysThrough(c.first-1)
	case d > c.last:
		return len(c.working) + weekdaysThrough(d) - weekdaysThrough(c.last)
	default:
		return int(c.rank[d-c.first])
	}
}

// nth is the inverse of rankOf: the working day with rank k.
func (c *Calendar) nth(k int) Date {
	switch {
	case k < 1:
		return nthWeekday(k + weekdaysThrough(c.first-1))
	case k > len(c.working):
		return nthWeekday(k - len(c.working) + weekdaysThrough(c.last))
	default:
		return c.working[k-1]
	}
}

// monday is the day from which weekdays are numbered outside the years of the calendar.
const monday Date = -3 // 1969-12-29

// weekdaysThrough returns the number of weekdays from monday to d, both included; negative before.
func weekdaysThrough(d Date) int {
	weeks, day := floorDiv(int(d-monday), 7)
	return 5*weeks + min(day+1, 5)
}

// nthWeekday is the inverse of weekdaysThrough: the k-th weekday from monday.
func nthWeekday(k int) Date {
	weeks, day := floorDiv(k-1, 5)
	return monday.Add(7*weeks + day)
}

// floorDiv divides rounding down, so that the remainder is never negative.
func floorDiv(a, b int) (quotient, remainder int) {
	quotient, remainder = a/b, a%b
	if remainder < 0 {
		quotient, remainder = quotient-1, remainder+b
	}
	return quotient, remainder
}

// Provisional reports whether d lies in a year whose notice isn't known, so that the answers about it may change.
func (c *Calendar) Provisional(d Date) bool {
	year := d.Year()
	return year < firstYear || year > lastYear || !c.noticed[year-firstYear]
}

// ProvisionalRange reports whether any day from from to to, both included, is provisional.
func (c *Calendar) ProvisionalRange(from, to Date) bool {
	if from > to {
		return false
	}
	for year, end := max(from.Year(), firstYear-1), min(to.Year(), lastYear+1); year <= end; year++ {
		if c.Provisional(Day(year, time.July, 1)) {
			return true
		}
	}
	return to.Year() < firstYear || from.Year() > lastYear
}
