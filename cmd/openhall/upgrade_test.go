package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/database"

	"openhall.org/openhall/internal/app"
	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/platform/store"
	"openhall.org/openhall/internal/platform/store/storetest"
	"openhall.org/openhall/internal/platform/supervision"
)

// Every hall that was recorded with an earlier release is brought up to date by this one, on both engines: its rows are what they were, its
// log verifies, all that was sealed opens, its figures agree with its events, and its tables are those of a hall that is new.
func TestUpgrade(t *testing.T) {
	if *recordUpgrade != "" {
		recordHall(t, *recordUpgrade)
	}
	t.Parallel()
	found, err := os.ReadDir("testdata/upgrade")
	if err != nil || len(found) == 0 {
		t.Fatalf("no hall was recorded: %v", err)
	}
	for _, engine := range engines(t) {
		fresh := tablesOf(t, demoless(t, engine))
		for _, d := range found {
			t.Run(string(engine)+"/"+d.Name(), func(t *testing.T) { upgrade(t, engine, readRecord(t, d.Name()), fresh) })
		}
	}
}

func upgrade(t *testing.T, engine store.Engine, r *record, fresh []string) {
	c := app.Config{
		Data: t.TempDir(), Database: storetest.URL(t, engine), BaseURL: "http://localhost", Origin: r.Origin, Jurisdiction: "cn-ah", Division: "340000000000",
	}
	r.bring(t, c)
	// A time after the newest row, and before any of its terms has moved.
	n := assembledFor(t, c, func() time.Time { return r.At })
	r.compare(t, n.DB)
	if values := opensEverything(t, n); values == 0 {
		t.Error("nothing was sealed")
	}
	sequenceAll(t, n)
	follow(t, n)
	if diffs, err := n.Supervision.Recount(t.Context()); err != nil || len(diffs) > 0 {
		t.Errorf("figures that differ from the events: %d, %v", len(diffs), errors.Join(err, first(diffs)))
	}
	logHolds(t, n.DB)
	if differ := differences(strings.Join(fresh, "\n"), strings.Join(tablesOf(t, n.DB), "\n")); len(differ) > 0 {
		t.Errorf("tables that differ from those of a new hall:\n%s", strings.Join(differ, "\n"))
	}
	// It is worked in again.
	who, err := n.Identity.AccountByLogin(t.Context(), "person.chen")
	if err != nil || who.Name == "" {
		t.Errorf("an account of before: %v", err)
	}
	cases := listCases(t, n)
	if len(cases) == 0 {
		t.Fatal("no case is left")
	}
	for _, k := range cases {
		if _, err := n.Cases.Events(t.Context(), k.ID, 0, 100); err != nil {
			t.Errorf("the history of %s: %v", k.Number, err)
		}
	}
}

func first(diffs []supervision.Difference) error {
	if len(diffs) == 0 {
		return nil
	}
	return errors.New(diffs[0].String())
}

// follow lets supervision catch up with the log.
func follow(t *testing.T, n *app.Node) {
	t.Helper()
	ctx, stop := context.WithTimeout(t.Context(), time.Minute)
	defer stop()
	done := make(chan struct{})
	go func() { n.Supervision.Run(ctx, n.Ledger); close(done) }()
	for {
		f, err := n.Supervision.Freshness(ctx)
		if err != nil {
			t.Fatal(err)
		}
		if f.Waiting == 0 {
			break
		}
		time.Sleep(20 * time.Millisecond)
	}
	stop()
	<-done
}

// demoless is a new hall, with tables and nothing in them.
func demoless(t *testing.T, engine store.Engine) *store.DB {
	t.Helper()
	return assembledFor(t, app.Config{
		Data: t.TempDir(), Database: storetest.URL(t, engine), BaseURL: "http://localhost", Origin: "localhost/log", Jurisdiction: "cn-ah", Division: "340000000000",
	}, func() time.Time { return time.Date(2026, 11, 23, 10, 0, 0, 0, calendar.Zone) }).DB
}

// tablesOf describes the columns and the indexes of a database, in the order of their names.
func tablesOf(t *testing.T, db *store.DB) []string {
	t.Helper()
	query := `SELECT m.name || ' ' || c.name || ' ' || c.type || ' ' || c."notnull" || ' ' || (c.pk > 0) FROM sqlite_master AS m JOIN pragma_table_info(m.name) AS c
		WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%' UNION ALL SELECT sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL`
	if db.Engine() == store.Postgres {
		query = `SELECT table_name || ' ' || column_name || ' ' || data_type || ' ' || is_nullable FROM information_schema.columns WHERE table_schema = 'public'
			UNION ALL SELECT indexdef FROM pg_indexes WHERE schemaname = 'public'`
	}
	lines, err := store.All(t.Context(), db.Read(), store.Scalar[string], query)
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(lines)
	return lines
}

