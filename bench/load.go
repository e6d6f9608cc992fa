package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
	"time"

	"openhall.org/openhall/internal/platform/store/storetest"
)

const (
	loadSeconds  = "OPENHALL_BENCH_LOAD_SECONDS" // how long the steady load lasts; five minutes unless it says otherwise
	loadDefault  = 5 * time.Minute
	rampRound    = 6 * time.Second
	loadInFlight = 2048 // more than so many unanswered requests count as errors: the hall does not keep up
)

// rampClients are how many clients look for the saturation rate, one number after the other. Together with the warm-up they take
// less than 40 seconds.
var rampClients = []int{4, 8, 16, 32, 64}

// benchLoad asks a hall what people and programs ask it, four reads for each write, at half the rate that it can answer at all. The
// one who asks runs on the same processors: the saturation rate would be higher with the load coming from elsewhere.
func benchLoad(ctx context.Context, report func(string, ...any)) (out []measure, err error) {
	lasts := loadDefault
	if text := os.Getenv(loadSeconds); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil || n < 5 {
			return nil, fmt.Errorf("%s=%q: want a number of seconds, 5 or more", loadSeconds, text)
		}
		lasts = time.Duration(n) * time.Second
	}
	err = onHalls(ctx, func(name string, hall *program) error {
		measures, err := loadOn(ctx, "load-"+name, hall, lasts, report)
		out = append(out, measures...)
		return err
	})
	return out, err
}

// onHalls starts a small hall on each engine in turn, as it is shipped, and runs f with it.
func onHalls(ctx context.Context, f func(engine string, hall *program) error) (err error) {
	dir, err := os.MkdirTemp("", "openhall-bench")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	binary, err := build(ctx, dir)
	if err != nil {
		return err
	}
	on := func(engine, database string) (err error) {
		args := []string{"demo", "--small", "--data", filepath.Join(dir, engine), "--addr", "127.0.0.1:0"}
		if database != "" {
			args = append(args, "--database", database)
		}
		hall, err := start(ctx, "Press Ctrl-C", binary, args...)
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, hall.stop()) }()
		return f(engine, hall)
	}
	if err := on("sqlite", ""); err != nil {
		return err
	}
	server := os.Getenv(storetest.PostgresEnv)
	if server == "" {
		return nil
	}
	dsn, drop, err := postgresDatabase(ctx, server)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, drop()) }()
	return on("postgres", dsn)
}

// loadOn measures a hall on one engine.
func loadOn(ctx context.Context, name string, hall *program, lasts time.Duration, report func(string, ...any)) ([]measure, error) {
	crowd, err := newCrowd(ctx, hall)
	if err != nil {
		return nil, fmt.Errorf("prepare the load: %w", err)
	}
	defer crowd.by.CloseIdleConnections()
	if err := crowd.costs(ctx, costKinds(), costRounds, report); err != nil {
		return nil, err
	}
	saturation, err := crowd.ramp(ctx, report)
	if err != nil {
		return nil, err
	}
	rate := saturation / 2
	report("%s: saturated at %.0f requests/s; half of it for %v", name, saturation, lasts)
	s, err := crowd.steady(ctx, rate, lasts)
	if err != nil {
		return nil, err
	}
	s.describe(report)
	return []measure{
		{name + "-errors", float64(s.failed()), "requests", 0, false},
		{name + "-p99", percentile(s.all(), 99), "ms", 100, false},
		{name + "-memory", s.growth(), "of before", 1.15, false},
	}, nil
}

// ramp asks as fast as more and more clients can, and returns the best rate.
func (c *crowd) ramp(ctx context.Context, report func(string, ...any)) (best float64, err error) {
	for i, clients := range append([]int{rampClients[0]}, rampClients...) {
		s, round := newSample(), rampRound
		if i == 0 {
			round = rampRound / 2 // what is not yet compiled, cached or connected
		}
		begin := time.Now()
		var wg sync.WaitGroup
		for range clients {
			wg.Go(func() {
				for ctx.Err() == nil && time.Since(begin) < round {
					o := c.next()
					asked := time.Now()
					err := o.do(ctx)
					s.add(o.kind, time.Since(asked), err)
				}
			})
		}
		wg.Wait()
		if err := ctx.Err(); err != nil {
			return 0, err
		}
		if s.failed() > 0 {
			return 0, fmt.Errorf("%d requests failed with %d clients: %w", s.failed(), clients, s.first)
		}
		if i > 0 {
			rate := float64(len(s.all())) / time.Since(begin).Seconds()
			best = max(best, rate)
			report("%2d clients: %.0f requests/s, p99 %.0f ms", clients, rate, percentile(s.all(), 99))
		}
	}
	return best, nil
}

