package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"

	_ "github.com/jackc/pgx/v5/stdlib" // the driver, for making and dropping a database
)

// postgresDatabase makes a database on the server and says how to drop it.
func postgresDatabase(ctx context.Context, server string) (dsn string, drop func() error, err error) {
	name := fmt.Sprintf("bench_%d", os.Getpid())
	do := func(statement string) error {
		db, err := sql.Open("pgx", server)
		if err != nil {
			return err
		}
		_, err = db.ExecContext(ctx, statement)
		return errors.Join(err, db.Close())
	}
	if err := do("CREATE DATABASE " + name); err != nil {
		return "", nil, err
	}
	u, err := url.Parse(server)
	if err != nil {
		return "", nil, err
	}
	u.Path = "/" + name
	return u.String(), func() error { return do("DROP DATABASE " + name + " WITH (FORCE)") }, nil
}

// settle does at once what PostgreSQL does by itself within minutes of a load, so that it does not happen while something is measured: it
// notes which rows all can see, and writes out what is in memory only.
func settle(ctx context.Context, dsn string) error {
	db, err := sql.Open("pgx", dsn)
	if err != nil {
		return err
	}
	for _, statement := range []string{"VACUUM (ANALYZE)", "CHECKPOINT"} {
		if _, err = db.ExecContext(ctx, statement); err != nil {
			err = fmt.Errorf("%s: %w", statement, err)
			break
		}
	}
	return errors.Join(err, db.Close())
}
