package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// cluster is a PostgreSQL of a test's own, which it can kill, copy and promote. It listens on a Unix socket only.
type cluster struct {
	t    *testing.T
	bin  string // folder of the server's programs
	dir  string
	user *syscall.Credential // PostgreSQL refuses to run as root
}

// newCluster makes a cluster with the given settings and starts it.
func newCluster(t *testing.T, settings map[string]string) *cluster {
	t.Helper()
	c := emptyCluster(t)
	c.run("initdb", "-D", c.data(), "-U", "openhall", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8")
	c.configure(settings)
	c.start()
	c.run("createdb", "-h", c.dir, "-U", "openhall", "hall")
	return c
}

// emptyCluster is the place of a cluster.
func emptyCluster(t *testing.T) *cluster {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "../../scripts/postgres-bin").Output()
	if err != nil {
		t.Fatalf("no PostgreSQL server (scripts/need postgresql): %v", err)
	}
	dir, err := os.MkdirTemp("/tmp", "openhall-pg-*") // short: a socket's path has at most 107 characters
	if err != nil {
		t.Fatal(err)
	}
	c := &cluster{t: t, bin: strings.TrimSpace(string(out)), dir: dir}
	if os.Getuid() == 0 {
		u, err := user.Lookup("postgres")
		if err != nil {
			t.Fatal(err)
		}
		uid, err1 := strconv.ParseUint(u.Uid, 10, 32)
		gid, err2 := strconv.ParseUint(u.Gid, 10, 32)
		if err := errors.Join(err1, err2, os.Chown(dir, int(uid), int(gid))); err != nil {
			t.Fatal(err)
		}
		c.user = &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
	}
	t.Cleanup(func() {
		c.kill()
		_ = os.RemoveAll(dir)
	})
	return c
}

func (c *cluster) data() string { return filepath.Join(c.dir, "data") }

func (c *cluster) url() string { return "postgres://openhall@/hall?host=" + c.dir }

func (c *cluster) command(name string, args ...string) *exec.Cmd {
	cmd := exec.Command(filepath.Join(c.bin, name), args...)
	cmd.Dir, cmd.SysProcAttr = c.dir, &syscall.SysProcAttr{Credential: c.user}
	return cmd
}

func (c *cluster) run(name string, args ...string) {
	c.t.Helper()
	if out, err := c.command(name, args...).CombinedOutput(); err != nil {
		log, _ := os.ReadFile(filepath.Join(c.dir, "log"))
		c.t.Fatalf("%s: %v\n%s\n%s", name, err, out, log)
	}
}

// configure adds settings that hold from the next start on. It stays as durable as a real one.
func (c *cluster) configure(settings map[string]string) {
	c.t.Helper()
	f, err := os.OpenFile(filepath.Join(c.data(), "postgresql.conf"), os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		c.t.Fatal(err)
	}
	_, err = fmt.Fprintf(f, "\nlisten_addresses = ''\nunix_socket_directories = '%s'\nshared_buffers = 64MB\n", c.dir)
	for name, value := range settings {
		_, werr := fmt.Fprintf(f, "%s = '%s'\n", name, value)
		err = errors.Join(err, werr)
	}
	if err = errors.Join(err, f.Close()); err != nil {
		c.t.Fatal(err)
	}
}

// start starts the server. What was killed a moment ago may still hold its lock file: PostgreSQL asks to try again then.
func (c *cluster) start() {
	c.t.Helper()
	var out []byte
	var err error
	for range 50 {
		cmd := c.command("pg_ctl", "-D", c.data(), "-l", filepath.Join(c.dir, "log"), "-w", "-s", "start")
		if out, err = cmd.CombinedOutput(); err == nil {
			return
		}
		time.Sleep(100 * time.Millisecond)
	}
	log, _ := os.ReadFile(filepath.Join(c.dir, "log"))
	c.t.Fatalf("PostgreSQL does not start again: %v\n%s\n%s", err, out, log)
}

// kill kills the server with -9: the postmaster, and what it has started.
func (c *cluster) kill() {
	pid, err := os.ReadFile(filepath.Join(c.data(), "postmaster.pid"))
	if err != nil {
		return // it does not run
	}
	first, _, _ := strings.Cut(string(pid), "\n")
	n, err := strconv.Atoi(first)
	if err != nil || n <= 1 {
		return
	}
	children, _ := os.ReadFile(fmt.Sprintf("/proc/%d/task/%d/children", n, n)) // gone already: nothing to kill
	_ = syscall.Kill(n, syscall.SIGKILL)
	for _, child := range strings.Fields(string(children)) {
		if id, err := strconv.Atoi(child); err == nil {
			_ = syscall.Kill(id, syscall.SIGKILL)
		}
	}
	for range 200 { // until the kernel has taken it away
		if syscall.Kill(n, 0) != nil {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
}

// promote makes a standby the server that is written to, as an operator does (pg_promote).
func (c *cluster) promote() {
	c.t.Helper()
	c.run("psql", "-h", c.dir, "-U", "openhall", "-d", "hall", "-qAt", "-c", "SELECT pg_promote(true, 60)")
}

// newStandby makes a standby of a cluster, which answers each commit of it.
func newStandby(t *testing.T, of *cluster) *cluster {
	t.Helper()
	c := emptyCluster(t)
	c.run("pg_basebackup", "-h", of.dir, "-U", "openhall", "-D", c.data(), "--wal-method=stream", "--checkpoint=fast", "--write-recovery-conf")
	c.configure(map[string]string{"synchronous_standby_names": ""}) // once promoted, it waits for nobody
	c.start()
	return c
}
