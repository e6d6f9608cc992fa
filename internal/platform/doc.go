// Package platform groups the utilities of openhall: the input and output around the pure core, which every slice may use.
//
// Packages here import the core and, downward only, each other: store < file, job, registry < identity < casework < ledger,
// notify, document < publication, supervision, link < web, api. A test over the import graph holds them to it.
package platform
