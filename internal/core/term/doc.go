// Package term keeps statutory clocks: by when an authority must act, how many days it has left, and why.
//
// A [Term] (期限) is started, paused (中止, 扣除), resumed, extended (延长) and stopped, and stored with its case as JSON. It holds
// no date due: the two lines of a term are computed from what happened to it and a calendar, so that they move by themselves
// when the State Council's notice for next year arrives.
//
//	t, err := term.New(accepted, statutory, promised)
//	err = t.Pause(at, "licence.pause.expert-review", title, article)
//	lines := t.Compute(cal, now)   // lines.Promise: 承诺时限 (yellow), lines.Statute: 法定时限 (red)
//	steps := t.Explain(cal, now)   // the arithmetic, sentence by sentence, in three languages
//
// # How days are counted
//
//   - The day of the start isn't counted (民法典 201).
//   - Working days (工作日): the n-th counted working day. 行政许可法 82.
//   - Calendar days (日): the n-th counted day; when it is a day off, the next working day (民法典 203).
//   - Months and years: the matching day, or the month's end (民法典 202); a day off moves as above.
//   - Hours and minutes run in real time.
//   - The last day ends at 24:00 in Asia/Shanghai (民法典 203): the line is that instant, and a term is missed from it on.
//
// # Pauses and extensions
//
// A day isn't counted when the clock stands still at its end. So a pause from day P to a resumption on day R takes out the days
// P to R-1, and one that is over on the day it began takes out nothing. Overlapping pauses count once. A pause moves both lines
// by the days that it took out, counted in the term's own unit; months and years move by calendar days. Nothing falls due while
// the clock stands still. While a pause is open the lines are those as if it ended now.
//
// An extension adds its length to the end of both lines, in its own unit. The promised line never lies beyond the statutory one.
package term
