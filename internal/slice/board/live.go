package board

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"time"

	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/supervision"
	"openhall.org/openhall/internal/platform/web"
)

const (
	maxWatching = 256              // streams of a node
	lookEvery   = 2 * time.Second  // at how far the counters are
	askEvery    = 10 * time.Second // whether whoever watches still may
	watchFor    = 30 * time.Minute // then the browser comes again, through the door
	writeWithin = 20 * time.Second // or the reader is let go
	retryMillis = 5000

	liveFinished = "finished" // the last event of a stream that must not come again
	liveNewDay   = "new-day"  // the last event of a stream whose page speaks of yesterday
)

// watch looks at the counters for all streams of the node: as long as there is one, once every lookEvery.
type watch struct {
	counters Counters

	mu      sync.Mutex
	streams int
	cancel  context.CancelFunc
	seen    supervision.Freshness
	moved   chan struct{} // closed when the counters have moved
}

var errTooMany = errors.New("as many watch the board as this node lets")

// join lets one more stream watch. leave must be called once.
func (w *watch) join(ctx context.Context) (leave func(), err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.streams >= maxWatching {
		return nil, errTooMany
	}
	if w.streams++; w.streams == 1 {
		look, cancel := context.WithCancel(context.WithoutCancel(ctx)) // it outlives the stream that came first
		w.cancel, w.moved = cancel, make(chan struct{})
		go w.look(look)
	}
	return func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		if w.streams--; w.streams == 0 {
			w.cancel()
		}
	}, nil
}

func (w *watch) look(ctx context.Context) {
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		now, err := w.counters.Freshness(ctx)
		if err != nil {
			continue // the page that asks next says what is wrong
		}
		w.mu.Lock()
		if ctx.Err() == nil && now != w.seen {
			w.seen = now
			close(w.moved)
			w.moved = make(chan struct{})
		}
		w.mu.Unlock()
	}
}

// next is closed when the counters move.
func (w *watch) next() <-chan struct{} {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.moved
}

// last is how far the counters were when they were last looked at.
func (w *watch) last() supervision.Freshness {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.seen
}

// getLive is a stream of server-sent events: the figures of a board, and then those that change.
func (s *Service) getLive(w http.ResponseWriter, r *http.Request) error {
	f, _, err := s.frame(r)
	if err != nil {
		return err
	}
	leave, err := s.watch.join(r.Context())
	if err != nil {
		return &web.Error{Status: http.StatusServiceUnavailable, Err: err}
	}
	defer leave()
	today := calendar.Of(s.Cases.Now())
	stream := &stream{w: w, control: http.NewResponseController(w), known: map[string]string{}}
	if err := stream.open(); err != nil {
		return err
	}
	end := time.NewTimer(watchFor)
	defer end.Stop()
	ask := time.NewTicker(askEvery)
	defer ask.Stop()
	for {
		moved := s.watch.next()
		figures, err := s.figures(r, f)
		if err != nil {
			return err
		}
		if err := stream.send(figures); err != nil {
			return nil // whoever watched has gone
		}
		for waiting := true; waiting; {
			select {
			case <-moved:
				waiting = false
			case <-ask.C:
				if !s.still(r) {
					return stream.finish(liveFinished)
				}
				if calendar.Of(s.Cases.Now()) != today {
					return stream.finish(liveNewDay)
				}
				if err := stream.beat(); err != nil {
					return nil
				}
			case <-s.Draining:
				return nil
			case <-end.C:
				return nil
			case <-r.Context().Done():
				return nil
			}
		}
	}
}

// still reports whether whoever watches may go on: a session ends, an account is disabled, a post is given to somebody else.
func (s *Service) still(r *http.Request) bool {
	actor, err := s.People.Again(r)
	if err != nil || actor.Kind == identity.Visitor {
		return false
	}
	_, err = s.look(r, actor)
	return err == nil
}

// figures are the texts of all numbers of the board, by the names under which they stand on the page.
func (s *Service) figures(r *http.Request, f *frame) (map[string]string, error) {
	o, err := s.shared(r.Context(), f)
	if err != nil {
		return nil, err
	}
	p := s.boardPage(r, f, o)
	texts := map[string]string{"fresh": fresh(web.ViewOf(r).L, o.Fresh, s.Cases.Now())}
	put := func(list ...figure) {
		for _, n := range list {
			texts[n.Live] = n.Text
		}
	}
	for _, t := range p.Tiles {
		put(t.figure)
	}
	for _, t := range p.Tables {
		for _, line := range t.Lines {
			put(line.Figures...)
		}
	}
	for _, d := range p.Days {
		put(d.Received, d.Ended)
	}
	for _, l := range p.Lamps {
		put(l.figure)
	}
	for _, k := range p.Kinds {
		put(k.Figures...)
	}
	return texts, nil
}

