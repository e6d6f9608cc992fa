package main

import (
	"time"

	"openhall.org/openhall/internal/app"
	"openhall.org/openhall/internal/slice/board"
)

// boardNeeds is what the supervisors' page works with.
func boardNeeds(n *app.Node) board.Deps {
	return board.Deps{Cases: n.Cases, Supervision: n.Supervision, Registry: n.Registry, People: people{n.Base}, Duties: n.Publication, Kind: "approval", Draining: n.Draining,
		Keep: time.Second}
}
