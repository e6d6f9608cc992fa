package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"openhall.org/openhall/internal/app"
	"openhall.org/openhall/internal/app/backup"
	"openhall.org/openhall/internal/app/reseal"
	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/platform/store"
	"openhall.org/openhall/internal/platform/store/seal"
	"openhall.org/openhall/internal/platform/store/storetest"
)

// notSealed are the columns of bytes that hold hashes and blind indexes.
var notSealed = []string{
	"case_.holder", "centre_appointment.code", "centre_appointment.phone", "centre_seat.phone", "centre_ticket.code", "event.asked", "event.command",
	"identity_account.login", "identity_account.number", "identity_attempt.login", "identity_device.device", "identity_factor.handle",
	"identity_recovery.code", "identity_subject.subject", "identity_token.hash", "notify_contact.found_by", "rating_visit.visit",
}

// Every column of bytes is declared as sealed, or known to hold hashes. Who adds one decides which: what is not declared would keep its key.
func TestSealedColumnsAreDeclared(t *testing.T) {
	n := demoAt(t, time.Date(2026, 11, 23, 10, 0, 0, 0, calendar.Zone))
	known := map[string]bool{}
	for _, c := range n.Sealed() {
		known[c.Table+"."+c.Name] = true
	}
	for _, place := range notSealed {
		known[place] = true
	}
	columns, err := n.DB.BytesColumns(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range columns {
		place := c.Table + "." + c.Name
		if !known[place] {
			// Of those that nobody has ruled on, the data itself tells.
			if left, err := store.Scalar[int](n.DB.Read().QueryRow(t.Context(), `SELECT count(*) FROM `+c.Table+` WHERE substr(`+c.Name+`, 1, 4) = $1 AND length(`+c.Name+`) > 32`,
				n.Keys.First())); err != nil || left > 0 {
				t.Errorf("%s holds sealed values and is not declared: add it to the Sealed columns of its module (%v)", place, err)
			}
		}
	}
}

// opensColumn opens each value of a column, and returns how many there are.
func opensColumn(t *testing.T, n *app.Node, c seal.Column) (values int) {
	t.Helper()
	rows, err := n.DB.Read().Query(t.Context(), `SELECT `+strings.Join(c.Key, ", ")+`, `+c.Name+` FROM `+c.Table+` WHERE `+c.Name+` IS NOT NULL`)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := rows.Close(); err != nil {
			t.Error(err)
		}
	}()
	for rows.Next() {
		key, sealed := make([]any, len(c.Key)), []byte(nil)
		to := []any{}
		for i := range key {
			to = append(to, &key[i])
		}
		if err := rows.Scan(append(to, &sealed)...); err != nil {
			t.Fatal(err)
		}
		if _, err := n.Keys.Open(c.Place(key), sealed); err != nil {
			t.Errorf("%s.%s of %v: %v", c.Table, c.Name, key, err)
		}
		values++
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return values
}

// opensEverything opens each sealed value and each upload with the keys that a hall has, and returns how many there are.
func opensEverything(t *testing.T, n *app.Node) (values int) {
	t.Helper()
	for _, c := range n.Sealed() {
		values += opensColumn(t, n, c)
	}
	ids, err := n.Files.After(t.Context(), 0, 1_000_000)
	if err != nil {
		t.Fatal(err)
	}
	for _, id := range ids {
		_, r, err := n.Files.Get(t.Context(), id)
		if err == nil {
			_, err = io.Copy(io.Discard, r)
			err = errors.Join(err, r.Close())
		}
		if err != nil {
			t.Errorf("upload %s: %v", id, err)
		}
		values++
	}
	return values
}

// A hall gets a new key, everything is sealed anew with it, broken off and begun again, and the old one is destroyed: all is there still. A
// backup from before opens with the keys of then, one from after with those of now.
func TestReseal(t *testing.T) {
	for _, engine := range engines(t) {
		t.Run(string(engine), func(t *testing.T) {
			now := time.Date(2026, 11, 23, 10, 0, 0, 0, calendar.Zone)
			n := demoOn(t, engine, now)
			playMatters(t, n)
			sequenceAll(t, n)
			backups := t.TempDir()
			before, _, err := backup.Take(t.Context(), sourceOf(n, n.Now), backups)
			if err != nil {
				t.Fatal(err)
			}
			values := opensEverything(t, n)
			path := filepath.Join(n.Config.Data, "keys", "seal.key")
			if _, err := seal.Rotate(path); err != nil {
				t.Fatal(err)
			}
			if changed, err := n.Keys.Refresh(); err != nil || !changed {
				t.Fatalf("the hall does not take the new key up: %v, %v", changed, err)
			}
			h := hallOf(n)
			h.Batch = 20
			if left, err := h.Left(t.Context()); err != nil || sum(left) != values {
				t.Fatalf("%d values are under the old key, %v; want all %d", sum(left), err, values)
			}
			var refused strings.Builder
			if err := retire(t.Context(), n, false, &refused); err == nil || !strings.Contains(err.Error(), "keys reseal comes first") {
				t.Fatalf("the old key is taken out while it is needed: %v, %s", err, refused.String())
			}
			ctx, stop := context.WithCancel(t.Context())
			batches := 0
			if _, err := h.Run(ctx, func(reseal.Count) {
				if batches++; batches == 5 {
					stop()
				}
			}); !errors.Is(err, context.Canceled) {
				t.Fatalf("it went on: %v", err)
			}
			part, err := h.Left(t.Context())
			if err != nil || sum(part) == 0 || sum(part) >= values {
				t.Fatalf("after it was broken off %d of %d values are left, %v", sum(part), values, err)
			}
			counts, err := h.Run(t.Context(), func(reseal.Count) {})
			if err != nil || sum(counts) != sum(part) {
				t.Errorf("%d values are sealed anew, %v; want the %d that were left", sum(counts), err, sum(part))
			}
			for _, c := range counts {
				if len(c.Broken) > 0 {
					t.Errorf("%s: %v can't be opened", c.Place, c.Broken)
				}
			}
			if err := n.DB.Tell(t.Context(), store.Node{Number: 3, Program: "1", Keys: n.Keys.Keys()[1:], SeenAt: n.Now()}); err != nil {
				t.Fatal(err)
			}
			if err := retire(t.Context(), n, false, io.Discard); err == nil || !strings.Contains(err.Error(), "node 3") {
				t.Errorf("a node that seals with the old key is left behind: %v", err)
			}
			if err := errors.Join(n.DB.Tell(t.Context(), store.Node{Number: 3}), retire(t.Context(), n, false, io.Discard)); err != nil {
				t.Fatal(err)
			}
			if ring, err := seal.Load(path); err != nil || len(ring.Keys()) != 1 || ring.Code("case", "1", 8) != n.Keys.Code("case", "1", 8) {
				t.Errorf("%v, %v; want one key, and the same codes", ring.Keys(), err)
			}
			if changed, err := n.Keys.Refresh(); err != nil || !changed {
				t.Fatal(changed, err)
			}
			if again := opensEverything(t, n); again < values {
				t.Errorf("%d values can be opened; there were %d", again, values)
			}
			after := n.Now().Add(time.Hour)
			taken, m, err := backup.Take(t.Context(), sourceOf(n, func() time.Time { return after }), backups)
			if err != nil || m.Uploads == 0 {
				t.Fatalf("%+v, %v", m, err)
			}
			for _, dir := range []string{before, taken} {
				if _, err := backup.Check(t.Context(), dir); err != nil {
					t.Errorf("%s: %v", dir, err)
				}
			}
			target := app.Config{Data: t.TempDir(), Database: storetest.URL(t, engine), BaseURL: "http://localhost", Origin: n.Config.Origin, Jurisdiction: "cn-ah", Division: "340000000000"}
			if _, err := backup.Restore(t.Context(), taken, backup.Target{Database: target.Database, Files: filepath.Join(target.Data, "files")}); err != nil {
				t.Fatal(err)
			}
			copyKeys(t, n.Config.Data, target.Data)
			opensEverything(t, assembledFor(t, target, n.Now))
		})
	}
}

// assembledFor puts a program together for the time of a test.
func assembledFor(t *testing.T, c app.Config, now func() time.Time) *app.Node {
	t.Helper()
	n := assembleAt(t, c, now)
	t.Cleanup(func() {
		n.Cases.Close()
		if err := n.Close(); err != nil {
			t.Error(err)
		}
	})
	return n
}

func sum(counts []reseal.Count) (n int) {
	for _, c := range counts {
		n += int(c.Values)
	}
	return n
}

// The hall is under load while an operator changes its key; the command that seals anew is killed with -9 again and again. Nothing that was
// acknowledged is lost, and everything opens with the one key that is left.
func TestCrashReseal(t *testing.T) {
	t.Parallel()
	for _, engine := range engines(t) {
		t.Run(string(engine), func(t *testing.T) {
			t.Parallel()
			v := newVictim(t, storetest.URL(t, engine))
			v.start()
			v.loadUntil(0, func() {
				v.command("keys", "rotate", "seal")
				for round := range 3 {
					reseal := exec.CommandContext(t.Context(), v.binary, v.arguments("keys", "reseal", "--batch", "5", "--pause", "5ms")...)
					if err := reseal.Start(); err != nil {
						t.Fatal(err)
					}
					time.Sleep(time.Duration(300+150*round) * time.Millisecond)
					_ = reseal.Process.Kill() // it may have ended by itself
					_ = reseal.Wait()
				}
				v.command("keys", "reseal")
			})
			v.command("keys", "reseal") // the load went on meanwhile
			v.command("keys", "retire")
			v.repeatUnsure()
			v.loadUntil(1, func() {})
			v.account(1)
			n := assembledFor(t, v.config, time.Now)
			if keys := n.Keys.Keys(); len(keys) != 1 {
				t.Errorf("the ring holds %v", keys)
			}
			t.Logf("%d values open with the new key alone", opensEverything(t, n))
		})
	}
}

// arguments are those of a command of an operator on the victim's hall.
func (v *victim) arguments(command ...string) []string {
	return append(command, "--data", v.config.Data, "--database", v.config.Database, "--origin", v.config.Origin)
}

// command runs a command of an operator on the victim's hall.
func (v *victim) command(command ...string) string {
	v.t.Helper()
	out, err := exec.CommandContext(v.t.Context(), v.binary, v.arguments(command...)...).CombinedOutput()
	if err != nil {
		v.t.Fatal(fmt.Errorf("%v: %w: %s", command, err, out))
	}
	return string(out)
}
