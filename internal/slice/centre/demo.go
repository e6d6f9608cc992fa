package centre

import (
	"context"
	"fmt"
	"hash/fnv"
	"slices"
	"time"

	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/platform/registry"
	"openhall.org/openhall/internal/platform/store"
)

// What differs between the bodies of the demo. Everything about it is invented.
var (
	// demoKept keep to themselves to accept: their windows only receive and hand over.
	demoKept = []string{"tongcheng-emergency", "ningguo-culture"}
	// demoChief let the chief representative at the window decide all their items.
	demoChief = []string{"hefei-culture", "hefei-education", "hefei-civil-affairs", "tianchang-civil-affairs"}
	// demoLong is the centre that is open all day on the day of the demo, so that there is always something to see.
	demoLong = "hefei-centre"
)

// demo fills the book of the demo's centres, and their queues of today.
func (s *Service) demo(ctx context.Context) error {
	if len(s.Book().records) == 0 {
		if err := s.demoBook(ctx); err != nil {
			return err
		}
	}
	if err := s.demoHours(ctx); err != nil {
		return err
	}
	for _, c := range s.Registry.Now().AllCentres() {
		if err := s.demoQueue(ctx, c); err != nil {
			return err
		}
	}
	return nil
}

// share is a number below n that follows from a key: the same on every start, different for each.
func share(key string, n uint32) int {
	h := fnv.New32a()
	_, _ = h.Write([]byte(key)) // never fails
	return int(h.Sum32() % n)
}

func (s *Service) demoBook(ctx context.Context) error {
	places := s.Registry.Now()
	return s.write(ctx, func(_ context.Context, tx *store.Tx) error {
		for _, c := range places.AllCentres() {
			plan := s.demoPlan(c)
			if err := queuePlan(tx, &plan); err != nil {
				return err
			}
			for i := range c.Windows {
				for _, b := range c.Windows[i].Bodies {
					s.demoBody(tx, places, c, &c.Windows[i], b)
				}
			}
		}
		return nil
	})
}

func (s *Service) demoPlan(c *registry.Centre) PlanRecord {
	p := Plan{Sessions: []Session{{9 * 60, 12 * 60}, {13 * 60, 17 * 60}}, Rules: defaultRules}
	capacity := 3
	if len(c.Windows) == 1 {
		p.Sessions, capacity = []Session{{8*60 + 30, 11*60 + 30}, {14*60 + 30, 17*60 + 30}}, 2
	}
	for i := range c.Windows {
		w := &c.Windows[i]
		p.Lines = append(p.Lines, Line{
			Key: w.Key, Letter: string(rune('A' + i)), Name: w.Name, Windows: []string{w.Key}, Minutes: 10 + 2*share(w.Key, 4), Slot: 30, Capacity: capacity,
		})
	}
	return PlanRecord{ID: s.IDs.New(), Centre: c.Key, Day: s.today().AddMonths(-36), Plan: p, At: s.Now()}
}

// demoBody stations a body with its items and the people of the window, and authorises the window.
func (s *Service) demoBody(tx *store.Tx, places *registry.Snapshot, c *registry.Centre, w *registry.Window, body string) {
	since := s.today().AddMonths(-30 + share(body, 18))
	name := body
	if b := places.Body(body); b != nil {
		name = b.Name.Hans
	}
	basis := func(what string) string {
		return fmt.Sprintf("《%s关于%s的通知》（%d〕%d 号，虚构）", name, what, since.Year(), 3+share(body+what, 60))
	}
	add := func(kind Kind, about, why string, held bool, day calendar.Date) {
		r := Record{
			ID: s.IDs.New(), Centre: c.Key, Window: w.Key, Kind: kind, Body: body, Subject: about, Day: day, Held: held, Basis: why, At: day.Start().Add(9 * time.Hour),
		}
		queueRecord(tx, &r)
	}
	add(KindBody, "", basis("进驻政务服务中心"), true, since)
	items := s.Items.ItemsOf(body)
	for i, it := range items {
		if i > 0 && share(it.Code, 9) == 0 {
			continue // not yet stationed
		}
		add(KindItem, it.Code, basis("事项进驻"), true, since.AddMonths(share(it.Code, 6)))
	}
	for _, post := range s.demoPosts(places, c, w) {
		add(KindStaff, post, basis("选派窗口人员"), true, since)
		if slices.Contains(demoChief, body) {
			add(KindChief, post, basis("任命首席代表"), true, since.AddMonths(4))
		}
	}
	if slices.Contains(demoKept, body) {
		add(KindAccept, All, basis("窗口授权试点"), true, since)
		add(KindAccept, All, basis("收回窗口受理授权"), false, since.AddMonths(5))
		return
	}
	add(KindAccept, All, basis("向窗口授权"), true, since)
	if slices.Contains(demoChief, body) {
		add(KindDecide, All, basis("首席代表审批授权"), true, since.AddMonths(4))
		return
	}
	for _, it := range items {
		if it.OnTheSpot || share(it.Code, 3) == 0 {
			add(KindDecide, it.Code, basis("即办件授权窗口办结"), true, since)
		}
	}
}

// demoPosts are the posts that the registry has at a window.
func (s *Service) demoPosts(places *registry.Snapshot, c *registry.Centre, w *registry.Window) []string {
	var out []string
	for _, p := range places.Posts(c.Body) {
		if slices.Contains(p.Windows, w.Key) {
			out = append(out, p.Key)
		}
	}
	return out
}

// demoHours opens one centre all day, on each day on which the demo is started.
func (s *Service) demoHours(ctx context.Context) error {
	today := s.today()
	plan, ok := s.Book().Plan(demoLong, today)
	if !ok || slices.ContainsFunc(plan.Days, func(d Special) bool { return d.Day == today }) {
		return nil
	}
	plan.Days = append(slices.Clone(plan.Days), Special{Day: today, Sessions: []Session{{0, 24 * 60}}})
	return s.write(ctx, func(_ context.Context, tx *store.Tx) error {
		return queuePlan(tx, &PlanRecord{ID: s.IDs.New(), Centre: demoLong, Day: today, Plan: plan, At: s.Now()})
	})
}
