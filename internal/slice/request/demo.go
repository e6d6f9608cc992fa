package request

import (
	"context"
	"fmt"
	"slices"
	"time"

	"openhall.org/openhall/internal/app"
	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/registry"
	"openhall.org/openhall/internal/platform/store"
)

// Seeds of what is made up: the same demo every time.
const (
	seedDemo = 2013_04_10
	seedFill = 2019_05_15
)

// small are the requests of the demo before it grows: each outcome, and each state in which a request can be now. Ago is the day on which it
// came, in working days before today.
var small = []struct {
	way     string
	ago     int
	channel Channel
	kind    string
	body    string
	login   string
}{
	{"published", 40, Web, Person, "hefei-water", "person.chen"},
	{"partial", 38, Registered, "organisation.legal", "hefei-natural-resources", ""},
	{"refused.secret", 60, Mail, Person, "hefei-emergency", ""},
	{"refused.forbidden", 58, Web, "organisation.research", "hefei-market-regulation", ""},
	{"refused.safety", 55, Web, Person, "hefei-water", ""},
	{"refused.third-party", 52, Web, "organisation.business", "hefei-ecology", ""},
	{"refused.internal", 50, Window, Person, "hefei-education", ""},
	{"refused.process", 48, Web, Person, "hefei-natural-resources", ""},
	{"refused.enforcement", 46, Fax, "organisation.legal", "hefei-market-regulation", ""},
	{"refused.enquiry", 44, Web, Person, "hefei-natural-resources", ""},
	{"unavailable.not-held", 42, Web, Person, "hefei-water", ""},
	{"unavailable.to-make", 41, Web, "organisation.research", "hefei-ecology", ""},
	{"unavailable.unclear", 60, Web, Person, "hefei-housing", ""},
	{"unprocessed.petition", 33, Web, Person, "hefei-housing", ""},
	{"unprocessed.repeated", 32, Web, Person, "hefei-housing", ""},
	{"unprocessed.publication", 31, Web, Person, "hefei-culture", ""},
	{"unprocessed.excessive", 70, Web, Person, "hefei-water", ""},
	{"unprocessed.confirmation", 29, Window, Person, "hefei-human-resources", ""},
	{Uncorrected, 45, Web, Person, "hefei-transport", ""},
	{Unpaid, 48, Web, "organisation.business", "hefei-water", ""},
	{"other.other", 27, Web, "organisation.other", "hefei-health", ""},
	{Withdrawn, 26, Web, Person, "hefei-agriculture", ""},
	{"paid", 64, Web, "organisation.business", "hefei-water", ""},
	{"extended", 60, Web, "organisation.welfare", "hefei-water", ""},
	{"delayed", 75, Web, "organisation.research", "hefei-civil-affairs", ""},
	{"joint", 57, Registered, Person, "hefei-transport", ""},
	{"agencies", 53, Web, Person, "hefei-public-security", ""},
	{"late", 62, Web, Person, "huaiyuan-water", ""},
	{"published", 35, Web, Person, "huaiyuan-education", ""},
	{"published", 30, Mail, Person, "ningguo-natural-resources", ""},
	// Open now, in each state.
	{"published", 0, Web, Person, "hefei-water", ""},
	{"published", 1, Mail, Person, "hefei-water", ""},
	{"published", 2, Web, "organisation.legal", "hefei-water", ""},
	{Uncorrected, 5, Web, Person, "hefei-water", "person.zhou"},
	{"unprocessed.excessive", 4, Web, Person, "hefei-water", ""},
	{"refused.third-party", 6, Web, Person, "hefei-water", ""},
	{"agencies", 5, Window, Person, "hefei-water", ""},
	{Unpaid, 6, Web, "organisation.business", "hefei-water", ""},
	{"partial", 4, Registered, Person, "hefei-water", ""},
	{"published", 6, Web, Person, "hefei-water", "person.chen"},
	{"extended", 18, Web, Person, "hefei-water", ""},
	{"published", 22, ByAgent, Person, "huaiyuan-civil-affairs", ""},
}

