package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"slices"
	"sync"
	"time"

	"openhall.org/openhall/internal/core/merkle"
	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/file"
	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/ledger"
	"openhall.org/openhall/internal/platform/publication/guard"
	"openhall.org/openhall/internal/platform/store"
	"openhall.org/openhall/internal/platform/store/seal"
	"openhall.org/openhall/internal/platform/supervision"
	"openhall.org/openhall/internal/platform/web"
	"openhall.org/openhall/internal/platform/web/gallery"
	"openhall.org/openhall/internal/platform/web/i18n"
)

// Frame is what the pages of all modules stand in: who is signed in, where, and what the site is called. The slices that know it
// give it.
type Frame struct {
	Site   web.Site
	Users  web.Users
	Places web.Places
	Guard  web.Guard
	// Outside handles what is no page: the API, health, metrics. It gets every request and passes on what is not its own.
	Outside func(pages http.Handler) http.Handler
	Observe func(ctx context.Context, route, method string, status int, took time.Duration)
}

// Node is the program with all its modules.
type Node struct {
	*Base
	Cases       *casework.Runtime
	Ledger      *ledger.Ledger
	Supervision *supervision.Supervision
	Shell       *web.Shell
	Catalogue   *web.Catalogue
	Modules     []Module
	Draining    <-chan struct{} // closed when the node begins to end: answers that last are finished then
	Filling     bool            // whether [Node.Run] makes the demo as large as a province; set before it
	Filled      func()          // told once it is so large; nil: nobody

	handler http.Handler
	drain   func()
}

// Forms are the forms of the steps of procedures.
type Forms = casework.Forms

// NewNode puts the modules on the base: tables, kinds of cases, words. Pages are added by [Node.Mount]. observe is told of every
// command to a case, for metrics.
func NewNode(ctx context.Context, b *Base, forms *Forms, modules []Module, observe func(action string, err error)) (*Node, error) {
	draining := make(chan struct{})
	n := &Node{Base: b, Modules: modules, Draining: draining, drain: sync.OnceFunc(func() { close(draining) })}
	sources := []i18n.Source{web.Messages(), {Module: "identity", FS: identity.Locales}}
	kinds := b.Publication.Kinds()
	for _, m := range modules {
		if m.Schema.Files != nil {
			if err := b.DB.Migrate(ctx, m.Schema); err != nil {
				return nil, err
			}
		}
		kinds = append(kinds, m.Kinds...)
		sources = append(sources, m.Locales...)
	}
	var err error
	if n.Catalogue, err = i18n.Load(sources...); err != nil {
		return nil, err
	}
	n.Cases, err = casework.New(casework.Options{
		DB: b.DB, Keys: b.Keys, IDs: b.IDs, Now: b.Now, Calendar: b.Calendar, Rules: b.Rules, Policy: b.Policies, Kinds: kinds, Forms: forms,
		Observe: observe, Tracer: b.Tracing.Tracer("casework"), Journal: b.Journal,
		Personal: func(text string) bool { return len(guard.Scan(text)) > 0 },
	})
	if err != nil {
		return nil, err
	}
	if n.Ledger, err = ledger.New(ctx, ledger.Options{DB: b.DB, Key: b.LogKey, Now: b.Now, Log: b.Log, Holder: b.Holder}); err != nil {
		return nil, err
	}
	n.Letters.Attach(n.proof)
	n.Publication.Attach(n.Cases, n.Ledger)
	if n.Supervision, err = supervision.New(b.DB, b.Watched, b.Calendar); err != nil {
		return nil, err
	}
	for _, m := range modules {
		if m.Open == nil {
			continue
		}
		if err := m.Open(ctx, n); err != nil {
			return nil, fmt.Errorf("module %s: %w", m.Name, err)
		}
	}
	return n, nil
}

// proof gives the documents the proofs of the log.
func (n *Node) proof(ctx context.Context, event store.ID) (r merkle.Receipt, ok bool, err error) {
	r, err = n.Ledger.Receipt(ctx, event)
	if errors.Is(err, ledger.ErrPending) {
		return r, false, nil
	}
	return r, err == nil, err
}

