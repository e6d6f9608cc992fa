package intermediary

import (
	"time"

	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/core/lang"
	"openhall.org/openhall/internal/platform/store"
	"openhall.org/openhall/internal/slice/intermediary/draw"
)

// The kinds of cases.
const (
	AdmissionKind = "intermediary-admission"
	OrderKind     = "intermediary-order"
	BidKind       = "intermediary-bid"
	SanctionKind  = "intermediary-sanction"
	LiftKind      = "intermediary-lift"
	AttemptKind   = "intermediary-attempt"
)

// Service (中介服务) is something that an item asks for and that agencies make.
type Service struct {
	Key      string    `json:"key" yaml:"key"`
	Name     lang.Text `json:"name" yaml:"name"`
	Summary  lang.Text `json:"summary" yaml:"summary"`
	Items    []Use     `json:"items" yaml:"items"`
	Basis    string    `json:"basis,omitempty" yaml:"basis"`     // law and article; empty: flagged for removal
	Days     int       `json:"days" yaml:"days"`                 // the longest term, in working days
	Fen      int64     `json:"fen" yaml:"fen"`                   // the highest price
	Pricing  string    `json:"pricing" yaml:"pricing"`           // market (市场调节价), guided (政府指导价)
	Needs    string    `json:"needs,omitempty" yaml:"needs"`     // qualification that an agency must have; empty: none
	Retired  string    `json:"retired,omitempty" yaml:"retired"` // why it is not offered any more; empty: it is
	Version  int64     `json:"-" yaml:"-"`                       // counts its changes
	ChangeAt time.Time `json:"-" yaml:"-"`                       //
}

// Use is an item that asks for a service, and the material that it becomes.
type Use struct {
	Item     string `json:"item" yaml:"item"` // key in the power catalogue
	Material string `json:"material" yaml:"material"`
}

// Flagged reports whether the service has no basis in law: it is to be removed, and nobody may be asked for it.
func (s *Service) Flagged() bool { return s.Basis == "" }

// Material is the material of an item that the service becomes, or "".
func (s *Service) Material(item string) string {
	for _, u := range s.Items {
		if u.Item == item {
			return u.Material
		}
	}
	return ""
}

// The pricings.
const (
	Market = "market"
	Guided = "guided"
)

// Profile is what an agency says of itself, for everybody to read.
type Profile struct {
	Qualifications string  `json:"qualifications"`
	Promise        string  `json:"promise"` // of quality (质量承诺)
	Address        string  `json:"address,omitempty"`
	Phone          string  `json:"phone,omitempty"` // of the office
	Offers         []Offer `json:"offers"`
}

// Offer is the public price and term of a service.
type Offer struct {
	Service string `json:"service"`
	Fen     int64  `json:"fen"`
	Days    int    `json:"days"`
}

// Agency (中介机构) is an agency that has applied for admission.
type Agency struct {
	ID           store.ID // of the case of admission
	Number       string
	Party        store.ID
	USCC, Owner  string
	Body         string // registrar
	Division     string
	Name         string
	State        string
	Profile      Profile
	AppliedAt    time.Time
	AdmittedAt   time.Time
	Blocked      string // suspension or blacklist, until BlockedUntil
	BlockedUntil calendar.Date
	Orders, Fen  int64
	Finished     int64
	Late         int64
	Returned     int64
	Ratings      int64
	Grades       int64 // their sum
}

// The states of an agency.
const (
	Applied     = "applied"
	Mending     = "mending"
	Admitted    = "admitted"
	NotAdmitted = "not-admitted"
	Dropped     = "dropped"
)

// Barred is the sanction that keeps the agency from new orders on a day, or "".
func (a *Agency) Barred(on calendar.Date) string {
	if a.Blocked != "" && on <= a.BlockedUntil {
		return a.Blocked
	}
	return ""
}

// Rating is the mean of its ratings in hundredths, 0 when there is none.
func (a *Agency) Rating() int64 {
	if a.Ratings == 0 {
		return 0
	}
	return a.Grades * 100 / a.Ratings
}

// Offer returns what the agency offers of a service.
func (a *Agency) Offer(service string) (Offer, bool) {
	for _, o := range a.Profile.Offers {
		if o.Service == service {
			return o, true
		}
	}
	return Offer{}, false
}

// Method is how an agency is chosen (选取方式).
type Method string

// The methods.
const (
	Choice Method = "choice"
	Draw   Method = "draw"
	Bids   Method = "bids"
)

// Methods lists them.
func Methods() []Method { return []Method{Choice, Draw, Bids} }

