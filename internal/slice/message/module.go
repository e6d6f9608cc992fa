package message

import (
	"context"
	"fmt"
	"time"

	"openhall.org/openhall/internal/app"
	"openhall.org/openhall/internal/core/lang"
	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/notify"
	"openhall.org/openhall/internal/platform/store"
	"openhall.org/openhall/internal/platform/web/i18n"
)

// Room is the module before its node is there.
type Room struct {
	Notify *notify.Service // once the module was opened
	site   func() lang.Text
	askers notify.Askers
	agents notify.Followers
	node   *app.Node
}

// NewRoom returns the room of a site with the name. askers knows how those are reached of whom a case knows nothing, agents
// who follows a case for its applicant.
func NewRoom(site func() lang.Text, askers notify.Askers, agents notify.Followers) *Room {
	return &Room{site: site, askers: askers, agents: agents}
}

// Module brings messages into the program: what follows the log and writes them, what sends them, and the pages.
func (m *Room) Module() app.Module {
	return app.Module{
		Name: "message", Schema: notify.Schema(), Sealed: notify.Sealed(), Locales: []i18n.Source{Messages()},
		Open: m.open,
		Mount: func(n *app.Node) error {
			s, err := New(Deps{People: n.Identity, Notify: m.Notify, Now: n.Now})
			if err == nil {
				s.Mount(n.Shell)
			}
			return err
		},
		Jobs: []app.Job{{Name: "notify", Run: m.follow}, {Name: "sweeping messages", Run: m.sweep}},
	}
}

func (m *Room) open(_ context.Context, n *app.Node) error {
	m.node = n
	book, err := notify.Shipped()
	if err != nil {
		return err
	}
	o := notify.Options{
		DB: n.DB, Keys: n.Keys, IDs: n.IDs, Now: n.Now, Log: n.Log, Jobs: n.Jobs, Cases: n.Cases, Accounts: n.Identity, Places: n.Registry,
		Askers: m.askers, Agents: m.agents, Book: book, Site: m.site, BaseURL: n.Config.BaseURL,
	}
	if o.Mailer, o.From, err = n.Config.Mailer(); err != nil {
		return fmt.Errorf("mail: %w", err)
	}
	if o.Texter, err = n.Config.Texter(n.Now); err != nil {
		return fmt.Errorf("short messages: %w", err)
	}
	if m.Notify, err = notify.New(o); err != nil {
		return err
	}
	n.Tell = m.tell
	return nil
}

// tell writes a notice about an account. What it is about has happened: that nobody could be told goes to the log of the program.
func (m *Room) tell(ctx context.Context, notice identity.Notice) {
	if err := m.Notify.Tell(ctx, notice); err != nil {
		m.node.Log.ErrorContext(ctx, "the owner of an account was not told", "kind", notice.Kind, "error", err)
	}
}

func (m *Room) follow(ctx context.Context) {
	m.node.Ledger.Follow(ctx, notify.Consumer, m.Notify.Handle)
}

const (
	sweepEvery = time.Hour
	sweepBatch = 1000
)

// sweep removes messages of long ago, on one node at a time.
func (m *Room) sweep(ctx context.Context) {
	l := store.Lease{DB: m.node.DB, Name: "notify.sweep", Holder: m.node.Holder, For: sweepEvery + time.Minute, Now: m.node.Now}
	l.Poll(ctx, sweepEvery, func(ctx context.Context) (bool, error) {
		n, err := m.Notify.Sweep(ctx)
		return n == sweepBatch, err
	}, func(err error) { m.node.Log.ErrorContext(ctx, "sweeping messages", "error", err) })
}