// Mount makes the pages of all modules in the frame.
func (n *Node) Mount(f Frame) error {
	var err error
	n.Shell, err = web.New(web.Config{
		Site: f.Site, Catalogue: n.Catalogue, Clock: n.Now, Log: n.Log, Users: f.Users, Places: f.Places, Guard: f.Guard,
		Explain: web.ExplainRefusal, Observe: f.Observe, TLS: n.Config.TLS(), Dev: n.Config.Dev, Proxies: n.Config.TrustedProxies,
	})
	if err != nil {
		return err
	}
	if n.Config.Dev {
		if err := gallery.Add(n.Shell); err != nil {
			return err
		}
	}
	for _, m := range n.Modules {
		if m.Mount == nil {
			continue
		}
		if err := m.Mount(n); err != nil {
			return fmt.Errorf("module %s: %w", m.Name, err)
		}
	}
	for pattern, h := range n.Ledger.Handlers() {
		n.Shell.Mount(pattern, web.Route{Name: "log " + pattern, Public: true, Machine: true}, h)
	}
	for pattern, h := range n.Publication.Handlers() {
		n.Shell.Mount(pattern, web.Route{Name: "publication " + pattern, Public: true, Machine: true}, h)
	}
	pages, err := n.Shell.Handler()
	if err != nil {
		return err
	}
	n.handler = n.Identity.Sessions(pages)
	if f.Outside != nil {
		n.handler = f.Outside(n.handler)
	}
	n.handler = n.Tracing.Requests(n.handler)
	return nil
}

// Sealed names all columns of sealed values: those of the platform, and those of the modules.
func (n *Node) Sealed() []seal.Column {
	columns := slices.Concat(identity.Sealed(), casework.Sealed(), file.Sealed())
	for _, m := range n.Modules {
		columns = append(columns, m.Sealed...)
	}
	return columns
}

// Handler serves the pages. Mount must have run.
func (n *Node) Handler() http.Handler { return n.handler }

// Demo fills the tables with the demo province, module by module.
func (n *Node) Demo(ctx context.Context) error {
	for _, m := range n.Modules {
		if m.Demo == nil {
			continue
		}
		if err := m.Demo(ctx, n); err != nil {
			return fmt.Errorf("demo of %s: %w", m.Name, err)
		}
	}
	return nil
}

// DemoLater fills in what follows from the matters of the demo, module by module.
func (n *Node) DemoLater(ctx context.Context) error {
	for _, m := range n.Modules {
		if m.Later == nil {
			continue
		}
		if err := m.Later(ctx, n); err != nil {
			return fmt.Errorf("demo of %s: %w", m.Name, err)
		}
	}
	return nil
}

// Fill makes the demo as large as a province, module by module. What fails in one does not keep the others from it.
func (n *Node) Fill(ctx context.Context) error {
	var failed error
	for _, m := range n.Modules {
		if m.Fill == nil {
			continue
		}
		if ctx.Err() != nil {
			return errors.Join(failed, ctx.Err())
		}
		if err := m.Fill(ctx, n); err != nil {
			failed = errors.Join(failed, fmt.Errorf("demo of %s: %w", m.Name, err))
		}
	}
	return failed
}

// Holds counts what the modules hold.
func (n *Node) Holds(ctx context.Context) (list []Holding, err error) {
	for _, m := range n.Modules {
		if m.Holds == nil {
			continue
		}
		more, err := m.Holds(ctx)
		if err != nil {
			return nil, fmt.Errorf("count of %s: %w", m.Name, err)
		}
		list = append(list, more...)
	}
	return list, nil
}

// Limits of a connection: a client that sends or reads too slowly is let go.
const (
	readHeaderTimeout = 10 * time.Second
	readTimeout       = 2 * time.Minute
	writeTimeout      = 2 * time.Minute
	idleTimeout       = 2 * time.Minute
	drainTimeout      = 20 * time.Second
	refreshEvery      = 3 * time.Second
	sweepEvery        = time.Hour
	maxHeader         = 128 << 10 // four times as long an address as the site takes: below it a page says so, above it only net/http does
	beatRounds        = 10        // of refreshEvery, between two signs of life
)

// Alive is how long a node counts as one that serves after its last sign of life.
const Alive = 2 * time.Minute

