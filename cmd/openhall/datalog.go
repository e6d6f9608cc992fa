package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"openhall.org/openhall/internal/platform/ledger"
	"openhall.org/openhall/internal/platform/store"
)

// dataLog is the log in the database of a data folder.
type dataLog struct {
	ledger.Source
	db *store.DB
}

func (l dataLog) Close() error { return l.db.Close() }

// openDataLog opens the log of a data folder. The folder must be there: verifying must not make one.
func openDataLog(ctx context.Context, dir string) (logSource, error) {
	path := filepath.Join(dir, "openhall.db")
	if _, err := os.Stat(path); err != nil {
		return nil, fmt.Errorf("data folder %s holds no database: %w", dir, err)
	}
	db, err := store.Open(ctx, "sqlite:"+path)
	if err != nil {
		return nil, err
	}
	return dataLog{ledger.OpenReader(db).Source(ctx), db}, nil
}

// mustExist refuses a SQLite database that is not there: a command that only looks must not make one.
func mustExist(database string) error {
	path, ok := strings.CutPrefix(database, "sqlite:")
	if !ok {
		return nil
	}
	if _, err := os.Stat(path); err != nil {
		return fmt.Errorf("there is no database yet: %w; give --data or --database", err)
	}
	return nil
}
