package report

import (
	"time"

	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/platform/store"
	"openhall.org/openhall/internal/slice/report/sheet"
)

// KindName is the kind of case of an annual report, and the key of its procedure.
const KindName = "annual-report"

// Steps of the procedure.
const (
	stepCompile = "compile-report"
	stepApprove = "approve-report"
)

// Owner is who owes a report: a body, or the government of a division when Body is empty.
type Owner struct {
	Division string `json:"division"`
	Body     string `json:"body,omitempty"`
}

// Government reports whether the report is that of a government.
func (o Owner) Government() bool { return o.Body == "" }

// Key names the owner in addresses: the key of the body, or the code of the division.
func (o Owner) Key() string {
	if o.Government() {
		return o.Division
	}
	return o.Body
}

// Scope is whose records the owner reports on.
func (o Owner) Scope() Scope { return Scope{o.Division, o.Body, o.Government()} }

// State is how far a report has come.
type State string

// The states. A report that nobody has begun has none.
const (
	Unbegun   State = ""
	Compiling State = "compiling"
	Deciding  State = "deciding" // handed on to the head
	Published State = "published"
)

// Report is the report of an owner on a year.
type Report struct {
	ID          store.ID // of its case
	Owner       Owner
	Office      string // key of the body that compiles it
	Year        int
	Due         calendar.Date
	State       State
	Number      string
	BegunAt     time.Time
	HandedAt    time.Time // when it was last handed on; zero: not yet
	PublishedAt time.Time // zero: not yet
	Statement   *Statement
	Record      string    // address in the catalogue; empty: not there yet
	Version     int       // 1, or more when it was corrected
	Live        bool      // the version that holds, or the first while there is none
	FirstAt     time.Time // when the first version was published; zero: not yet
	Reason      string    // why it was corrected
}

// Late reports whether the report was not, or is not yet, published on the last day of its term.
func (r *Report) Late(now time.Time) bool {
	if !r.FirstAt.IsZero() {
		now = r.FirstAt // a correction makes no report late
	}
	return calendar.Of(now) > r.Due
}

// Statement is what is handed on and published: it does not change with the records any more.
type Statement struct {
	Owner     Owner             `json:"owner"`
	Year      int               `json:"year"`
	Layout    string            `json:"layout"`
	Values    map[string]int64  `json:"values"`              // final, by address of the cell
	Adjusted  []Adjusted        `json:"adjusted,omitempty"`  // cells that are not what the records count
	Explained []Explained       `json:"explained,omitempty"` // checks that do not hold, and why
	Texts     map[string]string `json:"texts"`               // by code of the section
	Missing   []Owner           `json:"missing,omitempty"`   // who below had not published theirs
}

// Adjusted is an adjustment that holds.
type Adjusted struct {
	Cell    string    `json:"cell"`
	Counted *int64    `json:"counted,omitempty"` // what the records counted then; absent: nothing counts it
	Value   int64     `json:"value"`
	Reason  string    `json:"reason"`
	Post    string    `json:"post"`
	At      time.Time `json:"at"`

	By store.ID `json:"-"`
}

// Explained is the explanation of a check that does not hold.
type Explained struct {
	Finding string    `json:"finding"`
	Left    int64     `json:"left"`
	Right   int64     `json:"right"`
	Reason  string    `json:"reason"`
	Post    string    `json:"post"`
	At      time.Time `json:"at"`

	By store.ID `json:"-"`
}

// Text is the words of a section as they were last saved.
type Text struct {
	Section string
	Content string
	Version int64 // 0: nothing was saved
	Post    string
	At      time.Time
}

// adjustments gives the sheet what it fills in.
func adjustments(list []Adjusted) map[sheet.Address]sheet.Adjustment {
	out := map[sheet.Address]sheet.Adjustment{}
	for _, a := range list {
		if at, ok := sheet.ParseAddress(a.Cell); ok {
			out[at] = sheet.Adjustment{Value: a.Value, Reason: a.Reason}
		}
	}
	return out
}
