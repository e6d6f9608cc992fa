// Package procedures holds the procedures (办事流程) that ship with the platform, and the forms (表单) of their steps.
//
// A procedure is a file of BPMN 2.0 that any modeller opens, and it is what runs: package procedure (internal/core) executes it, package
// casework publishes it under its file name, and the guide of an item draws it. The extensions in it are explained in the manual
// of package procedure.
//
//	general-licence  行政许可: correction once, deemed acceptance, hearing, inspection, experts, extension, four eyes, delivery
//	on-the-spot      即办件: decided and delivered at the window at once
//	registration     登记: received, examined, certificate issued
//	service          公共服务: received, examined, result delivered
//	benefit          行政给付: inquiry, seven days of public notice with objections, confirmation by the head
//	rating-followup  差评回访整改: the rater is contacted, answered, called back by another; the closure is public
//	publication      主动公开: reviewed for secrecy and privacy, decided, released by the platform; publication-withdrawal takes it back
//	complaint        政务服务投诉: accepted or not, inquired into, answered, reviewed once
//
// A case can be withdrawn by the message withdraw until it is decided; the public notice of a benefit hears the message
// objection. The status of a case is one of received, supplement, accepted, paused, notice, decided while it is open, and granted,
// refused, not-accepted, lapsed or withdrawn when it has ended.
//
// The clock decide runs from acceptance to the decision. Its rule is licence.decide (行政许可法 art. 42); an item with a term of its
// own fixes that for its cases under the same rule.
//
// A form is a JSON Schema. Its file name is the key that a step of a procedure names. A field marked x-public stands in clear in
// the public log, so it is a code, a number or a day and never free text; one marked x-variable decides the way that the case
// takes; every other field is sealed. A step with a result has it in the field outcome.
package procedures

import "embed"

// Files holds the procedures as KEY.bpmn, and the forms as forms/KEY.json.
//
//go:embed *.bpmn forms/*.json
var Files embed.FS
