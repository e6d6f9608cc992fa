package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"openhall.org/openhall/internal/platform/store"
	"openhall.org/openhall/internal/platform/store/storetest"
)

// expand is what the next release adds to the tables.
const expand = `-- +goose Up
ALTER TABLE rating_bad ADD COLUMN next_note TEXT NOT NULL DEFAULT '';
CREATE TABLE rating_next (id BIGINT PRIMARY KEY);
-- +goose Down
DROP TABLE rating_next;
ALTER TABLE rating_bad DROP COLUMN next_note;
`

// buildLater builds the program of a later release: that of today with further migrations.
func buildLater(t *testing.T, migrations map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	top, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	replace := map[string]string{}
	for name, text := range migrations {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		replace[filepath.Join(top, "internal/slice/rating/migrations", name)] = path
	}
	overlay, err := json.Marshal(map[string]any{"Replace": replace})
	if err == nil {
		err = os.WriteFile(filepath.Join(dir, "overlay.json"), overlay, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	binary := filepath.Join(dir, "openhall")
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-overlay", filepath.Join(dir, "overlay.json"), "-o", binary, ".").CombinedOutput(); err != nil {
		t.Fatalf("build a later release: %v\n%s", err, out)
	}
	return binary
}

// balancer sends each request to one of the nodes that are in, in turn, as a service of Kubernetes does.
type balancer struct {
	mu    sync.Mutex
	in    map[int]*httputil.ReverseProxy
	under [2]sync.WaitGroup // requests sent to a node and not answered yet
	turns int
	lost  atomic.Int64 // requests to which no node answered
}

// takeOut sends a node no further requests, and waits for the answers to those that were on their way: a node that ends does not hear who has
// not reached it yet, which is why whoever operates it waits between the two.
func (b *balancer) takeOut(node int) {
	b.put(node, "")
	b.under[node].Wait()
}

func (b *balancer) put(node int, address string) {
	to, err := url.Parse(address)
	b.mu.Lock()
	defer b.mu.Unlock()
	delete(b.in, node)
	if address == "" || err != nil {
		return
	}
	proxy := httputil.NewSingleHostReverseProxy(to)
	proxy.ErrorHandler = func(w http.ResponseWriter, _ *http.Request, _ error) {
		b.lost.Add(1)
		w.WriteHeader(http.StatusBadGateway)
	}
	b.in[node] = proxy
}

// ServeHTTP implements [http.Handler].
func (b *balancer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	b.mu.Lock()
	b.turns++
	var proxy *httputil.ReverseProxy
	for i := range 2 {
		node := (b.turns + i) % 2
		if p := b.in[node]; p != nil {
			proxy = p
			b.under[node].Add(1)
			defer b.under[node].Done()
			break
		}
	}
	b.mu.Unlock()
	if proxy == nil {
		b.lost.Add(1)
		w.WriteHeader(http.StatusBadGateway)
		return
	}
	proxy.ServeHTTP(w, r)
}

// node starts a node of the victim's hall with a program and returns it with its address.
func (v *victim) node(binary string, number int) (*exec.Cmd, string) {
	v.t.Helper()
	was, program := v.process, v.binary
	v.binary, v.under = binary, []string{"env", fmt.Sprintf("OPENHALL_NODE=%d", number)}
	v.start()
	p, address := v.process, v.url
	v.process, v.binary, v.under = was, program, nil
	v.t.Cleanup(func() { _ = p.Process.Kill() })
	return p, address
}

// A release comes in while the hall is worked in: of two nodes one after the other leaves, ends in order, and is replaced by the next
// program, which changes the tables under the one that is still there. No request fails, and nothing is lost. The program of before works on
// tables that were only added to, and refuses those from which something was taken that it needs.
func TestFailoverRolling(t *testing.T) {
	if os.Getenv(storetest.PostgresEnv) == "" {
		t.Logf("%s is not set: several nodes need PostgreSQL", storetest.PostgresEnv)
		return
	}
	t.Parallel()
	v := newVictim(t, storetest.URL(t, store.Postgres))
	today := v.binary
	next := buildLater(t, map[string]string{"00900_next.sql": expand})
	b := &balancer{in: map[int]*httputil.ReverseProxy{}}
	front := httptest.NewServer(b)
	defer front.Close()
	var nodes [2]*exec.Cmd
	for i := range nodes {
		var address string
		nodes[i], address = v.node(today, i)
		b.put(i, address)
	}
	v.url = front.URL

	var stop atomic.Bool
	var load sync.WaitGroup
	for client := range 4 {
		load.Go(func() { v.work(client, &stop) })
	}
	for i := range nodes {
		v.acknowledge(20)
		b.takeOut(i)
		if err := nodes[i].Process.Signal(syscall.SIGTERM); err != nil {
			t.Fatal(err)
		}
		if err := nodes[i].Wait(); err != nil {
			t.Errorf("node %d did not end in order: %v", i, err)
		}
		var address string
		nodes[i], address = v.nodeBeside(next, i)
		b.put(i, address)
	}
	v.acknowledge(20)
	stop.Store(true)
	load.Wait()
	if lost, failed := b.lost.Load(), len(v.unsure)+v.failed; lost > 0 || failed > 0 {
		t.Errorf("%d requests found no node, %d failed: %v", lost, failed, v.unsure)
	}
	for _, n := range nodes {
		_ = n.Process.Signal(syscall.SIGTERM)
		if err := n.Wait(); err != nil {
			t.Errorf("a node of the next release did not end in order: %v", err)
		}
	}
	v.binary = next
	v.account(1)

	v.binary = today // on tables that the next release has added to
	v.start()
	v.checkAcknowledged()
	v.stop()

	// The release after that takes something away, and says so.
	db, err := store.Open(t.Context(), v.config.Database)
	if err == nil {
		err = errors.Join(db.Write(t.Context(), func(ctx context.Context, tx *store.Tx) error {
			return tx.Exec(ctx, `INSERT INTO schema_floor (module, version) VALUES ('rating', 901)`)
		}), db.Close())
	}
	if err != nil {
		t.Fatal(err)
	}
	for program, knows := range map[string]string{today: "38", next: "900"} {
		out, err := exec.CommandContext(t.Context(), program, v.arguments("serve")...).CombinedOutput()
		if want := "older than the database: the tables of rating were brought to state 901 by a newer one, and this one knows them up to " + knows; err == nil ||
			!strings.Contains(string(out), want) {
			t.Errorf("%v: %s; want %q", err, out, want)
		}
	}
}

// nodeBeside is node, while others ask the address that the victim has.
func (v *victim) nodeBeside(binary string, number int) (*exec.Cmd, string) {
	v.t.Helper()
	other := &victim{t: v.t, config: v.config, binary: binary}
	return other.node(binary, number)
}

// work applies, withdraws and books until it is told to stop, and ends what it has begun.
func (v *victim) work(client int, stop *atomic.Bool) {
	ctx := v.t.Context()
	for i := 0; !stop.Load(); i++ {
		file, err := v.upload(ctx, client)
		if err != nil {
			v.mu.Lock()
			v.unsure = append(v.unsure, fmt.Sprintf("upload %d-%d: %v", client, i, err))
			v.mu.Unlock()
			return
		}
		key := fmt.Sprintf("rolling-%d-%d", client, i)
		got, err := v.send(ctx, key, asked{client, "/api/v1/cases", v.application(0, file)})
		if err == nil && i%2 == 1 {
			act := []byte(`{"message":{"name":"withdraw","reason":"不再需要"}}`)
			_, err = v.send(ctx, key+"-withdraw", asked{client, "/api/v1/cases/" + got.Number + "/acts", act})
		}
		if err != nil {
			return // send has noted it
		}
	}
}

// acknowledge waits until so many commands more were acknowledged.
func (v *victim) acknowledge(more int) {
	v.t.Helper()
	count := func() int {
		v.mu.Lock()
		defer v.mu.Unlock()
		return len(v.acked)
	}
	from := count()
	for range 6000 {
		if count() >= from+more {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	v.t.Fatalf("only %d commands were acknowledged in a minute", count()-from)
}
