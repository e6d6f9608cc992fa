package main

import (
	"context"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"sync"
	"testing"
	"time"

	"openhall.org/openhall/internal/app"
	"openhall.org/openhall/internal/platform/store/storetest"
)

// The server is killed with -9 in the middle of a load, again and again, and started again on what it left. Then every command
// that was acknowledged must be there once, no number may stand twice or be missing, and the log must verify.
//
// OPENHALL_CRASH_ROUNDS says how often on SQLite, OPENHALL_CRASH_ROUNDS_POSTGRES on PostgreSQL, where the database server is killed
// too, before, after or instead of the program.
func TestCrashSQLite(t *testing.T) {
	t.Parallel()
	v := newVictim(t, "sqlite:"+filepath.Join(t.TempDir(), "crash.db"))
	rounds := crashRounds(t, "OPENHALL_CRASH_ROUNDS", 10)
	for round := range rounds {
		v.start()
		v.repeatUnsure()
		v.loadUntil(round, v.kill)
	}
	v.account(rounds)
}

func TestCrashPostgres(t *testing.T) {
	if os.Getenv(storetest.PostgresEnv) == "" {
		t.Logf("%s is not set: SQLite only", storetest.PostgresEnv)
		return
	}
	t.Parallel()
	pg := newCluster(t, nil)
	v := newVictim(t, pg.url())
	v.quiet = true
	rounds := crashRounds(t, "OPENHALL_CRASH_ROUNDS_POSTGRES", 4)
	for round := range rounds {
		v.start()
		v.repeatUnsure()
		v.loadUntil(round, func() {
			switch round % 4 {
			case 0:
				v.kill()
			case 1:
				pg.kill()
				v.kill()
				pg.start()
			case 2:
				v.kill()
				pg.kill()
				pg.start()
			default: // the program lives on, and finds its database again
				pg.kill()
				pg.start()
				v.repeatUntilAnswered()
				v.kill()
			}
		})
	}
	v.account(rounds)
}

// The disk fails under SQLite: a flush answers EIO, a write finds the disk full. The program may refuse, and even end; what it has
// acknowledged must be there once the disk is well again.
func TestDiskFaults(t *testing.T) {
	t.Parallel()
	strace, err := exec.LookPath("strace")
	if err != nil {
		t.Fatalf("strace is missing (scripts/need strace): %v", err)
	}
	for _, c := range []struct{ name, fault string }{
		{"every flush fails from some time on", "inject=fsync,fdatasync:error=EIO:when=40+"},
		{"some flushes fail", "inject=fsync,fdatasync:error=EIO:when=25+9"},
		{"the disk is full from some time on", "inject=pwrite64:error=ENOSPC:when=400+"},
		{"the disk is full now and then", "inject=pwrite64:error=ENOSPC:when=150+70"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			v := newVictim(t, "sqlite:"+filepath.Join(t.TempDir(), "crash.db"))
			v.quiet = true
			v.start()
			v.loadUntil(0, v.kill) // something is there before the disk fails
			v.under = []string{strace, "-f", "-qq", "-o", "/dev/null", "-e", "trace=fsync,fdatasync,pwrite64", "-e", c.fault}
			if v.tryStart() {
				v.loadUntil(1, func() {
					v.waitFailed()
					v.kill()
				})
			}
			v.under = nil
			v.start()
			v.repeatUnsure()
			v.account(1)
		})
	}
}

// waitFailed waits until a request has felt that the disk fails. Without that nothing is tested.
func (v *victim) waitFailed() {
	v.t.Helper()
	for range 300 {
		v.mu.Lock()
		failed := v.failed
		v.mu.Unlock()
		if failed > 0 {
			return
		}
		time.Sleep(100 * time.Millisecond)
	}
	v.t.Error("no request felt the fault within 30 seconds: nothing was tested")
}

func crashRounds(t *testing.T, name string, otherwise int) int {
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

// newVictim builds the program and sets a demo province up for it.
func newVictim(t *testing.T, database string) *victim {
	t.Helper()
	v := &victim{t: t, acked: map[string]acknowledged{}, asked: map[string]asked{}, binary: buildProgram(t)}
	v.config = app.Config{Data: t.TempDir(), Addr: "127.0.0.1:0", Database: database, BaseURL: "http://crash.test", Jurisdiction: "cn-ah", Division: "340000000000",
		Origin: "crash.test/log"}
	v.prepare()
	return v
}

// loadUntil loads the server for a moment, lets the blow fall, and waits for the clients to end.
func (v *victim) loadUntil(round int, blow func()) {
	ctx, stop := context.WithCancel(v.t.Context())
	var load sync.WaitGroup
	for client := range crashClients {
		load.Go(func() { v.load(ctx, client, round) })
	}
	// A slow machine gets the time for what account asks for, five commands a round, or five seconds where nothing can be acknowledged.
	for tries := 0; tries < 500 && v.acknowledged() < 5*(round+1); tries++ {
		time.Sleep(10 * time.Millisecond)
	}
	time.Sleep(time.Duration(100+rand.IntN(300)) * time.Millisecond)
	blow()
	stop()
	load.Wait()
}

// acknowledged counts the commands that were answered with yes so far.
func (v *victim) acknowledged() int {
	v.mu.Lock()
	defer v.mu.Unlock()
	return len(v.acked)
}

// account starts the server for the last time and holds everything against what was acknowledged.
func (v *victim) account(rounds int) {
	v.t.Helper()
	if v.process == nil {
		v.start()
	}
	v.repeatUnsure()
	v.checkAcknowledged()
	v.checkVisits()
	v.stop()
	v.checkStore()
	v.t.Logf("%d rounds: %d commands acknowledged, none lost", rounds, len(v.acked))
	if len(v.acked) < rounds*5 {
		v.t.Errorf("only %d commands were acknowledged: the load was too thin to tell anything", len(v.acked))
	}
}
