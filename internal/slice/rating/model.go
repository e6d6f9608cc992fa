package rating

import (
	"time"

	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/platform/store"
)

// Best and Worst are the ends of the scale; a grade of Bad or less is followed up.
const (
	Worst = 1 // 非常不满意
	Bad   = 2 // 不满意
	Fair  = 3 // 基本满意: counts as satisfied
	Best  = 5 // 非常满意
)

// Given is a rating as somebody gives it.
type Given struct {
	Grade   int      `json:"grade"`
	Reasons []string `json:"reasons,omitempty"` // codes of rating.reasons.GRADE, or of rating.reasons.KIND.GRADE
	Comment string   `json:"comment,omitempty"` // personal until it was looked through
	Contact string   `json:"contact,omitempty"` // telephone, for the call back; personal
}

// requestKind is the kind of requests for information, whose answers are rated with reasons of their own.
const requestKind = "request"

// Place is what is rated or complained of, and where.
type Place struct {
	Division string // 12 digits
	Body     string // key
	Item     string // implementation code; empty: none in particular
	Window   string // key; empty: not known
}

// key is where something is counted: a place on a day in Asia/Shanghai.
type key struct {
	Place
	Day calendar.Date
}

// Tally counts ratings and complaints.
type Tally struct {
	Grades   [5]int64 // by grade: [0] counts the worst
	Followed int64    // follow-ups opened
	Closed   int64
	Overdue  int64 // of those closed: past the line
	Settled  int64 // of those closed: the rater is satisfied now
	Filed    int64 // complaints
	Declined int64
	Answered int64
	Tardy    int64 // of those answered: past the line
	Content  int64 // complainants who said that the answer will do
	Reviewed int64
}

const tallyColumns = `grade1, grade2, grade3, grade4, grade5, followed, closed, overdue, settled, filed, declined, answered, tardy, contented, reviewed`

func (t *Tally) fields() []*int64 {
	return []*int64{&t.Grades[0], &t.Grades[1], &t.Grades[2], &t.Grades[3], &t.Grades[4], &t.Followed, &t.Closed, &t.Overdue, &t.Settled,
		&t.Filed, &t.Declined, &t.Answered, &t.Tardy, &t.Content, &t.Reviewed}
}

func (t *Tally) scan() []any {
	var dest []any
	for _, f := range t.fields() {
		dest = append(dest, f)
	}
	return dest
}

func (t *Tally) add(o Tally) {
	from := o.fields()
	for i, f := range t.fields() {
		*f += *from[i]
	}
}

// Ratings is how many ratings there were.
func (t *Tally) Ratings() int64 {
	sum := int64(0)
	for _, n := range t.Grades {
		sum += n
	}
	return sum
}

// Satisfied is how many were fairly satisfied or better.
func (t *Tally) Satisfied() int64 { return t.Grades[Fair-1] + t.Grades[Fair] + t.Grades[Fair+1] }

// Points is the sum of all grades, for the average.
func (t *Tally) Points() int64 {
	sum := int64(0)
	for i, n := range t.Grades {
		sum += int64(i+1) * n
	}
	return sum
}

// InTerm is how many follow-ups were closed in term.
func (t *Tally) InTerm() int64 { return t.Closed - t.Overdue }

// Entry is a bad rating and what became of it, as the public may know it.
type Entry struct {
	ID       store.ID
	Place    Place
	Grade    int
	Reasons  []string
	At       time.Time
	Case     store.ID // of the follow-up; 0: it is being opened
	Number   string
	Status   string
	Due      time.Time
	Closed   time.Time
	Late     bool
	Closure  string
	Comment  string // empty: none, or not published
	Withheld bool   // there is one, which is not published
}

// Complaint is a complaint as the public may know it.
type Complaint struct {
	Case    store.ID
	Number  string
	Place   Place
	Matter  string
	At      time.Time
	Status  string
	Due     time.Time
	Closed  time.Time
	Late    bool
	Verdict string
	Summary string
}
