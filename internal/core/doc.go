// Package core is the foundation of openhall: pure packages without database, network, files, globals or wall clock.
//
// Given the same inputs, everything below this folder answers the same on any machine and any day. It imports the standard
// library, a few pure libraries, and itself.
package core
