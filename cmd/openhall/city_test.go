package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"testing"
	"time"

	"openhall.org/openhall/demo"
	"openhall.org/openhall/internal/app"
	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/store"
	"openhall.org/openhall/internal/platform/store/storetest"
)

// TestCity lives through two years of a whole city: applicants apply, correct, withdraw, rate, send things twice and try what is not
// theirs; clerks, reviewers and heads do what lies open, well or badly; supervision follows; the program is restarted on what it left
// on disk. All chance comes from one seed. After each step what must always hold is checked on the case it touched, against a model
// that shares no code with the runtime; from time to time, on the whole hall.
//
// OPENHALL_CITY_STEPS and OPENHALL_CITY_SEED say how far and from which seed; a failure prints both. make check goes 100,000 steps
// (make city), the ordinary tests a few.
func TestCity(t *testing.T) {
	steps, seed := cityNumber(t, "OPENHALL_CITY_STEPS", 1500), uint64(cityNumber(t, "OPENHALL_CITY_SEED", 20241202))
	for _, life := range lives(t, seed, steps) {
		t.Run(fmt.Sprintf("%s-%d", life.engine, life.seed), func(t *testing.T) {
			t.Parallel()
			began := clock()
			c := newCity(t, cityDatabase(t, life.engine), life.seed, life.steps)
			for c.done < life.steps && !t.Failed() {
				c.step()
			}
			c.whole()
			if t.Failed() {
				t.Logf("it failed at step %d; again: OPENHALL_CITY_SEED=%d OPENHALL_CITY_STEPS=%d go test -count=1 -run '^TestCity$/^%s-%d$' ./cmd/openhall",
					c.done, seed, steps, life.engine, life.seed)
				return
			}
			took := clock().Sub(began)
			t.Logf("%d steps in %s (%.0f a second), %d cases, %d ended, %d events, %d commands refused, %d sent twice, %d restarts, until %s",
				c.done, took.Round(time.Second), float64(c.done)/took.Seconds(), len(c.cases), c.ended, c.events, c.refused, c.repeated, c.restarts, calendar.Of(c.now))
			c.lived()
		})
	}
}

// life is one run of a city.
type life struct {
	engine store.Engine
	seed   uint64
	steps  int
}

// lives are two cities on SQLite, one for each core of a small machine, that share the steps; and one on PostgreSQL, where each step
// waits for a server, and what differs between the engines shows early.
func lives(t *testing.T, seed uint64, steps int) []life {
	t.Helper()
	all := []life{{store.SQLite, seed, (steps + 1) / 2}, {store.SQLite, seed + 1, steps / 2}}
	if slices.Contains(engines(t), store.Postgres) {
		all = append(all, life{store.Postgres, seed, max(200, steps/20)})
	}
	return all
}