// together keeps the boards that streams show, so that many who watch the same one cost as much as one.
type together struct {
	mu     sync.Mutex
	boards map[string]*sharedBoard
}

type sharedBoard struct {
	mu    sync.Mutex
	seen  supervision.Freshness // when it was read
	board *Overview
	page  *Overview // for pages; dropped after a moment
}

func (t *together) of(key string) *sharedBoard {
	t.mu.Lock()
	defer t.mu.Unlock()
	if known := t.boards[key]; known != nil {
		return known
	}
	if t.boards == nil || len(t.boards) >= maxWatching {
		t.boards = map[string]*sharedBoard{}
	}
	board := &sharedBoard{}
	t.boards[key] = board
	return board
}

// shared returns the board of a scope as the counters stood when they were last looked at.
func (s *Service) shared(ctx context.Context, f *frame) (*Overview, error) {
	b := s.together.of(f.href("", "from", f.From.String(), "to", f.To.String()))
	b.mu.Lock()
	defer b.mu.Unlock()
	seen := s.watch.last()
	if b.board != nil && b.seen == seen && seen != (supervision.Freshness{}) {
		return b.board, nil
	}
	o, err := s.Overview(ctx, f.Scope, f.From, f.To)
	if err != nil {
		return nil, err
	}
	b.seen, b.board = seen, &o
	return b.board, nil
}

// recent returns the board of a scope as it was a moment ago at most, so that many who look at the same one cost as much as one. Its
// stamp says when it was read.
func (s *Service) recent(ctx context.Context, f *frame) (*Overview, error) {
	if s.Keep <= 0 {
		o, err := s.Overview(ctx, f.Scope, f.From, f.To)
		return &o, err
	}
	b := s.together.of(f.href("", "from", f.From.String(), "to", f.To.String()))
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.page != nil {
		return b.page, nil
	}
	o, err := s.Overview(context.WithoutCancel(ctx), f.Scope, f.From, f.To) // others may wait for it
	if err != nil {
		return nil, err
	}
	b.page = &o
	time.AfterFunc(s.Keep, func() {
		b.mu.Lock()
		defer b.mu.Unlock()
		b.page = nil
	})
	return b.page, nil
}

// stream writes server-sent events.
type stream struct {
	w       http.ResponseWriter
	control *http.ResponseController
	known   map[string]string // what was sent
}

// open lifts the time limits of a page off the connection, and begins.
func (s *stream) open() error {
	for _, set := range []func(time.Time) error{s.control.SetReadDeadline, s.control.SetWriteDeadline} {
		if err := set(time.Time{}); err != nil && !errors.Is(err, http.ErrNotSupported) {
			return fmt.Errorf("time limit of a stream: %w", err)
		}
	}
	h := s.w.Header()
	h.Set("Content-Type", "text/event-stream; charset=utf-8")
	h.Set("X-Accel-Buffering", "no") // a proxy must not keep it back
	s.w.WriteHeader(http.StatusOK)
	return s.write(fmt.Sprintf("retry: %d\n\n", retryMillis))
}

// send sends the texts that are not known yet.
func (s *stream) send(texts map[string]string) error {
	changed := map[string]string{}
	for name, text := range texts {
		if was, ok := s.known[name]; !ok || was != text {
			changed[name], s.known[name] = text, text
		}
	}
	if len(changed) == 0 {
		return s.beat()
	}
	raw, err := json.Marshal(changed)
	if err != nil {
		return fmt.Errorf("figures of a stream: %w", err)
	}
	return s.write("event: figures\ndata: " + string(raw) + "\n\n")
}

// beat is a comment by which both ends notice that the other has gone.
func (s *stream) beat() error { return s.write(":\n\n") }

// finish ends the stream with an event that says why.
func (s *stream) finish(why string) error {
	_ = s.write("event: " + why + "\ndata: {}\n\n") // the reader may have gone
	return nil
}

// write sends a part. A reader who takes nothing for too long is let go: a deadline that has passed ends the write.
func (s *stream) write(part string) error {
	late := time.AfterFunc(writeWithin, func() { _ = s.control.SetWriteDeadline(time.Unix(1, 0)) })
	defer late.Stop()
	if _, err := s.w.Write([]byte(part)); err != nil {
		return err
	}
	if err := s.control.Flush(); err != nil && !errors.Is(err, http.ErrNotSupported) {
		return err
	}
	return nil
}
