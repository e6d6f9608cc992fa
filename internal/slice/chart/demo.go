package chart

import (
	"context"
	"fmt"
	"strings"
	"time"

	"openhall.org/openhall/internal/app"
	"openhall.org/openhall/internal/core/lang"
	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/publication"
	"openhall.org/openhall/internal/platform/registry"
	"openhall.org/openhall/internal/platform/store"
)

// The demo: charts of bodies that have somebody to draw, to review and to approve. One body has one in force, with a next version on the
// drawing board in which the checker finds something, and a form; another has begun.
var demoCharts = []demoChart{
	{
		body: "hefei-water", item: "soil-conservation-plan", from: "general-licence", title: lang.Text{Hans: "水土保持方案审批流程", Hant: "水土保持方案審批流程", En: "Approval of a soil and water conservation plan"},
		enacted: strings.NewReplacer(`name="审查"`, `name="现场查勘和审查"`), drawn: strings.NewReplacer(`openhall:role="head"`, `openhall:role="chief"`),
		note: "审查环节写明须现场查勘。",
	},
	{
		body: "hefei-agriculture", from: "on-the-spot", title: lang.Text{Hans: "当场办理流程（修订）", Hant: "當場辦理流程（修訂）", En: "Handling on the spot, revised"},
		drawn: strings.NewReplacer(`name="当场办理"`, `name="当场受理并办结"`),
	},
}

// demoChart is a chart of the demo. What is enacted goes through review and approval; what is drawn stays on the board.
type demoChart struct {
	body, item, from string
	title            lang.Text
	enacted, drawn   *strings.Replacer
	note             string
}

// Demo draws the charts of the demo that are not there yet.
func (s *Service) Demo(ctx context.Context, _ *app.Node) error {
	for _, d := range demoCharts {
		there, err := s.OfBody(ctx, d.body)
		if err != nil {
			return err
		}
		if len(there) > 0 {
			continue
		}
		if err := s.demoChart(ctx, d); err != nil {
			return fmt.Errorf("demo chart of %s: %w", d.body, err)
		}
	}
	return nil
}

func (s *Service) demoChart(ctx context.Context, d demoChart) error {
	drawer := s.demoHolder(d.body, registry.Disclosure)
	if drawer == nil {
		drawer = s.demoHolder(d.body, registry.Reviewer)
	}
	if drawer == nil {
		return nil // nobody draws there
	}
	begin := Beginning{Title: d.title, From: d.from}
	for _, p := range s.Powers.OfBody(d.body) {
		if p.Key == d.item {
			begin.Items = []string{p.Key}
		}
	}
	c, err := s.Create(ctx, *drawer, begin)
	if err != nil {
		return err
	}
	if d.enacted != nil {
		if err := s.demoEnact(ctx, *drawer, c, d); err != nil {
			return err
		}
	}
	v, err := s.Version(ctx, c.ID, 1)
	if err != nil {
		return err
	}
	if v.State != Draft {
		n, err := s.Begin(ctx, *drawer, c.ID)
		if err != nil {
			return err
		}
		if v, err = s.Version(ctx, c.ID, n); err != nil {
			return err
		}
	}
	if _, err := s.Save(ctx, *drawer, c.ID, v.N, v.Stamp, d.drawn.Replace(v.XML), ""); err != nil {
		return err
	}
	return s.NewForm(ctx, *drawer, c.ID, "site-visit", lang.Text{Hans: "现场查勘", Hant: "現場查勘", En: "Site visit"})
}

// demoEnact brings the first version through review and approval into force.
func (s *Service) demoEnact(ctx context.Context, drawer identity.Principal, c Chart, d demoChart) error {
	reviewer, head := s.demoHolder(d.body, registry.Reviewer), s.demoHolder(d.body, registry.Head)
	flow, ok := s.Records.(interface {
		Review(ctx context.Context, actor identity.Principal, kase store.ID, key string, r publication.Review) (casework.Receipt, error)
		Approve(ctx context.Context, actor identity.Principal, kase store.ID, key string, a publication.Approval) (casework.Receipt, error)
	})
	if reviewer == nil || head == nil || !ok || reviewer.Account == drawer.Account {
		return nil
	}
	v, err := s.Version(ctx, c.ID, 1)
	if err != nil {
		return err
	}
	if _, err := s.Save(ctx, drawer, c.ID, 1, v.Stamp, d.enacted.Replace(v.XML), d.note); err != nil {
		return err
	}
	key := "demo/chart/" + c.Key
	rec, err := s.HandIn(ctx, drawer, c.ID, 1, key+"/hand-in")
	if err != nil {
		return err
	}
	if _, err := flow.Review(ctx, *reviewer, rec.Case, key+"/review", publication.Clear()); err != nil {
		return err
	}
	if _, err := flow.Approve(ctx, *head, rec.Case, key+"/approve", publication.Approval{Outcome: publication.Publish}); err != nil {
		return err
	}
	_, err = s.Follow(ctx)
	return err
}

// demoHolder is somebody who holds a post with the role in a body, or nil.
func (s *Service) demoHolder(body, role string) *identity.Principal {
	places, now := s.Registry.Now(), s.Now().Add(time.Second)
	for _, post := range places.Posts(body) {
		if !post.Has(role) {
			continue
		}
		for _, account := range places.Holders(post.Key, now) {
			return &identity.Principal{Account: account, Kind: identity.Staff, Post: identity.Post{ID: post.Key, Body: post.Body, Division: post.Division, Roles: post.Roles}}
		}
	}
	return nil
}
