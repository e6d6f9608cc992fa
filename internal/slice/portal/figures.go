package portal

import (
	"context"
	"sync"
	"time"

	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/platform/supervision"
)

// figures are the key figures of a division with all below it.
type figures struct {
	Open     int64 // cases received and not ended
	Received int64 // today
	Ended    int64 // in the last 30 days
	Late     int64 // statutes missed in the last 30 days
}

const (
	figuresFor = 30 * time.Second
	figureDays = 30
	// maxFigures bounds the memory that visits to many sites can take.
	maxFigures = 1024
)

// figureCache keeps figures by division. Whoever finds them too old computes them; the others wait for the result.
type figureCache struct {
	mu    sync.Mutex
	known map[string]*cachedFigures
}

type cachedFigures struct {
	mu  sync.Mutex
	at  time.Time
	was figures
}

func (c *figureCache) of(division string) *cachedFigures {
	c.mu.Lock()
	defer c.mu.Unlock()
	if known, ok := c.known[division]; ok {
		return known
	}
	if c.known == nil || len(c.known) >= maxFigures {
		c.known = map[string]*cachedFigures{}
	}
	fresh := &cachedFigures{}
	c.known[division] = fresh
	return fresh
}

// figuresOf returns the figures of a division, at most half a minute old, and whether there are any: a page is shown without them
// rather than not at all.
func (s *Service) figuresOf(ctx context.Context, division string) (figures, bool) {
	c, now := s.figures.of(division), s.Now()
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.at.IsZero() && now.Sub(c.at) < figuresFor {
		return c.was, true
	}
	was, err := s.count(context.WithoutCancel(ctx), division, calendar.Of(now))
	if err != nil {
		s.Log.ErrorContext(ctx, "figures of the portal", "division", division, "error", err)
		return figures{}, false
	}
	c.at, c.was = now, was
	return c.was, true
}

// applications is the kind of cases that the figures are about: complaints and what else there is would inflate them.
const applications = "approval"

// count adds the counts of the days up to figures.
func (s *Service) count(ctx context.Context, division string, today calendar.Date) (f figures, err error) {
	scope := supervision.Scope{Division: division, Kind: applications}
	ever, err := s.Tallies.Counts(ctx, scope, supervision.ByTotal, 0, 0)
	if err != nil {
		return f, err
	}
	days, err := s.Tallies.Counts(ctx, scope, supervision.ByDay, today.Add(1-figureDays), today)
	if err != nil {
		return f, err
	}
	for _, e := range ever {
		f.Open += e.Open()
	}
	for _, d := range days {
		if d.Key == today.String() {
			f.Received = d.Received
		}
		f.Ended += d.Ended
		f.Late += d.Red
	}
	return f, nil
}
