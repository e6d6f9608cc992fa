package power

import "openhall.org/openhall/internal/core/lang"

// The names of the closed vocabularies, in the order in which they are offered to a reader.
var (
	handlings = vocabulary[Handling]{
		{OnTheSpot, lang.Text{Hans: "即办件", Hant: "即辦件", En: "Done on the spot"}},
		{Promising, lang.Text{Hans: "承诺件", Hant: "承諾件", En: "Done within a promised term"}},
	}
	levels = vocabulary[Level]{
		{National, lang.Text{Hans: "国家级", Hant: "國家級", En: "National"}},
		{Provincial, lang.Text{Hans: "省级", Hant: "省級", En: "Provincial"}},
		{Municipal, lang.Text{Hans: "市级", Hant: "市級", En: "City"}},
		{County, lang.Text{Hans: "县级", Hant: "縣級", En: "County"}},
		{Township, lang.Text{Hans: "镇（乡、街道）级", Hant: "鎮（鄉、街道）級", En: "Township"}},
		{Village, lang.Text{Hans: "村（社区）级", Hant: "村（社區）級", En: "Village"}},
	}
	audiences = vocabulary[Audience]{
		{Person, lang.Text{Hans: "自然人", Hant: "自然人", En: "Persons"}},
		{Organisation, lang.Text{Hans: "法人及其他组织", Hant: "法人及其他組織", En: "Organisations"}},
	}
	origins = vocabulary[Origin]{
		{OwnLevel, lang.Text{Hans: "法定本级行使", Hant: "法定本級行使", En: "Laid down by law for this level"}},
		{HandedOn, lang.Text{Hans: "上级下放", Hant: "上級下放", En: "Handed down from above"}},
		{Empowered, lang.Text{Hans: "上级授权", Hant: "上級授權", En: "Authorised from above"}},
		{Delegated, lang.Text{Hans: "上级委托", Hant: "上級委託", En: "Delegated from above"}},
	}
	natures = vocabulary[Nature]{
		{StatutoryOrgan, lang.Text{Hans: "法定机关", Hant: "法定機關", En: "Statutory organ"}},
		{AuthorisedOrgan, lang.Text{Hans: "授权组织", Hant: "授權組織", En: "Authorised organisation"}},
		{CommissionedBody, lang.Text{Hans: "受委托组织", Hant: "受委託組織", En: "Commissioned organisation"}},
	}
	statuses = vocabulary[Status]{
		{Draft, lang.Text{Hans: "未发布", Hant: "未發佈", En: "Draft"}},
		{Published, lang.Text{Hans: "在用", Hant: "在用", En: "In use"}},
		{Withdrawn, lang.Text{Hans: "取消", Hant: "取消", En: "Cancelled"}},
	}
	channels = vocabulary[Channel]{
		{Window, lang.Text{Hans: "窗口办理", Hant: "窗口辦理", En: "At the window"}},
		{Online, lang.Text{Hans: "网上办理", Hant: "網上辦理", En: "Online"}},
		{Post, lang.Text{Hans: "邮寄办理", Hant: "郵寄辦理", En: "By post"}},
		{Agent, lang.Text{Hans: "代办", Hant: "代辦", En: "Through an agent"}},
	}
	kinds = vocabulary[Kind]{
		{ApplicationForm, lang.Text{Hans: "申请表", Hant: "申請表", En: "Application form"}},
		{Certificate, lang.Text{Hans: "证照", Hant: "證照", En: "Certificate or licence"}},
		{Document, lang.Text{Hans: "其他文书", Hant: "其他文書", En: "Other document"}},
		{Picture, lang.Text{Hans: "照片", Hant: "照片", En: "Photograph"}},
	}
	formats = vocabulary[Format]{
		{Original, lang.Text{Hans: "原件", Hant: "原件", En: "Original"}},
		{Copy, lang.Text{Hans: "复印件", Hant: "複印件", En: "Copy"}},
		{Electronic, lang.Text{Hans: "电子件", Hant: "電子件", En: "Electronic file"}},
	}
	needs = vocabulary[Need]{
		{Required, lang.Text{Hans: "必要", Hant: "必要", En: "Required"}},
		{Conditional, lang.Text{Hans: "特定情形下必要", Hant: "特定情形下必要", En: "Required in some cases"}},
		{Curable, lang.Text{Hans: "可容缺后补", Hant: "可容缺後補", En: "May follow later"}},
	}
	provenances = vocabulary[Provenance]{
		{ByApplicant, lang.Text{Hans: "申请人自备", Hant: "申請人自備", En: "From the applicant"}},
		{ByAuthority, lang.Text{Hans: "政府部门核发", Hant: "政府部門核發", En: "Issued by an authority"}},
		{ByThirdParty, lang.Text{Hans: "第三方出具", Hant: "第三方出具", En: "Issued by a third party"}},
		{SharedByState, lang.Text{Hans: "部门共享，免于提交", Hant: "部門共享，免於提交", En: "Fetched by us, no need to hand it in"}},
	}
	resultKinds = vocabulary[ResultKind]{
		{Permit, lang.Text{Hans: "证照", Hant: "證照", En: "Certificate or licence"}},
		{Approval, lang.Text{Hans: "批文", Hant: "批文", En: "Written approval"}},
		{Registration, lang.Text{Hans: "登记", Hant: "登記", En: "Registration"}},
		{Benefit, lang.Text{Hans: "款项或待遇", Hant: "款項或待遇", En: "Money or benefit"}},
		{OtherResult, lang.Text{Hans: "其他", Hant: "其他", En: "Other"}},
	}
	ranks = vocabulary[Rank]{
		{Act, lang.Text{Hans: "法律", Hant: "法律", En: "Act"}},
		{StateRegulation, lang.Text{Hans: "行政法规", Hant: "行政法規", En: "Administrative regulation"}},
		{StateDecision, lang.Text{Hans: "国务院决定", Hant: "國務院決定", En: "Decision of the State Council"}},
		{LocalRegulation, lang.Text{Hans: "地方性法规", Hant: "地方性法規", En: "Local regulation"}},
		{ProvincialRule, lang.Text{Hans: "省级政府规章", Hant: "省級政府規章", En: "Rule of the provincial government"}},
		{DepartmentRule, lang.Text{Hans: "部门规章", Hant: "部門規章", En: "Departmental rule"}},
		{Normative, lang.Text{Hans: "规范性文件", Hant: "規範性文件", En: "Normative document"}},
	}
	depths = vocabulary[Depth]{
		{Information, lang.Text{Hans: "在线咨询", Hant: "在線諮詢", En: "Ask online"}},
		{Submission, lang.Text{Hans: "网上预审", Hant: "網上預審", En: "Preliminary check online"}},
		{Acceptance, lang.Text{Hans: "网上受理，至多到场一次", Hant: "網上受理，至多到場一次", En: "Accepted online, at most one visit"}},
		{Full, lang.Text{Hans: "全程网办", Hant: "全程網辦", En: "Wholly online"}},
	}
	reaches = vocabulary[Reach]{
		{Everywhere, lang.Text{Hans: "全国通办", Hant: "全國通辦", En: "Anywhere in the country"}},
		{ProvinceWide, lang.Text{Hans: "全省通办", Hant: "全省通辦", En: "Anywhere in the province"}},
		{CityWide, lang.Text{Hans: "全市通办", Hant: "全市通辦", En: "Anywhere in the city"}},
		{CountyWide, lang.Text{Hans: "全县通办", Hant: "全縣通辦", En: "Anywhere in the county"}},
	}
)

