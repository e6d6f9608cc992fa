// Package board is the page of those who supervise (电子监察): supervisors, managers of service centres, and heads for their own body.
//
// It shows for a division what is open, what is about to be due, past its promise (yellow) or past the statute (red), what stands
// still, and what came in and was done in a time; drills down from province to city, county, body, centre, window and case, by item and
// by day; and opens behind each number the list that it counts. Numbers and lists are those of package supervision, which follows the
// log: the page says up to which event they reach, and changes by itself ([Service.Overview], GET /board/{division}/live).
//
//	/board                              one's own division, or body
//	/board/{division}                   ?body= ?centre= ?window= ?item= ?kind= ?period= or ?from=&to= narrow it, on every page
//	/board/{division}/cases, cases.csv  the list behind a number: ?show= ?lamp= ?status= ?grade=
//	/board/{division}/cards             cards
//	/board/{division}/time              working time, gross, paused and net; the cases that stood still the longest
//	/board/{division}/ratings           ratings by body, window and item
//	/board/{division}/case/{number}     one case
//	/board/{division}/live              server-sent events: the figures that change
//
// A supervisor sees where a case stands and who was how quick, with the arithmetic of every line (X02), and nothing personal: only
// what the public part of the log says.
package board
