package calendar

import (
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"time"

	"openhall.org/openhall/internal/core/lang"
)

// The years for which a calendar holds every day. Notices begin with 2004 in our data; the lunar table ends in 2100.
const (
	firstYear = 1990
	lastYear  = 2100
)

// Calendar answers questions about working days. It is immutable. Make one with New or Load.
type Calendar struct {
	first, last Date
	rank        []int32 // rank[i] = number of working days from first to first+i, both included
	working     []Date  // the working days in order: working[k-1] is the k-th
	special     map[Date]special
	noticed     [lastYear - firstYear + 1]bool // years that have a notice
}

// special is a day on which the weekday alone doesn't decide.
type special struct {
	kind   Kind
	name   lang.Text
	notice string
	year   int // of the notice; 0 when the day stands in the regulation only
}

// fileName is the name of a notice's file: its year.
var fileName = regexp.MustCompile(`^[0-9]{4}\.yaml$`)

// Load reads every notice in the directory dir of fsys, one file YYYY.yaml a year, and makes a calendar of them.
func Load(fsys fs.FS, dir string) (*Calendar, error) {
	entries, err := fs.ReadDir(fsys, dir)
	if err != nil {
		return nil, fmt.Errorf("calendar: %w", err)
	}
	var notices []Notice
	for _, entry := range entries {
		name := entry.Name()
		if path.Ext(name) != ".yaml" {
			continue
		}
		if !fileName.MatchString(name) {
			return nil, fmt.Errorf("calendar: %s: a notice's file is named by its year, such as 2025.yaml", name)
		}
		data, err := fs.ReadFile(fsys, path.Join(dir, name))
		if err != nil {
			return nil, fmt.Errorf("calendar: %w", err)
		}
		notice, err := ParseNotice(data)
		if err != nil {
			return nil, fmt.Errorf("calendar: %s: %w", name, err)
		}
		if name != fmt.Sprintf("%04d.yaml", notice.Year) {
			return nil, fmt.Errorf("calendar: %s: holds the notice of %d; name the file by its year", name, notice.Year)
		}
		notices = append(notices, notice)
	}
	if len(notices) == 0 {
		return nil, fmt.Errorf("calendar: no notice in %s", dir)
	}
	return New(notices)
}

// New makes a calendar of the given notices. It refuses two notices for one year, and notices that contradict each other on a
// day. Without any notice every day is provisional.
func New(notices []Notice) (*Calendar, error) {
	c := &Calendar{
		first:   Day(firstYear, time.January, 1),
		last:    Day(lastYear, time.December, 31),
		special: map[Date]special{},
	}
	for _, n := range notices {
		if err := n.check(); err != nil {
			return nil, fmt.Errorf("calendar: notice %d: %w", n.Year, err)
		}
		if c.noticed[n.Year-firstYear] {
			return nil, fmt.Errorf("calendar: two notices for %d", n.Year)
		}
		c.noticed[n.Year-firstYear] = true
		if err := c.enter(n); err != nil {
			return nil, fmt.Errorf("calendar: notice %d: %w", n.Year, err)
		}
	}
	for year := firstYear; year <= lastYear; year++ {
		if c.noticed[year-firstYear] {
			continue
		}
		for d, name := range statutoryHolidays(year) {
			if _, arranged := c.special[d]; !arranged {
				c.special[d] = special{kind: KindHoliday, name: name}
			}
		}
	}
	c.index()
	return c, nil
}

// enter adds the days of a notice.
func (c *Calendar) enter(n Notice) error {
	for _, h := range n.Holidays {
		day := special{kind: KindHoliday, name: h.Name, notice: n.Number, year: n.Year}
		if h.Number != "" {
			day.notice = h.Number
		}
		for _, span := range h.Days {
			for d := span.From; d <= span.To; d++ {
				if err := c.set(d, day); err != nil {
					return err
				}
			}
		}
		day.kind = KindMakeup
		for _, d := range h.Working {
			if err := c.set(d, day); err != nil {
				return err
			}
		}
	}
	return nil
}

// set enters one day, which no other notice may have arranged.
func (c *Calendar) set(d Date, day special) error {
	if other, taken := c.special[d]; taken {
		return fmt.Errorf("%s is arranged by the notice of %d already", d, other.year)
	}
	c.special[d] = day
	return nil
}
