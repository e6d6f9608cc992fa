package casework

import (
	"bytes"
	"slices"
	"time"

	"openhall.org/openhall/internal/core/lang"
	"openhall.org/openhall/internal/core/procedure"
	"openhall.org/openhall/internal/core/term"
	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/store"
)

// Channel is how an application came in (申请渠道).
type Channel string

// The channels.
const (
	Online Channel = "online"
	Window Channel = "window"
	API    Channel = "api"
	Agent  Channel = "agent"  // a village agent hands it in for a villager (代办)
	Office Channel = "office" // opened by an authority, or by the platform itself (依职权)
	Mail   Channel = "mail"   // came by post, and an official has entered it
	Fax    Channel = "fax"    // came by fax, and an official has entered it
)

// Lamp is the colour of a case on the boards of supervision (电子监察). Pages write the word beside the colour.
type Lamp int

// The lamps.
const (
	Green  Lamp = iota
	Amber       // the last working day before the earlier line
	Yellow      // past the promise (承诺时限), within the statute
	Red         // past the statute (法定时限)
)

// Case (办件) is one matter. It holds no personal data: that is sealed and read with [Runtime.Private].
type Case struct {
	ID         store.ID
	Number     string // 办件编号
	Kind       string
	Subject    string    // what it is about: for approvals the implementation code (实施编码) of the item
	Title      lang.Text // name of the subject on the day of application
	Division   string    // 12-digit code
	Body       string    // key of the competent body
	Procedure  string    // key@version
	Party      store.ID  // account whose matter it is; 0 for an applicant at the window without an account
	Channel    Channel
	Status     string // as the procedure sets it: received, supplement, accepted, …
	Result     string // empty while it is open
	Rating     int    // 1 (very dissatisfied) to 5 (very satisfied); 0: not rated
	Lamp       Lamp
	Seq        int64 // number of events
	CreatedAt  time.Time
	EndedAt    time.Time // zero while it is open
	PromiseDue time.Time // earliest promised line of the running clocks; zero when none runs
	StatuteDue time.Time
	WakeAt     time.Time // when something falls due by itself; zero: nothing will

	holder []byte // blind index of the applicant's identity number
	terms  map[string]Terms
	state  state
	marks  []mark // commands that were carried out; read only for work on the case
}

// mark remembers a command by the hashes of its key and of what it asked for, with the event that it made.
type mark struct {
	key, digest [hashSize]byte
	seq         int64
}

// marked returns the mark of a command's key, or nil.
func (c *Case) marked(key []byte) *mark {
	for i := range c.marks {
		if key != nil && bytes.Equal(c.marks[i].key[:], key) {
			return &c.marks[i]
		}
	}
	return nil
}

// Open reports whether the case has not ended.
func (c *Case) Open() bool { return c.EndedAt.IsZero() }

// Tasks returns the open tasks. The slice is the case's own.
func (c *Case) Tasks() []Task { return c.state.Tasks }

// Done returns the steps that were done, oldest first. The slice is the case's own.
func (c *Case) Done() []Done { return c.state.Done }

// Clocks returns the clocks of the case. The slice is the case's own.
func (c *Case) Clocks() []Clock { return c.state.Clocks }

// Clock returns the clock with the name, or nil.
func (c *Case) Clock(name string) *Clock {
	for i := range c.state.Clocks {
		if c.state.Clocks[i].Name == name {
			return &c.state.Clocks[i]
		}
	}
	return nil
}

// Progress returns where the case stands in its procedure.
func (c *Case) Progress() *procedure.State { return &c.state.Proc }

// Until returns when the first timer of a step fires, such as that of a correction that never comes; zero: it has none.
func (c *Case) Until(token int) (due time.Time) {
	for _, t := range c.state.Proc.Timers {
		if t.Token == token && (due.IsZero() || t.Due.Before(due)) {
			due = t.Due
		}
	}
	return due
}

// Variables returns the variables of the procedure.
func (c *Case) Variables() procedure.Variables { return c.state.Proc.Vars() }

// Terms returns the terms that apply to the case instead of the rules of the same id.
func (c *Case) Terms() map[string]Terms { return c.terms }

// Documents returns what was issued in the case, oldest first.
func (c *Case) Documents() []Document { return c.state.Documents }

// Bars reports whether the account must do no task of the case because the case is about what it did (回避).
func (c *Case) Bars(account store.ID) bool {
	return account != 0 && slices.Contains(c.state.Barred, account)
}

// state is what the case stores as JSON: where it stands and what that needs.
type state struct {
	Proc      procedure.State `json:"proc"`
	Tasks     []Task          `json:"tasks,omitempty"`
	Done      []Done          `json:"done,omitempty"`
	Clocks    []Clock         `json:"clocks,omitempty"`
	Documents []Document      `json:"documents,omitempty"`
	Barred    []store.ID      `json:"barred,omitempty"`
}