// Order (订单) is an order of a service.
type Order struct {
	ID           store.ID // of its case
	Number       string
	OfCase       store.ID
	OfNumber     string
	Service      string
	Material     string
	Body         string
	Division     string
	Party        store.ID
	Agency       store.ID // 0: not chosen yet
	Method       Method
	Rule         draw.Rule
	State        string
	Fen          int64
	Days         int
	OpenAt       time.Time
	Commitment   string
	Contract     string
	Digest       string
	BegunAt      time.Time
	ContractedAt time.Time
	DueAt        time.Time
	DeliveredAt  time.Time
	EndedAt      time.Time
	Late         bool
	Grade        string
	Returned     int64
	Attached     int64
	Rating       int64
}

// Opened reports whether the bids for the order were opened. One that was cancelled is not looked at here: most were cancelled before.
func (o *Order) Opened() bool {
	return o.Method == Bids && o.State != Bidding && o.State != Cancelled
}

// The states of an order: what follows "intermediary-" in the status of its case.
const (
	Committed = "committed" // the commitment of a draw is published; the applicant starts it
	Drawing   = "drawing"   // the log gives the draw its place
	Bidding   = "bidding"
	Offered   = "offered" // the agency confirms or declines
	Working   = "working"
	Delivered = "delivered"
	Accepted  = "accepted"
	Declined  = "declined"
	Lapsed    = "lapsed"
	Unbid     = "unbid"
	Cancelled = "cancelled" // by the applicant, before there was an agency
)

// States lists them in the order of an order's course.
func States() []string {
	return []string{Committed, Drawing, Bidding, Offered, Working, Delivered, Accepted, Declined, Lapsed, Unbid, Cancelled}
}

// attached says where the deliverable is.
const (
	notAttached = 0
	isAttached  = 1
	caseOver    = 2
)

// Excluded is an agency that offers the service and may not have the order.
type Excluded struct {
	Number string `json:"number"`
	Name   string `json:"name"`
	Rule   string `json:"rule"` // code of the rule of [ruleConflicts], or the sanction
}

// Relation (利害关系) is a relation of an agency.
type Relation struct {
	Kind   string // applicant, body, official
	Target string
	Note   string
	At     time.Time
	// EndedAt is when the registrar found that it has ended, zero while it holds; Ended is why.
	EndedAt time.Time
	Ended   string
}

// Holds reports whether the relation still keeps the agency from orders.
func (r *Relation) Holds() bool { return r.EndedAt.IsZero() }

// The kinds of relations.
const (
	ToApplicant = "applicant" // by USCC
	ToBody      = "body"      // it belongs to the body: by its key
	ToOfficial  = "official"  // by the key of the post
)

// Sanction (惩戒) is a sanction against an agency, proposed or decided.
type Sanction struct {
	ID        store.ID // of its case
	Number    string
	Agency    store.ID
	Kind      string
	Months    int
	Reason    string
	Basis     string
	Body      string
	Proposer  string
	State     string
	BegunAt   time.Time
	DecidedAt time.Time
	Until     calendar.Date
	LiftedAt  time.Time // before its end; zero: it was not
	Lifted    string    // why
}

// InForce reports whether the sanction holds on a day. A warning holds until it is lifted.
func (x *Sanction) InForce(on calendar.Date) bool {
	return x.State == Imposed && (x.Until == 0 || on <= x.Until)
}

// The kinds of sanctions, and their states.
const (
	Warning    = "warning"
	Suspension = "suspension"
	Blacklist  = "blacklist"

	Hearing   = "hearing"
	Deciding  = "deciding"
	Imposed   = "imposed"
	Dismissed = "dismissed"
	Lifted    = "lifted" // before its term was over
)

// Lift (解除) asks that a sanction ends before its term, or that a relation does not count any more.
type Lift struct {
	ID        store.ID // of its case
	Number    string
	Agency    store.ID
	Sanction  string // number; empty: it is about a relation
	Kind      string // of the relation
	Target    string // of the relation
	Ground    string
	By        string // body that asked; empty: the agency itself
	State     string
	Reason    string // of the decision, public
	BegunAt   time.Time
	DecidedAt time.Time
}

// The grounds on which something is lifted, and the states of asking.
const (
	Objection = "objection" // 异议: the facts or the basis are wrong
	Repair    = "repair"    // 修复: what was wrong has been put right
	Over      = "over"      // the relation has ended

	Asked = "asked"
	Kept  = "kept" // not lifted
)

// Share (份额) is the part of an agency in the contracts about the items of a body.
type Share struct {
	Agency store.ID
	Orders int64
	Fen    int64
}

// DrawRow is a draw with what is kept of it.
type DrawRow struct {
	Commitment string
	Key        string
	Order      store.ID
	Candidates []draw.Candidate
	Excluded   []Excluded
	Words      string
	Started    store.ID // event
	Drawn      store.ID // event
	Winner     string

	sealed []byte // the nonce
}

// BidRow is a bid. What it offers is known when it was opened.
type BidRow struct {
	ID     store.ID
	Number string
	Order  store.ID
	Agency store.ID
	At     time.Time
	Fen    int64
	Days   int
	Score  int64
	Rating int64 // of the agency when it was opened, in hundredths; -1: it was not kept
}
