package centre

import (
	"time"

	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/platform/store"
)

// Kind says what a [Record] is about.
type Kind string

// The kinds of records. The first four are stationing (进驻), the last two authority (授权).
const (
	KindBody   Kind = "body"   // 部门进驻: the body is at the window
	KindItem   Kind = "item"   // 事项进驻: the subject is the code of an item of the body
	KindStaff  Kind = "staff"  // 人员进驻: the subject is the key of the post whose holder sits there
	KindChief  Kind = "chief"  // 首席代表: the subject is the key of the post that decides at the window for the body
	KindAccept Kind = "accept" // 授权受理: the subject is the code of an item, or All
	KindDecide Kind = "decide" // 授权审批: likewise
)

// All stands for all items of a body. A record about one item goes before it.
const All = "*"

var kinds = []Kind{KindBody, KindItem, KindStaff, KindChief, KindAccept, KindDecide}

// authority reports whether records of the kind are the body's to make.
func (k Kind) authority() bool { return k == KindAccept || k == KindDecide || k == KindChief }

// Record is one change of stationing or authority.
type Record struct {
	ID      store.ID
	Centre  string
	Window  string
	Kind    Kind
	Body    string
	Subject string
	Day     calendar.Date // from which it counts
	Held    bool          // it begins; otherwise it ends
	Basis   string        // the body's written authorisation: name and number of the document
	Account store.ID      // who recorded it
	Post    string
	At      time.Time
}

// State is where an appointment or a ticket stands.
type State string

// The states of appointments.
const (
	Booked    State = "booked"
	Cancelled State = "cancelled"
	Arrived   State = "arrived"
	Missed    State = "missed" // 爽约
)

// The states of tickets.
const (
	Waiting State = "waiting"
	Called  State = "called"
	Serving State = "serving"
	Served  State = "served"
	Skipped State = "skipped" // 过号
	Left    State = "left"    // never served on its day
)

// Class is the priority of a ticket.
type Class string

// The classes. What each is given stands in the plan.
const (
	Ordinary  Class = "ordinary"
	Priority  Class = "priority"    // the old, the disabled, the pregnant, soldiers (优先号)
	Appointed Class = "appointment" // came in time for an appointment
)

// Appointment (预约) is a place of a line in a slot.
type Appointment struct {
	ID      store.ID
	Centre  string
	Line    string
	Day     calendar.Date
	Slot    Minute
	State   State
	Party   store.ID
	Item    string
	Ticket  store.ID
	Person  Person // empty once erased
	Booked  time.Time
	Changed time.Time
}

// Starts is the instant at which the slot begins.
func (a *Appointment) Starts() time.Time { return a.Slot.On(a.Day) }

// Person is who comes. It is personal and sealed.
type Person struct {
	Name  string `json:"name"`
	Phone string `json:"phone,omitempty"`
}

// Ticket (排队号) is a place in a queue.
type Ticket struct {
	ID          store.ID
	Centre      string
	Line        string
	Day         calendar.Date
	Number      string
	Class       Class
	Rank        int64
	State       State
	Window      string
	Account     store.ID
	Post        string
	Item        string
	Calls       int
	Appointment store.ID
	Name        string // of those who had an appointment; personal
	Issued      time.Time
	CalledAt    time.Time
	Began       time.Time
	Ended       time.Time
}

// Visit is a ticket as others see it: somebody was at a window. The code stands on the slip, and its holder may rate the visit.
type Visit struct {
	Ticket store.ID
	Code   string
	Number string
	Centre string
	Window string // empty: never called
	Body   string // whose matter it was; empty when not known
	Item   string // code; empty when not known
	Post   string // of the clerk
	Clerk  store.ID
	Day    calendar.Date
	Served bool
	Ended  time.Time
}

// Refusal says why something cannot be done. Pages find its words under centre.refused.CODE.
type Refusal struct {
	Code  string
	Field string // of the form; empty: the form as a whole
	Args  map[string]any
}

// Error tells the code.
func (r *Refusal) Error() string { return "refused: " + r.Code }

func refuse(code, field string, args ...any) *Refusal {
	r := &Refusal{Code: code, Field: field}
	for i := 0; i+1 < len(args); i += 2 {
		if r.Args == nil {
			r.Args = map[string]any{}
		}
		key, _ := args[i].(string)
		r.Args[key] = args[i+1]
	}
	return r
}
