package importing

import (
	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/core/lang"
)

// Record is a row that was read: the fields of the catalogue. A day is nil where the row has none.
type Record struct {
	Index       string // 索引号; empty: the body's next number is given
	Title       string
	Body        string // key
	Category    string // key
	Theme       string
	Audience    string
	Genre       string
	Lifecycle   string
	Number      string // 文号
	Made        *calendar.Date
	Published   *calendar.Date
	InForce     *calendar.Date
	Repealed    *calendar.Date
	Keywords    []string
	Language    lang.Tag
	Source      string
	Summary     string
	Text        string
	Attachments []string // names of files that lie beside the table
	Links       []Link
	Cleaned     int // readings that conversions had left in it, see Clean
}

// Link refers to another record by its index number.
type Link struct {
	Kind LinkKind
	To   string
}

// Item is a row with what is wrong with it. Its record is whole only when nothing is.
type Item struct {
	Row      int
	Record   Record
	Problems []Problem
}

// Known answers what the platform knows. Nil functions know nothing and accept everything as it is written.
type Known struct {
	// Body finds a body by its key, a name in any language, or its credit code, and returns its key and its credit code.
	Body func(text string) (key, uscc string, ok bool)
	// Category finds a category by its key or a name.
	Category func(text string) (key string, ok bool)
	// Attachment tells whether a file of this name lies beside the table.
	Attachment func(name string) bool
}

// Options say how a file is read.
type Options struct {
	Known Known
	// Defaults stand in for what a row leaves empty, by the key of the column; of a document in plain text they go before what was guessed.
	Defaults map[string]string
	// NeedIndex refuses rows without an index number.
	NeedIndex bool
	// NoFiles refuses rows that name files: only a table comes, without a folder.
	NoFiles bool
	// Today is the day of the import; nothing was made or published after it.
	Today calendar.Date
	// Unpacked bounds an XLSX table when it is unpacked, in bytes; 0: 1 GB, for whoever may fill the memory.
	Unpacked int64
}
