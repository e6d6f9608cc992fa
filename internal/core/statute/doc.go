// Package statute reads the law as data: every number that a law fixes is a parameter with an id, dated values, a unit and the
// article that it comes from. No other package holds such a number.
//
// A rule set is a folder of YAML files for each jurisdiction, one below the other: cn (the state), cn-ah (Anhui), and so on down.
// The file laws.yaml of a folder names the laws that its values cite:
//
//	laws:
//	  disclosure-2019:
//	    title: {zh-Hans: 政府信息公开条例, zh-Hant: 政府信息公開條例, en: Regulations on Open Government Information}
//	    document: 国务院令第711号
//	    from: 2019-05-15
//
// A text without articles is cited by its headings, and says what these are called in the other languages:
//
//	headings:
//	  目录更新: {zh-Hant: 目錄更新, en: renewal of catalogues}
//
// Every other file holds parameters:
//
//	parameters:
//	  - id: request.reply
//	    title: {zh-Hans: 答复政府信息公开申请, zh-Hant: 答覆政府信息公開申請, en: Reply to a request for information}
//	    unit: working-day
//	    tighter: less
//	    values:
//	      - from: 2008-05-01
//	        until: 2019-05-15      # the first day on which the value no longer holds
//	        amount: 15
//	        source: {law: disclosure-2007, article: "24"}
//	        confidence: verified
//	      - from: 2019-05-15
//	        amount: 20
//	        source: {law: disclosure-2019, article: "33"}
//	        confidence: verified
//
// [Parameter.At] gives the value in force on a day, so that a matter of 2013 runs on the rules of 2013 whenever it is computed.
//
// A lower jurisdiction may tighten a parameter of the one above, never loosen it: it writes the id with `overrides: true` and its
// own dated values. Which way is tighter the parameter says itself: less for a term that binds an authority, more for a term that
// protects a citizen, fixed for what only the higher jurisdiction may decide.
//
// [Load] refuses what a reader of the law would refuse: a gap or an overlap between dated values, a value without its source or
// without an amount, a date before the cited law was in force, a loosening, an unknown key, an id used twice, a missing
// translation. Each refusal names the file, the id and the key, and says how to mend it.
//
// A value also says how sure we are of it ([Confidence]): read in the law, seen in practice, or not verified yet.
package statute
