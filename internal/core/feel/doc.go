// Package feel reads and evaluates FEEL, the expression language of DMN 1.3 (Decision Model and Notation, OMG formal/2021-02-01,
// chapters 9 and 10), in which openhall writes the conditions of procedures and the cells of decision tables (裁量基准).
//
// A reviewer of the law, not a programmer, has to be able to read a condition, and the same condition has to give the same answer
// on any machine and any day. So the language has no assignment and no loops without an end, the package reads no clock (now() and
// today() answer only what the scope gives under those names), numbers are decimals of 34 digits (IEEE 754-2008 decimal128,
// rounding half to even), and every evaluation has a budget of steps.
//
//	e, err := feel.Parse(`amount > 100 and kind = "food"`)
//	v, err := e.Eval(feel.Vars{"amount": feel.Int(250), "kind": "food"})
//	if feel.Truth(v) { … }
//
// # Null
//
// FEEL has three truths. What cannot be answered is null: a missing variable, a comparison of things of different kinds, a division
// by zero, a wrong argument. null passes through operators (missing > 1 is null), except that false and null is false, true or null
// is true, and anything may be tested for null with = and !=. [Truth] takes only true for true, so a condition that cannot be
// answered never opens a way.
//
// # Names
//
// Names may hold spaces and any letters (申请金额, date of birth). Adjacent words are read as one name. A name that holds an operator
// or a keyword (profit and loss, a-b) is recognised when it is told to [ParseWith], or is a key of a context in the same expression.
//
// # Unary tests
//
// The cells of a decision table are read by [ParseUnaryTests]: "-", ">= 18", "[1..5)", `"a", "b"`, "not(0)"; the value under test
// is written ? where it has to be named.
//
// # Limits
//
// A source has at most 64 KiB and 200 levels of nesting; an evaluation at most 250,000 steps, after which it ends with
// [ErrBudget]. Times are of the proleptic Gregorian calendar; a time zone given by name is looked up in the IANA database.
package feel
