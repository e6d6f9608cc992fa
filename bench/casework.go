package main

import (
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"testing/fstest"
	"time"

	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/core/lang"
	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/store"
)

const (
	clients = 64
	rounds  = 5
	cases   = 60 // for each client in each round
)

//go:embed four-steps.bpmn
var fourSteps []byte

// benchCasework runs cases of four steps by 64 clients at once through casework.Do, and its peer: the raw group commit of the
// same bytes. The peer writes what the steps of a recorded case wrote, by the same statements into the same tables of the same
// database, in batches of the same group commit; it reads, checks and decides nothing. Both wait for the disk at every step.
//
// For information it also prints a peer that writes as many bytes in two rows, into tables without any index but the key: what
// the engine could do for data that nobody has to find again.
func benchCasework(ctx context.Context, report func(string, ...any)) ([]measure, error) {
	var out []measure
	for _, e := range []struct {
		engine store.Engine
		goal   float64
	}{{store.SQLite, 0.40}, {store.Postgres, 0.35}} {
		m, err := caseworkOn(ctx, e.engine, e.goal, report)
		if err != nil {
			return out, fmt.Errorf("%s: %w", e.engine, err)
		}
		out = append(out, m)
	}
	return out, nil
}

func caseworkOn(ctx context.Context, engine store.Engine, goal float64, report func(string, ...any)) (m measure, err error) {
	raw := fstest.MapFS{"00001_raw.sql": {Data: []byte("-- +goose Up\nCREATE TABLE raw_case (id BIGINT PRIMARY KEY, body BYTEA NOT NULL);\n" +
		"CREATE TABLE raw_event (id BIGINT PRIMARY KEY, body BYTEA NOT NULL);\n-- +goose Down\nDROP TABLE raw_event;\nDROP TABLE raw_case;\n")}}
	err = withHall(ctx, engine, store.Migrations{Module: "raw", Files: raw}, func(db *store.DB, rt *casework.Runtime) error {
		m, err = compare(ctx, db, rt, report)
		m.goal = goal
		return err
	})
	return m, err
}

// withHall runs f on a new database of the engine with the tables of the case runtime and one more module.
func withHall(ctx context.Context, engine store.Engine, more store.Migrations, f func(*store.DB, *casework.Runtime) error) error {
	return withDatabase(ctx, engine, []store.Migrations{store.Schema(), casework.Schema(), more}, func(db *store.DB, _ string) error {
		rt, err := caseRuntime(ctx, db, time.Now)
		if err != nil {
			return err
		}
		defer rt.Close()
		return f(db, rt)
	})
}

// compare runs both in turn, so that what else the machine does weighs on both, and returns the median of the ratios.
func compare(ctx context.Context, db *store.DB, rt *casework.Runtime, report func(string, ...any)) (m measure, err error) {
	engine := db.Engine()
	// Warm both, and learn how many bytes a step writes.
	if _, err := runCases(ctx, rt, 5); err != nil {
		return m, err
	}
	rec, err := record(ctx, db, rt)
	if err != nil {
		return m, err
	}
	ids, err := store.NewIDs(2, time.Now)
	if err != nil {
		return m, err
	}
	if err := peerSeries(ctx, db); err != nil {
		return m, err
	}
	caseBytes, otherBytes, err := bytesPerStep(ctx, db)
	if err != nil {
		return m, err
	}
	report("%s: a step writes %d bytes to its case and %d elsewhere", engine, caseBytes, otherBytes)
	var ratios, ours, theirs, bare []float64
	for range rounds {
		a, err := runCases(ctx, rt, cases)
		if err != nil {
			return m, err
		}
		b, err := runPeer(ctx, db, ids, rec, cases)
		if err != nil {
			return m, err
		}
		two, err := runTwoRows(ctx, db, cases*4, caseBytes, otherBytes)
		if err != nil {
			return m, err
		}
		ours, theirs, ratios, bare = append(ours, a), append(theirs, b), append(ratios, a/b), append(bare, two)
	}
	report("%s: %.0f steps/s through casework.Do, %.0f/s raw group commit of the same rows (medians of %d)",
		engine, median(ours), median(theirs), rounds)
	report("%s: for information, as many bytes in two rows without indexes: %.0f/s", engine, median(bare))
	return measure{"casework-" + string(engine), median(ratios), "of raw", 0, true}, nil
}

func median(v []float64) float64 {
	s := slices.Sorted(slices.Values(v))
	return s[len(s)/2]
}

// database gives an empty database of the engine.
func database(ctx context.Context, engine store.Engine, dir string) (dsn string, drop func() error, err error) {
	if engine == store.SQLite {
		return "sqlite:" + filepath.Join(dir, "bench.db"), func() error { return nil }, nil
	}
	server := os.Getenv("OPENHALL_TEST_POSTGRES")
	if server == "" {
		return "", nil, errors.New("OPENHALL_TEST_POSTGRES is not set: run make bench")
	}
	return postgresDatabase(ctx, server)
}

// everybody lets every role do its steps: what a policy costs is measured with the pages.
type everybody struct{}

func (everybody) Allow(identity.Principal, string, identity.Resource) error { return nil }

