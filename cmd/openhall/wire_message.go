package main

import (
	"openhall.org/openhall/internal/app"
	"openhall.org/openhall/internal/core/lang"
	"openhall.org/openhall/internal/slice/message"
)

// newMessages makes the room of messages; they come in the name of the site.
func newMessages(b *app.Base) *message.Room {
	return message.NewRoom(func() lang.Text { return siteName(b) })
}

// siteName is what the site calls itself: the name of the division at the top.
func siteName(b *app.Base) lang.Text {
	top := names{b.Registry}.Division(b.Config.Division)
	return lang.Text{Hans: top.Hans + "政务公开", Hant: top.In(lang.Hant) + "政務公開", En: top.In(lang.En) + " Open Hall"}
}
