package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"strings"
	"time"

	"openhall.org/openhall/demo"
	"openhall.org/openhall/internal/app"
	"openhall.org/openhall/internal/platform/api"
	"openhall.org/openhall/internal/platform/api/observe"
	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/web/i18n"
	"openhall.org/openhall/internal/slice/account"
	"openhall.org/openhall/internal/slice/agent/offline"
	"openhall.org/openhall/internal/slice/board"
	"openhall.org/openhall/internal/slice/desk"
	"openhall.org/openhall/internal/slice/disclosure"
	"openhall.org/openhall/internal/slice/portal"
	"openhall.org/openhall/internal/slice/power"
	"openhall.org/openhall/internal/slice/verify"
	"openhall.org/openhall/procedures"
)

// modules is the list of modules: adding a feature is one folder and one line.
func modules(w *wiring) []app.Module {
	return append([]app.Module{
		{Name: "site", Locales: []i18n.Source{messages(), {Module: "api", FS: api.Locales}}},
		cleanupModule(w), // before the catalogue, which asks its register
		w.power.Module(w.base.Log, demo.Files),
		w.approval.Module(),
		desk.Module(deskNeeds(w)),
		board.Module(boardNeeds),
		oversightModule(w),
		portal.Module(portalNeeds(w)),
		verify.Module(verifyNeeds),
		account.Module(),
		w.message.Module(),
		w.rating.Module(w.base.Holder),
		w.centre.Module(),
		w.request.Module(w.base.Holder),
		disclosure.Module(disclosureNeeds(w)),
		reportModule(w),
		jointModule(w),
		w.chart.Module(w.base.Holder),
		w.agent.Module(w.base.Holder),
		offline.Module(),
		intermediaryModule(w),
	}, administration()...)
}

// wire makes the services of the slices and connects them.
func wire(b *app.Base) (*wiring, error) {
	w := &wiring{base: b}
	w.power = power.New(power.Deps{
		DB: b.DB, Registry: b.Registry, Policies: b.Policies, Calendar: b.Calendar, Rules: b.Rules, Now: b.Now, Journal: b.Journal,
		Windows: func() power.Windows { return guideWindows{w} }, Register: func() power.Register { return listed{w} },
		Charts:  func(body, item, otherwise string) string { return w.chart.For(body, item, otherwise) },
		Printer: b.Letters, Versions: chartVersions{w},
	})
	w.message = newMessages(w)
	var err error
	if w.cleanup, err = newCleanup(w); err != nil {
		return nil, err
	}
	if w.rating, err = newRating(w); err != nil {
		return nil, err
	}
	if w.approval, err = newApproval(w); err != nil {
		return nil, err
	}
	if w.oversight, err = newOversight(b); err != nil {
		return nil, err
	}
	if w.centre, err = newCentre(w); err != nil {
		return nil, err
	}
	if w.request, err = newRequest(w); err != nil {
		return nil, err
	}
	if w.joint, err = newJoint(w); err != nil {
		return nil, err
	}
	if w.agent, err = newAgent(w); err != nil {
		return nil, err
	}
	if w.report, err = newReport(w); err != nil {
		return nil, err
	}
	if w.intermediary, err = newIntermediary(w); err != nil {
		return nil, err
	}
	w.chart, err = newChart(w)
	return w, err
}

// program is a node with the services of its slices.
type program struct {
	*app.Node
	wiring  *wiring
	metrics *observe.Metrics
}

// answered takes an answer into the metrics and the trace.
func (p *program) answered(ctx context.Context, route, method string, status int, took time.Duration) {
	p.metrics.Request(route, method, status, took)
	app.Answered(ctx, route, method, status)
}

// assemble opens the base, puts all modules on it, and publishes the procedures that ship.
func assemble(ctx context.Context, c app.Config, log *slog.Logger) (*program, error) {
	return assembleWith(ctx, c, clock, log)
}

// assembleWith does so with another clock than that of the machine: tests stand on any day.
func assembleWith(ctx context.Context, c app.Config, now func() time.Time, log *slog.Logger) (p *program, err error) {
	b, err := app.OpenBase(ctx, c, now, log)
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, b.Close())
		}
	}()
	b.Program = version()
	if b.Tracing, err = app.NewTracing(ctx, c, version()); err != nil {
		return nil, err
	}
	forms, err := casework.LoadForms(procedures.Files, "forms", stepFormats(now))
	if err != nil {
		return nil, err
	}
	w, err := wire(b)
	if err != nil {
		return nil, err
	}
	p = &program{wiring: w}
	p.metrics = observe.NewMetrics(now(), p.gauges()...)
	n, err := app.NewNode(ctx, b, forms, modules(w), p.metrics.Command)
	if err != nil {
		return nil, err
	}
	p.Node = n
	if err := publishProcedures(ctx, n.Cases); err != nil {
		n.Cases.Close()
		return nil, err
	}
	return p, nil
}

// publishProcedures publishes each procedure that ships and has changed since it was last published.
func publishProcedures(ctx context.Context, cases *casework.Runtime) error {
	files, err := fs.Glob(procedures.Files, "*.bpmn")
	if err != nil {
		return err
	}
	list := make([]casework.ProcedureSource, len(files))
	for i, name := range files {
		xml, err := fs.ReadFile(procedures.Files, name)
		if err != nil {
			return fmt.Errorf("procedure %s: %w", name, err)
		}
		list[i] = casework.ProcedureSource{Key: strings.TrimSuffix(name, ".bpmn"), XML: xml}
	}
	_, err = cases.PublishProcedures(ctx, list...)
	return err
}