// steady sends requests at a rate, whether or not earlier ones are answered. Times count from when a request was due, so that what
// waits because the hall is slow counts as slow.
func (c *crowd) steady(ctx context.Context, rate float64, lasts time.Duration) (*sample, error) {
	s := newSample()
	stopped := make(chan struct{})
	var watch, wg sync.WaitGroup
	watch.Go(func() { s.watchMemory(c.hall, stopped) })
	places := make(chan struct{}, loadInFlight)
	begin := time.Now()
	for n := 0; ctx.Err() == nil; n++ {
		due := begin.Add(time.Duration(float64(n) / rate * float64(time.Second)))
		if due.Sub(begin) >= lasts {
			break
		}
		time.Sleep(time.Until(due))
		o := c.next()
		select {
		case places <- struct{}{}:
			wg.Go(func() {
				err := o.do(ctx)
				s.add(o.kind, time.Since(due), err)
				<-places
			})
		default:
			s.add(o.kind, 0, fmt.Errorf("%d requests are not answered yet", loadInFlight))
		}
	}
	wg.Wait()
	close(stopped)
	watch.Wait()
	return s, ctx.Err()
}

// sample is what came of many requests.
type sample struct {
	mu     sync.Mutex
	took   map[string][]float64 // ms, by kind of request
	errs   map[string]int
	first  error
	memory []float64 // MB, each second
	blind  error     // why memory could not be read
}

func newSample() *sample { return &sample{took: map[string][]float64{}, errs: map[string]int{}} }

func (s *sample) add(kind string, took time.Duration, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err != nil {
		s.errs[kind]++
		if s.first == nil {
			s.first = fmt.Errorf("%s: %w", kind, err)
		}
		return
	}
	s.took[kind] = append(s.took[kind], float64(took.Microseconds())/1000)
}

func (s *sample) failed() (n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, e := range s.errs {
		n += e
	}
	return n
}

func (s *sample) all() []float64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Concat(slices.Collect(maps.Values(s.took))...)
}

func (s *sample) watchMemory(p *program, stopped <-chan struct{}) {
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for {
		mb, err := p.memory()
		if err != nil {
			s.blind = err
			return
		}
		s.memory = append(s.memory, mb)
		select {
		case <-stopped:
			return
		case <-tick.C:
		}
	}
}

// growth compares the memory of the last fifth of the time with that of the second: in the first the program fills its caches.
func (s *sample) growth() float64 {
	fifth := len(s.memory) / 5
	if s.blind != nil || fifth == 0 {
		return 0
	}
	return mean(s.memory[len(s.memory)-fifth:]) / mean(s.memory[fifth:2*fifth])
}

func (s *sample) describe(report func(string, ...any)) {
	for _, kind := range slices.Sorted(maps.Keys(s.took)) {
		t := s.took[kind]
		report("  %-9s %7d answered, %d failed, p50 %5.1f ms, p99 %6.1f ms", kind, len(t), s.errs[kind], percentile(t, 50), percentile(t, 99))
	}
	if s.first != nil {
		report("  first failure: %v", s.first)
	}
	if fifth := len(s.memory) / 5; fifth > 0 {
		report("  memory: %.0f MB in the second fifth, %.0f MB in the last", mean(s.memory[fifth:2*fifth]), mean(s.memory[len(s.memory)-fifth:]))
	}
	if s.blind != nil {
		report("  memory: %v", s.blind)
	}
}

func percentile(of []float64, p int) float64 {
	if len(of) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(of))
	return sorted[min(len(sorted)-1, len(sorted)*p/100)]
}

func mean(of []float64) float64 {
	sum := 0.0
	for _, v := range of {
		sum += v
	}
	return sum / float64(len(of))
}

// operation is one request of the mix.
type operation struct {
	kind string
	do   func(ctx context.Context) error
}

// loadMix is the order of the kinds of requests: 16 reads, 4 writes.
var loadMix = []string{
	"guide", "track", "desk", "write", "api", "guide", "board", "track", "write", "guide",
	"api", "desk", "guide", "write", "track", "board", "api", "desk", "write", "guide",
}

// next returns the operation whose turn it is.
func (c *crowd) next() operation {
	n := c.turn.Add(1)
	return c.operation(loadMix[n%uint64(len(loadMix))], n)
}

// operation returns a request of a kind, the n-th of all.
func (c *crowd) operation(kind string, n uint64) operation {
	read := func(path string, cookies ...*http.Cookie) operation {
		return operation{kind, func(ctx context.Context) error {
			_, err := c.hall.get(ctx, c.by, path, cookies...)
			return err
		}}
	}
	switch kind {
	case "guide":
		return read(c.guide)
	case "desk":
		return read(c.desk, c.clerk...)
	case "board":
		return read(c.board, c.supervisor...)
	case "track":
		m := c.known()
		return read("/track/" + m.number + "/" + m.code)
	case "api":
		m := c.known()
		return operation{kind, func(ctx context.Context) error {
			return c.call(ctx, http.MethodGet, "/api/v1/cases/"+m.number, c.tokens[n%uint64(len(c.tokens))], request{}, nil)
		}}
	}
	return c.write(n)
}
