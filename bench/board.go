package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/core/lang"
	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/file"
	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/registry"
	"openhall.org/openhall/internal/platform/store"
	"openhall.org/openhall/internal/platform/store/seal"
	"openhall.org/openhall/internal/platform/supervision"
	"openhall.org/openhall/internal/platform/web"
	"openhall.org/openhall/internal/platform/web/i18n"
	"openhall.org/openhall/internal/slice/board"
	"openhall.org/openhall/internal/slice/desk"
	"openhall.org/openhall/rules"
)

// How many cases are open in the small hall and in the large one.
const (
	fewCases  = 10_000
	manyCases = 1_000_000
)

// benchOpen compares a hall of 10,000 open cases with one of 1,000,000: what a poll for due work costs, a page of a desk's queue, and
// pages of the board. Costs must not grow with what is open: each at most doubles. The cases are copies of one that the runtime has
// carried two steps, in all tables that it writes, spread over 192 bodies of a province, 40 items and 300 days.
func benchOpen(ctx context.Context, report func(string, ...any)) (out []measure, err error) {
	engines := []store.Engine{store.SQLite}
	if os.Getenv("OPENHALL_TEST_POSTGRES") != "" {
		engines = append(engines, store.Postgres)
	} else {
		report("OPENHALL_TEST_POSTGRES is not set: SQLite only; make bench measures both")
	}
	for _, engine := range engines {
		measures, err := openOn(ctx, engine, report)
		out = append(out, measures...)
		if err != nil {
			return out, fmt.Errorf("%s: %w", engine, err)
		}
	}
	return out, nil
}

func openOn(ctx context.Context, engine store.Engine, report func(string, ...any)) (out []measure, err error) {
	err = withOpen(ctx, engine, fewCases, report, func(few *openHall) error {
		return withOpen(ctx, engine, manyCases, report, func(many *openHall) error {
			for _, what := range []struct {
				name string
				do   func(context.Context, *openHall) error
			}{
				{"open-poll", poll},
				{"open-desk", get("/desk", "reviewer")},
				{"open-province", get("/board/"+benchTop+"?period=month", "supervisor")},
				{"open-city", get("/board/340100000000?period=month", "supervisor")},
				{"open-county", get("/board/340101000000?period=month", "supervisor")},
				{"open-body", get("/board/340101000000?body=body-0&period=month", "supervisor")},
				{"open-item", get("/board/"+benchTop+"?item=000100001000&period=month", "supervisor")},
				{"open-window", get("/board/340101000000?body=body-0&window=post:post-reviewer&period=month", "supervisor")},
				{"open-day", get("/board/"+benchTop+"?period=today", "supervisor")},
				{"open-list", get("/board/"+benchTop+"/cases?show=open", "supervisor")},
			} {
				a, b, err := compareOpen(ctx, few, many, what.do)
				if err != nil {
					return fmt.Errorf("%s: %w", what.name, err)
				}
				report("%s: %s takes %.2f ms (%.2f of our processor) with %d open cases, %.2f ms (%.2f) with %d; medians", engine, what.name,
					a.took, a.work, fewCases, b.took, b.work, manyCases)
				out = append(out, measure{what.name + "-" + string(engine), b.took / a.took, "x", 2, false})
			}
			return nil
		})
	})
	return out, err
}

// spent is what something takes, in ms: by the clock on the wall, and of this program's processor, on which what else the machine
// does weighs less.
type spent struct{ took, work float64 }

// compareOpen does the same in both halls in turn and returns the medians of what it takes.
func compareOpen(ctx context.Context, few, many *openHall, do func(context.Context, *openHall) error) (a, b spent, err error) {
	var took, work [2][]float64
	for i := range 45 {
		for k, h := range []*openHall{few, many} {
			begin, before := time.Now(), processorOfOurs()
			if err := do(ctx, h); err != nil {
				return a, b, err
			}
			if i >= 5 { // warm
				took[k] = append(took[k], float64(time.Since(begin).Nanoseconds())/1e6)
				work[k] = append(work[k], float64((processorOfOurs()-before).Nanoseconds())/1e6)
			}
		}
	}
	return spent{median(took[0]), median(work[0])}, spent{median(took[1]), median(work[1])}, nil
}

// processorOfOurs is how much time of processors this program has used, or 0 where the system does not tell.
func processorOfOurs() time.Duration {
	var u syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &u) != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// openHall is a hall with many open cases, and the pages of those who work on them and watch them.
