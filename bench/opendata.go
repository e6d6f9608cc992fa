package main

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"openhall.org/openhall/internal/core/lang"
	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/ledger"
	"openhall.org/openhall/internal/platform/registry"
	"openhall.org/openhall/internal/platform/store"
	"openhall.org/openhall/internal/platform/supervision"
)

const (
	benchTop    = "340000000000"
	benchCities = 16
	benchCounty = 4 // of each city
	benchBodies = 3 // of each county
	benchItems  = 40
	benchDays   = 300

	bodies = benchCities * benchCounty * benchBodies
)

// fill makes a new database: it carries one case two steps through the runtime, lets supervision count it, and copies what both have
// written n times. Nobody relies on a database until it is whole, so nothing waits for the disk meanwhile.
func fill(ctx context.Context, dsn, dir string, n int) (err error) {
	first, err := begin(ctx, dsn, dir)
	if err != nil {
		return err
	}
	driver, name := "pgx", dsn
	before, after := []string{`SET synchronous_commit = off`, `SET work_mem = '256MB'`, `SET maintenance_work_mem = '512MB'`}, []string(nil)
	if path, lite := strings.CutPrefix(dsn, "sqlite:"); lite {
		driver, name = "sqlite", path
		before = []string{`PRAGMA synchronous = OFF`, `PRAGMA wal_autocheckpoint = 50000`, `PRAGMA cache_size = -400000`}
		after = []string{`PRAGMA wal_checkpoint(TRUNCATE)`}
	}
	db, err := sql.Open(driver, name)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	db.SetMaxOpenConns(1) // what is set holds for a connection
	again, drops, err := indexes(ctx, db, driver, "case_", "task", "supervision_record")
	if err != nil {
		return err
	}
	for _, statement := range slices.Concat(before, drops, copies(int64(first), n), again, []string{"ANALYZE"}, after) {
		if _, err := db.ExecContext(ctx, statement); err != nil { //nolint:gosec // statements of this program
			return fmt.Errorf("%.80s: %w", statement, err)
		}
	}
	return nil
}

// begin makes the tables, the places and the case to be copied.
func begin(ctx context.Context, dsn, dir string) (first store.ID, err error) {
	db, err := store.Open(ctx, dsn)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	if err := db.Migrate(ctx, openSchemas()...); err != nil {
		return 0, err
	}
	rt, err := caseRuntime(ctx, db, time.Now)
	if err != nil {
		return 0, err
	}
	defer rt.Close()
	if err := benchPlaces(ctx, db); err != nil {
		return 0, err
	}
	return template(ctx, db, rt, dir)
}

// benchPlaces is a province of 16 cities, 64 counties and 192 bodies.
func benchPlaces(ctx context.Context, db *store.DB) error {
	reg, err := registry.Open(ctx, db)
	if err != nil {
		return err
	}
	name := func(s string, args ...any) lang.Text {
		s = fmt.Sprintf(s, args...)
		return lang.Text{Hans: s, Hant: s, En: s}
	}
	return reg.Edit(ctx, func(e *registry.Edit) error {
		list := []registry.Division{{Code: benchTop, Level: registry.Province, Name: name("省")}}
		for city := range benchCities {
			list = append(list, registry.Division{Code: fmt.Sprintf("34%02d00000000", city+1), Level: registry.City, Name: name("市 %d", city+1)})
			for county := range benchCounty {
				list = append(list, registry.Division{Code: fmt.Sprintf("34%02d%02d000000", city+1, county+1), Level: registry.County, Name: name("县 %d", county+1)})
			}
		}
		err := e.PutDivisions(list)
		for i := range bodies {
			err = errors.Join(err, e.PutBody(registry.Body{Key: fmt.Sprintf("body-%d", i), Division: benchDivision(i), Name: name("机关 %d", i)}))
		}
		for _, role := range []string{"reviewer", "supervisor"} {
			err = errors.Join(err, e.PutPost(registry.Post{Key: "post-" + role, Body: "body-0", Roles: []string{role}, Title: name("%s", role)}))
		}
		return err
	})
}

// benchDivision is the county of the i-th body.
func benchDivision(i int) string {
	county := i / benchBodies
	return fmt.Sprintf("34%02d%02d000000", county/benchCounty+1, county%benchCounty+1)
}

