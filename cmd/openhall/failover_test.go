package main

import (
	"os"
	"testing"
	"time"

	"openhall.org/openhall/internal/platform/store/storetest"
)

// The machine of the database burns down in the middle of a load, and its synchronous standby is promoted. The program, which was given
// the addresses of both, goes on without a restart; nothing that was acknowledged is lost, no number stands twice, and the log verifies.
func TestFailover(t *testing.T) {
	if os.Getenv(storetest.PostgresEnv) == "" {
		t.Logf("%s is not set: SQLite only", storetest.PostgresEnv)
		return
	}
	t.Parallel()
	primary := newCluster(t, map[string]string{"wal_level": "replica", "max_wal_senders": "4"})
	standby := newStandby(t, primary)
	primary.configure(map[string]string{"synchronous_standby_names": "*"})
	primary.run("pg_ctl", "-D", primary.data(), "reload", "-s")
	primary.waitSynchronous()

	v := newVictim(t, "postgres://openhall@/hall?host="+primary.dir+","+standby.dir+"&target_session_attrs=read-write")
	v.quiet = true
	v.start()
	v.loadUntil(0, func() {})
	var away time.Duration
	v.loadUntil(1, func() {
		began := time.Now()
		primary.kill()
		standby.promote()
		v.repeatUntilAnswered()
		away = time.Since(began)
	})
	before := len(v.acked)
	v.loadUntil(2, func() {
		for tries := 0; tries < 3000 && v.acknowledged() == before; tries++ { // the clients may have waited long before they ask again
			time.Sleep(10 * time.Millisecond)
		}
	})
	if len(v.acked) == before {
		t.Error("nothing was acknowledged after the failover")
	}
	v.kill()
	v.account(3)
	t.Logf("from the blow to the first answers: %s", away.Round(10*time.Millisecond))
}

// waitSynchronous waits until a standby answers each commit.
func (c *cluster) waitSynchronous() {
	c.t.Helper()
	for range 100 {
		out, err := c.command("psql", "-h", c.dir, "-U", "openhall", "-d", "hall", "-qAt", "-c",
			"SELECT count(*) FROM pg_stat_replication WHERE sync_state = 'sync'").Output()
		if err == nil && string(out) == "1\n" {
			return
		}
		time.Sleep(100 * time.Millisecond)
	}
	c.t.Fatal("the standby does not answer commits")
}
