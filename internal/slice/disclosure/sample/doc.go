// Package sample makes up the records of the demo province: what every city, county and department of a province publishes in fifteen years.
//
// The same seed gives the same records on any machine and any day, one after the other, so that filling a demo can stop at any moment and
// go on later. No two records are equal: titles, numbers and texts are put together from templates.yaml by drawing from their alternatives.
// Policies come with what belongs to them: interpretations (text, questions and answers, chart, picture, video), later amendments, repeals.
//
//	plan, err := sample.New(bodies, sample.Options{Records: 20_000, Policies: 210, Until: today})
//	for r := range plan.All() { … }
//
// All people, enterprises, amounts and decisions are invented.
package sample
