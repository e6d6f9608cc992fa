package chart

import (
	"time"

	"openhall.org/openhall/internal/core/lang"
	"openhall.org/openhall/internal/core/procedure"
	"openhall.org/openhall/internal/platform/store"
)

// State is where a version of a chart stands.
type State string

// The states.
const (
	Draft     State = "draft"     // being drawn
	InReview  State = "review"    // handed in; reviewed and approved as a record of open government information
	Published State = "published" // in force, or replaced by a later one
	Withheld  State = "withheld"  // not approved
)

// Chart (流程图) is the chart of some powers of a body, in all its versions.
type Chart struct {
	ID       store.ID
	Key      string // of the procedure
	Body     string
	Division string
	Title    lang.Text
	Items    []string // keys of the powers that it is for
	Record   store.ID // of platform/publication
	Latest   int
	Live     string // key@version in force; empty: none
	At       time.Time
}

// Version is one version of a chart.
type Version struct {
	Chart       store.ID
	N           int
	State       State
	Base        string // key@version it was drawn from; empty: from nothing
	XML         string
	Digest      string
	Stamp       int // grows with every save
	Note        string
	Author      store.ID
	At          time.Time
	Case        store.ID
	Ref         string // key@version, once it is in force
	PublishedAt time.Time
	Returned    bool // it came back from review, and is drawn on
}

// Editable reports whether the version may be drawn on.
func (v *Version) Editable() bool { return v.State == Draft || v.State == InReview && v.Returned }

// StepForm is a version of the form of a step.
type StepForm struct {
	Chart  store.ID
	Name   string
	N      int
	Schema []byte
	Frozen bool
	At     time.Time
}

// Finding is what the checker has to say: of package procedure, or of this room. A finding about the file as a whole names no element.
type Finding = procedure.Finding

// Limits.
const (
	maxTitle  = 60  // characters
	maxNote   = 500 // characters
	maxItems  = 100
	maxCharts = 200 // of a body, as listed
)
