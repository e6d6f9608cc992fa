package main

import (
	"openhall.org/openhall/internal/app"
	"openhall.org/openhall/internal/slice/audit"
)

// administration are the rooms of the administrators.
func administration() []app.Module {
	return []app.Module{audit.Module()}
}