// template is a case that was received, accepted, and is being examined.
func template(ctx context.Context, db *store.DB, rt *casework.Runtime, dir string) (store.ID, error) {
	watch, err := watching(db)
	if err != nil {
		return 0, err
	}
	actor := identity.Principal{Account: 1, Kind: identity.Staff, Post: identity.Post{ID: "p", Body: "hefei.water"}}
	rec, err := rt.Do(ctx, casework.Command{Key: "open-1", Actor: actor, Act: casework.Submit{
		Kind: "bench", Subject: "1134000000000000A0" + "1" + "000100000000", Channel: casework.Online,
		Applicant: casework.Applicant{Party: 7, Kind: identity.Person, Name: "王小明", IDNumber: "11010519491231002X", Phone: "13800000000"},
		Form:      json.RawMessage(`{"place":"巢湖","amount":1200}`),
	}})
	if err != nil {
		return 0, err
	}
	_, err = rt.Do(ctx, casework.Command{Key: "open-2", Actor: actor, Case: rec.Case,
		Act: casework.Complete{Token: rec.Open[0].Token, Data: json.RawMessage(`{"outcome":"accept","opinion":"材料齐全"}`)}})
	if err != nil {
		return 0, err
	}
	key, err := ledger.LoadKey(filepath.Join(dir, "log.key"), "bench.openhall.org/log")
	if err != nil {
		return 0, err
	}
	log, err := ledger.New(ctx, ledger.Options{DB: db, Key: key, Now: time.Now, Log: slog.New(slog.DiscardHandler), Holder: "bench"})
	if err != nil {
		return 0, err
	}
	if _, err := log.Sequence(ctx); err != nil {
		return 0, err
	}
	_, err1 := log.Catch(ctx, supervision.Consumer, watch.Handle)
	_, err2 := log.Catch(ctx, supervision.CountConsumer, watch.Count)
	return rec.Case, errors.Join(err1, err2)
}

// indexes are the statements that take the indexes off tables while they are filled, and those that make them again.
func indexes(ctx context.Context, db *sql.DB, driver string, tables ...string) (again, drops []string, err error) {
	query := `SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL AND tbl_name = $1`
	if driver == "pgx" {
		query = `SELECT i.indexname, i.indexdef FROM pg_indexes i LEFT JOIN pg_constraint c ON c.conname = i.indexname WHERE c.conname IS NULL AND i.tablename = $1`
	}
	for _, table := range tables {
		a, d, err := indexesOf(ctx, db, query, table)
		if err != nil {
			return nil, nil, err
		}
		again, drops = append(again, a...), append(drops, d...)
	}
	return again, drops, nil
}

func indexesOf(ctx context.Context, db *sql.DB, query, table string) (again, drops []string, err error) {
	rows, err := db.QueryContext(ctx, query, table)
	if err != nil {
		return nil, nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var name, text string
		if err := rows.Scan(&name, &text); err != nil {
			return nil, nil, err
		}
		again, drops = append(again, text), append(drops, "DROP INDEX "+name)
	}
	return again, drops, rows.Err()
}

