package main

import (
	"openhall.org/openhall/internal/app"
	"openhall.org/openhall/internal/platform/registry"
	"openhall.org/openhall/internal/slice/verify"
)

// verifyNeeds is what the room for verifying letters works with.
func verifyNeeds(n *app.Node) verify.Deps {
	return verify.Deps{Documents: n.Letters, Log: n.Ledger, Body: names{n.Registry}.Body, Now: n.Now, BaseURL: n.Config.BaseURL}
}

// agencies tells the 机关代字 of bodies.
type agencies struct{ reg *registry.Registry }

// of returns the words with which the document numbers of a body begin: its 机关代字, or its name when it has none.
func (a agencies) of(body string) string {
	b := a.reg.Now().Body(body)
	switch {
	case b == nil:
		return body
	case b.Agency != "":
		return b.Agency
	default:
		return b.Name.Hans
	}
}
