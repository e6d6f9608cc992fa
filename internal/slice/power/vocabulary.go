package power

import (
	"openhall.org/openhall/internal/core/identifier"
	"openhall.org/openhall/internal/core/lang"
)

// Type is the type of an item (事项类型): two digits of the basic code.
type Type = identifier.ItemType

// The types of the national standard.
const (
	Licence       Type = "01" // 行政许可
	Penalty       Type = "02" // 行政处罚
	Coercion      Type = "03" // 行政强制
	Levy          Type = "04" // 行政征收
	Payment       Type = "05" // 行政给付
	Inspection    Type = "06" // 行政检查
	Confirmation  Type = "07" // 行政确认
	Reward        Type = "08" // 行政奖励
	Ruling        Type = "09" // 行政裁决
	Other         Type = "10" // 其他行政权力
	PublicService Type = "20" // 公共服务
)

// Handling says whether an item is done at once or within a promised term (办件类型).
type Handling string

// The two kinds of handling.
const (
	OnTheSpot Handling = "1" // 即办件
	Promising Handling = "2" // 承诺件
)

// Level is a level of government that exercises an item (行使层级).
type Level string

// The levels, with the digit that stands for each in an item code.
const (
	National   Level = "national"   // 1 国家级
	Provincial Level = "provincial" // 2 省级
	Municipal  Level = "municipal"  // 3 市级
	County     Level = "county"     // 4 县级
	Township   Level = "township"   // 5 镇（乡、街道）级
	Village    Level = "village"    // 6 村（社区）级
)

// Digit returns the digit of the level in an item code (实施编码), 0 for an unknown level.
func (l Level) Digit() int {
	switch l {
	case National:
		return 1
	case Provincial:
		return 2
	case Municipal:
		return 3
	case County:
		return 4
	case Township:
		return 5
	case Village:
		return 6
	}
	return 0
}

// Audience is whom an item serves (服务对象).
type Audience string

// The audiences.
const (
	Person       Audience = "person"       // 自然人
	Organisation Audience = "organisation" // 法人及其他组织
)

// Origin says where the power comes from (权力来源).
type Origin string

// The origins.
const (
	OwnLevel  Origin = "own"       // 法定本级行使
	HandedOn  Origin = "handed-on" // 上级下放
	Empowered Origin = "empowered" // 上级授权
	Delegated Origin = "delegated" // 上级委托
)

// Nature is the nature of the implementing body (实施主体性质).
type Nature string

// The natures.
const (
	StatutoryOrgan   Nature = "statutory"    // 法定机关
	AuthorisedOrgan  Nature = "authorised"   // 授权组织
	CommissionedBody Nature = "commissioned" // 受委托组织
)

// Status is where the item stands in its life (状态).
type Status string

// The states. Whether an item can be applied for on a day is told by [Item.ActiveOn], not by its status alone.
const (
	Draft     Status = "draft"     // 未发布
	Published Status = "published" // 在用
	Withdrawn Status = "cancelled" // 取消
)

// Channel is a way to hand in an application (办理形式).
type Channel string

// The channels.
const (
	Window Channel = "window" // 窗口办理
	Online Channel = "online" // 网上办理
	Post   Channel = "post"   // 邮寄
	Agent  Channel = "agent"  // 代办
)

// Kind is the kind of a material (材料类型).
type Kind string

// The kinds of material.
const (
	ApplicationForm Kind = "form"        // 申请表: made by the platform from the application
	Certificate     Kind = "certificate" // 证照
	Document        Kind = "document"    // 其他文书
	Picture         Kind = "picture"     // 照片
)

// Format is the form in which a material is taken (材料形式).
type Format string

// The formats.
const (
	Original   Format = "original"   // 原件
	Copy       Format = "copy"       // 复印件
	Electronic Format = "electronic" // 电子件
)

// Need says whether a material is needed (必要性).
type Need string

// The degrees of need.
const (
	Required    Need = "required"    // 必要
	Conditional Need = "conditional" // 特定情形下必要
	Curable     Need = "curable"     // 可容缺: may follow later, by a promise with a date
)

// Provenance is where the applicant gets a material (来源渠道).
type Provenance string

// The provenances.
const (
	ByApplicant   Provenance = "applicant"   // 申请人自备
	ByAuthority   Provenance = "authority"   // 政府部门核发
	ByThirdParty  Provenance = "third-party" // 第三方出具
	SharedByState Provenance = "shared"      // 部门共享: fetched by the platform, not asked for again
)

// ResultKind is the kind of a result (结果类型).
type ResultKind string

// The kinds of result.
const (
	Permit       ResultKind = "certificate"  // 证照
	Approval     ResultKind = "approval"     // 批文
	Registration ResultKind = "registration" // 登记、备案
	Benefit      ResultKind = "benefit"      // 款项、待遇
	OtherResult  ResultKind = "other"        // 其他
)

// Depth is how far an item can be done online (网办深度), I to IV.
type Depth string

// The depths.
const (
	Information Depth = "I"   // 在线咨询
	Submission  Depth = "II"  // 网上预审
	Acceptance  Depth = "III" // 网上受理办理, at most one visit
	Full        Depth = "IV"  // 全程网办
)

// Reach is how far from home an item can be handed in (通办范围).
type Reach string

// The reaches.
const (
	Everywhere   Reach = "national" // 全国
	ProvinceWide Reach = "province" // 全省
	CityWide     Reach = "city"     // 全市
	CountyWide   Reach = "county"   // 全县
)

// Rank is the rank of a law (法律效力位阶), which decides what it may set up.
type Rank string

// The ranks. A licence can be set up by the first four, and for a year by a provincial rule (行政许可法 14, 15, 17).
const (
	Act             Rank = "act"              // 法律
	StateRegulation Rank = "state-regulation" // 行政法规
	StateDecision   Rank = "state-decision"   // 国务院决定
	LocalRegulation Rank = "local-regulation" // 地方性法规
	ProvincialRule  Rank = "provincial-rule"  // 省级政府规章
	DepartmentRule  Rank = "department-rule"  // 部门规章
	Normative       Rank = "normative"        // 规范性文件
)

// CanSetUpLicence reports whether a law of the rank can set up a licence.
func (r Rank) CanSetUpLicence() bool {
	switch r {
	case Act, StateRegulation, StateDecision, LocalRegulation, ProvincialRule:
		return true
	}
	return false
}

// vocabulary is a closed list of values with their names, in the order in which they are offered to a reader.
type vocabulary[T ~string] []struct {
	value T
	name  lang.Text
}

func (v vocabulary[T]) has(x T) bool {
	for _, entry := range v {
		if entry.value == x {
			return true
		}
	}
	return false
}

// name returns the name of x; a value that the list doesn't know is shown as it is written.
func (v vocabulary[T]) name(x T) lang.Text {
	for _, entry := range v {
		if entry.value == x {
			return entry.name
		}
	}
	return lang.Text{Hans: string(x)}
}
