package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// program is another process that serves pages: the product as it is shipped, or the bare handler.
type program struct {
	cmd   *exec.Cmd
	url   string
	began time.Duration // from the start until the first page was there
	lines []string      // what it said when it started
}

// build makes the program as it is shipped; see the Makefile.
func build(ctx context.Context, dir string) (string, error) {
	binary := filepath.Join(dir, "openhall")
	cmd := exec.CommandContext(ctx, "go", "build", "-trimpath", "-ldflags=-s -w", "-o", binary, "./cmd/openhall") //nolint:gosec // constant but for our own folder
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build openhall: %w\n%s", err, out)
	}
	return binary, nil
}

// startDemo starts the product with the demo province in a data folder, and waits for its first page.
func startDemo(ctx context.Context, binary, data string) (*program, error) {
	return start(ctx, "Press Ctrl-C", binary, "demo", "--small", "--data", data, "--addr", "127.0.0.1:0")
}

// start runs a program that prints "openhall: URL" and ends what it says at the start with a line that begins with last.
func start(ctx context.Context, last, binary string, args ...string) (_ *program, err error) {
	begin := time.Now()
	cmd := exec.CommandContext(ctx, binary, args...) //nolint:gosec // we built it
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("start %s: %w", filepath.Base(binary), err)
	}
	p := &program{cmd: cmd}
	defer func() {
		if err != nil {
			err = errors.Join(err, p.stop())
		}
	}()
	in := bufio.NewScanner(out)
	for in.Scan() {
		p.lines = append(p.lines, in.Text())
		if at, ok := strings.CutPrefix(in.Text(), "openhall: "); ok {
			p.url = at
			if _, err := p.get(ctx, http.DefaultTransport, "/"); err != nil {
				return nil, err
			}
			p.began = time.Since(begin)
		}
		if strings.HasPrefix(in.Text(), last) {
			go func() { _, _ = io.Copy(io.Discard, out) }() // it must never wait for us to read
			return p, nil
		}
	}
	return nil, fmt.Errorf("%s ended instead of serving: %s", filepath.Base(binary), strings.Join(p.lines, "\n"))
}

// stop ends the program as an operator would, and waits for it.
func (p *program) stop() error {
	// Whoever runs this behind a shell may have it ignore interrupts, and children inherit that.
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return err
	}
	err := p.cmd.Wait()
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		return nil // how it ends when it is interrupted is not measured here
	}
	return err
}

// get fetches a page. Any answer but 200 is an error.
func (p *program) get(ctx context.Context, by http.RoundTripper, path string, cookies ...*http.Cookie) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, p.url+path, nil) //nolint:gosec // our own child listens there
	if err != nil {
		return nil, err
	}
	for _, c := range cookies {
		req.AddCookie(c)
	}
	res, err := by.RoundTrip(req)
	if err != nil {
		return nil, err
	}
	body, err := io.ReadAll(res.Body)
	if err = errors.Join(err, res.Body.Close()); err == nil && res.StatusCode != http.StatusOK {
		err = fmt.Errorf("GET %s: %s", path, res.Status)
	}
	return body, err
}

// account returns the name and the password that the demo printed for a role.
func (p *program) account(role string) (name, password string, err error) {
	for _, l := range p.lines {
		if f := strings.Fields(l); len(f) == 3 && f[0] == role {
			return f[1], f[2], nil
		}
	}
	return "", "", fmt.Errorf("the demo printed no account of a %s", role)
}

// memory returns how much of the machine's memory the program holds, in MB.
func (p *program) memory() (float64, error) { return p.status("VmRSS:") }

// status returns what the system says of the program's memory, in MB.
func (p *program) status(name string) (float64, error) {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.cmd.Process.Pid)) //nolint:gosec // our own child
	if err != nil {
		return 0, fmt.Errorf("memory is measured on Linux only: %w", err)
	}
	for line := range strings.Lines(string(status)) {
		if kb, ok := strings.CutPrefix(line, name); ok {
			n, err := strconv.ParseFloat(strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(kb), "kB")), 64)
			return n / 1024, err
		}
	}
	return 0, errors.New("the system does not tell how much memory the program holds")
}
