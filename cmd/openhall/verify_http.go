package main

import (
	"context"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/url"
	"strings"
	"time"

	"openhall.org/openhall/internal/core/merkle"
)

const (
	httpTimeout = 30 * time.Second

	// maxLogFile bounds what is read of one file: a full bundle of entries of the greatest length.
	maxLogFile = merkle.TileWidth * (merkle.MaxEntry + 2)
)

// httpSource reads the log that a node serves under /log/ in the layout of C2SP tlog-tiles.
type httpSource struct {
	ctx    context.Context // the walk's interface has none: a source lives as long as one command
	client *http.Client
	prefix string
}

func newHTTPSource(ctx context.Context, address string) (*httpSource, error) {
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		return nil, fmt.Errorf("--url %q: write the web address of a node, such as https://demo.openhall.org", address)
	}
	u.RawQuery, u.Fragment = "", ""
	prefix := strings.TrimSuffix(strings.TrimSuffix(u.String(), "/"), "/log") + "/log/"
	return &httpSource{ctx: ctx, client: &http.Client{Timeout: httpTimeout}, prefix: prefix}, nil
}

// Checkpoint implements merkle.Source.
func (s *httpSource) Checkpoint() ([]byte, error) { return s.get("checkpoint") }

// Tile implements merkle.Source.
func (s *httpSource) Tile(path string) ([]byte, error) { return s.get(path) }

// Key returns the public key that the node gives for its log.
func (s *httpSource) Key() (string, error) {
	key, err := s.get("key")
	return string(key), err
}

// Close lets the connections go.
func (s *httpSource) Close() error {
	s.client.CloseIdleConnections()
	return nil
}

func (s *httpSource) get(path string) ([]byte, error) {
	request, err := http.NewRequestWithContext(s.ctx, http.MethodGet, s.prefix+path, nil)
	if err != nil {
		return nil, fmt.Errorf("fetch %s: %w", path, err)
	}
	response, err := s.client.Do(request)
	if err != nil {
		return nil, fmt.Errorf("fetch %s: %w", path, err)
	}
	defer response.Body.Close()
	switch response.StatusCode {
	case http.StatusOK:
	case http.StatusNotFound, http.StatusGone:
		return nil, fmt.Errorf("fetch %s%s: %s: %w", s.prefix, path, response.Status, fs.ErrNotExist)
	default:
		return nil, fmt.Errorf("fetch %s%s: the server answered %s", s.prefix, path, response.Status)
	}
	data, err := io.ReadAll(io.LimitReader(response.Body, maxLogFile+1))
	if err != nil {
		return nil, fmt.Errorf("fetch %s: %w", path, err)
	}
	if len(data) > maxLogFile {
		return nil, fmt.Errorf("fetch %s%s: longer than any file of a log (%d bytes)", s.prefix, path, maxLogFile)
	}
	return data, nil
}