// bring makes the tables as they were, by the migrations of then, and fills them with the rows of then.
func (r *record) bring(t *testing.T, c app.Config) {
	t.Helper()
	for name, data := range r.files {
		path := filepath.Join(c.Data, filepath.FromSlash(name))
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o700), os.WriteFile(path, data, 0o600)); err != nil {
			t.Fatal(err)
		}
	}
	driver, dsn, dialect := "pgx", c.Database, goose.DialectPostgres
	if path, lite := strings.CutPrefix(c.Database, "sqlite:"); lite {
		driver, dsn, dialect = "sqlite", "file:"+path, goose.DialectSQLite3
	}
	db, err := sql.Open(driver, dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	for _, module := range slices.Sorted(maps.Keys(r.migrations)) {
		files := fstest.MapFS{}
		for name, text := range r.migrations[module] {
			if driver == "sqlite" {
				text = regexp.MustCompile(`\bBIGINT\s+PRIMARY KEY\b`).ReplaceAllString(text, "INTEGER PRIMARY KEY")
			}
			files[name] = &fstest.MapFile{Data: []byte(text)}
		}
		versions, err1 := database.NewStore(dialect, "schema_"+module)
		p, err2 := goose.NewProvider(goose.DialectCustom, db, fs.FS(files), goose.WithStore(versions))
		if err := errors.Join(err1, err2); err != nil {
			t.Fatal(err)
		}
		if _, err := p.Up(t.Context()); err != nil {
			t.Fatalf("%s: %v", module, err)
		}
	}
	tx, err := db.BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, table := range r.tables {
		if _, err := tx.ExecContext(t.Context(), `DELETE FROM `+table.Name); err != nil { // what a migration has put in
			t.Fatal(err)
		}
		truths := booleans(t, tx, driver, table.Name)
		for _, row := range table.Rows {
			values := make([]any, len(row))
			for i, v := range row {
				values[i] = v.value(truths[table.Columns[i]])
			}
			if _, err := tx.ExecContext(t.Context(), `INSERT INTO `+table.Name+` (`+strings.Join(table.Columns, ", ")+`) VALUES (`+
				store.Placeholders(1, len(values))+`)`, values...); err != nil {
				t.Fatalf("%s: %v", table.Name, err)
			}
		}
	}
	if err := tx.Commit(); err != nil {
		t.Fatal(err)
	}
}

// booleans names the columns of a table that hold true or false; SQLite keeps numbers there.
func booleans(t *testing.T, tx *sql.Tx, driver, table string) map[string]bool {
	t.Helper()
	out := map[string]bool{}
	if driver == "sqlite" {
		return out
	}
	rows, err := tx.QueryContext(t.Context(), `SELECT column_name FROM information_schema.columns WHERE table_name = $1 AND data_type = 'boolean'`, table)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := rows.Close(); err != nil {
			t.Error(err)
		}
	}()
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			t.Fatal(err)
		}
		out[name] = true
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return out
}

// moves are tables whose rows an upgrade may change: counters that are counted anew from the events, cursors, leases, statistics.
var moves = regexp.MustCompile(`^(supervision_count|supervision_accepted|ledger_cursor|lease|registry_version|power_version)$`)

// renumbered is a column that a migration has given other values, on purpose: 00002_answers.sql made the numbers of cards grow with the log.
var renumbered = map[string]string{"supervision_card": "id"}

// textOf is a row as it is compared.
func textOf(table *recordedTable, row []recordedOf) string {
	var b strings.Builder
	for i, v := range row {
		if table.Columns[i] != renumbered[table.Name] {
			fmt.Fprintf(&b, "%s %s; ", table.Columns[i], v)
		}
	}
	return b.String()
}

// compare looks for each recorded row.
func (r *record) compare(t *testing.T, db *store.DB) {
	t.Helper()
	rows := 0
	for _, table := range r.tables {
		if moves.MatchString(table.Name) {
			continue
		}
		now, err := readRows(t.Context(), db.Read(), table.Name, table.Columns)
		if err != nil {
			t.Errorf("%s: %v", table.Name, err)
			continue
		}
		there := map[string]bool{}
		for _, row := range now {
			there[textOf(&table, row)] = true
		}
		for _, row := range table.Rows {
			rows++
			if text := textOf(&table, row); !there[text] {
				t.Errorf("%s: a row is not what it was: %.300s", table.Name, text)
				break
			}
		}
	}
	t.Logf("%d rows of %d tables are what they were", rows, len(r.tables))
}