type openHall struct {
	db    *store.DB
	cases *casework.Runtime
	site  http.Handler
	reg   *registry.Registry
	actor identity.Principal
	now   func() time.Time
}

func poll(ctx context.Context, h *openHall) error {
	n, err := h.cases.Wake(ctx)
	if err == nil && n != 0 {
		err = fmt.Errorf("%d cases were due; none should be", n)
	}
	return err
}

// get asks for a page as somebody with a role.
func get(path, role string) func(context.Context, *openHall) error {
	post := identity.Post{ID: "post-" + role, Body: "body-0", Division: benchTop, Roles: []string{role}}
	return func(ctx context.Context, h *openHall) error {
		h.actor = identity.Principal{Account: 9, Kind: identity.Staff, Post: post}
		rec := httptest.NewRecorder()
		h.site.ServeHTTP(rec, httptest.NewRequestWithContext(ctx, http.MethodGet, path, nil))
		if rec.Code != http.StatusOK {
			return fmt.Errorf("GET %s: status %d: %s", path, rec.Code, rec.Body)
		}
		if strings.Count(rec.Body.String(), "<tr") < 10 {
			return fmt.Errorf("GET %s: an empty page", path)
		}
		_, err := io.Copy(io.Discard, rec.Body)
		return err
	}
}

// withOpen opens a hall with n open cases, and runs f with it.
func withOpen(ctx context.Context, engine store.Engine, n int, report func(string, ...any), f func(*openHall) error) (err error) {
	dir, err := os.MkdirTemp("", "openhall-bench")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	dsn, err := filled(ctx, engine, dir, n, report)
	if err != nil {
		return err
	}
	db, err := store.Open(ctx, dsn)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	h := &openHall{db: db}
	if h.now, err = clockOf(ctx, db); err != nil {
		return err
	}
	if h.cases, err = caseRuntime(ctx, db, h.now); err != nil {
		return err
	}
	defer h.cases.Close()
	if err := h.open(ctx, dir); err != nil {
		return err
	}
	return f(h)
}

// Principal implements the ports of both slices.
func (h *openHall) Principal(*http.Request) (identity.Principal, error) { return h.actor, nil }

// Again implements board.People.
func (h *openHall) Again(*http.Request) (identity.Principal, error) { return h.actor, nil }

// Colleagues implements desk.People.
func (h *openHall) Colleagues(context.Context, string, string) ([]desk.Colleague, error) {
	return nil, nil
}

// Matter implements desk.Matters.
func (h *openHall) Matter(context.Context, *casework.Case) (desk.Matter, error) {
	return desk.Matter{}, nil
}

// Allow implements web.Guard: what a policy costs is measured with the pages.
func (h *openHall) Allow(*http.Request, web.Route) error { return nil }

// open mounts the pages of desk and board.
func (h *openHall) open(ctx context.Context, dir string) error {
	watch, err := watching(h.db)
	if err != nil {
		return err
	}
	if h.reg, err = registry.Open(ctx, h.db); err != nil {
		return err
	}
	keys, err := seal.New([]byte(strings.Repeat("k", 32)))
	if err != nil {
		return err
	}
	files, err := file.New(file.Options{DB: h.db, Blobs: file.Dir(filepath.Join(dir, "files")), Keys: keys, IDs: h.cases.IDs, Now: h.now})
	if err != nil {
		return err
	}
	d, err := desk.New(desk.Deps{Cases: h.cases, Registry: h.reg, Files: files, People: h, Matters: h})
	if err != nil {
		return err
	}
	b, err := board.New(board.Deps{Cases: h.cases, Supervision: watch, Registry: h.reg, People: h, Kind: "bench"})
	if err != nil {
		return err
	}
	words, err := i18n.Load(web.Messages(), desk.Messages(), board.Messages())
	if err != nil {
		return err
	}
	shell, err := web.New(web.Config{Site: web.Site{Name: lang.Text{Hans: "政务大厅"}}, Catalogue: words, Clock: h.now, Log: slog.New(slog.DiscardHandler),
		Guard: h, Explain: web.ExplainRefusal})
	if err != nil {
		return err
	}
	d.Mount(shell)
	b.Mount(shell)
	h.site, err = shell.Handler()
	return err
}

// watching is supervision with the rules and the calendar that ship.
func watching(db *store.DB) (*supervision.Supervision, error) {
	cal, err := calendar.Load(rules.Files, "calendar")
	if err != nil {
		return nil, err
	}
	list, err := supervision.Rules()
	if err != nil {
		return nil, err
	}
	return supervision.New(db, list, func() *calendar.Calendar { return cal })
}
