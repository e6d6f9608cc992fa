package main

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"
)

const (
	costRounds = 60 // of each kind; four writes are the way of one matter
	costOften  = "OPENHALL_BENCH_COST_ROUNDS"
	costOnly   = "OPENHALL_BENCH_COST_KINDS" // separated by commas; all unless it says otherwise
	// clockTick is the unit in which Linux counts the time of processors for programs.
	clockTick = 10 * time.Millisecond
)

// benchCost says what the requests of the load cost, and no more: a guide on a machine that is not quiet.
func benchCost(ctx context.Context, report func(string, ...any)) ([]measure, error) {
	rounds, kinds := costRounds, costKinds()
	if text := os.Getenv(costOften); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 {
			return nil, fmt.Errorf("%s=%q: want how often each kind is asked for, 1 or more", costOften, text)
		}
		rounds = n
	}
	if text := os.Getenv(costOnly); text != "" {
		kinds = strings.Split(text, ",")
	}
	return nil, onHalls(ctx, func(name string, hall *program) error {
		crowd, err := newCrowd(ctx, hall)
		if err != nil {
			return fmt.Errorf("prepare the load: %w", err)
		}
		defer crowd.by.CloseIdleConnections()
		report("%s", name)
		return crowd.costs(ctx, kinds, rounds, report)
	})
}

// costKinds are the kinds of requests of the load.
func costKinds() []string { return slices.Compact(slices.Sorted(slices.Values(loadMix))) }

// costs says what each kind of request costs the hall in time of a processor, one request after the other. That hardly depends on
// what else the machine does, unlike all that a clock on the wall measures. The loops in the background count as well.
func (c *crowd) costs(ctx context.Context, kinds []string, rounds int, report func(string, ...any)) error {
	for _, kind := range kinds {
		before, err := c.hall.processor()
		if err != nil {
			return err
		}
		for range rounds {
			o := c.operation(kind, c.turn.Add(1))
			if err := o.do(ctx); err != nil {
				return fmt.Errorf("%s: %w", o.kind, err)
			}
		}
		after, err := c.hall.processor()
		if err != nil {
			return err
		}
		report("one %-5s costs %5.1f ms of a processor", kind, (after-before).Seconds()*1000/float64(rounds))
	}
	return nil
}

// processor returns how much time of processors the program has used.
func (p *program) processor() (time.Duration, error) {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", p.cmd.Process.Pid)) //nolint:gosec // our own child
	if err != nil {
		return 0, fmt.Errorf("time of processors is measured on Linux only: %w", err)
	}
	_, after, _ := strings.Cut(string(stat), ") ") // the name of the program may hold anything
	fields := strings.Fields(after)
	if len(fields) < 13 {
		return 0, fmt.Errorf("%s tells no time of processors", stat)
	}
	user, err := strconv.ParseInt(fields[11], 10, 64)
	if err != nil {
		return 0, err
	}
	system, err := strconv.ParseInt(fields[12], 10, 64)
	return time.Duration(user+system) * clockTick, err
}
