package cleanup

import (
	"time"

	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/platform/store"
	"openhall.org/openhall/internal/slice/cleanup/register"
)

// The kinds of cases.
const (
	RoundKind    = "cleanup-round"
	HandoverKind = "cleanup-handover"
	AttemptKind  = "cleanup-attempt"
)

// State is where a round stands.
type State string

// The states of a round.
const (
	Drafting  State = "drafting"
	Reviewing State = "reviewing"
	Approving State = "approving"
	Published State = "published"
)

// Round (批次) is a round of clean-up.
type Round struct {
	ID          store.ID
	Number      string
	Division    string
	Body        string // reform office that prepares it
	Title       string
	Basis       string
	Founding    bool // it takes what was there into the register
	State       State
	BegunAt     time.Time
	PublishedAt time.Time // zero: not yet
	Digest      string    // SHA-256 of what was handed on; empty: nothing yet
	Record      string    // address of its public list in the catalogue of records; empty: not there yet
}

// Line is what a round decides of one item of one body, as it is kept.
type Line struct {
	register.Line

	Version int64 // counts its changes while it is drafted
	State   string
	DoneAt  time.Time
}

// The states of a line.
const (
	lineDraft   = "draft"
	linePending = "pending" // approved; the date of effect has not come, or not everything has followed yet
	lineDone    = "done"
)

// Handover (移交承接) is an item on its way from one body to another.
type Handover struct {
	ID       store.ID
	Number   string
	Line     int64
	Giver    string
	Receiver string
	On       calendar.Date
	Cases    bool // the open cases come along
	State    string
	TakenAt  time.Time
}

// The states of a hand-over.
const (
	HandoverOpen  = "open"
	HandoverTaken = "taken" // the receiving body has taken over; its open cases have not all come yet
	HandoverDone  = "done"
)
