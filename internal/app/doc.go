// Package app says what a module is, and puts modules together into the running program.
//
// A module is one slice: a folder that brings its tables, kinds of cases, pages, words, operations of the API, jobs and demo data
// as one [Module]. The list of modules stands in one file of cmd/openhall; nothing registers itself. Adding a feature is one
// folder and one line.
//
// Modules meet only through cases, events, publications and small interfaces that the consumer declares (ports.go of a slice)
// and cmd/openhall connects.
package app
