package power

import (
	"strings"

	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/core/identifier"
	"openhall.org/openhall/internal/core/lang"
	"openhall.org/openhall/internal/core/statute"
)

// Item is a power or a service item (事项) with its elements (要素). An asterisk marks the elements that the standard requires.
type Item struct {
	Key        string    `json:"key" yaml:"key"`                         // slug in addresses, unique in the catalogue
	BasicCode  string    `json:"basicCode" yaml:"basic-code"`            // 基本编码*: 12 digits, see [identifier.BasicCode]
	LocalCode  string    `json:"localCode,omitempty" yaml:"local-code"`  // 地方基本编码
	Name       lang.Text `json:"name" yaml:"name"`                       // 事项名称*
	Summary    lang.Text `json:"summary" yaml:"summary"`                 // what it is for, in plain words
	Type       Type      `json:"type" yaml:"type"`                       // 事项类型*
	Handling   Handling  `json:"handling" yaml:"handling"`               // 办件类型*
	Department string    `json:"department" yaml:"department"`           // kind of body that is competent (部门)
	Source     Origin    `json:"source" yaml:"source"`                   // 权力来源*
	BodyNature Nature    `json:"bodyNature" yaml:"body-nature"`          // 实施主体性质*
	Delegator  lang.Text `json:"delegator,omitzero" yaml:"delegated-by"` // 委托部门, where the body acts by delegation

	Status    Status        `json:"status" yaml:"status"`                    // 状态*
	Version   int           `json:"version" yaml:"version"`                  // 版本*, from 1
	Effective calendar.Date `json:"effective,omitempty" yaml:"effective"`    // 计划生效日; zero: at once
	Cancelled *Cancellation `json:"cancelled,omitempty" yaml:"cancelled"`    // 计划取消日 with its reason
	Level     []Level       `json:"levels" yaml:"levels"`                    // 行使层级*
	By        []Implementer `json:"implementedBy" yaml:"implemented-by"`     // 实施主体*
	Serves    []Audience    `json:"serves" yaml:"serves"`                    // 服务对象*
	Topics    []string      `json:"topics" yaml:"topics"`                    // keys of the catalogue's topics (主题)
	Events    []string      `json:"lifeEvents,omitempty" yaml:"life-events"` // keys of its life events (人生事件)

	Basis      []LegalBasis `json:"basis" yaml:"basis"`           // 设定依据*
	Conditions []lang.Text  `json:"conditions" yaml:"conditions"` // 受理条件*
	Statutory  TermLength   `json:"statutory" yaml:"statutory"`   // 法定时限*
	Promised   Promise      `json:"promised" yaml:"promised"`     // 承诺时限*
	Special    []Special    `json:"special" yaml:"special"`       // 特别程序*: empty when there is none
	Procedure  string       `json:"procedure" yaml:"procedure"`   // 办理流程*: key of the chart
	Visits     *int         `json:"visits" yaml:"visits"`         // 到现场次数*: 0 when everything can be done from home
	Channels   []Channel    `json:"channels" yaml:"channels"`     // 办理形式

	Form      string     `json:"form" yaml:"form"`                  // key of the application form
	Materials []Material `json:"materials" yaml:"materials"`        // 申请材料
	Charged   *bool      `json:"charged" yaml:"charged"`            // 是否收费*
	Fees      []Fee      `json:"fees,omitempty" yaml:"fees"`        // 收费项目
	Results   []Result   `json:"results" yaml:"results"`            // 结果*
	Extended  Extended   `json:"extended,omitzero" yaml:"extended"` // 扩展要素
}

// ActiveOn reports whether somebody can apply for the item on the day d.
func (it *Item) ActiveOn(d calendar.Date) bool {
	if it.Status == Draft || d < it.Effective {
		return false
	}
	return it.Cancelled == nil || d < it.Cancelled.On
}

// ItemCode returns the code of the item as the body with the given credit code exercises it at the level (实施编码, 31 characters).
// The error is an *identifier.Error.
func (it *Item) ItemCode(body identifier.USCC, level Level) (identifier.ItemCode, error) {
	basic, err := identifier.ParseBasicCode(it.BasicCode)
	if err != nil {
		return identifier.ItemCode{}, err
	}
	return identifier.NewItemCode(body, level.Digit(), basic)
}

// Cancellation says when and why an item ceases (取消).
type Cancellation struct {
	On     calendar.Date `json:"on" yaml:"on"` // the first day on which nobody can apply
	Reason lang.Text     `json:"reason" yaml:"reason"`
	Basis  LegalBasis    `json:"basis" yaml:"basis"`
}

// Implementer is a body that exercises the item at a level (实施主体). With the item's basic code and the body's unified social
// credit code the level makes the implementation code (实施编码).
type Implementer struct {
	Body  string `json:"body" yaml:"body"` // key of the body in the registry
	Level Level  `json:"level" yaml:"level"`
}

// LegalBasis is a place in a law (依据).
type LegalBasis struct {
	Key        string             `json:"-" yaml:"law"` // key in the catalogue's laws; Load sets Law, Rank, Document and URL from it
	Law        lang.Text          `json:"law" yaml:"-"`
	Rank       Rank               `json:"rank,omitempty" yaml:"-"`
	Document   string             `json:"document,omitempty" yaml:"-"`            // 文号, such as 国务院令第746号
	Article    string             `json:"article,omitempty" yaml:"article"`       // such as 19 or 16(2); empty: the document as a whole
	Text       string             `json:"text,omitempty" yaml:"text"`             // the words of the law, in the language of the law
	URL        string             `json:"url,omitempty" yaml:"-"`                 // where the law can be read
	Confidence statute.Confidence `json:"confidence,omitempty" yaml:"confidence"` // whether somebody has read it in the law's own text
}