// of2013 are requests of the first year, by the regulations of 2007.
var of2013 = []struct{ way, body string }{{"published", "hefei-water"}, {"refused", "hefei-natural-resources"}, {"unclear", "hefei-housing"}, {"unavailable", "hefei-education"},
	{"cost", "hefei-water"}, {"cost-unpaid", "hefei-water"}}

// earlier are requests of the years on which the demo has annual reports: so many years ago, on a day of that year. Their numbers are what
// these reports count.
var earlier = []struct {
	way     string
	years   int
	month   time.Month
	day     int
	channel Channel
	kind    string
	body    string
}{
	{"published", 1, time.March, 11, Web, Person, "hefei-water"},
	{"partial", 1, time.June, 5, Registered, "organisation.legal", "hefei-water"},
	{"unavailable.not-held", 1, time.September, 17, Web, Person, "hefei-water"},
	{"published", 1, time.April, 22, Window, Person, "hefei-housing"},
	{"unprocessed.petition", 1, time.October, 21, Web, Person, "hefei-housing"},
	{"refused.internal", 1, time.May, 14, Web, Person, "hefei-education"},
	{"published", 1, time.August, 6, Mail, Person, "huaiyuan-civil-affairs"},
	{"published", 2, time.May, 9, Web, "organisation.business", "hefei-water"},
	{"refused.process", 2, time.July, 16, Web, Person, "hefei-water"},
	{"published", 2, time.March, 19, Web, Person, "hefei-education"},
	{"refused.enquiry", 2, time.September, 11, Web, Person, "hefei-housing"},
	{"published", 3, time.April, 12, Web, Person, "hefei-water"},
	{"unavailable.to-make", 3, time.June, 14, Web, "organisation.research", "hefei-housing"},
}

// Demo plays some requests of the demo: every outcome and every state. It does nothing when there are requests.
func (s *Service) Demo(ctx context.Context, n *app.Node) error {
	if there, err := s.Register(ctx, Filter{Limit: 1}); err != nil || len(there) > 0 {
		return err
	}
	p, err := s.newPlayer(n)
	if err != nil {
		return err
	}
	defer p.cases.Close()
	today := calendar.Of(n.Now())
	places := n.Registry.Now()
	var list []*script
	for i, d := range small {
		b := places.Body(d.body)
		if !s.office(b) {
			continue
		}
		r := newDice(seedDemo, uint64(i))
		x := &script{key: fmt.Sprintf("demo/request/%d", i), body: b, day: p.workday(today, d.ago), hour: 9*time.Hour + time.Duration(r.IntN(400))*time.Minute, channel: d.channel, login: d.login}
		if err := p.invent(r, x, d.kind); err != nil {
			return err
		}
		p.scripted(r, x, d.way, false)
		list = append(list, x)
	}
	for i, d := range of2013 {
		b := places.Body(d.body)
		if !s.office(b) {
			continue
		}
		r := newDice(seedDemo, uint64(1000+i))
		x := &script{key: fmt.Sprintf("demo/request/2013/%d", i), body: b, day: calendar.Day(2013, 6, 3) + calendar.Date(7*i), hour: 10 * time.Hour, channel: Window}
		if err := p.invent(r, x, Person); err != nil {
			return err
		}
		p.scripted(r, x, d.way, true)
		x.dispute = nil
		list = append(list, x)
	}
	for i, d := range earlier {
		b := places.Body(d.body)
		if !s.office(b) {
			continue
		}
		r := newDice(seedDemo, uint64(2000+i))
		day := p.workday(calendar.Day(today.Year()-d.years, d.month, d.day), 0)
		x := &script{key: fmt.Sprintf("demo/request/earlier/%d", i), body: b, day: day, hour: 10 * time.Hour, channel: d.channel}
		if err := p.invent(r, x, d.kind); err != nil {
			return err
		}
		p.scripted(r, x, d.way, false)
		x.dispute = nil
		list = append(list, x)
	}
	slices.SortStableFunc(list, func(a, b *script) int { return int(a.day - b.day) })
	for _, x := range list {
		if err := p.play(ctx, x); err != nil {
			return err
		}
	}
	for i, key := range []string{"hefei-water", "hefei-natural-resources", "hefei-education", "huaiyuan-water"} {
		if b := places.Body(key); s.office(b) {
			if err := p.catalogue(ctx, b, p.workday(today, 40+30*i), fmt.Sprintf("demo/catalogue/%d", i)); err != nil {
				return err
			}
		}
	}
	return nil
}

