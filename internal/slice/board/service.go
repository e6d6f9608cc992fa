package board

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"

	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/registry"
	"openhall.org/openhall/internal/platform/store"
	"openhall.org/openhall/internal/platform/supervision"
)

// Deps are what the board works with. All are required.
type Deps struct {
	Cases       *casework.Runtime
	Supervision Supervision
	Log         Log
	Registry    *registry.Registry
	People      People
}

// Service is the board. It is safe for concurrent use.
type Service struct{ Deps }

// New returns the board.
func New(d Deps) (*Service, error) {
	if d.Cases == nil || d.Supervision == nil || d.Log == nil || d.Registry == nil || d.People == nil {
		return nil, errors.New("board: a dependency is missing")
	}
	return &Service{d}, nil
}

// Scope is what somebody looks at: a division with all below it, or one body of it.
type Scope struct {
	Division *registry.Division
	Body     *registry.Body // nil: the division with all below it
}

func (s Scope) bodyKey() string {
	if s.Body == nil {
		return ""
	}
	return s.Body.Key
}

// look reads the scope of a request and asks whether the reader may look at it. No division means their own, which for a head is
// their own body.
func (s *Service) look(r *http.Request, actor identity.Principal) (Scope, error) {
	places := s.Registry.Now()
	code, body := r.PathValue("division"), r.URL.Query().Get("body")
	if code == "" {
		code = actor.Post.Division
		if !actor.Post.Has(registry.Supervisor) && !actor.Post.Has(registry.Manager) {
			body = actor.Post.Body
		}
	}
	scope := Scope{Division: places.Division(code)}
	if scope.Division == nil {
		return scope, fmt.Errorf("division %q: %w", code, store.ErrNotFound)
	}
	if body != "" {
		if scope.Body = places.Body(body); scope.Body == nil || scope.Body.Division != code {
			return scope, fmt.Errorf("body %q of %s: %w", body, code, store.ErrNotFound)
		}
	}
	return scope, s.Cases.Policy.Allow(actor, identity.ActionBoard, identity.Resource{Type: "board", ID: code, Division: code, Body: body})
}

// Figures are the numbers of one place.
type Figures struct {
	Open, Received, Ended, Granted, Refused int64
	Reminder, Yellow, Red, Overtime         int64 // open cards
}

// Line is one row of the drill-down: a division or a body with its numbers.
type Line struct {
	Key string
	Figures
}

// Overview is the board of a scope for some days.
type Overview struct {
	Figures
	Divisions, Bodies []Line
	Urgent            []supervision.DueCase // the most urgent open cases, those past the statute first
	Events            int64                 // of the log, that the numbers include
	Waiting           int64                 // of the log, that they don't include yet
}

// urgentShown is how many urgent cases the board shows of itself; the lists have the rest.
const urgentShown = 10

// Overview puts the board of a scope together for the days from and to, both included.
func (s *Service) Overview(ctx context.Context, scope Scope, from, to calendar.Date) (Overview, error) {
	var o Overview
	period, err := s.Supervision.Board(ctx, scope.Division.Code, from, to)
	if err != nil {
		return o, err
	}
	ever, err := s.Supervision.Board(ctx, scope.Division.Code, 0, 0)
	if err != nil {
		return o, err
	}
	o.Divisions, o.Bodies = lines(period.Divisions, ever.Divisions), lines(period.Bodies, ever.Bodies)
	o.Figures = figures(period.Total, ever.Total)
	if scope.Body != nil {
		o.Figures, o.Divisions = Figures{}, nil
		if i := slices.IndexFunc(o.Bodies, func(l Line) bool { return l.Key == scope.Body.Key }); i >= 0 {
			o.Figures = o.Bodies[i].Figures
		}
		o.Bodies = nil
	}
	for _, lamp := range []casework.Lamp{casework.Red, casework.Yellow, casework.Amber} {
		list, err := s.Supervision.Due(ctx, supervision.DueFilter{Lamp: lamp, Division: scope.Division.Code, Body: scope.bodyKey(), Limit: urgentShown})
		if err != nil {
			return o, fmt.Errorf("urgent cases: %w", err)
		}
		o.Urgent = append(o.Urgent, list...)
	}
	o.Urgent = o.Urgent[:min(len(o.Urgent), urgentShown)]
	if o.Events, err = s.Log.Next(ctx, supervision.Consumer); err == nil {
		o.Waiting, err = s.Log.Behind(ctx, supervision.Consumer)
	}
	return o, err
}

// lines joins what happened in the days asked for with what is open, by key.
func lines(period, ever []supervision.Row) []Line {
	list := make([]Line, 0, len(ever))
	for _, e := range ever {
		p := supervision.Row{Key: e.Key}
		if i := slices.IndexFunc(period, func(r supervision.Row) bool { return r.Key == e.Key }); i >= 0 {
			p = period[i]
		}
		list = append(list, Line{e.Key, figures(p, e)})
	}
	return list
}

func figures(period, ever supervision.Row) Figures {
	return Figures{
		Open: ever.Received - ever.Ended, Received: period.Received, Ended: period.Ended, Granted: period.Granted, Refused: period.Refused,
		Reminder: ever.Open[supervision.Reminder], Yellow: ever.Open[supervision.Yellow],
		Red: ever.Open[supervision.Red], Overtime: ever.Open[supervision.Overtime],
	}
}

// Show says which cases a list shows.
type Show string

// The lists of cases.
const (
	ShowOpen     Show = "open"     // 在办
	ShowReceived Show = "received" // 收件, in the days asked for
	ShowEnded    Show = "ended"    // 办结, in the days asked for
)

// casesPerPage is how many cases, or cards, a page of a list shows.
const casesPerPage = 50

// List returns the cases behind a number, newest first, and the cursor of the page after; 0 on the last.
func (s *Service) List(ctx context.Context, scope Scope, show Show, since time.Time, before store.ID) ([]*casework.Case, store.ID, error) {
	f := casework.Filter{Division: scope.Division.Code, Body: scope.bodyKey(), Before: before, Limit: casesPerPage + 1}
	switch show {
	case ShowOpen:
		f.OpenOnly = true
	case ShowEnded:
		f.Ended = since
	}
	list, err := s.Cases.List(ctx, f)
	if err != nil {
		return nil, 0, fmt.Errorf("list of cases: %w", err)
	}
	if show == ShowReceived { // newest first: behind the first older one come only older ones
		if i := slices.IndexFunc(list, func(c *casework.Case) bool { return c.CreatedAt.Before(since) }); i >= 0 {
			list = list[:i]
		}
	}
	if len(list) > casesPerPage {
		list = list[:casesPerPage]
		return list, list[casesPerPage-1].ID, nil
	}
	return list, 0, nil
}

// Cards returns cards of the scope, the latest first, and the cursor of the page after; 0 on the last.
func (s *Service) Cards(ctx context.Context, scope Scope, colour supervision.Colour, openOnly bool, before store.ID) ([]supervision.Card, store.ID, error) {
	list, err := s.Supervision.Cards(ctx, supervision.CardFilter{Division: scope.Division.Code, Body: scope.bodyKey(), Colour: colour,
		OpenOnly: openOnly, Before: before, Limit: casesPerPage + 1})
	if err != nil {
		return nil, 0, fmt.Errorf("list of cards: %w", err)
	}
	if len(list) > casesPerPage {
		list = list[:casesPerPage]
		return list, list[casesPerPage-1].ID, nil
	}
	return list, 0, nil
}
