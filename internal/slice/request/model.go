package request

import (
	"time"

	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/core/lang"
	"openhall.org/openhall/internal/core/statute"
	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/store"
)

// The kinds of cases of the slice.
const (
	KindName      = "request"           // 政府信息公开申请
	DisputeKind   = "request-dispute"   // 行政复议、行政诉讼
	CatalogueKind = "request-catalogue" // 依申请公开目录
)

// series begin the numbers: YK (依申请公开), YF (复议、诉讼), YM (目录); the county's six digits, the day and four digits follow.
const (
	requestSeries   = "YK"
	disputeSeries   = "YF"
	catalogueSeries = "YM"
)

// clockReply is the clock of the reply.
const clockReply = "reply"

// The rules of law that the slice asks for by name.
const (
	ruleReply       = "request.reply"
	ruleProcedure   = "request.procedure"
	ruleOutcomes    = "request.outcomes"
	ruleIdentity    = "request.identity"
	ruleKept        = "request.identity.kept"
	ruleConfirm     = "request.receipt.confirm"
	ruleItem        = "request.fee.per-item"
	rulePage        = "request.fee.per-page"
	rulePayment     = "request.fee.payment"
	ruleCost        = "request.fee.cost"
	ruleCostPayment = "request.fee.cost.payment"
	ruleFirst       = "request.review-first"
	ruleSupply      = "request.correction.supply"
	ruleDelay       = "request.excessive.delay"
	ruleExplain     = "request.excessive.explain"
	ruleAskers      = "report.annual.applicants"
	ruleCatalogue   = "request.catalogue"
)

// Channel is how a request came in, as far as the day of receipt depends on it (条例 31).
type Channel string

// The channels.
const (
	Web        Channel = "web"        // 互联网
	Window     Channel = "window"     // 当面提交
	ByAgent    Channel = "agent"      // 代理人、代办员代为提交
	Registered Channel = "registered" // 需要签收的邮寄
	Mail       Channel = "mail"       // 平常信函
	Fax        Channel = "fax"        // 传真
)

// Channels are all channels, in the order in which they are offered.
var Channels = []Channel{Web, Window, ByAgent, Registered, Mail, Fax}

// Confirmed reports whether the day of receipt is the day that is confirmed with the applicant (条例 31).
func (c Channel) Confirmed() bool { return c == Web || c == Mail || c == Fax }

// known reports whether it is one of the channels.
func (c Channel) known() bool {
	for _, k := range Channels {
		if c == k {
			return true
		}
	}
	return false
}

// inPerson reports whether somebody stands at the counter: the day of receipt is that day (条例 31).
func (c Channel) inPerson() bool { return c == Window || c == ByAgent }

// Asker (申请人) is who asks. All of it is personal and sealed apart from the case.
type Asker struct {
	Kind     string             `json:"kind"` // code of report.annual.applicants
	Name     string             `json:"name"`
	IDNumber string             `json:"idNumber,omitempty"` // ID card number, or USCC of an organisation
	Contact  string             `json:"contact,omitempty"`  // person to talk to, of an organisation
	Phone    string             `json:"phone,omitempty"`
	Email    string             `json:"email,omitempty"`
	Address  string             `json:"address,omitempty"`
	Agent    string             `json:"agent,omitempty"` // 代理人: who asks for them
	Account  store.ID           `json:"account,omitempty"`
	Files    []casework.FileRef `json:"files,omitempty"`    // proof of identity, mandate
	Language lang.Tag           `json:"language,omitempty"` // in which they are told of it
}

// Person is the kind of asker that is a natural person (自然人).
const Person = "person"

// Sent is what a request says, apart from who asks. It is sealed: a description can make its writer known.
type Sent struct {
	Asker       store.ID `json:"asker"`
	Kind        string   `json:"kind"` // of the asker
	Channel     Channel  `json:"channel"`
	Received    string   `json:"received,omitempty"` // day on which it reached the body, YYYY-MM-DD; empty: today
	Late        string   `json:"late,omitempty"`     // why it is entered so long after that; public
	Description string   `json:"description"`
	Wanted      string   `json:"wanted"`           // 获取方式: online, email, post, pick-up, inspect
	Medium      string   `json:"medium,omitempty"` // 载体: paper, electronic, copy
}

// Manners are the manners of delivery that can be wanted (获取方式), and Mediums the forms (载体).
var (
	Manners = []string{"online", "email", "post", "pick-up", "inspect"}
	Mediums = []string{"electronic", "paper", "copy"}
)

// Outcome is an entry of the closed list of replies, as the law of a day has it.
type Outcome struct {
	statute.Entry
	Basis statute.Source // with the entry's own article
	Leaf  bool
}

// The outcomes that come about without a reply.
const (
	Uncorrected = "other.uncorrected" // 逾期不补正
	Unpaid      = "other.unpaid"      // 逾期不缴费
	Withdrawn   = "withdrawn"         // 申请人撤回: counted among 其他处理
)

// Entry is a request as the public may know it.
type Entry struct {
	Case      store.ID
	Number    string
	Body      string
	Division  string
	Applicant string // kind of the asker
	Channel   Channel
	Arrived   calendar.Date // the day on which it reached the body: counted as received then
	Receipt   calendar.Date // 收到申请之日 in law; 0 while it is not confirmed
	Status    string
	Due       time.Time
	Outcome   string // empty while it is open
	Closed    calendar.Date
	Days      int // working days from the day of receipt to the reply
	Late      bool
	Subject   string // what was asked for, as the disclosure office wrote it for the public
	Record    string // key of the publication that came of it; empty: none
	asker     store.ID
}

// Open reports whether there is no outcome yet.
func (e *Entry) Open() bool { return e.Closed == 0 }
