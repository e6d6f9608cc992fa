package job

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"openhall.org/openhall/internal/platform/store"
	"openhall.org/openhall/internal/platform/store/storetest"
)

const (
	victimEnv = "OPENHALL_TEST_JOB_VICTIM" // folder in which the victim works
	jobs      = 400
	kills     = 5
)

// Programs that do jobs are killed with -9 again and again. In the end each job was done: its line stands in the file to which the
// handler writes, at least once, and no job is left.
func TestKilledWorkersLoseNothing(t *testing.T) {
	dir := t.TempDir()
	db, err := store.Open(t.Context(), "sqlite:"+filepath.Join(dir, "jobs.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if err := db.Migrate(t.Context(), store.Schema(), Schema()); err != nil {
		t.Fatal(err)
	}
	q := newQueue(t, db, 0, time.Now)
	register(t, q, "write", func(context.Context, Job) error { return nil }, Lane{})
	for i := 0; i < jobs; i += 100 {
		if err := db.Write(t.Context(), func(ctx context.Context, tx *store.Tx) error {
			for k := i; k < i+100; k++ {
				if err := q.Enqueue(ctx, tx, "write", fmt.Sprint(k), k, time.Time{}); err != nil {
					return err
				}
			}
			return nil
		}); err != nil {
			t.Fatal(err)
		}
	}
	open := func() int {
		n, err := store.Scalar[int](db.Read().QueryRow(t.Context(), `SELECT count(*) FROM job WHERE state = 'open'`))
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	start := func() *exec.Cmd {
		c := exec.Command(os.Args[0], "-test.run=^TestVictim$")
		c.Env = append(os.Environ(), victimEnv+"="+dir)
		if err := c.Start(); err != nil {
			t.Fatal(err)
		}
		return c
	}
	kill := func(c *exec.Cmd) {
		if err := c.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		_ = c.Wait() // killed
	}
	for round := range kills {
		c := start()
		for left := jobs - (round+1)*jobs/(kills+1); open() > left; { // it is killed when it has done its share
			time.Sleep(2 * time.Millisecond)
		}
		kill(c)
	}
	c := start()
	for open() > 0 {
		time.Sleep(5 * time.Millisecond)
	}
	kill(c)
	done, err := os.ReadFile(filepath.Join(dir, "done"))
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]int{}
	for line := range strings.Lines(string(done)) {
		seen[strings.TrimSpace(line)]++
	}
	again := 0
	for i := range jobs {
		n := seen[fmt.Sprint(i)]
		if n == 0 {
			t.Errorf("job %d was never done", i)
		}
		again += max(0, n-1)
	}
	if again > kills*8 { // no more than the workers had in their hands
		t.Errorf("%d jobs were done again after %d kills; want at most %d", again, kills, kills*8)
	}
}

// TestVictim is the program that is killed.
func TestVictim(t *testing.T) {
	dir := os.Getenv(victimEnv)
	if dir == "" {
		return // it is only something when it is called by the test above
	}
	db, err := store.Open(t.Context(), "sqlite:"+filepath.Join(dir, "jobs.db"))
	if err != nil {
		t.Fatal(err)
	}
	file, err := os.OpenFile(filepath.Join(dir, "done"), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	q := newQueue(t, db, 1, time.Now)
	register(t, q, "write", func(_ context.Context, j Job) error {
		_, err := fmt.Fprintln(file, j.Key) // one write of a short line is whole or not there
		return err
	}, Lane{Workers: 8})
	q.Run(t.Context())
}

// One operation is one job, from its being enqueued (100 to a transaction) to its being put down as done.
func BenchmarkJobs(b *testing.B) {
	engines := []store.Engine{store.SQLite}
	if os.Getenv(storetest.PostgresEnv) != "" {
		engines = append(engines, store.Postgres)
	}
	for _, engine := range engines {
		b.Run(string(engine), func(b *testing.B) {
			db := storetest.New(b, engine, schemas...)
			q := newQueue(b, db, 1, time.Now)
			done := make(chan struct{}, 1024)
			register(b, q, "nothing", func(context.Context, Job) error { done <- struct{}{}; return nil }, Lane{Workers: 64})
			ctx, stop := context.WithCancel(b.Context())
			ended := make(chan struct{})
			go func() { q.Run(ctx); close(ended) }()
			b.ResetTimer()
			go func() {
				for i := 0; i < b.N; i += 100 {
					err := db.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
						for range min(100, b.N-i) {
							if err := q.Enqueue(ctx, tx, "nothing", "", 1, time.Time{}); err != nil {
								return err
							}
						}
						return nil
					})
					if err != nil {
						b.Error(err)
					}
				}
			}()
			for range b.N {
				<-done
			}
			b.StopTimer()
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "jobs/s")
			stop()
			<-ended
		})
	}
}

// One operation is one look for work while 200,000 jobs lie in the future.
func BenchmarkIdle(b *testing.B) {
	db := storetest.New(b, store.SQLite, schemas...)
	q := newQueue(b, db, 1, time.Now)
	register(b, q, "x", func(context.Context, Job) error { return nil }, Lane{})
	tomorrow := time.Now().Add(24 * time.Hour)
	const rows, batch = 200_000, 10_000
	for i := 0; i < rows; i += batch {
		if err := db.Write(b.Context(), func(ctx context.Context, tx *store.Tx) error {
			for range batch {
				if err := q.Enqueue(ctx, tx, "x", "", nil, tomorrow); err != nil {
					return err
				}
			}
			return nil
		}); err != nil {
			b.Fatal(err)
		}
	}
	for b.Loop() {
		if got, err := q.claim(b.Context(), q.lane("x"), 10); err != nil || len(got) != 0 {
			b.Fatal(got, err)
		}
	}
}
