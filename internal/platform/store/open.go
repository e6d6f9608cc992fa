package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib" // the PostgreSQL driver
	_ "modernc.org/sqlite"             // the SQLite driver
)

// Engine names a database engine.
type Engine string

// The engines that are supported.
const (
	SQLite   Engine = "sqlite"
	Postgres Engine = "postgres"
)

// DB is an open database.
type DB struct {
	engine Engine
	write  *sql.DB
	read   *sql.DB
	stmts  *statements // of the readers
	conns  chan *writer
	wal    *walKeeper // of SQLite
	// grounded says that the tables of the store itself are there; only Migrate looks at it, while it holds all writers.
	grounded bool
}

// writers is how many transactions of [Group] and [DB.Write] may be open at once. SQLite has one writer by nature; PostgreSQL
// reached its best durable rate with few writers that commit groups.
func (e Engine) writers() int {
	if e == SQLite {
		return 1
	}
	return 4
}

// Open opens the database that the URL names: "sqlite:PATH" or "postgres://…". A missing SQLite file is created. It fails when
// the engine is not set up to keep what it acknowledges.
func Open(ctx context.Context, dsn string) (*DB, error) {
	var (
		db  *DB
		err error
	)
	switch {
	case strings.HasPrefix(dsn, "sqlite:"):
		db, err = openSQLite(strings.TrimPrefix(dsn, "sqlite:"))
	case strings.HasPrefix(dsn, "postgres://"), strings.HasPrefix(dsn, "postgresql://"):
		db, err = openPostgres(dsn)
	default:
		scheme, _, _ := strings.Cut(dsn, ":")
		return nil, fmt.Errorf("database %q: want sqlite:PATH or postgres://USER@HOST/NAME", scheme+":…")
	}
	if err != nil {
		return nil, err
	}
	db.stmts = newStatements(db.read, db.engine)
	db.conns = make(chan *writer, db.engine.writers())
	for range db.engine.writers() {
		db.conns <- &writer{db: db}
	}
	if err := db.assertDurable(ctx); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return db, nil
}

func openSQLite(path string) (*DB, error) {
	if path == "" {
		return nil, errors.New("database: sqlite: names no file; want sqlite:PATH")
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, fmt.Errorf("folder of the database: %w", err)
	}
	pragmas := []string{
		"busy_timeout(10000)", "journal_mode(WAL)", "synchronous(FULL)", "foreign_keys(1)",
		"temp_store(MEMORY)", "cache_size(-16000)", fmt.Sprintf("wal_autocheckpoint(%d)", walNet), "journal_size_limit(67108864)",
	}
	dsn := func(extra ...string) string {
		q := url.Values{"_pragma": append(append([]string{}, pragmas...), extra...)}
		return "file:" + (&url.URL{Path: path}).EscapedPath() + "?" + q.Encode()
	}
	w, err := sql.Open("sqlite", dsn())
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", path, err)
	}
	w.SetMaxOpenConns(1)
	r, err := sql.Open("sqlite", dsn("query_only(1)"))
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open %s: %w", path, err), w.Close())
	}
	keepOpen(r, max(4, 2*runtime.NumCPU()))
	db := &DB{engine: SQLite, write: w, read: r}
	if db.wal, err = keepWAL(db, path, dsn(fmt.Sprintf("busy_timeout(%d)", walWaits))); err != nil {
		return nil, errors.Join(err, r.Close(), w.Close())
	}
	return db, nil
}

func openPostgres(dsn string) (*DB, error) {
	db, err := sql.Open("pgx", dsn)
	if err != nil {
		return nil, fmt.Errorf("open PostgreSQL: %w", err)
	}
	keepOpen(db, 8+Postgres.writers())
	return &DB{engine: Postgres, write: db, read: db}, nil
}

func keepOpen(db *sql.DB, n int) {
	db.SetMaxOpenConns(n)
	db.SetMaxIdleConns(n)
	db.SetConnMaxIdleTime(5 * time.Minute)
}

// assertDurable refuses an engine that may lose what it acknowledged.
func (db *DB) assertDurable(ctx context.Context) error {
	if db.engine == SQLite {
		var level int
		var mode string
		err := db.write.QueryRowContext(ctx, "PRAGMA synchronous").Scan(&level)
		if err == nil {
			err = db.write.QueryRowContext(ctx, "PRAGMA journal_mode").Scan(&mode)
		}
		if err != nil {
			return fmt.Errorf("open the database: %w", err)
		}
		if level < 2 || mode != "wal" {
			return fmt.Errorf("SQLite runs with synchronous=%d, journal_mode=%s; openhall needs FULL (2) and wal to keep what it acknowledges", level, mode)
		}
		return nil
	}
	for _, setting := range []string{"fsync", "synchronous_commit", "full_page_writes"} {
		var v string
		if err := db.write.QueryRowContext(ctx, "SELECT current_setting($1)", setting).Scan(&v); err != nil {
			return fmt.Errorf("reach PostgreSQL: %w", err)
		}
		if v == "off" {
			return fmt.Errorf("PostgreSQL runs with %s=off and may lose what it acknowledged; set it to on", setting)
		}
	}
	return nil
}

// Engine returns which engine this is.
func (db *DB) Engine() Engine { return db.engine }

// ForUpdate is the clause that locks the rows of a SELECT until the end of the transaction. SQLite has one writer and needs none.
func (db *DB) ForUpdate() string {
	if db.engine == Postgres {
		return " FOR UPDATE"
	}
	return ""
}

// Ping reports whether the database answers.
func (db *DB) Ping(ctx context.Context) error {
	var one int
	return db.Read().QueryRow(ctx, "SELECT 1").Scan(&one)
}

// Close ends all connections. Transactions still open are rolled back.
func (db *DB) Close() error {
	err := errors.Join(db.wal.close(), db.stmts.close())
	for range cap(db.conns) {
		select {
		case w := <-db.conns:
			err = errors.Join(err, w.discard())
		default:
		}
	}
	if db.read != db.write {
		err = errors.Join(err, db.read.Close())
	}
	return errors.Join(err, db.write.Close())
}

// Analyze refreshes the planner's statistics. Call it after a load: a plan made for a small table can be several times slower.
func (db *DB) Analyze(ctx context.Context) error {
	return db.Write(ctx, func(ctx context.Context, tx *Tx) error { return tx.Exec(ctx, "ANALYZE") })
}
