package feed

import (
	"bufio"
	"fmt"
	"io"
	"iter"
	"time"

	"openhall.org/openhall/internal/core/calendar"
)

// Entry is a record as the formats show it. Addresses are absolute.
type Entry struct {
	URL            string
	Index          string // 索引号
	Title          string
	Summary        string
	Body           string // name of the body, and its page
	BodyURL        string
	BodyKey        string
	Division       string // name
	Category       string // name
	CategoryKey    string
	Theme          string
	Audience       string
	Genre          string
	LifeCycle      string
	DocumentNumber string
	Language       string // BCP 47
	Source         string
	Keywords       []string
	Made           calendar.Date // 0: unknown
	Published      calendar.Date
	Effective      calendar.Date // 0: since it was published
	Repealed       calendar.Date // 0: not
	Updated        time.Time
	Text           string // empty in feeds
	Files          []File
	Links          []Link
}

// File is an attachment.
type File struct {
	URL, Name, Type, Digest string
	Size                    int64
}

// Link is a link to another record, by its index number.
type Link struct{ Kind, Index string }

// Entries are the records of a list, newest first.
type Entries = iter.Seq2[Entry, error]

// Channel is the list as a whole. Addresses are absolute.
type Channel struct {
	Title, Subtitle string
	Home            string // the page that shows the same
	Self            string // the address of the list
	Part            string // the address of what is being written, when that is a later part of the list (RFC 5005); empty: its first
	Next            string // the address of the entries after these; empty: there are none
	Publisher       string
	PublisherURL    string
	Language        string    // BCP 47
	Updated         time.Time // of the newest entry
	Icon            string
	Themes          []string // categories of the list, for a catalogue of data
	// Downloads are the bulk downloads of the same list, by media type.
	Downloads []File
}

// writer keeps the first error of many writes.
type writer struct {
	*bufio.Writer
	err error
}

func newWriter(w io.Writer) *writer { return &writer{Writer: bufio.NewWriterSize(w, 32<<10)} }

func (w *writer) text(s string) {
	if w.err == nil {
		_, w.err = w.WriteString(s)
	}
}

// end flushes and returns the first error.
func (w *writer) end() error {
	if w.err == nil {
		w.err = w.Flush()
	}
	if w.err != nil {
		return fmt.Errorf("write the list: %w", w.err)
	}
	return nil
}

// each calls do for each entry, and stops at the first error of either side.
func (w *writer) each(entries Entries, do func(n int, e *Entry)) error {
	n := 0
	for e, err := range entries {
		if err != nil {
			return err
		}
		do(n, &e)
		if w.err != nil {
			return w.end()
		}
		n++
	}
	return nil
}

// dayTime is the beginning of a day in China, as formats write instants.
func dayTime(d calendar.Date) string {
	return d.String() + "T00:00:00+08:00"
}

func instant(t time.Time) string { return t.In(calendar.Zone).Format(time.RFC3339) }

func day(d calendar.Date) string {
	if d == 0 {
		return ""
	}
	return d.String()
}
