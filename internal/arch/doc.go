// Package arch holds the rules of the house and the tests that keep them. It has no code that runs: everything is in its tests.
//
// The dependency rule. openhall is one program of many rooms on one foundation:
//
//	cmd/openhall, bench      wire everything; nothing imports them
//	internal/slice/*         the rooms; none imports another
//	internal/app             what a module is
//	internal/platform/*      the utilities, in layers, each importing only those below:
//	                           store < file, job, registry < identity < casework < ledger, notify, document
//	                           < publication, supervision, link < web, api
//	internal/core/*          the foundation: pure, and open to all
//	rules, procedures, demo  data, with no more code than it takes to embed it
//
// Besides: every package has exactly one doc comment, no file of source is longer than 600 lines, no package is named after nothing
// ("util"), nothing under internal takes the time from the wall clock, nothing is wired by init, and nothing is left unfinished.
// Links between the documents lead somewhere.
//
// The same rules stand, as far as a linter can say them, in .golangci.yaml; here they are complete, and each test fails when it has
// seen nothing. A new package of the platform gets its place in the order in imports_test.go.
package arch
