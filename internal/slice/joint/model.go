package joint

import (
	"encoding/json"
	"time"

	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/core/lang"
	"openhall.org/openhall/internal/core/term"
	"openhall.org/openhall/internal/platform/store"
)

// The kinds of cases of the slice, which are the keys of their procedures too.
const (
	WholeKind = "joint-whole"
	PartKind  = "joint-part"
	CheckKind = "joint-check"
)

// Sent (申请内容) is what an application for a joint matter says beside its files. All of it is personal.
type Sent struct {
	Answers     json.RawMessage `json:"answers"`               // by the merged form
	Parts       []string        `json:"parts,omitempty"`       // optional parts that are wanted
	Commitments []string        `json:"commitments,omitempty"` // materials in whose place a commitment stands (告知承诺)
}

// PartState is where a part stands.
type PartState string

// The states of a part.
const (
	Waiting      PartState = "waiting" // its stage has not begun
	Open         PartState = "open"
	Agreed       PartState = "agreed"
	Forwarded    PartState = "forwarded" // 同意但需转报
	Refused      PartState = "refused"
	Deemed       PartState = "deemed"       // 默认同意: by the cause
	Discontinued PartState = "discontinued" // the whole ended first
	Void         PartState = "void"         // nobody is competent any more
)

// Answered reports whether the part has been answered, in person or by default.
func (s PartState) Answered() bool { return s != Waiting && s != Open }

// The causes of a default.
const (
	CauseLate     = "late"      // 超时默认
	CauseAbsent   = "absent"    // 缺席默认
	CauseNoReason = "no-reason" // a refusal that gives no reason
)

// terms are what holds for one part of one application, as it was when it was handed in.
type terms struct {
	Title      lang.Text   `json:"title"`
	Statutory  term.Length `json:"statutory"`
	Promised   term.Length `json:"promised,omitzero"`
	After      term.Length `json:"after"`
	Late       bool        `json:"late"`
	Absent     bool        `json:"absent"`
	Law        lang.Text   `json:"law,omitzero"` // that forbids a default
	EndsAll    bool        `json:"endsAll"`
	Needs      []string    `json:"needs,omitempty"`      // materials
	Commits    []string    `json:"commits,omitempty"`    // materials in whose place a commitment stands
	Department string      `json:"department,omitempty"` // kind of body, should the body cease
	Item       string      `json:"item,omitempty"`       // key in the power catalogue, for the same
	Takes      []Take      `json:"takes,omitempty"`      // what of the form is the department's
}

// Entry is one part of one application.
type Entry struct {
	Whole   store.ID
	Ordinal int
	Key     string
	Stage   int
	Body    string
	Subject string
	terms
	Case       store.ID
	Number     string
	State      PartState
	Cause      string
	OpenedAt   time.Time
	DueAt      time.Time
	StatuteAt  time.Time
	AnsweredAt time.Time
	LateWord   string // agree, disagree or forward, given after a default
	LateAt     time.Time
	RevokedAt  time.Time // the commitment on which it was agreed proved untrue

	token int
}

// Meeting is a joint survey, review or acceptance of a stage.
type Meeting struct {
	Stage  int
	Kind   string
	Day    calendar.Date
	HeldAt time.Time
	Absent []int // ordinals
}

// Whole is an application for a joint matter with its parts.
type Whole struct {
	Case      store.ID
	Number    string
	Matter    *Matter
	Version   int
	Division  string
	Body      string
	Status    string
	CreatedAt time.Time
	EndedAt   time.Time // zero: open
	Parts     []Entry
	Meetings  []Meeting
}

// Open reports whether the whole has not ended.
func (w *Whole) Open() bool { return w.EndedAt.IsZero() }

// meeting returns that of a stage, or nil.
func (w *Whole) meeting(stage int) *Meeting {
	for i := range w.Meetings {
		if w.Meetings[i].Stage == stage {
			return &w.Meetings[i]
		}
	}
	return nil
}
