// Package report is the slice of disclosure statistics (政府信息公开统计) and annual reports (政府信息公开工作年度报告): mission M09.
//
// Every department of a government owes a report on the year before by 31 January, every government by 31 March (条例 49). Who owes one
// is worked out from the registry and the rules ([Service.Owed]); nothing has to be opened for a report to be late.
//
// A report is a case of the kind [KindName] with the procedure procedures/annual-report.bpmn:
//
//	compile (编制) → cross-check (勾稽核对) → approve by the head (审签) → published
//	    └─────────────── returned ──────────────────┘
//
// Its tables are laid out by package sheet. While it is compiled they show what the records count at that moment ([Figures]); a cell is
// changed only by an adjustment with a reason (调整). Sections of words are edited in place, by as many people as like: whoever saves
// what somebody else has changed meanwhile sees both, and loses neither. A check that does not hold keeps the report back until the
// numbers are mended, or the finding is explained. What is handed on is frozen as a [Statement]; its digest, its numbers, every
// adjustment and every explanation with their reasons stand in the log.
//
// A government's report counts the records of its division and of all below. The bodies and governments below have reports of their own,
// and whether they add up to it is a check as well ([Service.Below]).
//
// The approved report is at once a page, a PDF and a workbook; a record of it goes to the catalogue (公开年报) through [Publisher].
//
//	/open/reports                       by division, body and year; who has handed in and who is late
//	/open/reports/OWNER/YEAR            one report; …/report.pdf, …/report.xlsx
//	/open/statistics                    by year and quarter; …/statistics.csv, …/statistics.xlsx
//	/desk/reports                       what the own body owes, and its reports
//	/desk/reports/OWNER/YEAR            compiling, adjusting, words, handing on, approving; …/preview
package report
