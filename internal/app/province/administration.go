package province

import (
	"context"

	"openhall.org/openhall/internal/app"
	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/registry"
	"openhall.org/openhall/internal/platform/store"
)

// administration lets the administrators of the demo do a little of what they do all year, so that their pages have something to show:
// a new colleague who begins in two weeks, another whose account was closed, a token that was revoked.
func (s *setUp) administration(ctx context.Context, b *app.Base) error {
	security, system := s.acting("admin.security"), s.acting("admin.system")
	var colleagues []store.ID
	for _, n := range []identity.NewStaff{
		{Login: "hefei.water.newcomer", Name: "方晓岚", Password: password()},
		{Login: "hefei.water.trainee", Name: "石云舟", Password: password()},
	} {
		a, err := b.Identity.CreateStaff(ctx, security, n)
		if err != nil {
			return err
		}
		colleagues = append(colleagues, a.ID)
	}
	if err := b.Identity.SetDisabled(ctx, security, colleagues[1], true); err != nil {
		return err
	}
	token, _, err := b.Identity.CreateMachineToken(ctx, security, identity.Token{
		Name: "合肥市水务局业务系统（演示）", Scopes: []string{"case.read"}, Body: "hefei-water", Until: b.Now().AddDate(1, 0, 0),
	})
	if err != nil {
		return err
	}
	if err := b.Identity.RevokeToken(ctx, security, token.ID); err != nil {
		return err
	}
	const post = "hefei-water.reviewer"
	if b.Registry.Now().Post(post) == nil {
		return nil
	}
	from := calendar.Of(b.Now()).Add(14).Start()
	return b.Registry.Edit(ctx, func(e *registry.Edit) error {
		e.By(system.Actor())
		return e.Appoint(colleagues[0], post, from, from.AddDate(1, 0, 0))
	})
}

// acting is somebody of the demo in their first post.
func (s *setUp) acting(login string) identity.Principal {
	who := identity.Principal{Account: s.ids[login], Kind: identity.Staff}
	if held := s.base.Registry.Now().PostsOf(who.Account, s.base.Now()); len(held) > 0 {
		p := held[0]
		who.Post = identity.Post{ID: p.Key, Body: p.Body, Division: p.Division, Roles: p.Roles}
	}
	return who
}