// Name returns the name for readers.
func (h Handling) Name() lang.Text { return handlings.name(h) }

// Name returns the name for readers.
func (l Level) Name() lang.Text { return levels.name(l) }

// Name returns the name for readers.
func (a Audience) Name() lang.Text { return audiences.name(a) }

// Name returns the name for readers.
func (o Origin) Name() lang.Text { return origins.name(o) }

// Name returns the name for readers.
func (n Nature) Name() lang.Text { return natures.name(n) }

// Name returns the name for readers.
func (s Status) Name() lang.Text { return statuses.name(s) }

// Name returns the name for readers.
func (c Channel) Name() lang.Text { return channels.name(c) }

// Name returns the name for readers.
func (k Kind) Name() lang.Text { return kinds.name(k) }

// Name returns the name for readers.
func (f Format) Name() lang.Text { return formats.name(f) }

// Name returns the name for readers.
func (n Need) Name() lang.Text { return needs.name(n) }

// Name returns the name for readers.
func (p Provenance) Name() lang.Text { return provenances.name(p) }

// Name returns the name for readers.
func (r ResultKind) Name() lang.Text { return resultKinds.name(r) }

// Name returns the name for readers.
func (r Rank) Name() lang.Text { return ranks.name(r) }

// Name returns the name for readers.
func (d Depth) Name() lang.Text { return depths.name(d) }

// Name returns the name for readers.
func (r Reach) Name() lang.Text { return reaches.name(r) }