// Run serves on the listener and does the background work until ctx ends; then it finishes the requests under way. ready is
// called once requests are answered.
func (n *Node) Run(ctx context.Context, l net.Listener, ready func()) error {
	background, stop := context.WithCancel(context.WithoutCancel(ctx))
	var work sync.WaitGroup
	n.start(background, &work)
	server := &http.Server{
		Handler: n.handler, ReadHeaderTimeout: readHeaderTimeout, ReadTimeout: readTimeout, WriteTimeout: writeTimeout,
		IdleTimeout: idleTimeout, MaxHeaderBytes: maxHeader, ErrorLog: slog.NewLogLogger(n.Log.Handler(), slog.LevelWarn),
	}
	server.RegisterOnShutdown(n.drain)
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(l) }()
	ready()
	var err error
	select {
	case err = <-failed:
	case <-ctx.Done():
		drain, cancel := context.WithTimeout(context.WithoutCancel(ctx), drainTimeout)
		err = server.Shutdown(drain)
		cancel()
	}
	n.Cases.Close() // what was handed in is carried out before the background work ends
	stop()
	work.Wait()
	if errors.Is(err, http.ErrServerClosed) {
		return nil
	}
	return err
}

// start begins all that goes on in the background.
func (n *Node) start(ctx context.Context, work *sync.WaitGroup) {
	report := func(what string) func(error) {
		return func(err error) { n.Log.ErrorContext(ctx, "background work failed", "what", what, "error", err) }
	}
	work.Go(func() { n.Ledger.Run(ctx) })
	work.Go(func() { n.Cases.Run(ctx, n.Holder, report("waking due cases")) })
	work.Go(func() { n.Cases.RunLeavers(ctx, n.Holder, n.holds, report("giving tasks of leavers back")) })
	work.Go(func() { n.Supervision.Run(ctx, n.Ledger) })
	work.Go(func() { n.Law.Run(ctx, n.Holder, n.Cases.Recompute, report("applying a new calendar")) })
	work.Go(func() { n.Jobs.Run(ctx) })
	work.Go(func() { n.Letters.Run(ctx) })
	work.Go(func() { n.Publication.Run(ctx, n.Holder, report("publishing")) })
	work.Go(func() {
		every(ctx, refreshEvery, func() {
			if _, err := n.Registry.Refresh(ctx); err != nil && ctx.Err() == nil {
				report("refreshing the registry")(err)
			}
			if _, err := n.Law.Refresh(ctx); err != nil && ctx.Err() == nil {
				report("refreshing the law")(err)
			}
			if err := n.Publication.Refresh(ctx); err != nil && ctx.Err() == nil {
				report("refreshing the classification")(err)
			}
		})
	})
	work.Go(func() { n.appear(ctx, report("telling that this node is there")) })
	work.Go(func() { every(ctx, sweepEvery, func() { n.sweep(ctx, report("sweeping")) }) })
	if n.Filling {
		work.Go(func() {
			switch err := n.Fill(ctx); {
			case ctx.Err() != nil:
			case err != nil:
				report("filling the demo")(err)
			case n.Filled != nil:
				n.Filled()
			}
		})
	}
	for _, m := range n.Modules {
		for _, j := range m.Jobs {
			work.Go(func() { j.Run(ctx) })
		}
	}
}

// appear tells the other nodes, and whoever changes keys, that this node is there and by which keys it works, until ctx ends. A ring that
// was changed on the disk is taken up within seconds.
func (n *Node) appear(ctx context.Context, report func(error)) {
	tell := func(ctx context.Context, at time.Time) {
		if err := n.DB.Tell(ctx, store.Node{Number: n.Config.Node, Program: n.Program, Keys: n.Keys.Keys(), SeenAt: at}); err != nil && ctx.Err() == nil {
			report(err)
		}
	}
	tell(ctx, n.Now())
	rounds := 0
	every(ctx, refreshEvery, func() {
		changed, err := n.Keys.Refresh()
		if err != nil {
			report(err)
		}
		if rounds++; changed || rounds%beatRounds == 0 {
			tell(ctx, n.Now())
		}
	})
	tell(context.WithoutCancel(ctx), time.Time{})
}

// sweep removes what is over: sessions, and uploads that no application took.
func (n *Node) sweep(ctx context.Context, report func(error)) {
	lease := store.Lease{DB: n.DB, Name: "sweep", Holder: n.Holder, For: sweepEvery, Now: n.Now}
	if mine, err := lease.Hold(ctx); err != nil || !mine {
		if err != nil {
			report(err)
		}
		return
	}
	if err := n.Identity.Sweep(ctx); err != nil {
		report(err)
	}
	if _, err := n.Files.Sweep(ctx); err != nil {
		report(err)
	}
	if _, err := n.Files.Purge(ctx); err != nil {
		report(err)
	}
}

func every(ctx context.Context, d time.Duration, f func()) {
	t := time.NewTicker(d)
	defer t.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-t.C:
			f()
		}
	}
}