// workday is the working day so many before a day.
func (p *player) workday(today calendar.Date, ago int) calendar.Date {
	day := today
	for !p.cal.Working(day) {
		day--
	}
	for ; ago > 0; ago-- {
		for day--; !p.cal.Working(day); day-- {
		}
	}
	return day
}

// catalogue publishes what can be asked for with a body.
func (p *player) catalogue(ctx context.Context, b *registry.Body, day calendar.Date, key string) error {
	p.clock.set(day.Start().Add(10 * time.Hour))
	by, err := p.holder(b.Key, registry.Reviewer)
	if err != nil {
		return err
	}
	var list []Askable
	r := newDice(seedDemo, uint64(b.Division[3])<<8+uint64(len(b.Key))) // no two bodies hold the same
	for _, topic := range p.data.Topics[b.Kind] {
		list = append(list, Askable{Name: topic + p.data.Entries[r.IntN(len(p.data.Entries))], Summary: fmt.Sprintf("%d年以来，电子文档或者纸质", 2008+r.IntN(9))})
	}
	for _, e := range p.data.Entries {
		list = append(list, Askable{Name: e, Summary: b.Name.Hans + "已归档的部分"})
	}
	rec, err := handIn(ctx, p.cases, by, b.Key, list, key)
	if err != nil {
		return fmt.Errorf("demo catalogue of %s: %w", b.Key, err)
	}
	p.clock.set(day.Start().Add(15 * time.Hour))
	return p.do(ctx, &script{key: key + "/approve"}, rec.Case, act{step: "approve", data: map[string]any{"outcome": "publish"}}, 0)
}

// filledRequests is how many requests the large demo has.
const filledRequests = 2000

// spanOfFill is over how many days they came.
const spanOfFill = 3 * 365

// batchOfFill is how many requests are played while nothing else is woken.
const batchOfFill = 10

// Fill makes the demo large: 2,000 requests over three years, in every state and outcome, spread over the bodies. It goes on where it
// stopped; a request that was interrupted in the middle stays as it was.
func (s *Service) Fill(ctx context.Context, n *app.Node) error {
	p, err := s.newPlayer(n)
	if err != nil {
		return err
	}
	defer p.cases.Close()
	bodies := p.bodies()
	if len(bodies) == 0 {
		return nil
	}
	ways := p.mixed()
	for i := 0; i < filledRequests; {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err := func() error {
			defer n.Cases.Quiet()()
			for end := min(i+batchOfFill, filledRequests); i < end; i++ {
				x, err := p.large(i, bodies, ways)
				if err != nil {
					return err
				}
				if err := p.play(ctx, x); err != nil {
					return err
				}
			}
			return nil
		}(); err != nil {
			return err
		}
	}
	return p.publishSome(ctx)
}

// mixed lists the ways as often as the mix of the demo has them, in an order of their own.
func (p *player) mixed() []string {
	var ways []string
	for way, n := range p.data.Mix {
		for range n {
			ways = append(ways, way)
		}
	}
	slices.Sort(ways)
	r := newDice(seedFill, 1)
	for i := len(ways) - 1; i > 0; i-- {
		j := r.IntN(i + 1)
		ways[i], ways[j] = ways[j], ways[i]
	}
	return ways
}

