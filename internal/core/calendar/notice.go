package calendar

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"openhall.org/openhall/internal/core/lang"
)

// Notice is the arrangement of one year's holidays by the State Council, with the later notices that changed it worked in.
type Notice struct {
	Year   int    `yaml:"year"`
	Number string `yaml:"number"` // document number (发文字号), such as 国办发明电〔2024〕12号
	// NumberConfidence is "verified" when the number was read in a copy of the notice or alike in two other places, else "unverified".
	NumberConfidence string    `yaml:"number_confidence"`
	Source           string    `yaml:"source"` // where the text can be read
	Holidays         []Holiday `yaml:"holidays"`
}

// Holiday is one holiday of a notice with its days off and the weekend days worked in exchange.
type Holiday struct {
	Name    lang.Text `yaml:"name"`
	Days    []Span    `yaml:"days"`
	Working []Date    `yaml:"working"`
	Number  string    `yaml:"number"` // of the notice that set this holiday, when it isn't the year's own
}

// Span is a run of days, both ends included. Written "2025-10-01..2025-10-08", or as one date.
type Span struct{ From, To Date }

// UnmarshalText reads a span as it is written in a notice.
func (s *Span) UnmarshalText(text []byte) error {
	first, last, isRange := strings.Cut(string(text), "..")
	if !isRange {
		last = first
	}
	from, err := Parse(first)
	if err != nil {
		return err
	}
	to, err := Parse(last)
	if err != nil {
		return err
	}
	if to < from {
		return fmt.Errorf("span %q: it ends before it begins; write the earlier day first", text)
	}
	*s = Span{from, to}
	return nil
}

// MarshalText writes the span as it is read.
func (s Span) MarshalText() ([]byte, error) {
	if s.From == s.To {
		return []byte(s.From.String()), nil
	}
	return []byte(s.From.String() + ".." + s.To.String()), nil
}

// Contains reports whether d is one of the days of the span.
func (s Span) Contains(d Date) bool { return s.From <= d && d <= s.To }

// maxHoliday is the length in days beyond which a span is a slip of the pen; the longest holiday yet had ten (2020, 春节).
const maxHoliday = 15

// ParseNotice reads one notice from YAML and checks it. It refuses unknown and repeated keys, impossible dates, and days that
// contradict each other, so that what it returns can be counted on.
func ParseNotice(data []byte) (Notice, error) {
	decoder := yaml.NewDecoder(bytes.NewReader(data))
	decoder.KnownFields(true)
	var n Notice
	if err := decoder.Decode(&n); err != nil {
		if errors.Is(err, io.EOF) {
			return Notice{}, errors.New("notice: the file is empty")
		}
		return Notice{}, fmt.Errorf("notice: %w", err)
	}
	if err := decoder.Decode(new(yaml.Node)); !errors.Is(err, io.EOF) {
		return Notice{}, errors.New("notice: more than one document in the file; keep one notice a file")
	}
	if err := n.check(); err != nil {
		return Notice{}, fmt.Errorf("notice %d: %w", n.Year, err)
	}
	return n, nil
}

func (n Notice) check() error {
	if n.Year < firstYear || n.Year > lastYear {
		return fmt.Errorf("year: must be from %d to %d", firstYear, lastYear)
	}
	if n.Source == "" {
		return errors.New("source: missing; say where the notice can be read")
	}
	switch {
	case n.NumberConfidence != "" && n.NumberConfidence != "verified" && n.NumberConfidence != "unverified":
		return fmt.Errorf("number_confidence: %q is neither verified nor unverified", n.NumberConfidence)
	case (n.Number == "") != (n.NumberConfidence == ""):
		return errors.New("number and number_confidence: give both or neither")
	}
	if len(n.Holidays) == 0 {
		return errors.New("holidays: none given")
	}
	holidays, makeups := map[Date]string{}, map[Date]string{}
	for i, h := range n.Holidays {
		if !h.Name.Complete() {
			return fmt.Errorf("holidays[%d].name: give zh-Hans, zh-Hant and en", i)
		}
		if err := n.checkDays(h, holidays, makeups); err != nil {
			return fmt.Errorf("%s: %w", h.Name.Hans, err)
		}
	}
	for d, name := range makeups {
		if holiday, both := holidays[d]; both {
			return fmt.Errorf("%s: %s is worked for it but is a day off of %s", name, d, holiday)
		}
	}
	return nil
}

// checkDays checks the days of one holiday and enters them under its name.
func (n Notice) checkDays(h Holiday, holidays, makeups map[Date]string) error {
	if len(h.Days) == 0 {
		return errors.New("days: missing")
	}
	for _, span := range h.Days {
		if span.To >= span.From.Add(maxHoliday) {
			return fmt.Errorf("days: %s to %s is longer than %d days", span.From, span.To, maxHoliday)
		}
		for d := span.From; d <= span.To; d++ {
			if err := enter(n.Year, d, h.Name.Hans, holidays); err != nil {
				return fmt.Errorf("days: %w", err)
			}
		}
	}
	for _, d := range h.Working {
		if isWeekday(d) {
			return fmt.Errorf("working: %s is a %s, a working day already; only a weekend day can be worked in exchange", d, d.Weekday())
		}
		if err := enter(n.Year, d, h.Name.Hans, makeups); err != nil {
			return fmt.Errorf("working: %w", err)
		}
	}
	return nil
}

// enter adds d to days. A notice arranges its own year and may reach back into the last December, for New Year's Day.
func enter(year int, d Date, name string, days map[Date]string) error {
	if d < Day(year-1, time.December, 1) || d > Day(year, time.December, 31) {
		return fmt.Errorf("%s lies outside December %d to December %d", d, year-1, year)
	}
	if other, twice := days[d]; twice {
		return fmt.Errorf("%s is already given under %s", d, other)
	}
	days[d] = name
	return nil
}

func isWeekday(d Date) bool {
	w := d.Weekday()
	return w != time.Saturday && w != time.Sunday
}
