// Package policies holds who may do what: one rule for each way in which an action is allowed, in Cedar, the language of
// https://www.cedarpolicy.com, so that a lawyer or an auditor can read the rules without reading the program.
//
//	openhall.cedarschema   who acts, which actions there are, and the facts that rules may look at
//	cases.cedar            applying, working on a case, reading it
//	desk.cedar             lists, queues, boards, the API
//	administration.cedar   the three administrators (三员), the catalogue
//	administrators.cedar   calendars and rule sets, policies and keys, erasing
//	centre.cedar           service centres, the authority of windows
//	account.cedar          one's own account (本人账号)
//	report.cedar           annual reports (年度报告)
//	chart.cedar            flow charts of powers (权力运行流程图)
//	rating.cedar           ratings (好差评) and complaints (投诉)
//
// What no rule permits is refused. Every rule has an @id that begins with its action; package identity loads them, checks them
// against the schema, and is the only one to ask them.
package policies

import "embed"

// Files holds the rules and their schema.
//
//go:embed *.cedar openhall.cedarschema
var Files embed.FS
