// Package law keeps the calendar and the rules in force on a node: those that ship with the program, and over them what the system
// administrator has published since, which stands in the database so that every node takes it up.
//
//	l, err := law.Open(ctx, law.Options{…})
//	day := l.Calendar().Add(today, 20)
//	rules := l.Rules()                       // one set for all who hold it; a new version takes its place inside
//	changed, err := l.Refresh(ctx)           // another node published something
//
// A notice of the State Council (国务院办公厅放假通知) makes the holidays of a year certain. Until it comes, days of that year are
// provisional, and so is what is computed over them: importing it moves the lines of open cases ([Law.PreviewNotice] shows which days
// change; casework computes the cases anew, in batches).
//
// A file of rules (规则集) brings new dated values. [Law.PreviewRules] shows which rules change from which day; what began before keeps the
// rules of its day. What is published is never removed: the newest version of a file counts.
package law
