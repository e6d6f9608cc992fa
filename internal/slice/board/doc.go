// Package board is the page of those who supervise (电子监察): supervisors, managers of service centres, and heads for their own body.
//
// It shows for a division what is open, what is about to be due, past its promise (yellow) or past the statute (red), and what came
// in and was done in a time; drills down from province to city, county and body; and opens behind each number the list that it
// counts. Numbers and cards are those of package supervision, which follows the log: the page says up to which event they reach.
//
// A supervisor sees where a case stands and who was how quick, with the arithmetic of every line (X02), and nothing personal: only
// what the public part of the log says.
package board
