// Package i18n holds the words of the pages in the three languages of the platform and picks the right one.
//
// Every module keeps its words in YAML files in its own folder "locales"; each message stands there once, with its three languages
// beside each other, so that a missing translation is seen where it is missing:
//
//	approval.apply.title: {zh-Hans: 申请事项, zh-Hant: 申請事項, en: Apply for a service}
//	approval.queue.count:
//	  zh-Hans: 共 {{.Count}} 件
//	  zh-Hant: 共 {{.Count}} 件
//	  en: {one: "{{.Count}} case", other: "{{.Count}} cases"}
//
// A key begins with the name of its module. Loading refuses what would only be noticed by a reader: a missing language, a key
// defined twice, a key that is not of the form name.name, a placeholder that one language has and another has not.
//
// A Catalogue is built once at start; its Localizer for a language is immutable, so pages share it without locks:
//
//	l := catalogue.Localizer(lang.Hans)
//	l.T("approval.queue.count", i18n.Args{"Count": 3}) // 共 3 件
//
// A key that nobody defined is shown as ⟦key⟧ and remembered in Catalogue.Missing, which tests assert to be empty.
package i18n
