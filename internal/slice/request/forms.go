package request

// sentForm is how the desk shows what is asked for.
var sentForm = []byte(`{"type": "object", "properties": {
	"description": {"type": "string", "title": "申请公开的内容", "x-title": {"zh-Hant": "申請公開的內容", "en": "What is asked for"}, "maxLength": 2000},
	"wanted": {"type": "string", "title": "获取方式", "x-title": {"zh-Hant": "獲取方式", "en": "Manner wanted"}, "oneOf": [
		{"const": "online", "title": "网上查看", "x-title": {"zh-Hant": "網上查看", "en": "Online"}},
		{"const": "email", "title": "电子邮件", "x-title": {"zh-Hant": "電子郵件", "en": "By e-mail"}},
		{"const": "post", "title": "邮寄", "x-title": {"zh-Hant": "郵寄", "en": "By post"}},
		{"const": "pick-up", "title": "当面领取", "x-title": {"zh-Hant": "當面領取", "en": "Picked up"}},
		{"const": "inspect", "title": "现场查阅、抄录", "x-title": {"zh-Hant": "現場查閱、抄錄", "en": "Read on the spot"}}]},
	"medium": {"type": "string", "title": "载体", "x-title": {"zh-Hant": "載體", "en": "Form"}, "oneOf": [
		{"const": "electronic", "title": "电子文档", "x-title": {"zh-Hant": "電子文檔", "en": "Electronic"}},
		{"const": "paper", "title": "纸质", "x-title": {"zh-Hant": "紙質", "en": "Paper"}},
		{"const": "copy", "title": "复制件", "x-title": {"zh-Hant": "複製件", "en": "Copy"}}]},
	"channel": {"type": "string", "title": "提交方式", "x-title": {"zh-Hant": "提交方式", "en": "Channel"}, "oneOf": [
		{"const": "web", "title": "网上", "x-title": {"zh-Hant": "網上", "en": "Web"}},
		{"const": "window", "title": "当面提交", "x-title": {"zh-Hant": "當面提交", "en": "In person"}},
		{"const": "agent", "title": "代理人或者代办员代为提交", "x-title": {"zh-Hant": "代理人或者代辦員代為提交", "en": "Handed in by an agent"}},
		{"const": "registered", "title": "需要签收的邮寄", "x-title": {"zh-Hant": "需要簽收的郵寄", "en": "Registered post"}},
		{"const": "mail", "title": "平常信函", "x-title": {"zh-Hant": "平常信函", "en": "Ordinary mail"}},
		{"const": "fax", "title": "传真", "x-title": {"zh-Hant": "傳真", "en": "Fax"}}]},
	"received": {"type": "string", "title": "收到（签收）日期", "x-title": {"zh-Hant": "收到（簽收）日期", "en": "Day of arrival (signed for)"}, "format": "date"},
	"late": {"type": "string", "title": "迟登记的原因", "x-title": {"zh-Hant": "遲登記的原因", "en": "Why it was entered late"}}}}`)
