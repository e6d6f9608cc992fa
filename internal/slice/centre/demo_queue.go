package centre

import (
	"context"
	"fmt"
	"slices"
	"time"

	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/registry"
)

// demoNames are invented.
var demoNames = []string{"程小满", "许立夏", "沈清明", "陆谷雨", "韩惊蛰", "魏秋分", "蒋霜降", "余白露", "杜小雪", "夏至远", "章大寒", "方芒种"}

// moved is the room at another instant: the demo lives through what has passed.
type moved struct {
	*Service
	at time.Time
}

func (s *Service) moved() *moved {
	m := &moved{at: s.Now()}
	d := s.Deps
	d.Now = func() time.Time { return m.at }
	m.Service = &Service{Deps: d, failures: s.failures, draws: s.draws, measures: s.measures}
	m.book.Store(s.Book())
	return m
}

// demoQueue lives through the last working day and the last hour and a half of a centre that has had no visitor yet, and makes
// appointments for the days to come.
func (s *Service) demoQueue(ctx context.Context, c *registry.Centre) error {
	if v, err := s.live(ctx, c.Key); err != nil || v > 0 {
		return err
	}
	m, now, cal := s.moved(), s.Now(), s.Calendar()
	yesterday := cal.Add(s.today(), -1)
	if plan, ok := s.Book().Plan(c.Key, yesterday); ok && c.Key == demoLong {
		open := plan.On(cal, yesterday)
		if len(open) > 0 {
			from := open[0].From.On(yesterday)
			if err := m.demoCome(ctx, c, yesterday, from); err != nil {
				return err
			}
			if err := m.demoLines(ctx, c, &plan, from, from.Add(90*time.Minute), false); err != nil {
				return err
			}
			m.at = now
			if err := m.Sweep(ctx); err != nil {
				return err
			}
		}
	}
	if err := s.demoAppointments(ctx, c); err != nil {
		return err
	}
	plan, ok := s.Book().Plan(c.Key, s.today())
	if !ok || !plan.OpenAt(cal, now) {
		return nil
	}
	from := now.Add(-90 * time.Minute)
	for _, session := range plan.On(cal, s.today()) {
		begins := session.From.On(s.today())
		if !now.Before(begins) && now.Before(session.To.On(s.today())) && from.Before(begins) {
			from = begins
		}
	}
	return m.demoLines(ctx, c, &plan, from, now, true)
}

// demoCome makes appointments for a day that has passed; some came, some did not.
func (m *moved) demoCome(ctx context.Context, c *registry.Centre, day calendar.Date, from time.Time) error {
	m.at = from.Add(-time.Hour)
	plan, _ := m.Book().Plan(c.Key, day)
	for i := range plan.Lines {
		l := &plan.Lines[i]
		for j := range 2 {
			m.at = from.Add(-time.Hour)
			slots := plan.Slots(m.Calendar(), l, day)
			if len(slots) == 0 {
				continue
			}
			a, err := m.Reserve(ctx, Booking{Centre: c.Key, Line: l.Key, Day: day, Slot: slots[0], Person: demoPerson(2*i + j)})
			if err != nil {
				return fmt.Errorf("demo appointment: %w", err)
			}
			if j == 0 {
				m.at = slots[0].On(day)
				if _, err := m.CheckIn(ctx, c.Key, m.CodeOf(a)); err != nil {
					return fmt.Errorf("demo check-in: %w", err)
				}
			}
		}
	}
	return nil
}

func demoPerson(i int) Person {
	return Person{Name: demoNames[i%len(demoNames)], Phone: fmt.Sprintf("139%08d", 55_000_000+7919*i)}
}

func (s *Service) demoAppointments(ctx context.Context, c *registry.Centre) error {
	days := s.Days(c.Key)
	plan, ok := s.Book().Plan(c.Key, s.today())
	if !ok {
		return nil
	}
	for i := range plan.Lines {
		l := &plan.Lines[i]
		for j := range 3 + share(l.Key, 4) {
			if len(days) < 2 {
				break
			}
			day := days[1+(i+j)%(len(days)-1)]
			p, _ := s.Book().Plan(c.Key, day)
			slots := p.Slots(s.Calendar(), l, day)
			if len(slots) == 0 {
				continue
			}
			_, err := s.Reserve(ctx, Booking{Centre: c.Key, Line: l.Key, Day: day, Slot: slots[(3*j+i)%len(slots)], Person: demoPerson(5*i + j + share(c.Key, 90)*20)})
			if err != nil {
				return fmt.Errorf("demo appointment: %w", err)
			}
		}
	}
	return nil
}

// demoLines draws the tickets of each line between two instants and has them served by whoever sits there, the last ones not yet.
func (m *moved) demoLines(ctx context.Context, c *registry.Centre, plan *Plan, from, to time.Time, goesOn bool) error {
	for i := range plan.Lines {
		l := &plan.Lines[i]
		drawn := 7 + share(l.Key, 6)
		if to.Sub(from) < 20*time.Minute {
			drawn = 3
		}
		step := to.Sub(from) / time.Duration(drawn+1)
		for j := range drawn {
			m.at = from.Add(time.Duration(j)*step + time.Second)
			class := Ordinary
			if share(fmt.Sprint(l.Key, j), 5) == 0 {
				class = Priority
			}
			if _, err := m.Draw(ctx, c.Key, l.Key, class); err != nil {
				return fmt.Errorf("demo ticket of %s: %w", l.Key, err)
			}
		}
		if err := m.demoServe(ctx, c, l, from, to, drawn, goesOn); err != nil {
			return fmt.Errorf("demo queue of %s: %w", l.Key, err)
		}
	}
	return nil
}

func (m *moved) demoServe(ctx context.Context, c *registry.Centre, l *Line, from, to time.Time, drawn int, goesOn bool) error {
	clerk, ok := m.demoClerk(c, l.Windows[0])
	if !ok {
		return nil
	}
	w, step := l.Windows[0], to.Sub(from)/time.Duration(drawn+1)
	for j := range max(1, drawn/2) {
		m.at = from.Add(time.Duration(2*j)*step + 2*time.Second)
		t, err := m.CallNext(ctx, clerk, w)
		if err != nil || t == nil {
			return err
		}
		m.at = m.at.Add(40 * time.Second)
		if share(t.Number+l.Key, 7) == 0 {
			if err := m.Skip(ctx, clerk, w, t.ID); err != nil {
				return err
			}
			continue
		}
		if err := m.Begin(ctx, clerk, w, t.ID); err != nil {
			return err
		}
		last := j == max(1, drawn/2)-1
		if last && goesOn {
			return nil
		}
		m.at = m.at.Add(step + time.Duration(share(t.Number, 50))*time.Second/10)
		if err := m.End(ctx, clerk, w, t.ID, m.demoItem(w, j)); err != nil {
			return err
		}
	}
	return nil
}

func (m *moved) demoItem(window string, i int) string {
	list := m.Book().Held(window, KindItem, m.today())
	if len(list) == 0 {
		return ""
	}
	return list[i%len(list)].Subject
}

// demoClerk is whoever sits at a window.
func (m *moved) demoClerk(c *registry.Centre, window string) (identity.Principal, bool) {
	places := m.Registry.Now()
	for _, p := range places.Posts(c.Body) {
		if !slices.Contains(p.Windows, window) {
			continue
		}
		for _, account := range places.Holders(p.Key, m.at) {
			return identity.Principal{Account: account, Kind: identity.Staff, Post: identity.Post{ID: p.Key, Body: p.Body, Division: p.Division, Roles: p.Roles}}, true
		}
	}
	return identity.Principal{}, false
}
