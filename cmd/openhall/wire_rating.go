package main

import (
	"context"
	"maps"
	"slices"
	"time"

	"openhall.org/openhall/internal/core/lang"
	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/store"
	"openhall.org/openhall/internal/platform/web/form"
	"openhall.org/openhall/internal/slice/approval"
	"openhall.org/openhall/internal/slice/desk"
	"openhall.org/openhall/internal/slice/rating"
)

func newRating(w *wiring) (*rating.Service, error) {
	b := w.base
	return rating.New(rating.Deps{
		DB: b.DB, Keys: b.Keys, IDs: b.IDs, Files: b.Files, Registry: b.Registry, People: people{b}, Items: ratedItems{w}, Visits: visits{w},
		Rules: b.Rules, Now: b.Now, Log: b.Log, BaseURL: b.Config.BaseURL,
	})
}

// Contact implements rating.People.
func (p people) Contact(ctx context.Context, account store.ID) (name, phone, idNumber string, err error) {
	a, err := p.base.Identity.Account(ctx, account)
	return a.Name, a.Phone, a.Number, err
}

// ratedItems names the items of the power catalogue.
type ratedItems struct{ w *wiring }

// Title implements rating.Items.
func (r ratedItems) Title(code string) lang.Text {
	if im, ok := r.w.power.Implementation(code); ok {
		return im.Item.Name
	}
	return lang.Text{}
}

// OfBody implements rating.Items.
func (r ratedItems) OfBody(body string) []rating.Item {
	var list []rating.Item
	for _, im := range r.w.power.OfBody(body) {
		list = append(list, rating.Item{Code: im.Code, Title: im.Item.Name})
	}
	return list
}

// stepFormats are the formats of the forms of steps, of all slices.
func stepFormats(now func() time.Time) map[string]casework.Format {
	formats := approval.StepFormats(now)
	maps.Copy(formats, rating.StepFormats())
	return formats
}

// pageFormats are the same for pages.
func pageFormats() form.Formats {
	formats := approval.PageFormats(clock)
	maps.Copy(formats, rating.PageFormats())
	return formats
}

// grievance tells the desk what a complaint or the follow-up of a bad rating is about.
func grievance(w *wiring, c *casework.Case) (desk.Matter, bool) {
	schema := w.rating.Form(c.Kind)
	return desk.Matter{Form: schema}, slices.Contains([]string{rating.ComplaintKind, rating.FollowupKind}, c.Kind)
}
