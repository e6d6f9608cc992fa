package centre

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"openhall.org/openhall/internal/platform/web"
)

const (
	lookEvery  = time.Second      // how soon a screen shows a call; each look is one point read
	writeLimit = 10 * time.Second // within which a reader takes what is sent
	quietTicks = 15               // looks after which a line without meaning keeps the connection open
	streamMax  = 30 * time.Minute // after which a reader connects anew, so that none is kept who has gone
)

// stream tells a call screen by server-sent events whenever the queues of its centre have changed. Any node can serve it: what has
// changed is read from the database.
func (s *Service) stream(w http.ResponseWriter, r *http.Request, closing <-chan struct{}) error {
	c, err := s.centreAt(r)
	if err != nil {
		return err
	}
	since := r.Header.Get("Last-Event-ID")
	if since == "" {
		since = r.URL.Query().Get("since")
	}
	seen, err := strconv.ParseInt(since, 10, 64)
	if err != nil { // nothing seen yet, or nonsense: from now on
		if seen, err = s.live(r.Context(), c.Key); err != nil {
			return err
		}
	}
	h := w.Header()
	h.Set("Content-Type", "text/event-stream; charset=utf-8")
	h.Set("Cache-Control", "no-store")
	h.Set("X-Accel-Buffering", "no") // proxies pass each event on at once
	control := http.NewResponseController(w)
	send := func(text string) error {
		// Servers bound how long an answer may take; each part of a stream gets a limit of its own.
		_ = control.SetWriteDeadline(s.Now().Add(writeLimit)) // where a writer has no deadline to set, none holds
		if _, err := fmt.Fprint(w, text); err != nil {
			return err
		}
		return control.Flush()
	}
	ctx, cancel := context.WithTimeout(r.Context(), streamMax)
	defer cancel()
	if send("retry: 2000\n\n") != nil {
		return nil // the reader has gone
	}
	s.follow(ctx, c.Key, seen, send, closing, web.ViewOf(r).RequestID)
	return nil
}

// follow sends what changes until the reader has gone, or the program ends.
func (s *Service) follow(ctx context.Context, centre string, seen int64, send func(string) error, closing <-chan struct{}, request string) {
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	for quiet := 0; ; quiet++ {
		v, err := s.live(ctx, centre)
		if err != nil {
			if ctx.Err() == nil {
				s.Log.ErrorContext(ctx, "a call screen could not be followed", "request", request, "error", err)
			}
			return
		}
		text := ""
		switch {
		case v != seen:
			text, seen, quiet = fmt.Sprintf("id: %d\nevent: change\ndata: %d\n\n", v, v), v, 0
		case quiet >= quietTicks:
			text, quiet = ":\n\n", 0
		}
		if text != "" && send(text) != nil {
			return
		}
		select {
		case <-ctx.Done():
			return
		case <-closing:
			return
		case <-tick.C:
		}
	}
}
