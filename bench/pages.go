package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

const (
	connections = 32
	pageRound   = 2 * time.Second
)

// benchPages asks for the guide of an item and for the tracking page of a case as fast as 32 connections can, and for the same
// bytes from a bare handler of net/http in a process of its own, in turn. The one who asks runs on the same processors and costs
// both the same, so the ratio says what a visitor of this machine sees; it would be lower with the load coming from elsewhere.
func benchPages(ctx context.Context, report func(string, ...any)) (out []measure, err error) {
	dir, err := os.MkdirTemp("", "openhall-bench")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	binary, err := build(ctx, dir)
	if err != nil {
		return nil, err
	}
	hall, err := startDemo(ctx, binary, filepath.Join(dir, "data"))
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, hall.stop()) }()
	guide, err := hall.guide(ctx)
	if err != nil {
		return nil, err
	}
	track, err := hall.track(ctx)
	if err != nil {
		return nil, err
	}
	for _, page := range []struct{ name, path string }{{"pages-guide", guide}, {"pages-track", track}} {
		m, err := hall.against(ctx, page.path, filepath.Join(dir, page.name), report)
		if err != nil {
			return out, fmt.Errorf("%s: %w", page.name, err)
		}
		m.name = page.name
		out = append(out, m)
	}
	return out, nil
}

// against measures a page and its peer in turn.
func (p *program) against(ctx context.Context, path, file string, report func(string, ...any)) (m measure, err error) {
	body, err := p.get(ctx, http.DefaultTransport, path)
	if err != nil {
		return m, err
	}
	if err := os.WriteFile(file, body, 0o600); err != nil {
		return m, err
	}
	self, err := os.Executable()
	if err != nil {
		return m, err
	}
	peer, err := start(ctx, "openhall: ", self, serveBytesCommand, file)
	if err != nil {
		return m, err
	}
	defer func() { err = errors.Join(err, peer.stop()) }()
	var ratios, ours, theirs, slow []float64
	for range rounds {
		a, p99, err := p.load(ctx, path)
		if err != nil {
			return m, err
		}
		b, _, err := peer.load(ctx, "/")
		if err != nil {
			return m, err
		}
		ratios, ours, theirs, slow = append(ratios, a/b), append(ours, a), append(theirs, b), append(slow, p99)
	}
	report("%s… %d bytes: %.0f requests/s, p99 %.1f ms; a bare handler writes the same bytes %.0f times/s (medians of %d)",
		path[:min(len(path), 20)], len(body), median(ours), median(slow), median(theirs), rounds)
	return measure{"", median(ratios), "of bare", 0.25, true}, nil
}

// load asks for a page over all connections for one round and returns requests per second and the 99th percentile in ms.
func (p *program) load(ctx context.Context, path string) (rate, p99 float64, err error) {
	by := &http.Transport{MaxIdleConnsPerHost: connections, DisableCompression: true}
	defer by.CloseIdleConnections()
	times := make([][]float64, connections)
	errs := make([]error, connections)
	begin := time.Now()
	var wg sync.WaitGroup
	for c := range connections {
		wg.Go(func() {
			for time.Since(begin) < pageRound && errs[c] == nil {
				asked := time.Now()
				_, errs[c] = p.get(ctx, by, path)
				times[c] = append(times[c], float64(time.Since(asked).Microseconds())/1000)
			}
		})
	}
	wg.Wait()
	took := time.Since(begin).Seconds()
	all := slices.Sorted(slices.Values(slices.Concat(times...)))
	return float64(len(all)) / took, all[len(all)*99/100], errors.Join(errs...)
}

var (
	itemLink = regexp.MustCompile(`/hall/items/[a-z][a-z0-9-]+`)
	codeLink = regexp.MustCompile(`/hall/items/[0-9A-Z]{20,}`)
	caseLink = regexp.MustCompile(`/me/case/([0-9A-Z]+)`)
	codeText = regexp.MustCompile(`>([2-9A-Z]{8})<`) // the query code, on one's own page of the case
)

// guide finds the guide of an item of one body.
func (p *program) guide(ctx context.Context) (string, error) {
	list, err := p.get(ctx, http.DefaultTransport, "/hall/find")
	if err != nil {
		return "", err
	}
	choice, err := p.get(ctx, http.DefaultTransport, itemLink.FindString(string(list)))
	if err != nil {
		return "", err
	}
	link := codeLink.FindString(string(choice))
	if link == "" {
		return "", errors.New("the demo shows no guide")
	}
	return link, nil
}

// track finds the public tracking page of a case of the demo's citizen, by number and query code.
func (p *program) track(ctx context.Context) (string, error) {
	cookies, err := p.signIn(ctx, "citizen")
	if err != nil {
		return "", err
	}
	mine, err := p.get(ctx, http.DefaultTransport, "/me", cookies...)
	if err != nil {
		return "", err
	}
	link := caseLink.FindStringSubmatch(string(mine))
	if link == nil {
		return "", errors.New("the demo's citizen has no case")
	}
	matter, err := p.get(ctx, http.DefaultTransport, link[0], cookies...)
	if err != nil {
		return "", err
	}
	code := codeText.FindStringSubmatch(string(matter))
	if code == nil {
		return "", errors.New("the page of a case shows no query code")
	}
	return "/track/" + link[1] + "/" + code[1], nil
}

// signIn signs the demo's account of a role in and returns what its browser would keep.
func (p *program) signIn(ctx context.Context, role string) ([]*http.Cookie, error) {
	name, password, err := p.account(role)
	if err != nil {
		return nil, err
	}
	_, cookies, err := p.post(ctx, "/signin", url.Values{"login": {name}, "password": {password}}, nil)
	return cookies, err
}

// post sends a form. Any answer above 399 is an error.
func (p *program) post(ctx context.Context, path string, form url.Values, cookies []*http.Cookie) (page []byte, set []*http.Cookie, err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, p.url+path, strings.NewReader(form.Encode())) //nolint:gosec // our own child listens there
	if err != nil {
		return nil, nil, err
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	for _, c := range cookies {
		req.AddCookie(c)
	}
	res, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		return nil, nil, err
	}
	page, err = io.ReadAll(res.Body)
	if err = errors.Join(err, res.Body.Close()); err == nil && res.StatusCode > 399 {
		err = fmt.Errorf("POST %s: %s", path, res.Status)
	}
	return page, res.Cookies(), err
}

const serveBytesCommand = "serve-bytes"

// serveBytes is the peer of the pages: it answers every request with the content of a file, and nothing else.
func serveBytes(ctx context.Context, file string) error {
	body, err := os.ReadFile(file) //nolint:gosec // our own process names it
	if err != nil {
		return err
	}
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	fmt.Printf("openhall: http://%s\n", l.Addr())
	length := strconv.Itoa(len(body))
	server := &http.Server{ReadHeaderTimeout: 10 * time.Second, Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.Header().Set("Content-Length", length)
		_, _ = w.Write(body) //nolint:gosec // the page that the product served a moment ago; who asked may be gone
	})}
	return server.Serve(l)
}