// IsZero reports whether no law is named.
func (b LegalBasis) IsZero() bool { return b.Key == "" && b.Law.IsZero() }

// Cite returns the citation as it is printed: 《市场主体登记管理条例》第19条; in English: Regulations …, art. 19.
func (b LegalBasis) Cite(t lang.Tag) string {
	if b.IsZero() {
		return ""
	}
	law := b.Law.In(t)
	if t == lang.En {
		if b.Article == "" {
			return law
		}
		return law + ", art. " + b.Article
	}
	if b.Article == "" {
		return "《" + law + "》"
	}
	item, clause := "條", "項"
	if t == lang.Hans {
		item, clause = "条", "项"
	}
	article, rest, has := strings.Cut(b.Article, "(")
	cited := "《" + law + "》第" + article + item
	if has {
		cited += "第（" + strings.TrimSuffix(rest, ")") + "）" + clause
	}
	return cited
}

// TermLength is a term with the article that sets it (法定时限).
type TermLength struct {
	N     int          `json:"n" yaml:"n"`
	Unit  statute.Unit `json:"unit" yaml:"unit"`
	Basis LegalBasis   `json:"basis" yaml:"basis"`
}

// Promise is the term that the body promises (承诺时限); it may never exceed the statutory one.
type Promise struct {
	N    int          `json:"n" yaml:"n"`
	Unit statute.Unit `json:"unit" yaml:"unit"`
	Note lang.Text    `json:"note,omitzero" yaml:"note"` // 承诺时限说明
}

// Special is a special procedure whose time isn't counted (特别程序): a hearing, a survey on the spot, an expert review.
type Special struct {
	Ground string    `json:"ground" yaml:"ground"` // id of the pause in the rule set, such as licence.pause.expert
	Note   lang.Text `json:"note,omitzero" yaml:"note"`
}

// Material is a paper that the applicant hands in (申请材料).
type Material struct {
	Key      string     `json:"key" yaml:"key"`
	Name     lang.Text  `json:"name" yaml:"name"`                   // 名称*
	Kind     Kind       `json:"kind" yaml:"kind"`                   // 类型
	Formats  []Format   `json:"formats" yaml:"formats"`             // 形式
	Need     Need       `json:"need" yaml:"need"`                   // 必要性
	When     lang.Text  `json:"when,omitzero" yaml:"when"`          // for a conditional one: when it is needed
	Origin   Provenance `json:"origin" yaml:"origin"`               // 来源渠道
	Copies   int        `json:"copies" yaml:"copies"`               // 份数, on paper; 0: only electronic
	Accept   lang.Text  `json:"accept,omitzero" yaml:"accept"`      // 受理标准
	Basis    LegalBasis `json:"basis" yaml:"basis"`                 // 依据
	Personal bool       `json:"personal,omitempty" yaml:"personal"` // holds personal data
}

// Fee is a charge (收费项目).
type Fee struct {
	Name     lang.Text  `json:"name" yaml:"name"`              // 名称*
	Fen      int64      `json:"fen" yaml:"fen"`                // amount in fen for one unit; 0 when the standard is a scale
	Standard lang.Text  `json:"standard" yaml:"standard"`      // 标准*
	Waiver   lang.Text  `json:"waiver,omitzero" yaml:"waiver"` // 减免
	Basis    LegalBasis `json:"basis" yaml:"basis"`            // 依据
}

// Result is what the applicant receives (办理结果).
type Result struct {
	Kind     ResultKind `json:"kind" yaml:"kind"`                  // 结果类型*
	Name     lang.Text  `json:"name" yaml:"name"`                  // 结果名称
	Validity lang.Text  `json:"validity,omitzero" yaml:"validity"` // how long it is valid
}

// Extended holds the elements beyond the basic ones (扩展要素).
type Extended struct {
	OnlineDepth    Depth     `json:"onlineDepth,omitempty" yaml:"online-depth"`     // 网办深度
	Reach          Reach     `json:"reach,omitempty" yaml:"reach"`                  // 通办范围
	Joint          []string  `json:"joint,omitempty" yaml:"joint"`                  // 联办机构: kinds of bodies
	Intermediaries lang.Text `json:"intermediaries,omitzero" yaml:"intermediaries"` // 中介服务
	Quota          lang.Text `json:"quota,omitzero" yaml:"quota"`                   // 数量限制
	InHall         *bool     `json:"inHall" yaml:"in-hall"`                         // 进驻大厅*
	Express        *bool     `json:"express" yaml:"express"`                        // 快递*
	OnlinePayment  *bool     `json:"onlinePayment" yaml:"online-payment"`           // 网上支付*
	Appointment    bool      `json:"appointment,omitempty" yaml:"appointment"`      // 预约
	AgentPoints    bool      `json:"agentPoints,omitempty" yaml:"agent-points"`     // can be handed in at township and village points
}

// Law is a law as the catalogue cites it.
type Law struct {
	Key      string    `json:"key" yaml:"-"`
	Title    lang.Text `json:"title" yaml:"title"`
	Rank     Rank      `json:"rank" yaml:"rank"`
	Document string    `json:"document,omitempty" yaml:"document"` // 文号 of the version that was read
	URL      string    `json:"url,omitempty" yaml:"url"`
}

// Label is a topic or a life event under which items are found.
type Label struct {
	Key  string    `json:"key" yaml:"key"`
	Name lang.Text `json:"name" yaml:"name"`
}
