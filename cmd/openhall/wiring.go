package main

import (
	"context"
	"net/http"

	"openhall.org/openhall/internal/app"
	"openhall.org/openhall/internal/core/lang"
	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/registry"
	"openhall.org/openhall/internal/platform/store"
	"openhall.org/openhall/internal/slice/agent"
	"openhall.org/openhall/internal/slice/approval"
	"openhall.org/openhall/internal/slice/centre"
	"openhall.org/openhall/internal/slice/chart"
	"openhall.org/openhall/internal/slice/cleanup"
	"openhall.org/openhall/internal/slice/desk"
	"openhall.org/openhall/internal/slice/intermediary"
	"openhall.org/openhall/internal/slice/joint"
	"openhall.org/openhall/internal/slice/message"
	"openhall.org/openhall/internal/slice/oversight"
	"openhall.org/openhall/internal/slice/power"
	"openhall.org/openhall/internal/slice/rating"
	"openhall.org/openhall/internal/slice/report"
	"openhall.org/openhall/internal/slice/request"
)

// wiring connects the slices: what one offers to what another has declared that it needs.
type wiring struct {
	base      *app.Base
	power     *power.Service
	approval  *approval.Service
	oversight *oversight.Service
	rating    *rating.Service
	items     itemCache
	message   *message.Room
	centre    *centre.Service
	request   *request.Service
	report    *report.Service
	joint     *joint.Service
	cleanup   *cleanup.Service
	chart     *chart.Service
	agent     *agent.Service

	intermediary *intermediary.Rooms
}

// people tells the slices who asks, and what is known of them.
type people struct{ base *app.Base }

func (p people) Principal(r *http.Request) (identity.Principal, error) {
	return p.base.Identity.Principal(r)
}

// Again implements board.People.
func (p people) Again(r *http.Request) (identity.Principal, error) { return p.base.Identity.Again(r) }

// Profile implements approval.People.
func (p people) Profile(ctx context.Context, party store.ID) (approval.Profile, error) {
	a, err := p.base.Identity.Account(ctx, party)
	if err != nil {
		return approval.Profile{}, err
	}
	return approval.Profile{Kind: a.Kind, Name: a.Name, IDNumber: a.Number, Phone: a.Phone}, nil
}

// Colleagues implements desk.People.
func (p people) Colleagues(ctx context.Context, body, role string) ([]desk.Colleague, error) {
	now := p.base.Registry.Now()
	var out []desk.Colleague
	for _, post := range now.Posts(body) {
		if !post.Has(role) {
			continue
		}
		for _, id := range now.Holders(post.Key, p.base.Now()) {
			a, err := p.base.Identity.Account(ctx, id)
			if err != nil {
				return nil, err
			}
			out = append(out, desk.Colleague{Account: id, Name: a.Name, Post: identityPost(post), Title: post.Title})
		}
	}
	return out, nil
}

func identityPost(p *registry.Post) identity.Post {
	return identity.Post{ID: p.Key, Body: p.Body, Division: p.Division, Roles: p.Roles}
}

// names turns keys of the registry into words.
type names struct{ reg *registry.Registry }

func (n names) Body(key string) lang.Text {
	if b := n.reg.Now().Body(key); b != nil {
		return b.Name
	}
	return lang.Text{Hans: key}
}

func (n names) Division(code string) lang.Text {
	if d := n.reg.Now().Division(code); d != nil {
		return d.Name
	}
	return lang.Text{Hans: code}
}

func (n names) Post(key string) lang.Text {
	if p := n.reg.Now().Post(key); p != nil {
		return p.Title
	}
	return lang.Text{Hans: key}
}
