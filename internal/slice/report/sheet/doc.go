// Package sheet knows how the annual report on open government information (政府信息公开工作年度报告) is laid out and what its tables must
// fulfil. It is pure: no database, no clock.
//
// A [Layout] is data (rules/report): sections (一、总体情况 …), their tables with trees of rows and columns, and checks (勾稽关系). [Load]
// reads all layouts and refuses a broken one with every defect at once; [Layouts.Of] finds the one for a year.
//
// A [Sheet] is the tables of one report, filled: each cell has a value counted from records, perhaps an adjustment (调整) with its
// reason, and the final value that is printed. Totals follow their parts. [Sheet.Check] answers what does not hold, each finding with
// its cells, its numbers and the rule.
//
//	l := layouts.Of(2025)
//	s := sheet.Fill(l, figures, adjustments)
//	for _, f := range s.Check(lastYear) { … }
//
// Where figures come from the layout says: each cell names a figure, such as requests/received/person. A figure that nobody counts is
// absent, and its cell is empty until somebody enters it with a reason: absent is never zero.
package sheet
