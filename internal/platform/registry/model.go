package registry

import (
	"time"

	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/core/lang"
	"openhall.org/openhall/internal/platform/store"
)

// Level is a level of government (行政层级).
type Level int

// The levels. A village is no level of government but the last division that has a code.
const (
	Province Level = 1 + iota // 省、自治区、直辖市
	City                      // 设区的市、自治州、地区
	County                    // 县、县级市、区
	Township                  // 乡、镇、街道
	Village                   // 村、社区
)

// digits gives how many leading digits of a 12-digit code belong to a level.
var digits = [...]int{Province: 2, City: 4, County: 6, Township: 9, Village: 12}

// Division (行政区划) is a province, city, county, township or village.
type Division struct {
	Code  string // 12 digits: 2 province, 2 city, 2 county, 3 township, 3 village; zeros below its own level
	Level Level
	Name  lang.Text
}

// Body (机关) is a body of government.
type Body struct {
	Key       string    `json:"key"`
	Division  string    `json:"division"` // 12 digits
	Kind      string    `json:"kind"`     // what it is competent for, such as market-regulation; the same at every level
	Level     string    `json:"level"`    // provincial, municipal, county, township
	Name      lang.Text `json:"name"`
	Agency    string    `json:"agency,omitempty"`    // 机关代字, with which its document numbers begin
	USCC      string    `json:"uscc,omitempty"`      // 统一社会信用代码
	Centre    string    `json:"centre,omitempty"`    // key of the centre where it is stationed
	Address   lang.Text `json:"address,omitzero"`    // where it is found and written to (地址)
	Consult   string    `json:"consult,omitempty"`   // telephone for enquiries (咨询)
	Complaint string    `json:"complaint,omitempty"` // telephone for complaints (监督投诉)
	Ended     string    `json:"ended,omitempty"`     // first day on which it is no longer there (撤销), YYYY-MM-DD
}

// Centre (政务服务中心) is a service centre, or the point of a village agent (代办点).
type Centre struct {
	Key       string    `json:"key"`
	Division  string    `json:"division"` // 12 digits
	Body      string    `json:"body"`     // key of the body that runs it
	Name      lang.Text `json:"name"`
	Address   lang.Text `json:"address"`
	Hours     lang.Text `json:"hours"`
	Telephone string    `json:"telephone,omitempty"`
	Windows   []Window  `json:"windows,omitempty"`
	Ended     string    `json:"ended,omitempty"` // first day on which it is closed, YYYY-MM-DD
}

// Window (窗口) is a counter of a centre.
type Window struct {
	Key    string    `json:"key"`
	Number string    `json:"number,omitempty"` // on the sign
	Name   lang.Text `json:"name"`
	Bodies []string  `json:"bodies,omitempty"` // keys of the bodies whose matters it takes in
}

// The roles that a post may carry (岗位角色). Policies name them.
const (
	Clerk         = "window"         // 窗口岗: receives, notifies, hands out
	Agent         = "agent"          // 代办员: hands in for villagers
	Reviewer      = "reviewer"       // 审核岗
	Head          = "head"           // 审批岗, the head who decides
	Supervisor    = "supervisor"     // 监察岗
	Manager       = "manager"        // 政务服务中心管理岗
	Complaints    = "complaints"     // 投诉处理岗: takes complaints, calls back those who rated badly
	Disclosure    = "disclosure"     // 政府信息公开岗: drafts what is published, keeps the catalogue
	SystemAdmin   = "system-admin"   // 系统管理员
	SecurityAdmin = "security-admin" // 安全保密管理员
	AuditAdmin    = "audit-admin"    // 安全审计员
)

// administrative reports whether the role is one of the three administrators (三员).
func administrative(role string) bool {
	return role == SystemAdmin || role == SecurityAdmin || role == AuditAdmin
}

// Post (岗位) is a position in a body.
type Post struct {
	Key      string    `json:"key"`
	Body     string    `json:"body"`
	Division string    `json:"-"` // of the body; filled in by the snapshot
	Roles    []string  `json:"roles"`
	Windows  []string  `json:"windows,omitempty"` // keys: where a clerk or an agent sits; empty: all of the centres that the body runs
	Title    lang.Text `json:"title"`
	Ended    string    `json:"ended,omitempty"` // first day on which nobody holds it any more, YYYY-MM-DD
}

// endOf is the instant from which something that ended is no longer there; the zero time while it has no end.
func endOf(ended string) time.Time {
	day, err := calendar.Parse(ended)
	if ended == "" || err != nil {
		return time.Time{}
	}
	return day.Start()
}

// Over reports whether something with that last day is over at an instant.
func Over(ended string, at time.Time) bool {
	end := endOf(ended)
	return !end.IsZero() && !at.Before(end)
}

// Has reports whether the post carries the role.
func (p *Post) Has(role string) bool {
	for _, r := range p.Roles {
		if r == role {
			return true
		}
	}
	return false
}

// Appointment (任职) says that an account holds a post from an instant until another, which is not included. A zero Until is open.
type Appointment struct {
	Account     store.ID
	Post        string
	From, Until time.Time
}

func (a Appointment) holds(at time.Time) bool {
	return !at.Before(a.From) && (a.Until.IsZero() || at.Before(a.Until))
}

func (a Appointment) overlaps(b Appointment) bool {
	return (b.Until.IsZero() || a.From.Before(b.Until)) && (a.Until.IsZero() || b.From.Before(a.Until))
}
