package main

import (
	"context"

	"openhall.org/openhall/internal/app"
	"openhall.org/openhall/internal/core/lang"
	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/notify"
	"openhall.org/openhall/internal/platform/store"
	"openhall.org/openhall/internal/slice/message"
	"openhall.org/openhall/internal/slice/request"
)

// newMessages makes the room of messages; they come in the name of the site.
func newMessages(w *wiring) *message.Room {
	return message.NewRoom(func() lang.Text { return siteName(w.base) }, askers{w}, followers{w})
}

// askers knows how to reach who asked for information.
type askers struct{ w *wiring }

// Reach implements notify.Askers.
func (a askers) Reach(ctx context.Context, c *casework.Case) (notify.Reach, error) {
	if c.Kind != request.KindName {
		return notify.Reach{}, nil
	}
	who, err := a.w.request.Reach(ctx, c.ID)
	return notify.Reach{Mail: who.Email, Phone: who.Phone, Language: who.Language}, err
}

// followers knows the agents who follow a case for its applicant.
type followers struct{ w *wiring }

// Following implements notify.Followers.
func (f followers) Following(ctx context.Context, c *casework.Case) ([]store.ID, error) {
	return f.w.agent.Following(ctx, c)
}

// siteName is what the site calls itself: the name of the division at the top.
func siteName(b *app.Base) lang.Text {
	top := names{b.Registry}.Division(b.Config.Division)
	return lang.Text{Hans: top.Hans + "政务公开", Hant: top.In(lang.Hant) + "政務公開", En: top.In(lang.En) + " Open Hall"}
}
