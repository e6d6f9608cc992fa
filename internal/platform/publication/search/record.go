package search

import (
	"fmt"
	"strings"

	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/platform/store"
)

// Doc is a record as the index sees it.
type Doc struct {
	ID        store.ID
	Published calendar.Date // the order of lists: by this day, then by id
	Title     string
	Text      string   // with the text of attachments
	Keywords  []string // 关键词
	Number    string   // 文号
	Index     string   // 索引号
	Division  string   // 12 digits
	Body      string   // key of the body
	Category  []string // keys of the categories from the top down to the record's own
	Year      int      // by which it is listed; 0: that of Published
	From      calendar.Date
	Until     calendar.Date // first day on which it is not in force any more; 0: open
	Language  string        // BCP 47
}

// A record's texts are indexed up to this length, in bytes: a position has to fit into a list.
const maxText = 32 << 20

// check refuses what the index could not find again.
func (d *Doc) check() error {
	switch {
	case d.ID <= 0:
		return fmt.Errorf("search: record %d: an identifier is positive", d.ID)
	case len(d.Division) > 0 && !isDivision(d.Division):
		return fmt.Errorf("search: record %s: division %q: want 12 digits", d.ID, d.Division)
	case len(d.Title)+len(d.Text) > maxText:
		return fmt.Errorf("search: record %s: a text of %d bytes: at most %d are indexed", d.ID, len(d.Title)+len(d.Text), maxText)
	}
	return nil
}

func isDivision(code string) bool {
	if len(code) != 12 {
		return false
	}
	for i := range len(code) {
		if code[i] < '0' || code[i] > '9' {
			return false
		}
	}
	return true
}

func (d *Doc) year() int {
	if d.Year != 0 {
		return d.Year
	}
	return d.Published.Year()
}

// ends are how many leading digits of a code name a division of each level, from the province down to the village.
var ends = [...]int{2, 4, 6, 9, 12}

// levelOf returns the level of a division: 1 for a province to 5 for a village, as registry.Level counts.
func levelOf(code string) int {
	digits := len(strings.TrimRight(code, "0"))
	for i, end := range ends {
		if digits <= end {
			return i + 1
		}
	}
	return len(ends)
}

// stem returns the digits of a division that all divisions below it begin with.
func stem(code string) string { return code[:ends[levelOf(code)-1]] }

// zones calls yield for each text of a record in the order in which positions are counted. The title comes first.
func (d *Doc) zones(yield func(text string)) {
	yield(d.Title)
	yield(d.Number)
	yield(d.Index)
	for _, k := range d.Keywords {
		yield(k)
	}
	yield(d.Text)
}