func cityNumber(t *testing.T, name string, otherwise int) int {
	t.Helper()
	text := os.Getenv(name)
	if text == "" {
		return otherwise
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 {
		t.Fatalf("%s=%q: want a number above 0", name, text)
	}
	return n
}

// cityDatabase is an empty database. That of SQLite lies in memory where the machine has a file system there: what is tested is
// not the disk, and a step waits for it.
func cityDatabase(t *testing.T, engine store.Engine) string {
	t.Helper()
	if engine != store.SQLite {
		return storetest.URL(t, engine)
	}
	dir, err := os.MkdirTemp("/dev/shm", "openhall-city-*")
	if err != nil {
		return storetest.URL(t, engine)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	return "sqlite:" + filepath.Join(dir, "city.db")
}

// city is the simulated world: the hall, and what the model knows of it.
type city struct {
	t      *testing.T
	config app.Config
	chance *rand.Rand
	now    time.Time
	pace   time.Duration // mean time between steps
	hall   *app.Node

	matters []demo.Matter // what can be applied for, with a form for it
	people  []citizen
	cases   []*known
	open    []*known
	sent    []sentCommand // some of the commands that were accepted
	done    int

	ended, events, refused, repeated, restarts int

	because error // why the last command was refused
}

// known is what the model knows of a case.
type known struct {
	id      store.ID
	number  string
	matter  *demo.Matter
	by      *citizen
	seq     int64
	isEnded bool
	rated   bool
}

// sentCommand is an accepted command with its receipt, to be sent again.
type sentCommand struct {
	cmd     casework.Command
	receipt casework.Receipt
}

// The city begins on a Monday of the last month before two years whose holidays the State Council has announced.
var cityBegins = time.Date(2024, 12, 2, 8, 0, 0, 0, calendar.Zone)

func newCity(t *testing.T, dsn string, seed uint64, steps int) *city {
	t.Helper()
	c := &city{t: t, chance: rand.New(rand.NewPCG(seed, 0)), now: cityBegins, pace: 2 * 365 * 24 * time.Hour / time.Duration(steps)}
	c.config = app.Config{
		Data: t.TempDir(), Database: dsn, BaseURL: "http://localhost", Origin: "city.test/log", Jurisdiction: "cn-ah", Division: "340000000000",
	}
	c.hall = assembleAt(t, c.config, c.clock)
	fillDemo(t, c.hall)
	t.Cleanup(func() { c.close() })
	list, err := demo.Matters()
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range list { // each item once for each body
		same := func(o demo.Matter) bool { return o.Code == m.Code && o.Applicant.Kind == m.Applicant.Kind }
		if m.Applicant.Account == "" && !slices.ContainsFunc(c.matters, same) {
			c.matters = append(c.matters, m)
		}
	}
	if len(c.matters) < 10 {
		t.Fatalf("the demo gives %d kinds of matters to live with; want at least 10", len(c.matters))
	}
	c.settle(200)
	return c
}

func (c *city) clock() time.Time { return c.now }

func (c *city) close() {
	c.hall.Cases.Close()
	if err := c.hall.Close(); err != nil {
		c.t.Error(err)
	}
}

func (c *city) failf(format string, args ...any) {
	c.t.Helper()
	c.t.Errorf("step %d, %s: %s", c.done, c.now.In(calendar.Zone).Format(time.DateTime), fmt.Sprintf(format, args...))
}

// step lets some time pass and somebody do something.
func (c *city) step() {
	c.done++
	c.pass(time.Duration(c.chance.ExpFloat64() * float64(c.pace)))
	switch x := c.chance.IntN(1000); {
	case x < 120 || len(c.open) == 0:
		c.apply()
	case x < 720:
		c.work()
	case x < 770:
		c.speak()
	case x < 800:
		c.attach()
	case x < 860:
		c.rate()
	case x < 900:
		c.again()
	case x < 960:
		c.trespass()
	case x < 985:
		c.assign()
	default:
		c.follow()
	}
	if c.chance.IntN(1500) == 0 {
		c.restart()
	}
	if c.done%20_000 == 0 {
		c.whole()
	}
}

// pass lets time pass. What falls due meanwhile is noticed when it does, at the latest at the end of its day.
func (c *city) pass(d time.Duration) {
	until := c.now.Add(d)
	for {
		next := calendar.Of(c.now).End()
		if next.After(until) {
			next = until
		}
		c.now = next
		for {
			due, err := store.All(context.Background(), c.hall.DB.Read(), func(r store.Row) (id store.ID, err error) { return id, r.Scan(&id) },
				`SELECT id FROM case_ WHERE wake_at > 0 AND wake_at <= $1 ORDER BY wake_at LIMIT 200`, store.Micros(c.now))
			if err != nil {
				c.t.Fatal(err)
			}
			if len(due) == 0 {
				break
			}
			if _, err := c.hall.Cases.Wake(context.Background()); err != nil {
				c.t.Fatalf("seed step %d: wake: %v", c.done, err)
			}
			for _, id := range due {
				if i := slices.IndexFunc(c.open, func(k *known) bool { return k.id == id }); i >= 0 {
					c.moved(c.open[i])
				}
			}
		}
		if !next.Before(until) {
			return
		}
	}
}

// do sends a command and keeps what became of it. A refusal is fine where the command may be refused; any other error is not.
func (c *city) do(k *known, cmd casework.Command, mayRefuse bool) (casework.Receipt, bool) {
	c.t.Helper()
	cmd.Key = fmt.Sprintf("city-%d", c.done)
	rec, err := c.hall.Cases.Do(context.Background(), cmd)
	if err != nil {
		var refusal *casework.Refusal
		var denied *identity.Denied
		if !errors.As(err, &refusal) && !errors.As(err, &denied) {
			c.failf("%T: %v", cmd.Act, err)
		} else if !mayRefuse {
			c.failf("%T was refused: %v", cmd.Act, err)
		}
		c.refused++
		c.because = err
		if k != nil {
			c.moved(k) // nothing may have changed
		}
		return rec, false
	}
	if c.chance.IntN(8) == 0 {
		c.sent = append(c.sent, sentCommand{cmd, rec})
		if len(c.sent) > 500 {
			c.sent = c.sent[100:]
		}
	}
	if k != nil {
		if rec.Seq != k.seq+1 {
			c.failf("case %s: the receipt is of event %d; the case had %d", k.number, rec.Seq, k.seq)
		}
		c.moved(k)
	}
	return rec, true
}

// restart ends the program and starts it again on what is on disk.
func (c *city) restart() {
	c.restarts++
	c.close()
	c.hall = assembleAt(c.t, c.config, c.clock)
	for _, k := range c.open[:min(20, len(c.open))] {
		c.moved(k)
	}
}

// lived fails when too little happened to tell anything.
func (c *city) lived() {
	for what, n := range map[string]int{
		"cases": len(c.cases), "ended cases": c.ended, "refusals": c.refused, "commands sent twice": c.repeated,
	} {
		if n < c.done/100 {
			c.t.Errorf("only %d %s in %d steps: the city slept", n, what, c.done)
		}
	}
	if end := cityBegins.AddDate(1, 8, 0); c.now.Before(end) {
		c.t.Errorf("the city lived until %s only", calendar.Of(c.now))
	}
}
