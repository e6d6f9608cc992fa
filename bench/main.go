// Command bench measures openhall against named peers and physical limits, in the same run on the same machine, so that the
// ratios hold where absolute figures do not. It ends with one line for each measure:
//
//	bench NAME VALUE UNIT goal GOAL ok|short
//
// Usage: bench [NAME…] runs all measures, or those whose names begin with one of the arguments. The load, which takes minutes, what its
// requests cost, and the search, which builds a large index once and keeps it, run only when they are named. PostgreSQL is measured on the
// server named by OPENHALL_TEST_POSTGRES; make bench starts one.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime/pprof"
	"strings"
)

// measure is one figure with its goal.
type measure struct {
	name  string
	value float64
	unit  string
	goal  float64
	least bool // the value should be at least the goal; otherwise at most
}

func (m measure) line() string {
	verdict, sign := "ok", "<="
	if m.least {
		sign = ">="
	}
	if m.least != (m.value >= m.goal) && m.value != m.goal {
		verdict = "short"
	}
	return fmt.Sprintf("bench %s %.3g %s goal %s%.3g %s", m.name, m.value, m.unit, sign, m.goal, verdict)
}

// suite is a group of measures that share their preparation.
type suite struct {
	name string
	run  func(ctx context.Context, report func(format string, args ...any)) ([]measure, error)
}

func main() { os.Exit(run()) }

// run answers the exit status.
func run() int {
	if len(os.Args) == 3 && os.Args[1] == serveBytesCommand { // the peer of the pages, in a process of its own
		fmt.Fprintf(os.Stderr, "bench: %v\n", serveBytes(context.Background(), os.Args[2]))
		return 1
	}
	suites := []suite{
		{"calendar", benchCalendar},
		{"casework", benchCasework},
		{"ledger", benchLedger},
		{"pages", benchPages},
		{"idle", benchIdle},
		{"open", benchOpen},
		{"guard", benchGuard},
		{"chart", benchChart},
	}
	if len(os.Args) > 1 { // take minutes: run only when they are named
		suites = append(suites, suite{"load", benchLoad}, suite{"cost", benchCost}, suite{"index", benchIndex}, suite{"import", benchImport}, suite{"record", benchRecord}, suite{"search", benchSearch}, suite{"joint", benchJoint})
	}
	var lines []string
	failed := false
	if name := os.Getenv("OPENHALL_BENCH_PROFILE"); name != "" {
		stop, err := profile(name)
		if err != nil {
			fmt.Fprintf(os.Stderr, "bench: %v\n", err)
			return 1
		}
		defer stop()
	}
	for _, s := range suites {
		if !wanted(s.name, os.Args[1:]) {
			continue
		}
		fmt.Printf("== %s\n", s.name)
		measures, err := s.run(context.Background(), func(format string, args ...any) { fmt.Printf("   "+format+"\n", args...) })
		if err != nil {
			fmt.Fprintf(os.Stderr, "bench %s: %v\n", s.name, err)
			failed = true
		}
		for _, m := range measures {
			lines = append(lines, m.line())
		}
	}
	for _, l := range lines {
		fmt.Println(l)
	}
	if failed {
		return 1
	}
	return 0
}

// profile writes where the time of the processor goes to a file, for go tool pprof.
func profile(name string) (stop func(), err error) {
	f, err := os.Create(name) //nolint:gosec // the operator names the file
	if err != nil {
		return nil, err
	}
	if err := pprof.StartCPUProfile(f); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return func() {
		pprof.StopCPUProfile()
		if err := f.Close(); err != nil {
			fmt.Fprintf(os.Stderr, "bench: %v\n", err)
		}
	}, nil
}

func wanted(name string, args []string) bool {
	for _, a := range args {
		if strings.HasPrefix(name, a) || strings.HasPrefix(a, name) {
			return true
		}
	}
	return len(args) == 0
}