func caseRuntime(ctx context.Context, db *store.DB, now func() time.Time) (*casework.Runtime, error) {
	g, err := newGround(now)
	if err != nil {
		return nil, err
	}
	form := []byte(`{"type":"object","properties":{"outcome":{"enum":["accept","approve","grant"],"x-public":true,"x-variable":true},
		"opinion":{"type":"string"}},"required":["outcome"],"additionalProperties":false}`)
	forms, err := casework.LoadForms(fstest.MapFS{"step.json": {Data: form}}, ".", nil)
	if err != nil {
		return nil, err
	}
	kind := casework.Kind{Name: "bench", Begin: func(_ context.Context, s casework.Submit, _ calendar.Date) (casework.Beginning, error) {
		return casework.Beginning{Title: lang.Text{Hans: "取水许可", Hant: "取水許可", En: "Water intake permit"}, Division: "340100000000",
			Body: "hefei.water", Procedure: "four-steps", Series: s.Subject}, nil
	}}
	return g.runtime(ctx, db, []casework.Kind{kind}, forms, map[string][]byte{"four-steps": fourSteps})
}

var keys atomic.Int64

// runCases lets every client bring n cases from application to decision, and returns steps per second.
func runCases(ctx context.Context, rt *casework.Runtime, n int) (float64, error) {
	begin := time.Now()
	err := together(func(client int) error {
		for range n {
			if err := oneCase(ctx, rt, client, nil); err != nil {
				return err
			}
		}
		return nil
	})
	return float64(clients*n*4) / time.Since(begin).Seconds(), err
}

// oneCase brings one case from application to decision. watch, if not nil, is told of each step.
func oneCase(ctx context.Context, rt *casework.Runtime, client int, watch func(casework.Receipt) error) error {
	do := func(id store.ID, act casework.Act) (casework.Receipt, error) {
		rec, err := rt.Do(ctx, casework.Command{
			Key: fmt.Sprint("k", keys.Add(1)), Case: id, Act: act,
			Actor: identity.Principal{Account: store.ID(client + 1), Kind: identity.Staff, Post: identity.Post{ID: "hefei.water.reviewer", Body: "hefei.water"}},
		})
		if err == nil && watch != nil {
			err = watch(rec)
		}
		return rec, err
	}
	rec, err := do(0, casework.Submit{
		Kind: "bench", Subject: fmt.Sprintf("11340000000000%02dA01101000%06d", client, keys.Load()/9000), Channel: casework.Online,
		Applicant: casework.Applicant{Party: 7, Kind: identity.Person, Name: "王小明", IDNumber: "11010519491231002X", Phone: "13800000000"},
		Form:      json.RawMessage(`{"place":"巢湖","amount":1200,"purpose":"农业灌溉","from":"2026-01-01"}`),
	})
	if err != nil {
		return err
	}
	for _, outcome := range []string{"accept", "approve", "grant"} {
		data := json.RawMessage(`{"outcome":"` + outcome + `","opinion":"材料齐全，符合法定形式，同意。"}`)
		if rec, err = do(rec.Case, casework.Complete{Token: rec.Open[0].Token, Data: data}); err != nil {
			return err
		}
	}
	return nil
}

// bytesPerStep reads from the tables how many bytes a step has written: to its case row, and to all others.
func bytesPerStep(ctx context.Context, db *store.DB) (caseRow, others int, err error) {
	var states, events float64
	for _, q := range []struct {
		into  *float64
		query string
	}{
		{&states, `SELECT avg(length(state) + 250) FROM case_`},
		{&events, `SELECT avg(length(content) + coalesce(length(sealed), 0) + 100) FROM event`},
	} {
		if err := db.Read().QueryRow(ctx, q.query).Scan(q.into); err != nil {
			return 0, 0, err
		}
	}
	const task = 100 // a task's row
	return int(states), int(events) + task, nil
}

// runTwoRows writes as many bytes by the same group commit, without knowing what is in them.
func runTwoRows(ctx context.Context, db *store.DB, n, caseBytes, otherBytes int) (float64, error) {
	caseBody, eventBody := make([]byte, caseBytes), make([]byte, otherBytes)
	for i := range eventBody {
		eventBody[i] = byte(i * 7)
	}
	g := store.NewGroup(db, func(_ context.Context, tx *store.Tx, batch [][2]int64) ([]store.Answer[bool], error) {
		for _, q := range batch {
			tx.Queue(`INSERT INTO raw_case (id, body) VALUES ($1, $2) ON CONFLICT (id) DO UPDATE SET body = excluded.body`, q[0], caseBody)
			tx.Queue(`INSERT INTO raw_event (id, body) VALUES ($1, $2)`, q[1], eventBody)
		}
		return make([]store.Answer[bool], len(batch)), nil
	})
	defer g.Close()
	begin := time.Now()
	err := together(func(client int) error {
		for range n {
			k := keys.Add(1)
			if _, err := g.Do(ctx, uint64(client), func() ([2]int64, error) { return [2]int64{k / 4, k}, nil }); err != nil {
				return err
			}
		}
		return nil
	})
	return float64(clients*n) / time.Since(begin).Seconds(), err
}

// together runs one function for each client at once and returns what failed.
func together(f func(client int) error) error {
	errs := make([]error, clients)
	var wg sync.WaitGroup
	for c := range clients {
		wg.Go(func() { errs[c] = f(c) })
	}
	wg.Wait()
	return errors.Join(errs...)
}