// large is a request of the large demo. Its day goes from three years ago to today with its number.
func (p *player) large(i int, bodies []*registry.Body, ways []string) (*script, error) {
	r := newDice(seedFill, uint64(100+i))
	today := calendar.Of(p.node.Now())
	day := today - spanOfFill + calendar.Date(int64(i)*spanOfFill/filledRequests)
	way := ways[i%len(ways)]
	idle := false
	if way == "open" { // these came lately, and each way is open somewhere on it
		o := openWays[r.IntN(len(openWays))]
		way, idle = o.way, o.idle
		day = p.workday(today, o.ago+r.IntN(3))
	}
	for !p.cal.Working(day) {
		day--
	}
	kinds := []string{Person, Person, Person, Person, Person, Person, "organisation.business", "organisation.legal", "organisation.research", "organisation.welfare", "organisation.other"}
	channels := []Channel{Web, Web, Web, Web, Web, Window, ByAgent, Registered, Registered, Mail, Fax}
	x := &script{key: fmt.Sprintf("fill/request/%d", i), body: bodies[r.IntN(len(bodies))], day: day, hour: 8*time.Hour + time.Duration(r.IntN(540))*time.Minute,
		channel: channels[r.IntN(len(channels))]}
	if err := p.invent(r, x, kinds[r.IntN(len(kinds))]); err != nil {
		return nil, err
	}
	p.scripted(r, x, way, false)
	if idle {
		x.channel, x.acts = Web, nil
	}
	return x, nil
}

// openWays are where requests of the large demo stand that are open: so many working days ago they came, or up to two more. One that is idle
// waits for the office to confirm its day.
var openWays = []struct {
	way  string
	ago  int
	idle bool
}{
	{"published", 0, true}, {"published", 0, false}, {"published", 3, false}, {"partial", 5, false}, {"refused.process", 7, false}, {Uncorrected, 5, false},
	{"unprocessed.excessive", 4, false}, {"refused.third-party", 7, false}, {"agencies", 7, false}, {"joint", 8, false}, {Unpaid, 8, false}, {"extended", 18, false},
	{"published", 7, false}, {"delayed", 14, false},
}

// publishEvery is how many answers the office publishes one of (一键转主动公开), reviewEvery how many of these are still under review.
const (
	publishEvery = 15
	reviewEvery  = 6
)

// releaser lets what became of an answer go to the public, by who reviews and decides in the body. The adapter of package publication is one.
type releaser interface {
	Release(ctx context.Context, record string, by func(role string) (identity.Principal, error)) error
}

// publishSome publishes some of the answers of the large demo, as the button of the office does: the same ones on every start, each once.
func (p *player) publishSome(ctx context.Context) error {
	r, ok := p.s.Publisher.(releaser)
	if !ok {
		return nil
	}
	list, err := store.All(ctx, p.s.DB.Read(), scanEntry, `SELECT `+entryColumns+` FROM request_case
		WHERE outcome IN ('published', 'partial') AND closed > 0 AND arrived >= $1 ORDER BY closed, case_id`, int64(calendar.Of(p.node.Now()))-spanOfFill)
	if err != nil {
		return fmt.Errorf("answers of the demo: %w", err)
	}
	for _, e := range list {
		d := newDice(seedFill, uint64(e.Case))
		if d.IntN(publishEvery) != 0 || e.Record != "" || ctx.Err() != nil {
			continue
		}
		by := func(role string) (identity.Principal, error) { return p.holder(e.Body, role) }
		p.clock.set(p.node.Now())
		who, err := by(registry.Disclosure)
		if err != nil {
			who, err = by(registry.Clerk)
		}
		waits := d.IntN(reviewEvery) == 0
		if err != nil && waits {
			who, err = by(registry.Reviewer) // who hands it in cannot review it
		}
		if err != nil {
			continue
		}
		c, err := p.cases.Get(ctx, e.Case)
		if err != nil {
			return err
		}
		record, err := p.s.publish(ctx, who, c, e)
		if err != nil {
			return fmt.Errorf("publish the answer to %s: %w", e.Number, err)
		}
		if waits {
			continue
		}
		if err := r.Release(ctx, record, by); err != nil {
			return fmt.Errorf("release the answer to %s: %w", e.Number, err)
		}
	}
	return ctx.Err()
}
