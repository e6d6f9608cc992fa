// Package power is the catalogue of powers and service items (权责清单, 政务服务事项目录): what the government may do to or for a
// person, on which legal basis, by whom, with which papers, within which term, for which fee.
//
// An [Item] carries the elements that the national data standard for service items asks for. It is written in YAML, one file per
// department, and read by [Load] together with the laws it cites and the JSON Schemas of its application forms. [Lint] checks the
// elements: those that are mandatory must be there, every paper and every fee needs a basis, a promised term may not exceed the
// statutory one. An item with an error is not published.
//
// The item's Procedure names the BPMN chart that runs its cases: what is published is what is executed.
package power