// Terms are the lengths that hold for one rule in one case: fixed when the case begins, so that it is never judged by numbers
// that came later.
type Terms struct {
	Statutory term.Length `json:"statutory"`
	Promised  term.Length `json:"promised,omitzero"`
}

// Clock is a statutory clock of the case as a whole, such as the 20 working days to decide.
type Clock struct {
	Name    string    `json:"name"`
	Rule    string    `json:"rule"`
	Term    term.Term `json:"term"`
	Crossed Lamp      `json:"crossed,omitempty"` // the furthest line that was noticed
}

// Task is an open step that somebody has to do.
type Task struct {
	Token   int    `json:"token"`
	Element string `json:"element"`
	Index   int    `json:"index,omitempty"`
	Role    string `json:"role"`
	// Power is what the task exercises, and for what a window needs the authority of the body.
	Power    procedure.Power `json:"power,omitempty"`
	OpenedAt time.Time       `json:"openedAt"`
	Term     *term.Term      `json:"term,omitempty"`
	DueAt    time.Time       `json:"dueAt,omitzero"`   // line of Term; zero when it has none
	Late     bool            `json:"late,omitempty"`   // its overtime was noticed
	Holder   store.ID        `json:"holder,omitempty"` // the account it was transferred to; 0: whoever holds the role
}

// Done is a step that was done.
type Done struct {
	Token    int       `json:"token"`
	Element  string    `json:"element"`
	Index    int       `json:"index,omitempty"`
	Role     string    `json:"role,omitempty"`
	Post     string    `json:"post,omitempty"` // key of the post; empty for the public and the platform
	By       store.ID  `json:"by,omitempty"`
	OpenedAt time.Time `json:"openedAt"`
	At       time.Time `json:"at"`
	Outcome  string    `json:"outcome,omitempty"`
	Cut      bool      `json:"cut,omitempty"` // ended by something else: a timer, a withdrawal
}

// Document is a slip, notice or decision that the procedure issued. Its words are in the private part of the event.
type Document struct {
	Kind    string    `json:"kind"`
	Element string    `json:"element"`
	Seq     int64     `json:"seq"` // of the event that issued it
	At      time.Time `json:"at"`
	// RevokedAt is when it was said that it holds no more; zero: it holds.
	RevokedAt time.Time `json:"revokedAt,omitzero"`
}

// Receipt (回执) answers an accepted command.
type Receipt struct {
	Case   store.ID  `json:"case"`
	Number string    `json:"number"`
	Seq    int64     `json:"seq"` // of the command's event in the case
	Event  store.ID  `json:"event"`
	At     time.Time `json:"at"`
	Leaf   []byte    `json:"leaf"`             // hash under which the event stands in the log
	Open   []Task    `json:"open"`             // what is to be done next
	Replay bool      `json:"replay,omitempty"` // the command had been carried out before; Open is left out then
}

// Event is one step of one case, as it happened and for good.
type Event struct {
	ID      store.ID
	Case    store.ID
	Seq     int64
	At      time.Time
	Kind    string
	Leaf    int64  // place in the log; -1 until it has been sequenced
	Content []byte // the canonical envelope: what stands in the log, byte for byte
}

// The kinds of events. A machine that follows the log can rely on them.
const (
	Submitted       = "case.submitted"
	Completed       = "task.completed"
	Messaged        = "case.message"
	Assigned        = "task.assigned"
	GivenBack       = "task.given-back"  // its holder has left; by the platform itself
	HandedOver      = "case.handed-over" // its power went to another body; by the platform itself
	Attached        = "case.attached"
	DocumentRevoked = "document.revoked"
	Rated           = "case.rated"
	TakenBack       = "case.taken-back" // recorded by mistake
	TimerFired      = "timer.fired"
	LineWarned      = "line.warned"
	PromiseMissed   = "line.promise-missed"
	StatuteMissed   = "line.statute-missed"
	StepOvertime    = "step.overtime"
	Migrated        = "case.migrated" // it runs by another version of its procedure
)

// Envelope is the content of an event: what everybody may read. Private fields stand in it as salted commitments.
// The fields are in the order of RFC 8785.
type Envelope struct {
	Actor    Actor             `json:"actor"`
	At       string            `json:"at"` // RFC 3339, UTC, microseconds
	Body     string            `json:"body"`
	Case     string            `json:"case"` // number
	Data     map[string]any    `json:"data,omitempty"`
	Division string            `json:"division"`
	Kind     string            `json:"kind"`
	Private  map[string]string `json:"private,omitempty"` // field → commitment, base64
	Seq      int64             `json:"seq"`
	Subject  string            `json:"subject"`
	Type     string            `json:"type"` // the kind of case
	V        int               `json:"v"`
}

// Actor says in an envelope who acted: officials by their post, the public only as what they are.
type Actor struct {
	Body string        `json:"body,omitempty"`
	Kind identity.Kind `json:"kind"`
	Post string        `json:"post,omitempty"`
	Role string        `json:"role,omitempty"`
}
