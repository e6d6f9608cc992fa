package app

import (
	"context"

	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/store"
	"openhall.org/openhall/internal/platform/store/seal"
	"openhall.org/openhall/internal/platform/web/i18n"
)

// Module is what a slice brings to the program. Every field but Name may be left out.
type Module struct {
	Name    string
	Schema  store.Migrations // tables; their names begin with the name of the slice
	Sealed  []seal.Column    // columns of sealed values in its tables
	Kinds   []casework.Kind  // kinds of cases
	Locales []i18n.Source    // words of its pages
	// Open loads what is held in memory. It runs once, when the tables of all modules and the case runtime are there.
	Open func(ctx context.Context, n *Node) error
	// Mount adds pages to n.Shell. It runs once, after Open and Demo.
	Mount func(n *Node) error
	Jobs  []Job
	// Erase deletes what the slice keeps apart of an ended case, in the transaction that erases its private parts, and returns how many files
	// went. It is called for every case that is erased.
	Erase func(ctx context.Context, tx *store.Tx, id store.ID) (files int, err error)
	// Demo fills the tables with the demo province. It is called on every start of the demo and must find out by itself what is
	// there already.
	Demo func(ctx context.Context, n *Node) error
	// Later is like Demo, for what follows from the matters of the demo: it is called once those have been played.
	Later func(ctx context.Context, n *Node) error
	// Fill makes the demo as large as a province: what is too much for its first seconds. It runs in the background on every start of
	// the demo, goes on where it stopped, and must be ready to be killed at any moment.
	Fill func(ctx context.Context, n *Node) error
	// Holds counts what the slice holds, for whoever wants to know whether a demo or an import is complete. It may read everything.
	Holds func(ctx context.Context) ([]Holding, error)
}

// Holding is one count of what a slice holds.
type Holding struct {
	What string // in English: operators read it
	N    int64
}

// Job is work that goes on in the background until ctx ends.
type Job struct {
	Name string
	Run  func(ctx context.Context)
}