// copies are the statements that copy a case n times. The i-th copy has its own body, item and day; one in twenty is past its promise
// or the statute, or about to be. Nothing is due.
func copies(first int64, n int) (statements []string) {
	statements = append(statements, `CREATE TABLE bench_place (k BIGINT, division TEXT, body TEXT)`)
	var places []string
	for i := range bodies {
		places = append(places, fmt.Sprintf("(%d, '%s', 'body-%d')", i, benchDivision(i), i))
	}
	statements = append(statements, `INSERT INTO bench_place VALUES `+strings.Join(places, ", "))
	const day = int64(24 * time.Hour / time.Microsecond)
	now := time.Now().UnixMicro()
	statements = append(statements, fmt.Sprintf(`CREATE TABLE bench_made AS SELECT CAST(%d AS BIGINT) AS at`, now))
	series := fmt.Sprintf(`WITH RECURSIVE n(i) AS (SELECT CAST(0 AS BIGINT) UNION ALL SELECT i + 1 FROM n WHERE i < %d)`, n-1)
	// Each body carries out four of the items.
	item := fmt.Sprintf(`substr(t.subject, 1, 27) || CAST(1000 + (i %% %d * 4 + i / %d %% 4) %% %d AS TEXT)`, bodies, bodies, benchItems)
	at := fmt.Sprintf(`%d - CAST((%d - i) * (CAST(%d AS BIGINT) * %d / %d) AS BIGINT)`, now-day, n, benchDays, day, n)
	lamp := `CASE WHEN i % 20 = 0 THEN 1 + i / 20 % 3 ELSE 0 END`
	later := fmt.Sprintf(`%d + i %% 1000 * 60000000`, now+5*day)
	from := fmt.Sprintf(` FROM n JOIN bench_place p ON p.k = i %% %d, case_ t WHERE t.id = %d`, bodies, first)
	id := fmt.Sprintf(`%d + i`, first+1)
	statements = append(statements,
		series+` INSERT INTO case_ (id, number, kind, subject, title, division, body, procedure, party, holder, channel, status, result, rating, lamp, seq,
			created_at, ended_at, promise_due, statute_due, wake_at, terms, state)
			SELECT `+id+`, substr(t.number, 1, 31) || CAST(100000000000 + i AS TEXT), t.kind, `+item+`, t.title, p.division, p.body, t.procedure, 1000 + i, t.holder,
			t.channel, t.status, t.result, 0, `+lamp+`, t.seq, `+at+`, 0, `+later+`, `+later+` + 1, `+later+`, t.terms, t.state`+from,
		fmt.Sprintf(`INSERT INTO task (case_id, token, element, role, division, body, holder, opened_at, due_at, sort_at)
			SELECT c.id, t.token, t.element, t.role, c.division, c.body, 0, c.created_at, c.promise_due, c.promise_due FROM case_ c, task t WHERE t.case_id = %d AND c.id > %d`, first, first),
		fmt.Sprintf(`INSERT INTO supervision_record SELECT c.id, c.number, c.kind, substr(c.subject, 20), c.subject, c.division, substr(c.division, 1, 4),
			substr(c.division, 1, 6), c.body, t.post, t.status, t.result, c.lamp, 0, c.created_at, 0, c.created_at, 0, 0, 0, 0, 0, 0, t.clocks, t.card
			FROM case_ c, supervision_record t WHERE t.case_id = %d AND c.id > %d`, first, first),
		fmt.Sprintf(`CREATE TABLE bench_sum AS `+series+`, s AS (SELECT i %% %d AS k, i / %d %% 4 AS m, (`+at+` + 28800000000) / 86400000000 AS day, count(*) AS n,
			sum(CASE WHEN i %% 20 = 0 AND i / 20 %% 3 = 0 THEN 1 ELSE 0 END) AS amber, sum(CASE WHEN i %% 20 = 0 AND i / 20 %% 3 = 1 THEN 1 ELSE 0 END) AS yellow,
			sum(CASE WHEN i %% 20 = 0 AND i / 20 %% 3 = 2 THEN 1 ELSE 0 END) AS red FROM n GROUP BY 1, 2, 3)
			SELECT t.kind, p.division, p.body, substr(t.subject, 20, 8) || CAST(1000 + (s.k * 4 + s.m) %% %d AS TEXT) AS item, s.day, s.n, s.amber, s.yellow, s.red
			FROM s JOIN bench_place p ON p.k = s.k, case_ t WHERE t.id = %d`, bodies, bodies, benchItems, first),
		`DELETE FROM supervision_count`)
	return append(statements, sumsByPlace()...)
}

// sumsByPlace are the statements that put the counts into the places in which the counters keep them.
func sumsByPlace() (statements []string) {
	from := " FROM bench_sum"
	add := func(scope, item, part, key string) {
		for _, day := range []string{"day", "0"} {
			lit := "0, 0, 0"
			if day == "0" {
				lit = "sum(amber), sum(yellow), sum(red)"
			}
			statements = append(statements, `INSERT INTO supervision_count SELECT `+scope+`, kind, `+item+`, '`+part+`', `+day+`, `+key+`, sum(n), sum(n),
				0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, `+lit+from+` GROUP BY 1, 2, 3, 4, 5, 6`)
		}
	}
	places := func(scope, part, key string) {
		add(scope, "''", "", "''")
		add(scope, "item", "", "''")
		add(scope, "''", "item", "item")
		if part != "" {
			add(scope, "''", part, key)
			add(scope, "item", part, key)
		}
	}
	places(`'d:' || substr(division, 1, 2) || '0000000000'`, "division", `substr(division, 1, 4) || '00000000'`)
	places(`'d:' || substr(division, 1, 4) || '00000000'`, "division", "division")
	places(`'d:' || division`, "body", "body")
	places(`'b:' || body`, "", "")
	from = " FROM bench_sum WHERE body = 'body-0'" // whose applications one post takes in
	add("'p:post-reviewer'", "''", "", "''")
	add("'p:post-reviewer'", "item", "", "''")
	add("'p:post-reviewer'", "''", "item", "item")
	add("'p:post-reviewer'", "''", "body", "body")
	add("'b:body-0'", "''", "post", "'post-reviewer'")
	return statements
}
